// One minimum a point: a minimisation starts from that of the neighbour.

/// The minimum of the point before the last; `values` are that of the last.
var<private> before: array<f32, PARAMETERS>;
/// How many of the two there are.
var<private> known: u32;

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

/// Rise of chi2 above the reference fit, the whole of the priors included; an energy bin's terms are summed on their
/// own, so that rounding grows with the number of energy bins. `false` where mu is not allowed.
fn rise_of_chi2(row: u32, t: f32, inverse_unit: f32, chi2: ptr<function, f32>) -> bool {
    passes++;
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
            good = good & allowed(fit.entries[at], change);
            sum += rise_of_bin(fit.entries[at], change);
        }
        total += sum;
    }
    *chi2 = 2.0 * total + of_priors(inverse_unit);
    return good;
}

/// Takes Newton steps from `values` until the next would gain nothing; `false` if that was not reached. A step that went
/// too far is shortened once its end is seen: to the lowest point that the slopes at both ends promise. A start whose mu
/// is not allowed is given up for a cold one.
fn minimise(row: u32, t: f32, inverse_unit: f32) -> bool {
    var step: array<f32, UNKNOWNS>;
    var downhill: array<f32, UNKNOWNS>;
    var matrix: array<f32, MATRIX>;
    var bends: array<f32, BENDS>;
    var scale: array<f32, UNKNOWNS>;
    var rise = 0.0;
    // Slope of half of chi2 along the last step, where it began; and how much of the step was taken.
    var fall = 0.0;
    var length = 0.0;
    for (var steps = 1u; steps <= MAX_STEPS && passes < MAX_PASSES; steps++) {
        let good = slopes(row, t, inverse_unit, &downhill, &matrix, &bends, &rise);
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
