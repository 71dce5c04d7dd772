//! What each fuzz target does with its input, and what must hold whatever that is: no panic, errors of one line, and
//! what is accepted is sound. The targets in `fuzz_targets/` hand bytes from libFuzzer over; `tests/fuzz_seeds.rs` does
//! the same on stable Rust with the seeds and mutations of them.

use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::LazyLock;

use cevscan::Error;
use cevscan::analysis::coverage::CoveredLevel;
use cevscan::base::grid::{
    Axis, number_text, parse_coupling, parse_grid, parse_mass_mev, parse_momentum_mev, parse_range,
};
use cevscan::base::printable::acts_on_terminal;
use cevscan::benchmark::choice::{GpuSpeed, choose};
use cevscan::dataset::Dataset;
use cevscan::dataset::import::release::ReleasedFile;
use cevscan::dataset::table::{BinnedTable, BinnedUnits, Table};
use cevscan::others;
use cevscan::others::recast::LimitTable;
use cevscan::others::recast::columns::Columns;
use cevscan::others::recast::overlay_file;
use cevscan::output::{read_coverage, read_map, read_record};
use cevscan::physics::model::Model;
use cevscan::reproduce::Manifest;
use cevscan::scan::Map;
use cevscan::scan::tiles::{Key, decode, encode};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A fuzz target: its name, which is that of its seeds' folder too, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 19] = [
    ("ranges", ranges),
    ("table", table),
    ("binned_table", binned_table),
    ("model_file", model_file),
    ("dataset_file", dataset_file),
    ("map_file", map_file),
    ("map_array", map_array),
    ("run_record", run_record),
    ("tile", tile),
    ("limit_table", limit_table),
    ("limit_columns", limit_columns),
    ("overlay", overlay),
    ("archive", archive),
    ("tile_key", tile_key),
    ("manifest", manifest),
    ("measurements", measurements),
    ("release", release),
    ("other_experiment", other_experiment),
    ("coverage_array", coverage_array),
];

/// Key of all tiles.
const KEY: [u8; 32] = [7; 32];

/// Another key than that of any seed.
const OTHER_KEY: &str = r#"{"inputs": {"model": "b-l"}, "arguments": [], "shard": null}"#;

/// Arrays of an archive, by name.
type Members = Vec<(String, Vec<u8>)>;

/// Members of the small map.
static MEMBERS: LazyLock<Members> = LazyLock::new(|| members(MAP).unwrap_or_default());

/// Those of small critical values.
static CRITICAL: LazyLock<Members> = LazyLock::new(|| members(COVERAGE).unwrap_or_default());

/// Critical values of `cevscan coverage`, without the arrays on a map's axes.
const COVERAGE: &[u8] = include_bytes!("seeds/coverage_array/small.npz");

/// A small map, written by `cevscan scan --grid 3x4`.
const MAP: &[u8] = include_bytes!("seeds/map_file/small.npz");

/// Masses, couplings, ranges and grids as they are typed.
pub fn ranges(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for parse in [parse_mass_mev, parse_momentum_mev] {
        if let Some(value) = accepted(parse(&text)) {
            assert!(value > 0.0 && value.is_finite(), "{value}");
        }
    }
    if let Some(coupling) = accepted(parse_coupling(&text)) {
        assert!(coupling >= 0.0 && coupling.is_finite(), "{coupling}");
        let written = number_text(coupling);
        assert!(parse_coupling(&written).is_ok_and(|read| read == coupling), "{written}");
    }
    for parse in [parse_mass_mev, parse_coupling] {
        if let Some((low, high)) = accepted(parse_range("mass", &text, parse)) {
            assert!(0.0 < low && low < high && high.is_finite(), "{low}:{high}");
            let axis = accepted(Axis::logarithmic("mass", "MeV", (low, high), 7)).map(|axis| axis.values);
            assert!(axis.is_some_and(|values| values.is_sorted() && values.iter().all(|value| value.is_finite())));
        }
    }
    if let Some((masses, couplings)) = accepted(parse_grid(&text)) {
        assert!(masses >= 2 && couplings >= 2, "{masses}x{couplings}");
    }
}

