//! What the picture of a fit is made of: projections of the data, parts of the expectation, pulls.

use super::palette::Role;

/// The data projected on one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    /// The quantity and its unit, such as `photoelectrons`.
    pub label: String,
    /// The edges of the bins, one more than there are bins; they may be of different widths.
    pub edges: Vec<f64>,
    /// Events per bin.
    pub data: Vec<f64>,
    /// Their errors; empty for the square roots of the events.
    pub errors: Vec<f64>,
    /// Whether an expectation stands in for the data.
    pub is_expected: bool,
}

/// A part of the expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name in the legend.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// Whether it is what the experiment looks for, not a background.
    pub is_signal: bool,
    /// Events per bin of energy.
    pub energy: Vec<f64>,
    /// Events per bin of time.
    pub time: Vec<f64>,
}

/// The second row of panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lower {
    /// There is none.
    #[default]
    None,
    /// (data - fit) over the error.
    Residuals,
    /// Data less backgrounds, and the signal.
    Signal,
}

/// A nuisance parameter at the best fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Pull {
    /// Its name.
    pub name: String,
    /// Its shift in units of its prior width.
    pub value: f64,
    /// Its error after the fit in the same units; NaN if it is not known.
    pub error: f64,
}
