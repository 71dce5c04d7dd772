//! Reading `map.npz` back.

use std::io::{Read, Seek};

use ndarray::{ArrayView, Dimension, Ix0, Ix1, Ix2};
use ndarray_npy::{ViewElement, ViewNpyError, ViewNpyExt};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::limits::Minimum;
use crate::scan::{Border, Minima};
use crate::statistics::Status;
use crate::{Error, Result};

use super::map_npz::FORMAT_VERSION;

/// Largest array that is read; that of the largest map that a scan makes.
const LARGEST_ARRAY_BYTES: u64 = 16 << 30;

/// Words by which memory grows while an array is read: its size is not believed before.
const READ_AT_ONCE: usize = 1 << 17;

/// Longest header of an array that is read, as in numpy: parsing takes stack in proportion.
const LONGEST_HEADER_BYTES: usize = 10_000;

/// Relative rounding of level = chi2_min + delta_chi2.
const LEVEL_TOLERANCE: f64 = 1e-12;

/// A map as `map.npz` holds it; maps over the plane are row-major `[mass][coupling]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedMap {
    /// Masses (MeV), increasing.
    pub mass_mev: Vec<f64>,
    /// Couplings, increasing.
    pub coupling: Vec<f64>,
    /// Sum over the datasets; NaN where it is missing.
    pub chi2: Vec<f64>,
    /// Each dataset by name.
    pub chi2_by_dataset: Vec<(String, Vec<f64>)>,
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
}

/// Reads what [`super::write_map`] wrote; `path` names it in errors. Other arrays may stand beside.
///
/// # Errors
/// [`Error::NotOfForm`] for a file that is no npz, [`Error::InArray`] for an array that is missing, of another type or
/// shape, or not sound: axes that do not increase, a chi2 that is NaN where the status says that it converged, another
/// `format_version`.
pub fn read_map(source: impl Read + Seek, path: &str) -> Result<SavedMap> {
    let zip = ZipArchive::new(source).map_err(|error| Error::NotOfForm {
        path: path.to_owned(),
        form: "npz file",
        reason: error.to_string(),
    })?;
    let mut archive = Archive { zip, path };
    let version: i64 = archive.scalar("format_version")?;
    if version != FORMAT_VERSION {
        let bound = format!("{FORMAT_VERSION}, the version that this program reads");
        return Err(archive.unsound("format_version", version, bound));
    }
    let mass_mev = archive.axis("mass_mev")?;
    let coupling = archive.axis("coupling")?;
    let shape = [mass_mev.len(), coupling.len()];
    let chi2: Vec<f64> = archive.plane("chi2", shape)?;
    let status: Vec<u8> = archive.plane("status", shape)?;
    let mut chi2_by_dataset = Vec::new();
    for name in archive.datasets() {
        let values = archive.plane(&format!("chi2_{name}"), shape)?;
        chi2_by_dataset.push((name, values));
    }
    let finite = |archive: &mut Archive<_>, name: &str| -> Result<f64> {
        let value: f64 = archive.scalar(name)?;
        if value.is_finite() { Ok(value) } else { Err(archive.unsound(name, value, "finite")) }
    };
    let chi2_min = finite(&mut archive, "chi2_min")?;
    let chi2_sm = finite(&mut archive, "chi2_sm")?;
    let delta_chi2 = finite(&mut archive, "delta_chi2")?;
    let minimum_at_mass = archive.minima(mass_mev.len())?;
    let level = match &minimum_at_mass {
        None => Some(finite(&mut archive, "level")?),
        Some(_) => None,
    };
    let best_fit: Vec<f64> = archive.values::<_, Ix1>("best_fit", Some([2]))?.0;
    let map = SavedMap {
        mass_mev,
        coupling,
        chi2,
        chi2_by_dataset,
        status,
        chi2_min,
        best_fit: [best_fit[0], best_fit[1]],
        chi2_sm,
        delta_chi2,
        level,
        minimum_at_mass,
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

    /// The border of the excluded region.
    pub fn border(&self) -> Border<'_> {
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
        match self.chi2.iter().zip(&self.status).position(contradicts) {
            None => Ok(()),
            Some(point) => {
                let (row, column) = (point / self.coupling.len(), point % self.coupling.len());
                let found = format!("{} at [{row}, {column}]", self.chi2[point]);
                let bound = format!("NaN exactly where status is not 0, and finite elsewhere ({})", self.status[point]);
                Err(archive.unsound("chi2", found, bound))
            }
        }
    }
}

struct Archive<'a, R: Read + Seek> {
    zip: ZipArchive<R>,
    path: &'a str,
}

