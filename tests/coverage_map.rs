//! Critical values along the border of the excluded region: fresh toys on it are covered as often as it claims.
//!
//! `CEVSCAN_COVERAGE_TOYS` says how many toys there are, fresh ones and those of each anchor; with 20,000 the claim is held
//! to half a per cent, with the 1,500 that are the rule to what so few tell.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cevscan::analysis::coverage::{
    Calibrated, Calibration, CoveredLevel, Device, Ensemble, Goal, Nuisance, Plan, Sidebands, Unwatched, Watch,
    are_kept_toys, calibrate, cls_limit,
};
use cevscan::analysis::limits::{Minimum, best_fit, minima_at_masses};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::statistics::TWO_SIGMA;
use cevscan::{Error, Result};

/// Standard deviations that chance may take a share away.
const SIGMA: f64 = 4.0;

fn toys() -> u64 {
    std::env::var("CEVSCAN_COVERAGE_TOYS").map_or(1500, |toys| toys.parse().unwrap())
}

fn plan(seed: u64) -> Plan {
    Plan { toys: (0, toys()), seed, nuisance: Nuisance::Profile, sidebands: Sidebands::Redraw }
}

fn analysis(model: &str, data: &str) -> Analysis {
    Analysis::new(&Model::named(model).unwrap(), &Experiment::parse_list(data).unwrap())
}

/// The coupling at which q of the data is the critical value, above `low`.
fn on_the_border(analysis: &Analysis, found: &Calibration, mass_mev: f64, low: f64) -> (Point, f64) {
    let surface = &found.surface;
    let critical = surface.filled(&surface.critical[surface.level(TWO_SIGMA).unwrap()]).unwrap();
    let minimum = best_fit(analysis).unwrap().chi2;
    let excess = |coupling: f64| {
        let chi2 = analysis.fit(Point { mass_mev, coupling }).total.chi2;
        chi2 - minimum - surface.at(&critical, mass_mev, coupling)
    };
    let (mut inside, mut outside) = (low, low);
    while excess(outside) < 0.0 {
        (inside, outside) = (outside, outside * 1.05);
    }
    for _ in 0..40 {
        let middle = (inside * outside).sqrt();
        if excess(middle) < 0.0 { inside = middle } else { outside = middle }
    }
    (Point { mass_mev, coupling: inside }, surface.at(&critical, mass_mev, inside))
}

#[test]
fn fresh_toys_are_covered_as_often_as_is_claimed() {
    for (name, data) in [("b-l", "lar")] {
        let analysis = analysis(name, data);
        let goal = Goal {
            mass_mev: (0.1, 1e5),
            confidence: TWO_SIGMA,
            minimum: Minimum::Plane,
            tolerance: 0.03,
            most_anchors: 12,
        };
        let found = calibrate(&analysis, goal, plan(1), Device::Cpu, &Unwatched).unwrap();
        assert!(found.is_reached && found.error <= 0.03, "{found:?}");
        assert_eq!(found.of, Calibrated::new(&analysis));
        for (mass_mev, low) in [(1.0, 1e-5), (40.0, 1e-5), (5e3, 1e-3)] {
            let (point, critical) = on_the_border(&analysis, &found, mass_mev, low);
            let fresh = Ensemble::run(&analysis, point, plan(2), |_| Ok(())).unwrap();
            let n = fresh.outcomes.len() as f64;
            let share = |level: f64| fresh.outcomes.iter().filter(|toy| toy.q <= level).count() as f64 / n;
            let effective = found.surface.at(&found.surface.effective, mass_mev, point.coupling);
            let error = (TWO_SIGMA * (1.0 - TWO_SIGMA) * (1.0 / n + 1.0 / effective)).sqrt();
            eprintln!(
                "{name} {data} {mass_mev} MeV {:.3e}: critical {critical:.3} covers {:.2} +- {:.2} %, 6.18 {:.2} %",
                point.coupling,
                100.0 * share(critical),
                100.0 * error,
                100.0 * share(6.18007)
            );
            let bound = if n >= 20_000.0 { 0.005 } else { SIGMA * error };
            assert!((share(critical) - TWO_SIGMA).abs() < bound, "{point:?}: {} +- {error}", share(critical));
            // Wilks' value is another: the check would see it where there are enough toys to tell.
            assert!(n < 20_000.0 || (share(6.18007) - TWO_SIGMA).abs() > 0.005, "{point:?}");
        }
    }
}

