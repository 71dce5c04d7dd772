//! Other parameters than mass and coupling: what they do to counts, and chi2 against them.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::f64::consts::{PI, SQRT_2};
use std::fs;
use std::process::Command;

use cevscan::analysis::parameters::{Landscape, Parameter, ParameterCurve, ParameterSurface, Setting, Varied};
use cevscan::physics::model::{Anomalies, Lepton};
use cevscan::physics::weak_couplings::{Edition, WeakCouplings};
use cevscan::{Analysis, Experiment, Level, Map, Model, Plane, Point, Result};

const STANDARD: Point = Point { mass_mev: 1.0, coupling: 0.0 };

fn standard(_: &[(String, f64)]) -> Result<Model> {
    Ok(Model::standard())
}

fn settings(texts: &[&str]) -> Vec<Setting> {
    texts.iter().map(|text| Setting::parse(text).unwrap()).collect()
}

/// The landscape of the Standard Model in which the parameters of `settings` can be set.
fn landscape<'a>(data: &[Experiment], settings: &[Setting]) -> Landscape<'a> {
    let varied: Vec<Parameter> = settings.iter().map(|setting| setting.parameter.clone()).collect();
    Landscape::new(&standard, STANDARD, WeakCouplings::default(), data, Vec::new(), &varied).unwrap()
}

fn chi2(data: &[Experiment], texts: &[&str]) -> f64 {
    let settings = settings(texts);
    landscape(data, &settings).fit(&settings).unwrap().total.chi2
}

/// Events of the Standard Model, or of what takes its place, in all bins of the first dataset.
fn events(data: &[Experiment], texts: &[&str]) -> f64 {
    let settings = settings(texts);
    landscape(data, &settings).fit(&settings).unwrap().datasets[0].events
}

#[test]
fn at_the_papers_values_nothing_changes() {
    let data = Experiment::parse_list("csi-es+lar").unwrap();
    let plain = Analysis::new(&Model::standard(), &data).fit(STANDARD).total.chi2;
    let papers = [
        "sin2-theta-w=0.23863",
        "eps-u.ee=0",
        "eps-d.mumu=0",
        "charge-radius.e=-0.83",
        "charge-radius.mu=-0.48",
        "magnetic-moment.mu=0",
    ];
    assert!((chi2(&data, &papers) - plain).abs() < 1e-9);
    // Published: radii of (3.4) and (3.5).
    assert!(
        (chi2(&data, &["neutron-radius.Cs=5.09", "neutron-radius.I=5.03", "neutron-radius.Ar=3.55"]) - plain).abs()
            < 0.1
    );
    assert!((chi2(&data, &["neutron-radius.Cs=5.09", "neutron-radius.I=5.03"]) - plain).abs() < 1e-9);
}

/// Derived: far above all momenta, a vector is a contact interaction, eps^q = g^2 Q'_l Q'_q/(sqrt2 G_F M^2).
#[test]
fn non_standard_interactions_are_heavy_mediators() {
    let data = Experiment::parse_list("csi+lar").unwrap();
    let model = Model::named("universal").unwrap();
    for (mass_mev, coupling) in [(1e6, 0.3), (1e6, 1.0), (1e6, 1.7)] {
        let point = Point { mass_mev, coupling };
        let epsilon = coupling.powi(2) / (SQRT_2 * 1.1663787e-11 * mass_mev.powi(2));
        let expected = Analysis::new(&model, &data).fit(point).total.chi2;
        let texts: Vec<String> = ["u", "d"]
            .into_iter()
            .flat_map(|quark| ["ee", "mumu", "tautau"].map(|flavour| format!("eps-{quark}.{flavour}={epsilon:e}")))
            .collect();
        let found = chi2(&data, &texts.iter().map(String::as_str).collect::<Vec<_>>());
        assert!((found - expected).abs() < 1e-6 * expected, "{point:?}: {found} {expected}");
    }
}

