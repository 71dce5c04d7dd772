// Half of the Poisson chi2 (2.6) of one bin and its derivatives, at mu = mu_ref + change. An entry begins with
// (n, mu_ref, 1 - n/mu_ref, 1/mu_ref), the last two 1 and 0 where n = 0.

const LOG_2 = 0.693147180559945;
/// Bits of sqrt(1/2).
const ROOT_HALF = 0x3f3504f3u;
/// Nearer to 0 than this, relative to mu_ref, mu is left to f64.
const LEAST = 1e-6;

/// Whether mu may be that small: it may be 0 where nothing was counted.
fn allowed(head: vec4<f32>, change: f32) -> bool {
    return head.y + change >= select(-LEAST, LEAST, head.x > 0.0) * head.y;
}

/// First and second derivative in mu.
fn derivatives(head: vec4<f32>, change: f32) -> vec2<f32> {
    let inverse = select(0.0, 1.0 / (head.y + change), head.x > 0.0);
    let ratio = head.x * inverse;
    return vec2<f32>(1.0 - ratio, ratio * inverse);
}

/// mu - mu_ref - n ln(mu/mu_ref).
fn rise_of_bin(head: vec4<f32>, change: f32) -> f32 {
    return head.z * change + head.x * excess_over_logarithm(change * head.w);
}

/// y - ln(1 + y) for y > -1, to a few 1e-7 of it: WGSL's own logarithm is off by 2e-4 near 1.
///
/// With 1 + y = 2^k (1 + r), 1 + r between sqrt(1/2) and sqrt(2), and s = r/(2 + r):
/// r - ln(1 + r) = r - 2 atanh(s) = s (r - 2 s^2 (1/3 + s^2/5 + ...)); for k = 0 nothing cancels.
fn excess_over_logarithm(y: f32) -> f32 {
    let bits = bitcast<i32>(1.0 + y) - i32(ROOT_HALF);
    let exponent = bits >> 23u;
    let mantissa = bitcast<f32>((bits & 0x7fffff) + i32(ROOT_HALF));
    let r = select(mantissa - 1.0, y, exponent == 0);
    let s = r / (2.0 + r);
    let square = s * s;
    // s^2 < 0.0295: the next term, s^10/13, is below 2e-9.
    let series = 1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square * (1.0 / 9.0 + square / 11.0)));
    return (y - r) - f32(exponent) * LOG_2 + s * (r - 2.0 * square * series);
}