/// Toys of one point weighed for another are toys of the other: the same critical value as by toys drawn there.
#[test]
fn weighed_toys_are_toys_of_the_other_point() {
    let analysis = analysis("b-l", "csi");
    let goal =
        Goal { mass_mev: (0.1, 0.2), confidence: TWO_SIGMA, minimum: Minimum::Plane, tolerance: 1.0, most_anchors: 1 };
    let plan = |seed| Plan { toys: (0, toys().min(4000)), ..plan(seed) };
    let found = calibrate(&analysis, goal, plan(1), Device::Cpu, &Unwatched).unwrap();
    let (surface, anchor) = (&found.surface, found.anchors[0]);
    // The calculated node that is farthest from the anchor.
    let ratios = surface.ratios.len();
    let coupling = |node: usize| surface.natural[node / ratios] * surface.ratios[node % ratios].exp();
    let away = |node: &usize| (coupling(*node) / anchor.coupling).ln().abs();
    let level = surface.level(0.9).unwrap();
    let known = (0..ratios).filter(|node| !surface.critical[level][*node].is_nan());
    let node = known.max_by(|a, b| away(a).total_cmp(&away(b))).unwrap();
    assert!(away(&node) > 0.08, "{}", away(&node));
    let point = Point { mass_mev: surface.mass_mev[0], coupling: coupling(node) };
    let fresh = Ensemble::run(&analysis, point, plan(2), |_| Ok(())).unwrap();
    let n = fresh.outcomes.len() as f64;
    for (level, confidence) in surface.confidences.iter().enumerate().filter(|(_, level)| **level < 0.96) {
        let critical = surface.critical[level][node];
        let share = fresh.outcomes.iter().filter(|toy| toy.q <= critical).count() as f64 / n;
        let error = (confidence * (1.0 - confidence) * (1.0 / n + 1.0 / surface.effective[node])).sqrt();
        eprintln!("{confidence}: {critical:.3} covers {share:.4} +- {error:.4}");
        assert!((share - confidence).abs() < SIGMA * error, "{confidence}: {share} +- {error}");
    }
}

/// With the minimum of each mass: what is excluded there covers what it claims, by toys drawn at its border. One parameter
/// is not always safe by Wilks' theorem: an independent calculation has critical values up to 4.7 for this model at 40 MeV.
#[test]
fn at_fixed_mass_toys_are_covered_as_often_as_is_claimed() {
    let analysis = analysis("lmu-ltau", "csi");
    let (mass_mev, minimum) = (40.0, Minimum::Mass);
    let goal = Goal { mass_mev: (mass_mev, 50.0), confidence: TWO_SIGMA, minimum, tolerance: 0.05, most_anchors: 12 };
    let found = calibrate(&analysis, goal, plan(1), Device::Cpu, &Unwatched).unwrap();
    assert_eq!((found.surface.minimum, goal.parts()), (minimum, found.surface.mass_mev.len()));
    assert!(found.is_reached && found.anchors.len() >= goal.parts(), "{found:?}");
    assert!(found.anchors.iter().all(|anchor| found.surface.mass_mev.contains(&anchor.mass_mev)));
    let level = CoveredLevel::new(&found.surface, TWO_SIGMA).unwrap();
    let bound = level.bound(&analysis, &best_fit(&analysis).unwrap(), mass_mev).unwrap();
    assert_eq!(bound.level, minima_at_masses(&analysis, &[mass_mev]).unwrap()[0]);
    let coupling = bound.edge(1).unwrap();
    let (critical, point) = (level.at(mass_mev, coupling), Point { mass_mev, coupling });
    let fresh = Ensemble::run(&analysis, point, plan(2), |_| Ok(())).unwrap();
    let n = fresh.outcomes.len() as f64;
    let share = |level: f64| fresh.outcomes.iter().filter(|toy| toy.q_fixed_mass <= level).count() as f64 / n;
    let effective = found.surface.at(&found.surface.effective, mass_mev, coupling);
    let error = (TWO_SIGMA * (1.0 - TWO_SIGMA) * (1.0 / n + 1.0 / effective)).sqrt();
    eprintln!(
        "{coupling:.3e}: critical {critical:.3} covers {:.4} +- {error:.4}, 4: {:.4}",
        share(critical),
        share(4.0)
    );
    assert!((share(critical) - TWO_SIGMA).abs() < SIGMA * error, "{}", share(critical));
}

/// Where a model takes events away CLs does not fall with the coupling alone: the limit is beyond the allowed island at which
/// the counts are again those of the Standard Model. Its place by an independent calculation, by toys at single points.
#[test]
fn cls_limits_beyond_an_island() {
    let plan = Plan { toys: (0, toys().min(1500)), ..plan(3) };
    let found = cls_limit(&analysis("universal", "csi"), 1e3, 0.95, plan, &Unwatched).unwrap();
    let limit = found.observed.unwrap();
    eprintln!("{limit:.3e} +- {:?}, {:?}, {} toys", found.observed_error, found.excluded, found.toys);
    assert!((limit / 1.84e-3).ln().abs() < 0.03, "{limit}");
    let [island, beyond] = found.excluded[..] else { panic!("{:?}", found.excluded) };
    assert!(island.from < 0.5 * limit && island.to.unwrap() < limit && beyond.to.is_none(), "{:?}", found.excluded);
    assert_eq!(beyond.from, limit);
    // What toys do not reach is not known; all that was needed they do.
    assert!(found.points.iter().all(|point| point.cls >= point.p_with && point.effective >= 300.0));
}

