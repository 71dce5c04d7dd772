//! `cevscan spectrum-fit`.

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::best_fit;
use crate::base::files::{Results, writable_folder};
use crate::base::grid::{parse_coupling, parse_mass_mev};
use crate::figures::fit_picture::fit_pictures;
use crate::output::{SpectrumFitRecord, json, point_table, spectrum_fit_csv, spectrum_fit_script};
use crate::plot::spectrum_fit::Lower;
use crate::plot::{Figure, Print, print};
use crate::rates::Point;

use super::args::{Below, Common, SpectrumFitArgs, experiments};
use super::terminal::shown;
use super::{SUCCESS, point, signals, terminal};

/// Digits of mass and coupling of a best fit.
const FOUND_DIGITS: usize = 6;

pub fn run(args: &SpectrumFitArgs, common: &Common) -> Result<u8> {
    let model = args.model.open(common)?.with_couplings(args.standard.edition());
    let given = match (&args.mass, &args.coupling) {
        (Some(mass), Some(coupling)) => {
            Some(Point { mass_mev: parse_mass_mev(mass)?, coupling: parse_coupling(coupling)? })
        }
        _ => None,
    };
    signals::watch_interrupts();
    let experiments = experiments(&args.data, model.standard, common)?;
    let _folder = writable_folder(&args.out)?;
    let analysis = Analysis::new(&model, &experiments);
    let place = match given {
        Some(place) => place,
        None => {
            let best = best_fit(&analysis)?;
            Point { mass_mev: best.mass_mev, coupling: best.coupling }
        }
    };
    let fit = analysis.fit(place);
    analysis.require_converged(place, &fit)?;
    let far = analysis.far_deformations(&fit);
    point::far_note(&far, common);
    // Those of a point that was found say little; one that was given is shown as it is.
    let digits = given.is_none().then_some(FOUND_DIGITS);
    let lower = match args.below {
        Below::Residuals => Lower::Residuals,
        Below::Signal => Lower::Signal,
    };
    let results = Results::wait(&args.out)?.fresh(args.fresh);
    let mut staged = results.stage();
    let mut names = String::new();
    for (picture, prediction) in
        fit_pictures(&analysis, place, &fit, (lower, args.per_bin)).iter().zip(&analysis.predictions)
    {
        signals::check()?;
        let svg = picture.to_svg();
        let data = prediction.experiment.dataset.name.as_str();
        let stem = format!("fit-{}-{data}", model.name);
        let Print { png, pdf } = print(&svg)?;
        let record = SpectrumFitRecord::new((&model.name, data), [place.mass_mev, place.coupling], picture)
            .deformed_far(far.iter().find(|own| own.dataset == data));
        for (ending, contents) in [
            ("svg", svg.into_bytes()),
            ("png", png),
            ("pdf", pdf),
            ("csv", spectrum_fit_csv(&record).into_bytes()),
            ("json", json(&record)?.into_bytes()),
            ("py", spectrum_fit_script(picture)?.into_bytes()),
        ] {
            let name = format!("{stem}.{ending}");
            staged.add_bytes(&name, &contents)?;
            names += &format!("{}\n", shown(&args.out.join(name)));
        }
    }
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        terminal::result(&format!("{}\n{names}", point_table(&analysis, place, &fit, digits)))?;
    }
    Ok(SUCCESS)
}
