//! What others exclude in a model's plane, as regions: from recast curves, or from users' own.

use rayon::prelude::*;

use crate::Result;
use crate::base::constants::GEV_IN_MEV;

use super::checkout::{Checkout, Outcome};
use super::couplings::Vector;
use super::curve::{Curve, Exclusion};
use super::kind::LimitKind;
use super::limit::Limit;
use super::widths::Settings;

/// Couplings above the square root of 4 pi make no sense in perturbation theory: regions end there.
pub const LARGEST_COUPLING: f64 = 3.544_907_701_811_032;
/// Where a region that is excluded below a curve ends: far below any plane.
pub const SMALLEST_COUPLING: f64 = 1e-30;

/// Masses at which a limit is looked for.
const LOOKED_FOR_AT: i32 = 100;

/// Where the region of a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// A file of the user's.
    #[default]
    File,
    /// Computed from first principles.
    Computed,
    /// Recast from a checkout of darkcast.
    Recast,
}

/// A limit of another experiment in the plane of one model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KnownLimit {
    /// Its name.
    pub name: String,
    /// The experiment, for figures; limits of one label are drawn as one.
    pub label: String,
    /// Where it was published.
    pub reference: String,
    /// What was done; crowded figures draw limits of one kind as one.
    pub kind: LimitKind,
    /// Where the region comes from.
    pub origin: Origin,
    /// Whether its numbers were fitted to a published curve.
    pub fitted: bool,
    /// How the measurement is read, in words, where there is more than one way.
    pub setting: String,
    /// The excluded region: closed outlines of points (MeV, coupling); what any of them encloses is excluded.
    pub outlines: Vec<Vec<[f64; 2]>>,
}

/// What each limit excludes for a model, where it excludes anything; one that cannot be read does not stop the others.
pub fn known_limits<'a>(
    checkout: &Checkout,
    limits: &[&'a Limit],
    model: &str,
    target: &Vector,
    settings: Settings,
) -> Vec<(&'a Limit, Result<Option<KnownLimit>>)> {
    let known = |limit: &&'a Limit| {
        let outcome = checkout.recast(limit, model, target, settings);
        let known = outcome.map(|outcome| match outcome {
            Outcome::Excluded(curve) => Some(KnownLimit {
                name: limit.name.clone(),
                label: limit.label.clone(),
                reference: limit.reference.clone(),
                kind: limit.group,
                origin: Origin::Recast,
                fitted: false,
                setting: String::new(),
                outlines: KnownLimit::outlines_of(&curve),
            }),
            Outcome::Nothing(_) => None,
        });
        (*limit, known)
    };
    limits.par_iter().map(known).collect()
}

impl KnownLimit {
    /// The outlines of a curve, up to the largest coupling that makes sense. Pieces of a single mass enclose nothing.
    pub fn outlines_of(curve: &Curve) -> Vec<Vec<[f64; 2]>> {
        let outline = |piece: Vec<(f64, Exclusion)>| {
            let point = |mass_gev: &f64, coupling: f64| [mass_gev * GEV_IN_MEV, coupling.min(LARGEST_COUPLING)];
            let lower = piece.iter().map(|(mass, range)| point(mass, range.lower));
            let upper = piece.iter().map(|(mass, range)| point(mass, range.upper.unwrap_or(LARGEST_COUPLING)));
            lower.chain(upper.rev()).collect()
        };
        let sensible = |piece: &Vec<(f64, Exclusion)>| {
            piece.len() > 1 && piece.iter().any(|(_, range)| range.lower < LARGEST_COUPLING)
        };
        curve.pieces().filter(sensible).map(outline).collect()
    }

    /// The excluded couplings at a mass (MeV), as intervals that may touch or overlap; between points of an outline
    /// straight lines on logarithmic axes. The masses at which an outline begins and ends belong to it.
    pub fn excluded_at(&self, mass_mev: f64) -> Vec<(f64, f64)> {
        let mut intervals = Vec::new();
        for outline in &self.outlines {
            let own = crossed(outline, mass_mev, |mass| mass <= mass_mev);
            // At its own masses, what is seen from the left as well.
            if outline.iter().any(|[mass, _]| *mass == mass_mev) {
                let seen =
                    |low: f64, high: f64| own.iter().any(|own| own.0 <= low * ROUNDED && high <= own.1 * ROUNDED);
                let left = crossed(outline, mass_mev, |mass| mass < mass_mev);
                intervals.extend(left.into_iter().filter(|(low, high)| !seen(*low, *high)));
            }
            intervals.extend(own);
        }
        intervals
    }
}

/// Two crossings at one point of an outline are within this ratio.
const ROUNDED: f64 = 1.0 + 1e-12;

/// The couplings between edges of an outline that lead from masses on the left of a mass (MeV) to others: a mass at which
/// two edges meet belongs to one side, so that one of them crosses it.
pub(super) fn crossed(outline: &[[f64; 2]], mass_mev: f64, is_left: impl Fn(f64) -> bool) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = Vec::new();
    let next = outline.iter().cycle().skip(1);
    for ([mass_a, coupling_a], [mass_b, coupling_b]) in outline.iter().zip(next) {
        if is_left(*mass_a) != is_left(*mass_b) {
            let share = (mass_mev / mass_a).ln() / (mass_b / mass_a).ln();
            crossings.push((coupling_a.ln() + share * (coupling_b / coupling_a).ln()).exp());
        }
    }
    crossings.sort_by(f64::total_cmp);
    crossings.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect()
}

