//! `cevscan impact`.

use crate::Result;
use crate::analysis::Analysis;
use crate::base::files::writable_folder;
use crate::base::grid::{number_text, parse_mass_mev};
use crate::figures::ranking_chart;
use crate::output::{ImpactRecord, impact_csv, impact_table, json};

use super::args::{Common, Format, ImpactArgs, asimov, experiments};
use super::charts::{self, Target};
use super::{SUCCESS, electrons};

pub fn run(args: &ImpactArgs, common: &Common) -> Result<u8> {
    let (level, mass_mev) = (args.level.level()?, parse_mass_mev(&args.mass)?);
    args.look.look()?;
    let model = args.model.open(common)?.with_couplings(args.standard.edition());
    let mut experiments = experiments(&args.data, model.standard, common)?;
    if args.asimov {
        experiments = asimov(&experiments, model.standard)?;
    }
    electrons::note(&[&model], &experiments, mass_mev, common);
    let analysis = Analysis::new(&model, &experiments);
    let impacts = analysis.impacts(mass_mev, level)?;
    let _folder = args.out.as_deref().map(writable_folder).transpose()?;
    let record = ImpactRecord::new(&analysis, &impacts, level);
    let text = match args.format {
        Format::Table => impact_table(&record),
        Format::Json => json(&record)?,
        Format::Csv => impact_csv(&record),
    };
    let target = Target { out: args.out.as_deref(), fresh: args.fresh, look: &args.look };
    charts::write_to(target, common, &text, || {
        let stem = format!("impact-{}-{}MeV", model.name, number_text(mass_mev));
        Ok(vec![(stem, ranking_chart(&analysis, &impacts, level))])
    })?;
    Ok(SUCCESS)
}
