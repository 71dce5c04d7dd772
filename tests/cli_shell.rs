//! `cevscan completions` and `cevscan man`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::process::Command;

use cli_support::{fail, help_is_pinned, names, run, succeed};

#[test]
fn help() {
    help_is_pinned(&["completions"]);
    help_is_pinned(&["man"]);
}

/// What bash offers after a line, the script sourced.
fn offered(line: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("cevscan.bash");
    std::fs::write(&script, succeed(&["completions", "bash"])).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let program = format!(
        "source {}; COMP_WORDS=({}); COMP_CWORD={}; _cevscan cevscan '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1,
        words[words.len() - 1],
        words.get(words.len().wrapping_sub(2)).unwrap_or(&""),
    );
    let output = Command::new("bash").args(["--norc", "-c", &program]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).filter(|word| !word.is_empty()).collect()
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let commands = offered("cevscan pro");
    assert_eq!(commands, ["profile"]);
    let flags = offered("cevscan scan --mo");
    assert_eq!(flags, ["--model"]);
    let engines = offered("cevscan scan --engine ");
    assert!(
        ["auto", "cpu", "reference", "gpu"].iter().all(|engine| engines.iter().any(|word| word == engine)),
        "{engines:?}"
    );
}

#[test]
fn other_shells_have_their_scripts() {
    let zsh = succeed(&["completions", "zsh"]);
    assert!(zsh.starts_with("#compdef cevscan"), "{zsh}");
    let fish = succeed(&["completions", "fish"]);
    assert!(fish.lines().any(|line| line.starts_with("complete -c cevscan")), "{fish}");
    for (shell, script) in [("zsh", &zsh), ("fish", &fish)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        std::fs::write(&path, script).unwrap();
        // Checked where the shell is at hand.
        if let Ok(output) = Command::new(shell).arg("-n").arg(&path).output() {
            assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    fail(&["completions", "tcsh"], 2, &["tcsh", "bash, zsh, fish"]);
    fail(&["completions"], 2, &["SHELL"]);
}

#[test]
fn every_command_has_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man1");
    let said = run(&["man", out.to_str().unwrap()]);
    let pages = names(&out);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.lines().count()), (0, "", pages.len()));
    for page in ["cevscan.1", "cevscan-scan.1", "cevscan-g-2.1", "cevscan-models-check.1"] {
        assert!(pages.iter().any(|name| name == page), "{pages:?}");
    }
    assert!(!pages.iter().any(|name| name.contains("import")), "{pages:?}");
    let page = std::fs::read_to_string(out.join("cevscan-scan.1")).unwrap();
    assert!(page.contains(".TH cevscan-scan 1") && page.contains("\\-\\-model"), "{page}");
    // On standard output, the first of them.
    assert_eq!(succeed(&["man"]), std::fs::read_to_string(out.join("cevscan.1")).unwrap());
    if let Ok(output) =
        Command::new("man").args(["-l", "--warnings"]).arg(out.join("cevscan-scan.1")).env("MANPAGER", "cat").output()
    {
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
