//! Running a scan: tiles, engines, the fall back to the CPU, and the certificate of what a GPU did.

use std::ops::Range;

use crate::analysis::Analysis;
use crate::limits::best_fit;
use crate::rates::Point;
use crate::statistics::Status;
use crate::{Error, Result};

use super::certificate::certify;
use super::pipeline::on_gpu;
use super::rows::{Rows, on_cpu, on_reference};
use super::{Device, EngineRecord, Fallback, Map, Observer, Plane, ProfileOn, Unobserved};

/// Points in a tile, at least: enough for all cores, little enough to show progress.
const POINTS_IN_TILE: usize = 32_768;
/// The same with a GPU: milliseconds of a large one, so that its waiting between tiles does not count.
const POINTS_IN_GPU_TILE: usize = 131_072;

/// How to scan.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// Where rates are evaluated.
    pub device: Device<'a>,
    /// Rows (masses) in a tile; by itself as many as make 32,768 points, 131,072 with a GPU. No value depends on it.
    pub tile_rows: Option<usize>,
    /// Rise of chi2 at the border of the excluded region.
    pub delta_chi2: f64,
}

/// The map of an analysis over a plane.
///
/// # Errors
/// [`Error::Interrupted`] when the observer says so; a failing GPU without fallback; a best fit that did not converge.
/// Points that did not converge are no error: they are missing in the map, and counted.
pub fn scan(analysis: &Analysis, plane: Plane, settings: Settings, observer: &dyn Observer) -> Result<Map> {
    let chi2_sm = analysis.at(Point { mass_mev: plane.mass.values[0], coupling: 0.0 });
    let chi2_sm = chi2_sm.iter().map(|fit| fit.profile.chi2).sum();
    let tiles = tiles(&plane, settings);
    // The best fit is one thread's search; the others begin with the rows.
    let (best_fit, evaluated) =
        rayon::join(|| best_fit(analysis), || evaluate(analysis, &plane, &tiles, settings.device, observer));
    let (best_fit, (rows, engine)) = (best_fit?, evaluated?);
    let mut map = assemble(analysis, plane, rows);
    map.best_fit = best_fit;
    map.chi2_sm = chi2_sm;
    map.delta_chi2 = settings.delta_chi2;
    map.engine = engine;
    if let (Device::Gpu(gpu), false) = (settings.device, map.engine.name == "cpu") {
        certify(analysis, &mut map, gpu.engine, observer)?;
        if let Some(complaint) = map.certificate.as_ref().and_then(|certificate| certificate.complaint()) {
            let failed = Error::Device {
                adapter: gpu.engine.adapter().name.clone(),
                action: "certifying the map",
                reason: complaint,
            };
            if gpu.fallback == Fallback::None {
                return Err(failed);
            }
            observer.notice(&format!("{failed}; the CPU makes the map anew"));
            return scan(analysis, map.plane, Settings { device: Device::Cpu, ..settings }, observer);
        }
    }
    Ok(map)
}

/// chi2 over the plane without what surrounds it in a map, the best fit and the certificate: for measurements. Returns
/// how many points have one.
///
/// # Errors
/// Those of the device.
pub fn evaluate_rows(analysis: &Analysis, plane: &Plane, device: Device) -> Result<usize> {
    let tiles = tiles(plane, Settings { device, tile_rows: None, delta_chi2: f64::NAN });
    let (rows, _) = evaluate(analysis, plane, &tiles, device, &Unobserved)?;
    Ok(rows.status.iter().filter(|status| **status == Status::Converged as u8).count())
}

fn tiles(plane: &Plane, settings: Settings) -> Vec<Range<usize>> {
    let rows = plane.mass.len();
    let points = if matches!(settings.device, Device::Gpu(_)) { POINTS_IN_GPU_TILE } else { POINTS_IN_TILE };
    let step = settings.tile_rows.unwrap_or(points.div_ceil(plane.coupling.len())).max(1);
    (0..rows).step_by(step).map(|first| first..(first + step).min(rows)).collect()
}

