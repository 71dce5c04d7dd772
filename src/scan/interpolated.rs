//! Rows on the CPU, minimised only where there is something to find.
//!
//! chi2 is analytic in ln M and ln g but for a few lines, so that most points of a dense map follow from their neighbours.
//! Masses come in the order of a dyadic grid ([`Dyadic`]). In a row whose mass is new each dataset's chi2 is predicted
//! from twelve rows; where that cannot be believed, from twelve couplings of the row itself; where neither can be, it is
//! minimised. What a point becomes follows from the plane alone: a section of rows makes the rows beside it that its own
//! are predicted from (11 (S - 1) at most on either side, of which it needs one in S to one in 2; S: the widest stride).

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Scratch as Work;
use crate::analysis::{Analysis, MassCurve};
use crate::base::simd::SimdLevel;
use crate::statistics::Status;
use crate::statistics::row::{Known, Start};

use super::dyadic::{Dyadic, NODES, Prediction, Weights};
use super::near::Near;
use super::rows::{Done, Rows, check};
use super::{Observer, Plane, predict};

/// A map of up to so many points is one section.
const POINTS_IN_ONE: usize = 1 << 25;
/// Rows in a section of a larger map: enough for those beside it to cost little.
const ROWS_IN_SECTION: usize = 1024;

/// So many doubtful points of a row are minimised at once: each list of points begins with a cold start, which costs more
/// than what a prediction from their neighbours could spare.
const FEW: usize = 128;

/// Rows that are made in one go.
pub(super) fn sections(plane: &Plane, rows: Range<usize>, tile_rows: Option<usize>) -> Vec<Range<usize>> {
    let usual = if rows.len() * plane.coupling.len() <= POINTS_IN_ONE { rows.len() } else { ROWS_IN_SECTION };
    let step = tile_rows.unwrap_or(usual).max(1);
    let end = rows.end;
    rows.step_by(step).map(|first| first..(first + step).min(end)).collect()
}

/// Rows on the CPU, interpolated, appended to `rows`.
pub(super) fn on_cpu(
    analysis: &Analysis,
    plane: &Plane,
    sections: &[Range<usize>],
    observer: &dyn Observer,
    rows: &mut Rows,
    done: &mut Done,
) -> Result<()> {
    let grid = Grid::new(analysis, plane, observer);
    for section in sections {
        let mut minimised = 0;
        rows.fill(section.len(), |chi2, status| {
            minimised = grid.section(section.clone(), chi2, status)?;
            Ok(())
        })?;
        rows.minimised.0 += minimised;
        rows.minimised.1 += section.len() * plane.coupling.len();
        done(rows, section)?;
    }
    Ok(())
}

/// A row under way: its own part of the section, or of what stands beside it.
struct Row<'a> {
    index: usize,
    /// `[minimised][couplings]`.
    chi2: Vec<&'a mut [f64]>,
    status: &'a mut [u8],
    minimised: usize,
    /// The minima that were found, for the rows between this one and the next, where there may be several: `[minimised]`.
    known: Vec<Known>,
}

struct Grid<'a> {
    analysis: &'a Analysis,
    plane: &'a Plane,
    observer: &'a dyn Observer,
    masses: Dyadic,
    couplings: Dyadic,
    simd: SimdLevel,
    /// Number of chi2 that are minimised.
    columns: usize,
}

/// Memory of a thread.
struct Scratch {
    work: Work,
    doubtful: Vec<usize>,
    list: Vec<usize>,
    couplings: Vec<f64>,
    chi2: Vec<f64>,
    status: Vec<Status>,
    /// The minima of the row that are known.
    known: Known,
}

