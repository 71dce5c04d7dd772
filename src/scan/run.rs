//! Running a scan: tiles, engines, the fall back to the CPU, and the certificate of what a GPU did.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::analysis::limits::{Level, Minimum, best_fit};
use crate::analysis::{Analysis, Prediction};
use crate::rates::Point;
use crate::statistics::Status;
use crate::statistics::gpu::Phases;
use crate::{Error, Result};

use super::assemble::assemble;
use super::certificate::certify;
use super::pipeline::{on_gpu, whole_workgroups};
use super::rows::{Done, Rows, on_cpu, on_reference};
use super::{Device, EngineRecord, Fallback, Gpu, Keeper, Map, Observer, Plane, ProfileOn, Unkept, Unobserved};
use super::{interpolated, interpolation};

/// Points in a tile, at least: enough for all cores, little enough to show progress.
const POINTS_IN_TILE: usize = 32_768;
/// The same with a GPU that minimises as well: milliseconds of a large one, so that its waiting between tiles does not
/// count. Where a map is smaller its quarter, so that there is something to overlap.
const POINTS_IN_PROFILE_TILE: usize = 4_194_304;
/// The same with a GPU whose counts come back.
const POINTS_IN_RATES_TILE: usize = 131_072;
/// Points that are kept as one tile at most: a tile is copied on its way to the disk and back.
const POINTS_KEPT_AT_ONCE: usize = 1 << 19;

/// How to scan.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// Where rates are evaluated.
    pub device: Device<'a>,
    /// Rows (masses) in a tile; by itself as many as make 32,768 points, more with a GPU. No value depends on it.
    pub tile_rows: Option<usize>,
    /// Rise of chi2 at the border of the excluded region.
    pub delta_chi2: f64,
    /// What it rises from.
    pub minimum: Minimum,
}

impl Settings<'_> {
    /// What suits most: all cores, chi2 interpolated where it follows from its neighbours to 1e-8.
    pub fn new(level: Level) -> Settings<'static> {
        Settings { device: Device::Interpolated, tile_rows: None, delta_chi2: level.delta_chi2, minimum: level.minimum }
    }
}

impl Map {
    /// The map of an analysis over a plane, with what suits most; [`scan`] takes a device, an observer, and more.
    ///
    /// # Errors
    /// A best fit that did not converge. Points that did not converge are no error: they are missing in the map, and
    /// counted.
    pub fn of(analysis: &Analysis, plane: Plane, level: Level) -> Result<Map> {
        scan(analysis, plane, Settings::new(level), &Unobserved)
    }
}

/// The map of an analysis over a plane.
///
/// # Errors
/// [`Error::Interrupted`] when the observer says so; a failing GPU without fallback; a best fit that did not converge.
/// Points that did not converge are no error: they are missing in the map, and counted.
pub fn scan(analysis: &Analysis, plane: Plane, settings: Settings, observer: &dyn Observer) -> Result<Map> {
    scan_keeping(analysis, plane, settings, observer, &Unkept)
}

/// Some rows of a plane, for a keeper alone: a part of a map that is put together elsewhere.
///
/// # Errors
/// As for [`scan`], and those of the keeper.
pub fn scan_part(
    analysis: &Analysis,
    plane: &Plane,
    rows: Range<usize>,
    settings: Settings,
    observer: &dyn Observer,
    keeper: &dyn Keeper,
) -> Result<()> {
    evaluate(analysis, plane, rows, admitted(analysis, settings, observer), observer, keeper).map(drop)
}

