//! The tables in `data/` against the released files they were made from, and what the importer refuses.
//!
//! The release is not part of this repository. It is looked for in `../shared/releases`, or where `CEVSCAN_RELEASES`
//! says; without it the tests that need it are ignored, or fail if `CEVSCAN_REQUIRE_RELEASES` is 1.

use std::path::{Path, PathBuf};
use std::{env, fs};

use cevscan::base::files::{INVENTORY, Results};
use cevscan::dataset::import::{ImportedTable, csi2021, lar2020, stage_tables};
use cevscan::dataset::table::{BinnedTable, BinnedUnits, Table};
use libtest_mimic::{Arguments, Failed, Trial};

type Outcome = Result<(), Failed>;
type Importer = fn(&Path) -> cevscan::Result<Vec<ImportedTable>>;

/// Folders of `data/` and of the release, and their importers.
const DATASETS: [(&str, Importer); 2] = [("csi2021", csi2021), ("lar2020", lar2020)];
const CSI_EVENTS: BinnedUnits = BinnedUnits { energy: "PE", content: "events" };
const LAR_EVENTS: BinnedUnits = BinnedUnits { energy: "keVee", content: "events" };
const LAR_RATIOS: BinnedUnits = BinnedUnits { energy: "keVee", content: "1" };

/// Sums of what was normalised here: rounding only.
const NORMALISED: f64 = 1e-9;
/// Sums of 960 released numbers of six digits.
const RELEASED: f64 = 1e-3;

fn main() {
    let required = env::var("CEVSCAN_REQUIRE_RELEASES").is_ok_and(|value| value == "1");
    let ignored = !required && !releases().is_dir();
    let mut trials = vec![
        Trial::test("data_csi_tables_have_the_published_sums", data_csi),
        Trial::test("data_lar_tables_have_the_published_sums", data_lar),
        Trial::test("data_holds_tables_in_their_written_form_only", data_is_canonical),
        Trial::test("tables_are_written_whole_beside_other_files", tables_are_written),
        Trial::test("a_missing_file_is_named", missing_file),
    ];
    trials.extend(
        [
            Trial::test("release_gives_the_tables_in_data_byte_for_byte", release_gives_data),
            Trial::test("release_gives_the_beam_trace_in_data", release_gives_beam_trace),
            Trial::test("release_counted_independently", counted_independently),
            Trial::test("release_edited_is_refused_with_its_line", edited_release),
            Trial::test("release_cut_anywhere_is_refused", cut_release),
        ]
        .map(|trial| trial.with_ignored_flag(ignored)),
    );
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn releases() -> PathBuf {
    env::var_os("CEVSCAN_RELEASES").map_or_else(|| repository().join("../shared/releases"), PathBuf::from)
}

fn data(dataset: &str, name: &str) -> Result<String, Failed> {
    let path = repository().join("data").join(dataset).join(name);
    fs::read_to_string(&path).map_err(|error| Failed::from(format!("{}: {error}", path.display())))
}

/// The text tables of a dataset; its description, `dataset.toml`, stands beside them.
fn tables_in_data(dataset: &str) -> Result<Vec<PathBuf>, Failed> {
    let mut tables = Vec::new();
    for entry in fs::read_dir(repository().join("data").join(dataset))? {
        tables.push(entry?.path());
    }
    tables.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    Ok(tables)
}

fn binned(dataset: &str, name: &str, units: BinnedUnits) -> Result<BinnedTable, Failed> {
    Ok(BinnedTable::parse(name, &data(dataset, name)?, units)?)
}

fn require(holds: bool, message: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(message().into()) }
}

fn require_sum(name: &str, table: &BinnedTable, expected: f64, tolerance: f64) -> Outcome {
    let sum: f64 = table.values().iter().sum();
    require((sum - expected).abs() <= tolerance, || format!("{name} sums to {sum}, not {expected}"))
}

