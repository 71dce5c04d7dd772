//! Probability that an event passes the selection.

/// Efficiency, and the energy it depends on.
#[derive(Debug, Clone, PartialEq)]
pub enum Efficiency {
    /// a/(1 + exp(-b (x - c))) + d at the reconstructed observable x, not below 0.
    Logistic {
        /// a.
        amplitude: f64,
        /// b, per unit of the observable.
        slope: f64,
        /// c, in units of the observable.
        centre: f64,
        /// d.
        offset: f64,
    },
    /// A table at the true electron-equivalent energy: linear between rows, 0 below the first, constant above the last.
    TrueEnergyTable {
        /// Electron-equivalent energies (keVee), increasing.
        electron_equivalent_kev: Vec<f64>,
        /// Efficiencies.
        efficiency: Vec<f64>,
    },
}

impl Efficiency {
    /// Efficiency at a reconstructed observable; 1 where it depends on the true energy alone.
    pub fn at_reconstructed(&self, observable: f64) -> f64 {
        match self {
            Efficiency::Logistic { amplitude, slope, centre, offset } => {
                (amplitude / (1.0 + (-slope * (observable - centre)).exp()) + offset).max(0.0)
            }
            Efficiency::TrueEnergyTable { .. } => 1.0,
        }
    }

    /// Efficiency at a true electron-equivalent energy (keVee); 1 where it depends on the reconstructed one alone.
    pub fn at_true(&self, true_kev: f64) -> f64 {
        match self {
            Efficiency::Logistic { .. } => 1.0,
            Efficiency::TrueEnergyTable { electron_equivalent_kev: x, efficiency: y } => {
                match x.partition_point(|row| *row <= true_kev) {
                    0 => 0.0,
                    above if above == x.len() => y[above - 1],
                    above => {
                        let below = above - 1;
                        y[below] + (y[above] - y[below]) * (true_kev - x[below]) / (x[above] - x[below])
                    }
                }
            }
        }
    }

    /// True electron-equivalent energies (keVee) at which the efficiency has a kink.
    pub fn kinks_true_kev(&self) -> &[f64] {
        match self {
            Efficiency::Logistic { .. } => &[],
            Efficiency::TrueEnergyTable { electron_equivalent_kev, .. } => electron_equivalent_kev,
        }
    }
}
