//! `coverage.npz`: critical values for numpy, and for the commands that take them (`coverage_read.rs`).

use std::io::{Seek, Write};

use crate::Result;
use crate::analysis::coverage::{Calibrated, Calibration, Surface};
use crate::scan::Map;

use super::npz::NewArchive;

/// Version of the contents; grows when an array changes its meaning.
pub(super) const FORMAT_VERSION: i64 = 2;
/// Of files without `minimum`, that of the plane.
pub(super) const OF_THE_PLANE_ALONE: i64 = 1;
/// Writes the mesh: `mesh_mass_mev` (k), `mesh_natural_coupling` (k), `mesh_ln_ratio` (l: ln of the coupling over the
/// natural one), `confidence` (c), `mesh_critical`, `mesh_critical_low`, `mesh_critical_high`, `mesh_wilks_covers` (c x k x
/// l), `mesh_effective`, `mesh_p_value` (k x l), NaN where nothing was calculated. On the axes of the map, `mass_mev` (n)
/// and `coupling` (m): `q` (chi2 less its minimum), `p_value`, `effective`, `wilks_covers` (n x m, the latter at
/// `border_confidence`) and `critical`, `critical_low`, `critical_high` (c x n x m). The anchors: `anchor_mass_mev`,
/// `anchor_coupling`, `anchor_first_toy`, `anchor_toys`, `anchor_failed`. Scalars `border_confidence`, `border_error`,
/// `tolerance`, `seed`, `recipe`, `format_version`; texts as bytes (u8): `model`, `data`, `model_digest`, `data_digest`, `minimum`
/// (`plane` or `mass`: what q counts from).
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_coverage(found: &Calibration, recipe: u32, map: &Map, destination: impl Write + Seek) -> Result<()> {
    let mut archive = NewArchive::new(destination);
    let Surface { mass_mev, natural, ratios, confidences, .. } = &found.surface;
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    let on_axes = [masses.len(), couplings.len()];
    let mut list = |name: &str, values: &[f64]| archive.add(name, values, &[values.len()]);
    list("mesh_mass_mev", mass_mev)?;
    list("mesh_natural_coupling", natural)?;
    list("mesh_ln_ratio", ratios)?;
    list("confidence", confidences)?;
    list("mass_mev", masses)?;
    list("coupling", couplings)?;
    let of_anchors =
        |of: fn(&crate::analysis::coverage::Anchor) -> f64| found.anchors.iter().map(of).collect::<Vec<f64>>();
    list("anchor_mass_mev", &of_anchors(|anchor| anchor.mass_mev))?;
    list("anchor_coupling", &of_anchors(|anchor| anchor.coupling))?;
    list("anchor_first_toy", &of_anchors(|anchor| anchor.first_toy as f64))?;
    list("anchor_toys", &of_anchors(|anchor| anchor.toys as f64))?;
    list("anchor_failed", &of_anchors(|anchor| anchor.failed as f64))?;
    let surface = &found.surface;
    let levels = [("critical", &surface.critical), ("critical_low", &surface.low), ("critical_high", &surface.high)];
    let points = || masses.iter().flat_map(|mass| couplings.iter().map(move |coupling| (*mass, *coupling)));
    let at = |values: &[f64]| points().map(|(mass, g)| surface.at(values, mass, g)).collect::<Vec<f64>>();
    for (name, values) in levels {
        let mesh = [confidences.len(), mass_mev.len(), ratios.len()];
        archive.add(&format!("mesh_{name}"), &values.concat(), &mesh)?;
        let values: Vec<f64> = values.iter().flat_map(|values| at(values)).collect();
        archive.add(name, &values, &[confidences.len(), on_axes[0], on_axes[1]])?;
    }
    archive.add(
        "mesh_wilks_covers",
        &surface.wilks_covers.concat(),
        &[confidences.len(), mass_mev.len(), ratios.len()],
    )?;
    let own = surface.level(found.goal.confidence).unwrap_or(0);
    for (name, values) in
        [("effective", &surface.effective), ("p_value", &surface.p_value), ("wilks_covers", &surface.wilks_covers[own])]
    {
        if name != "wilks_covers" {
            archive.add(&format!("mesh_{name}"), values, &[mass_mev.len(), ratios.len()])?;
        }
        archive.add(name, &at(values), &on_axes)?;
    }
    let q: Vec<f64> = map.rises().collect();
    archive.add("q", &q, &on_axes)?;
    for (name, value) in [
        ("border_confidence", found.goal.confidence),
        ("border_error", found.error),
        ("tolerance", found.goal.tolerance),
    ] {
        archive.add(name, &[value], &[])?;
    }
    for (name, value) in
        [("seed", found.plan.seed as i64), ("recipe", i64::from(recipe)), ("format_version", FORMAT_VERSION)]
    {
        archive.add(name, &[value], &[])?;
    }
    let Calibrated { model, model_digest, data, data_digest, .. } = &found.of;
    for (name, text) in [
        ("model", model.as_str()),
        ("model_digest", model_digest),
        ("data", data),
        ("data_digest", data_digest),
        ("minimum", surface.minimum.name()),
    ] {
        archive.add(name, text.as_bytes(), &[text.len()])?;
    }
    archive.finish()
}
