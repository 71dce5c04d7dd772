//! Outcomes of toys of a point as bytes, for a run that goes on later or elsewhere. Under a seal ([`super::sealed`]),
//! little-endian:
//!
//! ```text
//! number of the first toy and that after the last [u64 each] |
//! q, q at fixed mass, chi2_min, chi2 of the Standard Model, best mass, best coupling [f64 each] of each toy
//! ```

use std::ops::Range;

use crate::rates::Point;

use super::outcome::Outcome;
use super::sealed::{self, Key, Magic};

const MAGIC: &Magic = b"cevtoyp\x01";
const HEAD: usize = 2 * size_of::<u64>();
const NUMBERS: usize = 6;

/// Whether some bytes are outcomes of toys, by their form and checksum.
pub fn are_kept_outcomes(bytes: &[u8]) -> bool {
    sealed::is_sealed(MAGIC, bytes)
}

/// The bytes of the toys of these numbers.
pub(super) fn encode(toys: &[Outcome], key: &Key, numbers: &Range<u64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + NUMBERS * size_of::<f64>() * toys.len());
    [numbers.start, numbers.end].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    for toy in toys {
        let Outcome { q, q_fixed_mass, chi2_min, chi2_sm, best } = *toy;
        for value in [q, q_fixed_mass, chi2_min, chi2_sm, best.mass_mev, best.coupling] {
            bytes.extend(value.to_le_bytes());
        }
    }
    sealed::seal(MAGIC, key, &bytes)
}

/// The toys in some bytes, if they are those of this key and these numbers.
pub(super) fn decode(bytes: &[u8], key: &Key, numbers: &Range<u64>) -> Option<Vec<Outcome>> {
    let (head, toys) = sealed::open(MAGIC, key, bytes)?.split_at_checked(HEAD)?;
    if head != [numbers.start, numbers.end].map(u64::to_le_bytes).concat() {
        return None;
    }
    let values: Vec<f64> = toys.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let toys: Vec<Outcome> = values
        .as_chunks::<NUMBERS>()
        .0
        .iter()
        .map(|[q, q_fixed_mass, chi2_min, chi2_sm, mass_mev, coupling]| Outcome {
            q: *q,
            q_fixed_mass: *q_fixed_mass,
            chi2_min: *chi2_min,
            chi2_sm: *chi2_sm,
            best: Point { mass_mev: *mass_mev, coupling: *coupling },
        })
        .collect();
    (toys.len() as u64 == numbers.end - numbers.start).then_some(toys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_nothing_else() {
        let toy = |q: f64| Outcome {
            q,
            q_fixed_mass: 0.0,
            chi2_min: 80.5,
            chi2_sm: 81.0,
            best: Point { mass_mev: 3.0, coupling: 2e-5 },
        };
        let (own, other, toys) = (sealed::key("a"), sealed::key("b"), [toy(1.5), toy(f64::INFINITY), toy(0.0)]);
        let bytes = encode(&toys, &own, &(7..10));
        assert_eq!(decode(&bytes, &own, &(7..10)).unwrap(), toys);
        for (key, numbers) in [(&other, 7..10), (&own, 7..11), (&own, 6..9)] {
            assert!(decode(&bytes, key, &numbers).is_none());
        }
        for place in [0, 20, 45, 60, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert!(!are_kept_outcomes(&damaged) && decode(&damaged, &own, &(7..10)).is_none(), "{place}");
        }
        assert!(!are_kept_outcomes(&bytes[..bytes.len() - 1]));
    }
}
