// The forms of dataset @ along the couplings of a mass: polynomials in x, their minima, and where a reference goes from
// there (curve.rs and descent.rs of src/statistics/forms).

/// The form along the couplings of a row.
fn curve@(toy: u32, walker: u32, row: u32) {
    let first = NUMBERS@ + row * ROW@;
    var projected: array<f32, PROJECTED@>;
    // unroll i < LINEARS@
    linear@[i] = 0.0;
    // unroll i < QUADRATICS@
    quadratic@[i] = 0.0;
    for (var channel = 0u; channel < CHANNELS@; channel++) {
        let c0 = tables[first + channel];
        let c1 = tables[first + CHANNELS@ + channel];
        let c2 = tables[first + 2u * CHANNELS@ + channel];
        // unroll j < SIGNALS@ {
        {
            let own = load@(OF_LINEAR@ + j * CHANNELS@ + channel, toy, walker);
            linear@[3u * j] += own * c0;
            linear@[3u * j + 1u] += own * c1;
            linear@[3u * j + 2u] += own * c2;
            // unroll k < BACKGROUNDS@ {
            {
                let of_background = load@(OF_PROJECTION@ + (j * CHANNELS@ + channel) * BACKGROUNDS@ + k, toy, walker);
                projected[(j * BACKGROUNDS@ + k) * 3u] += of_background * c0;
                projected[(j * BACKGROUNDS@ + k) * 3u + 1u] += of_background * c1;
                projected[(j * BACKGROUNDS@ + k) * 3u + 2u] += of_background * c2;
            }
            // }
        }
        // }
    }
    for (var i = 0u; i < PRODUCTS@; i++) {
        // unroll pair < PAIRS@ {
        {
            let own = load@(OF_QUADRATIC@ + pair * PRODUCTS@ + i, toy, walker);
            // unroll s < 5u
            quadratic@[pair * 5u + s] += own * tables[first + 3u * CHANNELS@ + s * PRODUCTS@ + i];
        }
        // }
    }
    constant@ = load@(CONSTANT@, toy, walker);
    // unroll i < SIGNALS@ {
    // unroll j <= i {
    // unroll k < BACKGROUNDS@ {
    // unroll p < 3u {
    // unroll q < 3u
    quadratic@[(i * (i + 1u) / 2u + j) * 5u + p + q] -= projected[(i * BACKGROUNDS@ + k) * 3u + p] * projected[(j * BACKGROUNDS@ + k) * 3u + q];
    // }
    // }
    // }
    {
        let prior = tables[PRIORS@ + i];
        let centre = centre@(i, toy);
        linear@[3u * i] += prior * centre;
        quadratic@[i * (i + 3u) / 2u * 5u] += prior;
        constant@ += prior * centre * centre;
    }
    // }
}

/// Solves L of the signal's system at x; returns r^T H^-1 r.
fn solve@(x: f32) -> f32 {
    var gain = 0.0;
    // unroll i < SIGNALS@ {
    // unroll j <= i {
    {
        const at = (i * (i + 1u) / 2u + j) * 5u;
        var sum = quadratic@[at] + x * (quadratic@[at + 1u] + x * (quadratic@[at + 2u] + x * (quadratic@[at + 3u] + x * quadratic@[at + 4u])));
        // unroll k < j
        sum -= matrix@[i * (i + 1u) / 2u + k] * matrix@[j * (j + 1u) / 2u + k];
        if i == j {
            matrix@[i * (i + 3u) / 2u] = inverseSqrt(max(sum, 1e-30));
        } else {
            matrix@[i * (i + 1u) / 2u + j] = sum * matrix@[j * (j + 3u) / 2u];
        }
    }
    // }
    {
        var sum = linear@[3u * i] + x * (linear@[3u * i + 1u] + x * linear@[3u * i + 2u]);
        // unroll k < i
        sum -= matrix@[i * (i + 1u) / 2u + k] * right@[k];
        right@[i] = sum * matrix@[i * (i + 3u) / 2u];
        gain += right@[i] * right@[i];
    }
    // }
    return gain;
}

/// L^-T in place of what `solve` left.
fn back@() {
    // unroll back < SIGNALS@ {
    {
        const i = SIGNALS@ - 1u - back;
        right@[i] *= matrix@[i * (i + 3u) / 2u];
        // unroll k < SIGNALS@
        if k < i { right@[k] -= matrix@[i * (i + 1u) / 2u + k] * right@[i]; }
    }
    // }
}

fn chi2@(x: f32) -> f32 {
    return constant@ - solve@(x);
}

