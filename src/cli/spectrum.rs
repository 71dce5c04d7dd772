//! `cevscan spectrum`.

use crate::analysis::Experiment;
use crate::base::files::writable_folder;
use crate::base::grid::{Axis, parse_coupling, parse_mass_mev};
use crate::dataset::Dataset;
use crate::figures::{recoil_range_kev, reference_point, spectrum_chart};
use crate::output::{DatasetSpectra, SpectrumRecord, json, spectrum_csv, spectrum_table};
use crate::physics::model::Model;
use crate::rates::Point;
use crate::rates::spectrum::{Spectrum, energies_kev, zero_rates};
use crate::{Error, Result};

use super::args::{Common, Format, ResponseArg, SpectrumArgs, experiments};
use super::{SUCCESS, charts};

pub fn run(args: &SpectrumArgs, common: &Common) -> Result<u8> {
    let model = args.model.open(common)?.with_couplings(args.standard.edition());
    let reference = reference_point(&model);
    let point = Point {
        mass_mev: args.mass.as_deref().map_or(Ok(reference.mass_mev), parse_mass_mev)?,
        coupling: args.coupling.as_deref().map_or(Ok(reference.coupling), parse_coupling)?,
    };
    let (fine, coarse) = (args.curves.curve_points()?, args.curves.table_points()?);
    let experiments = experiments(&args.data, model.standard, common)?;
    let _folder = args.curves.out.as_deref().map(writable_folder).transpose()?;
    let request = Request { model: &model, point, response: args.response };
    // People read a few round rows; programs and figures get the places where something happens too.
    let fine = |dataset: &Dataset| energies_kev(dataset, [(&model, point)], recoil_range_kev(dataset), fine);
    let coarse =
        |dataset: &Dataset| Ok(Axis::logarithmic("recoil energy", "keV", recoil_range_kev(dataset), coarse)?.values);
    let text = match args.curves.format {
        Format::Table => spectrum_table(&model, point, &request.spectra(&experiments, coarse)?),
        Format::Csv => spectrum_csv(&request.spectra(&experiments, fine)?),
        Format::Json => json(&SpectrumRecord::new(&model, point, &request.spectra(&experiments, fine)?))?,
    };
    let ending = if args.response == ResponseArg::Full { "-full" } else { "" };
    charts::write(&args.curves, common, &text, || {
        let spectra = request.spectra(&experiments, fine)?;
        let figure = |DatasetSpectra { dataset, standard, spectrum, .. }: &DatasetSpectra| {
            let stem = format!("spectrum-{}-{}{ending}", model.name, dataset.name);
            (stem, spectrum_chart(dataset, (&model, point), standard, spectrum))
        };
        Ok(spectra.iter().map(figure).collect())
    })?;
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
        energies: impl Fn(&Dataset) -> Result<Vec<f64>>,
    ) -> Result<Vec<DatasetSpectra<'e>>> {
        let of_experiment = |experiment: &'e Experiment| {
            let (dataset, nodes) = (&experiment.dataset, &experiment.nodes);
            if self.response == ResponseArg::Full && dataset.response.matrix().is_some() {
                let found = format!("that of {}, whose bins are bins of several observables", dataset.name);
                return Err(Error::out_of_range(
                    "response",
                    found,
                    "over bins of energy; '--response none' has no bins",
                ));
            }
            let energies = energies(dataset)?;
            let at = |point| match self.response {
                ResponseArg::None => Spectrum::of_recoils(dataset, self.model, point, &energies),
                ResponseArg::Full => Spectrum::in_bins(dataset, nodes, self.model, point),
            };
            let standard = Point { coupling: 0.0, ..self.point };
            Ok(DatasetSpectra {
                dataset,
                standard: at(standard).finite(standard)?,
                spectrum: at(self.point).finite(self.point)?,
                zero_rates: zero_rates(dataset, self.model, self.point),
            })
        };
        experiments.iter().map(of_experiment).collect()
    }
}
