//! Axes: where values stand on them, and their ticks.

/// How values are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal ratios are equally far apart.
    Log,
    /// Equal differences are equally far apart.
    #[default]
    Linear,
}

/// An axis of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What runs along it, with its unit; in the markup of [`super::text`].
    pub label: String,
    low: f64,
    high: f64,
    scale: Scale,
}

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where, from 0 at the lower end to 1 at the upper.
    pub at: f64,
    /// The number at it, in the markup of [`super::text`]; empty if it has none.
    pub label: String,
    /// Whether it is a long one.
    pub is_major: bool,
}

/// From here on, decades are labelled by powers of ten, and linear axes too.
const LARGE: f64 = 1e5;
/// More decades than this get no minor ticks.
const MOST_DECADES_WITH_MINORS: f64 = 14.0;
/// Ticks this far outside of an axis, in fractions of it, still belong to it.
const ROUNDING: f64 = 1e-9;

impl Axis {
    /// An axis from `low` to `high`. A range that no axis can have (not finite, empty, reaching zero on a logarithmic
    /// scale) is replaced by one that shows as much of it as possible, so that a figure can always be drawn.
    pub fn new(label: impl Into<String>, low: f64, high: f64, scale: Scale) -> Self {
        let (low, high) = if low > high { (high, low) } else { (low, high) };
        let (low, high) = match scale {
            Scale::Log => {
                let is_fine = |end: f64| (1e-290..=1e290).contains(&end);
                match (is_fine(low), is_fine(high)) {
                    (true, true) if high / low > 1.0 + 1e-6 => (low, high),
                    (true, true) => (low / 3.0, high * 3.0),
                    (true, false) => (low, low * 10.0),
                    (false, true) => (high / 10.0, high),
                    (false, false) => (1.0, 10.0),
                }
            }
            Scale::Linear => {
                let is_fine = |end: f64| end.abs() < 1e300;
                match (is_fine(low), is_fine(high)) {
                    (true, true) if high - low > 1e-9 * low.abs().max(high.abs()) => (low, high),
                    (true, true) if low == 0.0 => (0.0, 1.0),
                    (true, true) => (low - 0.5 * low.abs(), high + 0.5 * high.abs()),
                    (true, false) => (low, low + 1.0_f64.max(low.abs())),
                    (false, true) => (high - 1.0_f64.max(high.abs()), high),
                    (false, false) => (0.0, 1.0),
                }
            }
        };
        Axis { label: label.into(), low, high, scale }
    }

