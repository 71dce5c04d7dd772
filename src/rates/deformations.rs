//! How nuisance parameters deform the responses of a dataset's nodes: R + t R_1 + t^2 R_2, the parabola through the
//! responses at t = -1, 0 and +1.

use crate::dataset::{Dataset, Scattering};
use crate::physics::detector::Response;

use super::process::Process;
use super::sampling::Sampled;

/// R_1 and R_2 of each parameter, `[rows][energy_bins]`, in the order of [`Dataset::deformations`].
pub(super) fn tables(dataset: &Dataset, processes: &[Process], sampled: &[Sampled]) -> Vec<[Vec<f64>; 2]> {
    let of_table = dataset.response.variations().iter();
    let of_table = of_table.map(|variation| [variation.first.clone(), variation.second.clone()]);
    let of_chain = dataset.variations.iter().map(|variation| {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (process, sampled) in processes.iter().zip(sampled) {
            let up = rows(&variation.up, process, sampled);
            let down = rows(&variation.down, process, sampled);
            for (nominal, (up, down)) in sampled.rows.iter().zip(up.iter().zip(&down)) {
                for (nominal, (up, down)) in nominal.iter().zip(up.iter().zip(down)) {
                    first.push(0.5 * (up - down));
                    second.push(0.5 * (up + down) - nominal);
                }
            }
        }
        [first, second]
    });
    of_table.chain(of_chain).collect()
}

/// A varied response at the nodes of a process, over the selection that their weights hold.
fn rows(varied: &Response, process: &Process, sampled: &Sampled) -> Vec<Vec<f64>> {
    let of_electrons = (process.kind() == Scattering::Electrons).then(|| varied.of_electrons()).flatten();
    let varied = of_electrons.as_ref().unwrap_or(varied);
    let binned = varied.binned();
    let at = |t: &f64| {
        let nominal = process.response.selected(*t);
        // No node stands where nothing is selected.
        let factor = if nominal > 0.0 { varied.selected(*t) / nominal } else { 0.0 };
        binned(*t).into_iter().map(|share| factor * share).collect()
    };
    sampled.rule.nodes.iter().map(at).collect()
}
