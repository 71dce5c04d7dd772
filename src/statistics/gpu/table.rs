//! What the shader reads of a fit: everything relative to a reference, prepared in f64.

use super::shader::{Kind, MAX_PARAMETERS, Variant};
use crate::rates::plan::Plan;
use crate::rates::{Point, cpu};
use crate::statistics::{Fit, ParameterKind, Status, Workspace};
use crate::{Error, Result};

/// A fit as the shader reads it (`Fit` of `shaders/fit_table.wgsl`).
#[derive(Debug)]
pub struct FitTable {
    /// What the shader is specialised for.
    pub variant: Variant,
    /// The table.
    pub numbers: Vec<f32>,
    /// chi2 of the reference without its priors: the shader's results are on top of it.
    pub chi2: f64,
}

impl FitTable {
    /// Prepares a fit for a plan; `scale` multiplies the counts as they stand on the device.
    ///
    /// # Errors
    /// When fit and plan differ in their bins or classes, the fit is larger than the shader holds, or the Standard Model
    /// itself has no minimum.
    pub fn new(fit: &Fit, plan: &Plan, scale: &[f64], uniform_bytes: usize) -> Result<FitTable> {
        let variant = variant(fit, plan, uniform_bytes)?;
        let mut counts = vec![0.0; plan.channels()];
        cpu::counts_at(plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
        let mut work = fit.workspace();
        let profile = fit.profile(&counts, &mut work);
        if profile.status != Status::Converged {
            let reason = format!("{:?}", profile.status);
            return Err(Error::NotConverged { quantity: "chi2 of the Standard Model".to_owned(), reason });
        }
        let order = order(fit);
        let mut numbers = vec![0.0; 4];
        numbers[0] = reference_signal(&variant, &order, &work).iter().sum::<f64>() as f32;
        let mut priors = 0.0;
        for (place, &k) in order.iter().enumerate() {
            let (parameter, value) = (&fit.expectation.parameters[k], work.values[k]);
            priors += ((value - work.central[k]) / work.sigma[k]).powi(2);
            let (offset, start) = match place < variant.signals {
                true => (-parameter.central, parameter.central),
                false => (value - parameter.central, 0.0),
            };
            numbers.extend([offset, 1.0 / parameter.sigma, start, 0.0].map(|number| number as f32));
        }
        numbers.extend(scale.iter().map(|&scale| scale as f32));
        numbers.resize(4 * (1 + variant.parameters() + variant.scales()), 0.0);
        push_entries(fit, &variant, &order, &work, &mut numbers);
        Ok(FitTable { variant, numbers, chi2: profile.chi2 - priors })
    }
}

/// The parameters in the shader's order: the signal's first, else as they stand.
fn order(fit: &Fit) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fit.expectation.parameters.len()).collect();
    order.sort_by_key(|&k| relative_column(fit, k).is_none());
    order
}

/// What the signal is multiplied by in each bin, for a parameter of the signal.
fn relative_column(fit: &Fit, k: usize) -> Option<Vec<f64>> {
    let expectation = &fit.expectation;
    match expectation.parameters[k].kind {
        ParameterKind::SignalNorm => Some(vec![1.0; expectation.bins()]),
        ParameterKind::SignalShape(shape) => Some(expectation.signal_shapes[shape].clone()),
        ParameterKind::BackgroundNorm(_) | ParameterKind::BackgroundShape(_) => None,
    }
}

/// Signal events of the reference in each bin.
fn reference_signal(variant: &Variant, order: &[usize], work: &Workspace) -> Vec<f64> {
    let bins = variant.bins();
    let of_bin =
        |bin: usize| order[..variant.signals].iter().map(|k| work.values[*k] * work.columns[k * bins + bin]).sum();
    (0..bins).map(of_bin).collect()
}

fn push_entries(fit: &Fit, variant: &Variant, order: &[usize], work: &Workspace, numbers: &mut Vec<f32>) {
    let (expectation, bins) = (&fit.expectation, variant.bins());
    let signal = reference_signal(variant, order, work);
    let relative: Vec<Vec<f64>> = order.iter().filter_map(|&k| relative_column(fit, k)).collect();
    for bin in 0..bins {
        let mut entry = head(fit, bin, work.expected[bin]).to_vec();
        let time = bin % variant.time_bins;
        entry.extend((0..variant.classes).map(|class| expectation.time_fractions[class * variant.time_bins + time]));
        entry.push(signal[bin]);
        entry.extend(relative.iter().map(|column| column[bin]));
        entry.extend(order[variant.signals..].iter().map(|k| work.columns[k * bins + bin]));
        entry.resize(4 * variant.entry(), 0.0);
        numbers.extend(entry.into_iter().map(|number| number as f32));
    }
}

/// What the statistic wants of a bin (`shaders/poisson.wgsl`, `shaders/gaussian.wgsl`).
fn head(fit: &Fit, bin: usize, expected: f64) -> [f64; 4] {
    let counted = fit.observation.counts[bin];
    match &fit.observation.inverse_variance {
        Some(inverse_variance) => [inverse_variance[bin], expected - counted, 0.0, 0.0],
        None if counted > 0.0 => [counted, expected, 1.0 - counted / expected, 1.0 / expected],
        None => [0.0, expected, 1.0, 0.0],
    }
}

/// The shader's variant for a fit on a plan.
fn variant(fit: &Fit, plan: &Plan, uniform_bytes: usize) -> Result<Variant> {
    let expectation = &fit.expectation;
    let classes = expectation.time_fractions.len().checked_div(expectation.time_bins).unwrap_or(0);
    let signals = (0..expectation.parameters.len()).filter(|&k| relative_column(fit, k).is_some()).count();
    let mut variant = Variant {
        kind: if fit.observation.inverse_variance.is_some() { Kind::Gaussian } else { Kind::Poisson },
        energy_bins: expectation.energy_bins,
        time_bins: expectation.time_bins,
        classes,
        signals,
        backgrounds: expectation.parameters.len() - signals,
        uniform: false,
    };
    variant.uniform = variant.table_bytes() <= uniform_bytes;
    let bounds = [
        ("number of energy bins of the fit", variant.energy_bins, plan.kinematics.energy_bins),
        ("number of time classes of the fit", classes, plan.kinematics.classes.len()),
    ];
    for (quantity, value, bound) in bounds {
        if value != bound {
            return Err(Error::out_of_range(quantity, value, format!("{bound}, as in the plan")));
        }
    }
    if !(1..=MAX_PARAMETERS).contains(&variant.parameters()) {
        let bound = format!("from 1 to {MAX_PARAMETERS} on a GPU");
        return Err(Error::out_of_range("number of nuisance parameters", variant.parameters(), bound));
    }
    if variant.steps().is_none() {
        return Err(Error::out_of_range("number of bins of the fit", variant.bins(), "fewer on a GPU"));
    }
    Ok(variant)
}
