//! Liquid argon, 2020, analysis A: data release arXiv:2006.12659, summed over F90 as arXiv:2202.11002 does.

use std::path::Path;

use super::ImportedTable;
use super::release::ReleasedFile;
use crate::Result;
use crate::dataset::table::{About, BinnedTable, BinnedUnits, Column, Table};

/// Bins of a released histogram, slowest first: energy, F90 (pulse shape), time. Its rows are in this order.
const BINS: [usize; 3] = [12, 8, 10];
/// Centre of the first bin and width: energy in keVee, F90, time in us.
const FIRST_CENTRES: [f64; 3] = [5.0, 0.525, 0.15];
const WIDTHS: [f64; 3] = [10.0, 0.05, 0.5];
const AXES: [&str; 3] = ["[keVee]", "F90", "[us]"];

/// A released histogram and the sum of its contents.
///
/// Totals are the predictions of LArParametersAnlA.yaml, with two exceptions: the steady-state file holds 3152 events
/// where the parameters say 3154, and the +1 sigma file of the neutrons' mean time is not normalised like the others.
struct Histogram {
    file: &'static str,
    events: f64,
}

const COUNTS: Histogram = Histogram { file: "datanobkgsub.txt", events: 3752.0 };
const STEADY_STATE: Histogram = Histogram { file: "bkgpdf.txt", events: 3152.0 };
const BRN_DELAYED: Histogram = Histogram { file: "delbrnpdf.txt", events: 33.0 };
const BRN_PROMPT: Histogram = Histogram { file: "brnpdf.txt", events: 497.0 };
const CEVNS: Histogram = Histogram { file: "cevnspdf.txt", events: 128.0 };
const BRN_ENERGY: [Histogram; 2] = [
    Histogram { file: "brnpdf+1sigEnergy.txt", events: 497.0 },
    Histogram { file: "brnpdf-1sigEnergy.txt", events: 497.0 },
];
const BRN_TRIGGER_TIME: [Histogram; 2] = [
    Histogram { file: "brnpdf+1sigBRNTimingMean.txt", events: 523.6713 },
    Histogram { file: "brnpdf-1sigBRNTimingMean.txt", events: 497.0 },
];
const BRN_TRIGGER_WIDTH: Histogram = Histogram { file: "brnpdfBRNTimingWidthSyst.txt", events: 497.0 };
const CEVNS_F90: [Histogram; 2] = [
    Histogram { file: "cevnspdf+1sigF90.txt", events: 128.0 },
    Histogram { file: "cevnspdf-1sigF90.txt", events: 128.0 },
];
const CEVNS_TRIGGER_TIME: Histogram = Histogram { file: "cevnspdfCEvNSTimingMeanSyst.txt", events: 128.0 };
/// 960 numbers of six digits add up this well.
const TOTAL_TOLERANCE_EVENTS: f64 = 1e-3;

/// Rows of the efficiency file, one every 0.5 keVee from 0.25 keVee on.
const EFFICIENCY_FILE: &str = "CENNS10AnlAEfficiency.txt";
const EFFICIENCY_ROWS: usize = 80;

/// The tables of `data/lar2020` from the released files in `dir`.
///
/// `counts.txt`, `brn_prompt.txt`, `brn_delayed.txt`, `steady_state.txt`: events per [12 energy bins in keVee][10 time
/// bins in us]. `shape_*.txt`: relative change of a component by one standard deviation of a systematic, a pure number
/// in the same bins. `efficiency.txt`: acceptance against energy.
///
/// # Errors
/// [`crate::Error::Io`] for a file that cannot be read, [`crate::Error::InFile`] for one that is not as released.
pub fn lar2020(dir: &Path) -> Result<Vec<ImportedTable>> {
    let read = |histogram: &Histogram| summed_over_f90(dir, histogram);
    let events = |file_name: &str, title: &str, histogram: &Histogram| {
        binned(file_name, title, "events", histogram.file, "summed over the 8 bins of F90", &read(histogram)?)
    };
    let one_sided = |file_name: &str, title: &str, nominal: &Histogram, changed: &Histogram| {
        let ratios = ratios(&read(nominal)?, &read(changed)?, &read(nominal)?, 1.0);
        let source = format!("{} and {}", nominal.file, changed.file);
        let note = "(N_changed - N_nominal) / N_nominal after summing over F90, 0 where N_nominal is 0";
        binned(file_name, title, "1", &source, note, &ratios)
    };
    let two_sided = |file_name: &str, title: &str, nominal: &Histogram, [up, down]: &[Histogram; 2]| {
        let ratios = ratios(&read(nominal)?, &read(up)?, &read(down)?, 2.0);
        let source = format!("{}, {} and {}", nominal.file, up.file, down.file);
        let note = "(N_plus - N_minus) / (2 N_nominal) after summing over F90, 0 where N_nominal is 0";
        binned(file_name, title, "1", &source, note, &ratios)
    };
    let shape =
        |component: &str, systematic: &str| format!("relative change of {component} by one sigma of {systematic}");
    Ok(vec![
        events("counts.txt", "observed events", &COUNTS)?,
        events("brn_prompt.txt", "expected prompt beam-related neutrons (PBRN)", &BRN_PROMPT)?,
        events("brn_delayed.txt", "expected delayed beam-related neutrons (DBRN)", &BRN_DELAYED)?,
        events("steady_state.txt", "expected steady-state background", &STEADY_STATE)?,
        two_sided("shape_cevns_f90.txt", &shape("CEvNS", "the F90 distribution"), &CEVNS, &CEVNS_F90)?,
        one_sided(
            "shape_cevns_trigger_time.txt",
            &shape("CEvNS", "the mean trigger time"),
            &CEVNS,
            &CEVNS_TRIGGER_TIME,
        )?,
        two_sided("shape_pbrn_energy.txt", &shape("PBRN", "their energy"), &BRN_PROMPT, &BRN_ENERGY)?,
        two_sided(
            "shape_pbrn_trigger_time.txt",
            &shape("PBRN", "their mean trigger time"),
            &BRN_PROMPT,
            &BRN_TRIGGER_TIME,
        )?,
        one_sided(
            "shape_pbrn_trigger_width.txt",
            &shape("PBRN", "the width of their trigger times"),
            &BRN_PROMPT,
            &BRN_TRIGGER_WIDTH,
        )?,
        ImportedTable::new("efficiency.txt", efficiency(dir)?),
    ])
}

