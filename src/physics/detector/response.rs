//! The response: from a true recoil energy to probabilities in bins of what is reconstructed.

use super::{Chain, EnergyScale, Matrix};

/// A detector: what becomes of a recoil.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// How it becomes that.
    pub detection: Detection,
    /// Edges of the energy bins, in units of the observable; increasing. Of a matrix, the numbers of its bins.
    pub energy_edges: Vec<f64>,
}

/// The forms of a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Detection {
    /// Quenching, smearing, efficiency.
    Chain(Chain),
    /// A table of probabilities.
    Matrix(Matrix),
}

impl Response {
    /// The same for electrons, of whose energy nothing is quenched; none where it is known for nuclei alone.
    pub fn of_electrons(&self) -> Option<Response> {
        let detection = Detection::Chain(self.chain()?.of_electrons());
        Some(Response { detection, energy_edges: self.energy_edges.clone() })
    }

    /// The chain, where it is one.
    pub fn chain(&self) -> Option<&Chain> {
        match &self.detection {
            Detection::Chain(chain) => Some(chain),
            Detection::Matrix(_) => None,
        }
    }

    /// The table, where it is one.
    pub fn matrix(&self) -> Option<&Matrix> {
        match &self.detection {
            Detection::Chain(_) => None,
            Detection::Matrix(matrix) => Some(matrix),
        }
    }

    /// Number of energy bins.
    pub fn energy_bins(&self) -> usize {
        self.energy_edges.len() - 1
    }

    /// A function that gives, for a recoil energy (MeV), the probabilities to be reconstructed in each bin, the
    /// efficiency at the reconstructed energy included. That at the true energy, [`Response::selected`], is apart:
    /// it has kinks, this has none but those of a table.
    ///
    /// Tables over the observable are made once, so ask for it once per plan.
    pub fn binned(&self) -> Box<dyn Fn(f64) -> Vec<f64> + '_> {
        match &self.detection {
            Detection::Chain(chain) => Box::new(chain.binned(&self.energy_edges)),
            Detection::Matrix(matrix) => Box::new(|recoil_energy_mev| matrix.at(recoil_energy_mev)),
        }
    }

    /// Probability to pass the selection at a recoil energy (MeV), where that depends on the true energy; else 1.
    pub fn selected(&self, recoil_energy_mev: f64) -> f64 {
        self.chain().map_or(1.0, |chain| chain.selected(recoil_energy_mev))
    }

    /// Whether [`Response::selected`] is 1 everywhere.
    pub fn selects_reconstructed(&self) -> bool {
        self.chain().is_none_or(|chain| chain.efficiency.at == EnergyScale::Reconstructed)
    }

    /// Recoil energies (MeV) up to `max_recoil_energy_mev` at which the response has a kink.
    pub fn kinks_mev(&self, max_recoil_energy_mev: f64) -> Vec<f64> {
        match &self.detection {
            Detection::Chain(chain) => chain.kinks_mev(max_recoil_energy_mev),
            Detection::Matrix(matrix) => matrix.kinks_mev(max_recoil_energy_mev),
        }
    }

    /// The recoil energies (keV) whose mean reconstructed energies are the edges of the bins.
    ///
    /// NaN for an edge that the quenching reaches nowhere below 10 MeV, far beyond coherent scattering, and for bins of a
    /// table, which are not of energy.
    pub fn recoil_edges_kev(&self) -> Vec<f64> {
        match self.chain() {
            Some(chain) => chain.recoil_edges_kev(&self.energy_edges),
            None => vec![f64::NAN; self.energy_edges.len()],
        }
    }
}
