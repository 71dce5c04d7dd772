//! What can be typed. Everything is validated before a file or a device is opened.

mod again;
mod bench;
mod cite;
mod cls;
mod coverage;
mod curves;
mod data;
mod datasets;
mod deviation;
mod ends;
mod engine;
mod epsilon;
mod export;
mod g_2;
mod impact;
mod limits;
mod look;
mod masses;
mod merge;
mod models;
mod new_territory;
mod others;
mod overlays;
mod parameters;
mod plot;
mod profile;
mod recast;
mod reproduce;
mod scan;
mod shell;
mod spectrum;
mod spectrum_fit;
mod standard;
mod view;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::analysis::limits::{Level, Minimum};
use crate::statistics::TWO_SIGMA;
use crate::{Error, Result};

pub use again::AgainArgs;
pub use bench::{BenchArgs, BenchEngine, BenchPart};
pub use cite::{CiteArgs, CiteFormat};
pub use cls::ClsArgs;
pub use coverage::{CoverageArgs, MapRequest, ToyEngineArg};
pub use curves::CurveArgs;
pub use data::{asimov, data_lists, experiments, say_doubts};
pub use datasets::{DatasetsArgs, DatasetsCommand};
pub use deviation::deviation;
pub use ends::Ends;
pub use engine::EngineArgs;
pub use epsilon::EpsilonArgs;
pub use export::{ExportArgs, ExportFormatArg};
pub use g_2::G2Args;
pub use impact::ImpactArgs;
pub use limits::{LimitsArgs, LimitsFormat};
pub use look::{LookArgs, MapLook, MapLookArgs};
pub use masses::Masses;
pub use merge::MergeArgs;
pub use models::{ModelArg, ModelsArgs, ModelsCommand, ParameterArgs, model, models, warn};
pub use new_territory::NewTerritoryArgs;
pub use others::OthersArgs;
pub use overlays::{Behind, BehindArgs, ByDefault, Known, OverlayArgs, Wanted, curve_of};
pub use parameters::{VariedArgs, curve_points, surface_points};
pub use plot::{OtherLevelArgs, PlotArgs};
pub use profile::{Line, ProfileArgs};
pub use recast::{RecastArgs, RecastFormat, Recasting, darkcast_folder};
pub use reproduce::ReproduceArgs;
pub use scan::{Drawing, ScanArgs};
pub use shell::{CompletionsArgs, ManArgs, ShellArg};
pub use spectrum::{ResponseArg, SpectrumArgs};
pub use spectrum_fit::{Below, SpectrumFitArgs};
pub use standard::StandardArgs;
pub use view::ViewArgs;

/// Limits on light new particles from the data of the COHERENT experiment.
///
/// Scans the plane of mediator mass and coupling: the CEvNS spectrum of each point is confronted with the CsI (2021) and
/// liquid-argon (2020) data, all nuisance parameters minimised.
#[derive(Parser)]
#[command(version, max_term_width = 100, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Start with: cevscan scan --model b-l")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// For all subcommands.
    #[command(flatten)]
    pub common: Common,
}

