//! The result of a scan.

use std::ops::Range;

use crate::analysis::Analysis;
use crate::analysis::limits::{BestFit, Minimum, minima_at_masses};
use crate::base::contour::{Field, Line};
use crate::base::grid::Axis;
use crate::base::memory;
use crate::rates::Point;
use crate::statistics::Status;
use crate::{Error, Result};

use super::{Border, Certificate, Interpolation, Minima, ProfileOn};

/// Relative distance of two values of one chi2, from any engine.
const SAME_CHI2: f64 = 1e-4;

/// The plane of a scan; maps over it are row-major `[mass][coupling]`.
///
/// ```
/// use cevscan::Plane;
///
/// // Masses in MeV, couplings, and how many of each; one dataset.
/// let plane = Plane::new((1.0, 1e3), (1e-5, 1e-2), (4, 61), 1)?;
/// assert_eq!(plane.points(), 244);
/// assert!((plane.mass.values[1] - 10.0).abs() < 1e-12);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Masses (MeV).
    pub mass: Axis,
    /// Couplings.
    pub coupling: Axis,
}

impl Plane {
    /// Logarithmic axes over ranges of mass (MeV) and coupling, with `(masses, couplings)` points.
    ///
    /// # Errors
    /// Ranges that do not increase, fewer than 2 points along an axis, or a map of `datasets` datasets that would take
    /// more memory than there is; nothing is allocated then.
    pub fn new(
        mass_mev: (f64, f64),
        coupling: (f64, f64),
        (masses, couplings): (usize, usize),
        datasets: usize,
    ) -> Result<Plane> {
        memory::Map { masses, couplings, terms: datasets }.require_fits()?;
        Plane::axes(mass_mev, coupling, (masses, couplings))
    }

    /// The same for one who works on some of its rows only: nothing is said about the memory of the whole.
    ///
    /// # Errors
    /// Ranges that do not increase, fewer than 2 points along an axis, axes beyond the memory at hand.
    pub fn axes(mass_mev: (f64, f64), coupling: (f64, f64), (masses, couplings): (usize, usize)) -> Result<Plane> {
        memory::Map { masses, couplings: 1, terms: 0 }.require_fits()?;
        memory::Map { masses: 1, couplings, terms: 0 }.require_fits()?;
        Ok(Plane {
            mass: Axis::logarithmic("mass", "MeV", mass_mev, masses)?,
            coupling: Axis::logarithmic("coupling", "", coupling, couplings)?,
        })
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.mass.len() * self.coupling.len()
    }

    /// The points of a range of rows, `[mass][coupling]`.
    pub fn points_of_rows(&self, rows: Range<usize>) -> Vec<Point> {
        let row = |mass_mev: f64| self.coupling.values.iter().map(move |&coupling| Point { mass_mev, coupling });
        self.mass.values[rows].iter().flat_map(|&mass_mev| row(mass_mev)).collect()
    }
}

/// What evaluated a map.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct EngineRecord {
    /// `cpu`, `gpu`, `reference`, or `mixed` where the CPU took over in the middle; empty where nothing says it.
    pub name: String,
    /// What it was, for people.
    pub description: String,
    /// Vector instructions of the CPU's kernels.
    pub simd: String,
    /// Where chi2 was minimised when a GPU made the rates.
    pub profile: Option<ProfileOn>,
    /// Points a GPU handed back because f32 could not hold them.
    pub redone_in_f64: usize,
    /// Why the CPU took over, and at which row of the map, if it did.
    pub fallback: Option<String>,
}

