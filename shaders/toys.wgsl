// The search for the minima of toys (src/statistics/forms/mesh.rs and descent.rs say what is done and why), in four
// passes: each toy's form around the truth, and chi2 of truth and Standard Model; all places of the mesh, row by row; the
// minima that are followed; their descents. A walker is a form on its way: that of the truth, that of the Standard Model,
// those of the descents, [walkers][toys].

struct Launch {
    /// Room for toys, and how many there are.
    toys: u32,
    count: u32,
    /// Room for walkers: WALKERS for each toy.
    walkers: u32,
    number: u32,
}

/// What a launch has done; zero before.
struct Tally {
    places: atomic<u32>,
    toys: atomic<u32>,
    number: u32,
    padding: u32,
}

@group(0) @binding(0) var<storage, read> tables: array<f32>;
@group(1) @binding(0) var<uniform> launch: Launch;
/// What was drawn, in tiles of WORKGROUP toys, each [word][toy].
@group(1) @binding(1) var<storage, read> drawn: array<u32>;
@group(1) @binding(2) var<storage, read_write> scratch: array<f32>;
@group(1) @binding(3) var<storage, read_write> fixed_forms: array<f32>;
/// Minima of the scanned rows, [row][MINIMA][step, chi2][toy]; then seeds, [slot][toy]; then what descents found, [slot][4][toy].
@group(1) @binding(4) var<storage, read_write> notes: array<u32>;
/// [RESULTS][toy], UNWRITTEN before.
@group(1) @binding(5) var<storage, read_write> results: array<u32>;
@group(1) @binding(6) var<storage, read_write> tally: Tally;

const LARGEST_FALL = 0.7;
/// Square of the way to the minimum, in units of the errors, with which a walker has arrived: its form then errs by 3e-5.
const ARRIVED = 1e-3;
/// A neighbouring mass is lower if it is so by this: more than rounding.
const LOWER = 1e-4;
/// So much a minimum may lie lower than where a walker ends.
const NEARLY = 3e-4;
/// Rows apart, and by how much x may change, where a flat valley is followed.
const FAR_LOOKS = 6u;
const FAR = 2.0;
/// How much lower than its form a minimum may turn out to be.
const DOUBT = 1.5;
/// A rise between two minima of a row that rounding may make.
const RIPPLE = 3e-4;
const SAME_VALLEY = 2i;
const REACH = 1.2;
const NOTHING = 0xffffffffu;
/// More than any chi2.
const HUGE = 1e30;
/// What no chi2 is: the toy is for the CPU.
const LEFT = -1.0;

/// The mass of a number among those that are scanned; the last is the truth's own.
fn scanned_row(number: u32) -> u32 {
    return select(number * STRIDE, OWN_ROW, number == SCANNED - 1u);
}

fn drawn_word(word: u32, toy: u32) -> u32 {
    return drawn[(toy / WORKGROUP * DRAWN + word) * WORKGROUP + toy % WORKGROUP];
}

fn place_of_step(step: u32) -> f32 {
    return tables[STEPS_AT + step];
}

fn ln_mass(row: u32) -> f32 {
    return tables[MASSES_AT + row];
}

/// chi2 of the truth or the Standard Model: a walker at a fixed place; LEFT where it does not arrive.
fn rest(toy: u32, from_walker: u32, walker: u32, x: f32) -> f32 {
    var source = from_walker;
    for (var step = 0u; step < MOST_STEPS; step++) {
        curves(toy, source, OWN_ROW);
        let here = chi2_of_all(x);
        if advance(toy, source, walker, OWN_ROW, x) <= ARRIVED {
            return here;
        }
        if !build(toy, walker) {
            return LEFT;
        }
        source = walker;
    }
    return LEFT;
}

@compute @workgroup_size(WORKGROUP)
fn prepare(@builtin(global_invocation_id) id: vec3<u32>) {
    let toy = id.x;
    if toy >= launch.count {
        return;
    }
    start(toy, toy);
    fix(toy);
    let good = build(toy, toy);
    var truth = LEFT;
    var standard = LEFT;
    if good {
        truth = rest(toy, toy, toy, tables[TRUTH_AT]);
        standard = rest(toy, toy, launch.toys + toy, 0.0);
    }
    results[toy] = written(bitcast<u32>(truth));
    results[launch.toys + toy] = written(bitcast<u32>(standard));
}

