//! Recasting by hand: made-up limits, and what must come out of them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

mod synthetic_checkout;

use std::f64::consts::PI;

use cevscan::Error;
use cevscan::others::recast::columns::Columns;
use cevscan::others::recast::widths::Widths;
use cevscan::others::recast::{Checkout, Curve, Exclusion, Limit, LimitTable, Outcome, Settings, Vector};
use cevscan::physics::model::{Anomalies, Model};
use proptest::prelude::*;
use synthetic_checkout::{ENDS, MASSES_GEV, SINGLE, SyntheticCheckout};

/// e, as limits were derived with.
const E: f64 = 0.302822;
/// A search that sees e+e- from electrons promptly, one behind a shield, and the like of others.
const PROMPT: &str = "A1_Merkel2014avp";
const DUMP: &str = "E137_Andreas2012mt";
const MESON: &str = "NA48_Batley2015lha";
const PIONS: &str = "KLOE_Anastasi2016ktq";
const MISSING: &str = "NA64_NA642019imj";
const LHCB: &str = "LHCb_Aaij2019bvg_displaced";
const LIMITS: [(&str, bool); 5] = [(PROMPT, false), (DUMP, true), (MESON, false), (PIONS, false), (MISSING, false)];

struct Bench {
    folder: SyntheticCheckout,
    checkout: Checkout,
    table: LimitTable,
}

impl Bench {
    fn new() -> Bench {
        let folder = SyntheticCheckout::new(&LIMITS);
        let checkout = Checkout::open(folder.path()).unwrap();
        Bench { folder, checkout, table: LimitTable::embedded().unwrap() }
    }

    fn limit(&self, name: &str) -> &Limit {
        self.table.limits.iter().find(|limit| limit.name == name).unwrap()
    }

    fn recast_with(&self, limit: &str, model: &str, target: &Vector, settings: Settings) -> cevscan::Result<Outcome> {
        self.checkout.recast(self.limit(limit), model, target, settings)
    }

    fn outcome(&self, limit: &str, model: &str) -> Outcome {
        let target = if model == "dark-photon" { Vector::DarkPhoton } else { vector(model) };
        self.recast_with(limit, model, &target, Settings::default()).unwrap()
    }

    fn curve(&self, limit: &str, model: &str) -> Curve {
        match self.outcome(limit, model) {
            Outcome::Excluded(curve) => curve,
            Outcome::Nothing(reason) => panic!("{limit} {model}: {reason}"),
        }
    }

    fn reason(&self, limit: &str, model: &str) -> String {
        match self.outcome(limit, model) {
            Outcome::Nothing(reason) => reason,
            Outcome::Excluded(curve) => panic!("{limit} {model}: {:?}", curve.points().next()),
        }
    }
}

fn vector(model: &str) -> Vector {
    Vector::of(&Model::named(model).unwrap()).unwrap()
}

fn at(curve: &Curve, mass_gev: f64) -> Exclusion {
    curve.points().find(|(mass, _)| *mass == mass_gev).unwrap().1
}

fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((got / expected - 1.0).abs() < tolerance, "{what}: {got:e}, not {expected:e}");
}

#[test]
fn the_embedded_table_is_that_of_the_paper() {
    let table = LimitTable::embedded().unwrap();
    assert_eq!(table.limits.len(), 33);
    for limit in &table.limits {
        // The reference ends with the key that the file is named after: [Merkel:2014avp].
        let key = limit.reference.rsplit_once('[').unwrap().1.trim_end_matches(']');
        let author_year: String = key.split(':').collect::<Vec<_>>().join("");
        assert!(limit.name.contains(&author_year), "{} {key}", limit.name);
        assert_eq!(limit.file, format!("{}.lmt", limit.name));
    }
    assert_eq!(table.matching("NA64").unwrap().len(), 5);
    assert_eq!(table.matching(PROMPT).unwrap().len(), 1);
    assert!(matches!(table.matching("NA6"), Err(Error::UnknownName { .. })));
}

