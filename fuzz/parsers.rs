//! What each fuzz target does with its input, and what must hold whatever that is: no panic, errors of one line, and
//! what is accepted is sound. The targets in `fuzz_targets/` hand bytes from libFuzzer over; `tests/fuzz_seeds.rs` does
//! the same on stable Rust with the seeds and mutations of them.

use std::io::{Cursor, Read, Write};
use std::sync::LazyLock;

use cevscan::Error;
use cevscan::dataset::Dataset;
use cevscan::dataset::table::{BinnedTable, BinnedUnits, Table};
use cevscan::grid::{Axis, number_text, parse_coupling, parse_grid, parse_mass_mev, parse_momentum_mev, parse_range};
use cevscan::model::Model;
use cevscan::output::export::Origin;
use cevscan::output::{SavedMap, read_map, read_record};
use cevscan::recast::LimitTable;
use cevscan::recast::columns::Columns;
use cevscan::tiles::{decode, encode};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A fuzz target: its name, which is that of its seeds' folder too, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 11] = [
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
];

/// Key of all tiles.
const KEY: [u8; 32] = [7; 32];

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
    let Some(file) = with_array(usize::from(*choice), array) else { return };
    if let Some(map) = accepted(read_map(Cursor::new(file), "map.npz")) {
        check_map(&map);
    }
}

/// `run.json` beside a map.
pub fn run_record(bytes: &[u8]) {
    static SMALL: LazyLock<Option<SavedMap>> = LazyLock::new(|| read_map(Cursor::new(MAP), "map.npz").ok());
    let Some(map) = &*SMALL else { unreachable!("the small map is sound") };
    let text = String::from_utf8_lossy(bytes);
    if let Some(origin) = accepted(read_record("run.json", &text, map).and_then(|record| Origin::of(&record))) {
        // They become names of files.
        assert!(![&origin.model, &origin.data].into_iter().any(|name| name.contains(['/', '\\', '\n', '\0'])));
        let _ = origin.known_model();
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

/// The value, or nothing after a look at the message.
fn accepted<T>(result: Result<T, Error>) -> Option<T> {
    result.map_err(|error| assert!(!error.to_string().contains(['\n', '\0']), "{error:?}")).ok()
}

fn check_map(map: &SavedMap) {
    let points = map.mass_mev.len() * map.coupling.len();
    assert!(points > 0 && map.chi2.len() == points && map.status.len() == points);
    assert!(map.chi2_by_dataset.iter().all(|(_, chi2)| chi2.len() == points));
    assert!(map.missing() == map.chi2.iter().filter(|chi2| chi2.is_nan()).count());
    for axis in [&map.mass_mev, &map.coupling] {
        assert!(axis.windows(2).all(|pair| pair[0] < pair[1]) && axis.iter().all(|value| value.is_finite()));
    }
}

/// The small map with one of its arrays replaced.
fn with_array(choice: usize, array: &[u8]) -> Option<Vec<u8>> {
    static MEMBERS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| members().unwrap_or_default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (index, (name, bytes)) in MEMBERS.iter().enumerate() {
        writer.start_file(name.as_str(), stored).ok()?;
        writer.write_all(if index == choice % MEMBERS.len() { array } else { bytes }).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn members() -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(MAP)).ok()?;
    (0..archive.len())
        .map(|index| {
            let mut member = archive.by_index(index).ok()?;
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).ok()?;
            Some((member.name().to_owned(), bytes))
        })
        .collect()
}
