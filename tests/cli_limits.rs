//! `cevscan limits`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, succeed};

#[test]
fn help() {
    help_is_pinned(&["limits"]);
}

#[test]
fn json_has_the_agreed_form_for_all_66_bounds() {
    let records = json(&succeed(&["limits", "--model", "all", "--data", "all", "--format", "json", "--quiet"]));
    let records = records.as_array().unwrap();
    assert_eq!(records.len(), 33);
    let mut squares = 0.0;
    for record in records {
        let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        let level = ["confidence", "delta_chi2", "dof", "minimum"];
        assert!(
            keys.iter().all(
                |key| ["best_fit", "chi2_min", "data", "high", "low", "model"].contains(key) || level.contains(key)
            )
        );
        assert_eq!((keys.len(), &record["dof"], &record["minimum"]), (10, &2.into(), &"plane".into()));
        assert!(record["best_fit"]["mass_mev"].is_number() && record["best_fit"]["coupling"].is_number());
        for (regime, unit) in [("low", "coupling"), ("high", "coupling_per_gev")] {
            let bound = &record[regime];
            let (ours, theirs) = (bound[unit].as_f64().unwrap(), bound["table2"].as_f64().unwrap());
            let deviation = bound["deviation_percent"].as_f64().unwrap();
            assert!((deviation - 100.0 * (ours / theirs).ln()).abs() < 1e-9);
            assert!(deviation.abs() < 12.0, "{record}");
            squares += deviation * deviation;
            let crossings = bound["crossings"].as_array().unwrap();
            let up: Vec<f64> = crossings
                .iter()
                .filter(|crossing| crossing[1] == "up")
                .map(|crossing| crossing[0].as_f64().unwrap())
                .collect();
            assert!(up.contains(&ours), "{record}");
            assert_eq!(crossings[0][1], "up");
            assert!(crossings.windows(2).all(|pair| pair[0][1] != pair[1][1]), "directions alternate: {record}");
        }
    }
    assert!((squares / 66.0).sqrt() < 4.5);
}

