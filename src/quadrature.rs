//! Nodes and weights of Gauss rules; knows no physics.

use std::f64::consts::PI;

/// Nodes and weights of an integral over a finite interval.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rule {
    /// Abscissae, increasing.
    pub nodes: Vec<f64>,
    /// Weights, one per node.
    pub weights: Vec<f64>,
}

impl Rule {
    /// The `n`-point Gauss-Legendre rule on [-1, 1]: exact for polynomials up to degree 2n - 1.
    ///
    /// Roots of P_n by Newton's method from Tricomi's estimate, to machine precision (1e-15) for every n used here.
    pub fn gauss_legendre(n: usize) -> Rule {
        let mut rule = Rule { nodes: vec![0.0; n], weights: vec![0.0; n] };
        for i in 0..n.div_ceil(2) {
            let mut x = (PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut derivative = 1.0;
            // Quadratic convergence from an estimate good to 1e-3: five steps are more than enough.
            for _ in 0..8 {
                let (value, slope) = legendre(n, x);
                derivative = slope;
                x -= value / slope;
            }
            let weight = 2.0 / ((1.0 - x * x) * derivative * derivative);
            rule.nodes[i] = -x;
            rule.nodes[n - 1 - i] = x;
            rule.weights[i] = weight;
            rule.weights[n - 1 - i] = weight;
        }
        if n % 2 == 1 {
            rule.nodes[n / 2] = 0.0;
        }
        rule
    }

    /// The rule of `pieces` consecutive intervals, each with its own number of Gauss-Legendre points.
    ///
    /// `edges` has one entry more than `points`; integrands may have kinks at the edges, not inside.
    pub fn piecewise(edges: &[f64], points: &[usize]) -> Rule {
        let mut rule = Rule::default();
        for (interval, &n) in edges.windows(2).zip(points) {
            let (middle, half) = (0.5 * (interval[0] + interval[1]), 0.5 * (interval[1] - interval[0]));
            let reference = Rule::gauss_legendre(n);
            rule.nodes.extend(reference.nodes.iter().map(|x| middle + half * x));
            rule.weights.extend(reference.weights.iter().map(|w| half * w));
        }
        rule
    }

    /// The `n`-point Gauss rule for the measure that this rule's nodes and (positive) weights make up: exact, against that
    /// measure, for polynomials up to degree 2n - 1. Few nodes then carry a weight function with kinks.
    ///
    /// Discretised Stieltjes procedure (W. Gautschi, Orthogonal Polynomials, 2004, section 2.2.3); roots by bisection
    /// between those of the polynomial before. Where the measure has no more than `n` points it is returned as it is.
    pub fn compress(&self, n: usize) -> Rule {
        if self.nodes.len() <= n {
            return self.clone();
        }
        let (low, high) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let points: Vec<(f64, f64)> =
            self.nodes.iter().map(|x| (x - middle) / half).zip(self.weights.iter().copied()).collect();
        let recurrence = Recurrence::new(&points, n);
        let nodes = recurrence.roots();
        let weights = nodes.iter().map(|x| recurrence.christoffel(*x)).collect();
        Rule { nodes: nodes.iter().map(|x| middle + half * x).collect(), weights }
    }

    /// Sum of weight x value: the integral of `f`.
    pub fn integrate(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.nodes.iter().zip(&self.weights).map(|(&x, w)| w * f(x)).sum()
    }
}

/// Orthonormal polynomials of a discrete measure: b_(k+1) p_(k+1) = (x - a_k) p_k - b_k p_(k-1).
struct Recurrence {
    a: Vec<f64>,
    b: Vec<f64>,
}

impl Recurrence {
    /// The first `n` steps, for points (x, weight).
    fn new(points: &[(f64, f64)], n: usize) -> Recurrence {
        let total: f64 = points.iter().map(|(_, w)| w).sum();
        let (mut a, mut b) = (Vec::new(), vec![total.sqrt()]);
        let mut previous = vec![0.0; points.len()];
        let mut current = vec![1.0 / total.sqrt(); points.len()];
        for k in 0..n {
            let mean: f64 = points.iter().zip(&current).map(|((x, w), p)| w * x * p * p).sum();
            let next: Vec<f64> = (points.iter().zip(current.iter().zip(&previous)))
                .map(|((x, _), (p, before))| (x - mean) * p - if k == 0 { 0.0 } else { b[k] * before })
                .collect();
            let norm = points.iter().zip(&next).map(|((_, w), p)| w * p * p).sum::<f64>().sqrt();
            a.push(mean);
            b.push(norm);
            previous = current;
            current = next.iter().map(|p| p / norm).collect();
        }
        Recurrence { a, b }
    }