/// chi2 and its first two derivatives in x.
fn slopes@(x: f32) -> vec3<f32> {
    let chi2 = constant@ - solve@(x);
    back@();
    var slope = 0.0;
    var curvature = 0.0;
    var change: array<f32, SIGNALS@>;
    // unroll i < SIGNALS@ {
    change[i] = linear@[3u * i + 1u] + 2.0 * x * linear@[3u * i + 2u];
    slope -= 2.0 * right@[i] * change[i];
    curvature -= 4.0 * right@[i] * linear@[3u * i + 2u];
    // }
    // unroll i < SIGNALS@ {
    // unroll j <= i {
    {
        const at = (i * (i + 1u) / 2u + j) * 5u;
        let first = quadratic@[at + 1u] + x * (2.0 * quadratic@[at + 2u] + x * (3.0 * quadratic@[at + 3u] + x * 4.0 * quadratic@[at + 4u]));
        let second = 2.0 * quadratic@[at + 2u] + x * (6.0 * quadratic@[at + 3u] + x * 12.0 * quadratic@[at + 4u]);
        let product = right@[i] * right@[j] * select(2.0, 1.0, i == j);
        slope += product * first;
        curvature += product * second;
        change[i] -= first * right@[j];
        if i != j { change[j] -= first * right@[i]; }
    }
    // }
    // }
    // unroll i < SIGNALS@ {
    {
        var sum = change[i];
        // unroll k < i
        sum -= matrix@[i * (i + 1u) / 2u + k] * change[k];
        change[i] = sum * matrix@[i * (i + 3u) / 2u];
        curvature -= 2.0 * change[i] * change[i];
    }
    // }
    return vec3<f32>(chi2, slope, curvature);
}

/// The signal of the classes in an energy bin at x.
fn shares@(row: u32, x: f32, energy: u32) -> array<f32, CLASSES@> {
    let first = NUMBERS@ + row * ROW@ + energy;
    var signal: array<f32, CLASSES@>;
    // unroll class < CLASSES@
    signal[class] = max(tables[first + class * ENERGIES@] + x * (tables[first + CHANNELS@ + class * ENERGIES@] + x * tables[first + 2u * CHANNELS@ + class * ENERGIES@]), 0.0);
    return signal;
}

/// A walker's reference goes to the minimum of the form of `from` at a place, or so far that 3/10 of what was expected is
/// left wherever something was counted; the curves are those of the place. Returns the square of the whole way in units of
/// the errors.
fn advance@(toy: u32, from_walker: u32, walker: u32, row: u32, x: f32) -> f32 {
    if GAUSSIAN@ == 1u {
        return 0.0;
    }
    let gain = solve@(x);
    back@();
    var change: array<f32, AT_LEAST_ONE@>;
    for (var energy = 0u; energy < ENERGIES@; energy++) {
        var of_classes = shares@(row, x, energy);
        for (var time = 0u; time < TIMES@; time++) {
            let bin = energy * TIMES@ + time;
            var events = 0.0;
            // unroll class < CLASSES@
            events += of_classes[class] * tables[SHARES@ + class * TIMES@ + time];
            var strength = 0.0;
            // unroll j < SIGNALS@
            strength += right@[j] * tables[RELATIVE@ + bin * SIGNALS@ + j];
            let signal = events * strength;
            scratch[(NEXT@ + bin) * launch.walkers + walker] = signal;
            let weighted = load@(WEIGHTS@ + bin, toy, from_walker) * signal;
            // unroll k < BACKGROUNDS@
            change[k] += column@(k, bin, energy, toy) * weighted;
        }
    }
    // unroll i < BACKGROUNDS@ {
    // unroll k < i
    change[i] -= load@(FACTOR@ + i * (i + 1u) / 2u + k, toy, from_walker) * change[k];
    change[i] *= load@(FACTOR@ + i * (i + 3u) / 2u, toy, from_walker);
    // }
    // unroll i < BACKGROUNDS@
    change[i] = load@(SOLVED@ + i, toy, from_walker) - change[i];
    // unroll back < BACKGROUNDS@ {
    {
        const i = BACKGROUNDS@ - 1u - back;
        change[i] *= load@(FACTOR@ + i * (i + 3u) / 2u, toy, from_walker);
        // unroll k < BACKGROUNDS@
        if k < i { change[k] -= load@(FACTOR@ + i * (i + 1u) / 2u + k, toy, from_walker) * change[i]; }
    }
    // }
    var steepest = LARGEST_FALL;
    var way = 0.0;
    for (var energy = 0u; energy < ENERGIES@; energy++) {
        for (var time = 0u; time < TIMES@; time++) {
            let bin = energy * TIMES@ + time;
            let before = scratch[(REFERENCE@ + bin) * launch.walkers + from_walker];
            var mu = before;
            var rise = scratch[(NEXT@ + bin) * launch.walkers + walker] - before;
            // unroll k < BACKGROUNDS@
            { let column = column@(k, bin, energy, toy); mu += column * background@(k, toy, from_walker); rise += column * change[k]; }
            way += rise * rise * load@(WEIGHTS@ + bin, toy, from_walker);
            if counted@(bin, toy) > 0.0 {
                steepest = max(steepest, -rise / max(mu, 1e-30));
            }
        }
    }
    // A form that serves is not left without its reference.
    let length = select(LARGEST_FALL / steepest, 0.0, way <= ARRIVED);
    for (var bin = 0u; bin < BINS@; bin++) {
        let before = scratch[(REFERENCE@ + bin) * launch.walkers + from_walker];
        let next = scratch[(NEXT@ + bin) * launch.walkers + walker];
        scratch[(REFERENCE@ + bin) * launch.walkers + walker] = before + length * (next - before);
    }
    // unroll k < BACKGROUNDS@
    scratch[(REFERENCE@ + BINS@ + k) * launch.walkers + walker] = background@(k, toy, from_walker) + length * change[k];
    return way;
}
