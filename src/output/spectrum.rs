//! Event rates against the recoil energy, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::dataset::{Dataset, Scattering};
use crate::physics::model::Model;
use crate::rates::Point;
use crate::rates::spectrum::{Abscissa, Spectrum, ZeroRate};

use super::digits::{number, significant};

/// A dataset's spectra: both on the same energies or in the same bins.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetSpectra<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Those of the Standard Model.
    pub standard: Spectrum,
    /// Those of the model.
    pub spectrum: Spectrum,
    /// Where the model's rates vanish.
    pub zero_rates: Vec<ZeroRate>,
}

/// `spectrum --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpectrumRecord {
    /// Name of the model.
    pub model: String,
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// By name of the dataset.
    pub datasets: BTreeMap<String, DatasetSpectrumRecord>,
}

/// One dataset's rates, `none` or `full` by its fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DatasetSpectrumRecord {
    /// Whether the detector's response is in: `none` or `full`.
    pub response: &'static str,
    /// True recoil energies (keV); without response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recoil_energy_kevnr: Option<Vec<f64>>,
    /// Bins of reconstructed energy; with response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<BinsRecord>,
    /// Events per keV of recoil energy in the exposure, of the Standard Model and of the model: `total` and each flavour.
    pub events_per_kevnr: RatesRecord,
    /// Where a flavour does not scatter off a nucleus, the lowest such recoil energy.
    pub zero_rates: Vec<ZeroRateRecord>,
}

/// Bins of reconstructed energy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BinsRecord {
    /// Unit of the edges.
    pub unit: String,
    /// Edges.
    pub edges: Vec<f64>,
    /// Recoil energies (keV) whose mean reconstructed energies are the edges.
    pub recoil_edges_kevnr: Vec<f64>,
    /// Events in the bins.
    pub events: RatesRecord,
}

/// Values of the Standard Model and of the model, by `total` and flavour.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RatesRecord {
    /// Without the mediator.
    pub standard_model: BTreeMap<&'static str, Vec<f64>>,
    /// With it.
    pub model: BTreeMap<&'static str, Vec<f64>>,
}

/// A recoil energy without events.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ZeroRateRecord {
    /// Flavour, antineutrinos included.
    pub neutrino: String,
    /// Nuclide.
    pub isotope: String,
    /// Recoil energy (keV).
    pub recoil_energy_kevnr: f64,
}

/// Names of the columns of a spectrum: `total`, then the flavours.
fn columns(spectrum: &Spectrum) -> Vec<(&'static str, Vec<f64>)> {
    let flavours = spectrum.flavours.iter().map(|flavour| (flavour.name, flavour.values.clone()));
    std::iter::once(("total", spectrum.total())).chain(flavours).collect()
}

impl SpectrumRecord {
    /// The record of a model at a point.
    pub fn new(model: &Model, point: Point, datasets: &[DatasetSpectra]) -> SpectrumRecord {
        let record = |spectra: &DatasetSpectra| (spectra.dataset.name.clone(), spectra.record());
        SpectrumRecord {
            model: model.name.clone(),
            mass_mev: point.mass_mev,
            coupling: point.coupling,
            datasets: datasets.iter().map(record).collect(),
        }
    }
}

impl DatasetSpectra<'_> {
    fn record(&self) -> DatasetSpectrumRecord {
        let rates = |value: &dyn Fn(Vec<f64>) -> Vec<f64>| {
            let of = |spectrum| columns(spectrum).into_iter().map(|(name, values)| (name, value(values))).collect();
            RatesRecord { standard_model: of(&self.standard), model: of(&self.spectrum) }
        };
        let (recoil_energy_kevnr, bins) = match &self.spectrum.abscissa {
            Abscissa::Recoils { energies_kev } => (Some(energies_kev.clone()), None),
            Abscissa::Bins { edges, recoil_edges_kev } => {
                let bins = BinsRecord {
                    unit: self.dataset.energy_unit.clone(),
                    edges: edges.clone(),
                    recoil_edges_kevnr: recoil_edges_kev.clone(),
                    events: rates(&|values| values),
                };
                (None, Some(bins))
            }
        };
        let zero = |zero: &ZeroRate| ZeroRateRecord {
            neutrino: format!("nu_{}", zero.lepton.name()),
            isotope: zero.isotope.clone(),
            recoil_energy_kevnr: zero.recoil_energy_kev,
        };
        DatasetSpectrumRecord {
            response: if bins.is_some() { "full" } else { "none" },
            recoil_energy_kevnr,
            bins,
            events_per_kevnr: rates(&|values| self.spectrum.per_kev(&values)),
            zero_rates: self.zero_rates.iter().map(zero).collect(),
        }
    }

    /// Rows of text: what stands before the values, and the values of all columns.
    fn rows(&self) -> Vec<(Vec<f64>, Vec<f64>)> {
        let places: Vec<Vec<f64>> = match &self.spectrum.abscissa {
            Abscissa::Recoils { energies_kev } => energies_kev.iter().map(|kev| vec![*kev]).collect(),
            Abscissa::Bins { edges, recoil_edges_kev } => {
                let bins = edges.windows(2).zip(recoil_edges_kev.windows(2));
                bins.map(|(bin, recoil)| [bin, recoil].concat()).collect()
            }
        };
        let columns: Vec<_> = columns(&self.standard).into_iter().chain(columns(&self.spectrum)).collect();
        let values = |row: usize| columns.iter().map(|(_, values)| values[row]).collect();
        places.into_iter().enumerate().map(|(row, place)| (place, values(row))).collect()
    }
}

