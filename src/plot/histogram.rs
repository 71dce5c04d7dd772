//! One column of the fit's figure: data over a stack of components, and what is left below.

use super::axis::{Axis, Scale};
use super::fit_parts::{Component, Lower, Projection};
use super::frame::Frame;
use super::palette::{BLACK, GREY, LIGHT};
use super::svg::{Paint, Path, Rect, Svg};

/// Between the upper and the lower panel.
pub(super) const ROW_GAP: f64 = 5.0;
/// Of the lower panel.
pub(super) const LOWER_HEIGHT: f64 = 58.0;
const POINT_RADIUS: f64 = 1.25;
const BAR_WIDTH: f64 = 0.6;
const STEP_WIDTH: f64 = 0.9;
/// The largest dynamic range of a logarithmic panel.
const MOST_DECADES: f64 = 5.0;
/// Residuals are shown from at least minus this to this.
const LEAST_RESIDUAL: f64 = 3.2;

/// A measured value with its error, in a bin.
#[derive(Debug, Clone, Copy)]
struct Point {
    value: f64,
    error: f64,
}

/// What is drawn in one bin.
#[derive(Debug)]
struct Bin {
    low: f64,
    high: f64,
    data: Point,
    /// Events of each component, missing ones and those that are no number as 0.
    parts: Vec<f64>,
    background: f64,
    total: f64,
}

/// A projection and the components on it.
#[derive(Debug)]
pub(super) struct Histogram<'a> {
    label: &'a str,
    /// What the points are, in the words of an axis.
    seen: &'static str,
    bins: Vec<Bin>,
    parts: Vec<&'a Component>,
}

impl<'a> Histogram<'a> {
    /// The space below the lowest panel.
    pub(super) const BELOW: f64 = Frame::BELOW;

    pub(super) fn new(
        projection: &'a Projection,
        parts: impl Iterator<Item = (&'a Component, &'a [f64])> + Clone,
    ) -> Self {
        let finite = |value: Option<&f64>| value.copied().filter(|value| value.is_finite()).unwrap_or(0.0);
        let bin = |(k, edges): (usize, &[f64])| {
            let value = projection.data.get(k).copied().unwrap_or(f64::NAN);
            let error = projection.errors.get(k).copied().unwrap_or_else(|| value.max(0.0).sqrt());
            let events: Vec<f64> = parts.clone().map(|(_, events)| finite(events.get(k))).collect();
            let background = parts.clone().zip(&events).filter(|((part, _), _)| !part.is_signal);
            Bin {
                low: edges[0],
                high: edges[1],
                data: Point { value, error },
                background: background.map(|(_, events)| events).sum(),
                total: events.iter().sum(),
                parts: events,
            }
        };
        let bins = projection.edges.windows(2).enumerate().map(bin).filter(|bin| bin.low < bin.high).collect();
        let seen = if projection.is_expected { "exp." } else { "data" };
        Histogram { label: &projection.label, seen, bins, parts: parts.map(|(part, _)| part).collect() }
    }

    /// Draws the upper panel into the height of `place`, and below it the lower one, if any, and the numbers.
    pub(super) fn draw(&self, svg: &mut Svg, place: Rect, log_events: bool, lower: Lower) {
        let low = self.bins.iter().map(|bin| bin.low).fold(f64::NAN, f64::min);
        let high = self.bins.iter().map(|bin| bin.high).fold(f64::NAN, f64::max);
        let x = Axis::new(self.label, low, high, Scale::Linear);
        let upper_y = self.events_axis(log_events);
        let lower_y = match lower {
            Lower::None => None,
            Lower::Residuals => Some(self.residual_axis()),
            Lower::Signal => Some(self.signal_axis()),
        };
        // Both panels begin at the same place: beside the widest numbers.
        let left = lower_y
            .as_ref()
            .map_or(0.0, |y| Frame::left_of(y, LOWER_HEIGHT))
            .max(Frame::left_of(&upper_y, place.height));
        let width = place.width - left;
        let width = width - Frame::right_of(&x, width);
        let rect = Rect { x: place.x + left, width, ..place };
        let upper = Frame { rect, x: x.clone(), y: upper_y, x_numbers: lower_y.is_none() };
        svg.clipped(rect, |svg| self.draw_stack(svg, &upper));
        upper.draw(svg);
        if let Some(y) = lower_y {
            let rect = Rect { y: rect.bottom() + ROW_GAP, height: LOWER_HEIGHT, ..rect };
            let frame = Frame { rect, x, y, x_numbers: true };
            svg.clipped(rect, |svg| match lower {
                Lower::Signal => self.draw_signal(svg, &frame),
                _ => self.draw_residuals(svg, &frame),
            });
            frame.draw(svg);
        }
    }

