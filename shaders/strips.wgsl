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

@compute @workgroup_size(WORKGROUP)
fn profile(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if row >= tile.rows {
        return;
    }
    let first = id.y * STRIP;
    let end = min(first + STRIP, tile.couplings);
    begin();
    for (var coupling = first; coupling < end; coupling++) {
        let t = strength(coupling, row);
        let total = total_events(row, t);
        var word = LEFT_TO_F64;
        // Tests for NaN fold away: bits.
        if (bitcast<u32>(total) & 0x7fffffffu) <= LARGEST_TOTAL {
            var rise = 0.0;
            if minimum(row, t, 1.0 / max(total, 1.0), &rise) {
                word = written(bitcast<u32>(rise));
            }
        }
        results[row * tile.couplings + coupling] = word;
    }
    atomicAdd(&tally.points, end - first);
    atomicAdd(&tally.passes, passes);
    if row == 0u && first == 0u {
        tally.number = tile.number;
    }
}
