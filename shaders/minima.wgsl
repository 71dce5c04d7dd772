// The lowest of several minima a point. A signal that is deformed may have one on either side of each parabola, and a strong
// one where its norm scales it away beside those where what deforms it weakens it. Along a strip the lowest and the next one
// are both followed; where the signal has changed since others were sought, and at the strip's ends, they are sought anew.
// Where that finds a lower one, or the followed one is lost, it may have been the lowest before: the points since the last
// search are left to f64. The CPU's twins are src/statistics/newton.rs and src/statistics/row/newton/minima.rs.
//
// All that an invocation does is turns of one loop, each a pass over the bins: invocations need unlike numbers of steps, and
// would wait for each other at the end of each search.

/// Relative change of the signal, or of a channel's share in it, after which other minima are sought anew.
const LARGEST_CHANGE = 0.05;
/// Minima nearer than this in chi2, relative to a hundredth of it above 100, are one.
const SAME_CHI2 = 1e-4;
/// Where a rise of chi2 stands for none.
const HIGHEST = 1e38;
/// Where a search starts on either side of a deformation, in its units.
const START = 2.0;
/// Deformations nearer to those of a minimum than this, in their units, and norms, relative, are as there.
const NEAR = 0.1;
/// Deformations that differ by more than this from the point before are those of another minimum.
const FAR = 0.25;
/// How far a strong signal is weakened for a start; one of which more is left than this part is as good as whole.
const FURTHEST = 3.0;
const WEAK = 0.5;
/// Most steps of a search: more where a start leads nowhere would cost the strip its passes.
const MOST_STEPS = 20u;
/// A step without the curvature of mu goes on where the slope at its end still has this part of the fall at its beginning.
const GOES_ON = 0.5;

/// What a turn leaves a search at: under way, at a minimum, where there is none or none but the lowest, at a loss.
const UNDER_WAY = 0u;
const FOUND = 1u;
const NOTHING = 2u;
const LOST = 3u;

/// The lowest minimum of the point before, and of the one before that; how many of the two there are.
var<private> last: array<f32, PARAMETERS>;
var<private> before: array<f32, PARAMETERS>;
var<private> known: u32;
/// The lowest minimum of the point, and its rise of chi2.
var<private> lowest: array<f32, PARAMETERS>;
var<private> lowest_rise: f32;
/// Whether it is another than the one that was followed; and whether it may have been the lowest before.
var<private> is_other: bool;
var<private> is_unknown: bool;
/// The lowest rise at which a search was given up.
var<private> lost_rise: f32;
/// The next one, and whether it is known.
var<private> next: array<f32, PARAMETERS>;
var<private> next_rise: f32;
var<private> has_next: bool;
/// That of the point before.
var<private> followed: array<f32, PARAMETERS>;
var<private> has_followed: bool;
/// The signal where other minima were sought last: its total, and each channel over it or over 1.
var<private> marked_total: f32;
var<private> marked: array<f32, CHANNELS>;

/// The last step, the slope of half of chi2 along it where it began, and how much of it was taken: 0 before the first.
var<private> step: array<f32, UNKNOWNS>;
var<private> fall: f32;
var<private> taken: f32;
/// Whether it had the curvature of mu.
var<private> is_bent: bool;
/// Steps of the search.
var<private> steps: u32;

/// Walks the couplings from `first` up to `end`.
fn walk(row: u32, first: u32, end: u32) {
    passes = 0u;
    known = 0u;
    has_next = false;
    var coupling = first;
    // Where others were sought last.
    var sought = first;
    var is_placed = false;
    var t = 0.0;
    var inverse_unit = 0.0;
    var search = 0u;
    var searches = 0u;
    for (var turns = 0u; turns < MAX_PASSES && coupling < end; turns++) {
        if !is_placed {
            t = strength(coupling, row);
            let total = total_events(row, t);
            if !is_held_by_f32(total) {
                store(row, coupling, false, 0.0);
                coupling++;
                continue;
            }
            inverse_unit = 1.0 / max(total, 1.0);
            searches = select(2u, SEARCHES, begin_point(row, t, inverse_unit) || coupling + 1u == end);
            search = 0u;
            is_placed = true;
        }
        var rise = 0.0;
        let outcome = turn(row, t, inverse_unit, search > 0u, &rise);
        if outcome == UNDER_WAY {
            continue;
        }
        compare(outcome, search, rise);
        if search == 0u && (outcome != FOUND || has_left()) {
            searches = SEARCHES;
            is_unknown = true;
        }
        var starts = false;
        for (var other = search + 1u; other < searches; other++) {
            if !starts && start_search(other, row, t, inverse_unit) {
                search = other;
                starts = true;
            }
        }
        if starts {
            begin_search();
            continue;
        }
        // A search that was given up where chi2 is larger is of no account.
        let reached = lowest_rise < min(lost_rise, HIGHEST);
        store(row, coupling, reached, lowest_rise);
        end_point(reached);
        if searches == SEARCHES {
            for (var between = sought + 1u; between < coupling; between++) {
                if is_unknown { store(row, between, false, 0.0); }
            }
            sought = coupling;
        }
        coupling++;
        is_placed = false;
    }
    // What has no search on its far side, because the passes did not last, is for f64 as well.
    for (var rest = min(coupling, sought + 1u); rest < end; rest++) {
        store(row, rest, false, 0.0);
    }
}

