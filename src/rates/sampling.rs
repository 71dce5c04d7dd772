//! Where recoil energies are sampled: Gauss rules that are as fine as the response needs and no finer, and the check that
//! they are fine enough.
//!
//! The integral is cut at the end points of the flavours, at kinks of tabulated spectra, and around whatever a sharp
//! response shows ([`features`]). In each piece the smallest rule is taken that agrees with the finest; a piece where none
//! does is cut further, at a row of the flux or in the middle. It begins where the response ends: downwards until no bin
//! gains more, be the mediator massless.

mod edges;
mod eye;
mod features;
mod integrand;
mod refusal;

use std::ops::Range;

use crate::Result;
use crate::base::quadrature::Rule;
use crate::dataset::Dataset;
use crate::physics::detector::Matrix;

use super::process::Process;
use edges::{MAX_LOG_PIECE, add_kinks, highest_energy_mev, lowest_energy_mev, merged, rows_mev, split};
use eye::Eye;
use integrand::{Integrals, Integrand, Moments};

/// How finely recoil energies are sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fineness {
    /// Nodes in every piece, in quarters of the default: 2 and 8 must give the same counts to 1e-6.
    pub quarters: usize,
}

impl Default for Fineness {
    fn default() -> Self {
        Fineness { quarters: 4 }
    }
}

/// Numbers of nodes that are tried in a piece; each is even, so that half of it is a rule too.
const LADDER: [usize; 8] = [8, 12, 16, 20, 24, 32, 40, 48];
/// The same between the rows of a table, which are near each other and many.
const TABLE_LADDER: [usize; 5] = [4, 6, 8, 12, 16];
/// Half the nodes may change no bin's response by more than this, relative.
const TRIAL_TOLERANCE: f64 = 1e-7;
/// Counts below this have no digits left for the differences that they are judged by.
const SMALLEST_COUNT: f64 = 1e-280;
/// The nodes taken may change no bin's count by more than this in a piece, relative ...
const PIECE_TOLERANCE: f64 = 2e-7;
/// ... of so many pieces; less where there are more.
const FEW_PIECES: f64 = 16.0;
/// The part of that which is asked for where it was not enough.
const STRICTER: f64 = 0.1;
/// The contract: all pieces together may be off by this much of a bin's count.
const CONTRACT: f64 = 1e-6;
/// Bins with less than this part of the fullest bin's count are not looked at alone.
const EMPTY_BIN: f64 = 1e-15;
/// What a piece below the lowest energy may add to any bin, relative.
const NEGLIGIBLE_PIECE: f64 = 1e-10;
/// No recoil below this energy (MeV) is sampled: masses from 1e-9 MeV on do not see it, even where the response has no end.
const LOWEST_RECOIL_MEV: f64 = 1e-33;
/// Points that stand for the weight function, for each node of the rule: Stieltjes' procedure loses orthogonality where
/// a measure has hardly more points than the rule.
const POINTS_PER_NODE: usize = 3;
/// Intervals of a piece on which an efficiency without kinks is taken.
const STEPS_OF_A_CURVE: u32 = 64;
/// Shortest piece that is cut, in ln(T').
const SHORTEST_PIECE: f64 = 1e-9;
/// Most numbers in the response of one nucleus: 160 MB.
const MOST_NUMBERS: usize = 20_000_000;

/// Recoil energies of one process with their response, shared by the flavours.
#[derive(Default)]
pub(super) struct Sampled {
    /// Energies (MeV) and weights, the selection efficiency included.
    pub rule: Rule,
    /// Responses, one for each node; none where they are those of a table.
    pub rows: Vec<Vec<f64>>,
    /// Those of the dataset's variations, up and down of each: `[nodes][variations][2][bins]`. With them the selection
    /// efficiency is a part of all responses, not of the weights.
    pub varied: Vec<Vec<f64>>,
    /// The row of each node, and how far it is to the next.
    pub places: Vec<(usize, f64)>,
}

