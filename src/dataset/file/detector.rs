//! The response: quenching, resolution, efficiency.

use crate::Result;
use crate::base::constants::KEV_IN_MEV;
use crate::base::document::Bound;
use crate::base::grid::{number_text, rounded};
use crate::dataset::Target;
use crate::dataset::table::Table;
use crate::physics::detector::{Chain, Curve, Detection, Efficiency, EnergyScale, Quenching, Resolution, Response};
use crate::physics::flux::Source;

use super::matrix;
use super::observation::BINS;
use super::{Binning, Part, Parts, in_table, require_increasing};

/// Highest power of a quenching polynomial.
const HIGHEST_POWER: usize = 9;
/// Columns of an efficiency against electron-equivalent and recoil energy.
const BOTH_ENERGIES: [(&str, &str); 3] =
    [("electron_equivalent_energy", "keVee"), ("recoil_energy", "keVnr"), ("efficiency", "1")];
const ANY: Bound = Bound::Within(1e12);
/// Widest step of an analysis that sums over photoelectrons: its bins are wider.
const LARGEST_STEP_PE: Bound = Bound::PositiveUpTo(1.0);
/// Largest factor between recoil and electron-equivalent energy, in any form of quenching.
const LARGEST_QUENCHING: f64 = 1e3;
/// Step of the search for recoils whose quenching is out of bounds, and where it begins, as a part of the highest.
const SEARCH_STEP: f64 = 1.02;
const SEARCH_FROM: f64 = 1e-9;

/// Reads `[response]`, or `[quenching]`, `[resolution]` and `[efficiency]`.
pub(super) fn read(parts: &Parts, targets: &[Target], source: &Source, binning: &Binning) -> Result<Response> {
    if binning.energy_unit == BINS {
        require_nothing_else(parts)?;
        return parts
            .section("response")?
            .read(|part| matrix::read(part, highest_recoil_kev(targets, source), binning));
    }
    if parts.own().section.has("response") {
        let bound =
            format!("absent with energies in {}; energy_unit = '{BINS}' is that of a matrix", binning.energy_unit);
        return Err(parts.own().section.error("response", "given", bound));
    }
    let quenching = parts.section("quenching")?.read(|part| {
        let quenching = quenching(part, targets, binning)?;
        require_quenching(part, &quenching, highest_recoil_kev(targets, source)).map(|()| quenching)
    })?;
    let resolution = parts.section("resolution")?.read(|part| resolution(part, binning))?;
    let efficiency = parts.section("efficiency")?.read(|part| {
        let efficiency = efficiency(part, binning)?;
        require_efficiency(part, &efficiency.curve).map(|()| efficiency)
    })?;
    let detection = Detection::Chain(Chain { quenching, resolution, efficiency });
    Ok(Response { detection, energy_edges: binning.energy_edges.clone() })
}

/// Refuses, beside a matrix, what it holds already.
fn require_nothing_else(parts: &Parts) -> Result<()> {
    let own = &parts.own().section;
    if let Some(key) = ["quenching", "resolution", "efficiency"].into_iter().find(|key| own.holds(key)) {
        let bound = format!("absent with energy_unit = '{BINS}': the matrix of [response] holds it");
        return Err(own.error(key, "given", bound));
    }
    let varied = &parts.with("variation").section;
    if varied.has("variation") {
        let bound = format!("absent with energy_unit = '{BINS}': a matrix is deformed by [[response.variation]]");
        return Err(varied.error("variation", "given", bound));
    }
    Ok(())
}

pub(super) fn highest_recoil_kev(targets: &[Target], source: &Source) -> f64 {
    let energies = source.components.iter().map(|component| component.spectrum.max_energy_mev());
    let highest_mev = energies.fold(0.0, f64::max);
    let recoils = targets.iter().map(|target| target.isotope.max_recoil_energy_mev(highest_mev) / KEV_IN_MEV);
    recoils.fold(0.0, f64::max)
}

/// Refuses a quenching that nothing can come of, that ends below the highest recoil, or is no quenching: one bound for all
/// its forms. A polynomial may begin below 0: what is quenched entirely is not seen.
fn require_quenching(part: &Part, quenching: &Quenching, highest_kev: f64) -> Result<()> {
    let section = &part.section;
    let key = ["coefficients_kev", "table", "k", "factor", "kind"]
        .into_iter()
        .find(|key| section.holds(key))
        .unwrap_or("kind");
    let refuse = |t: f64, e: f64| {
        let bound = format!("positive from some recoil on, up to {LARGEST_QUENCHING} times the recoil");
        Err(section.error(key, format!("{e:.3e} keVee at a recoil of {t:.3e} keV"), bound))
    };
    let mut seen = false;
    let mut t = SEARCH_FROM * highest_kev;
    while t < highest_kev {
        let e = quenching.electron_equivalent_kev(t);
        // A constant term is more than any multiple of the smallest recoils.
        let too_large = e > LARGEST_QUENCHING * t && e - quenching.electron_equivalent_kev(0.0) > LARGEST_QUENCHING * t;
        if too_large || (seen && e <= 0.0) {
            return refuse(t, e);
        }
        seen |= e > 0.0;
        t *= SEARCH_STEP;
    }
    if seen || highest_kev == 0.0 {
        Ok(())
    } else {
        refuse(highest_kev, quenching.electron_equivalent_kev(highest_kev))
    }
}