/// Goes where the lowest minimum of a point is expected; says whether others are to be sought.
fn begin_point(row: u32, t: f32, inverse_unit: f32) -> bool {
    let is_new = marks(row, t, inverse_unit, known == 0u);
    if known == 0u {
        start_cold(inverse_unit);
    } else {
        values = last;
    }
    if known > 1u {
        // Neighbours on a logarithmic axis: the minima go on as they came.
        // unroll k < PARAMETERS
        values[k] += last[k] - before[k];
    }
    followed = next;
    has_followed = has_next;
    has_next = false;
    is_other = false;
    is_unknown = false;
    lowest_rise = HIGHEST;
    lost_rise = HIGHEST;
    begin_search();
    return is_new;
}

fn end_point(reached: bool) {
    before = last;
    last = lowest;
    // Nothing goes on from the minima before where these are others.
    known = select(0u, select(min(known + 1u, 2u), 1u, is_other), reached);
}

/// Takes what a search came to.
fn compare(outcome: u32, search: u32, rise: f32) {
    let same = SAME_CHI2 * max(0.01 * min(lowest_rise, rise), 1.0);
    if outcome == LOST {
        lost_rise = min(lost_rise, rise);
    } else if outcome == FOUND && rise < lowest_rise - same {
        is_other = lowest_rise < HIGHEST;
        is_unknown = is_unknown || search > 1u;
        if is_other {
            next = lowest;
            next_rise = lowest_rise;
            has_next = true;
        }
        lowest = values;
        lowest_rise = rise;
    } else if outcome == FOUND && rise > lowest_rise + same && (!has_next || rise < next_rise - same) {
        next = values;
        next_rise = rise;
        has_next = true;
    }
}

fn begin_search() {
    steps = 0u;
    step = array<f32, UNKNOWNS>();
    taken = 0.0;
    fall = 0.0;
    is_bent = true;
}

/// One pass over the bins and the Newton step that it asks for, of a minimisation as in neighbour.wgsl; `rise` is that of chi2
/// where the pass was made, at a minimum that there.
fn turn(row: u32, t: f32, inverse_unit: f32, is_search: bool, rise: ptr<function, f32>) -> u32 {
    var downhill: array<f32, UNKNOWNS>;
    var matrix: array<f32, MATRIX>;
    var bends: array<f32, BENDS>;
    var scale: array<f32, UNKNOWNS>;
    steps++;
    let good = slopes(row, t, inverse_unit, &downhill, &matrix, &bends, rise);
    if !good && taken == 0.0 {
        if steps > 1u || is_search {
            return NOTHING;
        }
        start_cold(inverse_unit);
        return UNDER_WAY;
    }
    if steps > MOST_STEPS {
        return LOST;
    }
    var climb = 0.0;
    // unroll k < PARAMETERS
    climb -= downhill[k] * step[k];
    if !good || climb > STEEPEST_END * fall {
        let kept = select(BACK, fall / (fall + climb), good);
        // unroll k < PARAMETERS
        values[k] -= (1.0 - kept) * taken * step[k];
        taken *= kept;
        return UNDER_WAY;
    }
    if !is_bent && climb < -GOES_ON * fall {
        // Near saddles steps without the curvature of mu are far too short.
        // unroll k < PARAMETERS
        values[k] += taken * step[k];
        taken *= 2.0;
        return UNDER_WAY;
    }
    if lowest_rise < HIGHEST && is_at_lowest() {
        return NOTHING;
    }
    let straight = matrix;
    // unroll own < DEFORMATIONS
    add_bend(own, &matrix, &bends);
    is_bent = factor(&matrix, &scale);
    if !is_bent {
        matrix = straight;
        if !factor(&matrix, &scale) {
            return LOST;
        }
    }
    var newton = downhill;
    substitute(&matrix, &scale, &newton);
    step = newton;
    fall = 0.0;
    // unroll k < PARAMETERS
    fall += downhill[k] * step[k];
    taken = 1.0;
    // unroll k < PARAMETERS
    values[k] += step[k];
    if fall > ACCURACY {
        return UNDER_WAY;
    }
    // Half of the fall is gained in half of chi2.
    *rise -= fall;
    return select(LOST, FOUND, is_bent && !is_too_deep);
}

