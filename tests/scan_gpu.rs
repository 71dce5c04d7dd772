//! Scans with a GPU, and with one that fails in the middle: for every adapter found, in both forms.
//!
//! Without an adapter each test is listed as ignored; `CEVSCAN_REQUIRE_GPU=1` turns that into a failure.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::files::Results;
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{AdapterChoice, GpuEngine, adapters, quiet_vulkan_loader};
use cevscan::scan::tiles::{Key, Tiles};
use cevscan::scan::{
    Device, Fallback, Gpu, Map, Observer, Plane, ProfileOn, ScanRequest, Settings, Unobserved, scan, scan_keeping,
    scan_part,
};
use cevscan::{Error, Result};
use libtest_mimic::{Arguments, Trial};

type Test = (&'static str, fn(&GpuEngine, ProfileOn));

const TESTS: [Test; 6] = [
    ("shards give the bits of the single map", shards_give_the_single_map),
    ("every model is in contract, whatever the tiles", every_model_is_in_contract),
    ("a form that cannot hold the data is not taken", the_cpu_holds_others),
    ("a lost device costs a message, and the CPU takes over at its tile", the_cpu_takes_over),
    ("a lost device without fallback is an error", no_fallback_is_an_error),
    ("an interrupted scan is an error", interrupted),
];

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet.
    #[allow(unsafe_code, reason = "the Vulkan loader takes its verbosity from the environment alone")]
    unsafe {
        quiet_vulkan_loader();
    }
    let found = adapters();
    let mut trials = Vec::new();
    for (name, test) in TESTS {
        for adapter in &found {
            for profile in FORMS {
                let index = adapter.index.to_string();
                trials.push(Trial::test(format!("{}, profile on {profile:?}: {name}", adapter.name), move || {
                    test(&GpuEngine::open(&AdapterChoice::explicit(Some(&index)))?, profile);
                    Ok(())
                }));
            }
        }
        if found.is_empty() {
            let required = std::env::var("CEVSCAN_REQUIRE_GPU").is_ok_and(|value| value == "1");
            let missing = || Err("CEVSCAN_REQUIRE_GPU=1, but no adapter was found".into());
            trials.push(Trial::test(format!("no adapter: {name}"), missing).with_ignored_flag(!required));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Destroys the device once so many points are done, and keeps what it is told.
struct Saboteur<'a> {
    gpu: &'a GpuEngine,
    after_points: usize,
    done: AtomicUsize,
    notices: Mutex<Vec<String>>,
}

impl<'a> Saboteur<'a> {
    fn new(gpu: &'a GpuEngine, after_points: usize) -> Saboteur<'a> {
        Saboteur { gpu, after_points, done: AtomicUsize::new(0), notices: Mutex::new(Vec::new()) }
    }
}

impl Observer for Saboteur<'_> {
    fn advance(&self, points: usize) {
        let before = self.done.fetch_add(points, Ordering::SeqCst);
        if before < self.after_points && before + points >= self.after_points {
            self.gpu.destroy_device();
        }
    }

    fn notice(&self, text: &str) {
        self.notices.lock().unwrap().push(text.to_owned());
    }
}

const ROWS: usize = 24;
const COUPLINGS: usize = 60;
const TILE_ROWS: usize = 4;

fn map(device: Device, observer: &dyn Observer) -> Result<Map> {
    let experiments = Experiment::parse_list("csi+lar")?;
    let model = Model::named("universal")?;
    let analysis = Analysis::new(&model, &experiments);
    let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (ROWS, COUPLINGS), 2)?;
    scan(
        &analysis,
        plane,
        Settings { device, tile_rows: Some(TILE_ROWS), delta_chi2: 6.18007, minimum: Minimum::Plane },
        observer,
    )
}

/// Both forms, in turn.
const FORMS: [ProfileOn; 2] = [ProfileOn::Cpu, ProfileOn::Gpu];

fn device(engine: &GpuEngine, profile: ProfileOn, fallback: Fallback) -> Device<'_> {
    Device::Gpu(Gpu { engine, profile, fallback })
}

