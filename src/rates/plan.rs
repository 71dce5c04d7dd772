//! The plan: everything of the triple integral (2.4) that does not change over a scan, as a list of the nodes of all
//! processes ([`crate::rates::Nodes`] knows which is of which).
//!
//! With x = g^2 and P_t = 1/(|q|^2 + (r_t M)^2) for each mediator term t, the count in one energy bin and time class is
//!
//! ```text
//! N = sum_k R[k][bin] ( W_v[k] (a[k] + x sum_t b_t P_t)^2  +  W_s[k] (x sum_t s_t P_t)^2 )
//! ```
//!
//! over the nodes k of that class. Weights may have either sign: a process whose cross section is no square, such as one
//! with a term -(g_V^2 - g_A^2), is a few nodes at each energy; only the sum is a count, and not negative. It is an exact
//! polynomial of degree 2 in x at fixed mass.

use std::ops::Range;

/// What no model changes: recoil-energy nodes, their weights and the detector response. One node is one
/// (target particle, neutrino flavour, true recoil energy), or a term of that.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinematics {
    /// |q|^2 = 2 M T' at each node [MeV^2]; length K.
    pub q2_mev2: Vec<f64>,
    /// Weight of the vector amplitude squared, of either sign: for CEvNS targets x fluence x flux x (3.1)'s kinematics x
    /// quadrature; length K.
    pub weight_vector: Vec<f64>,
    /// The same for the scalar (3.32) [MeV^4 once, as its amplitude carries P alone], of either sign; length K.
    pub weight_scalar: Vec<f64>,
    /// Probability to be reconstructed in each energy bin, efficiency included; row-major `[rows][energy_bins]`. Nodes of
    /// one recoil energy have the same.
    pub response: Vec<f64>,
    /// The row of the response of each node; length K.
    pub response_row: Vec<usize>,
    /// How far a node is to the next row, from 0 to 1: responses are linear between them; length K.
    pub response_part: Vec<f64>,
    /// How the response changes with nuisance parameters t that deform it, R + sum (t R_1 + t^2 R_2): R_1 and R_2 of each
    /// parameter, of the response's form.
    pub deformations: Vec<[Vec<f64>; 2]>,
    /// Number of reconstructed-energy bins.
    pub energy_bins: usize,
    /// The nodes of each time class, contiguous and in order.
    pub classes: Vec<Range<usize>>,
}

/// One mediator exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Mass of this mediator over the scanned mass.
    pub mass_ratio: f64,
    /// Amplitude at g = 1 without the propagator, per node [MeV^2]; length K.
    pub amplitude: Vec<f64>,
}

/// What a model fixes at each node.
#[derive(Debug, Clone, PartialEq)]
pub struct Amplitudes {
    /// Standard Model weak charge with form factors, a; length K.
    pub standard_model: Vec<f64>,
    /// Vector exchanges: they interfere with the Standard Model.
    pub vector: Vec<Term>,
    /// Scalar exchanges: added incoherently to the Standard Model (among themselves coherently).
    pub scalar: Vec<Term>,
}

/// Kinematics and amplitudes of one (dataset, model).
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Fixed by the dataset.
    pub kinematics: Kinematics,
    /// Fixed by the model on this dataset's nodes.
    pub amplitudes: Amplitudes,
}

impl Plan {
    /// Number of nodes K.
    pub fn nodes(&self) -> usize {
        self.kinematics.q2_mev2.len()
    }

    /// Sets of counts that the signal is made of: one, and two for each deformation of the response.
    pub fn signals(&self) -> usize {
        1 + 2 * self.kinematics.deformations.len()
    }

    /// Numbers that the signal takes at a point: `[signals][classes][energy_bins]`.
    pub fn signal_counts(&self) -> usize {
        self.signals() * self.channels()
    }

    /// Counts per point: time classes x energy bins, class-major.
    pub fn channels(&self) -> usize {
        self.kinematics.classes.len() * self.kinematics.energy_bins
    }
}

impl Kinematics {
    /// Probabilities of a node in the energy bins.
    pub fn response_of(&self, node: usize) -> impl Iterator<Item = f64> {
        self.row_of(&self.response, node)
    }

    /// R, and R_1 and R_2 of each deformation.
    pub fn responses(&self) -> impl Iterator<Item = &[f64]> {
        std::iter::once(&self.response).chain(self.deformations.iter().flatten()).map(Vec::as_slice)
    }

    /// Values of a node in the energy bins, of one of [`Kinematics::responses`].
    pub fn row_of<'a>(&self, response: &'a [f64], node: usize) -> impl Iterator<Item = f64> + use<'a> {
        let (row, part) = (self.response_row[node], self.response_part[node]);
        let row_at = |row: usize| &response[row * self.energy_bins..(row + 1) * self.energy_bins];
        let (own, next) = (row_at(row), row_at(if part > 0.0 { row + 1 } else { row }));
        own.iter().zip(next).map(move |(own, next)| own + part * (next - own))
    }
}

impl Amplitudes {
    /// sum_t b_t P_t of the vector exchanges at node `k` with |q|^2 = `q2_mev2`.
    pub fn vector_exchange(&self, k: usize, q2_mev2: f64, mass_mev: f64) -> f64 {
        exchange(&self.vector, k, q2_mev2, mass_mev)
    }

    /// sum_t s_t P_t of the scalar exchanges at node `k` with |q|^2 = `q2_mev2`.
    pub fn scalar_exchange(&self, k: usize, q2_mev2: f64, mass_mev: f64) -> f64 {
        exchange(&self.scalar, k, q2_mev2, mass_mev)
    }
}

fn exchange(terms: &[Term], k: usize, q2_mev2: f64, mass_mev: f64) -> f64 {
    terms.iter().map(|term| term.amplitude[k] / (q2_mev2 + (term.mass_ratio * mass_mev).powi(2))).sum()
}
