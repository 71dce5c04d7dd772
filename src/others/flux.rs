//! Neutrino spectra: a line, a table, or the reactor's by its isotopes.

use std::path::Path;

use crate::base::document::{Bound, Section};
use crate::base::quadrature::Rule;
use crate::others::recast::columns::Columns;
use crate::physics::flux::fission_coefficients;
use crate::{Error, Result};

const ENERGY: Bound = Bound::PositiveUpTo(1e6);
/// Gauss points over a smooth spectrum, and over each piece of a table.
const SMOOTH_POINTS: usize = 48;
const PIECE_POINTS: usize = 8;

/// A spectrum, normalised in any way: experiments are compared with their own expectation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Flux {
    /// One energy (MeV).
    Line(f64),
    /// Energies (MeV), increasing, and the flux at each; straight in between, zero beyond.
    Table(Vec<(f64, f64)>),
    /// Sum of shares of exp(polynomial in E/MeV), up to an energy (MeV).
    Exponentials {
        /// Share of the fissions, and coefficients.
        terms: Vec<(f64, Vec<f64>)>,
        /// Largest energy (MeV).
        highest_mev: f64,
    },
}

impl Flux {
    /// Reads it from the section of a rate: `line_mev`, or `table` (a file of two columns, energy in MeV and flux, beside
    /// the experiment's), or `reactor` with `fractions` and `highest_mev`.
    ///
    /// # Errors
    /// None or several of these; numbers out of their bounds; a table that cannot be read.
    pub(crate) fn read(section: &Section, folder: &Path) -> Result<Flux> {
        let kinds = ["line_mev", "table", "reactor"];
        let given = kinds.iter().filter(|key| section.has(key)).count();
        if given != 1 {
            return Err(section.error(
                "line_mev",
                format!("one of {given} spectra"),
                "one of line_mev, table, reactor",
            ));
        }
        if section.has("line_mev") {
            return Ok(Flux::Line(section.number("line_mev", ENERGY)?));
        }
        if section.has("table") {
            let name = section.text("table")?;
            return Flux::table(&folder.join(name)).map_err(|error| section.unreadable("table", name, error));
        }
        section.choice("reactor", &["mueller2011"])?;
        let fractions = section.numbers("fractions", Bound::NotNegativeUpTo(1.0))?;
        let isotopes = fission_coefficients()?;
        if fractions.len() != isotopes.len() {
            let bound = format!("{}: 235U, 238U, 239Pu, 241Pu", isotopes.len());
            return Err(section.error("fractions", fractions.len(), bound));
        }
        let highest_mev = section.number("highest_mev", ENERGY)?;
        Ok(Flux::Exponentials { terms: fractions.into_iter().zip(isotopes).collect(), highest_mev })
    }

    fn table(path: &Path) -> Result<Flux> {
        let columns = Columns::read(path)?;
        columns.require_width(2, "energy [MeV], flux")?;
        columns.require_energies_in("MeV")?;
        columns.require_positive(0, "energy [MeV]")?;
        for pair in columns.rows.windows(2) {
            if pair[1].1[0] <= pair[0].1[0] {
                return Err(columns.error(pair[1].0, "energy [MeV]", pair[1].1[0], "above that of the line before"));
            }
        }
        if let Some((line, row)) = columns.rows.iter().find(|(_, row)| row[1] < 0.0) {
            return Err(columns.error(*line, "flux", row[1], "0 or positive"));
        }
        if columns.rows.len() < 2 {
            return Err(columns.error(columns.rows[0].0, "number of rows", columns.rows.len(), "at least 2"));
        }
        Ok(Flux::Table(columns.rows.iter().map(|(_, row)| (row[0], row[1])).collect()))
    }

    /// The largest energy (MeV).
    pub fn highest_mev(&self) -> f64 {
        match self {
            Flux::Line(energy) => *energy,
            Flux::Table(rows) => rows.last().map_or(0.0, |row| row.0),
            Flux::Exponentials { highest_mev, .. } => *highest_mev,
        }
    }

    /// Energies (MeV) at which it has kinks or ends.
    pub fn kinks_mev(&self) -> Vec<f64> {
        match self {
            Flux::Line(energy) => vec![*energy],
            Flux::Table(rows) => rows.iter().map(|row| row.0).collect(),
            Flux::Exponentials { highest_mev, .. } => vec![*highest_mev],
        }
    }

    /// Energies (MeV) above `lowest_mev` with weights that hold the flux: of integrals over the spectrum.
    pub fn above(&self, lowest_mev: f64) -> Rule {
        let weighed = |edges: &[f64], points: usize, flux: &dyn Fn(f64) -> f64| {
            let mut rule = Rule::piecewise(edges, &vec![points; edges.len().saturating_sub(1)]);
            rule.nodes.iter().zip(&mut rule.weights).for_each(|(energy, weight)| *weight *= flux(*energy));
            rule
        };
        match self {
            Flux::Line(energy) if *energy > lowest_mev => Rule { nodes: vec![*energy], weights: vec![1.0] },
            Flux::Line(_) => Rule::default(),
            Flux::Table(rows) => {
                let mut edges: Vec<f64> = rows.iter().map(|row| row.0).filter(|energy| *energy > lowest_mev).collect();
                if edges.len() < rows.len() && !edges.is_empty() {
                    edges.insert(0, lowest_mev);
                }
                weighed(&edges, PIECE_POINTS, &|energy| between(rows, energy))
            }
            Flux::Exponentials { highest_mev, .. } if lowest_mev >= *highest_mev => Rule::default(),
            Flux::Exponentials { terms, highest_mev } => {
                weighed(&[lowest_mev, *highest_mev], SMOOTH_POINTS, &|energy| {
                    let exponent = |c: &[f64]| c.iter().rev().fold(0.0, |sum, c| sum * energy + c);
                    terms.iter().map(|(share, coefficients)| share * exponent(coefficients).exp()).sum()
                })
            }
        }
    }
}

fn between(rows: &[(f64, f64)], energy: f64) -> f64 {
    let above = rows.partition_point(|row| row.0 < energy).clamp(1, rows.len() - 1);
    let ((e0, f0), (e1, f1)) = (rows[above - 1], rows[above]);
    f0 + (f1 - f0) * (energy - e0) / (e1 - e0)
}

impl Flux {
    /// An error where the spectrum cannot reach what is asked of it.
    pub(crate) fn require_reach(&self, section: &Section, key: &str, lowest_mev: f64) -> Result<()> {
        if self.highest_mev() > lowest_mev {
            return Ok(());
        }
        let found = format!("out of reach: it takes neutrinos above {lowest_mev:.4} MeV");
        Err::<(), Error>(section.error(key, found, format!("within reach of {} MeV", self.highest_mev())))
    }
}
