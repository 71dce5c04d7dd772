//! chi2_min of an observation over the plane, and at one mass: an exact scan over fixed templates, then parabolas on
//! finer points around each minimum that could be the lowest, in the coupling and along the valley in the mass.

use crate::Result;
use crate::analysis::{Analysis, Scratch};
use crate::rates::Point;

use super::templates::{FINE_MASSES, Row, Templates};

/// Couplings between two neighbours of a minimum that are tried.
const BETWEEN: usize = 8;
/// Minima of the first scan that are refined, at most.
const CANDIDATES: usize = 12;
/// Reach in ln g around the expected floor of the valley, at a mass between those of the scan, first and last.
const VALLEY_REACH: [f64; 2] = [0.24, 0.04];
/// What is above the lowest minimum by more than this is not followed along the valley.
const FOLLOWED: f64 = 1.0;

/// The templates of a truth, for any number of toys.
pub struct Search {
    templates: Templates,
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
struct Valley {
    chi2: f64,
    ln_coupling: f64,
}

impl Search {
    /// For toys of a truth at `point`.
    ///
    /// # Errors
    /// A model that does not change the counts at all.
    pub fn new(analysis: &Analysis, point: Point) -> Result<Search> {
        Ok(Search { templates: Templates::new(analysis, point)? })
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
        let lowest = scanned.iter().copied().fold(f64::INFINITY, f64::min);
        let mut refined: Vec<(usize, Valley)> = Vec::new();
        for (row, at) in self.candidates(&scanned, lowest) {
            refined.push((row, self.refine(&mut fits, row, at, &scanned)));
        }
        let own = templates.rows.len() - 1;
        let at_mass = refined.iter().filter(|(row, _)| *row == own).map(|(_, valley)| *valley);
        let at_mass = lowest_of(at_mass);
        let truth = self.truth();
        let mut best = (chi2_sm, Point { mass_mev: truth.mass_mev, coupling: 0.0 });
        let mut consider = |chi2: f64, point: Point| {
            if chi2 < best.0 {
                best = (chi2, point);
            }
        };
        consider(chi2_truth, truth);
        for (row, valley) in &refined {
            consider(valley.chi2, self.at(&templates.rows[*row], valley.ln_coupling));
        }
        let leader = lowest_of(refined.iter().map(|(_, valley)| *valley)).map_or(f64::INFINITY, |valley| valley.chi2);
        for (row, valley) in refined.iter().filter(|(row, valley)| *row != own && valley.chi2 < leader + FOLLOWED) {
            if let Some((chi2, point)) = self.along(&mut fits, *row, *valley, &refined) {
                consider(chi2, point);
            }
        }
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

    fn truth(&self) -> Point {
        self.templates.truth
    }

    fn at(&self, row: &Row, ln_coupling: f64) -> Point {
        Point { mass_mev: row.mass_mev, coupling: ln_coupling.exp() }
    }

    /// Local minima over the couplings of each row, (row, step), that could hide the lowest; always those of the truth's
    /// own mass. Between two steps chi2 may fall below a minimum by what it rises to the next one.
    fn candidates(&self, scanned: &[f64], lowest: f64) -> Vec<(usize, usize)> {
        let steps = self.templates.steps.len();
        let own = self.templates.rows.len() - 1;
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for (row, chi2) in scanned.chunks(steps).take(own + 1).enumerate() {
            for step in 1..steps - 1 {
                let (before, here, after) = (chi2[step - 1], chi2[step], chi2[step + 1]);
                let depth = (before - here).max(after - here);
                if here <= before && here <= after && here - depth <= lowest.min(chi2[0]) {
                    found.push((here, row, step));
                }
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Those of the own mass are never crowded out.
        let (kept, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, row, _)| *row == own);
        kept.into_iter().chain(others.into_iter().take(CANDIDATES)).map(|(_, row, step)| (row, step)).collect()
    }

    /// The minimum between the neighbours of a step.
    fn refine(&self, fits: &mut Fits, row: usize, step: usize, scanned: &[f64]) -> Valley {
        let steps = &self.templates.steps;
        let own = &self.templates.rows[row];
        let (low, high) = (steps[step - 1], steps[step + 1]);
        let place = |i: usize| own.natural.ln() + low + (high - low) * i as f64 / (BETWEEN + 1) as f64;
        let mut points = vec![(place(0), scanned[row * steps.len() + step - 1])];
        points.extend((1..=BETWEEN).map(|i| (place(i), f64::NAN)));
        points.push((place(BETWEEN + 1), scanned[row * steps.len() + step + 1]));
        let chi2 = fits.chi2_of(own, points[1..=BETWEEN].iter().map(|point| point.0));
        points[1..=BETWEEN].iter_mut().zip(chi2).for_each(|(point, chi2)| point.1 = chi2);
        let lowest = vertex(&points);
        Valley { chi2: lowest.1, ln_coupling: lowest.0 }
    }

    /// The lowest place along the mass near a row's minimum: its floor at the masses between this row and its
    /// neighbours, and a parabola through the lowest three.
    fn along(&self, fits: &mut Fits, row: usize, valley: Valley, refined: &[(usize, Valley)]) -> Option<(f64, Point)> {
        let rows = &self.templates.rows;
        let last = rows.len() - 2;
        let neighbour = |other: usize| -> Valley {
            // On the same branch: the same coupling over the natural one, more or less.
            let expected = valley.ln_coupling - rows[row].natural.ln() + rows[other].natural.ln();
            let own = refined.iter().filter(|(index, _)| *index == other).map(|(_, valley)| *valley);
            own.min_by(|a, b| (a.ln_coupling - expected).abs().total_cmp(&(b.ln_coupling - expected).abs()))
                .filter(|found| (found.ln_coupling - expected).abs() < 0.5)
                .unwrap_or(Valley { chi2: f64::INFINITY, ln_coupling: expected })
        };
        let mut floor: Vec<(f64, f64, f64)> = vec![(rows[row].mass_mev.ln(), valley.chi2, valley.ln_coupling)];
        for (first, second) in [(row.checked_sub(1), Some(row)), (Some(row), (row < last).then_some(row + 1))] {
            let (Some(first), Some(second)) = (first, second) else { continue };
            let other = if first == row { second } else { first };
            let end = neighbour(other);
            if end.chi2.is_finite() {
                floor.push((rows[other].mass_mev.ln(), end.chi2, end.ln_coupling));
            }
            for fine in &self.templates.fine[first * FINE_MASSES..second * FINE_MASSES] {
                let (here, there) = (rows[row].mass_mev.ln(), rows[other].mass_mev.ln());
                let share = (fine.mass_mev.ln() - here) / (there - here);
                let scaled = |valley: Valley, of: &Row| valley.ln_coupling - of.natural.ln();
                let guess =
                    fine.natural.ln() + scaled(valley, &rows[row]) * (1.0 - share) + scaled(end, &rows[other]) * share;
                let (mut ln_coupling, mut lowest) = (guess, f64::INFINITY);
                for reach in VALLEY_REACH {
                    let step = |i: usize| reach * (2.0 * i as f64 / (BETWEEN - 1) as f64 - 1.0);
                    let couplings: Vec<f64> = (0..BETWEEN).map(|i| ln_coupling + step(i)).collect();
                    let chi2 = fits.chi2_of(fine, couplings.iter().copied());
                    let points: Vec<(f64, f64)> = couplings.into_iter().zip(chi2).collect();
                    (ln_coupling, lowest) = vertex(&points);
                }
                floor.push((fine.mass_mev.ln(), lowest, ln_coupling));
            }
        }
        floor.sort_by(|a, b| a.0.total_cmp(&b.0));
        let points: Vec<(f64, f64)> = floor.iter().map(|(ln_mass, chi2, _)| (*ln_mass, *chi2)).collect();
        let (ln_mass, chi2) = vertex(&points);
        let nearest = floor.iter().min_by(|a, b| (a.0 - ln_mass).abs().total_cmp(&(b.0 - ln_mass).abs()))?;
        Some((chi2, Point { mass_mev: ln_mass.exp(), coupling: nearest.2.exp() }))
    }
}

fn lowest_of(valleys: impl Iterator<Item = Valley>) -> Option<Valley> {
    valleys.min_by(|a, b| a.chi2.total_cmp(&b.chi2))
}

/// The lowest of some points, (place, value) by increasing place, and the vertex of the parabola through it and its
/// neighbours where it has two.
fn vertex(points: &[(f64, f64)]) -> (f64, f64) {
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

/// A toy with the memory of its fits.
struct Fits<'a> {
    toy: &'a Analysis,
    scratch: Scratch,
    counts: Vec<Vec<f64>>,
}

impl Fits<'_> {
    fn new(toy: &Analysis) -> Fits<'_> {
        Fits { toy, scratch: toy.scratch(), counts: vec![Vec::new(); toy.channels.len()] }
    }

    /// chi2 of all data at some couplings of a row; infinite where a fit failed.
    fn chi2_of(&mut self, row: &Row, ln_couplings: impl Iterator<Item = f64>) -> Vec<f64> {
        self.counts.iter_mut().for_each(Vec::clear);
        ln_couplings.for_each(|ln_coupling| row.push_counts(ln_coupling.exp(), &mut self.counts));
        self.toy.chi2_of_counts(&self.counts, &mut self.scratch)
    }
}
