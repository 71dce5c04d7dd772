//! What neutrinos hit: isotopes, elements, and how many nuclei of each there are.

use crate::base::constants::AVOGADRO_PER_MOL;
use crate::base::document::{Bound, Distinct, Section};
use crate::base::grid::{number_text, rounded};
use crate::dataset::Target;
use crate::physics::nuclear::Isotope;
use crate::{Error, Result};

use super::Parts;

/// 1 kg in g.
pub(super) const KILOGRAM_G: f64 = 1e3;
/// What the sum of mass fractions may be off 1: they are written with three digits and more.
const FRACTION_TOLERANCE: f64 = 1e-3;
/// What a molar mass may be below that of the isotopes: they are written with three digits and more.
const MOLAR_MASS_TOLERANCE: f64 = 5e-3;
/// Smallest rms radius (fm): below it, the Helm form factor has no box.
const SMALLEST_RADIUS_FM: f64 = 1.6;
const LARGEST_RADIUS_FM: f64 = 20.0;
/// What the atomic mass may be off the mass number (u).
const MASS_DEFECT_U: f64 = 1.0;

/// Reads `[target]` and the isotopes that come with the file: the targets, and their share of the active mass.
pub(super) fn read(parts: &Parts) -> Result<(Vec<Target>, f64)> {
    let mut own = Vec::new();
    for part in &parts.layers {
        // The file's own isotope stands before that of the file it varies; twice in one file, one would be lost.
        let mut names = Distinct::default();
        for section in part.section.sections("isotope")? {
            own.push(section.read(isotope)?);
            names.add(&section, "name")?;
        }
    }
    let found = parts.section("target")?.read(|part| targets(&part.section, &own))?;
    // What a file says of an isotope that its target has none of would be passed over.
    for section in parts.layers.first().map_or(Ok(Vec::new()), |part| part.section.sections("isotope"))? {
        let name = section.text("name")?;
        if found.0.iter().all(|target| target.isotope.name != name) {
            let known: Vec<&str> = found.0.iter().map(|target| target.isotope.name.as_str()).collect();
            let bound = format!("one that the target has: {}", known.join(", "));
            return Err(section.error("name", format!("'{}'", name.escape_debug()), bound));
        }
    }
    Ok(found)
}

/// `[[isotope]]`: Z, N, mass and radii of a nuclide.
fn isotope(section: &Section) -> Result<Isotope> {
    let isotope = Isotope {
        name: section.name("name")?,
        protons: section.whole_number("protons", 130)?,
        neutrons: section.whole_number("neutrons", 200)?,
        atomic_mass_u: section.number("atomic_mass_u", Bound::PositiveUpTo(400.0))?,
        proton_radius_fm: section.number("proton_radius_fm", Bound::PositiveUpTo(LARGEST_RADIUS_FM))?,
        neutron_radius_fm: section.number("neutron_radius_fm", Bound::PositiveUpTo(LARGEST_RADIUS_FM))?,
    };
    let number = f64::from(isotope.protons + isotope.neutrons);
    if isotope.protons == 0 {
        return Err(section.error("protons", 0, "at least 1"));
    }
    if (isotope.atomic_mass_u - number).abs() > MASS_DEFECT_U {
        let bound = format!("within {MASS_DEFECT_U} of the mass number, {number}");
        return Err(section.error("atomic_mass_u", isotope.atomic_mass_u, bound));
    }
    for (key, radius) in
        [("proton_radius_fm", isotope.proton_radius_fm), ("neutron_radius_fm", isotope.neutron_radius_fm)]
    {
        if radius < SMALLEST_RADIUS_FM {
            return Err(section.error(key, radius, format!("from {SMALLEST_RADIUS_FM} to {LARGEST_RADIUS_FM}")));
        }
    }
    Ok(isotope)
}

