//! Models of one's own: coefficients and anomalies, mixing with the photon, several mediators.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use std::f64::consts::PI;

use cevscan::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::constants::FINE_STRUCTURE;
use cevscan::physics::cross_section::interference;
use cevscan::physics::model::{
    Anomalies, Charges, Coefficients, Interaction, Lepton, Model, VectorCouplings, mixing_integral, one_loop_mixing,
};
use cevscan::physics::nuclear::Isotope;
use cevscan::rates::Point;

const HEAD: &str = "name = \"mine\"\nlabel = \"$X$\"\ndescription = \"made up\"\nreference = \"none\"\n";

fn parse(body: &str) -> Model {
    Model::parse("mine.toml", &format!("{HEAD}{body}")).unwrap()
}

fn refusal(body: &str, anomalies: Anomalies) -> String {
    let error = Model::read("mine.toml", &format!("{HEAD}{body}"), &[], anomalies).unwrap_err();
    println!("{error}");
    error.to_string()
}

fn vector(model: &Model) -> VectorCouplings {
    let Interaction::Vector(vector) = model.mediators[0].interaction else { panic!("{}: no vector", model.name) };
    vector
}

fn combination([c_1, c_2, c_3, c_e, c_mu, c_tau]: [&str; 6]) -> String {
    format!("[vector]\nc_1 = {c_1}\nc_2 = {c_2}\nc_3 = {c_3}\nc_e = {c_e}\nc_mu = {c_mu}\nc_tau = {c_tau}\n")
}

#[test]
fn coefficients_give_charges() {
    // Published: below (3.9), B_y + L_mu + L_tau with y = 1/2, its charges in table 1.
    let model = parse(&combination(["1", "\"-1/2\"", "\"-5/2\"", "0", "-1", "-1"]));
    assert_eq!(vector(&model).charges, Charges { up: 1.0 / 3.0, down: 1.0 / 3.0, electron: 0.0, muon: 1.0, tau: 1.0 });
    assert_eq!(model.warnings(), Vec::<String>::new());
    let Charges { up, .. } = Coefficients { baryon: [0.0, 1.0, 2.0], lepton: [3.0, 0.0, 0.0] }.charges();
    assert_eq!(up, 0.0, "nuclei see the first generation alone");
}

#[test]
fn anomalies_are_named_and_refused_when_asked() {
    let body = combination(["1", "1", "1", "1", "1", "2"]);
    let model = parse(&body);
    assert_eq!(model.warnings().len(), 1);
    assert!(model.warnings()[0].contains("c_1 + c_2 + c_3 - c_e - c_mu - c_tau is -1"), "{:?}", model.warnings());
    let text = refusal(&body, Anomalies::Refused);
    assert!(text.starts_with("mine.toml:5:") && text.contains("is -1") && text.contains("3.9"), "{text}");
}

