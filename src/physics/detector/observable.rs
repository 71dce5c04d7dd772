//! Smearing times efficiency over a bin of the observable, where that has no closed form: Gauss-Legendre on pieces that
//! end wherever the efficiency bends and follow the smearing's own width.
//!
//! Pieces are so short, measured in the smearing's width or in the logistic's distance to its poles, that twelve points
//! reach 1e-10 within ten widths of the mean; beyond it, where a bin holds less than 1e-23 of a recoil's events, 1e-4.

use std::sync::LazyLock;

use crate::base::quadrature::Rule;

use super::{Curve, Efficiency, Resolution};

/// Points in a piece.
const POINTS: usize = 12;
/// Fewer are enough in a piece far shorter than the smearing is wide (where rows of a table follow each other closely).
const POINTS_OF_A_SHORT_PIECE: usize = 4;
/// What is short, in widths of the smearing.
const SHORT: f64 = 0.1;
/// Breaks around the mean, in widths of the smearing; what is further off is below the smallest number, or 1e-16 of a
/// gamma distribution.
const BREAKS_IN_WIDTHS: [f64; 14] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.5, 10.0, 12.0, 16.0, 24.0, 37.0];
/// A gamma distribution of a smaller exponent b is no polynomial near 0: PE^b. Pieces shrink towards it there.
const SMOOTH_EXPONENT: f64 = 12.0;
/// How much, and how often.
const SHRINK: (f64, i32) = (0.2, 14);

static RULES: LazyLock<[Rule; 2]> =
    LazyLock::new(|| [Rule::gauss_legendre(POINTS), Rule::gauss_legendre(POINTS_OF_A_SHORT_PIECE)]);

/// One bin of the observable.
pub(super) struct ObservableBin {
    /// Its edges, with the places between them at which the efficiency bends or turns.
    breaks: Vec<f64>,
    /// For a table: two points between each pair of breaks, and the widest distance of these.
    fine: Option<(Vec<Fixed>, f64)>,
}

/// A point that does not move with the mean.
struct Fixed {
    at: f64,
    ln_at: f64,
    /// Quadrature weight x efficiency.
    weight: f64,
}

impl ObservableBin {
    pub fn new(bin: &[f64], efficiency: &Efficiency) -> ObservableBin {
        let mut breaks = vec![bin[0]];
        breaks.extend(efficiency.breaks_reconstructed().into_iter().filter(|x| bin[0] < *x && *x < bin[1]));
        breaks.push(bin[1]);
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        let fine = matches!(efficiency.curve, Curve::Table { .. }).then(|| {
            let rule = Rule::piecewise(&breaks, &vec![2; breaks.len() - 1]);
            let points = rule.nodes.iter().zip(&rule.weights).map(|(&at, weight)| Fixed {
                at,
                ln_at: at.ln(),
                weight: weight * efficiency.at_reconstructed(at),
            });
            (points.collect(), breaks.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max))
        });
        ObservableBin { breaks, fine }
    }

    /// int dx efficiency(x) P(x | true energy) over the bin.
    pub fn share(&self, efficiency: &Efficiency, resolution: &Resolution, true_kev: f64) -> f64 {
        let (mean, width) = (resolution.mean(true_kev), resolution.width(true_kev));
        let furthest = BREAKS_IN_WIDTHS[BREAKS_IN_WIDTHS.len() - 1] * width;
        let (low, high) =
            (self.breaks[0].max(mean - furthest), self.breaks[self.breaks.len() - 1].min(mean + furthest));
        if low >= high {
            return 0.0;
        }
        let near_zero = matches!(resolution, Resolution::GammaPhotoelectrons { b_per_kev, .. }
            if b_per_kev * true_kev < SMOOTH_EXPONENT);
        let density = resolution.density(true_kev);
        // Rows that follow each other closely are nodes themselves: two points a row are off by (gap/width)^4/4320.
        if let Some((points, gap)) = &self.fine
            && *gap < SHORT * width
            && !near_zero
        {
            let from = points.partition_point(|point| point.at < low);
            let to = points.partition_point(|point| point.at < high);
            return points[from..to].iter().map(|point| point.weight * density(point.at, point.ln_at)).sum();
        }
        let own = self.breaks.iter().copied();
        let around = BREAKS_IN_WIDTHS.iter().flat_map(|k| [mean - k * width, mean + k * width]);
        let towards_zero = if near_zero { 1..SHRINK.1 } else { 0..0 };
        let mut breaks: Vec<f64> = own.chain(around).chain(towards_zero.map(|j| mean * SHRINK.0.powi(j))).collect();
        breaks.retain(|x| low < *x && *x < high);
        breaks.extend([low, high]);
        breaks.sort_unstable_by(f64::total_cmp);
        let is_linear = !matches!(efficiency.curve, Curve::Logistic { .. });
        let mut sum = 0.0;
        for piece in breaks.windows(2) {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            let rule = &RULES[usize::from(is_linear && 2.0 * half < SHORT * width)];
            let value = rule.integrate(|x| {
                let at = middle + half * x;
                efficiency.at_reconstructed(at) * density(at, at.ln())
            });
            sum += half * value;
        }
        sum
    }
}

impl Curve {
    /// Where the curve bends, or turns so quickly that an integral over it must be cut: rows of a table; a logistic's
    /// end at 0, and distances from its centre that grow from its own width on.
    pub fn breaks(&self) -> Vec<f64> {
        match self {
            Curve::Constant { .. } => Vec::new(),
            Curve::Table { energy, .. } => energy.clone(),
            Curve::Logistic { amplitude, slope, centre, offset } => {
                if *slope == 0.0 {
                    return Vec::new();
                }
                let mut breaks = vec![*centre];
                breaks.extend(WIDTHS_OF_A_LOGISTIC.iter().flat_map(|k| [centre - k / slope, centre + k / slope]));
                // amplitude/(1 + exp(-slope (x - centre))) + offset = 0.
                let ratio = -amplitude / offset - 1.0;
                if ratio > 0.0 && ratio.is_finite() {
                    breaks.push(centre - ratio.ln() / slope);
                }
                breaks.sort_by(f64::total_cmp);
                breaks
            }
        }
    }
}

/// In units of 1/slope. Poles are at pi of them; further out it falls as an exponential, from 1e-43 on at no matter.
const WIDTHS_OF_A_LOGISTIC: [f64; 13] = [1.5, 3.0, 6.0, 10.0, 16.0, 24.0, 32.0, 40.0, 50.0, 60.0, 80.0, 100.0, 140.0];