@compute @workgroup_size(WORKGROUP)
fn scan(@builtin(global_invocation_id) id: vec3<u32>) {
    let toy = id.x;
    let number = id.y;
    if toy >= launch.count {
        return;
    }
    curves(toy, toy, scanned_row(number));
    // The lowest are kept. Beside g = 0 chi2 is flat, and rounding makes minima of its own there: what no rise parts is one.
    var chi2_of: array<f32, MINIMA>;
    var step_of: array<u32, MINIMA>;
    // unroll slot < MINIMA
    chi2_of[slot] = HUGE; step_of[slot] = NOTHING;
    var before = chi2_of_all(place_of_step(0u));
    var here = chi2_of_all(place_of_step(1u));
    var last_chi2 = HUGE;
    var last_step = NOTHING;
    var highest = -HUGE;
    for (var step = 1u; step < STEPS; step++) {
        let is_end = step == STEPS - 1u;
        var after = HUGE;
        if !is_end { after = chi2_of_all(place_of_step(step + 1u)); }
        let is_minimum = !is_end && here <= before && here <= after;
        var chi2 = HUGE;
        if is_minimum {
            let places = vec3<f32>(place_of_step(step - 1u), place_of_step(step), place_of_step(step + 1u));
            chi2 = vertex(places, vec3<f32>(before, here, after)).y;
        }
        if is_minimum && last_step != NOTHING && highest - max(chi2, last_chi2) < RIPPLE {
            if chi2 < last_chi2 { last_chi2 = chi2; last_step = step; }
            highest = here;
        } else if is_minimum || is_end {
            var moving = last_chi2;
            var own = last_step;
            // unroll slot < MINIMA
            if moving < chi2_of[slot] { let other = chi2_of[slot]; let moved = step_of[slot]; chi2_of[slot] = moving; step_of[slot] = own; moving = other; own = moved; }
            last_chi2 = chi2;
            last_step = step;
            highest = here;
        }
        if !is_end { highest = max(highest, after); }
        before = here;
        here = after;
    }
    let note = (number * MINIMA * 2u) * launch.toys + toy;
    // unroll slot < MINIMA
    notes[note + 2u * slot * launch.toys] = step_of[slot]; notes[note + (2u * slot + 1u) * launch.toys] = bitcast<u32>(chi2_of[slot]);
    atomicAdd(&tally.places, STEPS);
}

/// The vertex of the parabola through three points, the middle one the lowest: place and value.
fn vertex(places: vec3<f32>, values: vec3<f32>) -> vec2<f32> {
    let a = places.x - places.y;
    let b = places.z - places.y;
    let fa = values.x - values.y;
    let fb = values.z - values.y;
    let curvature = (fa / a - fb / b) / (a - b);
    let slope = fa / a - curvature * a;
    if !(curvature > 0.0 && curvature < HUGE) {
        return vec2<f32>(places.y, values.y);
    }
    let at = clamp(-0.5 * slope / curvature, a, b);
    return vec2<f32>(places.y + at, values.y + at * (slope + curvature * at));
}

/// Whether a minimum at a neighbouring mass is lower and of the same valley.
fn lower_beside(toy: u32, number: u32, own: u32, chi2: f32) -> bool {
    var is_lower = false;
    for (var around = 0u; around < 2u; around++) {
        if (around == 0u && number == 0u) || (around == 1u && number + 2u >= SCANNED) {
            continue;
        }
        let other = select(number - 1u, number + 1u, around == 1u);
        for (var i = 0u; i < MINIMA; i++) {
            let note = ((other * MINIMA + i) * 2u) * launch.toys + toy;
            let step = notes[note];
            if step != NOTHING {
                let near = abs(i32(step) - i32(own)) <= SAME_VALLEY;
                is_lower = is_lower | (near & (bitcast<f32>(notes[note + launch.toys]) < chi2));
            }
        }
    }
    return is_lower;
}

