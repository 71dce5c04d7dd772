// chi2 minimised over the nuisance parameters: one point an invocation, counts in, the rise of chi2 above the reference
// fit and a status out. Newton steps on half of chi2; both statistics are convex, the Gaussian one is there at once.

@group(1) @binding(0) var<uniform> batch: Batch;
/// Bits of f32, row-major [point][class][energy bin], to be multiplied by the scales.
@group(1) @binding(1) var<storage, read> counts: array<u32>;
/// Bits of the rise of chi2, and a status: CONVERGED or LEFT_TO_F64, the number of steps above the lowest byte.
@group(1) @binding(2) var<storage, read_write> results: array<vec2<u32>>;

/// The minimisation ends when the next step would gain less than this in chi2. Convergence is quadratic by then, so the
/// chi2 after that step is off by much less.
const ACCURACY = 1e-5;
/// A step is too long if the slope at its end rises more steeply than this part of the fall at its beginning.
const STEEPEST_END = 0.5;
/// What is left of a step that ends where mu is not allowed.
const BACK = 0.3;
/// Bits of 1e30: more signal is left to f64.
const LARGEST_TOTAL = 0x7149f2cau;

fn count(first: u32, channel: u32) -> f32 {
    return bitcast<f32>(counts[first + channel]) * fit.scales[channel / 4u][channel % 4u];
}

/// What a value is multiplied by in its pull.
fn slope_of_pull(parameter: u32, inverse_unit: f32) -> f32 {
    return select(1.0, inverse_unit, parameter < SIGNALS) * fit.priors[parameter].inverse_sigma;
}

fn pull(parameter: u32, value: f32, inverse_unit: f32) -> f32 {
    let prior = fit.priors[parameter];
    return (value * select(1.0, inverse_unit, parameter < SIGNALS) + prior.offset) * prior.inverse_sigma;
}

/// The signal of each class in one energy bin, over `unit`.
fn shares(first: u32, energy: u32, inverse_unit: f32) -> array<f32, CLASSES> {
    var signal: array<f32, CLASSES>;
    // unroll class < CLASSES
    signal[class] = count(first, class * ENERGY_BINS + energy) * inverse_unit;
    return signal;
}

/// mu - mu_ref at the bin whose entry is at `at`; its columns are left in `columns`.
fn change_of_expectation(
    at: u32,
    signal_of_classes: ptr<function, array<f32, CLASSES>>,
    values: ptr<function, array<f32, PARAMETERS>>,
    columns: ptr<function, array<f32, PARAMETERS>>,
) -> f32 {
    var signal = 0.0;
    // unroll class < CLASSES
    signal += (*signal_of_classes)[class] * number(at, class);
    var change = -number(at, CLASSES);
    // unroll k < SIGNALS {
    (*columns)[k] = signal * number(at, CLASSES + 1u + k);
    change += (*values)[k] * (*columns)[k];
    // }
    // unroll k < BACKGROUNDS {
    (*columns)[SIGNALS + k] = number(at, CLASSES + 1u + SIGNALS + k);
    change += (*values)[SIGNALS + k] * (*columns)[SIGNALS + k];
    // }
    return change;
}

/// Downhill direction (minus the gradient) and, if asked for, Hessian of half of chi2 at `values`; `false` where mu is
/// not allowed.
fn slopes(
    first: u32,
    inverse_unit: f32,
    curved: bool,
    values: ptr<function, array<f32, PARAMETERS>>,
    downhill: ptr<function, array<f32, PARAMETERS>>,
    matrix: ptr<function, array<f32, MATRIX>>,
) -> bool {
    // unroll k < MATRIX
    if curved { (*matrix)[k] = 0.0; }
    // unroll k < PARAMETERS {
    {
        let slope = slope_of_pull(k, inverse_unit);
        (*downhill)[k] = -slope * pull(k, (*values)[k], inverse_unit);
        if curved { (*matrix)[k * (k + 3u) / 2u] = slope * slope; }
    }
    // }
    var good = true;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal = shares(first, energy, inverse_unit);
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var columns: array<f32, PARAMETERS>;
            let change = change_of_expectation(at, &signal, values, &columns);
            let head = fit.entries[at];
            good = good & allowed(head, change);
            let slope = derivatives(head, change);
            // unroll k < PARAMETERS
            (*downhill)[k] -= slope.x * columns[k];
            if curved {
                // unroll row < PARAMETERS {
                {
                    let weighted = slope.y * columns[row];
                    // unroll column <= row
                    (*matrix)[row * (row + 1u) / 2u + column] += weighted * columns[column];
                }
                // }
            }
        }
    }
    return good;
}

