// What the CPU and the rates' shader share. Offsets and sizes are tested against the Rust structs of the same names
// (src/rates/gpu/layout.rs). VECTOR_TERMS, SCALAR_TERMS, TERMS, BINS, TABLE, WORKGROUP and BLOCK are written by
// src/rates/gpu/shader.rs for the plan at hand.

/// One mediator exchange of POINTS_PER_INVOCATION = 4 points of the plane; component = point.
/// With L^2 the plan's reference momentum squared and M the mediator mass,
///   y = B g^2 / (M^2 + L^2),  t = L^2 / (M^2 + L^2),  u = M^2 / (M^2 + L^2),
/// so that g^2 B P = y / (u + t kappa) at kappa = |q|^2 / L^2. B is the power of two taken out of the amplitudes.
struct Exchange {
    y: vec4<f32>,
    t: vec4<f32>,
    u: vec4<f32>,
}

/// Consecutive nodes of one time class with their responses in at most BINS energy bins. An entry is ENTRY vectors:
///   (kappa, alpha, c_0, c_1), (c_2, ...), ..., (R_0, R_1, R_2, R_3), (R_4, ...), ...
/// alpha = sqrt(W_v) a; c = sqrt(W_v) b of the vector terms, then sqrt(W_s) s of the scalar ones.
struct Slice {
    /// Number of entries, a multiple of BLOCK.
    entries: u32,
    /// Where the counts of its first energy bin stand among a point's channels.
    first_channel: u32,
    /// Energy bins of this slice, at most BINS.
    bins: u32,
    /// 1 if an earlier slice has begun these counts.
    accumulate: u32,
    table: array<vec4<f32>, TABLE>,
}
