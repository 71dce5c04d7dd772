// The amplitudes squared of one node: the bracket of the plan's formula (src/rates/plan.rs),
//   W_v (a + x sum_t b_t P_t)^2 + W_s (x sum_t s_t P_t)^2,   x = g^2,  P_t = 1 / (|q|^2 + (r_t M)^2).
// Summed and squared directly, never as a polynomial in x: in f32 that fails where the terms cancel.

/// g^2 B P of one exchange at kappa = |q|^2 / L^2.
fn strength(exchange: Exchange, kappa: f32) -> vec4<f32> {
    return exchange.y / (exchange.u + exchange.t * kappa);
}

/// Number `index` of the amplitudes of the entry at `at`; two stand in the entry's first vector.
fn amplitude(at: u32, index: u32) -> f32 {
    let place = index + 2u;
    return slice.table[at + place / 4u][place % 4u];
}

/// The bracket for four points at the entry that begins at `at`.
fn squared_amplitudes(at: u32, exchanges: ptr<function, array<Exchange, TERMS>>) -> vec4<f32> {
    let kappa = slice.table[at].x;
    var vector_sum = vec4<f32>(slice.table[at].y);
    // unroll term < VECTOR_TERMS
    vector_sum += amplitude(at, term) * strength((*exchanges)[term], kappa);

    var scalar_sum = vec4<f32>(0.0);
    // unroll term < SCALAR_TERMS
    scalar_sum += amplitude(at, VECTOR_TERMS + term) * strength((*exchanges)[VECTOR_TERMS + term], kappa);

    return vector_sum * vector_sum + scalar_sum * scalar_sum;
}
