//! `--data`: from lists of names to experiments.

use crate::Result;
use crate::analysis::{Experiment, counted_twice};
use crate::dataset::Dataset;
use crate::physics::model::Edition;

use super::super::terminal;
use super::Common;

/// The experiments of a list such as `csi+lar`, on the chosen vector instructions; `edition` stands for the Standard Model
/// where its expectation stands in.
///
/// # Errors
/// An unknown dataset, or a level that this CPU lacks.
pub fn experiments(list: &str, edition: Edition, common: &Common) -> Result<Vec<Experiment>> {
    let simd = common.simd.parse()?;
    let experiments = Experiment::parse_list(list)?;
    experiments.iter().for_each(|experiment| say_doubts(&experiment.dataset));
    if let Some((one, other)) = counted_twice(&experiments) {
        terminal::error_line(&format!("warning: {one} and {other} hold the same counts: together they count twice"));
    }
    for experiment in experiments.iter().filter(|experiment| experiment.dataset.is_forecast && !common.quiet) {
        let name = &experiment.dataset.name;
        terminal::error_line(&format!("{name} has no data: the Standard Model's expectation stands in"));
    }
    let ready = |experiment: Experiment| experiment.with_simd(simd).with_couplings(edition);
    experiments.into_iter().map(ready).collect()
}

/// Says what in a dataset's file is hardly ever so, whoever asked for quiet: the result stands or falls with it.
pub fn say_doubts(dataset: &Dataset) {
    dataset.doubts.iter().for_each(|doubt| terminal::error_line(&format!("warning: {doubt}")));
}

/// The same experiments with the Standard Model's expectation in place of their data.
///
/// # Errors
/// An expectation that a Gaussian statistic cannot take.
pub fn asimov(experiments: &[Experiment], edition: Edition) -> Result<Vec<Experiment>> {
    experiments.iter().cloned().map(|experiment| experiment.asimov_of(edition)).collect()
}

/// The lists of datasets that `--data` of `limits` names.
///
/// # Errors
/// An unknown dataset, or a level that this CPU lacks.
pub fn data_lists(text: &str, edition: Edition, common: &Common) -> Result<Vec<Vec<Experiment>>> {
    match text {
        "all" => ["lar", "csi", "csi+lar"].into_iter().map(|list| experiments(list, edition, common)).collect(),
        list => Ok(vec![experiments(list, edition, common)?]),
    }
}
