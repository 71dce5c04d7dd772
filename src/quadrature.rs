//! Gauss-Legendre nodes and weights; knows no physics.

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

    /// Sum of weight x value: the integral of `f`.
    pub fn integrate(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.nodes.iter().zip(&self.weights).map(|(&x, w)| w * f(x)).sum()
    }
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
    fn pieces_join() {
        let rule = Rule::piecewise(&[0.0, 1.0, 3.0], &[2, 3]);
        assert_eq!(rule.nodes.len(), 5);
        assert!((rule.integrate(|x| (x - 1.0).abs()) - 2.5).abs() < 1e-14);
    }
}
