//! A chart as a Python script that holds the numbers and draws it anew with matplotlib.

use std::fmt::Write as _;

use crate::plot::axis::Axis;
use crate::plot::chart::{Chart, ChartAxis, Direction, Label, LegendEntry, LegendPlace, Scale, Star};
use crate::plot::text::Rich;
use crate::plot::{Look, Role};

/// The script but for its numbers.
const TEMPLATE: &str = include_str!("chart.py");
/// Where they go.
const PLACE: &str = "# <numbers>";
const POINTS_PER_INCH: f64 = 72.0;
/// Of the script's figure.
const HEIGHT_OVER_WIDTH: f64 = 0.86;
/// Numbers in one line of the script.
const NUMBERS_A_LINE: usize = 8;

/// The script; needs Python 3 and matplotlib 3.6, nothing else. `python3 NAME.py` writes NAME-matplotlib.pdf beside it,
/// `python3 NAME.py FILE` writes FILE (PDF, PNG, SVG by its ending). Colours, dashes, labels, scales and the place of the
/// legend are the picture's; numbers are rounded to 10 digits.
pub fn matplotlib_script(chart: &Chart) -> String {
    let mut script = Script::default();
    let curves = script.curves(chart);
    let regions = script.regions(chart);
    let markers: String = chart
        .markers
        .iter()
        .map(|marker| {
            let call = if marker.direction == Direction::Vertical { "vertical" } else { "horizontal" };
            format!("    ({}, {}, {}),\n", text(call), number(marker.at), markup(&marker.label))
        })
        .collect();
    let star = |star: &Star| {
        let ([x, y], is_open) = (star.at.map(number), if star.is_open { "True" } else { "False" });
        format!("    ({x}, {y}, {}, {is_open}),\n", markup(&star.label))
    };
    let label = |label: &Label| {
        let ([x, y], colour) = (label.at.map(number), label.role.label_colour());
        format!("    ({x}, {y}, {}, \"{colour}\"),\n", markup(&label.text))
    };
    let labels: String = chart.labels.iter().map(label).collect();
    let stars: String = chart.stars.iter().map(star).collect();
    let legend: String = chart.legend_entries().iter().map(|entry| legend_entry(chart, *entry)).collect();
    let list = |name: &str, entries: &str| {
        if entries.is_empty() { format!("{name} = []\n") } else { format!("{name} = [\n{entries}]\n") }
    };
    let numbers = [
        script.arrays,
        "\n# What is drawn; widths and dashes in points, pieces as (x, y).\n".to_owned(),
        list("curves", &curves),
        list("regions", &regions),
        list("markers", &markers),
        list("labels", &labels),
        list("stars", &stars),
        list("legend", &legend),
        format!("legend_place = {}\n", legend_place(chart.legend_place())),
        format!("marker_look = ({})\n", look(Role::Marker)),
        format!("title = {}\n", markup(&chart.title)),
        format!("heading, note = {}, {}\n", markup(&chart.heading), markup(&chart.note)),
        format!("caption = {}\n", markup(&chart.caption)),
        format!(
            "size, scale = ({}, {}), {}  # in inches; of letters and lines, 1 where labels have 8 points\n",
            number(chart.look.width_pt / POINTS_PER_INCH),
            number(HEIGHT_OVER_WIDTH * chart.look.width_pt / POINTS_PER_INCH),
            number(chart.look.font_pt / Look::default().font_pt)
        ),
        axis("x", &chart.x),
        axis("y", &chart.y),
    ];
    let head = format!(
        "#!/usr/bin/env python3\n# {}\n# Drawn by cevscan {}; this script draws it anew with matplotlib 3.6 or later:\n\
         # python3 THIS.py [FILE], PDF, PNG or SVG by its ending. All numbers are in it.\n\n",
        one_line(&[&chart.title, &chart.heading, &chart.note]),
        env!("CARGO_PKG_VERSION")
    );
    head + &chart.look.palette.applied(&TEMPLATE.replace(PLACE, numbers.concat().trim_end()))
}

/// Arrays of numbers that were written, so that curves share theirs.
#[derive(Default)]
struct Script {
    arrays: String,
    known: Vec<Vec<f64>>,
}

impl Script {
    fn curves(&mut self, chart: &Chart) -> String {
        let mut text = String::new();
        for curve in &chart.curves {
            let pieces: String = curve.pieces.iter().map(|piece| self.piece(&curve.name, piece)).collect();
            let _ = writeln!(text, "    ({}, {}, [{pieces}]),", self::text(&curve.name), look(curve.role));
        }
        text
    }

