//! `cevscan new-territory`, and limits of others in the pictures of `scan`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;
mod synthetic_checkout;

use cli_support::{fail, help_is_pinned, json, run, succeed};
use synthetic_checkout::SyntheticCheckout;

const MUON_MODELS: [(&str, bool); 8] = [
    ("universal", true),
    ("b-l", true),
    ("by+lmu+ltau", true),
    ("b-3lmu", true),
    ("b-2le-lmu", true),
    ("b-le-2lmu", true),
    ("le-lmu", false),
    ("lmu-ltau", false),
];

#[test]
fn help() {
    help_is_pinned(&["new-territory"]);
}

#[test]
fn limits_that_cannot_be_meant_are_said_to_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("low.toml");
    let text = "name = \"low\"\nlabel = \"Low\"\nkind = \"neutrino-electron\"\nphysics = \"electrons\"\n\
                reference = \"made up\"\nmass_mev = [1e-3, 1e7]\n[rate]\nline_mev = 0.862\n\
                shares = { nu_e = 0.525, nu_mu = 0.2375, nu_tau = 0.2375 }\nwindow_mev = [0.25, 0.6649]\n\
                sin2_weak_angle = 0.23857\n[[setting]]\nname = \"published\"\nmost = 0.9\n";
    std::fs::write(&path, text).unwrap();
    let said = |model: &str, others: &str| {
        let said = run(&["new-territory", "--model", model, "--masses", "9", "--others", others]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        said.stderr
    };
    let low = said("b-l", path.to_str().unwrap());
    let words = "note: limit low (published) is left out for b-l: the Standard Model itself, 1.0000, is outside";
    assert!(low.contains(words), "{low}");
    // One that is about other couplings is named where it was asked for, and not among all.
    let named = said("lmu-ltau", "gemma");
    assert!(named.contains("note: limit gemma (") && named.contains("is left out for lmu-ltau: "), "{named}");
    let all = said("lmu-ltau", "computed");
    assert!(!all.contains("left out"), "{all}");
}

fn record(arguments: &[&str]) -> serde_json::Value {
    let fixed = ["new-territory", "--others", "none", "--masses", "60", "--format", "json"];
    let records = json(&succeed(&fixed.iter().chain(arguments).copied().collect::<Vec<_>>()));
    records[0].clone()
}

#[test]
fn the_muon_band_is_excluded_where_the_paper_says_so() {
    for (model, excluded) in MUON_MODELS {
        // Up to 10 so that the band is on the plane of the models that quarks see through a loop.
        let record = record(&["--model", model, "--coupling", "1e-6:3"]);
        assert_eq!(record["paper"]["muon_excluded"].as_bool(), Some(excluded));
        let left = record["muon_left_by_data"].as_f64().unwrap();
        assert_eq!(left == 0.0, excluded, "{model}: {left}");
        // Without others all that is excluded is new.
        assert_eq!(record["new_decades2"], record["excluded_decades2"]);
        assert_eq!(record["muon_left_by_all"].as_f64(), Some(left));
    }
    assert!(record(&["--model", "b-3le"])["muon_left_by_data"].is_null());
}