impl Sampled {
    /// Pieces of at most [`MAX_LOG_PIECE`], with an edge at every end point of a flavour (nu_mu's line makes a kink
    /// there) and wherever the process jumps. In each the selection efficiency, which has kinks of its own, is the weight function of a Gauss rule.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a bin's count is off by more than 1e-6 of it, or would take too many nodes.
    pub fn new(dataset: &Dataset, process: &Process, fineness: Fineness) -> Result<Sampled> {
        let eye = Eye::new(dataset, process);
        let is_varied = eye.is_varied();
        let integrand = Integrand { dataset, process, response: eye.binned(is_varied), bins: eye.bins() };
        let components = dataset.source.components.iter();
        let mut end_points: Vec<f64> = components.map(|component| integrand.end_point_mev(component)).collect();
        end_points.retain(|end| *end > 0.0);
        end_points.sort_by(f64::total_cmp);
        let Some(&highest) = end_points.last() else { return Ok(Sampled::default()) };
        if let Some(matrix) = process.response.matrix() {
            return Sampled::between_rows(integrand, matrix, &end_points, fineness);
        }
        let seen = eye.binned(true);
        let mut sharp = eye.sharp_features_mev(highest);
        if is_varied {
            // No measure holds the selections of all of them.
            sharp = merged(sharp, eye.kinks_mev(highest));
        }
        // Neutrinos give electrons far more energy than any window of low energies sees.
        let highest = highest_energy_mev(&seen, highest, sharp.iter().rfind(|t| **t < highest).copied());
        end_points.iter_mut().for_each(|end| *end = end.min(highest));
        end_points.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * highest);
        let mut edges = vec![lowest_energy_mev(&seen, highest, sharp.first().copied())];
        edges.extend(&end_points);
        let lowest = edges[0];
        let sharp = merged(sharp, process.jumps_mev());
        edges.extend(sharp.iter().filter(|t| lowest < **t && **t < highest));
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|a, b| *a - *b <= 1e-12 * *b && !end_points.contains(a));
        let rows = rows_mev(dataset, process, highest);
        add_kinks(&rows, &mut edges);
        let sampler = Sampler {
            integrand,
            ladder: &LADDER,
            kinks: process.response.kinks_mev(highest),
            cuts: merged(rows, sharp),
            most_nodes: MOST_NUMBERS / eye.bins(),
            weighs_selection: !(is_varied || process.response.selects_reconstructed()),
        };
        let mut sampled = sampler.sample(&end_points, &edges, fineness)?;
        let bins = dataset.energy_bins();
        sampled.varied = sampled.rows.iter_mut().map(|row| row.split_off(bins)).collect();
        Ok(sampled)
    }

    /// Pieces between the rows of a table: nothing is seen below the first.
    fn between_rows<F: Fn(f64) -> Vec<f64>>(
        integrand: Integrand<F>,
        matrix: &Matrix,
        end_points: &[f64],
        fineness: Fineness,
    ) -> Result<Sampled> {
        let highest = end_points.last().copied().unwrap_or(0.0);
        let kinks = integrand.process.response.kinks_mev(highest);
        let Some(&lowest) = kinks.first() else { return Ok(Sampled::default()) };
        let mut seen: Vec<f64> = end_points.iter().copied().filter(|end| *end > lowest).collect();
        seen.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * highest);
        let edges = merged(kinks, seen.clone());
        let sampler = Sampler {
            cuts: rows_mev(integrand.dataset, integrand.process, highest),
            most_nodes: MOST_NUMBERS / integrand.bins,
            weighs_selection: false,
            integrand,
            ladder: &TABLE_LADDER,
            kinks: Vec::new(),
        };
        let mut sampled = sampler.sample(&seen, &edges, fineness)?;
        sampled.rows.clear();
        let place = |t: &f64| matrix.place(*t).unwrap_or((0, 0.0));
        sampled.places = sampled.rule.nodes.iter().map(place).collect();
        Ok(sampled)
    }

    fn push(&mut self, rule: Rule, response: impl Fn(f64) -> Vec<f64>) {
        self.places.extend((0..rule.nodes.len()).map(|node| (self.rows.len() + node, 0.0)));
        self.rows.extend(rule.nodes.iter().map(|t| response(*t)));
        self.rule.nodes.extend(rule.nodes);
        self.rule.weights.extend(rule.weights);
    }

    /// Indices of the nodes below a recoil energy (MeV).
    pub fn below(&self, recoil_energy_mev: f64) -> Range<usize> {
        0..self.rule.nodes.partition_point(|t| *t < recoil_energy_mev)
    }
}

/// A piece of the integral and what the finest rule finds there.
struct Piece {
    edges: [f64; 2],
    finest: Integrals,
}

