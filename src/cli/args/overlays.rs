//! Limits of other experiments beside ours: flags that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::figures::overlay::Labels;
use crate::others::recast::known::known_limits;
use crate::others::recast::overlay_file::{self, UserCurve};
use crate::others::recast::{Checkout, KnownLimit, Settings, Vector};
use crate::others::setting::STANDARD_DEVIATIONS;
use crate::others::{Choice, ComputedLimit, Outcome, Selection};
use crate::output::{MAP, open_saved, write_contour};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::ends::Ends;
use super::others::{LabelOthers, setting};
use super::recast::{Recasting, darkcast_folder};
use crate::cli::terminal;

/// All limits that are computed, those that are recast, and no limits.
const COMPUTED: &str = "computed";
const DARKCAST: &str = "darkcast";
const NONE: &str = "none";

/// Whose limits to show.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OverlayArgs {
    /// Limits of others, joined by ',': computed (all that 'cevscan others' computes), darkcast, names such as borexino or
    /// borexino=strict and computed=strict (a setting), files of your own experiments, or none [default: darkcast with
    /// --darkcast, else none; new-territory and reproduce: computed too]. Without a setting, computed limits are as
    /// published, in new-territory at two standard deviations like our own
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub others: Vec<String>,
    /// Limit of another experiment, from a file of columns (mass, coupling, upper coupling; GeV where its header names no
    /// unit), a limit's .lmt file, a table of HEPData, what 'cevscan export' writes, or a map of ours (its folder, its
    /// contour.csv, its map.npz); settings stand in its header or
    /// after commas, such as ccfr.txt,label=CCFR,mass=MeV,columns=mass coupling -,excluded=above,factor=2,reference=...
    #[arg(long = "overlay", value_name = "FILE")]
    #[serde(rename = "overlay")]
    pub overlays: Vec<String>,
    /// Limits recast to the model from a checkout of darkcast, see 'cevscan recast'
    #[arg(long, value_name = "DIR")]
    pub darkcast: Option<PathBuf>,
    /// Which of these: names or experiments [default: all]; a file is read as with --overlay
    #[arg(long = "limit", value_name = "NAME|FILE", num_args = 1.., value_delimiter = ',')]
    #[serde(rename = "limit")]
    pub limits: Vec<String>,
    /// Table of further limits, in the form of data/recast/limits.toml
    #[arg(long = "limits-table", value_name = "FILE", requires = "darkcast")]
    #[serde(rename = "limits-table")]
    pub tables: Vec<PathBuf>,
}

/// What stands behind our region in a picture.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BehindArgs {
    /// Limits of others.
    #[command(flatten)]
    #[serde(flatten)]
    pub overlays: OverlayArgs,
    /// Shade what the data exclude and none of these limits does; its area stands in the caption and in the summary
    #[arg(long, requires = "OverlayArgs")]
    pub shade_new: bool,
    /// Names of limits of others in pictures: of each limit, of each kind of limit, or none
    #[arg(long, value_enum, default_value = "groups")]
    pub label_others: LabelOthers,
}

/// What stands behind our region, read.
pub struct Behind {
    /// Limits of others.
    pub known: Known,
    /// Whether to shade what is new beside them.
    pub shade_new: bool,
    /// What they are drawn as.
    pub labels: Labels,
}

impl BehindArgs {
    /// Whether any limit of others is asked for.
    pub fn is_asked_for(&self) -> bool {
        let OverlayArgs { others, overlays, darkcast, limits, .. } = &self.overlays;
        !others.is_empty() || !overlays.is_empty() || darkcast.is_some() || !limits.is_empty()
    }

    /// Reads the limits.
    ///
    /// # Errors
    /// Those of [`OverlayArgs::known`].
    pub fn read(&self, model: &Model, ends: Ends, say: bool) -> Result<Behind> {
        let known = self.overlays.known(model, ends, say, ByDefault::default())?;
        Ok(Behind { known, shade_new: self.shade_new, labels: self.label_others.into() })
    }
}

/// Limits in the plane of a model.
pub struct Known {
    /// Those that exclude something.
    pub limits: Vec<KnownLimit>,
    /// Whether all could be read.
    pub complete: bool,
}

/// Which limits show where nothing is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum ByDefault {
    /// None, but for those of a checkout that is named.
    #[default]
    Nothing,
    /// Those that are computed too, in their published settings, as figures have them.
    Computed,
    /// Those that are computed too, at two standard deviations, to be compared with our own at as many; also where some
    /// or all of them are asked for by name without a setting.
    ComputedStrictly,
}