#[test]
fn limits_of_others_take_their_area() {
    let folder = tempfile::tempdir().unwrap();
    let curve = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let plane = ["--model", "b-l", "--mass", "1:100", "--coupling", "1e-6:1"];
    let with = |overlays: &[&str]| {
        let flags = overlays.iter().flat_map(|overlay| ["--overlay", *overlay]);
        record(&plane.iter().copied().chain(flags).collect::<Vec<_>>())
    };
    let alone = with(&[]);
    let area = alone["excluded_decades2"].as_f64().unwrap();
    // Two decades of mass by what is above some 5e-5 of six decades of couplings.
    assert!((8.0..8.8).contains(&area), "{area}");
    assert_eq!(alone["strongest"].as_array().unwrap().len(), 1);
    // All above 1e-2: two decades of coupling over two of mass.
    let top = curve("top.txt", "# mass: MeV\n0.5 1e-2\n200 1e-2\n");
    let beside = with(&[&top]);
    assert!((area - beside["new_decades2"].as_f64().unwrap() - 4.0).abs() < 1e-9, "{beside}");
    assert_eq!(beside["excluded_decades2"], alone["excluded_decades2"]);
    assert_eq!(beside["strongest"], alone["strongest"]);
    assert_eq!(beside["others"][0], "top");
    // What covers our bound from 1 to 10 MeV leaves it the strongest above.
    let left = curve("left.txt", "# mass: MeV\n0.5 1e-5 1e-3\n10 1e-5 1e-3\n");
    let beside = with(&[&top, &left]);
    let strongest = beside["strongest"].as_array().unwrap();
    assert!(strongest.len() == 1 && (10.0..11.0).contains(&strongest[0]["mass_mev"][0].as_f64().unwrap()), "{beside}");
    // Nothing is left when all is covered.
    let all = curve("all.txt", "# mass: MeV\n0.5 1e-9\n200 1e-9\n");
    let beside = with(&[&all]);
    assert!(beside["new_decades2"] == 0.0 && beside["strongest"].as_array().unwrap().is_empty());
    assert!(beside["new"].as_array().unwrap().is_empty() && beside["muon_left_by_all"] == 0.0);
    let table = succeed(&["new-territory", "--model", "b-l", "--masses", "20", "--overlay", &top, "--others", "none"]);
    for words in [
        "b-l ",
        "beside 1 limit from files\n",
        "by none of the 1 limit from files\n",
        "(the paper: 1.000e1 to 2.000e2 MeV",
    ] {
        assert!(table.contains(words), "{table}");
    }
    // The same file by the other name, settings after it, without a checkout.
    let limit = format!("{top},label=Top");
    let named = record(&[&plane[..], &["--limit", &limit]].concat());
    assert!(named["new_decades2"] == with(&[&top])["new_decades2"] && named["others"][0] == "top", "{named}");
    let table = succeed(&["new-territory", "--model", "b-l", "--masses", "20", "--others", "none"]);
    assert!(table.contains("beside no other limits") && !table.contains("nobody"), "{table}");
}

#[test]
fn pictures_show_limits_of_others() {
    let checkout = SyntheticCheckout::new(&[("A1_Merkel2014avp", false), ("E137_Andreas2012mt", true)]);
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let scan = ["scan", "--model", "b-l", "--grid", "40x40", "--out", folder, "-q"];
    let with = |more: &[&str]| {
        let said = run(&scan.iter().chain(more).copied().collect::<Vec<_>>());
        (said, std::fs::read_to_string(out.path().join("map.svg")).unwrap())
    };
    let limits = ["--darkcast", checkout.text(), "--limit", "A1_Merkel2014avp", "E137_Andreas2012mt"];
    let (said, svg) = with(&limits);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    for words in ["A1", "E137", "Other limits: ", "arXiv:1404.5502", "arXiv:1209.6083"] {
        assert!(svg.contains(words), "no {words}");
    }
    // The same bytes again.
    assert_eq!(with(&limits).1, svg);
    assert!(!with(&[]).1.contains("Other limits"));
    // A limit that cannot be read is reported; the others are drawn.
    checkout.write("E137_Andreas2012mt.lmt", "1 2\n");
    let (said, svg) = with(&limits);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("E137_Andreas2012mt.lmt:1: number of columns is 2"), "{}", said.stderr);
    assert!(svg.contains("arXiv:1404.5502") && !svg.contains("arXiv:1209.6083"));
}

