//! The keys of a dataset file, section by section.

use crate::base::document::Keys;

const FILE: &[&str] = &[
    "base",
    "name",
    "label",
    "description",
    "reference",
    "source",
    "target",
    "isotope",
    "process",
    "electron_recoils",
    "quenching",
    "resolution",
    "efficiency",
    "response",
    "variation",
    "observation",
    "time",
    "signal",
    "background",
];
const SOURCE: &[&str] = &[
    "kind",
    "neutrinos_per_flavour_per_proton",
    "protons_on_target",
    "baseline_m",
    "table",
    "live_time_days",
    "flux_per_cm2_s",
    "survival",
    "muon_share",
    "thermal_power_gw",
    "fission_fractions",
    "highest_mev",
    "duty",
];
const ISOTOPE: &[&str] = &["name", "protons", "neutrons", "atomic_mass_u", "proton_radius_fm", "neutron_radius_fm"];
const QUENCHING: &[&str] = &["kind", "coefficients_kev", "table", "factor", "k", "protons"];
const RESOLUTION: &[&str] =
    &["kind", "a_kev", "b_per_kev", "step_pe", "sigma_per_sqrt_kev", "constant_kev", "sqrt_kev", "linear"];
const EFFICIENCY: &[&str] = &["kind", "value", "at", "table", "amplitude", "slope", "centre", "offset"];
const RESPONSES: &[&str] = &["quenching", "resolution", "efficiency"];
const VARIATION: &[&str] = &["name", "up", "down", "shared"];
const SHAPE: &[&str] = &["name", "table", "shared"];

/// All keys that a section may have, of any kind: another is refused before anything else is said of the section.
pub(super) const KEYS: Keys = &[
    ("the file", FILE),
    ("[source]", SOURCE),
    ("[target]", &["active_mass_kg", "isotopes", "molar_mass_g_per_mol"]),
    ("[target.isotopes]", &["name", "element", "mass_fraction", "per_formula_unit"]),
    ("[isotope]", ISOTOPE),
    ("[process]", &["kind"]),
    ("[quenching]", QUENCHING),
    ("[resolution]", RESOLUTION),
    ("[efficiency]", EFFICIENCY),
    ("[response]", &["kind", "table", "variation"]),
    ("[response.variation]", VARIATION),
    ("[variation]", VARIATION),
    ("[variation.up]", RESPONSES),
    ("[variation.down]", RESPONSES),
    ("[variation.up.quenching]", QUENCHING),
    ("[variation.up.resolution]", RESOLUTION),
    ("[variation.up.efficiency]", EFFICIENCY),
    ("[variation.down.quenching]", QUENCHING),
    ("[variation.down.resolution]", RESOLUTION),
    ("[variation.down.efficiency]", EFFICIENCY),
    ("[observation]", &["energy_unit", "counts", "energy_edges", "time_edges_us", "statistic"]),
    ("[observation.statistic]", &["kind", "variance", "covariance", "background", "share"]),
    ("[time]", &["trace", "efficiency", "normalise_to_window"]),
    ("[time.trace]", &["kind", "mean_ns", "sigma_ns", "table"]),
    ("[time.efficiency]", &["flat_until_us", "rate_per_us"]),
    ("[signal]", &["name", "sigma", "norms", "shapes"]),
    ("[signal.norms]", &["name", "sigma", "shared"]),
    ("[signal.shapes]", SHAPE),
    ("[background]", &["name", "label", "table", "flat_events", "sigma", "shared", "shapes", "sideband"]),
    ("[background.shapes]", SHAPE),
    ("[background.sideband]", &["rows", "exposure_ratio"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key stands in the guide, in the part about its section.
    #[test]
    fn the_guide_has_all_keys() {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/own-experiment.md");
        let guide = std::fs::read_to_string(guide).unwrap();
        let parts: Vec<&str> = guide.split("\n### ").skip(1).collect();
        for (section, keys) in KEYS {
            let name = section.trim_matches(['[', ']']).split('.').next().unwrap_or_default();
            // What a variation varies has parts of its own.
            let is_varied = section.starts_with("[variation.");
            let heading = |part: &&&str| match name {
                "the file" => part.starts_with("At the top"),
                name => [format!("`[{name}]`"), format!("`[[{name}]]`")].iter().any(|own| part.starts_with(own)),
            };
            let part = parts.iter().find(heading).unwrap_or_else(|| panic!("no part about {section}"));
            let is_section = |key: &str| KEYS.iter().any(|(other, _)| *other == format!("[{key}]"));
            for key in keys.iter().filter(|key| *section != "the file" || !is_section(key)) {
                let is_there = part.contains(&format!("`{key}`")) || part.contains(&format!("{key} = "));
                assert!(is_varied || is_there, "'{key}' of {section} is not in the guide");
            }
        }
    }
}
