//! Writes SVG: shapes and texts in points, numbers in one fixed form, the same bytes for the same figure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Role;
use super::font::{self, Face};
use super::text::Rich;
use super::xml::escape;

/// Screen pixels of an opened SVG per point of the printed figure.
pub(super) const PIXELS_PER_POINT: f64 = 2.5;

/// The rim of words: below their letters, thin enough to leave curves their course.
const RIM: &str =
    r##" stroke="#ffffff" stroke-width="1.2" stroke-opacity="0.8" stroke-linejoin="round" paint-order="stroke""##;

/// A rectangle in points, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether a point lies in it or, but for rounding, on its border.
    pub(super) fn holds(&self, [x, y]: [f64; 2]) -> bool {
        const ROUNDING: f64 = 1e-6;
        Rect {
            x: self.x - ROUNDING,
            y: self.y - ROUNDING,
            width: self.width + 2.0 * ROUNDING,
            height: self.height + 2.0 * ROUNDING,
        }
        .contains([x, y])
    }

    pub(super) fn contains(&self, [x, y]: [f64; 2]) -> bool {
        x >= self.x && x <= self.right() && y >= self.y && y <= self.bottom()
    }
}

/// How a shape is painted. Colours are CSS; an empty one paints nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paint<'a> {
    pub(super) fill: &'a str,
    pub(super) opacity: f64,
    pub(super) stroke: &'a str,
    pub(super) width: f64,
    pub(super) dash: &'a str,
}

impl<'a> Paint<'a> {
    /// Only the area, `opacity` from 0 to 1.
    pub(super) fn fill(fill: &'a str, opacity: f64) -> Self {
        Paint { fill, opacity, stroke: "", width: 0.0, dash: "" }
    }

    /// Only the line, `width` in points.
    pub(super) fn stroke(stroke: &'a str, width: f64) -> Self {
        Paint { fill: "", opacity: 1.0, stroke, width, dash: "" }
    }

