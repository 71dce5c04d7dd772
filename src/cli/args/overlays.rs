//! Limits of other experiments beside ours: flags that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use cevscan::Result;
use cevscan::model::Model;
use cevscan::recast::known::known_limits;
use cevscan::recast::{KnownLimit, Settings, Vector, overlay_file};

use super::recast::Recasting;
use crate::cli::terminal;

/// Whose limits to show.
#[derive(Args)]
pub struct OverlayArgs {
    /// Limit of another experiment, from a file of columns (mass, coupling, upper coupling; GeV where its header names no
    /// unit), a limit's .lmt file, a table of HEPData, or what 'cevscan export' writes; settings stand in its header or
    /// after commas, such as ccfr.txt,label=CCFR,mass=MeV,columns=mass coupling -,excluded=above,factor=2,reference=...
    #[arg(long = "overlay", value_name = "FILE")]
    pub overlays: Vec<String>,
    /// Limits recast to the model from a checkout of darkcast, see 'cevscan recast'
    #[arg(long, value_name = "DIR")]
    pub darkcast: Option<PathBuf>,
    /// Which of these: names or experiments [default: all]
    #[arg(long = "limit", value_name = "NAME", num_args = 1.., value_delimiter = ',', requires = "darkcast")]
    pub limits: Vec<String>,
    /// Table of further limits, in the form of data/recast/limits.toml
    #[arg(long = "limits-table", value_name = "FILE", requires = "darkcast")]
    pub tables: Vec<PathBuf>,
}

/// What stands behind our region in a picture.
#[derive(Args)]
pub struct BehindArgs {
    /// Limits of others.
    #[command(flatten)]
    pub overlays: OverlayArgs,
    /// Shade what the data exclude and none of these limits does; its area stands in the caption and in the summary
    #[arg(long, requires = "OverlayArgs")]
    pub shade_new: bool,
}

/// The ends of a plane.
#[derive(Clone, Copy)]
pub struct Ends {
    /// Masses (MeV).
    pub mass_mev: (f64, f64),
    /// Couplings.
    pub coupling: (f64, f64),
}

/// The same, read.
pub struct Behind {
    /// Limits of others.
    pub known: Known,
    /// Whether to shade what is new beside them.
    pub shade_new: bool,
}

impl BehindArgs {
    /// Reads the limits.
    ///
    /// # Errors
    /// Those of [`OverlayArgs::known`].
    pub fn read(&self, model: &Model, ends: Ends, say: bool) -> Result<Behind> {
        Ok(Behind { known: self.overlays.known(model, ends, say)?, shade_new: self.shade_new })
    }
}

/// Limits in the plane of a model.
pub struct Known {
    /// Those that exclude something.
    pub limits: Vec<KnownLimit>,
    /// Whether all could be read.
    pub complete: bool,
}

impl OverlayArgs {
    /// Reads all of them; a limit of the checkout that cannot be read is reported and left out. With `say`,
    /// what was taken for granted in a user's curve stands on stderr, and when nothing of it lies between `ends`.
    ///
    /// # Errors
    /// Curves of the user and checkouts that cannot be read, unknown limits, and limits to recast for a model that has no
    /// vector boson.
    pub fn known(&self, model: &Model, ends: Ends, say: bool) -> Result<Known> {
        let mut known = match &self.darkcast {
            Some(folder) => Known::recast(model, folder, &self.tables, &self.limits)?,
            None => Known { limits: Vec::new(), complete: true },
        };
        for text in &self.overlays {
            let mut curve = overlay_file::read(text, model)?;
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

impl Known {
    /// The limits of a checkout in the plane of a model, all or those of some names; one that cannot be read is reported
    /// and left out.
    ///
    /// # Errors
    /// A checkout that cannot be read, unknown limits, a model that has no vector boson.
    pub fn recast(model: &Model, darkcast: &Path, tables: &[PathBuf], names: &[String]) -> Result<Known> {
        let target = Vector::of(model)?;
        let recasting = Recasting::new(model.name.clone(), target, Settings::default(), tables, darkcast)?;
        let limits = recasting.limits(names)?;
        let Recasting { checkout, target, settings, .. } = &recasting;
        let mut known = Known { limits: Vec::new(), complete: true };
        for (limit, result) in known_limits(checkout, &limits, &model.name, target, *settings) {
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
