//! One-dimensional searches for roots and minima; knows no physics.
//!
//! R. P. Brent, Algorithms for Minimization without Derivatives (1973), chapters 4 and 5. Functions may fail, so they
//! return a `Result`.

use rayon::prelude::*;

use crate::Result;

/// No search takes more evaluations: bisection alone would end a double's bracket by then.
const MAX_EVALUATIONS: usize = 200;
/// Golden section, (3 - sqrt 5)/2.
const GOLDEN: f64 = 0.381_966_011_250_105_1;

/// The root between `low` and `high`, at which `f` has the values `f_low` and `f_high` of opposite sign, to `tolerance`.
///
/// # Errors
/// Those of `f`.
pub fn root(
    (low, f_low): (f64, f64),
    (high, f_high): (f64, f64),
    tolerance: f64,
    mut f: impl FnMut(f64) -> Result<f64>,
) -> Result<f64> {
    let (mut a, mut fa, mut b, mut fb) = (low, f_low, high, f_high);
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut before = step;
    for _ in 0..MAX_EVALUATIONS {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let accuracy = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let half = 0.5 * (c - b);
        if half.abs() <= accuracy || fb == 0.0 {
            break;
        }
        if before.abs() < accuracy || fa.abs() <= fb.abs() {
            (step, before) = (half, half);
        } else {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * half * s, 1.0 - s)
            } else {
                let (q, r) = (fa / fc, fb / fc);
                (s * (2.0 * half * q * (q - r) - (b - a) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q
            } else {
                p = -p
            }
            if 2.0 * p < (3.0 * half * q - (accuracy * q).abs()).min((before * q).abs()) {
                (before, step) = (step, p / q);
            } else {
                (step, before) = (half, half);
            }
        }
        (a, fa) = (b, fb);
        b += if step.abs() > accuracy { step } else { accuracy.copysign(half) };
        fb = f(b)?;
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            (step, before) = (b - a, b - a);
        }
    }
    Ok(b)
}

/// A local minimum (x, f(x)) between `low` and `high`, x to `tolerance` (not below the square root of the precision).
///
/// # Errors
/// Those of `f`.
pub fn minimum(low: f64, high: f64, tolerance: f64, mut f: impl FnMut(f64) -> Result<f64>) -> Result<(f64, f64)> {
    let (mut a, mut b) = (low, high);
    let mut x = a + GOLDEN * (b - a);
    let mut fx = f(x)?;
    let (mut w, mut v, mut fw, mut fv) = (x, x, fx, fx);
    let (mut step, mut before): (f64, f64) = (0.0, 0.0);
    for _ in 0..MAX_EVALUATIONS {
        let middle = 0.5 * (a + b);
        let accuracy = 1e-9 * x.abs() + tolerance / 3.0;
        if (x - middle).abs() <= 2.0 * accuracy - 0.5 * (b - a) {
            break;
        }
        let (mut p, mut q, mut r) = (0.0, 0.0, 0.0);
        if before.abs() > accuracy {
            r = (x - w) * (fx - fv);
            q = (x - v) * (fx - fw);
            p = (x - v) * q - (x - w) * r;
            q = 2.0 * (q - r);
            if q > 0.0 {
                p = -p
            } else {
                q = -q
            }
            r = before;
            before = step;
        }
        if p.abs() < (0.5 * q * r).abs() && p > q * (a - x) && p < q * (b - x) {
            step = p / q;
            let u = x + step;
            if u - a < 2.0 * accuracy || b - u < 2.0 * accuracy {
                step = accuracy.copysign(middle - x);
            }
        } else {
            before = if x < middle { b - x } else { a - x };
            step = GOLDEN * before;
        }
        let u = x + if step.abs() >= accuracy { step } else { accuracy.copysign(step) };
        let fu = f(u)?;
        if fu <= fx {
            if u < x {
                b = x
            } else {
                a = x
            }
            (v, fv, w, fw) = (w, fw, x, fx);
            (x, fx) = (u, fu);
        } else {
            if u < x {
                a = u
            } else {
                b = u
            }
            if fu <= fw || w == x {
                (v, fv, w, fw) = (w, fw, u, fu);
            } else if fu <= fv || v == x || v == w {
                (v, fv) = (u, fu);
            }
        }
    }
    Ok((x, fx))
}

