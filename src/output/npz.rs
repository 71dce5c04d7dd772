//! Archives of numpy's arrays (`.npz`): zip files, as read from anywhere and as written.

use std::io::{BufWriter, Read, Seek, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::{Error, Result};

use super::npy::{self, Element, Header};

/// From here on the length of a member is written in 64 bits (bytes).
const LARGE: u64 = u32::MAX as u64;
/// Most members of an archive that is read.
const MOST_MEMBERS: usize = 1000;

/// An archive that is read; `path` names it in errors.
pub(super) struct Archive<'a, R: Read + Seek> {
    zip: ZipArchive<R>,
    path: &'a str,
}

impl<'a, R: Read + Seek> Archive<'a, R> {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`Error::NotOfForm`] for what is no zip file, and for one whose members share their bytes: a small file would
    /// unfold to any size.
    pub fn open(source: R, path: &'a str) -> Result<Archive<'a, R>> {
        let refused = |reason: String| Error::NotOfForm { path: path.to_owned(), form: "npz file", reason };
        let mut zip = ZipArchive::new(source).map_err(|error| refused(error.to_string()))?;
        if zip.len() > MOST_MEMBERS {
            return Err(refused(format!("it has {} members, more than {MOST_MEMBERS}", zip.len())));
        }
        let mut places = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let member = zip.by_index_raw(index).map_err(|error| refused(error.to_string()))?;
            places.push((member.header_start(), member.data_start().saturating_add(member.compressed_size())));
        }
        places.sort_unstable();
        match places.windows(2).find(|pair| pair[1].0 < pair[0].1) {
            Some(pair) => Err(refused(format!("members overlap at byte {}", pair[1].0))),
            None => Ok(Archive { zip, path }),
        }
    }

    /// An error about an array.
    pub(crate) fn unsound(&self, array: &str, found: impl ToString, bound: impl Into<String>) -> Error {
        Error::InArray {
            path: self.path.to_owned(),
            array: array.to_owned(),
            found: found.to_string(),
            bound: bound.into(),
        }
    }

    /// Names of all arrays, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.zip.file_names().map(|name| name.strip_suffix(".npy").unwrap_or(name))
    }

    /// A single value.
    ///
    /// # Errors
    /// Those of [`Archive::array`].
    pub fn scalar<T: Element>(&mut self, name: &str) -> Result<T> {
        let values = self.array(name, &[])?;
        values.first().copied().ok_or_else(|| self.unsound(name, "empty", "a number"))
    }

    /// A list of whatever length.
    ///
    /// # Errors
    /// [`Error::InArray`] for an array that is missing, damaged, of another type or number of dimensions.
    pub fn list<T: Element>(&mut self, name: &str) -> Result<Vec<T>> {
        self.values(name, 1, None)
    }

    /// An array of a known shape, in logical order, the last index fastest.
    ///
    /// # Errors
    /// Those of [`Archive::list`], and another shape.
    pub fn array<T: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Vec<T>> {
        self.values(name, shape.len(), Some(shape))
    }

    fn values<T: Element>(&mut self, name: &str, dimensions: usize, shape: Option<&[usize]>) -> Result<Vec<T>> {
        let bound = format!("of type {} with {dimensions} dimensions", std::any::type_name::<T>());
        let refused = |found: String| Error::InArray {
            path: self.path.to_owned(),
            array: name.to_owned(),
            found,
            bound: bound.clone(),
        };
        // numpy names a member with `.npy`.
        let with_suffix = format!("{name}.npy");
        let full = if self.zip.index_for_name(&with_suffix).is_some() { &with_suffix } else { name };
        let mut member = match self.zip.by_name(full) {
            Ok(member) => member,
            Err(ZipError::FileNotFound) => return Err(refused("missing".to_owned())),
            Err(error) => return Err(refused(format!("damaged ({error})"))),
        };
        let header = Header::read(&mut member).map_err(&refused)?;
        if header.description != T::DESCRIPTION {
            return Err(refused(format!("of numpy type '{}'", header.description)));
        }
        if header.shape.len() != dimensions {
            return Err(refused(format!("with {} dimensions", header.shape.len())));
        }
        if let Some(shape) = shape.filter(|shape| **shape != header.shape[..]) {
            return Err(Error::InArray {
                path: self.path.to_owned(),
                array: name.to_owned(),
                found: format!("of shape {:?}", header.shape),
                bound: format!("of shape {shape:?}"),
            });
        }
        npy::values(&header, &mut member).map_err(&refused)
    }
}

/// An archive that is written, member by member, whatever their size.
pub(super) struct NewArchive<W: Write + Seek> {
    zip: ZipWriter<W>,
}

impl<W: Write + Seek> NewArchive<W> {
    /// An archive without members.
    pub fn new(destination: W) -> NewArchive<W> {
        NewArchive { zip: ZipWriter::new(destination) }
    }

    /// Adds an array in C order.
    ///
    /// # Errors
    /// [`Error::Encoding`] where the destination cannot be written, or the shape is not that of the values.
    pub fn add<T: Element>(&mut self, name: &str, values: &[T], shape: &[usize]) -> Result<()> {
        if shape.iter().product::<usize>() != values.len() {
            return Err(failed(format!("array {name} of {} values in the shape {shape:?}", values.len())));
        }
        // Smaller members keep the plain form, which older readers know.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(npy::length::<T>(shape) >= LARGE);
        self.zip.start_file(format!("{name}.npy"), options).map_err(|error| failed(error.to_string()))?;
        let mut buffered = BufWriter::new(&mut self.zip);
        let written = npy::write(values, shape, &mut buffered).and_then(|()| buffered.flush());
        written.map_err(|error| failed(error.to_string()))
    }

    /// Writes the directory.
    ///
    /// # Errors
    /// [`Error::Encoding`] where the destination cannot be written.
    pub fn finish(self) -> Result<()> {
        let flushed = self.zip.finish().map_err(|error| failed(error.to_string()))?.flush();
        flushed.map_err(|error| failed(error.to_string()))
    }
}

fn failed(reason: String) -> Error {
    Error::Encoding { what: "npz", reason }
}
