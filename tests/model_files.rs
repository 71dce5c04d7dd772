//! The model files that travel with the program, and what becomes of files with mistakes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use cevscan::Error;
use cevscan::physics::model::{Charges, Interaction, Model, ScalarCouplings};
use cevscan::plot::text::Rich;

/// Published: table 1 (charges of u, d, e, mu, tau; B_1 - y B_2 + (y-3) B_3 gives u and d 1/3) and, last column, which
/// models mix at one loop (3.19).
const TABLE_1: [(&str, [f64; 5], bool); 10] = [
    ("universal", [1.0, 1.0, 1.0, 1.0, 1.0], false),
    ("b-l", [1.0 / 3.0, 1.0 / 3.0, -1.0, -1.0, -1.0], false),
    ("by+lmu+ltau", [1.0 / 3.0, 1.0 / 3.0, 0.0, 1.0, 1.0], false),
    ("b-3le", [1.0 / 3.0, 1.0 / 3.0, -3.0, 0.0, 0.0], false),
    ("b-3lmu", [1.0 / 3.0, 1.0 / 3.0, 0.0, -3.0, 0.0], false),
    ("b-2le-lmu", [1.0 / 3.0, 1.0 / 3.0, -2.0, -1.0, 0.0], false),
    ("b-le-2lmu", [1.0 / 3.0, 1.0 / 3.0, -1.0, -2.0, 0.0], false),
    ("le-lmu", [0.0, 0.0, 1.0, -1.0, 0.0], true),
    ("le-ltau", [0.0, 0.0, 1.0, 0.0, -1.0], true),
    ("lmu-ltau", [0.0, 0.0, 0.0, 1.0, -1.0], true),
];

#[test]
fn charges_are_those_of_table_1() {
    let names: Vec<&str> = Model::names().collect();
    let expected: Vec<&str> = TABLE_1.iter().map(|row| row.0).chain(["scalar"]).collect();
    assert_eq!(names, expected);
    for (name, [up, down, electron, muon, tau], one_loop_mixing) in TABLE_1 {
        let model = Model::named(name).unwrap();
        assert_eq!(model.name, name);
        assert!(!model.is_scalar());
        let [mediator] = &model.mediators[..] else { panic!("{name}: {} mediators", model.mediators.len()) };
        assert_eq!((mediator.mass_ratio, mediator.coupling_ratio), (1.0, 1.0));
        let Interaction::Vector(vector) = &mediator.interaction else { panic!("{name} is a vector") };
        assert_eq!(vector.charges, Charges { up, down, electron, muon, tau }, "{name}");
        assert_eq!(vector.one_loop_mixing, one_loop_mixing, "{name}");
    }
}

#[test]
fn scalar_couples_as_in_3_31() {
    // Published: (3.31).
    let model = Model::named("scalar").unwrap();
    assert!(model.is_scalar() && model.mediators.len() == 1);
    assert_eq!(
        model.mediators[0].interaction,
        Interaction::Scalar(ScalarCouplings { proton: 17.3, neutron: 17.3, electron: 1.0 })
    );
}

#[test]
fn labels_are_markup() {
    // What is read off the figure, subscripts in line; thin spaces left out.
    let expected = [
        ("universal", "universal"),
        ("b-l", "B−L"),
        ("by+lmu+ltau", "By+Lμ+Lτ"),
        ("b-3le", "B−3Le"),
        ("b-3lmu", "B−3Lμ"),
        ("b-2le-lmu", "B−2Le−Lμ"),
        ("b-le-2lmu", "B−Le−2Lμ"),
        ("le-lmu", "Le−Lμ"),
        ("le-ltau", "Le−Lτ"),
        ("lmu-ltau", "Lμ−Lτ"),
        ("scalar", "scalar"),
    ];
    for (name, expected) in expected {
        let label = Model::named(name).unwrap().label;
        let letters: String = Rich::parse(&label).letters().chars().filter(|sign| !sign.is_whitespace()).collect();
        assert_eq!(letters, expected, "{name}");
        // In mathematics the generations and y are subscripts.
        let subscripts = if label.starts_with('$') { expected.matches(['e', 'μ', 'τ', 'y']).count() } else { 0 };
        assert_eq!(label.matches('_').count(), subscripts, "{label}");
    }
}

const GOOD: &str = r#"name = "mine"
label = "$X$"
description = "made up"
reference = "none"

[vector]
up = "1/3"
down = 0.5
electron = -1
muon = 1
tau = 0
one_loop_mixing = true
"#;

