//! Dyadic grids along an axis: which points are minimised first, and from which the others are predicted.
//!
//! The points whose index is a multiple of a stride S (a power of two) come first. The stride is then halved until it is
//! 1: each new point stands halfway between two that are known, and is predicted by polynomials through the nearest
//! [`NODES`] of them. Near the ends of the axis the nodes lie to one side. A new point beyond the last known one is not
//! predicted: nothing is extrapolated.

use std::ops::RangeInclusive;

/// Nodes of a prediction: a polynomial of degree 11.
pub(super) const NODES: usize = 12;
/// Nodes of the second prediction, whose distance from the first tells the error: degree 9 ...
const FEWER: usize = NODES - 2;
/// ... and of a third, degree 7: the distance of the second alone vanishes along lines on which the error does not.
const FEWEST: usize = NODES - 4;
/// Largest distance, in the logarithm, between points that are minimised first: wider ones predict nothing near a
/// contour, narrower ones cost a minimisation each.
const LARGEST_SPACING: f64 = 0.12;

/// Weights of the prediction at a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// Of the polynomial of degree 11.
    pub value: [f64; NODES],
    /// The same less those of the polynomial of degree 9 through the nodes nearest to the point.
    pub difference: [f64; NODES],
    /// The same for degree 7.
    pub rough_difference: [f64; NODES],
}

/// One axis.
#[derive(Debug, Clone)]
pub(super) struct Dyadic {
    points: usize,
    /// Stride of the points that come first.
    pub coarsest: usize,
    /// Distance of neighbours in the logarithm.
    pub spacing: f64,
    /// By how many of the nodes stand before the point, less 1.
    weights: Vec<Weights>,
}

/// How a point is predicted.
pub(super) struct Prediction<'a> {
    /// Index of the first node, and the nodes' stride.
    pub first: usize,
    pub stride: usize,
    pub weights: &'a Weights,
}

impl Dyadic {
    /// Of an axis of values equidistant in the logarithm; of others no point is predicted.
    pub(super) fn new(values: &[f64]) -> Dyadic {
        let points = values.len();
        let spacing = match values {
            [first, .., last] => (last / first).ln() / (points - 1) as f64,
            _ => f64::INFINITY,
        };
        let is_even =
            values.windows(2).all(|pair| ((pair[1] / pair[0]).ln() - spacing).abs() < 1e-9 * spacing.max(1.0));
        let admits = |stride: usize| {
            is_even && stride as f64 * spacing <= LARGEST_SPACING && points.saturating_sub(1) / stride + 1 >= NODES
        };
        let mut coarsest = 1;
        while admits(2 * coarsest) {
            coarsest *= 2;
        }
        Dyadic { points, coarsest, spacing, weights: (0..NODES - 1).map(weights).collect() }
    }

    /// Of so many points, each of which is minimised.
    pub(super) fn without_predictions(points: usize) -> Dyadic {
        Dyadic { points, coarsest: 1, spacing: f64::INFINITY, weights: Vec::new() }
    }

    /// The strides, from the coarsest to 1.
    pub(super) fn strides(&self) -> impl Iterator<Item = usize> + use<> {
        let coarsest = self.coarsest;
        (0..=coarsest.ilog2()).map(move |halvings| coarsest >> halvings)
    }

    /// The stride at which a point comes in.
    pub(super) fn stride_of(&self, index: usize) -> usize {
        match index {
            0 => self.coarsest,
            _ => (1 << index.trailing_zeros()).min(self.coarsest),
        }
    }

    /// How a point is predicted from those of twice its stride; none for those that come first or lie beyond the last.
    pub(super) fn prediction(&self, index: usize) -> Option<Prediction<'_>> {
        let own = self.stride_of(index);
        if own == self.coarsest {
            return None;
        }
        let stride = 2 * own;
        let nodes = (self.points - 1) / stride + 1;
        let before = index / stride;
        if before + 1 >= nodes {
            return None;
        }
        let first = (before + 1).saturating_sub(NODES / 2).min(nodes - NODES);
        Some(Prediction { first: first * stride, stride, weights: &self.weights[before - first] })
    }

    /// The same range of points that come first, with the even multiples of their stride beside an odd one at either end.
    pub(super) fn with_neighbours(&self, range: RangeInclusive<usize>) -> RangeInclusive<usize> {
        let (low, high) = range.into_inner();
        let (first, last) = (low.next_multiple_of(self.coarsest), high / self.coarsest * self.coarsest);
        let is_odd = |index: usize| index / self.coarsest % 2 == 1;
        let low = if is_odd(first) { low.min(first - self.coarsest) } else { low };
        let next = last + self.coarsest;
        low..=if is_odd(last) && next < self.points { high.max(next) } else { high }
    }

    /// For each stride, from the coarsest to 1, the range within which its points are needed for all points of a range.
    pub(super) fn needed(&self, wanted: RangeInclusive<usize>) -> Vec<(usize, RangeInclusive<usize>)> {
        let (mut low, mut high) = wanted.into_inner();
        let mut needed = Vec::new();
        let mut stride = 1;
        loop {
            needed.push((stride, low..=high));
            if stride == self.coarsest {
                break;
            }
            // Odd multiples of the stride in the range, the outermost predicted ones.
            let odd = |index: usize| index % (2 * stride) == stride;
            let first = (low..=high).filter(|index| odd(*index)).find_map(|index| self.prediction(index));
            let last = (low..=high).rev().filter(|index| odd(*index)).find_map(|index| self.prediction(index));
            low = first.map_or(low, |first| low.min(first.first));
            high = last.map_or(high, |last| high.max(last.first + (NODES - 1) * last.stride));
            stride *= 2;
        }
        needed.reverse();
        needed
    }
}

