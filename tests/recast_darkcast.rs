//! Recasts of the published limits: the dark photon's own, those of another program, and all models in time.
//!
//! The limits are not part of this repository. They are looked for in `../shared/darkcast`, or where `CEVSCAN_DARKCAST`
//! says; without them these tests are ignored, or fail if `CEVSCAN_REQUIRE_DARKCAST` is 1.

#![allow(clippy::print_stdout, reason = "a test shows its figures")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use cevscan::others::recast::columns::Columns;
use cevscan::others::recast::{Checkout, Curve, LimitTable, Outcome, Settings, Vector};
use cevscan::physics::model::Model;
use libtest_mimic::{Arguments, Failed, Trial};

type Check = Result<(), Failed>;

/// A limit recast to the boson that it was set for.
const IDENTITY: f64 = 1e-6;
/// Against curves of another program with ten digits.
const EXAMPLES: f64 = 1e-5;
/// From here on a coupling means that there is no limit.
const NO_LIMIT: f64 = 1e5;
/// The dark photon decays to e+e- above this mass (GeV).
const ELECTRON_PAIR_GEV: f64 = 1.022e-3;

fn main() {
    let required = env::var("CEVSCAN_REQUIRE_DARKCAST").is_ok_and(|value| value == "1");
    let ignored = !required && !darkcast().is_dir();
    let trials = [
        Trial::test("darkcast_identity", identity),
        Trial::test("darkcast_identity_of_missing_energy", identity_of_missing_energy),
        Trial::test("darkcast_examples", examples),
        Trial::test("darkcast_models_without_electrons_keep_searches_with_muons", searches_with_muons),
        Trial::test("darkcast_all_models_in_time", all_models),
    ];
    let trials = trials.map(|trial| trial.with_ignored_flag(ignored));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit();
}

fn darkcast() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/darkcast");
    env::var_os("CEVSCAN_DARKCAST").map_or_else(beside, PathBuf::from)
}

fn require(holds: bool, message: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(message().into()) }
}

/// mass -> lower, upper; of rows with one mass the last.
type Numbers = BTreeMap<u64, Vec<f64>>;

fn numbers(path: &Path) -> Result<Numbers, Failed> {
    let columns = Columns::read(path)?;
    let rows = columns.rows.into_iter().map(|(_, row)| (row[0].to_bits(), row[1..].to_vec()));
    let kept: Numbers = rows.collect();
    Ok(kept.into_iter().filter(|(_, ends)| ends.iter().all(|g| *g < NO_LIMIT)).collect())
}

fn found(curve: &Curve) -> Numbers {
    curve
        .points()
        .map(|(mass, range)| (mass.to_bits(), [range.lower].into_iter().chain(range.upper).collect()))
        .collect()
}

/// The largest relative difference of couplings, and its mass (GeV).
fn difference(name: &str, got: &Numbers, expected: &Numbers) -> Result<(f64, f64), Failed> {
    let mut worst = (0.0, 0.0);
    for (mass, ends) in expected {
        let mass_gev = f64::from_bits(*mass);
        let Some(ours) = got.get(mass) else { return Err(format!("{name}: nothing at {mass_gev} GeV").into()) };
        require(ours.len() == ends.len(), || format!("{name}: {ours:?} for {ends:?}"))?;
        for (a, b) in ours.iter().zip(ends) {
            let deviation = (a / b - 1.0).abs();
            if deviation.is_nan() || deviation > worst.0 {
                worst = (deviation, mass_gev);
            }
        }
    }
    Ok(worst)
}

fn recast(checkout: &Checkout, name: &str, model: &str, settings: Settings) -> Result<Outcome, Failed> {
    let table = LimitTable::embedded()?;
    let target = if model == "dark-photon" { Vector::DarkPhoton } else { Vector::of(&Model::named(model)?)? };
    Ok(checkout.recast(table.matching(name)?[0], model, &target, settings)?)
}

fn curve(outcome: Outcome) -> Result<Curve, Failed> {
    match outcome {
        Outcome::Excluded(curve) => Ok(curve),
        Outcome::Nothing(reason) => Err(reason.into()),
    }
}