/// All datasets in one table. Without response `data,recoil_energy_kevnr` and events per keV; with it
/// `data,unit,energy_low,energy_high,recoil_low_kevnr,recoil_high_kevnr` and events. Columns of values are
/// `sm_total_events_per_kevnr` or `sm_total_events`, the same for each flavour, then with `model` for `sm`.
pub fn spectrum_csv(datasets: &[DatasetSpectra]) -> String {
    let Some(first) = datasets.first() else { return String::new() };
    let (place, quantity) = match &first.spectrum.abscissa {
        Abscissa::Recoils { .. } => ("recoil_energy_kevnr", "events_per_kevnr"),
        Abscissa::Bins { .. } => ("unit,energy_low,energy_high,recoil_low_kevnr,recoil_high_kevnr", "events"),
    };
    // Datasets of other sources or processes have other columns; what one does not have is empty.
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in datasets.iter().flat_map(|spectra| columns(&spectra.spectrum)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut text = format!("data,{place}");
    for which in ["sm", "model"] {
        for name in &names {
            // Writing to a String cannot fail.
            let _ = write!(text, ",{which}_{name}_{quantity}");
        }
    }
    text.push('\n');
    for spectra in datasets {
        let unit = match &spectra.spectrum.abscissa {
            Abscissa::Recoils { .. } => String::new(),
            Abscissa::Bins { .. } => format!(",{}", spectra.dataset.energy_unit),
        };
        let all = [columns(&spectra.standard), columns(&spectra.spectrum)];
        for (row, (place, _)) in spectra.rows().into_iter().enumerate() {
            let cells = all.iter().flat_map(|own| {
                names.iter().map(|name| own.iter().find(|(known, _)| known == name).map(|(_, values)| values[row]))
            });
            let cells = place.into_iter().map(Some).chain(cells);
            let cells: Vec<String> = cells.map(|value| value.map_or(String::new(), number)).collect();
            let _ = writeln!(text, "{}{unit},{}", spectra.dataset.name, cells.join(","));
        }
    }
    text
}

/// A table for people: the Standard Model's total, then the model's total and flavours.
pub fn spectrum_table(model: &Model, point: Point, datasets: &[DatasetSpectra]) -> String {
    let mut text = format!("{}  mass {} MeV  coupling {}\n", model.name, point.mass_mev, point.coupling);
    for spectra in datasets {
        let (name, unit) = (&spectra.dataset.name, &spectra.dataset.energy_unit);
        let has_bins = matches!(spectra.spectrum.abscissa, Abscissa::Bins { .. });
        let has_electrons = spectra.dataset.processes.contains(&Scattering::Electrons);
        // Writing to a String cannot fail.
        let _ = match has_bins {
            true => write!(text, "\n{name}: events in bins of {unit}, response, efficiency and time window included\n"),
            false if has_electrons => write!(
                text,
                "\n{name}: events per keV of recoil energy, of electrons in their column and of nuclei in the others, in the \
                 exposure, without detector response (which sees more of an electron's energy)\n"
            ),
            false => write!(text, "\n{name}: events per keVnr in the exposure, without detector response\n"),
        };
        let head = match has_bins {
            true => format!("{:>13}{:>19}", unit, "T_nr [keV]"),
            false => format!("{:>13}", if has_electrons { "T [keV]" } else { "T_nr [keV]" }),
        };
        let _ = write!(text, "{head}{:>13}", "SM");
        let columns = columns(&spectra.spectrum);
        for (column, _) in &columns {
            let _ = write!(text, " {:>12}", if *column == "total" { &model.name } else { *column });
        }
        text.push('\n');
        let standard_columns = columns.len();
        for (place, values) in spectra.rows() {
            let _ = match place[..] {
                [low, high, recoil_low, recoil_high] => {
                    // Beyond the quenching's end no recoil has the energy.
                    let end = |recoil: f64| if recoil.is_nan() { "none".to_owned() } else { format!("{recoil:.2}") };
                    let (bin, recoil) =
                        (format!("{low} - {high}"), format!("{} - {}", end(recoil_low), end(recoil_high)));
                    write!(text, "{bin:>13}{recoil:>19}")
                }
                _ => write!(text, "{:>13}", format!("{:.4}", place[0])),
            };
            text += &row(&values, standard_columns);
        }
        if has_bins {
            let sums: Vec<f64> = (0..2 * columns.len())
                .map(|column| spectra.rows().iter().map(|(_, values)| values[column]).sum())
                .collect();
            let _ = write!(text, "{:>13}{:>19}{}", "sum", "", row(&sums, standard_columns));
        }
        for zero in &spectra.zero_rates {
            let (lepton, kev) = (zero.lepton.name(), zero.recoil_energy_kev);
            let _ = writeln!(text, "no scattering of nu_{lepton} off {} at {kev:.3} keVnr", zero.isotope);
        }
    }
    text
}

/// The Standard Model's total and all of the model's columns.
fn row(values: &[f64], standard_columns: usize) -> String {
    let shown = values.iter().take(1).chain(&values[standard_columns..]);
    let cells = shown.map(|value| format!("{:>13}", five_digits(*value)));
    cells.collect::<String>() + "\n"
}

/// Five significant digits, or an exponent where that would be long.
fn five_digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-3..1e6).contains(&size) => significant(value, 5),
        _ => format!("{value:.4e}"),
    }
}
