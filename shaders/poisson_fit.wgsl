// Poisson fits: Newton steps on half of chi2. What is read of an expectation and an observation is written by
// src/statistics/gpu/table.rs; PARAMETERS = SIGNALS of the signal in which it is linear, DEFORMATIONS of it, then BACKGROUNDS.
//
// chi2 is taken relative to a reference fit that the CPU has made in f64, at the expectation mu_ref: near it, where the
// contour runs, all digits of f32 go into the difference. The unknowns are p - p_ref for backgrounds, for the signal p
// times `unit`, its total where that is above 1, and what deforms it as it is (deformed.wgsl).

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
    /// All counts.
    counted: f32,
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

/// The parameters.
var<private> values: array<f32, PARAMETERS>;
/// Passes over the bins so far.
var<private> passes: u32;

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

/// The signal of each class in one energy bin, over `unit`, and how deformations change it.
fn shares(
    row: u32,
    t: f32,
    energy: u32,
    inverse_unit: f32,
    signal: ptr<function, array<f32, CLASSES>>,
    changes: ptr<function, array<f32, CHANGES>>,
) {
    // unroll class < CLASSES {
    (*signal)[class] = count(class * ENERGY_BINS + energy, row, t) * inverse_unit;
    // unroll own < DEFORMATIONS
    (*signal)[class] += deform(own, class, energy, row, t, inverse_unit, changes);
    // }
}

/// mu - mu_ref at the bin whose entry is at `at`; its columns are left in `columns`.
fn change_of_expectation(
    at: u32,
    signal_of_classes: ptr<function, array<f32, CLASSES>>,
    changes: ptr<function, array<f32, CHANGES>>,
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
    // unroll own < DEFORMATIONS
    (*columns)[SIGNALS + own] = norm_at(at) * in_bin(at, changes, 2u * own);
    // unroll k < BACKGROUNDS {
    (*columns)[FIRST_BACKGROUND + k] = number(at, CLASSES + SIGNALS + k);
    change += values[FIRST_BACKGROUND + k] * (*columns)[FIRST_BACKGROUND + k];
    // }
    return change;
}

/// Downhill direction (minus the gradient) and Hessian of half of chi2 at `values`, the latter without the curvature of mu,
/// which is left in `bends`; of a deformed signal the rise of chi2 above the reference fit as well. `false` where mu is not
/// allowed.
fn slopes(
    row: u32,
    t: f32,
    inverse_unit: f32,
    downhill: ptr<function, array<f32, UNKNOWNS>>,
    matrix: ptr<function, array<f32, MATRIX>>,
    bends: ptr<function, array<f32, BENDS>>,
    rise: ptr<function, f32>,
) -> bool {
    passes++;
    // unroll k < MATRIX
    (*matrix)[k] = 0.0;
    // unroll k < BENDS
    (*bends)[k] = 0.0;
    // unroll k < PARAMETERS {
    {
        let slope = slope_of_pull(k, inverse_unit);
        (*downhill)[k] = -slope * pull(k, inverse_unit);
        (*matrix)[k * (k + 3u) / 2u] = slope * slope;
    }
    // }
    // unroll deformed < DEFORMED
    is_too_deep = false;
    var good = true;
    var total = 0.0;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal: array<f32, CLASSES>;
        var changes: array<f32, CHANGES>;
        shares(row, t, energy, inverse_unit, &signal, &changes);
        var sum = 0.0;
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var columns: array<f32, PARAMETERS>;
            let change = change_of_expectation(at, &signal, &changes, &columns);
            let head = fit.entries[at];
            var slope = derivatives(head, change);
            // unroll straight < STRAIGHT
            good = good & allowed(head, change);
            // unroll deformed < DEFORMED {
            good = good & (is_empty(head, change) | allowed(head, change));
            slope += hold(head, change);
            sum += rise_of_bin(head, change) + rise_of_held(head, change);
            // }
            // unroll own < DEFORMATIONS
            bend(own, at, slope.x, &changes, bends);
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
        total += sum;
    }
    *rise = 2.0 * total + of_priors(inverse_unit);
    return good;
}

/// The priors' part of chi2.
fn of_priors(inverse_unit: f32) -> f32 {
    var sum = 0.0;
    // unroll k < PARAMETERS {
    {
        let own = pull(k, inverse_unit);
        sum += own * own;
    }
    // }
    return sum;
}