fn the_cpu_takes_over(gpu: &GpuEngine, profile: ProfileOn) {
    let saboteur = Saboteur::new(gpu, 2 * TILE_ROWS * COUPLINGS);
    let mixed = map(device(gpu, profile, Fallback::Cpu), &saboteur).unwrap();
    assert_eq!(mixed.engine.name, "mixed");
    let fallback = mixed.engine.fallback.unwrap();
    assert!(fallback.starts_with("at row "), "{fallback}");
    let row: usize = fallback["at row ".len()..].split(':').next().unwrap().parse().unwrap();
    assert!((2 * TILE_ROWS..ROWS).contains(&row) && row.is_multiple_of(TILE_ROWS), "{fallback}");
    let notices = saboteur.notices.lock().unwrap();
    assert!(notices[0].contains("the CPU takes over at row"), "{notices:?}");
    assert_eq!(saboteur.done.load(Ordering::SeqCst), ROWS * COUPLINGS);

    let cpu = map(Device::Cpu, &Unobserved).unwrap();
    // From the fall back on the map is the CPU's (next to the contour by its reference), before it is in the contract.
    let first = row * COUPLINGS;
    let worst = mixed.chi2[first..].iter().zip(&cpu.chi2[first..]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{worst}");
    for (ours, theirs) in mixed.chi2.iter().zip(&cpu.chi2) {
        assert!(*theirs > cpu.best_fit.chi2 + 50.0 || (ours - theirs).abs() <= 1e-3, "{ours} {theirs}");
    }
    assert!(mixed.certificate.unwrap().complaint().is_none());
}

fn no_fallback_is_an_error(gpu: &GpuEngine, profile: ProfileOn) {
    let saboteur = Saboteur::new(gpu, TILE_ROWS * COUPLINGS);
    let error = map(device(gpu, profile, Fallback::None), &saboteur).unwrap_err();
    assert!(matches!(error, Error::Device { .. }), "{error}");
}

struct Impatient;

impl Observer for Impatient {
    fn cancelled(&self) -> bool {
        true
    }
}

/// 1, 2, 7 and 64 shards, kept by a GPU in folders of their own and put together by the CPU alone.
fn shards_give_the_single_map(gpu: &GpuEngine, profile: ProfileOn) {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let model = Model::named("universal").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (ROWS, COUPLINGS), 2).unwrap();
    let key = Key::new(&analysis, &plane, "gpu", Default::default(), ScanRequest::new("b-l", "csi"));
    let settings = |device| Settings { device, tile_rows: None, delta_chi2: 6.18007, minimum: Minimum::Plane };
    let device = device(gpu, profile, Fallback::None);
    let single = scan(&analysis, plane.clone(), settings(device), &Unobserved).unwrap();
    for of in [1, 2, 7, 64] {
        let folder = tempfile::tempdir().unwrap();
        let mut folders = Vec::new();
        for part in 0..of {
            let own = folder.path().join(part.to_string());
            let results = Results::open(&own).unwrap();
            let key = Key { shard: Some([part + 1, of]), ..key.clone() };
            let tiles = Tiles::of_scan(results.folder(), key, &plane, 2, Duration::MAX, &Unobserved).unwrap();
            // A part may have no rows; its folder is there all the same.
            tiles.claim().unwrap();
            let rows = ROWS * part / of..ROWS * (part + 1) / of;
            scan_part(&analysis, &plane, rows, settings(device), &Unobserved, &tiles).unwrap();
            folders.push(own);
        }
        let tiles = Tiles::of_shards(&folders, key.clone(), &plane, 2, &Unobserved).unwrap();
        assert!(tiles.missing(0..ROWS).is_empty(), "{of} shards");
        let merged = scan_keeping(&analysis, plane.clone(), settings(Device::Cpu), &Unobserved, &tiles).unwrap();
        assert_eq!(merged.engine.name, "gpu");
        assert!(merged.chi2.iter().zip(&single.chi2).all(|(a, b)| a.to_bits() == b.to_bits()), "{of} shards");
        assert_eq!((merged.status, merged.best_fit), (single.status.clone(), single.best_fit), "{of} shards");
    }
}