    /// p_0 ... p_n at x.
    fn values(&self, x: f64) -> Vec<f64> {
        let mut values = vec![1.0 / self.b[0]];
        for k in 0..self.a.len() {
            let before = if k == 0 { 0.0 } else { self.b[k] * values[k - 1] };
            values.push(((x - self.a[k]) * values[k] - before) / self.b[k + 1]);
        }
        values
    }

    /// Roots of p_n, increasing: those of p_k separate those of p_(k+1).
    fn roots(&self) -> Vec<f64> {
        let mut roots: Vec<f64> = Vec::new();
        for degree in 1..=self.a.len() {
            let mut brackets = vec![-1.0];
            brackets.extend(&roots);
            brackets.push(1.0);
            let value = |x: f64| self.values(x)[degree];
            roots = brackets.windows(2).map(|bracket| bisect(bracket[0], bracket[1], value)).collect();
        }
        roots
    }

    /// The Gauss weight at a root x of p_n: 1/sum_(k<n) p_k(x)^2.
    fn christoffel(&self, x: f64) -> f64 {
        let values = self.values(x);
        1.0 / values[..self.a.len()].iter().map(|p| p * p).sum::<f64>()
    }
}

/// The root of `f` between `low` and `high`, where its sign differs, to the last bit.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rising = f(high) > 0.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if (f(middle) > 0.0) == rising { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

/// P_n(x) and its derivative, by the three-term recurrence; |x| < 1.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut previous, mut current) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (previous, current) = (current, ((2.0 * k - 1.0) * x * current - (k - 1.0) * previous) / k);
    }
    if n == 0 {
        return (1.0, 0.0);
    }
    (current, n as f64 * (x * current - previous) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrates_polynomials_exactly() {
        for n in 1..=40 {
            let rule = Rule::gauss_legendre(n);
            for degree in 0..2 * n {
                let exact = if degree % 2 == 0 { 2.0 / (degree as f64 + 1.0) } else { 0.0 };
                let got = rule.integrate(|x| x.powi(degree as i32));
                assert!((got - exact).abs() < 1e-14, "n {n} degree {degree}: {got} {exact}");
            }
        }
    }

    #[test]
    fn compressed_rules_carry_a_kinked_weight() {
        // int |x| x^m over [-1, 2] by hand: ((-1)^m + 2^(m+2))/(m + 2).
        let mut fine = Rule::piecewise(&[-1.0, 0.0, 2.0], &[20, 20]);
        for (weight, x) in fine.weights.iter_mut().zip(&fine.nodes) {
            *weight *= x.abs();
        }
        let rule = fine.compress(6);
        assert_eq!(rule.nodes.len(), 6);
        for m in 0..12 {
            let exact = ((-1f64).powi(m) + 2f64.powi(m + 2)) / f64::from(m + 2);
            let got = rule.integrate(|x| x.powi(m));
            assert!((got / exact - 1.0).abs() < 1e-12, "{m}: {got} {exact}");
        }
    }

    #[test]
    fn pieces_join() {
        let rule = Rule::piecewise(&[0.0, 1.0, 3.0], &[2, 3]);
        assert_eq!(rule.nodes.len(), 5);
        assert!((rule.integrate(|x| (x - 1.0).abs()) - 2.5).abs() < 1e-14);
    }
}
