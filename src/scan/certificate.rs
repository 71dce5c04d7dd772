//! The certificate of a map made on a GPU: a sample of its points, all those next to the contour included, in f64.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::Point;
use crate::rates::parity::COUNTS_TOLERANCE;
use crate::statistics::Status;

use super::agreement::{Certificate, larger};
use super::{Gpu, Map, Observer};

/// The contract: Delta chi2 of the GPU and of the CPU differ by no more than this wherever it is below
/// [`DELTA_CHI2_IN_CONTRACT`].
pub const CHI2_TOLERANCE: f64 = 1e-3;
const DELTA_CHI2_IN_CONTRACT: f64 = 50.0;
/// Points that are sampled evenly over the map, besides those next to the contour.
const SAMPLE: usize = 500;
/// Replacing values may move the contour into a neighbouring cell; it settles in one or two rounds.
const ROUNDS: usize = 4;

/// Recomputes a sample in f64, puts the values next to the contour into the map, and writes the certificate into it.
pub(super) fn certify(analysis: &Analysis, map: &mut Map, gpu: Option<&Gpu>, observer: &dyn Observer) -> Result<()> {
    let stride = (map.chi2.len() / SAMPLE).max(1);
    // An odd stride does not beat against the rows.
    let sample: BTreeSet<usize> = (0..map.chi2.len()).step_by(stride | 1).collect();
    let mut certificate = Certificate {
        points: 0,
        next_to_contour: 0,
        largest_chi2_difference: 0.0,
        allowed_chi2_difference: CHI2_TOLERANCE,
        largest_count_deviation: None,
        allowed_count_deviation: COUNTS_TOLERANCE,
    };
    let mut done = BTreeSet::new();
    for round in 0..ROUNDS {
        let contour: BTreeSet<usize> = map.border().points_beside()?.into_iter().collect();
        let mut wanted: Vec<usize> = contour.difference(&done).copied().collect();
        if round == 0 {
            wanted.extend(sample.difference(&contour));
        }
        if wanted.is_empty() {
            break;
        }
        let points: Vec<Point> = wanted.iter().map(|index| point(map, *index)).collect();
        recompute(analysis, map, &wanted, &points, |index| contour.contains(&index), &mut certificate);
        certificate.next_to_contour += wanted.iter().filter(|index| contour.contains(index)).count();
        for (prediction, gpu) in analysis.predictions.iter().filter_map(|prediction| Some((prediction, gpu?))) {
            match gpu.compare_counts(&prediction.plan, &points) {
                Ok(worst) => {
                    let before = certificate.largest_count_deviation.unwrap_or(0.0);
                    certificate.largest_count_deviation = Some(larger(before, worst.deviation));
                }
                Err(error) => observer.notice(&format!("{error}: the certificate holds no counts")),
            }
        }
        done.extend(wanted);
    }
    certificate.points = done.len();
    map.certificate = Some(certificate);
    Ok(())
}

fn recompute(
    analysis: &Analysis,
    map: &mut Map,
    wanted: &[usize],
    points: &[Point],
    keep: impl Fn(usize) -> bool,
    certificate: &mut Certificate,
) {
    // What a mass costs is paid once for all its points.
    let rows: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
    let reference: Vec<(Vec<f64>, Status)> = rows
        .par_iter()
        .map_init(
            || analysis.scratch(),
            |scratch, row| {
                let curve = analysis.at_mass(row[0].mass_mev);
                let mut at = |point: &Point| {
                    let profiles = curve.profiles(point.coupling, scratch);
                    let failed = profiles.iter().map(|profile| profile.status).find(|s| *s != Status::Converged);
                    (profiles.iter().map(|profile| profile.chi2).collect(), failed.unwrap_or(Status::Converged))
                };
                row.iter().map(&mut at).collect::<Vec<_>>()
            },
        )
        .flatten()
        .collect();
    for (index, (chi2, status)) in wanted.iter().zip(reference) {
        let total = analysis.total(chi2.iter().copied());
        let difference = (map.chi2[*index] - total).abs();
        if total - map.best_fit.chi2 < DELTA_CHI2_IN_CONTRACT {
            certificate.largest_chi2_difference = larger(certificate.largest_chi2_difference, difference);
        }
        if keep(*index) {
            map.replace(analysis, *index, &chi2, status);
        }
    }
}

fn point(map: &Map, index: usize) -> Point {
    let couplings = map.plane.coupling.len();
    Point { mass_mev: map.plane.mass.values[index / couplings], coupling: map.plane.coupling.values[index % couplings] }
}
