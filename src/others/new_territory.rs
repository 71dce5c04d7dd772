//! What the data exclude that nobody else does: its area, the masses at which their bound is the strongest, and what is
//! left of the couplings that explain the muon's magnetic moment.

mod rivals;

pub use rivals::{Comparison, Rival};

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::analysis::limits::{BestFit, Bound, Level};
use crate::base::contour::Span;
use crate::base::grid::Axis;
use crate::others::recast::KnownLimit;
use crate::others::recast::known::{LARGEST_COUPLING, union, without};
use crate::physics::muon_g2::{Deviation, band};
use crate::scan::Map;
use crate::{Error, Result};

use rivals::Meeting;

/// Bands narrower than this share of themselves count as nothing: what bounds at neighbouring masses miss by rounding.
const NOTHING: f64 = 1e-6;

/// Couplings by intervals.
type Intervals = Vec<(f64, f64)>;

/// The plane in which areas are taken, on logarithmic axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Masses (MeV), at least two.
    pub mass: Axis,
    /// Ends of the couplings; what lies above the square root of 4 pi does not count.
    pub coupling: (f64, f64),
}

/// Areas in a plane (decades of mass x decades of coupling).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Areas {
    /// What the data exclude.
    pub ours: f64,
    /// What nobody else excludes of that.
    pub only_ours: f64,
}

/// What is new.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Territory {
    /// Area that the data exclude (decades of mass x decades of coupling).
    pub ours: f64,
    /// Area that nobody else excludes.
    pub only_ours: f64,
    /// Where that is, from left to right.
    pub new: Vec<Patch>,
    /// Where our bound, the lower edge of what the data exclude, is inside of nobody else's region.
    pub strongest: Vec<Patch>,
    /// Who is the strongest, by masses.
    pub rivals: Vec<Rival>,
    /// The muon's magnetic moment; none where the muon has no charge.
    pub muon: Option<MuonBand>,
}

/// A range of masses, and the couplings that are meant at any of them.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Patch {
    /// Masses (MeV).
    pub mass_mev: (f64, f64),
    /// The smallest and the largest coupling.
    pub coupling: (f64, f64),
}

/// Shares of the band of couplings that explain the muon's magnetic moment, by area in the plane.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MuonBand {
    /// What the data leave of it.
    pub left_by_ours: f64,
    /// What all limits leave of it.
    pub left_by_all: f64,
    /// Where that is.
    pub left: Vec<Patch>,
}

/// At one mass.
struct Column {
    ours: Intervals,
    only_ours: Intervals,
    /// Our bound, where it is in the window and nobody else's.
    strongest: Option<f64>,
    /// Our bound, where it is in the window, and who has it inside.
    meeting: Option<Meeting>,
    band: Intervals,
    band_without_ours: Intervals,
    band_without_all: Intervals,
}

/// Compares what `analysis` excludes at a level with other limits; `best` is the best fit of the plane.
///
/// # Errors
/// Those of [`territory_by`].
pub fn territory(
    analysis: &Analysis,
    (level, best): (&Level, &BestFit),
    window: &Window,
    others: &[KnownLimit],
    deviation: Deviation,
) -> Result<Territory> {
    territory_by(analysis, &|mass_mev| level.bound(analysis, best, mass_mev), window, others, deviation)
}

/// Compares what `analysis` excludes, by its crossings at each mass (MeV), with other limits.
///
/// # Errors
/// A chi2 that did not converge, couplings that do not increase, masses outside of those at which the muon's moment is
/// known.
pub fn territory_by(
    analysis: &Analysis,
    bound_at: &(dyn Fn(f64) -> Result<Bound> + Sync),
    window: &Window,
    others: &[KnownLimit],
    deviation: Deviation,
) -> Result<Territory> {
    let ends = (window.coupling.0, window.coupling.1.min(LARGEST_COUPLING));
    if !(ends.0 > 0.0 && ends.0 < ends.1) {
        let range = format!("{}:{}", window.coupling.0, window.coupling.1);
        return Err(Error::out_of_range("coupling range", range, "increasing, positive and below the root of 4 pi"));
    }
    let masses = &window.mass.values;
    let muon = band(&analysis.model, masses, deviation)?;
    let columns: Vec<Column> = (0..masses.len())
        .into_par_iter()
        .map(|i| {
            let bound = bound_at(masses[i])?;
            let taken = taken(others, masses[i]);
            let band = muon.as_ref().map(|band| (band.lower[i], band.upper[i]));
            let mut column = column(&bound, &taken, band, ends);
            column.meeting = our_bound(&bound, ends).map(|bound| rivals::meeting(others, masses[i], bound));
            Ok(column)
        })
        .collect::<Result<_>>()?;
    let area = |of: fn(&Column) -> &Intervals| area(masses, columns.iter().map(of));
    let whole = area(|column| &column.band);
    let share = |part: f64| if part > NOTHING * whole { part / whole } else { 0.0 };
    Ok(Territory {
        ours: area(|column| &column.ours),
        only_ours: area(|column| &column.only_ours),
        new: patches(masses, columns.iter().map(|column| extent(&column.only_ours))),
        strongest: patches(masses, columns.iter().map(|column| column.strongest.map(|bound| (bound, bound)))),
        rivals: rivals::runs(masses, &columns.iter().map(|column| column.meeting).collect::<Vec<_>>(), others),
        muon: (whole > 0.0).then(|| MuonBand {
            left_by_ours: share(area(|column| &column.band_without_ours)),
            left_by_all: share(area(|column| &column.band_without_all)),
            left: patches(masses, columns.iter().map(|column| extent(&column.band_without_all))),
        }),
    })
}