/// The project's text tables: what is read is written so that it reads the same.
pub fn table(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(table) = accepted(Table::parse_any("table.txt", &text)) {
        let written = table.to_string();
        assert!(Table::parse_any("table.txt", &written).is_ok_and(|again| again == table), "{written}");
    }
}

/// Tables over energy and time.
pub fn binned_table(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(first) = text.lines().find_map(|line| line.strip_prefix("# units: ")) else { return };
    let mut words = first.split(' ');
    let (Some(energy), Some(content)) = (words.next(), words.nth(1)) else { return };
    let units = BinnedUnits { energy, content };
    if let Some(table) = accepted(BinnedTable::parse("table.txt", &text, units)) {
        assert_eq!(table.values().len(), table.energy_bins() * table.time_bins());
        for edges in [table.energy_edges(), table.time_edges_us()] {
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
        }
    }
}

/// Model files (TOML).
pub fn model_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(model) = accepted(Model::parse("mine.toml", &text)) {
        assert!(model.warnings().iter().all(|warning| !warning.contains('\n')));
        let _ = model.relation();
    }
}

/// Dataset files (TOML), and the table that they may name `table.txt` after a zero byte.
pub fn dataset_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (file, table) = text.split_once('\0').unwrap_or((&text, ""));
    if let Some(dataset) = accepted(Dataset::from_texts(file, &[("table.txt", table)])) {
        assert_eq!(dataset.observed.len(), dataset.bins());
        assert!(dataset.time_edges_us.windows(2).all(|edges| edges[0] < edges[1]));
    }
}

/// `map.npz`, the file as a whole.
pub fn map_file(bytes: &[u8]) {
    if let Some(map) = accepted(read_map(Cursor::new(bytes), "map.npz")) {
        check_map(&map);
    }
}

/// One array of `map.npz`, chosen by the first byte, in a file whose checksums are right.
pub fn map_array(bytes: &[u8]) {
    let Some((choice, array)) = bytes.split_first() else { return };
    let Some(file) = with_array(&MEMBERS, usize::from(*choice), array) else { return };
    if let Some(map) = accepted(read_map(Cursor::new(file), "map.npz")) {
        check_map(&map);
    }
}

/// One array of `coverage.npz`, chosen by the first byte, in a file whose checksums are right: what is accepted answers
/// for every point of its mesh. The file as a whole is the seed that chooses no array.
pub fn coverage_array(bytes: &[u8]) {
    let Some((choice, array)) = bytes.split_first() else { return };
    let file = match bytes == COVERAGE {
        true => Some(bytes.to_vec()),
        false => with_array(&CRITICAL, usize::from(*choice), array),
    };
    let Some(file) = file else { return };
    let Some(saved) = accepted(read_coverage(Cursor::new(file), "coverage.npz")) else { return };
    let surface = &saved.surface;
    assert!(surface.mass_mev.windows(2).all(|pair| pair[0] < pair[1]) && surface.ratios.len() >= 2);
    for confidence in surface.confidences.iter().copied().chain([saved.confidence]) {
        let Some(level) = accepted(CoveredLevel::new(surface, confidence)) else { continue };
        for (mass_mev, natural) in surface.mass_mev.iter().zip(&surface.natural) {
            for ratio in &surface.ratios {
                let critical = level.at(*mass_mev, natural * ratio.exp());
                assert!(critical >= 0.0, "{critical} at {mass_mev} MeV, {ratio}");
            }
        }
    }
}

/// `run.json` beside a map.
pub fn run_record(bytes: &[u8]) {
    static SMALL: LazyLock<Option<Map>> = LazyLock::new(|| read_map(Cursor::new(MAP), "map.npz").ok());
    let Some(map) = &*SMALL else { unreachable!("the small map is sound") };
    let text = String::from_utf8_lossy(bytes);
    if let Some(record) = accepted(read_record("run.json", &text, map)) {
        // They become names of files.
        let names = [&record.inputs.model, &record.inputs.data];
        assert!(!names.into_iter().any(|name| name.contains(['/', '\\', '\n', '\0'])));
        assert!(record.request().level().is_ok());
    }
}

