//! Axes of a scan and the text forms in which users give them.
//!
//! Memory order, said once: a map is row-major `[mass][coupling]`, the coupling varies fastest.

use crate::{Error, Result};

/// Units of mass a user may write, in MeV.
const MASS_UNITS: [(&str, f64); 4] = [("keV", 1e-3), ("MeV", 1.0), ("GeV", 1e3), ("TeV", 1e6)];

/// Masses (MeV) that can be asked for: in any unit that files have, and squared, they are numbers above 0 and finite.
pub const MASSES_MEV: (f64, f64) = (1e-30, 1e30);
/// The same in words.
pub const MASSES_IN_WORDS: &str = "positive, from 1e-30 to 1e30 MeV";

/// A logarithmic axis: `points` values from `low` to `high`, both included.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What runs along it ("mass", "coupling").
    pub quantity: String,
    /// Unit for labels; empty for pure numbers.
    pub unit: String,
    /// Values, increasing.
    pub values: Vec<f64>,
}

impl Axis {
    /// A logarithmic axis.
    ///
    /// # Errors
    /// Bounds that are not positive, finite and increasing, or no points. One point needs `low == high`.
    pub fn logarithmic(quantity: &str, unit: &str, (low, high): (f64, f64), points: usize) -> Result<Axis> {
        let name = |end: &str| format!("{end} end of the {quantity} axis");
        for (end, value) in [("lower", low), ("upper", high)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::out_of_range(name(end), value, "positive and finite (the axis is logarithmic)"));
            }
        }
        if points == 0 {
            return Err(Error::out_of_range(format!("number of points on the {quantity} axis"), points, "at least 1"));
        }
        if low > high || (points == 1) != (low == high) {
            return Err(Error::out_of_range(
                format!("{quantity} range"),
                format!("{low}:{high} with {points} points"),
                "LOW:HIGH with LOW below HIGH and at least 2 points",
            ));
        }
        let (first, last) = (low.ln(), high.ln());
        let values = (0..points).map(|i| {
            // The ends are exact, so that a map reaches the masses at which table 2 is quoted.
            if i == 0 {
                low
            } else if i + 1 == points {
                high
            } else {
                (first + (last - first) * i as f64 / (points - 1) as f64).exp()
            }
        });
        Ok(Axis { quantity: quantity.to_owned(), unit: unit.to_owned(), values: values.collect() })
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has no values (an axis built by this module never is).
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A mass with an optional unit, in MeV: `10`, `10MeV`, `0.1GeV`, `1e2keV`.
///
/// # Errors
/// No number, an unknown unit, or a mass that is not positive and finite.
pub fn parse_mass_mev(text: &str) -> Result<f64> {
    parse_energy_mev("mass", text)
}

/// A momentum transfer with an optional unit, in MeV, written like a mass.
///
/// # Errors
/// Those of [`parse_mass_mev`].
pub fn parse_momentum_mev(text: &str) -> Result<f64> {
    parse_energy_mev("momentum transfer", text)
}

fn parse_energy_mev(quantity: &str, text: &str) -> Result<f64> {
    let (number, unit_mev) = split_unit(text)?;
    let value = parse_number(quantity, text, number)? * unit_mev;
    if (MASSES_MEV.0..=MASSES_MEV.1).contains(&value) {
        Ok(value)
    } else {
        Err(Error::out_of_range(quantity, text, MASSES_IN_WORDS))
    }
}

/// Largest coupling that can be asked for: far above the square root of 4 pi, where perturbation theory ends, and far below
/// what makes numbers of events end.
pub const LARGEST_COUPLING: f64 = 1e6;
/// Environment variable of another largest coupling, for tests of what becomes of points beyond all numbers.
const LARGEST_COUPLING_VARIABLE: &str = "CEVSCAN_LARGEST_COUPLING";

/// A coupling: a pure number, zero allowed (the Standard Model). The one door for couplings that are typed.
///
/// # Errors
/// No number, or one that is negative or beyond [`LARGEST_COUPLING`].
pub fn parse_coupling(text: &str) -> Result<f64> {
    let value = parse_number("coupling", text, text)?;
    let variable = std::env::var(LARGEST_COUPLING_VARIABLE).ok();
    let largest = variable.and_then(|text| text.parse().ok()).unwrap_or(LARGEST_COUPLING);
    if (0.0..=largest).contains(&value) {
        Ok(value)
    } else {
        let bound = format!("zero or positive, and at most {largest:e}; perturbation theory ends at 3.5");
        Err(Error::out_of_range("coupling", text, bound))
    }
}

