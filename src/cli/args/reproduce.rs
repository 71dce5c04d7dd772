//! `reproduce`.

use std::path::PathBuf;

use clap::Args;

use super::EngineArgs;
use super::others::LabelOthers;

/// `reproduce`.
#[derive(Args)]
pub struct ReproduceArgs {
    /// Folder for figures, tables and the report; what stands there already and has not changed is kept
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// Points along mass and coupling of each map
    #[arg(long, default_value = "300x300", value_name = "NxM", allow_hyphen_values = true)]
    pub grid: String,
    /// What evaluates the maps.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Measured a_mu less the Standard Model's, and its error; or 'paper': 25.1e-10,5.9e-10, or '2025':
    /// 3.8e-10,6.3e-10
    #[arg(long, default_value = "paper", value_name = "CENTRAL,SIGMA", allow_hyphen_values = true)]
    pub delta_a_mu: String,
    /// Limits of other experiments behind the excluded regions of figures 4 to 8, joined by ',': computed, darkcast, names or
    /// NAME=SETTING, see 'cevscan others'; or none [default: computed, and darkcast with --darkcast]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub others: Vec<String>,
    /// Names of limits of others in figures: of each limit, of each kind of limit, or none
    #[arg(long, value_enum, default_value = "groups")]
    pub label_others: LabelOthers,
    /// Limits of other experiments behind the excluded regions, recast from a checkout of darkcast: see 'cevscan recast'
    #[arg(long, value_name = "DIR")]
    pub darkcast: Option<PathBuf>,
}