impl<R: Read + Seek> Archive<'_, R> {
    fn unsound(&self, array: &str, found: impl ToString, bound: impl Into<String>) -> Error {
        Error::InArray {
            path: self.path.to_owned(),
            array: array.to_owned(),
            found: found.to_string(),
            bound: bound.into(),
        }
    }

    /// Names of the datasets, from the arrays `chi2_NAME`, in the order of the file.
    fn datasets(&self) -> Vec<String> {
        let names = self.zip.file_names().map(|name| name.strip_suffix(".npy").unwrap_or(name));
        let datasets = names.filter_map(|name| name.strip_prefix("chi2_")).filter(|name| !["min", "sm"].contains(name));
        datasets.map(str::to_owned).collect()
    }

    /// The minimum at each of so many masses, where there is one.
    fn minima(&mut self, masses: usize) -> Result<Option<Vec<f64>>> {
        let name = "minimum_at_mass";
        if !self.zip.file_names().any(|known| known.strip_suffix(".npy").unwrap_or(known) == name) {
            return Ok(None);
        }
        let (minima, _) = self.values::<f64, Ix1>(name, Some([masses]))?;
        match minima.iter().find(|minimum| !minimum.is_finite()) {
            None => Ok(Some(minima)),
            Some(minimum) => Err(self.unsound(name, minimum, "finite")),
        }
    }

    fn scalar<T: ViewElement + Copy>(&mut self, name: &str) -> Result<T> {
        let (values, _) = self.values::<T, Ix0>(name, Some([]))?;
        Ok(values[0])
    }

    fn plane<T: ViewElement + Copy>(&mut self, name: &str, shape: [usize; 2]) -> Result<Vec<T>> {
        Ok(self.values::<T, Ix2>(name, Some(shape))?.0)
    }

    fn axis(&mut self, name: &str) -> Result<Vec<f64>> {
        let (values, _) = self.values::<f64, Ix1>(name, None::<[usize; 1]>)?;
        if values.len() < 2 {
            return Err(self.unsound(name, format!("of length {}", values.len()), "of length 2 at least"));
        }
        if let Some(value) = values.iter().find(|value| !(**value > 0.0 && value.is_finite())) {
            return Err(self.unsound(name, format!("{value} in one place"), "positive and finite"));
        }
        match values.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(self.unsound(name, format!("{} after {}", pair[1], pair[0]), "increasing")),
            None => Ok(values),
        }
    }

    /// An array in logical order, and its shape, which must be `shape` where that is given.
    fn values<T: ViewElement + Copy, D: Dimension>(
        &mut self,
        name: &str,
        shape: Option<impl AsRef<[usize]>>,
    ) -> Result<(Vec<T>, Vec<usize>)> {
        let type_name = std::any::type_name::<T>();
        let dimensions = D::NDIM.unwrap_or_default();
        let unreadable = |archive: &Self, found: String| {
            archive.unsound(name, found, format!("of type {type_name} with {dimensions} dimensions"))
        };
        let (words, length) = match self.bytes(name) {
            Ok(found) => found,
            Err(ZipError::FileNotFound) => return Err(unreadable(self, "missing".to_owned())),
            Err(error) => return Err(unreadable(self, format!("damaged ({error})"))),
        };
        // A view of bytes in memory: the reader of streams would reserve whatever length a damaged header states.
        let aligned = &bytemuck::cast_slice::<u64, u8>(&words)[..length];
        if header_bytes(aligned).is_none_or(|length| length > LONGEST_HEADER_BYTES) {
            return Err(unreadable(self, "damaged (no header)".to_owned()));
        }
        let view = ArrayView::<T, D>::view_npy(aligned);
        let view = view.map_err(|error| unreadable(self, refusal(&error)))?;
        let found = view.shape().to_vec();
        if let Some(shape) = shape
            && found != shape.as_ref()
        {
            let bound = format!("of shape {:?}", shape.as_ref());
            return Err(self.unsound(name, format!("of shape {found:?}"), bound));
        }
        Ok((view.iter().copied().collect(), found))
    }

    /// A member as numpy names it, with `.npy` or without: its bytes where numbers may stand, and how many they are.
    fn bytes(&mut self, name: &str) -> Result<(Vec<u64>, usize), ZipError> {
        let with_suffix = format!("{name}.npy");
        let full = if self.zip.index_for_name(&with_suffix).is_some() { &with_suffix } else { name };
        let mut member = self.zip.by_name(full)?.take(LARGEST_ARRAY_BYTES);
        let (mut words, mut length) = (Vec::new(), 0);
        loop {
            if length == 8 * words.len() {
                words.resize(words.len() + READ_AT_ONCE, 0u64);
            }
            match member.read(&mut bytemuck::cast_slice_mut::<u64, u8>(&mut words)[length..]) {
                Ok(0) => return Ok((words, length)),
                Ok(read) => length += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Length of an npy header, as its first bytes state it: magic string, version, length in 2 bytes or, from version 2, in 4.
fn header_bytes(npy: &[u8]) -> Option<usize> {
    let (major, length) = (npy.get(6)?, npy.get(8..12)?);
    let length = if *major == 1 { [length[0], length[1], 0, 0] } else { [length[0], length[1], length[2], length[3]] };
    usize::try_from(u32::from_le_bytes(length)).ok()
}

fn refusal(error: &ViewNpyError) -> String {
    match error {
        ViewNpyError::WrongNdim(_, found) => format!("with {found} dimensions"),
        ViewNpyError::WrongDescriptor(found) => format!("of numpy type {found}"),
        // Below its first line stands a picture of the place.
        other => format!("damaged ({})", other.to_string().lines().next().unwrap_or_default().trim_end()),
    }
}
