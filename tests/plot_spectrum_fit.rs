//! Fits: drawn from made-up but lifelike data, and from data that is no data.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod plot_checks;

use cevscan::plot::spectrum_fit::{Component, Lower, Projection, Pull, SpectrumFit};
use cevscan::plot::{Figure, Role};
use plot_checks::{check_picture, letters};

/// Numbers that look random and are always the same.
fn scatter(k: usize) -> f64 {
    ((k as f64 * 12.9898).sin() * 43758.5453).fract() * 1.7
}

fn measured(expected: &[Vec<f64>], seed: usize) -> Vec<f64> {
    let total = |k: usize| expected.iter().map(|part| part[k]).sum::<f64>();
    (0..expected[0].len()).map(|k| (total(k) + scatter(k + seed) * total(k).sqrt()).round().max(0.0)).collect()
}

fn pull(name: &str, value: f64, error: f64) -> Pull {
    Pull { name: name.into(), value, error }
}

/// Like CsI: a steady-state background of twice the signal, bins of different widths.
fn caesium(lower: Lower, log_events: bool) -> SpectrumFit {
    let energy_edges = vec![8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 50.0, 60.0];
    let time_edges = vec![0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 2.0, 4.0, 6.0];
    let energy: Vec<Vec<f64>> = vec![
        vec![330.0, 260.0, 180.0, 125.0, 170.0, 110.0, 95.0, 74.0],
        vec![3.2, 3.5, 3.0, 2.4, 3.1, 1.7, 1.0, 0.6],
        vec![0.9, 1.0, 0.8, 0.6, 0.9, 0.5, 0.4, 0.2],
        vec![58.0, 80.0, 66.0, 45.0, 42.0, 14.0, 4.0, 0.8],
    ];
    let time: Vec<Vec<f64>> = vec![
        vec![28.0, 28.0, 28.0, 28.0, 28.0, 28.0, 28.0, 28.0, 225.0, 450.0, 445.0],
        vec![0.4, 1.9, 4.2, 4.6, 3.5, 2.0, 1.0, 0.5, 0.4, 0.0, 0.0],
        vec![0.1, 0.4, 0.9, 1.0, 0.7, 0.5, 0.4, 0.3, 0.6, 0.3, 0.1],
        vec![3.0, 12.0, 26.0, 31.0, 27.0, 21.0, 17.0, 15.0, 78.0, 61.0, 19.0],
    ];
    let names = [
        ("steady state", Role::SteadyState),
        ("BRN", Role::Neutrons),
        ("NIN", Role::InducedNeutrons),
        ("CE$ν$NS", Role::Cevns),
    ];
    let component = |(k, (label, role)): (usize, (&str, Role))| Component {
        label: label.into(),
        role,
        is_signal: role == Role::Cevns,
        energy: energy[k].clone(),
        time: time[k].clone(),
    };
    let projection =
        |label: &str, edges, data| Projection { label: label.into(), edges, data, ..Projection::default() };
    SpectrumFit {
        title: "CsI: $L_μ-L_τ$ at $M_{Z'}$ = 10 MeV, $g_{Z'}$ = $5×10^{-5}$".into(),
        data_label: "beam-on data".into(),
        energy: projection("photoelectrons", energy_edges, measured(&energy, 1)),
        time: projection("$t_\"rec\"$ [μs]", time_edges, measured(&time, 40)),
        components: names.into_iter().enumerate().map(component).collect(),
        lower,
        log_events,
        pulls: vec![
            pull("CE$ν$NS", 0.42, 0.91),
            pull("BRN", -1.1, 0.97),
            pull("NIN", 0.03, 1.0),
            pull("steady state", -2.31, 0.55),
        ],
        caption: "$χ^2$ = 82.4; components at the best-fit nuisance parameters.".into(),
    }
}