fn interrupted(gpu: &GpuEngine, profile: ProfileOn) {
    for device in [Device::Cpu, Device::Reference, device(gpu, profile, Fallback::Cpu)] {
        assert!(matches!(map(device, &Impatient), Err(Error::Interrupted)));
    }
}

/// Direct sums are those of one response: where nuisance parameters deform it the CPU makes the map, and says so.
fn the_cpu_holds_others(gpu: &GpuEngine, profile: ProfileOn) {
    let experiments = Experiment::parse_list("csi-full").unwrap();
    let analysis = Analysis::new(&Model::named("b-l").unwrap(), &experiments);
    let plane = Plane::new((1.0, 1e3), (1e-6, 1.0), (4, 30), 1).unwrap();
    let told = Saboteur::new(gpu, usize::MAX);
    let settings = Settings {
        device: device(gpu, profile, Fallback::None),
        tile_rows: None,
        delta_chi2: 6.18007,
        minimum: Minimum::Plane,
    };
    let map = scan(&analysis, plane, settings, &told).unwrap();
    let notices = told.notices.lock().unwrap();
    match profile {
        ProfileOn::Cpu => {
            assert_eq!(map.engine.name, "cpu");
            assert!(notices.len() == 1 && notices[0].contains("those of one response"), "{notices:?}");
        }
        ProfileOn::Gpu => assert!(map.engine.name == "gpu" && notices.is_empty(), "{notices:?}"),
    }
}

/// Both forms on every model and dataset, over a whole map: in the contract of the reference, certified, and the same
/// whatever the tiles.
fn every_model_is_in_contract(gpu: &GpuEngine, profile: ProfileOn) {
    let plane = || Plane::new((0.1, 1e5), (1e-6, 1.0), (ROWS, COUPLINGS), 2).unwrap();
    let all = ["csi", "lar", "csi+lar", "csi-full"];
    // Direct sums are those of one response.
    let of_form = if profile == ProfileOn::Gpu { &all[..] } else { &all[..3] };
    for data in of_form.iter().copied() {
        let experiments = Experiment::parse_list(data).unwrap();
        for model in Model::all().unwrap() {
            let analysis = Analysis::new(&model, &experiments);
            let map = |device, tile_rows| {
                scan(
                    &analysis,
                    plane(),
                    Settings { device, tile_rows, delta_chi2: 6.18007, minimum: Minimum::Plane },
                    &Unobserved,
                )
                .unwrap()
            };
            let (ours, reference) = (map(device(gpu, profile, Fallback::None), None), map(Device::Reference, None));
            let name = format!("{} {data}", model.name);
            assert_eq!((ours.engine.name.as_str(), ours.engine.profile), ("gpu", Some(profile)), "{name}");
            assert_eq!(ours.status, reference.status, "{name}");
            let mut in_contract = 0;
            for (point, (own, reference)) in ours.chi2.iter().zip(&reference.chi2).enumerate() {
                if *reference < ours.best_fit.chi2 + 50.0 {
                    in_contract += 1;
                    assert!((own - reference).abs() <= 1e-3, "{name}, point {point}: {own} {reference}");
                }
            }
            assert!(in_contract > ROWS * COUPLINGS / 10, "{name}: {in_contract} points");
            let certificate = ours.certificate.as_ref().unwrap();
            assert!(certificate.complaint().is_none() && certificate.next_to_contour > 0, "{name}");
            if ["csi+lar", "csi-full"].contains(&data) {
                let tiled = map(device(gpu, profile, Fallback::None), Some(TILE_ROWS));
                assert!(tiled.chi2.iter().zip(&ours.chi2).all(|(a, b)| a.to_bits() == b.to_bits()), "{name}");
            }
        }
    }
}
