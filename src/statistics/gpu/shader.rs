//! The text of the fit's shader for the expectation at hand.
//!
//! `build.rs` includes this file as well and lets naga check the variants in [`Variant::SAMPLES`].
#![allow(dead_code, reason = "build.rs reads some of it, the crate the rest")]

use super::shared::{SENTINEL, WORKGROUP};
use super::wgsl::{Line, assemble};

/// Most nuisance parameters: their matrix stands in registers.
pub const MAX_PARAMETERS: usize = 16;
/// Most steps of a minimisation.
const MAX_STEPS: usize = 60;
/// Fewest that make sense: on real data no minimisation takes more than about ten.
const LEAST_STEPS: usize = 16;
/// Loop iterations that one invocation may take. lavapipe stops silently at 65,535.
const MAX_ITERATIONS: usize = 60_000;
/// A status of the shader: the minimum was reached.
pub const CONVERGED: u32 = 0;
/// The point is for the CPU: f32 does not hold its signal, or the minimum was not reached.
pub const LEFT_TO_F64: u32 = 1;
/// Steps that a minimisation takes on average, for estimates of work.
const USUAL_STEPS: u64 = 6;

/// How expectation and observation are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `shaders/poisson.wgsl`.
    Poisson,
    /// `shaders/gaussian.wgsl`.
    Gaussian,
}

/// What the shader is specialised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// Poisson or Gaussian.
    pub kind: Kind,
    /// Number of energy bins.
    pub energy_bins: usize,
    /// Number of time bins.
    pub time_bins: usize,
    /// Number of time classes.
    pub classes: usize,
    /// Parameters of the signal.
    pub signals: usize,
    /// Parameters of the backgrounds.
    pub backgrounds: usize,
    /// Whether the table stands in constant memory.
    pub uniform: bool,
}

/// A piece of WGSL: path from the crate's root, text.
type Piece = (&'static str, &'static str);

const UNIFORM: Piece = (file!(), "@group(0) @binding(0) var<uniform> fit: Fit;");
const STORAGE: Piece = (file!(), "@group(0) @binding(0) var<storage, read> fit: Fit;");
const BATCH: Piece = ("shaders/batch.wgsl", include_str!("../../../shaders/batch.wgsl"));
const TABLE: Piece = ("shaders/fit_table.wgsl", include_str!("../../../shaders/fit_table.wgsl"));
const POISSON: Piece = ("shaders/poisson.wgsl", include_str!("../../../shaders/poisson.wgsl"));
const GAUSSIAN: Piece = ("shaders/gaussian.wgsl", include_str!("../../../shaders/gaussian.wgsl"));
const CHOLESKY: Piece = ("shaders/cholesky.wgsl", include_str!("../../../shaders/cholesky.wgsl"));
const FIT: Piece = ("shaders/fit.wgsl", include_str!("../../../shaders/fit.wgsl"));

const fn variant(kind: Kind, bins: [usize; 3], parameters: [usize; 2], uniform: bool) -> Variant {
    let [energy_bins, time_bins, classes] = bins;
    let [signals, backgrounds] = parameters;
    Variant { kind, energy_bins, time_bins, classes, signals, backgrounds, uniform }
}

impl Variant {
    /// Variants that the build checks: the smallest, both statistics with and without shapes, the largest.
    pub const SAMPLES: [Variant; 5] = [
        variant(Kind::Poisson, [1, 1, 1], [1, 0], true),
        variant(Kind::Poisson, [9, 11, 2], [1, 3], true),
        variant(Kind::Gaussian, [12, 10, 2], [3, 6], true),
        variant(Kind::Poisson, [7, 3, 5], [3, 6], false),
        variant(Kind::Gaussian, [40, 30, 3], [4, MAX_PARAMETERS - 4], false),
    ];

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.signals + self.backgrounds
    }

    /// Energy bins x time bins.
    pub fn bins(&self) -> usize {
        self.energy_bins * self.time_bins
    }

    /// Counts of one point.
    pub fn channels(&self) -> usize {
        self.classes * self.energy_bins
    }

    /// Numbers of an entry after what the statistic wants: classes, the signal's reference, columns.
    pub fn numbers(&self) -> usize {
        self.classes + 1 + self.parameters()
    }

    /// Length of an entry, in vectors of four.
    pub fn entry(&self) -> usize {
        1 + self.numbers().div_ceil(4)
    }

    /// Length of the scales, in vectors of four.
    pub fn scales(&self) -> usize {
        self.channels().div_ceil(4)
    }

    /// Size of the whole table in bytes: one vector, the priors, the scales, the entries.
    pub fn table_bytes(&self) -> usize {
        16 * (1 + self.parameters() + self.scales() + self.bins() * self.entry())
    }

    /// Most steps of a minimisation; `None` for so many bins that too few are left.
    pub fn steps(&self) -> Option<usize> {
        // Each step passes all bins, as does the end.
        let most = (MAX_ITERATIONS - self.channels()) / (self.bins() + self.energy_bins + 1);
        (most > LEAST_STEPS).then(|| MAX_STEPS.min(most - 1))
    }

    /// Work of a usual point, in multiplications and additions.
    pub fn work_per_point(&self) -> u64 {
        let n = self.parameters();
        let bin = 10 + self.classes + 4 * n + n * (n + 1) / 2;
        USUAL_STEPS * (self.bins() * bin + n * n * n) as u64
    }

    fn constants(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("WORKGROUP", WORKGROUP as usize),
            ("SENTINEL", SENTINEL as usize),
            ("CONVERGED", CONVERGED as usize),
            ("LEFT_TO_F64", LEFT_TO_F64 as usize),
            ("MAX_STEPS", self.steps().unwrap_or(0)),
            ("ENERGY_BINS", self.energy_bins),
            ("TIME_BINS", self.time_bins),
            ("CLASSES", self.classes),
            ("CHANNELS", self.channels()),
            ("SIGNALS", self.signals),
            ("BACKGROUNDS", self.backgrounds),
            ("PARAMETERS", self.parameters()),
            ("MATRIX", self.parameters() * (self.parameters() + 1) / 2),
            ("ENTRY", self.entry()),
            ("SCALES", self.scales()),
            ("TABLE", self.bins() * self.entry()),
        ]
    }

    /// The whole text, line by line.
    pub fn lines(&self) -> Vec<Line> {
        let space = if self.uniform { UNIFORM } else { STORAGE };
        let statistic = match self.kind {
            Kind::Poisson => POISSON,
            Kind::Gaussian => GAUSSIAN,
        };
        assemble(&self.constants(), &[BATCH, TABLE, space, statistic, CHOLESKY, FIT])
    }
}