/// The shortest text that reads back as the number: plain where that is short, else with an exponent.
pub fn number_text(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// A number with so many significant digits, for people.
pub fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// `LOW:HIGH` on a logarithmic axis, each end read by `parse`.
///
/// # Errors
/// No colon, an end that `parse` refuses, a zero end, or ends that do not increase.
pub fn parse_range(quantity: &str, text: &str, parse: impl Fn(&str) -> Result<f64>) -> Result<(f64, f64)> {
    let Some((low, high)) = text.split_once(':') else {
        return Err(Error::Unparsable {
            quantity: format!("{quantity} range"),
            value: text.to_owned(),
            expected: "LOW:HIGH, two values and a colon".to_owned(),
        });
    };
    let (low, high) = (parse(low.trim())?, parse(high.trim())?);
    if low <= 0.0 {
        return Err(Error::out_of_range(
            format!("lower end of the {quantity} range"),
            low,
            "above 0, because the axis is logarithmic",
        ));
    }
    if low >= high {
        return Err(Error::out_of_range(format!("{quantity} range"), text, "LOW:HIGH with LOW below HIGH"));
    }
    Ok((low, high))
}

/// `MxN`: points along the mass and along the coupling, each at least 2.
///
/// # Errors
/// Another form, or fewer than 2 points along an axis.
pub fn parse_grid(text: &str) -> Result<(usize, usize)> {
    let unparsable = || Error::Unparsable {
        quantity: "grid".to_owned(),
        value: text.to_owned(),
        expected: "MASSESxCOUPLINGS, two whole numbers, e.g. 400x400".to_owned(),
    };
    let (masses, couplings) = text.split_once(['x', 'X']).ok_or_else(unparsable)?;
    let count = |part: &str| -> Result<usize> {
        let part = part.trim();
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(unparsable());
        }
        match part.parse::<u64>() {
            Ok(points @ 2..) => Ok(usize::try_from(points).unwrap_or(usize::MAX)),
            Ok(points) => Err(Error::out_of_range("grid points along an axis", points, "at least 2")),
            // Only digits, so the number is too large for any machine; the size check names the memory.
            Err(_) => Ok(usize::MAX),
        }
    };
    Ok((count(masses)?, count(couplings)?))
}

fn split_unit(text: &str) -> Result<(&str, f64)> {
    let text = text.trim();
    if let Some((number, unit_mev)) = MASS_UNITS.iter().find_map(|(unit, mev)| Some((text.strip_suffix(unit)?, *mev))) {
        return Ok((number.trim_end(), unit_mev));
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    // An exponent, but not the first letter of eV.
    let unit = unit
        .strip_prefix(['e', 'E'])
        .filter(|rest| !rest.starts_with(char::is_alphabetic))
        .map_or(unit, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || "+-.".contains(c)));
    if unit.trim().is_empty() || text.parse::<f64>().is_ok() {
        return Ok((text, 1.0));
    }
    if unit.len() < text.len() && unit.chars().all(char::is_alphabetic) {
        return Err(unknown_unit(unit));
    }
    Ok((text, 1.0))
}

/// Suggests a unit only where letters are of the wrong case: `eV` is no misspelt `GeV`.
fn unknown_unit(unit: &str) -> Error {
    let names = MASS_UNITS.map(|(name, _)| name);
    match names.iter().find(|name| name.eq_ignore_ascii_case(unit)) {
        Some(meant) => Error::UnknownName {
            kind: "unit of mass",
            name: unit.to_owned(),
            nearest: Some((*meant).to_owned()),
            known: names.join(", "),
        },
        None => Error::Unparsable {
            quantity: "unit of mass".to_owned(),
            value: unit.to_owned(),
            expected: "keV, MeV, GeV or TeV".to_owned(),
        },
    }
}

fn parse_number(quantity: &str, text: &str, number: &str) -> Result<f64> {
    number.parse::<f64>().map_err(|_| Error::Unparsable {
        quantity: quantity.to_owned(),
        value: text.to_owned(),
        expected: match quantity {
            "mass" | "momentum transfer" => {
                "a number with an optional unit (keV, MeV, GeV, TeV), e.g. 10MeV".to_owned()
            }
            _ => "a number, e.g. 5e-5".to_owned(),
        },
    })
}
