//! `cevscan completions` and `cevscan man`: what shells and `man` know of the command line.

use clap::{Command, CommandFactory};
use clap_complete::aot::{Bash, Fish, Zsh, generate};
use clap_mangen::Man;

use crate::base::files::Results;
use crate::{Error, Result};

use super::args::{Arguments, Common, CompletionsArgs, ManArgs, ShellArg};
use super::terminal::shown;
use super::{SUCCESS, signals, terminal};

/// Prints the script of a shell.
pub fn completions(args: &CompletionsArgs) -> Result<u8> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    match args.shell {
        ShellArg::Bash => generate(Bash, &mut command, name, &mut script),
        ShellArg::Zsh => generate(Zsh, &mut command, name, &mut script),
        ShellArg::Fish => generate(Fish, &mut command, name, &mut script),
    }
    terminal::result(&String::from_utf8_lossy(&script))?;
    Ok(SUCCESS)
}

/// Prints the page of the program, or writes one for each command.
pub fn man(args: &ManArgs, common: &Common) -> Result<u8> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &args.out else {
        terminal::result(&String::from_utf8_lossy(&page(&command, command.get_name())?))?;
        return Ok(SUCCESS);
    };
    let results = Results::wait(folder)?.fresh(args.fresh);
    let mut staged = results.stage();
    let mut names = Vec::new();
    for (name, command) in pages(&command, "") {
        signals::check()?;
        let file = format!("{name}.1");
        staged.add_bytes(&file, &page(&command, &name)?)?;
        names.push(file);
    }
    staged.publish()?;
    let written = names.iter().filter(|_| !common.quiet);
    written.for_each(|name| terminal::error_line(&format!("wrote {}", shown(&folder.join(name)))));
    Ok(SUCCESS)
}

/// Each command that is not hidden with the name of its page: `cevscan-models-show`.
fn pages(command: &Command, above: &str) -> Vec<(String, Command)> {
    let name = format!("{above}{}", command.get_name());
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below: Vec<_> = below.flat_map(|below| pages(below, &format!("{name}-"))).collect();
    [(name, command.clone())].into_iter().chain(below).collect()
}

fn page(command: &Command, name: &str) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    // Its title is the page's name; the line of use has blanks in place of dashes already.
    let man = Man::new(command.clone()).title(name);
    man.render(&mut page).map_err(|error| Error::Encoding { what: "manual page", reason: error.to_string() })?;
    Ok(page)
}
