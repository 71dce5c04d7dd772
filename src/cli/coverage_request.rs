//! What was asked of `coverage`: as it was typed, or as a part of its toys keeps it for `merge`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::analysis::coverage::{Calibrated, Goal, Parts, Plan};
use crate::analysis::{Analysis, Experiment};
use crate::base::files::{Folder, Subject};
use crate::base::grid::number_text;
use crate::base::provenance::SOURCES;
use crate::physics::model::{Anomalies, Edition, Model};
use crate::rates::Point;

use super::args::{Common, CoverageArgs, Format, MapRequest, ToyEngineArg, experiments, warn};

/// Model, data and what is to be known of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name or file of the model, and values of its parameters.
    pub model: String,
    pub parameters: Vec<(String, f64)>,
    /// What stands for the Standard Model.
    #[serde(default, skip_serializing_if = "Edition::is_usual")]
    pub couplings: Edition,
    /// List of datasets.
    pub data: String,
    /// How toys are made.
    pub plan: Plan,
    /// Masses (MeV) and couplings of points.
    pub at: Vec<(f64, f64)>,
    /// A map in their place.
    pub map: Option<MapRequest>,
}

/// Where results go, and what makes them.
pub struct How<'a> {
    pub out: Option<PathBuf>,
    pub fresh: bool,
    pub format: Format,
    /// What finds the minima of toys, and on which adapter.
    pub engine: (ToyEngineArg, Option<&'a str>),
    /// Toys that were made in parts, and the folders that hold them.
    pub parts: Option<(Parts, &'a [Folder])>,
}

/// A request with what it leads to: parts of which this is not the same are of other toys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    pub request: Request,
    pub of: Calibrated,
    /// Sources of the program, and vector instructions.
    pub sources: String,
    pub simd: String,
}

impl Resolved {
    /// What makes these other toys than others; a file may be named in two ways.
    pub fn differs(&self, other: &Resolved) -> Option<&'static str> {
        let (one, two) = (&self.request, &other.request);
        [
            ("program", self.sources != other.sources),
            ("vector instructions (--simd)", self.simd != other.simd),
            ("model", (&self.of.model, &self.of.model_digest) != (&other.of.model, &other.of.model_digest)),
            ("data", (&self.of.data, &self.of.data_digest) != (&other.of.data, &other.of.data_digest)),
            ("seed", one.plan.seed != two.plan.seed),
            ("number or construction of toys", one.plan != two.plan),
            ("list of points", one.at != two.at),
            ("map", one.map != two.map),
        ]
        .into_iter()
        .find_map(|(what, is_other)| is_other.then_some(what))
    }
}

impl Request {
    /// From the command line.
    ///
    /// # Errors
    /// What is none of its forms.
    pub fn typed(args: &CoverageArgs) -> Result<Request> {
        let points = args.points()?;
        Ok(Request {
            model: args.model.clone(),
            parameters: args.parameters.values()?,
            couplings: args.standard.edition(),
            data: args.data.clone(),
            plan: args.plan()?,
            map: if points.is_empty() { Some(args.map()?) } else { None },
            at: points.into_iter().map(|point| (point.mass_mev, point.coupling)).collect(),
        })
    }

    /// What files of the results are of: a folder of another request is not theirs.
    pub fn subject(&self, model: &str, data: &str) -> Subject {
        let toys = toys_words(&self.plan);
        let Some(MapRequest { goal, coupling, grid }) = &self.map else {
            let number = |value: &f64| number_text(*value);
            let places = self.at.iter().map(|(mass, coupling)| format!("{},{}", number(mass), number(coupling)));
            let places = places.collect::<Vec<_>>().join(" ");
            return Subject::new("toys", format!("{model}, {data} at {places} ({toys})"), "");
        };
        let Goal { mass_mev, confidence, minimum, tolerance, most_anchors } = goal;
        let (statistic, percent) = (minimum.name(), number_text(100.0 * tolerance));
        let of = format!(
            "{model}, {data} (statistic {statistic}, confidence {confidence}, {percent} %, {most_anchors} anchors at most, \
             {toys}, {} to {} MeV, couplings {:e} to {:e}, grid {}x{})",
            mass_mev.0, mass_mev.1, coupling.0, coupling.1, grid.0, grid.1
        );
        Subject::new("critical values", of, "")
    }

    /// The points.
    pub fn points(&self) -> Vec<Point> {
        self.at.iter().map(|(mass_mev, coupling)| Point { mass_mev: *mass_mev, coupling: *coupling }).collect()
    }

    /// Model and data; what is amiss with them is said on stderr.
    ///
    /// # Errors
    /// Files and names that are none.
    pub fn open(&self, common: &Common) -> Result<(Model, Vec<Experiment>)> {
        let model = Model::open(&self.model, &self.parameters, Anomalies::Allowed)?.with_couplings(self.couplings);
        warn(&model, common);
        Ok((model, experiments(&self.data, self.couplings, common)?))
    }

    /// With what it leads to.
    pub fn resolved(self, analysis: &Analysis) -> Resolved {
        Resolved {
            request: self,
            of: Calibrated::new(analysis),
            sources: SOURCES.to_owned(),
            simd: analysis.simd().to_string(),
        }
    }
}

/// How toys are made, in words.
pub fn toys_words(plan: &Plan) -> String {
    let Plan { toys, seed, nuisance, sidebands } = plan;
    let (nuisance, sidebands) = (format!("{nuisance:?}").to_lowercase(), format!("{sidebands:?}").to_lowercase());
    format!("{} toys, seed {seed}, nuisance {nuisance}, sidebands {sidebands}", toys.1 - toys.0)
}
