//! `cevscan new-territory`.

use cevscan::analysis::Analysis;
use cevscan::grid::{Axis, parse_coupling, parse_mass_mev, parse_range};
use cevscan::limits::best_fit;
use cevscan::model::Model;
use cevscan::muon_g2::Deviation;
use cevscan::new_territory::{Window, territory};
use cevscan::output::{TerritoryRecord, json, territory_table};
use cevscan::{Error, Result};

use super::args::{ByDefault, Common, NewTerritoryArgs, TableOrJson, experiments};
use super::{FAILURE, SUCCESS, terminal};

/// No plane has more masses; a comparison takes a thousandth of a second for each.
const MOST_MASSES: usize = 100_000;

pub fn run(args: &NewTerritoryArgs, common: &Common) -> Result<u8> {
    if !(2..=MOST_MASSES).contains(&args.masses) {
        return Err(Error::out_of_range("--masses", args.masses, format!("from 2 to {MOST_MASSES}")));
    }
    let models = match args.model.as_str() {
        "all" => Model::all()?.into_iter().filter(|model| !model.is_scalar()).collect(),
        name => vec![Model::open(name, &[])?],
    };
    let mass_mev = parse_range("mass", &args.mass, parse_mass_mev)?;
    let window = Window {
        mass: Axis::logarithmic("mass", "MeV", mass_mev, args.masses)?,
        coupling: parse_range("coupling", &args.coupling, parse_coupling)?,
    };
    let level = args.level.level()?;
    let deviation = Deviation::parse(&args.delta_a_mu)?;
    let experiments = experiments(&args.data, common)?;
    let mut status = SUCCESS;
    let mut records = Vec::new();
    for model in &models {
        let known = args.overlays.known(model, ByDefault::ComputedStrictly)?;
        if !known.complete {
            status = FAILURE;
        }
        let analysis = Analysis::new(model, &experiments);
        let border = best_fit(&analysis)?.chi2 + level.delta_chi2;
        let found = territory(&analysis, border, &window, &known.limits, deviation)?;
        records.push(TerritoryRecord::new(&model.name, &analysis.data_name(), &known.limits, &found));
    }
    terminal::result(&match args.format {
        TableOrJson::Table => territory_table(&records),
        TableOrJson::Json => json(&records)?,
    })?;
    Ok(status)
}
