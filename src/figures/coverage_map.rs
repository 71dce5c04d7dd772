//! The excluded region by critical values from toys, beside that by Wilks' theorem.

use crate::Result;
use crate::base::contour::Line;
use crate::physics::model::Model;
use crate::plot::Role;
use crate::plot::chart::{Chart, Curve, Region};
use crate::scan::{Covered, Map};

use super::exclusion::{best_fit_stars, ends};
use super::plane::axes_of;

/// Names of the curves and regions in tables.
const COVERED: &str = "with coverage";
const WILKS: &str = "wilks";

/// The chart of a map and of its critical values; `note` stands below the legend.
///
/// # Errors
/// None for a map that a scan made.
pub fn coverage_chart(model: &Model, map: &Map, covered: &Covered, note: &str) -> Result<Chart> {
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    let border = covered.border(map);
    let [low, high] = covered.ends(map);
    let outlines = |border: &crate::scan::Border| -> Result<Vec<Vec<[f64; 2]>>> {
        Ok(border.regions()?.into_iter().map(|ring| ring.points).collect())
    };
    // What is excluded by one end of the interval and not by the other: the rest of both goes, whether windings count
    // (one runs the other way round) or crossings.
    let reversed = |outline: Vec<[f64; 2]>| outline.into_iter().rev().collect();
    let band = outlines(&low)?.into_iter().chain(outlines(&high)?.into_iter().map(reversed)).collect();
    let [x, y] = axes_of(model, ends(masses), ends(couplings));
    Ok(Chart {
        heading: model.label.clone(),
        note: note.to_owned(),
        x,
        y,
        regions: vec![
            Region {
                name: format!("excluded {COVERED}"),
                label: COVERED.to_owned(),
                role: Role::Combined,
                outlines: outlines(&border)?,
                has_edge: false,
            },
            Region {
                name: "band from the number of toys".to_owned(),
                label: "from the number of toys".to_owned(),
                role: Role::Preferred,
                outlines: band,
                has_edge: false,
            },
        ],
        curves: vec![
            contour(COVERED, COVERED, Role::Combined, border.lines()?),
            contour(WILKS, "Wilks' theorem", Role::Csi, map.contour()?),
        ],
        stars: best_fit_stars(map),
        ..Chart::default()
    })
}

/// The border with coverage in the picture of a map, whose own contours are those of Wilks' theorem.
///
/// # Errors
/// None for a map that a scan made.
pub fn put_coverage(chart: &mut Chart, map: &Map, covered: &Covered) -> Result<()> {
    let role = [Role::Extra, Role::Cancellation]
        .into_iter()
        .find(|role| chart.curves.iter().all(|curve| curve.role != *role))
        .unwrap_or(Role::Extra);
    chart.curves.push(contour(COVERED, "with coverage (toys)", role, covered.border(map).lines()?));
    Ok(())
}

fn contour(name: &str, label: &str, role: Role, lines: Vec<Line>) -> Curve {
    let piece = |line: Line| {
        let closing = line.points.first().copied().filter(|_| line.closed);
        line.points.into_iter().chain(closing).collect()
    };
    Curve { name: name.to_owned(), label: label.to_owned(), role, pieces: lines.into_iter().map(piece).collect() }
}
