//! Smearing of the electron-equivalent energy into what is measured.

use std::f64::consts::SQRT_2;

/// Distribution of the observable at a true electron-equivalent energy.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// Photoelectrons by a gamma distribution (2.5 of arXiv:2110.07730):
    /// P(PE) = [a(1+b)]^{1+b}/Gamma(1+b) PE^b exp(-a(1+b) PE), a = `a_kev`/E_ee, b = `b_per_kev` E_ee, E_ee in keV.
    GammaPhotoelectrons {
        /// a E_ee [keVee]: mean photoelectrons are E_ee/a_kev.
        a_kev: f64,
        /// b/E_ee [1/keVee].
        b_per_kev: f64,
    },
    /// Electron-equivalent energy by a Gaussian of sigma = `sigma_per_sqrt_kev` sqrt(E_ee/keV) keVee, not renormalised at 0.
    GaussianSqrt {
        /// sigma at 1 keVee.
        sigma_per_sqrt_kev: f64,
    },
}

impl Resolution {
    /// Probability density [1/unit of the observable] at `observable`.
    pub fn density(&self, electron_equivalent_kev: f64, observable: f64) -> f64 {
        if electron_equivalent_kev <= 0.0 {
            return 0.0;
        }
        match self {
            Resolution::GammaPhotoelectrons { a_kev, b_per_kev } => {
                let (a, b) = (a_kev / electron_equivalent_kev, b_per_kev * electron_equivalent_kev);
                let rate = a * (1.0 + b);
                ((1.0 + b) * rate.ln() - libm::lgamma(1.0 + b) + b * observable.ln() - rate * observable).exp()
            }
            Resolution::GaussianSqrt { .. } => {
                let sigma = self.gaussian_sigma_kev(electron_equivalent_kev);
                let z = (observable - electron_equivalent_kev) / sigma;
                (-0.5 * z * z).exp() / (sigma * (2.0 * std::f64::consts::PI).sqrt())
            }
        }
    }

    /// Probability to fall between two values of the observable, where that has a closed form.
    pub fn probability(&self, electron_equivalent_kev: f64, low: f64, high: f64) -> Option<f64> {
        match self {
            Resolution::GammaPhotoelectrons { .. } => None,
            Resolution::GaussianSqrt { .. } => {
                let width = SQRT_2 * self.gaussian_sigma_kev(electron_equivalent_kev);
                let z = |edge: f64| (edge - electron_equivalent_kev) / width;
                // erfc of the side away from the centre keeps small tails accurate.
                let (from, to) = (z(low), z(high));
                Some(if from > 0.0 {
                    0.5 * (libm::erfc(from) - libm::erfc(to))
                } else {
                    0.5 * (libm::erfc(-to) - libm::erfc(-from))
                })
            }
        }
    }

    fn gaussian_sigma_kev(&self, electron_equivalent_kev: f64) -> f64 {
        match self {
            Resolution::GammaPhotoelectrons { .. } => f64::NAN,
            Resolution::GaussianSqrt { sigma_per_sqrt_kev } => sigma_per_sqrt_kev * electron_equivalent_kev.sqrt(),
        }
    }
}