#[test]
fn the_dark_photon_gets_back_its_own_limits() {
    let bench = Bench::new();
    for (name, double) in LIMITS.into_iter().filter(|(name, _)| *name != MISSING) {
        let curve = bench.curve(name, "dark-photon");
        let masses: Vec<f64> = curve.points().map(|(mass, _)| mass).collect();
        // Two pions need 0.28 GeV.
        let expected: Vec<f64> = MASSES_GEV.into_iter().filter(|mass| name != PIONS || *mass > 0.28).collect();
        assert_eq!(masses, expected, "{name}");
        for (mass, Exclusion { lower, upper }) in curve.points() {
            close(lower, if double { ENDS.0 } else { SINGLE }, 1e-9, &format!("{name} {mass}"));
            assert_eq!(upper.is_some(), double);
            if let Some(upper) = upper {
                close(upper, ENDS.1, 1e-9, name);
            }
        }
    }
    // A search for missing energy was for a dark photon that is seen in 1 % of its decays.
    assert!(bench.reason(MISSING, "dark-photon").contains("no invisible decays"));
    let settings = Settings { invisible_fraction: 0.99, ..Default::default() };
    let outcome = bench.recast_with(MISSING, "dark-photon", &Vector::DarkPhoton, settings).unwrap();
    let Outcome::Excluded(curve) = outcome else { panic!("{outcome:?}") };
    assert_eq!(curve.points().count(), MASSES_GEV.len());
    curve.points().for_each(|(mass, limit)| close(limit.lower, SINGLE, 1e-12, &mass.to_string()));
}

#[test]
fn prompt_limits_have_their_closed_form() {
    let bench = Bench::new();
    // By hand: g = epsilon e / (x_e sqrt(BR_t)), as the dark photon of 0.1 GeV decays to e+e- only. The B-L boson decays
    // to e+e- and to three neutrinos of half the width each: BR = 1/(1 + 3/2); m_e^4/m^4 corrections are below 1e-8.
    let b_l = bench.curve(PROMPT, "b-l");
    close(at(&b_l, 0.1).lower, SINGLE * E * 2.5f64.sqrt(), 1e-7, "b-l");
    // x_e = -3, and one neutrino: BR = 2/3.
    close(at(&bench.curve(PROMPT, "b-3le"), 0.1).lower, SINGLE * E * 1.5f64.sqrt() / 3.0, 1e-7, "b-3le");
    // x = 1 for all: as B-L here.
    close(at(&bench.curve(PROMPT, "universal"), 0.1).lower, SINGLE * E * 2.5f64.sqrt(), 1e-7, "universal");
    // L_e - L_mu: two neutrinos, BR = 1/2.
    close(at(&bench.curve(PROMPT, "le-lmu"), 0.1).lower, SINGLE * E * 2f64.sqrt(), 1e-7, "le-lmu");
    // Missing energy: the neutrinos are the signal, and the dark photon's branching ratio was 0.99.
    let expected = SINGLE * E * (0.99f64 / 0.6).sqrt();
    close(at(&bench.curve(MISSING, "b-l"), 0.1).lower, expected, 1e-7, "missing energy");
    // Right-handed neutrinos double their widths: BR of e+e- is 1/4, of neutrinos 3/4; a share 0.2 of all decays to new
    // particles counts as missing energy too: 0.2 + 0.8 * 0.75.
    let settings = Settings { right_handed_neutrinos: true, invisible_fraction: 0.2, ..Default::default() };
    for (limit, branching, source) in [(PROMPT, 0.8 * 0.25, 1.0), (MISSING, 0.8, 0.99)] {
        let Outcome::Excluded(curve) = bench.recast_with(limit, "b-l", &vector("b-l"), settings).unwrap() else {
            panic!("{limit}")
        };
        close(at(&curve, 0.1).lower, SINGLE * E * f64::sqrt(source / branching), 1e-7, limit);
    }
    let settings = Settings { neutrinos_are_missing_energy: false, ..Default::default() };
    let outcome = bench.recast_with(MISSING, "b-l", &vector("b-l"), settings).unwrap();
    assert!(matches!(outcome, Outcome::Nothing(reason) if reason.contains("no invisible decays")));
}

