//! From a map of chi2 to its picture: excluded regions with what else is known in their plane.

use rayon::prelude::*;

use crate::analysis::strips::Degeneracy;
use crate::base::constants::GEV_IN_MEV;
use crate::base::contour::Line;
use crate::physics::model::Model;
use crate::physics::muon_g2::Band;
use crate::plot::Role;
use crate::plot::chart::{Chart, Curve, Region, Star};
use crate::plot::hatch::{Stroke, hatch};
use crate::scan::{Border, DatasetLevel, Map, Unknown};
use crate::{Error, Result};

use super::plane::axes_of;
use super::role;

/// What the legend calls points without a result.
const MISSING: &str = "missing: no fit";

/// A lower edge at zero stands this far below the plane.
const FAR_BELOW: f64 = 1e-3;

/// What is drawn over the excluded regions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Companions {
    /// Couplings that explain the muon's magnetic moment.
    pub muon_band: Option<Band>,
    /// Where the mediator cancels the Standard Model's amplitude, or turns its sign.
    pub degeneracy: Option<Degeneracy>,
}

/// The chart of a map: the region that all datasets together exclude, the contour of each, and their companions.
///
/// `note` stands below the legend.
///
/// # Errors
/// A dataset that is not in the map.
pub fn exclusion_chart(
    model: &Model,
    map: &Map,
    datasets: &[DatasetLevel],
    companions: &Companions,
    note: &str,
) -> Result<Chart> {
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    let together = map.border();
    let labels: Vec<&str> = datasets.iter().map(|dataset| dataset.label.as_str()).collect();
    let label = labels.join(" + ");
    let roles = role::of_datasets(datasets.iter().map(|dataset| dataset.name.as_str()));
    let own = if let [only] = roles[..] { only } else { Role::Combined };
    let mut curves = vec![contour(&map.data, &label, own, together.lines()?)];
    if datasets.len() > 1 {
        let of_dataset = |(dataset, role): (&DatasetLevel, &Role)| {
            let chi2 = map
                .dataset(&dataset.name)
                .ok_or_else(|| Error::unknown_name("dataset", &dataset.name, map.data.split('+')))?;
            let lines = map.border_of(chi2, &dataset.minima).lines()?;
            Ok(contour(&dataset.name, &dataset.label, *role, lines))
        };
        curves.extend(datasets.par_iter().zip(&roles).map(of_dataset).collect::<Result<Vec<Curve>>>()?);
    }
    if let Some(degeneracy) = companions.degeneracy {
        let [strip, cancellation] = degeneracy_lines(degeneracy, masses);
        // Below the others in the legend, but on top of the strip that it runs through.
        curves.push(Curve { pieces: Vec::new(), ..strip.clone() });
        curves.push(cancellation);
        curves.insert(0, Curve { label: String::new(), ..strip });
    }
    let missing = hatching(&together, masses, couplings);
    if !missing.is_empty() {
        let pieces = missing.into_iter().map(Vec::from).collect();
        curves.push(Curve { name: "missing".to_owned(), label: MISSING.to_owned(), role: Role::Missing, pieces });
    }
    let mut regions = vec![Region {
        name: format!("{} excluded", map.data),
        label,
        role: own,
        outlines: together.regions()?.into_iter().map(|ring| ring.points).collect(),
        has_edge: false,
    }];
    regions.extend(companions.muon_band.as_ref().map(|band| muon_region(band, couplings[0])));
    let [x, y] = axes_of(model, ends(masses), ends(couplings));
    Ok(Chart {
        heading: model.label.clone(),
        note: note.to_owned(),
        x,
        y,
        regions,
        curves,
        stars: best_fit_stars(map),
        ..Chart::default()
    })
}

/// A best fit that the data prefer by less than this over the Standard Model means nothing.
const NO_PREFERENCE: f64 = 1.0;

