// Counts as squares for points in any order: what the minimising shader has, made visible. One invocation a point;
// `couplings` and `rows` hold one entry for each.

/// The point's mass, as a place among the lines.
@group(1) @binding(3) var<storage, read> rows: array<u32>;
/// Bits of f32, [point][set][channel]; UNWRITTEN before.
@group(1) @binding(4) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn vertex_counts(@builtin(global_invocation_id) id: vec3<u32>) {
    let point = id.x;
    if point >= tile.couplings {
        return;
    }
    let row = rows[point];
    let t = strength(point, row);
    let place = point * SETS * CHANNELS;
    for (var channel = 0u; channel < CHANNELS; channel++) {
        counts[place + channel] = written(bitcast<u32>(count(channel, row, t)));
        for (var which = 1u; which < SETS; which++) {
            counts[place + which * CHANNELS + channel] = written(bitcast<u32>(change(which, channel, row, t)));
        }
    }
}
