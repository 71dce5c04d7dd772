//! Figures 1 to 3: event rates against the recoil energy, and the kinetic mixing.

use serde_json::json;

use crate::Result;
use crate::base::provenance::of_the_build;
use crate::figures::{MIXING_RANGE_MEV, PaperFigure, event_rates, kinetic_mixing};
use crate::physics::model::Model;

use super::figure::{FigureRecord, stem};
use super::product::{Made, Product};
use super::{Settings, fingerprint};

const WORK: usize = 400_000;

pub(super) fn product<'a>(settings: &'a Settings<'a>) -> Result<Product<'a>> {
    let (lar, csi) = (&settings.experiment("lar")?.dataset, &settings.experiment("csi")?.dataset);
    Ok(Product {
        name: "fig1-3".to_owned(),
        inputs: json!({
            "program": settings.program,
            "build": of_the_build(),
            "models": fingerprint(&settings.models),
            "data": [fingerprint(lar), fingerprint(csi)],
        }),
        work: WORK,
        make: Box::new(move |_| {
            let mut made = Made::default();
            for figure in event_rates(lar, csi)?.into_iter().chain([kinetic_mixing()?]) {
                record(&figure).add(&mut made, &figure.chart)?;
            }
            Ok(made)
        }),
    })
}

fn record(figure: &PaperFigure) -> FigureRecord {
    // What follows the colon are names as on the command line; the legend has them as people write them.
    let title = figure.caption.split(':').next().unwrap_or_default();
    let (name, command) = match figure.number {
        "2" => ("mixing", format!("cevscan epsilon --q {}:{} --out .", MIXING_RANGE_MEV.0, MIXING_RANGE_MEV.1)),
        _ => ("spectrum", spectrum_command(figure)),
    };
    let point = match figure.chart.note.as_str() {
        "" => String::new(),
        note => format!("{note}."),
    };
    FigureRecord {
        number: figure.number.to_owned(),
        title: title.to_owned(),
        caption: point,
        stem: stem(&format!("fig{}-{name}", figure.number)),
        commands: vec![command],
        engine: None,
        certificate: None,
    }
}

/// The models' curves, each with its flavours besides.
fn spectrum_command(figure: &PaperFigure) -> String {
    let is_drawn = |name: &&str| figure.chart.curves.iter().any(|curve| curve.name == *name);
    let models: Vec<&str> = Model::names().filter(is_drawn).collect();
    // a: Ar, b: CsI, and so on.
    let data = if figure.number.ends_with(['a', 'c']) { "lar" } else { "csi" };
    match models.as_slice() {
        [model] => format!("cevscan spectrum --model {model} --data {data} --out ."),
        _ => {
            format!("for model in {}; do cevscan spectrum --model $model --data {data} --out .; done", models.join(" "))
        }
    }
}
