//! `cevscan epsilon`.

use cevscan::figures::mixing_chart;
use cevscan::files::writable_folder;
use cevscan::grid::{Axis, parse_momentum_mev, parse_range};
use cevscan::model::{MixingCurve, Model, mixing_curves};
use cevscan::output::{MixingRecord, json, mixing_csv, mixing_table};
use cevscan::{Error, Result};

use super::args::{Common, EpsilonArgs, Format};
use super::charts::{self, CURVE_POINTS, MOST_POINTS, TABLE_POINTS};
use super::{SUCCESS, terminal};

pub fn run(args: &EpsilonArgs, common: &Common) -> Result<u8> {
    let range = parse_range("momentum transfer", &args.q, parse_momentum_mev)?;
    if let Some(points) = args.points.filter(|points| !(2..=MOST_POINTS).contains(points)) {
        return Err(Error::out_of_range("--points", points, format!("from 2 to {MOST_POINTS}")));
    }
    let curves = |default| -> Result<Vec<MixingCurve>> {
        let points = args.points.unwrap_or(default);
        match args.model.as_str() {
            "all" => mixing_curves(&Model::all()?, range, points),
            name => {
                let q_mev = Axis::logarithmic("momentum transfer", "MeV", range, points)?.values;
                Ok(vec![MixingCurve::new(&Model::named(name)?, &q_mev)?])
            }
        }
    };
    let fine = curves(CURVE_POINTS)?;
    let text = match args.format {
        Format::Table => mixing_table(&curves(TABLE_POINTS)?),
        Format::Csv => mixing_csv(&fine),
        Format::Json => json(&fine.iter().map(MixingRecord::new).collect::<Vec<_>>())?,
    };
    if let Some(folder) = &args.out {
        writable_folder(folder)?;
        let stem = if args.model == "all" { "epsilon".to_owned() } else { format!("epsilon-{}", args.model) };
        charts::write(folder, &[(stem, mixing_chart(&fine))], common.quiet)?;
    }
    terminal::result(&text)?;
    Ok(SUCCESS)
}
