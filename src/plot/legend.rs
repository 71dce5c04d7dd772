//! The legend: what the curves mean, in the corner where it covers the least of them.

use super::frame::CAP_HEIGHT;
use super::palette::BLACK;
use super::svg::{Anchor, Paint, Rect, Svg, TextStyle};
use super::text::Rich;

const SIZE: f64 = 7.0;
const HEADING_SIZE: f64 = 9.0;
const NOTE_SIZE: f64 = 6.2;
/// From one base line to the next, as a multiple of the font size.
const LEADING: f64 = 1.34;
const SWATCH: [f64; 2] = [15.0, 5.6];
const SWATCH_GAP: f64 = 4.0;
const PADDING: f64 = 3.4;
/// Between the legend and the frame: clear of the ticks.
const INSET: f64 = 6.0;

const FRAME: &str = "#b0b0b0";
const FRAME_WIDTH: f64 = 0.3;

/// The sign before an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Swatch {
    Area(Paint<'static>),
    Line(Paint<'static>),
    /// An area with its border through the middle.
    AreaWithLine(Paint<'static>, Paint<'static>),
    /// Two areas, the second over the first.
    TwoAreas(Paint<'static>, Paint<'static>),
    /// An area between two lines.
    AreaWithEdge(Paint<'static>, Paint<'static>),
    /// An area of rising lines.
    Hatched(Paint<'static>),
    /// A best fit; open where it means nothing.
    Star(bool),
    Point,
}

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) swatch: Swatch,
    pub(super) label: Rich,
}

/// A legend of a heading, entries, and a note; empty parts take no room.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Legend {
    pub(super) heading: Rich,
    pub(super) entries: Vec<Entry>,
    pub(super) note: Rich,
    /// With a thin frame, where it stands on areas.
    pub(super) framed: bool,
}

/// A place inside of a panel: how far to the right and how far down, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place(pub(super) [f64; 2]);

impl Place {
    const UPPER_LEFT: Place = Place([0.0, 0.0]);
    const UPPER_RIGHT: Place = Place([1.0, 0.0]);
    const LOWER_LEFT: Place = Place([0.0, 1.0]);
    const LOWER_RIGHT: Place = Place([1.0, 1.0]);
    /// From the best to the worst.
    const ALL: [Place; 9] = [
        Place::UPPER_RIGHT,
        Place::LOWER_LEFT,
        Place::UPPER_LEFT,
        Place::LOWER_RIGHT,
        Place([0.5, 0.0]),
        Place([0.5, 1.0]),
        Place([1.0, 0.5]),
        Place([0.0, 0.5]),
        Place([0.5, 0.5]),
    ];
}

impl Legend {
    /// The first place inside of `panel` at which it covers none of the curves; corners first.
    pub(super) fn free_place(&self, panel: Rect, curves: &[Vec<[f64; 2]>]) -> Option<Place> {
        let [width, height] = self.size(1.0);
        let points = sampled(curves);
        Place::ALL.into_iter().find(|place| {
            let rect = self.rect_at(*place, panel, 1.0);
            let fits = width <= panel.width - 2.0 * INSET && height <= panel.height - 2.0 * INSET;
            fits && covered(&rect, &points) == 0
        })
    }

    /// Draws it at a place inside of `panel`.
    pub(super) fn draw_at(&self, svg: &mut Svg, panel: Rect, place: Place) {
        let scale = self.scale_in(panel);
        self.draw_on_white(svg, self.rect_at(place, panel, scale), scale);
    }

    /// At most 1, so that it fits into a panel.
    fn scale_in(&self, panel: Rect) -> f64 {
        let [width, height] = self.size(1.0);
        let room = [panel.width - 2.0 * INSET, panel.height - 2.0 * INSET];
        (room[0] / width).min(room[1] / height).min(1.0)
    }

    fn rect_at(&self, Place([across, down]): Place, panel: Rect, scale: f64) -> Rect {
        let [width, height] = self.size(scale);
        let free = [panel.width - 2.0 * INSET - width, panel.height - 2.0 * INSET - height];
        Rect { x: panel.x + INSET + across * free[0], y: panel.y + INSET + down * free[1], width, height }
    }

    fn draw_on_white(&self, svg: &mut Svg, rect: Rect, scale: f64) {
        if scale > 0.05 && scale.is_finite() {
            let white = Paint::fill("#ffffff", 0.85);
            svg.rect(rect, if self.framed { Paint { stroke: FRAME, width: FRAME_WIDTH, ..white } } else { white });
            self.draw(svg, [rect.x, rect.y], scale);
        }
    }

    /// Width and height at a scale.
    pub(super) fn size(&self, scale: f64) -> [f64; 2] {
        let entries = self.entries.iter().map(|entry| SWATCH[0] + SWATCH_GAP + entry.label.width(SIZE, false));
        let width =
            entries.fold(self.heading.width(HEADING_SIZE, false).max(self.note.width(NOTE_SIZE, false)), f64::max);
        let height: f64 = self.line_sizes().map(|size| size * LEADING).sum();
        [scale * (width + 2.0 * PADDING), scale * (height + 2.0 * PADDING)]
    }

