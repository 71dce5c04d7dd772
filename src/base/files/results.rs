//! Folders that results are written into.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::commit;
use super::inventory::{Coming, Inventory, Rule, Subject};
use super::lock::has_no_locks;
use super::places::Places;
use super::unfinished::Unfinished;
use super::{Folder, FolderLock, Kind, is_unfinished};
use crate::{Error, Result};

/// How long who writes for a moment waits for others that do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that is locked for this process until it is dropped. What a process that was killed left in it is finished,
/// where its files were complete, and swept where they were not.
#[derive(Debug)]
pub struct Results {
    places: Places,
    rule: Rule,
    /// The inventory, where the files hold it themselves.
    kept: Option<Inventory>,
    /// One set after the other takes its names and its place in the inventory.
    pub(super) publishing: Mutex<()>,
    // In this order: without its lock the folder is empty, if nothing came into it.
    _lock: FolderLock,
    _made: Made,
}

/// Folders that were made for what comes into them; they go when it is dropped and nothing has come.
#[derive(Debug)]
#[must_use = "the folder goes with it where nothing is written"]
pub struct Made {
    /// The innermost first.
    folders: Vec<PathBuf>,
}

impl Drop for Made {
    fn drop(&mut self) {
        // What is not empty stays.
        let _ = self.folders.iter().try_for_each(fs::remove_dir);
    }
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
        let (folder, made) = make(path)?;
        let lock = lock(&folder)?;
        if let Some(names) = commit::read(&folder)? {
            commit::finish_late(&folder, &names)?;
        }
        sweep(&folder)?;
        Ok(Results {
            places: Places { main: folder, below: Vec::new() },
            rule: Rule::default(),
            kept: None,
            publishing: Mutex::new(()),
            _lock: lock,
            _made: made,
        })
    }

    /// Whether files that stand in the way are written over though the program did not write them, or not so.
    pub fn fresh(mut self, is_fresh: bool) -> Results {
        self.rule.is_fresh = is_fresh;
        self
    }

    /// Files that are the program's own though the inventory does not have them: SHA-256 by name, from a record of theirs.
    pub fn trust(&mut self, files: impl IntoIterator<Item = (String, String)>) {
        self.rule.trusted.extend(files);
    }

    /// Says that the files hold their inventory themselves, and which: SHA-256 by name, and what they are of. No other is
    /// written beside them.
    pub fn keep_inventory(&mut self, files: Option<(BTreeMap<String, String>, Subject)>) {
        self.kept = Some(files.map(|(files, subject)| Inventory::of(files, &subject)).unwrap_or_default());
    }

    pub(super) fn keeps_inventory(&self) -> bool {
        self.kept.is_some()
    }

    pub(super) fn inventory(&self) -> Result<Inventory> {
        match &self.kept {
            Some(kept) => Ok(kept.clone()),
            None => Inventory::read(&self.places.main),
        }
    }

    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Whether the inventory has a file.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a file of the inventory's name that is none.
    pub fn has_written(&self, name: &str) -> Result<bool> {
        Ok(self.inventory()?.has(name))
    }

    /// Refuses before the work what [`Staged::publish`] would refuse after it.
    ///
    /// # Errors
    /// [`Error::InTheWay`], naming what stands in the place of one of these files and is not the program's.
    pub fn require_free(&self, names: &[&str], subject: Option<&Subject>) -> Result<()> {
        let files = names.iter().map(|name| (*name, None)).collect();
        let coming = Coming { files, subject, is_alone: false, retired: &[], rule: &self.rule };
        self.inventory()?.replace(&self.places, &coming).map(drop)
    }

    /// With folders below, made where there are none, whose files are named as `below/name`.
    ///
    /// # Errors
    /// [`Error::NotOurs`] where a link or a file stands in the place of one; those of the system.
    pub fn with_folders(mut self, names: &[&str]) -> Result<Results> {
        for name in names {
            let folder = self.places.main.make_below(name)?;
            sweep(&folder)?;
            self.places.below.push(((*name).to_owned(), folder));
        }
        Ok(self)
    }

    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.places.main
    }
}

/// Makes a folder with its parents, and makes sure that files can be written into it: before work whose results it is for.
///
/// # Errors
/// [`Error::OutOfRange`] where it is a file, [`Error::Io`] where it cannot be made or written into.
pub fn writable_folder(path: &Path) -> Result<Made> {
    let (folder, made) = make(path)?;
    Unfinished::new(&folder).map(drop).map_err(Error::io("write into", path))?;
    Ok(made)
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

fn make(path: &Path) -> Result<(Folder, Made)> {
    let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let made = Made { folders: path.ancestors().take_while(missing).map(Path::to_path_buf).collect() };
    // The folder in which one stands has no name of its own.
    if path.as_os_str().is_empty() {
        return Ok((Folder::open(path)?, made));
    }
    if path.exists() && !path.is_dir() {
        return Err(Error::out_of_range("folder for the results", path.display(), "a folder, but it is a file"));
    }
    fs::create_dir_all(path).map_err(Error::io("create", path))?;
    Ok((Folder::open(path)?, made))
}

/// Takes away what processes that were killed left half written, in a folder that is locked. A file that is still being
/// written is locked; where there are no locks, the folder's own tells.
fn sweep(folder: &Folder) -> Result<()> {
    let names = folder.names()?;
    for name in names.iter().filter_map(|name| name.to_str()).filter(|name| is_unfinished(name)) {
        if folder.kind(name)? != Some(Kind::File) {
            continue;
        }
        let Some(file) = folder.file(name)? else { continue };
        let abandoned = match file.try_lock() {
            Ok(()) => true,
            Err(fs::TryLockError::WouldBlock) => false,
            Err(fs::TryLockError::Error(error)) => has_no_locks(&error),
        };
        if abandoned {
            folder.remove(name)?;
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
        sweep(self)
    }
}
