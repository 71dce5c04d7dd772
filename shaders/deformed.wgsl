// Signals that nuisance parameters t deform: S + sum (t S_1 + t^2 S_2), of which S_1 and S_2 of each are `change`s of the
// counts. The CPU's twin is src/statistics/terms.rs.

/// K: a bin without counts whose mu is negative rises by K/2 (mu/mu_ref)^2 on top of mu, which holds it near 0.
const STIFFNESS = 1e4;
/// Such a bin is held where its mu is no further below 0 than this part of mu_ref; further off, the point is left to f64.
const DEEPEST = 1e-2;
/// Where less is expected no bin is held.
const LEAST_EXPECTED = 1e-12;

/// What deformation `own` adds to a class in one energy bin, over `unit`. S_1 + 2 t S_2 and S_2 are left in `changes`,
/// [deformation][of the two][class].
fn deform(
    own: u32,
    of_class: u32,
    energy: u32,
    row: u32,
    t: f32,
    inverse_unit: f32,
    changes: ptr<function, array<f32, CHANGES>>,
) -> f32 {
    let channel = of_class * ENERGY_BINS + energy;
    let first = change(1u + 2u * own, channel, row, t) * inverse_unit;
    let second = change(2u + 2u * own, channel, row, t) * inverse_unit;
    let value = values[SIGNALS + own];
    (*changes)[2u * own * CLASSES + of_class] = first + 2.0 * value * second;
    (*changes)[(2u * own + 1u) * CLASSES + of_class] = second;
    return value * (first + value * second);
}

/// What the signal is multiplied by in the bin whose entry is at `at`.
fn norm_at(at: u32) -> f32 {
    var norm = values[0];
    // unroll k < SHAPES
    norm += values[1u + k] * number(at, CLASSES + 1u + k);
    return norm;
}

/// One of `changes` in the bin whose entry is at `at`: all classes.
fn in_bin(at: u32, changes: ptr<function, array<f32, CHANGES>>, place: u32) -> f32 {
    var sum = 0.0;
    // unroll class < CLASSES
    sum += (*changes)[place * CLASSES + class] * number(at, class);
    return sum;
}

/// Adds a bin's second derivatives of mu in deformation `own`, times the slope in mu: with the norm, the shapes, itself.
fn bend(
    own: u32,
    at: u32,
    slope: f32,
    changes: ptr<function, array<f32, CHANGES>>,
    bends: ptr<function, array<f32, BENDS>>,
) {
    let first = own * (SIGNALS + 1u);
    let rate = slope * in_bin(at, changes, 2u * own);
    (*bends)[first] += rate;
    // unroll k < SHAPES
    (*bends)[first + 1u + k] += rate * number(at, CLASSES + 1u + k);
    (*bends)[first + SIGNALS] += 2.0 * slope * norm_at(at) * in_bin(at, changes, 2u * own + 1u);
}

/// Adds these to the Hessian.
fn add_bend(own: u32, matrix: ptr<function, array<f32, MATRIX>>, bends: ptr<function, array<f32, BENDS>>) {
    let first = own * (SIGNALS + 1u);
    let row = SIGNALS + own;
    // unroll k < SIGNALS
    (*matrix)[row * (row + 1u) / 2u + k] += (*bends)[first + k];
    (*matrix)[row * (row + 3u) / 2u] += (*bends)[first + SIGNALS];
}

/// Whether a bin without counts was further below 0 at the last pass than it may be held.
var<private> is_too_deep: bool;

/// 1/mu_ref of a bin without counts, where something is expected there; else 0.
fn inverse_of_empty(head: vec4<f32>) -> f32 {
    return select(0.0, 1.0 / head.y, head.x == 0.0 && head.y > LEAST_EXPECTED);
}

/// mu/mu_ref of a bin without counts where that is negative, else 0.
fn depth(head: vec4<f32>, change: f32) -> f32 {
    return min((head.y + change) * inverse_of_empty(head), 0.0);
}

/// Whether a bin without counts may be below 0: where it is too far, that is noted.
fn is_empty(head: vec4<f32>, change: f32) -> bool {
    let is_empty = inverse_of_empty(head) > 0.0;
    is_too_deep = is_too_deep | (is_empty && depth(head, change) < -DEEPEST);
    return is_empty;
}

/// What holding a bin adds to the derivatives in mu.
fn hold(head: vec4<f32>, change: f32) -> vec2<f32> {
    let below = depth(head, change);
    let inverse = inverse_of_empty(head);
    return STIFFNESS * inverse * vec2<f32>(below, select(0.0, inverse, below < 0.0));
}

/// What half of chi2 rises by from where a bin is held to mu = 0: to first order the slope there times the way.
fn rise_of_held(head: vec4<f32>, change: f32) -> f32 {
    let below = depth(head, change);
    return STIFFNESS * below * below;
}