/// A tile of a scan; magic, key and checksum are made right, or no mutation would get past them.
pub fn tile(bytes: &[u8]) {
    const MAGIC: usize = 8;
    let mut file = bytes.to_vec();
    let Some(key) = file.get_mut(MAGIC..MAGIC + KEY.len()) else { return };
    key.copy_from_slice(&KEY);
    let checksum = Sha256::digest(&file);
    file.extend(checksum);
    // The shape of the seeds: 2 datasets, 3 couplings.
    if let Ok(tile) = decode(&file, &KEY, 2, 3) {
        let points = 3 * tile.rows.len();
        assert!(tile.status.len() == points && tile.chi2.iter().all(|chi2| chi2.len() == points));
        assert!(encode(&tile, &KEY) == file, "{tile:?}");
    }
}

/// Tables of limits to be recast (TOML).
pub fn limit_table(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(table) = accepted(LimitTable::parse("limits.toml", &text)) {
        for limit in &table.limits {
            assert!(table.matching(&limit.name).is_ok_and(|found| found.contains(&limit)), "{}", limit.name);
        }
    }
}

/// Columns of numbers, as published limits come.
pub fn limit_columns(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(columns) = accepted(Columns::parse("limit.lmt", &text)) {
        assert!(columns.rows.iter().all(|(_, row)| row.len() == columns.width()));
        assert!(columns.rows.iter().all(|(_, row)| row.iter().all(|value| value.is_finite())));
    }
}

/// Users' own curves: settings after the path on the first line, the file after it.
pub fn overlay(bytes: &[u8]) {
    static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| Model::named("b-l").ok());
    let Some(model) = &*MODEL else { unreachable!("the model travels with the program") };
    let text = String::from_utf8_lossy(bytes);
    let (first, contents) = text.split_once('\0').unwrap_or(("", &text));
    let settings: Vec<(&str, &str)> = first.split(',').filter_map(|setting| setting.split_once('=')).collect();
    let _ = accepted(overlay_file::parse("curve.txt", contents, &settings, model));
}

/// `map.npz` put together from what the bytes say: members kept, dropped, doubled, renamed, cut, with headers of other
/// shapes and types, stored or compressed; its checksums are right.
pub fn archive(bytes: &[u8]) {
    let mut choices = bytes.iter().copied();
    let mut next = || choices.next().unwrap_or(0);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, member) in MEMBERS.iter() {
        let method = if next() & 1 == 0 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method);
        let (mut name, mut member) = (name.clone(), member.clone());
        match next() % 8 {
            0 => continue,
            1 => member.truncate(usize::from(next())),
            2 => member.resize(member.len() + 256 * usize::from(next()), next()),
            3 => name = MEMBERS[usize::from(next()) % MEMBERS.len()].0.clone(),
            4 => name = format!("chi2_{}", char::from(next())),
            5 => {
                let shape = [u64::from(next()), u64::from(next()) << 32, u64::MAX >> (next() % 64)];
                let shape: Vec<String> = shape.iter().take(usize::from(next()) % 4).map(u64::to_string).collect();
                let descr = ["<f8", "|u1", "<i8", ">f8", "|O", "<f4"][usize::from(next()) % 6];
                let order = ["False", "True", "None"][usize::from(next()) % 3];
                let comma = if shape.len() == 1 { "," } else { "" };
                let shape = shape.join(", ") + comma;
                let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape})}}");
                let values = member.split_off(member.len().min(128));
                member = b"\x93NUMPY\x01\0v\0".to_vec();
                member.extend(format!("{header:<117}\n").bytes());
                member.extend(values);
            }
            6 => member.iter_mut().skip(usize::from(next())).step_by(7).for_each(|byte| *byte = byte.wrapping_mul(31)),
            _ => {}
        }
        // A name that is there already is refused by the writer.
        if writer.start_file(name.as_str(), options).is_err() || writer.write_all(&member).is_err() {
            return;
        }
    }
    let Ok(file) = writer.finish() else { return };
    if let Some(map) = accepted(read_map(Cursor::new(file.into_inner()), "map.npz")) {
        check_map(&map);
    }
}

