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
    pub(crate) fn gauss_legendre(n: usize) -> Rule {
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
        let mut reference = Rule::default();
        for (interval, &n) in edges.windows(2).zip(points) {
            let (middle, half) = (0.5 * (interval[0] + interval[1]), 0.5 * (interval[1] - interval[0]));
            if reference.nodes.len() != n {
                reference = Rule::gauss_legendre(n);
            }
            rule.nodes.extend(reference.nodes.iter().map(|x| middle + half * x));
            rule.weights.extend(reference.weights.iter().map(|w| half * w));
        }
        rule
    }

    /// The `n`-point Gauss rule for the measure that this rule's nodes and (positive) weights make up: exact, against that
    /// measure, for polynomials up to degree 2n - 1. Few nodes then carry a weight function with kinks.
    ///
    /// Discretised Stieltjes procedure (W. Gautschi, Orthogonal Polynomials, 2004, section 2.2.3), then the
    /// eigenvalues of the Jacobi matrix. Where the measure has no more than `n` points it is returned as it is.
    pub(crate) fn compress(&self, n: usize) -> Rule {
        if self.nodes.len() <= n {
            return self.clone();
        }
        let (low, high) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let points: Vec<(f64, f64)> =
            self.nodes.iter().map(|x| (x - middle) / half).zip(self.weights.iter().copied()).collect();
        let (a, b) = recurrence(&points, n);
        let (nodes, weights) = golub_welsch(&a, &b).into_iter().map(|(x, weight)| (middle + half * x, weight)).unzip();
        Rule { nodes, weights }
    }

    /// Sum of weight x value: the integral of `f`.
    pub fn integrate(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.nodes.iter().zip(&self.weights).map(|(&x, w)| w * f(x)).sum()
    }
}

/// Coefficients of the orthonormal polynomials of a discrete measure,
/// b_(k+1) p_(k+1) = (x - a_k) p_k - b_k p_(k-1), as (a, b) with b_0^2 the total weight; for points (x, weight).
fn recurrence(points: &[(f64, f64)], n: usize) -> (Vec<f64>, Vec<f64>) {
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
    (a, b)
}

/// Gauss nodes and weights as eigenvalues and squared first components of the Jacobi matrix, by implicit QL
/// (G. H. Golub and J. H. Welsch, Math. Comp. 23 (1969) 221); accurate to 1e-14 relative to the largest node.
fn golub_welsch(a: &[f64], b: &[f64]) -> Vec<(f64, f64)> {
    let n = a.len();
    let mut diagonal = a.to_vec();
    let mut beside: Vec<f64> = b[1..n].iter().copied().chain([0.0]).collect();
    let mut first = vec![0.0; n];
    first[0] = b[0];
    for l in 0..n {
        // Each eigenvalue takes two or three sweeps; the bound is never met.
        for _ in 0..100 {
            let small = |i: usize| beside[i].abs() <= f64::EPSILON * (diagonal[i].abs() + diagonal[i + 1].abs());
            let m = (l..n - 1).find(|i| small(*i)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let shift = (diagonal[l + 1] - diagonal[l]) / (2.0 * beside[l]);
            let root = shift.hypot(1.0).copysign(shift);
            let mut g = diagonal[m] - diagonal[l] + beside[l] / (shift + root);
            let (mut sin, mut cos, mut moved) = (1.0, 1.0, 0.0);
            for i in (l..m).rev() {
                let (f, h) = (sin * beside[i], cos * beside[i]);
                let length = f.hypot(g);
                beside[i + 1] = length;
                (sin, cos) = (f / length, g / length);
                g = diagonal[i + 1] - moved;
                let turn = (diagonal[i] - g) * sin + 2.0 * cos * h;
                moved = sin * turn;
                diagonal[i + 1] = g + moved;
                g = cos * turn - h;
                (first[i], first[i + 1]) = (cos * first[i] - sin * first[i + 1], sin * first[i] + cos * first[i + 1]);
            }
            diagonal[l] -= moved;
            beside[l] = g;
            beside[m] = 0.0;
        }
    }
    let mut rule: Vec<(f64, f64)> = diagonal.into_iter().zip(first.into_iter().map(|z| z * z)).collect();
    rule.sort_by(|left, right| left.0.total_cmp(&right.0));
    rule
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
