//! A figure of lines and areas over two axes, as plain data: from the same description come its picture here, and its
//! numbers and its matplotlib script in [`crate::output`].

mod draw;

pub use super::axis::Scale;

use super::{Look, Role};

/// A figure of lines and areas. All texts but names are in the markup of [`super::text`]; empty ones take no room.
///
/// Drawn from the bottom: regions, markers, curves, labels, stars.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// Above the panel.
    pub title: String,
    /// First line of the legend.
    pub heading: String,
    /// Last line of the legend.
    pub note: String,
    /// Below the panel, in small print; broken into lines as needed.
    pub caption: String,
    /// Horizontal axis.
    pub x: ChartAxis,
    /// Vertical axis.
    pub y: ChartAxis,
    /// Filled areas.
    pub regions: Vec<Region>,
    /// Straight lines through the panel.
    pub markers: Vec<Marker>,
    /// Curves, the first one on top and first in the legend.
    pub curves: Vec<Curve>,
    /// Words in the panel.
    pub labels: Vec<Label>,
    /// Points such as a best fit.
    pub stars: Vec<Star>,
    /// How it is printed.
    pub look: Look,
}

/// An axis of a [`Chart`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartAxis {
    /// Name of its column in a table, with the unit: `recoil_energy_kevnr`.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How values are spread along it.
    pub scale: Scale,
}

/// A curve of one or more pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Its name in tables: `b-l`.
    pub name: String,
    /// Its name in the legend; without one it has no entry there.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// Points (x, y) in the units of the axes; a closed piece repeats its first point at its end. Zero on a logarithmic
    /// axis is far below it; at a point that is not finite a piece is interrupted.
    pub pieces: Vec<Vec<[f64; 2]>>,
}

/// A filled area.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its name in tables.
    pub name: String,
    /// Its name in the legend; without one it has no entry there. With that of a curve the two share an entry.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// Its outlines, filled even-odd, in the units of the axes; holes run the other way round than the outlines around
    /// them, as [`crate::base::contour::Ring`]s do.
    pub outlines: Vec<Vec<[f64; 2]>>,
    /// Whether its outlines are drawn too.
    pub has_edge: bool,
}

/// A straight line through the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Which way it runs.
    pub direction: Direction,
    /// Where, in the units of the axis that it crosses.
    pub at: f64,
    /// Written along it.
    pub label: String,
}

/// Which way a [`Marker`] runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// At one x.
    Vertical,
    /// At one y.
    Horizontal,
}

/// Words in the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Their middle, in the units of the axes.
    pub at: [f64; 2],
    /// The words.
    pub text: String,
    /// What they are about, for their colour.
    pub role: Role,
}

/// A point.
#[derive(Debug, Clone, PartialEq)]
pub struct Star {
    /// Where, in the units of the axes.
    pub at: [f64; 2],
    /// Its name in the legend.
    pub label: String,
    /// Whether it is drawn open: a best fit that means nothing.
    pub is_open: bool,
}

impl Curve {
    /// A curve of one piece.
    pub fn line(name: impl Into<String>, label: impl Into<String>, role: Role, points: Vec<[f64; 2]>) -> Curve {
        Curve { name: name.into(), label: label.into(), role, pieces: vec![points] }
    }
}

impl Region {
    /// The area between two curves that both run from left to right.
    pub fn between(
        name: impl Into<String>,
        label: impl Into<String>,
        role: Role,
        lower: &[[f64; 2]],
        upper: &[[f64; 2]],
    ) -> Region {
        let outline = lower.iter().chain(upper.iter().rev()).copied().collect();
        Region { name: name.into(), label: label.into(), role, outlines: vec![outline], has_edge: true }
    }
}

/// Where the legend of a [`Chart`] stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LegendPlace {
    /// In the panel, how far to the right and how far down, each 0, 1/2 or 1.
    Inside([f64; 2]),
    /// On the right of the panel, where it would cover a curve at any place in it.
    Beside,
}

/// One entry of a legend; tables and scripts make the same as the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LegendEntry<'a> {
    /// A curve, with the region that has its label.
    Curve(&'a Curve, Option<&'a Region>),
    /// A region without a curve.
    Region(&'a Region),
    /// A star.
    Star(&'a Star),
}

impl Chart {
    /// The entries of the legend, from the top.
    pub fn legend_entries(&self) -> Vec<LegendEntry<'_>> {
        let has_label = |label: &str| !label.is_empty();
        let region_of = |curve: &Curve| self.regions.iter().find(|region| region.label == curve.label);
        let curves = self.curves.iter().filter(|curve| has_label(&curve.label));
        let is_alone = |region: &&Region| self.curves.iter().all(|curve| curve.label != region.label);
        let regions = self.regions.iter().filter(|region| has_label(&region.label)).filter(is_alone);
        let stars = self.stars.iter().filter(|star| has_label(&star.label));
        curves
            .map(|curve| LegendEntry::Curve(curve, region_of(curve)))
            .chain(regions.map(LegendEntry::Region))
            .chain(stars.map(LegendEntry::Star))
            .collect()
    }
}
