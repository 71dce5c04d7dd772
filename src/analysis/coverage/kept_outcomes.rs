//! Outcomes of toys of a point as bytes, for a run that goes on later or elsewhere. Little-endian:
//!
//! ```text
//! magic and version [8] | key [32] | number of the first toy and that after the last [u64 each] |
//! q, q at fixed mass, chi2_min, chi2 of the Standard Model, best mass, best coupling [f64 each] of each toy | SHA-256 [32]
//! ```

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::rates::Point;

use super::outcome::Outcome;

const MAGIC: &[u8; 8] = b"cevtoyp\x01";
const DIGEST: usize = 32;
const HEAD: usize = MAGIC.len() + DIGEST + 2 * size_of::<u64>();
const NUMBERS: usize = 6;

/// What the toys follow from: a digest of it in words.
pub(super) fn key(words: &str) -> [u8; DIGEST] {
    Sha256::digest(words.as_bytes()).into()
}

/// Whether some bytes are outcomes of toys, by their form and checksum.
pub fn are_kept_outcomes(bytes: &[u8]) -> bool {
    let Some(length) = bytes.len().checked_sub(DIGEST) else { return false };
    let (contents, checksum) = bytes.split_at(length);
    contents.starts_with(MAGIC) && contents.len() >= HEAD && Sha256::digest(contents)[..] == *checksum
}

/// The bytes of the toys of these numbers.
pub(super) fn encode(toys: &[Outcome], key: &[u8; DIGEST], numbers: &Range<u64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + NUMBERS * size_of::<f64>() * toys.len() + DIGEST);
    bytes.extend(MAGIC);
    bytes.extend(key);
    [numbers.start, numbers.end].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    for toy in toys {
        let Outcome { q, q_fixed_mass, chi2_min, chi2_sm, best } = *toy;
        for value in [q, q_fixed_mass, chi2_min, chi2_sm, best.mass_mev, best.coupling] {
            bytes.extend(value.to_le_bytes());
        }
    }
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The toys in some bytes, if they are those of this key and these numbers.
pub(super) fn decode(bytes: &[u8], key: &[u8; DIGEST], numbers: &Range<u64>) -> Option<Vec<Outcome>> {
    if !are_kept_outcomes(bytes) {
        return None;
    }
    let (head, toys) = bytes[..bytes.len() - DIGEST].split_at(HEAD);
    let numbers_there = [numbers.start, numbers.end].map(u64::to_le_bytes).concat();
    if head[MAGIC.len()..] != [&key[..], &numbers_there].concat() {
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
        let (own, other, toys) = (key("a"), key("b"), [toy(1.5), toy(f64::INFINITY), toy(0.0)]);
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
