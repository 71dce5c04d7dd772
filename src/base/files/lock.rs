//! One process per folder of results.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::time::{Duration, Instant};

use super::Folder;
use crate::{Error, Result};

/// The file that is locked.
pub const LOCK: &str = ".cevscan-lock";
/// What holds the folder where the file system knows no locks: whoever makes this file.
const HOLDER: &str = ".cevscan-lock-holder";
/// How what the program writes into a lock begins; another file of that name is left alone.
const BEGINNING: &str = "process ";
/// Longest text of a lock: a process and the name of its host.
const LONGEST: u64 = 1024;
/// How often one looks again.
const PAUSE: Duration = Duration::from_millis(20);

/// Held until it is dropped, or its process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    folder: Folder,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// The system's lock on [`LOCK`].
    Locked(File),
    /// The file [`HOLDER`], where there are no such locks.
    Made,
}

/// What the system answers to the wish for a lock.
type Attempt<'a> = &'a dyn Fn(&File) -> Result<(), TryLockError>;

impl FolderLock {
    /// Locks a folder of results.
    ///
    /// # Errors
    /// [`Error::Locked`] naming the process that holds it; [`Error::NotOurs`] for a file of the lock's name that is none.
    pub fn take(folder: &Folder) -> Result<FolderLock> {
        FolderLock::attempt(folder, &|file| file.try_lock())
    }

    /// The same, waiting for whoever holds it.
    ///
    /// # Errors
    /// As for [`FolderLock::take`], after `patience`.
    pub fn wait(folder: &Folder, patience: Duration) -> Result<FolderLock> {
        let begun = Instant::now();
        loop {
            match FolderLock::take(folder) {
                Err(Error::Locked { .. }) if begun.elapsed() < patience => std::thread::sleep(PAUSE),
                other => return other,
            }
        }
    }

    fn attempt(folder: &Folder, lock: Attempt) -> Result<FolderLock> {
        loop {
            let mut file = folder.open_or_create(LOCK)?;
            let mut text = String::new();
            let read = (&mut file).take(LONGEST).read_to_string(&mut text);
            if read.is_err() || !(text.is_empty() || text.starts_with(BEGINNING)) {
                let reason = "it is no lock of this program".to_owned();
                return Err(Error::NotOurs { path: folder.path_of(LOCK), reason });
            }
            match lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let holder = if text.trim().is_empty() { "another process" } else { text.trim() };
                    return Err(Error::Locked { folder: folder.path().to_owned(), holder: holder.to_owned() });
                }
                Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                    // The file says nothing here; but another folder's worth of processes may be asking as well.
                    drop(file);
                    return FolderLock::make_holder(folder);
                }
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", folder.path())(error)),
            }
            // Whoever held it may have taken the file away meanwhile: then this one locks nothing.
            if !folder.is_still(&file, LOCK) {
                continue;
            }
            let written = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(this_process().as_bytes()))
                .and_then(|()| file.flush());
            written.map_err(Error::io("lock", folder.path()))?;
            return Ok(FolderLock { folder: folder.clone(), held: Held::Locked(file) });
        }
    }

    /// The lock of file systems without locks: a file that only one process can make.
    fn make_holder(folder: &Folder) -> Result<FolderLock> {
        // At most one that was left behind is taken away.
        for _ in 0..2 {
            match folder.create(HOLDER) {
                Ok(mut file) => {
                    file.write_all(this_process().as_bytes()).map_err(Error::io("lock", folder.path()))?;
                    return Ok(FolderLock { folder: folder.clone(), held: Held::Made });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("lock", folder.path())(error)),
            }
            let text = folder.read(HOLDER, LONGEST)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&text).trim().to_owned();
            if !has_ended(&text) {
                let holder = format!("{text} (if that has ended, remove {})", folder.path_of(HOLDER).display());
                return Err(Error::Locked { folder: folder.path().to_owned(), holder });
            }
            folder.remove(HOLDER)?;
        }
        Err(Error::Locked { folder: folder.path().to_owned(), holder: "another process".to_owned() })
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A lock that stays behind as a file locks nothing; a holder that does is recognised by its process.
        match &self.held {
            Held::Locked(file) => {
                let _ = self.folder.remove(LOCK);
                let _ = file.unlock();
            }
            Held::Made => {
                let _ = self.folder.remove(HOLDER);
                let _ = self.folder.remove(LOCK);
            }
        }
    }
}

