//! `cevscan limits`.

use rayon::prelude::*;

use crate::analysis::impact::Nuisance;
use crate::analysis::limits::{BestFit, Bound, HIGH_MASS_MEV, LOW_MASS_MEV, Level, best_fit};
use crate::analysis::{Analysis, Experiment};
use crate::dataset::Dataset;
use crate::output::{
    LimitsRecord, VariationRecord, far_notes, json, limits_csv, limits_latex, limits_table, variations_csv,
    variations_table,
};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::args::{Common, Format, LimitsArgs, LimitsFormat, Masses, asimov, data_lists, models};
use super::limits_by_mass::{bounds_by_mass, latex_labels};
use super::{FAILURE, SUCCESS, cls, electrons, terminal};

pub fn run(args: &LimitsArgs, common: &Common) -> Result<u8> {
    let level = args.level.level()?;
    if args.variations && args.format == LimitsFormat::Latex {
        return Err(Error::out_of_range("--format", "latex", "table, json or csv where --variations is given"));
    }
    let masses = args.mass.as_deref().map(Masses::parse).transpose()?;
    let edition = args.standard.edition();
    let models = models(&args.model, &args.parameters, common)?;
    let models: Vec<Model> = models.into_iter().map(|model| model.with_couplings(edition)).collect();
    let lists = data_lists(&args.data, edition, common)?;
    if args.cls.is_asked() {
        let format = match args.format {
            LimitsFormat::Table => Format::Table,
            LimitsFormat::Json => Format::Json,
            LimitsFormat::Csv => Format::Csv,
            LimitsFormat::Latex => {
                return Err(Error::out_of_range("--format", "latex", "table, json or csv with --method cls"));
            }
        };
        return cls::run(&args.cls, (&models, &lists), (masses.as_ref(), level.confidence), format, common);
    }
    if !args.critical.is_none() && args.format == LimitsFormat::Latex {
        return Err(Error::out_of_range("--format", "latex", "table, json or csv where --critical is given"));
    }
    if !common.quiet {
        let (delta, minimum) = (level.delta_chi2, level.minimum.words());
        terminal::error_line(&format!("level: chi2_min + {delta:.5}, {minimum} ({})", level.words()));
    }
    let note = || {
        if let Some(list) = lists.iter().max_by_key(|list| list.len()) {
            let lowest = masses.as_ref().and_then(|masses| masses.mev.first()).copied().unwrap_or(LOW_MASS_MEV);
            electrons::note(&models.iter().collect::<Vec<_>>(), list, lowest, common);
        }
    };
    if args.variations {
        let records = varied(&models, &lists, level, common)?;
        note();
        terminal::result(&match args.format {
            LimitsFormat::Table => variations_table(&records),
            LimitsFormat::Json => json(&records)?,
            LimitsFormat::Csv | LimitsFormat::Latex => variations_csv(&records),
        })?;
        return Ok(SUCCESS);
    }
    if args.asimov && !args.critical.is_none() && !common.quiet {
        terminal::error_line(
            "note: expected bounds stay those of Wilks' theorem: critical values are of toys around the observed data",
        );
    }
    let expected = match args.asimov {
        true => lists.iter().map(|list| asimov(list, edition).map(Some)).collect::<Result<Vec<_>>>()?,
        false => vec![None; lists.len()],
    };
    let pairs: Vec<_> = lists.iter().zip(&expected).collect();
    if let Some(masses) = &masses {
        let text = bounds_by_mass(&models, &pairs, &masses.mev, level, args)?;
        note();
        terminal::result(&text)?;
        return Ok(SUCCESS);
    }
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
        .collect::<Vec<Result<_>>>();
    let (records, status) = without_failures(records, models.len() > 1)?;
    note();
    for text in records.iter().flat_map(far_notes).filter(|_| !common.quiet) {
        terminal::error_line(&format!("note: {text}"));
    }
    terminal::result(&match args.format {
        LimitsFormat::Table => limits_table(&records),
        LimitsFormat::Json => json(&records)?,
        LimitsFormat::Csv => limits_csv(&records),
        LimitsFormat::Latex => limits_latex(&records, &latex_labels(&models)),
    })?;
    Ok(status)
}

