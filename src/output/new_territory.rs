//! What the data exclude that none of the limits does which they are compared with, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::Level;
use crate::others::new_territory::{Comparison, Patch, Rival, Statement, Territory, published};
use crate::others::recast::KnownLimit;
use crate::others::recast::known::Origin;
use crate::physics::muon_g2::{Deviation, PRESETS};

use super::expected::expected_line;

use super::coverage_use::CoverageUse;

/// The record of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TerritoryRecord {
    /// The model.
    pub model: String,
    /// The datasets.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// `confidence`, `dof`, `delta_chi2` and `minimum` of what the data exclude.
    #[serde(flatten)]
    pub level: Level,
    /// What the band of the muon's magnetic moment explains.
    pub delta_a_mu: Deviation,
    /// Limits that it was compared with; of all others nothing is said.
    pub others: Vec<String>,
    /// What these are, in words.
    pub compared_with: String,
    /// How those that are computed read their measurements, by name.
    pub settings: BTreeMap<String, String>,
    /// Area that the data exclude (decades of mass x decades of coupling).
    pub excluded_decades2: f64,
    /// Area that none of `others` excludes.
    pub new_decades2: f64,
    /// Where that is.
    pub new: Vec<Patch>,
    /// Where our bound is the strongest.
    pub strongest: Vec<Patch>,
    /// Which limit has our bound inside, by masses; none where ours is the strongest.
    pub bounded_by: Vec<Rival>,
    /// What is left of the masses that the paper calls new; none where it does not say.
    pub compared_with_paper: Option<Comparison>,
    /// Share of the band of the muon's magnetic moment that the data leave; none without a band.
    pub muon_left_by_data: Option<f64>,
    /// The same, of the data and all other limits.
    pub muon_left_by_all: Option<f64>,
    /// Where that is.
    pub muon_left: Vec<Patch>,
    /// What the paper says.
    pub paper: Statement,
    /// Critical values that stand in for the level's rise of chi2, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_values: Option<CoverageUse>,
}

impl TerritoryRecord {
    /// The record of a comparison.
    pub fn new(
        (model, data): (&str, &str),
        (level, delta_a_mu): (Level, Deviation),
        others: &[KnownLimit],
        territory: &Territory,
        expected_data: Vec<String>,
    ) -> TerritoryRecord {
        let computed = others.iter().filter(|limit| !limit.setting.is_empty());
        let muon = territory.muon.as_ref();
        TerritoryRecord {
            model: model.to_owned(),
            data: data.to_owned(),
            expected_data,
            level,
            delta_a_mu,
            others: others.iter().map(|limit| limit.name.clone()).collect(),
            compared_with: compared_with(others),
            settings: computed.map(|limit| (limit.name.clone(), limit.setting.clone())).collect(),
            excluded_decades2: territory.ours,
            new_decades2: territory.only_ours,
            new: territory.new.clone(),
            strongest: territory.strongest.clone(),
            compared_with_paper: published(model).strongest.map(|patch| Comparison::new(&patch, &territory.rivals)),
            bounded_by: territory.rivals.clone(),
            muon_left_by_data: muon.map(|muon| muon.left_by_ours),
            muon_left_by_all: muon.map(|muon| muon.left_by_all),
            muon_left: muon.map(|muon| muon.left.clone()).unwrap_or_default(),
            paper: published(model),
            critical_values: None,
        }
    }

    /// The same where critical values from toys stand in for the level's rise of chi2.
    pub fn with_coverage(self, used: CoverageUse) -> TerritoryRecord {
        TerritoryRecord { critical_values: Some(used), ..self }
    }
}

