//! Numbers of `shaders/gaussian_fit.wgsl`: the backgrounds are eliminated here, in f64.

use super::Reference;
use crate::base::cholesky::Factor;
use crate::{Error, Result};

/// Priors, energy bins, bins.
///
/// # Errors
/// Backgrounds whose normal matrix is not positive definite.
pub(super) fn numbers(reference: &Reference) -> Result<Vec<f32>> {
    let (variant, fit) = (&reference.variant, reference.fit);
    let eliminated = Eliminated::new(reference)?;
    let mut numbers = Vec::new();
    for &k in &reference.order[..variant.signals] {
        let (centre, sigma) = (fit.observation.centres[k], fit.expectation.parameters[k].sigma);
        numbers.extend([-centre, 1.0 / sigma, 0.0, 0.0]);
    }
    for energy in 0..variant.energy_bins {
        let start = numbers.len();
        push_energy(reference, &eliminated, energy, &mut numbers);
        numbers.resize(start + 4 * variant.energy_entry(), 0.0);
    }
    for bin in 0..variant.bins() {
        let start = numbers.len();
        numbers.extend([eliminated.weights[bin], 2.0 * eliminated.slopes[bin], reference.signal[bin]]);
        numbers.extend(reference.of_signal(bin));
        numbers.extend(&eliminated.projectors[bin]);
        numbers.resize(start + 4 * variant.entry(), 0.0);
    }
    Ok(numbers.into_iter().map(|number| number as f32).collect())
}

/// What is left of chi2 as a function of the signal.
struct Eliminated<'a> {
    /// W.
    weights: &'a [f64],
    /// g = W (n - mu_ref).
    slopes: Vec<f64>,
    /// Rows of U, `[bins][backgrounds]`.
    projectors: Vec<Vec<f64>>,
    /// W r of the fit of the backgrounds alone, r = n - mu: g + (W - U U^T) s for the reference's signal s.
    without_signal: Vec<f64>,
}

impl<'a> Eliminated<'a> {
    fn new(reference: &Reference<'a>) -> Result<Eliminated<'a>> {
        let fit = reference.fit;
        let weights = fit.observation.inverse_variance.as_deref().unwrap_or_default();
        let columns: Vec<&[f64]> = reference.backgrounds().iter().map(|&k| reference.column(k)).collect();
        let sigma = |&k: &usize| fit.expectation.parameters[k].sigma;
        let sigmas: Vec<f64> = reference.backgrounds().iter().map(sigma).collect();
        let normal = Factor::of_columns(&columns, &sigmas, weights).ok_or_else(|| {
            let reason = "their normal matrix is not positive definite".to_owned();
            Error::NotConverged { quantity: "the fit of the backgrounds".to_owned(), reason }
        })?;
        let projector = |bin: usize| {
            let mut row: Vec<f64> = columns.iter().map(|column| weights[bin] * column[bin]).collect();
            normal.forward(&mut row);
            row
        };
        let projectors: Vec<Vec<f64>> = (0..weights.len()).map(projector).collect();
        let counts = fit.observation.counts.iter().zip(&reference.work.expected);
        let slopes: Vec<f64> = counts.zip(weights).map(|((n, mu), weight)| weight * (n - mu)).collect();
        let mut absorbed = vec![0.0; columns.len()];
        for (row, signal) in projectors.iter().zip(&reference.signal) {
            absorbed.iter_mut().zip(row).for_each(|(sum, u)| *sum += u * signal);
        }
        let without_signal = (0..weights.len())
            .map(|bin| {
                let absorbed: f64 = projectors[bin].iter().zip(&absorbed).map(|(u, sum)| u * sum).sum();
                slopes[bin] + weights[bin] * reference.signal[bin] - absorbed
            })
            .collect();
        Ok(Eliminated { weights, slopes, projectors, without_signal })
    }
}

/// The sums over the time bins of one energy bin: those linear in the counts, then those of their products.
fn push_energy(reference: &Reference, eliminated: &Eliminated, energy: usize, numbers: &mut Vec<f64>) {
    let variant = &reference.variant;
    let bins = energy * variant.time_bins..(energy + 1) * variant.time_bins;
    let over_time = |term: &dyn Fn(usize) -> f64| bins.clone().map(term).sum::<f64>();
    let column =
        |class: usize, parameter: usize, bin: usize| reference.share(class, bin) * reference.relative[parameter][bin];
    for class in 0..variant.classes {
        for i in 0..variant.signals {
            numbers.push(over_time(&|bin| column(class, i, bin) * eliminated.without_signal[bin]));
            numbers.extend(
                (0..variant.backgrounds)
                    .map(|k| over_time(&|bin| column(class, i, bin) * eliminated.projectors[bin][k])),
            );
        }
    }
    for class in 0..variant.classes {
        for other in 0..=class {
            let orders = if class == other { 1.0 } else { 2.0 };
            for i in 0..variant.signals {
                numbers.extend((0..=i).map(|j| {
                    let product = |a: usize, b: usize, bin: usize| column(a, i, bin) * column(b, j, bin);
                    // The two orders of unlike classes, each with one half.
                    let both = |bin: usize| 0.5 * (product(class, other, bin) + product(other, class, bin));
                    orders * over_time(&|bin| eliminated.weights[bin] * both(bin))
                }));
            }
        }
    }
}
