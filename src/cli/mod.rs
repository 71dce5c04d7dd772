//! The command line: one file per subcommand, glue only.

mod again;
mod args;
mod bench;
mod bench_maps;
mod bench_peer;
mod bench_table;
mod charts;
mod cite;
mod cls;
mod compute;
mod coverage;
mod coverage_map;
mod coverage_points;
mod coverage_request;
mod critical;
mod datasets;
mod devices;
mod electrons;
mod epsilon;
mod export;
mod g_2;
mod hints;
mod impact;
mod import;
mod kept;
mod kept_toys;
mod limits;
mod limits_by_mass;
mod measured;
mod merge;
mod models;
mod new_territory;
mod others;
mod page_numbers;
mod parameters;
mod pictures;
mod plot;
mod plot_many;
mod point;
mod profile;
mod progress;
mod recast;
mod reproduce;
mod scan;
mod shell;
mod signals;
mod spectrum;
mod spectrum_fit;
mod terminal;
mod threads;
mod toy_engine;
mod toy_parts;
mod typed;
mod unused;
mod view;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::{Error, Result};

use args::{Arguments, Command};

/// Exit status of a command that did its work.
const SUCCESS: u8 = 0;
/// Exit status when the work failed, in part or as a whole.
const FAILURE: u8 = 1;
/// Exit status when the command line made no sense.
const USAGE: u8 = 2;

/// Runs the program on a command line, its own name first; the exit status.
pub fn run(typed: impl IntoIterator<Item = OsString>) -> u8 {
    signals::survive_file_size_limit();
    let typed = typed::keep(typed.into_iter().collect());
    let matches = Arguments::command().try_get_matches_from(typed);
    match matches.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches))) {
        Ok((arguments, matches)) => {
            unused::refuse(&matches).and_then(|()| execute(arguments)).unwrap_or_else(|error| report(&error))
        }
        Err(error) => report_usage(&error),
    }
}

/// The same, for a process of another name; what starts `cevscan` again is `program`.
pub fn run_within(program: Vec<OsString>, typed: impl IntoIterator<Item = OsString>) -> u8 {
    typed::keep_program(program);
    run(typed)
}

fn execute(arguments: Arguments) -> Result<u8> {
    threads::start(arguments.common.threads, arguments.common.quiet)?;
    match arguments.command {
        Command::Scan(scan) => scan::run(&scan, &arguments.common),
        Command::Merge(merge) => merge::run(&merge, &arguments.common),
        Command::Plot(plot) => plot::run(&plot, &arguments.common),
        Command::View(view) => view::run(&view, &arguments.common),
        Command::Point(point) => point::run(&point, &arguments.common),
        Command::Profile(profile) => profile::run(&profile, &arguments.common),
        Command::Impact(impact) => impact::run(&impact, &arguments.common),
        Command::Limits(limits) => limits::run(&limits, &arguments.common),
        Command::Coverage(coverage) => coverage::run(&coverage, &arguments.common),
        Command::SpectrumFit(fit) => spectrum_fit::run(&fit, &arguments.common),
        Command::Recast(recast) => recast::run(&recast, &arguments.common),
        Command::Others(others) => others::run(&others, &arguments.common),
        Command::NewTerritory(new) => new_territory::run(&new, &arguments.common),
        Command::Spectrum(spectrum) => spectrum::run(&spectrum, &arguments.common),
        Command::Epsilon(epsilon) => epsilon::run(&epsilon, &arguments.common),
        Command::Export(export) => export::run(&export, &arguments.common),
        Command::Cite(cite) => cite::run(&cite, &arguments.common),
        Command::G2(g_2) => g_2::run(&g_2, &arguments.common),
        Command::Reproduce(reproduce) => reproduce::run(&reproduce, &arguments.common),
        Command::Models(models) => models::run(&models, &arguments.common),
        Command::Datasets(datasets) => datasets::run(&datasets, &arguments.common),
        Command::Completions(completions) => shell::completions(&completions),
        Command::Man(man) => shell::man(&man, &arguments.common),
        Command::Devices(devices) => devices::run(&devices),
        Command::Bench(bench) => bench::run(&bench, &arguments.common),
        Command::Import(import) => import::run(&import, &arguments.common),
    }
}

/// One line of error, then a hint.
fn report(error: &Error) -> u8 {
    terminal::error_line(&format!("error: {error}"));
    if let Some(hint) = hints::hint(error).or_else(|| error.is_usage().then(where_to_read_on)) {
        terminal::error_line(&format!("hint: {hint}"));
    }
    match error {
        Error::Interrupted => signals::status(),
        error if error.is_usage() => USAGE,
        _ => FAILURE,
    }
}

/// clap's complaint in our voice: its first line, and where to read on.
fn report_usage(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return match terminal::written(error.print()) {
                Ok(()) => SUCCESS,
                Err(error) => report(&error),
            };
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return USAGE;
        }
        _ => {}
    }
    let text = error.to_string();
    let mut paragraphs = text.split("\n\n");
    let first: Vec<&str> = paragraphs.next().unwrap_or_default().lines().map(str::trim).collect();
    terminal::error_line(&first.join(" "));
    if let Some(hint) = hints::of_usage(error) {
        terminal::error_line(&format!("hint: {hint}"));
        return USAGE;
    }
    let tip = text.lines().map(str::trim).find_map(|line| line.strip_prefix("tip: "));
    terminal::error_line(&format!("hint: {}", tip.map_or_else(where_to_read_on, str::to_owned)));
    USAGE
}

/// The hint where nothing better is known: the help of the subcommand that was typed.
fn where_to_read_on() -> String {
    let mut command = Arguments::command();
    let mut name = command.get_name().to_owned();
    for typed in typed::words() {
        if let Some(below) = command.find_subcommand(&typed).cloned() {
            name = format!("{name} {typed}");
            command = below;
        }
    }
    format!("'{name} --help' lists what it takes")
}
