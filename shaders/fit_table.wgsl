// What the fit's shader reads of an expectation and an observation (src/statistics/gpu/table.rs writes it). PARAMETERS =
// SIGNALS of the signal, then BACKGROUNDS; ENERGY_BINS, TIME_BINS, CLASSES, CHANNELS, ENTRY, SCALES, TABLE and MAX_STEPS
// are written by src/statistics/gpu/shader.rs for the fit at hand.
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

/// An entry, one for each bin `[energy_bins][time_bins]`, is ENTRY vectors: first what the statistic wants
/// (poisson.wgsl, gaussian.wgsl), then the share of each class in this time bin, the signal's part of mu_ref, the
/// signal's columns relative to the signal, the backgrounds' columns.
struct Fit {
    /// Signal events at the reference fit.
    start_events: f32,
    padding_0: f32,
    padding_1: f32,
    padding_2: f32,
    priors: array<Prior, PARAMETERS>,
    /// By what the counts on the device are multiplied.
    scales: array<vec4<f32>, SCALES>,
    entries: array<vec4<f32>, TABLE>,
}

/// Number `index` of the entry at `at`, after what the statistic wants.
fn number(at: u32, index: u32) -> f32 {
    return fit.entries[at + 1u + index / 4u][index % 4u];
}