/// The map of an analysis over a plane, with the rows that a keeper has, and keeping others as they are finished.
///
/// # Errors
/// As for [`scan`], and those of the keeper.
pub fn scan_keeping(
    analysis: &Analysis,
    plane: Plane,
    settings: Settings,
    observer: &dyn Observer,
    keeper: &dyn Keeper,
) -> Result<Map> {
    let settings = admitted(analysis, settings, observer);
    let standard = Point { mass_mev: plane.mass.values[0], coupling: 0.0 };
    let chi2_sm = analysis.fit(standard).total.chi2;
    // The best fit is one thread's search; the others begin with the rows.
    let all = 0..plane.mass.len();
    let (best_fit, evaluated) =
        rayon::join(|| best_fit(analysis), || evaluate(analysis, &plane, all, settings, observer, keeper));
    let (best_fit, (rows, engine)) = (best_fit?, evaluated?);
    let minimised = rows.minimised;
    let mut map = assemble(analysis, plane, rows)?;
    map.best_fit = best_fit;
    map.chi2_sm = chi2_sm;
    map.delta_chi2 = settings.delta_chi2;
    map.count_from(settings.minimum, analysis)?;
    map.engine = engine;
    if matches!(settings.device, Device::Interpolated) {
        let all = (minimised.1 == map.plane.points())
            .then(|| minimised.0 as f64 / (map.plane.points() * analysis.minimised()) as f64);
        let found = interpolation::check(analysis, &map, all)?;
        if let Some(complaint) = found.complaint() {
            observer.notice(&format!("interpolation: {complaint}; each point is minimised instead"));
            return scan(analysis, map.plane, Settings { device: Device::Cpu, ..settings }, observer);
        }
        map.interpolation = Some(found);
    }
    if matches!(map.engine.name.as_str(), "gpu" | "mixed") {
        let gpu = if let Device::Gpu(gpu) = settings.device { Some(gpu) } else { None };
        certify(analysis, &mut map, gpu.as_ref(), observer)?;
        if let Some(complaint) = map.certificate.as_ref().and_then(|certificate| certificate.complaint()) {
            let failed = Error::Device {
                adapter: gpu.map_or(String::new(), |gpu| gpu.engine.adapter().name.clone()),
                action: "certifying the map",
                reason: complaint,
            };
            if gpu.is_none_or(|gpu| gpu.fallback == Fallback::None) {
                return Err(failed);
            }
            observer.notice(&format!("{failed}; the CPU makes the map anew"));
            return scan(analysis, map.plane, Settings { device: Device::Cpu, ..settings }, observer);
        }
    }
    Ok(map)
}

/// Why an analysis is the CPU's, if it is: the shader fits one dataset by itself, deformed responses of counts alone, and few
/// correlated errors. Counts that come back are those of one response. `profile`: where chi2 is to be minimised; none where
/// it suits.
pub fn why_not_on_gpu(analysis: &Analysis, profile: Option<ProfileOn>) -> Option<&'static str> {
    let mut deformed = analysis.predictions.iter().filter(|prediction| prediction.plan.signals() > 1).peekable();
    if analysis.together.is_some() {
        return Some("shared nuisance parameters are fitted there");
    }
    if deformed.peek().is_some() && profile == Some(ProfileOn::Cpu) {
        return Some("direct sums of a GPU are those of one response, and nuisance parameters deform it");
    }
    if deformed.any(|own| own.experiment.measurement.observation.inverse_variance.is_some()) {
        return Some("nuisance parameters that deform a response with Gaussian errors are fitted there");
    }
    let correlates_many = analysis.predictions.iter().any(correlates_many);
    correlates_many.then_some("the covariance of so many bins is fitted there")
}

/// Whether bins have more errors in common than the shader holds.
fn correlates_many(prediction: &Prediction) -> bool {
    #[cfg(feature = "gpu")]
    let most = crate::statistics::gpu::MAX_PARAMETERS;
    #[cfg(not(feature = "gpu"))]
    let most = 0;
    let expectation = &prediction.experiment.measurement.expectation;
    expectation.correlated_errors().next().is_some() && expectation.parameters.len() > most
}

/// The settings that an analysis can have.
fn admitted<'a>(analysis: &Analysis, settings: Settings<'a>, observer: &dyn Observer) -> Settings<'a> {
    let Device::Gpu(gpu) = settings.device else { return settings };
    if let Some(why) = why_not_on_gpu(analysis, Some(gpu.profile)) {
        observer.notice(&format!("engine: cpu ({why})"));
        return Settings { device: Device::Interpolated, ..settings };
    }
    settings
}

/// chi2 over the plane without what surrounds it in a map, the best fit and the certificate: for measurements. Returns
/// how many points have one.
///
/// # Errors
/// Those of the device.
pub fn evaluate_rows(analysis: &Analysis, plane: &Plane, device: Device) -> Result<usize> {
    let settings = Settings { device, tile_rows: None, delta_chi2: f64::NAN, minimum: Minimum::Plane };
    let settings = admitted(analysis, settings, &Unobserved);
    let (rows, _) = evaluate(analysis, plane, 0..plane.mass.len(), settings, &Unobserved, &Unkept)?;
    Ok(rows.status.iter().filter(|status| **status == Status::Converged as u8).count())
}

