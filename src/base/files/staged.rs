//! Sets of files.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};

use super::commit::{self, COMMIT, Naming};
use super::unfinished::Unfinished;
use super::{Kind, Results};
use crate::{Error, Result};

/// Files of one result, all written before any takes its name.
///
/// Dropped without [`Staged::publish`], or on an error, it leaves nothing behind.
#[derive(Debug)]
pub struct Staged<'a> {
    results: &'a Results,
    files: Vec<(Unfinished, String)>,
}

impl Results {
    /// A set of files for this folder, none of them named yet.
    pub fn stage(&self) -> Staged<'_> {
        Staged { results: self, files: Vec::new() }
    }
}

impl Staged<'_> {
    /// Writes the contents of a file, `name` or `folder/name`.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file, from the system or from `write`; [`Error`]s of `write` itself.
    pub fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Destination) -> Result<()>) -> Result<()> {
        let (folder, _, file_name) = self.results.place(name)?;
        let path = folder.path_of(file_name);
        let file = Unfinished::new(folder).map_err(Error::io("write", &path))?;
        let mut guarded = Guarded { file, failure: None, position: 0, end: 0 };
        let mut buffered = BufWriter::new(&mut guarded);
        let written = write(&mut buffered);
        let flushed = buffered.flush();
        drop(buffered);
        if let Some(failure) = guarded.failure {
            return Err(Error::io("write", &path)(failure));
        }
        written?;
        flushed.map_err(Error::io("write", &path))?;
        guarded.file.begin_sync().map_err(Error::io("write", &path))?;
        self.files.push((guarded.file, name.to_owned()));
        Ok(())
    }

    /// Writes bytes as the contents of a file.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file.
    pub fn add_bytes(&mut self, name: &str, contents: &[u8]) -> Result<()> {
        let path = self.results.folder().path_of(name);
        self.add(name, |file| file.write_all(contents).map_err(Error::io("write", &path)))
    }

    /// Takes the files of another set of the same folder, to be named together.
    pub fn append(&mut self, mut other: Staged) {
        self.files.append(&mut other.files);
    }

    /// SHA-256 of each file by its name, as it will stand there.
    ///
    /// # Errors
    /// [`Error::Io`], for a file that cannot be read back.
    pub fn digests(&self) -> Result<std::collections::BTreeMap<String, String>> {
        let digest = |(file, name): &(Unfinished, String)| {
            let digest = file.digest().map_err(Error::io("read", &self.results.folder().path_of(name)))?;
            Ok((name.clone(), digest))
        };
        self.files.iter().map(digest).collect()
    }

    /// Gives all files their names: all of them, or none.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file. If that is one that could not take its name though the set was complete, the next
    /// process to write into the folder gives it to it.
    pub fn publish(self) -> Result<()> {
        let Staged { results, mut files } = self;
        // What takes a name must be on the disk, all of it before the first: a full disk shows here at the latest.
        for (file, name) in &mut files {
            file.finish_sync().map_err(Error::io("write", &results.folder().path_of(name)))?;
        }
        let mut names = Vec::new();
        for (file, name) in &files {
            let (folder, below, to) = results.place(name)?;
            if folder.kind(to)? == Some(Kind::Folder) {
                let error = std::io::Error::from(ErrorKind::IsADirectory);
                return Err(Error::io("write", &folder.path_of(to))(error));
            }
            names.push(Naming { below: below.to_owned(), from: file.name.clone(), to: to.to_owned() });
        }
        let main = results.folder();
        match (files.as_mut_slice(), names.as_slice()) {
            ([], _) => Ok(()),
            ([(file, _)], [naming]) => {
                file.take_name(&naming.to)?;
                file.folder.sync()
            }
            _ => {
                // The unfinished names have to be on the disk before the record that names them.
                for below in places(&names) {
                    let (folder, ..) = results.place(&format!("{below}name"))?;
                    folder.sync()?;
                }
                main.write(COMMIT, commit::text(&names)?.as_bytes())?;
                // From here on they are the set; nobody takes them away, this process included.
                files.iter_mut().for_each(|(file, _)| file.is_kept = true);
                commit::finish(main, &names)
            }
        }
    }
}

/// The folders of some names, each once, as they stand before a name.
fn places(names: &[Naming]) -> Vec<String> {
    let mut places: Vec<String> = names
        .iter()
        .map(|naming| if naming.below.is_empty() { String::new() } else { format!("{}/", naming.below) })
        .collect();
    places.sort();
    places.dedup();
    places
}

/// A file that keeps its first failure and answers as if nothing had happened from then on: what formats' writers try
/// while they are dropped must neither fail again nor complain on its own.
struct Guarded {
    file: Unfinished,
    failure: Option<std::io::Error>,
    /// Where the next byte would go, and the end, had nothing failed.
    position: u64,
    end: u64,
}

impl Guarded {
    fn attempt<T>(&mut self, instead: T, work: impl FnOnce(&mut File) -> std::io::Result<T>) -> std::io::Result<T> {
        if self.failure.is_some() {
            return Ok(instead);
        }
        match work(self.file.file()) {
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
