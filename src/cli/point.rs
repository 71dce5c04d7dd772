//! `cevscan point`.

use crate::Result;
use crate::analysis::{Analysis, FarDeformation};
use crate::base::grid::{parse_coupling, parse_mass_mev};
use crate::output::{PointRecord, json, point_table};
use crate::rates::Point;

use super::args::{Common, PointArgs, TableOrJson, asimov, experiments};
use super::{SUCCESS, electrons, terminal};

/// Says which responses a fit deforms further than their tables tell.
pub fn far_note(far: &[FarDeformation], common: &Common) {
    for own in far.iter().filter(|_| !common.quiet) {
        terminal::error_line(&format!("note: {}", own.words()));
    }
}

pub fn run(args: &PointArgs, common: &Common) -> Result<u8> {
    let model = args.model.open(common)?.with_couplings(args.standard.edition());
    let point = Point { mass_mev: parse_mass_mev(&args.mass)?, coupling: parse_coupling(&args.coupling)? };
    let mut experiments = experiments(&args.data, model.standard, common)?;
    if args.asimov {
        experiments = asimov(&experiments, model.standard)?;
    }
    let analysis = Analysis::new(&model, &experiments);
    let fit = analysis.fit(point);
    terminal::result(&match args.format {
        TableOrJson::Table => point_table(&analysis, point, &fit, None),
        TableOrJson::Json => json(&PointRecord::new(&analysis, point, &fit))?,
    })?;
    // What did converge has been printed all the same.
    analysis.require_converged(point, &fit)?;
    far_note(&analysis.far_deformations(&fit), common);
    electrons::note(&[&model], &experiments, point.mass_mev, common);
    Ok(SUCCESS)
}
