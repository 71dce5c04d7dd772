//! Model files (TOML).

use serde::Deserialize;

use crate::constants::SCALAR_NUCLEON_MATRIX_ELEMENT;
use crate::error::toml_error;
use crate::{Error, Result};

use super::{Charges, Interaction, Mediator, Model, ScalarCouplings, VectorCouplings};

/// Slack in "adds up to zero": charges are small fractions, written with at most 17 digits.
const CHARGE_SUM_TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    label: String,
    description: String,
    reference: String,
    vector: Option<VectorSection>,
    scalar: Option<ScalarSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorSection {
    up: Charge,
    down: Charge,
    electron: Charge,
    muon: Charge,
    tau: Charge,
    #[serde(default)]
    one_loop_mixing: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalarSection {
    proton: Option<f64>,
    neutron: Option<f64>,
}

/// A charge as a number or as a fraction in quotes: `-1`, `0.5`, `"1/3"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Charge {
    Number(f64),
    Fraction(String),
}

impl Charge {
    fn value(&self, path: &str, name: &str) -> Result<f64> {
        let (text, value) = match self {
            Charge::Number(value) => (value.to_string(), Some(*value)),
            Charge::Fraction(text) => (text.clone(), parse_fraction(text)),
        };
        value.filter(|value| value.is_finite()).ok_or_else(|| Error::InFile {
            path: path.to_owned(),
            line: 0,
            quantity: format!("charge '{name}'"),
            value: format!("'{text}'"),
            bound: "a finite number or a fraction such as \"1/3\"".to_owned(),
        })
    }
}

fn parse_fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((numerator, denominator)) => {
            Some(numerator.trim().parse::<f64>().ok()? / denominator.trim().parse::<f64>().ok()?)
        }
        None => text.trim().parse().ok(),
    }
}

impl Model {
    /// Reads a model file; `path` is for messages.
    ///
    /// # Errors
    /// Text that is not TOML of this form (with its line), charges that are no numbers, a loop that diverges, or a file
    /// without exactly one of `[vector]` and `[scalar]`.
    pub fn parse(path: &str, text: &str) -> Result<Model> {
        let file: File = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
        let interaction = match (&file.vector, &file.scalar) {
            (Some(section), None) => Interaction::Vector(section.couplings(path)?),
            (None, Some(section)) => Interaction::Scalar(ScalarCouplings {
                proton: section.proton.unwrap_or(SCALAR_NUCLEON_MATRIX_ELEMENT),
                neutron: section.neutron.unwrap_or(SCALAR_NUCLEON_MATRIX_ELEMENT),
            }),
            _ => {
                return Err(Error::InFile {
                    path: path.to_owned(),
                    line: 1,
                    quantity: "mediator".to_owned(),
                    value: if file.vector.is_some() { "given twice" } else { "not given" }.to_owned(),
                    bound: "exactly one of the sections [vector] and [scalar]".to_owned(),
                });
            }
        };
        Ok(Model {
            name: file.name,
            label: file.label,
            description: file.description,
            reference: file.reference,
            mediators: vec![Mediator { mass_ratio: 1.0, coupling_ratio: 1.0, interaction }],
        })
    }
}

impl VectorSection {
    fn couplings(&self, path: &str) -> Result<VectorCouplings> {
        let charges = Charges {
            up: self.up.value(path, "up")?,
            down: self.down.value(path, "down")?,
            electron: self.electron.value(path, "electron")?,
            muon: self.muon.value(path, "muon")?,
            tau: self.tau.value(path, "tau")?,
        };
        if self.one_loop_mixing && charges.lepton_sum().abs() > CHARGE_SUM_TOLERANCE {
            return Err(Error::InFile {
                path: path.to_owned(),
                line: 0,
                quantity: "sum of the lepton charges with one_loop_mixing".to_owned(),
                value: charges.lepton_sum().to_string(),
                bound: "0, since the loop diverges otherwise".to_owned(),
            });
        }
        Ok(VectorCouplings { charges, one_loop_mixing: self.one_loop_mixing })
    }
}
