//! Figures 1 to 3 of the paper.

use super::place::place_markup;
use crate::dataset::Dataset;
use crate::physics::model::{Model, mixing_curves};
use crate::plot::chart::Chart;
use crate::rates::Point;
use crate::rates::spectrum::{Spectrum, end_points_kev, energies_kev};
use crate::{Error, Result};

use super::{mixing_chart, models_chart, spectrum_chart};

/// Points of a curve, less those that are added at jumps and zeros.
const POINTS: usize = 400;
/// Momentum transfers of figure 2 (MeV).
pub const MIXING_RANGE_MEV: (f64, f64) = (0.1, 1e3);
/// A spectrum is drawn from this fraction of the largest recoil energy.
const LOWEST_RECOIL: f64 = 1.0 / 150.0;

/// A figure of the paper.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperFigure {
    /// Its number there: `1a`.
    pub number: &'static str,
    /// What it shows, in words without markup.
    pub caption: String,
    /// The figure.
    pub chart: Chart,
}

/// The point at which the paper draws a model's event rates (figures 1 and 3).
pub fn reference_point(model: &Model) -> Point {
    match (model.is_scalar(), model.is_loop_induced()) {
        (true, _) => Point { mass_mev: 50.0, coupling: 1e-4 },
        (_, true) => Point { mass_mev: 10.0, coupling: 2e-3 },
        _ => Point { mass_mev: 10.0, coupling: 1e-4 },
    }
}

/// Recoil energies (keV) over which spectra of a dataset are drawn: up to its largest end point.
pub fn recoil_range_kev(dataset: &Dataset) -> (f64, f64) {
    let highest = end_points_kev(dataset).last().copied().unwrap_or(1.0);
    (LOWEST_RECOIL * highest, highest)
}

/// Figures 1a to 1d and 3a and 3b: event rates against the recoil energy, without response.
///
/// # Errors
/// None for the datasets of this program.
pub fn event_rates(lar: &Dataset, csi: &Dataset) -> Result<Vec<PaperFigure>> {
    let models = Model::all()?;
    let of = |is_wanted: fn(&Model) -> bool| models.iter().filter(|model| is_wanted(model)).collect::<Vec<_>>();
    let quarks = of(|model| !model.is_scalar() && !model.is_loop_induced());
    let loops = of(Model::is_loop_induced);
    let scalars = of(Model::is_scalar);
    let mut figures = Vec::new();
    for (number, dataset, models) in
        [("1a", lar, &quarks), ("1b", csi, &quarks), ("1c", lar, &loops), ("1d", csi, &loops)]
    {
        figures.push(compared(number, dataset, models)?);
    }
    for (number, dataset) in [("3a", lar), ("3b", csi)] {
        for model in &scalars {
            figures.push(by_flavour(number, dataset, model)?);
        }
    }
    Ok(figures)
}

/// The Standard Model and several models at one point.
fn compared(number: &'static str, dataset: &Dataset, models: &[&Model]) -> Result<PaperFigure> {
    let points: Vec<(&Model, Point)> = models.iter().map(|model| (*model, reference_point(model))).collect();
    let energies = energies_kev(dataset, points.iter().copied(), recoil_range_kev(dataset), POINTS)?;
    let spectrum = |model: &Model, point| Spectrum::of_recoils(dataset, model, point, &energies);
    let spectra: Vec<Spectrum> = points.iter().map(|(model, point)| spectrum(model, *point)).collect();
    let (first, point) =
        points.first().copied().ok_or_else(|| Error::out_of_range("number of models", 0, "at least 1"))?;
    let standard = spectrum(first, Point { coupling: 0.0, ..point });
    let chart = models_chart(dataset, &standard, models.iter().copied().zip(&spectra));
    let chart = Chart { note: place_markup(first, point), ..chart };
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let caption =
        format!("Event rates in {} against the recoil energy: Standard Model and {}", dataset.label, names.join(", "));
    Ok(PaperFigure { number, caption, chart })
}

/// The Standard Model, a model, and its flavours.
fn by_flavour(number: &'static str, dataset: &Dataset, model: &Model) -> Result<PaperFigure> {
    let point = reference_point(model);
    let energies = energies_kev(dataset, [(model, point)], recoil_range_kev(dataset), POINTS)?;
    let spectrum = |point| Spectrum::of_recoils(dataset, model, point, &energies);
    let standard = spectrum(Point { coupling: 0.0, ..point });
    let chart = spectrum_chart(dataset, (model, point), &standard, &spectrum(point));
    let caption = format!(
        "Event rates in {} against the recoil energy: Standard Model, {} and its flavours",
        dataset.label, model.name
    );
    Ok(PaperFigure { number, caption, chart })
}

/// Figure 2: eps_{beta alpha} of the three L_alpha - L_beta symmetries.
///
/// # Errors
/// None in practice.
pub fn kinetic_mixing() -> Result<PaperFigure> {
    let curves = mixing_curves(&Model::all()?, MIXING_RANGE_MEV, POINTS)?;
    let caption = "Mixing of Z' and photon at one loop against the momentum transfer".to_owned();
    Ok(PaperFigure { number: "2", caption, chart: mixing_chart(&curves) })
}
