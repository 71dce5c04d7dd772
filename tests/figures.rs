//! Figures 1 to 3 of the paper.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod plot_checks;

use cevscan::dataset::Dataset;
use cevscan::figures::{event_rates, kinetic_mixing};
use cevscan::plot::Figure;
use plot_checks::check_picture;

#[test]
fn pictures() {
    let (lar, csi) = (Dataset::named("lar").unwrap(), Dataset::named("csi").unwrap());
    for figure in event_rates(&lar, &csi).unwrap() {
        check_picture(&format!("figure_{}", figure.number), &figure.chart.to_svg());
    }
    check_picture("figure_2", &kinetic_mixing().unwrap().chart.to_svg());
}
