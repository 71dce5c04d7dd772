//! Families of gauged baryon-lepton combinations: bounds follow from one another by rescaling g, eqs. (3.12)-(3.16).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use cevscan::analysis::limits::{Bound, HIGH_MASS_MEV, LOW_MASS_MEV, best_fit, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::{Interaction, Model};
use cevscan::rates::Point;
use cevscan::statistics::{TWO_SIGMA, delta_chi2};

/// B - c_e L_e - c_mu L_mu - c_tau L_tau, written as users write it.
fn gauged((electron, muon, tau): (f64, f64, f64)) -> Model {
    let text = format!(
        r#"
name = "family"
label = "$B-c_eL_e-c_μL_μ-c_τL_τ$"
description = "a member of a family"
reference = "arXiv:2202.11002, eqs. 3.8-3.16"

[vector]
c_1 = 1
c_2 = 1
c_3 = 1
c_e = {electron}
c_mu = {muon}
c_tau = {tau}
"#
    );
    let model = Model::parse("family.toml", &text).unwrap();
    // Published: free of anomalies where the lepton coefficients add up to the baryons', 3 (3.9).
    assert_eq!(model.warnings(), Vec::<String>::new(), "{electron} {muon} {tau} is anomalous");
    let Interaction::Vector(vector) = &model.mediators[0].interaction else { panic!("a vector was written") };
    assert_eq!(vector.charges.lepton_sum(), -electron - muon - tau);
    model
}

/// A relation of the paper: bounds of `member` are those of `base` times `factor`.
struct Relation {
    base: &'static str,
    member: Model,
    factor: f64,
    /// Whether its best fit is searched; the others take that of `base`, as their planes are the same point by point.
    own_best_fit: bool,
}

fn relations() -> Vec<Relation> {
    // Published: (3.12). g^2 Q'_l Q'_q is what counts: (3/2) (sqrt(2/3))^2 = 1.
    let mut relations = vec![Relation {
        base: "b-l",
        member: gauged((1.5, 1.5, 0.0)),
        factor: (2.0_f64 / 3.0).sqrt(),
        own_best_fit: true,
    }];
    for w in [0.25, 0.5, 2.0] {
        let tau = 3.0 * (1.0 - w);
        // Published: (3.13)-(3.16), each 1/sqrt(w).
        for (base, charges) in [
            ("b-3le", (3.0 * w, 0.0, tau)),
            ("b-3lmu", (0.0, 3.0 * w, tau)),
            ("b-2le-lmu", (2.0 * w, w, tau)),
            ("b-le-2lmu", (w, 2.0 * w, tau)),
        ] {
            relations.push(Relation { base, member: gauged(charges), factor: 1.0 / w.sqrt(), own_best_fit: w == 0.25 });
        }
    }
    relations
}

/// The relations are exact: what is left is the accuracy of best fits and crossings.
const BOUND_TOLERANCE: f64 = 1e-4;
/// chi2 at corresponding points differs by rounding alone.
const CHI2_TOLERANCE: f64 = 1e-9;
/// chi2_min is found to this.
const BEST_FIT_TOLERANCE: f64 = 1e-4;

fn same_bounds(relation: &Relation, ours: &Bound, theirs: &Bound) {
    assert_eq!(ours.crossings.len(), theirs.crossings.len(), "{} {ours:?} {theirs:?}", relation.base);
    assert!(!ours.crossings.is_empty(), "{}: no bound", relation.base);
    for (ours, theirs) in ours.crossings.iter().zip(&theirs.crossings) {
        let ratio = ours.coupling / (relation.factor * theirs.coupling);
        assert!((ratio - 1.0).abs() < BOUND_TOLERANCE, "{} {}: {ratio}", relation.base, relation.factor);
        assert_eq!(ours.up, theirs.up);
    }
}

#[test]
fn bounds_of_families_are_rescaled() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let delta = delta_chi2(TWO_SIGMA, 2).unwrap();
    let relations = relations();
    for chosen in [&experiments[..1], &experiments[1..], &experiments[..]] {
        for base in ["b-l", "b-3le", "b-3lmu", "b-2le-lmu", "b-le-2lmu"] {
            let model = Model::named(base).unwrap();
            let analysis = Analysis::new(&model, chosen);
            let level = best_fit(&analysis).unwrap().chi2 + delta;
            for relation in relations.iter().filter(|relation| relation.base == base) {
                let member = Analysis::new(&relation.member, chosen);
                let own_level = if relation.own_best_fit { best_fit(&member).unwrap().chi2 + delta } else { level };
                assert!((own_level - level).abs() < BEST_FIT_TOLERANCE, "{base}: {own_level} {level}");
                for mass_mev in [LOW_MASS_MEV, HIGH_MASS_MEV] {
                    let theirs = bound(&analysis, mass_mev, level).unwrap();
                    same_bounds(relation, &bound(&member, mass_mev, own_level).unwrap(), &theirs);
                }
            }
        }
    }
}

#[test]
fn relations_are_recognised() {
    for relation in relations() {
        let found = relation.member.relation().unwrap();
        assert_eq!(found.base, relation.base);
        assert!((found.factor / relation.factor - 1.0).abs() < 1e-12, "{found:?}");
        assert!(found.equation.is_some());
    }
    for name in Model::names() {
        let own = Model::named(name).unwrap().relation().unwrap();
        assert_eq!((own.base.as_str(), own.factor, own.equation), (name, 1.0, None));
    }
}

#[test]
fn planes_of_families_are_rescaled_point_by_point() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    for relation in relations() {
        let base = Model::named(relation.base).unwrap();
        let (base, member) = (Analysis::new(&base, &experiments), Analysis::new(&relation.member, &experiments));
        for mass_mev in [0.1, 3.0, 30.0, 300.0, 1e5] {
            let natural = base.at_mass(mass_mev).natural_coupling();
            for decades in [-1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 3.0] {
                let coupling = natural * 10f64.powf(decades);
                let theirs = base.fit(Point { mass_mev, coupling });
                let ours = member.fit(Point { mass_mev, coupling: relation.factor * coupling });
                for (ours, theirs) in ours.datasets.iter().zip(&theirs.datasets) {
                    let difference = ours.alone.chi2 - theirs.alone.chi2;
                    assert!(
                        difference.abs() < CHI2_TOLERANCE,
                        "{} {mass_mev} {coupling}: {difference:e}",
                        relation.base
                    );
                }
            }
        }
    }
}