/// The minima that could be the lowest: ROW_SLOTS of the truth's own row, the others of valleys.
@compute @workgroup_size(WORKGROUP)
fn seeds(@builtin(global_invocation_id) id: vec3<u32>) {
    let toy = id.x;
    if toy >= launch.count {
        return;
    }
    var chi2_of: array<f32, SLOTS>;
    var seed_of: array<u32, SLOTS>;
    // unroll slot < SLOTS
    chi2_of[slot] = HUGE; seed_of[slot] = NOTHING;
    for (var number = 0u; number < SCANNED; number++) {
        let row = scanned_row(number);
        for (var i = 0u; i < MINIMA; i++) {
            let note = ((number * MINIMA + i) * 2u) * launch.toys + toy;
            let step = notes[note];
            if step == NOTHING {
                continue;
            }
            var chi2 = bitcast<f32>(notes[note + launch.toys]);
            let own = row == OWN_ROW;
            if !own && lower_beside(toy, number, step, chi2) {
                continue;
            }
            var seed = row * STEPS + step;
            // The lowest first; what is moved goes down by one.
            // unroll slot < SLOTS
            if (slot < ROW_SLOTS) == own && chi2 < chi2_of[slot] { let other = chi2_of[slot]; let moved = seed_of[slot]; chi2_of[slot] = chi2; seed_of[slot] = seed; chi2 = other; seed = moved; }
        }
    }
    let known = min(bitcast<f32>(results[toy]), bitcast<f32>(results[launch.toys + toy]));
    // unroll slot < SLOTS
    notes[(SEEDS_AT + slot) * launch.toys + toy] = select(NOTHING, seed_of[slot], chi2_of[slot] <= known + DOUBT);
}

/// Whether chi2 falls beside g = 0 by the form of the Standard Model, so far that a minimum there counts.
fn falls(toy: u32, row: u32) -> bool {
    curves(toy, launch.toys + toy, row);
    let at = slopes(0.0);
    return at.y < 0.0 && (at.z <= 0.0 || 0.5 * at.y * at.y / at.z > LOWER);
}

/// What comes back: chi2 of truth and Standard Model, then of the lowest of the plane and of the row chi2, row and x, and
/// ln of the former's mass.
@compute @workgroup_size(WORKGROUP)
fn finish(@builtin(global_invocation_id) id: vec3<u32>) {
    let toy = id.x;
    if toy >= launch.count {
        return;
    }
    let truth = bitcast<f32>(results[toy]);
    let standard = bitcast<f32>(results[launch.toys + toy]);
    var is_left = truth == LEFT || standard == LEFT;
    var plane = HUGE;
    var row_chi2 = HUGE;
    var best = 0u;
    var best_of_row = 0u;
    for (var slot = 0u; slot < SLOTS; slot++) {
        let chi2 = bitcast<f32>(notes[(FOUND_AT + slot * 4u) * launch.toys + toy]);
        is_left = is_left || chi2 == LEFT;
        if chi2 < plane { plane = chi2; best = slot; }
        if slot < ROW_SLOTS && chi2 < row_chi2 { row_chi2 = chi2; best_of_row = slot; }
    }
    // Where nothing is lower than the Standard Model, its own form must agree; else the CPU looks closer.
    if !is_left && min(plane, truth) >= standard {
        for (var row = 0u; row < OWN_ROW; row += FEW) {
            is_left = is_left || falls(toy, row);
        }
    }
    if !is_left && min(row_chi2, truth) >= standard {
        is_left = falls(toy, OWN_ROW);
    }
    let at = (FOUND_AT + best * 4u) * launch.toys + toy;
    let at_row = (FOUND_AT + best_of_row * 4u) * launch.toys + toy;
    results[toy] = written(bitcast<u32>(select(truth, LEFT, is_left)));
    results[2u * launch.toys + toy] = written(bitcast<u32>(plane));
    results[3u * launch.toys + toy] = written(notes[at + launch.toys]);
    // Row 0 is no 0.
    results[4u * launch.toys + toy] = notes[at + 2u * launch.toys] + 1u;
    results[5u * launch.toys + toy] = written(notes[at + 3u * launch.toys]);
    results[6u * launch.toys + toy] = written(bitcast<u32>(row_chi2));
    results[7u * launch.toys + toy] = written(notes[at_row + 3u * launch.toys]);
    atomicAdd(&tally.toys, 1u);
    if toy == 0u {
        tally.number = launch.number;
    }
}
