//! What to type next after an error: the library knows no flags.

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue};

use crate::Error;
use crate::dataset::Dataset;
use crate::others::recast::LimitTable;
use crate::physics::model::Model;

use super::args::Arguments;
use super::toy_parts::PART_FORM;
use super::typed;

/// Flags that other programs have, and what means the same here.
const MEANT: [(&str, &str); 22] = [
    ("--cl", "--confidence"),
    ("--level", "--confidence"),
    ("--conf", "--confidence"),
    ("--sigma", "--confidence"),
    ("--dataset", "--data"),
    ("--datasets", "--data"),
    ("--experiment", "--data"),
    ("--masses", "--mass"),
    ("--m", "--mass"),
    ("--g", "--coupling"),
    ("--couplings", "--coupling"),
    ("--models", "--model"),
    ("--output", "--out"),
    ("--dir", "--out"),
    ("--force", "--fresh"),
    ("--overwrite", "--fresh"),
    ("--json", "--format json"),
    ("--csv", "--format csv"),
    ("--latex", "--format latex"),
    ("--expected", "--asimov"),
    ("--size", "--width"),
    ("--legend", "--label"),
];

/// Where a map is read whose model or data are files.
const MOVED: &str = "--model and --data name the scan's files where they stand now";

/// A hint, without the word "hint:".
pub fn hint(error: &Error) -> Option<String> {
    let command = typed::words().find(|word| !word.starts_with('-')).unwrap_or_default();
    let text = match error {
        Error::OtherInputs { .. } if command == "merge" => {
            "shards of one scan merge: made by one build with the same options; --fresh takes the place of another map"
        }
        Error::UnknownName { kind: "model" | "dataset", .. } if ["plot", "view"].contains(&command.as_str()) => MOVED,
        Error::Io { path, .. }
            if ["plot", "view"].contains(&command.as_str())
                && path.extension().is_some_and(|ending| ending == "toml") =>
        {
            MOVED
        }
        Error::NotOfForm { form: PART_FORM, .. } if command == "merge" => {
            "make that part again: 'coverage --shard' with --fresh throws what is there away"
        }
        Error::NotOfForm { form: PART_FORM, .. } => "--fresh throws the toys of this part away and makes them again",
        Error::OtherInputs { .. } => "take another --out, or --fresh to start over",
        Error::NotOurs { .. } => "move it away, or take another --out",
        Error::InTheWay { .. } => "move it away, take another --out, or --fresh to write over it",
        Error::Locked { .. } => "wait for it to end, or take another --out",
        Error::TooLarge { .. } => "take that --grid, or parts of the rows (--shard K/N)",
        Error::NoAdapter { .. } => "'cevscan devices' lists what was found; '--engine cpu' needs no GPU",
        Error::LeftOut { .. } => {
            "'cargo install' without --no-default-features brings it in; '--engine cpu' needs no GPU"
        }
        Error::Device { .. } => "'cevscan devices' tests each adapter; '--engine cpu' needs no GPU",
        Error::Incomplete { .. } => {
            "--allow-missing leaves the gaps and says so in every file; a smaller --coupling range avoids them"
        }
        Error::UnknownName { kind, name, known, .. } => return of_name(kind, name, known).or_else(|| error.hint()),
        Error::OutOfRange { quantity, value, .. } | Error::Unparsable { quantity, value, .. } => {
            return of_value(quantity, value).or_else(|| error.hint());
        }
        _ => return error.hint(),
    };
    Some(text.to_owned())
}

/// What an unknown name may have meant, beyond those that are spelt alike.
fn of_name(kind: &str, name: &str, all: &str) -> Option<String> {
    match kind {
        "dataset" => {
            let parts: Vec<&str> = name.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty()).collect();
            let known = |part: &&str| Dataset::names().any(|dataset| dataset == *part);
            (parts.len() > 1 && parts.iter().all(known))
                .then(|| format!("datasets are joined by '+': --data {}", parts.join("+")))
        }
        "limit" => {
            // Experiments stand before the first '_' of their limits' names.
            let experiment = |limit: &str| limit.split('_').next().unwrap_or_default().to_owned();
            let table = LimitTable::embedded().ok()?;
            let limit = table.limits.iter().find(|limit| experiment(&limit.name).eq_ignore_ascii_case(name))?;
            let meant = experiment(&limit.name);
            match all.contains(&limit.name) {
                true => Some(format!("did you mean '{meant}'?")),
                false => {
                    Some(format!("'{meant}' is recast from a checkout of darkcast: name its folder by --darkcast"))
                }
            }
        }
        _ => None,
    }
}

/// What a value may have meant.
fn of_value(quantity: &str, value: &str) -> Option<String> {
    match quantity {
        "confidence level" => {
            let percent: f64 = value.trim_end_matches(['%', ' ']).parse().ok()?;
            (1.0..100.0).contains(&percent).then(|| format!("{percent} % is --confidence {}", percent / 100.0))
        }
        "grid" => {
            let points: u32 = value.parse().ok()?;
            Some(format!("{points} masses and as many couplings are --grid {points}x{points}"))
        }
        "folder of darkcast" => {
            Some("a checkout of darkcast (arXiv:1801.04847); 'cevscan others' computes limits without one".to_owned())
        }
        _ => None,
    }
}

/// What a word or a flag that clap does not know may have meant.
pub fn of_usage(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else { return None };
    if ["--x", "--y"].contains(&typed.as_str()) && !takes("x") {
        let other = "other parameters than mass and coupling are those of 'cevscan scan --x NAME=LOW:HIGH' (a profile), and \
                     --y beside (a plane)";
        return Some(other.to_owned());
    }
    let meant = match MEANT.iter().find(|(known, _)| *known == typed.to_lowercase()) {
        Some((_, meant)) => (*meant).to_owned(),
        None if typed.starts_with('-') => return None,
        None => of_word(typed)?,
    };
    let flag = meant.split(' ').next()?.trim_start_matches('-').to_owned();
    takes(&flag).then(|| format!("did you mean '{meant}'?"))
}

/// A word without its flag.
fn of_word(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    if let Some(model) = Model::names().find(|model| *model == lower) {
        return Some(format!("--model {model}"));
    }
    let is_data = word.split('+').all(|part| Dataset::names().any(|dataset| dataset == part));
    match (is_data, word.ends_with(".toml")) {
        (true, _) => Some(format!("--data {word}")),
        (_, true) => Some(format!("--model {word}")),
        _ => None,
    }
}

/// Whether the command that was typed has this flag.
fn takes(flag: &str) -> bool {
    let mut command = Arguments::command();
    for word in typed::words() {
        if let Some(below) = command.find_subcommand(&word).cloned() {
            command = below;
        }
    }
    command.get_arguments().any(|argument| argument.get_long() == Some(flag))
}
