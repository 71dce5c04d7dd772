//! From the dark photon's limit to that of another boson, mass by mass.

use rayon::prelude::*;

use crate::Result;

use super::couplings::Vector;
use super::curve::{Curve, Exclusion, NoLimit, Row};
use super::efficiency::{Ratios, above_grid, behind, below_grid, within};
use super::hadrons::Hadrons;
use super::limit::{LimitColumns, Search};
use super::production::Production;
use super::widths::{FinalState, Settings, Widths};

/// The numbers of one limit by increasing mass (GeV).
#[derive(Debug, Clone, PartialEq)]
pub enum Published {
    /// Lower ends, where there are any.
    Single(Vec<(f64, Option<f64>)>),
    /// Lower and upper ends.
    Double(Vec<(f64, Option<(f64, f64)>)>),
    /// Pairs of coupling and r by increasing coupling.
    RValues(Vec<(f64, Vec<(f64, f64)>)>),
}

/// What stands on both sides of every recast to one boson.
pub struct Bosons<'a> {
    /// The boson that limits were set for.
    pub source: &'a Vector,
    /// The boson that limits are wanted for.
    pub target: &'a Vector,
    /// What is assumed of the target beyond its charges.
    pub settings: Settings,
    /// Hadronic decays of both.
    pub hadrons: &'a Hadrons,
}

/// The limit of a search on the target's coupling: F(g) = 1, F the signal over that at the source's limit.
///
/// # Errors
/// None in practice.
pub fn recast(search: &Search, published: &Published, production: &Production, bosons: &Bosons) -> Result<Curve> {
    let at = |mass_gev: f64| AtMass::new(search, production, bosons, mass_gev);
    let row = |mass_gev: f64, excluded: Result<Result<Exclusion, NoLimit>>| Ok(Row { mass_gev, excluded: excluded? });
    let rows = match published {
        Published::Single(points) => points
            .par_iter()
            .map(|&(mass, lower)| row(mass, lower.map_or(Ok(Err(NoLimit::NotInSource)), |g| at(mass).single(g))))
            .collect::<Result<_>>(),
        Published::Double(points) => points
            .par_iter()
            .map(|&(mass, ends)| row(mass, ends.map_or(Ok(Err(NoLimit::NotInSource)), |ends| at(mass).double(ends))))
            .collect(),
        Published::RValues(grids) => {
            grids.par_iter().map(|(mass, grid)| row(*mass, at(*mass).r_values(grid))).collect()
        }
    };
    Ok(Curve { rows: rows? })
}

/// Source and target at one mass.
struct AtMass<'a> {
    search: &'a Search,
    mass_gev: f64,
    source_width_gev: f64,
    /// Why there is no limit, where there is none.
    ratios: Result<Ratios, NoLimit>,
}

impl AtMass<'_> {
    fn new<'a>(search: &'a Search, production: &Production, bosons: &Bosons, mass_gev: f64) -> AtMass<'a> {
        let widths = |vector: &Vector, settings: Settings| {
            let couplings = vector.couplings(mass_gev);
            (couplings, Widths::new(&couplings, bosons.hadrons, settings, mass_gev))
        };
        let assumed = Settings::default();
        let (source, source_widths) = widths(bosons.source, assumed);
        let (target, target_widths) = widths(bosons.target, bosons.settings);
        let source_to = |states: &[FinalState]| source_widths.to(states, bosons.hadrons, assumed);
        let source_total = search.source_width.as_ref().map_or(source_widths.total(), |all| source_to(all));
        let source_branching =
            search.source_branching.unwrap_or_else(|| source_to(&search.final_states) / source_total);
        let target_branching =
            target_widths.to(&search.final_states, bosons.hadrons, bosons.settings) / target_widths.total();
        let produced = production.ratio(&target, &source, mass_gev);
        let ratios = Ratios {
            signal: produced * target_branching / source_branching,
            width: target_widths.total() / source_total,
        };
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let ratios = if !positive(produced) {
            Err(NoLimit::NotProduced)
        } else if !(positive(ratios.signal) && positive(ratios.width)) {
            Err(NoLimit::FinalStateClosed)
        } else {
            Ok(ratios)
        };
        AtMass { search, mass_gev, source_width_gev: source_total, ratios }
    }

    fn single(&self, coupling: f64) -> Result<Result<Exclusion, NoLimit>> {
        let ratios = match self.ratios {
            Ok(ratios) => ratios,
            Err(reason) => return Ok(Err(reason)),
        };
        let factor = match self.search.columns {
            LimitColumns::Within(window) => {
                within(window.end_s(self.mass_gev), self.source_width_gev, coupling, ratios)?
            }
            _ => ratios.signal.sqrt().recip(),
        };
        Ok(representable(coupling * factor, None))
    }

    fn double(&self, (lower, upper): (f64, f64)) -> Result<Result<Exclusion, NoLimit>> {
        let (ratios, decay_over_shield) = match (self.ratios, self.search.columns) {
            (Ok(ratios), LimitColumns::Behind(decay_over_shield)) => (ratios, decay_over_shield),
            (Ok(_), _) => return Ok(Err(NoLimit::NotInSource)),
            (Err(reason), _) => return Ok(Err(reason)),
        };
        let ends = behind(decay_over_shield, upper / lower, ratios)?;
        Ok(ends.ok_or(NoLimit::TooWeak).and_then(|(low, high)| representable(lower * low, Some(lower * high))))
    }

    /// From the smallest to the largest g with r < 1, each g the one with the lifetime that the source has at its own.
    fn r_values(&self, grid: &[(f64, f64)]) -> Result<Result<Exclusion, NoLimit>> {
        let ratios = match self.ratios {
            Ok(ratios) => ratios,
            Err(reason) => return Ok(Err(reason)),
        };
        let r = |i: usize| grid[i].1 * ratios.width / ratios.signal;
        let excluded = |i: &usize| r(*i) < 1.0;
        let (Some(first), Some(last)) = ((0..grid.len()).find(excluded), (0..grid.len()).rfind(excluded)) else {
            let anywhere = grid.iter().any(|(_, r)| *r < 1.0);
            return Ok(Err(if anywhere { NoLimit::TooWeak } else { NoLimit::NotInSource }));
        };
        let same_lifetime = ratios.width.sqrt().recip();
        let below = if first == 0 { below_grid(r(first))? } else { 1.0 };
        let above = if last + 1 == grid.len() { above_grid(r(last))? } else { 1.0 };
        Ok(representable(grid[first].0 * same_lifetime * below, Some(grid[last].0 * same_lifetime * above)))
    }
}

/// Numbers of a file that no experiment could have published may leave the range of f64: there is no limit there.
fn representable(lower: f64, upper: Option<f64>) -> Result<Exclusion, NoLimit> {
    let fine = |x: f64| x > 0.0 && x.is_finite();
    if fine(lower) && upper.is_none_or(|upper| fine(upper) && upper >= lower) {
        Ok(Exclusion { lower, upper })
    } else {
        Err(NoLimit::NotInSource)
    }
}
