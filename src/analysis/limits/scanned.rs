//! chi2 against the coupling at one mass: a scan that no strip escapes, its minima, and their refinement, all by rows.

use crate::analysis::{MassCurve, Scratch};
use crate::{Error, Result};

/// The coupling is scanned over this many decades on either side of the natural one. Three decades below, the mediator
/// changes the counts by less than 1e-5; three above, by 1e12: the chi2 has long saturated.
const COUPLING_DECADES: f64 = 3.0;
/// Within one decade of the natural coupling lie all strips; there the scan is finer.
const STRIP_DECADES: f64 = 1.0;
const COARSE_PER_DECADE: usize = 12;
const FINE_PER_DECADE: usize = 32;

/// Points of a row with which a minimum is refined: one vector.
const ROW: usize = 8;
/// Spacing of the first of these rows, in ln g: a row spans two steps of the fine scan.
const FIRST_SPACING: f64 = 0.02;
/// Below this spacing the parabola through three points is the minimum: what it leaves out is of third order.
const LAST_SPACING: f64 = 0.005;
/// Rows for one minimum at most; two are the rule.
const MAX_ROWS: usize = 24;

/// chi2 on a grid of couplings that no strip escapes.
pub(super) struct Scanned {
    pub(super) ln_coupling: Vec<f64>,
    pub(super) chi2: Vec<f64>,
}

/// A local minimum over the coupling.
#[derive(Debug, Clone, Copy)]
pub(super) struct Minimum {
    /// ln g.
    pub(super) ln_coupling: f64,
    pub(super) chi2: f64,
    /// How much lower it may be than `chi2` at most, as far as the points around it tell.
    pub(super) hidden: f64,
}

impl Scanned {
    pub(super) fn new(curve: &MassCurve, scratch: &mut Scratch) -> Result<Scanned> {
        let natural = curve.natural_coupling();
        if !(natural > 0.0 && natural.is_finite()) {
            return Err(Error::NotConverged {
                quantity: "scale of the coupling".to_owned(),
                reason: "the mediator does not change the counts at all".to_owned(),
            });
        }
        let coarse = ((COUPLING_DECADES - STRIP_DECADES) * COARSE_PER_DECADE as f64) as usize;
        let fine = (2.0 * STRIP_DECADES * FINE_PER_DECADE as f64) as usize;
        let section =
            |from: f64, to: f64, steps: usize| (0..steps).map(move |i| from + (to - from) * i as f64 / steps as f64);
        let decades = section(-COUPLING_DECADES, -STRIP_DECADES, coarse)
            .chain(section(-STRIP_DECADES, STRIP_DECADES, fine))
            .chain(section(STRIP_DECADES, COUPLING_DECADES, coarse))
            .chain([COUPLING_DECADES]);
        let ln_coupling: Vec<f64> = decades.map(|d| natural.ln() + d * std::f64::consts::LN_10).collect();
        let couplings: Vec<f64> = ln_coupling.iter().map(|u| u.exp()).collect();
        let chi2 = curve.chi2_row(&couplings, scratch)?;
        Ok(Scanned { ln_coupling, chi2 })
    }

    /// Its local minima, each at the vertex of the parabola through three points.
    pub(super) fn minima(&self) -> Vec<Minimum> {
        let around = self.chi2.windows(3).zip(self.ln_coupling.windows(3));
        around
            .filter(|(chi2, _)| chi2[1] <= chi2[0] && chi2[1] <= chi2[2])
            .map(|(chi2, u)| {
                // Where the scan changes its spacing the wider of the two steps is taken for both.
                let (offset, value) = vertex([chi2[0], chi2[1], chi2[2]]);
                let ln_coupling = u[1] + offset * (u[2] - u[1]).max(u[1] - u[0]);
                let depth = (chi2[0] - chi2[1]).max(chi2[2] - chi2[1]);
                Minimum { ln_coupling, chi2: value, hidden: depth }
            })
            .collect()
    }
}

/// The minimum next to ln g = `start`, by rows of eight couplings that close in on it.
pub(super) fn refine(curve: &MassCurve, start: f64, scratch: &mut Scratch) -> Result<Minimum> {
    let (mut centre, mut spacing) = (start, FIRST_SPACING);
    let mut best = Minimum { ln_coupling: start, chi2: f64::INFINITY, hidden: 0.0 };
    let mut turned = false;
    for _ in 0..MAX_ROWS {
        let u: [f64; ROW] = std::array::from_fn(|i| centre + spacing * (i as f64 - 0.5 * (ROW - 1) as f64));
        let chi2 = curve.chi2_row(&u.map(f64::exp), scratch)?;
        let least = (1..ROW).fold(0, |least, i| if chi2[i] < chi2[least] { i } else { least });
        if chi2[least] < best.chi2 {
            best = Minimum { ln_coupling: u[least], chi2: chi2[least], hidden: 0.0 };
        }
        if least == 0 || least == ROW - 1 {
            // Downhill; after a minimum was seen once, the next row is wider instead of narrower.
            centre = u[least];
            spacing *= if turned { 2.0 } else { 1.0 };
            continue;
        }
        let (offset, value) = vertex([chi2[least - 1], chi2[least], chi2[least + 1]]);
        centre = u[least] + offset * spacing;
        if spacing <= LAST_SPACING {
            if value < best.chi2 {
                best = Minimum { ln_coupling: centre, chi2: value, hidden: 0.0 };
            }
            break;
        }
        turned = true;
        spacing /= ROW as f64;
    }
    Ok(best)
}

/// Vertex of the parabola through three equidistant values, the middle one the smallest: its place, from the middle in
/// units of the spacing, and its value.
fn vertex([before, here, after]: [f64; 3]) -> (f64, f64) {
    let curvature = before - 2.0 * here + after;
    let offset = if curvature > 0.0 { 0.5 * (before - after) / curvature } else { 0.0 };
    (offset, here - 0.25 * (before - after) * offset)
}
