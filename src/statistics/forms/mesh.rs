//! The mesh of masses and couplings over which minima of toys are looked for.

use super::layout::Layout;
use crate::base::simd::SimdLevel;
use crate::rates::polynomial::MassSlice;

/// Every so many masses are scanned; descents go to any.
pub(crate) const STRIDE: usize = 2;
/// The same for the form of the Standard Model: whether chi2 falls beside g = 0 hardly depends on the mass.
pub(crate) const FEW: usize = 8;

/// A mass of the mesh.
#[derive(Debug, Clone)]
pub struct Mass {
    /// (MeV).
    pub mass_mev: f64,
    /// The coupling at which the mediator's events equal the Standard Model's.
    pub natural: f64,
    /// Polynomials of each dataset.
    pub slices: Vec<MassSlice>,
}

/// What toys are drawn from: where the first reference of a dataset is.
#[derive(Debug, Clone)]
pub struct Start {
    /// The signal in each bin, nuisance parameters included.
    pub signal: Vec<f64>,
    /// Values of the parameters, in the order of the expectation's.
    pub values: Vec<f64>,
}

/// Rows of masses, and one more, the truth's own.
#[derive(Debug)]
pub struct Mesh {
    pub(crate) layouts: Vec<Layout>,
    pub(super) simd: SimdLevel,
    /// Of the rows, the truth's own last.
    pub(super) ln_mass: Vec<f64>,
    /// Numbers of each dataset's rows, one after the other.
    pub(crate) numbers: Vec<Vec<f64>>,
    /// (g/natural)^2 at the steps of a row.
    pub(crate) x: Vec<f64>,
    /// The same of the truth in its row.
    pub(crate) truth: f64,
    pub(crate) start: Vec<Start>,
}

/// A minimum over the steps of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowMinimum {
    pub row: usize,
    pub step: usize,
    /// Of the parabola through it and its neighbours.
    pub chi2: f64,
}

/// Where a minimum is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Where {
    /// At g = 0.
    StandardModel,
    /// At the truth.
    Truth,
    /// Elsewhere.
    At {
        /// ln of the mass (MeV).
        ln_mass: f64,
        /// The row nearest to it.
        row: usize,
        /// ln of (g/natural)^2 there.
        ln_x: f64,
    },
}

/// What a toy gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lowest {
    /// chi2 at the truth.
    pub chi2_truth: f64,
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Smallest chi2 of the plane, and where.
    pub plane: (f64, Where),
    /// The same in the truth's own row.
    pub row: (f64, Where),
}

/// From here on, in (g/natural)^2, the mediator turns the sign of the amplitude, and allowed strips are narrow.
#[cfg(feature = "gpu")]
const STRIPS: f64 = 0.5;

impl Lowest {
    /// Whether a minimum is where strips are: in those f32 is off by up to 5e-3 in chi2, elsewhere by 2e-4.
    #[cfg(feature = "gpu")]
    pub(crate) fn is_in_strip(&self) -> bool {
        let is_there = |place| matches!(place, Where::At { ln_x, .. } if ln_x > STRIPS.ln());
        is_there(self.plane.1) || is_there(self.row.1)
    }

    /// The lower of the truth and the Standard Model.
    pub(crate) fn of_fixed(chi2_truth: f64, chi2_sm: f64) -> Lowest {
        let first = (chi2_sm, Where::StandardModel);
        let mut lowest = Lowest { chi2_truth, chi2_sm, plane: first, row: first };
        lowest.consider(chi2_truth, Where::Truth, true);
        lowest
    }

    pub(crate) fn consider(&mut self, chi2: f64, place: Where, own: bool) {
        if chi2 < self.plane.0 {
            self.plane = (chi2, place);
        }
        if own && chi2 < self.row.0 {
            self.row = (chi2, place);
        }
    }
}

impl Mesh {
    /// Of masses in rising order, the truth's own last, with the couplings g/natural of the scan, rising, and that of the
    /// truth over the natural one of its mass.
    pub fn new(
        layouts: Vec<Layout>,
        masses: &[Mass],
        ratios: &[f64],
        truth: f64,
        start: Vec<Start>,
        simd: SimdLevel,
    ) -> Mesh {
        let mut numbers = vec![Vec::new(); layouts.len()];
        for mass in masses {
            for ((layout, slice), numbers) in layouts.iter().zip(&mass.slices).zip(&mut numbers) {
                layout.row(slice.coefficients(), mass.natural, numbers);
            }
        }
        Mesh {
            layouts,
            simd,
            ln_mass: masses.iter().map(|mass| mass.mass_mev.ln()).collect(),
            numbers,
            x: ratios.iter().map(|ratio| ratio * ratio).collect(),
            truth: truth * truth,
            start,
        }
    }

    /// Rows without the truth's own.
    pub(super) fn rows(&self) -> usize {
        self.ln_mass.len() - 1
    }

    /// ln of all masses, the truth's own last.
    #[cfg_attr(not(feature = "gpu"), allow(dead_code, reason = "the tables of a GPU are made from it"))]
    pub(crate) fn ln_mass(&self) -> &[f64] {
        &self.ln_mass
    }

    /// Counts of a dataset that are expected at the truth.
    #[cfg_attr(not(feature = "gpu"), allow(dead_code, reason = "the tables of a GPU are made from it"))]
    pub(crate) fn expected(&self, dataset: usize) -> Vec<f64> {
        let (layout, start) = (&self.layouts[dataset], &self.start[dataset]);
        let of_bin = |(bin, signal): (usize, &f64)| {
            let columns = layout.columns[bin * layout.backgrounds..].iter().zip(&layout.order[layout.signals..]);
            columns.fold(*signal, |sum, (column, index)| sum + column * start.values[*index])
        };
        start.signal.iter().enumerate().map(of_bin).collect()
    }

    /// Masses that are scanned, the truth's own last.
    pub(crate) fn scanned(&self, stride: usize) -> impl Iterator<Item = usize> + use<> {
        let own = self.rows();
        (0..own).step_by(stride).chain([own])
    }

    /// Places that are scanned for each toy.
    pub fn places(&self) -> usize {
        self.scanned(STRIDE).count() * self.x.len()
    }
}
