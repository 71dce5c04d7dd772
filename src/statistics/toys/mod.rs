//! Random numbers of pseudo-experiments: counter-based, so that a toy is the same on any thread, in any shard, on any
//! device, and neighbouring points of the plane share theirs.
//!
//! One uniform makes one number: distributions are inverted, nothing is rejected.

mod normal;
mod philox;
mod poisson;

pub use normal::quantile as normal_quantile;
pub use philox::philox4x32;
pub use poisson::PoissonTable;

use sha2::{Digest, Sha256};

/// Version of the recipe by which toys are drawn; a change of any number drawn is another version.
pub(crate) const RECIPE_VERSION: u32 = 1;

/// The random numbers that belong to one name (a dataset, or a parameter that datasets share) under one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    name: u32,
}

impl Stream {
    /// The stream of a name: the first four bytes of its SHA-256 stand in the counter.
    pub fn new(seed: u64, name: &str) -> Stream {
        let digest = Sha256::digest(name.as_bytes());
        let name = digest.iter().take(4).fold(0, |hash, byte| hash << 8 | u32::from(*byte));
        Stream { key: [seed as u32, (seed >> 32) as u32], name }
    }

    /// A number in (0, 1), 53 bits, never 0 or 1: that of a slot of a toy.
    pub fn uniform(&self, toy: u64, slot: u32) -> f64 {
        let counter = [slot, self.name, toy as u32, (toy >> 32) as u32];
        let words = philox4x32(counter, self.key);
        let bits = (u64::from(words[0]) << 32 | u64::from(words[1])) >> 12;
        (bits as f64 + 0.5) * (-52f64).exp2()
    }

    /// A standard normal number.
    pub fn normal(&self, toy: u64, slot: u32) -> f64 {
        normal_quantile(self.uniform(toy, slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five standard deviations of a correlation of so many independent pairs.
    fn bound(pairs: usize) -> f64 {
        5.0 / (pairs as f64).sqrt()
    }

    fn correlation(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let (a, b) = pairs.iter().fold((0.0, 0.0), |(a, b), pair| (a + pair.0 / n, b + pair.1 / n));
        let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|pair| f(pair.0 - a, pair.1 - b)).sum::<f64>();
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    }

    #[test]
    fn toys_slots_names_and_seeds_are_not_correlated() {
        let (csi, lar) = (Stream::new(1, "csi"), Stream::new(1, "lar"));
        let other_seed = Stream::new(2, "csi");
        let toys = 0..20_000u64;
        let pairs = |f: &dyn Fn(u64) -> (f64, f64)| toys.clone().map(f).collect::<Vec<_>>();
        for (what, pairs) in [
            ("toys", pairs(&|toy| (csi.normal(toy, 3), csi.normal(toy + 1, 3)))),
            ("slots", pairs(&|toy| (csi.normal(toy, 3), csi.normal(toy, 4)))),
            ("names", pairs(&|toy| (csi.normal(toy, 3), lar.normal(toy, 3)))),
            ("seeds", pairs(&|toy| (csi.normal(toy, 3), other_seed.normal(toy, 3)))),
        ] {
            let found = correlation(&pairs);
            assert!(found.abs() < bound(pairs.len()), "{what}: {found}");
        }
        // The negative control: the same number twice.
        let same = pairs(&|toy| (csi.normal(toy, 3), csi.normal(toy, 3)));
        assert!(correlation(&same) > 0.999);
    }

    #[test]
    fn uniform_numbers_fill_the_interval_evenly() {
        let stream = Stream::new(7, "csi");
        let numbers: Vec<f64> = (0..40_000).map(|toy| stream.uniform(toy, 0)).collect();
        assert!(numbers.iter().all(|u| *u > 0.0 && *u < 1.0));
        let mut counts = [0usize; 20];
        numbers.iter().for_each(|u| counts[(u * 20.0) as usize] += 1);
        // chi2 of 19 degrees of freedom exceeds 60 with probability 4e-6.
        let chi2: f64 = counts.iter().map(|n| (*n as f64 - 2000.0).powi(2) / 2000.0).sum();
        assert!(chi2 < 60.0, "{chi2}");
    }
}
