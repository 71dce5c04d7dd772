//! Toys of an anchor as bytes, for a calibration that goes on later. Little-endian:
//!
//! ```text
//! magic and version [8] | key [32] | anchor's node, first toy, nodes, failed toys, values of each kind [u64 each] |
//! q [toys][nodes] f32 | ln p [toys][nodes] f32 | SHA-256 [32]
//! ```

use sha2::{Digest, Sha256};

use super::toys::AnchorToys;

const MAGIC: &[u8; 8] = b"cevtoys\x01";
const DIGEST: usize = 32;
const NUMBERS: usize = 5;
const HEAD: usize = MAGIC.len() + DIGEST + NUMBERS * size_of::<u64>();

/// What the toys follow from: a digest of it in words.
pub(super) fn key(words: &str) -> [u8; DIGEST] {
    Sha256::digest(words.as_bytes()).into()
}

/// Whether some bytes are toys of any anchor, by their form and checksum.
pub fn are_kept_toys(bytes: &[u8]) -> bool {
    let Some(length) = bytes.len().checked_sub(DIGEST) else { return false };
    let (contents, checksum) = bytes.split_at(length);
    contents.starts_with(MAGIC) && contents.len() >= HEAD && Sha256::digest(contents)[..] == *checksum
}

/// The bytes of the toys of an anchor at so many nodes.
pub(super) fn encode(toys: &AnchorToys, nodes: usize, key: &[u8; DIGEST]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 8 * toys.q.len() + DIGEST);
    bytes.extend(MAGIC);
    bytes.extend(key);
    for number in [toys.node as u64, toys.first, nodes as u64, toys.failed as u64, toys.q.len() as u64] {
        bytes.extend(number.to_le_bytes());
    }
    toys.q.iter().chain(&toys.logarithms).for_each(|value| bytes.extend(value.to_le_bytes()));
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The toys in some bytes, if they are those of this key, node, first toy and number.
pub(super) fn decode(
    bytes: &[u8],
    nodes: usize,
    key: &[u8; DIGEST],
    (node, first, toys): (usize, u64, u64),
) -> Option<AnchorToys> {
    if !are_kept_toys(bytes) || bytes[MAGIC.len()..MAGIC.len() + DIGEST] != *key {
        return None;
    }
    let number = |index: usize| {
        let start = MAGIC.len() + DIGEST + index * size_of::<u64>();
        bytes.get(start..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
    };
    let values = usize::try_from(toys.checked_mul(nodes as u64)?).ok()?;
    if [number(0)?, number(1)?, number(2)?, number(4)?] != [node as u64, first, nodes as u64, values as u64] {
        return None;
    }
    let all: Vec<f32> =
        bytes[HEAD..bytes.len() - DIGEST].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
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
        let (own, other) = (key("a"), key("b"));
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