/// Totals: 1578 and 1295 are counts of the release, 18.4 and 5.6 the predictions of arXiv:2110.07730.
fn data_csi() -> Outcome {
    let tables = [("counts.txt", 1578.0), ("steady_state.txt", 1295.0), ("brn.txt", 18.4), ("nin.txt", 5.6)];
    for (name, events) in tables {
        let table = binned("csi2021", name, CSI_EVENTS)?;
        table.require(name, "zero or positive", |content| content >= 0.0)?;
        require_sum(name, &table, events, NORMALISED)?;
        require(table.energy_edges() == [0.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 50.0, 60.0], || name.into())?;
        let edges = [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 2.0, 4.0, 6.0];
        require(table.time_edges_us() == edges, || name.into())?;
    }
    let steady_state = binned("csi2021", "steady_state.txt", CSI_EVENTS)?;
    // The last bin, 4 to 6 us, of a rate that falls as exp(-0.0494 t/us), in the first energy bin with events.
    let share = ((-0.0494_f64 * 4.0).exp() - (-0.0494_f64 * 6.0).exp()) / (1.0 - (-0.0494_f64 * 6.0).exp());
    for row in steady_state.values().chunks(11) {
        let events: f64 = row.iter().sum();
        require((events - events.round()).abs() < NORMALISED, || format!("{events} is no count"))?;
        require((row[10] - share * events).abs() < NORMALISED, || format!("share {}", row[10] / events))?;
    }
    let quenching = [("power", "1"), ("coefficient", "MeVee/MeVnr^power")];
    let quenching = Table::parse("quenching.txt", &data("csi2021", "quenching.txt")?, &quenching)?;
    let expected = [[1.0, 0.0554628], [2.0, 4.30681], [3.0, -111.707], [4.0, 840.384]];
    require(quenching.rows() == expected, || format!("{:?}", quenching.rows()))?;
    let efficiency = [("a", "1"), ("b", "1/PE"), ("c", "PE"), ("d", "1")];
    let efficiency = Table::parse("efficiency.txt", &data("csi2021", "efficiency.txt")?, &efficiency)?;
    require(efficiency.rows() == [[1.32045, 0.285979, 10.8646, -0.333322]], || format!("{:?}", efficiency.rows()))
}

/// Totals: the predictions of LArParametersAnlA.yaml, and 3152 for its 3154 steady-state events.
fn data_lar() -> Outcome {
    let tables =
        [("counts.txt", 3752.0), ("brn_prompt.txt", 497.0), ("brn_delayed.txt", 33.0), ("steady_state.txt", 3152.0)];
    for (name, events) in tables {
        let table = binned("lar2020", name, LAR_EVENTS)?;
        table.require(name, "zero or positive", |content| content >= 0.0)?;
        require_sum(name, &table, events, RELEASED)?;
        require((table.energy_bins(), table.time_bins()) == (12, 10), || name.into())?;
        require(table.time_edges_us()[..3] == [-0.1, 0.4, 0.9], || format!("{:?}", table.time_edges_us()))?;
    }
    // The event-weighted mean of a ratio is the relative difference of the totals: 0 between files of equal sums.
    let prompt = binned("lar2020", "brn_prompt.txt", LAR_EVENTS)?;
    let shapes = [
        ("shape_pbrn_energy.txt", 0.0),
        ("shape_pbrn_trigger_time.txt", 26.6713 / 994.0),
        ("shape_pbrn_trigger_width.txt", 0.0),
    ];
    for (name, expected) in shapes {
        let table = binned("lar2020", name, LAR_RATIOS)?;
        let mean = table.values().iter().zip(prompt.values()).map(|(r, n)| r * n).sum::<f64>() / 497.0;
        require((mean - expected).abs() < RELEASED / 497.0, || format!("{name}: mean {mean}, not {expected}"))?;
    }
    for name in ["shape_cevns_f90.txt", "shape_cevns_trigger_time.txt"] {
        binned("lar2020", name, LAR_RATIOS)?.require(name, "at least -1", |ratio| ratio >= -1.0)?;
    }
    let columns = [("electron_equivalent_energy", "keVee"), ("recoil_energy", "keVnr"), ("efficiency", "1")];
    let efficiency = Table::parse("efficiency.txt", &data("lar2020", "efficiency.txt")?, &columns)?;
    for row in efficiency.rows() {
        // The released keVnr are those of the quenching factor 0.246 + 0.00078 T, to 0.06 keVee.
        let kevee = (0.246 + 0.00078 * row[1]) * row[1];
        require((kevee - row[0]).abs() < 0.06, || format!("{row:?}"))?;
    }
    require(efficiency.rows().len() == 80, || format!("{} rows", efficiency.rows().len()))
}

fn data_is_canonical() -> Outcome {
    for (dataset, _) in DATASETS {
        for path in tables_in_data(dataset)? {
            let text = fs::read_to_string(&path)?;
            let table = Table::parse_any(&path.display().to_string(), &text)?;
            require(table.to_string() == text, || format!("{} is not as it would be written", path.display()))?;
        }
    }
    Ok(())
}

