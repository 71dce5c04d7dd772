// Gaussian fits: a linear problem, solved at once. What is read of an expectation and an observation is written by
// src/statistics/gpu/table.rs, relative to a reference fit that the CPU has made in f64, with the backgrounds eliminated:
// for a change D of the signal, the chi2 minimised over the backgrounds rises by
//
//   -2 g^T D + D^T W D - |U^T D|^2,   g = W (n - mu_ref),  U U^T = W B (B^T W B + P)^-1 B^T W,
//
// W = 1/variance, B the backgrounds' columns, P their priors. The unknowns v are the signal's parameters times `unit`.
// First v is found from sums that are linear in the counts or in their products, then the rise at v bin by bin: an error
// of v enters squared, and near the reference all digits of f32 go into D.

/// The prior of one parameter: pull = (value / unit + offset) / sigma.
struct Prior {
    offset: f32,
    inverse_sigma: f32,
    padding_0: f32,
    padding_1: f32,
}

struct Fit {
    priors: array<Prior, SIGNALS>,
    /// For each energy bin ENERGY_ENTRY vectors: for each class and parameter R^T W r (r the residual without a signal) and
    /// R^T U, R the class's events in the time bins times the parameter's relative change; then, for each pair of
    /// parameters and of classes, R^T W R, once for the two orders of unlike classes.
    energies: array<vec4<f32>, ENERGIES>,
    /// For each bin ENTRY vectors: W, 2 g, the signal's part of mu_ref, the share of each class in the time bin, the
    /// relative changes of the signal by its shapes, U.
    entries: array<vec4<f32>, TABLE>,
}

/// Passes over the bins so far.
var<private> passes: u32;

fn begin() {
    passes = 0u;
}

/// The rise of chi2 at a point; `false` where its normal matrix is not positive definite in f32.
fn minimum(row: u32, t: f32, inverse_unit: f32, rise: ptr<function, f32>) -> bool {
    var values: array<f32, UNKNOWNS>;
    if !solve(row, t, inverse_unit, &values) {
        return false;
    }
    *rise = rise_of_chi2(row, t, inverse_unit, &values);
    return true;
}

fn of_energy(at: u32, index: u32) -> f32 {
    return fit.energies[at + index / 4u][index % 4u];
}

fn number(at: u32, index: u32) -> f32 {
    return fit.entries[at + index / 4u][index % 4u];
}

/// The signal of each class in one energy bin, over `unit`.
fn shares(row: u32, t: f32, energy: u32, inverse_unit: f32) -> array<f32, CLASSES> {
    var signal: array<f32, CLASSES>;
    // unroll class < CLASSES
    signal[class] = count(class * ENERGY_BINS + energy, row, t) * inverse_unit;
    return signal;
}

/// The signal's parameters at the minimum.
fn solve(row: u32, t: f32, inverse_unit: f32, values: ptr<function, array<f32, UNKNOWNS>>) -> bool {
    passes++;
    var matrix: array<f32, MATRIX>;
    var scale: array<f32, UNKNOWNS>;
    var eliminated: array<f32, ELIMINATED>;
    // unroll i < SIGNALS
    (*values)[i] = 0.0;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        let at = energy * ENERGY_ENTRY;
        var signal = shares(row, t, energy, inverse_unit);
        // unroll class < CLASSES {
        // unroll i < SIGNALS {
        (*values)[i] += signal[class] * of_energy(at, (class * SIGNALS + i) * (1u + BACKGROUNDS));
        // unroll k < BACKGROUNDS
        eliminated[i * BACKGROUNDS + k] += signal[class] * of_energy(at, (class * SIGNALS + i) * (1u + BACKGROUNDS) + 1u + k);
        // }
        // unroll other <= class {
        {
            let product = signal[class] * signal[other];
            // unroll pair < MATRIX
            matrix[pair] += product * of_energy(at, LINEAR + (class * (class + 1u) / 2u + other) * MATRIX + pair);
        }
        // }
        // }
    }
    // unroll i < SIGNALS {
    // unroll j <= i {
    // unroll k < BACKGROUNDS
    matrix[i * (i + 1u) / 2u + j] -= eliminated[i * BACKGROUNDS + k] * eliminated[j * BACKGROUNDS + k];
    // }
    {
        let slope = inverse_unit * fit.priors[i].inverse_sigma;
        matrix[i * (i + 3u) / 2u] += slope * slope;
        (*values)[i] -= slope * fit.priors[i].offset * fit.priors[i].inverse_sigma;
    }
    // }
    if !factor(&matrix, &scale) {
        return false;
    }
    substitute(&matrix, &scale, values);
    return true;
}

/// Rise of chi2 above the reference fit, the whole of the signal's priors included; an energy bin's terms are summed on
/// their own, so that rounding grows with the number of energy bins.
fn rise_of_chi2(row: u32, t: f32, inverse_unit: f32, values: ptr<function, array<f32, UNKNOWNS>>) -> f32 {
    passes++;
    var total = 0.0;
    var eliminated: array<f32, ELIMINATED>;
    for (var energy = 0u; energy < ENERGY_BINS; energy++) {
        var signal_of_classes = shares(row, t, energy, inverse_unit);
        var sum = 0.0;
        for (var time = 0u; time < TIME_BINS; time++) {
            let at = (energy * TIME_BINS + time) * ENTRY;
            var signal = 0.0;
            // unroll class < CLASSES
            signal += signal_of_classes[class] * number(at, 3u + class);
            var strength_of_signal = (*values)[0];
            // unroll k < SHAPES
            strength_of_signal += (*values)[1u + k] * number(at, 3u + CLASSES + k);
            let change = strength_of_signal * signal - number(at, 2u);
            sum += change * (number(at, 0u) * change - number(at, 1u));
            // unroll k < BACKGROUNDS
            eliminated[k] += change * number(at, 3u + CLASSES + SHAPES + k);
        }
        total += sum;
    }
    // unroll k < BACKGROUNDS
    total -= eliminated[k] * eliminated[k];
    // unroll i < SIGNALS {
    {
        let pull = ((*values)[i] * inverse_unit + fit.priors[i].offset) * fit.priors[i].inverse_sigma;
        total += pull * pull;
    }
    // }
    return total;
}
