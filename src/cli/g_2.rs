//! `cevscan g-2`.

use crate::Result;
use crate::base::files::writable_folder;
use crate::base::grid::{Axis, parse_mass_mev, parse_range};
use crate::figures::muon_band_chart;
use crate::output::{MuonBandRecord, json, muon_bands_csv, muon_bands_table};
use crate::physics::muon_g2::band;

use super::args::{Common, Format, G2Args, deviation, models};
use super::{SUCCESS, charts, terminal};

pub fn run(args: &G2Args, common: &Common) -> Result<u8> {
    let models = models(&args.model, &args.parameters, common)?;
    let range = parse_range("mass", &args.mass, parse_mass_mev)?;
    let deviation = deviation(&args.delta_a_mu, common)?;
    let (fine, coarse) = (args.curves.curve_points()?, args.curves.table_points()?);
    let masses = |points| Axis::logarithmic("mass", "MeV", range, points);
    let records = |points| -> Result<Vec<MuonBandRecord>> {
        let masses = masses(points)?.values;
        models.iter().map(|model| MuonBandRecord::new(model, &masses, deviation)).collect()
    };
    let text = match args.curves.format {
        Format::Table => muon_bands_table(&records(coarse)?),
        Format::Json => json(&records(fine)?)?,
        Format::Csv => muon_bands_csv(&records(fine)?),
    };
    let mut bands = Vec::new();
    let folder = args.curves.out.as_deref().map(writable_folder).transpose()?;
    if folder.is_some() {
        let masses = masses(fine)?.values;
        for model in &models {
            bands.extend(band(model, &masses, deviation)?.map(|band| (model, band)));
        }
    }
    match muon_band_chart(&bands, deviation) {
        Some(chart) => {
            // A model file goes by the name in it.
            let stem = match &models[..] {
                [one] if args.model != "all" => format!("g-2-{}", one.name),
                _ => "g-2".to_owned(),
            };
            charts::write(&args.curves, common, &text, || Ok(vec![(stem, chart)]))?;
        }
        None => {
            if args.curves.out.is_some() && !common.quiet {
                terminal::error_line(&format!("{} has no band: no figure is made", args.model));
            }
            terminal::result(&text)?;
        }
    }
    Ok(SUCCESS)
}
