//! `cevscan scan`.

mod identity;
mod summary;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Level};
use crate::analysis::{Analysis, Experiment};
use crate::base::files::{Results, Staged, Subject};
use crate::base::memory;
use crate::base::provenance::Inputs;
use crate::base::simd::SimdLevel;
use crate::figures::exclusion::{exclusion_chart, expectation};
use crate::others::new_territory::Areas;
use crate::output::{Circumstances, MAP, RECORD, RunRecord, Timings, files_behind, write_map};
use crate::physics::model::Model;
use crate::scan::tiles::{self, Tiles};
use crate::scan::{Map, Observer, Plane, ScanRequest, Settings, dataset_levels, scan, scan_keeping, scan_part};
use crate::{Error, Result};

pub use identity::{claim, key, map_of};

use identity::FILES;
use summary::{covered_summary, shard_summary, summary};

use super::args::{Behind, Common, Drawing, Ends, MapLook, ScanArgs, asimov, experiments, warn};
use super::critical::Critical;
use super::kept::Shard;
use super::pictures::{self, Coverage};
use super::progress::Progress;
use super::typed;
use super::{FAILURE, SUCCESS, compute, electrons, parameters, terminal};

/// What was asked for, validated.
pub struct Request {
    pub asked: ScanRequest,
    pub drawing: Drawing,
    pub model: Model,
    pub level: Level,
    pub out: PathBuf,
    pub shard: Option<Shard>,
    behind: Behind,
    look: MapLook,
}

impl Request {
    /// What was asked for, for files in `out`.
    ///
    /// # Errors
    /// A model, limits or a look that cannot be read.
    pub fn new(asked: ScanRequest, drawing: Drawing, out: PathBuf, common: &Common) -> Result<Request> {
        let model = asked.model()?;
        warn(&model, common);
        let look = drawing.look.read(common)?;
        let ends = look.ends(Ends { mass_mev: asked.mass_mev.into(), coupling: asked.coupling.into() })?;
        Ok(Request {
            behind: drawing.behind.read(&model, ends, !common.quiet)?,
            level: asked.level()?,
            asked,
            drawing,
            model,
            look,
            out,
            shard: None,
        })
    }

    /// The plane that was asked for.
    pub fn plane(&self, datasets: usize) -> Result<Plane> {
        let Some(shard) = self.shard else { return self.asked.plane(datasets) };
        let ScanRequest { mass_mev, coupling, grid: [masses, couplings], .. } = self.asked;
        memory::Map { masses: shard.rows(masses).len(), couplings, terms: datasets }.require_fits()?;
        Plane::axes(mass_mev.into(), coupling.into(), (masses, couplings))
    }

    /// The rows that this process is to do.
    fn shard_of(&self, plane: &Plane) -> Range<usize> {
        self.shard.map_or(0..plane.mass.len(), |shard| shard.rows(plane.mass.len()))
    }
}

/// When the program began.
#[derive(Clone, Copy)]
pub struct Started {
    date: SystemTime,
    instant: Instant,
}

impl Started {
    pub fn now() -> Started {
        Started { date: SystemTime::now(), instant: Instant::now() }
    }

    pub fn seconds(self) -> f64 {
        self.instant.elapsed().as_secs_f64()
    }
}

/// What is confronted with a model: the data, or the Standard Model's expectation of them.
pub struct Data {
    observed: Vec<Experiment>,
    expected: Option<Vec<Experiment>>,
}

impl Data {
    pub fn new(observed: Vec<Experiment>, request: &Request) -> Result<Data> {
        let expected = request.asked.asimov.then(|| asimov(&observed, request.asked.couplings)).transpose()?;
        Ok(Data { observed, expected })
    }

    /// What the map is of.
    pub fn analysis(&self, model: &Model) -> Analysis {
        Analysis::new(model, self.expected.as_ref().unwrap_or(&self.observed))
    }

    /// What files of such a map are of.
    pub fn subject(&self, model: &Model) -> Subject {
        let names = self.observed.iter().map(|experiment| experiment.dataset.name.as_str());
        map_of(&model.name, &names.collect::<Vec<_>>().join("+"))
    }

    /// What is drawn beside the expectation: the observation, where there is one.
    pub fn beside(&self, model: &Model) -> Option<Analysis> {
        let has_data = self.observed.iter().all(|experiment| !experiment.dataset.is_forecast);
        (self.expected.is_some() && has_data).then(|| Analysis::new(model, &self.observed))
    }
}

