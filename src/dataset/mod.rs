//! What an experiment measured and all that is needed to predict it: source, target, response, backgrounds, counts,
//! nuisance parameters. A dataset is data: a TOML file plus text tables ([`table`]); `csi` and `lar` travel with the
//! program ([`Dataset::named`]).

mod covariance;
mod embedded;
mod file;
#[doc(hidden)]
pub mod import;
pub mod table;

pub use covariance::Covariance;

use crate::physics::detector::{Detection, Response};
use crate::physics::flux::Source;
use crate::physics::nuclear::Isotope;

/// One dataset, validated when built.
///
/// ```
/// use cevscan::Dataset;
///
/// let csi = Dataset::named("csi")?;
/// let events: f64 = csi.observed.iter().sum();
/// assert_eq!((csi.energy_bins(), csi.time_bins(), events), (9, 11, 1578.0));
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Name on the command line, e.g. `csi`.
    pub name: String,
    /// Name in figures.
    pub label: String,
    /// One line for people.
    pub description: String,
    /// Publication of the data.
    pub reference: String,
    /// Neutrinos.
    pub source: Source,
    /// Neutrinos of each flavour that cross the detector during the exposure [1/cm^2].
    pub fluence_per_cm2: f64,
    /// What they hit.
    pub targets: Vec<Target>,
    /// How they scatter.
    pub processes: Vec<Scattering>,
    /// Whether the selection tells electrons from nuclei and rejects them.
    pub rejects_electrons: bool,
    /// What becomes of a recoil.
    pub response: Response,
    /// Uncertainties of that as nuisance parameters.
    pub variations: Vec<Variation>,
    /// Unit of the reconstructed energy, e.g. `PE`.
    pub energy_unit: String,
    /// Edges of the time bins (us).
    pub time_edges_us: Vec<f64>,
    /// Share of each time class seen in each time bin; row-major `[classes][time_bins]`.
    pub time_fractions: Vec<f64>,
    /// The signal's nuisance parameters.
    pub signal: Signal,
    /// Backgrounds with theirs.
    pub backgrounds: Vec<Background>,
    /// Observed counts; row-major `[energy_bins][time_bins]`. 0 throughout in a forecast.
    pub observed: Vec<f64>,
    /// Whether nothing was observed yet: the expectation of the Standard Model then stands in
    /// ([`crate::analysis::Experiment::asimov`]).
    pub is_forecast: bool,
    /// How expectation and observation are compared.
    pub statistic: Statistic,
    /// What in its file is possible and hardly ever so, one line each, for whoever shows them.
    pub doubts: Vec<String>,
}

/// A way of neutrinos to scatter in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scattering {
    /// Coherent elastic scattering on nuclei, CEvNS.
    Cevns,
    /// Elastic scattering on electrons.
    Electrons,
}

impl Scattering {
    /// Name in files and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Scattering::Cevns => "cevns",
            Scattering::Electrons => "electron-scattering",
        }
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Scattering::Cevns => "CEvNS",
            Scattering::Electrons => "electron scattering",
        }
    }
}

/// One isotope of the target.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// The nuclide.
    pub isotope: Isotope,
    /// Number of nuclei in the active mass.
    pub nuclei: f64,
}

/// A nuisance parameter t of unit uncertainty that changes the response: the parabola through t = -1, 0 and +1.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// Name of the pull in JSON, e.g. `quenching_a`.
    pub name: String,
    /// Whether the parameter is that of the same name in other datasets.
    pub shared: bool,
    /// The response at t = +1.
    pub up: Response,
    /// The response at t = -1.
    pub down: Response,
}

/// Nuisance parameters of the CEvNS signal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Signal {
    /// Name of the norm's pull in JSON, e.g. `cevns`.
    pub name: String,
    /// Relative uncertainty of the norm.
    pub sigma: f64,
    /// Further uncertainties of the norm, apart because other datasets share them, or to see their pulls.
    pub norms: Vec<Norm>,
    /// Uncertainties of the shape.
    pub shapes: Vec<Shape>,
}

/// One part of the uncertainty of a norm.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    /// Name of the pull in JSON, e.g. `flux`.
    pub name: String,
    /// Relative uncertainty.
    pub sigma: f64,
    /// Whether the parameter is that of the same name in other datasets.
    pub shared: bool,
}