fn message(text: &str) -> (usize, String) {
    let error = Model::parse("mine.toml", text).unwrap_err();
    println!("{error}");
    let text = error.to_string();
    assert!(text.starts_with("mine.toml:"), "{text}");
    assert!(!text.contains('\n'), "one line: {text}");
    let (Error::InFile { line, .. } | Error::Malformed { line, .. }) = error else { panic!("{error:?}") };
    (line, text)
}

#[test]
fn numbers_and_fractions_are_read() {
    let model = Model::parse("mine.toml", GOOD).unwrap();
    let Interaction::Vector(vector) = &model.mediators[0].interaction else { panic!("a vector was written") };
    assert_eq!(vector.charges, Charges { up: 1.0 / 3.0, down: 0.5, electron: -1.0, muon: 1.0, tau: 0.0 });
    assert!(vector.one_loop_mixing);
    for (written, expected) in [("\"-2/3\"", -2.0 / 3.0), ("\" 1 / 4 \"", 0.25), ("\"0.5\"", 0.5), ("1e-3", 1e-3)] {
        let model = Model::parse("mine.toml", &GOOD.replace("up = \"1/3\"", &format!("up = {written}"))).unwrap();
        let Interaction::Vector(vector) = &model.mediators[0].interaction else { panic!("a vector was written") };
        assert_eq!(vector.charges.up, expected, "{written}");
    }
}

#[test]
fn mistakes_name_file_line_and_thing() {
    for (from, to, line, thing) in [
        ("muon = 1", "mouon = 1", 10, "mouon"),
        ("name = ", "nmae = ", 1, "nmae"),
        ("tau = 0\n", "tau = 0\nquarks = 3\n", 12, "quarks"),
        ("tau = 0\n", "", 6, "tau"),
        ("tau = 0\n", "tau = 0\ntau = 0\n", 12, "duplicate"),
        ("up = \"1/3\"", "up = \"1/0\"", 7, "charge 'up'"),
        ("up = \"1/3\"", "up = \"one third\"", 7, "'one third'"),
        ("up = \"1/3\"", "up = \"1/2/3\"", 7, "'1/2/3'"),
        ("up = \"1/3\"", "up = true", 7, "fraction"),
        ("up = \"1/3\"", "up = [1]", 7, "fraction"),
        ("up = \"1/3\"", "up = nan", 7, "NaN"),
        ("down = 0.5", "down = inf", 8, "charge 'down'"),
        ("down = 0.5", "down = ", 8, "down"),
        ("one_loop_mixing = true", "one_loop_mixing = 1", 12, "one_loop_mixing"),
        ("electron = -1", "electron = -2", 12, "sum of the lepton charges"),
        ("[vector]", "[vectro]", 6, "vectro"),
        ("[vector]", "[vector", 6, "[vector"),
    ] {
        assert!(GOOD.contains(from));
        let (got, text) = message(&GOOD.replacen(from, to, 1));
        assert!(text.contains(thing), "{to}: {text}");
        assert_eq!(got, line, "{to}: {text}");
    }
}

#[test]
fn exactly_one_mediator() {
    let (head, _) = GOOD.split_once("[vector]").unwrap();
    assert!(message(head).1.contains("[scalar]"));
    assert!(message(&format!("{GOOD}[scalar]\n")).1.contains("given twice"));
    let scalar = Model::parse("mine.toml", &format!("{head}[scalar]\nproton = 10\n")).unwrap();
    assert_eq!(
        scalar.mediators[0].interaction,
        Interaction::Scalar(ScalarCouplings { proton: 10.0, neutron: 17.3, electron: 1.0 })
    );
    let (line, text) = message(&format!("{head}[scalar]\nproton = nan\n"));
    assert!(line == 7 && text.contains("matrix element 'proton'"), "{text}");
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    for (typed, nearest) in [("b-1", "b-l"), ("lmu-tau", "lmu-ltau"), ("univeral", "universal"), ("B-3Le", "b-3le")] {
        let error = Model::named(typed).unwrap_err();
        assert!(error.is_usage() && error.to_string() == format!("unknown model '{typed}'"), "{error}");
        assert_eq!(error.hint(), Some(format!("did you mean '{nearest}'?")), "{typed}");
    }
    let error = Model::named("axion-like particle").unwrap_err();
    assert!(error.hint().unwrap().starts_with("known models: universal, b-l,"), "{:?}", error.hint());
}
