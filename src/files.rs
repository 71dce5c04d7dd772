//! Files that appear under their name only when complete: written beside it, then renamed.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Files of one result, all written before any takes its name.
///
/// Dropped without [`Staged::publish`], or on an error, it leaves nothing behind.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<(NamedTempFile, PathBuf)>,
}

impl Staged {
    /// No files yet.
    pub fn new() -> Staged {
        Staged::default()
    }

    /// Writes the contents of `path` beside it.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file, from the system or from `write`; [`Error`]s of `write` itself.
    pub fn add(&mut self, path: &Path, write: impl FnOnce(&mut dyn Destination) -> Result<()>) -> Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = new_file_beside().tempfile_in(folder).map_err(Error::io("write", path))?;
        let mut buffered = BufWriter::new(file);
        write(&mut buffered)?;
        let file = buffered.into_inner().map_err(|failed| Error::io("write", path)(failed.into_error()))?;
        // What is renamed must be on the disk: a full disk shows here at the latest.
        file.as_file().sync_all().map_err(Error::io("write", path))?;
        self.files.push((file, path.to_owned()));
        Ok(())
    }

    /// Writes bytes as the contents of `path`.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn add_bytes(&mut self, path: &Path, contents: &[u8]) -> Result<()> {
        self.add(path, |file| file.write_all(contents).map_err(Error::io("write", path)))
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn publish(self) -> Result<()> {
        for (file, path) in self.files {
            file.persist(&path).map_err(|failed| Error::io("write", &path)(failed.error))?;
        }
        Ok(())
    }
}

/// What a format's writer needs.
pub trait Destination: Write + std::io::Seek {}

impl<T: Write + std::io::Seek> Destination for T {}

/// Makes a folder with its parents, and makes sure that files can be written into it.
///
/// # Errors
/// [`Error::Io`] where it is a file, or is not writable.
pub fn writable_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    new_file_beside().tempfile_in(folder).map_err(Error::io("write into", folder))?;
    Ok(())
}

/// How temporary files are made: as readable as other new files, where the system would make them private.
fn new_file_beside() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut)]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}
