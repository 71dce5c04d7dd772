// Counts at one mass as squares, (p t + q)^2 + m with t = g^2/u, and what nuisance parameters change them by as polynomials
// in t (src/rates/gpu/vertex.rs). HEAD and NUMBERS are written by it.

/// The rows (masses) of one launch.
struct Tile {
    rows: u32,
    /// Couplings of each row.
    couplings: u32,
    /// Says which launch wrote a result.
    number: u32,
    padding: u32,
}

@group(1) @binding(0) var<uniform> tile: Tile;
/// Bits, [line][row]: the exponent of u, the vertex of the sum over all channels, those of the channels; of each further
/// set of counts the polynomials of the sum and the channels.
@group(1) @binding(1) var<storage, read> lines: array<u32>;
/// g^2: bits of its mantissa in f32, its exponent.
@group(1) @binding(2) var<storage, read> couplings: array<vec2<u32>>;

/// t of a coupling in a row; infinite where it leaves the range of f32.
fn strength(coupling: u32, row: u32) -> f32 {
    let x = couplings[coupling];
    let exponent = clamp(bitcast<i32>(x.y) - bitcast<i32>(lines[row]), -126, 127);
    return bitcast<f32>(x.x) * bitcast<f32>(u32(exponent + 127) << 23u);
}

fn line(index: u32, row: u32) -> f32 {
    return bitcast<f32>(lines[index * tile.rows + row]);
}

/// The events whose vertex begins at line `first`. What cancellation leaves below zero is rounding.
fn events(first: u32, row: u32, t: f32) -> f32 {
    let root = line(first, row) * t + line(first + 1u, row);
    return max(root * root + line(first + 2u, row), 0.0);
}

/// Events of all channels.
fn total_events(row: u32, t: f32) -> f32 {
    return events(1u, row, t);
}

fn count(channel: u32, row: u32, t: f32) -> f32 {
    return events(HEAD + NUMBERS * channel, row, t);
}

/// The polynomial whose numbers begin at line `first`, of either sign.
fn polynomial(first: u32, row: u32, t: f32) -> f32 {
    return line(first, row) + t * (line(first + 1u, row) + t * line(first + 2u, row));
}

/// A channel of one of the sets of counts after the first, which deformations add: S_1 and S_2 of the first of them are sets
/// 1 and 2.
fn change(which: u32, channel: u32, row: u32, t: f32) -> f32 {
    return polynomial(HEAD + NUMBERS * (which * (1u + CHANNELS) + channel), row, t);
}

/// All channels of such a set.
fn total_change(which: u32, row: u32, t: f32) -> f32 {
    return polynomial(1u + NUMBERS * which * (1u + CHANNELS), row, t);
}
