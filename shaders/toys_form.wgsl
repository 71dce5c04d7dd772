// Forms of dataset @: chi2 of a toy near a reference as a quadratic form in the signal's counts (form.rs of
// src/statistics/forms says what is what; @ is the dataset's number, written by src/statistics/forms/gpu/shader.rs). A form
// lies in `scratch` [word][walker], that of a Gaussian dataset, which no reference changes, in `fixed` [word][toy].

var<private> constant@: f32;
/// [signals][3] and [pairs of signals][5]: coefficients in x.
var<private> linear@: array<f32, LINEARS@>;
var<private> quadratic@: array<f32, QUADRATICS@>;
/// L of the signal's system by rows, the inverse in the diagonal; r, then what is solved for.
var<private> matrix@: array<f32, PAIRS@>;
var<private> right@: array<f32, SIGNALS@>;

fn load@(word: u32, toy: u32, walker: u32) -> f32 {
    if GAUSSIAN@ == 1u {
        return fixed_forms[word * launch.toys + toy];
    }
    return scratch[word * launch.walkers + walker];
}

fn store@(word: u32, toy: u32, walker: u32, value: f32) {
    if GAUSSIAN@ == 1u {
        fixed_forms[word * launch.toys + toy] = value;
    } else {
        scratch[word * launch.walkers + walker] = value;
    }
}

fn counted@(bin: u32, toy: u32) -> f32 {
    if PACKED == 1u {
        let word = drawn_word(COUNTS@ + bin / 2u, toy);
        return f32(select(word >> 16u, word & 0xffffu, bin % 2u == 0u));
    }
    return bitcast<f32>(drawn_word(COUNTS@ + bin, toy));
}

fn centre@(parameter: u32, toy: u32) -> f32 {
    return bitcast<f32>(drawn_word(CENTRES@ + parameter, toy));
}

/// The factor of a measured background's row of energy.
fn factor@(slot: u32, energy: u32, toy: u32) -> f32 {
    return bitcast<f32>(drawn_word(FACTORS@ + slot * ENERGIES@ + energy, toy));
}

/// The column of a background in a bin.
fn column@(background: u32, bin: u32, energy: u32, toy: u32) -> f32 {
    let slot = tables[SLOTS@ + background];
    var factor = 1.0;
    if slot >= 0.0 {
        factor = factor@(u32(slot), energy, toy);
    }
    return tables[COLUMNS@ + bin * BACKGROUNDS@ + background] * factor;
}

/// 1/variance of a bin with so many counts.
fn weight@(bin: u32, energy: u32, toy: u32, counts: f32) -> f32 {
    var factor = 1.0;
    if FOLLOWS@ == 1u && MEASURED@ > 0u {
        factor = factor@(0u, energy, toy);
    }
    return 1.0 / (f32(FOLLOWS@) * counts + tables[BEYOND@ + bin] * factor);
}

/// A new walker's reference: the truth's expectation; of a Gaussian dataset the backgrounds at the toy's centres.
fn start@(toy: u32, walker: u32) {
    if GAUSSIAN@ == 1u {
        return;
    }
    for (var bin = 0u; bin < BINS@; bin++) {
        scratch[(REFERENCE@ + bin) * launch.walkers + walker] = tables[START@ + bin];
    }
    for (var k = 0u; k < BACKGROUNDS@; k++) {
        scratch[(REFERENCE@ + BINS@ + k) * launch.walkers + walker] = tables[START@ + BINS@ + k];
    }
}

fn background@(k: u32, toy: u32, walker: u32) -> f32 {
    if GAUSSIAN@ == 1u {
        return centre@(SIGNALS@ + k, toy);
    }
    return scratch[(REFERENCE@ + BINS@ + k) * launch.walkers + walker];
}

