//! Critical values over the plane: between the nodes of a mesh of ln mass and ln(coupling/natural coupling) they are
//! bilinear; where they were not calculated, at couplings far from the border of the excluded region, the nearest ones
//! hold.

use crate::analysis::coverage::critical::Critical;
use crate::analysis::limits::Minimum;

/// Levels that are as close are the same: 0.6827 is written for 0.682689.
const SAME_CONFIDENCE: f64 = 2e-5;

/// What toys say at the nodes of a mesh, `[masses][ratios]` each; NaN where it was not calculated.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// What q counts from.
    pub minimum: Minimum,
    /// Masses (MeV), increasing.
    pub mass_mev: Vec<f64>,
    /// The natural coupling at each mass: that at which the mediator's events equal the Standard Model's.
    pub natural: Vec<f64>,
    /// ln(coupling/natural coupling), increasing.
    pub ratios: Vec<f64>,
    /// Confidence levels.
    pub confidences: Vec<f64>,
    /// Critical values of each.
    pub critical: Vec<Vec<f64>>,
    /// Lower ends of their intervals.
    pub low: Vec<Vec<f64>>,
    /// Upper ends.
    pub high: Vec<Vec<f64>>,
    /// Effective number of toys.
    pub effective: Vec<f64>,
    /// What Wilks' critical value covers, at each confidence level.
    pub wilks_covers: Vec<Vec<f64>>,
    /// p-value of the data.
    pub p_value: Vec<f64>,
}

/// A place on the mesh: the corner below, and the shares of the ways to the next.
struct Place {
    mass: usize,
    along_mass: f64,
    ratio: usize,
    along_ratio: f64,
}

impl Surface {
    /// Adds another at larger masses, of the same ratios and confidence levels.
    pub(super) fn append(&mut self, other: Surface) {
        self.mass_mev.extend(other.mass_mev);
        self.natural.extend(other.natural);
        self.effective.extend(other.effective);
        self.p_value.extend(other.p_value);
        for (own, other) in [
            (&mut self.critical, other.critical),
            (&mut self.low, other.low),
            (&mut self.high, other.high),
            (&mut self.wilks_covers, other.wilks_covers),
        ] {
            own.iter_mut().zip(other).for_each(|(own, other)| own.extend(other));
        }
    }

    /// The index of a confidence level.
    pub fn level(&self, confidence: f64) -> Option<usize> {
        self.confidences.iter().position(|known| (known - confidence).abs() < SAME_CONFIDENCE)
    }

    /// Whether a mass (MeV) lies within the mesh.
    pub fn has_mass(&self, mass_mev: f64) -> bool {
        let ends = self.mass_mev.first().zip(self.mass_mev.last());
        // Ends that were typed in another unit are the same.
        ends.is_some_and(|(low, high)| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(&mass_mev))
    }

