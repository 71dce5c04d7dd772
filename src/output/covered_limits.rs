//! Bounds with coverage beside those of Wilks' theorem.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::Bound;

use super::bound_record::BoundRecord;
use super::coverage_use::CoverageUse;

/// Bounds by critical values from toys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CoveredRecord {
    /// At 0.1 MeV, in g; its `level` is chi2 at the bound, of which there is another one at each coupling.
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

impl CoveredRecord {
    /// Of bounds beside those of Wilks' theorem; `critical_at` is the critical value at a mass (MeV) and a coupling.
    pub(super) fn new(
        wilks: [&BoundRecord; 2],
        own: [BoundRecord; 2],
        bounds: [&Bound; 2],
        critical_at: impl Fn(f64, f64) -> f64,
        critical_values: CoverageUse,
    ) -> CoveredRecord {
        let [mut low, mut high] = own;
        let critical = [(&low, bounds[0]), (&high, bounds[1])].map(|(record, bound)| {
            let coupling = record.value().map(|value| value * record.unit_coupling(bound));
            coupling.map(|coupling| critical_at(bound.mass_mev, coupling))
        });
        for (record, critical) in [&mut low, &mut high].into_iter().zip(critical) {
            record.level += critical.unwrap_or(0.0);
        }
        let shift = |ours: &BoundRecord, wilks: &BoundRecord| {
            ours.value().zip(wilks.value()).map(|(ours, wilks)| 100.0 * (ours / wilks).ln())
        };
        let shift_percent = [shift(&low, wilks[0]), shift(&high, wilks[1])];
        CoveredRecord { low, high, critical, shift_percent, critical_values }
    }
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
