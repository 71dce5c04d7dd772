//! The experiments whose limits are computed: `data/others/*.toml`, and users' own in the same form.

use std::path::Path;

use crate::base::document::{Bound, Distinct, Document, Section};
use crate::base::reading::{self, Kind};
use crate::others::recast::LimitKind;
use crate::{Error, Result};

use super::computed::Physics;
use super::setting::Setting;

/// The experiments that travel with the program, in the order of output.
const EMBEDDED: [(&str, &str); 13] = [
    ("others/texono.toml", include_str!("../../data/others/texono.toml")),
    ("others/gemma.toml", include_str!("../../data/others/gemma.toml")),
    ("others/borexino.toml", include_str!("../../data/others/borexino.toml")),
    ("others/charm2.toml", include_str!("../../data/others/charm2.toml")),
    ("others/ccfr.toml", include_str!("../../data/others/ccfr.toml")),
    ("others/g-2-e.toml", include_str!("../../data/others/g-2-e.toml")),
    ("others/connie.toml", include_str!("../../data/others/connie.toml")),
    ("others/n-pb.toml", include_str!("../../data/others/n-pb.toml")),
    ("others/pi-e3nu.toml", include_str!("../../data/others/pi-e3nu.toml")),
    ("others/k-mu3nu.toml", include_str!("../../data/others/k-mu3nu.toml")),
    ("others/k-e3nu.toml", include_str!("../../data/others/k-e3nu.toml")),
    ("others/double-beta.toml", include_str!("../../data/others/double-beta.toml")),
    ("others/n-eff.toml", include_str!("../../data/others/n-eff.toml")),
];

/// An experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name on the command line.
    pub name: String,
    /// Its name in figures, in their markup.
    pub label: String,
    /// What it does.
    pub kind: LimitKind,
    /// Where it was published.
    pub reference: String,
    /// Keys of what to cite, in `data/others/references.bib`.
    pub cite: Vec<String>,
    /// How well the limit is known: what was checked, and what was not.
    pub known: String,
    /// Confidence of the settings that have no standard deviations of their own, in words.
    pub confidence: String,
    /// Masses (MeV) between which it holds.
    pub mass_mev: (f64, f64),
    /// How it is computed.
    pub physics: Physics,
    /// Ways to read it, the default first.
    pub settings: Vec<Setting>,
    /// Models for which it is drawn only if it is asked for by its name, and why.
    pub only_by_name: Vec<(String, String)>,
}

impl Experiment {
    /// Those that travel with the program.
    ///
    /// # Errors
    /// None in practice: the files are part of the program and tested.
    pub fn embedded() -> Result<Vec<Experiment>> {
        EMBEDDED.iter().map(|(path, text)| Experiment::parse(path, text)).collect()
    }

    /// Reads a user's own; files that it names stand beside it.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Experiment::parse`].
    pub fn open(path: &Path) -> Result<Experiment> {
        let text = reading::text(path, Kind::Document)?;
        Experiment::parse(&path.display().to_string(), &text)
    }

    /// Reads the file of an experiment; `path` is for messages, and for the folder of other files.
    ///
    /// # Errors
    /// Text that is not TOML of this form, keys that are missing, unknown or out of bounds, each with its line.
    pub fn parse(path: &str, text: &str) -> Result<Experiment> {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let document = Document { path, text };
        let table = document.table()?;
        Section::whole(document, &table).read(|whole| Experiment::read(whole, folder))
    }

    fn read(whole: &Section, folder: &Path) -> Result<Experiment> {
        let name = whole.name("name")?;
        let kind = LimitKind::named(whole.choice("kind", &LimitKind::names())?)?;
        let mass = whole.numbers("mass_mev", Bound::PositiveUpTo(1e9))?;
        let [low, high] = mass[..] else {
            return Err(whole.error("mass_mev", format!("{} numbers", mass.len()), "two: [lowest, highest]"));
        };
        if low >= high {
            return Err(whole.error("mass_mev", format!("[{low}, {high}]"), "increasing"));
        }
        let physics = Physics::read(whole, folder)?;
        let sections = whole.sections("setting")?;
        let setting = |section: &Section| {
            let setting = section.read(|section| Setting::read(section, physics.parameter()))?;
            physics.check(&setting).map_err(|bound| section.error("name", format!("'{}'", setting.name), bound))?;
            Ok(setting)
        };
        let settings: Vec<Setting> = sections.iter().map(setting).collect::<Result<_>>()?;
        if settings.is_empty() {
            return Err(whole.error("setting", "missing", "given at least once, as [[setting]]"));
        }
        let mut names = Distinct::default();
        sections.iter().try_for_each(|section| names.add(section, "name"))?;
        let by_name = |section: &Section| {
            section.read(|section| Ok((section.text("model")?.to_owned(), section.text("why")?.to_owned())))
        };
        let cite = whole.optional_text("cite")?.unwrap_or_default();
        Ok(Experiment {
            label: whole.optional_text("label")?.unwrap_or(&name).to_owned(),
            kind,
            reference: whole.text("reference")?.to_owned(),
            cite: cite.split_whitespace().map(str::to_owned).collect(),
            known: whole.optional_text("known")?.unwrap_or("from a file of the user's").to_owned(),
            confidence: whole.optional_text("confidence")?.unwrap_or_default().to_owned(),
            mass_mev: (low, high),
            physics,
            settings,
            only_by_name: whole.sections("only_by_name")?.iter().map(by_name).collect::<Result<_>>()?,
            name,
        })
    }

    /// A setting by its name.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn setting(&self, name: &str) -> Result<&Setting> {
        self.settings.iter().find(|setting| setting.name == name).ok_or_else(|| {
            Error::unknown_name("setting", name, self.settings.iter().map(|setting| setting.name.as_str()))
        })
    }

    /// Why the limit is not drawn for a model unless it is asked for by its name.
    pub(crate) fn why_only_by_name(&self, model: &str) -> Option<&str> {
        self.only_by_name.iter().find(|(name, _)| name == model).map(|(_, why)| why.as_str())
    }
}
