//! Exclusion maps: drawn from made-up but lifelike data, and from data that is no data.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod plot_checks;

use cevscan::Error;
use cevscan::base::contour::Field;
use cevscan::plot::chart::{Chart, ChartAxis, Curve, Label, Region, Scale, Star};
use cevscan::plot::{Figure, Role, png};
use plot_checks::{check_picture, letters};

fn log_axis(points: usize, low: f64, high: f64) -> Vec<f64> {
    (0..points).map(|i| low * (high / low).powf(i as f64 / (points - 1) as f64)).collect()
}

/// A model whose amplitude interferes destructively: excluded, allowed again where the amplitude is minus the usual one.
fn exclusion(label: &str, role: Role, momentum: f64, strength: f64, error: f64) -> (Region, Curve) {
    let (masses, couplings) = (log_axis(400, 0.1, 1e5), log_axis(400, 1e-6, 1.0));
    let chi2 = |m: &f64, g: &f64| {
        let amplitude = 1.0 - strength * g * g / (momentum * momentum + m * m);
        ((amplitude * amplitude - 1.0) / error).powi(2)
    };
    let values: Vec<f64> = masses.iter().flat_map(|m| couplings.iter().map(move |g| chi2(m, g))).collect();
    let field = Field::new(&masses, &couplings, &values).unwrap();
    let outlines = field.regions_above(6.18).into_iter().map(|ring| ring.points).collect();
    let pieces = field.level_lines(6.18).into_iter().map(|line| line.points).collect();
    (
        Region { name: label.into(), label: label.into(), role, outlines, has_edge: false },
        Curve { name: label.into(), label: label.into(), role, pieces },
    )
}

fn plane() -> Chart {
    let axis = |name: &str, label: &str, low, high| ChartAxis {
        name: name.into(),
        label: label.into(),
        low,
        high,
        scale: Scale::Log,
    };
    Chart {
        x: axis("mass_mev", "$M_{Z'}$ [MeV]", 0.1, 1e5),
        y: axis("coupling", "$g_{Z'}$", 1e-6, 1.0),
        ..Chart::default()
    }
}

fn b_minus_l() -> Chart {
    let (region, together) = exclusion("CsI + LAr", Role::Combined, 48.0, 5.5e11, 0.14);
    let (_, csi) = exclusion("CsI", Role::Csi, 50.0, 6e11, 0.16);
    let (_, lar) = exclusion("LAr", Role::Lar, 35.0, 4e11, 0.3);
    Chart {
        title: "COHERENT: light vector mediator".into(),
        heading: "$B-L$".into(),
        note: "excluded at 2$σ$ (2 dof)".into(),
        regions: vec![region],
        curves: vec![together, csi, lar],
        stars: vec![Star { at: [30.0, 1.5e-5], label: "best fit".into(), is_open: false }],
        caption:
            "CsI (2021) and LAr (2020) data of COHERENT; nuisance parameters profiled; $Δχ^2$ = 6.18. Grid 400 × 400."
                .into(),
        ..plane()
    }
}

fn with_bands() -> Chart {
    let masses = log_axis(60, 0.1, 1e5);
    let curve = |g: f64| masses.iter().map(|m| [*m, g * (1.0 + (m / 100.0).powi(2)).sqrt()]).collect::<Vec<_>>();
    let beam_dump = vec![vec![[1.1, 1e-6], [1.1, 3e-4], [20.0, 3e-5], [90.0, 3e-6], [40.0, 1e-6]]];
    let fixed_target =
        vec![vec![[12.0, 1.0], [12.0, 9e-4], [200.0, 5e-4], [9e3, 4e-4], [1.1e4, 2e-2], [1e5, 0.1], [1e5, 1.0]]];
    let other = |name: &str, number, outlines| Region {
        name: name.into(),
        label: String::new(),
        role: Role::Muted(number),
        outlines,
        has_edge: true,
    };
    let label = |text: &str, number, at| Label { at, text: text.into(), role: Role::Muted(number) };
    let (region, together) = exclusion("CsI + LAr", Role::Csi, 48.0, 2e11, 0.14);
    Chart {
        heading: "$B_y+L_μ+L_τ$".into(),
        note: "excluded at 95.45 % C.L. (2 dof)".into(),
        regions: vec![
            other("beam dumps", 0, beam_dump),
            other("colliders", 1, fixed_target),
            region,
            Region::between("muon g-2", "$(g-2)_μ$, 2$σ$", Role::Preferred, &curve(3.1e-4), &curve(5.6e-4)),
        ],
        curves: vec![together],
        labels: vec![label("beam dumps", 0, [8.0, 8e-6]), label("BaBar, LHCb", 1, [1e3, 5e-2])],
        ..plane()
    }
}

#[test]
fn a_vector_mediator() {
    let svg = b_minus_l().to_svg();
    check_picture("map_b_minus_l", &svg);
    assert!(letters(&svg).contains("B\u{2009}−\u{2009}L"));
    let tree = resvg::usvg::roxmltree::Document::parse(&svg).unwrap();
    let is_subscript = |node: &resvg::usvg::roxmltree::Node| {
        node.has_tag_name("tspan") && node.attribute("dy").is_some() && node.attribute("font-size").is_some()
    };
    let subscripts: Vec<&str> = tree.descendants().filter(is_subscript).filter_map(|node| node.text()).collect();
    assert!(subscripts.contains(&"Z") && subscripts.contains(&"−6"), "{subscripts:?}");
}

#[test]
fn bands_and_other_experiments() {
    let svg = with_bands().to_svg();
    check_picture("map_bands", &svg);
    assert!(letters(&svg).contains("(g − 2)μ, 2σ".replace(' ', "\u{2009}").replace(",\u{2009}", ", ").as_str()));
}

#[test]
fn the_same_map_is_the_same_file() {
    assert_eq!(b_minus_l().to_svg(), b_minus_l().to_svg());
    assert_eq!(with_bands().to_svg(), with_bands().to_svg());
}

#[test]
fn no_number_is_too_strange_to_draw() {
    let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e-320, 1e308, 5.0];
    for (k, value) in strange.into_iter().enumerate() {
        let mut map = with_bands();
        (map.x.low, map.y.high) = (value, strange[(k + 3) % strange.len()]);
        map.stars = vec![Star { at: [value, 1e-3], label: "best fit".into(), is_open: false }];
        map.curves[0].pieces.iter_mut().for_each(|piece| piece[0] = [value, value]);
        map.regions[2].outlines[0][1] = [1.0, value];
        map.regions[3].outlines[0][0] = [value, value];
        map.labels[0].at = [value, 1.0];
        check_picture(&format!("map_strange_{k}"), &map.to_svg());
    }
    check_picture("map_empty", &Chart::default().to_svg());
}

#[test]
fn long_texts_stay_on_the_canvas() {
    let mut map = b_minus_l();
    let long = "a very long text that nobody would write over a figure, ".repeat(4);
    (map.title, map.heading, map.note, map.caption) = (long.clone(), long.clone(), long.clone(), long.repeat(3));
    (map.x.label, map.y.label, map.curves[0].label) = (long.clone(), long.clone(), long);
    check_picture("map_long_texts", &map.to_svg());
}

#[test]
fn pictures_that_cannot_be_are_refused() {
    let svg = Chart::default().to_svg();
    for (svg, width_px) in
        [("", 100), ("<svg", 100), ("<a/>", 100), (svg.as_str(), 0), (&svg, u32::MAX), (&svg, 30_000)]
    {
        assert!(matches!(png(svg, width_px), Err(Error::Encoding { what: "PNG", .. })), "{width_px}");
    }
}