    fn events_axis(&self, log_events: bool) -> Axis {
        const LABEL: &str = "events per bin";
        let tops = self.bins.iter().flat_map(|bin| [bin.total, bin.data.value + bin.data.error, bin.data.value]);
        let top = tops.filter(|top| top.is_finite()).fold(0.0, f64::max);
        if !log_events || top <= 0.0 {
            let bottoms = self.bins.iter().flat_map(|bin| [bin.total, bin.data.value - bin.data.error]);
            let bottom = bottoms.filter(|bottom| bottom.is_finite()).fold(0.0, f64::min);
            return Axis::new(LABEL, bottom * 1.1, top * 1.12, Scale::Linear);
        }
        let heights =
            self.bins.iter().flat_map(|bin| [bin.total, bin.data.value, bin.parts.first().copied().unwrap_or(0.0)]);
        let least = heights.filter(|height| *height > 0.0).fold(top, f64::min);
        Axis::new(LABEL, (least / 2.0).max(top * 10_f64.powf(-MOST_DECADES)), top * 2.0, Scale::Log)
    }

    fn residual_axis(&self) -> Axis {
        let ends = self.residuals().map(|(_, point)| point.value.abs() + 1.2);
        let end = ends.fold(LEAST_RESIDUAL, f64::max).min(12.0);
        Axis::new(&format!("$(${}$−$fit$)/σ$", self.seen), -end, end, Scale::Linear)
    }

    fn signal_axis(&self) -> Axis {
        let ends = self.excesses().flat_map(|(bin, point)| {
            [point.value - point.error, point.value + point.error, bin.total - bin.background]
        });
        let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
        let margin = 0.08 * (high - low);
        Axis::new(&format!("{}$-$bkg.", self.seen), low - margin, high + margin, Scale::Linear)
    }

    fn draw_stack(&self, svg: &mut Svg, frame: &Frame) {
        // From the top down: each area reaches to the bottom and the next one covers it.
        for k in (0..self.parts.len()).rev() {
            let height = |bin: &Bin| bin.parts[..=k].iter().sum::<f64>();
            svg.path(&self.steps(frame, height, true), Paint::fill(self.parts[k].role.colour(), 1.0));
        }
        svg.path(&self.steps(frame, |bin| bin.total, false), Paint::stroke(BLACK, STEP_WIDTH));
        draw_points(svg, frame, self.bins.iter().map(|bin| (bin, bin.data)));
    }

    fn draw_signal(&self, svg: &mut Svg, frame: &Frame) {
        let mut base = vec![0.0; self.bins.len()];
        let signals = (0..self.parts.len()).filter(|k| self.parts[*k].is_signal);
        for k in signals {
            let lower = base.clone();
            base.iter_mut().zip(&self.bins).for_each(|(base, bin)| *base += bin.parts[k]);
            let boxes = self.bins.iter().zip(lower.iter().zip(&base));
            let outline = |path: Path, (bin, (from, to)): (&Bin, (&f64, &f64))| {
                let corners = [[bin.low, *from], [bin.low, *to], [bin.high, *to], [bin.high, *from]];
                path.polyline(corners.into_iter().filter_map(|corner| frame.place(corner)), true)
            };
            svg.path(&boxes.fold(Path::default(), outline), Paint::fill(self.parts[k].role.colour(), 1.0));
        }
        let zero = [[frame.x.low(), 0.0], [frame.x.high(), 0.0]].into_iter().filter_map(|end| frame.place(end));
        svg.path(&Path::default().polyline(zero, false), Paint::stroke(GREY, 0.5));
        svg.path(&self.steps(frame, |bin| bin.total - bin.background, false), Paint::stroke(BLACK, STEP_WIDTH));
        draw_points(svg, frame, self.excesses());
    }

