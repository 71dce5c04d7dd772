//! What is asked of a scan: all that the values of a map follow from, beside the build.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::analysis::limits::{Level, Minimum};
use crate::analysis::{Analysis, Experiment};
use crate::base::simd::SimdLevel;
use crate::physics::model::{Anomalies, Edition, Model};

use super::run::{Settings, scan};
use super::{EngineRequest, Map, Observer, Plane, Unobserved};

/// A scan in words that can be kept: what `scan` was asked for, what shards and records hold, and what a map is made
/// from again.
///
/// ```
/// use cevscan::ScanRequest;
///
/// let mut request = ScanRequest::new("b-l", "csi");
/// // Masses in MeV, couplings, and how many of each.
/// (request.mass_mev, request.coupling, request.grid) = ([1.0, 1e3], [1e-5, 1e-2], [7, 31]);
/// let map = request.run()?;
/// assert_eq!((map.model.as_str(), map.data.as_str(), map.chi2.len()), ("b-l", "csi", 7 * 31));
///
/// // As text, such as JSON, it goes to another machine, and gives the same map there.
/// let text = serde_json::to_string(&request).unwrap_or_default();
/// assert_eq!(serde_json::from_str::<ScanRequest>(&text).ok(), Some(request));
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScanRequest {
    /// A model by its name, or by the path of its file.
    pub model: String,
    /// Values of its free parameters, by name.
    pub parameters: BTreeMap<String, f64>,
    /// What stands for the Standard Model.
    #[serde(default, skip_serializing_if = "Edition::is_usual")]
    pub couplings: Edition,
    /// Datasets by their names or the paths of their files, joined by `+`.
    pub data: String,
    /// Whether the Standard Model's expectation stands in for the data.
    pub asimov: bool,
    /// Ends of the masses (MeV).
    pub mass_mev: [f64; 2],
    /// Ends of the couplings.
    pub coupling: [f64; 2],
    /// Points along mass and coupling, on logarithmic axes.
    pub grid: [usize; 2],
    /// Confidence level of the excluded region.
    pub confidence: f64,
    /// Free parameters that it counts.
    pub dof: u32,
    /// What chi2 rises from.
    pub minimum: Minimum,
    /// What evaluates the map.
    pub engine: EngineRequest,
    /// Vector instructions of the CPU; none for the best that it has.
    pub simd: Option<SimdLevel>,
}

impl ScanRequest {
    /// 400 x 400 points from 0.1 MeV to 10 GeV and from 1e-6 to 1, at the level of the paper's table 2.
    pub fn new(model: impl Into<String>, data: impl Into<String>) -> ScanRequest {
        let Level { confidence, dof, minimum, .. } = Level::default();
        ScanRequest {
            model: model.into(),
            parameters: BTreeMap::new(),
            couplings: Edition::default(),
            data: data.into(),
            asimov: false,
            mass_mev: [0.1, 1e4],
            coupling: [1e-6, 1.0],
            grid: [400, 400],
            confidence,
            dof,
            minimum,
            engine: EngineRequest::default(),
            simd: None,
        }
    }

    /// Level of the excluded region.
    ///
    /// # Errors
    /// Those of [`Level::new`].
    pub fn level(&self) -> Result<Level> {
        Level::new(self.confidence, self.dof, Some(self.minimum))
    }

    /// The model.
    ///
    /// # Errors
    /// Those of [`Model::open`].
    pub fn model(&self) -> Result<Model> {
        let parameters: Vec<(String, f64)> = self.parameters.clone().into_iter().collect();
        Ok(Model::open(&self.model, &parameters, Anomalies::Allowed)?.with_couplings(self.couplings))
    }

    /// The model confronted with the data, or with their expectation.
    ///
    /// # Errors
    /// Models and datasets that cannot be read; instructions that this CPU lacks.
    pub fn analysis(&self) -> Result<Analysis> {
        let mut experiments = Experiment::parse_list(&self.data)?;
        if let Some(simd) = self.simd {
            let simd = simd.name().parse()?;
            experiments = experiments.into_iter().map(|experiment| experiment.with_simd(simd)).collect();
        }
        let expected = |experiment: Experiment| match self.asimov {
            true => experiment.asimov_of(self.couplings),
            false => experiment.with_couplings(self.couplings),
        };
        experiments = experiments.into_iter().map(expected).collect::<Result<_>>()?;
        Ok(Analysis::new(&self.model()?, &experiments))
    }

    /// The plane, of a map that holds so many chi2 for each point.
    ///
    /// # Errors
    /// Those of [`Plane::new`].
    pub fn plane(&self, datasets: usize) -> Result<Plane> {
        Plane::new(self.mass_mev.into(), self.coupling.into(), self.grid.into(), datasets)
    }

    /// Makes the map.
    ///
    /// # Errors
    /// As for [`ScanRequest::analysis`], [`ScanRequest::plane`] and [`scan`].
    pub fn run(&self) -> Result<Map> {
        self.of(&self.analysis()?, &Unobserved)
    }

    /// The map of an analysis at hand, in the place of the one that the request names.
    ///
    /// # Errors
    /// As for [`ScanRequest::plane`] and [`scan`]; a GPU that is asked for and is not there, or fails its self-test.
    pub fn of(&self, analysis: &Analysis, observer: &dyn Observer) -> Result<Map> {
        let plane = self.plane(analysis.minimised())?;
        let engine = self.engine.open()?;
        let settings = Settings { device: engine.device(), ..Settings::new(self.level()?) };
        scan(analysis, plane, settings, observer)
    }
}