#[test]
fn mixing_at_one_loop_is_that_of_the_leptons_of_the_model() {
    let bench = Bench::new();
    // L_mu - L_tau at 0.1 GeV: x_e = -eta, and neutrinos of two flavours with half a width each; by midpoint quadrature.
    let eta = |light: f64, heavy: f64, mass: f64| {
        let n = 200_000;
        let integrand = |k: i32| {
            let x = (f64::from(k) + 0.5) / f64::from(n);
            let y = x * (1.0 - x);
            y * ((heavy * heavy - y * mass * mass) / (light * light - y * mass * mass)).ln()
        };
        E * E / (2.0 * PI * PI) * (0..n).map(integrand).sum::<f64>() / f64::from(n)
    };
    let (muon, tau) = (0.10566, 1.77682);
    let mixing = eta(muon, tau, 0.1);
    let branching = mixing * mixing / (mixing * mixing + 1.0);
    let expected = SINGLE * E / (mixing * branching.sqrt());
    close(at(&bench.curve(PROMPT, "lmu-ltau"), 0.1).lower, expected, 1e-6, "lmu-ltau");
    // L_e - L_mu far above the electron's threshold mixes by ln(m_mu/m) rather than by ln(m_tau/m_mu): at 0.05 GeV the
    // modulus of the loop, with an imaginary part from electrons of pi/6. By hand to the accuracy of the expansion.
    let couplings = vector("le-lmu").couplings(0.05);
    let real = {
        let y_mean = eta(muon, muon.hypot(1e3), 0.05);
        assert!(y_mean > 0.0);
        // int x(1-x) ln(m_mu^2 - x(1-x) m^2) - [ln(m^2)/6 - 5/18]
        let n = 200_000;
        let muons = (0..n)
            .map(|k| {
                let x = (f64::from(k) + 0.5) / f64::from(n);
                let y = x * (1.0 - x);
                y * (muon * muon - y * 0.0025).ln()
            })
            .sum::<f64>()
            / f64::from(n);
        muons - (0.0025f64.ln() / 6.0 - 5.0 / 18.0)
    };
    let expected = E * E / (2.0 * PI * PI) * real.hypot(PI / 6.0);
    close(couplings.light_quarks[0].abs(), 2.0 / 3.0 * expected, 1e-3, "le-lmu");
    assert_eq!(couplings.leptons[..2], [1.0, -1.0]);
    close(couplings.leptons[2].abs(), expected, 1e-3, "tau");
}

#[test]
fn charges_of_heavy_quarks_depend_on_y() {
    let third = 1.0 / 3.0;
    let charges = |parameters: &[(String, f64)]| {
        let model = Model::open("by+lmu+ltau", parameters, Anomalies::Allowed).unwrap();
        let couplings = Vector::of(&model).unwrap().couplings(1.0);
        (couplings.light_quarks, couplings.heavy_quarks)
    };
    // B_1 - y B_2 + (y-3) B_3.
    assert_eq!(charges(&[]), ([third, third, 0.0], [0.0, -1.0, -1.0]));
    let (light, heavy) = charges(&[("y".to_owned(), -1.0)]);
    close(light[2], third, 1e-15, "s");
    close(heavy[0], third, 1e-15, "c");
    heavy[1..].iter().for_each(|charge| close(*charge, -4.0 / 3.0, 1e-15, "b, t"));
    assert!(matches!(Model::open("b-l", &[("y".to_owned(), 1.0)], Anomalies::Allowed), Err(Error::UnknownName { .. })));
    // Others follow the first generation.
    let b_l = vector("b-l").couplings(1.0);
    assert_eq!((b_l.light_quarks, b_l.heavy_quarks), ([third; 3], [third; 3]));
}

