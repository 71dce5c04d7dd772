//! Several maps in one picture.

use crate::Result;
use crate::plot::Role;
use crate::plot::chart::{Chart, Region};
use crate::scan::Map;

use super::exclusion::contour;
use super::plane::axes;

/// A map among others.
#[derive(Debug, Clone)]
pub struct ComparedMap<'a> {
    /// Its name in tables.
    pub name: String,
    /// Its name in the legend, in the markup of figures.
    pub label: String,
    /// The map, at the level that is drawn.
    pub map: &'a Map,
}

/// Symbols of a plane: of the mediator's mass and coupling, in the markup of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols {
    /// What is written before the unit: `$M_{Z'}$`.
    pub mass: String,
    /// `$g_{Z'}$`.
    pub coupling: String,
}

/// Of more maps than these, shades upon shades say nothing.
const MOST_SHADED: usize = 3;

/// The contour of each map, in colours and dashes of its own, on axes that hold all of them; of a few maps what each
/// excludes is shaded in its colour.
///
/// # Errors
/// A border that cannot be drawn.
pub fn compared_chart(maps: &[ComparedMap], symbols: Symbols, heading: &str, note: &str) -> Result<Chart> {
    let (mut curves, mut regions) = (Vec::new(), Vec::new());
    for (number, ComparedMap { name, label, map }) in maps.iter().enumerate() {
        let role = Role::Series(u8::try_from(number).unwrap_or(u8::MAX));
        curves.push(contour(name, label, role, map.contour()?));
        if maps.len() <= MOST_SHADED {
            regions.push(Region {
                name: format!("{name} excluded"),
                label: label.clone(),
                role,
                outlines: map.border().regions()?.into_iter().map(|ring| ring.points).collect(),
                has_edge: false,
            });
        }
    }
    let ends = |values: fn(&Map) -> &[f64]| {
        let of_all = maps.iter().flat_map(|compared| values(compared.map)).copied();
        of_all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (value.min(low), value.max(high)))
    };
    let (masses, couplings) = (ends(|map| &map.plane.mass.values), ends(|map| &map.plane.coupling.values));
    let [x, y] = axes([&symbols.mass, &symbols.coupling], masses, couplings);
    Ok(Chart { heading: heading.to_owned(), note: note.to_owned(), x, y, regions, curves, ..Chart::default() })
}