/// The areas of what a map excludes: `spans` at each of `masses` (MeV), of which couplings between `ends` count as far as
/// they lie below the square root of 4 pi.
pub fn areas(spans: &[Vec<Span>], masses: &[f64], ends: (f64, f64), others: &[KnownLimit]) -> Areas {
    let ends = (ends.0, ends.1.min(LARGEST_COUPLING));
    let columns: Vec<(Intervals, Intervals)> = spans
        .par_iter()
        .zip(masses)
        .map(|(spans, mass_mev)| {
            let ours: Intervals = spans.iter().map(|span| (span.low, span.high)).collect();
            let only_ours = without(&ours, &taken(others, *mass_mev));
            (clipped(ours, ends), clipped(only_ours, ends))
        })
        .collect();
    Areas {
        ours: area(masses, columns.iter().map(|(ours, _)| ours)),
        only_ours: area(masses, columns.iter().map(|(_, only_ours)| only_ours)),
    }
}

/// The areas of what a map of a scan excludes.
///
/// # Errors
/// None for a map that a scan made.
pub fn areas_of(map: &Map, others: &[KnownLimit]) -> Result<Areas> {
    let (masses, couplings) = (&map.plane.mass.values, &map.plane.coupling.values);
    Ok(areas(&map.border().spans()?, masses, (couplings[0], couplings[couplings.len() - 1]), others))
}

impl Map {
    /// The area of what it excludes (decades of mass x decades of coupling), up to the square root of 4 pi in the coupling.
    ///
    /// # Errors
    /// None for a map that a scan made, or that was read.
    pub fn excluded_area(&self) -> Result<f64> {
        Ok(areas_of(self, &[])?.ours)
    }
}

/// What others exclude at a mass (MeV).
fn taken(others: &[KnownLimit], mass_mev: f64) -> Intervals {
    union(others.iter().flat_map(|limit| limit.excluded_at(mass_mev)).collect())
}

fn clipped(intervals: Intervals, ends: (f64, f64)) -> Intervals {
    union(intervals.into_iter().map(|(low, high)| (low.max(ends.0), high.min(ends.1))).collect())
}

fn column(bound: &Bound, taken: &[(f64, f64)], band: Option<(f64, f64)>, ends: (f64, f64)) -> Column {
    let clip = |intervals: Intervals| clipped(intervals, ends);
    let ours = excluded(bound);
    let band = clip(band.into_iter().collect());
    let band_without_ours = without(&band, &ours);
    let free = |coupling: &f64| !taken.iter().any(|(low, high)| low <= coupling && coupling < high);
    Column {
        only_ours: clip(without(&ours, taken)),
        strongest: our_bound(bound, ends).filter(free),
        meeting: None,
        band_without_all: without(&band_without_ours, taken),
        band_without_ours,
        band,
        ours: clip(ours),
    }
}

/// Our bound, where it is between some couplings.
fn our_bound(bound: &Bound, ends: (f64, f64)) -> Option<f64> {
    let first = bound.crossings.first().filter(|crossing| crossing.up).map(|crossing| crossing.coupling);
    first.filter(|coupling| *coupling >= ends.0 && *coupling < ends.1)
}

/// The couplings above the level.
fn excluded(bound: &Bound) -> Intervals {
    let mut intervals = Vec::new();
    let mut from = (!bound.standard_model_allowed).then_some(0.0);
    for crossing in &bound.crossings {
        match (crossing.up, from) {
            (true, None) => from = Some(crossing.coupling),
            (false, Some(low)) => {
                intervals.push((low, crossing.coupling));
                from = None;
            }
            _ => {}
        }
    }
    intervals.extend(from.map(|low| (low, f64::INFINITY)));
    intervals
}

/// Decades of mass x decades of coupling, by the trapezoidal rule over the masses.
fn area<'a>(masses: &[f64], columns: impl Iterator<Item = &'a Intervals>) -> f64 {
    let lengths: Vec<f64> = columns
        .map(|intervals| intervals.iter().filter(|(low, _)| *low > 0.0).map(|(low, high)| (high / low).log10()).sum())
        .collect();
    let widths = masses.windows(2).map(|pair| (pair[1] / pair[0]).log10());
    // An empty sum is -0.
    0.0 + lengths.windows(2).zip(widths).map(|(pair, width)| 0.5 * (pair[0] + pair[1]) * width).sum::<f64>()
}

