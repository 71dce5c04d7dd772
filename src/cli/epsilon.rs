//! `cevscan epsilon`.

use cevscan::Result;
use cevscan::figures::mixing_chart;
use cevscan::files::writable_folder;
use cevscan::grid::{Axis, parse_momentum_mev, parse_range};
use cevscan::model::{MixingCurve, Model, mixing_curves};
use cevscan::output::{MixingRecord, json, mixing_csv, mixing_table};

use super::args::{Common, EpsilonArgs, Format, model};
use super::{SUCCESS, charts};

pub fn run(args: &EpsilonArgs, common: &Common) -> Result<u8> {
    let range = parse_range("momentum transfer", &args.q, parse_momentum_mev)?;
    let (fine, coarse) = (args.curves.curve_points()?, args.curves.table_points()?);
    let curves = |points| -> Result<Vec<MixingCurve>> {
        match args.model.as_str() {
            "all" => mixing_curves(&Model::all()?, range, points),
            name => {
                let q_mev = Axis::logarithmic("momentum transfer", "MeV", range, points)?.values;
                Ok(vec![MixingCurve::new(&model(name, common)?, &q_mev)?])
            }
        }
    };
    let fine = curves(fine)?;
    if let Some(folder) = &args.curves.out {
        writable_folder(folder)?;
    }
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
