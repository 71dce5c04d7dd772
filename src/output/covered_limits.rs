//! Bounds with coverage beside those of Wilks' theorem.

use std::fmt::Write as _;

use serde::Serialize;

use super::bound_record::BoundRecord;
use super::coverage_use::CoverageUse;

/// Bounds by critical values from toys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CoveredRecord {
    /// At 0.1 MeV, in g; its `level` is chi2 of the best fit, from which q counts.
    pub low: BoundRecord,
    /// At 100 GeV, in g/M.
    pub high: BoundRecord,
    /// Critical values at these bounds; `null` where there is no bound.
    pub critical: [Option<f64>; 2],
    /// 100 ln(with coverage/Wilks); `null` where there is no bound.
    pub shift_percent: [Option<f64>; 2],
    /// Where the critical values are from.
    pub critical_values: CoverageUse,
}

/// Lines below the table of bounds.
pub(super) fn covered_lines(model: &str, data: &str, covered: &CoveredRecord) -> String {
    let mut text = String::new();
    let bounds = [("low", "g", &covered.low), ("high", "g/M [1/GeV]", &covered.high)];
    for (i, (name, quantity, bound)) in bounds.into_iter().enumerate() {
        let words = match (bound.value(), &bound.reason) {
            (Some(value), _) => {
                let shift = covered.shift_percent[i].map_or(String::new(), |shift| format!(", {shift:+.1} %"));
                let critical = covered.critical[i].unwrap_or(f64::NAN);
                format!("{quantity} {value:.3e} (critical value {critical:.3}{shift} against Wilks)")
            }
            (None, reason) => format!("no bound, {}", reason.as_deref().unwrap_or_default()),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{model} {data} {name} mass with coverage: {words}");
    }
    text
}