fn about(title: &str, file: &str, note: &str) -> About {
    About {
        title: format!("LAr 2020, analysis A: {title}"),
        source: format!("COHERENT, arXiv:2006.12659, from {file}; recipe: arXiv:2202.11002, data/README.md"),
        notes: vec![note.to_owned()],
    }
}

fn binned(file_name: &str, title: &str, unit: &str, file: &str, note: &str, values: &[f64]) -> Result<ImportedTable> {
    let units = BinnedUnits { energy: "keVee", content: unit };
    let energy_edges_kevee: Vec<f64> = (0..=12_u8).map(|i| 10.0 * f64::from(i)).collect();
    // In tenths of a microsecond, so that each edge is the f64 nearest to its decimal.
    let time_edges_us: Vec<f64> = (0..=10_u8).map(|i| (5.0 * f64::from(i) - 1.0) / 10.0).collect();
    let table = BinnedTable::new(about(title, file, note), units, &energy_edges_kevee, &time_edges_us, values)?;
    Ok(ImportedTable::new(file_name, table))
}

/// Contents per [energy bin][time bin], summed over F90 in the order of the file.
fn summed_over_f90(dir: &Path, histogram: &Histogram) -> Result<Vec<f64>> {
    let [energies, shapes, times] = BINS;
    let file = ReleasedFile::read(dir, histogram.file)?;
    let mut sums = vec![0.0; energies * times];
    for (i, row) in file.rows::<4>(energies * shapes * times)?.iter().enumerate() {
        let indices = [i / (shapes * times), i / times % shapes, i % times];
        for axis in 0..3 {
            let expected = FIRST_CENTRES[axis] + WIDTHS[axis] * indices[axis] as f64;
            file.check_centre(row.line, AXES[axis], row.values[axis], expected)?;
        }
        let content = row.values[3];
        file.check_not_negative(row.line, "content", content)?;
        sums[indices[0] * times + indices[2]] += content;
    }
    file.check_total("sum of the contents", sums.iter().sum(), histogram.events, TOTAL_TOLERANCE_EVENTS)?;
    Ok(sums)
}

/// (up - down) / (sigmas nominal) in each bin, 0 where the nominal content is 0.
fn ratios(nominal: &[f64], up: &[f64], down: &[f64], sigmas: f64) -> Vec<f64> {
    let ratio = |((nominal, up), down): ((&f64, &f64), &f64)| match *nominal {
        0.0 => 0.0,
        nominal => (up - down) / (sigmas * nominal),
    };
    nominal.iter().zip(up).zip(down).map(ratio).collect()
}

fn efficiency(dir: &Path) -> Result<Table> {
    let file = ReleasedFile::read(dir, EFFICIENCY_FILE)?;
    let rows = file.rows::<3>(EFFICIENCY_ROWS)?;
    let mut previous_kevnr = 0.0;
    for (i, row) in rows.iter().enumerate() {
        let [kevee, kevnr, efficiency] = row.values;
        file.check_centre(row.line, "[keVee]", kevee, 0.25 + 0.5 * i as f64)?;
        if kevnr <= previous_kevnr {
            return Err(file.refuse(row.line, "energy [keVnr]", kevnr, &format!("above {previous_kevnr}")));
        }
        if !(0.0..=1.0).contains(&efficiency) {
            return Err(file.refuse(row.line, "efficiency", efficiency, "between 0 and 1"));
        }
        previous_kevnr = kevnr;
    }
    let note = "linear in keVee between rows, 0 below the first, constant above the last";
    let columns = [("electron_equivalent_energy", "keVee"), ("recoil_energy", "keVnr"), ("efficiency", "1")];
    let columns = columns.map(|(name, unit)| Column::new(name, unit)).to_vec();
    let rows = rows.iter().map(|row| row.values.to_vec()).collect();
    Table::new(about("efficiency against energy", EFFICIENCY_FILE, note), vec![], columns, rows)
}
