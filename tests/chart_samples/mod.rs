//! Made-up charts with everything that a chart can hold.

use cevscan::plot::Role;
use cevscan::plot::chart::{Chart, ChartAxis, Curve, Direction, Label, Marker, Region, Scale, Star};

fn log_points(low: f64, high: f64, y: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
    (0..200).map(|k| low * (high / low).powf(f64::from(k) / 199.0)).map(|x| [x, y(x)]).collect()
}

/// Many curves over logarithmic axes, one of them with a zero, and an end point.
pub fn curves() -> Chart {
    let role = |k: u8| if k == 0 { Role::StandardModel } else { Role::Series(k - 1) };
    let curve = |k: u8| {
        let shape = move |t: f64| 30.0 * (-t / 12.0).exp() * (1.0 - f64::from(k) * 4.0 / (t + 3.0)).powi(2);
        Curve::line(format!("model-{k}"), format!("$B-{k}L_e-L_μ$"), role(k), log_points(1.0, 60.0, shape))
    };
    let mut chart = Chart {
        title: "CsI: $g$ = 10$^{-4}$".into(),
        heading: "$B_y+L_μ+L_τ$".into(),
        note: "$M_{Z'}$ = 10 MeV".into(),
        x: ChartAxis {
            name: "recoil_energy_kevnr".into(),
            label: r#"$T_"nr"$ [$"keV"_"nr"$]"#.into(),
            low: 1.0,
            high: 60.0,
            scale: Scale::Log,
        },
        y: ChartAxis {
            name: "events_per_kevnr".into(),
            label: r#"$"d"N/"d"T_"nr"$ [events/$"keV"_"nr"$]"#.into(),
            low: 1e-2,
            high: 1e3,
            scale: Scale::Log,
        },
        curves: (0..8).map(curve).collect(),
        markers: vec![Marker { direction: Direction::Vertical, at: 15.0, label: "end point of $ν_μ$".into() }],
        ..Default::default()
    };
    chart.curves[1].pieces[0][100][1] = 0.0;
    chart.curves[2].pieces[0][100][1] = f64::NAN;
    chart
}

/// Regions with a hole, a band, curves of several pieces, labels and a star.
pub fn regions() -> Chart {
    let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high]];
    let mut hole = square(2.0, 4.0);
    hole.reverse();
    let mut border = square(1.0, 6.0);
    border.push(border[0]);
    let flat = |y: f64| vec![[0.0, y], [10.0, y + 1.0]];
    Chart {
        heading: "scalar".into(),
        caption: "A caption that is long enough to be broken into two lines below the panel, with $χ^2_\"min\"$ in it."
            .into(),
        x: ChartAxis { name: "x".into(), label: "$x$".into(), low: 0.0, high: 20.0, ..Default::default() },
        y: ChartAxis { name: "y".into(), label: "$y$".into(), low: 0.0, high: 10.0, ..Default::default() },
        regions: vec![
            Region {
                name: "csi".into(),
                label: "CsI".into(),
                role: Role::Csi,
                outlines: vec![square(1.0, 6.0), hole],
                has_edge: false,
            },
            Region::between("g-2", "$(g-2)_μ$, 2$σ$", Role::Preferred, &flat(7.0), &flat(8.0)),
        ],
        curves: vec![Curve {
            name: "csi".into(),
            label: "CsI".into(),
            role: Role::Csi,
            pieces: vec![border, vec![[7.0, 1.0], [8.0, 2.0]]],
        }],
        markers: vec![Marker { direction: Direction::Horizontal, at: 6.5, label: "(4.1)".into() }],
        labels: vec![Label { at: [3.0, 3.0], text: "allowed".into(), role: Role::Extra }],
        stars: vec![Star { at: [8.0, 4.0], label: "best fit".into(), is_open: false }],
        ..Default::default()
    }
}

/// Texts that could break a picture or a script.
pub fn hostile() -> Chart {
    let words = "\"\"\" \\ ' <&> %s $\\$ {x} # \n\" + 1/0 + \"\u{7}";
    let mut chart = regions();
    (chart.title, chart.heading, chart.note, chart.caption) = (words.into(), words.into(), words.into(), words.into());
    (chart.x.label, chart.y.label, chart.curves[0].label, chart.curves[0].name) =
        (words.into(), words.into(), words.into(), words.into());
    (chart.markers[0].label, chart.labels[0].text, chart.stars[0].label) = (words.into(), words.into(), words.into());
    (chart.regions[0].name, chart.regions[1].label) = (words.into(), words.into());
    chart
}
