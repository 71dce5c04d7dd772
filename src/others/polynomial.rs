//! One solver for all limits: at a fixed mass what an experiment counts is a ratio of polynomials in x = g^2, because the
//! amplitude is linear in x. What its bounds exclude is an interval of couplings, or several with allowed strips between.

/// c_0 + c_1 x + c_2 x^2.
pub type Quadratic = [f64; 3];

/// Excluded couplings g, each from its lower to its upper end (infinity where there is none); increasing, apart.
pub type Intervals = Vec<(f64, f64)>;

/// What an experiment excludes at a mass (MeV).
pub type Counted<'a> = Box<dyn Fn(f64) -> Intervals + Send + Sync + 'a>;

/// What an experiment counts, as a function of x = g^2: a polynomial over another one that is positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// Above.
    pub numerator: Quadratic,
    /// Below.
    pub denominator: Quadratic,
}

/// What an experiment allows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// No less than this.
    pub least: Option<f64>,
    /// No more than this.
    pub most: Option<f64>,
}

impl Observable {
    /// A polynomial over 1.
    pub fn polynomial(numerator: Quadratic) -> Observable {
        Observable { numerator, denominator: [1.0, 0.0, 0.0] }
    }

    /// Its value at a coupling.
    pub fn at(&self, coupling: f64) -> f64 {
        let x = coupling * coupling;
        let value = |[c0, c1, c2]: Quadratic| c0 + x * (c1 + x * c2);
        value(self.numerator) / value(self.denominator)
    }

    /// The couplings at which it is out of bounds.
    pub fn excluded(&self, bounds: Bounds) -> Intervals {
        let less = |bound: f64, sign: f64| -> Quadratic {
            std::array::from_fn(|k| sign * (self.numerator[k] - bound * self.denominator[k]))
        };
        let above = bounds.most.map(|most| positive(less(most, 1.0)));
        let below = bounds.least.map(|least| positive(less(least, -1.0)));
        let mut intervals: Intervals =
            above.into_iter().chain(below).flatten().map(|(low, high)| (low.sqrt(), high.sqrt())).collect();
        intervals.sort_by(|a, b| a.0.total_cmp(&b.0));
        intervals
    }
}

impl Bounds {
    /// Whether the Standard Model's value is allowed; without it a limit on a coupling makes no sense.
    pub fn hold(&self, value: f64) -> bool {
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }
}

/// Where in x >= 0 a polynomial is positive.
fn positive(polynomial: Quadratic) -> Vec<(f64, f64)> {
    let [c0, c1, c2] = polynomial;
    let mut edges: Vec<f64> = roots(polynomial).into_iter().filter(|x| *x > 0.0).collect();
    edges.sort_by(f64::total_cmp);
    // The sign from 0 on is that of the first coefficient that is not 0; each simple root changes it.
    let first = [c0, c1, c2].into_iter().find(|c| *c != 0.0).unwrap_or(0.0);
    let mut intervals = Vec::new();
    let mut from = (first > 0.0).then_some(0.0);
    for edge in edges {
        match from.take() {
            Some(low) => intervals.push((low, edge)),
            None => from = Some(edge),
        }
    }
    intervals.extend(from.map(|low| (low, f64::INFINITY)));
    intervals
}

/// Simple real roots. Without cancellation, also where c_2 is next to nothing.
fn roots([c0, c1, c2]: Quadratic) -> Vec<f64> {
    // Scaled by the size of the root of each pair of terms, so that squares neither overflow nor vanish.
    if c2 == 0.0 {
        return if c1 == 0.0 { Vec::new() } else { vec![-c0 / c1] };
    }
    let scale = (c0.abs() / c2.abs()).sqrt();
    if scale == 0.0 {
        return vec![0.0, -c1 / c2];
    }
    // c_2 scale^2 (y^2 + p y + q), q = +-1.
    let (p, q) = (c1 / (c2 * scale), (c0 / c2).signum());
    let discriminant = p * p - 4.0 * q;
    if discriminant <= 0.0 {
        return Vec::new();
    }
    let far = -0.5 * (p + discriminant.sqrt().copysign(p));
    if !far.is_finite() {
        // |p| is beyond the range of its square: the roots are those of the linear pairs.
        return vec![-c0 / c1, -c1 / c2];
    }
    vec![far * scale, q / far * scale]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: &[(f64, f64)], expected: &[(f64, f64)]) {
        assert_eq!(got.len(), expected.len(), "{got:?} {expected:?}");
        let close = |a: f64, b: f64| a == b || (a / b - 1.0).abs() < 1e-12;
        for (a, b) in got.iter().zip(expected) {
            assert!(close(a.0, b.0) && close(a.1, b.1), "{got:?} {expected:?}");
        }
    }

    #[test]
    fn signs_of_polynomials_by_hand() {
        let inf = f64::INFINITY;
        // (x - 1)(x - 2), its opposite, and shifted out of x >= 0.
        near(&positive([2.0, -3.0, 1.0]), &[(0.0, 1.0), (2.0, inf)]);
        near(&positive([-2.0, 3.0, -1.0]), &[(1.0, 2.0)]);
        near(&positive([2.0, 3.0, 1.0]), &[(0.0, inf)]);
        near(&positive([-1.0, 0.0, 1.0]), &[(1.0, inf)]);
        // Linear, constant, nothing; a double root changes nothing.
        near(&positive([-3.0, 2.0, 0.0]), &[(1.5, inf)]);
        near(&positive([1.0, 0.0, 0.0]), &[(0.0, inf)]);
        near(&positive([0.0; 3]), &[]);
        near(&positive([0.0, 1.0, 0.0]), &[(0.0, inf)]);
        near(&positive([1.0, -2.0, 1.0]), &[(0.0, inf)]);
        // Far from 1: no overflow, no cancellation.
        near(&positive([-1e-3, 1e200, 1e300]), &[(1e-203, inf)]);
        near(&positive([-1.0, 1e11, 1e22]), &[((5f64.sqrt() - 1.0) / 2e11, inf)]);
        near(&positive([-0.38, 4.65e4, 1.0e-9]), &[(0.38 / 4.65e4, inf)]);
    }

    #[test]
    fn both_bounds_leave_a_strip() {
        // 1 - 3x + x^2 by hand: below 0.5 between (3 -+ sqrt 7)/2, above 2 from (3 + sqrt 13)/2 on.
        let observable = Observable::polynomial([1.0, -3.0, 1.0]);
        let excluded = observable.excluded(Bounds { least: Some(0.5), most: Some(2.0) });
        let root = |x: f64| x.sqrt();
        let [a, b] = [7f64.sqrt(), 13f64.sqrt()];
        near(&excluded, &[(root((3.0 - a) / 2.0), root((3.0 + a) / 2.0)), (root((3.0 + b) / 2.0), f64::INFINITY)]);
        assert!(observable.excluded(Bounds::default()).is_empty());
    }

    #[test]
    fn a_ratio_is_solved_like_a_polynomial() {
        let ratio = Observable { numerator: [1.0, 2.0, 3.0], denominator: [1.0, 1.0, 1.0] };
        for (low, high) in ratio.excluded(Bounds { least: None, most: Some(1.7) }) {
            assert!((ratio.at(low) - 1.7).abs() < 1e-12 && high == f64::INFINITY);
        }
        let bounds = Bounds { least: Some(0.9), most: Some(1.1) };
        assert!(bounds.hold(1.0) && !bounds.hold(0.8) && !bounds.hold(1.2));
    }
}