    fn place(&self, mass_mev: f64, coupling: f64) -> Place {
        let between = |axis: &dyn Fn(usize) -> f64, length: usize, value: f64| {
            let mut low = 0;
            let mut high = length.saturating_sub(1);
            while high - low > 1 {
                let middle = (low + high) / 2;
                if axis(middle) <= value { low = middle } else { high = middle }
            }
            let share = (value - axis(low)) / (axis(high) - axis(low));
            (low, if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 })
        };
        let (mass, along_mass) = between(&|i| self.mass_mev[i].ln(), self.mass_mev.len(), mass_mev.ln());
        let next = (mass + 1).min(self.mass_mev.len() - 1);
        let natural = self.natural[mass].ln() * (1.0 - along_mass) + self.natural[next].ln() * along_mass;
        let (ratio, along_ratio) = between(&|j| self.ratios[j], self.ratios.len(), coupling.ln() - natural);
        Place { mass, along_mass, ratio, along_ratio }
    }

    /// The value of one of these maps at a point; NaN where it was not calculated.
    pub fn at(&self, values: &[f64], mass_mev: f64, coupling: f64) -> f64 {
        let Place { mass, along_mass, ratio, along_ratio } = self.place(mass_mev, coupling);
        let ratios = self.ratios.len();
        let row = |mass: usize| {
            let at = |ratio: usize| values[mass * ratios + ratio.min(ratios - 1)];
            // What has no share does not count, not even where it is missing.
            mixed(at(ratio), at(ratio + 1), along_ratio)
        };
        mixed(row(mass), row((mass + 1).min(self.mass_mev.len() - 1)), along_mass)
    }

    /// The same map with the nearest values where none were calculated: at the same mass, and at masses without any
    /// those of the nearest mass. None where there are no values at all.
    pub fn filled(&self, values: &[f64]) -> Option<Vec<f64>> {
        let ratios = self.ratios.len();
        let rows: Vec<Option<Vec<f64>>> = values.chunks(ratios).map(filled_row).collect();
        let nearest = |mass: usize| {
            let known = rows.iter().enumerate().filter_map(|(other, row)| Some((other.abs_diff(mass), row.as_ref()?)));
            known.min_by_key(|(distance, _)| *distance).map(|(_, row)| row)
        };
        let all: Option<Vec<&Vec<f64>>> = (0..rows.len()).map(nearest).collect();
        Some(all?.into_iter().flatten().copied().collect())
    }

    /// The critical value of a confidence level at a node, with its interval.
    pub fn node(&self, level: usize, node: usize) -> Critical {
        Critical { value: self.critical[level][node], low: self.low[level][node], high: self.high[level][node] }
    }
}

fn mixed(low: f64, high: f64, share: f64) -> f64 {
    match share {
        0.0 => low,
        1.0 => high,
        share => low * (1.0 - share) + high * share,
    }
}

/// A row with the nearest value where there is none.
fn filled_row(row: &[f64]) -> Option<Vec<f64>> {
    let known: Vec<usize> = (0..row.len()).filter(|place| !row[*place].is_nan()).collect();
    let nearest = |place: usize| known.iter().min_by_key(|known| known.abs_diff(place)).map(|known| row[*known]);
    (0..row.len()).map(nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface() -> Surface {
        let nan = f64::NAN;
        let values = vec![nan, 1.0, 2.0, nan, nan, 3.0, 4.0, nan, nan, nan, nan, nan];
        Surface {
            minimum: Minimum::Plane,
            mass_mev: vec![1.0, 100.0, 1e4],
            natural: vec![1e-4, 1e-2, 1.0],
            ratios: vec![-1.0, 0.0, 1.0, 2.0],
            confidences: vec![0.9],
            critical: vec![values.clone()],
            low: vec![values.clone()],
            high: vec![values.clone()],
            effective: values.clone(),
            wilks_covers: vec![values.clone()],
            p_value: values,
        }
    }

    #[test]
    fn values_are_bilinear_by_hand() {
        let surface = surface();
        let values = &surface.critical[0];
        // Halfway between masses and ratios: ln g = ln 1e-3 + 1/2.
        assert!((surface.at(values, 10.0, 1e-3 * 0.5f64.exp()) - 2.5).abs() < 1e-12);
        assert_eq!(surface.at(values, 1.0, 1e-4), 1.0);
        assert!(surface.at(values, 10.0, 1e-3 * 1.5f64.exp()).is_nan());
        assert!(surface.has_mass(1e4) && !surface.has_mass(2e4));
        assert_eq!((surface.level(0.9), surface.level(0.95)), (Some(0), None));
    }

    #[test]
    fn the_nearest_values_hold_elsewhere() {
        let surface = surface();
        let filled = surface.filled(&surface.critical[0]).unwrap();
        assert_eq!(filled, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 3.0, 3.0, 4.0, 4.0]);
        assert!(surface.filled(&[f64::NAN; 12]).is_none());
    }
}