/// Weights for a point halfway between node `before` and the next.
fn weights(before: usize) -> Weights {
    let at = before as f64 + 0.5;
    let value: [f64; NODES] = std::array::from_fn(|i| lagrange(0, NODES, i, at));
    let less = |nodes: usize| {
        let first = (before + 1).saturating_sub(nodes / 2).min(NODES - nodes);
        let inner = first..first + nodes;
        std::array::from_fn(|i| value[i] - if inner.contains(&i) { lagrange(first, nodes, i, at) } else { 0.0 })
    };
    Weights { value, difference: less(FEWER), rough_difference: less(FEWEST) }
}

/// The polynomial through `count` integer nodes from `first` on that is 1 at node `i` and 0 at the others.
fn lagrange(first: usize, count: usize, i: usize, at: f64) -> f64 {
    let others = (first..first + count).filter(|j| *j != i);
    others.map(|j| (at - j as f64) / (i as f64 - j as f64)).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::grid::Axis;

    fn axis(points: usize, decades: f64) -> Dyadic {
        let axis = Axis::logarithmic("mass", "MeV", (1.0, 10f64.powf(decades)), points);
        Dyadic::new(&axis.map_or(Vec::new(), |axis| axis.values))
    }

    /// A polynomial of degree 11 is predicted to rounding, at the ends as in the middle, and the second prediction, of
    /// degree 9, agrees where the polynomial is of that degree.
    #[test]
    fn polynomials_are_predicted_exactly() {
        let dyadic = axis(203, 2.0);
        let horner = |x: f64, degree: i32| (0..=degree).fold(0.0, |sum, k| sum * x + 1.0 / f64::from(k + 1));
        let mut predicted = 0;
        for index in 0..203 {
            let Some(Prediction { first, stride, weights }) = dyadic.prediction(index) else { continue };
            let of = |weights: &[f64; NODES], degree| {
                let nodes = (0..NODES).map(|k| (first + k * stride) as f64 / 101.0 - 1.0);
                weights.iter().zip(nodes).map(|(weight, x)| weight * horner(x, degree)).sum::<f64>()
            };
            let exact = horner(index as f64 / 101.0 - 1.0, 11);
            assert!((of(&weights.value, 11) - exact).abs() < 1e-10, "{index}");
            assert!(of(&weights.difference, 9).abs() < 1e-10, "{index}");
            assert!(of(&weights.rough_difference, 7).abs() < 1e-10, "{index}");
            predicted += 1;
        }
        assert!(predicted > 150, "{predicted}");
    }

    /// Every point of a range is made, and each from nodes that were made before it; a range in the middle of 4,000 points
    /// needs no more than 11 (S - 1) rows on either side.
    #[test]
    fn a_range_needs_its_halo_and_no_more() {
        for (points, decades, wanted) in
            [(4000, 6.0, 1000..=1999), (1000, 6.0, 0..=999), (97, 1.0, 40..=41), (8, 1.0, 0..=7)]
        {
            let dyadic = axis(points, decades);
            let mut known = std::collections::BTreeSet::new();
            for (stride, needed) in dyadic.needed(wanted.clone()) {
                let own: Vec<usize> = needed.filter(|index| dyadic.stride_of(*index) == stride).collect();
                for index in &own {
                    if let Some(Prediction { first, stride, .. }) = dyadic.prediction(*index) {
                        assert!((0..NODES).all(|k| known.contains(&(first + k * stride))), "{index} of {points}");
                    }
                }
                known.extend(own);
            }
            assert!(wanted.clone().all(|index| known.contains(&index)));
            let halo = 11 * (dyadic.coarsest - 1);
            assert!(
                known.iter().all(|index| *index + halo >= *wanted.start() && *index <= wanted.end() + halo)
                    || points < 200
            );
        }
        assert_eq!((axis(4000, 6.0).coarsest, axis(1000, 6.0).coarsest, axis(100, 6.0).coarsest), (32, 8, 1));
    }
}
