//! A panel: a frame with ticks on all four sides, numbers and labels below and on the left.

use super::axis::{Axis, Tick};
use super::palette::BLACK;
use super::svg::{Anchor, Paint, Path, Rect, Svg, TextStyle};
use super::text::Rich;

/// Font sizes, in points at the printed size.
pub(super) const LABEL_SIZE: f64 = 8.0;
pub(super) const NUMBER_SIZE: f64 = 7.0;
pub(super) const INLINE_SIZE: f64 = 6.2;
/// How far capitals and digits reach above the base line, as a fraction of the font size.
pub(super) const CAP_HEIGHT: f64 = 0.714;

/// The printed width of one column of a journal, 8.5 cm, in points.
pub(super) const COLUMN_WIDTH: f64 = 240.9;
/// White space around a figure.
pub(super) const MARGIN: f64 = 3.0;
/// Height of a panel in one column over its width.
const COLUMN_ASPECT: f64 = 0.86;
const TITLE_SIZE: f64 = 8.5;

const FRAME_WIDTH: f64 = 0.6;
const TICK_WIDTH: f64 = 0.45;
const MAJOR_TICK: f64 = 4.2;
const MINOR_TICK: f64 = 2.2;
/// Between the frame and the numbers, and between the numbers and a label.
const GAP: f64 = 2.6;
/// Tallest number and lowest label below and above their base lines, scripts included.
const NUMBER_HEIGHT: f64 = NUMBER_SIZE * (CAP_HEIGHT + 0.3);
const LABEL_DESCENT: f64 = LABEL_SIZE * 0.32;

/// A panel's place on the canvas and its axes.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) rect: Rect,
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// Whether numbers and label stand below; ticks are drawn in any case.
    pub(super) x_numbers: bool,
}

impl Frame {
    /// The space that the numbers and the label below a panel take.
    pub(super) const BELOW: f64 = GAP + NUMBER_HEIGHT + GAP * 1.5 + LABEL_SIZE * (CAP_HEIGHT + 0.04) + LABEL_DESCENT;

    /// The space above a panel that the uppermost number on its left takes.
    pub(super) const ABOVE: f64 = NUMBER_SIZE * 0.75;

    /// The space that the numbers and the label on the left of a panel of this height take.
    pub(super) fn left_of(y: &Axis, height: f64) -> f64 {
        GAP + widest_number(y, height) + GAP + LABEL_SIZE * (CAP_HEIGHT + 0.06) + LABEL_DESCENT
    }

    /// How far the last number below may reach beyond the panel on the right.
    pub(super) fn right_of(x: &Axis, width: f64) -> f64 {
        let overhang = |tick: &Tick| width * (tick.at - 1.0) + Rich::parse(&tick.label).width(NUMBER_SIZE, false) / 2.0;
        x.ticks(x_labels(width)).iter().map(overhang).fold(0.0, f64::max)
    }

    /// The only panel of a figure as wide as a column, below its title.
    pub(super) fn in_column(x: Axis, y: Axis, title: &Rich, column: f64) -> Frame {
        let above = MARGIN + if title.is_empty() { Frame::ABOVE } else { TITLE_SIZE * 1.6 };
        let height = column * COLUMN_ASPECT * 0.85;
        let left = MARGIN + Frame::left_of(&y, height);
        let width = column - left - MARGIN;
        let width = (width - Frame::right_of(&x, width)).max(1.0);
        Frame { rect: Rect { x: left, y: above, width, height: width * COLUMN_ASPECT }, x, y, x_numbers: true }
    }

    /// Draws the title of a figure as wide as a column, over the panel where there is room, else over the column.
    pub(super) fn draw_title(&self, svg: &mut Svg, title: &Rich, column: f64) {
        let size = title.size_to_fit(TITLE_SIZE, false, column - 2.0 * MARGIN);
        // One that fills the column may be wider by rounding.
        let half = (title.width(size, false) / 2.0).min(column / 2.0 - MARGIN);
        let least = MARGIN + half;
        let middle = (self.rect.x + self.rect.width / 2.0).clamp(least, (column - MARGIN - half).max(least));
        svg.text(title, [middle, MARGIN + TITLE_SIZE * (CAP_HEIGHT + 0.2)], TextStyle::new(size, Anchor::Middle));
    }

