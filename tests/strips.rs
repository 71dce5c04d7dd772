//! The allowed strips of our maps against the lines of the paper (4.1-4.6).

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::{HIGH_MASS_MEV, Minimum};
use cevscan::analysis::strips::{PUBLISHED, degeneracies};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Plane, Settings, Unobserved, scan};
use cevscan::statistics::{TWO_SIGMA, delta_chi2};

/// Lowest mass at which strips are looked at (MeV): far above the momentum transfer, where g is proportional to M.
const LOWEST_MASS_MEV: f64 = 1e3;
/// How far the middle of a strip may be from its line: the paper has one or two digits.
const TOLERANCE: f64 = 0.10;
/// The strip is looked for this far to either side of the line, as a factor; the region of g = 0 lies below.
const AROUND: f64 = 1.4;

#[test]
fn strips_of_maps_lie_on_the_published_lines() {
    let experiments = Experiment::parse_list("csi").unwrap();
    let delta_chi2 = delta_chi2(TWO_SIGMA, 2).unwrap();
    for (name, strip_per_gev, ..) in PUBLISHED {
        let model = Model::named(name).unwrap();
        let analysis = Analysis::new(&model, &experiments);
        let line = |mass_mev: f64| strip_per_gev * mass_mev / 1e3;
        let couplings = (line(LOWEST_MASS_MEV) / 2.0, line(HIGH_MASS_MEV) * 2.0);
        let plane = Plane::new((LOWEST_MASS_MEV, HIGH_MASS_MEV), couplings, (9, 3000), 1).unwrap();
        let settings = Settings { device: Device::Cpu, tile_rows: None, delta_chi2, minimum: Minimum::Plane };
        let map = scan(&analysis, plane, settings, &Unobserved).unwrap();
        let columns = map.plane.coupling.len();
        for (mass_mev, row) in map.plane.mass.values.iter().zip(map.chi2.chunks(columns)) {
            let near = |coupling: f64| (1.0 / AROUND..AROUND).contains(&(coupling / line(*mass_mev)));
            let allowed: Vec<f64> = map
                .plane
                .coupling
                .values
                .iter()
                .zip(row)
                .filter(|(coupling, chi2)| near(**coupling) && **chi2 <= map.level_at(0))
                .map(|(coupling, _)| *coupling)
                .collect();
            let (first, last) = (allowed[0], allowed[allowed.len() - 1]);
            // A strip, with excluded couplings on both sides of it.
            assert!(
                first > line(*mass_mev) / AROUND * 1.01 && last < line(*mass_mev) * AROUND / 1.01,
                "{name}: no strip"
            );
            let off = ((first * last).sqrt() / line(*mass_mev)).ln();
            assert!(
                off.abs() < TOLERANCE,
                "{name} at {mass_mev} MeV: the strip from {first} to {last} is off by {off}"
            );
        }
        // And our own line, of which the paper's is a rounding, runs inside of the strip.
        let own = degeneracies(&analysis)[0].unwrap().strip_per_gev * HIGH_MASS_MEV / 1e3;
        let at = map.plane.coupling.values.partition_point(|coupling| *coupling < own);
        assert!(map.chi2[map.chi2.len() - columns + at] <= map.level_at(0), "{name}: {own}");
    }
}
