//! `cevscan models` and `cevscan devices`: what there is.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{cevscan, fail, help_is_pinned, json, said, succeed};

#[test]
fn help() {
    help_is_pinned(&["models"]);
    help_is_pinned(&["devices"]);
}

#[test]
fn models_are_listed_and_shown() {
    let list = succeed(&["models"]);
    assert_eq!(list.lines().count(), 11);
    let shown = succeed(&["models", "show", "b-3le"]);
    for words in ["Q'_e", "1/3", "-3", "eqs. 3.2, 3.7", "arXiv:2202.11002"] {
        assert!(shown.contains(words), "{shown}");
    }
    assert!(succeed(&["models", "show", "lmu-ltau"]).contains("3.19"));
    assert!(succeed(&["models", "show", "scalar"]).contains("17.3"));
    fail(&["models", "show", "b-3l"], 2, &["unknown model 'b-3l'", "did you mean"]);
}

#[test]
fn every_adapter_found_passes_its_test() {
    let devices = json(&succeed(&["devices", "--format", "json"]));
    for device in devices.as_array().unwrap() {
        assert!(device["name"].is_string() && device["driver"].is_string() && device["hardware"].is_boolean());
        assert!(device["self_test"]["deviation"].as_f64().unwrap() < 3e-6, "{device}");
    }
    succeed(&["devices"]);
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_driver_there_are_no_devices() {
    let said = said(cevscan().arg("devices").env("VK_DRIVER_FILES", "/nonexistent.json").output().unwrap());
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("no GPU"), "{}", said.stdout);
}
