//! Tables of limits as people write them (TOML).

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::base::document::Document;
use crate::base::printable::{ONE_LINE, acts_on_terminal};
use crate::{Error, Result};

use super::super::efficiency::Window;
use super::super::hadrons::Hadrons;
use super::super::kind::LimitKind;
use super::super::production::{MECHANISM_NAMES, Mechanism};
use super::super::widths::FinalState;
use super::{Kind, Limit, LimitColumns, LimitTable, Origin, ProductionName, Search};

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

/// Reads a table; with `table`, its place, its files are beside it.
///
/// # Errors
/// Those of [`LimitTable::parse`].
pub(super) fn read(path: &str, text: &str, table: Option<&Path>) -> Result<LimitTable> {
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
