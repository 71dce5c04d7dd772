//! Critical values along a border: what is asked for, and what is found.

use crate::analysis::Analysis;
use crate::analysis::coverage::{EngineRecord, Plan};
use crate::analysis::limits::Minimum;
use crate::base::provenance::fingerprint;

use super::mesh;
use super::surface::Surface;

/// What is to be known how well.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Goal {
    /// Range of masses (MeV).
    pub mass_mev: (f64, f64),
    /// Confidence level of the border.
    pub confidence: f64,
    /// What q counts from: the minimum of the plane, two parameters, or that of each mass, one.
    pub minimum: Minimum,
    /// Error of the border in ln g, from the number of toys.
    pub tolerance: f64,
    /// Anchors at most; with the minimum of each mass, at each.
    pub most_anchors: usize,
}

impl Goal {
    /// The free parameters that Wilks' critical value counts.
    pub fn dof(&self) -> u32 {
        self.minimum.dof()
    }

    /// Parts of the border that have anchors of their own: masses, where each has its own minimum.
    pub fn parts(&self) -> usize {
        match self.minimum {
            Minimum::Plane => 1,
            Minimum::Mass => mesh::masses(self.mass_mev).len(),
        }
    }
}

/// A point at which toys were drawn.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Anchor {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// Number of the first toy.
    pub first_toy: u64,
    /// Number of toys.
    pub toys: u64,
    /// Toys of which a fit failed; their q counts as infinite.
    pub failed: usize,
}

/// What a calibration is of: what else would make other toys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Calibrated {
    /// Name of the model, and a digest of what it is.
    pub model: String,
    /// See there.
    pub model_digest: String,
    /// Names of the datasets, and a digest of what they are and of what was observed.
    pub data: String,
    /// See there.
    pub data_digest: String,
}

/// Critical values along the border.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Calibration {
    /// Model and data.
    pub of: Calibrated,
    /// How the toys of an anchor were made; `plan.toys` are those of the first.
    pub plan: Plan,
    /// What was asked for.
    pub goal: Goal,
    /// The anchors, in the order in which they were chosen.
    pub anchors: Vec<Anchor>,
    /// The critical values.
    pub surface: Surface,
    /// Largest error of the border in ln g, from the number of toys.
    pub error: f64,
    /// Whether all of the border is known as well as was asked for.
    pub is_reached: bool,
    /// What found the minima of toys, piece by piece; of those that an earlier run or a part had left without certificate.
    pub engines: Vec<EngineRecord>,
}

impl Calibrated {
    /// A model on data.
    pub fn new(analysis: &Analysis) -> Calibrated {
        let predictions = analysis.predictions.iter();
        let data: Vec<_> = predictions
            .map(|prediction| (&prediction.experiment.dataset, &prediction.experiment.measurement))
            .collect();
        Calibrated {
            model: analysis.model.name.clone(),
            model_digest: fingerprint(&*analysis.model),
            data: analysis.data_name(),
            data_digest: fingerprint(&data),
        }
    }
}
