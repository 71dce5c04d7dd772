//! Arrays of numpy (`.npy`, versions 1 to 3) as streams: a header of one flat dictionary, then the values.
//!
//! The header is read by a grammar of our own, in one pass and without a stack: three keys, each once, none nested. numpy
//! writes nothing else for arrays of numbers.
//! Form: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::{ErrorKind, Read, Write};

/// Magic string of every array.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The header ends at a multiple of this.
const ALIGNMENT: usize = 64;
/// Longest header that is read, as in numpy.
const LONGEST_HEADER_BYTES: usize = 10_000;
/// Values converted at a time.
const BLOCK: usize = 8192;

/// A type of number.
pub(super) trait Element: Copy + Default {
    /// Its numpy type.
    const DESCRIPTION: &'static str;
    /// Bytes of a value.
    const BYTES: usize;
    /// Appends a value to a file.
    fn put(self, bytes: &mut Vec<u8>);
    /// A value of [`Element::BYTES`] bytes.
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! element {
    ($type:ty, $description:literal) => {
        impl Element for $type {
            const DESCRIPTION: &'static str = $description;
            const BYTES: usize = size_of::<$type>();

            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn get(bytes: &[u8]) -> $type {
                bytes.first_chunk().map_or_else(<$type>::default, |bytes| <$type>::from_le_bytes(*bytes))
            }
        }
    };
}

element!(f64, "<f8");
element!(i64, "<i8");
element!(u8, "|u1");

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// numpy's name of the type.
    pub description: String,
    /// First index fastest.
    pub fortran_order: bool,
    /// Length along each dimension.
    pub shape: Vec<usize>,
}

impl Header {
    /// Number of values.
    pub fn values(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length))
    }

    /// Reads the header at the beginning of an array.
    ///
    /// # Errors
    /// In words: what is not of the form.
    pub fn read(source: &mut impl Read) -> Result<Header, String> {
        let short = |error: std::io::Error| match error.kind() {
            ErrorKind::UnexpectedEof => "damaged (cut short)".to_owned(),
            _ => format!("damaged ({error})"),
        };
        let mut start = [0; MAGIC.len() + 2];
        source.read_exact(&mut start).map_err(short)?;
        let length = match start.strip_prefix(MAGIC) {
            Some([1, _]) => {
                let mut length = [0; 2];
                source.read_exact(&mut length).map_err(short)?;
                usize::from(u16::from_le_bytes(length))
            }
            Some([2 | 3, _]) => {
                let mut length = [0; 4];
                source.read_exact(&mut length).map_err(short)?;
                usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX)
            }
            Some(_) => return Err("of an unknown version of the npy format".to_owned()),
            None => return Err("damaged (no npy header)".to_owned()),
        };
        if length > LONGEST_HEADER_BYTES {
            return Err(format!("damaged (a header of {length} bytes, more than {LONGEST_HEADER_BYTES})"));
        }
        let mut text = vec![0; length];
        source.read_exact(&mut text).map_err(short)?;
        Words { rest: &text }.header().ok_or_else(|| "damaged (a header of another form)".to_owned())
    }

    /// The header as numpy has it, padded.
    pub fn bytes(&self) -> Vec<u8> {
        let lengths: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let shape = match &lengths[..] {
            [one] => format!("({one},)"),
            more => format!("({})", more.join(", ")),
        };
        let order = if self.fortran_order { "True" } else { "False" };
        let text = format!("{{'descr': '{}', 'fortran_order': {order}, 'shape': {shape}}}", self.description);
        let start = MAGIC.len() + 4;
        let padded = (start + text.len() + 1).next_multiple_of(ALIGNMENT) - start;
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        // Three keys and 20 dimensions are far from 65,535 bytes.
        bytes.extend(u16::try_from(padded).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.resize(start + padded - 1, b' ');
        bytes.push(b'\n');
        bytes
    }
}

/// Writes an array in C order.
pub(super) fn write<T: Element>(values: &[T], shape: &[usize], destination: &mut impl Write) -> std::io::Result<()> {
    let header = Header { description: T::DESCRIPTION.to_owned(), fortran_order: false, shape: shape.to_vec() };
    destination.write_all(&header.bytes())?;
    let mut bytes = Vec::with_capacity(BLOCK * T::BYTES);
    for block in values.chunks(BLOCK) {
        bytes.clear();
        block.iter().for_each(|value| value.put(&mut bytes));
        destination.write_all(&bytes)?;
    }
    Ok(())
}