/// What was found, and the exit status: of several models one that fails is reported and left out, if others remain.
fn without_failures<T>(found: Vec<Result<T>>, are_several: bool) -> Result<(Vec<T>, u8)> {
    if !are_several
        || found.iter().all(Result::is_err)
        || found.iter().any(|one| matches!(one, Err(Error::Interrupted)))
    {
        return Ok((found.into_iter().collect::<Result<_>>()?, SUCCESS));
    }
    let (mut records, mut status) = (Vec::new(), SUCCESS);
    for one in found {
        match one {
            Ok(record) => records.push(record),
            Err(error) => {
                terminal::error_line(&format!("error: {error}"));
                status = FAILURE;
            }
        }
    }
    Ok((records, status))
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

/// Data with something in them varied.
struct Varied {
    /// Name of the variation.
    name: String,
    /// What is varied.
    description: String,
    /// All datasets, the varied one in the place of its own.
    experiments: Vec<Experiment>,
    /// The parameter of a response that is held, and its pull.
    held: Option<(Nuisance, f64)>,
}

/// Bounds under the variations of each dataset in turn, after the nominal ones.
fn varied(models: &[Model], lists: &[Vec<Experiment>], level: Level, common: &Common) -> Result<Vec<VariationRecord>> {
    let lists = lists.iter().map(|list| variations(list, common)).collect::<Result<Vec<_>>>()?;
    let cases: Vec<(&Model, &Vec<Varied>)> =
        models.iter().flat_map(|model| lists.iter().map(move |list| (model, list))).collect();
    let records = cases.par_iter().map(|(model, list)| {
        let found = list.par_iter().map(|varied| {
            let analysis = Analysis::new(model, &varied.experiments);
            match &varied.held {
                None => bounds_of(&analysis, level),
                Some((nuisance, pull)) => bounds_of(&analysis.holding(nuisance, *pull), level),
            }
        });
        let found = found.collect::<Result<Vec<_>>>()?;
        let mut records: Vec<VariationRecord> = Vec::new();
        let data = found.first().map_or("", |(.., data)| data);
        for (varied, (_, low, high, _)) in list.iter().zip(&found) {
            let (subject, words) = ((model.name.as_str(), data), (varied.name.as_str(), varied.description.as_str()));
            records.push(VariationRecord::new(subject, level, words, (low, high), records.first()));
        }
        Ok(records)
    });
    Ok(records.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn variations(list: &[Experiment], common: &Common) -> Result<Vec<Varied>> {
    let simd = common.simd.parse()?;
    let nominal = || ("nominal".to_owned(), "as published".to_owned());
    let of = |(name, description): (String, String), experiments: Vec<Experiment>, held| Varied {
        name,
        description,
        experiments,
        held,
    };
    let mut all = vec![of(nominal(), list.to_vec(), None)];
    for (index, nominal) in list.iter().enumerate() {
        for dataset in Dataset::variations(&nominal.dataset.name)? {
            let words = (dataset.name.clone(), dataset.description.clone());
            let mut experiments = list.to_vec();
            experiments[index] = Experiment::of(dataset)?.with_simd(simd);
            all.push(of(words, experiments, None));
        }
    }
    // What deforms a response in the fit, held where its tables are; a parameter that datasets share, once.
    for nuisance in Analysis::new(&Model::standard(), list).nuisances() {
        let own = &list[nuisance.datasets[0]].dataset;
        if !own.deformations().any(|(name, _)| name == nuisance.name) {
            continue;
        }
        for (pull, way, sign) in [(1.0, "up", '+'), (-1.0, "down", '-')] {
            let name = format!("{}-{}-{way}", own.name, nuisance.name);
            let description = format!("{} held at {sign}1 standard deviation", nuisance.label);
            all.push(of((name, description), list.to_vec(), Some((nuisance.clone(), pull))));
        }
    }
    if all.len() == 1 && !common.quiet {
        let names: Vec<&str> = list.iter().map(|nominal| nominal.dataset.name.as_str()).collect();
        let names = names.join("+");
        terminal::error_line(&format!("note: {names} has no variations: the bounds are the nominal ones alone"));
    }
    Ok(all)
}

/// Best fit, bounds at low and high mass, and the name of the data.
fn bounds(model: &Model, experiments: &[Experiment], level: Level) -> Result<(BestFit, Bound, Bound, String)> {
    bounds_of(&Analysis::new(model, experiments), level)
}

fn bounds_of(analysis: &Analysis, level: Level) -> Result<(BestFit, Bound, Bound, String)> {
    let best = best_fit(analysis)?;
    let at = |mass_mev| level.bound(analysis, &best, mass_mev);
    Ok((best, at(LOW_MASS_MEV)?, at(HIGH_MASS_MEV)?, analysis.data_name()))
}
