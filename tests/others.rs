//! Limits of other experiments, computed: against an independent calculation, published curves, and what must hold.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

use std::collections::BTreeMap;

use cevscan::others::computed::{Physics, early_universe};
use cevscan::others::couplings::vectors;
use cevscan::others::polynomial::{Bounds, Quadratic};
use cevscan::others::{Choice, Experiment, Intervals, Outcome, computed, curve_masses_mev};
use cevscan::physics::model::Model;

const COEFFICIENTS: &str = include_str!("others/coefficients.csv");
const PUBLISHED: &str = include_str!("others/published_checks.csv");

/// What a and b may be off, of themselves.
const COEFFICIENT_TOLERANCE: f64 = 1e-3;

fn experiment(name: &str) -> Experiment {
    Experiment::embedded().unwrap().into_iter().find(|experiment| experiment.name == name).unwrap()
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    // Quotes stand around the last cell alone.
    lines.map(|line| line.split(',').collect())
}

/// What is excluded at a mass, or the reason.
fn excluded(name: &str, model: &str, choice: &Choice, mass_mev: f64) -> Result<Intervals, String> {
    let (experiment, model) = (experiment(name), Model::named(model).unwrap());
    match computed(&experiment, &model, choice, &[mass_mev], None).unwrap().outcome {
        Outcome::Excluded(columns) => Ok(columns.into_iter().next().unwrap().1),
        Outcome::Nothing(reason) | Outcome::Contradicted(reason) => Err(reason),
    }
}

fn lowest(name: &str, model: &str, choice: &Choice, mass_mev: f64) -> f64 {
    excluded(name, model, choice, mass_mev).unwrap()[0].0
}

fn z(z: f64) -> Choice {
    Choice { z: Some(z), ..Choice::default() }
}

fn setting(name: &str) -> Choice {
    Choice { z: None, settings: vec![(None, name.to_owned())] }
}

fn quadratic(observable: &str, model: &Model, mass_mev: f64) -> Quadratic {
    let vectors = vectors(model).unwrap();
    let name = observable.split('_').next().unwrap();
    match (&experiment(name).physics, observable) {
        (Physics::Electrons(rates), "charm2_nubar") => rates.1.as_ref().unwrap().prepare(&vectors).at(mass_mev),
        (Physics::Electrons(rates), _) => rates.0.prepare(&vectors).at(mass_mev),
        (Physics::Trident(trident), _) => trident.at(&vectors, mass_mev),
        (Physics::Recoils(recoils), _) => recoils.prepare(model).at(mass_mev),
        (other, _) => panic!("{observable}: {other:?}"),
    }
}

#[test]
fn coefficients_meet_an_independent_calculation() {
    let models: BTreeMap<&str, Model> = Model::names().map(|name| (name, Model::named(name).unwrap())).collect();
    let (mut count, mut worst) = (0, (0.0_f64, String::new()));
    for row in rows(COEFFICIENTS) {
        let [observable, model, mass, a, b] = row[..] else { panic!("{row:?}") };
        let [mass, a, b] = [mass, a, b].map(|text| text.parse::<f64>().unwrap());
        let [one, got_a, got_b] = quadratic(observable, &models[model], mass);
        assert_eq!(one, 1.0);
        // A linear term that cancels is next to nothing beside what its square root of b would be.
        let scale = a.abs().max(1e-6 * b.sqrt());
        for (what, off) in [("a", (got_a - a).abs() / scale), ("b", (got_b / b - 1.0).abs())] {
            assert!(
                off < COEFFICIENT_TOLERANCE,
                "{observable} {model} {mass} MeV: {what} off by {off:e}: {got_a:e} {got_b:e}"
            );
            if off > worst.0 {
                worst = (off, format!("{observable} {model} {mass} {what}"));
            }
        }
        count += 1;
    }
    assert_eq!(count, 252);
    println!("worst of {count}: {worst:?}");
}

