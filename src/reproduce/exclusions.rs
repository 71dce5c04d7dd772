//! Figures 4 to 8: excluded regions of each model.

use serde_json::json;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Minimum};
use crate::analysis::strips::{Degeneracy, degeneracies};
use crate::base::grid::Axis;
use crate::base::provenance::of_the_build;
use crate::figures::exclusion::{Companions, exclusion_chart};
use crate::figures::overlay::behind;
use crate::figures::place::{number_markup, place_markup};
use crate::physics::model::Model;
use crate::physics::muon_g2::{Deviation, band, why_no_band};
use crate::rates::Point;
use crate::scan::{self, Map, Observer, Plane, dataset_levels, scan};

use super::figure::{FigureRecord, stem};
use super::product::{Made, Product};
use super::{Settings, fingerprint};

/// A figure of the paper: its number, model, and range of couplings; masses are those between the bounds of table 2.
type Row = (&'static str, &'static str, (f64, f64));

const QUARKS: (f64, f64) = (5e-6, 1.0);
/// Where quarks couple through a loop, bounds are some thirty times weaker.
const LOOPS: (f64, f64) = (1e-4, 10.0);

const FIGURES: [Row; 11] = [
    ("4", "universal", QUARKS),
    ("5a", "b-l", QUARKS),
    ("5b", "by+lmu+ltau", QUARKS),
    ("6a", "b-3le", QUARKS),
    ("6b", "b-3lmu", QUARKS),
    ("7a", "b-2le-lmu", QUARKS),
    ("7b", "b-le-2lmu", QUARKS),
    ("8a", "le-lmu", LOOPS),
    ("8b", "le-ltau", LOOPS),
    ("8c", "lmu-ltau", LOOPS),
    ("8d", "scalar", QUARKS),
];

/// Datasets of the figures, in the order of their sum.
const DATA: &str = "csi+lar";
/// Masses at which the band of the muon's magnetic moment is taken.
const BAND_MASSES: usize = 241;
/// Best fits and pictures, in points of a map.
const WORK_BESIDES_MAP: usize = 400_000;

pub(super) fn products<'a>(settings: &'a Settings<'a>) -> Result<Vec<Product<'a>>> {
    FIGURES.iter().map(|row| product(settings, row)).collect()
}

fn product<'a>(settings: &'a Settings<'a>, row: &'static Row) -> Result<Product<'a>> {
    let (number, name, coupling) = row;
    let model = settings.model(name)?;
    let data = DATA.split('+').map(|name| Ok(fingerprint(&settings.experiment(name)?.dataset)));
    let plane = || Plane::new((LOW_MASS_MEV, HIGH_MASS_MEV), *coupling, settings.grid, DATA.split('+').count());
    // What cannot be is refused before anything is computed.
    let work = plane()?.points() + WORK_BESIDES_MAP;
    Ok(Product {
        name: format!("fig{number}-{name}"),
        inputs: json!({
            "program": settings.program,
            "build": of_the_build(),
            "model": fingerprint(model),
            "data": data.collect::<Result<Vec<_>>>()?,
            "mass_mev": [LOW_MASS_MEV, HIGH_MASS_MEV],
            "coupling": coupling,
            "grid": settings.grid,
            "delta_chi2": settings.delta_chi2,
            "delta_a_mu": settings.deviation,
            "engine": settings.engine(),
            "known_limits": fingerprint(&settings.known_limits(name)),
            "label_others": fingerprint(&settings.label_others),
        }),
        work,
        make: Box::new(move |observer| make(settings, row, model, plane()?, observer)),
    })
}