impl ByDefault {
    /// How computed limits read their measurements where no setting is asked for.
    fn choice(self) -> Choice {
        match self {
            ByDefault::ComputedStrictly => Choice { z: Some(STANDARD_DEVIATIONS), ..Choice::default() },
            ByDefault::Nothing | ByDefault::Computed => Choice::default(),
        }
    }
}

impl OverlayArgs {
    /// Reads all of them; a limit of the checkout that cannot be read is reported and left out. With `say`,
    /// what was taken for granted in a user's curve stands on stderr, and when nothing of it lies between `ends`.
    ///
    /// # Errors
    /// Curves of the user and checkouts that cannot be read, unknown limits, and limits to recast for a model that has no
    /// vector boson.
    pub fn known(&self, model: &Model, ends: Ends, say: bool, by_default: ByDefault) -> Result<Known> {
        let (names, files) = names_and_files(&self.limits);
        let wanted = Wanted::new(&self.others, self.darkcast.is_some() || !names.is_empty(), by_default)?;
        if let (Some(name), false) = (names.first(), wanted.darkcast) {
            let bound = format!("left out where --others has no {DARKCAST}, from whose limits it chooses");
            return Err(Error::out_of_range("--limit", name, bound));
        }
        let folder = match wanted.darkcast {
            true => Some(darkcast_folder(self.darkcast.as_deref())?),
            false => None,
        };
        let mut known = match &folder {
            Some(folder) => Known::recast(model, folder, &self.tables, &names)?,
            None => Known::none(),
        };
        let computed = known.limits.len();
        known.add_computed(model, &wanted, self.darkcast.as_deref(), say)?;
        let named =
            |limit: &KnownLimit| wanted.computed.as_ref().is_some_and(|computed| computed.is_named(&limit.name));
        for limit in known.limits[computed..].iter().filter(|limit| say && named(limit)) {
            if !limit.reaches(ends.mass_mev, ends.coupling) {
                let [low, high] = limit.masses_mev();
                let name = &limit.name;
                terminal::error_line(&format!(
                    "note: limit {name}: nothing of it is on the map: it has masses from {low:.3e} to {high:.3e} MeV"
                ));
            }
        }
        let texts: Vec<&String> = self.overlays.iter().chain(&files).collect();
        for (number, text) in texts.iter().enumerate() {
            if texts[..number].contains(text) {
                return Err(Error::out_of_range("overlay", text, "given once"));
            }
            let mut curve = curve_of(text, model)?;
            if !curve.limit.outlines.is_empty() && !curve.limit.reaches(ends.mass_mev, ends.coupling) {
                let [low, high] = curve.limit.masses_mev();
                curve.notes.push(format!(
                    "{}: nothing of it is on the map: it has masses from {low:.3e} to {high:.3e} MeV",
                    curve.limit.name
                ));
            }
            curve.notes.iter().filter(|_| say).for_each(|note| terminal::error_line(&format!("note: {note}")));
            known.limits.push(curve.limit);
        }
        Ok(known)
    }
}

/// A limit from a file of the user's, or from a map of our own: its folder or its map.npz, read as its contour is.
///
/// # Errors
/// What cannot be read.
pub fn curve_of(text: &str, model: &Model) -> Result<UserCurve> {
    let (path, settings) = overlay_file::split(text);
    let is_map = path.ends_with(".npz") || Path::new(path).join(MAP).is_file();
    if !is_map {
        return overlay_file::read(text, model);
    }
    let saved = open_saved(Path::new(path))?;
    let border = saved.map.border();
    let contour = write_contour(&border.lines()?, &border, saved.map.is_known_expected());
    // The folder has a name of its own.
    let name = path.strip_suffix(&format!("/{MAP}")).unwrap_or(path);
    overlay_file::parse(name, &contour, &settings, model)
}

/// Names of a checkout's limits, and files of columns, each with the settings that a comma parts from it.
fn names_and_files(list: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut names, mut files) = (Vec::new(), Vec::<String>::new());
    for item in list {
        let is_file = item.contains('/') || Path::new(item).is_file();
        match files.last_mut().filter(|_| item.contains('=') && !is_file) {
            Some(file) => *file += &format!(",{item}"),
            None if is_file => files.push(item.clone()),
            None => names.push(item.clone()),
        }
    }
    (names, files)
}

/// What `--others` asks for.
pub struct Wanted {
    /// Limits of the checkout.
    pub darkcast: bool,
    computed: Option<Selection>,
}