/// Whether the file system knows no locks, as some of clusters do not.
pub(super) fn has_no_locks(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    if let Some(code) = error.raw_os_error() {
        use rustix::io::Errno;
        let none = [Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOLCK, Errno::INVAL];
        return none.iter().any(|errno| errno.raw_os_error() == code);
    }
    error.kind() == ErrorKind::Unsupported
}

/// `process 123 on node7`.
fn this_process() -> String {
    format!("{BEGINNING}{} on {}", std::process::id(), host())
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    return std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned());
}

/// Whether a process that wrote a holder is known to have ended: only of this host is that known.
fn has_ended(holder: &str) -> bool {
    let parts = holder.strip_prefix(BEGINNING).and_then(|rest| rest.split_once(" on "));
    let Some((process, at)) = parts else { return false };
    at == host() && process.parse().is_ok_and(is_gone)
}

#[cfg(unix)]
fn is_gone(process: i32) -> bool {
    let Some(process) = rustix::process::Pid::from_raw(process) else { return false };
    rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
fn is_gone(_: i32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn folder() -> Result<(tempfile::TempDir, Folder)> {
        let folder = tempfile::tempdir().map_err(Error::io("create", Path::new("")))?;
        let open = Folder::open(folder.path())?;
        Ok((folder, open))
    }

    fn refusal(taken: Result<FolderLock>) -> String {
        taken.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_second_is_told_who_holds_it() -> Result<()> {
        let (_guard, folder) = folder()?;
        let first = FolderLock::take(&folder)?;
        let told = refusal(FolderLock::take(&folder));
        assert!(told.contains(&format!("process {} on {}", std::process::id(), host())), "{told}");
        assert!(refusal(FolderLock::wait(&folder, Duration::from_millis(50))).contains("in use"));
        drop(first);
        drop(FolderLock::take(&folder)?);
        assert!(folder.names()?.is_empty());
        Ok(())
    }

    /// As on file systems without flock: the second is refused, the lock of a process that has ended is taken.
    #[test]
    fn without_locks_of_the_system_a_file_holds_the_folder() -> Result<()> {
        let (_guard, folder) = folder()?;
        let none: Attempt = &|_| Err(TryLockError::Error(std::io::Error::from_raw_os_error(95)));
        let first = FolderLock::attempt(&folder, none)?;
        let told = refusal(FolderLock::attempt(&folder, none));
        assert!(told.contains(&format!("process {} on ", std::process::id())) && told.contains(HOLDER), "{told}");
        drop(first);
        assert!(folder.names()?.is_empty());
        let path = folder.path_of(HOLDER);
        let write = |text: String| std::fs::write(&path, text).map_err(Error::io("write", &path));
        // No system has such a process.
        write(format!("{BEGINNING}{} on {}", i32::MAX, host()))?;
        drop(FolderLock::attempt(&folder, none)?);
        // Of another machine nothing is known.
        write(format!("{BEGINNING}{} on elsewhere", i32::MAX))?;
        assert!(refusal(FolderLock::attempt(&folder, none)).contains("on elsewhere"));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_the_user_is_never_written_into() -> Result<()> {
        let (guard, folder) = folder()?;
        let (thesis, lock) = (guard.path().join("thesis"), guard.path().join(LOCK));
        let io = |result: std::io::Result<()>| result.map_err(Error::io("write", &thesis));
        io(std::fs::write(&thesis, "words"))?;
        for link in [std::os::unix::fs::symlink::<&Path, &Path>, |from: &Path, to: &Path| std::fs::hard_link(from, to)]
        {
            io(link(&thesis, &lock))?;
            assert!(refusal(FolderLock::take(&folder)).contains(LOCK));
            assert_eq!(std::fs::read(&thesis).ok().as_deref(), Some(&b"words"[..]));
            io(std::fs::remove_file(&lock))?;
        }
        Ok(())
    }
}
