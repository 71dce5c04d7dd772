//! What an experiment searched for: the table of limits, and users' own in the same form.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::base::document::Document;
use crate::base::printable::{ONE_LINE, acts_on_terminal};
use crate::base::reading;
use crate::{Error, Result};

use super::efficiency::Window;
use super::hadrons::Hadrons;
use super::kind::LimitKind;
use super::production::{MECHANISM_NAMES, Mechanism};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    limit: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    label: Option<String>,
    reference: String,
    file: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    /// A direct limit on this model.
    model: Option<Spanned<String>>,
    production: Option<Spanned<String>>,
    fractions: Option<Spanned<String>>,
    final_states: Option<Spanned<Vec<String>>>,
    columns: Option<Spanned<ColumnsName>>,
    /// Length of the decay volume and of the shield.
    decay_length_m: Option<Spanned<f64>>,
    shield_length_m: Option<Spanned<f64>>,
    /// The end of a window.
    window: Option<Spanned<Window>>,
    source_branching: Option<Spanned<f64>>,
    source_width: Option<Spanned<Vec<String>>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum ColumnsName {
    Single,
    Double,
    RValues,
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
        read(&path.display().to_string(), &text, Some(path))
    }

    /// Reads a table; `path` is for messages.
    ///
    /// # Errors
    /// Text that is not TOML of this form, names given twice, unknown mechanisms or states, lengths that are none; each
    /// with its line.
    pub fn parse(path: &str, text: &str) -> Result<LimitTable> {
        read(path, text, None)
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

fn read(path: &str, text: &str, table: Option<&Path>) -> Result<LimitTable> {
    let document = Document { path, text };
    let file: File = document.read()?;
    let mut found = LimitTable::default();
    for (number, entry) in file.limit.iter().enumerate() {
        let place = Place { path, text, start: entry.span().start };
        let mut limit = place.limit(entry.get_ref())?;
        if let Some(first) = file.limit[..number].iter().find(|first| first.get_ref().name == limit.name) {
            let bound = format!("given once: line {} has it first", document.line(first.span().start));
            return Err(place.at(place.start, "name of a limit", format!("'{}'", limit.name), &bound));
        }
        limit.origin = table.map(|table| {
            let Entry { file, fractions, .. } = entry.get_ref();
            let line = |of: &Option<Spanned<String>>| {
                document.line(of.as_ref().map_or(entry.span().start, |name| name.span().start))
            };
            Origin { table: table.to_owned(), lines: [line(file), line(fractions)] }
        });
        found.limits.push(limit);
    }
    Ok(found)
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

/// Where an entry stands.
struct Place<'a> {
    path: &'a str,
    text: &'a str,
    start: usize,
}

impl Place<'_> {
    fn at(&self, offset: usize, quantity: &str, value: impl ToString, bound: &str) -> Error {
        let document = Document { path: self.path, text: self.text };
        document.error_at(document.line(offset), quantity, value, bound)
    }

    fn limit(&self, entry: &Entry) -> Result<Limit> {
        if entry.name.is_empty()
            || entry.name.contains(|c: char| c.is_whitespace() || acts_on_terminal(c) || "/\\,\"'#".contains(c))
        {
            let bound = "one word without slashes, commas, quotes and control characters";
            return Err(self.at(self.start, "name of a limit", format!("'{}'", entry.name), bound));
        }
        let kind = match &entry.model {
            Some(model) => Kind::Direct { model: model.get_ref().clone() },
            None => Kind::DarkPhoton(self.search(entry)?),
        };
        let group = entry.kind.as_ref().map(|name| {
            let bound = || format!("one of {}", LimitKind::names().join(", "));
            let unknown = |_| self.at(name.span().start, "kind", format!("'{}'", name.get_ref()), &bound());
            LimitKind::named(name.get_ref()).map_err(unknown)
        });
        for (key, words) in [("label", entry.label.as_ref()), ("reference", Some(&entry.reference))] {
            if let Some(words) = words.filter(|words| words.contains(acts_on_terminal)) {
                return Err(self.at(
                    self.start,
                    &format!("'{key}' of '{}'", entry.name),
                    format!("'{words}'"),
                    ONE_LINE,
                ));
            }
        }
        let experiment = entry.name.split('_').next().unwrap_or_default();
        Ok(Limit {
            name: entry.name.clone(),
            label: entry.label.clone().unwrap_or_else(|| experiment.to_owned()),
            reference: entry.reference.clone(),
            file: entry.file.as_ref().map_or_else(|| format!("{}.lmt", entry.name), |file| file.get_ref().clone()),
            origin: None,
            group: group.transpose()?.unwrap_or_default(),
            kind,
        })
    }

    fn search(&self, entry: &Entry) -> Result<Search> {
        let missing = |key: &str| self.at(self.start, &format!("'{key}' of '{}'", entry.name), "missing", "given");
        let production = match (&entry.production, &entry.fractions) {
            (Some(name), None) => {
                let mechanism = Mechanism::named(name.get_ref()).ok_or_else(|| {
                    self.at(name.span().start, "production", format!("'{}'", name.get_ref()), MECHANISM_NAMES)
                })?;
                ProductionName::Mechanism(mechanism)
            }
            (None, Some(file)) => ProductionName::FractionsFile(file.get_ref().clone()),
            (None, None) => return Err(missing("production' or 'fractions")),
            (Some(_), Some(file)) => {
                return Err(self.at(file.span().start, "fractions", "given beside production", "given without it"));
            }
        };
        let states = entry.final_states.as_ref().ok_or_else(|| missing("final_states"))?;
        let source_branching = entry.source_branching.as_ref().map(|value| {
            let valid = *value.get_ref() > 0.0 && *value.get_ref() <= 1.0;
            let error = || self.at(value.span().start, "source_branching", value.get_ref(), "above 0, at most 1");
            valid.then_some(*value.get_ref()).ok_or_else(error)
        });
        Ok(Search {
            production,
            final_states: self.states(states)?,
            columns: self.columns(entry)?,
            source_branching: source_branching.transpose()?,
            source_width: entry.source_width.as_ref().map(|states| self.states(states)).transpose()?,
        })
    }

    fn states(&self, names: &Spanned<Vec<String>>) -> Result<Vec<FinalState>> {
        let state = |name: &String| match name.as_str() {
            "e_e" => Ok(FinalState::Leptons(0)),
            "mu_mu" => Ok(FinalState::Leptons(1)),
            "tau_tau" => Ok(FinalState::Leptons(2)),
            "invisible" => Ok(FinalState::Invisible),
            other if Hadrons::known_state(other) => Ok(FinalState::Hadrons(other.to_owned())),
            other => {
                let bound = format!("e_e, mu_mu, tau_tau, invisible, {}", Hadrons::known_states().join(", "));
                Err(self.at(names.span().start, "final state", format!("'{other}'"), &bound))
            }
        };
        if names.get_ref().is_empty() {
            return Err(self.at(names.span().start, "number of states", 0, "at least 1"));
        }
        names.get_ref().iter().map(state).collect()
    }

    fn columns(&self, entry: &Entry) -> Result<LimitColumns> {
        let positive = |value: &Spanned<f64>, name: &str| {
            let number = *value.get_ref();
            let valid = number > 0.0 && number.is_finite();
            valid.then_some(number).ok_or_else(|| self.at(value.span().start, name, number, "positive and finite"))
        };
        let columns = entry.columns.as_ref().map_or(ColumnsName::Single, |columns| *columns.get_ref());
        let only = |given: Option<usize>, key: &str, with: &str| match given {
            Some(offset) => Err(self.at(offset, key, "given", &format!("left out unless columns is '{with}'"))),
            None => Ok(()),
        };
        if columns != ColumnsName::Single {
            only(entry.window.as_ref().map(|window| window.span().start), "window", "single")?;
        }
        if columns != ColumnsName::Double {
            let lengths = entry.decay_length_m.as_ref().or(entry.shield_length_m.as_ref());
            only(lengths.map(|length| length.span().start), "length of shield or decay volume", "double")?;
        }
        match columns {
            ColumnsName::RValues => Ok(LimitColumns::RValues),
            ColumnsName::Double => {
                let length = |value: &Option<Spanned<f64>>, key: &str| match value {
                    Some(value) => positive(value, key),
                    None => {
                        Err(self.at(self.start, &format!("'{key}' of '{}'", entry.name), "missing", "given in metres"))
                    }
                };
                let decay = length(&entry.decay_length_m, "decay_length_m")?;
                Ok(LimitColumns::Behind(decay / length(&entry.shield_length_m, "shield_length_m")?))
            }
            ColumnsName::Single => match &entry.window {
                None => Ok(LimitColumns::Prompt),
                Some(window) => self.window(window).map(LimitColumns::Within),
            },
        }
    }

    fn window(&self, entry: &Spanned<Window>) -> Result<Window> {
        let window = *entry.get_ref();
        let numbers = match window {
            Window::AtEnergy { length_m, energy_gev } => [length_m, energy_gev, 0.0],
            Window::FromDecay { length_m, parent_gev, recoil_gev } => [length_m, parent_gev, recoil_gev],
            Window::AboveDimuonThreshold { ps_gev, ps } => [ps, 1.0, ps_gev],
        };
        let valid =
            numbers[..2].iter().all(|x| *x > 0.0 && x.is_finite()) && numbers[2] >= 0.0 && numbers[2].is_finite();
        let error = || self.at(entry.span().start, "number of the window", "not positive", "positive and finite");
        valid.then_some(window).ok_or_else(error)
    }
}
