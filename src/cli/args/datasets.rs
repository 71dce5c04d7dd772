//! `datasets`.

use clap::{Args, Subcommand};

/// `datasets`.
#[derive(Args)]
pub struct DatasetsArgs {
    /// Without it, a list.
    #[command(subcommand)]
    pub command: Option<DatasetsCommand>,
}

/// What to do with datasets.
#[derive(Subcommand)]
pub enum DatasetsCommand {
    /// Validate a dataset file and its tables; exposure, bins, Standard Model events by flavour, nuisance parameters
    Check {
        /// Dataset file (.toml), the folder of a dataset.toml, or name of a dataset
        #[arg(value_name = "FILE|DIR")]
        file: String,
    },
}
