//! Users' own curves, for what is no recast dark-photon search: two columns, three, or a limit's file.
//!
//! Settings stand in the header, one a line, `# key: value`, or on the command line after the path, `FILE,key=value,...`:
//!
//! - `label`, `reference`: for the picture and its caption; without a label, the file's name
//! - `mass`: unit of the first column, keV, MeV, GeV (as in limits' files, the default) or TeV
//! - `excluded`: `above` the curve (the default), `below` it, or `inside` of it, a closed outline; of two couplings in a
//!   row what lies between
//! - `factor`: multiplies the couplings
//! - `model` and `charges`: the limit was set on the coupling of another model, by a signal that goes as g^2 times two
//!   charges, such as `electron electron` for neutrinos from beta decays that scatter on electrons, or `muon proton`; it
//!   is converted to our model by the ratio of these products

use std::path::Path;

use crate::model::{Charges, Interaction, Model};
use crate::{Error, Result};

use super::columns::Columns;
use super::known::{KnownLimit, LARGEST_COUPLING, SMALLEST_COUPLING};

/// Couplings from here on mean that there is no limit, as in limits' files.
const NO_LIMIT: f64 = 1e5;
const UNITS_MEV: [(&str, f64); 4] = [("keV", 1e-3), ("MeV", 1.0), ("GeV", 1e3), ("TeV", 1e6)];
const KEYS: [&str; 7] = ["label", "reference", "mass", "excluded", "factor", "model", "charges"];
const CHARGES: [&str; 7] = ["up", "down", "proton", "neutron", "electron", "muon", "tau"];

/// Which side of the curve is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    Inside,
}

/// What header and command line say of a curve.
struct Header {
    label: Option<String>,
    reference: Option<String>,
    mass_unit_mev: f64,
    side: Side,
    factor: f64,
    /// Name of the model, and the charges.
    conversion: Option<(String, [String; 2])>,
}

/// Reads a user's curve for the plane of `model`; `text` is a path, and settings after it.
///
/// # Errors
/// [`Error::Io`], [`Error::InFile`] with the line, [`Error::OutOfRange`] and [`Error::UnknownName`] for settings, and for
/// a conversion to a model without the charges.
pub fn read(text: &str, model: &Model) -> Result<KnownLimit> {
    let (path, settings) = split(text);
    let contents = std::fs::read_to_string(path).map_err(Error::io("read", Path::new(path)))?;
    let mut header = Header::default();
    for line in contents.lines().filter_map(|line| line.trim_start().strip_prefix('#')) {
        // Other comments may hold colons too.
        if let Some((key, value)) = line.split_once(':').filter(|(key, _)| KEYS.contains(&key.trim())) {
            header.set(path, key.trim(), value.trim())?;
        }
    }
    for (key, value) in settings {
        header.set(path, key, value)?;
    }
    let factor = header.factor * header.conversion_factor(path, model)?;
    let outlines = header.outlines(&Columns::parse(path, &contents)?, factor)?;
    let name = Path::new(path).file_stem().map_or(path.to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok(KnownLimit {
        label: header.label.unwrap_or_else(|| name.clone()),
        reference: header.reference.unwrap_or_else(|| path.to_owned()),
        name,
        outlines,
        ..KnownLimit::default()
    })
}

/// The path, and the settings after it; a comma that no key follows belongs to what stands before it.
fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    let starts: Vec<(usize, &str)> = text
        .match_indices(',')
        .filter_map(|(at, _)| {
            let key = text[at + 1..].split('=').next().filter(|key| text[at + 1 + key.len()..].starts_with('='))?;
            KEYS.contains(&key.trim()).then_some((at, key))
        })
        .collect();
    let path = &text[..starts.first().map_or(text.len(), |(at, _)| *at)];
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let settings = starts.iter().zip(ends).map(|((at, key), end)| (key.trim(), text[at + key.len() + 2..end].trim()));
    (path, settings.collect())
}

impl Default for Header {
    fn default() -> Header {
        let mass_unit_mev = 1e3;
        Header { label: None, reference: None, mass_unit_mev, side: Side::Above, factor: 1.0, conversion: None }
    }
}

