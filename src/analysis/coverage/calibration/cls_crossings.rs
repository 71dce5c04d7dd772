//! Where CLs along the coupling falls below a level, and where it rises again.

/// Couplings that are excluded, CLs being below 1 - confidence.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Excluded {
    /// From here on.
    pub from: f64,
    /// To here; none (`null`) where nothing beyond is allowed again.
    pub to: Option<f64>,
}

/// CLs at growing couplings, as being allowed or excluded.
pub(super) struct Crossings {
    found: Vec<Crossing>,
    /// Couplings from and to which toys do not reach.
    unknown: Option<(f64, f64)>,
    /// The last coupling and its value.
    last: Option<(f64, f64)>,
    level: f64,
}

struct Crossing {
    limit: Limit,
    /// Whether CLs falls there.
    falls: bool,
    /// Whether toys reach all of the couplings between which it lies.
    is_known: bool,
}

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    pub coupling: f64,
    /// Relative.
    pub error: f64,
}

impl Crossings {
    /// Of rows of coupling, CLs (NaN where it is not known), and its relative error, by growing coupling; linear in the
    /// logarithms. A value of 0 is less than one of the toys. Between crossings one value at least is more than its error
    /// away from the level.
    pub(super) fn new(along: &[[f64; 3]], level: f64, toys: u64) -> Crossings {
        let ln = |place: usize| along[place][1].max(0.5 / toys as f64).ln() - level.ln();
        let is_excluded = |place: usize| ln(place) < 0.0;
        let is_sure = |place: usize| ln(place).abs() > along[place][2] || along[place][1] == 0.0;
        let known: Vec<usize> = (0..along.len()).filter(|place| !along[*place][1].is_nan()).collect();
        let stretches: Vec<&[usize]> = known.chunk_by(|one, other| is_excluded(*one) == is_excluded(*other)).collect();
        let ends = [0, stretches.len().saturating_sub(1)];
        let sure = stretches.iter().enumerate();
        let sure = sure.filter(|(number, own)| ends.contains(number) || own.iter().any(|place| is_sure(*place)));
        let places: Vec<usize> = sure.flat_map(|(_, own)| own.iter().copied()).collect();
        let pairs = places.windows(2).map(|pair| (pair[0], pair[1]));
        let found = pairs.filter(|(from, to)| is_excluded(*from) != is_excluded(*to)).map(|(from, to)| {
            let step = (along[to][0] / along[from][0]).ln();
            let fall = ln(from) - ln(to);
            let error = if along[from][2].is_finite() { along[from][2] } else { along[to][2] };
            let coupling = along[from][0] * (step * ln(from) / fall).exp();
            Crossing {
                limit: Limit { coupling, error: error * step / fall.abs() },
                falls: is_excluded(to),
                is_known: along[from..to].iter().all(|row| !row[1].is_nan()),
            }
        });
        let found = found.collect();
        let unknown: Vec<f64> = along.iter().filter(|row| row[1].is_nan()).map(|row| row[0]).collect();
        let unknown = unknown.first().copied().zip(unknown.last().copied());
        let last = known.last().map(|place| (along[*place][0], along[*place][1]));
        Crossings { found, unknown, last, level }
    }

    /// From where on everything is excluded.
    ///
    /// # Errors
    /// In words, why that is not known.
    pub(super) fn limit(&self) -> Result<Limit, String> {
        let unreached = || match self.unknown {
            Some((from, to)) => format!("toys do not reach couplings from {from:.3e} to {to:.3e}"),
            None => "the toys are too few to tell where CLs falls below its level".to_owned(),
        };
        match self.last {
            Some((coupling, cls)) if cls >= self.level => {
                let tried = format!("CLs is {cls:.3} at {coupling:.3e}, the largest coupling");
                return Err(format!("{tried} {}", if self.unknown.is_some() { "that toys reach" } else { "tried" }));
            }
            _ => {}
        }
        match self.found.last() {
            Some(crossing) if crossing.falls && crossing.is_known => Ok(crossing.limit),
            _ => Err(unreached()),
        }
    }

    /// What is excluded.
    pub(super) fn excluded(&self) -> Vec<Excluded> {
        let ends = self.found.iter().skip(1).map(Some).chain([None]);
        let pairs = self.found.iter().zip(ends).filter(|(from, _)| from.falls);
        pairs.map(|(from, to)| Excluded { from: from.limit.coupling, to: to.map(|to| to.limit.coupling) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(along: &[[f64; 3]]) -> Crossings {
        Crossings::new(along, 0.05, 1000)
    }

    #[test]
    fn crossings_by_hand() {
        // ln CLs = ln 0.2 at g = 1, ln 0.05 half-way to g = e^2 where it is ln 0.0125.
        let e = std::f64::consts::E;
        let found = of(&[[1.0, 0.2, 0.1], [e * e, 0.0125, 0.2]]).limit().unwrap();
        // The slope is ln 4: the error of 10 % at the first is that over it.
        assert!((found.coupling - e).abs() < 1e-12 && (found.error - 0.1 / 4f64.ln()).abs() < 1e-12, "{found:?}");
        assert!(of(&[[1.0, 0.9, 0.1], [2.0, 0.2, 0.1]]).limit().unwrap_err().contains("CLs is 0.200 at 2.000e0"));
        assert!(of(&[[1.0, 0.01, 0.1], [2.0, 0.001, 0.1]]).limit().is_err());
    }

    #[test]
    fn what_toys_do_not_reach_is_no_limit() {
        let nan = f64::NAN;
        let found = of(&[[1.0, 0.9, 0.1], [2.0, nan, nan], [3.0, 1e-4, 0.1]]);
        assert_eq!(found.limit().unwrap_err(), "toys do not reach couplings from 2.000e0 to 2.000e0");
        let found = of(&[[1.0, 0.9, 0.1], [2.0, 1e-3, 0.1], [3.0, nan, nan]]);
        assert!(found.limit().is_ok());
    }

    #[test]
    fn islands_are_allowed_between_what_is_excluded_if_they_are_sure() {
        let along =
            [[1.0, 0.9, 0.01], [2.0, 0.001, 0.3], [3.0, 0.6, 0.01], [4.0, 0.8, 0.01], [5.0, 0.0, f64::INFINITY]];
        let excluded = of(&along).excluded();
        assert_eq!(excluded.len(), 2);
        assert!((1.0..2.0).contains(&excluded[0].from) && (2.0..3.0).contains(&excluded[0].to.unwrap()));
        assert!((4.0..5.0).contains(&excluded[1].from) && excluded[1].to.is_none());
        // 0.055 +- 20 % is none.
        let along = [[1.0, 0.9, 0.01], [2.0, 0.001, 0.3], [3.0, 0.055, 0.2], [4.0, 0.001, 0.01]];
        let found = of(&along);
        assert_eq!(found.excluded().len(), 1);
        assert!((1.0..2.0).contains(&found.limit().unwrap().coupling));
    }
}