/// From the smallest to the largest coupling.
fn extent(intervals: &Intervals) -> Option<(f64, f64)> {
    Some((intervals.first()?.0, intervals.last()?.1))
}

/// Runs of neighbouring masses at which there is something.
fn patches(masses: &[f64], extents: impl Iterator<Item = Option<(f64, f64)>>) -> Vec<Patch> {
    let mut found: Vec<Patch> = Vec::new();
    let mut inside = false;
    for (mass, extent) in masses.iter().zip(extents) {
        match (extent, found.last_mut().filter(|_| inside)) {
            (Some((low, high)), Some(patch)) => {
                patch.mass_mev.1 = *mass;
                patch.coupling = (patch.coupling.0.min(low), patch.coupling.1.max(high));
            }
            (Some(coupling), None) => found.push(Patch { mass_mev: (*mass, *mass), coupling }),
            (None, _) => {}
        }
        inside = extent.is_some();
    }
    found
}

/// What the paper says of a model (arXiv:2202.11002, section 4).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Statement {
    /// Whether the explanation of the muon's magnetic moment is excluded; none where the paper does not say.
    pub muon_excluded: Option<bool>,
    /// Where the bound is new.
    pub strongest: Option<Patch>,
}

/// The paper's statement on a model.
pub fn published(model: &str) -> Statement {
    let muon_excluded = match model {
        "universal" | "b-l" | "by+lmu+ltau" | "b-3lmu" | "b-2le-lmu" | "b-le-2lmu" => Some(true),
        "le-lmu" | "lmu-ltau" => Some(false),
        _ => None,
    };
    let strongest = (model == "b-l").then_some(Patch { mass_mev: (10.0, 200.0), coupling: (5e-5, 3e-4) });
    Statement { muon_excluded, strongest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::limits::Crossing;

    fn bound_at(mass_mev: f64, crossings: &[(f64, bool)]) -> Bound {
        let crossings = crossings.iter().map(|&(coupling, up)| Crossing { coupling, up }).collect();
        Bound { mass_mev, crossings, standard_model_allowed: true, level: 0.0 }
    }

    #[test]
    fn strips_and_others_are_taken_out() {
        // Excluded above 1e-4 but for a strip from 1e-3 to 2e-3; others have 5e-5 to 2e-4 and all above 1e-2.
        let bound = bound_at(1.0, &[(1e-4, true), (1e-3, false), (2e-3, true)]);
        let taken = [(5e-5, 2e-4), (1e-2, 3.0)];
        let column = column(&bound, &taken, Some((5e-4, 1.5e-3)), (1e-6, 1.0));
        assert_eq!(column.ours, [(1e-4, 1e-3), (2e-3, 1.0)]);
        assert_eq!(column.only_ours, [(2e-4, 1e-3), (2e-3, 1e-2)]);
        assert_eq!(column.strongest, None);
        assert_eq!((column.band_without_ours, column.band_without_all), (vec![(1e-3, 1.5e-3)], vec![(1e-3, 1.5e-3)]));
    }

    #[test]
    fn areas_are_in_decades() {
        // By hand: two decades of mass, and from 1 to 3 decades of coupling along them.
        let columns = [vec![(1e-3, 1e-2)], vec![(1e-4, 1e-3), (1e-2, 1e-1)], vec![(1e-4, 1e-1)]];
        assert!((area(&[1.0, 10.0, 100.0], columns.iter()) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn areas_of_a_map_are_those_of_its_spans() {
        // By hand: two decades of mass by the two of coupling up to 1; others have the upper one at the first two masses,
        // so that trapezoids of 1 x 1 and 1 x (1 + 2)/2 are left.
        let spans = vec![vec![Span { low: 1e-2, high: 10.0 }]; 3];
        let outline = vec![[0.5, 1e-1], [50.0, 1e-1], [50.0, 3.0], [0.5, 3.0]];
        let other = KnownLimit { name: "x".into(), outlines: vec![outline], ..KnownLimit::default() };
        let found = areas(&spans, &[1.0, 10.0, 100.0], (1e-6, 1.0), &[other]);
        assert!((found.ours - 4.0).abs() < 1e-12 && (found.only_ours - 2.5).abs() < 1e-12, "{found:?}");
        let above = areas(&spans, &[1.0, 10.0, 100.0], (10.0, 100.0), &[]);
        assert_eq!(above, Areas { ours: 0.0, only_ours: 0.0 });
    }

    #[test]
    fn patches_are_runs_of_masses() {
        let extents = [None, Some((1.0, 2.0)), Some((0.5, 1.5)), None, Some((3.0, 4.0))];
        let found = patches(&[1.0, 2.0, 3.0, 4.0, 5.0], extents.into_iter());
        let patch = |mass_mev, coupling| Patch { mass_mev, coupling };
        assert_eq!(found, [patch((2.0, 3.0), (0.5, 2.0)), patch((5.0, 5.0), (3.0, 4.0))]);
    }
}
