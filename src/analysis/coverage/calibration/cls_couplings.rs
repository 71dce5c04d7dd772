//! Couplings at which CLs is calculated: where, as far as the asymptotic formulae of G. Cowan et al. (arXiv:1007.1727) tell,
//! the data or one of the expected bands may be at the edge of exclusion, so close that toys of one reach its neighbours.

use crate::analysis::limits::best_at_mass;
use crate::analysis::{Analysis, Experiment};
use crate::statistics::toys::normal_quantile;
use crate::{Error, Result};

/// ln(coupling/natural) of the search: beyond, everything is allowed, or excluded; strips are a few per cent wide.
const RATIOS: (f64, f64) = (-3.9, 3.9);
const SEARCH_STEP: f64 = 0.005;
/// Between two couplings significances change by as much at most, in standard deviations, and ln g.
const STEP: (f64, f64) = (0.3, 0.12);
/// Asymptotic significances are off by as much: at small ones the coupling cannot be below 0.
const MARGIN: (f64, f64) = (0.6, 1.8);
/// Below this significance nothing is excluded.
const LEAST: f64 = 0.15;
/// Couplings at most: a model that needs more is looked at less closely.
const MOST: usize = 160;

/// Significances of a coupling: of the data's q, and of that of the Standard Model's expectation.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Significance {
    observed: f64,
    expected: f64,
}

/// Couplings at a mass (MeV), growing.
///
/// # Errors
/// A chi2 that did not converge; no coupling that would be excluded.
pub(super) fn couplings(analysis: &Analysis, mass_mev: f64, confidence: f64) -> Result<Vec<f64>> {
    let experiments = analysis.predictions.iter().map(|prediction| prediction.experiment.clone());
    let asimov: Vec<Experiment> = experiments.map(Experiment::asimov).collect::<Result<_>>()?;
    let asimov = Analysis::new(&analysis.model, &asimov);
    let natural = analysis.at_mass(mass_mev).natural_coupling()?;
    let steps = ((RATIOS.1 - RATIOS.0) / SEARCH_STEP).round() as usize;
    let all: Vec<f64> = (0..=steps).map(|step| natural * (RATIOS.0 + SEARCH_STEP * step as f64).exp()).collect();
    let significances = |analysis: &Analysis| -> Result<Vec<f64>> {
        let best = best_at_mass(analysis, mass_mev)?;
        let chi2 = analysis.at_mass(mass_mev).chi2_row(&all, &mut analysis.scratch())?;
        let least = chi2.iter().copied().fold(best.chi2, f64::min);
        Ok(chi2.into_iter().map(|chi2| (chi2 - least).max(0.0).sqrt()).collect())
    };
    let (observed, expected) = (significances(analysis)?, significances(&asimov)?);
    let along: Vec<Significance> =
        observed.into_iter().zip(expected).map(|(observed, expected)| Significance { observed, expected }).collect();
    let wanted: Vec<bool> = along.iter().map(|at| at.is_wanted(1.0 - confidence)).collect();
    if !wanted.contains(&true) {
        return Err(Error::out_of_range("mass (MeV)", mass_mev, "one at which some coupling would be excluded"));
    }
    let mut wider = 1.0;
    loop {
        let found = spread(&all, &along, &wanted, wider);
        if found.len() <= MOST {
            return Ok(found);
        }
        wider *= 1.25;
    }
}

impl Significance {
    /// Whether the data, or a toy without mediator within two deviations of the median, may be near CLs = `level` here.
    fn is_wanted(self, level: f64) -> bool {
        let upper = |share: f64| normal_quantile(1.0 - share);
        let share = |deviations: f64| 0.5 * libm::erfc(-deviations * std::f64::consts::FRAC_1_SQRT_2);
        // The limit of the toy at N deviations is where the expected significance is N above the quantile of level Phi(N).
        let bounds = [-2.0, 2.0].map(|n| upper(level * share(n)) + n);
        let expected = (bounds[0] - MARGIN.0).max(LEAST)..bounds[1] + MARGIN.1;
        // p with a mediator over p without.
        let cls = share(-self.observed) / share(self.expected - self.observed).max(f64::MIN_POSITIVE);
        expected.contains(&self.expected) || (self.observed > LEAST && cls > 0.03 * level && cls < 0.9)
    }
}

/// Of the wanted couplings those between which significances change by a step, and one beside each stretch of them.
fn spread(all: &[f64], along: &[Significance], wanted: &[bool], wider: f64) -> Vec<f64> {
    let mut found: Vec<f64> = Vec::new();
    let mut way = 0.0;
    for index in 0..all.len() {
        let beside = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
        let is_beside = !wanted[index] && beside.filter_map(|place| wanted.get(place)).any(|wanted| *wanted);
        if let Some(before) = index.checked_sub(1) {
            let [here, last] = [along[index], along[before]];
            let change = (here.expected - last.expected).abs().max((here.observed - last.observed).abs());
            way += (change / STEP.0).max((all[index] / all[before]).ln() / STEP.1);
        }
        if is_beside || (wanted[index] && way >= wider) {
            found.push(all[index]);
            way = 0.0;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn couplings_lie_where_limits_may_be_and_close_by() {
        // A strip: significances rise to 20 at g = e, fall to 0 at g = e^2, and rise again.
        let all: Vec<f64> = (0..=600).map(|step| (0.005 * f64::from(step)).exp()).collect();
        let z = |g: f64| 20.0 * (std::f64::consts::PI * 0.5 * g.ln()).sin().abs();
        let along: Vec<Significance> = all.iter().map(|g| Significance { observed: z(*g), expected: z(*g) }).collect();
        let wanted: Vec<bool> = along.iter().map(|at| at.is_wanted(0.05)).collect();
        let found = spread(&all, &along, &wanted, 1.0);
        for pair in found.windows(2) {
            let (one, other) = (z(pair[0]), z(pair[1]));
            // Neighbours are close, or nothing between them may be at the edge.
            assert!((one - other).abs() < 0.6 || (one > 5.3 && other > 5.3) || (one < 0.6 && other < 0.6), "{pair:?}");
        }
        // Three stretches: up, down, and up again.
        assert!(found.iter().any(|g| *g < 1.3) && found.iter().any(|g| (6.5..7.3).contains(g)));
        assert!(found.iter().any(|g| (7.5..9.5).contains(g)) && found.len() < 130, "{}", found.len());
        // Expected limits at 95 % lie between 1.05 and 3.66 deviations.
        let at = |expected: f64| Significance { observed: 0.0, expected }.is_wanted(0.05);
        assert!(at(1.05) && at(3.66) && !at(0.3) && !at(5.6));
    }
}
