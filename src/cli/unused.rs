//! Options that mean nothing beside what else was asked for: they are refused, where they would be passed over.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory};

use crate::{Error, Result};

use super::args::Arguments;

/// A way in which a command works.
struct Mode {
    command: &'static str,
    /// Whether it is the one.
    is_on: fn(&ArgMatches) -> bool,
    /// Options without a meaning in it, by their ids.
    unused: &'static [&'static str],
    /// Where they have one.
    bound: &'static str,
}

/// What clap's own conflicts, which know of options but not of their values, leave open.
const MODES: [Mode; 3] = [
    Mode {
        command: "limits",
        is_on: is_cls,
        unused: &["critical", "variations", "asimov", "dof", "minimum"],
        bound: "given with --method wilks, not cls",
    },
    Mode {
        command: "limits",
        is_on: |matches| !is_cls(matches),
        unused: &["toys", "seed", "out", "fresh"],
        bound: "given with --method cls alone",
    },
    Mode {
        command: "plot",
        is_on: |matches| matches.get_raw("maps").is_some_and(|maps| maps.len() > 1),
        unused: &["critical", "shade_new", "muon", "data"],
        bound: "of one map, not of several",
    },
];

fn is_cls(matches: &ArgMatches) -> bool {
    matches.get_raw("method").is_some_and(|mut values| values.any(|value| value == "cls"))
}

/// Refuses them.
///
/// # Errors
/// [`Error::OutOfRange`], naming the first.
pub fn refuse(matches: &ArgMatches) -> Result<()> {
    let Some((command, matches)) = matches.subcommand() else { return Ok(()) };
    for mode in MODES.iter().filter(|mode| mode.command == command && (mode.is_on)(matches)) {
        let is_typed = |id: &&&str| matches.value_source(id) == Some(ValueSource::CommandLine);
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