#[test]
fn reasons_are_given_for_what_has_no_curve() {
    let bench = Bench::new();
    assert!(bench.reason(PROMPT, "b-3lmu").contains("no coupling to electrons"));
    assert!(bench.reason(DUMP, "by+lmu+ltau").contains("no coupling to electrons"));
    assert!(bench.reason(MESON, "b-3lmu").contains("final state closed: no coupling to electrons"));
    assert!(bench.reason(PIONS, "b-l").contains("isoscalar"));
    assert!(bench.reason("BaBar_TheBABAR2016rlg", "b-l").contains("direct limit on lmu-ltau"));
    assert!(Vector::of(&Model::named("scalar").unwrap()).is_err());
}

#[test]
fn behind_a_shield_the_signal_is_the_same_at_all_ends() {
    let bench = Bench::new();
    let (source, target) = (Vector::DarkPhoton, vector("b-l"));
    let curve = bench.curve(DUMP, "b-l");
    let decay_over_shield = 204.0 / 179.0;
    for (mass, Exclusion { lower, upper }) in curve.points() {
        let width = |vector: &Vector| {
            Widths::new(&vector.couplings(mass), bench.checkout.hadrons(), Settings::default(), mass).total()
        };
        let (w_s, w_t) = (width(&source), width(&target));
        // Electrons only: production x branching x total width is x_e^2 times the same width, so that the total widths
        // cancel in signal, g^2 x_e^2 x_e^2/w eps(g^2 w).
        let signal = |g: f64, x: f64, w: f64, t0: f64| {
            let rate = g * g * w * t0;
            g * g * x.powi(4) / w * ((-rate).exp() - (-rate * (1.0 + decay_over_shield)).exp())
        };
        // t0 from both ends of the source's limit, by bisection.
        let (mut low, mut high) = (1e-12 / (ENDS.1 * ENDS.1 * w_s), 1.0 / (ENDS.0 * ENDS.0 * w_s));
        for _ in 0..300 {
            let t0 = (low * high).sqrt();
            let excess = signal(ENDS.1, E, w_s, t0) - signal(ENDS.0, E, w_s, t0);
            if excess > 0.0 { low = t0 } else { high = t0 }
        }
        let wanted = signal(ENDS.0, E, w_s, low);
        for g in [lower, upper.unwrap()] {
            close(signal(g, 1.0, w_t, low), wanted, 1e-6, &format!("{mass} {g}"));
        }
    }
    assert!(curve.points().count() > 4);
}

#[test]
fn r_values_run_from_the_first_to_the_last_excluded_coupling() {
    let bench = Bench::new();
    bench.folder.write("LHCb_Aaij2017rft.prd", "# mass u_u d_d\n0.2 0.5 0.5\n1 0.5 0.5\n");
    // r of an isle, of an isle at each edge, of none, and unsorted with a repeated row of which the last counts.
    bench.folder.write(
        &format!("{LHCB}.lmt"),
        "# mass g r\n\
         0.3 1e-6 3\n0.3 2e-6 0.5\n0.3 3e-6 0.9\n0.3 4e-6 7\n\
         0.4 1e-6 0.5\n0.4 2e-6 0.5\n0.4 3e-6 2\n\
         0.5 1e-6 2\n0.5 2e-6 0.5\n\
         0.6 1e-6 2\n0.6 2e-6 1\n\
         0.25 3e-6 2\n0.25 2e-6 9\n0.25 1e-6 2\n0.25 2e-6 0.1\n",
    );
    let curve = bench.curve(LHCB, "dark-photon");
    let ends = |mass: f64| {
        let Exclusion { lower, upper } = at(&curve, mass);
        (lower, upper.unwrap())
    };
    let same = |got: (f64, f64), expected: (f64, f64)| {
        close(got.0, expected.0, 1e-12, "lower");
        close(got.1, expected.1, 1e-12, "upper");
    };
    same(ends(0.25), (2e-6, 2e-6));
    same(ends(0.3), (2e-6, 3e-6));
    // Extrapolated with x (1 - exp(-x))/(1 - 1/e) = 1/2 and x exp(1 - x) = 1/2.
    let (lower, upper) = ends(0.4);
    close(upper, 2e-6, 1e-12, "upper");
    let x = (lower / 1e-6).powi(2);
    close(x * (1.0 - (-x).exp()) / (1.0 - (-1f64).exp()), 0.5, 1e-9, "long lifetimes");
    let (lower, upper) = ends(0.5);
    close(lower, 2e-6, 1e-12, "lower");
    let x = (upper / 2e-6).powi(2);
    assert!(x > 1.0);
    close(x * (1.0 - x).exp(), 0.5, 1e-9, "short lifetimes");
    assert_eq!(curve.points().count(), 4);
    // B-L by hand: production by u and d is ((1/3)^2/(2e/3)^2 + (1/3)^2/(e/3)^2)/2 = 0.625/e^2, decays to muons are 1/e^2
    // times as wide, so that r becomes r (e^2 w)^2/0.625 with w the ratio of the total widths; g goes as 1/sqrt(w).
    let width = |vector: &Vector, mass: f64| {
        Widths::new(&vector.couplings(mass), bench.checkout.hadrons(), Settings::default(), mass).total()
    };
    let w = width(&vector("b-l"), 0.3) / width(&Vector::DarkPhoton, 0.3);
    let threshold = 0.625 / (E * E * w).powi(2);
    for (r, excluded) in [(0.99 * threshold, true), (1.01 * threshold, false)] {
        bench.folder.write(&format!("{LHCB}.lmt"), &format!("0.3 1e-6 3\n0.3 2e-6 {r:e}\n0.3 3e-6 3\n"));
        match bench.outcome(LHCB, "b-l") {
            Outcome::Excluded(curve) if excluded => close(at(&curve, 0.3).lower, 2e-6 / w.sqrt(), 1e-12, "b-l"),
            Outcome::Nothing(reason) if !excluded => assert!(reason.contains("too few decays"), "{reason}"),
            other => panic!("{r}: {other:?}"),
        }
    }
}

