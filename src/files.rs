//! Files that appear under their name only when complete: written beside it, then renamed.

use std::fs;
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// How the names of files begin that are not finished; a process that was killed may leave one.
pub const TEMPORARY_PREFIX: &str = ".cevscan-unfinished-";

/// Files of one result, all written before any takes its name.
///
/// Dropped without [`Staged::publish`], or on an error, it leaves nothing behind.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<Written>,
}

/// A file that is written, and on its way to the disk.
#[derive(Debug)]
struct Written {
    file: NamedTempFile,
    path: PathBuf,
    /// Waits for the disk, beside all that the program does meanwhile.
    on_disk: JoinHandle<std::io::Result<()>>,
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
        let file = new_file_in(folder).map_err(Error::io("write", path))?;
        let mut guarded = Guarded { file, failure: None, position: 0, end: 0 };
        let mut buffered = BufWriter::new(&mut guarded);
        let written = write(&mut buffered);
        let flushed = buffered.flush();
        drop(buffered);
        if let Some(failure) = guarded.failure {
            return Err(Error::io("write", path)(failure));
        }
        written?;
        flushed.map_err(Error::io("write", path))?;
        let file = guarded.file;
        let handle = file.as_file().try_clone().map_err(Error::io("write", path))?;
        let on_disk = std::thread::Builder::new().spawn(move || handle.sync_all()).map_err(Error::io("write", path))?;
        self.files.push(Written { file, path: path.to_owned(), on_disk });
        Ok(())
    }

    /// Writes bytes as the contents of `path`.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn add_bytes(&mut self, path: &Path, contents: &[u8]) -> Result<()> {
        self.add(path, |file| file.write_all(contents).map_err(Error::io("write", path)))
    }

    /// Takes the files of another set, to be named together.
    pub fn append(&mut self, mut other: Staged) {
        self.files.append(&mut other.files);
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn publish(self) -> Result<()> {
        let mut complete = Vec::new();
        // What is renamed must be on the disk, all of it before the first: a full disk shows here at the latest.
        for Written { file, path, on_disk } in self.files {
            let synced = on_disk
                .join()
                .unwrap_or_else(|_| Err(std::io::Error::other("the thread that waited for the disk ended")));
            synced.map_err(Error::io("write", &path))?;
            complete.push((file, path));
        }
        for (file, path) in complete {
            file.persist(&path).map_err(|failed| Error::io("write", &path)(failed.error))?;
        }
        Ok(())
    }
}

/// A file that keeps its first failure and answers as if nothing had happened from then on: what formats' writers try
/// while they are dropped must neither fail again nor complain on its own.
struct Guarded {
    file: NamedTempFile,
    failure: Option<std::io::Error>,
    /// Where the next byte would go, and the end, had nothing failed.
    position: u64,
    end: u64,
}

impl Guarded {
    fn attempt<T>(&mut self, instead: T, work: impl FnOnce(&mut fs::File) -> std::io::Result<T>) -> std::io::Result<T> {
        if self.failure.is_some() {
            return Ok(instead);
        }
        match work(self.file.as_file_mut()) {
            Err(failure) if failure.kind() != ErrorKind::Interrupted => {
                let kind = failure.kind();
                self.failure = Some(failure);
                Err(kind.into())
            }
            other => other,
        }
    }
}

impl Write for Guarded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.attempt(bytes.len(), |file| file.write(bytes))?;
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.attempt((), |file| file.flush())
    }
}

impl Seek for Guarded {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(target) => target,
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
            SeekFrom::End(by) => self.end.saturating_add_signed(by),
        };
        self.position = self.attempt(target, |file| file.seek(to))?;
        Ok(self.position)
    }
}

/// What a format's writer needs.
pub trait Destination: Write + Seek {}

impl<T: Write + Seek> Destination for T {}

/// Makes a folder with its parents, and makes sure that files can be written into it.
///
/// # Errors
/// [`Error::OutOfRange`] where it is a file, [`Error::Io`] where it cannot be made or written into.
pub fn writable_folder(folder: &Path) -> Result<()> {
    if folder.exists() && !folder.is_dir() {
        return Err(Error::out_of_range("folder for the results", folder.display(), "a folder, but it is a file"));
    }
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    new_file_in(folder).map_err(Error::io("write into", folder))?;
    Ok(())
}

/// A temporary file, as readable as other new files. The system's error stays bare: its reader knows no temporary names.
fn new_file_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let open = |path: &Path| fs::OpenOptions::new().read(true).write(true).create_new(true).open(path);
    tempfile::Builder::new().prefix(TEMPORARY_PREFIX).make_in(folder, open)
}
