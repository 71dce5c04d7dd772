//! The embedded font: its bytes, the widths of its letters, and its form inside an SVG.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use resvg::usvg::fontdb;
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};

/// The family names of a figure's text, first the embedded one.
pub(super) const FAMILIES: &str = "'Cevscan Sans','Noto Sans','Open Sans','DejaVu Sans',Helvetica,Arial,sans-serif";

/// The faces' design units in one em.
const UNITS_PER_EM: f64 = 1000.0;

/// A face of the embedded family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Face {
    Regular,
    Italic,
    Bold,
}

impl Face {
    fn bytes(self) -> &'static [u8] {
        match self {
            Face::Regular => include_bytes!("fonts/CevscanSans-Regular.ttf"),
            Face::Italic => include_bytes!("fonts/CevscanSans-Italic.ttf"),
            Face::Bold => include_bytes!("fonts/CevscanSans-Bold.ttf"),
        }
    }

    /// The attributes that ask for it, with a space before each.
    pub(super) fn attributes(self) -> &'static str {
        match self {
            Face::Regular => "",
            Face::Italic => r#" font-style="italic""#,
            Face::Bold => r#" font-weight="bold""#,
        }
    }

    /// The width of a text at font size 1, exact since the faces have no kerning. A letter that the face lacks counts
    /// as 0.6, which is wide.
    pub(super) fn width(self, text: &str) -> f64 {
        let Ok(font) = skrifa::FontRef::new(self.bytes()) else { return 0.6 * text.chars().count() as f64 };
        let letters = font.charmap();
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let advance = |letter| letters.map(letter).and_then(|glyph| metrics.advance_width(glyph));
        text.chars().map(|letter| advance(letter).map_or(0.6, |units| f64::from(units) / UNITS_PER_EM)).sum()
    }
}

/// The faces as CSS, each carried along in base64.
pub(super) fn css(faces: &BTreeSet<Face>) -> String {
    let rule = |face: &Face| {
        let (style, weight) = match face {
            Face::Regular => ("normal", 400),
            Face::Italic => ("italic", 400),
            Face::Bold => ("normal", 700),
        };
        let data = base64::engine::general_purpose::STANDARD.encode(face.bytes());
        format!(
            "@font-face{{font-family:'Cevscan Sans';font-style:{style};font-weight:{weight};\
             src:url(data:font/ttf;base64,{data})}}\n"
        )
    };
    faces.iter().map(rule).collect()
}

/// The faces for the PNG renderer, which looks at no font of the system.
pub(super) fn database() -> Arc<fontdb::Database> {
    static DATABASE: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut database = fontdb::Database::new();
        for face in [Face::Regular, Face::Italic, Face::Bold] {
            database.load_font_data(face.bytes().to_vec());
        }
        Arc::new(database)
    };
    Arc::clone(DATABASE.get_or_init(load))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_the_signs_of_the_figures() {
        for face in [Face::Regular, Face::Italic, Face::Bold] {
            let font = skrifa::FontRef::new(face.bytes()).unwrap();
            for sign in "09AZaz−×·±′μτνησχφΔΓ≤≥∼≈∞√\u{2009}".chars() {
                assert!(font.charmap().map(sign).is_some(), "{face:?} lacks {sign}");
            }
        }
        assert_eq!(database().faces().count(), 3);
    }

    #[test]
    fn widths_are_those_of_the_font() {
        assert_eq!(Face::Regular.width("0"), 0.572);
        assert_eq!(Face::Regular.width("00−"), 0.572 * 3.0);
        assert!(Face::Bold.width("M") > Face::Regular.width("M"));
        assert_eq!(Face::Regular.width(""), 0.0);
    }
}