impl Norm {
    /// A part of the norm with its relative uncertainty.
    pub fn new(name: &str, sigma: f64, shared: bool) -> Norm {
        Norm { name: name.to_owned(), sigma, shared }
    }
}

/// A background with its nuisance parameters.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Background {
    /// Name of the norm's pull in JSON, e.g. `brn`.
    pub name: String,
    /// Name in figures.
    pub label: String,
    /// Expected events; row-major `[energy_bins][time_bins]`.
    pub events: Vec<f64>,
    /// Relative uncertainty of the norm.
    pub sigma: f64,
    /// Whether the norm's parameter is that of the same name in other datasets.
    pub shared: bool,
    /// Uncertainties of the shape.
    pub shapes: Vec<Shape>,
    /// The measurement that the template comes from, where it has statistics of its own.
    pub sideband: Option<Sideband>,
}

/// A measurement, beside the data, from which a background's template was taken: counts in rows of energy, pooled over
/// time. Pseudo-experiments draw it anew.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sideband {
    /// Exposure of the sideband over that of the data: counts there per expected event here.
    pub exposure_ratio: f64,
}

/// One way in which a template may change: relative change per unit of a parameter with unit uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Name of the pull in JSON, e.g. `cevns_f90`.
    pub name: String,
    /// (N_sys - N_CV)/N_CV; row-major `[energy_bins][time_bins]`.
    pub relative_change: Vec<f64>,
    /// Whether the parameter is that of the same name in other datasets.
    pub shared: bool,
}

/// How expectation mu and observation n are compared in each bin.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Statistic {
    /// 2 [mu - n + n ln(n/mu)]  (2.6).
    Poisson,
    /// (mu - n)^2/variance  (2.7); the variance belongs to the observation; row-major `[energy_bins][time_bins]`.
    Gaussian {
        /// sigma_ij^2 (2.8).
        variance: Vec<f64>,
        /// The variance less the observed counts, where it follows them; none where it was given as it is.
        beyond_counts: Option<Vec<f64>>,
        /// All of it where errors of bins go together: chi2 is (mu - n)^T C^-1 (mu - n), the variance its diagonal.
        covariance: Option<Covariance>,
    },
}

impl Statistic {
    /// The part of each bin's variance that is its own, for a Gaussian statistic: all of it, but with a covariance.
    pub fn uncorrelated(&self) -> Option<&[f64]> {
        match self {
            Statistic::Gaussian { covariance: Some(covariance), .. } => Some(covariance.uncorrelated()),
            Statistic::Gaussian { variance, .. } => Some(variance),
            Statistic::Poisson => None,
        }
    }

    /// The covariance, where there is one.
    pub fn covariance(&self) -> Option<&Covariance> {
        match self {
            Statistic::Gaussian { covariance, .. } => covariance.as_ref(),
            Statistic::Poisson => None,
        }
    }
}

impl Dataset {
    /// Number of reconstructed-energy bins.
    pub fn energy_bins(&self) -> usize {
        self.response.energy_bins()
    }

    /// Number of time bins.
    pub fn time_bins(&self) -> usize {
        self.time_edges_us.len() - 1
    }

    /// Parameters that deform the response, by name and whether they are those of other datasets: of a table, then others.
    pub fn deformations(&self) -> impl Iterator<Item = (&str, bool)> {
        let of_table = self.response.variations().iter().map(|own| (own.name.as_str(), own.shared));
        of_table.chain(self.variations.iter().map(|own| (own.name.as_str(), own.shared)))
    }

    /// Whether electrons that neutrinos hit look like its signal but are not part of it.
    pub fn leaves_electrons_out(&self) -> bool {
        let could = (matches!(self.energy_unit.as_str(), "PE" | "keVee") || self.has_matrix())
            && self.targets.iter().all(|target| target.isotope.shells().is_some());
        could && !self.rejects_electrons && !self.processes.contains(&Scattering::Electrons)
    }

    /// Whether its response is a table of probabilities, which is of nuclear recoils alone.
    pub fn has_matrix(&self) -> bool {
        matches!(self.response.detection, Detection::Matrix(_))
    }

    /// Energy bins x time bins.
    pub fn bins(&self) -> usize {
        self.energy_bins() * self.time_bins()
    }
}
