//! What is said where neutrinos on electrons are left out of a signal that they would change.

use crate::analysis::Experiment;
use crate::physics::model::Model;

use super::args::Common;
use super::terminal;

/// Vector mediators lighter than this (MeV) act on electrons more than on nuclei, or not much less.
const LIGHT_MEV: f64 = 10.0;

/// Names the datasets in which electrons would look like the signal but are not part of it, if a model acts on them at
/// masses (MeV) from `lowest_mev` on.
pub fn note(models: &[&Model], experiments: &[Experiment], lowest_mev: f64, common: &Common) {
    // A scalar acts on whole nuclei far more, however light.
    let acts = models.iter().find(|model| model.couples_to_electrons() && !model.is_scalar());
    let Some(model) = acts.filter(|_| lowest_mev < LIGHT_MEV && !common.quiet) else { return };
    for dataset in experiments.iter().map(|experiment| &experiment.dataset).filter(|it| it.leaves_electrons_out()) {
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
        terminal::error_line(&format!(
            "note: {} is of nuclear recoils alone; below about {LIGHT_MEV} MeV electrons, on which {} acts too, matter: {how}",
            dataset.name, model.name
        ));
    }
}
