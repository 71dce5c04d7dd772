//! One process per folder of results.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

const NAME: &str = ".cevscan-lock";
/// Most that is read of who holds it (bytes).
const LONGEST_HOLDER: u64 = 200;

/// Held until it is dropped, or its process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
    path: PathBuf,
}

impl FolderLock {
    /// Locks a folder of results.
    ///
    /// # Errors
    /// [`Error::Locked`] naming the process that holds it.
    pub fn take(folder: &Path) -> Result<FolderLock> {
        let path = folder.join(NAME);
        loop {
            let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let mut file = open.map_err(Error::io("lock", folder))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // What it cannot say is left out.
                    let _ = file.take(LONGEST_HOLDER).read_to_string(&mut holder);
                    return Err(Error::Locked { folder: folder.to_owned(), holder: holder.trim().to_owned() });
                }
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", folder)(error)),
            }
            // Whoever held it may have taken the file away meanwhile: then this one locks nothing.
            if !is_still(&file, &path) {
                continue;
            }
            let holder = format!("process {}", std::process::id());
            let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
            written.map_err(Error::io("lock", folder))?;
            return Ok(FolderLock { file, path });
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A lock that stays behind as a file locks nothing.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let inode = |metadata: std::io::Result<std::fs::Metadata>| metadata.ok().map(|m| (m.dev(), m.ino()));
    inode(file.metadata()) == inode(std::fs::metadata(path))
}

#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it() -> Result<()> {
        let folder = tempfile::tempdir().map_err(Error::io("create", Path::new("")))?;
        let first = FolderLock::take(folder.path())?;
        let second = FolderLock::take(folder.path());
        let told = second.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
        drop(first);
        drop(FolderLock::take(folder.path())?);
        assert!(std::fs::read_dir(folder.path()).is_ok_and(|mut entries| entries.next().is_none()));
        Ok(())
    }
}
