//! chi2_min of an observation over the plane, and at one mass: an exact scan over fixed templates, then parabolas on
//! finer points around each minimum that could be the lowest, in the coupling and along the valley in the mass. What is
//! tried next is tried for all minima at once: rows of many points are what the kernels are fast at.

use crate::Result;
use crate::analysis::{Analysis, Scratch};
use crate::rates::Point;

use super::templates::{Row, Templates};

/// Couplings between two neighbours of a minimum that are tried.
pub(super) const BETWEEN: usize = 8;
/// Minima of the first scan that are refined, at most.
const CANDIDATES: usize = 12;
/// How much of what chi2 rises by to the next steps may be hidden between two of them: of a parabola an eighth.
const HIDDEN: f64 = 0.5;
/// What a minimum between two steps is refined by once more, in units of its points' spacing.
const CLOSER: f64 = 0.6;
/// How much lower a valley may be between two masses of the scan.
const BETWEEN_MASSES: f64 = 0.3;
/// What is above the lowest minimum by more than this is not followed along the valley.
pub(super) const FOLLOWED: f64 = 1.0;
/// The templates of a truth, for any number of toys.
pub struct Search {
    pub(super) templates: Templates,
}

/// What a toy gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum {
    /// chi2 at the truth.
    pub chi2_truth: f64,
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Smallest chi2 over the plane, 0.1 MeV to 100 GeV and all couplings, 0 included.
    pub chi2: f64,
    /// Where: mass (MeV) and coupling, 0 for the Standard Model.
    pub point: Point,
    /// Smallest chi2 over couplings at the truth's mass, and where.
    pub chi2_at_mass: f64,
    /// Coupling there.
    pub coupling_at_mass: f64,
}

/// A minimum over couplings at one mass.
#[derive(Clone, Copy)]
pub(super) struct Valley {
    /// Which of the rows.
    pub row: usize,
    pub chi2: f64,
    pub ln_coupling: f64,
    /// Of the points that it was found with, in ln g.
    spacing: f64,
}

impl Search {
    /// For toys of a truth at `point`.
    ///
    /// # Errors
    /// A model that does not change the counts at all.
    pub fn new(analysis: &Analysis, point: Point) -> Result<Search> {
        Ok(Search { templates: Templates::new(analysis, point)? })
    }

    /// What is tried on every toy.
    pub(super) fn templates(&self) -> &Templates {
        &self.templates
    }

    /// The minimum of a toy, which is the analysis with another observation; none where a fit that it rests on failed.
    pub fn minimum(&self, toy: &Analysis) -> Option<Minimum> {
        let mut fits = Fits::new(toy);
        let templates = &self.templates;
        let scanned = toy.chi2_of_counts(&templates.counts, &mut fits.scratch);
        let standard_model = templates.standard_model();
        let (chi2_sm, chi2_truth) = (scanned[standard_model], scanned[standard_model + 1]);
        if !(chi2_sm.is_finite() && chi2_truth.is_finite()) {
            return None;
        }
        let refined = self.refine(&mut fits, &self.candidates(&scanned), &scanned);
        let refined = self.sharpen(&mut fits, refined);
        let own = templates.rows.len() - 1;
        let truth = templates.truth;
        let mut best = (chi2_sm, Point { mass_mev: truth.mass_mev, coupling: 0.0 });
        let mut consider = |chi2: f64, point: Point| {
            if chi2 < best.0 {
                best = (chi2, point);
            }
        };
        consider(chi2_truth, truth);
        for valley in &refined {
            consider(valley.chi2, self.at(&templates.rows[valley.row], valley.ln_coupling));
        }
        for (chi2, point) in self.along(&mut fits, &refined) {
            consider(chi2, point);
        }
        let at_mass = refined.iter().filter(|valley| valley.row == own);
        let at_mass = at_mass.min_by(|a, b| a.chi2.total_cmp(&b.chi2));
        let mut own_best = (chi2_sm, 0.0);
        for (chi2, coupling) in
            [(chi2_truth, truth.coupling)].into_iter().chain(at_mass.map(|v| (v.chi2, v.ln_coupling.exp())))
        {
            if chi2 < own_best.0 {
                own_best = (chi2, coupling);
            }
        }
        Some(Minimum {
            chi2_truth,
            chi2_sm,
            chi2: best.0.min(own_best.0),
            point: best.1,
            chi2_at_mass: own_best.0,
            coupling_at_mass: own_best.1,
        })
    }

    fn at(&self, row: &Row, ln_coupling: f64) -> Point {
        Point { mass_mev: row.mass_mev, coupling: ln_coupling.exp() }
    }

