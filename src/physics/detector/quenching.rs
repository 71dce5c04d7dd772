//! Electron-equivalent energy of a nuclear recoil.

/// E_ee against T.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Quenching {
    /// E_ee = sum_n c_n T^n, both in keV.
    Polynomial {
        /// c_n [keVee/keV^n], from n = 0.
        coefficients_kev: Vec<f64>,
    },
    /// E_ee = T k g/(1 + k g), g = 3 eps^0.15 + 0.7 eps^0.6 + eps, eps = 11.5 Z^(-7/3) T/keV: J. Lindhard et al., Mat. Fys.
    /// Medd. Dan. Vid. Selsk. 33 (1963) no. 10, in the form of J. D. Lewin, P. F. Smith, Astropart. Phys. 6 (1996) 87.
    Lindhard {
        /// k; 0.133 Z^(2/3) A^(-1/2) in the theory.
        k: f64,
        /// Z of the element.
        protons: u32,
    },
}

impl Quenching {
    /// Electron-equivalent energy (keVee) of a recoil of `recoil_energy_kev` (keV).
    pub fn electron_equivalent_kev(&self, recoil_energy_kev: f64) -> f64 {
        match self {
            Quenching::Polynomial { coefficients_kev } => {
                coefficients_kev.iter().rev().fold(0.0, |sum, c| sum * recoil_energy_kev + c)
            }
            Quenching::Lindhard { k, protons } => {
                let reduced = 11.5 * f64::from(*protons).powf(-7.0 / 3.0) * recoil_energy_kev;
                let g = 3.0 * reduced.powf(0.15) + 0.7 * reduced.powf(0.6) + reduced;
                recoil_energy_kev * k * g / (1.0 + k * g)
            }
        }
    }

    /// The recoil energy (keV) in (low, high) at which E_ee reaches `electron_equivalent_kev`, by bisection;
    /// `None` where it does not change sign there.
    pub(crate) fn invert(&self, electron_equivalent_kev: f64, (mut low, mut high): (f64, f64)) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lindhard_in_germanium() {
        // Independent calculation of the formula, k of the theory for germanium.
        let germanium = Quenching::Lindhard { k: 0.157, protons: 32 };
        let factor = |kev: f64| germanium.electron_equivalent_kev(kev) / kev;
        for (kev, expected) in [(1.0, 0.1709908709225335), (10.0, 0.23410722816193508), (20.0, 0.2593211583854567)] {
            assert!((factor(kev) / expected - 1.0).abs() < 1e-12, "{kev}: {}", factor(kev));
        }
        assert_eq!(germanium.electron_equivalent_kev(0.0), 0.0);
        assert!(
            (germanium.invert(germanium.electron_equivalent_kev(7.0), (0.0, 50.0)).unwrap_or(0.0) - 7.0).abs() < 1e-12
        );
    }
}
