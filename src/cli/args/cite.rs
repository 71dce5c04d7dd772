//! What `cite` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ParameterArgs;

/// `cite`.
#[derive(Args)]
pub struct CiteArgs {
    /// Model of the result [default: what any model may need]
    #[arg(long, value_name = "NAME|FILE")]
    pub model: Option<String>,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Datasets of the result: names or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// What the computed limits of other experiments on this model rest on, too
    #[arg(long)]
    pub others: bool,
    /// What the limits of these files rest on, as 'cevscan plot --overlay' takes them
    #[arg(long = "overlay", value_name = "FILE", requires = "model")]
    pub overlays: Vec<String>,
    /// What the limits recast from this checkout of darkcast rest on
    #[arg(long, value_name = "DIR", requires = "model")]
    pub darkcast: Option<PathBuf>,
    /// Which of these: names or experiments [default: all]
    #[arg(long = "limit", value_name = "NAME", num_args = 1.., value_delimiter = ',', requires = "darkcast")]
    pub limits: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "bibtex")]
    pub format: CiteFormat,
}

/// A form of references.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CiteFormat {
    /// For LaTeX
    Bibtex,
}