fn targets(section: &Section, own: &[Isotope]) -> Result<(Vec<Target>, f64)> {
    let mass_g = section.number("active_mass_kg", Bound::PositiveUpTo(1e12))? * KILOGRAM_G;
    let shares = section.sections("isotopes")?;
    if shares.is_empty() {
        return Err(section.error(
            "isotopes",
            "missing or empty",
            "a list such as [{ name = \"40Ar\", mass_fraction = 1 }]",
        ));
    }
    if section.has("molar_mass_g_per_mol") {
        let molar_mass = section.number("molar_mass_g_per_mol", Bound::PositiveUpTo(1e6))?;
        let formula_units = mass_g * AVOGADRO_PER_MOL / molar_mass;
        let read = |share: &Section| {
            let number = share.number("per_formula_unit", Bound::PositiveUpTo(1e6))?;
            let atoms = atoms(share, own)?;
            Ok(atoms
                .into_iter()
                .map(|(isotope, part)| Target { isotope, nuclei: formula_units * number * part })
                .collect())
        };
        let targets: Vec<Vec<Target>> = shares.iter().map(|share| share.read(read)).collect::<Result<_>>()?;
        let targets: Vec<Target> = targets.into_iter().flatten().collect();
        let listed_u: f64 = targets.iter().map(|target| target.nuclei * target.isotope.atomic_mass_u).sum();
        let listed = listed_u / formula_units;
        // Elements that scatter next to nothing may be left out, so that a formula unit may weigh more.
        if listed > molar_mass * (1.0 + MOLAR_MASS_TOLERANCE) {
            let bound = format!("at least {listed:.2}, what the isotopes of a formula unit weigh");
            return Err(section.error("molar_mass_g_per_mol", molar_mass, bound));
        }
        return Ok((targets, listed / molar_mass));
    }
    let mut total = 0.0;
    let mut targets = Vec::new();
    for share in &shares {
        let (fraction, atoms) =
            share.read(|share| Ok((share.number("mass_fraction", Bound::PositiveUpTo(1.0))?, atoms(share, own)?)))?;
        total += fraction;
        let mean_mass_u: f64 = atoms.iter().map(|(isotope, part)| part * isotope.atomic_mass_u).sum();
        let nuclei = mass_g * fraction * AVOGADRO_PER_MOL / mean_mass_u;
        targets.extend(atoms.into_iter().map(|(isotope, part)| Target { isotope, nuclei: nuclei * part }));
    }
    if (total - 1.0).abs() > FRACTION_TOLERANCE {
        return Err(section.error(
            "isotopes",
            format!("mass fractions that add up to {}", number_text(rounded(total, 6))),
            "fractions that add up to 1",
        ));
    }
    Ok((targets, 1.0))
}

/// The isotope, or those of the natural element, each with its share of the atoms.
fn atoms(share: &Section, own: &[Isotope]) -> Result<Vec<(Isotope, f64)>> {
    if share.has("element") {
        let symbol = share.text("element")?;
        let natural = Isotope::of_element(symbol).map_err(|error| unknown(share, "element", symbol, &error))?;
        let as_given = |isotope: Isotope| own.iter().find(|own| own.name == isotope.name).cloned().unwrap_or(isotope);
        return Ok(natural.into_iter().map(|(isotope, part)| (as_given(isotope), part)).collect());
    }
    let name = share.text("name")?;
    let found = own.iter().find(|isotope| isotope.name == name).cloned();
    let isotope =
        found.map_or_else(|| Isotope::named(name).map_err(|error| unknown(share, "name", name, &error)), Ok)?;
    Ok(vec![(isotope, 1.0)])
}

fn unknown(share: &Section, key: &str, name: &str, error: &Error) -> Error {
    let Error::UnknownName { known, nearest, .. } = error else {
        return share.error(key, name.escape_debug(), "known");
    };
    let mut bound = format!("in an [[isotope]] of the file, or one of {known}");
    if let Some(nearest) = nearest {
        bound += &format!("; did you mean '{nearest}'?");
    }
    share.error(key, format!("'{}'", name.escape_debug()), bound)
}
