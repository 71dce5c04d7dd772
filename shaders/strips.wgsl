// chi2 minimised over the nuisance parameters: an invocation walks STRIP neighbouring couplings of one mass, so that each
// minimisation may start from the minimum before. Out comes the rise of chi2 above the reference fit.

/// Bits of the rise, [row][coupling], or LEFT_TO_F64 (no number); UNWRITTEN before.
@group(1) @binding(3) var<storage, read_write> results: array<u32>;
@group(1) @binding(4) var<storage, read_write> tally: Tally;

/// What a launch has done; zero before.
struct Tally {
    points: atomic<u32>,
    /// Passes over the bins.
    passes: atomic<u32>,
    /// `tile.number`.
    number: u32,
    padding: u32,
}

/// Bits of 1e30: more signal is left to f64.
const LARGEST_TOTAL = 0x7149f2cau;

/// Whether so much signal is for f32; tests for NaN fold away: bits.
fn is_held_by_f32(total: f32) -> bool {
    return (bitcast<u32>(total) & 0x7fffffffu) <= LARGEST_TOTAL;
}

/// Stores what became of a point.
fn store(row: u32, coupling: u32, reached: bool, rise: f32) {
    results[row * tile.couplings + coupling] = select(LEFT_TO_F64, written(bitcast<u32>(rise)), reached);
}

@compute @workgroup_size(WORKGROUP)
fn profile(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if row >= tile.rows {
        return;
    }
    let first = id.y * STRIP;
    let end = min(first + STRIP, tile.couplings);
    walk(row, first, end);
    atomicAdd(&tally.points, end - first);
    atomicAdd(&tally.passes, passes);
    if row == 0u && first == 0u {
        tally.number = tile.number;
    }
}