impl Wanted {
    /// Reads the list.
    ///
    /// # Errors
    /// Names and settings that are none; 'none' beside others.
    pub fn new(list: &[String], has_checkout: bool, by_default: ByDefault) -> Result<Wanted> {
        let is_file = |name: &str| name.contains('/') || name.ends_with(".toml");
        if list.is_empty() {
            let is_computed = by_default != ByDefault::Nothing;
            let computed = is_computed.then(|| Selection::new(NO_FILES, by_default.choice()));
            return Ok(Wanted { darkcast: has_checkout, computed: computed.transpose()? });
        }
        if list.iter().any(|item| item == NONE) {
            if list.len() > 1 {
                return Err(Error::out_of_range("--others", list.join(","), "'none' alone, or a list without it"));
            }
            return Ok(Wanted { darkcast: false, computed: None });
        }
        let darkcast = list.iter().any(|item| item == DARKCAST);
        let items: Vec<(Option<String>, String)> =
            list.iter().filter(|item| *item != DARKCAST).map(|item| setting(item)).collect();
        // LIMIT=SETTING, or a name alone.
        let named = items.iter().map(|(limit, name)| limit.as_ref().unwrap_or(name));
        let files: Vec<PathBuf> = named.clone().filter(|name| is_file(name)).map(PathBuf::from).collect();
        let all = named.clone().any(|name| name == COMPUTED);
        let mut selection = Selection::new(&files, by_default.choice())?;
        let own = selection.experiments.len() - files.len();
        let mut file = 0;
        for ((limit, name), item) in items.iter().zip(named) {
            let experiment = match (is_file(item), item == COMPUTED) {
                (true, _) => {
                    file += 1;
                    selection.experiments[own + file - 1].name.clone()
                }
                // computed=SETTING is for all that have it.
                (false, true) => {
                    selection.choice.settings.extend(limit.is_some().then(|| (None, name.clone())));
                    continue;
                }
                (false, false) => item.clone(),
            };
            if !selection.is_known(&experiment) {
                let known = selection.experiments.iter().map(|experiment| experiment.name.as_str());
                return Err(Error::unknown_name(
                    "limit",
                    &experiment,
                    [COMPUTED, DARKCAST, NONE].into_iter().chain(known),
                ));
            }
            if limit.is_some() {
                selection.choice.settings.push((Some(experiment.clone()), name.clone()));
            }
            selection.add(&experiment)?;
        }
        selection.choice.check(&selection.experiments)?;
        if all {
            // What is named beside all of them is named all the same: it may be one that is drawn only by its name.
            selection.all = true;
        }
        let computed = (all || !items.is_empty()).then_some(selection);
        Ok(Wanted { darkcast, computed })
    }
}

/// No experiments of the user's.
const NO_FILES: &[&Path] = &[];

impl Known {
    /// No limits.
    pub fn none() -> Known {
        Known { limits: Vec::new(), complete: true }
    }

    /// Adds the computed limits that are wanted; `darkcast` for decays to hadrons. With `say`, a limit that was asked for
    /// by its name and excludes nothing stands on stderr, and any whose setting excludes the Standard Model itself.
    ///
    /// # Errors
    /// A checkout that cannot be read.
    pub fn add_computed(&mut self, model: &Model, wanted: &Wanted, darkcast: Option<&Path>, say: bool) -> Result<()> {
        let Some(selection) = &wanted.computed else { return Ok(()) };
        let checkout = darkcast.map(Checkout::open).transpose()?;
        let limits = selection.limits(model, None, checkout.as_ref().map(Checkout::hadrons))?;
        for limit in limits.iter().filter(|_| say) {
            let reason = match &limit.outcome {
                Outcome::Contradicted(reason) => reason,
                Outcome::Nothing(reason) if selection.is_named(&limit.experiment.name) => reason,
                _ => continue,
            };
            let (name, setting) = (&limit.experiment.name, &limit.setting.name);
            terminal::error_line(&format!("note: limit {name} ({setting}) is left out for {}: {reason}", model.name));
        }
        self.limits.extend(limits.iter().filter_map(ComputedLimit::known));
        Ok(())
    }

    /// The limits of a checkout in the plane of a model, all or those of some names; one that cannot be read is reported
    /// and left out.
    ///
    /// # Errors
    /// A checkout that cannot be read, unknown limits, a model that has no vector boson.
    pub fn recast(model: &Model, darkcast: &Path, tables: &[PathBuf], names: &[String]) -> Result<Known> {
        let target = Vector::of(model)?;
        let recasting =
            Recasting::new(model.mediator_name().to_owned(), target, Settings::default(), tables, darkcast)?;
        let limits = recasting.limits(names)?;
        let Recasting { checkout, target, settings, .. } = &recasting;
        let mut known = Known { limits: Vec::new(), complete: true };
        for (limit, result) in known_limits(checkout, &limits, model.mediator_name(), target, *settings) {
            match result {
                Ok(found) => known.limits.extend(found),
                Err(error) => {
                    terminal::error_line(&format!("error: {}: {error}", limit.name));
                    known.complete = false;
                }
            }
        }
        Ok(known)
    }
}