/// The star of a map's best fit: open, with the words, where it means nothing; none where it lies outside.
pub(super) fn best_fit_stars(map: &Map) -> Vec<Star> {
    let at = [map.best_fit.mass_mev, map.best_fit.coupling];
    let inside = |value: f64, (low, high): (f64, f64)| (low..=high).contains(&value);
    if !(inside(at[0], ends(&map.plane.mass.values)) && inside(at[1], ends(&map.plane.coupling.values))) {
        return Vec::new();
    }
    let is_open = map.chi2_sm - map.best_fit.chi2 < NO_PREFERENCE;
    let label = if is_open { "best fit, no preference" } else { "best fit" };
    vec![Star { at, label: label.to_owned(), is_open }]
}

/// First and last value of an axis.
pub(super) fn ends(values: &[f64]) -> (f64, f64) {
    (values[0], values[values.len() - 1])
}

/// Says in a chart that the data is the Standard Model's expectation, and draws the observed contour beside.
pub fn expectation(chart: &mut Chart, observed: Option<Vec<Line>>) {
    // The best fit of the expectation is the Standard Model by construction.
    chart.stars.clear();
    let Some(lines) = observed else {
        chart.note = chart.note.replace("excluded", "expected exclusion");
        return;
    };
    let is_result = |role: Role| role != Role::Missing;
    let of_curves = chart.curves.iter_mut().filter(|curve| is_result(curve.role)).map(|curve| &mut curve.label);
    let of_regions = chart.regions.iter_mut().map(|region| &mut region.label);
    of_curves.chain(of_regions).for_each(|label| label.push_str(", expected"));
    let is_taken = chart.curves.iter().any(|curve| curve.role == Role::Extra);
    let role = if is_taken { Role::Preferred } else { Role::Extra };
    chart.curves.push(contour("observed", "observed", role, lines));
}

/// The band of the muon's magnetic moment as a region.
fn muon_region(band: &Band, lowest_coupling: f64) -> Region {
    let [lower, upper] = muon_edges(band, lowest_coupling);
    Region::between("muon g-2", "$(g-2)_μ$, 2$σ$", Role::Preferred, &lower, &upper)
}

/// The edges of the band; an edge at zero is far below the lowest coupling that is shown.
pub(crate) fn muon_edges(band: &Band, lowest_coupling: f64) -> [Vec<[f64; 2]>; 2] {
    [&band.lower, &band.upper].map(|couplings| {
        let above_zero = couplings.iter().map(|coupling| coupling.max(FAR_BELOW * lowest_coupling));
        band.mass_mev.iter().copied().zip(above_zero).map(<[f64; 2]>::from).collect()
    })
}

pub(super) fn contour(name: &str, label: &str, role: Role, lines: Vec<Line>) -> Curve {
    let piece = |line: Line| {
        let closing = line.points.first().copied().filter(|_| line.closed);
        line.points.into_iter().chain(closing).collect()
    };
    Curve { name: name.to_owned(), label: label.to_owned(), role, pieces: lines.into_iter().map(piece).collect() }
}

/// g proportional to M, from masses above the momentum transfer on, where the lines hold.
fn degeneracy_lines(degeneracy: Degeneracy, masses_mev: &[f64]) -> [Curve; 2] {
    let first = degeneracy.momentum_transfer_mev.max(masses_mev[0]);
    let ends = [first, masses_mev[masses_mev.len() - 1].max(first)];
    let line = |per_gev: f64| ends.map(|mass_mev| [mass_mev, per_gev * mass_mev / GEV_IN_MEV]).to_vec();
    [
        Curve::line("degeneracy", r#"CsI: $Q → -Q_"SM"$"#, Role::Degeneracy, line(degeneracy.strip_per_gev)),
        Curve::line("cancellation", "CsI: $Q → 0$", Role::Cancellation, line(degeneracy.cancellation_per_gev)),
    ]
}

/// The hatching over what is missing of a map.
fn hatching(border: &Border, masses: &[f64], couplings: &[f64]) -> Vec<Stroke> {
    let ends = |values: &[f64]| (values[0], values[values.len() - 1]);
    let corners = |part: Unknown| {
        let (mass, coupling) = (part.mass_mev, part.coupling);
        [[mass.0, coupling.0], [mass.1, coupling.1]]
    };
    let rectangles: Vec<_> = border.unknown().into_iter().map(corners).collect();
    hatch(&rectangles, ends(masses), ends(couplings))
}