#[test]
fn published_curves_are_met() {
    let mut count = 0;
    for row in rows(PUBLISHED) {
        let (limit, model, mass, words) = (row[0], row[1], row[2].parse::<f64>().unwrap(), row[3]);
        let [published, computed_there, _, percent] = [4, 5, 6, 7].map(|column| row[column].parse::<f64>().unwrap());
        let (name, choice) = match (limit, words) {
            // The default, which was fitted.
            ("borexino", "R<=1.35") | ("charm2", "z=1.28") | ("texono", "z=1") => (limit, Choice::default()),
            ("ccfr", "R<=1.38") => (limit, z(2.0)),
            // 0.82 + 1.96 x 0.28
            ("ccfr", _) => (limit, z(1.96)),
            // 4.8 + 3 x 3.0
            ("g-2_e", "13.8e-13") => ("g-2-e", z(3.0)),
            other => panic!("{other:?}"),
        };
        let got = lowest(name, model, &choice, mass);
        let off = |of: f64| 100.0 * (got / of - 1.0).abs();
        assert!(off(published) < percent, "{limit} {model} {mass}: {got:e}, published {published:e}");
        // The other calculation of the same formulae is met far better; its couplings have five digits.
        assert!(off(computed_there) < 0.1, "{limit} {model} {mass}: {got:e}, there {computed_there:e}");
        count += 1;
    }
    assert_eq!(count, 44);
}

#[test]
fn ccfr_closes_the_band_of_the_muon_from_400_mev_on() {
    // Published: L_mu - L_tau explains Delta a_mu > 13.3e-10 up to 400 MeV; 5 % of mass.
    let model = Model::named("lmu-ltau").unwrap();
    let above = |mass: f64| {
        let band = (13.3e-10 / cevscan::physics::muon_g2::per_squared_coupling(&model, mass).unwrap()).sqrt();
        band > lowest("ccfr", "lmu-ltau", &Choice::default(), mass)
    };
    assert!(!above(380.0) && above(420.0));
}

#[test]
fn charm2_leaves_a_strip() {
    // An independent calculation, L_e - L_mu at 10 MeV and two standard deviations: two intervals.
    let got = excluded("charm2", "le-lmu", &setting("strict"), 10.0).unwrap();
    assert_eq!(got.len(), 2, "{got:?}");
    for (end, expected) in [(got[0].0, 8.06e-5), (got[0].1, 4.29e-4), (got[1].0, 7.11e-4)] {
        assert!((end / expected - 1.0).abs() < 4e-3, "{got:?}");
    }
    assert_eq!(got[1].1, f64::INFINITY);
    // What is drawn encloses the strip, whole and open to the right.
    let (experiment, model) = (experiment("charm2"), Model::named("le-lmu").unwrap());
    let limit = computed(&experiment, &model, &setting("strict"), &curve_masses_mev(&experiment), None).unwrap();
    let known = limit.known().unwrap();
    let at = cevscan::others::recast::known::union(known.excluded_at(10.0));
    assert_eq!(at.len(), 2, "{at:?}");
    assert!((at[0].1 / got[0].1 - 1.0).abs() < 1e-3 && (at[1].0 / got[1].0 - 1.0).abs() < 1e-3);
}