impl Header {
    fn set(&mut self, path: &str, key: &str, value: &str) -> Result<()> {
        let wrong = |bound: &str| Error::out_of_range(format!("'{key}' of {path}"), format!("'{value}'"), bound);
        match key {
            "label" => self.label = Some(value.to_owned()),
            "reference" => self.reference = Some(value.to_owned()),
            "mass" => {
                let unit = UNITS_MEV.iter().find(|(unit, _)| *unit == value);
                self.mass_unit_mev = unit.ok_or_else(|| wrong("keV, MeV, GeV or TeV"))?.1;
            }
            "excluded" => {
                self.side = match value {
                    "above" => Side::Above,
                    "below" => Side::Below,
                    "inside" => Side::Inside,
                    _ => return Err(wrong("above, below or inside")),
                }
            }
            "factor" => {
                let number = value.parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite());
                self.factor = number.ok_or_else(|| wrong("a positive number"))?;
            }
            "model" => {
                let charges = self.conversion.take().map_or([String::new(), String::new()], |(_, charges)| charges);
                self.conversion = Some((value.to_owned(), charges));
            }
            _ => {
                let words: Vec<&str> = value.split_whitespace().collect();
                let [first, second] = words[..] else { return Err(wrong("two charges such as 'electron electron'")) };
                for word in [first, second] {
                    if !CHARGES.contains(&word) {
                        return Err(Error::unknown_name("charge", word, CHARGES));
                    }
                }
                let model = self.conversion.take().map_or(String::new(), |(model, _)| model);
                self.conversion = Some((model, [first.to_owned(), second.to_owned()]));
            }
        }
        Ok(())
    }

    /// g of `model` over g of the model that the limit was set for: the square root of the ratio of the charges' products.
    fn conversion_factor(&self, path: &str, model: &Model) -> Result<f64> {
        let Some((from, charges)) = &self.conversion else { return Ok(1.0) };
        if from.is_empty() || charges[0].is_empty() {
            let missing = if from.is_empty() { "model" } else { "charges" };
            return Err(Error::out_of_range(format!("'{missing}' of {path}"), "missing", "given beside the other one"));
        }
        let product = |model: &Model| -> Result<f64> {
            let product = charges.iter().map(|name| Ok(charge(&charges_of(model)?, name))).product::<Result<f64>>()?;
            let quantity = || format!("product of the charges '{}' in {}", charges.join(" "), model.name);
            let error = || Error::out_of_range(quantity(), 0, "other than 0 to convert a limit");
            if product == 0.0 { Err(error()) } else { Ok(product.abs()) }
        };
        Ok((product(&Model::named(from)?)? / product(model)?).sqrt())
    }

    fn outlines(&self, columns: &Columns, factor: f64) -> Result<Vec<Vec<[f64; 2]>>> {
        let two_sided = match columns.width() {
            2 => false,
            3 => true,
            found => {
                let line = columns.rows[0].0;
                return Err(columns.error(
                    line,
                    "number of columns",
                    found,
                    "2 (mass, coupling) or 3 (mass, lower, upper)",
                ));
            }
        };
        let quantities = ["mass", "coupling", "upper coupling"];
        for (column, quantity) in quantities.iter().enumerate().take(columns.width()) {
            columns.require_positive(column, quantity)?;
        }
        let scaled = |mass: f64, coupling: f64| [mass * self.mass_unit_mev, (coupling * factor).min(LARGEST_COUPLING)];
        if self.side == Side::Inside && !two_sided {
            return Ok(vec![columns.rows.iter().map(|(_, row)| scaled(row[0], row[1])).collect()]);
        }
        let rows: Vec<Vec<f64>> = columns.clone().by_mass().collect();
        let pieces = rows.split(|row| row[1..].iter().any(|coupling| *coupling >= NO_LIMIT));
        let far = match self.side {
            Side::Below => SMALLEST_COUPLING,
            _ => LARGEST_COUPLING,
        };
        let outline = |piece: &[Vec<f64>]| {
            let near = piece.iter().map(|row| scaled(row[0], row[1]));
            let other = piece.iter().rev().map(|row| match two_sided {
                true => scaled(row[0], row[2]),
                false => [row[0] * self.mass_unit_mev, far],
            });
            near.chain(other).collect()
        };
        Ok(pieces.filter(|piece| piece.len() > 1).map(outline).collect())
    }
}

fn charges_of(model: &Model) -> Result<Charges> {
    match &model.mediators[..] {
        [only] => match &only.interaction {
            Interaction::Vector(vector) => Ok(vector.charges),
            Interaction::Scalar(_) => Err(no_charges(model)),
        },
        _ => Err(no_charges(model)),
    }
}

fn no_charges(model: &Model) -> Error {
    Error::out_of_range(format!("mediator of {}", model.name), "no single vector", "one vector to convert a limit")
}

fn charge(charges: &Charges, name: &str) -> f64 {
    match name {
        "up" => charges.up,
        "down" => charges.down,
        "proton" => charges.proton(),
        "neutron" => charges.neutron(),
        "electron" => charges.electron,
        "muon" => charges.muon,
        _ => charges.tau,
    }
}
