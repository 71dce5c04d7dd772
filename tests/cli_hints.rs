//! What was typed wrongly is answered with what was meant.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, run};

#[test]
fn words_and_flags_of_other_programs_are_answered_with_ours() {
    for (line, hint) in [
        ("scan b-l", "did you mean '--model b-l'?"),
        ("limits B-L", "did you mean '--model b-l'?"),
        ("point mine.toml", "did you mean '--model mine.toml'?"),
        ("limits csi+lar", "did you mean '--data csi+lar'?"),
        ("scan --model b-l --cl 0.9", "did you mean '--confidence'?"),
        ("limits --model b-l --json", "did you mean '--format json'?"),
        ("scan --model b-l --output x", "did you mean '--out'?"),
        ("scan --model b-l --force", "did you mean '--fresh'?"),
        ("profile --x eps-u.ee=-1:1", "other parameters than mass and coupling are those of 'cevscan scan --x"),
        // Nothing is meant that the command does not take.
        ("scan --model b-l --json", "'cevscan scan --help' lists what it takes"),
        ("devices b-l", "'cevscan devices --help' lists what it takes"),
        ("scan --modl b-l", "a similar argument exists: '--model'"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        fail(&words, 2, &[&format!("hint: {hint}")]);
    }
}

#[test]
fn values_are_answered_with_what_they_may_mean() {
    for (line, hint) in [
        ("scan --model b-l --data csi,lar", "datasets are joined by '+': --data csi+lar"),
        ("scan --model b-l --data csi,lrr", "known datasets: "),
        ("limits --model b-l --confidence 90", "90 % is --confidence 0.9"),
        ("limits --model b-l --confidence 95%", "95 % is --confidence 0.95"),
        ("scan --model b-l --grid 400", "400 masses and as many couplings are --grid 400x400"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        fail(&words, 2, &[&format!("hint: {hint}")]);
    }
    for line in ["others --model b-l --limit na64", "recast --model b-l --limit na64", "scan --model b-l --limit na64"]
    {
        let words: Vec<&str> = line.split(' ').collect();
        let mut command = cli_support::cevscan();
        let said = cli_support::said(command.args(&words).env_remove("DARKCAST_PATH").output().unwrap());
        assert!(said.status == 2 && said.stderr.contains("darkcast"), "{line}: {}", said.stderr);
        let hint = said.stderr.lines().last().unwrap();
        assert!(hint.starts_with("hint: ") && (hint.contains("--darkcast") || hint.contains("checkout")), "{hint}");
    }
    assert_eq!(run(&["scan", "--model", "b-l", "--limit"]).status, 2);
}
