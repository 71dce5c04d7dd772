//! Arguments of `completions` and `man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `completions`.
#[derive(Args)]
#[command(
    after_help = "Bash, for this user:\n  cevscan completions bash > ~/.local/share/bash-completion/completions/cevscan\n\
    Zsh, into a folder of $fpath:\n  cevscan completions zsh > ~/.zfunc/_cevscan\n\
    Fish:\n  cevscan completions fish > ~/.config/fish/completions/cevscan.fish"
)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellArg,
}

/// A shell.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShellArg {
    /// Bash 4 or later
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
}

/// `man`.
#[derive(Args)]
#[command(
    after_help = "For this user:\n  cevscan man ~/.local/share/man/man1\nTo read one at once:\n  cevscan man | man -l -"
)]
pub struct ManArgs {
    /// Folder for a page of each command (cevscan.1, cevscan-scan.1, ...) [default: cevscan.1 alone, on standard output]
    #[arg(value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}
