// The points of the direct sum. Offsets and sizes are tested against the Rust structs of the same names
// (src/rates/gpu/layout.rs).

/// The points of one dispatch.
struct Batch {
    /// Groups of four points.
    quads: u32,
    /// Invocations along x; the dispatch is two-dimensional.
    row: u32,
    /// Counts of one point.
    channels: u32,
    padding: u32,
}