/// Flags of all subcommands.
#[derive(Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Common {
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// Vector instructions: auto, or avx512, avx2, neon, baseline to get the same bytes on unlike machines
    #[arg(long, global = true, default_value = "auto", value_name = "LEVEL")]
    pub simd: String,
    /// No progress, notes or summary: only errors, warnings, and the result of commands that write no files
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The subcommands.
#[derive(Subcommand)]
pub enum Command {
    /// Map chi2 over a plane of masses and couplings: map.npz, contour.csv, map.svg, map.png, map.pdf, map.py, run.json
    Scan(ScanArgs),
    /// Put a map together from the shards of a scan
    Merge(MergeArgs),
    /// Draw the pictures of a map anew, without a new scan: with other limits behind, or another confidence level
    Plot(PlotArgs),
    /// A map as one page for a browser: zoom, and chi2, events and pulls at any grid point
    View(ViewArgs),
    /// chi2, event counts and pulls at one point of the plane
    Point(PointArgs),
    /// chi2 and every pull against the coupling at one mass, or against the mass at one coupling
    Profile(ProfileArgs),
    /// Bounds at low and high mass beside table 2 of arXiv:2202.11002
    Limits(LimitsArgs),
    /// Which nuisance parameters move a bound, and by how much; how good the best fit is
    Impact(ImpactArgs),
    /// Critical values, coverage and p-values from pseudo-experiments: at points of the plane, or a map with the region that
    /// covers what it claims
    Coverage(CoverageArgs),
    /// Picture of a fit: data, backgrounds and signal over energy and time, residuals and pulls
    SpectrumFit(SpectrumFitArgs),
    /// Limits of other experiments, recast from the dark photon to any vector model
    Recast(RecastArgs),
    /// Limits of other experiments on a model: computed from first principles, recast, or from your files
    Others(OthersArgs),
    /// What only COHERENT excludes: its area, where its bound is the strongest, and what is left of the muon's g-2
    NewTerritory(NewTerritoryArgs),
    /// Event rates against the recoil energy, flavour by flavour, beside the Standard Model's
    Spectrum(SpectrumArgs),
    /// Kinetic mixing of L_alpha - L_beta models against the momentum transfer
    Epsilon(EpsilonArgs),
    /// A map's excluded region in the formats of HEPData, darkcast and AxionLimits, or the map as text
    Export(ExportArgs),
    /// Couplings that explain the muon's anomalous magnetic moment, by mass
    #[command(name = "g-2")]
    G2(G2Args),
    /// Every figure and table of arXiv:2202.11002 anew, with a report to read: index.html
    Reproduce(ReproduceArgs),
    /// The models: a list, or one in detail
    Models(ModelsArgs),
    /// The datasets: a list, or what the program understands of a dataset file
    Datasets(DatasetsArgs),
    /// BibTeX of everything a result rests on
    Cite(CiteArgs),
    /// The GPUs found, each with a self-test
    Devices(DevicesArgs),
    /// How fast each engine is on this machine, after it was shown to be right
    Bench(BenchArgs),
    /// What a shell completes after 'cevscan': a script for bash, zsh or fish
    Completions(CompletionsArgs),
    /// Manual pages: that of the program, or with a folder one for each command
    Man(ManArgs),
    /// Rebuild the data tables from the files that the collaboration released
    #[command(hide = true)]
    Import(ImportArgs),
}

/// `point`.
#[derive(Args)]
pub struct PointArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Mass of the mediator; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, allow_hyphen_values = true)]
    pub mass: String,
    /// Coupling g; 0 is the Standard Model
    #[arg(long, allow_hyphen_values = true)]
    pub coupling: String,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Replace the data by the Standard Model's expectation
    #[arg(long)]
    pub asimov: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableOrJson,
}

/// `devices`.
#[derive(Args)]
pub struct DevicesArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableOrJson,
}

/// `import`.
#[derive(Args)]
pub struct ImportArgs {
    /// Which release
    #[arg(value_enum)]
    pub release: Release,
    /// Folder with the published files
    pub dir: PathBuf,
    /// Folder for the tables [default: data/RELEASE]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}

/// Level of bounds and contours.
#[derive(Args)]
pub struct LevelArgs {
    /// Confidence level [default: 2 sigma, 0.9545]
    #[arg(long, value_name = "CL", allow_hyphen_values = true)]
    confidence: Option<String>,
    /// Free parameters that it counts: 2 for the plane, 1 at fixed mass
    #[arg(long, default_value = "2", value_name = "N", allow_hyphen_values = true)]
    dof: String,
    /// Minimum from which chi2 rises: that of the whole plane, or at each mass its own [default: plane; mass with --dof 1]
    #[arg(long, value_name = "plane|mass")]
    minimum: Option<String>,
}

/// A table for people or JSON for programs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableOrJson {
    /// For people
    Table,
    /// For programs
    Json,
}

/// The same with CSV.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

/// A data release.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Release {
    /// CsI, arXiv:2110.07730
    Csi2021,
    /// Liquid argon, arXiv:2006.12659, analysis A
    Lar2020,
}

impl LevelArgs {
    /// A confidence level for the two parameters of the plane.
    fn of_plane(confidence: Option<String>) -> LevelArgs {
        LevelArgs { confidence, dof: "2".to_owned(), minimum: None }
    }

    /// Validates.
    ///
    /// # Errors
    /// A confidence outside (0, 1), or no whole number of parameters.
    pub fn level(&self) -> Result<Level> {
        let confidence = match &self.confidence {
            None => TWO_SIGMA,
            Some(text) => text.parse().ok().filter(|value: &f64| !value.is_nan()).ok_or_else(|| Error::Unparsable {
                quantity: "confidence level".to_owned(),
                value: text.clone(),
                expected: "a number between 0 and 1, e.g. 0.9545".to_owned(),
            })?,
        };
        let minimum = self.minimum.as_deref().map(str::parse::<Minimum>).transpose()?;
        let dof = self.dof.parse().map_err(|_| Error::Unparsable {
            quantity: "number of degrees of freedom".to_owned(),
            value: self.dof.clone(),
            expected: "a whole number, e.g. 2".to_owned(),
        })?;
        Level::new(confidence, dof, minimum)
    }
}