/// A paragraph for each model.
pub fn territory_table(records: &[TerritoryRecord]) -> String {
    let mut text = String::new();
    for record in records {
        let mut line = |name: &str, words: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<13}{words}");
        };
        let level = record.critical_values.as_ref().map_or(record.level.words(), |used| {
            format!("{} with coverage, {}", record.level.words().replace(", 2 dof", ""), used.words())
        });
        line(&record.model, format!("{} at {level}, beside {}", record.data, record.compared_with));
        if !record.expected_data.is_empty() {
            line("", expected_line(&record.expected_data).trim_end().to_owned());
        }
        for (name, setting) in &record.settings {
            line("", format!("{name} {setting}"));
        }
        let share = if record.excluded_decades2 > 0.0 { record.new_decades2 / record.excluded_decades2 } else { 0.0 };
        line(
            "  excluded",
            format!(
                "{:.3} decades x decades, {:.3} of them ({:.0} %) {}",
                record.excluded_decades2,
                record.new_decades2,
                100.0 * share,
                match record.others.is_empty() {
                    true => "beside no other limits".to_owned(),
                    false => format!("by none of the {}", record.compared_with),
                }
            ),
        );
        for patch in &record.strongest {
            line("  strongest", in_words(patch));
        }
        if let Some(patch) = &record.paper.strongest {
            line("", format!("(the paper: {})", in_words(patch)));
        }
        if let Some(comparison) = record.compared_with_paper.as_ref().filter(|_| !record.others.is_empty()) {
            line("", format!("(of these masses {})", compared(comparison)));
        }
        for rival in &record.bounded_by {
            line("  bounded by", rival_in_words(rival));
        }
        let Some((data, all)) = record.muon_left_by_data.zip(record.muon_left_by_all) else {
            line("  muon g-2", "no band: the muon has no charge, or the band is off the plane".to_owned());
            continue;
        };
        line(
            "  muon g-2",
            format!(
                "{:.1} % of the band{} left by COHERENT, {:.1} % by all{}",
                100.0 * data,
                record.delta_a_mu.label(),
                100.0 * all,
                paper(record)
            ),
        );
        for patch in &record.muon_left {
            line("    left", in_words(patch));
        }
    }
    text
}

/// How many limits of which origin, in words.
fn compared_with(others: &[KnownLimit]) -> String {
    let kinds =
        [(Origin::Computed, "computed here"), (Origin::Recast, "recast from darkcast"), (Origin::File, "from files")];
    let count = |origin: Origin| others.iter().filter(|limit| limit.origin == origin).count();
    let parts = kinds.into_iter().map(|(origin, words)| (count(origin), words)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .enumerate()
        .map(|(i, (count, words))| match (i, count) {
            (0, 1) => format!("1 limit {words}"),
            (0, _) => format!("{count} limits {words}"),
            _ => format!("{count} {words}"),
        })
        .collect();
    if parts.is_empty() { "no other limits".to_owned() } else { parts.join(", ") }
}

fn rival_in_words(rival: &Rival) -> String {
    let masses = format!("{:.3e} to {:.3e} MeV", rival.mass_mev.0, rival.mass_mev.1);
    let range = |(low, high): (f64, f64)| match high <= low * 1.005 {
        true => format!("{low:.2e}"),
        false => format!("{low:.2e} to {high:.2e}"),
    };
    match (&rival.limit, rival.theirs) {
        (Some(name), Some(theirs)) => {
            format!("{masses}: {name}, g = {} below ours, {}", range(theirs), range(rival.bound))
        }
        _ => format!("{masses}: none of them, g = {}", range(rival.bound)),
    }
}

fn compared(comparison: &Comparison) -> String {
    let confirmed: Vec<String> =
        comparison.confirmed_mev.iter().map(|(low, high)| format!("{low:.3e} to {high:.3e} MeV")).collect();
    let ours = if confirmed.is_empty() { "none".to_owned() } else { confirmed.join(", ") };
    let taken: Vec<String> =
        comparison.taken_by.iter().map(|(name, (low, high))| format!("{name} {low:.3e} to {high:.3e}")).collect();
    if taken.is_empty() { format!("ours: {ours}") } else { format!("ours: {ours}; others': {}", taken.join(", ")) }
}

/// The paper speaks of the deviation of its time.
fn paper(record: &TerritoryRecord) -> &'static str {
    match record.paper.muon_excluded.filter(|_| record.delta_a_mu == PRESETS[0].deviation) {
        Some(true) => " (the paper: excluded)",
        Some(false) => " (the paper: not excluded)",
        None => "",
    }
}

fn in_words(Patch { mass_mev, coupling }: &Patch) -> String {
    let masses = format!("{:.3e} to {:.3e} MeV", mass_mev.0, mass_mev.1);
    if coupling.0 == coupling.1 {
        return format!("{masses}, g = {:.2e}", coupling.0);
    }
    format!("{masses}, g from {:.2e} to {:.2e}", coupling.0, coupling.1)
}
