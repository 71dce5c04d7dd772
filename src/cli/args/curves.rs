//! Arguments of commands that make curves.

use std::path::PathBuf;

use clap::Args;

use crate::{Error, Result};

use super::{Format, LookArgs};

/// Points of a curve in files, and rows of a table, where the user says nothing.
const CURVE_POINTS: usize = 400;
const TABLE_POINTS: usize = 25;
/// More points than this are a slip of the keyboard.
const MOST_POINTS: usize = 1_000_000;

/// How finely, in which form, and where to.
#[derive(Args)]
pub struct CurveArgs {
    /// Points of a curve, on a logarithmic axis [default: 400; 25 in a table]
    #[arg(long, value_name = "N")]
    points: Option<usize>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for figures: SVG, PNG, PDF, CSV and a matplotlib script
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// How figures are printed.
    #[command(flatten)]
    pub look: LookArgs,
}

impl CurveArgs {
    /// Points of a curve for programs and figures.
    ///
    /// # Errors
    /// Fewer than 2, or more than anyone can want.
    pub fn curve_points(&self) -> Result<usize> {
        self.points_or(CURVE_POINTS)
    }

    /// Rows of a table for people.
    ///
    /// # Errors
    /// Those of [`CurveArgs::curve_points`].
    pub fn table_points(&self) -> Result<usize> {
        self.points_or(TABLE_POINTS)
    }

    fn points_or(&self, default: usize) -> Result<usize> {
        let points = self.points.unwrap_or(default);
        match points {
            2..=MOST_POINTS => Ok(points),
            _ => Err(Error::out_of_range("--points", points, format!("from 2 to {MOST_POINTS}"))),
        }
    }
}
