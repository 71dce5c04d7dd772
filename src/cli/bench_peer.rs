//! The peer of `cevscan bench`: points as the script does them that one would write, with numpy and iminuit.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use cevscan::analysis::Analysis;
use cevscan::base::files::write_file;
use cevscan::benchmark::Peer;
use cevscan::dataset::Dataset;
use cevscan::rates::Point;
use cevscan::{Error, Result};

/// The script, and what it calculates.
const SCRIPT: &str = include_str!("../../benches/peer.py");
const MODEL: &str = "b-l";
const DATA: &str = "csi+lar";
/// Its name for each dataset's folder.
const FOLDERS: [(&str, &str); 2] = [("csi", "csi2021"), ("lar", "lar2020")];
/// Points, each some hundredths of a second.
const POINTS: usize = 24;
/// They are where chi2 is less than this above the Standard Model's: further off minuit is slow, and rough.
const NEAR: f64 = 50.0;
/// Largest difference in chi2: both are the same recipe, minuit stops 1e-4 above its minimum or so, and the script
/// follows the beam trace in steps of half a nanosecond.
const ALLOWED: f64 = 0.01;
/// Python, instead of `python3`.
const PYTHON_VARIABLE: &str = "CEVSCAN_PYTHON";
const ARE_THERE: &str = "import sys, numpy, iminuit; print('Python', sys.version.split()[0] + ', numpy', \
                         numpy.__version__ + ', iminuit', iminuit.__version__)";

/// What the script writes.
#[derive(Deserialize)]
struct Output {
    seconds: f64,
    chi2: Vec<[f64; 2]>,
}

/// Measures it at random points of a plane; in words why not, where it has nothing to do.
///
/// # Errors
/// A script that fails, a folder that cannot be written.
pub fn peer(
    analysis: &Analysis,
    mass_mev: (f64, f64),
    coupling: (f64, f64),
    seed: u64,
) -> Result<std::result::Result<Peer, String>> {
    if analysis.model.name != MODEL || analysis.data_name() != DATA {
        return Ok(Err(format!("its script calculates {MODEL} on {DATA}")));
    }
    let python = std::env::var_os(PYTHON_VARIABLE).unwrap_or_else(|| "python3".into());
    let found = Command::new(&python).args(["-c", ARE_THERE]).stdin(Stdio::null()).output();
    let Some(found) = found.ok().filter(|found| found.status.success()) else {
        return Ok(Err(format!("{} has no numpy and iminuit", Path::new(&python).display())));
    };
    let points = points(analysis, mass_mev, coupling, seed);
    let output = run(&python, &points)?;
    if output.chi2.len() != points.len() {
        return Err(failed(format!("{} of {} points", output.chi2.len(), points.len())));
    }
    let off = |(point, found): (&Point, &[f64; 2])| {
        let own = analysis.fit(*point).datasets;
        own.iter().zip(found).map(|(own, found)| (own.alone.chi2 - found).abs()).fold(0.0, larger)
    };
    Ok(Ok(Peer {
        name: String::from_utf8_lossy(&found.stdout).trim().to_owned(),
        points: points.len(),
        seconds: output.seconds,
        points_per_second: points.len() as f64 / output.seconds,
        largest_chi2_difference: points.iter().zip(&output.chi2).map(off).fold(0.0, larger),
        allowed_chi2_difference: ALLOWED,
    }))
}

/// Random points near the Standard Model.
fn points(analysis: &Analysis, mass_mev: (f64, f64), coupling: (f64, f64), seed: u64) -> Vec<Point> {
    let mut random = fastrand::Rng::with_seed(seed);
    let chi2 = |point| -> f64 { analysis.fit(point).datasets.iter().map(|dataset| dataset.alone.chi2).sum() };
    let standard = chi2(Point { mass_mev: mass_mev.0, coupling: 0.0 });
    let mut within = |(low, high): (f64, f64)| low * (high / low).powf(random.f64());
    let random = std::iter::repeat_with(|| Point { mass_mev: within(mass_mev), coupling: within(coupling) });
    random.filter(|point| chi2(*point) < standard + NEAR).take(POINTS).collect()
}

fn run(python: &std::ffi::OsStr, points: &[Point]) -> Result<Output> {
    let folder = tempfile::tempdir().map_err(Error::io("create", &std::env::temp_dir()))?;
    for (dataset, name) in FOLDERS {
        let own = folder.path().join(name);
        std::fs::create_dir(&own).map_err(Error::io("create", &own))?;
        for (file, text) in Dataset::files_of(dataset)? {
            write_file(&own.join(file), text.as_bytes(), false)?;
        }
    }
    let mut lines = String::new();
    for point in points {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{:e} {:e}", point.mass_mev, point.coupling);
    }
    let (script, input) = (folder.path().join("peer.py"), folder.path().join("points.txt"));
    write_file(&script, SCRIPT.as_bytes(), false)?;
    write_file(&input, lines.as_bytes(), false)?;
    let input = std::fs::File::open(&input).map_err(Error::io("open", &input))?;
    // One thread: what is compared is one of ours.
    let mut command = Command::new(python);
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(variable, "1");
    }
    command.arg(&script).arg(folder.path()).stdin(input);
    let output = command.output().map_err(Error::io("start", Path::new(python)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.lines().next_back().unwrap_or("no reason given").to_owned()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
}

fn failed(reason: String) -> Error {
    Error::NotConverged { quantity: "the peer in Python".to_owned(), reason }
}

/// The larger of two; NaN counts as largest.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
