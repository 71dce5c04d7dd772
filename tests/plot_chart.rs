//! Charts: drawn from made-up data, and from data that is no data.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod chart_samples;
mod plot_checks;

use cevscan::plot::Figure;
use cevscan::plot::chart::{Chart, LegendPlace, Scale};
use plot_checks::{check_picture, letters};

#[test]
fn many_curves_have_their_legend_beside_the_panel() {
    let chart = chart_samples::curves();
    let svg = chart.to_svg();
    check_picture("chart_curves", &svg);
    assert_eq!(chart.legend_place(), LegendPlace::Beside);
    assert_eq!(chart.legend_entries().len(), 8);
    assert!(letters(&svg).contains("end point of νμ"));
    assert_eq!(svg, chart_samples::curves().to_svg());
}

#[test]
fn a_legend_covers_no_curve() {
    let chart = chart_samples::regions();
    check_picture("chart_regions", &chart.to_svg());
    let LegendPlace::Inside([across, _]) = chart.legend_place() else { unreachable!("there is room on the right") };
    assert_eq!(across, 1.0);
    // CsI's area and line share an entry.
    assert_eq!(chart.legend_entries().len(), 3);
    let mut full = chart;
    let wave = (0..4000).map(|k| [f64::from(k) / 200.0, 5.0 + 5.0 * (f64::from(k) * 0.1).sin()]).collect();
    full.curves[0].pieces.push(wave);
    assert_eq!(full.legend_place(), LegendPlace::Beside);
    check_picture("chart_full", &full.to_svg());
}

#[test]
fn no_number_and_no_text_is_too_strange_to_draw() {
    check_picture("chart_hostile", &chart_samples::hostile().to_svg());
    check_picture("chart_empty", &Chart::default().to_svg());
    let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e-320, 1e308, 5.0];
    for (k, value) in strange.into_iter().enumerate() {
        let mut chart = chart_samples::regions();
        (chart.x.low, chart.y.high) = (value, strange[(k + 3) % strange.len()]);
        chart.x.scale = Scale::Log;
        chart.curves[0].pieces[0][0] = [value, value];
        chart.regions[0].outlines[0][1] = [1.0, value];
        (chart.markers[0].at, chart.labels[0].at, chart.stars[0].at) = (value, [value, 1.0], [1.0, value]);
        check_picture(&format!("chart_strange_{k}"), &chart.to_svg());
    }
}

/// A title that fills the column is as wide as it but for rounding, to either side.
#[test]
fn titles_of_any_length_are_drawn() {
    for length in 1..160 {
        let title: String = "eps-u.mumu = -0.348493, sin = 0.17".chars().cycle().take(length).collect();
        let chart = Chart { title, ..chart_samples::regions() };
        assert!(chart.to_svg().contains("<svg"));
    }
}
