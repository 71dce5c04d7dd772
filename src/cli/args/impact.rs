//! Arguments of `impact`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, LevelArgs, LookArgs, ModelArg, StandardArgs};

/// `impact`.
#[derive(Args)]
#[command(
    after_help = "Each parameter is held one standard deviation of its prior below and above its value in the best fit, \
    all others are fitted anew; each bound counts from the minimum that is left.\n\n\
    Example: cevscan impact --model b-l --mass 10MeV"
)]
pub struct ImpactArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Mass of the mediator; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, allow_hyphen_values = true)]
    pub mass: String,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Replace the data by the Standard Model's expectation
    #[arg(long)]
    pub asimov: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for the picture: SVG, PNG, PDF, CSV and a matplotlib script
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// Level of the bound.
    #[command(flatten)]
    pub level: LevelArgs,
    /// How the picture is printed.
    #[command(flatten)]
    pub look: LookArgs,
}