/// Refuses an efficiency that is never positive, or above 1: one bound for all its forms.
fn require_efficiency(part: &Part, curve: &Curve) -> Result<()> {
    let section = &part.section;
    let key = ["amplitude", "table", "value", "kind"].into_iter().find(|key| section.holds(key)).unwrap_or("kind");
    let largest = curve.largest();
    if largest > 0.0 && largest <= 1.0 {
        return Ok(());
    }
    Err(section.error(
        key,
        format!("that of an efficiency of at most {}", number_text(rounded(largest, 6))),
        "that of an efficiency above 0 and up to 1",
    ))
}

fn quenching(part: &Part, targets: &[Target], binning: &Binning) -> Result<Quenching> {
    let section = &part.section;
    let kind = section.choice("kind", &["polynomial", "polynomial-table", "linear", "lindhard", "none"])?;
    if (kind == "none") != (binning.energy_unit == "keVnr") {
        let bound = format!("'none' exactly where energies are in keVnr; here they are in {}", binning.energy_unit);
        return Err(section.error("kind", format!("'{kind}'"), bound));
    }
    Ok(match kind {
        "polynomial" => {
            let coefficients_kev = section.numbers("coefficients_kev", ANY)?;
            if !(1..=HIGHEST_POWER + 1).contains(&coefficients_kev.len()) {
                let found = format!("{} numbers", coefficients_kev.len());
                return Err(section.error("coefficients_kev", found, "1 to 10 numbers, from the power 0 on"));
            }
            Quenching::Polynomial { coefficients_kev }
        }
        "polynomial-table" => Quenching::Polynomial { coefficients_kev: polynomial_table(part)? },
        "linear" => {
            let factor = section.number("factor", Bound::PositiveUpTo(LARGEST_QUENCHING))?;
            Quenching::Polynomial { coefficients_kev: vec![0.0, factor] }
        }
        "lindhard" => lindhard(part, targets)?,
        _ => Quenching::Polynomial { coefficients_kev: vec![0.0, 1.0] },
    })
}

/// Coefficients in keV from a table in MeV.
fn polynomial_table(part: &Part) -> Result<Vec<f64>> {
    let (path, table) = part.table("table", &[("power", "1"), ("coefficient", "MeVee/MeVnr^power")])?;
    let mut coefficients = Vec::new();
    let mut given = [false; HIGHEST_POWER + 1];
    for (i, row) in table.rows().iter().enumerate() {
        let power = row[0];
        if !(power.fract() == 0.0 && (0.0..=HIGHEST_POWER as f64).contains(&power)) {
            return Err(in_table(&path, table.row_line(i), "power", power, "a whole number from 0 to 9"));
        }
        let power = power as usize;
        if std::mem::replace(&mut given[power], true) {
            return Err(in_table(&path, table.row_line(i), "power", row[0], "one that is not given twice"));
        }
        if coefficients.len() <= power {
            coefficients.resize(power + 1, 0.0);
        }
        // E_ee[MeV] = c T[MeV]^n is E_ee[keV] = c 1e3^(1-n) T[keV]^n.
        coefficients[power] = row[1] * 1e3_f64.powi(1 - power as i32);
    }
    Ok(coefficients)
}

/// k and Z, by default those of the only element of the target.
fn lindhard(part: &Part, targets: &[Target]) -> Result<Quenching> {
    let section = &part.section;
    let first = targets.first().map(|target| &target.isotope);
    let only = first.filter(|first| targets.iter().all(|target| target.isotope.protons == first.protons));
    let protons = match (section.has("protons"), only) {
        (true, _) => section.whole_number("protons", 130)?,
        (false, Some(isotope)) => isotope.protons,
        (false, None) => {
            return Err(section.error("protons", "missing", "given where the target has several elements"));
        }
    };
    if protons == 0 {
        return Err(section.error("protons", 0, "at least 1"));
    }
    let nuclei: f64 = targets.iter().map(|target| target.nuclei).sum();
    let mass: f64 = targets.iter().map(|target| target.nuclei * target.isotope.atomic_mass_u).sum();
    let theory = 0.133 * f64::from(protons).powf(2.0 / 3.0) / (mass / nuclei).sqrt();
    let k = section.optional_number("k", Bound::PositiveUpTo(10.0))?.unwrap_or(theory);
    Ok(Quenching::Lindhard { k, protons })
}