/// Rise of chi2 above the reference fit, the whole of the priors included; an energy bin's terms are summed on their
/// own, so that rounding grows with the number of energy bins. `false` where mu is not allowed.
fn rise_of_chi2(
    first: u32,
    inverse_unit: f32,
    values: ptr<function, array<f32, PARAMETERS>>,
    chi2: ptr<function, f32>,
) -> bool {
    var good = true;
    var total = 0.0;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal = shares(first, energy, inverse_unit);
        var sum = 0.0;
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var columns: array<f32, PARAMETERS>;
            let change = change_of_expectation(at, &signal, values, &columns);
            good = good & allowed(fit.entries[at], change);
            sum += rise(fit.entries[at], change);
        }
        total += sum;
    }
    total *= 2.0;
    // unroll k < PARAMETERS {
    {
        let own = pull(k, (*values)[k], inverse_unit);
        total += own * own;
    }
    // }
    *chi2 = total;
    return good;
}

/// Takes Newton steps until the next would gain nothing; returns their number, 0 if that was not reached. A step that
/// went too far is shortened once its end is seen: to the lowest point that the slopes at both ends promise.
fn minimise(first: u32, inverse_unit: f32, values: ptr<function, array<f32, PARAMETERS>>) -> u32 {
    var step: array<f32, PARAMETERS>;
    var downhill: array<f32, PARAMETERS>;
    var matrix: array<f32, MATRIX>;
    var scale: array<f32, PARAMETERS>;
    // Slope of half of chi2 along the last step, where it began; and how much of the step was taken.
    var fall = 0.0;
    var length = 0.0;
    for (var steps = 1u; steps <= MAX_STEPS; steps++) {
        let curved = CURVATURE_CHANGES || steps == 1u;
        let good = slopes(first, inverse_unit, curved, values, &downhill, &matrix);
        var climb = 0.0;
        // unroll k < PARAMETERS
        climb -= downhill[k] * step[k];
        if !good || climb > STEEPEST_END * fall {
            let kept = select(BACK, fall / (fall + climb), good);
            // unroll k < PARAMETERS
            (*values)[k] -= (1.0 - kept) * length * step[k];
            length *= kept;
            continue;
        }
        if curved && !factor(&matrix, &scale) {
            return 0u;
        }
        step = downhill;
        substitute(&matrix, &scale, &step);
        fall = 0.0;
        // unroll k < PARAMETERS
        fall += downhill[k] * step[k];
        length = 1.0;
        // unroll k < PARAMETERS
        (*values)[k] += step[k];
        // Half of the fall is gained in half of chi2.
        if fall <= ACCURACY {
            return steps;
        }
    }
    return 0u;
}

@compute @workgroup_size(WORKGROUP)
fn profile(@builtin(global_invocation_id) id: vec3<u32>) {
    let point = id.y * batch.row_of_points + id.x;
    if point >= 4u * batch.quads {
        return;
    }
    let first = point * CHANNELS;
    var total = 0.0;
    for (var channel = 0u; channel < CHANNELS; channel++) {
        // A count that was not written leaves the result unwritten.
        if counts[first + channel] == SENTINEL {
            return;
        }
        total += count(first, channel);
    }
    // Tests for NaN fold away: bits.
    if (bitcast<u32>(total) & 0x7fffffffu) > LARGEST_TOTAL {
        results[point] = vec2<u32>(0u, LEFT_TO_F64);
        return;
    }
    let unit = max(total, 1.0);
    let inverse_unit = 1.0 / unit;
    var values: array<f32, PARAMETERS>;
    // unroll k < PARAMETERS
    values[k] = fit.priors[k].start * min(unit, fit.start_events);
    let steps = minimise(first, inverse_unit, &values);
    var chi2 = 0.0;
    let good = rise_of_chi2(first, inverse_unit, &values, &chi2);
    let status = select(LEFT_TO_F64, CONVERGED, good && steps > 0u);
    results[point] = vec2<u32>(bitcast<u32>(chi2), status | (steps << 8u));
}