/// `key.json` beside tiles: what is accepted can be compared and written.
pub fn tile_key(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(key) = accepted(Key::parse("key.json", &text)) {
        assert!(key.shard.is_none_or(|[part, of]| (1..=of).contains(&part)));
        let Some(written) = accepted(key.text()) else { unreachable!("JSON holds a key") };
        let Some(again) = accepted(Key::parse("key.json", &written)) else { unreachable!("{written}") };
        assert!(again == key && accepted(again.require_same(&key, Path::new("tiles"))).is_some());
        if let Some(other) = accepted(Key::parse("key.json", OTHER_KEY)) {
            let _ = accepted(other.require_same(&key, Path::new("tiles")));
        }
    }
}

/// `manifest.json` of `reproduce`: it vouches for nothing outside of its folder.
pub fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let manifest = Manifest::parse(&text);
    let Some(written) = accepted(manifest.to_json()) else { unreachable!("JSON holds a manifest") };
    assert!(Manifest::parse(&written) == manifest, "{written}");
    let empty = serde_json::Value::Null;
    manifest.products.keys().for_each(|name| assert!(!manifest.is_current(Path::new("/nowhere"), name, &empty)));
}

/// `engines.json` in the user's cache.
pub fn measurements(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (name, speed) in GpuSpeed::parse_all(&text) {
        let choice = choose(1 << 20, 1e6, &speed, None);
        assert!(choice.gpu_s > 0.0 && !choice.gpu_s.is_nan(), "{name}: {speed:?}");
    }
}

/// Files that the collaboration released, before their numbers are looked at.
pub fn release(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let count = text.lines().count();
    let file = ReleasedFile::new("release.txt".to_owned(), text);
    for wanted in [count, count.saturating_sub(1), 2] {
        if let Some(rows) = accepted(file.rows::<2>(wanted)) {
            assert!(rows.len() == wanted && rows.iter().all(|row| row.values.iter().all(|value| value.is_finite())));
            let _ = accepted(file.row_after(&rows, "# nominal"));
        }
        let _ = accepted(file.rows::<4>(wanted));
    }
}

/// Experiments whose limits are computed (TOML).
pub fn other_experiment(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(experiment) = accepted(others::Experiment::parse("/nowhere/experiment.toml", &text)) {
        let again = accepted(others::Experiment::parse("/nowhere/experiment.toml", &text));
        assert!(again.as_ref() == Some(&experiment), "{experiment:?}");
    }
}

/// The value, or nothing after a look at the message: one line that ends and does not act on the terminal.
fn accepted<T>(result: Result<T, Error>) -> Option<T> {
    let look = |text: &str| assert!(!text.contains(acts_on_terminal) && text.len() < 10_000, "{text:?}");
    result.map_err(|error| look(&error.to_string())).ok()
}

fn check_map(map: &Map) {
    let points = map.plane.points();
    assert!(points > 0 && map.chi2.len() == points && map.status.len() == points);
    assert!(map.chi2_by_dataset.iter().all(|(_, chi2)| chi2.len() == points));
    assert!(map.missing() == map.chi2.iter().filter(|chi2| chi2.is_nan()).count());
    for axis in [&map.plane.mass.values, &map.plane.coupling.values] {
        assert!(axis.windows(2).all(|pair| pair[0] < pair[1]) && axis.iter().all(|value| value.is_finite()));
    }
}

/// An archive with one of its arrays replaced.
fn with_array(members: &Members, choice: usize, array: &[u8]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (index, (name, bytes)) in members.iter().enumerate() {
        writer.start_file(name.as_str(), stored).ok()?;
        writer.write_all(if index == choice % members.len() { array } else { bytes }).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn members(file: &[u8]) -> Option<Members> {
    let mut archive = ZipArchive::new(Cursor::new(file)).ok()?;
    (0..archive.len())
        .map(|index| {
            let mut member = archive.by_index(index).ok()?;
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).ok()?;
            Some((member.name().to_owned(), bytes))
        })
        .collect()
}
