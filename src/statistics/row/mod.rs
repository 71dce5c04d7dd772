//! chi2 at many points of one row of the plane: the vectorised twin of [`Likelihood::profile`], eight points at a time.
//!
//! The reference minimises one point at a time, from the priors' centres. Here eight points go in lockstep, each starts
//! from its neighbour's minimum, everything that no coupling changes is prepared once, and nothing is allocated per
//! point. What does not finish here is done again by the reference, so both agree in every status, and in chi2 to 1e-8.
//!
//! Signals that are deformed may have several minima, of which the lowest counts: they are sought at points some way apart,
//! and those between start from what was found on either side.
//!
//! Starting points follow from the position in the row alone: a row evaluated in pieces gives the same bits if every
//! piece but the last is a multiple of [`ROW_BLOCK`] points long.

mod bins;
mod contraction;
mod deformed;
mod gaussian;
mod known;
pub(super) mod lanes;
mod ldl;
mod newton;
mod parameters;
mod part;
mod poisson;
mod reference;
mod signal;

use crate::base::simd::{SimdLevel, dispatch};
use crate::rates::polynomial::MassSlice;

use super::{Likelihood, Measurement, Profile, Status, Workspace};
pub use known::{Known, Start};
use newton::Newton;
use reference::Reference;
use signal::Signal;

/// Distance in ln g of points at which all minima of a deformed signal are sought.
const APART: f64 = 0.2;

/// Points of a row that depend on each other.
pub const ROW_BLOCK: usize = 512;

/// A [`Likelihood`] prepared for rows of points.
#[derive(Debug, Clone)]
pub struct RowFit {
    likelihood: Likelihood,
    simd: SimdLevel,
    /// `None`: only the reference keeps the accuracy.
    kernel: Option<Box<Newton>>,
}

/// Memory for rows, reused from row to row.
#[derive(Debug, Clone)]
pub struct RowScratch {
    memory: Option<newton::Memory>,
    work: Workspace,
    counts: Vec<Vec<f64>>,
}