/// Length of an array in a file (bytes).
pub(super) fn length<T: Element>(shape: &[usize]) -> u64 {
    let header = Header { description: T::DESCRIPTION.to_owned(), fortran_order: false, shape: shape.to_vec() };
    let values = shape.iter().fold(1_u64, |product, length| product.saturating_mul(*length as u64));
    values.saturating_mul(T::BYTES as u64).saturating_add(header.bytes().len() as u64)
}

/// Reads the values that follow a header, in C order, whatever the order in the file. Memory is taken as they come, so
/// that a header that promises more than there is costs nothing.
///
/// # Errors
/// In words: fewer values or more than the shape says, memory that is not to be had, what the system says.
pub(super) fn values<T: Element>(header: &Header, source: &mut impl Read) -> Result<Vec<T>, String> {
    let count = header.values().ok_or("of more values than can be counted")?;
    let mut values: Vec<T> = Vec::new();
    let mut bytes = vec![0; BLOCK * T::BYTES];
    while values.len() < count {
        let block = &mut bytes[..BLOCK.min(count - values.len()) * T::BYTES];
        source.read_exact(block).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => "damaged (fewer values than its shape says)".to_owned(),
            _ => format!("damaged ({error})"),
        })?;
        // Doubles until the whole is in sight.
        let wanted = values.capacity().saturating_mul(2).clamp(block.len() / T::BYTES, count);
        values.try_reserve_exact(wanted.saturating_sub(values.len())).map_err(|_| "larger than the memory at hand")?;
        values.extend(block.chunks_exact(T::BYTES).map(T::get));
    }
    match source.read(&mut [0]) {
        Ok(0) => {}
        Ok(_) => return Err("damaged (more values than its shape says)".to_owned()),
        // The checksum of the archive is looked at when its end is read.
        Err(error) => return Err(format!("damaged ({error})")),
    }
    match header.shape[..] {
        [rows, columns] if header.fortran_order => transposed(&values, rows, columns),
        _ => Ok(values),
    }
}

/// Rows of an array that was stored column by column.
fn transposed<T: Element>(values: &[T], rows: usize, columns: usize) -> Result<Vec<T>, String> {
    let mut ordered = Vec::new();
    ordered.try_reserve_exact(values.len()).map_err(|_| "larger than the memory at hand")?;
    (0..rows).for_each(|row| ordered.extend((0..columns).map(|column| values[column * rows + row])));
    Ok(ordered)
}

