//! A dataset of one's own as texts: its file, and the tables that it names.

#![allow(dead_code, reason = "each test file takes what it needs")]

/// Names and texts of tables.
pub type Tables<'a> = [(&'a str, &'a str)];

/// A file that stands on its own.
pub const GOOD: &str = r#"name = "mine"
label = "Ge"
description = "made up"
reference = "none"

[source]
kind = "pion-decay-at-rest"
neutrinos_per_flavour_per_proton = 0.09
protons_on_target = 1e23
baseline_m = 20

[target]
active_mass_kg = 10
isotopes = [{ element = "Ge", mass_fraction = 1 }]

[quenching]
kind = "lindhard"

[resolution]
kind = "gaussian"
constant_kev = 0.1
sqrt_kev = 0.05

[efficiency]
kind = "logistic"
amplitude = 0.9
slope = 5
centre = 1.5

[observation]
energy_unit = "keVee"
counts = "counts.txt"
statistic = { kind = "poisson" }

[time]
trace = { kind = "gaussian", mean_ns = 400, sigma_ns = 150 }

[signal]
name = "cevns"
sigma = 0.1
shapes = [{ name = "tilt", table = "tilt.txt" }]

[[background]]
name = "flat"
label = "flat"
flat_events = 30
sigma = 0.1
"#;

/// What the file says of its background.
pub const FLAT: &str = "name = \"flat\"\nlabel = \"flat\"\nflat_events = 30\nsigma = 0.1";

/// What was seen.
pub const COUNTS: &str = "# title: counts
# source: made up
# time_edges_us: 0 1 6
# columns: lo hi t0 t1
# units: keVee keVee events events
# rows: 3
1 3 12 25
3 6 9 14
6 12 3 7
";

/// A change of shape.
pub const TILT: &str = "# title: a shape
# source: made up
# time_edges_us: 0 1 6
# columns: lo hi t0 t1
# units: keVee keVee 1 1
# rows: 3
1 3 0.1 0.1
3 6 0 0
6 12 -0.1 -0.1
";

/// Both.
pub const TABLES: &Tables<'static> = &[("counts.txt", COUNTS), ("tilt.txt", TILT)];

/// [`GOOD`] with something in the place of what it has.
pub fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}
