//! From a map of chi2 to its picture.

use crate::base::contour::Line;
use crate::others::new_territory::{Areas, areas};
use crate::others::recast::KnownLimit;
use crate::physics::model::Model;
use crate::scan::{Border, DatasetLevel, Map, Unknown};
use crate::{Error, Result};

use super::Role;
use super::hatch::{Stroke, hatch};
use super::map::{Exclusion, ExclusionMap, MapAxis};

/// The border of the excluded region of a map.
///
/// # Errors
/// None for a map that a scan made.
pub fn contour_lines(map: &Map) -> Result<Vec<Line>> {
    map.border().lines()
}

/// The area that a map excludes, and what of it no other limit excludes.
///
/// # Errors
/// None for a map that a scan made.
pub fn new_areas(map: &Map, others: &[KnownLimit]) -> Result<Areas> {
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    Ok(areas(&map.border().spans()?, masses, (couplings[0], couplings[couplings.len() - 1]), others))
}

/// The picture of a map: the region that all datasets together exclude, and the contour of each on its own.
///
/// `confidence` is in words for the legend. `datasets` are those of the map.
///
/// # Errors
/// A dataset that is not in the map.
pub fn exclusion_map(model: &Model, map: &Map, datasets: &[DatasetLevel], confidence: &str) -> Result<ExclusionMap> {
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    let together = map.border();
    let labels: Vec<&str> = datasets.iter().map(|dataset| dataset.label.as_str()).collect();
    let mut exclusions = vec![Exclusion {
        label: labels.join(" + "),
        role: datasets.first().filter(|_| datasets.len() == 1).map_or(Role::Combined, |only| role(&only.name)),
        regions: together.regions()?,
        lines: together.lines()?,
    }];
    for dataset in datasets.iter().filter(|_| datasets.len() > 1) {
        let chi2 = map
            .dataset(&dataset.name)
            .ok_or_else(|| Error::unknown_name("dataset", &dataset.name, map.data.split('+')))?;
        exclusions.push(Exclusion {
            label: dataset.label.clone(),
            role: role(&dataset.name),
            regions: Vec::new(),
            lines: map.border_of(chi2, &dataset.minima).lines()?,
        });
    }
    let mediator = model.mediator_symbol();
    let axis = |label: String, values: &[f64]| MapAxis { label, low: values[0], high: values[values.len() - 1] };
    let best = map.best_fit;
    let inside = |value: f64, values: &[f64]| (values[0]..=values[values.len() - 1]).contains(&value);
    Ok(ExclusionMap {
        model: model.label.clone(),
        note: format!("excluded at {confidence}"),
        x: axis(format!("$M_{{{mediator}}}$ [MeV]"), masses),
        y: axis(format!("$g_{{{mediator}}}$"), couplings),
        exclusions,
        missing: hatching(&together, masses, couplings),
        best_fit: Some([best.mass_mev, best.coupling])
            .filter(|[mass, coupling]| inside(*mass, masses) && inside(*coupling, couplings)),
        ..Default::default()
    })
}

/// The hatching over what is missing of a map.
pub(super) fn hatching(border: &Border, masses: &[f64], couplings: &[f64]) -> Vec<Stroke> {
    let ends = |values: &[f64]| (values[0], values[values.len() - 1]);
    let corners = |part: Unknown| {
        let (mass, coupling) = (part.mass_mev, part.coupling);
        [[mass.0, coupling.0], [mass.1, coupling.1]]
    };
    let rectangles: Vec<_> = border.unknown().into_iter().map(corners).collect();
    hatch(&rectangles, ends(masses), ends(couplings))
}

/// Says in a picture that the data is the Standard Model's expectation, and draws the observed contour beside.
pub fn expectation(picture: &mut ExclusionMap, observed: Option<Vec<Line>>) {
    if observed.is_none() {
        picture.note = picture.note.replace("excluded", "expected exclusion");
    }
    for exclusion in picture.exclusions.iter_mut().filter(|_| observed.is_some()) {
        exclusion.label += ", expected";
    }
    let taken = picture.exclusions.iter().any(|exclusion| exclusion.role == Role::Extra);
    picture.exclusions.extend(observed.map(|lines| Exclusion {
        label: "observed".to_owned(),
        role: if taken { Role::Preferred } else { Role::Extra },
        regions: Vec::new(),
        lines,
    }));
    // The best fit of the expectation is the Standard Model by construction.
    picture.best_fit = None;
}

pub(super) fn role(dataset: &str) -> Role {
    match dataset {
        "csi" => Role::Csi,
        "lar" => Role::Lar,
        _ => Role::Extra,
    }
}
