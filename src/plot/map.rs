//! The exclusion map: excluded regions and their borders in the (mass, coupling) plane.

use super::Figure;
use super::axis::{Axis, Scale};
use super::caption::Caption;
use super::frame::{COLUMN_WIDTH, Frame, MARGIN};
use super::hatch::Stroke;
use super::legend::{Entry, Legend, Swatch, draw_star};
use super::palette::Role;
use super::svg::{Paint, Path, Rect, Svg};
use super::text::Rich;
use crate::base::contour::{Line, Ring};
use crate::others::recast::known::LARGEST_COUPLING;

const EDGE_WIDTH: f64 = 0.6;
/// What the legend calls points without a result.
pub(super) const MISSING: &str = "missing: no fit";

/// An exclusion map. All texts are in the markup of [`super::text`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExclusionMap {
    /// Above the panel; may be empty.
    pub title: String,
    /// The model, the legend's heading; may be empty.
    pub model: String,
    /// What is excluded at which confidence, the legend's last line; may be empty.
    pub note: String,
    /// The label of the horizontal axis and its ends, logarithmic.
    pub x: MapAxis,
    /// The label of the vertical axis and its ends, logarithmic.
    pub y: MapAxis,
    /// The excluded regions, drawn in order, the last one on top.
    pub exclusions: Vec<Exclusion>,
    /// Regions preferred by other measurements, below the excluded ones.
    pub bands: Vec<Band>,
    /// Limits of other experiments, at the bottom.
    pub overlays: Vec<Overlay>,
    /// Shades what the regions of `exclusions` have and no overlay; its name in the legend.
    pub new_territory: Option<String>,
    /// Lines of a hatching over what is not known; see [`super::hatch`].
    pub missing: Vec<Stroke>,
    /// The best fit, marked by a star.
    pub best_fit: Option<[f64; 2]>,
    /// Below the panel, in small print; broken into lines as needed; may be empty.
    pub caption: String,
}

/// An axis of a map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapAxis {
    /// The quantity and its unit, such as `$M_{Z'}$ (MeV)`.
    pub label: String,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What one set of data excludes.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusion {
    /// Its name in the legend.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// The excluded region; empty if only the line is wanted.
    pub regions: Vec<Ring>,
    /// The border of the region.
    pub lines: Vec<Line>,
}

/// A region between two curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Its name in the legend.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// The lower curve.
    pub lower: Vec<[f64; 2]>,
    /// The upper curve; empty if the band is a single curve.
    pub upper: Vec<[f64; 2]>,
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
    /// Lines that are not filled.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// Which of the limits it shows, by their places in the list.
    pub members: Vec<usize>,
    /// The middle of the label, in the units of the axes; without it, or off the map, the overlay has no label.
    pub label_at: Option<[f64; 2]>,
}

impl Figure for ExclusionMap {
    fn to_svg(&self) -> String {
        let title = Rich::parse(&self.title);
        let caption = Caption::new(&self.caption, COLUMN_WIDTH - 2.0 * MARGIN);
        let axis = |axis: &MapAxis| Axis::new(axis.label.as_str(), axis.low, axis.high, Scale::Log);
        let frame = Frame::in_column(axis(&self.x), axis(&self.y), &title);
        let caption_top = frame.rect.bottom() + Frame::BELOW + 2.0;
        let name = [title.letters(), Rich::parse(&self.model).letters()].join(" ");
        let mut svg = Svg::new(COLUMN_WIDTH, caption_top + caption.height() + MARGIN, name.trim());
        frame.draw_title(&mut svg, &title);
        svg.clipped(frame.rect, |svg| self.draw_contents(svg, &frame));
        let curves = self.curves(&frame);
        self.legend().draw_in_corner(&mut svg, frame.rect, &curves);
        frame.draw(&mut svg);
        caption.draw(&mut svg, [MARGIN, caption_top]);
        svg.finish()
    }
}

impl ExclusionMap {
    fn draw_contents(&self, svg: &mut Svg, frame: &Frame) {
        if self.new_territory.is_some() {
            self.draw_new_territory(svg, frame);
        }
        for overlay in &self.overlays {
            overlay.draw_areas(svg, frame);
        }
        for overlay in &self.overlays {
            overlay.draw_lines(svg, frame);
        }
        for band in &self.bands {
            let role = band.role;
            let outline = band.lower.iter().chain(band.upper.iter().rev());
            if !band.upper.is_empty() {
                svg.path(
                    &Path::default().polyline(frame.placed(outline), true),
                    Paint::fill(role.colour(), role.opacity()),
                );
            }
            let borders =
                Path::default().polyline(frame.placed(&band.lower), false).polyline(frame.placed(&band.upper), false);
            svg.path(&borders, band.border());
        }
        for exclusion in &self.exclusions {
            let role = exclusion.role;
            svg.path(&area_of(exclusion, frame), Paint::fill(role.colour(), role.opacity()));
        }
        for Exclusion { role, lines, .. } in &self.exclusions {
            let add = |path: Path, line: &Line| path.polyline(frame.placed(&line.points), line.closed);
            svg.path(&lines.iter().fold(Path::default(), add), self.border(*role));
        }
        let hatching =
            self.missing.iter().fold(Path::default(), |path, stroke| path.polyline(frame.placed(stroke), false));
        svg.path(&hatching, Paint::of_line(Role::Missing));
        for overlay in &self.overlays {
            if let Some(at) = overlay.label_at {
                frame.draw_label(svg, at, &overlay.label, overlay.role.label_colour());
            }
        }
        if let Some(at) = self.best_fit.and_then(|point| frame.place(point)) {
            draw_star(svg, at, 1.0);
        }
    }