/// Published: the files themselves. Two cases differ by what the experiments left out, see `data/recast/limits.toml`.
fn identity() -> Check {
    let checkout = Checkout::open(&darkcast())?;
    let mut compared = 0;
    for limit in LimitTable::embedded()?.limits {
        let name = limit.name.as_str();
        let outcome = recast(&checkout, name, "dark-photon", Settings::default())?;
        let Outcome::Excluded(curve) = outcome else {
            require(name.contains("NA64") || name.contains("BaBar"), || format!("{name}: {outcome:?}"))?;
            continue;
        };
        if name == "LHCb_Aaij2019bvg_displaced" {
            // Not a curve, but where r is below 1: at 60 masses of the grid.
            require(curve.points().count() == 60, || format!("{name}: {}", curve.points().count()))?;
            continue;
        }
        let mut input = numbers(&darkcast().join("limits").join(&limit.file))?;
        // Below the threshold of what it searched for even the experiment has no limit.
        input.retain(|mass, _| f64::from_bits(*mass) > ELECTRON_PAIR_GEV);
        let (worst, mass_gev) = difference(name, &found(&curve), &input)?;
        match name {
            // Fractions of the productions that sum to 0.903 at 0.5718 GeV: at most 5 % in g, and only from 0.512 GeV on.
            "LHCb_Aaij2019bvg_prompt" => {
                require(worst > 0.01 && worst < 0.053 && (0.512..0.575).contains(&mass_gev), || {
                    format!("{name}: {worst} at {mass_gev} GeV")
                })?;
            }
            // All decays but to e+e- and mu+mu- were left out: 8.6 % in g at the end.
            "KLOE_Babusci2012cr" => {
                require((worst - 0.086).abs() < 1e-3 && mass_gev > 0.45, || format!("{name}: {worst} at {mass_gev}"))?;
            }
            _ => require(worst < IDENTITY, || format!("{name}: {worst} at {mass_gev} GeV"))?,
        }
        compared += 1;
    }
    require(compared == 27, || format!("{compared} limits were compared"))
}

/// These searches were for a dark photon that is seen in 1 % of its decays.
fn identity_of_missing_energy() -> Check {
    let checkout = Checkout::open(&darkcast())?;
    for name in ["BaBar_Lees2017lec", "NA64_Banerjee2016tad", "NA64_Banerjee2017hhz", "NA64_NA642019imj"] {
        let settings = Settings { invisible_fraction: 0.99, ..Default::default() };
        let curve = curve(recast(&checkout, name, "dark-photon", settings)?)?;
        let input = numbers(&darkcast().join("limits").join(format!("{name}.lmt")))?;
        let (worst, mass_gev) = difference(name, &found(&curve), &input)?;
        require(worst < IDENTITY, || format!("{name}: {worst} at {mass_gev} GeV"))?;
    }
    Ok(())
}

/// From an independent program: three limits for B-L; `__nuinv`: neutrinos are missing energy.
fn examples() -> Check {
    let checkout = Checkout::open(&darkcast())?;
    let mut files = 0;
    for entry in fs::read_dir(darkcast().join("example-recasts"))? {
        let path = entry?.path();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = stem.trim_end_matches("__nuinv");
        // Its header line is no comment.
        let text = fs::read_to_string(&path)?;
        let rows = text.split_once('\n').map_or("", |(_, rows)| rows);
        let expected: Numbers = Columns::parse(&stem, rows)?
            .rows
            .into_iter()
            .map(|(_, row)| (row[0].to_bits(), row[1..].to_vec()))
            .filter(|(_, ends)| ends.iter().all(|g| *g < NO_LIMIT))
            .collect();
        let got = found(&curve(recast(&checkout, name, "b-l", Settings::default())?)?);
        require(got.len() == expected.len(), || format!("{name}: {} masses, not {}", got.len(), expected.len()))?;
        let (worst, mass_gev) = difference(name, &got, &expected)?;
        require(worst < EXAMPLES, || format!("{name}: {worst} at {mass_gev} GeV"))?;
        files += 1;
    }
    require(files == 3, || format!("{files} examples"))
}

/// Published: section 4 of the paper names what is left for models without a coupling to electrons.
fn searches_with_muons() -> Check {
    let checkout = Checkout::open(&darkcast())?;
    for model in ["b-3lmu", "by+lmu+ltau"] {
        for limit in LimitTable::embedded()?.limits {
            let excludes = matches!(recast(&checkout, &limit.name, model, Settings::default())?, Outcome::Excluded(_));
            require(!excludes || limit.name.starts_with("LHCb"), || format!("{} for {model}", limit.name))?;
        }
        curve(recast(&checkout, "LHCb_Aaij2019bvg_prompt", model, Settings::default())?)?;
    }
    Ok(())
}

fn all_models() -> Check {
    let checkout = Checkout::open(&darkcast())?;
    let table = LimitTable::embedded()?;
    let mut curves = 0;
    for name in Model::names().filter(|name| *name != "scalar") {
        let target = Vector::of(&Model::named(name)?)?;
        for limit in &table.limits {
            let outcome = checkout.recast(limit, name, &target, Settings::default())?;
            curves += usize::from(matches!(outcome, Outcome::Excluded(_)));
        }
    }
    println!("{curves} curves of {} limits for ten models", table.limits.len());
    require(curves > 200, || format!("{curves} curves"))
}
