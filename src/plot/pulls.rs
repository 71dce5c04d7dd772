//! The table of pulls: a name, a point on a small axis, and the number.

use super::fit_parts::Pull;
use super::frame::{CAP_HEIGHT, Frame};
use super::palette::{BLACK, GREY, LIGHT};
use super::svg::{Anchor, Paint, Path, Rect, Svg, TextStyle};
use super::text::Rich;

const SIZE: f64 = 6.6;
const NUMBER_SIZE: f64 = 6.0;
const ROW: f64 = 10.0;
const HEADING: f64 = 13.0;
/// As below the panels beside it, so that their frames end at one height.
const FOOT: f64 = Frame::BELOW;
const GAP: f64 = 4.0;
/// The least part of the width that is left for the points.
const LEAST_PLOT: f64 = 0.34;

/// The height that the table needs.
pub(super) fn height(pulls: &[Pull]) -> f64 {
    if pulls.is_empty() { 0.0 } else { HEADING + ROW * pulls.len() as f64 + FOOT }
}

/// Draws the table at the bottom of `place`.
pub(super) fn draw(svg: &mut Svg, place: Rect, pulls: &[Pull]) {
    if pulls.is_empty() {
        return;
    }
    let names: Vec<Rich> = pulls.iter().map(|pull| Rich::parse(&pull.name)).collect();
    let numbers: Vec<Rich> = pulls.iter().map(|pull| Rich::plain(&number(pull))).collect();
    let widest = |texts: &[Rich], size| texts.iter().map(|text| text.width(size, false)).fold(0.0, f64::max);
    let numbers_width = widest(&numbers, NUMBER_SIZE);
    let names_room = place.width * (1.0 - LEAST_PLOT) - numbers_width - 2.0 * GAP;
    let names_width = widest(&names, SIZE).min(names_room);
    let top = place.bottom() - FOOT - ROW * pulls.len() as f64;
    let plot = Rect {
        x: place.x + names_width + GAP,
        y: top,
        width: place.width - names_width - numbers_width - 2.0 * GAP,
        height: ROW * pulls.len() as f64,
    };
    let end = range(pulls);
    let at = |value: f64| plot.x + plot.width * (0.5 + 0.5 * (value / end).clamp(-1.0, 1.0));

    svg.rect(Rect { x: at(-1.0), width: at(1.0) - at(-1.0), ..plot }, Paint::fill(LIGHT, 1.0));
    svg.line([at(0.0), plot.y], [at(0.0), plot.bottom()], Paint::stroke(GREY, 0.5));
    for (k, pull) in pulls.iter().enumerate() {
        let middle = top + ROW * (k as f64 + 0.5);
        let base = middle + SIZE * CAP_HEIGHT / 2.0;
        let size = names[k].size_to_fit(SIZE, false, names_width);
        svg.text(&names[k], [place.x + names_width, base], TextStyle::new(size, Anchor::End));
        svg.text(&numbers[k], [place.right(), base], TextStyle::new(NUMBER_SIZE, Anchor::End));
        draw_point(svg, [at(pull.value), middle], pull, at);
    }
    svg.rect(plot, Paint::stroke(BLACK, 0.5));
    draw_scale(svg, plot, end, at);
    let heading = TextStyle::new(SIZE, Anchor::Middle);
    svg.text(&Rich::parse("pulls $η/σ$"), [plot.x + plot.width / 2.0, top - 3.4], heading);
}

fn draw_point(svg: &mut Svg, middle: [f64; 2], pull: &Pull, at: impl Fn(f64) -> f64) {
    if !pull.value.is_finite() {
        return;
    }
    if pull.error.is_finite() {
        let ends = [at(pull.value - pull.error), at(pull.value + pull.error)];
        svg.line([ends[0], middle[1]], [ends[1], middle[1]], Paint::stroke(BLACK, 0.6));
    }
    svg.circle(middle, 1.25, Paint::fill(BLACK, 1.0));
}

fn draw_scale(svg: &mut Svg, plot: Rect, end: f64, at: impl Fn(f64) -> f64) {
    let step = if end > 6.0 {
        (end / 3.0).floor()
    } else if end > 3.5 {
        2.0
    } else {
        1.0
    };
    let mut ticks = Path::default();
    let count = (end / step).floor().clamp(1.0, 6.0) as i32;
    for k in -count..=count {
        let x = at(step * f64::from(k));
        ticks = ticks.polyline([[x, plot.bottom()], [x, plot.bottom() - 2.0]], false);
        ticks = ticks.polyline([[x, plot.y], [x, plot.y + 2.0]], false);
        if step > 1.0 || k % 2 == 0 {
            let label = Rich::parse(&format!("${:.0}$", step * f64::from(k)));
            let below = [x, plot.bottom() + 2.2 + NUMBER_SIZE * CAP_HEIGHT];
            svg.text(&label, below, TextStyle::new(NUMBER_SIZE, Anchor::Middle));
        }
    }
    svg.path(&ticks, Paint::stroke(BLACK, 0.4));
}

/// The axis runs from minus this to this: far enough for all pulls, and at least to three.
fn range(pulls: &[Pull]) -> f64 {
    let reach = |pull: &Pull| pull.value.abs() + if pull.error.is_finite() { pull.error.abs() } else { 0.0 };
    pulls.iter().map(reach).filter(|reach| reach.is_finite()).fold(3.0, f64::max).min(30.0).ceil()
}

fn number(pull: &Pull) -> String {
    let value = |value: f64| match value {
        value if !value.is_finite() => "?".to_owned(),
        value if value.abs() < 100.0 => format!("{value:+.2}").replace('-', "−"),
        value => format!("{value:+.1e}").replace('-', "−"),
    };
    if pull.error.is_finite() {
        format!("{} ± {}", value(pull.value), value(pull.error.abs()).trim_start_matches('+'))
    } else {
        value(pull.value)
    }
}
