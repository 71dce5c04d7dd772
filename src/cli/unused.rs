//! Options that mean nothing beside what else was asked for: they are refused, where they would be passed over.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory};

use crate::{Error, Result};

use super::args::Arguments;

/// A way in which commands work.
struct Mode {
    commands: &'static [&'static str],
    /// Whether it is the one.
    is_on: fn(&ArgMatches) -> bool,
    /// Options without a meaning in it, by their ids.
    unused: &'static [&'static str],
    /// Where they have one.
    bound: &'static str,
}

/// What clap's own conflicts, which know of options but not of their values, leave open.
const MODES: [Mode; 12] = [
    Mode {
        commands: &["limits"],
        is_on: is_cls,
        unused: &["critical", "variations", "asimov", "dof", "minimum"],
        bound: "given with --method wilks, not cls",
    },
    Mode {
        commands: &["limits"],
        is_on: |matches| !is_cls(matches),
        unused: &["toys", "seed", "out", "fresh"],
        bound: "given with --method cls alone",
    },
    Mode {
        commands: &["plot"],
        is_on: |matches| matches.get_raw("maps").is_some_and(|maps| maps.len() > 1),
        unused: &["critical", "shade_new", "muon", "data"],
        bound: "of one map, not of several",
    },
    Mode {
        commands: &["scan"],
        is_on: |matches| has(matches, "x"),
        unused: &["axes", "no_best_fit"],
        bound: "of a map over mass and coupling, without --x",
    },
    Mode {
        commands: &["scan"],
        is_on: |matches| !has(matches, "model"),
        unused: &["typed"],
        bound: "given with --model, whose parameter it is",
    },
    Mode {
        commands: &["profile", "epsilon", "g-2", "spectrum", "impact", "others"],
        is_on: |matches| !has(matches, "out"),
        unused: &["width", "font_size", "palette", "no_caption", "fresh", "label_others"],
        bound: "given with --out, the folder for pictures",
    },
    Mode {
        commands: &["coverage"],
        is_on: |matches| has(matches, "at") && !has(matches, "out"),
        unused: &["fresh"],
        bound: "given with --out, the folder for results",
    },
    Mode {
        commands: &["coverage"],
        is_on: |matches| has(matches, "shard"),
        unused: &["format", "adapter"],
        bound: "of toys that are all there, without --shard",
    },
    Mode {
        commands: &["coverage"],
        is_on: |matches| is(matches, "engine", "gpu"),
        unused: &["shard"],
        bound: "for the CPU: a GPU makes all toys at once",
    },
    Mode {
        commands: &["scan", "coverage"],
        is_on: |matches| ["cpu", "reference"].iter().any(|engine| is(matches, "engine", engine)),
        unused: &["adapter"],
        bound: "given with a GPU: --engine gpu or auto",
    },
    Mode {
        commands: &["scan"],
        is_on: |matches| ["gpu", "reference"].iter().any(|engine| is(matches, "engine", engine)),
        unused: &["no_interpolation"],
        bound: "given with --engine cpu or auto: others interpolate nothing",
    },
    Mode {
        commands: &["scan", "plot"],
        is_on: |matches| !["others", "overlays", "darkcast", "limits"].iter().any(|limits| has(matches, limits)),
        unused: &["label_others"],
        bound: "given with limits of others: --others, --overlay, --limit or --darkcast",
    },
];

fn is_cls(matches: &ArgMatches) -> bool {
    is(matches, "method", "cls")
}

/// Whether an option was given.
fn has(matches: &ArgMatches, id: &str) -> bool {
    matches.get_raw(id).is_some()
}

/// Whether an option has a value.
fn is(matches: &ArgMatches, id: &str, value: &str) -> bool {
    matches.get_raw(id).is_some_and(|mut values| values.any(|own| own == value))
}

/// Refuses them.
///
/// # Errors
/// [`Error::OutOfRange`], naming the first.
pub fn refuse(matches: &ArgMatches) -> Result<()> {
    let Some((command, matches)) = matches.subcommand() else { return Ok(()) };
    for mode in MODES.iter().filter(|mode| mode.commands.contains(&command) && (mode.is_on)(matches)) {
        // Not each of the commands has each of the options.
        let is_known = |id: &&&str| matches.try_contains_id(id).is_ok();
        let is_typed = |id: &&&str| is_known(id) && matches.value_source(id) == Some(ValueSource::CommandLine);
        if let Some(id) = mode.unused.iter().find(is_typed) {
            let all = Arguments::command();
            let own =
                all.find_subcommand(command).and_then(|own| own.get_arguments().find(|option| option.get_id() == *id));
            let name = own.and_then(Arg::get_long).unwrap_or(id);
            return Err(Error::out_of_range(format!("--{name}"), "here", mode.bound));
        }
    }
    Ok(())
}
