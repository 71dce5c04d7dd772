//! The numbers of the limits: a checkout of darkcast (arXiv:1801.04847) that the user has.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

use super::columns::Columns;
use super::couplings::Vector;
use super::curve::{Curve, Exclusion, NoLimit, Row};
use super::hadrons::Hadrons;
use super::limit::{FILE, FRACTIONS, Kind, Limit, LimitColumns, ProductionName, Search};
use super::production::Production;
use super::solve::{Bosons, Published, recast};
use super::widths::Settings;

/// Couplings from here on mean that there is no limit.
const NO_LIMIT: f64 = 1e5;

/// A folder of limits and what hadrons need.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    limits: PathBuf,
    hadrons: Hadrons,
}

/// A curve, or why a limit has none for this model.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Something is excluded.
    Excluded(Curve),
    /// Nothing is, for a reason in words.
    Nothing(String),
}

impl Checkout {
    /// Opens a checkout: a folder with `limits` and `vmd`, itself or below `darkcast`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another folder; hadronic tables that are missing or malformed.
    pub fn open(folder: &Path) -> Result<Checkout> {
        let root = [folder.to_owned(), folder.join("darkcast")].into_iter().find(|root| root.join("limits").is_dir());
        let root = root.ok_or_else(|| {
            Error::out_of_range(
                "folder of darkcast",
                folder.display(),
                "a checkout with the folders 'limits' and 'vmd'",
            )
        })?;
        Ok(Checkout { limits: root.join("limits"), hadrons: Hadrons::read(&root.join("vmd"))? })
    }

    /// Hadronic decays.
    pub fn hadrons(&self) -> &Hadrons {
        &self.hadrons
    }

    /// A limit on the coupling of a model's boson.
    ///
    /// # Errors
    /// Files of the limit that are missing or malformed, with the line.
    pub fn recast(&self, limit: &Limit, model: &str, target: &Vector, settings: Settings) -> Result<Outcome> {
        let numbers = (FILE, limit.file.as_str());
        let search = match &limit.kind {
            Kind::Direct { model: only } if only != model => {
                return Ok(Outcome::Nothing(format!("a direct limit on {only}, which is not recast")));
            }
            Kind::Direct { .. } => {
                let Published::Single(points) =
                    limit.file(numbers, &self.limits, |path| Published::single(Columns::read(path)?))?
                else {
                    return Ok(Outcome::Nothing("no numbers".to_owned()));
                };
                let excluded = |lower: Option<f64>| match lower {
                    Some(lower) => Ok(Exclusion { lower, upper: None }),
                    None => Err(NoLimit::NotInSource),
                };
                let rows = points.into_iter().map(|(mass_gev, g)| Row { mass_gev, excluded: excluded(g) });
                return Ok(Outcome::Excluded(Curve { rows: rows.collect() }));
            }
            Kind::DarkPhoton(search) => search,
        };
        let published = limit.file(numbers, &self.limits, |path| Published::read(path, search.columns))?;
        let production = match &search.production {
            ProductionName::Mechanism(mechanism) => Production::Single(mechanism.clone()),
            ProductionName::FractionsFile(file) => {
                let read = |path: &Path| Production::from_columns(&Columns::read(path)?);
                limit.file((FRACTIONS, file), &self.limits, read)?
            }
        };
        let bosons = Bosons { source: &Vector::DarkPhoton, target, settings, hadrons: &self.hadrons };
        let curve = recast(search, &published, &production, &bosons)?;
        if curve.is_empty() {
            return Ok(Outcome::Nothing(reason(&curve, search, target)));
        }
        Ok(Outcome::Excluded(curve))
    }
}

/// Why a whole curve is empty, in words.
fn reason(curve: &Curve, search: &Search, target: &Vector) -> String {
    let heaviest = curve.rows.last().map_or(1.0, |row| row.mass_gev);
    match curve.main_reason() {
        NoLimit::NotInSource => "the experiment has no limit at any mass of its file".to_owned(),
        NoLimit::NotProduced => format!("not produced: {}", search.production.without()),
        NoLimit::FinalStateClosed => {
            let states: Vec<String> =
                search.final_states.iter().map(|state| state.without(&target.couplings(heaviest))).collect();
            format!("final state closed: {}", states.join(", "))
        }
        NoLimit::TooWeak => "too few decays where the search looks, whatever the coupling".to_owned(),
    }
}

impl Published {
    /// Reads the file of a limit.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InFile`] with the line of what is not as the form says.
    pub fn read(path: &Path, form: LimitColumns) -> Result<Published> {
        let columns = Columns::read(path)?;
        match form {
            LimitColumns::Prompt | LimitColumns::Within(_) => Published::single(columns),
            LimitColumns::Behind(_) => Published::double(columns),
            LimitColumns::RValues => Published::r_values(columns),
        }
    }

    fn single(columns: Columns) -> Result<Published> {
        columns.require_width(2, "mass, lower")?;
        positive(&columns, &["mass [GeV]", "lower end"])?;
        let points = columns.by_mass().map(|row| (row[0], Some(row[1]).filter(|lower| *lower < NO_LIMIT)));
        Ok(Published::Single(points.collect()))
    }

    fn double(columns: Columns) -> Result<Published> {
        columns.require_width(3, "mass, lower, upper")?;
        positive(&columns, &["mass [GeV]", "lower end", "upper end"])?;
        if let Some((line, row)) = columns.rows.iter().find(|(_, row)| row[2] < row[1]) {
            return Err(columns.error(*line, "upper end", row[2], &format!("at or above the lower end, {}", row[1])));
        }
        let ends = |row: &[f64]| Some((row[1], row[2])).filter(|(lower, upper)| *lower < NO_LIMIT && *upper < NO_LIMIT);
        let points = columns.by_mass().map(|row| (row[0], ends(&row)));
        Ok(Published::Double(points.collect()))
    }

    fn r_values(columns: Columns) -> Result<Published> {
        columns.require_width(3, "mass, g, r")?;
        positive(&columns, &["mass [GeV]", "coupling g", "r"])?;
        let columns = columns.sorted();
        let mut grids: Vec<(f64, Vec<(f64, f64)>)> = Vec::new();
        for (_, row) in &columns.rows {
            match grids.last_mut() {
                Some((mass, grid)) if *mass == row[0] => grid.push((row[1], row[2])),
                _ => grids.push((row[0], vec![(row[1], row[2])])),
            }
        }
        for (_, grid) in &mut grids {
            // Stable, so that of equal couplings the file's last stays last, and first after the reversal.
            grid.sort_by(|a, b| a.0.total_cmp(&b.0));
            grid.reverse();
            grid.dedup_by_key(|(coupling, _)| *coupling);
            grid.reverse();
        }
        Ok(Published::RValues(grids))
    }
}

fn positive(columns: &Columns, quantities: &[&str]) -> Result<()> {
    quantities.iter().enumerate().try_for_each(|(column, quantity)| columns.require_positive(column, quantity))
}