struct Sampler<'a, F: Fn(f64) -> Vec<f64>> {
    integrand: Integrand<'a, F>,
    /// Numbers of nodes that are tried.
    ladder: &'static [usize],
    /// Where the selection efficiency bends (MeV).
    kinks: Vec<f64>,
    /// Where a piece is cut best (MeV), increasing.
    cuts: Vec<f64>,
    most_nodes: usize,
    /// Whether the selection efficiency is a part of the weights.
    weighs_selection: bool,
}

/// Totals that the pieces are judged against.
struct Totals {
    trial: Moments,
    raised_trial: Moments,
    events: Moments,
    tolerance: f64,
}

/// What was taken, and how far it may be off.
#[derive(Default)]
struct Taken {
    sampled: Sampled,
    events: Moments,
    errors: Moments,
    /// The piece with the largest error for each entry is the one to name: (error relative to the total, edges).
    worst_piece: (f64, [f64; 2]),
}

impl<F: Fn(f64) -> Vec<f64>> Sampler<'_, F> {
    fn sample(&self, end_points: &[f64], edges: &[f64], fineness: Fineness) -> Result<Sampled> {
        let bins = self.integrand.bins;
        // All flavours that end at one energy see the pieces up to it and no others.
        let mut flavours: Vec<Vec<Piece>> = end_points.iter().map(|_| Vec::new()).collect();
        if edges.len() * self.ladder[0] > self.most_nodes {
            return Err(self.too_many_nodes(&[edges[0], edges[1]]));
        }
        for interval in edges.windows(2) {
            let flavour = end_points.partition_point(|end| *end < interval[1]);
            let cuts = split(interval);
            flavours[flavour].extend(cuts.windows(2).map(|piece| self.piece([piece[0], piece[1]])));
        }
        let mut events = Moments::default();
        flavours.iter().flatten().for_each(|piece| events.add(piece.finest.events.0.iter().copied()));
        self.extend_downwards(edges[0], &mut flavours[0], &mut events);
        let pieces = flavours.iter().map(Vec::len).sum::<usize>();
        let tolerance = PIECE_TOLERANCE * (FEW_PIECES / pieces as f64).min(1.0);
        self.require_range(&events)?;
        let events = events.raised_by_limit(bins, EMPTY_BIN);
        let take = |strictness: f64| {
            let taken = self.take_all(&flavours, &events, tolerance * strictness, fineness)?;
            self.require_contract(&taken).map(|()| taken.sampled)
        };
        // Errors of many pieces add up; where they do, each must be smaller.
        take(1.0).or_else(|_| take(STRICTER)).or_else(|_| take(STRICTER * STRICTER))
    }

    fn take_all(&self, flavours: &[Vec<Piece>], events: &Moments, tolerance: f64, fineness: Fineness) -> Result<Taken> {
        let mut taken = Taken::default();
        let mut below = Moments::default();
        for flavour in flavours {
            let trial = flavour.iter().fold(below, |sum, piece| sum.plus(&piece.finest.trial));
            let raised_trial = trial.raised(self.integrand.bins, EMPTY_BIN);
            let totals = Totals { trial: trial.clone(), raised_trial, events: events.clone(), tolerance };
            for piece in flavour {
                self.take(piece, &totals, fineness, &mut taken)?;
            }
            below = trial;
        }
        Ok(taken)
    }

    fn piece(&self, edges: [f64; 2]) -> Piece {
        Piece { edges, finest: self.integrals(&edges, self.finest()) }
    }

    fn finest(&self) -> usize {
        self.ladder[self.ladder.len() - 1]
    }

    fn integrals(&self, piece: &[f64], points: usize) -> Integrals {
        self.integrand.integrals(&self.rule(piece, points))
    }

    /// Adds pieces below until none adds to any bin, whatever the mediator: the response ends there.
    fn extend_downwards(&self, mut lowest: f64, first: &mut Vec<Piece>, total: &mut Moments) {
        let mut below = Vec::new();
        while lowest > LOWEST_RECOIL_MEV {
            let piece = self.piece([lowest * (-MAX_LOG_PIECE).exp(), lowest]);
            let added = &piece.finest.events;
            if added.agrees_with(&Moments(vec![0.0; added.0.len()]), total, NEGLIGIBLE_PIECE) {
                break;
            }
            total.add(added.0.iter().copied());
            lowest = piece.edges[0];
            below.push(piece);
        }
        first.splice(0..0, below.into_iter().rev());
    }

    /// Takes the smallest rule that will do, or cuts the piece in two.
    fn take(&self, piece: &Piece, totals: &Totals, fineness: Fineness, taken: &mut Taken) -> Result<()> {
        let edges = &piece.edges;
        if taken.sampled.rule.nodes.len() > self.most_nodes {
            return Err(self.too_many_nodes(edges));
        }
        let finest = &piece.finest;
        let accurate = |events: &Moments| events.agrees_with(&finest.events, &totals.events, totals.tolerance);
        for &points in self.ladder {
            let half = self.integrals(edges, points / 2);
            let agrees = |total| half.trial.agrees_with(&finest.trial, total, TRIAL_TOLERANCE);
            if points == self.finest() {
                let sharp = !(agrees(&totals.raised_trial) && accurate(&half.events));
                if sharp && let Some(cut) = self.cut(edges) {
                    self.take(&self.piece([edges[0], cut]), totals, fineness, taken)?;
                    return self.take(&self.piece([cut, edges[1]]), totals, fineness, taken);
                }
                return self.push(piece, points, &half, totals, fineness, taken);
            }
            if agrees(&totals.trial) {
                let own = self.integrals(edges, points);
                if accurate(&own.events) {
                    return self.push(piece, points, &own, totals, fineness, taken);
                }
            }
        }
        Ok(())
    }

    fn push(
        &self,
        piece: &Piece,
        points: usize,
        compared: &Integrals,
        totals: &Totals,
        fineness: Fineness,
        taken: &mut Taken,
    ) -> Result<()> {
        let finest = &piece.finest.events;
        let errors = finest.0.iter().zip(&compared.events.0).map(|(a, b)| (a - b).abs());
        let relative = errors.clone().zip(&totals.events.0).map(|(error, total)| error / total.max(f64::MIN_POSITIVE));
        let worst = relative.fold(0.0, f64::max);
        if worst > taken.worst_piece.0 {
            taken.worst_piece = (worst, piece.edges);
        }
        taken.errors.add(errors);
        taken.events.add(finest.0.iter().copied());
        taken.sampled.push(self.rule(&piece.edges, points * fineness.quarters / 4), &self.integrand.response);
        Ok(())
    }

    /// Where to cut a piece: at the row of a table or the feature that is nearest to its middle, else there.
    fn cut(&self, piece: &[f64; 2]) -> Option<f64> {
        let length = (piece[1] / piece[0]).ln();
        if length <= 2.0 * SHORTEST_PIECE {
            return None;
        }
        let middle = (piece[0] * piece[1]).sqrt();
        let inside = |t: &&f64| **t > piece[0] * (1.0 + SHORTEST_PIECE) && **t < piece[1] * (1.0 - SHORTEST_PIECE);
        let after = self.cuts.partition_point(|t| *t < middle);
        let near = self.cuts[..after].iter().rev().take(1).chain(self.cuts[after..].iter().take(1)).filter(inside);
        let distance = |t: &f64| (t / middle).ln().abs();
        Some(near.copied().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(middle))
    }

    /// Gauss rule of `points` nodes over a piece, with the selection efficiency as weight function.
    fn rule(&self, piece: &[f64], points: usize) -> Rule {
        let response = &self.integrand.process.response;
        if !self.weighs_selection {
            return Rule::piecewise(piece, &[points]);
        }
        let mut edges = vec![piece[0]];
        if self.kinks.is_empty() {
            // A smooth curve may still be steep.
            let step = (piece[1] / piece[0]).ln() / f64::from(STEPS_OF_A_CURVE);
            edges.extend((1..STEPS_OF_A_CURVE).map(|i| piece[0] * (step * f64::from(i)).exp()));
        }
        edges.extend(self.kinks.iter().filter(|kink| piece[0] < **kink && **kink < piece[1]));
        edges.push(piece[1]);
        // Between kinks the weight is linear in E_ee: `points + 2` make the measure exact for what the rule is exact for.
        let intervals = edges.len() - 1;
        let between_kinks = (points + 2).max((POINTS_PER_NODE * points).div_ceil(intervals));
        let mut fine = Rule::piecewise(&edges, &vec![between_kinks; intervals]);
        for (weight, t) in fine.weights.iter_mut().zip(&fine.nodes) {
            *weight *= response.selected(*t);
        }
        // A piece in which nothing is selected has no measure and needs no nodes.
        if fine.weights.iter().all(|weight| *weight == 0.0) { Rule::default() } else { fine.compress(points) }
    }
}
