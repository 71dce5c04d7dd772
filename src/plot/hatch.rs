//! Hatching of areas about which nothing is known, as lines in the units of logarithmic axes: a picture, a table and a
//! script draw the same.

/// From one line to the next, as a share of the width of the panel.
const SPACING: f64 = 0.016;

/// A straight line.
pub type Stroke = [[f64; 2]; 2];

/// Rising lines over rectangles, each given by its lower left and its upper right corner; `x` and `y` are the ends of the
/// axes. Lines of neighbouring rectangles meet.
pub(crate) fn hatch(rectangles: &[[[f64; 2]; 2]], x: (f64, f64), y: (f64, f64)) -> Vec<Stroke> {
    let share = |value: f64, (low, high): (f64, f64)| (value / low).ln() / (high / low).ln();
    let value = |share: f64, (low, high): (f64, f64)| low * (share * (high / low).ln()).exp();
    let mut strokes = Vec::new();
    for [low, high] in rectangles {
        let (left, right) = (share(low[0], x), share(high[0], x));
        let (bottom, top) = (share(low[1], y), share(high[1], y));
        // v - u = number * SPACING, where that runs through the rectangle.
        let numbers = [(bottom - right) / SPACING, (top - left) / SPACING];
        if numbers.iter().any(|number| !number.is_finite()) {
            continue;
        }
        for number in numbers[0].ceil() as i64..=numbers[1].floor() as i64 {
            let offset = number as f64 * SPACING;
            let (from, to) = (left.max(bottom - offset), right.min(top - offset));
            if from < to {
                strokes.push([from, to].map(|u| [value(u, x), value(u + offset, y)]));
            }
        }
    }
    strokes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_stay_inside_and_cover_the_whole() {
        let axes = ((1.0, 1e4), (1e-6, 1.0));
        let rectangle = [[10.0, 1e-4], [1e3, 1e-1]];
        let strokes = hatch(&[rectangle], axes.0, axes.1);
        // By hand: half of either axis, so offsets of -1/2 to 1/2 around the corner: 1/SPACING lines.
        assert!((61..=63).contains(&strokes.len()), "{}", strokes.len());
        for [x, y] in strokes.iter().flatten() {
            let inside = |value: f64, low: f64, high: f64| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(&value);
            assert!(inside(*x, 10.0, 1e3) && inside(*y, 1e-4, 1e-1), "{x} {y}");
        }
        // Cut in two, it is hatched by the same lines.
        let [low, high] = rectangle;
        let halves = [[low, [100.0, high[1]]], [[100.0, low[1]], high]];
        let length = |strokes: &[Stroke]| strokes.iter().map(|[a, b]| (b[0] / a[0]).ln()).sum::<f64>();
        assert!((length(&hatch(&halves, axes.0, axes.1)) / length(&strokes) - 1.0).abs() < 1e-9);
        assert!(hatch(&[rectangle], (1.0, 1.0), axes.1).is_empty(), "an axis without extent");
    }
}
