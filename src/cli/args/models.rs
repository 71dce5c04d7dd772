//! `models`, and models wherever they are named.

use clap::{Args, Subcommand};

use crate::physics::model::{Anomalies, Model};
use crate::{Error, Result};

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
        /// Values of its parameters.
        #[command(flatten)]
        parameters: ParameterArgs,
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
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
}

/// A model.
#[derive(Args)]
pub struct ModelArg {
    /// Model, or a model file (.toml); 'cevscan models' lists them
    #[arg(long, value_name = "NAME|FILE")]
    model: String,
    /// Values of its parameters.
    #[command(flatten)]
    parameters: ParameterArgs,
}

impl ModelArg {
    /// The model; what is amiss with it is said on stderr.
    ///
    /// # Errors
    /// Those of [`model`].
    pub fn open(&self, common: &Common) -> Result<Model> {
        model(&self.model, &self.parameters, common)
    }
}

/// Values of the free parameters of a model.
#[derive(Args, Default)]
pub struct ParameterArgs {
    /// Value of a free parameter of the model's file, such as y=-1 of by+lmu+ltau
    #[arg(long = "parameter", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    typed: Vec<String>,
}

impl ParameterArgs {
    /// Names and values.
    ///
    /// # Errors
    /// What is not of this form, or no finite number.
    pub fn values(&self) -> Result<Vec<(String, f64)>> {
        let values = self.typed.iter().map(|text| parameter(text)).collect::<Result<Vec<_>>>()?;
        match values.iter().enumerate().find(|(i, (name, _))| values[..*i].iter().any(|(other, _)| other == name)) {
            Some((_, (name, _))) => Err(Error::out_of_range("parameter", format!("'{name}' twice"), "given once")),
            None => Ok(values),
        }
    }

    /// As they were typed, flags and all.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.typed.iter().flat_map(|text| ["--parameter", text])
    }
}

fn parameter(text: &str) -> Result<(String, f64)> {
    let parsed = text.split_once('=').and_then(|(name, value)| Some((name.trim(), value.trim().parse::<f64>().ok()?)));
    match parsed.filter(|(_, value)| value.is_finite()) {
        Some((name, value)) => Ok((name.to_owned(), value)),
        None => Err(Error::Unparsable {
            quantity: "parameter".to_owned(),
            value: text.to_owned(),
            expected: "NAME=VALUE with a finite number, e.g. y=-1".to_owned(),
        }),
    }
}

/// A model by its name or from its file; what is amiss with it is said on stderr.
///
/// # Errors
/// Those of [`Model::open`], and what is no parameter.
pub fn model(text: &str, parameters: &ParameterArgs, common: &Common) -> Result<Model> {
    let model = Model::open(text, &parameters.values()?, Anomalies::Allowed)?;
    warn(&model, common);
    Ok(model)
}

/// The same, or all models that travel with the program for 'all'.
///
/// # Errors
/// Those of [`model`]; parameters of all models.
pub fn models(text: &str, parameters: &ParameterArgs, common: &Common) -> Result<Vec<Model>> {
    match (text, parameters.values()?.first()) {
        ("all", Some((name, _))) => {
            Err(Error::out_of_range("parameter", format!("'{name}' of all models"), "one of a model that is named"))
        }
        ("all", None) => Model::all(),
        (name, _) => Ok(vec![model(name, parameters, common)?]),
    }
}

/// Says what is amiss with a model.
pub fn warn(model: &Model, common: &Common) {
    for warning in model.warnings().iter().filter(|_| !common.quiet) {
        terminal::error_line(&format!("warning: {warning}"));
    }
}
