//! Fits on a GPU, and how far their chi2 is from f64.

#![allow(dead_code, reason = "not all that use this module need all of it")]

use cevscan::Result;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::gpu::GpuEngine;
use cevscan::rates::plan::Plan;
use cevscan::rates::{Point, cpu};
use cevscan::statistics::gpu::{CHI2_TOLERANCE, CONTRACT_BELOW, GpuProfiler, Profiles};
use cevscan::statistics::{Expectation, Likelihood, Measurement, Parameter, ParameterKind, Status};
use libtest_mimic::Failed;
use rayon::prelude::*;
use std::sync::Arc;

/// Where f64 has chi2 at least [`CONTRACT_BELOW`] above its minimum, the GPU may not have less than this.
const STILL_FAR: f64 = 49.0;

/// Runs a test for each model on each of some datasets.
pub fn each_real_fit(
    data: &str,
    test: impl Fn(String, &Plan, &Measurement) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let experiments = Experiment::parse_list(data)?;
    for model in Model::all()? {
        for prediction in Analysis::new(&model, &experiments).predictions {
            let experiment = prediction.experiment;
            test(format!("{} on {}", model.name, experiment.dataset.name), &prediction.plan, &experiment.measurement)?;
        }
    }
    Ok(())
}

/// A fit whose counts scatter around the Standard Model's expectation; what deforms the plan's response is in it.
pub fn synthetic_fit(
    plan: &Plan,
    time_bins: usize,
    signal_shapes: usize,
    (backgrounds, background_shapes): (usize, usize),
    gaussian: bool,
) -> Measurement {
    let (energy_bins, classes) = (plan.kinematics.energy_bins, plan.kinematics.classes.len());
    let bins = energy_bins * time_bins;
    // Smooth in the bin's place, different for each index.
    let wave = |index: usize| -> Vec<f64> {
        let turns = 1.0 + 2.0 * index as f64;
        (0..bins).map(|bin| (turns * (bin as f64 + 0.5) / bins as f64 + index as f64).sin()).collect()
    };
    let fractions = (0..classes * time_bins).map(|i| 1.0 + 0.5 * (0.9 * (i % time_bins) as f64 + i as f64).sin());
    let parameter = |kind, central, sigma| Parameter {
        name: String::new(),
        label: String::new(),
        kind,
        central,
        sigma,
        shared: false,
    };
    let mut parameters = vec![parameter(ParameterKind::SignalNorm, 1.0, 0.1)];
    parameters.extend((0..backgrounds).map(|i| parameter(ParameterKind::BackgroundNorm(i), 1.0, 0.1 + 0.1 * i as f64)));
    parameters.extend((0..signal_shapes).map(|i| parameter(ParameterKind::SignalShape(i), 0.0, 1.0)));
    let deformations = 0..plan.kinematics.deformations.len();
    parameters.extend(deformations.map(|i| parameter(ParameterKind::SignalDeformation(i), 0.0, 1.0)));
    parameters.extend((0..background_shapes).map(|i| parameter(ParameterKind::BackgroundShape(i), 0.0, 1.0)));
    let columns: Vec<Vec<f64>> = (parameters.iter().enumerate())
        .map(|(k, parameter)| match parameter.kind {
            ParameterKind::BackgroundNorm(_) => wave(k).iter().map(|w| 6.0 + 4.0 * w).collect(),
            ParameterKind::BackgroundShape(_) => wave(k).iter().map(|w| 0.3 * w).collect(),
            _ => Vec::new(),
        })
        .collect();
    let expectation = Expectation {
        energy_bins,
        time_bins,
        time_fractions: fractions.map(|fraction| fraction / time_bins as f64).collect(),
        signal_shapes: (0..signal_shapes).map(|i| wave(20 + i).iter().map(|w| 0.05 * w).collect()).collect(),
        parameters,
        columns,
        norms: Vec::new(),
    };
    let (mut counts, mut signal) = (vec![0.0; plan.channels()], vec![0.0; bins]);
    cpu::counts_at(plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
    expectation.spread_over_time(&counts, &mut signal);
    let total = |bin: usize| signal[bin] + expectation.columns.iter().filter_map(|column| column.get(bin)).sum::<f64>();
    let noise = wave(50);
    let counts: Vec<f64> =
        (0..bins).map(|bin| (total(bin) + total(bin).sqrt() * noise[bin]).round().max(0.0)).collect();
    let inverse_variance = gaussian.then(|| (0..bins).map(|bin| 1.0 / total(bin).max(1.0)).collect());
    Measurement::of_counts(expectation, counts, inverse_variance)
}

/// How far a device's chi2 is from f64.
#[derive(Debug)]
#[allow(dead_code, reason = "read where a test fails, by Debug")]
pub struct Worst {
    /// Largest difference where f64 is less than [`CONTRACT_BELOW`] above its minimum; NaN if there is no chi2.
    pub near: f64,
    /// Smallest rise on the device where f64 is above it.
    pub far: f64,
    pub points: usize,
    pub redone_in_f64: usize,
    pub not_converged: usize,
}

impl Worst {
    pub fn new(got: &Profiles, reference: &[f64]) -> Worst {
        let minimum = reference.iter().copied().fold(f64::INFINITY, f64::min);
        let not_converged = got.status.iter().filter(|status| **status != Status::Converged).count();
        let (redone_in_f64, points) = (got.redone_in_f64, reference.len());
        let mut worst = Worst { near: 0.0, far: f64::INFINITY, points, redone_in_f64, not_converged };
        for (got, reference) in got.chi2.iter().zip(reference) {
            if reference - minimum >= CONTRACT_BELOW {
                worst.far = worst.far.min(if got.is_nan() { 0.0 } else { got - minimum });
            } else if !(reference.is_nan() && got.is_nan()) {
                let difference = (got - reference).abs();
                worst.near = if difference.is_nan() { f64::NAN } else { worst.near.max(difference) };
            }
        }
        worst
    }

    pub fn within_contract(&self) -> bool {
        self.near <= CHI2_TOLERANCE && self.far >= STILL_FAR
    }
}

pub fn compare(engine: &GpuEngine, plan: &Plan, fit: &Measurement, points: &[Point]) -> Result<Worst> {
    let got = evaluate(&GpuProfiler::new(engine, plan, fit)?, points)?;
    Ok(Worst::new(&got, &reference(plan, fit, points)))
}

/// The expectation of a measurement, to be changed.
pub fn expectation(fit: &mut Measurement) -> &mut Expectation {
    Arc::make_mut(&mut fit.expectation)
}

/// chi2 in f64.
pub fn reference(plan: &Plan, fit: &Measurement, points: &[Point]) -> Vec<f64> {
    let likelihood = Likelihood::new([fit]);
    let memory = || ([vec![0.0; plan.signal_counts()]], likelihood.workspace());
    let at = |(counts, work): &mut ([Vec<f64>; 1], _), point: &Point| {
        cpu::counts_at(plan, *point, &mut counts[0]);
        likelihood.profile(counts, work).chi2
    };
    points.par_iter().map_init(memory, at).collect()
}

/// The points' rows: those of one mass follow each other. Together where all have the same couplings, else one by one.
pub fn evaluate(profiler: &GpuProfiler<'_>, points: &[Point]) -> Result<Profiles> {
    let rows: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
    let couplings = |row: &[Point]| row.iter().map(|point| point.coupling).collect::<Vec<f64>>();
    let mut all = Profiles::default();
    for alike in rows.chunk_by(|a, b| couplings(a) == couplings(b)) {
        let masses: Vec<f64> = alike.iter().map(|row| row[0].mass_mev).collect();
        let own = profiler.rows(&couplings(alike[0]))?.evaluate(&masses)?;
        all.chi2.extend(own.chi2);
        all.status.extend(own.status);
        all.redone_in_f64 += own.redone_in_f64;
    }
    Ok(all)
}