/// Where the time of the rows of a plane goes on a GPU that minimises as well.
///
/// # Errors
/// Those of the device.
pub fn gpu_phases(analysis: &Analysis, plane: &Plane, gpu: Gpu) -> Result<Phases> {
    let settings =
        Settings { device: Device::Gpu(gpu), tile_rows: None, delta_chi2: f64::NAN, minimum: Minimum::Plane };
    let (rows, _) = evaluate(analysis, plane, 0..plane.mass.len(), settings, &Unobserved, &Unkept)?;
    Ok(rows.phases)
}

fn tiles(plane: &Plane, rows: Range<usize>, settings: Settings) -> Vec<Range<usize>> {
    if matches!(settings.device, Device::Interpolated) {
        return interpolated::sections(plane, rows, settings.tile_rows);
    }
    let rows_of = |points: usize| points.div_ceil(plane.coupling.len());
    let usual = match settings.device {
        Device::Gpu(Gpu { profile: ProfileOn::Gpu, .. }) => {
            let points = (plane.points() / 4).clamp(POINTS_IN_RATES_TILE, POINTS_IN_PROFILE_TILE);
            whole_workgroups(rows_of(points))
        }
        Device::Gpu(_) => rows_of(POINTS_IN_RATES_TILE),
        Device::Cpu | Device::Reference | Device::Interpolated => rows_of(POINTS_IN_TILE),
    };
    let step = settings.tile_rows.unwrap_or(usual).max(1);
    let end = rows.end;
    rows.step_by(step).map(|first| first..(first + step).min(end)).collect()
}

/// Rows of the plane, kept ones where there are any.
fn evaluate(
    analysis: &Analysis,
    plane: &Plane,
    wanted: Range<usize>,
    settings: Settings,
    observer: &dyn Observer,
    keeper: &dyn Keeper,
) -> Result<(Rows, EngineRecord)> {
    let couplings = plane.coupling.len();
    let mut rows = Rows::new(analysis.minimised(), couplings, &wanted)?;
    let mut engine = describe(analysis, settings.device);
    let mut worker = Worker { analysis, plane, settings, observer, keeper, fallback: None };
    let mut engines = BTreeSet::new();
    let mut row = wanted.start;
    while row < wanted.end {
        if let Some(tile) = keeper.take(row, wanted.end)? {
            row = tile.rows.end;
            engines.insert(tile.engine.clone());
            observer.advance(tile.rows.len() * couplings);
            rows.push_tile(tile);
            continue;
        }
        let end = keeper.next(row).unwrap_or(wanted.end).min(wanted.end);
        worker.compute(row..end, &mut rows, &mut engines)?;
        row = end;
    }
    engine.name = match engines.len() {
        0 | 1 => engines.pop_first().unwrap_or(engine.name),
        _ => "mixed".to_owned(),
    };
    engine.redone_in_f64 = rows.redone_in_f64;
    engine.fallback = worker.fallback;
    Ok((rows, engine))
}

/// A device before it has done anything.
fn describe(analysis: &Analysis, device: Device) -> EngineRecord {
    let (name, description, profile) = match device {
        Device::Cpu => ("cpu", "f64, polynomials in g^2".to_owned(), None),
        Device::Interpolated => ("cpu", "f64, polynomials in g^2, interpolated".to_owned(), None),
        Device::Reference => ("reference", "f64, direct sums, point by point".to_owned(), None),
        Device::Gpu(gpu) => {
            let adapter = gpu.engine.adapter();
            let what = match gpu.profile {
                ProfileOn::Cpu => "f32 rates by direct sums",
                ProfileOn::Gpu => "f32 rates by polynomials in g^2 and minimisation",
            };
            let description = format!("{what} on {} ({}, {})", adapter.name, adapter.backend, adapter.driver);
            ("gpu", description, Some(gpu.profile))
        }
    };
    EngineRecord {
        name: name.to_owned(),
        description,
        simd: analysis.simd().to_string(),
        profile,
        redone_in_f64: 0,
        fallback: None,
    }
}

