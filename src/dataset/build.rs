//! From a dataset file to a validated [`Dataset`].

use crate::constants::AVOGADRO_PER_MOL;
use crate::detector::{Efficiency, Quenching, Resolution, Response};
use crate::document::Document;
use crate::flux::{BeamTrace, Source, TimeEfficiency, arrival_fractions};
use crate::nuclear::Isotope;
use crate::{Error, Result};

use super::embedded::Tables;
use super::table::{BinnedTable, BinnedUnits, Table};
use super::{Background, Dataset, Shape, Signal, Statistic, Target, file};

/// 1 m in cm.
const METRE_CM: f64 = 1e2;
/// 1 kg in g.
const KILOGRAM_G: f64 = 1e3;

impl Dataset {
    /// Reads a dataset file and the tables it names.
    ///
    /// # Errors
    /// Text that is not of the form, numbers out of their range, tables of another shape than the counts.
    pub(super) fn parse(path: &str, text: &str, tables: &Tables) -> Result<Dataset> {
        let file: file::File = (Document { path, text }).read()?;
        let counts = binned(tables, &file.observation.counts, &file.observation.energy_unit, "events", None)?;
        counts.1.require(&counts.0, "a whole number of events, zero or more", |n| n >= 0.0 && n.fract() == 0.0)?;
        let counts = counts.1;
        let backgrounds =
            (file.backgrounds.iter().map(|background| read_background(tables, &file, background, &counts)))
                .collect::<Result<Vec<_>>>()?;
        let response = Response {
            quenching: read_quenching(tables, &file.quenching)?,
            resolution: read_resolution(&file.resolution)?,
            efficiency: read_efficiency(tables, &file.efficiency)?,
            energy_edges: counts.energy_edges().to_vec(),
        };
        let (source, fluence_per_cm2) = read_source(&file.source)?;
        let time_edges_us = counts.time_edges_us().to_vec();
        let time_fractions = read_time(tables, &file.time, &source, &time_edges_us)?;
        Ok(Dataset {
            signal: Signal {
                name: file.signal.name.clone(),
                sigma: positive("sigma of the signal", file.signal.sigma)?,
                shapes: read_shapes(tables, &file, &file.signal.shapes, &counts)?,
            },
            statistic: read_statistic(&file.observation.statistic, counts.values(), &backgrounds)?,
            targets: read_targets(&file.target)?,
            observed: counts.values().to_vec(),
            energy_unit: file.observation.energy_unit,
            name: file.name,
            label: file.label,
            description: file.description,
            reference: file.reference,
            source,
            fluence_per_cm2,
            response,
            time_edges_us,
            time_fractions,
            backgrounds,
        })
    }
}

fn positive(quantity: &str, value: f64) -> Result<f64> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Error::out_of_range(quantity, value, "positive and finite"))
}

/// A table over [energy][time], with the edges of `like`.
fn binned(
    tables: &Tables,
    name: &str,
    energy: &str,
    content: &str,
    like: Option<&BinnedTable>,
) -> Result<(String, BinnedTable)> {
    let (path, text) = tables.read(name)?;
    let table = BinnedTable::parse(&path, &text, BinnedUnits { energy, content })?;
    if let Some(like) = like
        && (table.energy_edges(), table.time_edges_us()) != (like.energy_edges(), like.time_edges_us())
    {
        return Err(Error::InFile {
            path,
            line: table.row_line(0),
            quantity: "binning".to_owned(),
            value: format!("{} x {} bins", table.energy_bins(), table.time_bins()),
            bound: format!("that of the counts, {} x {} bins", like.energy_bins(), like.time_bins()),
        });
    }
    Ok((path, table))
}

fn read_background(
    tables: &Tables,
    file: &file::File,
    background: &file::Background,
    counts: &BinnedTable,
) -> Result<Background> {
    let (path, table) = binned(tables, &background.table, &file.observation.energy_unit, "events", Some(counts))?;
    table.require(&path, "zero or positive", |events| events >= 0.0)?;
    Ok(Background {
        name: background.name.clone(),
        label: background.label.clone(),
        events: table.values().to_vec(),
        sigma: positive(&format!("sigma of background '{}'", background.name), background.sigma)?,
        shapes: read_shapes(tables, file, &background.shapes, counts)?,
    })
}