/// Builds the form around the walker's reference; `false` where it means nothing.
fn build@(toy: u32, walker: u32) -> bool {
    var good = true;
    var constant = 0.0;
    var slope: array<f32, AT_LEAST_ONE@>;
    var normal: array<f32, AT_LEAST_ONE_PAIR@>;
    var backgrounds: array<f32, AT_LEAST_ONE@>;
    // unroll k < BACKGROUNDS@
    backgrounds[k] = background@(k, toy, walker);
    for (var energy = 0u; energy < ENERGIES@; energy++) {
        // Summed on its own: rounding grows with the number of energy bins.
        var of_energy = 0.0;
        for (var time = 0u; time < TIMES@; time++) {
            let bin = energy * TIMES@ + time;
            var signal = 0.0;
            if GAUSSIAN@ == 0u {
                signal = scratch[(REFERENCE@ + bin) * launch.walkers + walker];
            }
            var mu = signal;
            var column: array<f32, AT_LEAST_ONE@>;
            // unroll k < BACKGROUNDS@
            column[k] = column@(k, bin, energy, toy); mu += column[k] * backgrounds[k];
            let n = counted@(bin, toy);
            var h: f32;
            var w: f32;
            if GAUSSIAN@ == 1u {
                w = weight@(bin, energy, toy, n);
                h = w * (n - mu);
                of_energy += h * (n - mu);
            } else {
                let any = n > 0.0;
                good = good & select(mu >= 0.0, mu > 0.0, any);
                let inverse = 1.0 / select(1.0, max(mu, 1e-30), any);
                let ratio = n * inverse;
                // mu - n - n ln(mu/n) = n (y - ln(1 + y)) with y = mu/n - 1.
                let y = (mu - n) / max(n, 1e-30);
                of_energy += 2.0 * select(mu, n * excess_over_logarithm(y), any);
                h = select(-1.0, (n - mu) * inverse, any);
                w = ratio * inverse;
            }
            let y = w * signal + h;
            of_energy += signal * (y + h);
            store@(WEIGHTS@ + bin, toy, walker, w);
            store@(SLOPES@ + bin, toy, walker, y);
            // unroll k < BACKGROUNDS@ {
            slope[k] += column[k] * y;
            // unroll l <= k
            normal[k * (k + 1u) / 2u + l] += w * column[k] * column[l];
            // }
        }
        constant += of_energy;
    }
    // unroll i < BACKGROUNDS@ {
    {
        let prior = tables[PRIORS@ + SIGNALS@ + i];
        let away = centre@(SIGNALS@ + i, toy) - backgrounds[i];
        slope[i] += away * prior;
        constant += away * away * prior;
        normal[i * (i + 3u) / 2u] += prior;
    }
    // }
    // unroll i < BACKGROUNDS@ {
    // unroll j < i {
    {
        var sum = normal[i * (i + 1u) / 2u + j];
        // unroll k < j
        sum -= normal[i * (i + 1u) / 2u + k] * normal[j * (j + 1u) / 2u + k];
        normal[i * (i + 1u) / 2u + j] = sum * normal[j * (j + 3u) / 2u];
    }
    // }
    {
        var sum = normal[i * (i + 3u) / 2u];
        var known = slope[i];
        // unroll k < i
        sum -= normal[i * (i + 1u) / 2u + k] * normal[i * (i + 1u) / 2u + k]; known -= normal[i * (i + 1u) / 2u + k] * slope[k];
        good = good & (sum > 0.0);
        normal[i * (i + 3u) / 2u] = 1.0 / sqrt(sum);
        slope[i] = known * normal[i * (i + 3u) / 2u];
        constant -= slope[i] * slope[i];
    }
    // }
    // unroll i < BACKGROUNDS@ {
    store@(SOLVED@ + i, toy, walker, slope[i]);
    // unroll j <= i
    store@(FACTOR@ + i * (i + 1u) / 2u + j, toy, walker, normal[i * (i + 1u) / 2u + j]);
    // }
    store@(CONSTANT@, toy, walker, constant);
    for (var energy = 0u; energy < ENERGIES@; energy++) {
        contract@(energy, toy, walker, &normal, &slope);
    }
    return good;
}

/// The sums over the time bins of an energy bin.
fn contract@(
    energy: u32,
    toy: u32,
    walker: u32,
    normal: ptr<function, array<f32, AT_LEAST_ONE_PAIR@>>,
    solved: ptr<function, array<f32, AT_LEAST_ONE@>>,
) {
    var of_linear: array<f32, CLASSES_SIGNALS@>;
    var of_projection: array<f32, CLASSES_SIGNALS_BACKGROUNDS@>;
    var of_quadratic: array<f32, PAIRS_PAIRS@>;
    for (var time = 0u; time < TIMES@; time++) {
        let bin = energy * TIMES@ + time;
        let w = load@(WEIGHTS@ + bin, toy, walker);
        var y = load@(SLOPES@ + bin, toy, walker);
        var projected: array<f32, AT_LEAST_ONE@>;
        // unroll k < BACKGROUNDS@ {
        {
            var sum = column@(k, bin, energy, toy) * w;
            // unroll l < k
            sum -= (*normal)[k * (k + 1u) / 2u + l] * projected[l];
            projected[k] = sum * (*normal)[k * (k + 3u) / 2u];
            y -= projected[k] * (*solved)[k];
        }
        // }
        // unroll i < CLASSES_SIGNALS@ {
        {
            let change = tables[LINEAR@ + bin * CLASSES_SIGNALS@ + i];
            of_linear[i] += y * change;
            // unroll k < BACKGROUNDS@
            of_projection[i * BACKGROUNDS@ + k] += projected[k] * change;
        }
        // }
        // unroll i < PAIRS_PAIRS@
        of_quadratic[i] += w * tables[QUADRATIC@ + bin * PAIRS_PAIRS@ + i];
    }
    // unroll class < CLASSES@ {
    // unroll j < SIGNALS@ {
    {
        let channel = j * CHANNELS@ + class * ENERGIES@ + energy;
        store@(OF_LINEAR@ + channel, toy, walker, of_linear[class * SIGNALS@ + j]);
        // unroll k < BACKGROUNDS@
        store@(OF_PROJECTION@ + channel * BACKGROUNDS@ + k, toy, walker, of_projection[(class * SIGNALS@ + j) * BACKGROUNDS@ + k]);
    }
    // }
    // }
    // unroll pair < PAIRS@ {
    // unroll classes < CLASS_PAIRS@
    store@(OF_QUADRATIC@ + (pair * ENERGIES@ + energy) * CLASS_PAIRS@ + classes, toy, walker, of_quadratic[pair * CLASS_PAIRS@ + classes]);
    // }
}
