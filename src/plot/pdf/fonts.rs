//! Fonts inside of a PDF.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use resvg::usvg;
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use usvg::fontdb::ID;

use super::{deflated, failed};
use crate::Result;

/// Widths in a PDF count thousandths of an em.
const PER_EM: f32 = 1000.0;
const FONTS_ARE: SystemInfo = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

fn with_face<T>(fonts: &usvg::fontdb::Database, id: ID, read: impl FnOnce(&skrifa::FontRef, &[u8]) -> T) -> Result<T> {
    let parsed =
        fonts.with_face_data(id, |data, index| Some(read(&skrifa::FontRef::from_index(data, index).ok()?, data)));
    parsed.flatten().ok_or_else(|| failed("a font that cannot be read"))
}

/// Units in one em of a face, and the advance of a glyph in em.
pub(super) fn measures(fonts: &usvg::fontdb::Database, id: ID, glyph: u16) -> Result<(f32, f32)> {
    with_face(fonts, id, |font, _| {
        let units = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        (units, width(font, glyph) / units)
    })
}

/// The advance of a glyph, in units of the face.
fn width(font: &skrifa::FontRef, glyph: u16) -> f32 {
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    metrics.advance_width(skrifa::GlyphId::from(glyph)).unwrap_or(0.0)
}

/// A face with its widths, what its glyphs stand for, and the file itself.
pub(super) fn embed(
    pdf: &mut Pdf,
    fonts: &usvg::fontdb::Database,
    id: ID,
    glyphs: &BTreeMap<u16, String>,
    [face, cid, descriptor, cmap, file]: [Ref; 5],
) -> Result<()> {
    let known = fonts.face(id).ok_or_else(|| failed("a font that is not there"))?;
    let name = known.post_script_name.clone();
    let name = Name(name.as_bytes());
    pdf.type0_font(face).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(cid).to_unicode(cmap);
    let mut unicode: UnicodeCmap = UnicodeCmap::new(Name(b"Custom"), FONTS_ARE);
    for (glyph, text) in glyphs {
        unicode.pair_with_multiple(*glyph, text.chars());
    }
    let unicode = unicode.finish();
    pdf.cmap(cmap, &unicode);
    let is_italic = known.style != usvg::fontdb::Style::Normal;
    let data = with_face(fonts, id, |font, data| {
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        let per_em = |units: f32| PER_EM * units / f32::from(metrics.units_per_em);
        let mut of_cid = pdf.cid_font(cid);
        of_cid.subtype(CidFontType::Type2).base_font(name).system_info(FONTS_ARE).font_descriptor(descriptor);
        of_cid.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = of_cid.widths();
        for glyph in glyphs.keys() {
            widths.consecutive(*glyph, [per_em(width(font, *glyph))]);
        }
        widths.finish();
        of_cid.finish();
        let bounds = metrics.bounds.unwrap_or_default();
        let flags = if is_italic { FontFlags::SYMBOLIC | FontFlags::ITALIC } else { FontFlags::SYMBOLIC };
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(per_em);
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(flags)
            .bbox(Rect::new(bounds[0], bounds[1], bounds[2], bounds[3]))
            .italic_angle(metrics.italic_angle)
            .ascent(per_em(metrics.ascent))
            .descent(per_em(metrics.descent))
            .cap_height(per_em(metrics.cap_height.unwrap_or(metrics.ascent)))
            .stem_v(80.0)
            .font_file2(file);
        data.to_vec()
    })?;
    let length = i32::try_from(data.len()).map_err(|_| failed("a font beyond 2 GiB"))?;
    let data = deflated(&data)?;
    pdf.stream(file, &data).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
    Ok(())
}
