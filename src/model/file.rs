//! Model files (TOML).

use serde::Deserialize;
use toml::Spanned;

use crate::constants::SCALAR_NUCLEON_MATRIX_ELEMENT;
use crate::error::{line_at, toml_error};
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
    up: Spanned<Number>,
    down: Spanned<Number>,
    electron: Spanned<Number>,
    muon: Spanned<Number>,
    tau: Spanned<Number>,
    one_loop_mixing: Option<Spanned<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalarSection {
    proton: Option<Spanned<Number>>,
    neutron: Option<Spanned<Number>>,
}

/// A number as such or as a fraction in quotes: `-1`, `0.5`, `"1/3"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a fraction in quotes such as \"1/3\"")]
enum Number {
    Plain(f64),
    Fraction(String),
}

/// The file that is read, to name places in it.
struct Text<'a> {
    path: &'a str,
    text: &'a str,
}

impl Text<'_> {
    fn number(&self, quantity: &str, number: &Spanned<Number>) -> Result<f64> {
        let (found, value) = match number.get_ref() {
            Number::Plain(value) => (value.to_string(), Some(*value)),
            Number::Fraction(text) => (format!("'{text}'"), parse_fraction(text)),
        };
        let bound = "a finite number or a fraction in quotes such as \"1/3\"";
        value
            .filter(|value| value.is_finite())
            .ok_or_else(|| self.error(line_at(self.text, number.span().start), quantity, found, bound))
    }

    fn error(&self, line: usize, quantity: &str, value: impl ToString, bound: &str) -> Error {
        Error::InFile {
            path: self.path.to_owned(),
            line,
            quantity: quantity.to_owned(),
            value: value.to_string(),
            bound: bound.to_owned(),
        }
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
    /// Text that is not TOML of this form (with its line), numbers that are none, a loop that diverges, or a file
    /// without exactly one of `[vector]` and `[scalar]`.
    pub fn parse(path: &str, text: &str) -> Result<Model> {
        let file: File = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
        let place = Text { path, text };
        let interaction = match (&file.vector, &file.scalar) {
            (Some(section), None) => Interaction::Vector(section.couplings(&place)?),
            (None, Some(section)) => Interaction::Scalar(section.couplings(&place)?),
            _ => {
                let found = if file.vector.is_some() { "given twice" } else { "not given" };
                return Err(place.error(1, "mediator", found, "exactly one of the sections [vector] and [scalar]"));
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
    fn couplings(&self, place: &Text) -> Result<VectorCouplings> {
        let charges = Charges {
            up: place.number("charge 'up'", &self.up)?,
            down: place.number("charge 'down'", &self.down)?,
            electron: place.number("charge 'electron'", &self.electron)?,
            muon: place.number("charge 'muon'", &self.muon)?,
            tau: place.number("charge 'tau'", &self.tau)?,
        };
        let mixing = self.one_loop_mixing.as_ref().filter(|mixing| *mixing.get_ref());
        if let Some(mixing) = mixing
            && charges.lepton_sum().abs() > CHARGE_SUM_TOLERANCE
        {
            return Err(place.error(
                line_at(place.text, mixing.span().start),
                "sum of the lepton charges with one_loop_mixing",
                charges.lepton_sum(),
                "0, since the loop diverges otherwise",
            ));
        }
        Ok(VectorCouplings { charges, one_loop_mixing: mixing.is_some() })
    }
}

impl ScalarSection {
    fn couplings(&self, place: &Text) -> Result<ScalarCouplings> {
        let read = |quantity: &str, number: &Option<Spanned<Number>>| match number {
            Some(number) => place.number(quantity, number),
            None => Ok(SCALAR_NUCLEON_MATRIX_ELEMENT),
        };
        Ok(ScalarCouplings {
            proton: read("matrix element 'proton'", &self.proton)?,
            neutron: read("matrix element 'neutron'", &self.neutron)?,
        })
    }
}
