//! `cevscan limits`.

use rayon::prelude::*;

use crate::analysis::limits::{BestFit, Bound, HIGH_MASS_MEV, LOW_MASS_MEV, Level, best_fit};
use crate::analysis::{Analysis, Experiment};
use crate::dataset::Dataset;
use crate::output::{LimitsRecord, VariationRecord, json, limits_csv, limits_table, variations_csv, variations_table};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::args::{Common, Format, LimitsArgs, Masses, asimov, data_lists, models};
use super::{SUCCESS, cls, electrons, terminal};

pub fn run(args: &LimitsArgs, common: &Common) -> Result<u8> {
    let level = args.level.level()?;
    let models = models(&args.model, &args.parameters, common)?;
    let lists = data_lists(&args.data, common)?;
    let masses = args.mass.as_deref().map(Masses::parse).transpose()?;
    if args.cls.is_asked() {
        return cls::run(&args.cls, (&models, &lists), (masses.as_ref(), level.confidence), args.format, common);
    }
    args.cls.require_unused()?;
    if let Some(masses) = &args.mass {
        return Err(Error::out_of_range("--mass", masses, "given with --method cls alone"));
    }
    if !common.quiet {
        let (delta, minimum) = (level.delta_chi2, level.minimum.words());
        terminal::error_line(&format!("level: chi2_min + {delta:.5}, {minimum} ({})", level.words()));
    }
    let note = || {
        if let Some(list) = lists.iter().max_by_key(|list| list.len()) {
            electrons::note(&models.iter().collect::<Vec<_>>(), list, LOW_MASS_MEV, common);
        }
    };
    if args.variations {
        let records = varied(&models, &lists, level, common)?;
        note();
        terminal::result(&match args.format {
            Format::Table => variations_table(&records),
            Format::Json => json(&records)?,
            Format::Csv => variations_csv(&records),
        })?;
        return Ok(SUCCESS);
    }
    let expected = match args.asimov {
        true => lists.iter().map(|list| asimov(list).map(Some)).collect::<Result<Vec<_>>>()?,
        false => vec![None; lists.len()],
    };
    let pairs: Vec<_> = lists.iter().zip(&expected).collect();
    let cases: Vec<_> = models.iter().flat_map(|model| pairs.iter().map(move |list| (model, list))).collect();
    let records = cases
        .par_iter()
        .map(|(model, (observed, expected))| {
            let (best, low, high, data) = bounds(model, observed, level)?;
            let record = LimitsRecord::new(&model.name, &data, level, best, &low, &high).with_processes(
                &Analysis::new(model, observed.iter()),
                &low,
                &high,
            );
            let record = covered(record, args, &Analysis::new(model, observed.iter()), (&level, &best))?;
            let Some(expected) = expected else { return Ok(record) };
            let (_, low, high, _) = bounds(model, expected, level)?;
            Ok(record.with_expected(&low, &high))
        })
        .collect::<Result<Vec<_>>>()?;
    note();
    terminal::result(&match args.format {
        Format::Table => limits_table(&records),
        Format::Json => json(&records)?,
        Format::Csv => limits_csv(&records),
    })?;
    Ok(SUCCESS)
}

/// The same with the bounds with coverage beside, where critical values are given.
fn covered(
    record: LimitsRecord,
    args: &LimitsArgs,
    analysis: &Analysis,
    (level, best): (&Level, &BestFit),
) -> Result<LimitsRecord> {
    let Some(critical) = args.critical.read(analysis, level)? else { return Ok(record) };
    let [low, high] = [LOW_MASS_MEV, HIGH_MASS_MEV].map(|mass_mev| critical.level.bound(analysis, best, mass_mev));
    let used = critical.used(None);
    Ok(record.with_coverage([&low?, &high?], |mass_mev, coupling| critical.level.at(mass_mev, coupling), used))
}

/// Name of the dataset that is varied and what is varied, and all datasets with that one in its place.
type Varied = ((String, String), Vec<Experiment>);

/// Bounds under the variations of each dataset in turn, after the nominal ones.
fn varied(models: &[Model], lists: &[Vec<Experiment>], level: Level, common: &Common) -> Result<Vec<VariationRecord>> {
    let lists = lists.iter().map(|list| variations(list, common)).collect::<Result<Vec<_>>>()?;
    let cases: Vec<(&Model, &Vec<Varied>)> =
        models.iter().flat_map(|model| lists.iter().map(move |list| (model, list))).collect();
    let records = cases.par_iter().map(|(model, list)| {
        let found = list.par_iter().map(|(_, experiments)| bounds(model, experiments, level));
        let found = found.collect::<Result<Vec<_>>>()?;
        let mut records: Vec<VariationRecord> = Vec::new();
        let data = found.first().map_or("", |(.., data)| data);
        for (((name, description), _), (_, low, high, _)) in list.iter().zip(&found) {
            let subject = (model.name.as_str(), data);
            records.push(VariationRecord::new(subject, level, (name, description), (low, high), records.first()));
        }
        Ok(records)
    });
    Ok(records.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn variations(list: &[Experiment], common: &Common) -> Result<Vec<Varied>> {
    let simd = common.simd.parse()?;
    let mut all = vec![(("nominal".to_owned(), "as published".to_owned()), list.to_vec())];
    for (index, nominal) in list.iter().enumerate() {
        for dataset in Dataset::variations(&nominal.dataset.name)? {
            let words = (dataset.name.clone(), dataset.description.clone());
            let mut experiments = list.to_vec();
            experiments[index] = Experiment::of(dataset)?.with_simd(simd);
            all.push((words, experiments));
        }
    }
    Ok(all)
}

/// Best fit, bounds at low and high mass, and the name of the data.
fn bounds(model: &Model, experiments: &[Experiment], level: Level) -> Result<(BestFit, Bound, Bound, String)> {
    let analysis = Analysis::new(model, experiments);
    let best = best_fit(&analysis)?;
    let at = |mass_mev| level.bound(&analysis, &best, mass_mev);
    Ok((best, at(LOW_MASS_MEV)?, at(HIGH_MASS_MEV)?, analysis.data_name()))
}
