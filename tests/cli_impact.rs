//! `cevscan impact`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, succeed};

#[test]
fn help() {
    help_is_pinned(&["impact"]);
}

/// More CEvNS events are expected where the normalisation is held above: the bound of a model that adds events is stronger,
/// and weaker where it is held below.
#[test]
fn the_signals_norm_moves_the_bound_most_and_the_right_way() {
    let arguments = ["impact", "--model", "b-l", "--mass", "10MeV", "--format", "json", "-q"];
    let record = json(&succeed(&arguments));
    let limits = ["limits", "--model", "b-l", "--data", "csi+lar", "--mass", "10", "--format", "json", "-q"];
    let limits = json(&succeed(&limits));
    assert_eq!(record["coupling"], limits[0]["bounds"][0]["coupling"]);
    let ranking = record["ranking"].as_array().unwrap();
    assert!(ranking.len() > 8, "{record}");
    let shift = |index: usize, way: &str| ranking[index][format!("shift_{way}_percent")].as_f64().unwrap();
    let sizes: Vec<f64> = (0..ranking.len()).map(|i| shift(i, "down").abs().max(shift(i, "up").abs())).collect();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1] * 0.99), "{sizes:?}");
    assert_eq!(ranking[0]["name"], "cevns");
    assert!(shift(0, "up") < -1.0 && shift(0, "down") > 1.0, "{record}");
    // The pulls are those of the best fit.
    let best = &record["goodness_of_fit"];
    let (mass, coupling) = (best["mass_mev"].to_string(), best["coupling"].to_string());
    let point = ["point", "--model", "b-l", "--format", "json", "--mass", &mass, "--coupling", &coupling];
    let point = json(&succeed(&point));
    for ranked in ranking {
        let dataset = ranked["datasets"][0].as_str().unwrap();
        let pull = &point["datasets"][dataset]["pulls"][ranked["name"].as_str().unwrap()];
        assert!((ranked["pull"].as_f64().unwrap() - pull.as_f64().unwrap()).abs() < 1e-6, "{ranked}");
    }
    assert!((best["chi2"].as_f64().unwrap() - point["chi2"].as_f64().unwrap()).abs() < 1e-6);
    let p = best["p_asymptotic"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&p));
    assert_eq!(best["dof"].as_u64().unwrap() + 2, best["bins"].as_u64().unwrap());
}

#[test]
fn all_forms_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let arguments = ["impact", "--model", "universal", "--data", "lar", "--mass", "1GeV", "--out", out];
    let table = succeed(&arguments);
    assert!(table.contains("nuisance parameter") && table.contains("goodness of fit: p = "), "{table}");
    let names = names(folder.path());
    let expected = ["csv", "pdf", "png", "py", "svg"].map(|ending| format!("impact-universal-1000MeV.{ending}"));
    assert_eq!(names, expected);
    let csv = succeed(&["impact", "--model", "universal", "--data", "lar", "--mass", "1GeV", "--format", "csv"]);
    assert_eq!(csv.lines().next().unwrap().split(',').count(), csv.lines().nth(1).unwrap().split(',').count());
    let svg = std::fs::read_to_string(folder.path().join("impact-universal-1000MeV.svg")).unwrap();
    assert!(svg.contains("CEvNS norm") && svg.contains("change of the bound"), "{svg}");
}

#[test]
fn bad_input_is_named() {
    fail(&["impact", "--model", "b-l"], 2, &["--mass"]);
    fail(&["impact", "--model", "b-l", "--mass", "0"], 2, &["mass is 0"]);
    fail(&["impact", "--model", "b-l", "--mass", "1", "--confidence", "2"], 2, &["confidence"]);
}

/// Where parameters deform the response, they have an impact too: the quenching factor of CsI moves its bound.
#[test]
fn parameters_of_the_response_have_an_impact() {
    let arguments = ["impact", "--model", "b-l", "--data", "csi-full", "--mass", "10MeV", "--format", "json", "-q"];
    let record = json(&succeed(&arguments));
    let ranking = record["ranking"].as_array().unwrap();
    let of = |name: &str| {
        let found = ranking.iter().find(|own| own["name"].as_str().unwrap().contains(name));
        let found = found.unwrap_or_else(|| panic!("{name}: {record}"));
        ["down", "up"].map(|way| found[format!("shift_{way}_percent")].as_f64().unwrap())
    };
    for name in ["quenching", "efficiency"] {
        let [down, up] = of(name);
        assert!(down.abs().max(up.abs()) > 0.1 && down.abs().max(up.abs()) < 50.0, "{name}: {down} {up}");
    }
}
