//! Arrays beyond 4 GiB: written as a stream, read back by us and by numpy. Some 10 GiB of disk and of memory, so
//! only where `CEVSCAN_LARGE_ARRAYS` asks for it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::process::Command;

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::output::{read_map, write_map};
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Plane, Settings, Unobserved, scan};

/// Points along each axis: one array of chi2 takes 8 x 24000^2 = 4.6e9 bytes, more than 2^32.
const POINTS: usize = 24_000;

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "needs 64 bits")]
fn an_array_beyond_4_gib_is_written_and_read() {
    if std::env::var_os("CEVSCAN_LARGE_ARRAYS").is_none() {
        eprintln!("ignored: CEVSCAN_LARGE_ARRAYS is not set");
        return;
    }
    // A small map, stretched: its minimum everywhere takes no time to compute, and the terms of a single dataset are the
    // sum itself.
    let (model, experiments) = (Model::named("b-l").unwrap(), Experiment::parse_list("csi").unwrap());
    let analysis = Analysis::new(&model, &experiments);
    let settings = Settings { device: Device::Cpu, tile_rows: None, delta_chi2: 6.18, minimum: Minimum::Plane };
    let plane = |points| Plane::new((1.0, 1e3), (1e-6, 1.0), (points, points), 1).unwrap();
    let mut map = scan(&analysis, plane(2), settings, &Unobserved).unwrap();
    map.plane = plane(POINTS);
    let smallest = map.best_fit.chi2;
    map.chi2 = vec![smallest; POINTS * POINTS];
    map.status = vec![0; POINTS * POINTS];
    let last = POINTS * POINTS - 1;
    map.chi2[last] = smallest + 7.5;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.npz");
    write_map(&map, BufWriter::new(File::create(&path).unwrap())).unwrap();
    // The sum, and CsI's part of it.
    assert!(path.metadata().unwrap().len() > 2 * 8 * (POINTS * POINTS) as u64);
    drop(map);
    let saved = read_map(BufReader::new(File::open(&path).unwrap()), "map.npz").unwrap();
    assert_eq!((saved.chi2.len(), saved.chi2[0], saved.chi2[last]), (last + 1, smallest, smallest + 7.5));
    drop(saved);
    let Some(python) = std::env::var_os("CEVSCAN_PYTHON") else { return };
    let script = "import sys, numpy\nm = numpy.load(sys.argv[1])\nc = m['chi2']\nprint(c.shape, repr(float(c[0, 0])), repr(float(c[-1, -1])))";
    let output = Command::new(python).args(["-c", script]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        format!("({POINTS}, {POINTS}) {smallest:?} {:?}", smallest + 7.5)
    );
}
