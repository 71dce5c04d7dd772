//! Files on their way to a name.

use std::fs::File;
use std::io::{ErrorKind, Seek};
use std::thread::JoinHandle;

use super::{Folder, UNFINISHED};
use crate::Result;
use crate::base::provenance::sha256_of;

/// A file without its name; dropped, it is gone.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) folder: Folder,
    pub(super) name: String,
    file: File,
    pub(super) is_kept: bool,
    /// Waits for the disk, beside all that the program does meanwhile.
    on_disk: Option<JoinHandle<std::io::Result<()>>>,
}

impl Unfinished {
    /// A new one. The system's error stays bare: its reader knows no unfinished names.
    pub(super) fn new(folder: &Folder) -> std::io::Result<Unfinished> {
        loop {
            let name = format!("{UNFINISHED}{:016x}", fastrand::u64(..));
            match folder.create(&name) {
                Ok(file) => {
                    // Says that it is still written; where there are no locks, that of the folder says it.
                    let _ = file.try_lock();
                    return Ok(Unfinished { folder: folder.clone(), name, file, is_kept: false, on_disk: None });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn sync(&self) -> std::io::Result<()> {
        self.folder.sync_file(&self.name, &self.file)
    }

    /// Lets the file reach the disk while others are written; [`Unfinished::finish_sync`] waits for it.
    pub(super) fn begin_sync(&mut self) -> std::io::Result<()> {
        let file = self.file.try_clone()?;
        // Where no thread is to be had, it goes there in the end.
        self.on_disk = std::thread::Builder::new().spawn(move || file.sync_all()).ok();
        Ok(())
    }

    pub(super) fn finish_sync(&mut self) -> std::io::Result<()> {
        let Some(waiting) = self.on_disk.take() else { return self.sync() };
        let ended = || Err(std::io::Error::other("the thread that waited for the disk ended"));
        waiting.join().unwrap_or_else(|_| ended())?;
        self.folder.note_synced(&self.name);
        Ok(())
    }

    pub(super) fn take_name(&mut self, name: &str) -> Result<()> {
        self.folder.rename(&self.name, name)?;
        self.is_kept = true;
        Ok(())
    }

    pub(super) fn digest(&self) -> std::io::Result<String> {
        let mut file = &self.file;
        file.rewind()?;
        sha256_of(file)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_kept {
            // The next sweep takes what cannot be removed now.
            let _ = self.folder.remove(&self.name);
        }
    }
}
