//! Probability that an event passes the selection.

/// Efficiency, and the energy it depends on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Efficiency {
    /// At which energy the curve is taken.
    pub at: EnergyScale,
    /// The curve.
    pub curve: Curve,
}

/// An energy that an efficiency may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnergyScale {
    /// The true electron-equivalent energy (keVee).
    True,
    /// The reconstructed observable, in its unit.
    Reconstructed,
}

/// Efficiency against energy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Curve {
    /// The same at all energies.
    Constant {
        /// Efficiency.
        value: f64,
    },
    /// a/(1 + exp(-b (x - c))) + d, not below 0.
    Logistic {
        /// a.
        amplitude: f64,
        /// b, per unit of the energy.
        slope: f64,
        /// c, in units of the energy.
        centre: f64,
        /// d.
        offset: f64,
    },
    /// Linear between rows, 0 below the first, constant above the last.
    Table {
        /// Energies, increasing.
        energy: Vec<f64>,
        /// Efficiencies.
        efficiency: Vec<f64>,
    },
}

impl Efficiency {
    /// Efficiency at a reconstructed observable; 1 where it depends on the true energy alone.
    pub(crate) fn at_reconstructed(&self, observable: f64) -> f64 {
        match self.at {
            EnergyScale::Reconstructed => self.curve.at(observable),
            EnergyScale::True => 1.0,
        }
    }

    /// Efficiency at a true electron-equivalent energy (keVee); 1 where it depends on the reconstructed one alone.
    pub fn at_true(&self, true_kev: f64) -> f64 {
        match self.at {
            EnergyScale::Reconstructed => 1.0,
            EnergyScale::True => self.curve.at(true_kev),
        }
    }

    /// True electron-equivalent energies (keVee) at which the efficiency bends, or turns quickly.
    pub(crate) fn breaks_true_kev(&self) -> Vec<f64> {
        if self.at == EnergyScale::True { self.curve.breaks() } else { Vec::new() }
    }

    /// Values of the observable at which the efficiency bends, or turns quickly.
    pub(crate) fn breaks_reconstructed(&self) -> Vec<f64> {
        if self.at == EnergyScale::Reconstructed { self.curve.breaks() } else { Vec::new() }
    }
}

impl Curve {
    /// The largest efficiency at any energy.
    pub fn largest(&self) -> f64 {
        match self {
            Curve::Constant { value } => *value,
            // It runs from d to a + d, or the other way.
            Curve::Logistic { amplitude, slope, offset, .. } if *slope != 0.0 => offset + amplitude.max(0.0),
            Curve::Logistic { .. } => self.at(0.0),
            Curve::Table { efficiency, .. } => efficiency.iter().copied().fold(0.0, f64::max),
        }
    }

    /// Efficiency at an energy.
    pub fn at(&self, x: f64) -> f64 {
        match self {
            Curve::Constant { value } => *value,
            Curve::Logistic { amplitude, slope, centre, offset } => {
                (amplitude / (1.0 + (-slope * (x - centre)).exp()) + offset).max(0.0)
            }
            Curve::Table { energy, efficiency } => match energy.partition_point(|row| *row <= x) {
                0 => 0.0,
                above if above == energy.len() => efficiency[above - 1],
                above => {
                    let below = above - 1;
                    let slope = (efficiency[above] - efficiency[below]) * (x - energy[below]);
                    efficiency[below] + slope / (energy[above] - energy[below])
                }
            },
        }
    }
}
