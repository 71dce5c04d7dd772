//! A folder by its path, where the standard library opens none: links are looked for, not excluded.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::Kind;

#[derive(Debug)]
pub struct Handle(PathBuf);

impl Handle {
    pub fn open(path: &Path) -> Result<Handle> {
        match fs::metadata(path)?.is_dir() {
            true => Ok(Handle(path.to_owned())),
            false => Err(Error::from(ErrorKind::NotADirectory)),
        }
    }

    pub fn below(&self, name: &str) -> Result<Handle> {
        match self.kind(name)? {
            Kind::Folder => Ok(Handle(self.0.join(name))),
            _ => Err(Error::from(ErrorKind::NotADirectory)),
        }
    }

    pub(crate) fn make_folder(&self, name: &str) -> Result<()> {
        fs::create_dir(self.0.join(name))
    }

    pub fn kind(&self, name: &str) -> Result<Kind> {
        let kind = fs::symlink_metadata(self.0.join(name))?.file_type();
        Ok(match () {
            () if kind.is_file() => Kind::File,
            () if kind.is_dir() => Kind::Folder,
            () => Kind::Other,
        })
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    pub(crate) fn open_file(&self, name: &str) -> Result<File> {
        File::open(self.0.join(name))
    }

    pub(crate) fn create_file(&self, name: &str) -> Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.0.join(name))
    }

    pub(crate) fn open_or_create_file(&self, name: &str) -> Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.0.join(name))
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        fs::remove_file(self.0.join(name))
    }

    pub(crate) fn remove_folder(&self, name: &str) -> Result<()> {
        fs::remove_dir(self.0.join(name))
    }

    /// Names are on the disk when the call that made them returns, or when the system likes.
    pub fn sync(&self) -> Result<()> {
        Ok(())
    }

    pub(crate) fn is_still(&self, _: &File, name: &str) -> bool {
        self.kind(name).is_ok()
    }
}
