//! `coverage.npz`: critical values for numpy, and for the commands that take them.

use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;

use crate::analysis::coverage::{Calibrated, Calibration, Surface};
use crate::analysis::limits::Minimum;
use crate::base::files::open_current;
use crate::base::provenance::sha256_of;
use crate::base::reading::Kind;
use crate::scan::Map;
use crate::{Error, Result};

use super::npz::{Archive, NewArchive};

/// Version of the contents; grows when an array changes its meaning.
const FORMAT_VERSION: i64 = 2;
/// Of files without `minimum`, that of the plane.
const OF_THE_PLANE_ALONE: i64 = 1;
/// Longest name or digest that is read.
const LONGEST_TEXT: usize = 4096;

/// Critical values that were read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SavedCoverage {
    /// Model and data that they are of.
    pub of: Calibrated,
    /// The values.
    pub surface: Surface,
    /// Confidence level along whose border they were calculated.
    pub confidence: f64,
    /// Largest error of that border in ln g, and what was asked for.
    pub error: f64,
    /// See there.
    pub tolerance: f64,
    /// Seed, and version of the recipe.
    pub seed: u64,
    /// See there.
    pub recipe: i64,
    /// SHA-256 of the file; empty where it was no file.
    pub sha256: String,
}

/// Reads a file, see [`read_coverage`].
///
/// # Errors
/// Those of the system, and of [`read_coverage`].
pub fn open_coverage(path: &Path) -> Result<SavedCoverage> {
    let mut file = open_current(path, Kind::Product)?;
    let digest = sha256_of(&mut file).and_then(|digest| file.rewind().map(|()| digest));
    let sha256 = digest.map_err(Error::io("read", path))?;
    Ok(SavedCoverage { sha256, ..read_coverage(BufReader::new(file), &path.display().to_string())? })
}

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

/// Reads what [`write_coverage`] wrote; `path` names it in errors. Of the arrays on the map's axes nothing is needed.
///
/// # Errors
/// [`crate::Error::NotOfForm`] for a file that is no npz, [`crate::Error::InArray`] for an array that is missing or not
/// sound, or of another `format_version`.
pub fn read_coverage(source: impl Read + Seek, path: &str) -> Result<SavedCoverage> {
    let mut archive = Archive::open(source, path)?;
    let version: i64 = archive.scalar("format_version")?;
    if ![OF_THE_PLANE_ALONE, FORMAT_VERSION].contains(&version) {
        let bound = format!("{OF_THE_PLANE_ALONE} or {FORMAT_VERSION}, the versions that this program reads");
        return Err(archive.unsound("format_version", version, bound));
    }
    let mut axis = |name: &str, is_positive: bool, increases: bool| -> Result<Vec<f64>> {
        let values: Vec<f64> = archive.list(name)?;
        if values.is_empty() || values.iter().any(|value| !value.is_finite() || (is_positive && *value <= 0.0)) {
            return Err(archive.unsound(
                name,
                "something else",
                "finite, positive where it is a mass or coupling, not empty",
            ));
        }
        match values.windows(2).find(|pair| increases && pair[0] >= pair[1]) {
            Some(pair) => Err(archive.unsound(name, format!("{} after {}", pair[1], pair[0]), "increasing")),
            None => Ok(values),
        }
    };
    let mass_mev = axis("mesh_mass_mev", true, true)?;
    let natural = axis("mesh_natural_coupling", true, false)?;
    let ratios = axis("mesh_ln_ratio", false, true)?;
    let confidences = axis("confidence", true, false)?;
    if natural.len() != mass_mev.len() {
        let found = format!("of length {}", natural.len());
        return Err(archive.unsound("mesh_natural_coupling", found, format!("of length {}", mass_mev.len())));
    }
    if ratios.len() < 2 {
        return Err(archive.unsound("mesh_ln_ratio", "of length 1", "of length 2 at least"));
    }
    let nodes = [mass_mev.len(), ratios.len()];
    let mut levels = |name: &str| -> Result<Vec<Vec<f64>>> {
        let values: Vec<f64> = archive.array(name, &[confidences.len(), nodes[0], nodes[1]])?;
        match values.iter().find(|value| **value < 0.0) {
            Some(value) => Err(archive.unsound(name, value, "0 or above, or missing")),
            None => Ok(values.chunks(nodes[0] * nodes[1]).map(<[f64]>::to_vec).collect()),
        }
    };
    let (critical, low, high) = (levels("mesh_critical")?, levels("mesh_critical_low")?, levels("mesh_critical_high")?);
    let wilks_covers = levels("mesh_wilks_covers")?;
    let (effective, p_value) = (archive.array("mesh_effective", &nodes)?, archive.array("mesh_p_value", &nodes)?);
    let mut text = |name: &str| -> Result<String> {
        let bytes: Vec<u8> = archive.list(name)?;
        if bytes.len() > LONGEST_TEXT {
            return Err(archive.unsound(name, format!("{} bytes", bytes.len()), format!("{LONGEST_TEXT} at most")));
        }
        String::from_utf8(bytes).map_err(|_| archive.unsound(name, "no text", "UTF-8"))
    };
    let of = Calibrated {
        model: text("model")?,
        model_digest: text("model_digest")?,
        data: text("data")?,
        data_digest: text("data_digest")?,
    };
    let minimum = match version {
        OF_THE_PLANE_ALONE => Minimum::Plane,
        _ => {
            let name = text("minimum")?;
            name.parse().map_err(|_| archive.unsound("minimum", format!("'{name}'"), "plane or mass"))?
        }
    };
    let surface = Surface {
        minimum,
        mass_mev,
        natural,
        ratios,
        confidences,
        critical,
        low,
        high,
        effective,
        wilks_covers,
        p_value,
    };
    Ok(SavedCoverage {
        of,
        surface,
        confidence: archive.scalar("border_confidence")?,
        error: archive.scalar("border_error")?,
        tolerance: archive.scalar("tolerance")?,
        seed: archive.scalar::<i64>("seed")? as u64,
        recipe: archive.scalar("recipe")?,
        sha256: String::new(),
    })
}
