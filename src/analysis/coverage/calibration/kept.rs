//! Toys of an anchor as bytes, for a calibration that goes on later. Under a seal
//! ([`crate::analysis::coverage::sealed`]), little-endian:
//!
//! ```text
//! anchor's node, first toy, nodes, failed toys, values of each kind [u64 each] |
//! q [toys][nodes] f32 | ln p [toys][nodes] f32
//! ```

use crate::analysis::coverage::sealed::{self, Key, Magic};

use super::toys::AnchorToys;

const MAGIC: &Magic = b"cevtoys\x01";
const NUMBERS: usize = 5;

/// Whether some bytes are toys of any anchor, by their form and checksum.
pub fn are_kept_toys(bytes: &[u8]) -> bool {
    sealed::is_sealed(MAGIC, bytes)
}

/// The bytes of the toys of an anchor at so many nodes.
pub(super) fn encode(toys: &AnchorToys, nodes: usize, key: &Key) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 * (NUMBERS + toys.q.len()));
    for number in [toys.node as u64, toys.first, nodes as u64, toys.failed as u64, toys.q.len() as u64] {
        bytes.extend(number.to_le_bytes());
    }
    toys.q.iter().chain(&toys.logarithms).for_each(|value| bytes.extend(value.to_le_bytes()));
    sealed::seal(MAGIC, key, &bytes)
}

/// The toys in some bytes, if they are those of this key, node, first toy and number.
pub(super) fn decode(
    bytes: &[u8],
    nodes: usize,
    key: &Key,
    (node, first, toys): (usize, u64, u64),
) -> Option<AnchorToys> {
    let (head, all) = sealed::open(MAGIC, key, bytes)?.split_at_checked(8 * NUMBERS)?;
    let number = |index: usize| head.as_chunks::<8>().0.get(index).map(|bytes| u64::from_le_bytes(*bytes));
    let values = usize::try_from(toys.checked_mul(nodes as u64)?).ok()?;
    if [number(0)?, number(1)?, number(2)?, number(4)?] != [node as u64, first, nodes as u64, values as u64] {
        return None;
    }
    let all: Vec<f32> = all.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    if all.len() != 2 * values {
        return None;
    }
    let (q, logarithms) = all.split_at(values);
    let failed = usize::try_from(number(3)?).ok()?;
    Some(AnchorToys { node, first, failed, q: q.to_vec(), logarithms: logarithms.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_nothing_else() {
        let toys = AnchorToys {
            node: 1,
            first: 20,
            failed: 1,
            q: vec![0.0, f32::INFINITY, 2.5, 1.0],
            logarithms: vec![0.0, -3.0, 1e-3, -0.0],
        };
        let (own, other) = (sealed::key("a"), sealed::key("b"));
        let bytes = encode(&toys, 2, &own);
        assert!(are_kept_toys(&bytes));
        let back = decode(&bytes, 2, &own, (1, 20, 2)).unwrap();
        assert_eq!((back.failed, &back.q, &back.logarithms), (1, &toys.q, &toys.logarithms));
        for (nodes, key, what) in [
            (2, &other, (1, 20, 2)),
            (2, &own, (0, 20, 2)),
            (2, &own, (1, 0, 2)),
            (2, &own, (1, 20, 1)),
            (4, &own, (1, 20, 1)),
        ] {
            assert!(decode(&bytes, nodes, key, what).is_none());
        }
        for place in [0, 20, 60, bytes.len() - 40, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert!(!are_kept_toys(&damaged) && decode(&damaged, 2, &own, (1, 20, 2)).is_none(), "{place}");
        }
        assert!(!are_kept_toys(b"words") && !are_kept_toys(&bytes[..bytes.len() - 1]));
    }
}
