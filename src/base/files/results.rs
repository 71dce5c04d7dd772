//! Folders that results are written into.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::commit;
use super::lock::has_no_locks;
use super::unfinished::Unfinished;
use super::{Folder, FolderLock, Kind, is_unfinished};
use crate::{Error, Result};

/// How long who writes for a moment waits for others that do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that is locked for this process until it is dropped. What a process that was killed left in it is finished,
/// where its files were complete, and swept where they were not.
#[derive(Debug)]
pub struct Results {
    folder: Folder,
    below: Vec<(String, Folder)>,
    _lock: FolderLock,
}

impl Results {
    /// Makes a folder with its parents where there is none, and locks it; for commands that work in it for long.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] where it is a file, [`Error::Locked`] where another process works in it, [`Error::Io`] where
    /// it cannot be made or written into.
    pub fn open(path: &Path) -> Result<Results> {
        Results::locked(path, FolderLock::take)
    }

    /// The same, waiting for others; for commands that have everything ready to be written.
    ///
    /// # Errors
    /// As for [`Results::open`], and one that is locked for too long.
    pub fn wait(path: &Path) -> Result<Results> {
        Results::locked(path, |folder| FolderLock::wait(folder, PATIENCE))
    }

    fn locked(path: &Path, lock: impl FnOnce(&Folder) -> Result<FolderLock>) -> Result<Results> {
        let folder = make(path)?;
        let lock = lock(&folder)?;
        if let Some(names) = commit::read(&folder)? {
            commit::finish(&folder, &names)?;
        }
        sweep(&folder, true)?;
        Ok(Results { folder, below: Vec::new(), _lock: lock })
    }

    /// With folders below, made where there are none, whose files are named as `below/name`.
    ///
    /// # Errors
    /// [`Error::NotOurs`] where a link or a file stands in the place of one; those of the system.
    pub fn with_folders(mut self, names: &[&str]) -> Result<Results> {
        for name in names {
            let folder = self.folder.make_below(name)?;
            sweep(&folder, true)?;
            self.below.push(((*name).to_owned(), folder));
        }
        Ok(self)
    }

    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The folder of a file that is named `name` or `below/name`, the name of that folder, and the file's own.
    pub(super) fn place<'n>(&self, name: &'n str) -> Result<(&Folder, &'n str, &'n str)> {
        let Some((below, file)) = name.rsplit_once('/') else { return Ok((&self.folder, "", name)) };
        match self.below.iter().find(|(known, _)| known == below) {
            Some((_, folder)) => Ok((folder, below, file)),
            None => Err(Error::unknown_name("folder", below, self.below.iter().map(|(name, _)| name.as_str()))),
        }
    }
}

/// Makes a folder with its parents, and makes sure that files can be written into it.
///
/// # Errors
/// [`Error::OutOfRange`] where it is a file, [`Error::Io`] where it cannot be made or written into.
pub fn writable_folder(path: &Path) -> Result<()> {
    let folder = make(path)?;
    Unfinished::new(&folder).map(drop).map_err(Error::io("write into", path))
}

/// Writes one file, whose folder is there; it appears when it is complete. No other process is kept out of the folder.
///
/// # Errors
/// [`Error::Io`], naming the file.
pub fn write_file(path: &Path, contents: &[u8]) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::out_of_range("name of a file", path.display(), "one of Unicode letters"))?;
    let folder = Folder::open(parent).map_err(|error| match error {
        Error::Io { source, .. } => Error::io("write", path)(source),
        other => other,
    })?;
    sweep(&folder, false)?;
    write_into(&folder, name, contents)
}

/// Writes one file into an open folder.
///
/// # Errors
/// [`Error::Io`], naming the file.
pub(super) fn write_into(folder: &Folder, name: &str, contents: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let path = folder.path_of(name);
    let mut file = Unfinished::new(folder).map_err(Error::io("write", &path))?;
    file.file().write_all(contents).map_err(Error::io("write", &path))?;
    file.sync().map_err(Error::io("write", &path))?;
    file.take_name(name)?;
    folder.sync()
}

fn make(path: &Path) -> Result<Folder> {
    if path.exists() && !path.is_dir() {
        return Err(Error::out_of_range("folder for the results", path.display(), "a folder, but it is a file"));
    }
    fs::create_dir_all(path).map_err(Error::io("create", path))?;
    Folder::open(path)
}

/// Takes away what processes that were killed left half written. A file that is still being written is locked; where
/// there are no locks, the folder's own tells (`is_ours`).
fn sweep(folder: &Folder, is_ours: bool) -> Result<()> {
    let names = folder.names()?;
    let left = names.iter().filter_map(|name| name.to_str()).filter(|name| is_unfinished(name));
    // What a record names is complete.
    if !is_ours && folder.kind(commit::COMMIT)?.is_some() {
        return Ok(());
    }
    for name in left {
        if folder.kind(name)? != Some(Kind::File) {
            continue;
        }
        let Some(file) = folder.file(name)? else { continue };
        let abandoned = match file.try_lock() {
            Ok(()) => true,
            Err(fs::TryLockError::WouldBlock) => false,
            Err(fs::TryLockError::Error(error)) => is_ours && has_no_locks(&error),
        };
        if abandoned {
            match folder.remove(name) {
                // In a folder of many users it may be another's.
                Err(_) if !is_ours => {}
                removed => removed?,
            }
        }
    }
    Ok(())
}

impl Folder {
    /// Writes one file into it, which appears when it is complete.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<()> {
        write_into(self, name, contents)
    }

    /// Takes away what processes that were killed left half written in it; for folders below one that is locked.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sweep(&self) -> Result<()> {
        sweep(self, true)
    }
}
