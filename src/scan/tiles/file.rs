//! A tile as bytes: a head, the values, and a SHA-256 over both. Little-endian.
//!
//! ```text
//! magic and version [8] | digest of the key [32] | first row, rows, couplings, datasets, points redone in f64,
//! length of the engine's name [u64 each] | the name | chi2 [datasets][points] f64 | status [points] u8 | checksum [32]
//! ```

use sha2::{Digest, Sha256};

use crate::scan::Tile;

/// Changes with the form.
const MAGIC: &[u8; 8] = b"cevtile\x01";
const DIGEST: usize = 32;
const NUMBERS: usize = 6;
const HEAD: usize = MAGIC.len() + DIGEST + NUMBERS * size_of::<u64>();
/// Longest name of an engine.
const LONGEST_NAME: usize = 64;

/// The bytes of a tile that belongs to a key.
pub fn encode(tile: &Tile, key: &[u8; DIGEST]) -> Vec<u8> {
    let couplings = tile.status.len() / tile.rows.len().max(1);
    let numbers = [tile.rows.start, tile.rows.len(), couplings, tile.chi2.len(), tile.redone_in_f64, tile.engine.len()];
    let mut bytes = Vec::with_capacity(HEAD + tile.status.len() * (8 * tile.chi2.len() + 1) + LONGEST_NAME + DIGEST);
    bytes.extend(MAGIC);
    bytes.extend(key);
    numbers.iter().for_each(|number| bytes.extend((*number as u64).to_le_bytes()));
    bytes.extend(tile.engine.as_bytes());
    tile.chi2.iter().flatten().for_each(|chi2| bytes.extend(chi2.to_le_bytes()));
    bytes.extend(&tile.status);
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The tile in some bytes, if it is one of this key.
///
/// # Errors
/// In words that follow the file's name: what is wrong with it.
pub fn decode(bytes: &[u8], key: &[u8; DIGEST], datasets: usize, couplings: usize) -> Result<Tile, &'static str> {
    const SHORT: &str = "is cut short";
    let (contents, checksum) = bytes.split_at_checked(bytes.len().saturating_sub(DIGEST)).ok_or(SHORT)?;
    if !contents.starts_with(MAGIC) {
        return Err("is no tile of this version");
    }
    if contents.len() < HEAD {
        return Err(SHORT);
    }
    if Sha256::digest(contents)[..] != *checksum {
        return Err("is damaged: its checksum does not fit");
    }
    if contents[MAGIC.len()..MAGIC.len() + DIGEST] != *key {
        return Err("is of other inputs");
    }
    let number = |index: usize| {
        let start = MAGIC.len() + DIGEST + index * size_of::<u64>();
        let bytes = contents[start..].first_chunk::<8>().ok_or(SHORT)?;
        usize::try_from(u64::from_le_bytes(*bytes)).map_err(|_| "holds a number that is none")
    };
    let (first, rows, redone_in_f64, name) = (number(0)?, number(1)?, number(4)?, number(5)?);
    if (number(2)?, number(3)?) != (couplings, datasets) || name > LONGEST_NAME {
        return Err("has another shape");
    }
    let end = first.checked_add(rows).filter(|end| *end > first).ok_or("holds no rows")?;
    let points = rows.checked_mul(couplings).ok_or("has another shape")?;
    let values = points.checked_mul(8 * datasets + 1).ok_or("has another shape")?;
    let body = &contents[HEAD..];
    if body.len() != name.saturating_add(values) {
        return Err("has another length than it says");
    }
    let (engine, values) = body.split_at(name);
    let (chi2, status) = values.split_at(8 * datasets * points);
    let doubles = |bytes: &[u8]| bytes.as_chunks::<8>().0.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect();
    Ok(Tile {
        rows: first..end,
        engine: str::from_utf8(engine).map_err(|_| "names no engine")?.to_owned(),
        chi2: chi2.chunks_exact((8 * points).max(1)).map(doubles).collect(),
        status: status.to_vec(),
        redone_in_f64,
    })
}

/// Whether bytes are a tile, of whatever scan: whole by their checksum, or at least under this key.
pub(super) fn is_of(bytes: &[u8], key: Option<&[u8; DIGEST]>) -> bool {
    let Some(rest) = bytes.strip_prefix(MAGIC) else { return false };
    let contents = bytes.len().saturating_sub(DIGEST);
    key.is_some_and(|key| rest.starts_with(key))
        || (contents >= HEAD && Sha256::digest(&bytes[..contents])[..] == bytes[contents..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn tile() -> Tile {
        Tile {
            rows: 3..5,
            engine: "cpu".to_owned(),
            chi2: vec![vec![1.5, f64::NAN, -0.0, 1e300, 2.0, 3.0], vec![0.25; 6]],
            status: vec![0, 2, 0, 0, 0, 1],
            redone_in_f64: 4,
        }
    }

    #[test]
    fn a_tile_comes_back_bit_for_bit() {
        let bytes = encode(&tile(), &KEY);
        let back = decode(&bytes, &KEY, 2, 3).unwrap_or_else(|reason| unreachable!("{reason}"));
        assert_eq!(encode(&back, &KEY), bytes);
        assert_eq!((back.rows.clone(), back.status.clone()), (3..5, tile().status));
    }

    /// Every truncation and every flipped bit is found; another key or shape is not taken.
    #[test]
    fn what_is_damaged_is_never_a_tile() {
        let bytes = encode(&tile(), &KEY);
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], &KEY, 2, 3).is_err(), "{length}");
        }
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&flipped, &KEY, 2, 3).is_err(), "{bit}");
        }
        assert_eq!(decode(&bytes, &[8; 32], 2, 3), Err("is of other inputs"));
        assert_eq!(decode(&bytes, &KEY, 1, 3), Err("has another shape"));
        assert_eq!(decode(&bytes, &KEY, 2, 2), Err("has another shape"));
    }
}
