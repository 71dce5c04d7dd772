//! What `--confidence`, `--dof` and `--minimum` mean in maps, their files, pictures and exports; and one chi2 for all
//! commands where datasets share nuisance parameters.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;

use cli_support::{fail, json, run, succeed};
use tempfile::TempDir;

fn scan(arguments: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixed = ["scan", "--model", "universal", "--grid", "9x200", "--mass", "0.1:1e5", "--quiet"];
    succeed(&[&fixed[..], arguments, &["--out", folder.path().to_str().unwrap()]].concat());
    folder
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn exports_and_pictures_at_another_level_are_those_of_a_scan_at_it() {
    let (usual, asked) = (scan(&["--data", "lar"]), scan(&["--data", "lar", "--confidence", "0.9"]));
    let text = |folder: &TempDir, level: &[&str]| {
        let path = folder.path().to_str().unwrap();
        succeed(&[&["export", path, "--format", "hepdata", "-q"], level].concat());
        read(folder.path().join("hepdata/excluded_intervals.yaml"))
    };
    let (usual_text, other) = (text(&usual, &[]), text(&usual, &["--confidence", "0.9"]));
    assert_ne!(usual_text, other);
    assert_eq!(other, text(&asked, &[]));
    // And back, once more.
    assert_eq!(text(&asked, &["--confidence", "0.9544997361036416"]), usual_text);
    let path = usual.path().to_str().unwrap();
    succeed(&["plot", path, "--confidence", "0.9", "-q"]);
    assert_eq!(read(usual.path().join("contour.csv")), read(asked.path().join("contour.csv")));
    let record = json(&read(usual.path().join("run.json")));
    assert!(record["drawn_at"]["confidence"] == 0.9 && record["inputs"]["confidence"] != 0.9, "{record}");
    succeed(&["plot", path, "-q"]);
    assert!(json(&read(usual.path().join("run.json"))).get("drawn_at").is_none());
}

/// The lowest coupling of a contour at its lowest mass.
fn lowest(folder: &Path) -> f64 {
    let text = read(folder.join("contour.csv"));
    let rows = text.lines().skip(1).filter(|row| !row.starts_with('#'));
    let rows = rows.map(|row| row.split(',').map(|cell| cell.parse::<f64>().unwrap()).collect::<Vec<_>>());
    rows.filter(|row| row[1] == 0.1).map(|row| row[2]).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_contour_of_one_parameter_is_drawn_from_each_masss_own_minimum() {
    let own = scan(&["--confidence", "0.9", "--dof", "1"]);
    let plane = scan(&["--confidence", "0.9", "--dof", "1", "--minimum", "plane"]);
    // An independent calculation; linear between couplings 7 % apart.
    for (folder, expected) in [(&own, 1.740e-5), (&plane, 1.343e-5)] {
        let found = lowest(folder.path());
        assert!((found / expected - 1.0).abs() < 1e-2, "{found:e} {expected:e}");
    }
    let records = [&own, &plane].map(|folder| json(&read(folder.path().join("run.json"))));
    assert_eq!((&records[0]["inputs"]["minimum"], &records[1]["inputs"]["minimum"]), (&"mass".into(), &"plane".into()));
    assert!(records[0]["level"].is_null() && records[1]["level"].is_number());
    let svgs = [&own, &plane].map(|folder| read(folder.path().join("map.svg")));
    assert!(svgs[0].contains("excluded at 90 % CL, 1 dof, at fixed mass"));
    assert!(svgs[1].contains("90 % CL, 1 dof, from the plane"));
    // `plot` draws either from either.
    for (map, minimum, expected) in [(&own, "plane", &svgs[1]), (&plane, "mass", &svgs[0])] {
        let drawn = tempfile::tempdir().unwrap();
        let (map, out) = (map.path().to_str().unwrap(), drawn.path().to_str().unwrap());
        succeed(&["plot", map, "--minimum", minimum, "--out", out, "--quiet"]);
        assert!(read(drawn.path().join("map.svg")) == *expected, "{minimum}");
    }
    // `export` says which, and has what the map holds.
    let text = |folder: &TempDir, more: &[&str]| {
        let out = tempfile::tempdir().unwrap();
        let (map, path) = (folder.path().to_str().unwrap(), out.path().to_str().unwrap());
        succeed(&[&["export", map, "--format", "axionlimits", "--out", path, "--quiet"], more].concat());
        let names = cli_support::names(out.path());
        read(out.path().join(&names[0]))
    };
    let numbers =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let exported = text(&own, &[]);
    assert!(
        exported.contains("90 % CL, 1 dof, at fixed mass")
            && exported.contains("the minimum over all couplings at each mass")
    );
    let low = numbers(&exported)[0].split_whitespace().nth(1).unwrap().parse::<f64>().unwrap();
    assert!((low / lowest(own.path()) - 1.0).abs() < 1e-12);
    assert_eq!(numbers(&text(&own, &["--minimum", "plane"])), numbers(&text(&plane, &[])));
    let path = plane.path().to_str().unwrap();
    fail(
        &["export", path, "--format", "grid", "--minimum", "mass"],
        2,
        &["minimum is mass", "does not hold the minimum"],
    );
}

#[test]
fn any_confidence_that_is_taken_is_plotted() {
    // JSON gives back what was written, to the last bit.
    for confidence in ["0.9999999999999999", "0.1", "0.30000000000000004", "1e-5"] {
        let folder = scan(&["--confidence", confidence]);
        let path = folder.path().to_str().unwrap();
        let before = read(folder.path().join("map.svg"));
        succeed(&["plot", path, "--quiet"]);
        assert!(read(folder.path().join("map.svg")) == before, "{confidence}");
        succeed(&["export", path, "--format", "grid", "--quiet"]);
    }
    fail(&["scan", "--model", "b-l", "--confidence", "1e-17"], 2, &["confidence level", "0.00000000000000001"]);
}

/// csi and lar with a flux that they share.
fn shared(folder: &Path) -> String {
    let files = ["csi", "lar"].map(|base| {
        let path = folder.join(format!("{base}-shared.toml"));
        let text = format!(
            "base = \"{base}\"\nname = \"{base}-shared\"\nlabel = \"{base}\"\ndescription = \"\"\nreference = \"\"\n\n\
             [signal]\nname = \"cevns\"\nsigma = 0.08\nnorms = [{{ name = \"flux\", sigma = 0.1, shared = true }}]\n"
        );
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    files.join("+")
}

#[test]
fn shared_nuisance_parameters_have_one_chi2_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = shared(folder.path());
    let map = scan(&["--data", &data]);
    let path = map.path().to_str().unwrap();
    // The map that was just made is taken.
    let drawn = tempfile::tempdir().unwrap();
    succeed(&["plot", path, "--data", &data, "--out", drawn.path().to_str().unwrap(), "--quiet"]);
    assert!(read(drawn.path().join("map.svg")) == read(map.path().join("map.svg")));
    // Best fit, point and picture are of one fit.
    let record = json(&read(map.path().join("run.json")));
    let [mass, coupling] = [0, 1].map(|i| record["best_fit"][i].to_string());
    let at = ["--model", "universal", "--data", &data, "--mass", &mass, "--coupling", &coupling];
    let point = json(&succeed(&[&["point"], &at[..], &["--format", "json"]].concat()));
    let [best, chi2, term] =
        [&record["chi2_min"], &point["chi2"], &point["shared"]].map(|value| value.as_f64().unwrap());
    assert!((best - chi2).abs() < 1e-6, "{best} {chi2}");
    let parts: f64 = point["datasets"].as_object().unwrap().values().map(|part| part["chi2"].as_f64().unwrap()).sum();
    assert!((parts + term - chi2).abs() < 1e-9 && term.abs() > 1e-3);
    let pictures = tempfile::tempdir().unwrap();
    let said = succeed(&[&["spectrum-fit"], &at[..], &["--out", pictures.path().to_str().unwrap()]].concat());
    assert!(said.contains(&format!("{chi2:.4}")), "{said}");
    for name in ["csi-shared", "lar-shared"] {
        let svg = read(pictures.path().join(format!("fit-universal-{name}.svg")));
        assert!(svg.contains(&format!("{chi2:.2} in ")), "{name} shows another chi2 than {chi2:.2}");
    }
    // The plane's Standard Model is that of `point` as well.
    let standard = json(&succeed(&[
        "point",
        "--model",
        "universal",
        "--data",
        &data,
        "--mass",
        "1",
        "--coupling",
        "0",
        "--format",
        "json",
    ]));
    assert!((record["chi2_sm"].as_f64().unwrap() - standard["chi2"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn datasets_check_prints_the_fluence_of_a_table_in_its_unit() {
    let folder = tempfile::tempdir().unwrap();
    // By hand: 1e10/(MeV cm^2 s) from 0 to 50 MeV is 5e11/(cm^2 s), for 2 days 8.64e16/cm^2; half of it for nu_mu.
    fs::write(folder.path().join("flux.txt"), "# title: flux\n# source: made up\n# columns: energy nu_e_bar nu_mu\n# units: MeV 1/(MeV*cm^2*s) 1/(MeV*cm^2*s)\n# rows: 2\n0 1e10 5e9\n50 1e10 5e9\n").unwrap();
    let text = "name = \"reactor\"\nlabel = \"reactor\"\ndescription = \"made up\"\nreference = \"made up\"\n\
                [source]\nkind = \"table\"\ntable = \"flux.txt\"\nlive_time_days = 2\n\
                [target]\nactive_mass_kg = 10\nisotopes = [{ element = \"Ar\", mass_fraction = 1 }]\n\
                [quenching]\nkind = \"lindhard\"\nk = 0.11\n\
                [resolution]\nkind = \"gaussian\"\nconstant_kev = 0.5\n\
                [efficiency]\nkind = \"constant\"\nvalue = 1.0\n\
                [observation]\nenergy_unit = \"keVee\"\nenergy_edges = [0, 1, 2]\ntime_edges_us = [0, 6]\n\
                statistic = { kind = \"poisson\" }\n[signal]\nname = \"cevns\"\nsigma = 0.05\n\
                [[background]]\nname = \"bg\"\nlabel = \"background\"\nflat_events = 200\nsigma = 0.05\n";
    let file = folder.path().join("dataset.toml");
    fs::write(&file, text).unwrap();
    let said = run(&["datasets", "check", file.to_str().unwrap()]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stdout.contains("fluence     8.6400e16 nu_e_bar, 4.3200e16 nu_mu / cm^2"), "{}", said.stdout);
}
