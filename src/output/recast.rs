//! Limits of other experiments on the coupling of a model.

use std::fmt::Write as _;

use serde::Serialize;

use crate::others::recast::{Exclusion, Limit, Outcome};

/// A recast limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecastRecord {
    /// The model.
    pub model: String,
    /// Name of the limit.
    pub limit: String,
    /// The experiment.
    pub label: String,
    /// Where the limit was published.
    pub reference: String,
    /// Pieces of neighbouring masses at which something is excluded.
    pub curve: Vec<Vec<RecastPoint>>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// What is excluded at one mass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecastPoint {
    /// Mass (GeV).
    pub mass_gev: f64,
    /// The smallest excluded coupling.
    pub lower: f64,
    /// The largest; none where there is no end.
    pub upper: Option<f64>,
}

impl RecastRecord {
    /// The record of a limit on the coupling of `model`.
    pub fn new(model: &str, limit: &Limit, outcome: Outcome) -> RecastRecord {
        let point = |(mass_gev, Exclusion { lower, upper }): (f64, Exclusion)| RecastPoint { mass_gev, lower, upper };
        let (curve, reason) = match outcome {
            Outcome::Excluded(curve) => {
                (curve.pieces().map(|piece| piece.into_iter().map(point).collect()).collect(), None)
            }
            Outcome::Nothing(reason) => (Vec::new(), Some(reason)),
        };
        RecastRecord {
            model: model.to_owned(),
            limit: limit.name.clone(),
            label: limit.label.clone(),
            reference: limit.reference.clone(),
            curve,
            reason,
        }
    }

    /// All points, by increasing mass.
    pub fn points(&self) -> impl Iterator<Item = &RecastPoint> {
        self.curve.iter().flatten()
    }
}

/// A line for each limit: masses, and where it is strongest; or why there is no curve.
pub fn recast_table(records: &[RecastRecord]) -> String {
    let mut text = format!("{:<30}{:>6}   {:<21}   strongest\n", "limit", "points", "masses [GeV]");
    for record in records {
        let strongest = record.points().min_by(|a, b| a.lower.total_cmp(&b.lower));
        // Writing to a String cannot fail.
        let _ = match (strongest, record.points().next(), record.points().last()) {
            (Some(strongest), Some(first), Some(last)) => writeln!(
                text,
                "{:<30}{:>6}   {:<21}   g = {:.3e} at {:.3e} GeV",
                record.limit,
                record.points().count(),
                format!("{:.3e}:{:.3e}", first.mass_gev, last.mass_gev),
                strongest.lower,
                strongest.mass_gev
            ),
            _ => writeln!(text, "{:<30}{:>6}   {}", record.limit, "-", record.reason.as_deref().unwrap_or("no points")),
        };
    }
    text
}

/// Rows `limit,mass_gev,lower,upper`, of the masses at which something is excluded; `upper` is empty where all couplings
/// above `lower` are.
pub fn recast_csv(records: &[RecastRecord]) -> String {
    let mut text = String::from("limit,mass_gev,lower,upper\n");
    for record in records {
        for RecastPoint { mass_gev, lower, upper } in record.points() {
            let upper = upper.map_or(String::new(), |upper| format!("{upper:e}"));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{},{mass_gev:e},{lower:e},{upper}", record.limit);
        }
    }
    text
}

/// The form in which limits are read: columns mass (GeV), lower, and upper where there is one. Between pieces stands a row
/// with the coupling 1e5, which means no limit.
pub fn recast_lmt(record: &RecastRecord) -> String {
    let two_sided = record.points().any(|point| point.upper.is_some());
    let mut text = format!("# mass lower{}\n", if two_sided { " upper" } else { "" });
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# {} for {}: {}", record.limit, record.model, record.reference);
    let mut before: Option<f64> = None;
    for piece in &record.curve {
        if let (Some(left), Some(right)) = (before, piece.first()) {
            let gap = 0.5 * (left + right.mass_gev);
            let _ = writeln!(text, "{gap:e} 1e5{}", if two_sided { " 1e5" } else { "" });
        }
        for RecastPoint { mass_gev, lower, upper } in piece {
            let upper = upper.map_or(String::new(), |upper| format!(" {upper:e}"));
            let _ = writeln!(text, "{mass_gev:e} {lower:e}{upper}");
        }
        before = piece.last().map(|point| point.mass_gev);
    }
    text
}