/// Derived: a proton's coupling falls by twice the difference of sin^2 theta_W, as it does with eps^u = -2 eps^d of all
/// flavours, which leaves neutrons alone.
#[test]
fn the_weak_angle_acts_on_protons() {
    let data = Experiment::parse_list("csi+lar").unwrap();
    let angle = chi2(&data, &["sin2-theta-w=0.30863"]);
    let texts: Vec<String> = ["ee", "mumu", "tautau"]
        .into_iter()
        .flat_map(|flavour| {
            // 2 eps^u + eps^d = -0.14, eps^u + 2 eps^d = 0.
            [format!("eps-u.{flavour}={}", -0.28 / 3.0), format!("eps-d.{flavour}={}", 0.14 / 3.0)]
        })
        .collect();
    let epsilons = chi2(&data, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert!((angle - epsilons).abs() < 1e-8 * angle, "{angle} {epsilons}");
    assert!((angle - chi2(&data, &["sin2-theta-w=0.23863"])).abs() > 0.1);
}

/// Events of magnetic moments in xenon by plain sums: pi alpha^2/m_e^2 (1/T - 1/E) Z^2 F^2 mu^2.
#[test]
fn magnetic_moments_are_those_of_plain_sums() {
    const STEPS: usize = 600;
    let data = Experiment::parse_list("xenonnt").unwrap();
    let dataset = &data[0].dataset;
    let response = dataset.response.binned();
    let (alpha, electron_mev, hbar_c) = (1.0 / 137.035999084, 0.51099895, 197.3269804);
    let moments = [1e-10, 3e-10, 2e-10];
    let mut expected = 0.0;
    for i in 0..STEPS {
        let step = 4.5e-3 / STEPS as f64;
        let t = 0.5e-3 + step * (i as f64 + 0.5);
        let seen: f64 = response(t).iter().sum();
        for target in &dataset.targets {
            let mass = target.isotope.mass_mev();
            let least = (0.5 * mass * t).sqrt();
            for component in &dataset.source.components {
                let moment = moments[match component.lepton {
                    Lepton::Electron => 0,
                    Lepton::Muon => 1,
                    Lepton::Tau => 2,
                }];
                // Integrals of the spectrum, which other tests hold to plain sums.
                let (all, inverse) = (component.spectrum.moment(0, least), component.spectrum.moment(-1, least));
                let protons = target.isotope.coherent_protons(2.0 * mass * t);
                let section = PI * (alpha / electron_mev * moment * protons).powi(2) * (all / t - inverse);
                let fluence = dataset.fluence_per_cm2 * hbar_c * hbar_c * 1e-26;
                expected += target.nuclei * fluence * section * step * seen;
            }
        }
    }
    let texts = ["magnetic-moment.e=1e-10", "magnetic-moment.mu=3e-10", "magnetic-moment.tau=2e-10"];
    let found = events(&data, &texts) - events(&data, &["sin2-theta-w=0.23863"]);
    assert!(expected > 1e-4 && (found / expected - 1.0).abs() < 2e-3, "{found} {expected}");
    // They add without interference: ten times the moments, a hundred times the events.
    let texts = ["magnetic-moment.e=1e-9", "magnetic-moment.mu=3e-9", "magnetic-moment.tau=2e-9"];
    let strong = events(&data, &texts) - events(&data, &["sin2-theta-w=0.23863"]);
    assert!((strong / found / 100.0 - 1.0).abs() < 1e-6, "{strong} {found}");
}

/// The curve's minimum and intervals are where chi2 says they are; the surface's minimum is the lowest of all.
#[test]
fn minima_and_intervals() {
    let data = Experiment::parse_list("csi+lar").unwrap();
    let on = |texts: &[&str]| landscape(&data, &settings(texts));
    let landscape = on(&["sin2-theta-w=0.2", "neutron-radius.CsI=5"]);
    let angle = |low_high: &str| Varied::parse(&format!("sin2-theta-w={low_high}")).unwrap();
    let radius = Varied::parse("neutron-radius.CsI=3:8").unwrap();
    let fixed = [Setting { parameter: Parameter::parse("neutron-radius.CsI").unwrap(), value: 5.0 }];
    let varied = [Parameter::WeakAngle];
    let along = Landscape::new(&standard, STANDARD, WeakCouplings::default(), &data, fixed.to_vec(), &varied).unwrap();
    let curve = ParameterCurve::new(&along, angle("0.05:0.5"), 24, |_| Ok(())).unwrap();
    let chi2_at = |value: f64| along.fit(&[Setting { parameter: Parameter::WeakAngle, value }]).unwrap().total.chi2;
    let (best, lowest) = curve.best;
    for shift in [-1e-3, 1e-3] {
        assert!(chi2_at(best + shift) > lowest);
    }
    let intervals = curve.intervals(&along, 1.0).unwrap();
    let [interval] = intervals.as_slice() else { panic!("{intervals:?}") };
    assert!(interval.ends == [true, true] && interval.low < best && best < interval.high);
    for end in [interval.low, interval.high] {
        assert!((chi2_at(end) - lowest - 1.0).abs() < 1e-5);
    }
    // A range that ends before chi2 has risen.
    let short = ParameterCurve::new(&along, angle(&format!("{}:{}", best - 1e-3, best + 0.3)), 9, |_| Ok(())).unwrap();
    assert_eq!(short.intervals(&along, 1.0).unwrap()[0].ends, [false, true]);

    // Intervals do not depend on how many values are shown: two of them, apart by less than the distance of 7 values.
    let interacting = on(&["eps-u.ee=0"]);
    let found = [7, 400].map(|points| {
        let curve = ParameterCurve::new(&interacting, Varied::parse("eps-u.ee=-1:1").unwrap(), points, |_| Ok(()));
        let curve = curve.unwrap();
        assert!(curve.values.len() == points && curve.chi2[0].len() == points && curve.pulls.len() == points);
        curve.intervals(&interacting, 2.7).unwrap()
    });
    let [few, many] = &found;
    assert!(few.len() == 2 && many.len() == 2, "{found:?}");
    // Nor on the range: both are narrower than the distance of 200 values.
    let wide = ParameterCurve::new(&interacting, Varied::parse("eps-u.ee=-50:50").unwrap(), 200, |_| Ok(())).unwrap();
    let wide = wide.intervals(&interacting, 2.7).unwrap();
    for (few, many) in few.iter().chain(&wide).zip(many.iter().cycle()) {
        assert!((few.low - many.low).abs() < 1e-6 && (few.high - many.high).abs() < 1e-6, "{found:?} {wide:?}");
    }
    assert_eq!(wide.len(), 2);

    let surface = ParameterSurface::new(&landscape, [angle("0.05:0.5"), radius], (8, 9), |_| Ok(())).unwrap();
    let best = surface.best[0];
    assert!(best.chi2 <= lowest && surface.chi2[0].iter().all(|chi2| *chi2 >= best.chi2));
    assert!(surface.flat().is_none());
    // Up and down quarks together are nearly one combination: no place of the minimum means anything.
    let axes = ["eps-u.ee=-1:1", "eps-d.ee=-1:1"].map(|text| Varied::parse(text).unwrap());
    let valley = ParameterSurface::new(&on(&["eps-u.ee=0", "eps-d.ee=0"]), axes, (60, 61), |_| Ok(())).unwrap();
    assert!(valley.flat().is_some());
    let allowed = surface.allowed(&landscape, 0, 2.3, || Ok(())).unwrap();
    assert!(!allowed.lines.is_empty() && !allowed.rings.is_empty());
    assert!(
        allowed
            .lines
            .iter()
            .flat_map(|line| &line.points)
            .all(|[x, y]| (0.05..=0.5).contains(x) && (3.0..=8.0).contains(y))
    );
}

/// No nu_tau reaches the detectors, and lar has no CsI: what does not matter has no best fit.
#[test]
fn what_data_do_not_depend_on_has_no_best_fit() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let all = [&["scan", "--out", "out", "--fresh"][..], words].concat();
        let (status, said, told) = cevscan(folder.path(), &all);
        assert_eq!(status, 0, "{told}");
        let record = fs::read_to_string(folder.path().join("out/parameters.json")).unwrap();
        (said, serde_json::from_str::<serde_json::Value>(&record).unwrap())
    };
    for (range, is_level) in [
        ("eps-u.tautau=-1:1", true),
        ("eps-d.tautau=-1:1", true),
        ("charge-radius.tau=-10:10", true),
        ("magnetic-moment.tau=1e-11:1e-9,log", true),
        // The negative controls: the same of a flavour that comes.
        ("eps-u.ee=-1:1", false),
        ("charge-radius.mu=-10:10", false),
    ] {
        let (said, record) = run(&["--data", "csi", "--x", range, "--grid", "30"]);
        let name = range.split('=').next().unwrap();
        let words = format!("none: chi2 of csi does not depend on {name} from ");
        assert_eq!(said.contains(&words), is_level, "{range}: {said}");
        assert_eq!(said.contains("% CL"), !is_level, "{range}: {said}");
        assert_eq!(record["best_fit"][0]["independent_of"].is_array(), is_level, "{range}: {record}");
    }
    let axes = ["--x", "neutron-radius.Ar=3:6", "--y", "neutron-radius.CsI=3:8"];
    let (said, record) = run(&[&["--data", "csi+lar", "--grid", "8x8"][..], &axes].concat());
    let of = |dataset: usize| record["best_fit"][dataset]["independent_of"][0].as_str();
    assert_eq!([of(0), of(1), of(2)], [None, Some("neutron-radius.Ar"), Some("neutron-radius.CsI")], "{record}");
    for words in
        ["chi2 of csi does not depend on neutron-radius.Ar", "chi2 of lar does not depend on neutron-radius.CsI"]
    {
        assert!(said.contains(words), "{said}");
    }
    assert!(!said.contains("csi+lar does not depend"), "{said}");
}