fn low(arguments: &[&str]) -> f64 {
    let all: Vec<&str> = ["limits", "--model", "b-l", "--data", "csi", "--format", "json", "--quiet"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    json(&succeed(&all))[0]["low"]["coupling"].as_f64().unwrap()
}

#[test]
fn level_follows_confidence_and_parameters() {
    let default = low(&[]);
    assert!((low(&["--confidence", "0.9545"]) / default - 1.0).abs() < 1e-5);
    let ninety = low(&["--confidence", "0.9"]);
    let ninety_one = low(&["--confidence", "0.9", "--dof", "1"]);
    assert!(ninety_one < ninety && ninety < default, "{ninety_one} {ninety} {default}");
}

/// Deviations from table 2 mean nothing at another level than its own.
#[test]
fn only_the_level_of_table_2_is_compared_with_it() {
    let fixed = ["limits", "--model", "universal", "--data", "csi+lar"];
    let with = |more: &[&str]| succeed(&[&fixed[..], more].concat());
    let percent = |table: &str| table.lines().find(|line| line.starts_with("universal")).unwrap().matches(" %").count();
    for more in [&[][..], &["--confidence", "0.9545"], &["--dof", "2", "--minimum", "plane"]] {
        assert_eq!(percent(&with(more)), 2, "{more:?}");
    }
    for more in
        [&["--confidence", "0.9"][..], &["--dof", "1"], &["--minimum", "mass"], &["--dof", "1", "--minimum", "plane"]]
    {
        assert_eq!(percent(&with(more)), 0, "{more:?}");
        let record = json(&with(&[more, &["--format", "json"]].concat()));
        let low = &record[0]["low"];
        assert!(
            low["deviation_percent"].is_null() && low["table2"].is_number() && low["coupling"].is_number(),
            "{low}"
        );
    }
}

/// An independent calculation: 1.740e-5 from the minimum at 0.1 MeV, 1.343e-5 from that of the plane.
#[test]
fn the_minimum_is_said_and_counted_from() {
    let fixed = ["limits", "--model", "universal", "--data", "csi+lar", "--confidence", "0.9", "--dof", "1"];
    let table = succeed(&fixed);
    assert!(table.contains("1.740e-5"), "{table}");
    assert!(table.contains("bounds at 90 % CL, 1 dof, at fixed mass: chi2 is 2.70554 above"), "{table}");
    let plane = succeed(&[&fixed[..], &["--minimum", "plane"]].concat());
    assert!(plane.contains("1.343e-5") && plane.contains("90 % CL, 1 dof, from the plane's minimum"), "{plane}");
    let record = json(&succeed(&[&fixed[..], &["--format", "json"]].concat()));
    assert_eq!((&record[0]["minimum"], &record[0]["confidence"]), (&"mass".into(), &0.9.into()));
    assert!(record[0]["low"]["level"].as_f64().unwrap() > record[0]["chi2_min"].as_f64().unwrap() + 2.70554);
    let csv = succeed(&[&fixed[..], &["--format", "csv"]].concat());
    assert!(csv.lines().next().unwrap().ends_with(",confidence,dof,minimum"), "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",0.9,1,mass")), "{csv}");
    fail(&["limits", "--minimum", "global"], 2, &["unknown minimum 'global'", "plane, mass"]);
}

#[test]
fn no_bound_is_null_with_a_reason() {
    // So high a level that no coupling is excluded: chi2 saturates.
    let arguments = ["limits", "--model", "b-l", "--data", "csi", "--confidence", "0.9999999999999999", "--dof", "100"];
    let arguments: Vec<&str> = arguments.into_iter().chain(["--format", "json", "--quiet"]).collect();
    let records = json(&succeed(&arguments));
    assert!(records[0]["low"]["coupling"].is_null() && records[0]["low"]["deviation_percent"].is_null());
    assert!(records[0]["low"]["reason"].as_str().unwrap().contains("no coupling is excluded"));
}

#[test]
fn table_and_csv() {
    let table = succeed(&["limits", "--model", "b-l", "--data", "lar", "--quiet"]);
    assert!(table.contains("b-l          lar         105.830"), "{table}");
    let csv = succeed(&["limits", "--model", "b-l", "--data", "lar", "--format", "csv", "--quiet"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.split(',').count() == 14), "{csv}");
}

#[test]
fn bad_input_is_named() {
    fail(&["limits", "--model", "b-2le-lmuu"], 2, &["unknown model", "b-2le-lmu"]);
    fail(&["limits", "--data", "nowhere"], 2, &["unknown dataset 'nowhere'", "csi, lar"]);
    for confidence in ["0", "1", "-0.5", "nan", "abc", ""] {
        fail(&["limits", "--confidence", confidence], 2, &["confidence level", confidence]);
    }
    // A rise of chi2 by nothing has no region.
    for confidence in ["1e-17", "1e-300"] {
        fail(&["limits", "--confidence", confidence], 2, &["confidence level", "chi2 rises by 1e-6"]);
    }
    for dof in ["0", "-1", "1.5", "x"] {
        fail(&["limits", "--dof", dof], 2, &["degrees of freedom", dof]);
    }
    fail(&["limits", "--format", "xml"], 2, &["xml"]);
    fail(&["limits", "--threads", "0"], 2, &["--threads"]);
    fail(&["limits", "--simd", "mmx"], 2, &["SIMD level is mmx", "baseline"]);
}

/// Bounds against the mass are the same bounds: at the ends those of the table, between them where `profile` crosses.
#[test]
fn bounds_against_the_mass() {
    let both = ["limits", "--model", "b-l", "--data", "all", "--quiet", "--format", "json"];
    let ends = json(&succeed(&both));
    let by_mass = json(&succeed(&[&both[..], &["--mass", "100GeV,0.1MeV,30"]].concat()));
    assert_eq!(by_mass.as_array().unwrap().len(), 3);
    for (ends, by_mass) in ends.as_array().unwrap().iter().zip(by_mass.as_array().unwrap()) {
        assert_eq!((&ends["data"], &ends["chi2_min"]), (&by_mass["data"], &by_mass["chi2_min"]));
        let bounds = by_mass["bounds"].as_array().unwrap();
        let masses: Vec<f64> = bounds.iter().map(|bound| bound["mass_mev"].as_f64().unwrap()).collect();
        assert_eq!(masses, [0.1, 30.0, 1e5]);
        assert_eq!((&bounds[0]["crossings"], &bounds[0]["level"]), (&ends["low"]["crossings"], &ends["low"]["level"]));
        let per_gev = ends["high"]["crossings"][0][0].as_f64().unwrap();
        let coupling = bounds[2]["crossings"][0][0].as_f64().unwrap();
        assert!((coupling / 100.0 / per_gev - 1.0).abs() < 1e-12, "{coupling} {per_gev}");
    }
    let level = ["--dof", "1", "--confidence", "0.9", "--mass", "30"];
    let bound = json(&succeed(&[&both[..], &level].concat()));
    let profile = ["profile", "-q", "--model", "b-l", "--points", "2", "--format", "json"];
    let profile = json(&succeed(&[&profile[..], &level].concat()));
    assert_eq!(bound[2]["bounds"][0]["crossings"], profile["crossings"]);
    assert!(bound[2]["bounds"][0]["coupling"].as_f64() < by_mass[2]["bounds"][1]["coupling"].as_f64());
}

#[test]
fn bounds_against_the_mass_in_all_forms() {
    let arguments = ["limits", "-q", "--model", "universal", "--data", "csi", "--mass", "1:1000/3", "--asimov"];
    let of = |format: &str| succeed(&[&arguments[..], &["--format", format]].concat());
    let record = json(&of("json"));
    let csv = of("csv");
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for (bound, row) in record[0]["bounds"].as_array().unwrap().iter().zip(csv.lines().skip(1)) {
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells[..2], ["universal", "csi"]);
        let same = |cell: &str, value: &serde_json::Value| {
            assert!((cell.parse::<f64>().unwrap() / value.as_f64().unwrap() - 1.0).abs() < 1e-14, "{row}");
        };
        same(cells[2], &bound["mass_mev"]);
        same(cells[3], &bound["coupling"]);
        same(cells[9], &bound["expected"]);
        assert_eq!(cells[4].split(' ').count(), bound["crossings"].as_array().unwrap().len());
    }
    let table = of("table");
    assert!(table.contains("allowed above it") && table.contains("expected g"), "{table}");
    // At 1 GeV a strip of the universal model: excluded, allowed again, excluded.
    assert!(table.lines().nth(4).unwrap().contains(" to "), "{table}");
    let latex = of("latex");
    assert!(latex.contains("\\begin{tabular}{ccc}") && latex.contains("\\times 10^{-"), "{latex}");
    assert_eq!(latex.matches("\\hline").count(), 3, "{latex}");
    let ends = succeed(&["limits", "-q", "--model", "lmu-ltau", "--format", "latex"]);
    assert!(ends.contains(r"$L_{\mu}-L_{\tau}$ & csi+lar &"), "{ends}");
}

#[test]
fn masses_that_are_none_are_named() {
    fail(&["limits", "--mass", "1:10"], 2, &["masses", "LOW:HIGH/N"]);
    fail(&["limits", "--mass", "10:1/5"], 2, &["mass range", "LOW below HIGH"]);
    fail(&["limits", "--mass", "1:10/1"], 2, &["number of masses is 1"]);
    fail(&["limits", "--mass", "1,heavy"], 2, &["heavy"]);
    fail(&["limits", "--mass", "1", "--variations"], 2, &["--variations"]);
    fail(&["limits", "--variations", "--format", "latex"], 2, &["--format is latex", "--variations"]);
}

/// A parameter of the fit that deforms a response, held at the tables of its ends, is the variation of its dataset, but for
/// what else is fitted.
#[test]
fn variations_of_a_response_are_held_at_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let head = |name: &str| {
        format!("base = \"csi\"\nname = \"{name}\"\nlabel = \"x\"\ndescription = \"x\"\nreference = \"x\"\n")
    };
    let at = |factor: f64| format!("quenching = {{ kind = \"linear\", factor = {factor} }}\n");
    let write = |name: &str, text: String| {
        let path = folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, head(name) + &text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let part = |factor: f64| format!("{{ {} }}", at(factor).trim());
    let variation = format!("[[variation]]\nname = \"slope\"\nup = {}\ndown = {}\n", part(0.1), part(0.08));
    let all = write("both", at(0.09) + &variation);
    let (up, down) = (write("up", at(0.1)), write("down", at(0.08)));
    let keys = [("low", "coupling"), ("high", "coupling_per_gev")];
    let bounds = |data: &str, more: &[&str]| {
        let words = ["limits", "--model", "b-l", "--data", data, "--format", "json", "--quiet"];
        json(&succeed(&[&words[..], more].concat()))
    };
    let varied = bounds(&all, &["--variations"]);
    let names: Vec<&str> = varied.as_array().unwrap().iter().map(|one| one["variation"].as_str().unwrap()).collect();
    assert_eq!(names, ["nominal", "both-slope-up", "both-slope-down"]);
    let change = |number: usize| varied[number]["low"]["change_percent"].as_f64().unwrap();
    for (number, data) in [(1, &up), (2, &down)] {
        for (end, key) in keys {
            let held = varied[number][end]["bound"].as_f64().unwrap();
            let alone = bounds(data, &[])[0][end][key].as_f64().unwrap();
            assert!((held / alone - 1.0).abs() < 1e-3, "{data} {end}: {held} {alone}");
        }
        // The negative control: it is not the nominal one.
        assert!(change(number).abs() > 0.5, "{varied}");
    }
    // A parameter that datasets share is held in all of them, once.
    let names = |data: &str| bounds(data, &["--variations"]).as_array().unwrap().len();
    assert_eq!((names("xenonnt"), names("csi-full")), (5, 7));
}
