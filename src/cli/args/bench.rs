//! `bench`.

use clap::{Args, ValueEnum};

use crate::benchmark::Part;

use super::{ParameterArgs, StandardArgs, TableOrJson};

/// `bench`.
#[derive(Args)]
pub struct BenchArgs {
    /// Model, or a model file (.toml); 'cevscan models' lists them
    #[arg(long, default_value = "b-l", value_name = "NAME|FILE")]
    pub model: String,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Datasets, joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Engines, joined by ','; gpu is both forms, the minimisation on the CPU and in the shader
    #[arg(long, value_enum, value_delimiter = ',', default_value = "reference,cpu,gpu,peer")]
    pub engine: Vec<BenchEngine>,
    /// Parts of the work, joined by ','
    #[arg(long, value_enum, value_delimiter = ',', default_value = "rates,minimisation,rows,map,toys")]
    pub part: Vec<BenchPart>,
    /// Part of the name, or number, of one GPU [default: every adapter found]
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,
    /// Numbers of points on square grids, or grids NxM, joined by ','
    #[arg(long, value_delimiter = ',', default_value = "1e4,1e5,1e6,1e7", value_name = "LIST")]
    pub points: Vec<String>,
    /// Runs of which the median is told; one where a run is long
    #[arg(long, default_value = "5", value_name = "N")]
    pub runs: usize,
    /// Leaves out what one run would take longer for, in seconds
    #[arg(long, default_value = "10", value_name = "SECONDS")]
    pub longest: f64,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableOrJson,
}

/// A part of the work.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchPart {
    /// Counts of all datasets
    Rates,
    /// All nuisance parameters
    Minimisation,
    /// Both, as a map has them
    Rows,
    /// Whole maps, from the start of a process until all files are written
    Map,
    /// Pseudo-experiments of a point, as many as there are points, with their minima over the plane
    Toys,
}

impl BenchPart {
    /// What it is in the report.
    pub fn part(self) -> Part {
        match self {
            BenchPart::Rates => Part::Rates,
            BenchPart::Minimisation => Part::Minimisation,
            BenchPart::Rows => Part::Rows,
            BenchPart::Map => Part::Map,
            BenchPart::Toys => Part::Toys,
        }
    }
}

/// An engine to measure.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchEngine {
    /// f64, direct sums, point by point: the baseline
    Reference,
    /// f64, polynomials, vector lanes
    Cpu,
    /// f32, both forms
    Gpu,
    /// b-l on csi+lar as a script does it, point by point, with numpy and iminuit, where Python has them
    Peer,
}
