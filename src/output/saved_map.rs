//! Reading `map.npz` back.

use std::io::{Read, Seek};

use crate::Result;
use crate::analysis::limits::{BestFit, HIGH_MASS_MEV, LOW_MASS_MEV};
use crate::base::grid::{Axis, MASSES_IN_WORDS, MASSES_MEV};
use crate::base::memory;
use crate::scan::{EngineRecord, Map, Plane};
use crate::statistics::Status;

use super::map_npz::{FORMAT_VERSION, SHARED};
use super::npz::Archive;

/// Relative rounding of a sum of the terms of chi2.
const SUM_TOLERANCE: f64 = 1e-9;
/// How far a point may lie below the minimum: ten times what the contract allows a GPU's chi2.
const MINIMUM_TOLERANCE: f64 = 1e-2;
/// Relative rounding of level = chi2_min + delta_chi2.
const LEVEL_TOLERANCE: f64 = 1e-12;

/// Reads what [`super::write_map`] wrote, compressed or not; `path` names it in errors. Other arrays may stand beside.
///
/// # Errors
/// [`crate::Error::NotOfForm`] for a file that is no npz, [`crate::Error::TooLarge`] for a map beyond the memory at hand,
/// [`crate::Error::InArray`] for an array that is missing, of another type or shape, or not sound: axes that do not
/// increase, a chi2 that is NaN where the status says that it converged, or not the sum of its terms, another
/// `format_version`. Its model and engine are not in the file.
pub fn read_map(source: impl Read + Seek, path: &str) -> Result<Map> {
    let mut archive = Archive::open(source, path)?;
    let version: i64 = archive.scalar("format_version")?;
    if version != FORMAT_VERSION {
        let bound = format!("{FORMAT_VERSION}, the version that this program reads");
        return Err(archive.unsound("format_version", version, bound));
    }
    let mass_mev = axis(&mut archive, "mass_mev")?;
    let coupling = axis(&mut archive, "coupling")?;
    let shape = [mass_mev.len(), coupling.len()];
    let terms = terms(&archive);
    memory::Map { masses: shape[0], couplings: shape[1], terms: terms.len() }.require_fits()?;
    let chi2: Vec<f64> = archive.array("chi2", &shape)?;
    let status: Vec<u8> = archive.array("status", &shape)?;
    let mut chi2_by_dataset = Vec::new();
    for name in terms {
        let values = archive.array(&format!("chi2_{name}"), &shape)?;
        chi2_by_dataset.push((name, values));
    }
    let shared = chi2_by_dataset.iter().position(|(name, _)| name == SHARED);
    let shared = shared.map(|index| chi2_by_dataset.remove(index).1);
    let finite = |archive: &mut Archive<_>, name: &str| -> Result<f64> {
        let value: f64 = archive.scalar(name)?;
        if value.is_finite() { Ok(value) } else { Err(archive.unsound(name, value, "finite")) }
    };
    let chi2_min = finite(&mut archive, "chi2_min")?;
    let chi2_sm = finite(&mut archive, "chi2_sm")?;
    let delta_chi2 = finite(&mut archive, "delta_chi2")?;
    if delta_chi2 <= 0.0 {
        return Err(archive.unsound("delta_chi2", delta_chi2, "above 0"));
    }
    let minimum_at_mass = minima(&mut archive, mass_mev.len())?;
    if minimum_at_mass.is_none() {
        let (level, border) = (finite(&mut archive, "level")?, chi2_min + delta_chi2);
        if (level - border).abs() > LEVEL_TOLERANCE * level.abs() {
            return Err(archive.unsound("level", level, format!("chi2_min + delta_chi2 = {border}")));
        }
    }
    let says_expected = archive.names().any(|known| known == "expected");
    let is_expected = match says_expected {
        false => None,
        true => match archive.scalar::<u8>("expected")? {
            flag @ (0 | 1) => Some(flag == 1),
            other => return Err(archive.unsound("expected", other, "0 or 1")),
        },
    };
    let best_fit: Vec<f64> = archive.array("best_fit", &[2])?;
    if !(best_fit[0] > 0.0 && best_fit[0].is_finite() && (0.0..f64::INFINITY).contains(&best_fit[1])) {
        return Err(archive.unsound(
            "best_fit",
            format!("{best_fit:?}"),
            "a mass above 0 and a coupling from 0, finite",
        ));
    }
    if let Some(mass) = mass_mev.iter().find(|mass| !(MASSES_MEV.0..=MASSES_MEV.1).contains(*mass)) {
        return Err(archive.unsound("mass_mev", mass, MASSES_IN_WORDS));
    }
    let axis =
        |quantity: &str, unit: &str, values| Axis { quantity: quantity.to_owned(), unit: unit.to_owned(), values };
    let data: Vec<&str> = chi2_by_dataset.iter().map(|(name, _)| name.as_str()).collect();
    let mut map = Map {
        model: String::new(),
        data: data.join("+"),
        is_expected,
        plane: Plane { mass: axis("mass", "MeV", mass_mev), coupling: axis("coupling", "", coupling) },
        chi2,
        chi2_by_dataset,
        is_shared: shared.is_some(),
        status,
        chi2_sm,
        best_fit: BestFit { chi2: chi2_min, mass_mev: best_fit[0], coupling: best_fit[1] },
        delta_chi2,
        minimum_at_mass,
        engine: EngineRecord::default(),
        certificate: None,
        interpolation: None,
    };
    check(&map, shared.as_deref(), &archive)?;
    if map.chi2_by_dataset.len() == 1 {
        map.chi2_by_dataset.clear();
    }
    Ok(map)
}