pub fn run(args: &ScanArgs, common: &Common) -> Result<u8> {
    if let Some(x) = args.varied.x()? {
        return parameters::run(args, x, common);
    }
    let started = Started::now();
    let observed = experiments(&args.data, args.standard.edition(), common)?;
    let simd = observed.first().map_or_else(SimdLevel::detect, |experiment| experiment.rows.simd());
    let asked = args.request(simd)?;
    let shard = args.shard.as_deref().map(Shard::parse).transpose()?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => PathBuf::from(folder_of(&asked, &observed)?),
    };
    let request = Request { shard, ..Request::new(asked, args.drawing.clone(), out, common)? };
    let plane = request.plane(observed.len())?;
    electrons::note(&[&request.model], &observed, request.asked.mass_mev[0], common);
    let data = Data::new(observed, &request)?;
    let mut results = Results::open(&request.out)?;
    if args.fresh {
        discard_tiles(&results)?;
    }

    let analysis = data.analysis(&request.model);
    let critical = args.drawing.critical.read(&analysis, &request.level)?;
    if let Some(critical) = &critical {
        plane.mass.values.iter().try_for_each(|mass| critical.level.require_mass(*mass))?;
    }
    let beside = data.beside(&request.model).filter(|_| request.shard.is_none());
    let planes = if beside.is_some() { 2 } else { 1 };
    let progress = Progress::new(request.shard_of(&plane).len() * plane.coupling.len() * planes, common.quiet);
    let chosen = compute::choose(&request.asked.engine, &analysis, &plane)?;
    progress.notice(&chosen.reason);
    let key = key(&request, &analysis, &plane, &format!("{}, {simd}", chosen.engine.contract()))?;
    if request.shard.is_none() {
        results = claim(results, &key, &data.subject(&request.model), args.fresh)?;
    }
    let interval = Duration::from_secs_f64(args.tile_seconds);
    let inputs = key.inputs.clone();
    let tiles = Tiles::of_scan(results.folder(), key, &plane, analysis.minimised(), interval, &progress)?;
    if !tiles.is_empty() {
        progress.notice("continuing with the tiles that are there");
    }
    let start_s = started.seconds();
    let settings = Settings {
        device: chosen.engine.device(),
        tile_rows: args.tile_rows,
        delta_chi2: request.level.delta_chi2,
        minimum: request.level.minimum,
    };
    if let Some(shard) = request.shard {
        let rows = shard.rows(plane.mass.len());
        tiles.claim()?;
        let result = scan_part(&analysis, &plane, rows.clone(), settings, &progress, &tiles);
        progress.finish();
        result?;
        if !common.quiet {
            terminal::result(&shard_summary(&request, shard, &rows, plane.mass.len(), started.seconds()))?;
        }
        return Ok(SUCCESS);
    }
    let result = scan_keeping(&analysis, plane.clone(), settings, &progress, &tiles).and_then(|map| {
        let beside = beside.as_ref().map(|beside| scan(beside, plane, settings, &progress)).transpose()?;
        Ok((map, beside))
    });
    progress.finish();
    let (map, beside) = result?;
    let maps = Maps { map: &map, beside: beside.as_ref() };
    let writing = Writing { results: &results, key: inputs, critical, started, start_s };
    let status = finish(&request, writing, &analysis, maps, &progress, common)?;
    // All of them is in the map now.
    discard_tiles(&results)?;
    Ok(status)
}

/// The usual folder of a scan: the model and the datasets by their names.
fn folder_of(asked: &ScanRequest, observed: &[Experiment]) -> Result<String> {
    let names: Vec<&str> = observed.iter().map(|experiment| experiment.dataset.name.as_str()).collect();
    let ending = if asked.asimov { "-asimov" } else { "" };
    Ok(format!("cevscan-{}-{}{ending}", asked.model()?.name, names.join("+")))
}

/// Takes the tiles away, and names what stays of them.
fn discard_tiles(results: &Results) -> Result<()> {
    for left in tiles::discard(results.folder())? {
        terminal::error_line(&format!("note: {left} is left: no scan wrote it as it is"));
    }
    Ok(())
}

/// Where the files of a scan go, and what their record says of its inputs and times.
pub struct Writing<'a> {
    pub results: &'a Results,
    pub key: Inputs,
    /// Critical values beside Wilks'.
    pub critical: Option<Critical>,
    pub started: Started,
    /// Seconds that tables, plans and devices took.
    pub start_s: f64,
}

