//! Neutrinos: pions that decay at rest, a table, solar ones of 8B, or those of a reactor.

use crate::Result;
use crate::base::document::Bound;
use crate::base::grid::{number_text, rounded};
use crate::physics::flux::{Flavour, LOWEST_REACTOR_MEV, Source, Spectrum, reactor_spectrum};
use crate::{Error, dataset::table::Table};

use super::{Part, in_table, require_increasing};

/// 1 m in cm.
const METRE_CM: f64 = 1e2;
/// One day in seconds.
const DAY_S: f64 = 86_400.0;
/// Largest energy of a reactor's antineutrinos (MeV): the polynomials are made for up to 8 MeV.
const HIGHEST_REACTOR_MEV: f64 = 12.0;
/// What fractions of fissions may be off 1 in all.
const FRACTION_TOLERANCE: f64 = 1e-3;
/// What the integral of a spectrum of one neutrino may be off 1: it is a sum over rows.
const NORM_TOLERANCE: f64 = 1e-3;
/// Unit of a tabulated flux.
const FLUX_UNIT: &str = "1/(MeV*cm^2*s)";
/// Largest energy of a tabulated flux (MeV).
const LARGEST_ENERGY_MEV: f64 = 1e4;

/// Reads `[source]`: the source, and its fluence [1/cm^2].
pub(super) fn read(part: &Part) -> Result<(Source, f64)> {
    let section = &part.section;
    match section.choice("kind", &["pion-decay-at-rest", "table", "solar-8b", "reactor"])? {
        "reactor" => reactor(part),
        "table" => tabulated(part),
        "solar-8b" => solar(part),
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
    require_spectrum(&path, &table)?;
    let spectrum =
        |column: usize| Spectrum::Table { energy_mev: table.column(0), density_per_mev: table.column(column) };
    let spectra = flavours.into_iter().enumerate().map(|(i, flavour)| (flavour, spectrum(i + 1)));
    Ok((Source::steady(spectra.collect()), live_time_s))
}

/// Neutrinos of solar 8B: one spectrum, which arrives as nu_e with the probability `survival`, and of the rest as nu_mu with
/// `muon_share`; the fluence is 1/cm^2 for each second of live time.
fn solar(part: &Part) -> Result<(Source, f64)> {
    let section = &part.section;
    let live_time_s = section.number("live_time_days", Bound::PositiveUpTo(1e6))? * DAY_S;
    let flux = section.number("flux_per_cm2_s", Bound::PositiveUpTo(1e15))?;
    let survival = section.number("survival", Bound::NotNegativeUpTo(1.0))?;
    let muons = (1.0 - survival) * section.number("muon_share", Bound::NotNegativeUpTo(1.0))?;
    let (path, table) = part.table("table", &[("energy", "MeV"), ("density", "1/MeV")])?;
    require_spectrum(&path, &table)?;
    let spectrum = |share: f64| Spectrum::Table {
        energy_mev: table.column(0),
        density_per_mev: table.column(1).into_iter().map(|density| flux * share * density).collect(),
    };
    let one = Spectrum::Table { energy_mev: table.column(0), density_per_mev: table.column(1) }.moment(0, 0.0);
    if (one - 1.0).abs() > NORM_TOLERANCE {
        let bound = "1, the spectrum of one neutrino, within 1e-3";
        return Err(in_table(&path, table.row_line(0), "integral of the spectrum", one, bound));
    }
    let shares = [("nu_e", survival), ("nu_mu", muons), ("nu_tau", 1.0 - survival - muons)];
    let flavour = |name: &str| Flavour::ALL.into_iter().find(|flavour| flavour.name == name);
    let spectra = shares.iter().filter(|(_, share)| *share > 0.0);
    let spectra = spectra.filter_map(|(name, share)| Some((flavour(name)?, spectrum(*share))));
    Ok((Source::steady(spectra.collect()), live_time_s))
}

/// Antineutrinos of a reactor above 1.8 MeV; the fluence is 1/cm^2 for each second at full power.
fn reactor(part: &Part) -> Result<(Source, f64)> {
    let section = &part.section;
    let live_time_s = section.number("live_time_days", Bound::PositiveUpTo(1e6))? * DAY_S;
    let duty = section.optional_number("duty", Bound::PositiveUpTo(1.0))?.unwrap_or(1.0);
    let power_gw = section.number("thermal_power_gw", Bound::PositiveUpTo(1e3))?;
    let baseline_m = section.number("baseline_m", Bound::PositiveUpTo(1e6))?;
    let given = section.numbers("fission_fractions", Bound::NotNegativeUpTo(1.0))?;
    let Ok(fractions) = <[f64; 4]>::try_from(given.as_slice()) else {
        let found = format!("{} numbers", given.len());
        return Err(section.error("fission_fractions", found, "4 numbers: 235U, 238U, 239Pu, 241Pu"));
    };
    let sum: f64 = fractions.iter().sum();
    if (sum - 1.0).abs() > FRACTION_TOLERANCE {
        return Err(section.error(
            "fission_fractions",
            format!("numbers that add up to {}", number_text(rounded(sum, 6))),
            "numbers that add up to 1",
        ));
    }
    let highest_mev = section.number("highest_mev", Bound::PositiveUpTo(HIGHEST_REACTOR_MEV))?;
    if highest_mev <= LOWEST_REACTOR_MEV {
        let bound = format!("above {LOWEST_REACTOR_MEV} MeV, where the spectra begin, and up to {HIGHEST_REACTOR_MEV}");
        return Err(section.error("highest_mev", highest_mev, bound));
    }
    let spectrum = reactor_spectrum(power_gw, baseline_m, fractions, highest_mev)?;
    let flavour = Flavour::ALL.into_iter().find(|flavour| flavour.name == "nu_e_bar");
    Ok((Source::steady(flavour.map(|flavour| (flavour, spectrum)).into_iter().collect()), duty * live_time_s))
}

/// Refuses a table that is no spectrum: energies that do not increase, numbers out of bounds.
fn require_spectrum(path: &str, table: &Table) -> Result<()> {
    require_increasing(path, table)?;
    let rows = table.rows();
    if rows.len() < 2 {
        return Err(in_table(path, table.row_line(0), "number of rows", rows.len() as f64, "at least 2"));
    }
    for (i, row) in rows.iter().enumerate() {
        if !(0.0..=LARGEST_ENERGY_MEV).contains(&row[0]) {
            return Err(in_table(path, table.row_line(i), "energy", row[0], "from 0 to 1e4 MeV"));
        }
        if let Some(flux) = row[1..].iter().find(|flux| !(0.0..=1e30).contains(*flux)) {
            return Err(in_table(path, table.row_line(i), "flux", *flux, "zero or positive, and at most 1e30"));
        }
    }
    Ok(())
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