fn tables_are_written() -> Outcome {
    let dir = tempfile::tempdir()?;
    let out = dir.path().join("new/folder");
    let table = |contents: &str| ImportedTable { file_name: "t.txt".into(), contents: contents.into() };
    stage_tables(&Results::open(&out)?, &[table("old\n")])?.publish()?;
    fs::write(out.join("other.txt"), "stays\n")?;
    stage_tables(&Results::open(&out)?, &[table("new\n")])?.publish()?;
    require(fs::read_to_string(out.join("t.txt"))? == "new\n", || "not replaced".into())?;
    require(fs::read_to_string(out.join("other.txt"))? == "stays\n", || "not left alone".into())?;
    require(out.join(INVENTORY).is_file(), || "no inventory".into())?;
    require(fs::read_dir(&out)?.count() == 3, || "temporary files are left".into())?;
    let error = Results::open(&out.join("t.txt")).err().ok_or("a file is no folder")?;
    require(error.to_string().contains("t.txt"), || error.to_string())
}

fn missing_file() -> Outcome {
    let dir = tempfile::tempdir()?;
    for ((_, import), name) in DATASETS.into_iter().zip(["dataBeamOnC.txt", "datanobkgsub.txt"]) {
        let error = import(dir.path()).err().ok_or("an empty folder was imported")?.to_string();
        require(error.starts_with("cannot read ") && error.contains(name), || error)?;
    }
    Ok(())
}

fn release_gives_data() -> Outcome {
    for (dataset, import) in DATASETS {
        let tables = import(&releases().join(dataset))?;
        for ImportedTable { file_name, contents } in &tables {
            require(*contents == data(dataset, file_name)?, || format!("data/{dataset}/{file_name} differs"))?;
        }
        let traces = usize::from(dataset == "csi2021");
        let files = tables_in_data(dataset)?.len();
        require(files == tables.len() + traces, || format!("data/{dataset} has {files} tables"))?;
    }
    Ok(())
}

/// The trace is no release file, and its table was copied once from comma-separated lines.
fn release_gives_beam_trace() -> Outcome {
    let columns = [("time", "ns"), ("intensity", "1")];
    let table = Table::parse("beam_trace.txt", &data("csi2021", "beam_trace.txt")?, &columns)?;
    let text = fs::read_to_string(releases().join("csi2021/sns_beam_trace.csv"))?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    require(lines.len() == table.rows().len(), || format!("{} lines", lines.len()))?;
    for (line, row) in lines.iter().zip(table.rows()) {
        let numbers: Vec<f64> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        require(numbers == *row, || format!("{line} is {row:?}"))?;
    }
    Ok(())
}

/// Counts the events once more, with other code, and shows that the side on which a bin is closed matters.
fn counted_independently() -> Outcome {
    let text = fs::read_to_string(releases().join("csi2021/dataBeamOnC.txt"))?;
    let mut events = Vec::new();
    for line in text.lines().skip(2) {
        let (energy, time) = line.split_once(' ').ok_or("no event")?;
        events.push((energy.parse::<f64>()?, time.parse::<f64>()?));
    }
    let table = binned("csi2021", "counts.txt", CSI_EVENTS)?;
    let (energy_edges, time_edges) = (table.energy_edges(), table.time_edges_us());
    for (i, content) in table.values().iter().enumerate() {
        let (e, t) = (i / 11, i % 11);
        let in_energy = |x: f64| energy_edges[e] <= x && x < energy_edges[e + 1];
        let in_time = |x: f64| time_edges[t] <= x && x < time_edges[t + 1];
        let count = events.iter().filter(|(energy, time)| in_energy(*energy) && in_time(*time)).count();
        require(count as f64 == *content, || format!("energy bin {e}, time bin {t}: {count}, not {content}"))?;
    }
    let on_edge = events.iter().filter(|(energy, time)| *energy < 60.0 && time_edges.contains(time)).count();
    require(on_edge == 6, || format!("{on_edge} events lie on a time edge"))
}

/// A copy of a dataset's release in which `file` was changed by `edit`.
fn imported_with(dataset: usize, file: &str, edit: impl FnOnce(String) -> String) -> Result<String, Failed> {
    let (name, import) = DATASETS[dataset];
    let dir = tempfile::tempdir()?;
    for entry in fs::read_dir(releases().join(name))? {
        let path = entry?.path();
        fs::write(dir.path().join(path.file_name().unwrap_or_default()), fs::read(&path)?)?;
    }
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path)?;
    let edited = edit(text.clone());
    require(edited != text, || format!("{file} was not changed"))?;
    fs::write(&path, edited)?;
    match import(dir.path()) {
        Ok(_) => Err(format!("{file} was imported in spite of an edit").into()),
        Err(error) => Ok(error.to_string()),
    }
}

