//! What a plan is refused for.

use super::integrand::{LIMITS, Moments};
use super::{CONTRACT, EMPTY_BIN, SMALLEST_COUNT, Sampler, Taken};
use crate::base::grid::number_text;
use crate::{Error, Result};

impl<F: Fn(f64) -> Vec<f64>> Sampler<'_, F> {
    /// # Errors
    /// A bin that is off by more than the contract allows.
    pub(super) fn require_contract(&self, taken: &Taken) -> Result<()> {
        let bins = self.integrand.bins;
        let totals = taken.events.raised(bins, EMPTY_BIN);
        let relative = taken.errors.0.iter().zip(&totals.0).map(|(error, total)| error / total.max(f64::MIN_POSITIVE));
        let Some((index, reached)) = relative.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)) else { return Ok(()) };
        if reached <= CONTRACT {
            return Ok(());
        }
        let dataset = self.integrand.dataset;
        let (row, bin) = (index / bins, index % bins % dataset.energy_bins());
        let component = &dataset.source.components[row / LIMITS.len()];
        let edges = &dataset.response.energy_edges[bin..bin + 2];
        let [low, high] = taken.worst_piece.1.map(|t| number_text(1e3 * t));
        Err(Error::NotConverged {
            quantity: format!(
                "the count of {} in energy bin {bin} ({} to {} {}), {} on {}",
                dataset.name,
                edges[0],
                edges[1],
                dataset.energy_unit,
                component.name,
                self.integrand.process.target()
            ),
            reason: format!(
                "half the nodes change it by {reached:.1e} of it for {}, more than {CONTRACT:e}: the response or the flux is \
                 too sharp between {low} and {high} keV of recoil",
                LIMITS[row % LIMITS.len()]
            ),
        })
    }

    /// Counts that f64 does not hold agree with nothing, however finely they are sampled.
    ///
    /// # Errors
    /// A largest count that is no number, or that differences of [`PIECE_TOLERANCE`] of it vanish below.
    pub(super) fn require_range(&self, events: &Moments) -> Result<()> {
        for largest in events.largest_by_limit(self.integrand.bins) {
            if !largest.is_finite() || (largest > 0.0 && largest < SMALLEST_COUNT) {
                let (dataset, target) = (self.integrand.dataset, self.integrand.process.target());
                return Err(Error::NotConverged {
                    quantity: format!("the count of {} on {target}", dataset.name),
                    reason: format!(
                        "it is beyond f64 ({largest:e} but for constants): source, distance, mass or efficiency is off by \
                         hundreds of powers of ten"
                    ),
                });
            }
        }
        Ok(())
    }

    pub(super) fn too_many_nodes(&self, piece: &[f64; 2]) -> Error {
        let dataset = self.integrand.dataset;
        let width = self
            .integrand
            .process
            .response
            .chain()
            .map_or(0.0, |chain| chain.resolution.width(chain.quenching.electron_equivalent_kev(1e3 * piece[0])));
        Error::NotConverged {
            quantity: format!("the count of {} on {}", dataset.name, self.integrand.process.target()),
            reason: format!(
                "{} energy bins with a smearing as sharp as {} {} at {} keV of recoil take more than {} nodes: fewer bins \
                 or a wider smearing are needed",
                dataset.energy_bins(),
                number_text(width),
                dataset.energy_unit,
                number_text(1e3 * piece[0]),
                self.most_nodes
            ),
        }
    }
}
