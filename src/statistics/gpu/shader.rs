//! The text of the fit's shader for the expectation at hand.
//!
//! `build.rs` includes this file as well and lets naga check the variants in [`Variant::SAMPLES`].
#![allow(dead_code, reason = "build.rs reads some of it, the crate the rest")]

use super::shared::{HEAD, NUMBERS, UNWRITTEN, VERTEX, WORKGROUP, WRITTEN};
use super::wgsl::{Line, assemble};

/// Most nuisance parameters: their matrix stands in registers.
pub const MAX_PARAMETERS: usize = 16;
/// Couplings that an invocation walks, at most: the first minimisation starts cold, the others from their neighbour's
/// minimum. Long strips make few cold starts, short ones keep more of the device busy.
const STRIP: usize = 16;
/// Most steps of a minimisation.
const MAX_STEPS: usize = 60;
/// Passes over the bins that each point of a strip may take on average; the usual is below 4. A strip that takes more
/// leaves its last points to f64.
const PASSES_OF_POINT: usize = 24;
/// The same of a deformed signal: the usual is from 6 to 20, and searches that lead nowhere take more.
const PASSES_OF_DEFORMED: usize = 40;
/// Loop iterations that one invocation may take. lavapipe stops silently at 65,535.
const MAX_ITERATIONS: usize = 60_000;
/// Bits of a result, a NaN: the point is for the CPU, as f32 does not hold its signal, or the minimum was not reached.
pub(crate) const LEFT_TO_F64: u32 = 0x7fa5_c0de;
/// Passes over the bins that a point takes on average, for estimates of work.
const USUAL_PASSES: usize = 3;
/// The same where a signal is deformed, with the searches for other minima.
const USUAL_PASSES_OF_DEFORMED: usize = 8;

/// How expectation and observation are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `shaders/poisson_fit.wgsl`.
    Poisson,
    /// `shaders/gaussian_fit.wgsl`.
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
    /// Parameters of the signal in which it is linear: its norm and shapes.
    pub signals: usize,
    /// Parameters that deform it.
    pub deformations: usize,
    /// Parameters of the backgrounds.
    pub backgrounds: usize,
    /// Whether the table stands in constant memory.
    pub uniform: bool,
}

/// A piece of WGSL: path from the crate's root, text.
type Piece = (&'static str, &'static str);

const UNIFORM: Piece = (file!(), "@group(0) @binding(0) var<uniform> fit: Fit;");
const STORAGE: Piece = (file!(), "@group(0) @binding(0) var<storage, read> fit: Fit;");
const STRIPS: Piece = ("shaders/strips.wgsl", include_str!("../../../shaders/strips.wgsl"));
const POISSON: Piece = ("shaders/poisson.wgsl", include_str!("../../../shaders/poisson.wgsl"));
const POISSON_FIT: Piece = ("shaders/poisson_fit.wgsl", include_str!("../../../shaders/poisson_fit.wgsl"));
const GAUSSIAN_FIT: Piece = ("shaders/gaussian_fit.wgsl", include_str!("../../../shaders/gaussian_fit.wgsl"));
const DEFORMED: Piece = ("shaders/deformed.wgsl", include_str!("../../../shaders/deformed.wgsl"));
const WALK: Piece = ("shaders/walk.wgsl", include_str!("../../../shaders/walk.wgsl"));
const NEIGHBOUR: Piece = ("shaders/neighbour.wgsl", include_str!("../../../shaders/neighbour.wgsl"));
const MINIMA: Piece = ("shaders/minima.wgsl", include_str!("../../../shaders/minima.wgsl"));
const CHOLESKY: Piece = ("shaders/cholesky.wgsl", include_str!("../../../shaders/cholesky.wgsl"));

const fn variant(kind: Kind, bins: [usize; 3], parameters: [usize; 3], uniform: bool) -> Variant {
    let [energy_bins, time_bins, classes] = bins;
    let [signals, deformations, backgrounds] = parameters;
    Variant { kind, energy_bins, time_bins, classes, signals, deformations, backgrounds, uniform }
}

