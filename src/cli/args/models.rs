//! `models`, and models wherever they are named.

use clap::{Args, Subcommand};

use cevscan::Result;
use cevscan::model::{Anomalies, Model};

use super::Common;
use crate::cli::terminal;

/// `models`.
#[derive(Args)]
pub struct ModelsArgs {
    /// Without it, a list.
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

/// What to do with models.
#[derive(Subcommand)]
pub enum ModelsCommand {
    /// Charges, formula and reference of one model
    Show {
        /// Name of the model, or a model file
        name: String,
    },
    /// What the program understands of a model file: couplings, interference, strips, related models
    Check(CheckArgs),
}

/// `models check`.
#[derive(Args)]
pub struct CheckArgs {
    /// Model file (.toml), or name of a model
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Refuse combinations of baryon and lepton numbers that are not free of gauge anomalies
    #[arg(long)]
    pub strict: bool,
}

/// A model by its name or from its file; what is amiss with it is said on stderr.
///
/// # Errors
/// An unknown name, or a file that is not of the form.
pub fn model(text: &str, common: &Common) -> Result<Model> {
    let model = Model::find(text, Anomalies::Allowed)?;
    warn(&model, common);
    Ok(model)
}

/// Says what is amiss with a model.
pub fn warn(model: &Model, common: &Common) {
    for warning in model.warnings().iter().filter(|_| !common.quiet) {
        terminal::error_line(&format!("warning: {warning}"));
    }
}