#[test]
fn published_numbers_of_other_families() {
    // g at 10 MeV by an independent calculation.
    for (model, expected) in [
        ("universal", 3.57e-5),
        ("b-l", 5.28e-5),
        ("b-3le", 3.05e-5),
        ("b-2le-lmu", 3.73e-5),
        ("b-le-2lmu", 5.28e-5),
        ("le-lmu", 1.15e-3),
        ("le-ltau", 8.7e-4),
        ("scalar", 1.20e-5),
    ] {
        let got = lowest("connie", model, &Choice::default(), 10.0);
        assert!((got / expected - 1.0).abs() < 6e-3, "{model}: {got:e} {expected:e}");
    }
    let Physics::Recoils(recoils) = experiment("connie").physics else { panic!() };
    let (low, high) = recoils.window_kev();
    assert!((low - 0.406).abs() < 1e-3 && (high - 1.269).abs() < 1e-3, "{low} {high}");
    // 1.195e-6 (M/MeV)^2; 1.6e-5 over the root of 0.5574; N_eff: masses of the literature within its tolerances.
    assert!((lowest("n-pb", "scalar", &Choice::default(), 10.0) / 1.195e-4 - 1.0).abs() < 1e-3);
    assert!(
        (lowest("double-beta", "scalar", &Choice::default(), 0.5) / (1.6e-5 / 0.5574_f64.sqrt()) - 1.0).abs() < 1e-3
    );
    for (decoupling, most, mass) in [(1.5, 3.7, 5.25), (2.3, 3.5, 9.4), (2.3, 3.33, 10.9)] {
        let allowed =
            |mass| Bounds { least: None, most: Some(most) }.hold(early_universe::effective_neutrinos(mass, decoupling));
        assert!(!allowed(0.985 * mass) && allowed(1.015 * mass), "{decoupling} {most}");
    }
    assert_eq!(excluded("n-eff", "lmu-ltau", &Choice::default(), 5.0).unwrap(), [(5e-9, f64::INFINITY)]);
    assert!(excluded("n-eff", "lmu-ltau", &Choice::default(), 5.4).is_err());
    // Far above what COHERENT sees.
    for (name, mass) in [("pi-e3nu", 1.0), ("k-mu3nu", 10.0)] {
        let got = lowest(name, "scalar", &Choice::default(), mass);
        assert!((3e-3..7e-3).contains(&got), "{name}: {got:e}");
    }
}

#[test]
fn charm2_settings_are_those_of_the_weak_angle() {
    let experiment = experiment("charm2");
    let Physics::Electrons(rates) = &experiment.physics else { panic!() };
    let standard = rates.0.standard(0.2324) / rates.1.as_ref().unwrap().standard(0.2324);
    // An independent calculation: the ratio, and its ends over it.
    assert!((standard / 1.5461 - 1.0).abs() < 1e-4, "{standard}");
    let strict = experiment.setting("strict").unwrap();
    for (z, least, most) in [(1.0, 0.9229, 1.0831), (2.0, 0.8515, 1.1722)] {
        let bounds = experiment.physics.bounds(strict, z);
        assert!(
            (bounds.least.unwrap() - least).abs() < 1e-4 && (bounds.most.unwrap() - most).abs() < 1e-4,
            "{bounds:?}"
        );
    }
    // A plain sum over T, in another program, has 0.90231 at 1.28 standard deviations.
    let published = experiment.physics.bounds(experiment.setting("published").unwrap(), 2.0);
    assert!((published.least.unwrap() - 0.90231).abs() < 1e-4 && published.most.is_none());
}

#[test]
fn what_must_hold_without_data() {
    let choice = Choice::default();
    // g scales as 1/|Q'_mu| in CCFR.
    for mass in [0.1, 3.0, 1e3, 1e5] {
        let of = |model: &str| lowest("ccfr", model, &choice, mass);
        assert!((of("b-3lmu") * 3.0 / of("b-l") - 1.0).abs() < 1e-12);
        assert!((of("b-le-2lmu") * 2.0 / of("lmu-ltau") - 1.0).abs() < 1e-12);
    }
    // Limits on leptons alone do not tell universal from B-L.
    for name in ["texono", "gemma", "borexino", "charm2", "ccfr", "g-2-e"] {
        for mass in [0.2, 7.0, 300.0, 2e4] {
            let [a, b] = ["universal", "b-l"].map(|model| lowest(name, model, &choice, mass));
            assert!((a / b - 1.0).abs() < 1e-12, "{name} {mass}: {a:e} {b:e}");
        }
    }
    // Heavy mediators: g goes as M; light ones: a constant, but for the logarithm of CCFR.
    for name in ["texono", "borexino", "charm2", "ccfr", "g-2-e", "connie"] {
        let at = |mass: f64| lowest(name, "b-l", &choice, mass);
        let heavy = at(1e5) / at(5e4);
        assert!((heavy - 2.0).abs() < 1e-3, "{name}: {heavy}");
        if name != "ccfr" {
            let light = at(2e-3) / at(1e-3);
            assert!((light - 1.0).abs() < 2e-2, "{name}: {light}");
        }
    }
    assert!(lowest("ccfr", "b-l", &choice, 0.2) > 1.005 * lowest("ccfr", "b-l", &choice, 0.1));
    // Muon and tau neutrinos of the Sun interfere with opposite sign and equal weight.
    let Physics::Electrons(rates) = &experiment("borexino").physics else { panic!() };
    let model = Model::named("lmu-ltau").unwrap();
    let [_, a, b] = rates.0.prepare(&vectors(&model).unwrap()).at(10.0);
    assert!(a.abs() < 1e-12 * b.sqrt(), "{a:e} {b:e}");
}

