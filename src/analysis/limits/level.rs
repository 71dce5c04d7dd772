//! At which level a coupling is excluded: the confidence, the parameters that it counts, and the minimum that chi2 rises
//! from.
//!
//! With two parameters, mass and coupling, that is the smallest chi2 of the whole plane. With one, the coupling at a fixed
//! mass, it is the smallest chi2 at that mass: counted from the plane's, a bound at 90 % would exclude the Standard Model
//! more often than in 10 % of experiments.

use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::statistics::{TWO_SIGMA, chi2_quantile, delta_chi2};
use crate::{Error, Result};

use super::{BestFit, Bound, HIGH_MASS_MEV, LOW_MASS_MEV, best_at_mass, bound};

/// A level as near to that of table 2 is the same.
const SAME_CONFIDENCE: f64 = 1e-5;
/// The parameters of table 2: mass and coupling.
const PARAMETERS_OF_TABLE_2: u32 = 2;
/// Percentages are given to this fraction of the confidence and of what it leaves.
const PERCENT_TOLERANCE: f64 = 5e-3;
/// Digits after which a double says no more.
const MOST_DECIMALS: usize = 17;

/// The minimum from which a rise of chi2 counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Minimum {
    /// That over masses from [`LOW_MASS_MEV`] to [`HIGH_MASS_MEV`] and all couplings.
    #[default]
    Plane,
    /// That over all couplings, at each mass its own.
    Mass,
}

impl Minimum {
    /// What goes with a number of parameters: one is the coupling at a fixed mass.
    pub fn usual(dof: u32) -> Minimum {
        if dof == 1 { Minimum::Mass } else { Minimum::Plane }
    }

    /// The free parameters that a rise from it counts: mass and coupling, or the coupling.
    pub fn dof(self) -> u32 {
        match self {
            Minimum::Plane => 2,
            Minimum::Mass => 1,
        }
    }

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Minimum::Plane => "plane",
            Minimum::Mass => "mass",
        }
    }

    /// Which one, in words.
    pub fn words(self) -> String {
        match self {
            Minimum::Plane => {
                let high_gev = HIGH_MASS_MEV / crate::base::constants::GEV_IN_MEV;
                format!("the minimum over masses from {LOW_MASS_MEV} MeV to {high_gev} GeV and all couplings")
            }
            Minimum::Mass => "the minimum over all couplings at each mass".to_owned(),
        }
    }
}

/// At which level couplings are excluded.
///
/// ```
/// use cevscan::Level;
///
/// assert!((Level::default().delta_chi2 - 6.180).abs() < 1e-3);
/// // The coupling alone, at a fixed mass.
/// assert!((Level::new(0.9, 1, None)?.delta_chi2 - 2.706).abs() < 1e-3);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Confidence level, between 0 and 1.
    pub confidence: f64,
    /// Free parameters that it counts.
    pub dof: u32,
    /// Rise of chi2 that follows.
    pub delta_chi2: f64,
    /// What it rises from.
    pub minimum: Minimum,
}

impl Default for Level {
    /// 2 sigma for two parameters, from the plane's minimum: the level of the paper's table 2.
    fn default() -> Level {
        Level {
            confidence: TWO_SIGMA,
            dof: PARAMETERS_OF_TABLE_2,
            delta_chi2: chi2_quantile(1.0 - TWO_SIGMA, PARAMETERS_OF_TABLE_2),
            minimum: Minimum::Plane,
        }
    }
}

impl Level {
    /// A level; without a `minimum` the one that is usual for that many parameters.
    ///
    /// # Errors
    /// Those of [`delta_chi2`].
    pub fn new(confidence: f64, dof: u32, minimum: Option<Minimum>) -> Result<Level> {
        let delta_chi2 = delta_chi2(confidence, dof)?;
        Ok(Level { confidence, dof, delta_chi2, minimum: minimum.unwrap_or(Minimum::usual(dof)) })
    }

    /// Whether bounds may be compared with those of table 2.
    pub(crate) fn is_that_of_table2(&self) -> bool {
        (self.confidence - TWO_SIGMA).abs() < SAME_CONFIDENCE
            && self.dof == PARAMETERS_OF_TABLE_2
            && self.minimum == Minimum::Plane
    }

