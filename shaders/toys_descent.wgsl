// From where a row or a valley has a minimum down to it (descent.rs of src/statistics/forms says what is done and why).

/// The lowest place of a row within reach, and chi2 there.
fn lowest_of_row(from_x: f32, reach: f32) -> vec2<f32> {
    var x = from_x;
    var low = x / reach;
    var high = x * reach;
    for (var step = 0u; step < STEPS_OF_ROW; step++) {
        let at = slopes(x);
        if at.y < 0.0 { low = x; } else { high = x; }
        let newton = x - at.y / at.z;
        x = select(0.5 * (low + high), newton, at.z > 0.0 && newton >= low && newton <= high);
    }
    // What is left of the way is that of a parabola.
    let at = slopes(x);
    let rest = at.y / at.z;
    let is_near = at.z > 0.0 && x - rest >= low && x - rest <= high;
    return vec2<f32>(x, at.x - select(0.0, 0.5 * at.y * rest, is_near));
}

fn beside(row: u32, around: u32) -> u32 {
    if around == 0u {
        return select(row - 1u, 0u, row == 0u);
    }
    if around == 2u && row + 1u < OWN_ROW {
        return row + 1u;
    }
    return row;
}

/// A place of a row, and chi2 there.
struct Lowest {
    row: u32,
    place: vec2<f32>,
}

/// A lower place along a valley so flat that from row to row chi2 falls by less than rounding; or that from which it is
/// sought.
fn lower_far_away(toy: u32, source: u32, row: u32, here: vec2<f32>) -> Lowest {
    var lowest = Lowest(row, here);
    for (var look = 0u; look < FAR_LOOKS; look++) {
        // 4, 16 and 64 rows down and up.
        let stride = 4u << (look / 2u * 2u);
        let is_up = (look & 1u) == 1u;
        if select(row >= stride, row + stride < OWN_ROW, is_up) {
            let other = select(row - stride, row + stride, is_up);
            curves(toy, source, other);
            let found = lowest_of_row(here.x, FAR);
            if found.y < lowest.place.y - LOWER { lowest = Lowest(other, found); }
        }
    }
    return lowest;
}

@compute @workgroup_size(WORKGROUP)
fn descend(@builtin(global_invocation_id) id: vec3<u32>) {
    let toy = id.x;
    let slot = id.y;
    if toy >= launch.count {
        return;
    }
    let walker = (2u + slot) * launch.toys + toy;
    let seed = notes[(SEEDS_AT + slot) * launch.toys + toy];
    // Where it landed.
    var chi2 = HUGE;
    var mass = 0.0;
    var landed = Lowest(0u, vec2<f32>(1.0, HUGE));
    if seed != NOTHING {
        var row = seed / STEPS;
        let step = seed % STEPS;
        var x = place_of_step(step);
        let reach = pow(max(x / place_of_step(step - 1u), place_of_step(step + 1u) / x), REACH);
        let along_valley = slot >= ROW_SLOTS;
        var source = toy;
        var good = true;
        var is_done = false;
        // Turns since it went far away, where the forms of the first two err.
        var since = 0u;
        var latest = HUGE;
        for (var turn = 0u; turn < MOST_STEPS && !is_done && good; turn++) {
            var found: array<vec2<f32>, 3>;
            for (var around = 0u; around < 3u; around++) {
                if along_valley || around == 1u {
                    curves(toy, source, beside(row, around));
                    found[around] = lowest_of_row(x, reach);
                }
            }
            var to = 1u;
            if along_valley {
                if found[0].y < found[1].y - LOWER { to = 0u; }
                if found[2].y < min(found[0].y, found[1].y) - LOWER { to = 2u; }
            }
            let here = select(select(found[1], found[0], to == 0u), found[2], to == 2u);
            latest = here.y;
            x = here.x;
            row = beside(row, to);
            curves(toy, source, row);
            let way = advance(toy, source, walker, row, x);
            since += select(0u, 1u, since > 0u);
            if since > 3u && here.y > chi2 - LOWER {
                is_done = true;
            } else if to == 1u && way <= ARRIVED {
                var floor = vec2<f32>(ln_mass(row), here.y);
                var place = here;
                if along_valley && row > 0u && row + 1u < OWN_ROW {
                    floor = vertex(vec3<f32>(ln_mass(row - 1u), floor.x, ln_mass(row + 1u)), vec3<f32>(found[0].y, here.y, found[2].y));
                    // Along the valley x is straight from mass to mass, both as logarithms.
                    let other = select(0u, 2u, floor.x > ln_mass(row));
                    let share = (floor.x - ln_mass(row)) / (ln_mass(beside(row, other)) - ln_mass(row));
                    place.x = here.x * pow(found[other].x / here.x, share);
                }
                is_done = true;
                if floor.y < chi2 - LOWER {
                    chi2 = floor.y;
                    mass = floor.x;
                    landed = Lowest(row, place);
                    // A form errs far away: what it promises is looked at, and left again if it does not hold.
                    if along_valley {
                        let farther = lower_far_away(toy, source, row, here);
                        is_done = farther.row == row;
                        since = 1u;
                        row = farther.row;
                        x = farther.place.x;
                    }
                }
            }
            if !is_done {
                good = build(toy, walker);
                source = walker;
            }
        }
        // What it was still after is less than what counts.
        let is_near = chi2 < HUGE && latest > chi2 - NEARLY;
        if !is_done && !is_near { chi2 = LEFT; }
    }
    let at = (FOUND_AT + slot * 4u) * launch.toys + toy;
    notes[at] = bitcast<u32>(chi2);
    notes[at + launch.toys] = bitcast<u32>(mass);
    notes[at + 2u * launch.toys] = landed.row;
    notes[at + 3u * launch.toys] = bitcast<u32>(landed.place.x);
}
