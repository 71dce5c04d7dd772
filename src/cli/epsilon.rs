//! `cevscan epsilon`.

use crate::Result;
use crate::base::files::writable_folder;
use crate::base::grid::{Axis, parse_momentum_mev, parse_range};
use crate::figures::mixing_chart;
use crate::output::{MixingRecord, json, mixing_csv, mixing_table};
use crate::physics::model::{MixingCurve, mixing_curves};

use super::args::{Common, EpsilonArgs, Format, models};
use super::{SUCCESS, charts};

pub fn run(args: &EpsilonArgs, common: &Common) -> Result<u8> {
    let range = parse_range("momentum transfer", &args.q, parse_momentum_mev)?;
    let (fine, coarse) = (args.curves.curve_points()?, args.curves.table_points()?);
    let models = models(&args.model, &args.parameters, common)?;
    let curves = |points| -> Result<Vec<MixingCurve>> {
        match (args.model.as_str(), models.as_slice()) {
            ("all", all) => mixing_curves(all, range, points),
            (_, named) => {
                let q_mev = Axis::logarithmic("momentum transfer", "MeV", range, points)?.values;
                named.iter().map(|model| MixingCurve::new(model, &q_mev)).collect()
            }
        }
    };
    let fine = curves(fine)?;
    let _folder = args.curves.out.as_deref().map(writable_folder).transpose()?;
    let text = match args.curves.format {
        Format::Table => mixing_table(&curves(coarse)?),
        Format::Csv => mixing_csv(&fine),
        Format::Json => json(&fine.iter().map(MixingRecord::new).collect::<Vec<_>>())?,
    };
    // A model file goes by the name in it.
    let stem = match &fine[..] {
        [one] if args.model != "all" => format!("epsilon-{}", one.model),
        _ => "epsilon".to_owned(),
    };
    charts::write(&args.curves, common, &text, || Ok(vec![(stem, mixing_chart(&fine))]))?;
    Ok(SUCCESS)
}