    /// chi2 at the border of the excluded region at a mass (MeV), where `best` is the best fit of the plane.
    ///
    /// # Errors
    /// A chi2 that did not converge.
    pub fn border(&self, analysis: &Analysis, best: &BestFit, mass_mev: f64) -> Result<f64> {
        let minimum = match self.minimum {
            Minimum::Plane => best.chi2,
            Minimum::Mass => best_at_mass(analysis, mass_mev)?.chi2,
        };
        Ok(minimum + self.delta_chi2)
    }

    /// All crossings of the border at a mass (MeV).
    ///
    /// # Errors
    /// A chi2 that did not converge.
    pub fn bound(&self, analysis: &Analysis, best: &BestFit, mass_mev: f64) -> Result<Bound> {
        bound(analysis, mass_mev, self.border(analysis, best, mass_mev)?)
    }

    /// `95.45 % CL, 2 dof`, with the minimum where it is not the usual one of the plane.
    pub fn words(&self) -> String {
        let from = match (self.minimum, self.dof) {
            (Minimum::Mass, _) => ", at fixed mass",
            (Minimum::Plane, 1) => ", from the plane's minimum",
            (Minimum::Plane, _) => "",
        };
        format!("{} % CL, {} dof{from}", percent(self.confidence), self.dof)
    }

    /// The same for the legend of a picture: 2 sigma in the plane is what the paper draws and needs no more words.
    pub fn markup(&self) -> String {
        let is_usual = self.confidence == TWO_SIGMA && self.dof == PARAMETERS_OF_TABLE_2;
        if is_usual && self.minimum == Minimum::Plane { "2$σ$".to_owned() } else { self.words() }
    }
}

/// A confidence level in percent: two decimals, or as many as tell it from 0 and from 100 %.
fn percent(confidence: f64) -> String {
    let near = |text: &String| {
        let error = (text.parse::<f64>().unwrap_or(f64::NAN) / 100.0 - confidence).abs();
        error <= PERCENT_TOLERANCE * confidence.min(1.0 - confidence)
    };
    let text = (2..=MOST_DECIMALS).map(|decimals| format!("{:.decimals$}", 100.0 * confidence)).find(near);
    let text = text.unwrap_or_else(|| (100.0 * confidence).to_string());
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

impl std::str::FromStr for Minimum {
    type Err = Error;

    fn from_str(text: &str) -> Result<Minimum> {
        let all = [Minimum::Plane, Minimum::Mass];
        let found = all.into_iter().find(|minimum| minimum.name() == text);
        found.ok_or_else(|| Error::unknown_name("minimum", text, all.map(Minimum::name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_say_what_they_are() {
        let words = |confidence, dof, minimum| Level::new(confidence, dof, minimum).unwrap().words();
        assert_eq!(words(TWO_SIGMA, 2, None), "95.45 % CL, 2 dof");
        assert_eq!(words(0.9, 1, None), "90 % CL, 1 dof, at fixed mass");
        assert_eq!(words(0.9, 1, Some(Minimum::Plane)), "90 % CL, 1 dof, from the plane's minimum");
        assert_eq!(words(0.6827, 2, Some(Minimum::Mass)), "68.27 % CL, 2 dof, at fixed mass");
        // Never 0 or 100 %.
        assert_eq!(words(1.0 - 1e-7, 2, None), "99.99999 % CL, 2 dof");
        assert_eq!(words(1e-6, 2, None), "0.0001 % CL, 2 dof");
        for confidence in [0.999_999_999_999_999_9, 0.999_999, 1e-5] {
            let words = words(confidence, 2, None);
            assert!(!words.starts_with("100 %") && !words.starts_with("0 %"), "{words}");
        }
        assert_eq!(Level::default().markup(), "2$σ$");
        assert_eq!(Level::new(0.9, 1, None).unwrap().markup(), "90 % CL, 1 dof, at fixed mass");
    }

    #[test]
    fn table_2_is_one_level() {
        let is = |confidence, dof, minimum| Level::new(confidence, dof, minimum).unwrap().is_that_of_table2();
        assert!(is(TWO_SIGMA, 2, None) && is(0.9545, 2, Some(Minimum::Plane)));
        assert!(!is(0.95, 2, None) && !is(TWO_SIGMA, 1, None) && !is(TWO_SIGMA, 2, Some(Minimum::Mass)));
        assert!(!is(TWO_SIGMA, 1, Some(Minimum::Plane)) && !is(TWO_SIGMA, 3, None));
    }
}
