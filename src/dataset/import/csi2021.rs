//! CsI\[Na\], 2021: ancillary files of arXiv:2110.07730, binned as arXiv:2202.11002 does.

use std::path::Path;

use super::release::ReleasedFile;
use super::{ImportedTable, bin_of};
use crate::Result;
use crate::dataset::table::{About, BinnedTable, BinnedUnits, Column, Table};

/// Edges of the energy bins, in photoelectrons (PE); arXiv:2202.11002.
const ENERGY_EDGES_PE: [f64; 10] = [0.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 50.0, 60.0];
/// Edges of the time bins, in nanoseconds, whole so that overlaps are exact; arXiv:2202.11002.
const TIME_EDGES_NS: [u16; 12] = [0, 125, 250, 375, 500, 625, 750, 875, 1000, 2000, 4000, 6000];
/// Beam-related neutrons expected in the window; arXiv:2110.07730.
const BRN_EVENTS: f64 = 18.4;
/// Neutrino-induced neutrons expected in the window; arXiv:2110.07730.
const NIN_EVENTS: f64 = 5.6;
/// Rate at which the time efficiency falls, and with it the steady-state background; arXiv:2110.07730.
const TIME_DECAY_PER_US: f64 = 0.0494;
/// Time below which the time efficiency is 1; arXiv:2110.07730.
const TIME_EFFICIENCY_FLAT_BELOW_US: f64 = 0.52;

/// A released list of events: rows (energy, time) in all, and those inside our bins.
struct EventList {
    file: &'static str,
    events: usize,
    in_bins: u32,
}

const BEAM_COINCIDENT: EventList = EventList { file: "dataBeamOnC.txt", events: 5142, in_bins: 1578 };
const ANTI_COINCIDENT: EventList = EventList { file: "dataBeamOnAC.txt", events: 4890, in_bins: 1295 };