    /// Where a value stands, 0 at the lower end and 1 at the upper; outside of them if it is off the axis, and `None` if
    /// it is nowhere (not finite, or not positive on a logarithmic scale).
    pub fn at(&self, value: f64) -> Option<f64> {
        let at = match self.scale {
            Scale::Log if value > 0.0 => (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln()),
            Scale::Log => return None,
            Scale::Linear => (value - self.low) / (self.high - self.low),
        };
        at.is_finite().then_some(at)
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The ticks, from low to high; at most about `labels` of them have a label.
    pub fn ticks(&self, labels: usize) -> Vec<Tick> {
        let mut ticks = match self.scale {
            Scale::Log => self.log_ticks(labels.max(2) as f64),
            Scale::Linear => self.linear_ticks(labels.max(2) as f64),
        };
        ticks.retain(|tick| tick.at > -ROUNDING && tick.at < 1.0 + ROUNDING);
        ticks
    }

    fn log_ticks(&self, labels: f64) -> Vec<Tick> {
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let decades = self.high.log10() - self.low.log10();
        let every = (decades / labels).ceil().max(1.0) as i32;
        let mut ticks = Vec::new();
        for exponent in first..=last {
            let power = 10_f64.powi(exponent);
            for digit in 1..10 {
                let is_decade = digit == 1;
                let is_labelled = if decades < 1.0 {
                    // Less than a decade: every number that has room.
                    labels >= 5.0 || matches!(digit, 1 | 2 | 5)
                } else if decades < 2.0 {
                    matches!(digit, 1 | 2 | 5)
                } else {
                    is_decade && exponent.rem_euclid(every) == 0
                };
                if (is_decade || decades <= MOST_DECADES_WITH_MINORS)
                    && let Some(at) = self.at(f64::from(digit) * power)
                {
                    let label = if is_labelled { power_label(digit, exponent, decades < 2.0) } else { String::new() };
                    ticks.push(Tick { at, label, is_major: is_decade });
                }
            }
        }
        ticks
    }

    fn linear_ticks(&self, labels: f64) -> Vec<Tick> {
        let range = self.high - self.low;
        let rough = range / labels;
        let power = 10_f64.powf(rough.log10().floor());
        let (step, minors) = [(1.0, 5), (2.0, 4), (5.0, 5), (10.0, 5)]
            .into_iter()
            .map(|(digit, minors)| (digit * power, minors))
            .find(|(step, _)| *step >= rough * (1.0 - ROUNDING))
            .unwrap_or((10.0 * power, 5));
        let minor = step / f64::from(minors);
        let first = (self.low / minor - ROUNDING).ceil();
        let count = ((range / minor) as usize).min(1000) + 1;
        let decimals = (-(step.log10() + ROUNDING).floor()).clamp(0.0, 12.0) as usize;
        let is_large = self.low.abs().max(self.high.abs()) >= LARGE;
        let tick = |k: usize| {
            let index = first + k as f64;
            let value = index * minor;
            let is_major = index.rem_euclid(f64::from(minors)) == 0.0;
            let label = if is_major { linear_label(value, step, decimals, is_large) } else { String::new() };
            Some(Tick { at: self.at(value)?, label, is_major })
        };
        (0..count).filter_map(tick).collect()
    }
}

/// `digit` times ten to the `exponent`: on a short axis numbers from a thousandth to a hundred thousand in full, else 1
/// and 10 in full and everything else by its power.
fn power_label(digit: i32, exponent: i32, is_short: bool) -> String {
    match (digit, exponent) {
        (_, 0..=4) if is_short => format!("{}", f64::from(digit) * 10_f64.powi(exponent)),
        (_, -3..=-1) if is_short => {
            format!("{:.*}", exponent.unsigned_abs() as usize, f64::from(digit) * 10_f64.powi(exponent))
        }
        (1, 0) => "1".to_owned(),
        (1, 1) => "10".to_owned(),
        (1, _) => format!("10$^{{{exponent}}}$"),
        _ => format!("${digit}×10^{{{exponent}}}$"),
    }
}

fn linear_label(value: f64, step: f64, decimals: usize, is_large: bool) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if is_large || step < 1e-6 {
        let exponent = (value.abs().log10() + ROUNDING).floor();
        let digits = (exponent - step.log10() - ROUNDING).ceil().clamp(0.0, 6.0) as usize;
        let mantissa = value / 10_f64.powf(exponent);
        return format!("${mantissa:.digits$}×10^{{{exponent}}}$");
    }
    format!("${value:.decimals$}$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::text::Rich;

    fn labels(axis: &Axis, most: usize) -> Vec<String> {
        let labels =
            axis.ticks(most).into_iter().map(|tick| Rich::parse(&tick.label).letters().replace('\u{2009}', ""));
        labels.filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn decades_are_labelled_and_their_ends_are_there() {
        let axis = Axis::new("", 0.1, 1e5, Scale::Log);
        assert_eq!(labels(&axis, 8), ["10−1", "1", "10", "102", "103", "104", "105"]);
        let ticks = axis.ticks(8);
        assert!(ticks[0].at.abs() < 1e-12 && (ticks[ticks.len() - 1].at - 1.0).abs() < 1e-12);
        assert_eq!(ticks.len(), 6 * 9 + 1);
        assert_eq!(labels(&Axis::new("", 1e-6, 1.0, Scale::Log), 4), ["10−6", "10−4", "10−2", "1"]);
    }

    #[test]
    fn short_logarithmic_axes_have_numbers() {
        assert_eq!(labels(&Axis::new("", 3.0, 40.0, Scale::Log), 5), ["5", "10", "20"]);
        assert_eq!(labels(&Axis::new("", 2.5, 7.5, Scale::Log), 6), ["3", "4", "5", "6", "7"]);
        assert_eq!(labels(&Axis::new("", 0.02, 0.3, Scale::Log), 6), ["0.02", "0.05", "0.1", "0.2"]);
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(labels(&Axis::new("", 0.0, 47.0, Scale::Linear), 5), ["0", "10", "20", "30", "40"]);
        assert_eq!(labels(&Axis::new("", -0.3, 0.3, Scale::Linear), 4), ["−0.2", "0", "0.2"]);
        assert_eq!(labels(&Axis::new("", 0.0, 6.0, Scale::Linear), 6), ["0", "1", "2", "3", "4", "5", "6"]);
        assert_eq!(labels(&Axis::new("", 0.0, 3e5, Scale::Linear), 3), ["0", "1×105", "2×105", "3×105"]);
    }

    #[test]
    fn ranges_that_are_none_still_make_an_axis() {
        let ends = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1.0, 1e300, 1e-320, f64::MAX, f64::MIN];
        for scale in [Scale::Log, Scale::Linear] {
            for (low, high) in ends.iter().flat_map(|low| ends.iter().map(move |high| (*low, *high))) {
                let axis = Axis::new("", low, high, scale);
                assert!(axis.low() < axis.high(), "{low} {high} {scale:?}");
                let ticks = axis.ticks(6);
                assert!(ticks.len() < 4000 && ticks.iter().all(|tick| tick.at.is_finite()), "{low} {high}");
                assert!(labels(&axis, 6).len() < 20, "{low} {high} {scale:?}: {:?}", labels(&axis, 6));
            }
        }
    }
}
