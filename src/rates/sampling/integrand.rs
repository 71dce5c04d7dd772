//! What a piece of the recoil integral is judged by: every bin's count from every flavour, at light and heavy mediators.

use crate::base::quadrature::Rule;
use crate::dataset::Dataset;
use crate::physics::flux::Component;
use crate::rates::process::{Intensities, Process};

/// Powers of T' that stand for what models put under the integral: constant to 1/T'^2 for light mediators.
const TRIAL_POWERS: [i32; 3] = [0, -1, -2];
/// A light mediator: the low end of the default plane (MeV).
const LIGHT_MASS_MEV: f64 = 0.1;
/// The limits that are looked at, for each flavour; what lies between them is as smooth.
pub(super) const LIMITS: [&str; 5] = [
    "a heavy mediator",
    "a mediator of 0.1 MeV",
    "a massless mediator",
    "a heavy scalar mediator",
    "a massless scalar mediator",
];

/// The integrand of one process.
pub(super) struct Integrand<'a, F> {
    pub dataset: &'a Dataset,
    pub process: &'a Process<'a>,
    pub response: F,
    /// Numbers that the response has: of energy bins, and as many for each varied response.
    pub bins: usize,
}

/// Integrals over a piece by one rule.
#[derive(Clone, Default)]
pub(super) struct Integrals {
    /// int R_bin T'^power dT', `[power][bin]`.
    pub trial: Moments,
    /// Events but for constants, `[flavour][limit][bin]`.
    pub events: Moments,
}

/// Numbers by some index and bin.
#[derive(Clone, Default)]
pub(super) struct Moments(pub Vec<f64>);

impl<F: Fn(f64) -> Vec<f64>> Integrand<'_, F> {
    /// The largest recoil energy (MeV) of a flavour.
    pub fn end_point_mev(&self, component: &Component) -> f64 {
        self.process.end_point_mev(component)
    }

    /// The integrals by a rule whose weights have the selection efficiency in them.
    pub fn integrals(&self, rule: &Rule) -> Integrals {
        let bins = self.bins;
        let mut trial = vec![0.0; TRIAL_POWERS.len() * bins];
        let mut events = vec![0.0; self.dataset.source.components.len() * LIMITS.len() * bins];
        for (t, weight) in rule.nodes.iter().zip(&rule.weights) {
            let response = (self.response)(*t);
            add(&mut trial, TRIAL_POWERS.iter().map(|power| weight * t.powi(*power)), &response);
            let factors = self.factors(*t);
            add(&mut events, factors.iter().map(|factor| weight * factor), &response);
        }
        Integrals { trial: Moments(trial), events: Moments(events) }
    }

    /// Events per MeV but for the response, `[flavour][limit]`.
    fn factors(&self, t: f64) -> Vec<f64> {
        let q2 = self.process.q2_mev2(t);
        let (light, massless) = ((q2 + LIGHT_MASS_MEV * LIGHT_MASS_MEV).powi(-2), q2.powi(-2));
        let of = |component: &Component| {
            if t > self.end_point_mev(component) {
                return [0.0; LIMITS.len()];
            }
            let Intensities { standard_model, vector, scalar } = self.process.intensities(component, t);
            [standard_model, vector * light, vector * massless, scalar, scalar * massless]
        };
        self.dataset.source.components.iter().flat_map(of).collect()
    }
}

fn add(sums: &mut [f64], factors: impl Iterator<Item = f64>, response: &[f64]) {
    for (sums, factor) in sums.chunks_mut(response.len()).zip(factors) {
        sums.iter_mut().zip(response).for_each(|(sum, r)| *sum += factor * r);
    }
}

impl Moments {
    pub fn plus(&self, other: &Moments) -> Moments {
        Moments((0..other.0.len()).map(|i| self.0.get(i).unwrap_or(&0.0) + other.0[i]).collect())
    }

    pub fn add(&mut self, other: impl IntoIterator<Item = f64>) {
        let other = other.into_iter();
        if self.0.is_empty() {
            self.0 = other.collect();
        } else {
            self.0.iter_mut().zip(other).for_each(|(sum, value)| *sum += value);
        }
    }

    /// Whether no bin of the `total` depends on which of the two is taken.
    pub fn agrees_with(&self, other: &Moments, total: &Moments, tolerance: f64) -> bool {
        self.0.iter().zip(&other.0).zip(&total.0).all(|((a, b), total)| (a - b).abs() <= tolerance * total)
    }

    /// The largest entry of each limit, whatever the flavour and the bin; NaN where there is one.
    pub fn largest_by_limit(&self, bins: usize) -> Vec<f64> {
        let mut largest = vec![0.0; LIMITS.len()];
        for (row, values) in self.0.chunks(bins).enumerate() {
            let largest = &mut largest[row % LIMITS.len()];
            let larger = |most: f64, value: &f64| if *value > most || value.is_nan() { *value } else { most };
            *largest = values.iter().fold(*largest, larger);
        }
        largest
    }

    /// The same where no bin counts for less than this share of the fullest of its limit.
    pub fn raised_by_limit(&self, bins: usize, floor: f64) -> Moments {
        let largest = self.largest_by_limit(bins);
        let rows = self.0.chunks(bins).enumerate().flat_map(|(row, values)| {
            let least = floor * largest[row % LIMITS.len()];
            values.iter().map(move |value| value.max(least))
        });
        Moments(rows.collect())
    }

    /// The same where no bin counts for less than this share of the fullest of its row.
    pub fn raised(&self, bins: usize, floor: f64) -> Moments {
        let rows = self.0.chunks(bins).flat_map(|row| {
            let least = floor * row.iter().copied().fold(0.0, f64::max);
            row.iter().map(move |value| value.max(least))
        });
        Moments(rows.collect())
    }
}