#[test]
fn editions_differ_and_what_makes_no_sense_is_refused() {
    let (old, new) = (WeakCouplings::of(Edition::Of2022), WeakCouplings::of(Edition::Of2024));
    assert_ne!(old, new);
    let data = Experiment::parse_list("lar").unwrap();
    for (texts, said) in [
        (vec!["sin2-theta-w=0.2", "sin2-theta-w=0.3"], "once"),
        (vec!["neutron-radius.Cs=5"], "an element that the target of lar has: Ar"),
        (vec!["neutron-radius.ArAr=3.5"], "once"),
        (vec!["mass=10"], "a model that is named"),
    ] {
        let settings = settings(&texts);
        let told = Landscape::new(&standard, STANDARD, old, &data, settings, &[]).err().unwrap().to_string();
        assert!(told.contains(said), "{texts:?}: {told}");
    }
}

fn cevscan(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cevscan")).current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn scans_of_two_parameters_and_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let plane = ["scan", "--x", "sin2-theta-w=0.1:0.4", "--y", "neutron-radius.CsI=3:8", "--data", "csi"];
    let grid = ["--grid", "12x10", "--out", "plane"];
    let (status, said, told) = cevscan(folder.path(), &[&plane[..], &grid[..]].concat());
    assert_eq!(status, 0, "{told}");
    assert!(said.contains("best fit") && said.contains("two parameters"), "{said}");
    assert!(said.contains("region      sin2-theta-w from 0.1"), "{said}");
    let record = fs::read_to_string(folder.path().join("plane/parameters.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["axes"][1]["unit"], "fm");
    assert_eq!((&record["regions"][0]["pieces"], &record["regions"][0]["data"]), (&1.into(), &"all".into()));
    assert!(record["regions"][0]["off"].as_f64().unwrap() < 0.01, "{record}");
    assert!(record["best_fit"][0]["chi2"].as_f64().unwrap() < 83.0, "{record}");
    for name in ["parameters.npz", "parameters.svg", "parameters.png", "parameters.csv", "parameters.py"] {
        assert!(folder.path().join("plane").join(name).metadata().unwrap().len() > 100, "{name}");
    }

    // A mediator's free parameter.
    let (status, said, told) = cevscan(
        folder.path(),
        &[
            "scan",
            "--model",
            "by+lmu+ltau",
            "--x",
            "parameter.y=-3:3",
            "--set",
            "mass=10MeV",
            "--set",
            "coupling=1e-4",
            "--grid",
            "5",
            "--out",
            "y",
        ],
    );
    assert_eq!(status, 0, "{told}");
    assert!(said.contains("parameter.y"), "{said}");
    // Nuclei do not see it.
    let record = fs::read_to_string(folder.path().join("y/parameters.json")).unwrap();
    assert!(record.contains("\"mass\""), "{record}");

    for (arguments, said) in [
        (vec!["scan", "--x", "sin2=0.1:0.4"], "sin2-theta-w"),
        (vec!["scan", "--model", "b-l", "--x", "sin2-theta-w=0.1:0.4"], "mass of b-l"),
        (vec!["scan", "--x", "sin2-theta-w=0.1:0.4", "--mass", "1:10"], "cannot be used with"),
        (vec!["scan", "--y", "sin2-theta-w=0.1:0.4"], "--x"),
        (
            vec!["scan", "--model", "by+lmu+ltau", "--x", "parameter.z=0:1", "--set", "mass=1", "--set", "coupling=1"],
            "z",
        ),
        (vec!["scan", "--x", "sin2-theta-w=0.1:0.4", "--grid", "1"], "from 2 to"),
    ] {
        let (status, _, told) = cevscan(folder.path(), &arguments);
        assert_eq!(status, 2, "{arguments:?}: {told}");
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
}

/// Published: sin^2 theta_W = 0.231 +0.027 -0.024 and R_n(CsI) = 5.47 +- 0.38 fm of CsI alone (arXiv:2303.09360), with finer
/// bins and couplings near those of 2024. What differs is the treatment, so tolerances are thirds of the errors.
#[test]
fn the_weak_angle_and_the_neutron_radius_are_those_of_others() {
    let data = Experiment::parse_list("csi").unwrap();
    let couplings = WeakCouplings::of(Edition::Of2024);
    for (text, value, errors) in
        [("sin2-theta-w=0.1:0.4", 0.231, [0.024, 0.027]), ("neutron-radius.CsI=3:8", 5.47, [0.38, 0.38])]
    {
        let varied = Varied::parse(text).unwrap();
        let names = [varied.parameter.clone()];
        let landscape = Landscape::new(&standard, STANDARD, couplings, &data, Vec::new(), &names).unwrap();
        let curve = ParameterCurve::new(&landscape, varied, 40, |_| Ok(())).unwrap();
        let interval = curve.intervals(&landscape, 1.0).unwrap()[0];
        let found = [curve.best.0 - interval.low, interval.high - curve.best.0];
        println!("{text}: {} -{} +{}", curve.best.0, found[0], found[1]);
        assert!((curve.best.0 - value).abs() < errors[0] / 3.0, "{text}: {curve:?}");
        assert!(
            found.iter().zip(errors).all(|(found, error)| (found - error).abs() < error / 3.0),
            "{text}: {found:?}"
        );
    }
}

/// Along the coupling surfaces take the rows of maps; point by point they are the fits by direct sums.
#[test]
fn along_the_coupling_surfaces_are_maps() {
    let data = Experiment::parse_list("csi+lar").unwrap();
    let named = |values: &[(String, f64)]| Model::open("by+lmu+ltau", values, Anomalies::Allowed);
    let surface = |texts: [&str; 2], fixed: &[&str], points: (usize, usize)| {
        let varied = texts.map(|text| Varied::parse(text).unwrap());
        let names = [varied[0].parameter.clone(), varied[1].parameter.clone()];
        let landscape =
            Landscape::new(&named, STANDARD, WeakCouplings::default(), &data, settings(fixed), &names).unwrap();
        let surface = ParameterSurface::new(&landscape, varied, points, |_| Ok(())).unwrap();
        for (i, x) in surface.x.iter().enumerate().step_by(3) {
            for (j, y) in surface.y.iter().enumerate().step_by(3) {
                let at = [(0, *x), (1, *y)].map(|(axis, value)| Setting { parameter: names[axis].clone(), value });
                let direct = landscape.chi2(&at).unwrap();
                assert_eq!(direct.len(), 3);
                for (term, direct) in direct.iter().enumerate() {
                    let found = surface.chi2[term][i * points.1 + j];
                    assert!((found - direct).abs() <= 1e-8 * direct.max(1.0), "{texts:?} {x} {y}: {found} {direct}");
                }
            }
        }
        surface
    };
    let by_mass = surface(["mass=1:1000", "coupling=1e-5:1e-2"], &["parameter.y=-1"], (7, 13));
    let model = named(&[("y".to_owned(), -1.0)]).unwrap();
    let plane = Plane::new((1.0, 1e3), (1e-5, 1e-2), (7, 13), 2).unwrap();
    let map = Map::of(&Analysis::new(&model, &data), plane, Level::default()).unwrap();
    let apart = by_mass.chi2[0].iter().zip(&map.chi2).map(|(a, b)| (a - b).abs() / b.max(1.0)).fold(0.0, f64::max);
    assert!(apart < 1e-7, "{apart}");
    surface(["coupling=1e-5:1e-2", "parameter.y=-3:3"], &["mass=10MeV"], (10, 4));
    surface(["sin2-theta-w=0.2:0.3", "coupling=1e-5:1e-2"], &["mass=1GeV"], (4, 10));
}
