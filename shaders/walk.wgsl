// The couplings of a strip one after the other.

/// Walks the couplings from `first` up to `end`.
fn walk(row: u32, first: u32, end: u32) {
    begin();
    for (var coupling = first; coupling < end; coupling++) {
        let t = strength(coupling, row);
        let total = total_events(row, t);
        var rise = 0.0;
        let reached = is_held_by_f32(total) && minimum(row, t, 1.0 / max(total, 1.0), &rise);
        store(row, coupling, reached, rise);
    }
}
