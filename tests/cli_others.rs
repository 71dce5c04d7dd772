//! `cevscan others`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;
mod synthetic_checkout;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};
use synthetic_checkout::SyntheticCheckout;

#[test]
fn help() {
    help_is_pinned(&["others"]);
}

#[test]
fn csv_has_the_agreed_columns_and_a_row_for_each_interval() {
    let strict = ["--setting", "strict", "--mass", "10", "--format", "csv"];
    let with = |more: &[&str]| succeed(&["others"].iter().chain(more).chain(&strict).copied().collect::<Vec<_>>());
    let text = with(&["--model", "le-lmu", "--limit", "charm2"]);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("limit,source,setting,mass_mev,excluded_from,excluded_to"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() == 2 && rows.iter().all(|row| row[..4] == ["charm2", "computed", "strict", "1e1"]), "{text}");
    let number = |text: &str| text.parse::<f64>().unwrap();
    // An independent calculation: an allowed strip from 4.29e-4 to 7.11e-4.
    assert!((number(rows[0][5]) / 4.29e-4 - 1.0).abs() < 4e-3 && (number(rows[1][4]) / 7.11e-4 - 1.0).abs() < 4e-3);
    assert_eq!(rows[1][5], "");
}

#[test]
fn table_and_json_say_where_limits_come_from_and_why_there_are_none() {
    let records = json(&succeed(&["others", "--model", "by+lmu+ltau", "--mass", "1:100/5", "--format", "json"]));
    let of = |name: &str| records.as_array().unwrap().iter().find(|record| record["limit"] == name).unwrap().clone();
    assert!(of("borexino")["reason"].as_str().unwrap().contains("physics at high scales"));
    let ccfr = of("ccfr");
    assert_eq!((ccfr["points"].as_array().unwrap().len(), ccfr["source"].as_str()), (5, Some("computed")));
    assert!(ccfr["points"][0]["excluded"][0][1].is_null() && ccfr["reason"].is_null());
    assert_eq!(ccfr["kind"], "trident");
    let table = succeed(&["others", "--model", "b-l", "--mass", "1MeV,10MeV"]);
    for words in ["FITTED to the curves for B-L", "g = ", "holds from", "none: only scalars", "above 2.378"] {
        assert!(table.contains(words), "no '{words}' in {table}");
    }
    // Standard deviations select the settings that follow them.
    let z = json(&succeed(&["others", "--model", "b-l", "--limit", "borexino", "--z", "3", "--format", "json"]));
    assert_eq!((z[0]["setting"].as_str(), z[0]["confidence"].as_str()), (Some("strict"), Some("3 sigma")));
    // By name only.
    let all = succeed(&["others", "--model", "lmu-ltau"]);
    assert!(all.contains("only if asked for by its name"), "{all}");
    assert!(succeed(&["others", "--model", "lmu-ltau", "--limit", "charm2"]).contains("g = "));
}

#[test]
fn an_experiment_of_the_users_needs_no_rust() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    // Borexino again, its line as a narrow table: nothing else may differ.
    let text = r#"
name = "mine"
kind = "neutrino-electron"
physics = "electrons"
reference = "to be published"
mass_mev = [0.01, 1e6]

[rate]
table = "flux.txt"
shares = { nu_e = 0.525, nu_mu = 0.2375, nu_tau = 0.2375 }
window_mev = [0.25, 0.6649]
sin2_weak_angle = 0.23857

