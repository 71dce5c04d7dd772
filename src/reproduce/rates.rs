//! Figures 1 to 3: event rates against the recoil energy, and the kinetic mixing.

use serde_json::json;

use crate::Result;
use crate::figures::{PaperFigure, event_rates, kinetic_mixing};

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
    FigureRecord {
        number: figure.number.to_owned(),
        title: figure.caption.clone(),
        caption: figure.chart.note.clone(),
        stem: stem(&format!("fig{}-{}", figure.number, if figure.number == "2" { "mixing" } else { "spectrum" })),
        commands: Vec::new(),
        engine: None,
        certificate: None,
    }
}