fn edited_release() -> Outcome {
    // Dataset, file, what is replaced (once) by what, and the message after the path.
    let edits = [
        (0, "dataBeamOnC.txt", "111.189 2.24", "111.189 2.2x", ":3: column 2 is '2.2x', but must be a finite number"),
        (0, "dataBeamOnC.txt", "111.189 2.24", "111.189", ":3: number of columns is 1, but must be 2"),
        (
            0,
            "dataBeamOnC.txt",
            "111.189 2.24",
            "11.189 2.24",
            ":5144: number of events in all bins is 1579, but must be",
        ),
        (0, "dataBeamOnAC.txt", "151.773 1.044", "-151.773 1.044", ":3: energy [PE] is -151.773, but must be zero or"),
        (0, "dataBeamOnAC.txt", "151.773 1.044\n", "", ":4891: number of rows is 4889, but must be 4890"),
        (0, "brnPE.txt", "7.5 0.0029", "7.5 -0.0029", ":8: content is -0.00291701, but must be zero or positive"),
        (0, "brnPE.txt", "7.5 0.0029", "7.5 0.0039", ":250: sum of the contents is 1.49877"),
        (0, "ninTrec.txt", "6.245 0.0027", "6.245 0.0028", ":650: sum of the contents is 7.56494"),
        (0, "brnPE.txt", "\n7.5 ", "\n7.6 ", ":8: bin centre [PE] is 7.6, but must be 7.5"),
        (0, "ninTrec.txt", "-0.245 0", "-0.24 0", ":1: bin centre [us] is -0.24, but must be -0.245"),
        (0, "ninTrec.txt", "-0.245 0", "-0.245 inf", ":1: column 2 is inf, but must be a finite number"),
        (0, "effCoefficients.txt", "Nominal", "nominal", ":12: number of headings is 0, but must be 1 '# Nominal"),
        (0, "scintRespCoefficients.txt", "-111.707 840.384", "-111.707", ":7: number of columns is 3, but must be 4"),
        (1, "datanobkgsub.txt", "5 0.525 0.15 32", "5 0.525 0.15 33", ":960: sum of the contents is 3753, but must be"),
        (1, "datanobkgsub.txt", "5 0.525 0.15 32", "5 0.525 0.15 -32", ":1: content is -32, but must be zero or"),
        (1, "bkgpdf.txt", "5 0.525 0.65", "15 0.525 0.65", ":2: bin centre [keVee] is 15, but must be 5"),
        (1, "brnpdf.txt", "5 0.575 0.15", "5 0.525 0.15", ":11: bin centre F90 is 0.525, but must be 0.57"),
        (1, "brnpdf+1sigEnergy.txt", "0.525 0.65", "0.525 0.15", ":2: bin centre [us] is 0.15, but must be 0.65"),
        (1, "cevnspdf.txt", "5 0.525 0.15 1.0338", "5 0.525 0.15", ":1: number of columns is 3, but must be 4"),
        (
            1,
            "CENNS10AnlAEfficiency.txt",
            "0.25 1.01299 0",
            "0.25 1.01299 2",
            ":1: efficiency is 2, but must be between",
        ),
        (1, "CENNS10AnlAEfficiency.txt", "0.75 3.0", "0.75 0.0", ":2: energy [keVnr] is 0.01972, but"),
    ];
    for (dataset, file, from, to, message) in edits {
        // At the beginning of a line where it stands there, so that no number's end is meant.
        let edit = |text: String| {
            let (text, line_start) = (format!("\n{text}"), format!("\n{from}"));
            let edited = match text.contains(&line_start) {
                true => text.replacen(&line_start, &format!("\n{to}"), 1),
                false => text.replacen(from, to, 1),
            };
            edited.strip_prefix('\n').unwrap_or(&edited).to_owned()
        };
        let found = imported_with(dataset, file, edit)?;
        require(found.contains(&format!("{file}{message}")), || format!("{file}, {from:?} -> {to:?}: {found}"))?;
    }
    Ok(())
}

fn cut_release() -> Outcome {
    for (dataset, (name, _)) in DATASETS.into_iter().enumerate() {
        for entry in fs::read_dir(releases().join(name))? {
            let file = entry?.file_name().to_string_lossy().into_owned();
            // Not read by the importer: the trace, the parameters, the projections on one axis.
            if ["csv", "yaml"].iter().any(|end| file.ends_with(end)) || file.contains("1d") {
                continue;
            }
            // Inside a number, inside the last number, before the last newline, and nothing left. The efficiency file
            // ends with a blank line, which does not count.
            for keep in [|n: usize| n / 2, |n| n - 3, |n| n - 2, |_| 0] {
                let message = imported_with(dataset, &file, |text| text[..keep(text.len())].to_owned())?;
                require(message.contains(&format!("{file}:")), || message)?;
            }
        }
    }
    Ok(())
}
