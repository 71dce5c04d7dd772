//! When the signal arrives: beam trace, efficiency against time.

use crate::Result;
use crate::base::document::{Bound, Section};
use crate::physics::flux::{BeamTrace, Source, TimeEfficiency, arrival_fractions};

use super::super::embedded::beam_trace_of_csi;
use super::super::table::Table;
use super::{Binning, Part, in_table, require_increasing};

/// Columns of a trace.
const COLUMNS: [(&str, &str); 2] = [("time", "ns"), ("intensity", "1")];
/// The pulse of the Spallation Neutron Source as the analysis of LAr 2020 has it (arXiv:2202.11002, below 2.9).
const SNS_OF_LAR: BeamTrace = BeamTrace::Gaussian { mean_ns: 440.0, sigma_ns: 150.0 };

/// Reads `[time]`: the share of each class in each time bin, `[classes][time_bins]`, and the beam's trace. Without it,
/// neutrinos come evenly.
pub(super) fn read(part: Option<&Part>, source: &Source, binning: &Binning) -> Result<(Vec<f64>, Option<BeamTrace>)> {
    let Some(part) = part else { return Ok((fractions(&BeamTrace::Uniform, None, source, binning)?, None)) };
    part.read(|part| {
        let section = &part.section;
        let below = Part { section: section.section("trace")?, tables: part.tables };
        let trace = below.read(trace)?;
        if trace != BeamTrace::Uniform && source.classes.iter().any(|class| class.lifetimes_ns.is_empty()) {
            return Err(below.section.error("kind", "that of a pulsed beam", "'uniform' with a tabulated flux"));
        }
        let efficiency = section.optional_section("efficiency")?;
        let efficiency = efficiency.map(|efficiency| efficiency.read(time_efficiency)).transpose()?;
        let mut all = fractions(&trace, efficiency.as_ref(), source, binning)?;
        if section.flag("normalise_to_window", false)? {
            for (class, fractions) in source.classes.iter().zip(all.chunks_mut(binning.time_edges_us.len() - 1)) {
                let total: f64 = fractions.iter().sum();
                if !(total > 0.0 && total.is_finite()) {
                    let value = format!("true, with {total} of class '{}' in the window", class.name);
                    return Err(section.error(
                        "normalise_to_window",
                        value,
                        "false, or the window one that sees the beam",
                    ));
                }
                fractions.iter_mut().for_each(|fraction| *fraction /= total);
            }
        }
        Ok((all, Some(trace)))
    })
}

fn fractions(
    trace: &BeamTrace,
    efficiency: Option<&TimeEfficiency>,
    source: &Source,
    binning: &Binning,
) -> Result<Vec<f64>> {
    let mut all = Vec::new();
    for class in &source.classes {
        all.extend(arrival_fractions(trace, &class.lifetimes_ns, &binning.time_edges_us, efficiency)?);
    }
    Ok(all)
}

fn trace(part: &Part) -> Result<BeamTrace> {
    let section = &part.section;
    match section.choice("kind", &["table", "gaussian", "uniform", "sns-csi-2021", "sns-lar-2020"])? {
        "uniform" => Ok(BeamTrace::Uniform),
        "sns-csi-2021" => {
            let (path, text) = beam_trace_of_csi()?;
            tabulated(&path, &Table::parse(&path, &text, &COLUMNS)?)
        }
        "sns-lar-2020" => Ok(SNS_OF_LAR),
        "gaussian" => Ok(BeamTrace::Gaussian {
            mean_ns: section.number("mean_ns", Bound::Within(1e7))?,
            sigma_ns: section.number("sigma_ns", Bound::PositiveUpTo(1e7))?,
        }),
        _ => {
            let (path, table) = part.table("table", &COLUMNS)?;
            tabulated(&path, &table)
        }
    }
}

fn tabulated(path: &str, table: &Table) -> Result<BeamTrace> {
    require_increasing(path, table)?;
    if let Some(i) = table.rows().iter().position(|row| !(1e-30..=1e30).contains(&row[1])) {
        let bound = "positive, from 1e-30 to 1e30";
        return Err(in_table(path, table.row_line(i), "intensity", table.rows()[i][1], bound));
    }
    if table.rows().len() < 2 {
        return Err(in_table(path, table.row_line(0), "number of rows", 1.0, "at least 2"));
    }
    Ok(BeamTrace::Table { time_ns: table.column(0), intensity: table.column(1) })
}

fn time_efficiency(section: &Section) -> Result<TimeEfficiency> {
    Ok(TimeEfficiency {
        flat_until_us: section.number("flat_until_us", Bound::Within(1e4))?,
        rate_per_us: section.number("rate_per_us", Bound::NotNegativeUpTo(1e3))?,
    })
}