#[test]
fn models_without_a_limit_say_why() {
    let reason = |name: &str, model: &str| excluded(name, model, &Choice::default(), 10.0).unwrap_err();
    for model in ["b-3lmu", "by+lmu+ltau"] {
        for name in ["texono", "gemma", "borexino", "charm2", "g-2-e"] {
            assert!(reason(name, model).contains("physics at high scales"), "{name} {model}");
        }
        // These need the muon's own charge alone.
        assert!(excluded("ccfr", model, &Choice::default(), 10.0).is_ok());
    }
    for (name, model, words) in [
        ("ccfr", "b-3le", "muons have no charge"),
        ("ccfr", "le-ltau", "muons have no charge"),
        ("charm2", "b-3le", "nu_mu has no charge"),
        ("texono", "lmu-ltau", "nu_e has no charge"),
        ("connie", "lmu-ltau", "electron neutrinos have no charge"),
        ("texono", "scalar", "not part of the model"),
        ("n-pb", "b-l", "only scalars"),
        ("n-eff", "b-l", "L_mu - L_tau only"),
        ("double-beta", "b-l", "only scalars"),
        ("double-beta", "scalar", "nothing is excluded at these masses"),
    ] {
        let found = reason(name, model);
        assert!(found.contains(words), "{name} {model}: {found}");
    }
    // With the fine-structure constant from caesium every vector is excluded, and so is none.
    let found = excluded("g-2-e", "b-l", &setting("cs"), 10.0).unwrap_err();
    assert!(found.contains("the Standard Model itself"), "{found}");
}

#[test]
fn settings_are_chosen_by_name_and_by_z() {
    let experiments = Experiment::embedded().unwrap();
    let name = |choice: &Choice, name: &str| {
        let experiment = experiments.iter().find(|experiment| experiment.name == name).unwrap();
        choice.setting(experiment).unwrap().name.clone()
    };
    assert_eq!(name(&Choice::default(), "borexino"), "published");
    assert_eq!(name(&z(2.0), "borexino"), "strict");
    assert_eq!(name(&z(2.0), "connie"), "published");
    let own = Choice { z: Some(2.0), settings: vec![(Some("borexino".to_owned()), "published".to_owned())] };
    assert_eq!((name(&own, "borexino"), name(&own, "texono")), ("published".to_owned(), "strict".to_owned()));
    assert!(own.check(&experiments).is_ok() && setting("strict").check(&experiments).is_ok());
    for bad in
        [setting("stric"), z(-1.0), Choice { settings: vec![(Some("x".into()), "y".into())], ..Choice::default() }]
    {
        assert!(bad.check(&experiments).is_err(), "{bad:?}");
    }
    // By an independent calculation strict is 1.2 to 1.4 times lower.
    let ratio =
        lowest("borexino", "b-l", &setting("published"), 10.0) / lowest("borexino", "b-l", &setting("strict"), 10.0);
    assert!((1.2..1.5).contains(&ratio), "{ratio}");
}