fn read_shapes(tables: &Tables, file: &file::File, shapes: &[file::Shape], counts: &BinnedTable) -> Result<Vec<Shape>> {
    let read = |shape: &file::Shape| -> Result<Shape> {
        let (_, table) = binned(tables, &shape.table, &file.observation.energy_unit, "1", Some(counts))?;
        Ok(Shape { name: shape.name.clone(), relative_change: table.values().to_vec() })
    };
    shapes.iter().map(read).collect()
}

fn read_statistic(statistic: &file::Statistic, observed: &[f64], backgrounds: &[Background]) -> Result<Statistic> {
    let file::Statistic::Gaussian { background, share } = statistic else { return Ok(Statistic::Poisson) };
    let events = backgrounds.iter().find(|known| known.name == *background).ok_or_else(|| {
        Error::unknown_name("background", background, backgrounds.iter().map(|known| known.name.as_str()))
    })?;
    let variance: Vec<f64> = observed.iter().zip(&events.events).map(|(n, b)| n + share * b).collect();
    if let Some(bin) = variance.iter().position(|v| !(*v > 0.0 && v.is_finite())) {
        return Err(Error::out_of_range(format!("variance of bin {bin}"), variance[bin], "positive and finite"));
    }
    Ok(Statistic::Gaussian { variance })
}

fn read_source(source: &file::Source) -> Result<(Source, f64)> {
    let file::Source::PionDecayAtRest { neutrinos_per_flavour_per_proton, protons_on_target, baseline_m } = source;
    let neutrinos = positive("neutrinos_per_flavour_per_proton", *neutrinos_per_flavour_per_proton)?
        * positive("protons_on_target", *protons_on_target)?;
    let sphere_cm2 = 4.0 * std::f64::consts::PI * (positive("baseline_m", *baseline_m)? * METRE_CM).powi(2);
    Ok((Source::pion_decay_at_rest(), neutrinos / sphere_cm2))
}

fn read_targets(target: &file::Target) -> Result<Vec<Target>> {
    let formula_units = positive("active_mass_kg", target.active_mass_kg)? * KILOGRAM_G * AVOGADRO_PER_MOL
        / positive("molar_mass_g_per_mol", target.molar_mass_g_per_mol)?;
    let read = |share: &file::IsotopeShare| -> Result<Target> {
        let number = positive(&format!("per_formula_unit of {}", share.name), share.per_formula_unit)?;
        Ok(Target { isotope: Isotope::named(&share.name)?, nuclei: formula_units * number })
    };
    target.isotopes.iter().map(read).collect()
}

fn read_quenching(tables: &Tables, quenching: &file::Quenching) -> Result<Quenching> {
    let coefficients_kev = match quenching {
        file::Quenching::Polynomial { coefficients_kev } => coefficients_kev.clone(),
        file::Quenching::PolynomialTable { table } => {
            let (path, text) = tables.read(table)?;
            let table = Table::parse(&path, &text, &[("power", "1"), ("coefficient", "MeVee/MeVnr^power")])?;
            let mut coefficients = Vec::new();
            for (i, row) in table.rows().iter().enumerate() {
                let power = row[0];
                if !(power.fract() == 0.0 && (0.0..=9.0).contains(&power)) {
                    return Err(in_table(&path, table.row_line(i), "power", power, "a whole number from 0 to 9"));
                }
                let power = power as usize;
                if coefficients.len() <= power {
                    coefficients.resize(power + 1, 0.0);
                }
                // E_ee[MeV] = c T[MeV]^n is E_ee[keV] = c 1e3^(1-n) T[keV]^n.
                coefficients[power] = row[1] * 1e3_f64.powi(1 - power as i32);
            }
            coefficients
        }
    };
    Ok(Quenching::Polynomial { coefficients_kev })
}

