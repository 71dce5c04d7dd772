//! `cevscan spectrum`.

use cevscan::analysis::Experiment;
use cevscan::figures::{recoil_range_kev, reference_point, spectrum_chart};
use cevscan::files::writable_folder;
use cevscan::grid::{Axis, parse_coupling, parse_mass_mev};
use cevscan::model::Model;
use cevscan::output::{DatasetSpectra, SpectrumRecord, json, spectrum_csv, spectrum_table};
use cevscan::rates::Point;
use cevscan::rates::spectrum::{Spectrum, energies_kev, zero_rates};
use cevscan::{Error, Result};

use super::args::{Common, Format, ResponseArg, SpectrumArgs, experiments};
use super::charts::{self, CURVE_POINTS, MOST_POINTS, TABLE_POINTS};
use super::{SUCCESS, terminal};

pub fn run(args: &SpectrumArgs, common: &Common) -> Result<u8> {
    let model = Model::named(&args.model)?;
    let reference = reference_point(&model);
    let point = Point {
        mass_mev: args.mass.as_deref().map_or(Ok(reference.mass_mev), parse_mass_mev)?,
        coupling: args.coupling.as_deref().map_or(Ok(reference.coupling), parse_coupling)?,
    };
    if let Some(points) = args.points.filter(|points| !(2..=MOST_POINTS).contains(points)) {
        return Err(Error::out_of_range("--points", points, format!("from 2 to {MOST_POINTS}")));
    }
    let experiments = experiments(&args.data, common)?;
    if let Some(folder) = &args.out {
        writable_folder(folder)?;
    }
    let request = Request { model: &model, point, response: args.response };
    // People read a few round rows; programs and figures get the places where something happens too.
    let fine = |experiment: &Experiment| {
        let points = args.points.unwrap_or(CURVE_POINTS);
        let dataset = &experiment.dataset;
        energies_kev(dataset, [(&model, point)], recoil_range_kev(dataset), points)
    };
    let coarse = |experiment: &Experiment| {
        let range = recoil_range_kev(&experiment.dataset);
        Ok(Axis::logarithmic("recoil energy", "keV", range, args.points.unwrap_or(TABLE_POINTS))?.values)
    };
    let text = match args.format {
        Format::Table => spectrum_table(&model, point, &request.spectra(&experiments, coarse)?),
        Format::Csv => spectrum_csv(&request.spectra(&experiments, fine)?),
        Format::Json => json(&SpectrumRecord::new(&model, point, &request.spectra(&experiments, fine)?))?,
    };
    if let Some(folder) = &args.out {
        let ending = if args.response == ResponseArg::Full { "-full" } else { "" };
        let spectra = request.spectra(&experiments, fine)?;
        let figures = spectra.iter().map(|DatasetSpectra { dataset, standard, spectrum, .. }| {
            let stem = format!("spectrum-{}-{}{ending}", model.name, dataset.name);
            (stem, spectrum_chart(dataset, (&model, point), standard, spectrum))
        });
        charts::write(folder, &figures.collect::<Vec<_>>(), common.quiet)?;
    }
    terminal::result(&text)?;
    Ok(SUCCESS)
}

struct Request<'a> {
    model: &'a Model,
    point: Point,
    response: ResponseArg,
}

impl Request<'_> {
    fn spectra<'e>(
        &self,
        experiments: &'e [Experiment],
        energies: impl Fn(&Experiment) -> Result<Vec<f64>>,
    ) -> Result<Vec<DatasetSpectra<'e>>> {
        let of_experiment = |experiment: &'e Experiment| {
            let (dataset, nodes) = (&experiment.dataset, &experiment.nodes);
            let energies = energies(experiment)?;
            let at = |point| match self.response {
                ResponseArg::None => Spectrum::of_recoils(dataset, self.model, point, &energies),
                ResponseArg::Full => Spectrum::in_bins(dataset, nodes, self.model, point),
            };
            Ok(DatasetSpectra {
                dataset,
                standard: at(Point { coupling: 0.0, ..self.point }),
                spectrum: at(self.point),
                zero_rates: zero_rates(dataset, self.model, self.point),
            })
        };
        experiments.iter().map(of_experiment).collect()
    }
}
