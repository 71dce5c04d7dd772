//! What is said where neutrinos on electrons are left out of a signal that they would change, or a part of them is.

use crate::analysis::Experiment;
use crate::analysis::parameters::Parameter;
use crate::base::grid::{number_text, rounded};
use crate::dataset::{Dataset, Scattering};
use crate::physics::model::Model;

use super::args::Common;
use super::terminal;

/// Vector mediators lighter than this (MeV) act on electrons more than on nuclei, or not much less.
const LIGHT_MEV: f64 = 10.0;
/// Probability to pass a threshold without any recoil, from which on rates that grow as 1/T follow it: a recoil of 1 eV is
/// 2 % of what a magnetic moment does.
const PASSES: f64 = 1e-5;
/// A recoil (MeV) of no energy.
const NO_RECOIL_MEV: f64 = 1e-18;

/// Names the datasets in which electrons would look like the signal but are not part of it, if a model acts on them at
/// masses (MeV) from `lowest_mev` on; and those with electrons whose source is not known as far down as they see.
pub fn note(models: &[&Model], experiments: &[Experiment], lowest_mev: f64, common: &Common) {
    if common.quiet {
        return;
    }
    // A scalar acts on whole nuclei far more, however light.
    let acts = models.iter().find(|model| model.couples_to_electrons() && !model.is_scalar());
    if let Some(model) = acts.filter(|_| lowest_mev < LIGHT_MEV) {
        for (dataset, how) in left_out(experiments) {
            terminal::error_line(&format!(
                "note: {} is of nuclear recoils alone; below about {LIGHT_MEV} MeV electrons, on which {} acts too, \
                 matter: {how}",
                dataset.name, model.name
            ));
        }
    }
    if !models.is_empty() {
        note_cut_sources(experiments);
    }
}

/// The same where other parameters are varied or set.
pub fn note_parameters<'p>(
    parameters: impl Iterator<Item = &'p Parameter>,
    experiments: &[Experiment],
    common: &Common,
) {
    if common.quiet {
        return;
    }
    note_cut_sources(experiments);
    let mut parameters = parameters;
    if !parameters.any(|parameter| matches!(parameter, Parameter::MagneticMoment(_))) {
        return;
    }
    for (dataset, how) in left_out(experiments) {
        terminal::error_line(&format!(
            "note: {} is of nuclear recoils alone; a magnetic moment acts on electrons more: {how}",
            dataset.name
        ));
    }
    for dataset in experiments.iter().map(|experiment| &experiment.dataset) {
        let seen: f64 = dataset.response.binned()(NO_RECOIL_MEV).iter().sum();
        let passes = seen * dataset.response.selected(NO_RECOIL_MEV);
        if passes > PASSES {
            terminal::error_line(&format!(
                "warning: a part {} of recoils of no energy passes the threshold of {} by its noise: a magnetic moment's \
                 rate, which grows as 1/T, is counted down to 1e-33 MeV there",
                number_text(rounded(passes, 3)),
                dataset.name
            ));
        }
    }
}

/// Electrons are seen from neutrinos of all energies; a source that begins abruptly lacks a part.
fn note_cut_sources(experiments: &[Experiment]) {
    for dataset in experiments.iter().map(|experiment| &experiment.dataset) {
        let components = dataset.source.components.iter();
        let cut = components.filter_map(|component| component.spectrum.begins_abruptly_mev()).reduce(f64::max);
        if let (Some(cut), true) = (cut, dataset.processes.contains(&Scattering::Electrons)) {
            terminal::error_line(&format!(
                "note: the neutrinos of {} begin at {} MeV; those below, which electrons of keV see as much, are not \
                 counted: rates of electrons are too small",
                dataset.name,
                number_text(cut)
            ));
        }
    }
}

/// Datasets in which electrons would look like the signal but are not part of it, and how they are added.
fn left_out(experiments: &[Experiment]) -> impl Iterator<Item = (&Dataset, String)> {
    let datasets = experiments.iter().map(|experiment| &experiment.dataset);
    datasets.filter(|dataset| dataset.leaves_electrons_out()).map(|dataset| {
        let how = match dataset.name.as_str() {
            "csi" => "--data csi-es has them".to_owned(),
            "csi-full" => "--data csi-es has them, without csi-full's variations; a file with base = \"csi\", these \
                           and [[process]] has both"
                .to_owned(),
            "xenonnt" => "they cannot be added, as no matrix of electronic recoils is published".to_owned(),
            _ if dataset.has_matrix() => {
                "they cannot be added, as its matrix is of nuclear recoils, and there is none of electronic ones"
                    .to_owned()
            }
            _ => "[[process]] with kind = \"electron-scattering\" in the dataset file adds them".to_owned(),
        };
        (dataset, how)
    })
}