/// Whether the signal is another than the one that is marked, or none is; marks it then.
fn marks(row: u32, t: f32, inverse_unit: f32, is_first: bool) -> bool {
    let total = total_events(row, t);
    // A signal far above what was counted is scaled down, and the slope of the norm's prior there is all that its total
    // changes: 2/sigma^2 for each event of it.
    let inverse_sigma = fit.priors[0].inverse_sigma;
    let slope = min(max(fit.counted, 1.0) * inverse_sigma * inverse_sigma / max(total, 1e-30), 1.0);
    var changed = is_first || abs(total - marked_total) * slope > LARGEST_CHANGE * max(max(total, marked_total), 1.0);
    var shares: array<f32, CHANNELS>;
    for (var channel = 0u; channel < CHANNELS; channel++) {
        shares[channel] = count(channel, row, t) * inverse_unit;
        let least = max(marked[channel], 1.0 / f32(CHANNELS));
        changed = changed | (abs(shares[channel] - marked[channel]) > LARGEST_CHANGE * least);
    }
    if changed {
        marked_total = total;
        marked = shares;
    }
    return changed;
}

/// Goes where a search for another minimum than the lowest starts; `false` where there is nothing to seek.
fn start_search(search: u32, row: u32, t: f32, inverse_unit: f32) -> bool {
    let is_strong = total_events(row, t) > max(fit.counted, 1.0);
    if search == 1u {
        values = followed;
        return has_followed;
    }
    if search == 2u {
        start_cold(inverse_unit);
        return known > 0u && (is_strong || lowest_rise == HIGHEST);
    }
    if search == 3u {
        return is_strong && start_weakened(row, t, inverse_unit);
    }
    if lowest_rise < HIGHEST {
        values = lowest;
    } else {
        start_cold(inverse_unit);
    }
    // unroll own < DEFORMATIONS {
    if search / 2u == 2u + own {
        let events = events_left(row, t);
        values[SIGNALS + own] = select(-START, START, search % 2u == 1u);
        let then = events_left(row, t);
        if then > 0.0 {
            // As much of the signal is left.
            // unroll k < SIGNALS
            values[k] *= events / then;
        }
    }
    // }
    return true;
}

/// Goes where what deforms a signal leaves least of it, and its norm as much as was counted; `false` where that is as good as
/// whole.
fn start_weakened(row: u32, t: f32, inverse_unit: f32) -> bool {
    start_cold(inverse_unit);
    // unroll own < DEFORMATIONS {
    {
        let first = total_change(1u + 2u * own, row, t);
        let second = total_change(2u + 2u * own, row, t);
        let vertex = select(0.0, clamp(-0.5 * first / second, -FURTHEST, FURTHEST), second > 0.0);
        let end = select(FURTHEST, -FURTHEST, first > 0.0);
        values[SIGNALS + own] = select(end, vertex, second > 0.0);
    }
    // }
    let total = total_events(row, t);
    let left = events_left(row, t);
    if left > WEAK * total {
        return false;
    }
    values[0] = min(1.0 / inverse_unit, select(values[0], max(fit.counted, 1.0) * total / left, left > 0.0));
    return true;
}

/// Events of the signal as `values` deform it.
fn events_left(row: u32, t: f32) -> f32 {
    var events = total_events(row, t);
    // unroll own < DEFORMATIONS {
    {
        let value = values[SIGNALS + own];
        events += value * (total_change(1u + 2u * own, row, t) + value * total_change(2u + 2u * own, row, t));
    }
    // }
    return events;
}

/// Whether the minimum that was found is another than that of the point before.
fn has_left() -> bool {
    var has_left = false;
    // unroll own < DEFORMATIONS
    has_left = has_left | (abs(values[SIGNALS + own] - last[SIGNALS + own]) > FAR);
    return has_left & (known > 0u);
}

/// Whether the values are so near those of the lowest minimum that steps end there.
fn is_at_lowest() -> bool {
    var near = abs(values[0] - lowest[0]) <= NEAR * lowest[0];
    // unroll own < DEFORMATIONS
    near = near & (abs(values[SIGNALS + own] - lowest[SIGNALS + own]) <= NEAR);
    return near;
}
