//! Smooth maps as short text: numbers of 16 bits, each less what its neighbours lead to expect, deflated, in base64.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::{Error, Result};

/// The code of what is missing.
pub const MISSING: u16 = u16::MAX;
/// Codes grow with the logarithm of the rise over this, so that its digits are relative above and absolute below.
const UNIT: f64 = 0.01;
/// The largest rise that has a code of its own; what is above counts as this.
const LARGEST: f64 = 1e12;

/// The code of a rise of chi2: to 3e-4 of it, or of 0.01.
pub fn code(rise: f64) -> u16 {
    if rise.is_nan() {
        return MISSING;
    }
    let share = (rise.clamp(0.0, LARGEST) / UNIT).ln_1p() / (LARGEST / UNIT).ln_1p();
    (share * f64::from(MISSING - 1)).round() as u16
}

/// By how much a code's logarithm is larger than that of the code before: what a reader needs to undo [`code`].
pub fn step() -> f64 {
    (LARGEST / UNIT).ln_1p() / f64::from(MISSING - 1)
}

/// What [`code`] counts in.
pub fn unit() -> f64 {
    UNIT
}

/// Rows of `columns` codes as text: differences from `left + above - above left` modulo 2^16, small ones of either sign
/// first (zigzag), all upper bytes before all lower ones, deflated (zlib), in base64.
///
/// # Errors
/// [`Error::Encoding`]; none in practice.
pub fn packed(codes: &[u16], columns: usize) -> Result<String> {
    let at = |row: Option<usize>, column: Option<usize>| match (row, column) {
        (Some(row), Some(column)) => codes[row * columns + column],
        _ => 0,
    };
    let differences: Vec<u16> = (0..codes.len())
        .map(|k| {
            let (row, column) = (k / columns, k % columns);
            let (above, left) = (row.checked_sub(1), column.checked_sub(1));
            let expected = at(Some(row), left).wrapping_add(at(above, Some(column))).wrapping_sub(at(above, left));
            let difference = codes[k].wrapping_sub(expected) as i16;
            ((difference << 1) ^ (difference >> 15)) as u16
        })
        .collect();
    let bytes: Vec<u8> = differences
        .iter()
        .map(|value| (value >> 8) as u8)
        .chain(differences.iter().map(|value| (value & 0xff) as u8))
        .collect();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let deflated = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let deflated = deflated.map_err(|error| Error::Encoding { what: "map page", reason: error.to_string() })?;
    Ok(BASE64.encode(deflated))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    /// As the page does it.
    fn unpacked(text: &str, columns: usize) -> Vec<u16> {
        let mut bytes = Vec::new();
        ZlibDecoder::new(&BASE64.decode(text).unwrap()[..]).read_to_end(&mut bytes).unwrap();
        let length = bytes.len() / 2;
        let mut codes = vec![0_u16; length];
        for k in 0..length {
            let zigzag = u16::from(bytes[k]) << 8 | u16::from(bytes[length + k]);
            let difference = (zigzag >> 1) ^ (zigzag & 1).wrapping_neg();
            let (row, column) = (k / columns, k % columns);
            let left = if column > 0 { codes[k - 1] } else { 0 };
            let above = if row > 0 { codes[k - columns] } else { 0 };
            let corner = if row > 0 && column > 0 { codes[k - columns - 1] } else { 0 };
            codes[k] = left.wrapping_add(above).wrapping_sub(corner).wrapping_add(difference);
        }
        codes
    }

    #[test]
    fn what_is_packed_comes_back() {
        let codes: Vec<u16> = (0..35_u32).map(|k| (k * k * 7919 % 65536) as u16).collect();
        assert_eq!(unpacked(&packed(&codes, 7).unwrap(), 7), codes);
        assert_eq!(unpacked(&packed(&[], 7).unwrap(), 7), Vec::<u16>::new());
    }

    #[test]
    fn codes_keep_the_digits_of_a_rise() {
        let back = |code: u16| unit() * (f64::from(code) * step()).exp_m1();
        for rise in [0.0, 1e-3, 0.1, 1.0, 6.18, 11.8, 1e3, 1e8] {
            let found = back(code(rise));
            assert!((found - rise).abs() <= 3e-4 * (rise + unit()), "{rise} {found}");
        }
        assert_eq!((code(f64::NAN), code(-1.0), code(f64::INFINITY)), (MISSING, 0, MISSING - 1));
    }
}