    /// Draws it with its upper left corner at a place.
    pub(super) fn draw(&self, svg: &mut Svg, [x, y]: [f64; 2], scale: f64) {
        let left = x + scale * PADDING;
        let mut base = y + scale * PADDING;
        let mut next = |size: f64| {
            base += scale * size * LEADING;
            base - scale * size * (LEADING - CAP_HEIGHT) / 2.0
        };
        if !self.heading.is_empty() {
            let base = next(HEADING_SIZE);
            svg.text(&self.heading, [left, base], TextStyle::new(scale * HEADING_SIZE, Anchor::Start));
        }
        for Entry { swatch, label } in &self.entries {
            let base = next(SIZE);
            let middle = base - scale * SIZE * CAP_HEIGHT / 2.0;
            let [width, height] = SWATCH.map(|length| scale * length);
            draw_swatch(svg, *swatch, Rect { x: left, y: middle - height / 2.0, width, height });
            let text = left + scale * (SWATCH[0] + SWATCH_GAP);
            svg.text(label, [text, base], TextStyle::new(scale * SIZE, Anchor::Start));
        }
        if !self.note.is_empty() {
            let base = next(NOTE_SIZE);
            svg.text(&self.note, [left, base], TextStyle::new(scale * NOTE_SIZE, Anchor::Start));
        }
    }

    fn line_sizes(&self) -> impl Iterator<Item = f64> {
        let line = |text: &Rich, size| (!text.is_empty()).then_some(size);
        let ends = [line(&self.heading, HEADING_SIZE), line(&self.note, NOTE_SIZE)];
        ends.into_iter().flatten().chain(self.entries.iter().map(|_| SIZE))
    }
}

fn draw_swatch(svg: &mut Svg, swatch: Swatch, rect: Rect) {
    let middle = [rect.x + rect.width / 2.0, rect.y + rect.height / 2.0];
    let ends = [[rect.x, middle[1]], [rect.right(), middle[1]]];
    match swatch {
        Swatch::Area(area) => svg.rect(rect, area),
        Swatch::Line(line) => svg.line(ends[0], ends[1], line),
        Swatch::AreaWithLine(area, line) => {
            svg.rect(rect, area);
            svg.line(ends[0], ends[1], line);
        }
        Swatch::TwoAreas(below, above) => [below, above].into_iter().for_each(|area| svg.rect(rect, area)),
        Swatch::AreaWithEdge(area, edge) => {
            svg.rect(rect, area);
            for y in [rect.y, rect.bottom()] {
                svg.line([rect.x, y], [rect.right(), y], edge);
            }
        }
        Swatch::Hatched(line) => {
            for left in [rect.x, rect.x + rect.width / 3.0, rect.x + rect.width / 1.5] {
                svg.line([left, rect.bottom()], [left + rect.width / 3.0, rect.y], line);
            }
        }
        Swatch::Star(is_open) => draw_star(svg, middle, rect.height / SWATCH[1], is_open),
        Swatch::Point => {
            svg.line([middle[0], rect.y - 0.6], [middle[0], rect.bottom() + 0.6], Paint::stroke(BLACK, 0.6));
            svg.circle(middle, 1.3, Paint::fill(BLACK, 1.0));
        }
    }
}

/// The marker of a best fit: a five-pointed star with a white rim, or an open one.
pub(super) fn draw_star(svg: &mut Svg, [x, y]: [f64; 2], scale: f64, is_open: bool) {
    const RADII: [f64; 2] = [3.6, 1.5];
    let corner = |k: usize| {
        let (radius, angle) = (scale * RADII[k % 2], std::f64::consts::PI * k as f64 / 5.0);
        [x + radius * angle.sin(), y - radius * angle.cos()]
    };
    let star = super::svg::Path::default().polyline((0..10).map(corner), true);
    let (fill, stroke) = if is_open { ("#ffffff", BLACK) } else { (BLACK, "#ffffff") };
    svg.path(&star, Paint { fill, opacity: 1.0, stroke, width: 0.5, dash: "" });
}

/// How many of the points along the curves a rectangle hides.
pub(super) fn hidden(rect: Rect, curves: &[Vec<[f64; 2]>]) -> usize {
    covered(&rect, &sampled(curves))
}

fn covered(rect: &Rect, points: &[[f64; 2]]) -> usize {
    points.iter().filter(|point| rect.contains(**point)).count()
}

/// Points along the curves, a point (of print) apart.
fn sampled(curves: &[Vec<[f64; 2]>]) -> Vec<[f64; 2]> {
    let pairs = curves.iter().flat_map(|curve| curve.windows(2));
    let along = |pair: &[[f64; 2]]| {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        let steps = (x1 - x0).hypot(y1 - y0).clamp(1.0, 2000.0) as usize;
        let at = move |k: usize| k as f64 / steps as f64;
        (0..=steps).map(move |k| [x0 + (x1 - x0) * at(k), y0 + (y1 - y0) * at(k)])
    };
    pairs.flat_map(along).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legend_keeps_clear_of_curves() {
        let panel = Rect { x: 0.0, y: 0.0, width: 200.0, height: 200.0 };
        let entry = Entry { swatch: Swatch::Star(false), label: Rich::plain("best fit") };
        let legend = Legend { entries: vec![entry], ..Default::default() };
        let [width, height] = legend.size(1.0);
        let corners = [
            (Rect { x: 194.0 - width, y: 194.0 - height, width, height }, [199.0, 199.0]),
            (Rect { x: 6.0, y: 6.0, width, height }, [1.0, 1.0]),
            (Rect { x: 194.0 - width, y: 6.0, width, height }, [199.0, 1.0]),
            (Rect { x: 6.0, y: 194.0 - height, width, height }, [1.0, 199.0]),
        ];
        for (free, _) in &corners {
            let taken = corners.iter().filter(|(corner, _)| corner != free);
            let curves: Vec<_> = taken.map(|(_, end)| vec![[100.0, 100.0], *end]).collect();
            let mut svg = Svg::new(200.0, 200.0, "");
            legend.draw_at(&mut svg, panel, legend.free_place(panel, &curves).expect("a free corner"));
            let mut expected = Svg::new(200.0, 200.0, "");
            expected.rect(*free, Paint::fill("#ffffff", 0.85));
            legend.draw(&mut expected, [free.x, free.y], 1.0);
            assert_eq!(svg.finish(), expected.finish());
        }
    }
}