[[setting]]
name = "measured"
measured = 1.05
sigma = 0.15
sides = "above"
"#;
    std::fs::write(&path, text).unwrap();
    std::fs::write(folder.path().join("flux.txt"), "# E[MeV] flux\n0.8619 1\n0.8621 1\n").unwrap();
    let line = text.replace("table = \"flux.txt\"", "line_mev = 0.862").replace("\"mine\"", "\"line\"");
    let other = folder.path().join("line.toml");
    std::fs::write(&other, line).unwrap();
    let [path, other] = [&path, &other].map(|path| path.to_str().unwrap());
    let records = json(&succeed(&[
        "others",
        "--model",
        "b-l",
        "--experiment",
        path,
        "--experiment",
        other,
        "--limit",
        "mine,line,borexino",
        "--mass",
        "0.3,10,300",
        "--format",
        "json",
    ]));
    let lowest = |record: usize, mass: usize| records[record]["points"][mass]["excluded"][0][0].as_f64().unwrap();
    assert_eq!(records[1]["limit"], "mine");
    for mass in 0..3 {
        // 1.05 + 2 x 0.15 is 1.35, as in the published setting.
        assert!((lowest(1, mass) / lowest(2, mass) - 1.0).abs() < 1e-4, "{mass}");
        assert!((lowest(1, mass) / lowest(0, mass) - 1.0).abs() < 1e-4, "{mass}");
    }
    // It stands wherever limits of others do.
    let text = succeed(&["new-territory", "--model", "b-l", "--masses", "20", "--others", path, "--format", "json"]);
    assert_eq!(json(&text)[0]["others"], serde_json::json!(["mine"]));
    // Mistakes are named with their place.
    let broken = |from: &str, to: &str, words: &[&str]| {
        std::fs::write(path, text_of(path).replace(from, to)).unwrap();
        fail(&["others", "--model", "b-l", "--experiment", path], 1, words);
        std::fs::write(path, text_of(path).replace(to, from)).unwrap();
    };
    broken("window_mev = [0.25, 0.6649]", "window_mev = [0.9, 1.6]", &["mine.toml:11", "window_mev", "out of reach"]);
    broken("nu_e = 0.525", "nu_e = 0.425", &["mine.toml:10", "shares", "of 0.9000 in all", "add up to 1"]);
    broken("nu_e = 0.525", "nu_x = 0.525", &["mine.toml", "nu_x", "did you mean"]);
    broken("sigma = 0.15", "sigma = -0.15", &["mine.toml:17", "sigma"]);
    broken("\"flux.txt\"", "\"no.txt\"", &["no.txt"]);
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn searches_for_four_muons_are_rescaled() {
    let folder = tempfile::tempdir().unwrap();
    let curve = folder.path().join("cms.txt");
    std::fs::write(&curve, "# GeV g\n5 4e-3\n10 4e-3\n50 3e-2\n").unwrap();
    let path = folder.path().join("cms.toml");
    let text = "name = \"cms\"\nkind = \"collider\"\nphysics = \"four-muons\"\nreference = \"arXiv:1808.03684\"\n\
                mass_mev = [5e3, 5e4]\n[curve]\nfile = \"cms.txt\"\n[[setting]]\nname = \"published\"\nmost = 1\n";
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let at = |model: &str, mass: &str| {
        let arguments = ["others", "--model", model, "--experiment", path, "--limit", "cms", "--mass", mass];
        json(&succeed(&arguments.iter().copied().chain(["--format", "json"]).collect::<Vec<_>>()))[0].clone()
    };
    let lowest = |record: &serde_json::Value| record["points"][0]["excluded"][0][0].as_f64().unwrap();
    assert!((lowest(&at("lmu-ltau", "10GeV")) / 4e-3 - 1.0).abs() < 1e-12);
    // L_e - L_mu decays like L_mu - L_tau, but to no heavy lepton: widths by hand, (1 + 1/2)/... are 1/3 each far above.
    assert!((lowest(&at("le-lmu", "50GeV")) / 3e-2 - 1.0).abs() < 1e-3);
    assert!(at("b-3le", "10GeV")["reason"].as_str().unwrap().contains("muons have no charge"));
    assert!(at("b-l", "10GeV")["reason"].as_str().unwrap().contains("need a checkout of darkcast"));
}

#[test]
fn recast_limits_and_files_stand_beside_and_are_drawn() {
    let checkout = SyntheticCheckout::new(&[("A1_Merkel2014avp", false), ("E137_Andreas2012mt", true)]);
    let out = tempfile::tempdir().unwrap();
    let own = out.path().join("own.txt");
    std::fs::write(&own, "# mass: MeV\n1 1e-2\n100 1e-2\n").unwrap();
    let folder = out.path().join("pictures");
    let said = run(&[
        "others",
        "--model",
        "b-l",
        "--darkcast",
        checkout.text(),
        "--limit",
        "borexino,ccfr,A1_Merkel2014avp,E137_Andreas2012mt",
        "--overlay",
        own.to_str().unwrap(),
        "--format",
        "csv",
        "--mass",
        "1:1000/20",
        "--out",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    for words in ["borexino,computed,published,", "A1_Merkel2014avp,recast,,", "own,file,,"] {
        assert!(said.stdout.contains(words), "no '{words}' in {}", said.stdout);
    }
    let files = ["csv", "pdf", "png", "py", "svg"].map(|ending| format!("others-b-l.{ending}"));
    assert_eq!(names(&folder), files);
    let svg = std::fs::read_to_string(folder.join("others-b-l.svg")).unwrap();
    for words in [">fixed targets<", ">beam dumps<", ">own<", "Other limits: "] {
        assert!(svg.contains(words), "no {words}");
    }
}

#[test]
fn bad_input_is_named() {
    let with = |more: &[&str], words: &[&str]| {
        fail(&["others", "--model", "b-l"].iter().chain(more).copied().collect::<Vec<_>>(), 2, words);
    };
    with(&["--mass", "1:10"], &["masses", "LOW:HIGH/N"]);
    with(&["--mass", "1:10/1"], &["number of masses is 1"]);
    with(&["--mass", "x"], &["mass"]);
    with(&["--z", "-1"], &["standard deviations is -1"]);
    with(&["--setting", "nope"], &["unknown setting 'nope'"]);
    with(&["--setting", "borexino=nope"], &["unknown setting 'nope'"]);
    with(&["--limit", "borexin"], &["unknown limit 'borexin'", "did you mean 'borexino'"]);
    fail(&["others", "--model", "b-ll"], 2, &["unknown model"]);
}
