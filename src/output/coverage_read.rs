//! `coverage.npz` read, and everything in it that a result follows from checked: it may be of another hand or damaged.

use std::fmt::Display;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use crate::analysis::coverage::{Calibrated, Surface};
use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Minimum};
use crate::base::files::open_current;
use crate::base::provenance::sha256_of;
use crate::base::reading::Kind;
use crate::statistics::toys::RECIPE_VERSION;
use crate::{Error, Result};

use super::coverage_npz::{FORMAT_VERSION, OF_THE_PLANE_ALONE};
use super::npz::Archive;

/// Longest name or digest that is read.
const LONGEST_TEXT: usize = 4096;
/// By how much an end of the plane may be off, as a share, from rounding.
const ROUNDING: f64 = 1e-9;

/// Critical values that were read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SavedCoverage {
    /// Model and data that they are of.
    pub of: Calibrated,
    /// The values.
    pub surface: Surface,
    /// Confidence level along whose border they were calculated.
    pub confidence: f64,
    /// Largest error of that border in ln g, and what was asked for.
    pub error: f64,
    /// See there.
    pub tolerance: f64,
    /// Seed, and version of the recipe.
    pub seed: u64,
    /// See there.
    pub recipe: i64,
    /// SHA-256 of the file; empty where it was no file.
    pub sha256: String,
}

/// Reads a file, see [`read_coverage`].
///
/// # Errors
/// Those of the system, and of [`read_coverage`].
pub fn open_coverage(path: &Path) -> Result<SavedCoverage> {
    let mut file = open_current(path, Kind::Product)?;
    let digest = sha256_of(&mut file).and_then(|digest| file.rewind().map(|()| digest));
    let sha256 = digest.map_err(Error::io("read", path))?;
    Ok(SavedCoverage { sha256, ..read_coverage(BufReader::new(file), &path.display().to_string())? })
}

/// Reads what [`super::write_coverage`] wrote; `path` names it in errors. Of the arrays on the map's axes nothing is needed.
///
/// # Errors
/// [`crate::Error::NotOfForm`] for a file that is no npz, [`crate::Error::InArray`] for an array that is missing or not
/// sound, or of another `format_version` or `recipe`.
pub fn read_coverage(source: impl Read + Seek, path: &str) -> Result<SavedCoverage> {
    let mut file = Reader { archive: Archive::open(source, path)? };
    let version = file.version("format_version", OF_THE_PLANE_ALONE, FORMAT_VERSION)?;
    let recipe = file.version("recipe", 1, i64::from(RECIPE_VERSION))?;
    let plane = LOW_MASS_MEV * (1.0 - ROUNDING)..=HIGH_MASS_MEV * (1.0 + ROUNDING);
    let range = format!("from {LOW_MASS_MEV} to {HIGH_MASS_MEV} MeV");
    let mass_mev = file.list("mesh_mass_mev", 1, &range, |mass| plane.contains(&mass))?;
    let natural = file.list("mesh_natural_coupling", 1, "finite and above 0", |g| g > 0.0 && g.is_finite())?;
    let ratios = file.list("mesh_ln_ratio", 2, "finite", f64::is_finite)?;
    let share = |value: f64| value > 0.0 && value < 1.0;
    let confidences = file.list("confidence", 1, "between 0 and 1", share)?;
    file.require_increasing("mesh_mass_mev", &mass_mev)?;
    file.require_increasing("mesh_ln_ratio", &ratios)?;
    if natural.len() != mass_mev.len() {
        let found = format!("of length {}", natural.len());
        return Err(file.archive.unsound("mesh_natural_coupling", found, format!("of length {}", mass_mev.len())));
    }
    let nodes = [mass_mev.len(), ratios.len()];
    let levels = [confidences.len(), nodes[0], nodes[1]];
    // NaN where nothing was calculated; infinite where so many toys failed.
    let is_q = |value: f64| value.is_nan() || value >= 0.0;
    let is_share = |value: f64| value.is_nan() || (0.0..=1.0).contains(&value);
    let critical = file.array("mesh_critical", &levels, "0 or above, or missing", is_q)?;
    let low = file.array("mesh_critical_low", &levels, "0 or above, or missing", is_q)?;
    let high = file.array("mesh_critical_high", &levels, "0 or above, or missing", is_q)?;
    file.require_ordered(&critical, &low, &high)?;
    let wilks_covers = file.array("mesh_wilks_covers", &levels, "from 0 to 1, or missing", is_share)?;
    let effective = file.array("mesh_effective", &nodes, "0 or above, or missing", is_q)?;
    let p_value = file.array("mesh_p_value", &nodes, "from 0 to 1, or missing", is_share)?;
    let of = Calibrated {
        model: file.text("model")?,
        model_digest: file.text("model_digest")?,
        data: file.text("data")?,
        data_digest: file.text("data_digest")?,
    };
    let minimum = match version {
        OF_THE_PLANE_ALONE => Minimum::Plane,
        _ => {
            let name = file.text("minimum")?;
            name.parse().map_err(|_| file.archive.unsound("minimum", format!("'{name}'"), "plane or mass"))?
        }
    };
    let by_level = |values: Vec<f64>| values.chunks(nodes[0] * nodes[1]).map(<[f64]>::to_vec).collect();
    let surface = Surface {
        minimum,
        mass_mev,
        natural,
        ratios,
        confidences,
        critical: by_level(critical),
        low: by_level(low),
        high: by_level(high),
        effective,
        wilks_covers: by_level(wilks_covers),
        p_value,
    };
    let confidence = file.number("border_confidence", "between 0 and 1", share)?;
    if surface.level(confidence).is_none() {
        return Err(file.archive.unsound("border_confidence", confidence, "one of 'confidence'"));
    }
    Ok(SavedCoverage {
        of,
        surface,
        confidence,
        error: file.number("border_error", "0 or above, or missing", is_q)?,
        tolerance: file.number("tolerance", "finite and above 0", |value| value > 0.0 && value.is_finite())?,
        seed: file.archive.scalar::<i64>("seed")? as u64,
        recipe,
        sha256: String::new(),
    })
}

