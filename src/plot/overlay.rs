//! Limits of other experiments behind ours: one muted region for each kind or for each label, and where its name stands.
//!
//! Everything is in the units of the axes, so that any figure of the plane can draw it.

use std::ops::Range;

use crate::others::new_territory::Areas;
use crate::others::recast::known::{KnownLimit, LARGEST_COUPLING};

use super::Role;
use super::chart::{Chart, Label, Region};
use super::overlay_groups::{Group, by_kind, by_label};
use super::plane::Plane;
use super::raster::{Cells, Raster};
use super::text::Rich;

/// Size of the panel that labels are placed in (points), that of a figure one column wide.
const PANEL: [f64; 2] = [205.0, 176.0];
/// Font size of labels, that of words in a panel.
const LABEL_SIZE: f64 = 6.2;
/// Outlines reach so far beyond the plane, as a share of it, that their edges are not drawn along the frame.
const BEYOND: f64 = 0.02;
/// Between labels, and between a label and the frame (points).
const CLEAR: f64 = 2.0;
/// Where the legend stands if nothing is in its way: right and below, as shares of the panel.
const LEGEND: [Range<f64>; 2] = [0.62..1.0, 0.0..0.42];
/// Points closer to a straight line than this (points of print) make no difference.
const PRINTED: f64 = 0.1;
/// Labels farther from their region than this (points) are left out; the caption has them all.
const FARTHEST: f64 = 25.0;

/// What a label costs for each cell of one point that it covers of our own curves, of others' edges, of others' regions,
/// and of the legend's corner, and for each point that it is away from its region.
const OUR_CURVES: f64 = 4.0;
const EDGES: f64 = 0.5;
const OTHERS: f64 = 0.05;
const LEGEND_CORNER: f64 = 3.0;
const DISTANCE: f64 = 4.0;
/// And for not being inside of its region.
const OUTSIDE: f64 = 30.0;
/// What the name of a kind costs for each point that it is away from its own edge: it stands on the curve, whatever else is
/// under it.
const OFF_THE_CURVE: f64 = 8.0;

/// Marks limits in a caption that were fitted.
const FITTED: &str = "*";

/// What limits are drawn as, and what names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Labels {
    /// Each label has its own outline and name.
    All,
    /// Limits of one kind are one outline with one name.
    #[default]
    Groups,
    /// The same without names.
    None,
}

/// The limit of another experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// Its name, written at `label_at`.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// The excluded region as closed outlines, filled even-odd each on its own.
    pub outlines: Vec<Vec<[f64; 2]>>,
    /// Which of the limits it shows, by their places in the list.
    pub members: Vec<usize>,
    /// The middle of the label, in the units of the axes; without it, or off the map, the overlay has no label.
    pub label_at: Option<[f64; 2]>,
}

/// What of some limits lies on a plane, the largest region first; limits of one label, or of one kind, are one. Names keep
/// clear of one another, and as far as there is room of `ours`, curves that are drawn over them.
pub fn overlays(limits: &[KnownLimit], plane: Plane, ours: &[Vec<[f64; 2]>], labels: Labels) -> Vec<Overlay> {
    let mut groups = match labels {
        Labels::All => by_label(limits),
        Labels::Groups | Labels::None => {
            let on_plane = |outline: &Vec<[f64; 2]>| clipped(outline, &plane).len() > 2;
            by_kind(limits, &plane, BEYOND, |limit| limit.outlines.iter().any(on_plane))
        }
    };
    for group in &mut groups {
        let outlines = group.outlines.iter().map(|outline| simplified(&clipped(outline, &plane)));
        group.outlines = outlines.filter(|outline| outline.len() > 2).collect();
    }
    let mut drawn: Vec<(Group, Raster)> = groups
        .into_iter()
        .map(|group| {
            let raster = Raster::filled(PANEL, group.outlines.iter().map(|outline| in_points(outline)));
            (group, raster)
        })
        .filter(|(_, raster)| raster.total() > 0)
        .collect();
    drawn.sort_by_key(|(_, raster)| std::cmp::Reverse(raster.total()));
    let places = match labels {
        Labels::None => vec![None; drawn.len()],
        _ => place_labels(&drawn, &plane, ours, labels),
    };
    let values = |outline: &Vec<[f64; 2]>| outline.iter().map(|at| plane.value(*at)).collect();
    let named = drawn.into_iter().map(|(group, _)| group).zip(places).enumerate();
    named
        .map(|(number, (group, label_at))| Overlay {
            label: group.label,
            // Limits of one kind look the same in every figure.
            role: Role::Muted(group.colour.unwrap_or(number as u8)),
            outlines: group.outlines.iter().map(values).collect(),
            members: group.members,
            label_at: label_at.map(|at| plane.value(at)),
        })
        .collect()
}