/// Like liquid argon: a background of a hundred times the signal, many pulls, errors given.
fn argon() -> SpectrumFit {
    let energy: Vec<Vec<f64>> = (0..4)
        .map(|part| {
            let shape = |k: i32| match part {
                0 => 90.0 + 700.0 * (-0.25 * f64::from(k)).exp(),
                1 => 14.0 * (-0.5 * f64::from(k - 6).powi(2) / 16.0).exp(),
                2 => 3.0 * (-0.1 * f64::from(k)).exp(),
                _ => 42.0 * (-0.62 * f64::from(k)).exp(),
            };
            (0..12).map(shape).collect()
        })
        .collect();
    let time: Vec<Vec<f64>> = (0..4)
        .map(|part| {
            let shape = |k: i32| match part {
                0 => 350.0,
                1 => 45.0 * (-0.5 * f64::from(k - 2).powi(2)).exp(),
                2 => 4.0,
                _ => 24.0 * (-0.33 * f64::from(k)).exp(),
            };
            (0..10).map(shape).collect()
        })
        .collect();
    let edges = |low: f64, step: f64, count: usize| (0..=count).map(|k| low + step * k as f64).collect::<Vec<f64>>();
    let names = [
        ("steady state", Role::SteadyState),
        ("prompt BRN", Role::Neutrons),
        ("delayed BRN", Role::DelayedNeutrons),
        ("CE$ν$NS", Role::Cevns),
    ];
    let component = |(k, (label, role)): (usize, (&str, Role))| Component {
        label: label.into(),
        role,
        is_signal: k == 3,
        energy: energy[k].clone(),
        time: time[k].clone(),
    };
    let data = measured(&energy, 3);
    let projection = |label: &str, edges, data: Vec<f64>| {
        let errors = data.iter().map(|n| 1.1 * n.sqrt()).collect();
        Projection { label: label.into(), edges, data, errors, is_expected: false }
    };
    SpectrumFit {
        title: "LAr: Standard Model".into(),
        data_label: String::new(),
        energy: projection("reconstructed energy [keVee]", edges(0.0, 10.0, 12), data),
        time: projection("$t_{\"trig\"}$ [μs]", edges(-0.1, 0.5, 10), measured(&time, 17)),
        components: names.into_iter().enumerate().map(component).collect(),
        lower: Lower::Signal,
        log_events: true,
        pulls: vec![
            pull("CE$ν$NS norm.", 0.42, 0.91),
            pull("prompt BRN", -1.1, 0.97),
            pull("delayed BRN", 0.03, 1.0),
            pull("steady state", -0.31, 0.55),
            pull("CE$ν$NS $F_{90}$", 0.1, 0.99),
            pull("CE$ν$NS $t_\"trig\"$", 0.2, f64::NAN),
            pull("BRN energy", 1.9, 0.8),
            pull("BRN $t_\"trig\"$ mean", -3.4, 0.9),
            pull("BRN $t_\"trig\"$ width", 0.0, 1.0),
        ],
        caption: String::new(),
    }
}

#[test]
fn caesium_with_residuals() {
    let svg = caesium(Lower::Residuals, false).to_svg();
    check_picture("fit_csi_residuals", &svg);
    let letters = letters(&svg);
    for words in ["events per bin", "photoelectrons", "(data−fit)/σ", "+0.42 ± 0.91", "−2.31 ± 0.55", "CEνNS"] {
        assert!(letters.replace('\u{2009}', "").contains(words), "no '{words}' in {letters}");
    }
}

#[test]
fn caesium_without_a_lower_panel_on_a_logarithmic_scale() {
    check_picture("fit_csi_log", &caesium(Lower::None, true).to_svg());
}

#[test]
fn argon_with_the_signal_below() {
    check_picture("fit_lar_signal", &argon().to_svg());
}

#[test]
fn the_same_fit_is_the_same_file() {
    assert_eq!(argon().to_svg(), argon().to_svg());
}

#[test]
fn no_number_is_too_strange_to_draw() {
    let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, -1e6, 1e-320, 1e308];
    for (k, value) in strange.into_iter().enumerate() {
        for (log_events, lower) in [(true, Lower::Residuals), (false, Lower::Signal)] {
            let mut fit = caesium(lower, log_events);
            (fit.energy.data[2], fit.energy.errors) = (value, vec![strange[(k + 3) % strange.len()]; 8]);
            (fit.time.edges[3], fit.components[0].time[4]) = (value, value);
            fit.time.data.truncate(3);
            fit.components[1].energy.clear();
            fit.pulls.push(pull("strange", value, strange[(k + 5) % strange.len()]));
            check_picture(&format!("fit_strange_{k}_{log_events}"), &fit.to_svg());
            fit.energy.data.fill(value);
            fit.components.iter_mut().for_each(|part| part.energy.fill(value));
            check_picture(&format!("fit_all_strange_{k}_{log_events}"), &fit.to_svg());
        }
    }
    check_picture("fit_empty", &SpectrumFit::default().to_svg());
}

#[test]
fn long_texts_stay_on_the_canvas() {
    let mut fit = caesium(Lower::Residuals, false);
    let long = "a very long text that nobody would write over a figure, ".repeat(4);
    (fit.title, fit.data_label, fit.caption) = (long.clone(), long.clone(), long.repeat(3));
    (fit.energy.label, fit.components[0].label, fit.pulls[0].name) = (long.clone(), long.clone(), long);
    check_picture("fit_long_texts", &fit.to_svg());
}