/// Arrays with what must hold of them.
struct Reader<'a, R: Read + Seek> {
    archive: Archive<'a, R>,
}

impl<R: Read + Seek> Reader<'_, R> {
    fn version(&mut self, name: &str, first: i64, last: i64) -> Result<i64> {
        let version: i64 = self.archive.scalar(name)?;
        if (first..=last).contains(&version) {
            return Ok(version);
        }
        let known = if first == last { first.to_string() } else { format!("from {first} to {last}") };
        Err(self.archive.unsound(name, version, format!("{known}, which this program reads")))
    }

    /// Values that are all so, and enough of them.
    fn list(&mut self, name: &str, least: usize, bound: &str, is: impl Fn(f64) -> bool) -> Result<Vec<f64>> {
        let values: Vec<f64> = self.archive.list(name)?;
        if values.len() < least {
            let found = format!("of length {}", values.len());
            return Err(self.archive.unsound(name, found, format!("of length {least} at least")));
        }
        self.checked(name, values, bound, is)
    }

    fn array(&mut self, name: &str, shape: &[usize], bound: &str, is: impl Fn(f64) -> bool) -> Result<Vec<f64>> {
        let values = self.archive.array(name, shape)?;
        self.checked(name, values, bound, is)
    }

    fn number(&mut self, name: &str, bound: &str, is: impl Fn(f64) -> bool) -> Result<f64> {
        let value = self.archive.scalar(name)?;
        Ok(self.checked(name, vec![value], bound, is)?[0])
    }

    fn checked(&self, name: &str, values: Vec<f64>, bound: &str, is: impl Fn(f64) -> bool) -> Result<Vec<f64>> {
        match values.iter().position(|value| !is(*value)) {
            Some(place) if values.len() > 1 => {
                Err(self.archive.unsound(name, format!("{} at index {place}", values[place]), bound))
            }
            Some(place) => Err(self.archive.unsound(name, values[place], bound)),
            None => Ok(values),
        }
    }

    fn require_increasing(&self, name: &str, values: &[f64]) -> Result<()> {
        match values.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(self.archive.unsound(name, format!("{} after {}", pair[1], pair[0]), "increasing")),
            None => Ok(()),
        }
    }

    /// Critical values lie within their intervals, and are missing together with them.
    fn require_ordered(&self, critical: &[f64], low: &[f64], high: &[f64]) -> Result<()> {
        for (place, ((critical, low), high)) in critical.iter().zip(low).zip(high).enumerate() {
            let are_missing = [critical, low, high].map(|value| value.is_nan());
            let refused = |name: &str, found: &dyn Display, bound: &str| {
                Err(self.archive.unsound(name, format!("{found} at index {place}"), format!("{bound} {critical}")))
            };
            if are_missing == [true; 3] {
                continue;
            }
            if critical.is_nan() || low.is_nan() || low > critical {
                return refused("mesh_critical_low", low, "at most the critical value,");
            }
            if high.is_nan() || high < critical {
                return refused("mesh_critical_high", high, "at least the critical value,");
            }
        }
        Ok(())
    }

    fn text(&mut self, name: &str) -> Result<String> {
        let bytes: Vec<u8> = self.archive.list(name)?;
        if bytes.len() > LONGEST_TEXT {
            return Err(self.archive.unsound(
                name,
                format!("{} bytes", bytes.len()),
                format!("{LONGEST_TEXT} at most"),
            ));
        }
        String::from_utf8(bytes).map_err(|_| self.archive.unsound(name, "no text", "UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::npz::NewArchive;
    use super::*;

    const NAN: f64 = f64::NAN;

    /// A small file, with one of its arrays replaced.
    fn file(name: &str, replacement: &[f64]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut archive = NewArchive::new(&mut bytes);
        let nodes = vec![2, 3];
        let levels = vec![1, 2, 3];
        let arrays: [(&str, Vec<f64>, Vec<usize>); 13] = [
            ("mesh_mass_mev", vec![0.1, 1e5], vec![2]),
            ("mesh_natural_coupling", vec![1e-4, 1.0], vec![2]),
            ("mesh_ln_ratio", vec![-1.0, 0.0, 1.0], vec![3]),
            ("confidence", vec![0.9], vec![1]),
            ("mesh_critical", vec![NAN, 4.0, 5.0, NAN, 4.0, f64::INFINITY], levels.clone()),
            ("mesh_critical_low", vec![NAN, 3.9, 5.0, NAN, 3.8, 5.0], levels.clone()),
            ("mesh_critical_high", vec![NAN, 4.1, 5.0, NAN, 4.2, f64::INFINITY], levels.clone()),
            ("mesh_wilks_covers", vec![NAN, 0.9, 1.0, NAN, 0.9, 0.0], levels),
            ("mesh_effective", vec![3.0, 900.0, 900.0, 3.0, 900.0, 900.0], nodes.clone()),
            ("mesh_p_value", vec![NAN, 0.1, 0.0, NAN, 0.1, 1.0], nodes),
            ("border_confidence", vec![0.9], vec![]),
            ("border_error", vec![0.01], vec![]),
            ("tolerance", vec![0.01], vec![]),
        ];
        for (own, values, shape) in arrays {
            let values = if own == name { replacement.to_vec() } else { values };
            archive.add(own, &values, &shape).unwrap();
        }
        for (own, value) in [("seed", 1), ("recipe", 1), ("format_version", FORMAT_VERSION)] {
            let value = if own == name { replacement[0] as i64 } else { value };
            archive.add(own, &[value], &[]).unwrap();
        }
        for own in ["model", "model_digest", "data", "data_digest"] {
            archive.add(own, own.as_bytes(), &[own.len()]).unwrap();
        }
        archive.add("minimum", b"plane", &[5]).unwrap();
        archive.finish().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_a_file_says_is_checked_value_by_value() {
        let read = |name: &str, values: &[f64]| read_coverage(Cursor::new(file(name, values)), "c.npz");
        let sound = read("", &[]).unwrap();
        assert_eq!((sound.surface.critical[0][1], sound.recipe, sound.confidence), (4.0, 1, 0.9));
        let six = |changed: usize, value: f64, others: [f64; 6]| {
            let mut values = others;
            values[changed] = value;
            values
        };
        let critical = [NAN, 4.0, 5.0, NAN, 4.0, f64::INFINITY];
        for (name, values, words) in [
            ("mesh_mass_mev", &[0.01, 1e5][..], "0.01 at index 0, but must be from 0.1 to 100000 MeV"),
            ("mesh_mass_mev", &[1e5, 0.1], "0.1 after 100000, but must be increasing"),
            ("mesh_mass_mev", &[0.1, NAN], "NaN at index 1"),
            ("mesh_natural_coupling", &[0.0, 1.0], "0 at index 0, but must be finite and above 0"),
            ("mesh_ln_ratio", &[-1.0, 0.0, 0.0], "0 after 0"),
            ("confidence", &[1.5], "1.5, but must be between 0 and 1"),
            ("border_confidence", &[0.8], "0.8, but must be one of 'confidence'"),
            ("tolerance", &[-0.01], "-0.01, but must be finite and above 0"),
            ("mesh_critical", &six(1, NAN, critical), "'mesh_critical_low' is 3.9 at index 1"),
            ("mesh_critical", &six(1, -1.0, critical), "-1 at index 1, but must be 0 or above"),
            ("mesh_critical", &six(1, 3.0, critical), "'mesh_critical_low' is 3.9 at index 1, but must be at most"),
            ("mesh_critical", &six(1, 4.15, critical), "'mesh_critical_high' is 4.1 at index 1, but must be at least"),
            ("mesh_wilks_covers", &six(1, 1.1, [0.9; 6]), "1.1 at index 1, but must be from 0 to 1"),
            ("mesh_p_value", &six(5, -0.1, [0.5; 6]), "-0.1 at index 5, but must be from 0 to 1"),
            ("mesh_effective", &six(2, -3.0, [9.0; 6]), "-3 at index 2, but must be 0 or above"),
            ("recipe", &[99.0], "99, but must be"),
            ("recipe", &[0.0], "0, but must be"),
            ("format_version", &[3.0], "3, but must be from 1 to 2"),
        ] {
            let said = read(name, values).unwrap_err().to_string();
            assert!(said.starts_with("c.npz: array '") && said.contains(words), "{name} {values:?}: {said}");
        }
    }
}
