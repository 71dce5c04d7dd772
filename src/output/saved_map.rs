//! Reading `map.npz` back.

use std::io::{Read, Seek};

use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Minimum};
use crate::base::grid::{MASSES_IN_WORDS, MASSES_MEV};
use crate::base::memory;
use crate::scan::{Border, Minima};
use crate::statistics::Status;
use crate::{Error, Result};

use super::map_npz::{FORMAT_VERSION, SHARED};
use super::npz::Archive;

/// Relative rounding of a sum of the terms of chi2.
const SUM_TOLERANCE: f64 = 1e-9;
/// How far a point may lie below the minimum: ten times what the contract allows a GPU's chi2.
const MINIMUM_TOLERANCE: f64 = 1e-2;
/// Relative rounding of level = chi2_min + delta_chi2.
const LEVEL_TOLERANCE: f64 = 1e-12;

/// A map as `map.npz` holds it; maps over the plane are row-major `[mass][coupling]`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SavedMap {
    /// Masses (MeV), increasing.
    pub mass_mev: Vec<f64>,
    /// Couplings, increasing.
    pub coupling: Vec<f64>,
    /// That of the fit to all datasets; NaN where it is missing.
    pub chi2: Vec<f64>,
    /// Each dataset's own by name.
    pub chi2_by_dataset: Vec<(String, Vec<f64>)>,
    /// What sharing nuisance parameters adds to their sum, where datasets share any.
    pub shared: Option<Vec<f64>>,
    /// Status of each point, 0 where it converged.
    pub status: Vec<u8>,
    /// Global minimum.
    pub chi2_min: f64,
    /// Mass (MeV) and coupling there.
    pub best_fit: [f64; 2],
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Rise of chi2 at the border of the excluded region.
    pub delta_chi2: f64,
    /// chi2 there, where it is one for all masses.
    pub level: Option<f64>,
    /// The smallest chi2 at each mass, where the rise counts from there.
    pub minimum_at_mass: Option<Vec<f64>>,
    /// Whether an expectation stood in for data, so that the limits are expected ones; none where the file does not say.
    pub is_expected: Option<bool>,
    /// Critical values at its points, where they are to stand in for the one rise of chi2; never read from the file.
    pub critical: Option<Vec<f64>>,
}

/// Reads what [`super::write_map`] wrote, compressed or not; `path` names it in errors. Other arrays may stand beside.
///
/// # Errors
/// [`crate::Error::NotOfForm`] for a file that is no npz, [`crate::Error::TooLarge`] for a map beyond the memory at hand,
/// [`crate::Error::InArray`] for an array that is missing, of another type or shape, or not sound: axes that do not
/// increase, a chi2 that is NaN where the status says that it converged, or not the sum of its terms, another
/// `format_version`.
pub fn read_map(source: impl Read + Seek, path: &str) -> Result<SavedMap> {
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
    let minimum_at_mass = minima(&mut archive, mass_mev.len())?;
    let level = match &minimum_at_mass {
        None => Some(finite(&mut archive, "level")?),
        Some(_) => None,
    };
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
    let map = SavedMap {
        mass_mev,
        coupling,
        chi2,
        chi2_by_dataset,
        shared,
        status,
        chi2_min,
        best_fit: [best_fit[0], best_fit[1]],
        chi2_sm,
        delta_chi2,
        level,
        minimum_at_mass,
        is_expected,
        critical: None,
    };
    map.check(&archive)?;
    Ok(map)
}

impl SavedMap {
    /// Number of points whose chi2 is missing.
    pub fn missing(&self) -> usize {
        self.status.iter().filter(|status| **status != Status::Converged as u8).count()
    }

    /// Which minimum the rise counts from.
    pub fn minimum(&self) -> Minimum {
        if self.minimum_at_mass.is_some() { Minimum::Mass } else { Minimum::Plane }
    }

    /// chi2 less the minimum that it rises from, at each point.
    pub fn rises(&self) -> impl Iterator<Item = f64> {
        let rows = self.chi2.chunks(self.coupling.len().max(1)).enumerate();
        rows.flat_map(|(row, chi2)| {
            let minimum = self.minimum_at_mass.as_ref().map_or(self.chi2_min, |minima| minima[row]);
            chi2.iter().map(move |chi2| chi2 - minimum)
        })
    }