impl Variant {
    /// Variants that the build checks: the smallest, both statistics with and without shapes, deformed signals with and
    /// without, the largest.
    pub const SAMPLES: [Variant; 7] = [
        variant(Kind::Poisson, [1, 1, 1], [1, 0, 0], true),
        variant(Kind::Poisson, [9, 11, 2], [1, 0, 3], true),
        variant(Kind::Poisson, [9, 11, 2], [1, 3, 3], true),
        variant(Kind::Gaussian, [12, 10, 2], [3, 0, 6], true),
        variant(Kind::Poisson, [7, 3, 5], [3, 0, 6], false),
        variant(Kind::Poisson, [40, 5, 3], [3, 4, MAX_PARAMETERS - 7], false),
        variant(Kind::Gaussian, [40, 30, 3], [4, 0, MAX_PARAMETERS - 4], false),
    ];

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.signals + self.deformations + self.backgrounds
    }

    /// Energy bins x time bins.
    pub fn bins(&self) -> usize {
        self.energy_bins * self.time_bins
    }

    /// Counts of one point.
    pub fn channels(&self) -> usize {
        self.classes * self.energy_bins
    }

    /// Sets of counts that the signal is made of: one, and two for each deformation.
    pub fn sets(&self) -> usize {
        1 + 2 * self.deformations
    }

    /// Searches for a minimum at a point: from the neighbour's lowest and its next one, then from a signal scaled away, one
    /// weakened, and each deformation on either side.
    fn searches(&self) -> usize {
        4 + 2 * self.deformations
    }

    /// Shapes of the signal: its parameters after the norm.
    pub fn shapes(&self) -> usize {
        self.signals.saturating_sub(1)
    }

    /// Unknowns of the equations that are solved for each point: all parameters, or those of the signal where the
    /// backgrounds are eliminated before.
    pub fn unknowns(&self) -> usize {
        match self.kind {
            Kind::Poisson => self.parameters(),
            Kind::Gaussian => self.signals,
        }
    }

    /// Numbers of their matrix.
    pub fn matrix(&self) -> usize {
        self.unknowns() * (self.unknowns() + 1) / 2
    }

    /// Length of a bin's entry, in vectors of four.
    pub fn entry(&self) -> usize {
        let columns = self.classes + self.shapes() + self.backgrounds;
        match self.kind {
            // What the statistic wants; the signal's reference.
            Kind::Poisson => 1 + (columns + 1).div_ceil(4),
            Kind::Gaussian => (columns + 3).div_ceil(4),
        }
    }

    /// Numbers of an energy bin that are linear in the counts (Gaussian).
    pub fn linear(&self) -> usize {
        self.classes * self.signals * (1 + self.backgrounds)
    }

    /// Length of an energy bin's entry (Gaussian), in vectors of four.
    pub(crate) fn energy_entry(&self) -> usize {
        (self.linear() + self.classes * (self.classes + 1) / 2 * self.matrix()).div_ceil(4)
    }

    /// Size of the whole table in bytes.
    pub(crate) fn table_bytes(&self) -> usize {
        let head = match self.kind {
            Kind::Poisson => 1 + self.parameters(),
            Kind::Gaussian => self.signals + self.energy_bins * self.energy_entry(),
        };
        16 * (head + self.bins() * self.entry())
    }

    /// Loop iterations of one pass over the bins. lavapipe counts what any of some neighbouring invocations does: those of a
    /// deformed signal may end a search or begin a point at any pass, and all others have no loop around their passes.
    fn iterations(&self) -> usize {
        let of_turn = if self.deformations == 0 { 0 } else { self.searches() + self.channels() + STRIP };
        self.bins() + self.energy_bins + 2 + of_turn
    }

    /// Passes over the bins that an invocation has iterations for.
    fn most_passes(&self) -> usize {
        MAX_ITERATIONS / self.iterations()
    }

    /// Couplings that an invocation walks; `None` for so many bins that there is not even one.
    pub fn strip(&self) -> Option<usize> {
        let points = match self.kind {
            Kind::Poisson if self.deformations == 0 => self.most_passes() / PASSES_OF_POINT,
            Kind::Poisson => self.most_passes() / PASSES_OF_DEFORMED,
            // One that solves, one that sums.
            Kind::Gaussian => self.most_passes() / 2,
        };
        (points > 0).then_some(points.min(STRIP))
    }

    /// Work of a usual point, in multiplications and additions.
    pub(crate) fn work_per_point(&self) -> u64 {
        let n = self.unknowns();
        let work = match self.kind {
            Kind::Poisson => {
                let bin = 16 + self.sets() * self.classes + 4 * n + n * (n + 1) / 2;
                let passes = if self.deformations == 0 { USUAL_PASSES } else { USUAL_PASSES_OF_DEFORMED };
                passes * (self.bins() * bin + n * n * n)
            }
            Kind::Gaussian => {
                let energy = 3 * self.classes + 4 * self.energy_entry();
                self.energy_bins * energy + self.bins() * (4 + 4 * self.entry()) + n * n * n
            }
        };
        work as u64
    }

    fn constants(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("WORKGROUP", WORKGROUP as usize),
            ("UNWRITTEN", UNWRITTEN as usize),
            ("LEFT_TO_F64", LEFT_TO_F64 as usize),
            ("HEAD", HEAD),
            ("NUMBERS", NUMBERS),
            ("STRIP", self.strip().unwrap_or(1)),
            ("MAX_STEPS", MAX_STEPS),
            // The last is the end's.
            ("MAX_PASSES", self.most_passes().saturating_sub(2)),
            ("ENERGY_BINS", self.energy_bins),
            ("TIME_BINS", self.time_bins),
            ("CLASSES", self.classes),
            ("CHANNELS", self.channels()),
            ("SIGNALS", self.signals),
            ("SHAPES", self.shapes()),
            ("DEFORMATIONS", self.deformations),
            // Whether there are any.
            ("DEFORMED", self.deformations.min(1)),
            ("STRAIGHT", 1 - self.deformations.min(1)),
            ("FIRST_BACKGROUND", self.signals + self.deformations),
            ("SEARCHES", self.searches()),
            ("BACKGROUNDS", self.backgrounds),
            ("PARAMETERS", self.parameters()),
            ("UNKNOWNS", self.unknowns()),
            ("MATRIX", self.matrix()),
            // An array of WGSL is never empty.
            ("ELIMINATED", (self.signals * self.backgrounds).max(1)),
            ("CHANGES", (2 * self.deformations * self.classes).max(1)),
            ("BENDS", (self.deformations * (self.signals + 1)).max(1)),
            ("LINEAR", self.linear()),
            ("ENERGY_ENTRY", self.energy_entry()),
            ("ENERGIES", self.energy_bins * self.energy_entry()),
            ("ENTRY", self.entry()),
            ("TABLE", self.bins() * self.entry()),
        ]
    }

    /// The whole text, line by line.
    pub fn lines(&self) -> Vec<Line> {
        let space = if self.uniform { UNIFORM } else { STORAGE };
        let fit: &[Piece] = match self.kind {
            Kind::Poisson if self.deformations == 0 => &[POISSON, DEFORMED, POISSON_FIT, NEIGHBOUR, WALK],
            Kind::Poisson => &[POISSON, DEFORMED, POISSON_FIT, MINIMA],
            Kind::Gaussian => &[GAUSSIAN_FIT, WALK],
        };
        let pieces = [&[WRITTEN, VERTEX, space, CHOLESKY], fit, &[STRIPS]].concat();
        assemble(&self.constants(), &pieces)
    }
}