/// A released pair of templates, over energy and over time, with the sum of each file's contents.
struct Templates {
    energy: (&'static str, f64),
    time: (&'static str, f64),
}

const BRN: Templates = Templates { energy: ("brnPE.txt", 1.497778), time: ("brnTrec.txt", 27.632009) };
const NIN: Templates = Templates { energy: ("ninPE.txt", 1.333957), time: ("ninTrec.txt", 7.564846) };
/// Those sums are given to six decimals.
const TEMPLATE_SUM_TOLERANCE: f64 = 1e-6;
/// Templates over energy: bins of 1 PE from 0.
const ENERGY_TEMPLATE_BINS: usize = 250;
/// Templates over time: bins of 10 ns from -250 ns.
const TIME_TEMPLATE_BINS: usize = 650;
const TIME_TEMPLATE_WIDTH_NS: i32 = 10;
const TIME_TEMPLATE_START_NS: i32 = -250;

const ENERGY_BINS: usize = ENERGY_EDGES_PE.len() - 1;
const TIME_BINS: usize = TIME_EDGES_NS.len() - 1;
const UNITS: BinnedUnits = BinnedUnits { energy: "PE", content: "events" };

/// The tables of `data/csi2021` from the released files in `dir`, except the beam trace, which is no release file.
///
/// `counts.txt`, `steady_state.txt`, `brn.txt`, `nin.txt`: events per [9 energy bins in PE][11 time bins in us].
/// `quenching.txt`: electron-equivalent energy as a polynomial in the recoil energy. `efficiency.txt`: parameters of
/// the acceptance as a function of PE.
///
/// # Errors
/// [`crate::Error::Io`] for a file that cannot be read, [`crate::Error::InFile`] for one that is not as released.
pub fn csi2021(dir: &Path) -> Result<Vec<ImportedTable>> {
    Ok(vec![
        binned(
            "counts.txt",
            "CsI[Na] 2021: observed events",
            BEAM_COINCIDENT.file,
            "bins are [lo, hi) in energy and time",
            &histogram(dir, &BEAM_COINCIDENT)?,
        )?,
        binned(
            "steady_state.txt",
            "CsI[Na] 2021: expected steady-state background",
            ANTI_COINCIDENT.file,
            &format!(
                "events per energy bin as counted in the whole time window; shared among the time bins in proportion \
                 to the integral of exp(-{TIME_DECAY_PER_US} t/us)"
            ),
            &steady_state(&histogram(dir, &ANTI_COINCIDENT)?),
        )?,
        binned(
            "brn.txt",
            "CsI[Na] 2021: expected beam-related neutrons (BRN)",
            "brnPE.txt and brnTrec.txt",
            &template_note(BRN_EVENTS),
            &product(dir, &BRN, BRN_EVENTS)?,
        )?,
        binned(
            "nin.txt",
            "CsI[Na] 2021: expected neutrino-induced neutrons (NIN)",
            "ninPE.txt and ninTrec.txt",
            &template_note(NIN_EVENTS),
            &product(dir, &NIN, NIN_EVENTS)?,
        )?,
        ImportedTable::new("quenching.txt", quenching(dir)?),
        ImportedTable::new("efficiency.txt", efficiency(dir)?),
    ])
}

fn about(title: &str, file: &str, note: &str) -> About {
    About {
        title: title.to_owned(),
        source: format!("COHERENT, arXiv:2110.07730, from {file}; recipe: arXiv:2202.11002, data/README.md"),
        notes: vec![note.to_owned()],
    }
}

fn binned(file_name: &str, title: &str, file: &str, note: &str, values: &[f64]) -> Result<ImportedTable> {
    let table = BinnedTable::new(about(title, file, note), UNITS, &ENERGY_EDGES_PE, &time_edges_us(), values)?;
    Ok(ImportedTable::new(file_name, table))
}

fn time_edges_us() -> [f64; TIME_BINS + 1] {
    TIME_EDGES_NS.map(|edge| f64::from(edge) / 1e3)
}

/// Events of a list per [energy bin][time bin].
fn histogram(dir: &Path, list: &EventList) -> Result<Vec<f64>> {
    let file = ReleasedFile::read(dir, list.file)?;
    let time_edges_us = time_edges_us();
    let mut counts = vec![0.0; ENERGY_BINS * TIME_BINS];
    for row in file.rows(list.events)? {
        let [energy_pe, time_us] = row.values;
        file.check_not_negative(row.line, "energy [PE]", energy_pe)?;
        file.check_not_negative(row.line, "time [us]", time_us)?;
        if let (Some(energy), Some(time)) = (bin_of(&ENERGY_EDGES_PE, energy_pe), bin_of(&time_edges_us, time_us)) {
            counts[energy * TIME_BINS + time] += 1.0;
        }
    }
    file.check_total("number of events in all bins", counts.iter().sum(), f64::from(list.in_bins), 0.0)?;
    Ok(counts)
}

/// The energy distribution of `counts`, with the time distribution of a background of constant rate.
fn steady_state(counts: &[f64]) -> Vec<f64> {
    let survival = |edge_ns: u16| libm::exp(-TIME_DECAY_PER_US * f64::from(edge_ns) / 1e3);
    let in_bin: Vec<f64> = TIME_EDGES_NS.windows(2).map(|edge| survival(edge[0]) - survival(edge[1])).collect();
    let whole: f64 = in_bin.iter().sum();
    let shared = |events: f64| in_bin.iter().map(move |part| events * part / whole);
    counts.chunks(TIME_BINS).flat_map(|row| shared(row.iter().sum())).collect()
}

fn template_note(events: f64) -> String {
    format!(
        "product of the energy and the time template; the latter times the time efficiency at the centre of each of \
         its 10 ns bins (1 below {TIME_EFFICIENCY_FLAT_BELOW_US} us, then exp(-{TIME_DECAY_PER_US} (t/us - \
         {TIME_EFFICIENCY_FLAT_BELOW_US}))), bins split by an edge shared by overlap; {events} events in all bins"
    )
}

/// Product of two templates, `events` in all bins.
fn product(dir: &Path, templates: &Templates, events: f64) -> Result<Vec<f64>> {
    let energy = energy_template(dir, templates.energy)?;
    let time = time_template(dir, templates.time)?;
    Ok(energy.iter().flat_map(|e| time.iter().map(move |t| events * (e * t))).collect())
}

/// Shares of the energy bins; their sum is 1. The edges of our bins are edges of the template's.
fn energy_template(dir: &Path, (name, sum): (&str, f64)) -> Result<[f64; ENERGY_BINS]> {
    let file = ReleasedFile::read(dir, name)?;
    let (mut shares, mut contents) = ([0.0; ENERGY_BINS], 0.0);
    for (i, row) in file.rows(ENERGY_TEMPLATE_BINS)?.iter().enumerate() {
        let [centre_pe, content] = row.values;
        file.check_centre(row.line, "[PE]", centre_pe, i as f64 + 0.5)?;
        file.check_not_negative(row.line, "content", content)?;
        contents += content;
        if let Some(bin) = bin_of(&ENERGY_EDGES_PE, centre_pe) {
            shares[bin] += content;
        }
    }
    file.check_total("sum of the contents", contents, sum, TEMPLATE_SUM_TOLERANCE)?;
    Ok(normalised(shares))
}

/// Shares of the time bins, time efficiency included; their sum is 1.
fn time_template(dir: &Path, (name, sum): (&str, f64)) -> Result<[f64; TIME_BINS]> {
    let file = ReleasedFile::read(dir, name)?;
    let (mut shares, mut contents) = ([0.0; TIME_BINS], 0.0);
    let mut start_ns = TIME_TEMPLATE_START_NS;
    for row in file.rows(TIME_TEMPLATE_BINS)? {
        let [centre_us, content] = row.values;
        let end_ns = start_ns + TIME_TEMPLATE_WIDTH_NS;
        let expected_us = f64::from(start_ns + end_ns) / 2e3;
        file.check_centre(row.line, "[us]", centre_us, expected_us)?;
        file.check_not_negative(row.line, "content", content)?;
        contents += content;
        let detected = content * time_efficiency(expected_us);
        for (share, edges) in shares.iter_mut().zip(TIME_EDGES_NS.windows(2)) {
            let overlap_ns = end_ns.min(edges[1].into()) - start_ns.max(edges[0].into());
            if overlap_ns > 0 {
                *share += detected * f64::from(overlap_ns) / f64::from(TIME_TEMPLATE_WIDTH_NS);
            }
        }
        start_ns = end_ns;
    }
    file.check_total("sum of the contents", contents, sum, TEMPLATE_SUM_TOLERANCE)?;
    Ok(normalised(shares))
}

fn time_efficiency(time_us: f64) -> f64 {
    libm::exp(-TIME_DECAY_PER_US * (time_us - TIME_EFFICIENCY_FLAT_BELOW_US).max(0.0))
}

fn normalised<const N: usize>(shares: [f64; N]) -> [f64; N] {
    let whole: f64 = shares.iter().sum();
    shares.map(|share| share / whole)
}

fn quenching(dir: &Path) -> Result<Table> {
    let name = "scintRespCoefficients.txt";
    let file = ReleasedFile::read(dir, name)?;
    let coefficients: [f64; 4] = file.row_after(&file.rows(5)?, "# Nominal scintillation model")?;
    let note =
        "E_ee [MeVee] = sum over rows of coefficient T^power, T the nuclear recoil energy [MeVnr]; nominal model";
    let columns = vec![Column::new("power", "1"), Column::new("coefficient", "MeVee/MeVnr^power")];
    let rows = (1_u8..).zip(coefficients).map(|(power, coefficient)| vec![power.into(), coefficient]).collect();
    Table::new(about("CsI[Na] 2021: scintillation response", name, note), vec![], columns, rows)
}

fn efficiency(dir: &Path) -> Result<Table> {
    let name = "effCoefficients.txt";
    let file = ReleasedFile::read(dir, name)?;
    let coefficients: [f64; 4] = file.row_after(&file.rows(3)?, "# Nominal efficiency model")?;
    let note =
        "efficiency = a / (1 + exp(-b (x - c))) + d, not below 0, x the reconstructed energy [PE]; nominal model";
    let columns = [("a", "1"), ("b", "1/PE"), ("c", "PE"), ("d", "1")].map(|(name, unit)| Column::new(name, unit));
    let about = about("CsI[Na] 2021: efficiency against reconstructed energy", name, note);
    Table::new(about, vec![], columns.to_vec(), vec![coefficients.to_vec()])
}
