//! Other parameters than mass and coupling: `--x`, `--y`, `--set`.

use clap::Args;

use crate::analysis::parameters::{Setting, Varied};
use crate::base::grid::parse_grid;
use crate::{Error, Result};

/// Values along each axis where the user says nothing.
const CURVE_POINTS: usize = 200;
const GRID: (usize, usize) = (100, 100);
/// More values than this are a slip of the keyboard.
const MOST_POINTS: usize = 100_000;

/// What is varied in place of mass and coupling.
#[derive(Args)]
#[command(next_help_heading = "Other parameters than mass and coupling")]
pub struct VariedArgs {
    /// Scan this parameter, e.g. sin2-theta-w=0.1:0.4, neutron-radius.CsI=3:8, eps-u.ee=-1:1, charge-radius.mu=-50:50,
    /// magnetic-moment.mu=1e-11:1e-8,log, parameter.y=-3:3, mass=..., coupling=...; without --model of the Standard Model
    #[arg(long, value_name = "NAME=LOW:HIGH", allow_hyphen_values = true)]
    #[arg(conflicts_with_all = [
        "mass", "coupling", "engine", "profile", "rates", "adapter", "no_interpolation", "shard", "tile_rows", "dof",
        "minimum", "critical", "others", "overlays", "darkcast", "limits", "tables", "shade_new", "label_others", "muon",
    ])]
    pub x: Option<String>,
    /// Against this one; without it, chi2 along --x with its intervals
    #[arg(long, value_name = "NAME=LOW:HIGH", requires = "x", allow_hyphen_values = true)]
    y: Option<String>,
    /// A parameter that is kept at this value, e.g. mass=10MeV; may be given several times
    #[arg(long, value_name = "NAME=VALUE", requires = "x", allow_hyphen_values = true)]
    set: Vec<String>,
}

impl VariedArgs {
    /// The first axis, where one was asked for.
    ///
    /// # Errors
    /// What is no parameter and range.
    pub fn x(&self) -> Result<Option<Varied>> {
        self.x.as_deref().map(Varied::parse).transpose()
    }

    /// The second, likewise.
    ///
    /// # Errors
    /// Those of [`VariedArgs::x`].
    pub fn y(&self) -> Result<Option<Varied>> {
        self.y.as_deref().map(Varied::parse).transpose()
    }

    /// What is kept at a value.
    ///
    /// # Errors
    /// What is no parameter and value.
    pub fn fixed(&self) -> Result<Vec<Setting>> {
        self.set.iter().map(|text| Setting::parse(text)).collect()
    }
}

/// Values along one axis, from `--grid N`.
///
/// # Errors
/// What is no number, or too few or many.
pub fn curve_points(grid: Option<&str>) -> Result<usize> {
    let Some(text) = grid else { return Ok(CURVE_POINTS) };
    text.parse().ok().filter(|points| (2..=MOST_POINTS).contains(points)).ok_or_else(|| Error::Unparsable {
        quantity: "--grid of one parameter".to_owned(),
        value: text.to_owned(),
        expected: format!("a number from 2 to {MOST_POINTS}"),
    })
}

/// Values along two, from `--grid NxM`.
///
/// # Errors
/// Those of [`parse_grid`].
pub fn surface_points(grid: Option<&str>) -> Result<(usize, usize)> {
    grid.map_or(Ok(GRID), parse_grid)
}