    /// The border of the excluded region.
    pub fn border(&self) -> Border<'_> {
        if let Some(critical) = &self.critical {
            let excess = self.rises().zip(critical).map(|(rise, critical)| rise - critical);
            return Border::of_excess(&self.mass_mev, &self.coupling, excess.collect());
        }
        let minima = self.minimum_at_mass.clone().map_or(Minima::Plane(self.chi2_min), Minima::AtMass);
        Border::new(&self.mass_mev, &self.coupling, &self.chi2, &minima, self.delta_chi2)
    }

    /// Lets the rise count from another minimum.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for the minimum at each mass where the map does not hold it.
    pub fn count_from(&mut self, minimum: Minimum) -> Result<()> {
        match (minimum, &self.minimum_at_mass) {
            (Minimum::Mass, None) => {
                let bound =
                    "plane, or mass for a map that was scanned so: this one does not hold the minimum at each mass";
                Err(Error::out_of_range("minimum", minimum.name(), bound))
            }
            (Minimum::Mass, Some(_)) => Ok(()),
            (Minimum::Plane, _) => {
                (self.minimum_at_mass, self.level) = (None, Some(self.chi2_min + self.delta_chi2));
                Ok(())
            }
        }
    }

    /// Lets chi2 rise by another amount at the border of the excluded region.
    pub fn rise_by(&mut self, delta_chi2: f64) {
        self.delta_chi2 = delta_chi2;
        self.level = self.minimum_at_mass.is_none().then_some(self.chi2_min + delta_chi2);
    }

    fn check<R: Read + Seek>(&self, archive: &Archive<R>) -> Result<()> {
        if self.delta_chi2 <= 0.0 {
            return Err(archive.unsound("delta_chi2", self.delta_chi2, "above 0"));
        }
        let expected = self.chi2_min + self.delta_chi2;
        if let Some(level) = self.level.filter(|level| (level - expected).abs() > LEVEL_TOLERANCE * level.abs()) {
            return Err(archive.unsound("level", level, format!("chi2_min + delta_chi2 = {expected}")));
        }
        let converged = |status: u8| status == Status::Converged as u8;
        let contradicts = |(chi2, status): (&f64, &u8)| chi2.is_nan() == converged(*status) || chi2.is_infinite();
        let place = |point: usize| format!("at [{}, {}]", point / self.coupling.len(), point % self.coupling.len());
        if let Some(point) = self.chi2.iter().zip(&self.status).position(contradicts) {
            let found = format!("{} {}", self.chi2[point], place(point));
            let bound = format!("NaN exactly where status is not 0, and finite elsewhere ({})", self.status[point]);
            return Err(archive.unsound("chi2", found, bound));
        }
        let terms = || self.chi2_by_dataset.iter().map(|(_, chi2)| chi2).chain(&self.shared);
        let sum = |point: usize| terms().map(|chi2| chi2[point]).sum::<f64>();
        let scale = |point: usize| terms().map(|chi2| chi2[point].abs()).sum::<f64>();
        self.check_minimum(archive)?;
        // Not "further off than": a term that is NaN must not pass.
        let adds_up = |point: usize| (sum(point) - self.chi2[point]).abs() <= SUM_TOLERANCE * scale(point).max(1.0);
        let is_wrong = |point: &usize| converged(self.status[*point]) && !adds_up(*point);
        match (0..self.chi2.len()).filter(|_| terms().next().is_some()).find(is_wrong) {
            None => Ok(()),
            Some(point) => {
                let found = format!("{} {}", self.chi2[point], place(point));
                let is_alone = self.shared.is_none();
                let older = match is_alone && self.chi2_by_dataset.len() > 1 {
                    true => {
                        "; maps of datasets with shared nuisance parameters from before chi2_shared: scan them again"
                    }
                    false => "",
                };
                Err(archive.unsound("chi2", found, format!("the sum of its terms, {}{older}", sum(point))))
            }
        }
    }

    /// The minimum is the smallest chi2 of the masses that it is sought over, those of the map included.
    fn check_minimum<R: Read + Seek>(&self, archive: &Archive<R>) -> Result<()> {
        let columns = self.coupling.len();
        for (row, mass_mev) in self.mass_mev.iter().enumerate() {
            let smallest = self.chi2[row * columns..(row + 1) * columns].iter().copied().fold(f64::INFINITY, f64::min);
            let below = |minimum: f64| smallest < minimum - MINIMUM_TOLERANCE;
            let bound = || format!("at most {smallest}, the smallest chi2 at {mass_mev} MeV");
            if (LOW_MASS_MEV..=HIGH_MASS_MEV).contains(mass_mev) && below(self.chi2_min) {
                return Err(archive.unsound("chi2_min", self.chi2_min, bound()));
            }
            if let Some(minimum) =
                self.minimum_at_mass.as_ref().and_then(|minima| minima.get(row)).filter(|m| below(**m))
            {
                return Err(archive.unsound("minimum_at_mass", minimum, bound()));
            }
        }
        match self.chi2_sm < self.chi2_min - MINIMUM_TOLERANCE {
            true => Err(archive.unsound("chi2_min", self.chi2_min, format!("at most chi2_sm = {}", self.chi2_sm))),
            false => Ok(()),
        }
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