fn make(settings: &Settings, row: &Row, model: &Model, plane: Plane, observer: &dyn Observer) -> Result<Made> {
    let (number, name, coupling) = row;
    let experiments = DATA.split('+').map(|name| settings.experiment(name)).collect::<Result<Vec<_>>>()?;
    let analysis = Analysis::new(model, experiments.iter().copied());
    let how = scan::Settings {
        device: settings.device,
        tile_rows: None,
        delta_chi2: settings.delta_chi2,
        minimum: Minimum::Plane,
    };
    let map = scan(&analysis, plane, how, observer)?;
    let levels = dataset_levels(&analysis, &map)?;
    let masses = Axis::logarithmic("mass", "MeV", (LOW_MASS_MEV, HIGH_MASS_MEV), BAND_MASSES)?;
    let companions = Companions {
        muon_band: band(model, &masses.values, settings.deviation)?,
        // The lines of the paper are those of CsI.
        degeneracy: analysis
            .predictions
            .iter()
            .zip(degeneracies(&analysis))
            .find_map(|(prediction, lines)| lines.filter(|_| prediction.experiment.dataset.name == "csi")),
    };
    let note = match companions.muon_band {
        Some(_) => "excluded at 2$σ$",
        None => "excluded at 2$σ$; no $(g-2)_μ$: $Q'_μ = 0$",
    };
    let mut chart = exclusion_chart(model, &map, &levels, &companions, note)?;
    let others = behind(&mut chart, settings.known_limits(name), settings.label_others);
    let gaps = map.border().missing().map_or(String::new(), |missing| format!("Hatched: {}.", missing.words()));
    let caption = caption(model, &map, settings.deviation, companions.degeneracy);
    let caption = [caption, others, gaps].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let record = FigureRecord {
        number: (*number).to_owned(),
        title: format!("2$σ$ exclusion in the {} model", model.label),
        caption: caption.trim_end().to_owned(),
        stem: stem(&format!("fig{number}-{name}")),
        commands: commands(settings, name, *coupling),
        engine: Some(map.engine.clone()),
        certificate: map.certificate.clone(),
    };
    let mut made = Made { missing_points: map.missing(), ..Made::default() };
    record.add(&mut made, &chart)?;
    Ok(made)
}

fn commands(settings: &Settings, model: &str, (low, high): (f64, f64)) -> Vec<String> {
    let (masses, couplings) = settings.grid;
    let [central, sigma] = settings.deviation.in_1e10();
    let range = format!("{LOW_MASS_MEV}:{HIGH_MASS_MEV}");
    vec![
        format!(
            "cevscan scan --model {model} --data {DATA} --mass {range} --coupling {low:e}:{high} --grid {masses}x{couplings}"
        ),
        format!("cevscan g-2 --model {model} --mass {range} --delta-a-mu {central}e-10,{sigma}e-10"),
    ]
}

fn caption(model: &Model, map: &Map, deviation: Deviation, lines: Option<Degeneracy>) -> String {
    let best = map.best_fit;
    let place = place_markup(model, Point { mass_mev: best.mass_mev, coupling: best.coupling });
    let mut text = match best.coupling {
        0.0 => format!("Best fit of both: {place}, $χ^2$ = {:.2}.", best.chi2),
        _ => format!("Best fit of both (star): {place}, $χ^2$ = {:.2}; Standard Model: {:.2}.", best.chi2, map.chi2_sm),
    };
    match why_no_band(model) {
        Some(_) => {
            text += " The muon has no charge in this model: no coupling explains its magnetic moment, there is no band."
        }
        None => {
            let [central, sigma] = deviation.in_1e10();
            text += &format!(
                " Green: couplings that explain $Δa_μ$ = ({central} ± {sigma}) × $10^{{-10}}${} within 2$σ$.",
                deviation.label()
            );
        }
    }
    if let Some(lines) = lines {
        text += &format!(
            " Lines for CsI, without form factors: the weak charge turns its sign at $g/M$ = {}/GeV, inside the allowed strip, and vanishes at {}/GeV.",
            number_markup(lines.strip_per_gev),
            number_markup(lines.cancellation_per_gev)
        );
    }
    text
}
