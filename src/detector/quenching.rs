//! Electron-equivalent energy of a nuclear recoil.

/// E_ee against T.
#[derive(Debug, Clone, PartialEq)]
pub enum Quenching {
    /// E_ee = sum_n c_n T^n, both in keV.
    Polynomial {
        /// c_n [keVee/keV^n], from n = 0.
        coefficients_kev: Vec<f64>,
    },
}

impl Quenching {
    /// Electron-equivalent energy (keVee) of a recoil of `recoil_energy_kev` (keV).
    pub fn electron_equivalent_kev(&self, recoil_energy_kev: f64) -> f64 {
        match self {
            Quenching::Polynomial { coefficients_kev } => {
                coefficients_kev.iter().rev().fold(0.0, |sum, c| sum * recoil_energy_kev + c)
            }
        }
    }

    /// The recoil energy (keV) in (low, high) at which E_ee reaches `electron_equivalent_kev`, by bisection;
    /// `None` where it does not change sign there.
    pub fn invert(&self, electron_equivalent_kev: f64, (mut low, mut high): (f64, f64)) -> Option<f64> {
        let distance = |t: f64| self.electron_equivalent_kev(t) - electron_equivalent_kev;
        if !(distance(low) <= 0.0 && distance(high) > 0.0) {
            return None;
        }
        // 60 halvings reach the last bit of the double.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if distance(middle) <= 0.0 { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    }
}