fn resolution(part: &Part, binning: &Binning) -> Result<Resolution> {
    let section = &part.section;
    let kind = section.choice("kind", &["gamma-photoelectrons", "gaussian-sqrt", "gaussian"])?;
    if (kind == "gamma-photoelectrons") != (binning.energy_unit == "PE") {
        let bound = format!(
            "'gamma-photoelectrons' exactly where energies are in PE; here they are in {}",
            binning.energy_unit
        );
        return Err(section.error("kind", format!("'{kind}'"), bound));
    }
    let positive = |key: &str| section.number(key, Bound::PositiveUpTo(1e6));
    let part = |key: &str| Ok(section.optional_number(key, Bound::NotNegativeUpTo(1e6))?.unwrap_or(0.0));
    Ok(match kind {
        "gamma-photoelectrons" => Resolution::GammaPhotoelectrons {
            a_kev: positive("a_kev")?,
            b_per_kev: positive("b_per_kev")?,
            step_pe: section.optional_number("step_pe", LARGEST_STEP_PE)?,
        },
        "gaussian-sqrt" => Resolution::GaussianSqrt { sigma_per_sqrt_kev: positive("sigma_per_sqrt_kev")? },
        _ => {
            let (constant_kev, sqrt_kev, linear) = (part("constant_kev")?, part("sqrt_kev")?, part("linear")?);
            if constant_kev + sqrt_kev + linear <= 0.0 {
                return Err(section.error(
                    "constant_kev",
                    "0, as sqrt_kev and linear are",
                    "positive, or one of these",
                ));
            }
            Resolution::Gaussian { constant_kev, sqrt_kev, linear }
        }
    })
}

fn efficiency(part: &Part, binning: &Binning) -> Result<Efficiency> {
    let section = &part.section;
    let kind = section.choice("kind", &["constant", "logistic", "table", "true-energy-table"])?;
    if kind == "constant" {
        let value = section.number("value", Bound::PositiveUpTo(1.0))?;
        return Ok(Efficiency { at: EnergyScale::Reconstructed, curve: Curve::Constant { value } });
    }
    if kind == "true-energy-table" {
        return Ok(Efficiency { at: EnergyScale::True, curve: curve_table(part, &BOTH_ENERGIES, 2)? });
    }
    let at = match (kind, section.has("at")) {
        ("logistic", false) => EnergyScale::Reconstructed,
        _ if section.choice("at", &["true", "reconstructed"])? == "true" => EnergyScale::True,
        _ => EnergyScale::Reconstructed,
    };
    let unit = match (at, binning.energy_unit) {
        // The true energy before the smearing: electron-equivalent unless nothing is quenched.
        (EnergyScale::True, "keVnr") => "keVnr",
        (EnergyScale::True, _) => "keVee",
        (EnergyScale::Reconstructed, unit) => unit,
    };
    let curve = match kind {
        // A table with both energies is one against the electron-equivalent one.
        "table" if unit == "keVee" && has_both_energies(part)? => curve_table(part, &BOTH_ENERGIES, 2)?,
        "table" => curve_table(part, &[("energy", unit), ("efficiency", "1")], 1)?,
        _ => logistic(part, unit)?,
    };
    Ok(Efficiency { at, curve })
}

fn has_both_energies(part: &Part) -> Result<bool> {
    let (path, text) = part.table_text("table")?;
    Ok(Table::parse_any(&path, &text)?.columns().len() == BOTH_ENERGIES.len())
}

fn logistic(part: &Part, unit: &str) -> Result<Curve> {
    let section = &part.section;
    if section.has("table") {
        let per_unit = format!("1/{unit}");
        let (path, table) = part.table("table", &[("a", "1"), ("b", &per_unit), ("c", unit), ("d", "1")])?;
        return match table.rows() {
            [row] => Ok(Curve::Logistic { amplitude: row[0], slope: row[1], centre: row[2], offset: row[3] }),
            rows => Err(in_table(&path, table.row_line(1), "number of rows", rows.len() as f64, "1")),
        };
    }
    Ok(Curve::Logistic {
        amplitude: section.number("amplitude", Bound::Within(1e3))?,
        slope: section.number("slope", Bound::Within(1e6))?,
        centre: section.number("centre", Bound::Within(1e6))?,
        offset: section.optional_number("offset", Bound::Within(1e3))?.unwrap_or(0.0),
    })
}

/// Efficiency (a column by its index) against the energy of the first column.
fn curve_table(part: &Part, columns: &[(&str, &str)], efficiency: usize) -> Result<Curve> {
    let (path, table) = part.table("table", columns)?;
    require_increasing(&path, &table)?;
    if let Some(i) = table.rows().iter().position(|row| !(0.0..=1.0).contains(&row[efficiency])) {
        return Err(in_table(&path, table.row_line(i), "efficiency", table.rows()[i][efficiency], "from 0 to 1"));
    }
    Ok(Curve::Table { energy: table.column(0), efficiency: table.column(efficiency) })
}
