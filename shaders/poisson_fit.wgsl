// Poisson fits: Newton steps on half of chi2. What is read of an expectation and an observation is written by
// src/statistics/gpu/table.rs; PARAMETERS = SIGNALS of the signal, then BACKGROUNDS.
//
// chi2 is taken relative to a reference fit that the CPU has made in f64, at the expectation mu_ref: near it, where the
// contour runs, all digits of f32 go into the difference. The unknowns are p - p_ref for backgrounds, and for the
// signal p times `unit`, its total where that is above 1.

/// The prior of one parameter: pull = (value + offset) / sigma, where a signal's value is divided by `unit` first.
struct Prior {
    offset: f32,
    inverse_sigma: f32,
    /// Where the minimisation starts: for a signal times min(unit, start_events), 0 for the others.
    start: f32,
    padding: f32,
}

/// An entry, one for each bin `[energy_bins][time_bins]`, is ENTRY vectors: (n, mu_ref, 1 - n/mu_ref, 1/mu_ref), the last
/// two 1 and 0 where n = 0; then the share of each class in this time bin, the signal's part of mu_ref, the relative
/// changes of the signal by its shapes, the backgrounds' columns.
struct Fit {
    /// Signal events at the reference fit.
    start_events: f32,
    padding_0: f32,
    padding_1: f32,
    padding_2: f32,
    priors: array<Prior, PARAMETERS>,
    entries: array<vec4<f32>, TABLE>,
}

/// The minimisation ends when the next step would gain less than this in chi2. Convergence is quadratic by then, so the
/// chi2 after that step is off by much less.
const ACCURACY = 1e-5;
/// A step is too long if the slope at its end rises more steeply than this part of the fall at its beginning.
const STEEPEST_END = 0.5;
/// What is left of a step that ends where mu is not allowed.
const BACK = 0.3;

/// The minimum of the point before, and of the one before that.
var<private> values: array<f32, PARAMETERS>;
var<private> before: array<f32, PARAMETERS>;
/// How many of them there are.
var<private> known: u32;
/// Passes over the bins so far.
var<private> passes: u32;

fn begin() {
    known = 0u;
    passes = 0u;
}

/// The rise of chi2 at a point; `false` where its minimum was not reached.
fn minimum(row: u32, t: f32, inverse_unit: f32, rise: ptr<function, f32>) -> bool {
    let last = values;
    if known == 0u {
        start_cold(inverse_unit);
    } else if known > 1u {
        // Neighbours on a logarithmic axis: the minima go on as they came.
        // unroll k < PARAMETERS
        values[k] += values[k] - before[k];
    }
    let reached = minimise(row, t, inverse_unit) && rise_of_chi2(row, t, inverse_unit, rise);
    before = last;
    known = select(0u, min(known + 1u, 2u), reached);
    return reached;
}

fn start_cold(inverse_unit: f32) {
    // unroll k < PARAMETERS
    values[k] = fit.priors[k].start * min(1.0 / inverse_unit, fit.start_events);
}

/// Number `index` of the entry at `at`, after its first vector.
fn number(at: u32, index: u32) -> f32 {
    return fit.entries[at + 1u + index / 4u][index % 4u];
}

/// What a value is multiplied by in its pull.
fn slope_of_pull(parameter: u32, inverse_unit: f32) -> f32 {
    return select(1.0, inverse_unit, parameter < SIGNALS) * fit.priors[parameter].inverse_sigma;
}

fn pull(parameter: u32, inverse_unit: f32) -> f32 {
    let prior = fit.priors[parameter];
    return (values[parameter] * select(1.0, inverse_unit, parameter < SIGNALS) + prior.offset) * prior.inverse_sigma;
}

/// The signal of each class in one energy bin, over `unit`.
fn shares(row: u32, t: f32, energy: u32, inverse_unit: f32) -> array<f32, CLASSES> {
    var signal: array<f32, CLASSES>;
    // unroll class < CLASSES
    signal[class] = count(class * ENERGY_BINS + energy, row, t) * inverse_unit;
    return signal;
}

