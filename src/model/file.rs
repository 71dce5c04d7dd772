//! Model files (TOML).

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::constants::SCALAR_NUCLEON_MATRIX_ELEMENT;
use crate::error::{line_at, toml_error};
use crate::{Error, Result};

use super::{Charges, HeavyQuarks, Interaction, Mediator, Model, ScalarCouplings, VectorCouplings};

/// Slack in "adds up to zero": charges are small fractions, written with at most 17 digits.
const CHARGE_SUM_TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    label: String,
    description: String,
    reference: String,
    /// Free parameters of the charges and the values that they have unless others are asked for.
    #[serde(default)]
    parameters: BTreeMap<String, Spanned<Number>>,
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
    strange: Option<Spanned<Number>>,
    charm: Option<Spanned<Number>>,
    bottom: Option<Spanned<Number>>,
    top: Option<Spanned<Number>>,
    one_loop_mixing: Option<Spanned<bool>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalarSection {
    proton: Option<Spanned<Number>>,
    neutron: Option<Spanned<Number>>,
}

/// A number as such, as a fraction in quotes, or linear in the file's parameters: `-1`, `0.5`, `"1/3"`,
/// `{ constant = -1, y = "1/3" }`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a fraction in quotes such as \"1/3\"")]
enum Number {
    Plain(f64),
    Fraction(String),
    Linear(BTreeMap<String, Coefficient>),
}

/// A factor of a parameter.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a fraction in quotes such as \"1/3\"")]
enum Coefficient {
    Plain(f64),
    Fraction(String),
}

impl Coefficient {
    fn value(&self) -> Option<f64> {
        match self {
            Coefficient::Plain(value) => Some(*value),
            Coefficient::Fraction(text) => parse_fraction(text),
        }
    }
}

/// The key of what stands alone in a number that is linear in the parameters.
const CONSTANT: &str = "constant";

/// The file that is read, to name places in it, and the values of its parameters.
struct Text<'a> {
    path: &'a str,
    text: &'a str,
    parameters: BTreeMap<String, f64>,
}

impl Text<'_> {
    fn number(&self, quantity: &str, number: &Spanned<Number>) -> Result<f64> {
        let place = || line_at(self.text, number.span().start);
        let (found, value) = match number.get_ref() {
            Number::Plain(value) => (value.to_string(), Some(*value)),
            Number::Fraction(text) => (format!("'{text}'"), parse_fraction(text)),
            Number::Linear(terms) => {
                if let Some(name) = terms.keys().find(|name| *name != CONSTANT && !self.parameters.contains_key(*name))
                {
                    let bound = "'constant' or a name under [parameters]";
                    return Err(self.error(place(), &format!("parameter in {quantity}"), format!("'{name}'"), bound));
                }
                let factor = |name: &String| self.parameters.get(name).copied().unwrap_or(1.0);
                let value = terms.iter().map(|(name, c)| Some(c.value()? * factor(name))).sum::<Option<f64>>();
                ("not finite or no number".to_owned(), value)
            }
        };
        let bound = "a finite number or a fraction in quotes such as \"1/3\"";
        value.filter(|value| value.is_finite()).ok_or_else(|| self.error(place(), quantity, found, bound))
    }

    /// A charge that may be left out.
    fn or(&self, quantity: &str, number: Option<&Spanned<Number>>, without: f64) -> Result<f64> {
        number.map_or(Ok(without), |number| self.number(quantity, number))
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
    /// Reads a model file; `path` is for messages. Parameters have the values of the file.
    ///
    /// # Errors
    /// Text that is not TOML of this form (with its line), numbers that are none, a loop that diverges, or a file
    /// without exactly one of `[vector]` and `[scalar]`.
    pub fn parse(path: &str, text: &str) -> Result<Model> {
        Model::parse_with(path, text, &[])
    }

    /// The same with other values of some parameters, `(name, value)`.
    ///
    /// # Errors
    /// Those of [`Model::parse`], and parameters that the file does not have.
    pub fn parse_with(path: &str, text: &str, parameters: &[(String, f64)]) -> Result<Model> {
        let file: File = toml::from_str(text).map_err(|error| toml_error(path, text, &error))?;
        let mut place = Text { path, text, parameters: BTreeMap::new() };
        for (name, number) in &file.parameters {
            let value = place.number(&format!("parameter '{name}'"), number)?;
            place.parameters.insert(name.clone(), value);
        }
        for (name, value) in parameters {
            match place.parameters.get_mut(name) {
                Some(place) => *place = *value,
                None => return Err(Error::unknown_name("parameter", name, file.parameters.keys().map(String::as_str))),
            }
        }
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
        let heavy_quarks = HeavyQuarks {
            strange: place.or("charge 'strange'", self.strange.as_ref(), charges.down)?,
            charm: place.or("charge 'charm'", self.charm.as_ref(), charges.up)?,
            bottom: place.or("charge 'bottom'", self.bottom.as_ref(), charges.down)?,
            top: place.or("charge 'top'", self.top.as_ref(), charges.up)?,
        };
        Ok(VectorCouplings { charges, heavy_quarks, one_loop_mixing: mixing.is_some() })
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
