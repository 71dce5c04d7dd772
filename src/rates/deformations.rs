//! How nuisance parameters deform the responses of a dataset's nodes: R + t R_1 + t^2 R_2, the parabola through the
//! responses at t = -1, 0 and +1.

use crate::dataset::Dataset;

use super::sampling::Sampled;

/// R_1 and R_2 of each parameter, `[rows][energy_bins]`, in the order of [`Dataset::deformations`].
pub(super) fn tables(dataset: &Dataset, sampled: &[Sampled]) -> Vec<[Vec<f64>; 2]> {
    let of_table = dataset.response.variations().iter();
    let of_table = of_table.map(|variation| [variation.first.clone(), variation.second.clone()]);
    let bins = dataset.energy_bins();
    let of_chain = (0..dataset.variations.len()).map(|number| {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let rows = sampled.iter().flat_map(|sampled| sampled.rows.iter().zip(&sampled.varied));
        for (nominal, varied) in rows {
            let (up, down) = varied[2 * number * bins..2 * (number + 1) * bins].split_at(bins);
            for (nominal, (up, down)) in nominal.iter().zip(up.iter().zip(down)) {
                first.push(0.5 * (up - down));
                second.push(0.5 * (up + down) - nominal);
            }
        }
        [first, second]
    });
    of_table.chain(of_chain).collect()
}
