// Events per (point, time class, energy bin): the plan's sum over nodes for four points an invocation.

@group(0) @binding(0) var<uniform> slice: Slice;
@group(1) @binding(0) var<uniform> batch: Batch;
@group(1) @binding(1) var<storage, read> exchanges_of_points: array<Exchange>;
/// Bits of f32, row-major [point][channel]; UNWRITTEN before the first slice.
@group(1) @binding(2) var<storage, read_write> counts: array<u32>;

/// Adds the slice's share to one count. A count that an earlier slice should have begun but did not stays UNWRITTEN.
fn store(place: u32, share: f32) {
    if slice.accumulate == 0u {
        counts[place] = written(bitcast<u32>(share));
    } else if counts[place] != UNWRITTEN {
        counts[place] = written(bitcast<u32>(bitcast<f32>(counts[place]) + share));
    }
}

/// Stores the shares of four points, whose rows follow each other; `place` is that of the first.
fn store_points(place: u32, shares: vec4<f32>) {
    store(place, shares.x);
    store(place + batch.channels, shares.y);
    store(place + 2u * batch.channels, shares.z);
    store(place + 3u * batch.channels, shares.w);
}

@compute @workgroup_size(WORKGROUP)
fn rates(@builtin(global_invocation_id) id: vec3<u32>) {
    let quad = id.y * batch.row + id.x;
    if quad >= batch.quads {
        return;
    }
    var exchanges: array<Exchange, TERMS>;
    // unroll term < TERMS
    exchanges[term] = exchanges_of_points[quad * TERMS + term];

    // N = sum_k R[k][bin] ( ... ), in blocks of nodes: rounding grows with the number of blocks, not of nodes.
    var total: array<vec4<f32>, BINS>;
    for (var first = 0u; first < slice.entries; first += BLOCK) {
        var block: array<vec4<f32>, BINS>;
        for (var entry = first; entry < first + BLOCK; entry++) {
            let at = entry * ENTRY;
            let squared = squared_amplitudes(at, &exchanges);
            var responses: array<vec4<f32>, RESPONSES>;
            // unroll four < RESPONSES
            responses[four] = slice.table[at + FIRST_RESPONSE + four];
            // unroll bin < BINS
            block[bin] += responses[bin / 4u][bin % 4u] * squared;
        }
        // unroll bin < BINS
        total[bin] += block[bin];
    }

    let place = 4u * quad * batch.channels + slice.first_channel;
    // unroll bin < BINS
    if bin < slice.bins { store_points(place + bin, total[bin]); }
}
