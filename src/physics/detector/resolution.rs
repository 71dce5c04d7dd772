//! Smearing of the electron-equivalent energy into what is measured.

use std::f64::consts::{PI, SQRT_2};

/// exp of less is below the smallest normal number.
const LOWEST_EXPONENT: f64 = -700.0;

/// Distribution of the observable at a true electron-equivalent energy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Resolution {
    /// Photoelectrons by a gamma distribution (2.5 of arXiv:2110.07730):
    /// P(PE) = [a(1+b)]^{1+b}/Gamma(1+b) PE^b exp(-a(1+b) PE), a = `a_kev`/E_ee, b = `b_per_kev` E_ee, E_ee in keV.
    GammaPhotoelectrons {
        /// a E_ee (keVee): mean photoelectrons are E_ee/a_kev.
        a_kev: f64,
        /// b/E_ee [1/keVee].
        b_per_kev: f64,
        /// Where an analysis sums density x efficiency at the centres of steps of this many photoelectrons in place of the
        /// integral, as that of CsI (2021) does: then the sum is what its numbers mean.
        step_pe: Option<f64>,
    },
    /// Electron-equivalent energy by a Gaussian of sigma = `sigma_per_sqrt_kev` sqrt(E_ee/keV) keVee, not renormalised at 0.
    GaussianSqrt {
        /// sigma at 1 keVee.
        sigma_per_sqrt_kev: f64,
    },
    /// Energy by a Gaussian of sigma^2 = constant^2 + sqrt^2 E + linear^2 E^2, E in keV, not renormalised at 0.
    Gaussian {
        /// Part that does not depend on the energy (keV).
        constant_kev: f64,
        /// Part that grows with its root, at 1 keV (keV).
        sqrt_kev: f64,
        /// Part in proportion to it.
        linear: f64,
    },
}

impl Resolution {
    /// Probability density [1/unit of the observable] at a true energy above 0, as a function of the observable and of
    /// its logarithm (callers evaluate it on one table of both for many true energies).
    pub fn density(&self, electron_equivalent_kev: f64) -> impl Fn(f64, f64) -> f64 + use<> {
        // Both forms are exp(constant + linear x + logarithmic ln x + quadratic x^2).
        let [constant, linear, logarithmic, quadratic] = match self {
            Resolution::GammaPhotoelectrons { a_kev, b_per_kev, .. } => {
                let (a, b) = (a_kev / electron_equivalent_kev, b_per_kev * electron_equivalent_kev);
                let rate = a * (1.0 + b);
                [(1.0 + b) * rate.ln() - libm::lgamma(1.0 + b), -rate, b, 0.0]
            }
            Resolution::GaussianSqrt { .. } | Resolution::Gaussian { .. } => {
                let variance = self.gaussian_variance_kev2(electron_equivalent_kev);
                let norm = -0.5 * (2.0 * PI * variance).ln();
                let mean = electron_equivalent_kev;
                [norm - 0.5 * mean * mean / variance, mean / variance, 0.0, -0.5 / variance]
            }
        };
        move |x, ln_x| {
            let exponent =
                constant + (linear + quadratic * x) * x + if logarithmic == 0.0 { 0.0 } else { logarithmic * ln_x };
            if exponent < LOWEST_EXPONENT { 0.0 } else { exponent.exp() }
        }
    }

    /// Probability to fall between two values of the observable, where that has a closed form.
    pub fn probability(&self, electron_equivalent_kev: f64, low: f64, high: f64) -> Option<f64> {
        match self {
            Resolution::GammaPhotoelectrons { .. } => None,
            Resolution::GaussianSqrt { .. } | Resolution::Gaussian { .. } => {
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

    /// The true electron-equivalent energy (keVee) at which the mean of the observable has this value.
    pub fn electron_equivalent_kev(&self, mean: f64) -> f64 {
        match self {
            Resolution::GammaPhotoelectrons { a_kev, .. } => mean * a_kev,
            Resolution::GaussianSqrt { .. } | Resolution::Gaussian { .. } => mean,
        }
    }

    /// Mean of the observable at a true energy.
    pub fn mean(&self, true_kev: f64) -> f64 {
        match self {
            Resolution::GammaPhotoelectrons { a_kev, .. } => true_kev / a_kev,
            Resolution::GaussianSqrt { .. } | Resolution::Gaussian { .. } => true_kev,
        }
    }

    /// Standard deviation of the observable at a true energy.
    pub fn width(&self, true_kev: f64) -> f64 {
        match self {
            Resolution::GammaPhotoelectrons { a_kev, b_per_kev, .. } => {
                true_kev / a_kev / (1.0 + b_per_kev * true_kev).sqrt()
            }
            Resolution::GaussianSqrt { .. } | Resolution::Gaussian { .. } => self.gaussian_sigma_kev(true_kev),
        }
    }

    fn gaussian_variance_kev2(&self, energy_kev: f64) -> f64 {
        match self {
            Resolution::GammaPhotoelectrons { .. } => f64::NAN,
            Resolution::GaussianSqrt { sigma_per_sqrt_kev } => sigma_per_sqrt_kev.powi(2) * energy_kev,
            Resolution::Gaussian { constant_kev, sqrt_kev, linear } => {
                constant_kev.powi(2) + sqrt_kev.powi(2) * energy_kev + (linear * energy_kev).powi(2)
            }
        }
    }

    fn gaussian_sigma_kev(&self, energy_kev: f64) -> f64 {
        match self {
            Resolution::GaussianSqrt { sigma_per_sqrt_kev } => sigma_per_sqrt_kev * energy_kev.sqrt(),
            _ => self.gaussian_variance_kev2(energy_kev).sqrt(),
        }
    }
}
