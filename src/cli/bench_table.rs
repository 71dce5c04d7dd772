//! The tables of `cevscan bench`.

use std::fmt::Write as _;

use crate::benchmark::{Measurement, Part, Report};
use crate::output::significant;

/// Parts in the order of the tables, and their headings.
const PARTS: [(Part, &str); 5] = [
    (Part::Rates, "Rates only"),
    (Part::Minimisation, "Minimisation only"),
    (Part::Rows, "Rates and minimisation, in memory"),
    (Part::Map, "Whole map, from process start to files written"),
    (Part::Toys, "Toys of a point with their minima over the plane (as many as points)"),
];

/// Everything for people. Writing to a String cannot fail.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    let machine = &report.machine;
    let _ = writeln!(
        text,
        "machine     {}, {} hardware threads, {}, {}",
        machine.cpu, machine.hardware_threads, machine.simd, machine.platform
    );
    for adapter in &report.adapters {
        let _ = writeln!(text, "adapter     {adapter}");
    }
    let _ = writeln!(text, "program     {}", machine.program);
    let _ = writeln!(text, "work        {} on {}\n", report.model, report.data);
    checks(report, &mut text);
    for (part, heading) in PARTS {
        part_table(report, part, heading, &mut text);
    }
    text.push('\n');
    phases_table(report, &mut text);
    peer(report, &mut text);
    for left_out in &report.skipped {
        let what = PARTS.iter().find(|(part, _)| *part == left_out.part).map_or("", |(_, heading)| heading);
        let _ = writeln!(
            text,
            "left out    {what}: {}, {} threads, {} (about {:.0} s)",
            left_out.engine,
            left_out.threads,
            named(left_out.grid),
            left_out.expected_s
        );
    }
    for crossover in &report.crossover {
        let verdict = match crossover.points {
            Some(points) => format!("overtakes the CPU in whole maps above {points:.2e} points"),
            None => "loses to the CPU in whole maps of every size".to_owned(),
        };
        let _ = writeln!(
            text,
            "crossover   {} {verdict} ({} against {} Mpoint/s, start apart)",
            crossover.engine,
            significant(crossover.points_per_second / 1e6, 3),
            significant(crossover.cpu_points_per_second / 1e6, 3)
        );
    }
    text
}

fn checks(report: &Report, text: &mut String) {
    for checked in &report.checks {
        let check = &checked.check;
        let counts = check.largest_count_deviation.map_or(String::new(), |deviation| {
            format!(", counts within {deviation:.1e} ({:.0e} allowed)", check.allowed_count_deviation)
        });
        let _ = writeln!(
            text,
            "check       {}: {}; chi2 within {:.1e} of the reference ({:.0e} allowed){counts}, {} random points",
            checked.engine,
            if checked.passed { "right" } else { "WRONG, not measured" },
            check.largest_chi2_difference,
            check.allowed_chi2_difference,
            check.points
        );
    }
}

/// The script in Python, beside the fastest that one thread does in memory here.
fn peer(report: &Report, text: &mut String) {
    let Some(peer) = &report.peer else { return };
    let one_thread = |m: &&Measurement| m.part == Part::Rows && m.threads == 1;
    let best = report
        .measurements
        .iter()
        .filter(one_thread)
        .max_by(|a, b| f64::total_cmp(&a.points_per_second, &b.points_per_second));
    let ratio = best.map_or(String::new(), |best| {
        let ratio = best.points_per_second / peer.points_per_second;
        format!("; one thread of {} does {ratio:.1e} times as many at {}", best.engine, named(best.grid))
    });
    let _ = writeln!(
        text,
        "peer        {}: {:.1} points/s in one thread, {}, chi2 within {:.1e} of the reference ({:.0e} allowed), {} random points{ratio}",
        peer.name,
        peer.points_per_second,
        if peer.is_right() { "right" } else { "WRONG" },
        peer.largest_chi2_difference,
        peer.allowed_chi2_difference,
        peer.points
    );
}

fn part_table(report: &Report, part: Part, heading: &str, text: &mut String) {
    let own: Vec<&Measurement> = report.measurements.iter().filter(|m| m.part == part).collect();
    let mut sizes: Vec<[usize; 2]> = own.iter().map(|m| m.grid).collect();
    sizes.sort_unstable_by_key(|[masses, couplings]| (masses * couplings, *masses));
    sizes.dedup();
    let mut lines: Vec<(&str, usize)> = Vec::new();
    for m in &own {
        if !lines.contains(&(m.engine.as_str(), m.threads)) {
            lines.push((&m.engine, m.threads));
        }
    }
    if lines.is_empty() {
        return;
    }
    let (unit, one) = if part == Part::Toys { ("ktoy/s", 1e3) } else { ("Mpoint/s", 1e6) };
    let _ = write!(text, "\n{heading} [{unit}]\n{:<20}{:>8}", "engine", "threads");
    for size in &sizes {
        let _ = write!(text, "{:>12}", named(*size));
    }
    text.push('\n');
    for (engine, threads) in lines {
        let _ = write!(text, "{engine:<20}{threads:>8}");
        for size in &sizes {
            let found = own.iter().find(|m| m.engine == engine && m.threads == threads && m.grid == *size);
            let _ = write!(text, "{:>12}", found.map_or("-".to_owned(), |m| significant(m.points_per_second / one, 3)));
        }
        text.push('\n');
    }
    if let (Part::Toys, Some(places)) = (part, report.places_of_a_toy) {
        let fastest = own.iter().map(|m| m.points_per_second).fold(0.0, f64::max);
        let _ = writeln!(
            text,
            "chi2 of each toy is minimised over all nuisance parameters at {places} places of the plane: up to {} M/s",
            significant(fastest * places as f64 / 1e6, 3)
        );
    }
}

/// Where the time of rows goes on a GPU: host and device overlap, so the parts need not sum to the whole.
fn phases_table(report: &Report, text: &mut String) {
    const COLUMNS: [&str; 9] =
        ["prepare", "vertices", "submit", "kernel", "wait", "read", "whole", "launches", "passes/pt"];
    if report.phases.is_empty() {
        return;
    }
    let _ = write!(text, "Rows on a GPU by phase [ms]\n{:<20}{:>12}", "engine", "grid");
    COLUMNS.iter().for_each(|column| _ = write!(text, "{column:>10}"));
    text.push('\n');
    for measured in &report.phases {
        let phases = &measured.phases;
        let _ = write!(text, "{:<20}{:>12}", measured.engine, named(measured.grid));
        let seconds = [
            Some(phases.prepare_s),
            Some(phases.vertices_s),
            Some(phases.submit_s),
            phases.kernel_s,
            Some(phases.wait_s),
            Some(phases.read_s),
            Some(measured.seconds),
        ];
        for seconds in seconds {
            let _ = write!(text, "{:>10}", seconds.map_or("-".to_owned(), |seconds| format!("{:.2}", 1e3 * seconds)));
        }
        let passes = phases.passes as f64 / (phases.points as f64).max(1.0);
        let _ = writeln!(text, "{:>10}{passes:>10.2}", phases.launches);
    }
    text.push('\n');
}

fn named([masses, couplings]: [usize; 2]) -> String {
    format!("{masses}x{couplings}")
}
