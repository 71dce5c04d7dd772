//! `cevscan spectrum-fit`.

use cevscan::Result;
use cevscan::analysis::Analysis;
use cevscan::analysis::limits::best_fit;
use cevscan::base::files::{Results, writable_folder};
use cevscan::base::grid::{parse_coupling, parse_mass_mev};
use cevscan::output::point_table;
use cevscan::plot::fit_picture::fit_pictures;
use cevscan::plot::spectrum_fit::Lower;
use cevscan::plot::{Figure, print_png};
use cevscan::rates::Point;

use super::args::{Below, Common, SpectrumFitArgs, experiments, model};
use super::terminal::shown;
use super::{SUCCESS, signals, terminal};

pub fn run(args: &SpectrumFitArgs, common: &Common) -> Result<u8> {
    let model = model(&args.model, &args.parameters, common)?;
    let given = match (&args.mass, &args.coupling) {
        (Some(mass), Some(coupling)) => {
            Some(Point { mass_mev: parse_mass_mev(mass)?, coupling: parse_coupling(coupling)? })
        }
        _ => None,
    };
    signals::watch_interrupts();
    let experiments = experiments(&args.data, common)?;
    writable_folder(&args.out)?;
    let analysis = Analysis::new(&model, &experiments);
    let point = match given {
        Some(point) => point,
        None => {
            let best = best_fit(&analysis)?;
            Point { mass_mev: best.mass_mev, coupling: best.coupling }
        }
    };
    let fit = analysis.fit(point);
    analysis.require_converged(point, &fit)?;
    let lower = match args.below {
        Below::Residuals => Lower::Residuals,
        Below::Signal => Lower::Signal,
    };
    let results = Results::wait(&args.out)?.fresh(args.fresh);
    let mut staged = results.stage();
    let mut names = String::new();
    for (picture, channel) in fit_pictures(&analysis, point, &fit, lower).iter().zip(&analysis.channels) {
        signals::check()?;
        let svg = picture.to_svg();
        let stem = format!("fit-{}-{}", model.name, channel.experiment.dataset.name);
        let png = print_png(&svg)?;
        for (name, contents) in [(format!("{stem}.svg"), svg.into_bytes()), (format!("{stem}.png"), png)] {
            staged.add_bytes(&name, &contents)?;
            names += &format!("{}\n", shown(&args.out.join(name)));
        }
    }
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        terminal::result(&format!("{}\n{names}", point_table(&analysis, point, &fit)))?;
    }
    Ok(SUCCESS)
}
