//! `cevscan others`.

use crate::base::files::Results;
use crate::figures::other_limits_chart;
use crate::others::ComputedLimit;
use crate::others::recast::known::known_limits;
use crate::others::recast::overlay_file::UserCurve;
use crate::others::recast::{Checkout, KnownLimit, Settings, Vector};
use crate::output::{LimitSource, OtherLimitRecord, chart_files, json, others_csv, others_table};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::args::{Common, Format, OthersArgs, Recasting, curve_of};
use super::terminal::shown;
use super::{FAILURE, SUCCESS, signals, terminal};

pub fn run(args: &OthersArgs, common: &Common) -> Result<u8> {
    let model = args.model.open(common)?;
    let masses = args.masses()?;
    args.look.look()?;
    let coupling = args.coupling()?;
    let (selection, recast_names) = args.selection()?;
    let mut found = Found { records: Vec::new(), regions: Vec::new(), complete: true };
    let checkout = args.darkcast.as_deref().map(Checkout::open).transpose()?;
    let hadrons = checkout.as_ref().map(Checkout::hadrons);
    // Where every name is that of another limit, no computed one is asked for.
    if args.limits.is_empty() || !selection.names.is_empty() {
        for limit in selection.limits(&model, Some(&masses.mev), hadrons)? {
            found.records.push(OtherLimitRecord::computed(&model.name, &limit));
        }
        if args.out.is_some() {
            let curves = selection.limits(&model, None, hadrons)?;
            found.regions.extend(curves.iter().filter_map(ComputedLimit::known));
        }
    }
    let darkcast_is_asked_for = args.darkcast.is_some() && (args.limits.is_empty() || !recast_names.is_empty());
    let folder = super::args::darkcast_folder(args.darkcast.as_deref());
    if let Some(name) = recast_names.first().filter(|_| folder.is_err()) {
        // Without a checkout only computed limits have names.
        let known = selection.experiments.iter().map(|experiment| experiment.name.as_str());
        return Err(Error::unknown_name("limit", name, known));
    }
    if darkcast_is_asked_for || !recast_names.is_empty() {
        found.recast(args, &model, &recast_names, &masses.mev)?;
    }
    for text in &args.overlays {
        let UserCurve { limit, notes } = curve_of(text, &model)?;
        notes.iter().filter(|_| !common.quiet).for_each(|note| terminal::error_line(&format!("note: {note}")));
        found.records.push(OtherLimitRecord::of_region(&model.name, &limit, LimitSource::File, &masses.mev));
        found.regions.push(limit);
    }
    let text = match args.format {
        Format::Table => others_table(&found.records, masses.listed),
        Format::Csv => others_csv(&found.records),
        Format::Json => json(&found.records)?,
    };
    let ends = (masses.mev[0], masses.mev[masses.mev.len() - 1]);
    found.draw(args, &model, ends, coupling, common)?;
    if args.out.is_none() || !common.quiet {
        terminal::result(&text)?;
    }
    Ok(if found.complete { SUCCESS } else { FAILURE })
}

/// What was found so far.
struct Found {
    records: Vec<OtherLimitRecord>,
    regions: Vec<KnownLimit>,
    /// Whether all could be read.
    complete: bool,
}

impl Found {
    /// Adds limits of a checkout; one that cannot be read is reported and left out.
    fn recast(&mut self, args: &OthersArgs, model: &Model, names: &[String], masses_mev: &[f64]) -> Result<()> {
        let folder = super::args::darkcast_folder(args.darkcast.as_deref())?;
        let target = match Vector::of(model) {
            Ok(target) => target,
            // All limits were asked for, and these are not for such a model.
            Err(_) if names.is_empty() => return Ok(()),
            Err(error) => return Err(error),
        };
        let recasting = Recasting::new(model.name.clone(), target, Settings::default(), &args.tables, &folder)?;
        let limits = recasting.limits(names)?;
        let Recasting { checkout, target, settings, .. } = &recasting;
        for (limit, result) in known_limits(checkout, &limits, &model.name, target, *settings) {
            match result {
                Ok(Some(known)) => {
                    let record = OtherLimitRecord::of_region(&model.name, &known, LimitSource::Recast, masses_mev);
                    self.records.push(record);
                    self.regions.push(known);
                }
                Ok(None) => {
                    let known = KnownLimit {
                        name: limit.name.clone(),
                        label: limit.label.clone(),
                        reference: limit.reference.clone(),
                        kind: limit.group,
                        ..KnownLimit::default()
                    };
                    let reason = Some("no curve for this model ('cevscan recast' says why)".to_owned());
                    self.records.push(OtherLimitRecord::without(&model.name, &known, LimitSource::Recast, reason));
                }
                Err(error) => {
                    terminal::error_line(&format!("error: {}: {error}", limit.name));
                    self.complete = false;
                }
            }
        }
        Ok(())
    }

    /// Writes the picture in all its forms.
    fn draw(
        &self,
        args: &OthersArgs,
        model: &Model,
        mass_mev: (f64, f64),
        coupling: Option<(f64, f64)>,
        common: &Common,
    ) -> Result<()> {
        let Some(folder) = &args.out else { return Ok(()) };
        let mut chart = other_limits_chart(model, &self.regions, mass_mev, coupling, args.label_others.into());
        args.look.dress(&mut chart)?;
        let results = Results::wait(folder)?.fresh(args.fresh);
        let mut staged = results.stage();
        let mut names = Vec::new();
        for file in chart_files(&format!("others-{}", model.name), &chart)? {
            signals::check()?;
            staged.add_bytes(&file.name, &file.contents)?;
            names.push(folder.join(&file.name));
        }
        staged.publish()?;
        names.iter().filter(|_| !common.quiet).for_each(|name| terminal::error_line(&format!("wrote {}", shown(name))));
        Ok(())
    }
}