fn evaluate(
    analysis: &Analysis,
    plane: &Plane,
    tiles: &[Range<usize>],
    device: Device,
    observer: &dyn Observer,
) -> Result<(Rows, EngineRecord)> {
    let mut rows = Rows::new(analysis.channels.len(), plane.points());
    let mut engine = EngineRecord {
        name: "cpu".to_owned(),
        description: "f64, polynomials in g^2".to_owned(),
        simd: analysis.channels.first().map_or(String::new(), |channel| channel.experiment.rows.simd().to_string()),
        profile: None,
        redone_in_f64: 0,
        fallback: None,
    };
    match device {
        Device::Cpu => on_cpu(analysis, plane, tiles, observer, &mut rows)?,
        Device::Reference => {
            engine.name = "reference".to_owned();
            engine.description = "f64, direct sums, point by point".to_owned();
            on_reference(analysis, plane, tiles, observer, &mut rows)?;
        }
        Device::Gpu(gpu) => {
            let adapter = gpu.engine.adapter();
            let what = match gpu.profile {
                ProfileOn::Cpu => "f32 rates",
                ProfileOn::Gpu => "f32 rates and minimisation",
            };
            engine.description = format!("{what} on {} ({}, {})", adapter.name, adapter.backend, adapter.driver);
            engine.profile = Some(gpu.profile);
            let (finished, result) = on_gpu(analysis, plane, tiles, &gpu, observer, &mut rows);
            engine.name = "gpu".to_owned();
            engine.redone_in_f64 = rows.redone_in_f64;
            match result {
                Ok(()) => {}
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) if gpu.fallback == Fallback::None => return Err(error),
                Err(error) => {
                    let row = tiles[finished].start;
                    observer.notice(&format!("{error}; the CPU takes over at row {row} of {}", plane.mass.len()));
                    engine.name = if finished == 0 { "cpu" } else { "mixed" }.to_owned();
                    engine.fallback = Some(format!("at row {row}: {error}"));
                    on_cpu(analysis, plane, &tiles[finished..], observer, &mut rows)?;
                }
            }
        }
    }
    Ok((rows, engine))
}

fn assemble(analysis: &Analysis, plane: Plane, rows: Rows) -> Map {
    let names = analysis.channels.iter().map(|channel| channel.experiment.dataset.name.clone());
    let mut by_dataset: Vec<(String, Vec<f64>)> = names.zip(rows.chi2).collect();
    let chi2 = match by_dataset.len() {
        1 => by_dataset.remove(0).1,
        _ => sum(&by_dataset),
    };
    Map {
        model: analysis.model.name.clone(),
        data: analysis.data_name(),
        plane,
        chi2,
        chi2_by_dataset: by_dataset,
        status: rows.status,
        chi2_sm: f64::NAN,
        best_fit: crate::limits::BestFit { chi2: f64::NAN, mass_mev: f64::NAN, coupling: f64::NAN },
        delta_chi2: f64::NAN,
        engine: EngineRecord {
            name: String::new(),
            description: String::new(),
            simd: String::new(),
            profile: None,
            redone_in_f64: rows.redone_in_f64,
            fallback: None,
        },
        certificate: None,
    }
}

/// Sum over the datasets; what is missing in one is missing in the sum.
fn sum(by_dataset: &[(String, Vec<f64>)]) -> Vec<f64> {
    let points = by_dataset.first().map_or(0, |(_, chi2)| chi2.len());
    (0..points).map(|point| by_dataset.iter().map(|(_, chi2)| chi2[point]).sum()).collect()
}

/// Puts the f64 value of a point in place of a GPU's.
pub(super) fn replace(map: &mut Map, point: usize, chi2: &[f64], status: Status) {
    for ((_, all), value) in map.chi2_by_dataset.iter_mut().zip(chi2) {
        all[point] = *value;
    }
    map.chi2[point] = chi2.iter().sum();
    map.status[point] = status as u8;
}
