//! Numbers in CSV.

/// All digits; empty where it is not finite.
pub(super) fn number(value: f64) -> String {
    let is_short = value == 0.0 || (1e-4..1e7).contains(&value.abs());
    match value.is_finite() {
        true if is_short => value.to_string(),
        true => format!("{value:e}"),
        false => String::new(),
    }
}
