//! One model confronted with one or more datasets: plans and fits side by side, and the chi2 at any point.

pub mod coverage;
mod curve;
mod experiment;
mod far;
pub mod impact;
pub mod limits;
pub mod parameters;
mod point;
pub mod processes;
pub mod section;
pub mod strips;

pub use curve::MassCurve;
pub use experiment::{Experiment, Prepared, counted_twice};
pub use far::{FAR_SIGMA, FarDeformation};
pub use point::{DatasetFit, Fit};

use std::ops::Range;
use std::sync::Arc;

use crate::base::simd::SimdLevel;
use crate::physics::model::Model;
use crate::rates::Point;
use crate::rates::cpu::counts_at;
use crate::rates::plan::Plan;
use crate::statistics::row::{RowFit, RowScratch};
use crate::statistics::{Observation, Profile, Status};

/// A model on some experiments: one fit to all of them.
///
/// ```
/// use cevscan::{Analysis, Experiment, Model, Point};
///
/// let (model, data) = (Model::named("b-l")?, Experiment::parse_list("csi+lar")?);
/// let analysis = Analysis::new(&model, &data);
/// let chi2 = |coupling| analysis.fit(Point { mass_mev: 10.0, coupling }).total.chi2;
/// assert!(chi2(1e-3) > chi2(0.0) + 100.0);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug)]
pub struct Analysis {
    /// The model.
    pub model: Arc<Model>,
    /// For each experiment, in the order of the sum.
    pub predictions: Vec<Prediction>,
    /// The fit to all of them where they share nuisance parameters; else it is the sum of theirs.
    pub together: Option<RowFit>,
}

/// What a model has one experiment see.
#[derive(Debug)]
pub struct Prediction {
    /// The experiment.
    pub experiment: Experiment,
    /// Its plan for the model, whatever was observed.
    pub plan: Arc<Plan>,
}

/// Memory for minimisations, reused from point to point and from row to row: one entry for each of
/// [`Analysis::minimised`].
#[derive(Debug, Clone)]
pub struct Scratch(Vec<RowScratch>);