#[test]
fn files_with_mistakes_are_named_with_their_line() {
    let bench = Bench::new();
    let message = |limit: &str, text: &str| {
        bench.folder.write(&format!("{limit}.lmt"), text);
        let error = bench.recast_with(limit, "b-l", &vector("b-l"), Settings::default()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("{limit}.lmt")), "{text}");
        text
    };
    for (text, expected) in [
        ("", ":1: number of rows is 0, but must be at least 1"),
        ("# mass lower\n\n", ":2: number of rows is 0"),
        ("# mass lower\n0.1 1e-3\n0.2 1e-x\n", ":3: column 2 is '1e-x', but must be a finite number"),
        ("0.1 1e-3\n0.2\n", ":2: number of columns is 1, but must be 2 as above"),
        ("0.1 1e-3 2\n", ":1: number of columns is 3, but must be 2 (mass, lower)"),
        ("0.1 1e-3\n-0.2 1e-3\n", ":2: mass [GeV] is -0.2, but must be positive"),
        ("0.1 0\n", ":1: lower end is 0, but must be positive"),
        ("0.1 nan\n", ":1: column 2 is 'nan'"),
        ("0.1 1e999\n", ":1: column 2 is '1e999'"),
        ("\u{1}\u{2}\n", ":1: column 1 is"),
    ] {
        let found = message(PROMPT, text);
        assert!(found.contains(expected), "{text:?}: {found}");
    }
    let found = message(DUMP, "0.1 1e-3 1e-4\n");
    assert!(found.contains(":1: upper end is 0.0001, but must be at or above the lower end, 0.001"), "{found}");
    std::fs::remove_file(bench.folder.limit("A1_Merkel2014avp.lmt")).unwrap();
    let error = bench.recast_with(PROMPT, "b-l", &vector("b-l"), Settings::default()).unwrap_err();
    assert!(error.to_string().contains("cannot read") && !error.is_usage(), "{error}");
    std::fs::write(bench.folder.limit("A1_Merkel2014avp.lmt"), [0xff, 0xfe, 0x30]).unwrap();
    assert!(bench.recast_with(PROMPT, "b-l", &vector("b-l"), Settings::default()).is_err());
    // Fractions.
    bench.folder.write(&format!("{LHCB}.lmt"), "0.3 1e-6 3\n");
    for (text, expected) in [
        ("0.3 1\n", ":1: header is 0 words, but must be a comment 'mass NAME ...' of 2 words"),
        ("# mass u_u d_d\n0.3 1\n", ":1: header is 3 words"),
        ("# mass x_y\n0.3 1\n", ":1: production mechanism is 'x_y'"),
        ("# mass u_u\n0.3 -1\n", ":2: fraction of u_u is -1"),
    ] {
        bench.folder.write("LHCb_Aaij2017rft.prd", text);
        let error = bench.recast_with(LHCB, "b-l", &vector("b-l"), Settings::default()).unwrap_err().to_string();
        assert!(error.contains("LHCb_Aaij2017rft.prd") && error.contains(expected), "{error}");
    }
    // Hadrons: of no limit alone.
    let table = bench.folder.path().join("vmd/rf.K_K.phi.dat");
    std::fs::write(&table, "0.99 0\n1 x\n").unwrap();
    assert!(Checkout::open(bench.folder.path()).unwrap_err().to_string().contains("rf.K_K.phi.dat:2: column 2"));
    std::fs::remove_file(&table).unwrap();
    assert!(Checkout::open(bench.folder.path()).unwrap_err().to_string().contains("rf.K_K.phi.dat"));
    assert!(Checkout::open(&table).unwrap_err().is_usage());
}