impl<'a> Grid<'a> {
    fn new(analysis: &'a Analysis, plane: &'a Plane, observer: &'a dyn Observer) -> Grid<'a> {
        Grid {
            analysis,
            plane,
            observer,
            // Rows are predicted in vectors.
            masses: match plane.coupling.len() {
                predict::LANES.. => Dyadic::new(&plane.mass.values),
                _ => Dyadic::without_predictions(plane.mass.len()),
            },
            couplings: Dyadic::new(&plane.coupling.values),
            simd: analysis.simd(),
            columns: analysis.minimised(),
        }
    }

    /// The rows of a section into `chi2` `[columns][rows x couplings]` and `status`; returns how many of the chi2 were
    /// minimised.
    fn section(&self, section: Range<usize>, chi2: &mut [&mut [f64]], status: &mut [u8]) -> Result<usize> {
        if section.is_empty() {
            return Ok(0);
        }
        let couplings = self.plane.coupling.len();
        let has_several_minima = (0..self.columns).any(|column| self.analysis.has_several_minima(column));
        let mut needed = self.masses.needed(section.start..=section.end - 1);
        if let (true, Some((_, widest))) = (has_several_minima, needed.first_mut()) {
            *widest = self.masses.with_neighbours(widest.clone());
        }
        let beside: Vec<usize> = match needed.first() {
            Some((_, widest)) => widest
                .clone()
                .filter(|index| !section.contains(index))
                .filter(|index| {
                    let stride = self.masses.stride_of(*index);
                    needed.iter().any(|(own, range)| *own == stride && range.contains(index))
                })
                .collect(),
            None => Vec::new(),
        };
        let mut others: Vec<Vec<f64>> = (0..self.columns).map(|_| vec![0.0; beside.len() * couplings]).collect();
        let mut other_status = vec![0; beside.len() * couplings];
        let mut rows = cut(&beside, couplings, others.iter_mut().map(Vec::as_mut_slice), &mut other_status);
        let own: Vec<usize> = section.clone().collect();
        rows.extend(cut(&own, couplings, chi2.iter_mut().map(|chi2| &mut **chi2), status));
        rows.sort_by_key(|row| row.index);
        let coarsest = self.masses.coarsest;
        // Of the rows that come first half starts from the other half.
        let first = has_several_minima.then_some(2 * coarsest);
        for stride in first.into_iter().chain(needed.into_iter().map(|(stride, _)| stride)) {
            check(self.observer)?;
            let (mut new, mut known) = (Vec::new(), Vec::new());
            for row in &mut rows {
                let is_known = row.index % (2 * stride) == 0 && (stride < coarsest || first.is_some());
                if row.index % stride == 0 && (!is_known || stride > coarsest) {
                    new.push(row);
                } else if is_known {
                    known.push(&*row);
                }
            }
            new.into_par_iter().for_each_init(
                || self.scratch(),
                |scratch, row| {
                    let prediction = self.masses.prediction(row.index);
                    let nodes = prediction.map(|Prediction { first, stride, weights }| {
                        // Further out stand rows of wider strides alone; the nodes are neighbours.
                        let first = known.partition_point(|row| row.index < first);
                        debug_assert!(known[first + 1].index - known[first].index == stride);
                        (&known[first..first + NODES], weights)
                    });
                    let at = |index: usize| known.binary_search_by_key(&index, |row| row.index).ok();
                    let beside = [row.index.checked_sub(stride), Some(row.index + stride)];
                    let beside = beside.map(|index| Some(known[at(index?)?]));
                    if !self.observer.cancelled() {
                        self.row(row, nodes, beside, scratch);
                    }
                },
            );
        }
        check(self.observer)?;
        Ok(rows.iter().filter(|row| section.contains(&row.index)).map(|row| row.minimised).sum())
    }

    fn scratch(&self) -> Scratch {
        let points = self.plane.coupling.len();
        Scratch {
            work: self.analysis.scratch(),
            doubtful: Vec::with_capacity(points),
            list: Vec::with_capacity(points),
            couplings: Vec::with_capacity(points),
            chi2: vec![0.0; points],
            status: vec![Status::Converged; points],
            known: Known::default(),
        }
    }

    /// One row, from the rows that predict it, where there are any.
    fn row(&self, row: &mut Row, nodes: Option<(&[&Row], &Weights)>, beside: [Option<&Row>; 2], scratch: &mut Scratch) {
        let curve = self.analysis.at_mass(self.plane.mass.values[row.index]);
        for column in 0..self.columns {
            scratch.doubtful.clear();
            scratch.known.clear();
            match nodes {
                Some((nodes, weights)) => {
                    let nodes: [&[f64]; NODES] = std::array::from_fn(|k| &*nodes[k].chi2[column]);
                    predict::row(self.simd, &nodes, weights, row.chi2[column], &mut scratch.doubtful);
                }
                None => scratch.doubtful.extend(0..self.plane.coupling.len()),
            }
            if !scratch.doubtful.is_empty() {
                let beside = beside.map(|row| row.map(|row| &row.known[column]));
                self.along(&curve, column, row, beside, scratch);
            }
            row.known.push(std::mem::take(&mut scratch.known));
        }
    }

    /// The doubtful points of one chi2 of a row: from coarse to fine, predicted from their neighbours or minimised.
    fn along(
        &self,
        curve: &MassCurve,
        column: usize,
        row: &mut Row,
        beside: [Option<&Known>; 2],
        scratch: &mut Scratch,
    ) {
        if scratch.doubtful.len() <= FEW {
            scratch.list.clone_from(&scratch.doubtful);
            return self.minimise(curve, column, row, beside, scratch);
        }
        for stride in self.couplings.strides() {
            scratch.list.clear();
            let own = scratch.doubtful.iter().filter(|point| self.couplings.stride_of(**point) == stride);
            for &point in own {
                let chi2 = &mut *row.chi2[column];
                let prediction = self.couplings.prediction(point);
                let predicted = prediction
                    .and_then(|Prediction { first, stride, weights }| predict::point(chi2, first, stride, weights));
                match predicted {
                    Some(value) => chi2[point] = value,
                    None => scratch.list.push(point),
                }
            }
            // Of what comes first half starts from the other half.
            if stride == self.couplings.coarsest && self.analysis.has_several_minima(column) {
                let all = std::mem::take(&mut scratch.list);
                for is_first in [true, false] {
                    scratch.list.extend(all.iter().filter(|point| (*point % (2 * stride) == 0) == is_first));
                    self.minimise(curve, column, row, beside, scratch);
                    scratch.list.clear();
                }
                continue;
            }
            self.minimise(curve, column, row, beside, scratch);
        }
    }

    fn minimise(
        &self,
        curve: &MassCurve,
        column: usize,
        row: &mut Row,
        beside: [Option<&Known>; 2],
        scratch: &mut Scratch,
    ) {
        let Scratch { work, list, couplings, chi2, status, known, .. } = scratch;
        let points = list.len();
        if points == 0 {
            return;
        }
        couplings.clear();
        couplings.extend(list.iter().map(|point| self.plane.coupling.values[*point]));
        let (chi2, status) = (&mut chi2[..points], &mut status[..points]);
        status.fill(Status::Converged);
        if self.analysis.has_several_minima(column) {
            let distance = self.masses.stride_of(row.index) as f64 * self.masses.spacing;
            let near = Near { own: known, beside, spacing: self.couplings.spacing, distance };
            let starts: Vec<Start> = list.iter().map(|point| near.start(*point)).collect();
            let mut found = Known::default();
            curve.chi2_near(column, couplings, &starts, work, chi2, status, &mut found);
            known.add(found, list);
        } else {
            curve.chi2_of(column, couplings, work, chi2, status);
        }
        for ((point, chi2), status) in list.iter().zip(chi2).zip(status) {
            row.chi2[column][*point] = *chi2;
            row.status[*point] = row.status[*point].max(*status as u8);
        }
        row.minimised += points;
    }
}

/// Rows of consecutive memory.
fn cut<'a>(
    indices: &[usize],
    couplings: usize,
    chi2: impl Iterator<Item = &'a mut [f64]>,
    status: &'a mut [u8],
) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = (indices.iter().zip(status.chunks_mut(couplings)))
        .map(|(index, status)| Row { index: *index, chi2: Vec::new(), status, minimised: 0, known: Vec::new() })
        .collect();
    for column in chi2 {
        rows.iter_mut().zip(column.chunks_mut(couplings)).for_each(|(row, chi2)| row.chi2.push(chi2));
    }
    rows
}
