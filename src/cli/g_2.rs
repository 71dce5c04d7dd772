//! `cevscan g-2`.

use std::path::Path;

use cevscan::figures::muon_band_chart;
use cevscan::files::{Staged, writable_folder};
use cevscan::grid::{Axis, parse_mass_mev, parse_range};
use cevscan::model::Model;
use cevscan::muon_g2::{Deviation, band};
use cevscan::output::{MuonBandRecord, chart_files, json, muon_bands_csv, muon_bands_table};
use cevscan::{Error, Result};

use super::args::{Common, Format, G2Args};
use super::{SUCCESS, terminal};

/// Masses of a picture's curves.
const PICTURE_POINTS: usize = 241;

pub fn run(args: &G2Args, common: &Common) -> Result<u8> {
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
    if let Some(folder) = &args.out {
        draw(&models, range, deviation, folder, common)?;
    }
    terminal::result(&match args.format {
        Format::Table => muon_bands_table(&records),
        Format::Json => json(&records)?,
        Format::Csv => muon_bands_csv(&records),
    })?;
    Ok(SUCCESS)
}

/// Writes the picture, its numbers and its script.
fn draw(models: &[Model], range: (f64, f64), deviation: Deviation, folder: &Path, common: &Common) -> Result<()> {
    let masses = Axis::logarithmic("mass", "MeV", range, PICTURE_POINTS)?;
    let mut bands = Vec::new();
    for model in models {
        bands.extend(band(model, &masses.values, deviation)?.map(|band| (model, band)));
    }
    let Some(chart) = muon_band_chart(&bands, deviation) else {
        terminal::error_line("notice: no model has a band; no picture is made");
        return Ok(());
    };
    writable_folder(folder)?;
    let mut staged = Staged::new();
    for file in chart_files("g-2", &chart)? {
        let path = folder.join(&file.name);
        staged.add_bytes(&path, &file.contents)?;
        if !common.quiet {
            terminal::error_line(&format!("written {}", path.display()));
        }
    }
    staged.publish()
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