/// What is left of a header's text.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    fn header(mut self) -> Option<Header> {
        let (mut description, mut fortran_order, mut shape) = (None, None, None);
        self.sign(b'{')?;
        while self.sign(b'}').is_none() {
            let key = self.quoted()?;
            self.sign(b':')?;
            // A second value for a key leaves nothing to put it into.
            let is_new = match key {
                b"descr" => description.replace(str::from_utf8(self.quoted()?).ok()?.to_owned()).is_none(),
                b"fortran_order" => fortran_order.replace(self.truth()?).is_none(),
                b"shape" => shape.replace(self.shape()?).is_none(),
                _ => false,
            };
            if !is_new || (self.sign(b',').is_none() && self.rest.trim_ascii_start().first() != Some(&b'}')) {
                return None;
            }
        }
        let ends = self.rest.trim_ascii().is_empty() && self.rest.last() == Some(&b'\n');
        ends.then_some(Header { description: description?, fortran_order: fortran_order?, shape: shape? })
    }

    /// Takes a sign and the blanks before it, if it is next.
    fn sign(&mut self, sign: u8) -> Option<()> {
        self.rest = self.rest.trim_ascii_start().strip_prefix(&[sign])?;
        Some(())
    }

    /// A text in quotes of either kind, of letters, digits and `_<>=|`.
    fn quoted(&mut self) -> Option<&'a [u8]> {
        let (quote, text) = self.rest.trim_ascii_start().split_first()?;
        let end = text.iter().position(|byte| byte == quote)?;
        let (word, rest) = (&text[..end], &text[end + 1..]);
        let sound = |byte: &u8| byte.is_ascii_alphanumeric() || b"_<>=|".contains(byte);
        self.rest = rest;
        (b"'\"".contains(quote) && word.iter().all(sound)).then_some(word)
    }

    fn truth(&mut self) -> Option<bool> {
        let text = self.rest.trim_ascii_start();
        let (value, rest) = match text.strip_prefix(b"True") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix(b"False")?),
        };
        self.rest = rest;
        Some(value)
    }

    /// `()`, `(3,)`, `(3, 4)`.
    fn shape(&mut self) -> Option<Vec<usize>> {
        let mut shape = Vec::new();
        self.sign(b'(')?;
        while self.sign(b')').is_none() {
            let text = self.rest.trim_ascii_start();
            let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
            shape.push(str::from_utf8(&text[..digits]).ok()?.parse().ok()?);
            self.rest = &text[digits..];
            if self.sign(b',').is_none() && (shape.len() < 2 || self.rest.trim_ascii_start().first() != Some(&b')')) {
                return None;
            }
        }
        Some(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Option<Header> {
        Words { rest: text.as_bytes() }.header()
    }

    #[test]
    fn headers_of_numpy_are_read() {
        let expected = Header { description: "<f8".to_owned(), fortran_order: false, shape: vec![3, 4] };
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }          \n",
            "{\"shape\": (3,4), 'fortran_order':False,'descr':'<f8'}\n",
        ] {
            assert_eq!(header(text), Some(expected.clone()), "{text}");
        }
        let shape = |text: &str| header(&format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {text}}}\n"));
        assert_eq!(shape("()").map(|header| header.shape), Some(vec![]));
        assert_eq!(shape("(7,)").map(|header| header.shape), Some(vec![7]));
        assert_eq!(shape("(7, 8, 9)").map(|header| header.shape), Some(vec![7, 8, 9]));
        for wrong in ["(7)", "(,)", "7", "(-1,)", "(1e3,)", "(99999999999999999999999,)", "((1,),)", "[1]", "(1,"] {
            assert_eq!(shape(wrong), None, "{wrong}");
        }
    }

    /// Each ends where it goes wrong; nested ones took the parser of a general dictionary exponentially long.
    #[test]
    fn other_headers_are_refused_at_once() {
        let nested = format!("{{'descr': {}\n", "[".repeat(9000));
        let braces = "{'a': ".repeat(1600);
        for text in [
            "",
            "\n",
            "{}\n",
            "{'descr': '<f8', 'fortran_order': False}\n",
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}\n",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (), 'more': 1}\n",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}\n",
            "{'descr': '<f8' 'fortran_order': False, 'shape': ()}\n",
            "{'descr': '<f8', 'fortran_order': Maybe, 'shape': ()}\n",
            "{'descr': '<f8\n\u{1b}', 'fortran_order': False, 'shape': ()}\n",
            "{'descr': '<f8', 'fortran_order': False, 'shape': ()} x\n",
            "{'descr': '<f8', 'fortran_order': False, 'shape': ()}",
            &nested,
            &braces,
        ] {
            assert_eq!(header(text), None, "{}", &text[..text.len().min(80)]);
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let values = [1.5, f64::NAN, -0.0, 1e300, f64::MIN_POSITIVE, 7.0];
        let mut bytes = Vec::new();
        assert!(write(&values, &[2, 3], &mut bytes).is_ok());
        assert_eq!(bytes.len() as u64, length::<f64>(&[2, 3]));
        let mut source = &bytes[..];
        let found = Header::read(&mut source);
        assert_eq!(found.as_ref().map(|header| header.shape.clone()), Ok(vec![2, 3]));
        let Ok(header) = found else { return };
        let back = super::values::<f64>(&header, &mut source);
        assert_eq!(back.map(|back| back.map_bits()), Ok(values.to_vec().map_bits()));
        for end in 0..bytes.len() {
            let mut source = &bytes[..end];
            assert!(Header::read(&mut source).and_then(|header| super::values::<f64>(&header, &mut source)).is_err());
        }
        let column_by_column = Header { fortran_order: true, ..header };
        let back = super::values::<f64>(&column_by_column, &mut &bytes[bytes.len() - 48..]);
        assert_eq!(back.map(|back| back[1].to_bits()), Ok(values[2].to_bits()));
        // A shape beyond all memory is found out by its missing values.
        let vast = Header { shape: vec![usize::MAX >> 4], fortran_order: false, description: "<f8".to_owned() };
        assert!(super::values::<f64>(&vast, &mut &bytes[..]).is_err_and(|reason| reason.contains("fewer values")));
    }

    trait MapBits {
        fn map_bits(self) -> Vec<u64>;
    }

    impl MapBits for Vec<f64> {
        fn map_bits(self) -> Vec<u64> {
            self.into_iter().map(f64::to_bits).collect()
        }
    }
}
