//! What was seen: bins, counts, and how they are compared.

use crate::base::document::Bound;
use crate::dataset::table::BinnedUnits;
use crate::dataset::{Background, Statistic};
use crate::{Error, Result};

use super::covariance::{self, require_variance};
use super::{Binning, Part};

/// Units of the reconstructed energy: photoelectrons, electron-equivalent and nuclear-recoil energy; or bins of any
/// observables, by their numbers, where the response is a table over them.
const ENERGY_UNITS: [&str; 4] = ["PE", "keVee", "keVnr", BINS];
/// The unit of bins by their numbers.
pub(super) const BINS: &str = "bin";
/// Most bins: far beyond any analysis, and little enough for any machine.
const MOST_BINS: usize = 10_000;
/// Most events that are not counted but measured.
const MOST_EVENTS: f64 = 1e15;
/// Largest energy in any of its units.
const LARGEST_ENERGY: f64 = 1e6;
/// Latest time (us).
const LATEST_TIME_US: f64 = 1e4;

/// Bins and their counts.
pub(super) struct Seen {
    pub binning: Binning,
    pub counts: Counts,
}

/// Observed counts, `[energy][time]`.
pub(super) struct Counts {
    pub values: Vec<f64>,
    /// In a forecast.
    pub are_absent: bool,
}

/// Reads `[observation]`, its statistic apart.
pub(super) fn bins_and_counts(part: &Part) -> Result<Seen> {
    let section = &part.section;
    let energy_unit = section.choice("energy_unit", &ENERGY_UNITS)?;
    section.has("statistic");
    // Counts with errors of their own may be what is left of others, on less off.
    let statistic = section.section("statistic")?;
    let are_measured = statistic.has("variance") || statistic.has("covariance");
    if !section.has("counts") {
        let edges = |key: &str, bound| {
            let edges = section.numbers(key, bound)?;
            if edges.len() < 2 || !edges.is_sorted_by(|low, high| low < high) {
                return Err(section.error(key, format!("{edges:?}"), "at least two increasing numbers"));
            }
            Ok(edges)
        };
        if !section.has("energy_edges") && !section.has("time_edges_us") {
            return Err(section.error("counts", "missing", "given, or in a forecast energy_edges and time_edges_us"));
        }
        let energy_edges = edges("energy_edges", Bound::NotNegativeUpTo(LARGEST_ENERGY))?;
        let time_edges_us = edges("time_edges_us", Bound::Within(LATEST_TIME_US))?;
        let bins = (energy_edges.len() - 1) * (time_edges_us.len() - 1);
        if bins > MOST_BINS {
            return Err(section.error("energy_edges", format!("part of {bins} bins"), format!("at most {MOST_BINS}")));
        }
        let counts = Counts { values: vec![0.0; bins], are_absent: true };
        return Ok(Seen { binning: Binning { energy_edges, time_edges_us, energy_unit }, counts });
    }
    let units = BinnedUnits { energy: energy_unit, content: "events" };
    let (path, table) = part.binned("counts", units, None)?;
    match are_measured {
        true => table.require(&path, "within 1e15 events of 0", |n| n.abs() <= MOST_EVENTS)?,
        false => table.require(&path, "a whole number of events, zero or more", |n| n >= 0.0 && n.fract() == 0.0)?,
    }
    let line = table.row_line(0);
    let refuse = |quantity: &str, value: String, bound: String| {
        Err(Error::InFile { path: path.clone(), line, quantity: quantity.to_owned(), value, bound })
    };
    let bins = table.values().len();
    if bins > MOST_BINS {
        return refuse("number of bins", bins.to_string(), format!("at most {MOST_BINS}"));
    }
    let (energies, times) = (table.energy_edges(), table.time_edges_us());
    if !energies.iter().all(|edge| (0.0..=LARGEST_ENERGY).contains(edge)) {
        return refuse("energy edges", format!("{energies:?}"), format!("from 0 to {LARGEST_ENERGY:e}"));
    }
    if energy_unit == BINS && !energies.iter().enumerate().all(|(number, edge)| *edge == number as f64) {
        return refuse("energy edges", "other numbers".to_owned(), "0, 1, 2, ...: the numbers of the bins".to_owned());
    }
    if !times.iter().all(|edge| edge.abs() <= LATEST_TIME_US) {
        return refuse("time edges", format!("{times:?}"), format!("within {LATEST_TIME_US:e} us of 0"));
    }
    let binning = Binning { energy_edges: energies.to_vec(), time_edges_us: times.to_vec(), energy_unit };
    Ok(Seen { binning, counts: Counts { values: table.values().to_vec(), are_absent: false } })
}

/// Reads the statistic of `[observation]`.
pub(super) fn statistic(part: &Part, seen: &Seen, backgrounds: &[Background]) -> Result<Statistic> {
    for key in ["energy_unit", "counts", "energy_edges", "time_edges_us"] {
        part.section.has(key);
    }
    let part = Part { section: part.section.section("statistic")?, tables: part.tables };
    part.read(|part| match part.section.choice("kind", &["poisson", "gaussian"])? {
        "poisson" => Ok(Statistic::Poisson),
        _ => gaussian(part, seen, backgrounds),
    })
}

fn gaussian(part: &Part, seen: &Seen, backgrounds: &[Background]) -> Result<Statistic> {
    let section = &part.section;
    if section.has("covariance") {
        if section.has("variance") {
            return Err(section.error(
                "covariance",
                "given beside 'variance'",
                "one of them: its diagonal is the variance",
            ));
        }
        let covariance = covariance::read(part, &seen.binning, &seen.counts.values)?;
        let variance = covariance.variance();
        return Ok(Statistic::Gaussian { variance, beyond_counts: None, covariance: Some(covariance) });
    }
    if section.has("variance") {
        let (path, table) = part.binned("variance", seen.binning.units("events^2"), Some(&seen.binning))?;
        let times = table.time_bins();
        for (bin, (variance, count)) in table.values().iter().zip(&seen.counts.values).enumerate() {
            let quantity = format!("content of time bin t{}", bin % times);
            require_variance(&path, table.row_line(bin / times), &quantity, *variance, *count)?;
        }
        return Ok(Statistic::Gaussian { variance: table.values().to_vec(), beyond_counts: None, covariance: None });
    }
    let mut beyond = vec![0.0; seen.counts.values.len()];
    if let Some(name) = section.optional_text("background")? {
        let share = section.number("share", Bound::NotNegativeUpTo(1e6))?;
        let known: Vec<&str> = backgrounds.iter().map(|background| background.name.as_str()).collect();
        let background = &backgrounds[known.iter().position(|known| *known == name).ok_or_else(|| {
            section.error("background", format!("'{}'", name.escape_debug()), format!("one of {}", known.join(", ")))
        })?];
        beyond.iter_mut().zip(&background.events).for_each(|(beyond, events)| *beyond = share * events);
    }
    let variance: Vec<f64> = seen.counts.values.iter().zip(&beyond).map(|(n, beyond)| n + beyond).collect();
    if let Some(bin) = variance.iter().position(|v| !(*v > 0.0 && v.is_finite()))
        && !seen.counts.are_absent
    {
        let bound = "a statistic whose variance is positive in each bin";
        return Err(section.error("kind", format!("gaussian, with variance {} in bin {bin}", variance[bin]), bound));
    }
    Ok(Statistic::Gaussian { variance, beyond_counts: Some(beyond), covariance: None })
}
