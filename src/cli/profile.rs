//! `cevscan profile`.

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::section::{Along, Section};
use crate::base::files::writable_folder;
use crate::base::grid::{Axis, number_text};
use crate::figures::section_charts;
use crate::output::{ProfileRecord, json, profile_csv, profile_table};
use crate::rates::Point;

use super::args::{Common, Format, Line, ProfileArgs, asimov, experiments};
use super::{SUCCESS, charts, electrons};

/// Couplings from and to so many times that at which the mediator doubles the events: from nothing to excluded far away.
const AROUND: (f64, f64) = (0.03, 6.0);

pub fn run(args: &ProfileArgs, common: &Common) -> Result<u8> {
    let (line, level) = (args.line()?, args.level.level()?);
    let (fine, coarse) = (args.curves.curve_points()?, args.curves.table_points()?);
    let model = args.model.open(common)?.with_couplings(args.standard.edition());
    let mut experiments = experiments(&args.data, model.standard, common)?;
    if args.asimov {
        experiments = asimov(&experiments, model.standard)?;
    }
    let _folder = args.curves.out.as_deref().map(writable_folder).transpose()?;
    let analysis = Analysis::new(&model, &experiments);
    let section = |points| -> Result<Section> {
        Section::new(&analysis, line.along, points_on(&analysis, &line, points)?, level)
    };
    let (section, text) = match (args.curves.format, &args.curves.out) {
        (Format::Table, None) => {
            let section = section(coarse)?;
            let text = profile_table(&analysis, &section);
            (section, text)
        }
        (Format::Table, Some(_)) => (section(fine)?, profile_table(&analysis, &section(coarse)?)),
        (Format::Csv, _) => {
            let section = section(fine)?;
            let text = profile_csv(&analysis, &section);
            (section, text)
        }
        (Format::Json, _) => {
            let section = section(fine)?;
            let text = json(&ProfileRecord::new(&analysis, &section))?;
            (section, text)
        }
    };
    let lightest = section.points.iter().map(|point| point.mass_mev).fold(f64::INFINITY, f64::min);
    electrons::note(&[&model], &experiments, lightest, common);
    let stem = match line.along {
        Along::Coupling => format!("profile-{}-{}MeV", model.name, number_text(line.fixed)),
        Along::Mass => format!("profile-{}-g{}", model.name, number_text(line.fixed)),
    };
    charts::write(&args.curves, common, &text, || {
        let [chi2, pulls] = section_charts(&analysis, &section);
        Ok(vec![(stem.clone(), chi2), (format!("{stem}-pulls"), pulls)])
    })?;
    // What did converge has been printed all the same.
    section.require_converged(&analysis)?;
    Ok(SUCCESS)
}

fn points_on(analysis: &Analysis, line: &Line, points: usize) -> Result<Vec<Point>> {
    let range = match line.range {
        Some(range) => range,
        None => {
            let natural = analysis.at_mass(line.fixed).natural_coupling()?;
            (AROUND.0 * natural, AROUND.1 * natural)
        }
    };
    let (quantity, unit) = if line.along == Along::Mass { ("mass", "MeV") } else { ("coupling", "") };
    let values = Axis::logarithmic(quantity, unit, range, points)?.values;
    let point = |value| match line.along {
        Along::Coupling => Point { mass_mev: line.fixed, coupling: value },
        Along::Mass => Point { mass_mev: value, coupling: line.fixed },
    };
    Ok(values.into_iter().map(point).collect())
}