/// Bounds, pictures, files and the summary of a map that is computed.
pub fn finish(
    request: &Request,
    writing: Writing,
    analysis: &Analysis,
    maps: Maps,
    progress: &Progress,
    common: &Common,
) -> Result<u8> {
    let Writing { results, key, critical, started, start_s } = writing;
    let map = maps.map;
    let at = |mass_mev: f64| request.level.bound(analysis, &map.best_fit, mass_mev);
    let (low, high) = rayon::join(|| at(LOW_MASS_MEV), || at(HIGH_MASS_MEV));
    let (low, high) = (low?, high?);
    let coverage = critical.as_ref().map(|critical| Coverage::of(critical, map)).transpose()?;
    let scan_s = started.seconds() - start_s;

    let input_files = files_behind(Some(&request.asked.model), &request.asked.data);
    let writing = Instant::now();
    let record = |files| {
        let circumstances = Circumstances {
            command: typed::line().collect(),
            request: request.asked.clone(),
            key: key.clone(),
            input_files: input_files.clone(),
            coverage: coverage.as_ref().map(|coverage| coverage.used.clone()),
            files,
            timings: Timings { start_s, scan_s, write_s: writing.elapsed().as_secs_f64() },
            threads: rayon::current_num_threads(),
            started_unix_s: started.date.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        };
        RunRecord::new(map, circumstances)
    };
    let new = pictures::new_areas(map, &request.behind)?;
    let drawn = Drawn { new, coverage: coverage.as_ref() };
    let files = write(request, results, analysis, maps, drawn, progress, record)?;
    if !common.quiet {
        let mut text = summary(map, &request.level, &low, &high, started.seconds());
        if let Some(critical) = &critical {
            text += &covered_summary(analysis, map, critical, [&low, &high])?;
        }
        text += &pictures::summary(new, map, &files);
        terminal::result(&text)?;
    }
    match map.missing() {
        0 if request.behind.known.complete => Ok(SUCCESS),
        // What could not be read has been reported.
        0 => Ok(FAILURE),
        missing => {
            let points = map.plane.points();
            let place = map.border().missing().map_or(String::new(), |missing| format!(", {}", missing.place()));
            terminal::error_line(&format!(
                "error: {missing} of {points} points did not converge{place}; they are NaN in map.npz"
            ));
            Ok(FAILURE)
        }
    }
}

/// The map, and the observed one where it is that of the expectation.
#[derive(Clone, Copy)]
pub struct Maps<'a> {
    pub map: &'a Map,
    pub beside: Option<&'a Map>,
}

/// What stands in the picture beside the map's own regions.
#[derive(Clone, Copy)]
struct Drawn<'a> {
    new: Option<Areas>,
    coverage: Option<&'a Coverage>,
}

/// Writes all files, then gives them their names; returns the names.
fn write(
    request: &Request,
    results: &Results,
    analysis: &Analysis,
    Maps { map, beside }: Maps,
    drawn: Drawn,
    progress: &Progress,
    record: impl Fn(BTreeMap<String, String>) -> RunRecord,
) -> Result<Vec<PathBuf>> {
    // The largest file is written while the pictures are drawn.
    let (numbers, pictures) = rayon::join(
        || -> Result<Staged<'_>> {
            let mut staged = results.stage().of(map_of(&map.model, &map.data));
            staged.add(MAP, |file| write_map(map, file))?;
            Ok(staged)
        },
        || -> Result<Staged<'_>> {
            let levels = dataset_levels(analysis, map)?;
            let (companions, note) = pictures::companions(&request.model, map, request.look, &request.level.markup())?;
            let mut picture = exclusion_chart(&request.model, map, &levels, &companions, &note)?;
            if map.is_known_expected() {
                expectation(&mut picture, beside.map(|map| map.contour()).transpose()?);
            }
            pictures::put_behind(&mut picture, &request.behind, drawn.new, request.look);
            let mut staged = results.stage();
            pictures::put_covered(drawn.coverage, &mut picture, map, &mut staged)?;
            pictures::add(&picture, map, &mut staged)?;
            Ok(staged)
        },
    );
    let mut staged = numbers?;
    staged.append(pictures?);
    let record = record(staged.digests());
    staged.add_bytes(RECORD, record.to_json()?.as_bytes())?;
    if progress.cancelled() {
        return Err(Error::Interrupted);
    }
    let retired = pictures::retired(results, drawn.coverage)?;
    staged.publish()?;
    retired.iter().for_each(|note| progress.notice(note));
    let more = drawn.coverage.map(|_| pictures::CONTOUR_FC);
    Ok(FILES.into_iter().chain(more).map(|name| request.out.join(name)).collect())
}