/// Samples of a function, x increasing, with more of them wherever the middle between two is not where a cubic through
/// their neighbours has it: to 0.02 near the smallest value, and to a fiftieth of the distance from it above. So no valley
/// is left out that is wider than half of the first samples' distance, or that shows in their values.
///
/// # Errors
/// Those of `f`.
pub fn refined(first: Vec<(f64, f64)>, f: impl Fn(f64) -> Result<f64> + Sync) -> Result<Vec<(f64, f64)>> {
    let mut samples = first;
    // Whether what lies after a sample is known well enough.
    let mut known = vec![false; samples.len()];
    for _ in 0..MOST_HALVINGS {
        let open: Vec<usize> = (0..samples.len().saturating_sub(1)).filter(|left| !known[*left]).collect();
        if open.is_empty() || samples.len() > MOST_SAMPLES {
            break;
        }
        let middle = |left: &usize| 0.5 * (samples[*left].0 + samples[left + 1].0);
        let values = open.par_iter().map(|left| f(middle(left))).collect::<Result<Vec<f64>>>()?;
        let lowest = samples.iter().map(|sample| sample.1).chain(values.iter().copied()).fold(f64::INFINITY, f64::min);
        let mut found = open.iter().zip(values).peekable();
        let (mut more, mut more_known) = (Vec::new(), Vec::new());
        for (left, sample) in samples.iter().enumerate() {
            more.push(*sample);
            more_known.push(known[left]);
            if let Some((_, value)) = found.next_if(|(open, _)| **open == left) {
                let expected = cubic_at(&samples, left, middle(&left));
                let allowed = 0.02 + 0.02 * (value.min(expected) - lowest).abs();
                // What is no number has nothing to be refined.
                let off = (value - expected).abs();
                let is_known = off <= allowed || off.is_nan();
                more_known.pop();
                more_known.push(is_known);
                more.push((middle(&left), value));
                more_known.push(is_known);
            }
        }
        (samples, known) = (more, more_known);
    }
    Ok(samples)
}

/// Rounds of [`refined`], and samples at which it stops.
const MOST_HALVINGS: usize = 16;
const MOST_SAMPLES: usize = 8000;

/// The polynomial through the four samples around the interval after `left` (fewer where there are no more), at `x`.
fn cubic_at(samples: &[(f64, f64)], left: usize, x: f64) -> f64 {
    let first = left.saturating_sub(1).min(samples.len().saturating_sub(4));
    let nodes = &samples[first..(first + 4).min(samples.len())];
    let weight = |own: usize| -> f64 {
        let others = nodes.iter().enumerate().filter(|(other, _)| *other != own);
        others.map(|(_, node)| (x - node.0) / (nodes[own].0 - node.0)).product()
    };
    nodes.iter().enumerate().map(|(own, node)| weight(own) * node.1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots() {
        // cos x = x at 0.7390851332151607 (Dottie number).
        let f = |x: f64| Ok(x.cos() - x);
        let got = root((0.0, 1.0), (1.0, 1f64.cos() - 1.0), 1e-14, f).unwrap();
        assert!((got - 0.739_085_133_215_160_7).abs() < 1e-13);
        // A root of multiplicity 9 next to one end.
        let f = |x: f64| Ok((x - 1e-3).powi(9));
        let got = root((-1.0, (-1.001f64).powi(9)), (1.0, 0.999f64.powi(9)), 1e-9, f).unwrap();
        assert!((got - 1e-3).abs() < 1e-2, "{got}");
    }

    /// Two narrow valleys within one step of the first samples, as of a fourth power on a wide range.
    #[test]
    fn valleys_between_samples_are_found() {
        let f = |x: f64| Ok((200.0 * x * (x - 0.4)).powi(2));
        let first: Vec<(f64, f64)> = (0..=200).map(|k| f64::from(k) * 0.5 - 50.2).map(|x| (x, f(x).unwrap())).collect();
        let found = refined(first, f).unwrap();
        assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0) && found.len() < 1500, "{}", found.len());
        let below: Vec<bool> = found.iter().map(|sample| sample.1 < 1.0).collect();
        let entries = below.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(entries, 4);
        // A parabola needs none but the middles.
        let line: Vec<(f64, f64)> = (0..10).map(f64::from).map(|x| (x, x * x)).collect();
        assert_eq!(refined(line, |x| Ok(x * x)).unwrap().len(), 19);
    }

    #[test]
    fn finds_minima() {
        let (x, value) = minimum(-3.0, 2.0, 1e-8, |x| Ok((x - 0.3).powi(2) + 1.5)).unwrap();
        assert!((x - 0.3).abs() < 1e-7 && (value - 1.5).abs() < 1e-14);
        let (x, _) = minimum(0.0, 1.0, 1e-6, |x| Ok(-x)).unwrap();
        assert!(x > 1.0 - 1e-5, "the end of a falling function: {x}");
    }
}
