//! A folder by its descriptor.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Result;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use super::Kind;

/// What the process's mask leaves of it.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

#[derive(Debug)]
pub struct Handle(OwnedFd);

impl Handle {
    pub fn open(path: &Path) -> Result<Handle> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Handle(rustix::fs::open(path, flags, Mode::empty())?))
    }

    pub fn below(&self, name: &str) -> Result<Handle> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Handle(rustix::fs::openat(&self.0, name, flags, Mode::empty())?))
    }

    pub(crate) fn make_folder(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, FOLDER_MODE)?)
    }

    pub fn kind(&self, name: &str) -> Result<Kind> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            _ => Kind::Other,
        })
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }

    /// Without waiting for the other end of a pipe.
    pub(crate) fn open_file(&self, name: &str) -> Result<File> {
        self.file(name, OFlags::RDONLY | OFlags::NONBLOCK)
    }

    pub(crate) fn create_file(&self, name: &str) -> Result<File> {
        self.file(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    pub(crate) fn open_or_create_file(&self, name: &str) -> Result<File> {
        self.file(name, OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK)
    }

    fn file(&self, name: &str, flags: OFlags) -> Result<File> {
        Ok(rustix::fs::openat(&self.0, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, FILE_MODE)?.into())
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(crate) fn remove_folder(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Some file systems cannot, and say so.
    pub fn sync(&self) -> Result<()> {
        match rustix::fs::fsync(&self.0) {
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOTSUP) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn is_still(&self, file: &File, name: &str) -> bool {
        let place = |file: &File| file.metadata().map(|metadata| (metadata.dev(), metadata.ino()));
        let there = self.open_file(name).and_then(|there| place(&there));
        matches!((there, place(file)), (Ok(there), Ok(open)) if there == open)
    }
}
