//! `cevscan models check`, and models from files wherever they are named.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, run, succeed};

const FILE: &str = r#"name = "b-32"
label = "$B-(3/2)(L_e+L_μ)$"
description = "member of the family of eq. 3.12"
reference = "arXiv:2202.11002, eq. 3.12"

[vector]
c_1 = 1
c_2 = 1
c_3 = 1
c_e = "3/2"
c_mu = "3/2"
c_tau = 0
"#;

/// A file in a folder of its own.
fn written(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_owned();
    (folder, name)
}

#[test]
fn help() {
    help_is_pinned(&["models", "check"]);
}

#[test]
fn what_is_understood_is_said() {
    let (_folder, file) = written(FILE);
    let text = succeed(&["models", "check", &file, "--strict"]);
    for words in ["-3/2", "free of gauge anomalies", "constructive", "those of b-l times 0.816497 (cf. eq. 3.12)"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = succeed(&["models", "check", "lmu-ltau"]);
    for words in ["destructive", "none", "7.184e-2", "those of lmu-ltau"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn anomalies_warn_and_with_strict_fail() {
    let (_folder, file) = written(&FILE.replace("c_tau = 0", "c_tau = 1"));
    let said = run(&["models", "check", &file]);
    assert_eq!(said.status, 0);
    assert!(said.stderr.starts_with("warning: b-32: c_1 + c_2 + c_3 - c_e - c_mu - c_tau is -1"), "{}", said.stderr);
    fail(&["models", "check", &file, "--strict"], 1, &["mine.toml:6", "is -1", "3.9"]);
}

#[test]
fn files_stand_for_models_everywhere() {
    let (folder, file) = written(FILE);
    let point = |model: &str, coupling: &str| {
        let arguments = ["point", "--model", model, "--mass", "10", "--coupling", coupling, "--format", "json"];
        json(&succeed(&arguments))["chi2"].as_f64().unwrap()
    };
    // Published: (3.12).
    let (mine, theirs) = (point(&file, "4.08248290463863e-5"), point("b-l", "5e-5"));
    assert!((mine - theirs).abs() < 1e-9, "{mine} {theirs}");
    let limits = json(&succeed(&["limits", "--model", &file, "--data", "csi", "--format", "json", "--quiet"]));
    assert_eq!(limits[0]["model"], "b-32");
    assert!(limits[0]["low"]["table2"].is_null() && limits[0]["low"]["coupling"].is_number());
    let out = folder.path().join("out");
    succeed(&["scan", "--model", &file, "--grid", "8x8", "--quiet", "--out", out.to_str().unwrap()]);
    assert!(out.join("map.npz").exists());
    assert!(succeed(&["models", "show", &file]).contains("eq. 3.8"));
}

#[test]
fn bad_files_are_named() {
    let (folder, file) = written(&FILE.replace("c_mu", "c_mo"));
    fail(&["scan", "--model", &file], 1, &["mine.toml:11", "c_mo", "did you mean `c_mu`"]);
    let absent = folder.path().join("absent.toml");
    fail(&["models", "check", absent.to_str().unwrap()], 1, &["cannot read", "absent.toml"]);
    fail(&["models", "check", "/dev/zero"], 1, &["/dev/zero", "it is a device"]);
    let (_folder, impostor) = written(&FILE.replace("b-32", "b-l"));
    fail(&["limits", "--model", &impostor], 1, &["mine.toml:1", "name is 'b-l'", "travel with the program"]);
}
