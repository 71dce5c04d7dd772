//! Who excludes what our bound excludes: for each range of masses the strongest limit of others that has our bound inside.

use serde::Serialize;

use crate::others::recast::KnownLimit;

use super::Patch;

/// A range of masses, and who is the strongest there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rival {
    /// Name of the limit that has our bound inside; none where ours is the strongest.
    pub limit: Option<String>,
    /// Masses (MeV).
    pub mass_mev: (f64, f64),
    /// Our bound: the smallest and the largest.
    pub bound: (f64, f64),
    /// The lower edge of the other limit.
    pub theirs: Option<(f64, f64)>,
}

/// At one mass: our bound, and the limit that has it inside with its lower edge there.
pub(super) type Meeting = (f64, Option<(usize, f64)>);

/// The limit with the lowest edge among those that have a coupling inside at a mass (MeV).
pub(super) fn meeting(others: &[KnownLimit], mass_mev: f64, bound: f64) -> Meeting {
    let around = |limit: &KnownLimit| {
        let intervals = limit.excluded_at(mass_mev).into_iter();
        let around = intervals.filter(|(low, high)| *low <= bound && bound < *high).map(|(low, _)| low);
        around.reduce(f64::min)
    };
    let found = others.iter().enumerate().filter_map(|(number, limit)| Some((number, around(limit)?)));
    (bound, found.min_by(|a, b| a.1.total_cmp(&b.1)))
}

/// Runs of neighbouring masses with one rival.
pub(super) fn runs(masses: &[f64], meetings: &[Option<Meeting>], others: &[KnownLimit]) -> Vec<Rival> {
    let mut found: Vec<(Option<usize>, Rival)> = Vec::new();
    let mut inside = false;
    for (mass, meeting) in masses.iter().zip(meetings) {
        let Some((bound, rival)) = meeting else {
            inside = false;
            continue;
        };
        let (number, theirs) = (rival.map(|rival| rival.0), rival.map(|rival| rival.1));
        let widened = |range: (f64, f64), value: f64| (range.0.min(value), range.1.max(value));
        match found.last_mut().filter(|(known, _)| inside && *known == number) {
            Some((_, run)) => {
                run.mass_mev.1 = *mass;
                run.bound = widened(run.bound, *bound);
                run.theirs = run.theirs.zip(theirs).map(|(range, edge)| widened(range, edge));
            }
            None => found.push((
                number,
                Rival {
                    limit: number.and_then(|number| Some(others.get(number)?.name.clone())),
                    mass_mev: (*mass, *mass),
                    bound: (*bound, *bound),
                    theirs: theirs.map(|edge| (edge, edge)),
                },
            )),
        }
        inside = true;
    }
    found.into_iter().map(|(_, run)| run).collect()
}

/// Of a range of masses that is called new: where our bound is the strongest in it, and who else is in the rest.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Comparison {
    /// Ranges of masses (MeV) in it at which our bound is the strongest.
    pub confirmed_mev: Vec<(f64, f64)>,
    /// Limits that have our bound inside in the rest, with their masses (MeV) in the range.
    pub taken_by: Vec<(String, (f64, f64))>,
}

impl Comparison {
    /// Compares a statement with what was found.
    pub fn new(statement: &Patch, rivals: &[Rival]) -> Comparison {
        let mut comparison = Comparison::default();
        let (low, high) = statement.mass_mev;
        for rival in rivals {
            let part = (rival.mass_mev.0.max(low), rival.mass_mev.1.min(high));
            if part.0 > part.1 {
                continue;
            }
            match &rival.limit {
                None => comparison.confirmed_mev.push(part),
                Some(name) => comparison.taken_by.push((name.clone(), part)),
            }
        }
        comparison
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(name: &str, masses: (f64, f64), edge: f64) -> KnownLimit {
        let outline = vec![[masses.0, edge], [masses.1, edge], [masses.1, 1.0], [masses.0, 1.0]];
        KnownLimit { name: name.into(), outlines: vec![outline], ..KnownLimit::default() }
    }

    #[test]
    fn the_strongest_rival_is_named_by_ranges() {
        let others = [limit("wide", (0.5, 25.0), 1e-5), limit("strong", (3.0, 9.0), 1e-6)];
        let masses = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
        let meetings: Vec<Option<Meeting>> = masses.iter().map(|mass| Some(meeting(&others, *mass, 1e-4))).collect();
        let found = runs(&masses, &meetings, &others);
        let names: Vec<(Option<&str>, (f64, f64))> =
            found.iter().map(|rival| (rival.limit.as_deref(), rival.mass_mev)).collect();
        let wide = Some("wide");
        assert_eq!(
            names,
            [(wide, (1.0, 2.0)), (Some("strong"), (4.0, 8.0)), (wide, (16.0, 16.0)), (None, (32.0, 64.0))]
        );
        let statement = Patch { mass_mev: (10.0, 50.0), coupling: (1e-5, 1e-3) };
        let comparison = Comparison::new(&statement, &found);
        assert_eq!(comparison.confirmed_mev, [(32.0, 50.0)]);
        assert_eq!(comparison.taken_by, [("wide".to_owned(), (16.0, 16.0))]);
    }
}
