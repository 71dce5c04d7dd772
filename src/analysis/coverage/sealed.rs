//! Bytes of toys that are kept, under one seal: `magic and version [8] | key [32] | contents | SHA-256 of all before [32]`.
//! The key is a digest of what the toys follow from.

use sha2::{Digest, Sha256};

/// What the bytes begin with.
pub(super) type Magic = [u8; 8];
const DIGEST: usize = 32;
/// What toys follow from: a digest of it in words.
pub(super) type Key = [u8; DIGEST];

/// See [`Key`].
pub(super) fn key(words: &str) -> Key {
    Sha256::digest(words.as_bytes()).into()
}

/// Puts contents under a seal.
pub(super) fn seal(magic: &Magic, key: &Key, contents: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(magic.len() + contents.len() + 2 * DIGEST);
    [&magic[..], key, contents].into_iter().for_each(|part| bytes.extend(part));
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// Whether bytes are sealed so, of whatever key.
pub(super) fn is_sealed(magic: &Magic, bytes: &[u8]) -> bool {
    parts(magic, bytes).is_some()
}

/// The contents under a seal, if it is whole and of this key.
pub(super) fn open<'a>(magic: &Magic, key: &Key, bytes: &'a [u8]) -> Option<&'a [u8]> {
    parts(magic, bytes).filter(|(own, _)| *own == key).map(|(_, contents)| contents)
}

fn parts<'a>(magic: &Magic, bytes: &'a [u8]) -> Option<(&'a Key, &'a [u8])> {
    let (all, checksum) = bytes.split_last_chunk::<DIGEST>()?;
    let (key, contents) = all.strip_prefix(magic)?.split_first_chunk::<DIGEST>()?;
    (Sha256::digest(all)[..] == *checksum).then_some((key, contents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_comes_back_and_nothing_else() {
        let (magic, own) = (b"cevtest\x01", key("a"));
        let bytes = seal(magic, &own, b"contents");
        assert_eq!(open(magic, &own, &bytes), Some(&b"contents"[..]));
        assert!(open(magic, &key("b"), &bytes).is_none() && !is_sealed(b"cevtest\x02", &bytes));
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert!(!is_sealed(magic, &damaged) && open(magic, &own, &damaged).is_none(), "{place}");
            assert!(!is_sealed(magic, &bytes[..place]), "{place}");
        }
    }
}
