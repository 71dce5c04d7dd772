//! What an experiment searched for: the table of limits, and users' own in the same form.

mod entries;

use std::path::{Path, PathBuf};

use crate::base::document::Document;
use crate::base::reading;
use crate::{Error, Result};

use super::efficiency::Window;
use super::kind::LimitKind;
use super::production::Mechanism;
use super::widths::FinalState;

/// The limits that travel with the program, without their numbers.
const EMBEDDED: (&str, &str) = ("recast/limits.toml", include_str!("../../../data/recast/limits.toml"));

/// The keys that name files.
pub(super) const FILE: &str = "file";
pub(super) const FRACTIONS: &str = "fractions";

/// A search: what it is called, and what a recast must know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Its name, such as `A1_Merkel2014avp`.
    pub name: String,
    /// The experiment, for figures.
    pub label: String,
    /// Where it was published.
    pub reference: String,
    /// The file with its numbers.
    pub file: String,
    /// Where its files are, and who says so; none means the checkout's folder of limits.
    pub origin: Option<Origin>,
    /// What the experiment did, for figures.
    pub group: LimitKind,
    /// What the numbers mean.
    pub kind: Kind,
}

/// A user's table that names a limit's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The table.
    pub table: PathBuf,
    /// The line of `file`, or of the limit where it is not given, and that of `fractions`.
    lines: [usize; 2],
}

impl Origin {
    /// The path of a file beside the table.
    fn beside(&self, file: &str) -> PathBuf {
        self.table.parent().unwrap_or(Path::new("")).join(file)
    }
}

/// What the numbers of a limit mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A limit on the dark photon, to be recast.
    DarkPhoton(Search),
    /// A limit on the coupling of one model, by its name; for no other.
    Direct {
        /// The model.
        model: String,
    },
}

/// A search for a dark photon.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What makes it.
    pub production: ProductionName,
    /// Where it is seen.
    pub final_states: Vec<FinalState>,
    /// The columns of its file.
    pub columns: LimitColumns,
    /// The dark photon's branching ratio to the final states, where the experiment assumed one.
    pub source_branching: Option<f64>,
    /// The decays that the experiment took for all, where it left others out.
    pub source_width: Option<Vec<FinalState>>,
}

/// The production as metadata have it.
#[derive(Debug, Clone, PartialEq)]
pub enum ProductionName {
    /// One mechanism.
    Mechanism(Mechanism),
    /// A file of fractions below the folder of limits.
    FractionsFile(String),
}

/// The columns of a limit's file and how decays are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LimitColumns {
    /// mass, lower; all decays are seen.
    Prompt,
    /// mass, lower; decays inside a window are seen.
    Within(Window),
    /// mass, lower, upper; decays behind a shield, the length of the decay volume over that of the shield.
    Behind(f64),
    /// mass, g, r; excluded where r < 1.
    RValues,
}

/// Limits by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LimitTable {
    /// In the order of the file.
    pub limits: Vec<Limit>,
}

impl LimitTable {
    /// The searches of the paper's figures.
    ///
    /// # Errors
    /// None in practice: the file is part of the program and tested.
    pub fn embedded() -> Result<LimitTable> {
        LimitTable::parse(EMBEDDED.0, EMBEDDED.1)
    }

    /// Reads a user's own table; its files are looked for beside it.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`LimitTable::parse`].
    pub fn open(path: &Path) -> Result<LimitTable> {
        let text = reading::text(path, reading::Kind::Document)?;
        entries::read(&path.display().to_string(), &text, Some(path))
    }

    /// Reads a table; `path` is for messages.
    ///
    /// # Errors
    /// Text that is not TOML of this form, names given twice, unknown mechanisms or states, lengths that are none; each
    /// with its line.
    pub fn parse(path: &str, text: &str) -> Result<LimitTable> {
        entries::read(path, text, None)
    }

    /// Adds the limits of another table; those of the same name are replaced.
    pub fn extend(&mut self, other: LimitTable) {
        for limit in other.limits {
            match self.limits.iter_mut().find(|known| known.name == limit.name) {
                Some(known) => *known = limit,
                None => self.limits.push(limit),
            }
        }
    }

    /// Those that a name means: the limit of this name, or all of one experiment (`NA64`).
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn matching(&self, name: &str) -> Result<Vec<&Limit>> {
        if let Some(limit) = self.limits.iter().find(|limit| limit.name == name) {
            return Ok(vec![limit]);
        }
        let experiment = |limit: &&Limit| limit.name.split('_').next().is_some_and(|first| first == name);
        let found: Vec<&Limit> = self.limits.iter().filter(experiment).collect();
        if found.is_empty() {
            return Err(Error::unknown_name("limit", name, self.limits.iter().map(|limit| limit.name.as_str())));
        }
        Ok(found)
    }
}

impl Limit {
    /// Reads the file with its numbers, or else with the fractions of its production, from beside the table that names it
    /// or from the folder of a checkout.
    ///
    /// # Errors
    /// Those of `read`; a file that cannot be read, at the line that names it.
    pub(super) fn file<T>(
        &self,
        (key, name): (&str, &str),
        limits: &Path,
        read: impl FnOnce(&Path) -> Result<T>,
    ) -> Result<T> {
        let Some(origin) = &self.origin else { return read(&limits.join(name)) };
        read(&origin.beside(name)).map_err(|error| {
            let path = origin.table.display().to_string();
            let line = origin.lines[usize::from(key == FRACTIONS)];
            let quantity = format!("'{key}' of '{}'", self.name);
            Document { path: &path, text: "" }.unreadable(line, &quantity, name, error)
        })
    }
}

impl ProductionName {
    /// What a boson lacks that is not produced.
    pub fn without(&self) -> String {
        match self {
            ProductionName::Mechanism(mechanism) => mechanism.without(),
            ProductionName::FractionsFile(_) => "the boson couples to nothing that makes it".to_owned(),
        }
    }
}