#[test]
fn computed_limits_shrink_what_is_new() {
    // The paper calls B-L new from 10 to 200 MeV; at two standard deviations TEXONO, Borexino and CHARM-II leave 43 to 82
    // MeV of it (a regression value; with one degree of freedom 35 to 125 MeV), and nothing as published.
    let of = |model: &str| {
        let text = succeed(&["new-territory", "--model", model, "--masses", "120", "--format", "json"]);
        json(&text)[0].clone()
    };
    let b_l = of("b-l");
    let strongest = b_l["strongest"].as_array().unwrap();
    assert_eq!(strongest.len(), 1, "{strongest:?}");
    let [low, high] = [0, 1].map(|end| strongest[0]["mass_mev"][end].as_f64().unwrap());
    assert!((35.0..50.0).contains(&low) && (75.0..95.0).contains(&high), "{low} {high}");
    assert!(b_l["settings"]["texono"].as_str().unwrap().starts_with("strict"), "{}", b_l["settings"]);
    let names: Vec<&str> = b_l["bounded_by"].as_array().unwrap().iter().filter_map(|r| r["limit"].as_str()).collect();
    assert!(names.contains(&"texono") || names.contains(&"borexino"), "{names:?}");
    assert!(names.contains(&"charm2"), "{names:?}");
    let confirmed = &b_l["compared_with_paper"]["confirmed_mev"];
    assert_eq!(confirmed.as_array().unwrap().len(), 1, "{confirmed}");
    for model in ["b-3le", "b-2le-lmu"] {
        assert!(of(model)["strongest"].as_array().unwrap().is_empty(), "{model}");
    }
    let with = |others: &[&str]| {
        let arguments = ["new-territory", "--model", "b-l", "--masses", "60", "--format", "json"];
        json(&succeed(&[&arguments[..], others].concat()))[0].clone()
    };
    // Asked for or not, they count as many standard deviations as our own; the words say what they are.
    let (asked, unasked) = (with(&["--others", "computed"]), with(&[]));
    assert_eq!((&asked["settings"], &asked["new_decades2"]), (&unasked["settings"], &unasked["new_decades2"]));
    assert!(asked["compared_with"].as_str().unwrap().ends_with(" limits computed here"), "{}", asked["compared_with"]);
    assert!(with(&["--others", "texono"])["settings"]["texono"].as_str().unwrap().starts_with("strict"));
    let published = with(&["--others", "computed=published"]);
    assert!(published["strongest"].as_array().unwrap().is_empty() && published["new_decades2"] == 0.0, "{published}");
}

#[test]
fn bad_input_is_named() {
    let with = |more: &[&str], status: i32, words: &[&str]| {
        fail(&["new-territory"].iter().chain(more).copied().collect::<Vec<_>>(), status, words);
    };
    with(&[], 2, &["--model"]);
    with(&["--model", "b-ll"], 2, &["unknown model"]);
    with(&["--model", "b-l", "--masses", "1"], 2, &["--masses is 1"]);
    with(&["--model", "b-l", "--coupling", "1:2:3"], 2, &["coupling"]);
    with(&["--model", "b-l", "--coupling", "10:100"], 2, &["coupling range is 10:100"]);
    with(&["--model", "b-l", "--delta-a-mu", "x"], 2, &["deviation of a_mu"]);
    with(&["--model", "b-l", "--overlay", "/nonexistent"], 1, &["/nonexistent"]);
    with(&["--model", "b-l", "--limit", "A1"], 2, &["--darkcast"]);
    with(&["--model", "b-l", "--others", "computed", "--limit", "A1"], 2, &["--limit is A1", "no darkcast"]);
    with(&["--model", "b-l", "--others", "computed,none"], 2, &["'none' alone"]);
    with(&["--model", "b-l", "--others", "borexin"], 2, &["unknown limit 'borexin'"]);
    with(&["--model", "b-l", "--others", "borexino=stric"], 2, &["unknown setting 'stric'"]);
    with(&["--model", "scalar", "--darkcast", "."], 2, &["mediator of 'scalar' is a scalar"]);
}

#[test]
fn reproduced_figures_show_limits_of_others() {
    let checkout = SyntheticCheckout::new(&[("A1_Merkel2014avp", false), ("E137_Andreas2012mt", true)]);
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let said = run(&["reproduce", "--out", folder, "--grid", "30x30", "--darkcast", checkout.text(), "-q"]);
    // The made-up checkout has two limits of all; each that is missing is reported.
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(said.stderr.lines().all(|line| line.starts_with("error: ")), "{}", said.stderr);
    let svg = std::fs::read_to_string(out.path().join("figures/fig5a-b-l.svg")).unwrap();
    for words in [">fixed targets<", ">beam dumps<"] {
        assert!(svg.contains(words), "no {words}");
    }
    let report = std::fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(report.contains("Other limits: ") && report.contains("arXiv:1209.6083"));
}
