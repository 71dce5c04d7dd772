//! What the program has written into a folder, so that it writes over nothing else.
//!
//! [`INVENTORY`] holds the SHA-256 of every file by its name, and takes its own name together with the files: it is
//! never ahead of them nor behind. What stands in the way of a result and is not in it, or was changed since, is the
//! user's and stays, unless the user says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::commit::Naming;
use super::places::Places;
use super::{Folder, Kind};
use crate::base::provenance::{sha256, sha256_of};
use crate::{Error, Result};

/// Name of the inventory.
pub const INVENTORY: &str = ".cevscan-files";
/// The first line, before the digest of the rest.
const BEGINNING: &str = "cevscan files 1 ";
/// Far more than the names of all files of a folder take.
const LONGEST_BYTES: u64 = 1 << 24;
/// Most files that an error names.
const MOST_NAMED: usize = 3;

/// What a set of files is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What it is ("map", "export").
    pub kind: String,
    /// Of what: model and data.
    pub of: String,
    /// In which form, where there are several of one thing.
    pub form: String,
}

impl Subject {
    /// All three.
    pub fn new(kind: &str, of: impl Into<String>, form: &str) -> Subject {
        Subject { kind: kind.to_owned(), of: of.into(), form: form.to_owned() }
    }
}

/// A file that the program has written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
}

/// All that the program has written into a folder and the folders below, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Inventory(BTreeMap<String, Entry>);

/// What is written over.
#[derive(Debug, Default)]
pub(super) struct Rule {
    /// Whatever stands in the way.
    pub is_fresh: bool,
    /// SHA-256 by name of files that another record knows to be the program's.
    pub trusted: BTreeMap<String, String>,
}

/// A set of files that is to take its names.
pub(super) struct Coming<'a> {
    /// Name and SHA-256 of each; none where the contents are not known yet.
    pub files: Vec<(&'a str, Option<&'a str>)>,
    /// What they are of.
    pub subject: Option<&'a Subject>,
    /// Whether nothing of the same kind may stand beside.
    pub is_alone: bool,
    /// Names of what belongs to a set before it, and goes.
    pub retired: &'a [&'a str],
    /// What it may take the place of.
    pub rule: &'a Rule,
}

impl Inventory {
    /// That of a set of files: SHA-256 by name, and what they are of.
    pub(super) fn of(files: BTreeMap<String, String>, subject: &Subject) -> Inventory {
        let entry = |sha256| Entry { sha256, subject: Some(subject.clone()) };
        Inventory(files.into_iter().map(|(name, sha256)| (name, entry(sha256))).collect())
    }

    /// That of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a file of its name that is none.
    pub(super) fn read(folder: &Folder) -> Result<Inventory> {
        let Some(bytes) = folder.read(INVENTORY, LONGEST_BYTES)? else { return Ok(Inventory::default()) };
        let parsed = || {
            let text = std::str::from_utf8(&bytes).ok()?;
            let (wanted, list) = text.strip_prefix(BEGINNING)?.split_once('\n')?;
            let list = list.strip_suffix('\n').filter(|list| sha256(list.as_bytes()) == wanted)?;
            serde_json::from_str(list).ok()
        };
        let reason = || "it is no inventory of this program, or was changed".to_owned();
        let not_ours = || Error::NotOurs { path: folder.path_of(INVENTORY), reason: reason() };
        parsed().map(Inventory).ok_or_else(not_ours)
    }

    /// As it stands in its file.
    pub(super) fn text(&self) -> Result<String> {
        let list = serde_json::to_string_pretty(&self.0)
            .map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?;
        Ok(format!("{BEGINNING}{}\n{list}\n", sha256(list.as_bytes())))
    }