/// chi2 over the plane: of a scan, or read again from a file, which knows its model and engine by the record beside it.
///
/// ```
/// use cevscan::{Analysis, Experiment, Level, Map, Model, Plane};
///
/// let (model, data) = (Model::named("universal")?, Experiment::parse_list("csi")?);
/// let plane = Plane::new((1.0, 1e3), (1e-5, 1e-2), (7, 31), 1)?;
/// let map = Map::of(&Analysis::new(&model, &data), plane, Level::default())?;
/// let excluded = |row: usize, column: usize| map.chi2[row * 31 + column] > map.level_at(row);
/// // At 1 MeV: the largest coupling is excluded, the smallest is not.
/// assert!(excluded(0, 30) && !excluded(0, 0));
/// for line in map.contour()? {
///     assert!(line.points.iter().all(|[mass_mev, coupling]| *mass_mev >= 1.0 && *coupling > 1e-5));
/// }
/// // In decades of mass x decades of coupling.
/// assert!((1.0..9.0).contains(&map.excluded_area()?));
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Name of the model; empty where nothing says it.
    pub model: String,
    /// Names of the datasets, joined by `+`.
    pub data: String,
    /// Whether the Standard Model's expectation stood in for the data of any dataset, so that what it excludes is expected;
    /// none where nothing says it.
    pub is_expected: Option<bool>,
    /// The axes.
    pub plane: Plane,
    /// That of the fit to all datasets; NaN where it is missing.
    pub chi2: Vec<f64>,
    /// Each dataset's own by its name; a single one is that of all and not repeated here.
    pub chi2_by_dataset: Vec<(String, Vec<f64>)>,
    /// Whether datasets share nuisance parameters: else the chi2 of all is the sum of their own.
    pub is_shared: bool,
    /// [`Status`] of each point, the worst over the datasets.
    pub status: Vec<u8>,
    /// chi2 of the Standard Model, g = 0.
    pub chi2_sm: f64,
    /// The global minimum, whatever the map covers.
    pub best_fit: BestFit,
    /// Rise of chi2 at the border of the excluded region.
    pub delta_chi2: f64,
    /// The smallest chi2 at each mass, over all couplings whatever the map covers, where the rise counts from there and not
    /// from the global minimum.
    pub minimum_at_mass: Option<Vec<f64>>,
    /// What evaluated it.
    pub engine: EngineRecord,
    /// How far a GPU's values are from f64; none for the CPU's.
    pub certificate: Option<Certificate>,
    /// How far interpolated values are from minimised ones; none where each point was minimised.
    pub interpolation: Option<Interpolation>,
}

impl Map {
    /// Which minimum the rise counts from.
    pub fn minimum(&self) -> Minimum {
        if self.minimum_at_mass.is_some() { Minimum::Mass } else { Minimum::Plane }
    }

    /// What chi2 rises from.
    pub fn minima(&self) -> Minima {
        self.minimum_at_mass.clone().map_or(Minima::Plane(self.best_fit.chi2), Minima::AtMass)
    }

    /// chi2 less the minimum that it rises from, at each point.
    pub fn rises(&self) -> impl Iterator<Item = f64> {
        let rows = self.chi2.chunks(self.plane.coupling.len().max(1)).enumerate();
        rows.flat_map(|(row, chi2)| {
            let minimum = self.minimum_of(row);
            chi2.iter().map(move |chi2| chi2 - minimum)
        })
    }

    /// The minimum that chi2 rises from at the mass of this index.
    fn minimum_of(&self, row: usize) -> f64 {
        self.minimum_at_mass.as_ref().map_or(self.best_fit.chi2, |minima| minima[row])
    }

    /// chi2 at the border of the excluded region, at the mass of this index: what is above is excluded.
    pub fn level_at(&self, row: usize) -> f64 {
        self.minimum_of(row) + self.delta_chi2
    }

    /// Whether what it excludes is known to be expected.
    pub fn is_known_expected(&self) -> bool {
        self.is_expected == Some(true)
    }

