//! `cevscan new-territory`.

use crate::analysis::Analysis;
use crate::analysis::limits::best_fit;
use crate::base::grid::{Axis, parse_coupling, parse_mass_mev, parse_range};
use crate::others::new_territory::{Territory, Window, territory, territory_by};
use crate::output::{TerritoryRecord, expected_data, json, territory_table};
use crate::{Error, Result};

use super::args::{ByDefault, Common, Ends, NewTerritoryArgs, TableOrJson, deviation, experiments, models};
use super::{FAILURE, SUCCESS, terminal};

/// No plane has more masses; a comparison takes a thousandth of a second for each.
const MOST_MASSES: usize = 100_000;

pub fn run(args: &NewTerritoryArgs, common: &Common) -> Result<u8> {
    if !(2..=MOST_MASSES).contains(&args.masses) {
        return Err(Error::out_of_range("--masses", args.masses, format!("from 2 to {MOST_MASSES}")));
    }
    let edition = args.standard.edition();
    let models = models(&args.model, &args.parameters, common)?.into_iter();
    let mut models: Vec<_> = models.map(|model| model.with_couplings(edition)).collect();
    if args.model == "all" {
        models.retain(|model| !model.is_scalar());
    }
    let mass_mev = parse_range("mass", &args.mass, parse_mass_mev)?;
    let coupling = parse_range("coupling", &args.coupling, parse_coupling)?;
    let window = Window { mass: Axis::logarithmic("mass", "MeV", mass_mev, args.masses)?, coupling };
    let level = args.level.level()?;
    let deviation = deviation(&args.delta_a_mu, common)?;
    let experiments = experiments(&args.data, edition, common)?;
    let mut status = SUCCESS;
    let mut records = Vec::new();
    for (i, model) in models.iter().enumerate() {
        // Once, not for each model.
        let say = i == 0 && !common.quiet;
        let known = args.overlays.known(model, Ends { mass_mev, coupling }, say, ByDefault::ComputedStrictly)?;
        if !known.complete {
            status = FAILURE;
        }
        let analysis = Analysis::new(model, &experiments);
        let best = best_fit(&analysis)?;
        let found = territory(&analysis, (&level, &best), &window, &known.limits, deviation)?;
        let names = (model.name.as_str(), analysis.data_name());
        let record = |found: &Territory| {
            let subject = (names.0, names.1.as_str());
            TerritoryRecord::new(
                subject,
                (level, deviation),
                &known.limits,
                found,
                expected_data(analysis.experiments()),
            )
        };
        records.push(record(&found));
        if let Some(critical) = args.critical.read(&analysis, &level)? {
            let bound_at = |mass_mev| critical.level.bound(&analysis, &best, mass_mev);
            let found = territory_by(&analysis, &bound_at, &window, &known.limits, deviation)?;
            records.push(record(&found).with_coverage(critical.used(None)));
        }
    }
    terminal::result(&match args.format {
        TableOrJson::Table => territory_table(&records),
        TableOrJson::Json => json(&records)?,
    })?;
    Ok(status)
}