    /// The line of a role.
    pub(super) fn of_line(role: Role) -> Paint<'static> {
        Paint::stroke(role.colour(), role.line_width()).dashed(role.dash())
    }

    pub(super) fn dashed(self, dash: &'a str) -> Self {
        Paint { dash, ..self }
    }

    fn attributes(&self) -> String {
        let mut text = match (self.fill, self.opacity) {
            ("", _) => r#" fill="none""#.to_owned(),
            (fill, 1.0) => format!(r#" fill="{fill}""#),
            (fill, opacity) => format!(r#" fill="{fill}" fill-opacity="{}""#, number(opacity)),
        };
        if !self.stroke.is_empty() {
            let _ = write!(text, r#" stroke="{}" stroke-width="{}""#, self.stroke, number(self.width));
        }
        if !self.dash.is_empty() {
            let _ = write!(text, r#" stroke-dasharray="{}""#, self.dash);
        }
        text
    }
}

/// Which point of a text is its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The look of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextStyle {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: &'static str,
    pub(super) anchor: Anchor,
    /// Read from below, as along the y axis.
    pub(super) upwards: bool,
    /// With a white rim, for words that stand on curves.
    pub(super) rimmed: bool,
}

impl TextStyle {
    pub(super) fn new(size: f64, anchor: Anchor) -> Self {
        TextStyle { size, bold: false, colour: "#000000", anchor, upwards: false, rimmed: false }
    }
}

/// A drawing in the making.
#[derive(Debug)]
pub(super) struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
    faces: BTreeSet<Face>,
    clips: usize,
    scale: f64,
}

impl Svg {
    /// An empty white canvas; `title` is what a screen reader says.
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut svg = Svg {
            width,
            height,
            title: title.to_owned(),
            body: String::new(),
            faces: BTreeSet::from([Face::Regular]),
            clips: 0,
            scale: 1.0,
        };
        svg.rect(Rect { x: 0.0, y: 0.0, width, height }, Paint::fill("#ffffff", 1.0));
        svg
    }

    /// The same printed so many times as large.
    pub(super) fn scaled(self, scale: f64) -> Self {
        Svg { scale, ..self }
    }

    pub(super) fn rect(&mut self, Rect { x, y, width, height }: Rect, paint: Paint) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(number);
        self.element(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}"{}/>"#,
            paint.attributes()
        ));
    }

    pub(super) fn circle(&mut self, [x, y]: [f64; 2], radius: f64, paint: Paint) {
        let [x, y, radius] = [x, y, radius].map(number);
        self.element(format_args!(r#"<circle cx="{x}" cy="{y}" r="{radius}"{}/>"#, paint.attributes()));
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], paint: Paint) {
        self.path(&Path::default().polyline([from, to], false), paint);
    }

    pub(super) fn path(&mut self, path: &Path, paint: Paint) {
        if !path.data.is_empty() {
            let rule = if paint.fill.is_empty() { "" } else { r#" fill-rule="evenodd""# };
            self.element(format_args!(
                r#"<path d="{}"{}{rule} stroke-linejoin="round"/>"#,
                path.data,
                paint.attributes()
            ));
        }
    }

    /// What is drawn inside of `draw` is cut off at the rectangle.
    pub(super) fn clipped(&mut self, rect: Rect, draw: impl FnOnce(&mut Svg)) {
        self.clips += 1;
        let id = self.clips;
        let [x, y, width, height] = [rect.x, rect.y, rect.width.max(0.0), rect.height.max(0.0)].map(number);
        self.element(format_args!(
            r#"<clipPath id="clip{id}"><rect x="{x}" y="{y}" width="{width}" height="{height}"/></clipPath>"#
        ));
        self.element(format_args!(r#"<g clip-path="url(#clip{id})">"#));
        draw(self);
        self.element(format_args!("</g>"));
    }

    /// A text; its position is on the base line.
    pub(super) fn text(&mut self, text: &Rich, at: [f64; 2], style: TextStyle) {
        if text.is_empty() || style.size <= 0.0 {
            return;
        }
        let [x, y] = at.map(number);
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let place = match style.upwards {
            true => format!(r#"transform="translate({x} {y}) rotate(-90)""#),
            false => format!(r#"x="{x}" y="{y}""#),
        };
        let colour = if style.colour == "#000000" { String::new() } else { format!(r#" fill="{}""#, style.colour) };
        let rim = if style.rimmed { RIM } else { "" };
        let mut spans = String::new();
        for piece in text.pieces(style.bold) {
            self.faces.insert(piece.face);
            let mut attributes = piece.face.attributes().to_owned();
            if piece.size != 1.0 {
                let _ = write!(attributes, r#" font-size="{}""#, number(piece.size * style.size));
            }
            for (name, shift) in ["dx", "dy"].into_iter().zip(piece.shift) {
                if number(shift * style.size) != "0" {
                    let _ = write!(attributes, r#" {name}="{}""#, number(shift * style.size));
                }
            }
            let letters = escape(piece.text);
            let _ = if attributes.is_empty() {
                write!(spans, "{letters}")
            } else {
                write!(spans, "<tspan{attributes}>{letters}</tspan>")
            };
        }
        self.element(format_args!(
            r#"<text {place} font-size="{}"{anchor}{colour}{rim}>{spans}</text>"#,
            number(style.size)
        ));
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        let [width, height] = [self.width, self.height].map(number);
        let [pixels_wide, pixels_high] =
            [self.width, self.height].map(|points| number(points * self.scale * PIXELS_PER_POINT));
        let (title, style, body) = (escape(&self.title), font::css(&self.faces), self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{pixels_wide}\" height=\"{pixels_high}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{}\" role=\"img\">\n\
             <title>{title}</title>\n<style>\n{style}</style>\n{body}</svg>\n",
            font::FAMILIES
        )
    }

    fn element(&mut self, element: std::fmt::Arguments) {
        let _ = writeln!(self.body, "{element}");
    }
}

/// The outline of a shape.
#[derive(Debug, Default)]
pub(super) struct Path {
    data: String,
}

impl Path {
    /// Adds points joined by straight lines; those that are not finite are left out, and so are those that fall together.
    pub(super) fn polyline(mut self, points: impl IntoIterator<Item = [f64; 2]>, closed: bool) -> Self {
        let finite = points.into_iter().filter(|point| point.iter().all(|value| value.is_finite()));
        let mut written: Vec<String> = finite.map(|[x, y]| format!("{} {}", number(x), number(y))).collect();
        written.dedup();
        if written.len() > 1 {
            let _ = write!(self.data, "M{}{}", written.join("L"), if closed { "Z" } else { "" });
        }
        self
    }
}

/// A number in the drawing: at most two decimals (of a point), no exponent, no minus zero; 0 if it is not finite.
pub(super) fn number(value: f64) -> String {
    let value = if value.is_finite() { value.clamp(-1e6, 1e6) } else { 0.0 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        let cases = [(1.0, "1"), (-0.001, "0"), (0.126, "0.13"), (10.5, "10.5"), (100.0, "100"), (f64::NAN, "0")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(f64::INFINITY), "0");
        assert_eq!(number(-1e300), "-1000000");
    }

    #[test]
    fn hostile_text_stays_xml() {
        let mut svg = Svg::new(10.0, 10.0, "<&\u{0}\u{fffe}>");
        svg.text(&Rich::plain("</text>&\"'\u{1}"), [1.0, 1.0], TextStyle::new(8.0, Anchor::Middle));
        let text = svg.finish();
        let tree = resvg::usvg::roxmltree::Document::parse(&text).unwrap();
        assert!(tree.descendants().any(|node| node.text() == Some("</text>&\"'")));
    }

    #[test]
    fn points_that_are_nowhere_are_left_out() {
        let path = Path::default().polyline([[0.0, 0.0], [f64::NAN, 1.0], [1.0, 1.0], [1.001, 1.0]], true);
        assert_eq!(path.data, "M0 0L1 1Z");
        assert!(Path::default().polyline([[0.0, 0.0], [1e-9, 0.0]], false).data.is_empty());
    }
}