#[test]
fn tables_with_mistakes_are_named_with_their_line() {
    let good = "[[limit]]\nname = \"X_1\"\nreference = \"r\"\nproduction = \"e_brem\"\nfinal_states = [\"e_e\"]\n";
    assert_eq!(LimitTable::parse("t.toml", good).unwrap().limits[0].label, "X");
    for (from, to, expected) in [
        ("e_brem", "x_brem", "t.toml:4: production is 'x_brem', but must be p_brem, e_brem"),
        ("\"e_e\"", "\"e_f\"", "t.toml:5: final state is 'e_f', but must be e_e, mu_mu"),
        ("[\"e_e\"]", "[]", "t.toml:5: number of states is 0"),
        ("reference = \"r\"\n", "", "missing field"),
        ("production = \"e_brem\"\n", "", "'production' or 'fractions' of 'X_1' is missing"),
        ("final_states = [\"e_e\"]\n", "", "'final_states' of 'X_1' is missing"),
        ("production", "fractions = \"f\"\nproduction", "t.toml:4: fractions is given beside production"),
        ("X_1", "X/1", "t.toml:1: name of a limit is 'X/1'"),
        ("final", "columns = \"double\"\nfinal", "'decay_length_m' of 'X_1' is missing"),
        ("final", "columns = \"triple\"\nfinal", "t.toml:5"),
        ("final", "decay_length_m = 1\nfinal", "left out unless columns is 'double'"),
        (
            "final",
            "columns = \"double\"\ndecay_length_m = 1\nshield_length_m = 0\nfinal",
            "t.toml:7: shield_length_m is 0, but must be positive",
        ),
        ("final", "source_branching = 2\nfinal", "t.toml:5: source_branching is 2"),
        ("final", "window = { kind = \"at-energy\", length_m = -1, energy_gev = 1 }\nfinal", "t.toml:5: number of the"),
        (
            "final",
            "columns = \"r-values\"\nwindow = { kind = \"above-dimuon-threshold\", ps_gev = 1, ps = 1 }\nfinal",
            "left out",
        ),
        ("final", "colour = 1\nfinal", "t.toml:5"),
    ] {
        let text = good.replacen(from, to, 1);
        let error = LimitTable::parse("t.toml", &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let twice = format!("{good}{good}");
    let error = LimitTable::parse("t.toml", &twice).unwrap_err().to_string();
    assert!(
        error.contains("t.toml:6: name of a limit is 'X_1', but must be given once: line 1 has it first"),
        "{error}"
    );
}

#[test]
fn users_tables_have_their_files_beside_them() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let text = "[[limit]]\nname = \"Mine_2026abc\"\nlabel = \"mine\"\nreference = \"r\"\nproduction = \"e_brem\"\n\
                final_states = [\"e_e\"]\nfile = \"numbers.txt\"\n";
    std::fs::write(&path, text).unwrap();
    std::fs::write(folder.path().join("numbers.txt"), "0.1, 2e-3\n").unwrap();
    let mut table = LimitTable::embedded().unwrap();
    table.extend(LimitTable::open(&path).unwrap());
    assert_eq!(table.limits.len(), 34);
    let limit = table.matching("Mine_2026abc").unwrap()[0];
    let outcome = bench.checkout.recast(limit, "b-l", &vector("b-l"), Settings::default()).unwrap();
    let Outcome::Excluded(curve) = outcome else { panic!("{outcome:?}") };
    close(at(&curve, 0.1).lower, 2e-3 * E * 2.5f64.sqrt(), 1e-7, "mine");
    // The same name replaces.
    table.extend(LimitTable::open(&path).unwrap());
    assert_eq!(table.limits.len(), 34);
    // A file that cannot be read is named with the line that names it, that of fractions too.
    let with_fractions = text.replace("production = \"e_brem\"", "fractions = \"none.txt\"");
    for (text, place) in
        [(text, ":7: 'file' of 'Mine_2026abc' is 'numbers.txt'"), (&with_fractions, ":5: 'fractions' of")]
    {
        std::fs::write(&path, text).unwrap();
        let table = LimitTable::open(&path).unwrap();
        let recast = || bench.checkout.recast(&table.limits[0], "b-l", &vector("b-l"), Settings::default());
        if text.contains("fractions") {
            std::fs::write(folder.path().join("numbers.txt"), "0.1, 2e-3\n").unwrap();
        } else {
            assert!(recast().is_ok());
            std::fs::remove_file(folder.path().join("numbers.txt")).unwrap();
        }
        let told = recast().unwrap_err().to_string();
        assert!(told.starts_with(&format!("{}{place}", path.display())) && told.contains("cannot read"), "{told}");
    }
}

/// Numbers of all sizes.
fn number() -> impl Strategy<Value = f64> {
    (-320.0..308.0f64).prop_map(|exponent| 10f64.powf(exponent))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_panics(text in "[ -~\n\t#,\u{e9}]{0,200}") {
        let _ = Columns::parse("x", &text);
        let _ = LimitTable::parse("x", &text);
        let _ = Model::parse("x", &text);
    }

    #[test]
    fn no_rows_panic(rows in prop::collection::vec((number(), number(), number()), 1..12)) {
        let bench = Bench::new();
        bench.folder.write("LHCb_Aaij2017rft.prd", "# mass u_u rho0 omega_pi0\n0.2 0.5 0.5 1\n");
        let lines = |take: usize, sorted: bool| {
            let line = |(mass, a, b): &(f64, f64, f64)| {
                let mut row = [*a, *b];
                if sorted {
                    row.sort_by(f64::total_cmp);
                }
                let words: Vec<String> = [*mass].iter().chain(&row[..take - 1]).map(|x| format!("{x:e}")).collect();
                words.join(" ") + "\n"
            };
            rows.iter().map(line).collect::<String>()
        };
        for (limit, columns, sorted) in [(PROMPT, 2, false), (MESON, 2, false), (DUMP, 3, true), (LHCB, 3, false)] {
            bench.folder.write(&format!("{limit}.lmt"), &lines(columns, sorted));
            for model in ["dark-photon", "b-l", "le-lmu"] {
                let target = if model == "dark-photon" { Vector::DarkPhoton } else { vector(model) };
                // Numbers that are too small for f64 are zero, which is an error and no panic.
                if let Ok(Outcome::Excluded(curve)) = bench.recast_with(limit, model, &target, Settings::default()) {
                    for (_, Exclusion { lower, upper }) in curve.points() {
                        prop_assert!(lower > 0.0 && lower.is_finite());
                        prop_assert!(upper.is_none_or(|upper| upper >= lower && upper.is_finite()));
                    }
                }
            }
        }
    }
}
