//! chi2 as a function of the coupling at one mass.

use std::cell::OnceCell;

use crate::base::grid::number_text;
use crate::rates::polynomial::MassSlice;
use crate::statistics::row::{Known, Start};
use crate::statistics::{Profile, Status};
use crate::{Error, Result};

use super::{Analysis, Fit, Scratch};

/// chi2 against the coupling at one mass.
pub struct MassCurve<'a> {
    analysis: &'a Analysis,
    mass_mev: f64,
    /// Made when one is needed.
    slices: Vec<OnceCell<MassSlice>>,
}

impl Analysis {
    /// The chi2 as a function of the coupling at one mass (MeV).
    pub fn at_mass(&self, mass_mev: f64) -> MassCurve<'_> {
        MassCurve { analysis: self, mass_mev, slices: self.predictions.iter().map(|_| OnceCell::new()).collect() }
    }
}

impl MassCurve<'_> {
    fn slice(&self, experiment: usize) -> &MassSlice {
        let plan = &self.analysis.predictions[experiment].plan;
        self.slices[experiment].get_or_init(|| MassSlice::new(plan, self.mass_mev))
    }

    /// One of the chi2 that are minimised ([`Analysis::minimised`]) at the couplings of a row. Raises `status`.
    pub fn chi2_of(
        &self,
        index: usize,
        couplings: &[f64],
        scratch: &mut Scratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        if let (Some(fit), Some(scratch)) = (self.analysis.fits().nth(index), scratch.0.get_mut(index)) {
            let slices = self.analysis.datasets(index).map(|dataset| self.slice(dataset));
            fit.profile(slices, couplings, scratch, chi2, status);
        }
    }

    /// The same with each point from its own start, or without any; the minima that are found are added to `known`.
    #[allow(clippy::too_many_arguments, reason = "what goes in, and what comes out")]
    pub(crate) fn chi2_near(
        &self,
        index: usize,
        couplings: &[f64],
        starts: &[Start],
        scratch: &mut Scratch,
        chi2: &mut [f64],
        status: &mut [Status],
        known: &mut Known,
    ) {
        if let (Some(fit), Some(scratch)) = (self.analysis.fits().nth(index), scratch.0.get_mut(index)) {
            let slices = self.analysis.datasets(index).map(|dataset| self.slice(dataset));
            fit.profile_near(slices, couplings, starts, scratch, chi2, status, known);
        }
    }

    /// All that are minimised at one coupling, by the reference.
    pub fn profiles(&self, coupling: f64, scratch: &mut Scratch) -> Vec<Profile> {
        self.analysis.profiles_of(0..self.analysis.minimised(), &self.counts(coupling), scratch)
    }

    /// The fit to all data at a coupling, as [`Analysis::fit`] makes it, from the polynomials of this mass.
    pub fn fit(&self, coupling: f64) -> Fit {
        self.analysis.fit_of(&self.counts(coupling))
    }

    /// Signal events of a dataset in all bins, before nuisance parameters: c_0 + c_1 g^2 + c_2 g^4.
    pub fn signal_events(&self, dataset: usize) -> [f64; 3] {
        let prediction = &self.analysis.predictions[dataset];
        let expectation = &prediction.experiment.measurement.expectation;
        let channels = prediction.plan.channels();
        let mut events = [0.0; 3];
        let mut spread = vec![0.0; expectation.bins()];
        for (events, counts) in events.iter_mut().zip(self.slice(dataset).coefficients().chunks(channels)) {
            expectation.spread_over_time(counts, &mut spread);
            *events = spread.iter().sum();
        }
        events
    }

    /// Counts of each dataset.
    pub(crate) fn counts(&self, coupling: f64) -> Vec<Vec<f64>> {
        let datasets = self.analysis.predictions.iter().enumerate();
        datasets
            .map(|(dataset, prediction)| {
                let mut counts = vec![0.0; prediction.plan.signal_counts()];
                self.slice(dataset).counts_at(coupling, &mut counts);
                counts
            })
            .collect()
    }

    /// All that are minimised at the couplings of a row (NaN where one is missing), and the worst status over them. Agrees
    /// with [`MassCurve::profiles`] to 1e-8, and is a hundred times faster where neighbours are near.
    pub fn row<Values: AsMut<[f64]>>(
        &self,
        couplings: &[f64],
        scratch: &mut Scratch,
        chi2: &mut [Values],
        status: &mut [Status],
    ) {
        status.fill(Status::Converged);
        for (index, chi2) in chi2.iter_mut().enumerate() {
            self.chi2_of(index, couplings, scratch, chi2.as_mut(), status);
        }
    }

    /// chi2 of all data at each coupling of a row.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2_row(&self, couplings: &[f64], scratch: &mut Scratch) -> Result<Vec<f64>> {
        let mut sum = vec![0.0; couplings.len()];
        let (mut chi2, mut status) = (sum.clone(), vec![Status::Converged; couplings.len()]);
        for index in self.analysis.parts_of_total() {
            self.chi2_of(index, couplings, scratch, &mut chi2, &mut status);
            sum.iter_mut().zip(&chi2).for_each(|(sum, chi2)| *sum += chi2);
        }
        match status.iter().position(|status| *status != Status::Converged) {
            Some(point) => Err(self.not_converged(self.analysis.data_name(), couplings[point], status[point])),
            None => Ok(sum),
        }
    }

    /// chi2 of all data at a coupling, by the reference: the minimum over all nuisance parameters at once.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2(&self, coupling: f64, scratch: &mut Scratch) -> Result<f64> {
        let parts = self.analysis.parts_of_total();
        let mut sum = 0.0;
        for (index, profile) in parts.clone().zip(self.analysis.profiles_of(parts, &self.counts(coupling), scratch)) {
            if profile.status != Status::Converged {
                let alone = self.analysis.predictions.get(index);
                let data =
                    alone.map_or(self.analysis.data_name(), |prediction| prediction.experiment.dataset.name.clone());
                return Err(self.not_converged(data, coupling, profile.status));
            }
            sum += profile.chi2;
        }
        Ok(sum)
    }

    fn not_converged(&self, data: String, coupling: f64, status: Status) -> Error {
        let quantity = format!("chi2 of {data} at coupling {}", number_text(coupling));
        Error::NotConverged { quantity, reason: status.to_string() }
    }

    /// The coupling at which the mediator's events equal the Standard Model's, c_2 x^2 = c_0: the scale of the curve.
    ///
    /// # Errors
    /// A model that changes no count; numbers that end.
    pub fn natural_coupling(&self) -> Result<f64> {
        let totals = (0..self.slices.len()).map(|index| self.slice(index).totals());
        self.analysis.natural_coupling(self.mass_mev, totals)
    }
}

impl Analysis {
    /// The coupling at which the mediator's events equal the Standard Model's at a mass (MeV), by the sums of each dataset's
    /// polynomials.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a model that changes no count, [`Error::NotConverged`] where numbers end.
    pub(crate) fn natural_coupling(&self, mass_mev: f64, totals: impl Iterator<Item = [f64; 3]>) -> Result<f64> {
        let [standard, mediator] = totals.fold([0.0, 0.0], |sum, total| [sum[0] + total[0], sum[1] + total[2]]);
        let natural = (standard / mediator).sqrt().sqrt();
        if natural > 0.0 && natural.is_finite() {
            return Ok(natural);
        }
        let (model, data) = (&self.model.name, self.data_name());
        if mediator == 0.0 && standard > 0.0 {
            let quantity = format!("effect of the mediator of {model} on the counts of {data}");
            let bound = "some: its charges of these neutrinos, or of this target, are all zero";
            return Err(Error::out_of_range(quantity, "none at any coupling", bound));
        }
        let quantity = format!("the coupling at which {model} doubles the events of {data} at {mass_mev} MeV");
        let reason = format!("{standard:e} events of the Standard Model, {mediator:e} of the mediator at g = 1");
        Err(Error::NotConverged { quantity, reason })
    }
}
