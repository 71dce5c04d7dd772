//! The shader's text for the plan at hand.
//!
//! `build.rs` includes this file as well and lets naga check the variants in [`Variant::SAMPLES`], so a shader that does
//! not compile stops the build, with the file and line of the piece.
#![allow(dead_code, reason = "build.rs reads some of it, the crate the rest")]

use super::wgsl::{Line, assemble};

/// Invocations of a workgroup.
pub(crate) const WORKGROUP: u32 = 64;
/// Nodes summed on their own before they are added to the total.
pub const BLOCK: u32 = 16;
/// Points that one invocation evaluates; the shader holds them in the components of `vec4`.
pub(crate) const POINTS_PER_INVOCATION: usize = 4;
/// Bits of a result that no shader has written: what buffers are cleared to. Shaders write +0 as -0
/// (`shaders/written.wgsl`).
pub(crate) const UNWRITTEN: u32 = 0;
/// Numbers of a vertex, p, q and m (`vertex.rs`).
pub const NUMBERS: usize = 3;
/// Lines of a mass before those of its channels: the exponent of u, the vertex of the sum over all channels.
pub const HEAD: usize = 1 + NUMBERS;
/// Largest number of energy bins whose sums one invocation holds in registers.
pub(crate) const MAX_BINS: usize = 12;

/// Lines of a mass whose signal is so many sets of counts: the exponent of u, then of each set the sum over all channels,
/// and its channels.
pub fn lines_of_mass(sets: usize, channels: usize) -> usize {
    1 + NUMBERS * sets * (1 + channels)
}

/// Shared by all shaders with results.
pub(crate) const WRITTEN: (&str, &str) = ("shaders/written.wgsl", include_str!("../../../shaders/written.wgsl"));

/// Counts as squares.
pub(crate) const VERTEX: (&str, &str) = ("shaders/vertex.wgsl", include_str!("../../../shaders/vertex.wgsl"));

/// The pieces in the order in which they are put together: path from the crate's root, text.
const PIECES: [(&str, &str); 5] = [
    WRITTEN,
    ("shaders/batch.wgsl", include_str!("../../../shaders/batch.wgsl")),
    ("shaders/types.wgsl", include_str!("../../../shaders/types.wgsl")),
    ("shaders/amplitude.wgsl", include_str!("../../../shaders/amplitude.wgsl")),
    ("shaders/rates.wgsl", include_str!("../../../shaders/rates.wgsl")),
];

/// The text of the shader that makes counts as squares visible.
pub fn vertex_counts(sets: usize, channels: usize) -> Vec<Line> {
    const COUNTS: (&str, &str) = ("shaders/vertex_counts.wgsl", include_str!("../../../shaders/vertex_counts.wgsl"));
    let constants = [
        ("WORKGROUP", WORKGROUP as usize),
        ("UNWRITTEN", UNWRITTEN as usize),
        ("HEAD", HEAD),
        ("NUMBERS", NUMBERS),
        ("SETS", sets),
        ("CHANNELS", channels),
    ];
    assemble(&constants, &[WRITTEN, VERTEX, COUNTS])
}

/// What the shader is specialised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// Number of vector exchanges.
    pub vector_terms: usize,
    /// Number of scalar exchanges.
    pub scalar_terms: usize,
    /// Energy bins of a slice.
    pub bins: usize,
    /// Entries that a slice has room for.
    pub capacity: usize,
}

impl Variant {
    /// Variants that the build checks: no term, one of each kind, many, and bins that fill vectors or do not.
    pub const SAMPLES: [Variant; 5] = [
        Variant { vector_terms: 0, scalar_terms: 0, bins: 1, capacity: 16 },
        Variant { vector_terms: 1, scalar_terms: 0, bins: 9, capacity: 608 },
        Variant { vector_terms: 0, scalar_terms: 1, bins: 12, capacity: 1008 },
        Variant { vector_terms: 1, scalar_terms: 1, bins: 4, capacity: 304 },
        Variant { vector_terms: 5, scalar_terms: 2, bins: 7, capacity: 32 },
    ];

    /// Exchanges that the shader reads per point: an array of WGSL is never empty.
    pub fn terms(&self) -> usize {
        (self.vector_terms + self.scalar_terms).max(1)
    }

    /// Place of the first responses in an entry, in vectors of four: kappa, alpha and the amplitudes stand before them.
    pub(crate) fn first_response(&self) -> usize {
        (2 + self.vector_terms + self.scalar_terms).div_ceil(4)
    }

    /// Vectors of four that an entry's responses take.
    pub fn responses(&self) -> usize {
        self.bins.div_ceil(4)
    }

    /// Length of an entry, in vectors of four.
    pub fn entry(&self) -> usize {
        self.first_response() + self.responses()
    }

    /// Length of a slice's table, in vectors of four.
    pub fn table(&self) -> usize {
        self.capacity * self.entry()
    }

    /// The constants that pieces may use.
    fn constants(&self) -> [(&'static str, usize); 11] {
        [
            ("WORKGROUP", WORKGROUP as usize),
            ("BLOCK", BLOCK as usize),
            ("UNWRITTEN", UNWRITTEN as usize),
            ("VECTOR_TERMS", self.vector_terms),
            ("SCALAR_TERMS", self.scalar_terms),
            ("TERMS", self.terms()),
            ("BINS", self.bins),
            ("FIRST_RESPONSE", self.first_response()),
            ("RESPONSES", self.responses()),
            ("ENTRY", self.entry()),
            ("TABLE", self.table()),
        ]
    }

    /// The whole text, line by line.
    pub fn lines(&self) -> Vec<Line> {
        assemble(&self.constants(), &PIECES)
    }
}