    /// chi2 as a field over the plane.
    ///
    /// # Errors
    /// None for a map that a scan made, or that was read.
    pub fn field(&self) -> Result<Field<'_>> {
        Field::new(&self.plane.mass.values, &self.plane.coupling.values, &self.chi2)
    }

    /// The lines between what is excluded and what is not.
    ///
    /// # Errors
    /// As for [`Map::field`].
    pub fn contour(&self) -> Result<Vec<Line>> {
        self.border().lines()
    }

    /// The border of the excluded region.
    pub fn border(&self) -> Border<'_> {
        self.border_of(&self.chi2, &self.minima())
    }

    /// That of another chi2 over the same plane, such as one dataset's, with its own minima.
    pub fn border_of<'a>(&'a self, chi2: &'a [f64], minima: &Minima) -> Border<'a> {
        Border::new(&self.plane.mass.values, &self.plane.coupling.values, chi2, minima, self.delta_chi2)
    }

    /// Lets the rise count from another minimum that the map holds.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for the minimum at each mass where it does not hold it.
    pub fn count_from_known(&mut self, minimum: Minimum) -> Result<()> {
        match (minimum, &self.minimum_at_mass) {
            (Minimum::Mass, None) => {
                let bound =
                    "plane, or mass for a map that was scanned so: this one does not hold the minimum at each mass";
                return Err(Error::out_of_range("minimum", minimum.name(), bound));
            }
            (Minimum::Mass, Some(_)) => {}
            (Minimum::Plane, _) => self.minimum_at_mass = None,
        }
        Ok(())
    }

    /// Lets the rise count from another minimum; `analysis` is the one that made the map.
    ///
    /// # Errors
    /// A chi2 that did not converge.
    pub fn count_from(&mut self, minimum: Minimum, analysis: &Analysis) -> Result<()> {
        self.minimum_at_mass = match (minimum, self.minimum_at_mass.take()) {
            (Minimum::Plane, _) => None,
            (Minimum::Mass, Some(known)) => Some(known),
            (Minimum::Mass, None) => Some(minima_at_masses(analysis, &self.plane.mass.values)?),
        };
        Ok(())
    }

    /// Number of points whose chi2 is missing.
    pub fn missing(&self) -> usize {
        self.status.iter().filter(|status| **status != Status::Converged as u8).count()
    }

    /// That the values are those of an analysis, by its chi2 at the best fit and at some points of the plane; `record`
    /// names what tells that they are.
    ///
    /// # Errors
    /// [`Error::NotOfForm`] where they are those of another model or of other data.
    pub fn require_made_by(&self, analysis: &Analysis, record: &str) -> Result<()> {
        let refused = |reason| Error::NotOfForm { path: record.to_owned(), form: "record of this map", reason };
        let data = analysis.data_name();
        if data != self.data {
            return Err(refused(format!("its datasets are {}, not {data}", self.data)));
        }
        let (masses, couplings) = (&self.plane.mass.values, &self.plane.coupling.values);
        let of_plane = [(1, 1), (1, 2), (2, 2)].map(|(i, j)| {
            let (i, j) = ((masses.len() - 1) * i / 2, (couplings.len() - 1) * j / 2);
            (Point { mass_mev: masses[i], coupling: couplings[j] }, self.chi2[i * couplings.len() + j])
        });
        let best = Point { mass_mev: self.best_fit.mass_mev, coupling: self.best_fit.coupling };
        let known = [(best, self.best_fit.chi2)].into_iter().chain(of_plane).filter(|(_, chi2)| !chi2.is_nan());
        for (point, chi2) in known {
            let found = analysis.fit(point).total.chi2;
            if (found - chi2).abs() > SAME_CHI2 * chi2.abs().max(1.0) {
                let Point { mass_mev, coupling } = point;
                let model = &analysis.model.name;
                return Err(refused(format!(
                    "at mass {mass_mev:.4e} MeV and coupling {coupling:.4e} the chi2 of {model} and {data} is \
                     {found:.4}, the map's {chi2:.4}"
                )));
            }
        }
        Ok(())
    }

    /// Puts the f64 value of a point, dataset by dataset, in place of a GPU's.
    pub(super) fn replace(&mut self, analysis: &Analysis, point: usize, chi2: &[f64], status: Status) {
        for ((_, all), value) in self.chi2_by_dataset.iter_mut().zip(chi2) {
            all[point] = *value;
        }
        self.chi2[point] = analysis.total(chi2.iter().copied());
        self.status[point] = status as u8;
    }

    /// Each dataset's own chi2 with its name.
    pub fn datasets(&self) -> Vec<(&str, &[f64])> {
        match self.chi2_by_dataset.as_slice() {
            [] => vec![(&self.data, &self.chi2)],
            datasets => datasets.iter().map(|(name, chi2)| (name.as_str(), chi2.as_slice())).collect(),
        }
    }

    /// chi2 of one dataset.
    pub fn dataset(&self, name: &str) -> Option<&[f64]> {
        let single = self.data == name;
        let values = self.chi2_by_dataset.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice());
        values.or(single.then_some(self.chi2.as_slice()))
    }
}
