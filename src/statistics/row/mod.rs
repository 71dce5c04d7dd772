//! chi2 at many points of one row of the plane: the vectorised twin of [`Fit::profile`], eight points at a time.
//!
//! The reference minimises one point at a time, from the priors' centres. Here eight points go in lockstep, each starts
//! from its neighbour's minimum, everything that no coupling changes is prepared once, and nothing is allocated per
//! point. What does not finish here is done again by the reference, so both agree in every status, and in chi2 to 1e-8.
//!
//! Starting points follow from the position in the row alone: a row evaluated in pieces gives the same bits if every
//! piece but the last is a multiple of [`ROW_BLOCK`] points long.

mod bins;
mod contraction;
mod gaussian;
mod lanes;
mod ldl;
mod newton;
mod parameters;
mod poisson;
mod reference;
mod registers;
mod signal;

use fearless_simd::dispatch;

use crate::base::simd::SimdLevel;
use crate::rates::polynomial::MassSlice;

use super::{Fit, Status, Workspace};
use gaussian::Gaussian;
use poisson::Poisson;
use reference::Reference;
use signal::Signal;

/// Points of a row that depend on each other.
pub const ROW_BLOCK: usize = 512;

/// Total counts up to which sums of n ln(n/mu) are kept to 1e-9 by the row kernel; above, the reference does it.
const LARGEST_POISSON_TOTAL: f64 = 2e6;

/// A [`Fit`] prepared for rows of points.
#[derive(Debug, Clone)]
pub struct RowFit {
    fit: Fit,
    simd: SimdLevel,
    kernel: Kernel,
}

#[derive(Debug, Clone)]
enum Kernel {
    Poisson(Box<Poisson>),
    Gaussian(Box<Gaussian>),
    Reference,
}

/// Memory for rows, reused from row to row.
#[derive(Debug, Clone)]
pub struct RowScratch {
    memory: Memory,
    work: Workspace,
    counts: Vec<f64>,
}

#[derive(Debug, Clone)]
enum Memory {
    Poisson(poisson::Memory),
    Gaussian(gaussian::Memory),
    Reference,
}

impl RowFit {
    /// Prepares a fit for one level of vector instructions.
    pub fn new(fit: &Fit, simd: SimdLevel) -> RowFit {
        let total: f64 = fit.observation.counts.iter().sum();
        let kernel = match &fit.observation.inverse_variance {
            None if total <= LARGEST_POISSON_TOTAL => Kernel::Poisson(Box::new(Poisson::new(fit))),
            None => Kernel::Reference,
            Some(inverse_variance) => Gaussian::new(fit, inverse_variance)
                .map_or(Kernel::Reference, |gaussian| Kernel::Gaussian(Box::new(gaussian))),
        };
        RowFit { fit: fit.clone(), simd, kernel }
    }

    /// The level of vector instructions in use.
    pub fn simd(&self) -> SimdLevel {
        self.simd
    }

    /// Memory for [`RowFit::profile`].
    pub fn scratch(&self) -> RowScratch {
        let memory = match &self.kernel {
            Kernel::Poisson(poisson) => Memory::Poisson(poisson.memory()),
            Kernel::Gaussian(gaussian) => Memory::Gaussian(gaussian.memory()),
            Kernel::Reference => Memory::Reference,
        };
        RowScratch { memory, work: self.fit.workspace(), counts: vec![0.0; self.channels()] }
    }

    /// Minimal chi2 at each coupling of a row: NaN where it was not found, and there `status` is raised to the reason
    /// (worse ones stay, so that the fits of several datasets can share it: start from [`Status::Converged`]). Points
    /// next to each other should be near in coupling: that is what makes it fast, not what makes it right.
    pub fn profile(
        &self,
        slice: &MassSlice,
        couplings: &[f64],
        scratch: &mut RowScratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        self.row(&Signal::Polynomial { coefficients: slice.coefficients(), couplings }, scratch, chi2, status);
    }

    /// The same for counts `[points][classes][energy_bins]` of a row of points, however they came about.
    pub fn profile_counts(&self, counts: &[f64], scratch: &mut RowScratch, chi2: &mut [f64], status: &mut [Status]) {
        self.row(&Signal::Counts { counts, channels: self.channels() }, scratch, chi2, status);
    }

    /// Counts per point: time classes x energy bins.
    pub fn channels(&self) -> usize {
        let expectation = &self.fit.expectation;
        expectation.time_fractions.len() / expectation.time_bins.max(1) * expectation.energy_bins
    }

    fn row(&self, signal: &Signal, scratch: &mut RowScratch, chi2: &mut [f64], status: &mut [Status]) {
        let points = signal.points().min(chi2.len()).min(status.len());
        let (chi2, status) = (&mut chi2[..points], &mut status[..points]);
        let mut reference = Reference { fit: &self.fit, work: &mut scratch.work, counts: &mut scratch.counts };
        match (&self.kernel, &mut scratch.memory) {
            (Kernel::Poisson(kernel), Memory::Poisson(memory)) => {
                dispatch!(self.simd.level(), simd => kernel.row(simd, signal, memory, &mut reference, chi2, status));
            }
            (Kernel::Gaussian(kernel), Memory::Gaussian(memory)) => {
                dispatch!(self.simd.level(), simd => kernel.row(simd, signal, memory, &mut reference, chi2, status));
            }
            _ => {
                for (point, (chi2, status)) in chi2.iter_mut().zip(status).enumerate() {
                    let (value, how) = reference.profile(signal, point);
                    (*chi2, *status) = (value, how.max(*status));
                }
            }
        }
    }
}