    /// All that is excluded, up to the largest coupling that makes sense; areas of others, which let nothing through, come
    /// on top and leave what is new.
    fn draw_new_territory(&self, svg: &mut Svg, frame: &Frame) {
        let Rect { x, y, width, height } = frame.rect;
        let top = frame.place_y(LARGEST_COUPLING).map_or(y, |top| top.clamp(y, y + height));
        svg.clipped(Rect { x, y: top, width, height: y + height - top }, |svg| {
            let paint = Paint::fill(Role::New.area_colour(), Role::New.area_opacity());
            self.exclusions.iter().for_each(|exclusion| svg.path(&area_of(exclusion, frame), paint));
        });
    }

    /// All curves as they lie on the canvas, for the legend to keep clear of.
    fn curves(&self, frame: &Frame) -> Vec<Vec<[f64; 2]>> {
        let lines = self.exclusions.iter().flat_map(|exclusion| &exclusion.lines).map(|line| &line.points);
        let bands = self.bands.iter().flat_map(|band| [&band.lower, &band.upper]);
        let mut curves: Vec<_> = lines.chain(bands).map(|points| frame.placed(points).collect()).collect();
        // A marker or a label under the legend is worse than a piece of a curve: it counts as a few of them. The outlines
        // of others are everywhere, and behind all.
        let labels = self.overlays.iter().filter_map(|overlay| overlay.label_at);
        for at in labels.chain(self.best_fit).filter_map(|point| frame.place(point)) {
            curves.extend([-2.0, 0.0, 2.0].map(|up| vec![[at[0] - 20.0, at[1] + up], [at[0] + 20.0, at[1] + up]]));
        }
        curves
    }

    /// The look of an exclusion's border: dashes only where there are several to be told apart.
    fn border(&self, role: Role) -> Paint<'static> {
        Paint { dash: if self.exclusions.len() > 1 { role.dash() } else { "" }, ..Paint::of_line(role) }
    }

    fn legend(&self) -> Legend {
        let areas = self.exclusions.iter().map(|exclusion| {
            let (area, line) =
                (Paint::fill(exclusion.role.colour(), exclusion.role.opacity()), self.border(exclusion.role));
            let swatch =
                if exclusion.regions.is_empty() { Swatch::Line(line) } else { Swatch::AreaWithLine(area, line) };
            (swatch, exclusion.label.as_str())
        });
        let bands = self.bands.iter().map(|band| {
            let area = Paint::fill(band.role.colour(), band.role.opacity());
            let swatch = if band.upper.is_empty() {
                Swatch::Line(band.border())
            } else {
                Swatch::AreaWithEdge(area, band.border())
            };
            (swatch, band.label.as_str())
        });
        // Drawn twice, as on the map: the region's own area lies over what is new of it.
        let over =
            self.exclusions.first().map(|exclusion| Paint::fill(exclusion.role.colour(), exclusion.role.opacity()));
        let new = self.new_territory.iter().zip(over).map(|(label, over)| {
            let area = Paint::fill(Role::New.area_colour(), Role::New.area_opacity());
            (Swatch::TwoAreas(area, over), label.as_str())
        });
        let missing = (!self.missing.is_empty()).then(|| (Swatch::Hatched(Paint::of_line(Role::Missing)), MISSING));
        let best_fit = self.best_fit.map(|_| (Swatch::Star, "best fit"));
        let entries = areas.chain(new).chain(bands).chain(missing).chain(best_fit);
        Legend {
            heading: Rich::parse(&self.model),
            entries: entries.map(|(swatch, label)| Entry { swatch, label: Rich::parse(label) }).collect(),
            note: Rich::parse(&self.note),
            framed: !self.overlays.is_empty(),
        }
    }
}

/// The excluded region, to be filled.
fn area_of(exclusion: &Exclusion, frame: &Frame) -> Path {
    let add = |path: Path, ring: &Ring| path.polyline(frame.placed(&ring.points), true);
    exclusion.regions.iter().fold(Path::default(), add)
}

impl Band {
    /// A curve of its own is dashed, the edges of an area are thin.
    fn border(&self) -> Paint<'static> {
        if self.upper.is_empty() { Paint::of_line(self.role) } else { Paint::stroke(self.role.colour(), EDGE_WIDTH) }
    }
}

impl Overlay {
    fn draw_areas(&self, svg: &mut Svg, frame: &Frame) {
        for outline in &self.outlines {
            let path = Path::default().polyline(frame.placed(outline), true);
            svg.path(&path, Paint::fill(self.role.area_colour(), self.role.area_opacity()));
        }
    }

    fn draw_lines(&self, svg: &mut Svg, frame: &Frame) {
        let closed = self.outlines.iter().map(|outline| (outline, true));
        for (points, closed) in closed.chain(self.lines.iter().map(|line| (line, false))) {
            svg.path(&Path::default().polyline(frame.placed(points), closed), Paint::of_line(self.role));
        }
    }
}