impl RowFit {
    /// Prepares datasets for one level of vector instructions.
    pub fn new<'a>(measurements: impl IntoIterator<Item = &'a Measurement>, simd: SimdLevel) -> RowFit {
        RowFit::of(Likelihood::new(measurements), simd)
    }

    /// The fit to all of some datasets where they share parameters; where they do not, it is the sum of their own.
    pub fn together<'a>(measurements: impl IntoIterator<Item = &'a Measurement>, simd: SimdLevel) -> Option<RowFit> {
        let likelihood = Likelihood::new(measurements);
        (!likelihood.shared().is_empty()).then(|| RowFit::of(likelihood, simd))
    }

    fn of(likelihood: Likelihood, simd: SimdLevel) -> RowFit {
        let kernel = Newton::new(&likelihood).map(Box::new);
        RowFit { likelihood, simd, kernel }
    }

    /// The same reference with the kernel of another: shows that a comparison can fail. For tests.
    #[doc(hidden)]
    pub fn with_kernel_of(self, other: RowFit) -> RowFit {
        RowFit { kernel: other.kernel, ..self }
    }

    /// The level of vector instructions in use.
    pub fn simd(&self) -> SimdLevel {
        self.simd
    }

    /// What is minimised.
    pub fn likelihood(&self) -> &Likelihood {
        &self.likelihood
    }

    /// Memory for [`RowFit::profile`].
    pub fn scratch(&self) -> RowScratch {
        let channels = self.channels();
        RowScratch {
            memory: self.kernel.as_ref().map(|kernel| kernel.memory(&channels)),
            work: self.likelihood.workspace(),
            counts: channels.iter().map(|channels| vec![0.0; *channels]).collect(),
        }
    }

    /// Minimal chi2 at each coupling of a row, given each dataset's counts: NaN where it was not found, and there
    /// `status` is raised to the reason (worse ones stay, so that several fits can share it: start from
    /// [`Status::Converged`]). Points next to each other should be near in coupling: that is what makes it fast, not what
    /// makes it right.
    pub fn profile<'s>(
        &self,
        slices: impl IntoIterator<Item = &'s MassSlice>,
        couplings: &[f64],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        let signal = |slice: &'s MassSlice| Signal::Polynomial {
            coefficients: slice.all_coefficients(),
            signals: slice.signals(),
            couplings,
        };
        let signals: Vec<Signal> = slices.into_iter().map(signal).collect();
        if !self.has_several_minima() {
            return self.row(&signals, &[], scratch, chi2, status, None);
        }
        let blocks = couplings.chunks(ROW_BLOCK).zip(chi2.chunks_mut(ROW_BLOCK).zip(status.chunks_mut(ROW_BLOCK)));
        for (couplings, (chi2, status)) in blocks {
            self.in_two_passes(&signals, couplings, scratch, chi2, status);
        }
    }

    /// A block of a row whose signals may have several minima: all of them are sought at points some way apart, and those
    /// between start from what was found on either side.
    fn in_two_passes(
        &self,
        signals: &[Signal],
        couplings: &[f64],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        let (mut first, mut between) = (vec![0], Vec::new());
        for (point, coupling) in couplings.iter().enumerate().skip(1) {
            let last = couplings[first[first.len() - 1]];
            let is_near = (coupling / last).ln().abs() < APART;
            if is_near && point + 1 < couplings.len() { between.push(point) } else { first.push(point) }
        }
        let mut known = Known::default();
        for (is_first, list) in [(true, first), (false, between)] {
            let own: Vec<f64> = list.iter().map(|point| couplings[*point]).collect();
            let signals: Vec<Signal> = signals.iter().map(|signal| signal.along(&own)).collect();
            let (mut own_chi2, mut own_status) = (vec![0.0; own.len()], vec![Status::Converged; own.len()]);
            let mut found = Known::default();
            let start = |point: &usize| if is_first { Start::default() } else { known.start(*point) };
            let starts: Vec<Start> = list.iter().map(start).collect();
            self.row(&signals, &starts, scratch, &mut own_chi2, &mut own_status, Some(&mut found));
            drop(starts);
            known.add(found, &list);
            for ((point, own_chi2), own_status) in list.iter().zip(own_chi2).zip(own_status) {
                chi2[*point] = own_chi2;
                status[*point] = status[*point].max(own_status);
            }
        }
    }

    /// The same with each point from its own start, or without any; the minima that are found are added to `known`.
    #[allow(clippy::too_many_arguments, reason = "what goes in, and what comes out")]
    pub fn profile_near<'s>(
        &self,
        slices: impl IntoIterator<Item = &'s MassSlice>,
        couplings: &[f64],
        starts: &[Start],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
        known: &mut Known,
    ) {
        let signal = |slice: &'s MassSlice| Signal::Polynomial {
            coefficients: slice.all_coefficients(),
            signals: slice.signals(),
            couplings,
        };
        let signals: Vec<Signal> = slices.into_iter().map(signal).collect();
        self.row(&signals, starts, scratch, chi2, status, Some(known));
    }

    /// Whether signals may have several minima, of which only a thorough search finds the lowest: [`RowFit::profile_near`] spares
    /// it where minima are known near by.
    pub fn has_several_minima(&self) -> bool {
        self.kernel.as_ref().is_some_and(|kernel| kernel.has_several_minima())
    }

    /// The same for counts `[points][classes][energy_bins]` of each dataset at a row of points, however they came about.
    pub fn profile_counts<Counts: AsRef<[f64]>>(
        &self,
        counts: &[Counts],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        let signals = counts.iter().zip(self.channels());
        let signals = signals.map(|(counts, channels)| Signal::Counts { counts: counts.as_ref(), channels });
        self.row(&signals.collect::<Vec<_>>(), &[], scratch, chi2, status, None);
    }

    /// The minimum at counts `[classes][energy_bins]` of each dataset, by the scalar minimiser.
    pub fn reference<Counts: AsRef<[f64]>>(&self, counts: &[Counts], scratch: &mut RowScratch) -> Profile {
        self.likelihood.profile(counts, &mut scratch.work)
    }

    /// Counts per point of each dataset: time classes x energy bins.
    pub fn channels(&self) -> Vec<usize> {
        self.likelihood.measurements().iter().map(|fit| fit.expectation.channels()).collect()
    }

    fn row(
        &self,
        signals: &[Signal],
        starts: &[Start],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
        known: Option<&mut Known>,
    ) {
        let points = signals.iter().map(Signal::points).min().unwrap_or(0).min(chi2.len()).min(status.len());
        let (chi2, status) = (&mut chi2[..points], &mut status[..points]);
        let mut reference =
            Reference { likelihood: &self.likelihood, work: &mut scratch.work, counts: &mut scratch.counts };
        if let (Some(kernel), Some(memory)) = (&self.kernel, &mut scratch.memory) {
            dispatch!(self.simd, simd => kernel.row(simd, signals, starts, memory, &mut reference, chi2, status, known));
            return;
        }
        for (point, (chi2, status)) in chi2.iter_mut().zip(status).enumerate() {
            let (value, how) = reference.profile(signals, point);
            (*chi2, *status) = (value, how.max(*status));
        }
    }
}