/// That its arrays belong together; `shared` is what sharing nuisance parameters adds to the datasets' own chi2.
fn check<R: Read + Seek>(map: &Map, shared: Option<&[f64]>, archive: &Archive<R>) -> Result<()> {
    let converged = |status: u8| status == Status::Converged as u8;
    let contradicts = |(chi2, status): (&f64, &u8)| chi2.is_nan() == converged(*status) || chi2.is_infinite();
    let place =
        |point: usize| format!("at [{}, {}]", point / map.plane.coupling.len(), point % map.plane.coupling.len());
    if let Some(point) = map.chi2.iter().zip(&map.status).position(contradicts) {
        let found = format!("{} {}", map.chi2[point], place(point));
        let bound = format!("NaN exactly where status is not 0, and finite elsewhere ({})", map.status[point]);
        return Err(archive.unsound("chi2", found, bound));
    }
    let terms = || map.chi2_by_dataset.iter().map(|(_, chi2)| chi2.as_slice()).chain(shared);
    let sum = |point: usize| terms().map(|chi2| chi2[point]).sum::<f64>();
    let scale = |point: usize| terms().map(|chi2| chi2[point].abs()).sum::<f64>();
    check_minimum(map, archive)?;
    // Not "further off than": a term that is NaN must not pass.
    let adds_up = |point: usize| (sum(point) - map.chi2[point]).abs() <= SUM_TOLERANCE * scale(point).max(1.0);
    let is_wrong = |point: &usize| converged(map.status[*point]) && !adds_up(*point);
    match (0..map.chi2.len()).filter(|_| terms().next().is_some()).find(is_wrong) {
        None => Ok(()),
        Some(point) => {
            let found = format!("{} {}", map.chi2[point], place(point));
            let is_alone = shared.is_none();
            let older = match is_alone && map.chi2_by_dataset.len() > 1 {
                true => "; maps of datasets with shared nuisance parameters from before chi2_shared: scan them again",
                false => "",
            };
            Err(archive.unsound("chi2", found, format!("the sum of its terms, {}{older}", sum(point))))
        }
    }
}

/// The minimum is the smallest chi2 of the masses that it is sought over, those of the map included.
fn check_minimum<R: Read + Seek>(map: &Map, archive: &Archive<R>) -> Result<()> {
    let columns = map.plane.coupling.len();
    for (row, mass_mev) in map.plane.mass.values.iter().enumerate() {
        let smallest = map.chi2[row * columns..(row + 1) * columns].iter().copied().fold(f64::INFINITY, f64::min);
        let below = |minimum: f64| smallest < minimum - MINIMUM_TOLERANCE;
        let bound = || format!("at most {smallest}, the smallest chi2 at {mass_mev} MeV");
        if (LOW_MASS_MEV..=HIGH_MASS_MEV).contains(mass_mev) && below(map.best_fit.chi2) {
            return Err(archive.unsound("chi2_min", map.best_fit.chi2, bound()));
        }
        if let Some(minimum) = map.minimum_at_mass.as_ref().and_then(|minima| minima.get(row)).filter(|m| below(**m)) {
            return Err(archive.unsound("minimum_at_mass", minimum, bound()));
        }
    }
    match map.chi2_sm < map.best_fit.chi2 - MINIMUM_TOLERANCE {
        true => Err(archive.unsound("chi2_min", map.best_fit.chi2, format!("at most chi2_sm = {}", map.chi2_sm))),
        false => Ok(()),
    }
}

/// An axis of the map: increasing, positive, at least two values.
fn axis<R: Read + Seek>(archive: &mut Archive<R>, name: &str) -> Result<Vec<f64>> {
    let values: Vec<f64> = archive.list(name)?;
    if values.len() < 2 {
        return Err(archive.unsound(name, format!("of length {}", values.len()), "of length 2 at least"));
    }
    if let Some(value) = values.iter().find(|value| !(**value > 0.0 && value.is_finite())) {
        return Err(archive.unsound(name, format!("{value} in one place"), "positive and finite"));
    }
    match values.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(archive.unsound(name, format!("{} after {}", pair[1], pair[0]), "increasing")),
        None => Ok(values),
    }
}

/// The minimum at each of so many masses, where there is one.
fn minima<R: Read + Seek>(archive: &mut Archive<R>, masses: usize) -> Result<Option<Vec<f64>>> {
    let name = "minimum_at_mass";
    if !archive.names().any(|known| known == name) {
        return Ok(None);
    }
    let minima: Vec<f64> = archive.array(name, &[masses])?;
    match minima.iter().find(|minimum| !minimum.is_finite()) {
        None => Ok(Some(minima)),
        Some(minimum) => Err(archive.unsound(name, minimum, "finite")),
    }
}

/// Names of the terms of chi2, from the arrays `chi2_NAME`, in the order of the file.
fn terms<R: Read + Seek>(archive: &Archive<R>) -> Vec<String> {
    let terms = archive.names().filter_map(|name| name.strip_prefix("chi2_"));
    terms.filter(|name| !["min", "sm"].contains(name)).map(str::to_owned).collect()
}
