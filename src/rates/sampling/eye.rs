//! What is looked at while recoils are sampled: the response, and beside it all that nuisance parameters make of it, which
//! may see recoils that it does not.

use std::borrow::Cow;

use crate::dataset::{Dataset, Scattering};
use crate::physics::detector::Response;
use crate::rates::process::Process;

use super::edges::merged;
use super::features::sharp_features_mev;

/// The responses of a process: the nominal one, then up and down of each variation of the dataset.
pub(super) struct Eye<'a> {
    all: Vec<Cow<'a, Response>>,
}

impl<'a> Eye<'a> {
    pub fn new(dataset: &'a Dataset, process: &'a Process) -> Eye<'a> {
        let varied = dataset.variations.iter().flat_map(|variation| [&variation.up, &variation.down]);
        let of_process = |response: &'a Response| {
            let of_electrons = (process.kind() == Scattering::Electrons).then(|| response.of_electrons()).flatten();
            of_electrons.map_or(Cow::Borrowed(response), Cow::Owned)
        };
        let nominal = Cow::Borrowed(process.response.as_ref());
        Eye { all: std::iter::once(nominal).chain(varied.map(of_process)).collect() }
    }

    /// Numbers of all responses together.
    pub fn bins(&self) -> usize {
        self.all.iter().map(|response| response.energy_bins()).sum()
    }

    /// Whether there is more than the nominal one. The selection at the true energy is then a part of each response, else
    /// of the weights of nodes.
    pub fn is_varied(&self) -> bool {
        self.all.len() > 1
    }

    /// A function that gives the probabilities at a recoil energy (MeV) of one response after the other, the selection at
    /// the true energy included or not. Tables over the observable are made once, so ask for it once.
    pub fn binned(&self, with_selection: bool) -> impl Fn(f64) -> Vec<f64> + '_ {
        let all: Vec<_> = self.all.iter().map(|response| (response, response.binned())).collect();
        move |recoil_energy_mev| {
            let of = |(response, binned): &(&Cow<Response>, Box<dyn Fn(f64) -> Vec<f64> + '_>)| {
                let mut seen = binned(recoil_energy_mev);
                if with_selection {
                    let selected = response.selected(recoil_energy_mev);
                    seen.iter_mut().for_each(|share| *share *= selected);
                }
                seen
            };
            let mut seen = of(&all[0]);
            seen.extend(all[1..].iter().flat_map(of));
            seen
        }
    }

    /// Recoil energies (MeV), increasing, around which one of them is sharp.
    pub fn sharp_features_mev(&self, highest_mev: f64) -> Vec<f64> {
        self.all.iter().fold(Vec::new(), |sharp, response| merged(sharp, sharp_features_mev(response, highest_mev)))
    }

    /// Recoil energies (MeV), increasing, at which the selection of one of them bends.
    pub fn kinks_mev(&self, highest_mev: f64) -> Vec<f64> {
        self.all.iter().fold(Vec::new(), |kinks, response| merged(kinks, response.kinks_mev(highest_mev)))
    }
}
