//! The fit to one dataset: energies and times of its events over the stacked expectation, and the pulls.

use super::Figure;
use super::caption::Caption;
pub use super::fit_parts::{Component, Lower, Projection, Pull};
use super::histogram::{Histogram, LOWER_HEIGHT, ROW_GAP};
use super::legend::{Entry, Legend, Swatch};
use super::palette::BLACK;
use super::pulls;
use super::svg::{Anchor, Paint, Rect, Svg, TextStyle};
use super::text::Rich;

/// The printed width: two columns of a journal, 17.8 cm, in points.
const WIDTH: f64 = 504.6;
/// Width of the column on the right, with the legend and the pulls.
const SIDE: f64 = 142.0;
const UPPER_HEIGHT: f64 = 138.0;
const TITLE_SIZE: f64 = 8.5;
const MARGIN: f64 = 3.0;
const COLUMN_GAP: f64 = 9.0;

/// A fit to one dataset. All texts are in the markup of [`super::text`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpectrumFit {
    /// Above the panels; may be empty.
    pub title: String,
    /// The name of the data in the legend.
    pub data_label: String,
    /// Events over energy.
    pub energy: Projection,
    /// Events over time.
    pub time: Projection,
    /// What is stacked, from the bottom.
    pub components: Vec<Component>,
    /// What the second row of panels shows.
    pub lower: Lower,
    /// Whether events are on a logarithmic scale.
    pub log_events: bool,
    /// The nuisance parameters; empty for no table.
    pub pulls: Vec<Pull>,
    /// Below the panels, in small print; broken into lines as needed; may be empty.
    pub caption: String,
}

impl SpectrumFit {
    /// Whether the data know a time: in one bin there is nothing to see.
    pub fn has_time(&self) -> bool {
        self.time.edges.len() > 2
    }
}

impl Figure for SpectrumFit {
    fn to_svg(&self) -> String {
        let title = Rich::parse(&self.title);
        let caption = Caption::new(&self.caption, WIDTH - 2.0 * MARGIN);
        let top = MARGIN + if title.is_empty() { 4.0 } else { TITLE_SIZE * 1.9 };
        let lower_height = if self.lower == Lower::None { 0.0 } else { LOWER_HEIGHT + ROW_GAP };
        let legend = self.legend();
        let side_height = legend.size(1.0)[1] + pulls::height(&self.pulls);
        let panels_height = (UPPER_HEIGHT + lower_height + Histogram::BELOW).max(side_height);
        let upper_height = panels_height - lower_height - Histogram::BELOW;
        let caption_top = top + panels_height + 3.0;
        let mut svg = Svg::new(WIDTH, caption_top + caption.height() + MARGIN, &title.letters());

        let size = title.size_to_fit(TITLE_SIZE, false, WIDTH - 2.0 * MARGIN);
        svg.text(&title, [WIDTH / 2.0, MARGIN + TITLE_SIZE * 0.98], TextStyle::new(size, Anchor::Middle));
        let panels = if self.has_time() { 2 } else { 1 };
        let width = (WIDTH - 2.0 * MARGIN - SIDE - 2.0 * COLUMN_GAP) / 2.0;
        let width = if panels == 2 { width } else { 2.0 * width + COLUMN_GAP };
        let parts =
            |pick: fn(&Component) -> &Vec<f64>| self.components.iter().map(move |part| (part, pick(part).as_slice()));
        let histograms = [
            Histogram::new(&self.energy, parts(|part| &part.energy)),
            Histogram::new(&self.time, parts(|part| &part.time)),
        ];
        for (k, histogram) in histograms.iter().take(panels).enumerate() {
            let x = MARGIN + k as f64 * (width + COLUMN_GAP);
            let place = Rect { x, y: top, width, height: upper_height };
            histogram.draw(&mut svg, place, self.log_events, self.lower);
        }
        let side = Rect { x: WIDTH - MARGIN - SIDE, y: top, width: SIDE, height: panels_height };
        self.draw_side(&mut svg, side, &legend);
        caption.draw(&mut svg, [MARGIN, caption_top]);
        svg.finish()
    }
}

impl SpectrumFit {
    /// The legend at the top of the right column, the pulls at its bottom.
    fn draw_side(&self, svg: &mut Svg, side: Rect, legend: &Legend) {
        let [width, height] = legend.size(1.0);
        let scale = (side.width / width).min(1.0);
        if scale > 0.0 && !legend.entries.is_empty() {
            legend.draw(svg, [side.x, side.y - 2.0], scale);
        }
        let table = Rect { y: side.y + height, height: side.height - height, ..side };
        pulls::draw(svg, table, &self.pulls);
    }

    /// From the top of the stack down, as the eye meets them.
    fn legend(&self) -> Legend {
        let label = if self.data_label.is_empty() { "data" } else { self.data_label.as_str() };
        let data = Entry { swatch: Swatch::Point, label: Rich::parse(label) };
        let total = Entry { swatch: Swatch::Line(Paint::stroke(BLACK, 0.9)), label: Rich::plain("fit") };
        let part = |part: &Component| Entry {
            swatch: Swatch::Area(Paint::fill(part.role.colour(), 1.0)),
            label: Rich::parse(&part.label),
        };
        let parts = self.components.iter().rev().map(part);
        Legend { entries: [data, total].into_iter().chain(parts).collect(), ..Default::default() }
    }
}
