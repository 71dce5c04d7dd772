//! Limits of others as groups that are drawn as one: by their labels, or by what the experiments do.

use crate::others::outline::{Column, outlines};
use crate::others::recast::LimitKind;
use crate::others::recast::known::{KnownLimit, union};

use super::plane::Plane;

/// Masses across the plane at which regions of one kind are put together; a print has no more dots.
const COLUMNS: usize = 600;
/// Besides them, masses next to the ends of outlines, so that vertical edges stay vertical.
const NEXT_TO: f64 = 1e-7;

/// Limits that are drawn as one.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) outlines: Vec<Vec<[f64; 2]>>,
    /// Places of its limits in their list.
    pub(super) members: Vec<usize>,
    /// Number of its colour, where that does not follow from its size.
    pub(super) colour: Option<u8>,
}

/// Limits of one label together, each with its own outlines.
pub(super) fn by_label(limits: &[KnownLimit]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, limit) in limits.iter().enumerate() {
        match groups.iter_mut().find(|group| group.label == limit.label) {
            Some(group) => {
                group.outlines.extend(limit.outlines.iter().cloned());
                group.members.push(number);
            }
            None => groups.push(Group {
                label: limit.label.clone(),
                outlines: limit.outlines.clone(),
                members: vec![number],
                colour: None,
            }),
        }
    }
    groups
}

/// Limits of one kind together, by the outline of their union; those of no kind by their labels. What is not `shown` on the
/// plane is left out, and so not named in a caption.
pub(super) fn by_kind(
    limits: &[KnownLimit],
    plane: &Plane,
    beyond: f64,
    shown: impl Fn(&KnownLimit) -> bool,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (number, limit) in limits.iter().enumerate().filter(|(_, limit)| shown(limit)) {
        let (label, colour) = match limit.kind {
            LimitKind::Other => (limit.label.as_str(), None),
            kind => (kind.label(), Some(kind as u8)),
        };
        match groups.iter_mut().find(|group| group.label == label && group.colour == colour) {
            Some(group) => group.members.push(number),
            None => {
                groups.push(Group { label: label.to_owned(), outlines: Vec::new(), members: vec![number], colour });
            }
        }
    }
    for group in &mut groups {
        let members: Vec<&KnownLimit> = group.members.iter().map(|member| &limits[*member]).collect();
        group.outlines = match &members[..] {
            [alone] => alone.outlines.clone(),
            several => joined(several, plane, beyond),
        };
    }
    groups
}

/// The outlines of a union, on the plane and a little beyond it.
fn joined(limits: &[&KnownLimit], plane: &Plane, beyond: f64) -> Vec<Vec<[f64; 2]>> {
    let span = (plane.x.1 / plane.x.0).ln();
    let (low, high) = (plane.x.0 * (-beyond * span).exp(), plane.x.1 * (beyond * span).exp());
    let step = (high / low).ln() / (COLUMNS - 1) as f64;
    let mut masses: Vec<f64> = (0..COLUMNS).map(|k| low * (step * k as f64).exp()).collect();
    for outline in limits.iter().flat_map(|limit| &limit.outlines) {
        let of = |pick: fn(f64, f64) -> f64, start: f64| outline.iter().map(|point| point[0]).fold(start, pick);
        for end in [of(f64::min, f64::INFINITY), of(f64::max, 0.0)] {
            masses.extend([end * (1.0 - NEXT_TO), end * (1.0 + NEXT_TO)]);
        }
    }
    masses.retain(|mass| (low..=high).contains(mass));
    masses.sort_by(f64::total_cmp);
    masses.dedup();
    let column =
        |mass: &f64| -> Column { (*mass, union(limits.iter().flat_map(|limit| limit.excluded_at(*mass)).collect())) };
    outlines(&masses.iter().map(column).collect::<Vec<_>>())
}