/// CLs upper limits at 0.1 MeV, 95 %, one-sided profile, sidebands fixed (independent calculation): observed, and expected
/// at -1, 0, +1 standard deviations.
#[test]
fn cls_limits_of_an_independent_calculation() {
    for (data, observed, expected) in [
        ("csi", 4.59e-5, [None, Some(4.38e-5), None]),
        ("csi+lar", 3.97e-5, [Some(3.20e-5), Some(3.73e-5), Some(4.42e-5)]),
    ] {
        let plan = Plan { toys: (0, toys().min(4000)), sidebands: Sidebands::Fixed, ..plan(3) };
        let found = cls_limit(&analysis("b-l", data), 0.1, 0.95, plan, &Unwatched).unwrap();
        assert_eq!(found.failed, 0);
        let limit = found.observed.unwrap();
        eprintln!("{data}: {limit:.3e} +- {:?}, expected {:?}", found.observed_error, found.expected);
        // 4 errors of ours, and as much as the other calculation's few toys may be off.
        let bound = SIGMA * found.observed_error.unwrap() + 0.01;
        assert!((limit / observed).ln().abs() < bound, "{data}: {limit} {observed}");
        for (found, expected) in found.expected[1..4].iter().zip(expected) {
            let (found, Some(expected)) = (found.unwrap(), expected) else { continue };
            assert!((found / expected).ln().abs() < bound, "{data}: {found} {expected}");
        }
        assert!(found.expected.iter().flatten().is_sorted(), "{:?}", found.expected);
        // CLs never excludes what the toys with the mediator do not: the ratio is above p.
        assert!(found.points.iter().all(|point| point.cls >= point.p_with));
    }
}

/// Keeps anchors, and ends the work after so many toys.
struct Keeper {
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    made: AtomicUsize,
    most: AtomicUsize,
}

impl Watch for Keeper {
    fn done(&self, toys: usize) -> Result<()> {
        let made = self.made.fetch_add(toys, Ordering::Relaxed) + toys;
        if made > self.most.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn take(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<()> {
        assert!(are_kept_toys(bytes));
        self.kept.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }
}

#[test]
fn what_was_interrupted_goes_on() {
    let analysis = analysis("b-l", "lar");
    let goal =
        Goal { mass_mev: (1e3, 2e3), confidence: TWO_SIGMA, minimum: Minimum::Plane, tolerance: 1e-3, most_anchors: 2 };
    let plan = Plan { toys: (0, 600), ..plan(1) };
    let whole = calibrate(&analysis, goal, plan, Device::Cpu, &Unwatched).unwrap();
    assert!(!whole.is_reached && whole.anchors.len() == 2);
    let keeper = Keeper { kept: Mutex::default(), made: AtomicUsize::new(0), most: AtomicUsize::new(800) };
    assert!(matches!(calibrate(&analysis, goal, plan, Device::Cpu, &keeper), Err(Error::Interrupted)));
    assert_eq!(keeper.kept.lock().unwrap().len(), 1);
    keeper.most.store(usize::MAX, Ordering::Relaxed);
    let resumed = calibrate(&analysis, goal, plan, Device::Cpu, &keeper).unwrap();
    assert!(same(&resumed, &whole) && keeper.kept.lock().unwrap().len() == 2);
    // Toys of another seed are not taken for them, and what is damaged is made anew.
    let other = calibrate(&analysis, goal, Plan { seed: 2, ..plan }, Device::Cpu, &keeper).unwrap();
    assert!(!same(&other, &whole));
    keeper.kept.lock().unwrap().values_mut().for_each(|bytes| bytes[100] ^= 1);
    assert!(same(&calibrate(&analysis, goal, plan, Device::Cpu, &keeper).unwrap(), &whole));
}

/// NaN where nothing was calculated is the same.
fn same(one: &Calibration, other: &Calibration) -> bool {
    // What made an anchor's toys is of the run that did.
    let words = |of: &Calibration| {
        let mut of = of.clone();
        of.engines.clear();
        format!("{of:?}")
    };
    words(one) == words(other)
}

#[test]
fn what_cannot_be_weighed_is_refused() {
    let analysis = analysis("b-l", "lar");
    let goal =
        Goal { mass_mev: (0.1, 1e5), confidence: TWO_SIGMA, minimum: Minimum::Plane, tolerance: 0.03, most_anchors: 1 };
    let prior = Plan { nuisance: Nuisance::Prior, ..plan(1) };
    let error = calibrate(&analysis, goal, prior, Device::Cpu, &Unwatched).unwrap_err().to_string();
    assert!(error.contains("cannot be weighed"), "{error}");
}