    fn draw_residuals(&self, svg: &mut Svg, frame: &Frame) {
        let ends =
            [(-1.0, 1.0)].into_iter().filter_map(|(low, high)| Some((frame.place_y(high)?, frame.place_y(low)?)));
        for (top, bottom) in ends {
            svg.rect(Rect { y: top, height: bottom - top, ..frame.rect }, Paint::fill(LIGHT, 1.0));
        }
        let zero = [[frame.x.low(), 0.0], [frame.x.high(), 0.0]].into_iter().filter_map(|end| frame.place(end));
        svg.path(&Path::default().polyline(zero, false), Paint::stroke(GREY, 0.5));
        draw_points(svg, frame, self.residuals());
    }

    /// Data less backgrounds, where there are data.
    fn excesses(&self) -> impl Iterator<Item = (&Bin, Point)> {
        let excess = |bin: &Bin| Point { value: bin.data.value - bin.background, error: bin.data.error };
        self.bins.iter().map(move |bin| (bin, excess(bin))).filter(|(_, point)| point.value.is_finite())
    }

    /// (data - fit) over the error, where there is one: an empty bin's is the square root of its expectation.
    fn residuals(&self) -> impl Iterator<Item = (&Bin, Point)> {
        let residual = |bin: &Bin| {
            let error = if bin.data.error > 0.0 { bin.data.error } else { bin.total.max(0.0).sqrt() };
            Point { value: (bin.data.value - bin.total) / error, error: 1.0 }
        };
        self.bins.iter().map(move |bin| (bin, residual(bin))).filter(|(_, point)| point.value.is_finite())
    }

    /// The outline of a histogram: a closed area over the axis, or only its top. Below a logarithmic axis is its lower end.
    fn steps(&self, frame: &Frame, height: impl Fn(&Bin) -> f64, closed: bool) -> Path {
        let floor = frame.y.low();
        let at = |x: f64, y: f64| frame.place([x, if frame.y.at(y).is_some() { y } else { floor / 100.0 }]);
        let base = if frame.y.at(0.0).is_some() { 0.0 } else { floor / 100.0 };
        let mut path = Path::default();
        // Bins that do not touch make outlines of their own.
        let mut points: Vec<[f64; 2]> = Vec::new();
        for (k, bin) in self.bins.iter().enumerate() {
            let is_first = k == 0 || self.bins[k - 1].high != bin.low;
            let is_last = self.bins.get(k + 1).is_none_or(|next| next.low != bin.high);
            let y = height(bin);
            points.extend((is_first && closed).then(|| at(bin.low, base)).flatten());
            points.extend([at(bin.low, y), at(bin.high, y)].into_iter().flatten());
            if is_last {
                points.extend(closed.then(|| at(bin.high, base)).flatten());
                path = path.polyline(points.drain(..), closed);
            }
        }
        path
    }
}

/// Points with error bars at the bins' middles; on a logarithmic axis those that are not positive are left out.
fn draw_points<'a>(svg: &mut Svg, frame: &Frame, points: impl Iterator<Item = (&'a Bin, Point)>) {
    for (bin, Point { value, error }) in points {
        let Some(at) = frame.place([(bin.low + bin.high) / 2.0, value]) else { continue };
        let error = if error.is_finite() { error.max(0.0) } else { 0.0 };
        let low = frame.place_y(value - error).unwrap_or(frame.rect.bottom());
        let high = frame.place_y(value + error).unwrap_or(at[1]);
        svg.line([at[0], low], [at[0], high], Paint::stroke(BLACK, BAR_WIDTH));
        svg.circle(at, POINT_RADIUS, Paint::fill(BLACK, 1.0));
    }
}