    /// Local minima over the couplings of each row, (row, step), that could hide the lowest; always those of the truth's
    /// own mass.
    fn candidates(&self, scanned: &[f64]) -> Vec<(usize, usize)> {
        let steps = self.templates.steps.len();
        let own = self.templates.rows.len() - 1;
        let lowest = scanned.iter().copied().fold(f64::INFINITY, f64::min);
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for (row, chi2) in scanned.chunks(steps).take(own + 1).enumerate() {
            for step in 1..steps - 1 {
                let (before, here, after) = (chi2[step - 1], chi2[step], chi2[step + 1]);
                let depth = HIDDEN * (before - here).max(after - here);
                // Those of the own mass count however far they are above the lowest of the plane.
                let could_be_lowest = row == own || here - depth <= lowest + BETWEEN_MASSES;
                if here <= before && here <= after && could_be_lowest {
                    found.push((here, row, step));
                }
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Those of the own mass are never crowded out.
        let (kept, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, row, _)| *row == own);
        kept.into_iter().chain(others.into_iter().take(CANDIDATES)).map(|(_, row, step)| (row, step)).collect()
    }

    /// The minima between the neighbours of some steps.
    fn refine(&self, fits: &mut Fits, candidates: &[(usize, usize)], scanned: &[f64]) -> Vec<Valley> {
        let steps = &self.templates.steps;
        let mut points: Vec<[(f64, f64); BETWEEN + 2]> = Vec::with_capacity(candidates.len());
        for (row, step) in candidates {
            let own = &self.templates.rows[*row];
            let (low, high) = (steps[step - 1], steps[step + 1]);
            let mut places: [(f64, f64); BETWEEN + 2] = std::array::from_fn(|i| {
                (own.natural.ln() + low + (high - low) * i as f64 / (BETWEEN + 1) as f64, f64::NAN)
            });
            places[0].1 = scanned[row * steps.len() + step - 1];
            places[BETWEEN + 1].1 = scanned[row * steps.len() + step + 1];
            places[1..=BETWEEN].iter().for_each(|place| fits.add(own, place.0));
            points.push(places);
        }
        let chi2 = fits.chi2();
        let groups = candidates.iter().zip(&mut points).zip(chi2.chunks(BETWEEN));
        groups
            .map(|(((row, _), points), chi2)| {
                points[1..=BETWEEN].iter_mut().zip(chi2).for_each(|(point, chi2)| point.1 = *chi2);
                let (ln_coupling, chi2) = vertex(points);
                Valley { row: *row, chi2, ln_coupling, spacing: points[1].0 - points[0].0 }
            })
            .collect()
    }

    /// The same minima by points closer to them, of those that count: near the lowest, or at the truth's own mass.
    fn sharpen(&self, fits: &mut Fits, mut refined: Vec<Valley>) -> Vec<Valley> {
        let own = self.templates.rows.len() - 1;
        let leader = refined.iter().map(|valley| valley.chi2).fold(f64::INFINITY, f64::min);
        let counts = |valley: &Valley| valley.row == own || valley.chi2 < leader + FOLLOWED;
        let place = |valley: &Valley, i: usize| {
            valley.ln_coupling + CLOSER * valley.spacing * (2.0 * i as f64 / (BETWEEN - 1) as f64 - 1.0)
        };
        for valley in refined.iter().filter(|valley| counts(valley)) {
            (0..BETWEEN).for_each(|i| fits.add(&self.templates.rows[valley.row], place(valley, i)));
        }
        let chi2 = fits.chi2();
        for (valley, chi2) in refined.iter_mut().filter(|valley| counts(valley)).zip(chi2.chunks(BETWEEN)) {
            let points: [(f64, f64); BETWEEN] = std::array::from_fn(|i| (place(valley, i), chi2[i]));
            (valley.ln_coupling, valley.chi2) = vertex(&points);
        }
        refined
    }
}

/// The lowest of some points, (place, value) by increasing place, and the vertex of the parabola through it and its
/// neighbours where it has two.
pub(super) fn vertex(points: &[(f64, f64)]) -> (f64, f64) {
    let Some(lowest) = (0..points.len()).min_by(|a, b| points[*a].1.total_cmp(&points[*b].1)) else {
        return (f64::NAN, f64::INFINITY);
    };
    let here = points[lowest];
    if lowest == 0 || lowest + 1 == points.len() {
        return here;
    }
    let (before, after) = (points[lowest - 1], points[lowest + 1]);
    let (a, b) = (before.0 - here.0, after.0 - here.0);
    let (fa, fb) = (before.1 - here.1, after.1 - here.1);
    // f = s t + c t^2 through 0, a and b.
    let curvature = (fa / a - fb / b) / (a - b);
    let slope = fa / a - curvature * a;
    if !(curvature > 0.0 && curvature.is_finite()) {
        return here;
    }
    let at = (-0.5 * slope / curvature).clamp(a, b);
    (here.0 + at, here.1 + at * (slope + curvature * at))
}

/// A toy with the memory of its fits, and the points that are due.
pub(super) struct Fits<'a> {
    pub toy: &'a Analysis,
    scratch: Scratch,
    counts: Vec<Vec<f64>>,
}

impl Fits<'_> {
    fn new(toy: &Analysis) -> Fits<'_> {
        Fits { toy, scratch: toy.scratch(), counts: vec![Vec::new(); toy.predictions.len()] }
    }

    /// One more point.
    pub(super) fn add(&mut self, row: &Row, ln_coupling: f64) {
        row.push_counts(ln_coupling.exp(), &mut self.counts);
    }

    /// chi2 of all data at the points that are due, in their order; infinite where a fit failed.
    pub(super) fn chi2(&mut self) -> Vec<f64> {
        if self.counts.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let chi2 = self.toy.chi2_of_counts(&self.counts, &mut self.scratch);
        self.counts.iter_mut().for_each(Vec::clear);
        chi2
    }
}
