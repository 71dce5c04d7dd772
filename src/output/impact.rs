//! The ranking of nuisance parameters, and the goodness of fit, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::analysis::impact::{Impact, Impacts};
use crate::analysis::limits::Level;
use crate::base::grid::number_text;
use crate::rates::Point;
use crate::statistics::chi2_tail;

use super::digits::number;
use super::expected::{expected_column, expected_data, expected_line};

/// Parameters of the plane that the best fit has: mass and coupling.
const PLANE: usize = 2;

/// `impact --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ImpactRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the datasets joined by `+`.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// `confidence`, `dof`, `delta_chi2`, and `minimum`.
    #[serde(flatten)]
    pub level: Level,
    /// The mass (MeV).
    pub mass_mev: f64,
    /// The bound; `null` where there is none.
    pub coupling: Option<f64>,
    /// The parameters, those first that move the bound most.
    pub ranking: Vec<RankedRecord>,
    /// How well the best fit describes the data.
    pub goodness_of_fit: GoodnessRecord,
}

/// A nuisance parameter in the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedRecord {
    /// The datasets that it is of.
    pub datasets: Vec<String>,
    /// Key of its pull.
    pub name: String,
    /// eta/sigma at the best fit.
    pub pull: f64,
    /// The bound with the parameter held at its best fit; `null` where there is none.
    pub coupling_held: Option<f64>,
    /// The same with the parameter one standard deviation of its prior below.
    pub coupling_down: Option<f64>,
    /// The same above.
    pub coupling_up: Option<f64>,
    /// Change of the bound in percent by fixing the parameter one standard deviation below; `null` where there is none.
    pub shift_down_percent: Option<f64>,
    /// The same above.
    pub shift_up_percent: Option<f64>,
}

/// chi2 at the best fit of the plane.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GoodnessRecord {
    /// Mass of the best fit (MeV).
    pub mass_mev: f64,
    /// Its coupling.
    pub coupling: f64,
    /// chi2 of all data.
    pub chi2: f64,
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Bins of all data.
    pub bins: usize,
    /// Bins less mass and coupling; each nuisance parameter has a prior of its own.
    pub dof: usize,
    /// Share of a chi2 distribution of so many degrees above: where bins are full, the p-value.
    pub p_asymptotic: f64,
    /// The same of each dataset alone in that fit.
    pub datasets: Vec<DatasetGoodness>,
}

/// One dataset at the best fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DatasetGoodness {
    /// Name of the dataset.
    pub name: String,
    /// chi2 of this dataset alone there.
    pub chi2: f64,
    /// Its bins.
    pub bins: usize,
}

impl ImpactRecord {
    /// The record of what was found.
    pub fn new(analysis: &Analysis, impacts: &Impacts, level: Level) -> ImpactRecord {
        let best = impacts.best_fit;
        let name = |index: usize| analysis.predictions[index].experiment.dataset.name.clone();
        let percent = |moved: Option<f64>| Some(100.0 * (moved? / impacts.bound? - 1.0));
        let ranked = |impact: &Impact| RankedRecord {
            datasets: impact.nuisance.datasets.iter().map(|index| name(*index)).collect(),
            name: impact.nuisance.name.clone(),
            pull: impact.pull,
            coupling_held: impact.held,
            coupling_down: impact.down,
            coupling_up: impact.up,
            shift_down_percent: percent(impact.down),
            shift_up_percent: percent(impact.up),
        };
        let fit = analysis.fit(Point { mass_mev: best.mass_mev, coupling: best.coupling });
        let standard = analysis.fit(Point { mass_mev: best.mass_mev, coupling: 0.0 });
        let bins: usize = analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.bins()).sum();
        let dof = bins.saturating_sub(PLANE);
        let datasets = analysis.predictions.iter().zip(&fit.datasets).map(|(prediction, fit)| DatasetGoodness {
            name: prediction.experiment.dataset.name.clone(),
            chi2: fit.alone.chi2,
            bins: prediction.experiment.dataset.bins(),
        });
        ImpactRecord {
            model: analysis.model.name.clone(),
            data: analysis.data_name(),
            expected_data: expected_data(analysis.experiments()),
            level,
            mass_mev: impacts.mass_mev,
            coupling: impacts.bound,
            ranking: impacts.ranking.iter().map(ranked).collect(),
            goodness_of_fit: GoodnessRecord {
                mass_mev: best.mass_mev,
                coupling: best.coupling,
                chi2: best.chi2,
                chi2_sm: standard.total.chi2,
                bins,
                dof,
                p_asymptotic: u32::try_from(dof).map_or(f64::NAN, |dof| chi2_tail(best.chi2, dof)),
                datasets: datasets.collect(),
            },
        }
    }
}

