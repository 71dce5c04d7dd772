//! A first map: what the data of COHERENT exclude of a B-L boson.
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use cevscan::{Analysis, Experiment, Level, Map, Model, Plane};

fn main() -> cevscan::Result<()> {
    let (model, data) = (Model::named("b-l")?, Experiment::parse_list("csi+lar")?);
    let analysis = Analysis::new(&model, &data);
    let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (101, 121), data.len())?;
    let map = Map::of(&analysis, plane, Level::default())?;
    println!(
        "{} on {}: smallest chi2 {:.2}, {:.2} without a mediator",
        map.model, map.data, map.best_fit.chi2, map.chi2_sm
    );
    for (mass_mev, excluded) in map.plane.mass.values.iter().zip(map.border().spans()?).step_by(20) {
        let from = excluded.first().map_or("nowhere".to_owned(), |span| format!("from g = {:.2e} on", span.low));
        println!("at {mass_mev:7.1} MeV excluded {from}");
    }
    Ok(())
}