/// mu - mu_ref at the bin whose entry is at `at`; its columns are left in `columns`.
fn change_of_expectation(
    at: u32,
    signal_of_classes: ptr<function, array<f32, CLASSES>>,
    columns: ptr<function, array<f32, PARAMETERS>>,
) -> f32 {
    var signal = 0.0;
    // unroll class < CLASSES
    signal += (*signal_of_classes)[class] * number(at, class);
    (*columns)[0] = signal;
    var change = values[0] * signal - number(at, CLASSES);
    // unroll k < SHAPES {
    (*columns)[1u + k] = signal * number(at, CLASSES + 1u + k);
    change += values[1u + k] * (*columns)[1u + k];
    // }
    // unroll k < BACKGROUNDS {
    (*columns)[SIGNALS + k] = number(at, CLASSES + SIGNALS + k);
    change += values[SIGNALS + k] * (*columns)[SIGNALS + k];
    // }
    return change;
}

/// Downhill direction (minus the gradient) and Hessian of half of chi2 at `values`; `false` where mu is not allowed.
fn slopes(
    row: u32,
    t: f32,
    inverse_unit: f32,
    downhill: ptr<function, array<f32, UNKNOWNS>>,
    matrix: ptr<function, array<f32, MATRIX>>,
) -> bool {
    passes++;
    // unroll k < MATRIX
    (*matrix)[k] = 0.0;
    // unroll k < PARAMETERS {
    {
        let slope = slope_of_pull(k, inverse_unit);
        (*downhill)[k] = -slope * pull(k, inverse_unit);
        (*matrix)[k * (k + 3u) / 2u] = slope * slope;
    }
    // }
    var good = true;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal = shares(row, t, energy, inverse_unit);
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var columns: array<f32, PARAMETERS>;
            let change = change_of_expectation(at, &signal, &columns);
            let head = fit.entries[at];
            good = good & allowed(head, change);
            let slope = derivatives(head, change);
            // unroll k < PARAMETERS
            (*downhill)[k] -= slope.x * columns[k];
            // unroll i < PARAMETERS {
            {
                let weighted = slope.y * columns[i];
                // unroll j <= i
                (*matrix)[i * (i + 1u) / 2u + j] += weighted * columns[j];
            }
            // }
        }
    }
    return good;
}

/// Rise of chi2 above the reference fit, the whole of the priors included; an energy bin's terms are summed on their
/// own, so that rounding grows with the number of energy bins. `false` where mu is not allowed.
fn rise_of_chi2(row: u32, t: f32, inverse_unit: f32, chi2: ptr<function, f32>) -> bool {
    passes++;
    var good = true;
    var total = 0.0;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal = shares(row, t, energy, inverse_unit);
        var sum = 0.0;
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var columns: array<f32, PARAMETERS>;
            let change = change_of_expectation(at, &signal, &columns);
            good = good & allowed(fit.entries[at], change);
            sum += rise_of_bin(fit.entries[at], change);
        }
        total += sum;
    }
    total *= 2.0;
    // unroll k < PARAMETERS {
    {
        let own = pull(k, inverse_unit);
        total += own * own;
    }
    // }
    *chi2 = total;
    return good;
}

/// Takes Newton steps from `values` until the next would gain nothing; `false` if that was not reached. A step that went
/// too far is shortened once its end is seen: to the lowest point that the slopes at both ends promise. A start whose mu
/// is not allowed is given up for a cold one.
fn minimise(row: u32, t: f32, inverse_unit: f32) -> bool {
    var step: array<f32, UNKNOWNS>;
    var downhill: array<f32, UNKNOWNS>;
    var matrix: array<f32, MATRIX>;
    var scale: array<f32, UNKNOWNS>;
    // Slope of half of chi2 along the last step, where it began; and how much of the step was taken.
    var fall = 0.0;
    var length = 0.0;
    for (var steps = 1u; steps <= MAX_STEPS && passes < MAX_PASSES; steps++) {
        let good = slopes(row, t, inverse_unit, &downhill, &matrix);
        if !good && length == 0.0 {
            if steps > 1u {
                return false;
            }
            start_cold(inverse_unit);
            continue;
        }
        var climb = 0.0;
        // unroll k < PARAMETERS
        climb -= downhill[k] * step[k];
        if !good || climb > STEEPEST_END * fall {
            let kept = select(BACK, fall / (fall + climb), good);
            // unroll k < PARAMETERS
            values[k] -= (1.0 - kept) * length * step[k];
            length *= kept;
            continue;
        }
        if !factor(&matrix, &scale) {
            return false;
        }
        step = downhill;
        substitute(&matrix, &scale, &step);
        fall = 0.0;
        // unroll k < PARAMETERS
        fall += downhill[k] * step[k];
        length = 1.0;
        // unroll k < PARAMETERS
        values[k] += step[k];
        // Half of the fall is gained in half of chi2.
        if fall <= ACCURACY {
            return true;
        }
    }
    return false;
}