impl Analysis {
    /// Plans for `model` on `experiments`.
    pub fn new<'a>(model: &Model, experiments: impl IntoIterator<Item = &'a Experiment>) -> Analysis {
        let prediction = |experiment: &Experiment| Prediction {
            plan: Arc::new(experiment.nodes.plan(&experiment.dataset, model)),
            experiment: experiment.clone(),
        };
        Analysis::of(Arc::new(model.clone()), experiments.into_iter().map(prediction).collect())
    }

    /// The same model and plans with other observations, one for each experiment.
    pub fn observing(&self, observations: impl IntoIterator<Item = Observation>) -> Analysis {
        let predictions = self.predictions.iter().zip(observations).map(|(prediction, observation)| Prediction {
            experiment: prediction.experiment.observing(observation),
            plan: prediction.plan.clone(),
        });
        Analysis::of(self.model.clone(), predictions.collect())
    }

    fn of(model: Arc<Model>, predictions: Vec<Prediction>) -> Analysis {
        let simd = predictions.first().map_or(SimdLevel::Baseline, |prediction| prediction.experiment.rows.simd());
        let together = RowFit::together(predictions.iter().map(|prediction| &prediction.experiment.measurement), simd);
        Analysis { model, predictions, together }
    }

    /// The experiments.
    pub fn experiments(&self) -> impl Iterator<Item = &Experiment> {
        self.predictions.iter().map(|prediction| &prediction.experiment)
    }

    /// Names of the datasets joined by `+`.
    pub fn data_name(&self) -> String {
        let names: Vec<&str> =
            self.predictions.iter().map(|prediction| prediction.experiment.dataset.name.as_str()).collect();
        names.join("+")
    }

    /// Vector instructions of the CPU's kernels.
    pub fn simd(&self) -> SimdLevel {
        self.predictions.first().map_or(SimdLevel::Baseline, |prediction| prediction.experiment.rows.simd())
    }

    /// Number of chi2 that are minimised for each point: that of each dataset alone, and, where nuisance parameters are
    /// shared, that of all together.
    pub fn minimised(&self) -> usize {
        self.predictions.len() + usize::from(self.together.is_some())
    }

    /// chi2 of all data from those that are minimised; what is missing in one that it rests on is missing in it.
    pub fn total(&self, minimised: impl IntoIterator<Item = f64>) -> f64 {
        let minimised = minimised.into_iter();
        if self.together.is_none() {
            return minimised.sum();
        }
        minimised.reduce(|missing, last| if missing.is_nan() { missing } else { last }).unwrap_or(f64::NAN)
    }

    /// The fits behind the chi2 that are minimised.
    fn fits(&self) -> impl Iterator<Item = &RowFit> {
        self.predictions.iter().map(|prediction| prediction.experiment.rows.as_ref()).chain(&self.together)
    }

    /// Whether one of the chi2 that are minimised may have several minima at a point: [`MassCurve::chi2_near`] is faster there.
    pub(crate) fn has_several_minima(&self, index: usize) -> bool {
        self.fits().nth(index).is_some_and(RowFit::has_several_minima)
    }

    /// Those that [`Analysis::total`] rests on.
    fn parts_of_total(&self) -> Range<usize> {
        if self.together.is_some() { self.predictions.len()..self.minimised() } else { 0..self.predictions.len() }
    }

    /// The datasets of one of the chi2 that are minimised.
    fn datasets(&self, index: usize) -> Range<usize> {
        if index < self.predictions.len() { index..index + 1 } else { 0..self.predictions.len() }
    }

    /// All that are minimised at a point, by direct sums and the reference.
    pub fn profiles(&self, point: Point, scratch: &mut Scratch) -> Vec<Profile> {
        self.profiles_of(0..self.minimised(), &self.counts_at(point), scratch)
    }

    fn profiles_of(&self, indices: Range<usize>, counts: &[Vec<f64>], scratch: &mut Scratch) -> Vec<Profile> {
        let fits = self.fits().zip(&mut scratch.0).enumerate().filter(|(index, _)| indices.contains(index));
        fits.map(|(index, (fit, scratch))| fit.reference(&counts[self.datasets(index)], scratch)).collect()
    }

    /// All that are minimised at a row of points, given each dataset's counts `[points][classes][energy_bins]`. Raises
    /// `status`.
    pub fn row_of_counts(
        &self,
        counts: &[&[f64]],
        scratch: &mut Scratch,
        chi2: &mut [Vec<f64>],
        status: &mut [Status],
    ) {
        for (index, ((fit, scratch), chi2)) in self.fits().zip(&mut scratch.0).zip(chi2).enumerate() {
            fit.profile_counts(&counts[self.datasets(index)], scratch, chi2, status);
        }
    }

    /// chi2 of all data at a row of points, given each dataset's counts `[points][classes][energy_bins]`; infinite where a
    /// minimisation failed.
    pub fn chi2_of_counts(&self, counts: &[Vec<f64>], scratch: &mut Scratch) -> Vec<f64> {
        let mut sum: Vec<f64> = Vec::new();
        let fits = self.fits().zip(&mut scratch.0).enumerate();
        for (index, (fit, scratch)) in fits.filter(|(index, _)| self.parts_of_total().contains(index)) {
            let own = &counts[self.datasets(index)];
            let points = own[0].len() / fit.channels()[0].max(1);
            let (mut chi2, mut status) = (vec![0.0; points], vec![Status::Converged; points]);
            fit.profile_counts(own, scratch, &mut chi2, &mut status);
            sum.resize(points, 0.0);
            for ((sum, chi2), status) in sum.iter_mut().zip(chi2).zip(status) {
                *sum += if status == Status::Converged { chi2 } else { f64::INFINITY };
            }
        }
        sum
    }

    /// Counts of each dataset at a point, `[classes][energy_bins]`.
    fn counts_at(&self, point: Point) -> Vec<Vec<f64>> {
        let counts = |prediction: &Prediction| {
            let mut counts = vec![0.0; prediction.plan.signal_counts()];
            counts_at(&prediction.plan, point, &mut counts);
            counts
        };
        self.predictions.iter().map(counts).collect()
    }

    /// Memory for minimisations.
    pub fn scratch(&self) -> Scratch {
        Scratch(self.fits().map(RowFit::scratch).collect())
    }
}