/// Computes what nobody kept.
struct Worker<'a> {
    analysis: &'a Analysis,
    plane: &'a Plane,
    settings: Settings<'a>,
    observer: &'a dyn Observer,
    keeper: &'a dyn Keeper,
    /// Why the CPU took over.
    fallback: Option<String>,
}

impl Worker<'_> {
    /// A range of rows, appended to `rows`; names what evaluated them.
    fn compute(&mut self, wanted: Range<usize>, rows: &mut Rows, engines: &mut BTreeSet<String>) -> Result<()> {
        let gpu = match self.settings.device {
            Device::Gpu(gpu) if self.fallback.is_none() => gpu,
            Device::Reference => {
                engines.insert("reference".to_owned());
                return self
                    .keeping("reference", wanted, rows, |worker, tiles, rows, done| {
                        (tiles.len(), on_reference(worker.analysis, worker.plane, tiles, worker.observer, rows, done))
                    })
                    .1;
            }
            _ => {
                engines.insert("cpu".to_owned());
                return self.on_cpu(wanted, rows);
            }
        };
        let (finished, result) = self.keeping("gpu", wanted.clone(), rows, |worker, tiles, rows, done| {
            on_gpu(worker.analysis, worker.plane, tiles, &gpu, worker.observer, rows, done)
        });
        if finished > 0 {
            engines.insert("gpu".to_owned());
        }
        match result {
            Ok(()) => Ok(()),
            Err(Error::Interrupted) => Err(Error::Interrupted),
            Err(error @ Error::Io { .. }) => Err(error),
            Err(error) if gpu.fallback == Fallback::None => Err(error),
            Err(error) => {
                let row = tiles(self.plane, wanted.clone(), self.settings)[finished].start;
                self.observer.notice(&format!("{error}; the CPU takes over at row {row} of {}", self.plane.mass.len()));
                self.fallback = Some(format!("at row {row}: {error}"));
                engines.insert("cpu".to_owned());
                self.on_cpu(row..wanted.end, rows)
            }
        }
    }

    fn on_cpu(&self, wanted: Range<usize>, rows: &mut Rows) -> Result<()> {
        let on_cpu = if matches!(self.settings.device, Device::Interpolated) { interpolated::on_cpu } else { on_cpu };
        self.keeping("cpu", wanted, rows, |worker, tiles, rows, done| {
            (tiles.len(), on_cpu(worker.analysis, worker.plane, tiles, worker.observer, rows, done))
        })
        .1
    }

    /// Runs a computation tile by tile; what is finished is kept when it is due, and what is left when it ends.
    fn keeping(
        &self,
        engine: &str,
        wanted: Range<usize>,
        rows: &mut Rows,
        compute: impl FnOnce(&Self, &[Range<usize>], &mut Rows, &mut Done) -> (usize, Result<()>),
    ) -> (usize, Result<()>) {
        let couplings = self.plane.coupling.len();
        let mut pending = wanted.start..wanted.start;
        let mut redone_before = rows.redone_in_f64;
        let keep = |rows: &Rows, pending: &mut Range<usize>, redone_before: &mut usize| {
            let at_once = (POINTS_KEPT_AT_ONCE / couplings.max(1)).max(1);
            while pending.start < pending.end {
                let part = pending.start..pending.end.min(pending.start + at_once);
                let redone = rows.redone_in_f64 - *redone_before;
                self.keeper.keep(&rows.tile(part.clone(), engine, redone))?;
                (pending.start, *redone_before) = (part.end, rows.redone_in_f64);
            }
            Ok(())
        };
        let mut done = |rows: &Rows, tile: &Range<usize>| -> Result<()> {
            self.observer.advance(tile.len() * couplings);
            pending.end = tile.end;
            if self.keeper.is_due() { keep(rows, &mut pending, &mut redone_before) } else { Ok(()) }
        };
        let (finished, result) = compute(self, &tiles(self.plane, wanted, self.settings), rows, &mut done);
        if pending.is_empty() || !self.keeper.keeps_rest(result.is_err()) {
            return (finished, result);
        }
        let kept = keep(rows, &mut pending, &mut redone_before);
        (finished, result.and(kept))
    }
}