    fn regions(&mut self, chart: &Chart) -> String {
        let mut text = String::new();
        for region in &chart.regions {
            let pieces: String = region.outlines.iter().map(|piece| self.piece(&region.name, piece)).collect();
            let edge = if region.has_edge { "True" } else { "False" };
            let (colour, area, opacity) = (region.role.colour(), region.role.area_colour(), region.role.area_opacity());
            let name = self::text(&region.name);
            let _ = writeln!(text, "    ({name}, \"{colour}\", \"{area}\", {opacity}, {edge}, [{pieces}]),");
        }
        text
    }

    fn piece(&mut self, name: &str, points: &[[f64; 2]]) -> String {
        let [x, y] = [0, 1].map(|axis| self.array(name, points.iter().map(|point| point[axis]).collect()));
        format!("({x}, {y}), ")
    }

    /// The name of an array with these numbers.
    fn array(&mut self, name: &str, values: Vec<f64>) -> String {
        let same = |known: &Vec<f64>| known.iter().map(|v| v.to_bits()).eq(values.iter().map(|v| v.to_bits()));
        let index = self.known.iter().position(same).unwrap_or_else(|| {
            let index = self.known.len();
            let _ = writeln!(self.arrays, "a{index} = [  # {}", one_line(&[name]));
            for line in values.chunks(NUMBERS_A_LINE) {
                let numbers: Vec<String> = line.iter().map(|value| number(*value)).collect();
                let _ = writeln!(self.arrays, "    {},", numbers.join(", "));
            }
            self.arrays += "]\n";
            self.known.push(values);
            index
        });
        format!("a{index}")
    }
}

fn legend_entry(chart: &Chart, entry: LegendEntry) -> String {
    // Places in the lists above; every entry is of this chart.
    let curve_at = |curve| chart.curves.iter().position(|own| std::ptr::eq(own, curve)).unwrap_or(0);
    let region_at = |region| chart.regions.iter().position(|own| std::ptr::eq(own, region)).unwrap_or(0);
    let (kinds, label) = match entry {
        LegendEntry::Curve(curve, None) => (format!("[(\"curve\", {})]", curve_at(curve)), &curve.label),
        LegendEntry::Curve(curve, Some(region)) => {
            (format!("[(\"region\", {}), (\"curve\", {})]", region_at(region), curve_at(curve)), &curve.label)
        }
        LegendEntry::Region(region) => (format!("[(\"region\", {})]", region_at(region)), &region.label),
        LegendEntry::Star(star) => ("[(\"star\", 0)]".to_owned(), &star.label),
    };
    format!("    ({kinds}, {}),\n", markup(label))
}

fn legend_place(place: LegendPlace) -> String {
    let LegendPlace::Inside([across, down]) = place else {
        return "{\"loc\": \"upper left\", \"bbox_to_anchor\": (1.01, 1.0)}".to_owned();
    };
    let word = |at: f64, words: [&'static str; 3]| words[((2.0 * at).round() as usize).min(2)];
    let name = match (word(down, ["upper", "center", "lower"]), word(across, ["left", "center", "right"])) {
        ("center", "center") => "center".to_owned(),
        (vertical, horizontal) => format!("{vertical} {horizontal}"),
    };
    format!("{{\"loc\": \"{name}\"}}")
}

fn axis(name: &str, axis: &ChartAxis) -> String {
    let scale = match axis.scale {
        Scale::Log => "log",
        Scale::Linear => "linear",
    };
    // The range that the picture has, also where the one asked for is none.
    let drawn = Axis::new("", axis.low, axis.high, axis.scale);
    let (label, low, high) = (markup(&axis.label), number(drawn.low()), number(drawn.high()));
    format!("{name}_label, {name}_scale, {name}_range = {label}, \"{scale}\", ({low}, {high})\n")
}

fn look(role: Role) -> String {
    let dashes: Vec<&str> = role.dash().split_whitespace().collect();
    format!("\"{}\", {}, [{}]", role.colour(), role.line_width(), dashes.join(", "))
}

/// A text in the markup of figures as a string of Python.
fn markup(words: &str) -> String {
    text(&Rich::parse(words).mathtext())
}

/// A string of Python: raw where that can hold it.
fn text(words: &str) -> String {
    if words.contains(|sign: char| sign == '"' || sign.is_control()) || words.ends_with('\\') {
        // Strings of JSON are strings of Python.
        return serde_json::Value::from(words).to_string();
    }
    if words.contains('\\') { format!("r\"{words}\"") } else { format!("\"{words}\"") }
}

/// Words for a comment.
fn one_line(parts: &[&str]) -> String {
    let letters = parts.iter().map(|part| Rich::parse(part).letters()).filter(|part| !part.is_empty());
    letters.collect::<Vec<_>>().join("; ").chars().filter(|sign| !sign.is_control()).collect()
}

/// Ten digits.
fn number(value: f64) -> String {
    let rounded = format!("{value:.9e}").parse().unwrap_or(value);
    let written = super::digits::number(rounded);
    if written.is_empty() { "nan".to_owned() } else { written }
}
