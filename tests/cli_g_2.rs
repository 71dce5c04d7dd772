//! `cevscan g-2`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};

#[test]
fn help() {
    help_is_pinned(&["g-2"]);
}

#[test]
fn json_holds_all_models_and_says_which_have_no_band() {
    let records = json(&succeed(&["g-2", "--format", "json"]));
    let records = records.as_array().unwrap();
    assert_eq!(records.len(), 11);
    for record in records {
        assert_eq!(record["delta_a_mu"]["central"], 25.1e-10);
        assert_eq!(record["delta_a_mu"]["sigma"], 5.9e-10);
        let lists = ["mass_mev", "lower", "central", "upper"].map(|key| record[key].as_array().unwrap().len());
        match record["model"].as_str().unwrap() {
            "b-3le" | "le-ltau" => {
                assert!(record["reason"].as_str().unwrap().contains("the muon has no charge"), "{record}");
                assert_eq!(lists, [0; 4]);
            }
            _ => {
                assert!(record.get("reason").is_none());
                assert_eq!(lists, [400; 4]);
            }
        }
    }
}

#[test]
fn the_table_says_what_it_shows() {
    let table = succeed(&["g-2", "--model", "scalar", "--mass", "10MeV:1GeV", "--points", "3"]);
    assert!(table.starts_with("scalar: couplings g for Delta a_mu = (25.1 +- 5.9) 1e-10"), "{table}");
    assert_eq!(table.lines().count(), 5);
    // By hand at M -> 0: g^2 = 25.1e-10 x 16 pi^2/3, so 3.635e-4.
    let light = succeed(&["g-2", "--model", "scalar", "--mass", "1e-3:1", "--points", "2"]);
    assert!(light.contains("3.63"), "{light}");
    let none = succeed(&["g-2", "--model", "le-ltau"]);
    assert!(none.contains("no band, the muon has no charge in le-ltau"), "{none}");
}

#[test]
fn csv_has_one_row_a_mass() {
    let csv = succeed(&["g-2", "--format", "csv", "--points", "2"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "model,mass_mev,lower,central,upper");
    assert_eq!(lines.len(), 1 + 9 * 2 + 2);
    assert!(lines.contains(&"b-3le,,,,") && lines.iter().all(|line| line.split(',').count() == 5), "{csv}");
}

#[test]
fn another_deviation_moves_the_band() {
    let central = |arguments: &[&str]| {
        let all: Vec<&str> = ["g-2", "--model", "b-l", "--format", "json"].iter().chain(arguments).copied().collect();
        json(&succeed(&all))[0]["central"][0].as_f64().unwrap()
    };
    let ratio = central(&["--delta-a-mu", "100.4e-10,5.9e-10"]) / central(&["--delta-a-mu", "paper"]);
    assert!((ratio - 2.0).abs() < 1e-12, "four times the deviation, twice the coupling: {ratio}");
}

/// Published: world average with arXiv:2506.03069 less arXiv:2505.21476 is 38(63)e-11.
#[test]
fn comparisons_are_named_by_their_year() {
    let table = |which: &str| succeed(&["g-2", "--model", "b-l", "--points", "2", "--delta-a-mu", which]);
    assert!(table("2025").starts_with("b-l: couplings g for Delta a_mu = (3.8 +- 6.3) 1e-10 (2025), band"));
    assert!(table("paper").starts_with("b-l: couplings g for Delta a_mu = (25.1 +- 5.9) 1e-10 (2021), band"));
    assert!(table("1e-10,1e-10").starts_with("b-l: couplings g for Delta a_mu = (1 +- 1) 1e-10, band"));
    // Compatible with no deviation at all: a band without a lower edge.
    let band = json(&succeed(&["g-2", "--model", "b-l", "--points", "2", "--delta-a-mu", "2025", "--format", "json"]));
    assert_eq!(band[0]["lower"][0], 0.0);
    let folder = tempfile::tempdir().unwrap();
    succeed(&["g-2", "--delta-a-mu", "2025", "--out", folder.path().to_str().unwrap(), "-q"]);
    assert!(std::fs::read_to_string(folder.path().join("g-2.svg")).unwrap().contains("2025"));
}

#[test]
fn a_forgotten_power_of_ten_is_warned_of() {
    for (numbers, warned) in [("251,59", true), ("25.1,5.9", true), ("25.1e-10,5.9", true), ("25.1e-10,5.9e-10", false)]
    {
        let said = run(&["g-2", "--model", "b-l", "--points", "2", "--delta-a-mu", numbers]);
        assert_eq!(said.status, 0);
        assert_eq!(said.stderr.contains("warning: a deviation of a_mu of"), warned, "{numbers}: {}", said.stderr);
    }
}

#[test]
fn the_picture_comes_with_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    succeed(&["g-2", "--out", path, "-q"]);
    assert_eq!(names(folder.path()), ["g-2.csv", "g-2.pdf", "g-2.png", "g-2.py", "g-2.svg"]);
    // A deviation compatible with none has no lower edge; it is drawn all the same.
    succeed(&["g-2", "--model", "b-l", "--delta-a-mu", "1e-10,1e-10", "--out", path, "-q"]);
    assert!(names(folder.path()).contains(&"g-2-b-l.svg".to_owned()));
    let none = tempfile::tempdir().unwrap();
    let said = run(&["g-2", "--model", "b-3le", "--out", none.path().to_str().unwrap()]);
    assert!(said.status == 0 && said.stderr.contains("no figure is made"), "{}", said.stderr);
    assert!(names(none.path()).is_empty());
}

#[test]
fn bad_input_is_named() {
    fail(&["g-2", "--model", "b-3l"], 2, &["unknown model 'b-3l'"]);
    fail(&["g-2", "--mass", "1GeV:1MeV"], 2, &["mass range"]);
    fail(&["g-2", "--mass", "1e-9:1"], 2, &["mass (MeV)", "1 eV"]);
    fail(&["g-2", "--points", "1"], 2, &["--points", "from 2"]);
    fail(&["g-2", "--points", "many"], 2, &["many", "--points"]);
    fail(&["g-2", "--delta-a-mu", "fermilab"], 2, &["deviation of a_mu 'fermilab'", "paper"]);
    fail(&["g-2", "--delta-a-mu", "25e-10,-1e-10"], 2, &["standard deviation", "-0.0000000001"]);
}