/// Shades what a chart of ours excludes and the limits behind it do not, up to the largest coupling that makes sense; the
/// legend names it, the caption has its area. Limits are put behind before.
pub fn shade_new(chart: &mut Chart, areas: Areas) {
    let ours = chart.regions.iter().filter(|region| !matches!(region.role, Role::Muted(_) | Role::Preferred));
    let below = |outline: &Vec<[f64; 2]>| -> Vec<[f64; 2]> {
        outline.iter().map(|[mass, coupling]| [*mass, coupling.min(LARGEST_COUPLING)]).collect()
    };
    let outlines = ours.flat_map(|region| &region.outlines).map(below).collect();
    let new = Region { name: "new".to_owned(), label: "new".to_owned(), role: Role::New, outlines, has_edge: false };
    chart.regions.insert(0, new);
    let words = format!(
        "New (yellow): excluded by none of the limits shown, {} of {} decades of mass × decades of coupling.",
        three_digits(areas.only_ours),
        three_digits(areas.ours)
    );
    chart.caption = format!("{words} {}", chart.caption).trim().to_owned();
}

/// An area as far as a map knows it.
fn three_digits(area: f64) -> String {
    let before_point = if area >= 1.0 { area.log10().floor() as usize } else { 0 };
    format!("{area:.*}", 2_usize.saturating_sub(before_point))
}

/// Draws limits behind a chart; the words for its caption are returned.
pub fn behind(chart: &mut Chart, limits: &[KnownLimit], labels: Labels) -> String {
    let plane = Plane { x: (chart.x.low, chart.x.high), y: (chart.y.low, chart.y.high) };
    let ours: Vec<_> = chart.curves.iter().flat_map(|curve| curve.pieces.clone()).collect();
    let overlays = overlays(limits, plane, &ours, labels);
    let region = |overlay: &Overlay, outline: &Vec<[f64; 2]>| Region {
        name: format!("other limits: {}", overlay.label),
        label: String::new(),
        role: overlay.role,
        outlines: vec![outline.clone()],
        has_edge: true,
    };
    // Each on its own, since outlines of one region that overlap are filled even-odd.
    let regions = overlays.iter().flat_map(|overlay| overlay.outlines.iter().map(|outline| region(overlay, outline)));
    let regions: Vec<Region> = regions.collect();
    chart.regions.splice(0..0, regions);
    let labels = overlays
        .iter()
        .filter_map(|overlay| Some(Label { at: overlay.label_at?, text: overlay.label.clone(), role: overlay.role }));
    chart.labels.extend(labels);
    references(limits, &overlays)
}

/// Words for the caption of a figure: every limit on the plane with its reference, those of a kind together; what was fitted
/// to a published curve says so.
pub fn references(limits: &[KnownLimit], overlays: &[Overlay]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut any_fitted = false;
    for overlay in overlays {
        let mut of_label: Vec<(&str, Vec<&str>, bool)> = Vec::new();
        for limit in overlay.members.iter().filter_map(|member| limits.get(*member)) {
            let source = short_reference(&limit.reference);
            match of_label.iter_mut().find(|(label, ..)| *label == limit.label) {
                Some((_, sources, _)) if sources.contains(&source) => {}
                Some((_, sources, fitted)) => {
                    sources.push(source);
                    *fitted |= limit.fitted;
                }
                None => of_label.push((&limit.label, vec![source], limit.fitted)),
            }
        }
        let words = of_label.iter().map(|(label, sources, fitted)| {
            format!("{label}{} {}", if *fitted { FITTED } else { "" }, sources.join(", "))
        });
        any_fitted |= of_label.iter().any(|(.., fitted)| *fitted);
        let alone = of_label.len() == 1 && of_label[0].0 == overlay.label;
        match of_label.first().filter(|_| alone) {
            Some((label, sources, fitted)) => {
                parts.push(format!("{label}{}: {}", if *fitted { FITTED } else { "" }, sources.join(", ")));
            }
            None => parts.push(format!("{} ({})", overlay.label, words.collect::<Vec<_>>().join("; "))),
        }
    }
    if parts.is_empty() {
        return String::new();
    }
    let fitted = if any_fitted { format!(" {FITTED}: fitted to a published curve.") } else { String::new() };
    format!("Other limits: {}.{fitted}", parts.join("; "))
}

/// The number of a preprint, or the journal: what stands behind the authors.
fn short_reference(reference: &str) -> &str {
    let words = || reference.split([' ', ',']);
    if let Some(preprint) = words().find(|word| word.starts_with("arXiv:") || word.starts_with("hep-")) {
        return preprint;
    }
    let without_key = reference.split('[').next().unwrap_or(reference).trim();
    // Authors and collaboration.
    if let Some((_, rest)) = without_key.split_once("et al.") {
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
        return rest.trim_start_matches([',', ' ']);
    }
    match without_key.split_once(".,").or_else(|| without_key.split_once(", ")) {
        Some((_, journal)) if reference.contains('[') => journal.trim(),
        _ => without_key,
    }
}

fn in_points(outline: &[[f64; 2]]) -> Vec<[f64; 2]> {
    outline.iter().map(|[across, up]| [across * PANEL[0], up * PANEL[1]]).collect()
}