fn read_resolution(resolution: &file::Resolution) -> Result<Resolution> {
    Ok(match resolution {
        file::Resolution::GammaPhotoelectrons { a_kev, b_per_kev } => Resolution::GammaPhotoelectrons {
            a_kev: positive("a_kev", *a_kev)?,
            b_per_kev: positive("b_per_kev", *b_per_kev)?,
        },
        file::Resolution::GaussianSqrt { sigma_per_sqrt_kev } => {
            Resolution::GaussianSqrt { sigma_per_sqrt_kev: positive("sigma_per_sqrt_kev", *sigma_per_sqrt_kev)? }
        }
    })
}

fn read_efficiency(tables: &Tables, efficiency: &file::Efficiency) -> Result<Efficiency> {
    match efficiency {
        file::Efficiency::Logistic { table } => {
            let (path, text) = tables.read(table)?;
            let table = Table::parse(&path, &text, &[("a", "1"), ("b", "1/PE"), ("c", "PE"), ("d", "1")])?;
            match table.rows() {
                [row] => Ok(Efficiency::Logistic { amplitude: row[0], slope: row[1], centre: row[2], offset: row[3] }),
                rows => Err(in_table(&path, table.row_line(0), "number of rows", rows.len() as f64, "1")),
            }
        }
        file::Efficiency::TrueEnergyTable { table } => {
            let (path, text) = tables.read(table)?;
            let columns = [("electron_equivalent_energy", "keVee"), ("recoil_energy", "keVnr"), ("efficiency", "1")];
            let table = Table::parse(&path, &text, &columns)?;
            for (i, rows) in table.rows().windows(2).enumerate() {
                if rows[0][0] >= rows[1][0] {
                    let bound = "larger than in the row before";
                    return Err(in_table(
                        &path,
                        table.row_line(i + 1),
                        "electron_equivalent_energy",
                        rows[1][0],
                        bound,
                    ));
                }
            }
            if let Some(i) = table.rows().iter().position(|row| !(0.0..=1.0).contains(&row[2])) {
                return Err(in_table(&path, table.row_line(i), "efficiency", table.rows()[i][2], "from 0 to 1"));
            }
            Ok(Efficiency::TrueEnergyTable { electron_equivalent_kev: table.column(0), efficiency: table.column(2) })
        }
    }
}

/// Share of each class in each time bin, `[classes][time_bins]`.
fn read_time(tables: &Tables, time: &file::Time, source: &Source, edges_us: &[f64]) -> Result<Vec<f64>> {
    let trace = match &time.trace {
        file::Trace::Gaussian { mean_ns, sigma_ns } => {
            BeamTrace::Gaussian { mean_ns: *mean_ns, sigma_ns: positive("sigma_ns of the beam trace", *sigma_ns)? }
        }
        file::Trace::Table { table } => {
            let (path, text) = tables.read(table)?;
            let table = Table::parse(&path, &text, &[("time", "ns"), ("intensity", "1")])?;
            for (i, row) in table.rows().iter().enumerate() {
                if row[1] <= 0.0 {
                    return Err(in_table(&path, table.row_line(i), "intensity", row[1], "positive"));
                }
                if i > 0 && table.rows()[i - 1][0] >= row[0] {
                    return Err(in_table(&path, table.row_line(i), "time", row[0], "later than in the row before"));
                }
            }
            BeamTrace::Table { time_ns: table.column(0), intensity: table.column(1) }
        }
    };
    let efficiency = time.efficiency.as_ref().map(|efficiency| TimeEfficiency {
        flat_until_us: efficiency.flat_until_us,
        rate_per_us: efficiency.rate_per_us,
    });
    let mut all = Vec::new();
    for class in &source.classes {
        let mut fractions = arrival_fractions(&trace, &class.lifetimes_ns, edges_us, efficiency.as_ref());
        if time.normalise_to_window {
            let total = positive(&format!("share of '{}' in the time window", class.name), fractions.iter().sum())?;
            fractions.iter_mut().for_each(|fraction| *fraction /= total);
        }
        all.extend(fractions);
    }
    Ok(all)
}

fn in_table(path: &str, line: usize, quantity: &str, value: f64, bound: &str) -> Error {
    Error::InFile {
        path: path.to_owned(),
        line,
        quantity: quantity.to_owned(),
        value: value.to_string(),
        bound: bound.to_owned(),
    }
}