    /// Points of the plane on the canvas, less those that are nowhere.
    pub(super) fn placed<'a>(
        &'a self,
        points: impl IntoIterator<Item = &'a [f64; 2], IntoIter: 'a>,
    ) -> impl Iterator<Item = [f64; 2]> + 'a {
        points.into_iter().filter_map(|point| self.place(*point))
    }

    /// Where a point of the plane is on the canvas; `None` if it is nowhere.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        Some([self.place_x(x)?, self.place_y(y)?])
    }

    pub(super) fn place_x(&self, x: f64) -> Option<f64> {
        Some(self.rect.x + self.rect.width * self.x.at(x)?)
    }

    pub(super) fn place_y(&self, y: f64) -> Option<f64> {
        Some(self.rect.bottom() - self.rect.height * self.y.at(y)?)
    }

    /// Words around a point of the plane, kept inside of the panel; none where the point is off it.
    pub(super) fn draw_label(&self, svg: &mut Svg, at: [f64; 2], text: &str, colour: &'static str) {
        let Some([x, y]) = self.place(at).filter(|at| self.rect.contains(*at)) else { return };
        let label = Rich::parse(text);
        let size = label.size_to_fit(INLINE_SIZE, false, self.rect.width);
        let half = label.width(size, false) / 2.0;
        let x = x.clamp(self.rect.x + half, (self.rect.right() - half).max(self.rect.x + half));
        let y = y.clamp(self.rect.y + size, (self.rect.bottom() - size * 0.4).max(self.rect.y + size));
        svg.text(&label, [x, y], TextStyle { colour, rimmed: true, ..TextStyle::new(size, Anchor::Middle) });
    }

    /// Draws the frame, its ticks, numbers and labels; to be called after the contents, so that they lie below it.
    pub(super) fn draw(&self, svg: &mut Svg) {
        let Rect { x, y, width, height } = self.rect;
        let (right, bottom) = (self.rect.right(), self.rect.bottom());
        let (x_ticks, y_ticks) = (self.x.ticks(x_labels(width)), self.y.ticks(y_labels(height)));
        let mut ticks = Path::default();
        for tick in &x_ticks {
            let (at, length) = (x + width * tick.at, tick_length(tick));
            ticks = ticks.polyline([[at, bottom], [at, bottom - length]], false);
            ticks = ticks.polyline([[at, y], [at, y + length]], false);
        }
        for tick in &y_ticks {
            let (at, length) = (bottom - height * tick.at, tick_length(tick));
            ticks = ticks.polyline([[x, at], [x + length, at]], false);
            ticks = ticks.polyline([[right, at], [right - length, at]], false);
        }
        svg.path(&ticks, Paint::stroke(BLACK, TICK_WIDTH));
        svg.rect(self.rect, Paint::stroke(BLACK, FRAME_WIDTH));
        self.draw_y_numbers(svg, &y_ticks);
        if self.x_numbers {
            self.draw_x_numbers(svg, &x_ticks);
        }
    }

    fn draw_x_numbers(&self, svg: &mut Svg, ticks: &[Tick]) {
        let base = self.rect.bottom() + GAP + NUMBER_HEIGHT;
        for tick in ticks {
            let at = [self.rect.x + self.rect.width * tick.at, base];
            svg.text(&Rich::parse(&tick.label), at, TextStyle::new(NUMBER_SIZE, Anchor::Middle));
        }
        let label = Rich::parse(&self.x.label);
        let size = label.size_to_fit(LABEL_SIZE, false, self.rect.width);
        let below = [self.rect.x + self.rect.width / 2.0, self.rect.bottom() + Frame::BELOW - LABEL_DESCENT];
        svg.text(&label, below, TextStyle::new(size, Anchor::Middle));
    }

    fn draw_y_numbers(&self, svg: &mut Svg, ticks: &[Tick]) {
        let Rect { x, height, .. } = self.rect;
        for tick in ticks {
            // Digits are centred on their tick.
            let middle = self.rect.bottom() - height * tick.at;
            let base = middle + NUMBER_SIZE * CAP_HEIGHT / 2.0;
            svg.text(&Rich::parse(&tick.label), [x - GAP, base], TextStyle::new(NUMBER_SIZE, Anchor::End));
        }
        let label = Rich::parse(&self.y.label);
        let size = label.size_to_fit(LABEL_SIZE, false, height);
        let beside = [x - GAP - widest_number(&self.y, height) - GAP - LABEL_DESCENT, self.rect.y + height / 2.0];
        svg.text(&label, beside, TextStyle { upwards: true, ..TextStyle::new(size, Anchor::Middle) });
    }
}

fn tick_length(tick: &Tick) -> f64 {
    if tick.is_major { MAJOR_TICK } else { MINOR_TICK }
}

/// How many numbers have room below a panel.
fn x_labels(width: f64) -> usize {
    (width / 24.0) as usize
}

/// How many numbers have room beside a panel.
fn y_labels(height: f64) -> usize {
    ((height / 20.0) as usize).max(4)
}

fn widest_number(y: &Axis, height: f64) -> f64 {
    let width = |tick: &Tick| Rich::parse(&tick.label).width(NUMBER_SIZE, false);
    y.ticks(y_labels(height)).iter().map(width).fold(0.0, f64::max)
}