    /// SHA-256 of a file as it was written.
    pub(super) fn digest(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|entry| entry.sha256.clone())
    }

    /// Whether it has a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Enters files that take their names, and takes out those that go with them; what those are.
    ///
    /// # Errors
    /// [`Error::InTheWay`] where a file stands in the place of one, or would be mistaken for one, that the program did not
    /// write so; unless the user has said that it may go.
    pub(super) fn replace(&mut self, places: &Places, coming: &Coming) -> Result<Vec<Naming>> {
        let mut in_the_way = Vec::new();
        for (name, sha256) in &coming.files {
            if let Some(reason) = self.obstacle(places, name, *sha256, coming)? {
                in_the_way.push((*name, reason));
            }
        }
        let names: BTreeSet<&str> = coming.files.iter().map(|(name, _)| *name).collect();
        let mut gone = Vec::new();
        for (name, entry) in self.0.iter().filter(|(name, _)| !names.contains(name.as_str())) {
            // A folder below that this command does not know is none of its business.
            let Ok((folder, below, file)) = places.of(name) else { continue };
            if folder.kind(file)? != Some(Kind::File) {
                gone.push((name.clone(), None));
                continue;
            }
            let (old, new) = (entry.subject.as_ref(), coming.subject);
            let beside = old.zip(new).filter(|(old, new)| coming.is_alone && old.kind == new.kind);
            let is_beside = beside.is_some_and(|(old, new)| old.of != new.of || old.form == new.form);
            if !is_beside && !coming.retired.contains(&name.as_str()) {
                continue;
            }
            let Some(there) = digest(places, name)? else { continue };
            let other = old.zip(new).filter(|(old, new)| old.of != new.of);
            if let Some((old, new)) = other.filter(|_| !coming.rule.is_fresh) {
                in_the_way.push((name, of_another(old, new)));
            } else if !coming.rule.is_fresh && there != entry.sha256 {
                in_the_way.push((name, CHANGED.to_owned()));
            }
            gone.push((name.clone(), Some(Naming::removal(below, file, there))));
        }
        refuse(places, &in_the_way)?;
        let mut removals = Vec::new();
        for (name, removal) in gone {
            self.0.remove(&name);
            removals.extend(removal);
        }
        for (name, sha256) in coming.files.iter().filter_map(|(name, sha256)| Some((*name, (*sha256)?))) {
            let entry = Entry { sha256: sha256.to_owned(), subject: coming.subject.cloned() };
            self.0.insert(name.to_owned(), entry);
        }
        Ok(removals)
    }

    /// Why the file of a name must not be written over, if it must not.
    fn obstacle(&self, places: &Places, name: &str, new: Option<&str>, coming: &Coming) -> Result<Option<String>> {
        // What has no place cannot be written there either.
        let Ok((folder, _, file)) = places.of(name) else { return Ok(None) };
        match folder.kind(file)? {
            _ if coming.rule.is_fresh => return Ok(None),
            None => return Ok(None),
            // What takes its name there says that it cannot.
            Some(Kind::Folder) => return Ok(None),
            Some(Kind::Other) => return Ok(Some("it is no regular file".to_owned())),
            Some(Kind::File) => {}
        }
        let Some(there) = digest(places, name)? else { return Ok(None) };
        if new == Some(there.as_str()) {
            return Ok(None);
        }
        let entry = self.0.get(name);
        let is_ours = entry.is_some_and(|entry| entry.sha256 == there) || coming.rule.trusted.get(name) == Some(&there);
        if !is_ours {
            let reason = if entry.is_some() { CHANGED } else { "cevscan has no record of having written it" };
            return Ok(Some(reason.to_owned()));
        }
        let subjects = entry.and_then(|entry| entry.subject.as_ref()).zip(coming.subject);
        Ok(subjects.filter(|(old, new)| old.of != new.of).map(|(old, new)| of_another(old, new)))
    }
}

const CHANGED: &str = "it was changed after cevscan had written it";

fn of_another(old: &Subject, new: &Subject) -> String {
    format!("it is of the {} of {}, not of {}", old.kind, old.of, new.of)
}

/// SHA-256 of the file of a name, if there is one.
fn digest(places: &Places, name: &str) -> Result<Option<String>> {
    let (folder, _, file) = places.of(name)?;
    if folder.kind(file)? != Some(Kind::File) {
        return Ok(None);
    }
    let Some(open) = folder.file(file)? else { return Ok(None) };
    sha256_of(open).map(Some).map_err(Error::io("read", &folder.path_of(file)))
}

fn refuse(places: &Places, in_the_way: &[(&str, String)]) -> Result<()> {
    let Some((name, reason)) = in_the_way.first() else { return Ok(()) };
    let others: Vec<&str> = in_the_way.iter().skip(1).map(|(name, _)| *name).collect();
    let mut reason = reason.clone();
    if !others.is_empty() {
        let named = others.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if others.len() > MOST_NAMED { ", ..." } else { "" };
        reason += &format!("; so are {} more: {named}{more}", others.len());
    }
    Err(Error::InTheWay { path: places.main.path_of(name), reason })
}
