//! Neutrinos: pions that decay at rest, or a table.

use crate::Result;
use crate::base::document::Bound;
use crate::physics::flux::{Flavour, Source, Spectrum};
use crate::{Error, dataset::table::Table};

use super::{Part, in_table, require_increasing};

/// 1 m in cm.
const METRE_CM: f64 = 1e2;
/// One day in seconds.
const DAY_S: f64 = 86_400.0;
/// Unit of a tabulated flux.
const FLUX_UNIT: &str = "1/(MeV*cm^2*s)";
/// Largest energy of a tabulated flux (MeV).
const LARGEST_ENERGY_MEV: f64 = 1e4;

/// Reads `[source]`: the source, and its fluence [1/cm^2].
pub(super) fn read(part: &Part) -> Result<(Source, f64)> {
    let section = &part.section;
    match section.choice("kind", &["pion-decay-at-rest", "table"])? {
        "table" => tabulated(part),
        _ => {
            let neutrinos = section.number("neutrinos_per_flavour_per_proton", Bound::PositiveUpTo(1e3))?
                * section.number("protons_on_target", Bound::PositiveUpTo(1e30))?;
            let baseline_m = section.number("baseline_m", Bound::PositiveUpTo(1e6))?;
            let sphere_cm2 = 4.0 * std::f64::consts::PI * (baseline_m * METRE_CM).powi(2);
            Ok((Source::pion_decay_at_rest(), neutrinos / sphere_cm2))
        }
    }
}

/// A column of energies and one for each flavour; the fluence is 1/cm^2 for each second of live time.
fn tabulated(part: &Part) -> Result<(Source, f64)> {
    let live_time_s = part.section.number("live_time_days", Bound::PositiveUpTo(1e6))? * DAY_S;
    let (path, text) = part.table_text("table")?;
    let table = Table::parse_any(&path, &text)?;
    let flavours = flavours(&path, &table)?;
    let units: Vec<&str> = std::iter::once("MeV").chain(std::iter::repeat_n(FLUX_UNIT, flavours.len())).collect();
    let names: Vec<&str> = std::iter::once("energy").chain(flavours.iter().map(|flavour| flavour.name)).collect();
    let columns: Vec<(&str, &str)> = names.into_iter().zip(units).collect();
    let table = Table::parse(&path, &text, &columns)?;
    require_increasing(&path, &table)?;
    let rows = table.rows();
    if rows.len() < 2 {
        return Err(in_table(&path, table.row_line(0), "number of rows", rows.len() as f64, "at least 2"));
    }
    for (i, row) in rows.iter().enumerate() {
        if !(0.0..=LARGEST_ENERGY_MEV).contains(&row[0]) {
            return Err(in_table(&path, table.row_line(i), "energy", row[0], "from 0 to 1e4 MeV"));
        }
        if let Some(flux) = row[1..].iter().find(|flux| !(0.0..=1e30).contains(*flux)) {
            return Err(in_table(&path, table.row_line(i), "flux", *flux, "zero or positive, and at most 1e30"));
        }
    }
    let spectrum =
        |column: usize| Spectrum::Table { energy_mev: table.column(0), density_per_mev: table.column(column) };
    let spectra = flavours.into_iter().enumerate().map(|(i, flavour)| (flavour, spectrum(i + 1)));
    Ok((Source::steady(spectra.collect()), live_time_s))
}

/// The flavours that the columns after the first are named by.
fn flavours(path: &str, table: &Table) -> Result<Vec<Flavour>> {
    let names = table.columns().iter().skip(1).map(|column| column.name.as_str());
    let known = Flavour::ALL.map(|flavour| flavour.name).join(", ");
    let refuse = |value: &str| Error::InFile {
        path: path.to_owned(),
        line: table.row_line(0).saturating_sub(3),
        quantity: "columns".to_owned(),
        value: format!("'{value}'"),
        bound: format!("'energy' and then flavours, each once: {known}"),
    };
    let mut found: Vec<Flavour> = Vec::new();
    for name in names {
        let flavour = Flavour::ALL.into_iter().find(|flavour| flavour.name == name).ok_or_else(|| refuse(name))?;
        if found.contains(&flavour) {
            return Err(refuse(name));
        }
        found.push(flavour);
    }
    if found.is_empty() { Err(refuse("energy")) } else { Ok(found) }
}