impl KnownLimit {
    /// The smallest and the largest mass (MeV) of its outlines.
    pub fn masses_mev(&self) -> [f64; 2] {
        let masses = || self.outlines.iter().flatten().map(|point| point[0]);
        [masses().fold(f64::INFINITY, f64::min), masses().fold(0.0, f64::max)]
    }

    /// Whether it excludes anything between these masses (MeV) and couplings, looked for at its own masses and at others
    /// between them.
    pub fn reaches(&self, mass_mev: (f64, f64), coupling: (f64, f64)) -> bool {
        let [first, last] = self.masses_mev();
        let (low, high) = (first.max(mass_mev.0), last.min(mass_mev.1));
        let steps = (0..=LOOKED_FOR_AT).map(|i| low * (high / low).powf(f64::from(i) / f64::from(LOOKED_FOR_AT)));
        let own = self.outlines.iter().flatten().map(|point| point[0]).filter(|mass| (low..=high).contains(mass));
        let overlaps = |(from, to): (f64, f64)| from < to && from <= coupling.1 && to >= coupling.0;
        low <= high && steps.chain(own).any(|mass| self.excluded_at(mass).into_iter().any(overlaps))
    }
}

/// Intervals without overlap, in increasing order; empty ones are dropped.
pub fn union(mut intervals: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    intervals.retain(|(low, high)| low < high);
    intervals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (low, high) in intervals {
        match joined.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => joined.push((low, high)),
        }
    }
    joined
}

/// What remains of one union without another.
pub fn without(of: &[(f64, f64)], taken: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut rest = Vec::new();
    for &(low, high) in of {
        let mut from = low;
        for &(taken_low, taken_high) in taken.iter().filter(|taken| taken.1 > low && taken.0 < high) {
            if taken_low > from {
                rest.push((from, taken_low));
            }
            from = from.max(taken_high);
        }
        if from < high {
            rest.push((from, high));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_join_and_are_cut() {
        assert_eq!(union(vec![(3.0, 4.0), (1.0, 2.0), (1.5, 2.5), (2.5, 2.6), (5.0, 5.0)]), [(1.0, 2.6), (3.0, 4.0)]);
        let of = [(1.0, 10.0)];
        assert_eq!(without(&of, &[]), of);
        assert_eq!(without(&of, &[(0.5, 2.0), (3.0, 4.0), (9.0, 20.0)]), [(2.0, 3.0), (4.0, 9.0)]);
        assert_eq!(without(&of, &[(0.5, 20.0)]), []);
        assert_eq!(without(&[(1.0, 2.0), (3.0, 4.0)], &[(1.5, 3.5)]), [(1.0, 1.5), (3.5, 4.0)]);
    }

    #[test]
    fn outlines_hold_the_masses_at_their_ends() {
        let square = vec![[1.0, 1e-4], [100.0, 1e-4], [100.0, 1e-3], [1.0, 1e-3]];
        let limit = KnownLimit { outlines: vec![square], ..KnownLimit::default() };
        for mass_mev in [1.0, 10.0, 100.0] {
            let excluded = union(limit.excluded_at(mass_mev));
            let [(low, high)] = excluded[..] else { panic!("{mass_mev}: {excluded:?}") };
            assert!((low / 1e-4 - 1.0).abs() < 1e-12 && (high / 1e-3 - 1.0).abs() < 1e-12, "{mass_mev}: {excluded:?}");
        }
        assert!([0.999, 100.001].iter().all(|mass_mev| limit.excluded_at(*mass_mev).is_empty()));
    }

    #[test]
    fn outlines_are_crossed_on_logarithmic_axes() {
        // A square in logarithms with its upper edge bent up in the middle.
        let outlines = vec![vec![[1.0, 1e-4], [100.0, 1e-4], [100.0, 1e-3], [10.0, 1e-1], [1.0, 1e-3]]];
        let limit = KnownLimit {
            name: "x".into(),
            label: "x".into(),
            reference: "x".into(),
            outlines,
            ..KnownLimit::default()
        };
        let one = |mass: f64| {
            let intervals = limit.excluded_at(mass);
            assert_eq!(intervals.len(), 1, "{mass}");
            intervals[0]
        };
        for (mass, upper) in [(1.0, 1e-3), (10f64.sqrt(), 1e-2), (10.0, 1e-1), (10f64.powf(1.5), 1e-2)] {
            let (low, high) = one(mass);
            assert!((low / 1e-4 - 1.0).abs() < 1e-12 && (high / upper - 1.0).abs() < 1e-12, "{mass}: {low} {high}");
        }
        assert!(limit.excluded_at(0.9).is_empty() && limit.excluded_at(101.0).is_empty());
    }
}
