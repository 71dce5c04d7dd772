//! What the shader reads of a fit: everything relative to a reference, prepared in f64.

mod gaussian;
mod poisson;

use super::shader::{Kind, MAX_PARAMETERS, Variant};
use crate::rates::plan::Plan;
use crate::rates::{Point, cpu};
use crate::statistics::{Likelihood, Measurement, ParameterKind, Status, Terms};
use crate::{Error, Result};

/// A fit as the shader reads it (`Fit` of `shaders/poisson_fit.wgsl` and `shaders/gaussian_fit.wgsl`).
#[derive(Debug)]
pub struct FitTable {
    /// What the shader is specialised for.
    pub variant: Variant,
    /// The table.
    pub numbers: Vec<f32>,
    /// chi2 of the reference without the priors that the shader adds: its results are on top of it.
    pub chi2: f64,
}

/// The fit of the Standard Model: the reference.
struct Reference<'a> {
    fit: &'a Measurement,
    variant: Variant,
    /// The parameters in the shader's order: the signal's norm, its shapes, what deforms it, else as they stand.
    order: Vec<usize>,
    work: Terms,
    /// Signal events in each bin.
    signal: Vec<f64>,
    /// Relative changes of the signal by its parameters, in their order.
    relative: Vec<Vec<f64>>,
}

impl FitTable {
    /// Prepares a fit for a plan.
    ///
    /// # Errors
    /// When fit and plan differ in their bins or classes, the fit is larger than the shader holds, or the Standard Model
    /// itself has no minimum.
    pub fn new(fit: &Measurement, plan: &Plan, uniform_bytes: usize) -> Result<FitTable> {
        let variant = variant(fit, plan, uniform_bytes)?;
        let mut counts = vec![0.0; plan.signal_counts()];
        cpu::counts_at(plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
        let likelihood = Likelihood::new([fit]);
        let mut work = likelihood.workspace();
        let profile = likelihood.profile(&[counts], &mut work);
        if profile.status != Status::Converged {
            let reason = profile.status.to_string();
            return Err(Error::NotConverged { quantity: "chi2 of the Standard Model".to_owned(), reason });
        }
        let order = order(fit);
        let work = work.datasets.swap_remove(0);
        let signal = reference_signal(&variant, &order, &work);
        let relative = order.iter().filter_map(|&k| relative_column(fit, k)).collect();
        let reference = Reference { fit, variant, order, work, signal, relative };
        let (numbers, parameters) = match variant.kind {
            Kind::Poisson => (poisson::numbers(&reference), variant.parameters()),
            Kind::Gaussian => (gaussian::numbers(&reference)?, variant.signals),
        };
        let priors = reference.order[..parameters].iter().map(|&k| reference.pull(k).powi(2)).sum::<f64>();
        Ok(FitTable { variant, numbers, chi2: profile.chi2 - priors })
    }
}

impl Reference<'_> {
    /// The pull of a parameter.
    fn pull(&self, k: usize) -> f64 {
        (self.work.values[k] - self.work.central[k]) / self.work.sigma[k]
    }

    /// The column of a background's parameter.
    fn column(&self, k: usize) -> &[f64] {
        let bins = self.variant.bins();
        &self.work.columns[k * bins..(k + 1) * bins]
    }

    /// The backgrounds' parameters.
    fn backgrounds(&self) -> &[usize] {
        &self.order[self.variant.signals + self.variant.deformations..]
    }

    /// The share of a class in the time bin of a bin.
    fn share(&self, class: usize, bin: usize) -> f64 {
        self.fit.expectation.time_fractions[class * self.variant.time_bins + bin % self.variant.time_bins]
    }

    /// Shares of all classes, the signal's relative changes by its shapes.
    fn of_signal(&self, bin: usize) -> impl Iterator<Item = f64> {
        let shares = (0..self.variant.classes).map(move |class| self.share(class, bin));
        shares.chain(self.relative.iter().skip(1).map(move |column| column[bin]))
    }
}

/// The parameters in the shader's order.
fn order(fit: &Measurement) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fit.expectation.parameters.len()).collect();
    order.sort_by_key(|&k| match fit.expectation.parameters[k].kind {
        ParameterKind::SignalNorm => 0,
        ParameterKind::SignalShape(_) => 1,
        ParameterKind::SignalDeformation(_) => 2,
        _ => 3,
    });
    order
}

/// What the signal is multiplied by in each bin, for a parameter of the signal.
fn relative_column(fit: &Measurement, k: usize) -> Option<Vec<f64>> {
    let expectation = &fit.expectation;
    match expectation.parameters[k].kind {
        ParameterKind::SignalNorm => Some(vec![1.0; expectation.bins()]),
        ParameterKind::SignalShape(shape) => Some(expectation.signal_shapes[shape].clone()),
        _ => None,
    }
}

/// Signal events of the reference in each bin.
fn reference_signal(variant: &Variant, order: &[usize], work: &Terms) -> Vec<f64> {
    let bins = variant.bins();
    let of_bin =
        |bin: usize| order[..variant.signals].iter().map(|k| work.values[*k] * work.columns[k * bins + bin]).sum();
    (0..bins).map(of_bin).collect()
}

/// The shader's variant for a fit on a plan.
fn variant(fit: &Measurement, plan: &Plan, uniform_bytes: usize) -> Result<Variant> {
    let expectation = &fit.expectation;
    let classes = expectation.time_fractions.len().checked_div(expectation.time_bins).unwrap_or(0);
    let signals = (0..expectation.parameters.len()).filter(|&k| relative_column(fit, k).is_some()).count();
    let norms = expectation.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::SignalNorm).count();
    let deformations = expectation.deformations();
    let kind = if fit.observation.inverse_variance.is_some() { Kind::Gaussian } else { Kind::Poisson };
    let mut variant = Variant {
        kind,
        energy_bins: expectation.energy_bins,
        time_bins: expectation.time_bins,
        classes,
        signals,
        deformations,
        backgrounds: expectation.parameters.len() - signals - deformations,
        uniform: false,
    };
    variant.uniform = variant.table_bytes() <= uniform_bytes;
    let bounds = [
        ("number of energy bins of the fit", variant.energy_bins, plan.kinematics.energy_bins),
        ("number of time classes of the fit", classes, plan.kinematics.classes.len()),
        ("number of deformations of the fit", deformations, plan.kinematics.deformations.len()),
    ];
    for (quantity, value, bound) in bounds {
        if value != bound {
            return Err(Error::out_of_range(quantity, value, format!("{bound}, as in the plan")));
        }
    }
    if deformations > 0 && kind == Kind::Gaussian {
        let quantity = "number of deformations of a signal with Gaussian errors";
        return Err(Error::out_of_range(quantity, deformations, "0 on a GPU"));
    }
    if norms != 1 {
        return Err(Error::out_of_range("number of the signal's norms", norms, "1 on a GPU"));
    }
    if !(1..=MAX_PARAMETERS).contains(&variant.parameters()) {
        let bound = format!("from 1 to {MAX_PARAMETERS} on a GPU");
        return Err(Error::out_of_range(
            "number of nuisance parameters and correlated errors",
            variant.parameters(),
            bound,
        ));
    }
    if variant.strip().is_none() {
        return Err(Error::out_of_range("number of bins of the fit", variant.bins(), "fewer on a GPU"));
    }
    Ok(variant)
}
