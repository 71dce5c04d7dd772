//! Sets of files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::PoisonError;

use super::commit::{self, COMMIT, Naming};
use super::inventory::{Coming, INVENTORY, Inventory, Subject};
use super::unfinished::Unfinished;
use super::{Folder, Kind, Results};
use crate::{Error, Result};

/// Files of one result, all written before any takes its name.
///
/// Dropped without [`Staged::publish`], or on an error, it leaves nothing behind.
#[derive(Debug)]
pub struct Staged<'a> {
    results: &'a Results,
    files: Vec<Complete>,
    subject: Option<Subject>,
    is_alone: bool,
    retired: Vec<&'static str>,
}

/// A file that is written, without its name.
#[derive(Debug)]
struct Complete {
    file: Unfinished,
    name: String,
    sha256: String,
}

impl Results {
    /// A set of files for this folder, none of them named yet.
    pub fn stage(&self) -> Staged<'_> {
        Staged { results: self, files: Vec::new(), subject: None, is_alone: false, retired: Vec::new() }
    }
}

impl<'a> Staged<'a> {
    /// Says what the files are of: they take no names of files that are of something else.
    pub fn of(self, subject: Subject) -> Staged<'a> {
        Staged { subject: Some(subject), ..self }
    }

    /// The same, where no others of their kind may stand in the folder: those of the same thing and form go, those of
    /// something else are in the way.
    pub fn of_only(self, subject: Subject) -> Staged<'a> {
        Staged { subject: Some(subject), is_alone: true, ..self }
    }

    /// Says that a file of this name, if the program wrote it, belongs to what stood there before and goes with it.
    pub fn retire(&mut self, name: &'static str) {
        self.retired.push(name);
    }

    /// Writes the contents of a file, `name` or `folder/name`.
    ///
    /// # Errors
    /// [`Error::Io`], naming the file, from the system or from `write`; [`Error`]s of `write` itself.
    pub fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Destination) -> Result<()>) -> Result<()> {
        let (folder, _, file_name) = self.results.places().of(name)?;
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
        let mut file = guarded.file;
        file.begin_sync().map_err(Error::io("write", &path))?;
        let sha256 = file.digest().map_err(Error::io("read", &path))?;
        self.files.push(Complete { file, name: name.to_owned(), sha256 });
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
        self.retired.append(&mut other.retired);
    }

    /// SHA-256 of each file by its name, as it will stand there.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.name.clone(), file.sha256.clone())).collect()
    }

    /// Gives all files their names, and a place in the inventory: all of them, or none.
    ///
    /// # Errors
    /// [`Error::InTheWay`], naming what stands in the place of one and is not the program's, unless that may go
    /// ([`Results::fresh`]). [`Error::Io`], naming the file. If that is one that could not take its name though the set
    /// was complete, the next process to write into the folder gives it to it.
    pub fn publish(mut self) -> Result<()> {
        if self.files.is_empty() {
            return Ok(());
        }
        let results = self.results;
        let _one_at_a_time = results.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = results.inventory()?;
        let mut inventory = known.clone();
        let files = self.files.iter().map(|file| (file.name.as_str(), Some(file.sha256.as_str()))).collect();
        let coming = Coming {
            files,
            subject: self.subject.as_ref(),
            is_alone: self.is_alone,
            retired: &self.retired,
            rule: results.rule(),
        };
        let removals = inventory.replace(results.places(), &coming)?;
        if !results.keeps_inventory() && inventory != known {
            self.add_bytes(INVENTORY, inventory.text()?.as_bytes())?;
        }
        // What takes a name must be on the disk, all of it before the first: a full disk shows here at the latest.
        for Complete { file, name, .. } in &mut self.files {
            file.finish_sync().map_err(Error::io("write", &results.folder().path_of(name)))?;
        }
        let mut names = Vec::new();
        for Complete { file, name, .. } in &self.files {
            let (folder, below, to) = results.places().of(name)?;
            if folder.kind(to)? == Some(Kind::Folder) {
                let error = std::io::Error::from(ErrorKind::IsADirectory);
                return Err(Error::io("write", &folder.path_of(to))(error));
            }
            names.push(Naming::new(below, &file.name, to, replaced(results, &known, name)));
        }
        names.extend(removals);
        let main = results.folder();
        match (self.files.as_mut_slice(), names.as_slice()) {
            ([Complete { file, .. }], [naming]) => {
                file.take_name(&naming.to)?;
                file.folder.sync()
            }
            (files, _) => {
                // The unfinished names have to be on the disk before the record that names them.
                for below in places(&names) {
                    let (folder, ..) = results.places().of(&format!("{below}name"))?;
                    folder.sync()?;
                }
                main.write(COMMIT, commit::text(&names)?.as_bytes())?;
                // From here on they are the set; nobody takes them away, this process included.
                files.iter_mut().for_each(|complete| complete.file.is_kept = true);
                commit::finish(main, &names)
            }
        }
    }
}

/// SHA-256 of what stands in the place of a file and may be written over for that; none where anything may.
fn replaced(results: &Results, known: &Inventory, name: &str) -> Option<String> {
    let rule = results.rule();
    known.digest(name).filter(|digest| !rule.is_fresh && rule.trusted.get(name).is_none_or(|own| own == digest))
}

/// Writes one file, whose folder is there; it appears when it is complete. One that stands there and that the program
/// did not write so is written over only where that is asked for (`is_fresh`).
///
/// # Errors
/// [`Error::Io`], naming the file; [`Error::InTheWay`].
pub fn write_file(path: &Path, contents: &[u8], is_fresh: bool) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::out_of_range("name of a file", path.display(), "one of Unicode letters"))?;
    // That the folder is not there, or not to be written into, is a matter of the file for who named that.
    Folder::open(parent)
        .and_then(|folder| Unfinished::new(&folder).map(drop).map_err(Error::io("write", path)))
        .map_err(|error| match error {
            Error::Io { source, .. } => Error::io("write", path)(source),
            other => other,
        })?;
    let results = Results::wait(parent)?.fresh(is_fresh);
    let mut staged = results.stage();
    staged.add_bytes(name, contents)?;
    staged.publish()
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