/// The ranking for people, and below it how good the fit is.
pub fn impact_table(record: &ImpactRecord) -> String {
    let (mass, words) = (number_text(record.mass_mev), record.level.words());
    let expected = expected_line(&record.expected_data);
    let coupling = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4e}"));
    let mut text = format!("{} on {}  mass {mass} MeV  {words}\n{expected}", record.model, record.data);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "bound g {}\n", coupling(record.coupling));
    let names: Vec<String> =
        record.ranking.iter().map(|ranked| format!("{} {}", ranked.datasets.join("+"), ranked.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(20) + 2;
    let _ = writeln!(
        text,
        "{:<width$}{:>8}{:>13}{:>13}{:>11}{:>11}",
        "nuisance parameter", "pull", "-1 sigma", "+1 sigma", "shift -", "shift +"
    );
    for (name, ranked) in names.iter().zip(&record.ranking) {
        let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:+.2} %", value + 0.0));
        let (down, up) = (coupling(ranked.coupling_down), coupling(ranked.coupling_up));
        let (less, more) = (percent(ranked.shift_down_percent), percent(ranked.shift_up_percent));
        let _ = writeln!(text, "{name:<width$}{:>+8.3}{down:>13}{up:>13}{less:>11}{more:>11}", ranked.pull);
    }
    let GoodnessRecord { chi2, chi2_sm, bins, dof, p_asymptotic, datasets, mass_mev, coupling } =
        &record.goodness_of_fit;
    let (mass, coupling) = (format!("{mass_mev:.4e}"), format!("{coupling:.4e}"));
    let _ = writeln!(text, "\nbest fit at mass {mass} MeV and coupling {coupling}: chi2 {chi2:.2} in {bins} bins");
    let _ = writeln!(text, "{:<width$}{:>8.2}", "Standard Model: chi2", chi2_sm);
    for dataset in datasets.iter().filter(|_| datasets.len() > 1) {
        let _ = writeln!(
            text,
            "{:<width$}{:>8.2} in {} bins",
            format!("{} alone: chi2", dataset.name),
            dataset.chi2,
            dataset.bins
        );
    }
    if *dof == 0 {
        return text + "goodness of fit: none, as there is no degree of freedom\n";
    }
    let _ = writeln!(
        text,
        "goodness of fit: p = {p_asymptotic:.3} for {dof} degrees of freedom, were all bins full; 'cevscan coverage' has it \
         from pseudo-experiments"
    );
    text
}

/// Rows `datasets,name,pull,coupling_held,coupling_down,coupling_up,shift_down_percent,shift_up_percent`.
pub fn impact_csv(record: &ImpactRecord) -> String {
    let mut text = String::from(
        "datasets,name,pull,coupling_held,coupling_down,coupling_up,shift_down_percent,shift_up_percent\n",
    );
    for ranked in &record.ranking {
        let numbers = [
            Some(ranked.pull),
            ranked.coupling_held,
            ranked.coupling_down,
            ranked.coupling_up,
            ranked.shift_down_percent,
            ranked.shift_up_percent,
        ];
        let numbers: Vec<String> = numbers.into_iter().map(|value| value.map_or(String::new(), number)).collect();
        let _ = writeln!(text, "{},{},{}", ranked.datasets.join("+"), ranked.name, numbers.join(","));
    }
    expected_column(text, &record.expected_data)
}
