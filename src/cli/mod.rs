//! The command line: one file per subcommand, glue only.

mod args;
mod compute;
mod devices;
mod import;
mod limits;
mod models;
mod point;
mod progress;
mod recast;
mod scan;
mod spectrum_fit;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cevscan::{Error, Result};

use args::{Arguments, Command};

/// Exit status of a command that did its work.
const SUCCESS: u8 = 0;
/// Exit status when the work failed, in part or as a whole.
const FAILURE: u8 = 1;
/// Exit status when the command line made no sense.
const USAGE: u8 = 2;
/// Exit status after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return ExitCode::from(report_usage(&error)),
    };
    ExitCode::from(match run(arguments) {
        Ok(status) => status,
        Err(error) => report(&error),
    })
}

fn run(arguments: Arguments) -> Result<u8> {
    arguments.common.apply()?;
    match arguments.command {
        Command::Scan(scan) => scan::run(&scan, &arguments.common),
        Command::Point(point) => point::run(&point),
        Command::Limits(limits) => limits::run(&limits, &arguments.common),
        Command::SpectrumFit(fit) => spectrum_fit::run(&fit, &arguments.common),
        Command::Recast(recast) => recast::run(&recast, &arguments.common),
        Command::Models(models) => models::run(&models),
        Command::Devices(devices) => devices::run(&devices),
        Command::Import(import) => import::run(&import, &arguments.common),
    }
}

/// One line of error, then a hint.
fn report(error: &Error) -> u8 {
    terminal::error_line(&format!("error: {error}"));
    if let Some(hint) = error.hint() {
        terminal::error_line(&format!("hint: {hint}"));
    }
    match error {
        Error::Interrupted => INTERRUPTED,
        error if error.is_usage() => USAGE,
        _ => FAILURE,
    }
}

/// clap's complaint in our voice: its first line, and where to read on.
fn report_usage(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nobody to tell if this fails.
            let _ = error.print();
            return SUCCESS;
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
    let tip = text.lines().map(str::trim).find_map(|line| line.strip_prefix("tip: "));
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
    let command = usage.map_or("cevscan", |usage| {
        let end = usage.find(['[', '<', '-']).map_or(usage.len(), |end| end);
        usage[..end].trim_end()
    });
    terminal::error_line(&match tip {
        Some(tip) => format!("hint: {tip}"),
        None => format!("hint: '{command} --help' lists what it takes"),
    });
    USAGE
}
