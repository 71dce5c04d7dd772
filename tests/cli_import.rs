//! `cevscan import`. Tests that need the released files are ignored where these are not; `CEVSCAN_REQUIRE_RELEASES=1`
//! makes them fail instead.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cli_support::{fail, help_is_pinned, names, succeed};
use libtest_mimic::{Arguments, Trial};

type Test = (&'static str, fn());

fn main() -> ExitCode {
    let required = std::env::var("CEVSCAN_REQUIRE_RELEASES").is_ok_and(|value| value == "1");
    let ignored = !required && !releases().is_dir();
    let plain: [Test; 2] = [("help is pinned", || help_is_pinned(&["import"])), ("missing files are named", missing)];
    let gated: [Test; 3] = [
        ("a pipe in the place of a file is refused", a_pipe_is_no_release),
        ("release gives the tables of data", rebuilds_the_tables),
        ("a file that was cut or edited is named with its line", edited_files_are_named),
    ];
    let trial = |(name, test): Test| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials: Vec<Trial> = plain.into_iter().map(trial).collect();
    trials.extend(gated.into_iter().map(|test| trial(test).with_ignored_flag(ignored)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn releases() -> PathBuf {
    let given = std::env::var_os("CEVSCAN_RELEASES");
    given.map_or_else(|| repository().join("../shared/releases"), PathBuf::from)
}

fn missing() {
    fail(&["import", "csi2021", "/nonexistent"], 1, &["cannot read /nonexistent"]);
    fail(&["import", "csi2020", "/nonexistent"], 2, &["csi2020", "csi2021"]);
    fail(&["import", "lar2020"], 2, &["<DIR>"]);
}

fn rebuilds_the_tables() {
    for release in ["csi2021", "lar2020"] {
        let folder = tempfile::tempdir().unwrap();
        let from = releases().join(release);
        let out = folder.path().to_str().unwrap();
        let written = succeed(&["import", release, from.to_str().unwrap(), "--out", out]);
        assert_eq!(written.lines().count(), names(folder.path()).len());
        for name in names(folder.path()) {
            let (ours, data) = (folder.path().join(&name), repository().join("data").join(release).join(&name));
            assert_eq!(fs::read(ours).unwrap(), fs::read(data).unwrap(), "{name}");
        }
    }
}

fn edited_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (folder.path().join("release"), folder.path().join("out"));
    fs::create_dir(&from).unwrap();
    for name in names(&releases().join("lar2020")) {
        fs::write(from.join(&name), fs::read(releases().join("lar2020").join(&name)).unwrap()).unwrap();
    }
    let refused = |contents: &str, words: &[&str]| {
        fs::write(from.join("bkgpdf.txt"), contents).unwrap();
        fail(&["import", "lar2020", from.to_str().unwrap(), "--out", out.to_str().unwrap()], 1, words);
        assert_eq!(names(&out), Vec::<String>::new());
    };
    let whole = fs::read_to_string(releases().join("lar2020/bkgpdf.txt")).unwrap();
    let cut: String = whole.lines().take(100).map(|line| format!("{line}\n")).collect();
    refused(&cut, &["bkgpdf.txt:100"]);
    refused(&whole.replacen("24.4769", "24.4x69", 1), &["bkgpdf.txt:1:", "24.4x69"]);
    refused("", &["bkgpdf.txt"]);
}

/// In the place of a file stands a pipe: nobody waits for its other end.
fn a_pipe_is_no_release() {
    if cfg!(not(unix)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (folder.path().join("release"), folder.path().join("out"));
    fs::create_dir(&from).unwrap();
    let source = releases().join("lar2020");
    for name in names(&source).iter().filter(|name| *name != "bkgpdf.txt") {
        fs::write(from.join(name), fs::read(source.join(name)).unwrap()).unwrap();
    }
    let pipe = from.join("bkgpdf.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fail(
        &["import", "lar2020", from.to_str().unwrap(), "--out", out.to_str().unwrap()],
        1,
        &["bkgpdf.txt", "it is a pipe"],
    );
    assert_eq!(names(&out), Vec::<String>::new());
}
