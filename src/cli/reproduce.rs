//! `cevscan reproduce`.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV};
use crate::base::grid::parse_grid;
use crate::base::provenance::program;
use crate::physics::model::{Edition, Model};
use crate::reproduce::{Outcome, REPORT, Settings, reproduce, work};
use crate::scan::{Observer, Plane};
use crate::statistics::{TWO_SIGMA, delta_chi2};

use super::args::{ByDefault, Common, Known, ReproduceArgs, Wanted, darkcast_folder, deviation, experiments};
use super::progress::Progress;
use super::terminal::shown;
use super::typed;
use super::{FAILURE, SUCCESS, compute, terminal};

/// The datasets of the paper.
const DATA: &str = "csi+lar";
/// One map stands for all where an engine is chosen.
const TYPICAL_MODEL: &str = "universal";
const TYPICAL_COUPLINGS: (f64, f64) = (1e-5, 1.0);
/// Mass and coupling.
const PARAMETERS: u32 = 2;

pub fn run(args: &ReproduceArgs, common: &Common) -> Result<u8> {
    let begun = Instant::now();
    let grid = parse_grid(&args.grid)?;
    let deviation = deviation(&args.delta_a_mu, common)?;
    let engine = args.engine.request(true)?;
    let experiments = experiments(DATA, Edition::default(), common)?;
    let plane = Plane::new((LOW_MASS_MEV, HIGH_MASS_MEV), TYPICAL_COUPLINGS, grid, experiments.len())?;
    let models = Model::all()?;
    let mut known_limits = BTreeMap::new();
    let mut complete = true;
    let wanted = Wanted::new(&args.others, args.darkcast.is_some(), ByDefault::Computed)?;
    let folder = if wanted.darkcast { Some(darkcast_folder(args.darkcast.as_deref())?) } else { None };
    for model in &models {
        let mut known = match folder.as_deref().filter(|_| !model.is_scalar()) {
            Some(folder) => Known::recast(model, folder, &[], &[])?,
            None => Known::none(),
        };
        known.add_computed(model, &wanted, args.darkcast.as_deref(), false)?;
        complete &= known.complete;
        known_limits.insert(model.name.clone(), known.limits);
    }
    let chosen = compute::choose(&engine, &Analysis::new(&Model::named(TYPICAL_MODEL)?, &experiments), &plane)?;
    let settings = Settings {
        program: program(),
        command: command(),
        models,
        experiments,
        grid,
        delta_chi2: delta_chi2(TWO_SIGMA, PARAMETERS)?,
        deviation,
        device: chosen.engine.device(),
        known_limits,
        label_others: args.label_others.into(),
        fresh: args.fresh,
    };
    let work = work(&settings, &args.out)?;
    let progress = Progress::of_mixed_work(work, common.quiet);
    progress.notice(&chosen.reason);
    let result = reproduce(&settings, &args.out, &progress);
    progress.finish();
    let outcome = result?;
    if !common.quiet {
        terminal::result(&summary(args, &outcome, begun.elapsed().as_secs_f64()))?;
    }
    if outcome.missing_points > 0 {
        terminal::error_line(&format!(
            "error: {} points of maps did not converge; they are hatched in the figures, whose captions say where",
            outcome.missing_points
        ));
        return Ok(FAILURE);
    }
    // Limits that could not be read have been reported.
    Ok(if complete { SUCCESS } else { FAILURE })
}

/// The command line as it was typed, the program by its name alone; without what changes no number.
fn command() -> String {
    let arguments = typed::words().filter(|word| word != "--fresh").map(|argument| {
        match argument.contains(|c: char| " '\"\\$".contains(c)) {
            true => format!("'{}'", argument.replace('\'', r"'\''")),
            false => argument,
        }
    });
    ["cevscan".to_owned()].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}

fn summary(args: &ReproduceArgs, outcome: &Outcome, seconds: f64) -> String {
    let Outcome { made, kept, files, .. } = outcome;
    let mut text = format!(
        "made        {} of {} products in {seconds:.2} s, {} files\n",
        made.len(),
        made.len() + kept.len(),
        files.len()
    );
    if !kept.is_empty() {
        text += &format!("kept        {} that had not changed\n", kept.len());
    }
    text + &format!("report      {}\n", shown(&args.out.join(REPORT)))
}
