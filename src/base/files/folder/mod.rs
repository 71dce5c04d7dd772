//! An open folder.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod handle;

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::recording::{Operation, note, note_contents};
use crate::{Error, Result};

/// What stands under a name; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe.
    Other,
}

/// An open folder. Names are those of its entries, without a path, and nothing is reached through a link: an entry that
/// is swapped for a link after the folder was opened is refused, or replaced, never followed.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    handle: Arc<handle::Handle>,
}

impl Folder {
    /// Opens a folder that the user has named, a link to one included.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(path: &Path) -> Result<Folder> {
        // The folder in which one stands has no name of its own.
        let at = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let handle = handle::Handle::open(at).map_err(Error::io("open", at))?;
        Ok(Folder { path: path.to_owned(), handle: Arc::new(handle) })
    }

    /// Its path, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of an entry, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a folder in it; none where there is none.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for what is no folder, a link included; those of the system.
    pub fn below(&self, name: &str) -> Result<Option<Folder>> {
        match self.kind(name)? {
            None => return Ok(None),
            Some(Kind::Folder) => {}
            Some(_) => return Err(Error::NotOurs { path: self.path_of(name), reason: "it is no folder".to_owned() }),
        }
        let path = self.path_of(name);
        let handle = self.handle.below(name).map_err(Error::io("open", &path))?;
        Ok(Some(Folder { path, handle: Arc::new(handle) }))
    }

    /// Makes a folder in it where there is none, and opens it.
    ///
    /// # Errors
    /// As for [`Folder::below`].
    pub(crate) fn make_below(&self, name: &str) -> Result<Folder> {
        if let Some(folder) = self.below(name)? {
            return Ok(folder);
        }
        let path = self.path_of(name);
        match self.handle.make_folder(name) {
            Ok(()) => note(&Operation::MakeFolder { path: &path }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", &path)(error)),
        }
        let handle = self.handle.below(name).map_err(Error::io("open", &path))?;
        self.sync()?;
        Ok(Folder { path, handle: Arc::new(handle) })
    }

    /// What stands under a name, if anything does.
    ///
    /// # Errors
    /// Those of the system.
    pub fn kind(&self, name: &str) -> Result<Option<Kind>> {
        match self.handle.kind(name) {
            Ok(kind) => Ok(Some(kind)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &self.path_of(name))(error)),
        }
    }

    /// Names of its entries, sorted.
    ///
    /// # Errors
    /// Those of the system.
    pub fn names(&self) -> Result<Vec<OsString>> {
        let mut names = self.handle.names().map_err(Error::io("read", &self.path))?;
        names.sort();
        Ok(names)
    }

    /// Opens a regular file to read it; none where there is none.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for what is no regular file; those of the system.
    pub fn file(&self, name: &str) -> Result<Option<File>> {
        match self.kind(name)? {
            None => return Ok(None),
            Some(Kind::File) => {}
            Some(_) => return Err(self.no_file(name)),
        }
        match self.handle.open_file(name) {
            Ok(file) => self.require_file(file, name).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &self.path_of(name))(error)),
        }
    }

    /// The contents of a regular file of at most so many bytes; none where there is none.
    ///
    /// # Errors
    /// As for [`Folder::file`], and a file that is longer.
    pub fn read(&self, name: &str, longest_bytes: u64) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(longest_bytes + 1).read_to_end(&mut bytes).map_err(Error::io("read", &self.path_of(name)))?;
        if bytes.len() as u64 > longest_bytes {
            let quantity = format!("length of {}", self.path_of(name).display());
            let bound = format!("at most {longest_bytes} bytes");
            return Err(Error::out_of_range(quantity, format!("more than {longest_bytes} bytes"), bound));
        }
        Ok(Some(bytes))
    }

    /// Makes a file that is not there yet, to write and read it.
    ///
    /// # Errors
    /// Those of the system, bare: the name is often one that its user does not know.
    pub(super) fn create(&self, name: &str) -> std::io::Result<File> {
        let file = self.handle.create_file(name)?;
        note(&Operation::Create { path: &self.path_of(name) });
        Ok(file)
    }

    /// Opens a regular file to write and read it, and makes it where there is none.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for what is no regular file; those of the system.
    pub(super) fn open_or_create(&self, name: &str) -> Result<File> {
        if self.kind(name)?.is_some_and(|kind| kind != Kind::File) {
            return Err(self.no_file(name));
        }
        // That one cannot write there is a matter of the folder for who has never heard of this file.
        let file = self.handle.open_or_create_file(name).map_err(Error::io("write into", &self.path))?;
        self.require_file(file, name)
    }

    /// Brings a file's contents to the disk: a full disk shows here at the latest.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn sync_file(&self, name: &str, file: &File) -> std::io::Result<()> {
        file.sync_all()?;
        self.note_synced(name);
        Ok(())
    }

    /// Notes that a file's contents have reached the disk.
    pub(super) fn note_synced(&self, name: &str) {
        note_contents(&self.path_of(name), || self.read(name, u64::MAX - 1).ok().flatten());
    }

    /// Gives an entry another name, in place of what had it.
    ///
    /// # Errors
    /// Those of the system, naming the new name.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.handle.rename(from, to).map_err(Error::io("write", &self.path_of(to)))?;
        note(&Operation::Rename { from: &self.path_of(from), to: &self.path_of(to) });
        Ok(())
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.handle.remove(name).map_err(Error::io("remove", &self.path_of(name)))?;
        note(&Operation::Remove { path: &self.path_of(name) });
        Ok(())
    }

    /// Removes a folder in it if nothing is left in that one; whether it did.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn remove_if_empty(&self, name: &str) -> Result<bool> {
        match self.below(name)? {
            Some(folder) if folder.names()?.is_empty() => {}
            Some(_) => return Ok(false),
            None => return Ok(true),
        }
        match self.handle.remove_folder(name) {
            Ok(()) => {
                note(&Operation::RemoveFolder { path: &self.path_of(name) });
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(false),
            Err(error) => Err(Error::io("remove", &self.path_of(name))(error)),
        }
    }

    /// Brings the names of its entries to the disk.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sync(&self) -> Result<()> {
        self.handle.sync().map_err(Error::io("write into", &self.path))?;
        note(&Operation::SyncFolder { path: &self.path });
        Ok(())
    }

    /// Whether an open file is what stands under a name.
    pub(super) fn is_still(&self, file: &File, name: &str) -> bool {
        self.handle.is_still(file, name)
    }

    fn require_file(&self, file: File, name: &str) -> Result<File> {
        let metadata = file.metadata().map_err(Error::io("read", &self.path_of(name)))?;
        if metadata.is_file() { Ok(file) } else { Err(self.no_file(name)) }
    }

    fn no_file(&self, name: &str) -> Error {
        Error::NotOurs { path: self.path_of(name), reason: "it is no regular file".to_owned() }
    }
}