/// An outline cut off a little beyond the plane, in units of it (I. E. Sutherland and G. W. Hodgman, Commun. ACM 17
/// (1974) 32).
fn clipped(outline: &[[f64; 2]], plane: &Plane) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = outline.iter().map(|point| plane.unit(*point)).collect();
    points.retain(|point| point.iter().all(|share| share.is_finite()));
    for axis in [0, 1] {
        for (border, sign) in [(-BEYOND, 1.0), (1.0 + BEYOND, -1.0)] {
            let inside = |point: &[f64; 2]| sign * (point[axis] - border) >= 0.0;
            let mut kept = Vec::with_capacity(points.len());
            for (i, point) in points.iter().enumerate() {
                let before = points[(i + points.len() - 1) % points.len()];
                if inside(point) != inside(&before) {
                    let share = (border - before[axis]) / (point[axis] - before[axis]);
                    kept.push([0, 1].map(|k| before[k] + share * (point[k] - before[k])));
                }
                if inside(point) {
                    kept.push(*point);
                }
            }
            points = kept;
        }
    }
    points
}

/// An outline without the points that a print would not show (D. H. Douglas and T. K. Peucker, Cartographica 10 (1973)
/// 112).
fn simplified(outline: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let points = in_points(outline);
    let mut kept = vec![false; points.len()];
    let mut open = Vec::new();
    if let Some(last) = points.len().checked_sub(1) {
        (kept[0], kept[last]) = (true, true);
        open.push((0, last));
    }
    while let Some((first, last)) = open.pop() {
        let [from, to] = [points[first], points[last]];
        let (along, up) = (to[0] - from[0], to[1] - from[1]);
        let length = along.hypot(up);
        let away = |[x, y]: [f64; 2]| {
            let (dx, dy) = (x - from[0], y - from[1]);
            if length > 0.0 { ((dx * up - dy * along) / length).abs() } else { dx.hypot(dy) }
        };
        let farthest = (first + 1..last).map(|i| (away(points[i]), i)).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, middle)) = farthest.filter(|(distance, _)| *distance > PRINTED) {
            kept[middle] = true;
            open.extend([(first, middle), (middle, last)]);
        }
    }
    outline.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

/// The middle of each label in units of the plane. Small regions choose first: large ones have room everywhere.
fn place_labels(
    drawn: &[(Group, Raster)],
    plane: &Plane,
    ours: &[Vec<[f64; 2]>],
    labels_of: Labels,
) -> Vec<Option<[f64; 2]>> {
    let on_panel = |curve: &Vec<[f64; 2]>| in_points(&curve.iter().map(|point| plane.unit(*point)).collect::<Vec<_>>());
    let our_curves = Raster::traced(PANEL, ours.iter().map(on_panel));
    let edges_of = |own: Option<usize>| {
        let others = drawn.iter().enumerate().filter(move |(index, _)| Some(*index) != own);
        Raster::traced(PANEL, others.flat_map(|(_, (group, _))| &group.outlines).map(|outline| in_points(outline)))
    };
    let all_edges = edges_of(None);
    let legend = Cells::new(
        [LEGEND[0].start * PANEL[0], LEGEND[1].start * PANEL[1]],
        [LEGEND[0].end * PANEL[0], LEGEND[1].end * PANEL[1]],
    );
    let mut labels = vec![None; drawn.len()];
    let mut taken: Vec<Cells> = Vec::new();
    for (index, (group, region)) in drawn.iter().enumerate().rev() {
        let width = Rich::parse(&group.label).width(LABEL_SIZE, false) + 2.0 * CLEAR;
        let height = LABEL_SIZE + CLEAR;
        // The name of a kind may cover its own curve, and stands on it.
        let curve = (labels_of == Labels::Groups).then(|| {
            let own = group.outlines.iter().map(|outline| in_points(outline));
            (Raster::traced(PANEL, own), edges_of(Some(index)))
        });
        let mut best: Option<(f64, Cells)> = None;
        for cells in Cells::inside(PANEL, [width, height]) {
            if taken.iter().any(|other| other.overlaps(&cells)) {
                continue;
            }
            let others: usize =
                drawn.iter().enumerate().filter(|(k, _)| *k != index).map(|(_, (_, other))| other.count(&cells)).sum();
            let mut cost = OUR_CURVES * our_curves.count(&cells) as f64
                + EDGES * curve.as_ref().map_or(&all_edges, |(_, others)| others).count(&cells) as f64
                + if curve.is_some() { 0.0 } else { OTHERS * others as f64 }
                + LEGEND_CORNER * legend.common(&cells) as f64;
            if let Some((own, _)) = &curve {
                cost += OFF_THE_CURVE * own.distance(&cells);
                if region.count(&cells) == 0 {
                    cost += OUTSIDE;
                }
            } else if region.count(&cells) < cells.area() {
                let distance = region.distance(&cells);
                if distance > FARTHEST {
                    continue;
                }
                cost += OUTSIDE + DISTANCE * distance;
            }
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, cells));
            }
        }
        if let Some((_, cells)) = best {
            let [across, up] = cells.middle();
            // A text stands on its base line, a third of its height below its middle.
            labels[index] = Some([across / PANEL[0], (up - LABEL_SIZE / 3.0) / PANEL[1]]);
            taken.push(cells);
        }
    }
    labels
}
