//! `cevscan g-2`.

use cevscan::grid::{Axis, parse_mass_mev, parse_range};
use cevscan::model::Model;
use cevscan::muon_g2::Deviation;
use cevscan::output::{MuonBandRecord, json, muon_bands_csv, muon_bands_table};
use cevscan::{Error, Result};

use super::args::{Common, Format, G2Args};
use super::{SUCCESS, terminal};

pub fn run(args: &G2Args, _common: &Common) -> Result<u8> {
    let models = match args.model.as_str() {
        "all" => Model::all()?,
        name => vec![Model::named(name)?],
    };
    let range = parse_range("mass", &args.mass, parse_mass_mev)?;
    let deviation = Deviation::parse(&args.delta_a_mu)?;
    let masses = Axis::logarithmic("mass", "MeV", range, points(&args.points)?)?;
    let records = models
        .iter()
        .map(|model: &Model| MuonBandRecord::new(model, &masses.values, deviation))
        .collect::<Result<Vec<_>>>()?;
    terminal::result(&match args.format {
        Format::Table => muon_bands_table(&records),
        Format::Json => json(&records)?,
        Format::Csv => muon_bands_csv(&records),
    })?;
    Ok(SUCCESS)
}

/// A number of masses: at least the two ends, and few enough to print.
fn points(text: &str) -> Result<usize> {
    let number = text.parse::<usize>().map_err(|_| Error::Unparsable {
        quantity: "number of masses".to_owned(),
        value: text.to_owned(),
        expected: "a whole number, e.g. 13".to_owned(),
    })?;
    match number {
        2..=1_000_000 => Ok(number),
        _ => Err(Error::out_of_range("--points", number, "from 2 to 1000000")),
    }
}
