//! How a figure is printed: its width, the size of its letters, and its colours.

use super::frame::{COLUMN_WIDTH, LABEL_SIZE};
use super::palette::{BRIGHT, OKABE_ITO};

/// How a figure is printed. Lines grow with the letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Width, in points (1/72 inch), less that of a legend beside the panel.
    pub width_pt: f64,
    /// Size of the labels of axes, in points; numbers and legends are smaller in proportion.
    pub font_pt: f64,
    /// Colours.
    pub palette: Palette,
}

/// The colours of a figure. Curves differ in their dashes too, whatever the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Those of Okabe and Ito (2008), for any colour vision.
    #[default]
    OkabeIto,
    /// The bright ones of Paul Tol (2021), for any colour vision.
    Bright,
    /// As a printer without colours makes them.
    Grey,
}

impl Default for Look {
    fn default() -> Look {
        Look { width_pt: COLUMN_WIDTH, font_pt: LABEL_SIZE, palette: Palette::default() }
    }
}

impl Look {
    /// The narrowest and the widest figure, in points: 3 cm and 1 m.
    pub const WIDTHS_PT: [f64; 2] = [85.0, 2835.0];
    /// The smallest and the largest letters, in points.
    pub const FONTS_PT: [f64; 2] = [3.0, 72.0];

    /// Points of print in a point of the layout, in which the labels of axes have their usual size.
    pub(super) fn scale(&self) -> f64 {
        self.font_pt / LABEL_SIZE
    }

    /// The width of the layout.
    pub(super) fn layout_width(&self) -> f64 {
        self.width_pt / self.scale()
    }
}

impl Palette {
    /// A colour `#rrggbb` in this palette.
    pub fn colour(self, colour: &str) -> String {
        match self {
            Palette::OkabeIto => colour.to_owned(),
            Palette::Bright => {
                let known = OKABE_ITO.iter().position(|known| *known == colour);
                known.map_or(colour, |index| BRIGHT[index]).to_owned()
            }
            Palette::Grey => grey(colour).unwrap_or_else(|| colour.to_owned()),
        }
    }

    /// A drawing or a script with each of its colours, `"#rrggbb"`, in this palette.
    pub fn applied(self, text: &str) -> String {
        if self == Palette::OkabeIto {
            return text.to_owned();
        }
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("\"#") {
            let (before, after) = rest.split_at(at + 1);
            written += before;
            let length = after.char_indices().skip(1).take_while(|(_, sign)| sign.is_ascii_hexdigit()).count() + 1;
            let colour = &after[..length];
            written += &if length == 7 { self.colour(colour) } else { colour.to_owned() };
            rest = &after[length..];
        }
        written + rest
    }
}

/// The grey that is as light (ITU-R BT.709).
fn grey(colour: &str) -> Option<String> {
    let part = |at: usize| u8::from_str_radix(colour.get(at..at + 2)?, 16).ok().map(f64::from);
    let linear = |value: f64| (value / 255.0).powf(2.2);
    let light = 0.2126 * linear(part(1)?) + 0.7152 * linear(part(3)?) + 0.0722 * linear(part(5)?);
    let level = (255.0 * light.powf(1.0 / 2.2)).round() as u8;
    Some(format!("#{level:02x}{level:02x}{level:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_replaced_where_they_are_colours() {
        let text = r##"<a fill="#0072b2" stroke="#000000"/> #0072b2 url("#clip1") "#d55e00""##;
        assert_eq!(Palette::OkabeIto.applied(text), text);
        let bright = r##"<a fill="#4477aa" stroke="#000000"/> #0072b2 url("#clip1") "#ee6677""##;
        assert_eq!(Palette::Bright.applied(text), bright);
        let grey = Palette::Grey.applied(text);
        assert!(grey.contains(r##"stroke="#000000""##) && !grey.contains(r##""#0072b2""##), "{grey}");
        assert_eq!(Palette::Grey.colour("#ffffff"), "#ffffff");
        assert_eq!(Palette::Grey.colour("#808080"), "#808080");
    }

    #[test]
    fn usual_letters_are_laid_out_as_they_are_printed() {
        assert_eq!((Look::default().scale(), Look::default().layout_width()), (1.0, COLUMN_WIDTH));
        let large = Look { font_pt: 16.0, ..Look::default() };
        assert_eq!((large.scale(), large.layout_width()), (2.0, COLUMN_WIDTH / 2.0));
    }
}
