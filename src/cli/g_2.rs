//! `cevscan g-2`.

use cevscan::figures::muon_band_chart;
use cevscan::files::writable_folder;
use cevscan::grid::{Axis, parse_mass_mev, parse_range};
use cevscan::model::Model;
use cevscan::muon_g2::{Deviation, band};
use cevscan::output::{MuonBandRecord, json, muon_bands_csv, muon_bands_table};
use cevscan::{Error, Result};

use super::args::{Common, Format, G2Args};
use super::charts::{self, CURVE_POINTS, MOST_POINTS};
use super::{SUCCESS, terminal};

/// Rows of a table: two a decade of the default range, decades among them.
const TABLE_POINTS: usize = 13;

pub fn run(args: &G2Args, common: &Common) -> Result<u8> {
    let models = match args.model.as_str() {
        "all" => Model::all()?,
        name => vec![Model::named(name)?],
    };
    let range = parse_range("mass", &args.mass, parse_mass_mev)?;
    let deviation = Deviation::parse(&args.delta_a_mu)?;
    if let Some(points) = args.points.filter(|points| !(2..=MOST_POINTS).contains(points)) {
        return Err(Error::out_of_range("--points", points, format!("from 2 to {MOST_POINTS}")));
    }
    let masses = |default| Axis::logarithmic("mass", "MeV", range, args.points.unwrap_or(default));
    let records = |default| -> Result<Vec<MuonBandRecord>> {
        let masses = masses(default)?.values;
        models.iter().map(|model| MuonBandRecord::new(model, &masses, deviation)).collect()
    };
    let text = match args.format {
        Format::Table => muon_bands_table(&records(TABLE_POINTS)?),
        Format::Json => json(&records(CURVE_POINTS)?)?,
        Format::Csv => muon_bands_csv(&records(CURVE_POINTS)?),
    };
    if let Some(folder) = &args.out {
        let masses = masses(CURVE_POINTS)?.values;
        let mut bands = Vec::new();
        for model in &models {
            bands.extend(band(model, &masses, deviation)?.map(|band| (model, band)));
        }
        match muon_band_chart(&bands, deviation) {
            Some(chart) => {
                writable_folder(folder)?;
                let stem = if args.model == "all" { "g-2".to_owned() } else { format!("g-2-{}", args.model) };
                charts::write(folder, &[(stem, chart)], common.quiet)?;
            }
            None if common.quiet => {}
            None => terminal::error_line(&format!("{} has no band: no figure is made", args.model)),
        }
    }
    terminal::result(&text)?;
    Ok(SUCCESS)
}