#[test]
fn charges_come_one_way_or_the_other() {
    for (body, words) in [
        ("[vector]\nup = 1\ndown = 1\nc_1 = 1\n", "mine.toml:8: c_1 is given"),
        ("[vector]\nc_1 = 1\nc_2 = 1\n", "mine.toml:5: coefficient 'c_3' is missing"),
        ("[vector]\n", "mine.toml:5: charge 'up' is missing"),
        ("[vector]\nup = 1e7\ndown = 1\nelectron = 1\nmuon = 1\ntau = 1\n", "mine.toml:6: charge 'up' is 10000000"),
        ("[vector]\nelektron = 1\n", "did you mean `electron`?"),
        (
            "[scalar]\nproton = 10\n[[mediator]]\nmass_ratio = 0\ncoupling_ratio = 1\nscalar = {}\n",
            ":8: mass_ratio is 0",
        ),
        ("[scalar]\n[[mediator]]\nmass_ratio = 1\ncoupling_ratio = -1\nscalar = {}\n", ":8: coupling_ratio is -1"),
        ("[scalar]\n[[mediator]]\nmass_ratio = 1\ncoupling_ratio = 1\n", ":6: mediator is not given"),
    ] {
        let text = refusal(body, Anomalies::Allowed);
        assert!(text.contains(words), "{words}: {text}");
    }
    for (name, bound) in [("..", "letters"), ("a/b", "letters"), ("", "letters")] {
        let text = format!("{HEAD}[scalar]\n").replace("mine", name);
        let error = Model::parse("mine.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("mine.toml:1: name is") && error.contains(bound), "{error}");
    }
    let escape = format!("{HEAD}[scalar]\n").replace("made up", "\\u001b[31m");
    assert!(Model::parse("mine.toml", &escape).unwrap_err().to_string().contains("control characters"));
}

#[test]
fn the_general_loop_is_that_of_3_20() {
    // Published: (3.20) for L_alpha - L_beta.
    for (model, alpha, beta) in [
        ("lmu-ltau", Lepton::Muon, Lepton::Tau),
        ("le-ltau", Lepton::Electron, Lepton::Tau),
        ("le-lmu", Lepton::Electron, Lepton::Muon),
    ] {
        let charges = vector(&Model::named(model).unwrap()).charges;
        for q_mev in [0.0, 1.0, 10.0, 45.0, 100.0, 300.0] {
            let (general, published) =
                (one_loop_mixing(&charges, q_mev * q_mev), mixing_integral(beta, alpha, q_mev * q_mev));
            assert!((general / published - 1.0).abs() < 1e-12, "{model} {q_mev}: {general} {published}");
        }
    }
    // By linearity: 2 L_e - L_mu - L_tau mixes as the sum of L_e - L_mu and L_e - L_tau.
    let model = parse("[vector]\nup = 0\ndown = 0\nelectron = 2\nmuon = -1\ntau = -1\n");
    assert!(vector(&model).one_loop_mixing, "what couples to leptons alone reaches quarks through the loop");
    for q2 in [0.0, 1e2, 1e4] {
        let sum =
            mixing_integral(Lepton::Muon, Lepton::Electron, q2) + mixing_integral(Lepton::Tau, Lepton::Electron, q2);
        assert!((one_loop_mixing(&vector(&model).charges, q2) / sum - 1.0).abs() < 1e-12);
    }
    let divergent = refusal("[vector]\nup = 0\ndown = 0\nelectron = 1\nmuon = 1\ntau = 0\n", Anomalies::Allowed);
    assert!(divergent.starts_with("mine.toml:5:") && divergent.contains("diverges"), "{divergent}");
}

/// chi2 of csi and lar at some points.
fn chi2(model: &Model) -> Vec<f64> {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let analysis = Analysis::new(model, &experiments);
    let points = [(0.1, 3e-5), (10.0, 5e-5), (100.0, 2e-4), (1e4, 1e-2)];
    let fits = points.iter().flat_map(|&(mass_mev, coupling)| analysis.fit(Point { mass_mev, coupling }).datasets);
    fits.map(|fit| fit.alone.chi2).collect()
}

fn b_minus_l(further: &str) -> Model {
    let charges = "[vector]\nup = \"1/3\"\ndown = \"1/3\"\nelectron = -1\nmuon = -1\ntau = -1\n";
    parse(&format!("{charges}{further}"))
}

#[test]
fn no_mixing_is_no_change() {
    let without = chi2(&Model::named("b-l").unwrap());
    assert_eq!(chi2(&b_minus_l("kinetic_mixing_over_coupling = 0\n")), without);
    assert_ne!(chi2(&b_minus_l("kinetic_mixing_over_coupling = 0.1\n")), without);
}

#[test]
fn mixing_at_tree_level_adds_to_the_protons_charge() {
    let e = (4.0 * PI * FINE_STRUCTURE).sqrt();
    // By hand: e epsilon/g = -1 makes protons neutral: what is left is a charge of -1/3 for u and 2/3 for d.
    let neutral = b_minus_l(&format!("kinetic_mixing_over_coupling = {}\n", -1.0 / e));
    let (at_45, loop_45) = (vector(&neutral).nucleon_charges(45.0 * 45.0), vector(&Model::named("lmu-ltau").unwrap()));
    assert!(at_45.proton.abs() < 1e-15 && at_45.neutron == 1.0, "{at_45:?}");
    let same = parse("[vector]\nup = \"-1/3\"\ndown = \"2/3\"\nelectron = -1\nmuon = -1\ntau = -1\n");
    for (mixed, charged) in chi2(&neutral).iter().zip(chi2(&same)) {
        assert!((mixed - charged).abs() < 1e-9, "{mixed} {charged}");
    }
    // Charges and amplitudes say the same.
    for model in Model::all().unwrap().iter().filter(|model| !model.is_scalar()) {
        let vector = vector(model);
        let (charges, muon) = (vector.nucleon_charges(2e3), vector.charges.muon);
        let couplings = vector.nucleon_couplings_mev2(Lepton::Muon, 2e3);
        let unit = muon / (2f64.sqrt() * cevscan::base::constants::FERMI_CONSTANT_PER_MEV2);
        assert!((couplings.proton - unit * charges.proton).abs() <= 1e-12 * couplings.proton.abs(), "{}", model.name);
        assert!(
            (couplings.neutron - unit * charges.neutron).abs() <= 1e-12 * couplings.neutron.abs(),
            "{}",
            model.name
        );
    }
    assert!((loop_45.nucleon_charges(2025.0).proton - 2.0 * FINE_STRUCTURE / PI * 0.9349).abs() < 1e-5);
}

#[test]
fn nucleons_of_a_scalar_are_free() {
    let halved = parse("[scalar]\nproton = 8.65\nneutron = 8.65\n");
    let relation = halved.relation().unwrap();
    assert_eq!((relation.base.as_str(), relation.equation), ("scalar", None));
    assert!((relation.factor - 2f64.sqrt()).abs() < 1e-12);
    assert!(parse("[scalar]\nproton = 8.65\n").relation().is_none());
}

#[test]
fn mediators_add_up() {
    // By hand: two mediators of equal mass and charges act as one with g^2 (1 + r^2).
    let second = "[[mediator]]\nmass_ratio = 1\ncoupling_ratio = \"3/4\"\n[mediator.vector]\nup = \"1/3\"\ndown = \"1/3\"\nelectron = -1\nmuon = -1\ntau = -1\n";
    let experiments = Experiment::parse_list("csi").unwrap();
    let (one, two) = (b_minus_l(""), b_minus_l(second));
    let (one, two) = (Analysis::new(&one, &experiments), Analysis::new(&two, &experiments));
    for mass_mev in [LOW_MASS_MEV, 30.0, HIGH_MASS_MEV] {
        let bounds = [&one, &two].map(|analysis| bound(analysis, mass_mev, 90.0).unwrap().edge(1).unwrap());
        assert!((bounds[0] / bounds[1] - 1.25).abs() < 1e-9, "{mass_mev}: {bounds:?}");
    }
    // A mediator that is much heavier and as weak changes nothing; each has its own propagator.
    let heavy = second.replace("mass_ratio = 1", "mass_ratio = 1e6").replace("3/4", "1/100");
    let without = chi2(&b_minus_l(""));
    assert!(chi2(&b_minus_l(&heavy)).iter().zip(&without).all(|(a, b)| (a - b).abs() < 1e-6));
    let lighter = second.replace("mass_ratio = 1", "mass_ratio = 0.01").replace("3/4", "1/10");
    let changed: Vec<f64> = chi2(&b_minus_l(&lighter)).iter().zip(&without).map(|(a, b)| (a - b).abs()).collect();
    assert!(changed[0] < 0.1 && changed[6] > 1.0, "at 0.1 MeV 1 % more, at 10 GeV a hundred times: {changed:?}");
    assert!(parse(&format!("[scalar]\n{second}")).is_scalar(), "the scanned one comes first");
}

#[test]
fn strips_are_where_the_paper_has_them() {
    // Published: (4.1)-(4.6), CsI, one or two digits.
    let caesium = Isotope::named("133Cs").unwrap();
    for (model, lepton, zero, strip) in [
        ("universal", Lepton::Muon, Some(1.3e-3), 1.8e-3),
        ("by+lmu+ltau", Lepton::Muon, Some(2.2e-3), 3.1e-3),
        ("lmu-ltau", Lepton::Muon, None, 7e-2),
        ("le-ltau", Lepton::Electron, None, 6e-2),
    ] {
        let found = interference(&Model::named(model).unwrap(), &caesium, lepton);
        assert_eq!(found.sign, -1);
        let places = (found.cancellation.unwrap(), found.strip.unwrap());
        println!("{model}: {places:?}");
        assert!((places.1.heavy_per_gev / strip - 1.0).abs() < 0.06, "{model}: {places:?}");
        assert!(zero.is_none_or(|zero| (places.0.heavy_per_gev / zero - 1.0).abs() < 0.05), "{model}: {places:?}");
    }
    assert_eq!(interference(&Model::named("b-l").unwrap(), &caesium, Lepton::Muon).strip, None);
    assert_eq!(interference(&Model::named("scalar").unwrap(), &caesium, Lepton::Muon).sign, 0);
}
