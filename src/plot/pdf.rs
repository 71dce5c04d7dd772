//! One of this module's SVG files as PDF: lines and areas as they are, text as text, its fonts inside. The same bytes for
//! the same figure: no date, no name of a machine.

mod fonts;

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle, TextRenderingMode};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use resvg::tiny_skia::{Path, PathSegment, Transform};
use resvg::usvg;
use usvg::fontdb::ID;

use super::svg::PIXELS_PER_POINT;
use crate::{Error, Result};
use fonts::{embed, measures};

/// Glyphs that follow each other within this fraction of an em are one text.
const SAME_PLACE: f32 = 0.01;

/// One of this module's SVG files as PDF, at its printed size.
///
/// # Errors
/// An SVG that does not parse, or that has what no figure of this module has.
pub fn pdf(svg: &str) -> Result<Vec<u8>> {
    of_tree(&super::parsed(svg)?, svg)
}

/// The same of an SVG that is parsed.
pub(super) fn of_tree(tree: &usvg::Tree, svg: &str) -> Result<Vec<u8>> {
    let mut drawing =
        Drawing { fonts: tree.fontdb(), content: Content::new(), opacities: Vec::new(), faces: Vec::new() };
    let scale = 1.0 / PIXELS_PER_POINT as f32;
    let [width, height] = [tree.size().width() * scale, tree.size().height() * scale];
    drawing.content.transform([scale, 0.0, 0.0, -scale, 0.0, height]);
    drawing.group(tree.root())?;
    drawing.finish([width, height], &title(svg))
}

fn failed(reason: impl Into<String>) -> Error {
    Error::Encoding { what: "PDF", reason: reason.into() }
}

/// What a screen reader says of the figure.
fn title(svg: &str) -> String {
    let document = usvg::roxmltree::Document::parse(svg);
    let title = document.as_ref().ok().and_then(|document| {
        document.descendants().find(|node| node.has_tag_name("title")).and_then(|node| node.text())
    });
    title.unwrap_or_default().to_owned()
}

/// A page in the making.
struct Drawing<'a> {
    fonts: &'a usvg::fontdb::Database,
    content: Content,
    /// Opacities of areas and of lines in 1/255, in the order of their names.
    opacities: Vec<[u8; 2]>,
    /// Faces in the order of their names, and the glyphs used of each with what they stand for.
    faces: Vec<(ID, BTreeMap<u16, String>)>,
}

impl Drawing<'_> {
    fn group(&mut self, group: &usvg::Group) -> Result<()> {
        if group.mask().is_some() || !group.filters().is_empty() || group.opacity().get() < 1.0 {
            return Err(failed("a group with a mask, a filter or an opacity"));
        }
        self.content.save_state();
        self.concat(group.transform());
        if let Some(clip) = group.clip_path() {
            self.outline_of(clip.root(), clip.transform())?;
            self.content.clip_nonzero().end_path();
        }
        for node in group.children() {
            match node {
                usvg::Node::Group(inner) => self.group(inner)?,
                usvg::Node::Path(path) => self.path(path)?,
                usvg::Node::Text(text) => self.text(text)?,
                usvg::Node::Image(_) => return Err(failed("an image inside of the figure")),
            }
        }
        self.content.restore_state();
        Ok(())
    }

    fn concat(&mut self, transform: Transform) {
        if !transform.is_identity() {
            self.content.transform(matrix(transform));
        }
    }

    /// The outlines of all paths of a clip.
    fn outline_of(&mut self, group: &usvg::Group, transform: Transform) -> Result<()> {
        let transform = transform.pre_concat(group.transform());
        for node in group.children() {
            match node {
                usvg::Node::Path(path) => {
                    let placed = path.data().clone().transform(transform);
                    self.outline(&placed.ok_or_else(|| failed("a clip without extent"))?);
                }
                usvg::Node::Group(inner) => self.outline_of(inner, transform)?,
                _ => return Err(failed("a clip that is no path")),
            }
        }
        Ok(())
    }

    fn outline(&mut self, path: &Path) {
        let mut last = resvg::tiny_skia::Point::zero();
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    self.content.move_to(to.x, to.y);
                    last = to;
                }
                PathSegment::LineTo(to) => {
                    self.content.line_to(to.x, to.y);
                    last = to;
                }
                PathSegment::QuadTo(over, to) => {
                    // The same curve as a cubic one.
                    let towards = |from: f32, over: f32| from + 2.0 / 3.0 * (over - from);
                    let [x1, y1] = [towards(last.x, over.x), towards(last.y, over.y)];
                    let [x2, y2] = [towards(to.x, over.x), towards(to.y, over.y)];
                    self.content.cubic_to(x1, y1, x2, y2, to.x, to.y);
                    last = to;
                }
                PathSegment::CubicTo(one, two, to) => {
                    self.content.cubic_to(one.x, one.y, two.x, two.y, to.x, to.y);
                    last = to;
                }
                PathSegment::Close => drop(self.content.close_path()),
            }
        }
    }

    fn path(&mut self, path: &usvg::Path) -> Result<()> {
        if !path.is_visible() || (path.fill().is_none() && path.stroke().is_none()) {
            return Ok(());
        }
        self.content.save_state();
        self.paint(path.fill(), path.stroke())?;
        self.outline(path.data());
        let even_odd = path.fill().is_some_and(|fill| fill.rule() == usvg::FillRule::EvenOdd);
        match (path.fill().is_some(), path.stroke().is_some(), even_odd) {
            (true, true, true) => self.content.fill_even_odd_and_stroke(),
            (true, true, false) => self.content.fill_nonzero_and_stroke(),
            (true, false, true) => self.content.fill_even_odd(),
            (true, false, false) => self.content.fill_nonzero(),
            (false, ..) => self.content.stroke(),
        };
        self.content.restore_state();
        Ok(())
    }

    /// Sets colours, opacities and the look of lines.
    fn paint(&mut self, fill: Option<&usvg::Fill>, stroke: Option<&usvg::Stroke>) -> Result<()> {
        let opacity = |opacity: Option<usvg::Opacity>| opacity.map_or(255, |opacity| opacity.to_u8());
        let opacities = [opacity(fill.map(usvg::Fill::opacity)), opacity(stroke.map(usvg::Stroke::opacity))];
        if opacities != [255, 255] || !self.opacities.is_empty() {
            let known = self.opacities.iter().position(|known| *known == opacities);
            let number = known.unwrap_or_else(|| {
                self.opacities.push(opacities);
                self.opacities.len() - 1
            });
            self.content.set_parameters(Name(format!("G{number}").as_bytes()));
        }
        if let Some(fill) = fill {
            let [r, g, b] = colour(fill.paint())?;
            self.content.set_fill_rgb(r, g, b);
        }
        let Some(stroke) = stroke else { return Ok(()) };
        let [r, g, b] = colour(stroke.paint())?;
        self.content.set_stroke_rgb(r, g, b);
        self.content.set_line_width(stroke.width().get());
        self.content.set_line_cap(match stroke.linecap() {
            usvg::LineCap::Butt => LineCapStyle::ButtCap,
            usvg::LineCap::Round => LineCapStyle::RoundCap,
            usvg::LineCap::Square => LineCapStyle::ProjectingSquareCap,
        });
        self.content.set_line_join(match stroke.linejoin() {
            usvg::LineJoin::Round => LineJoinStyle::RoundJoin,
            usvg::LineJoin::Bevel => LineJoinStyle::BevelJoin,
            usvg::LineJoin::Miter | usvg::LineJoin::MiterClip => LineJoinStyle::MiterJoin,
        });
        if let Some(dashes) = stroke.dasharray() {
            self.content.set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
        }
        Ok(())
    }

    fn text(&mut self, text: &usvg::Text) -> Result<()> {
        for span in text.layouted().iter().filter(|span| span.visible) {
            // A rim lies below its letters.
            if span.stroke.is_some() {
                self.letters(span, true)?;
            }
            if span.fill.is_some() {
                self.letters(span, false)?;
            }
        }
        Ok(())
    }

    fn letters(&mut self, span: &usvg::layout::Span, as_rim: bool) -> Result<()> {
        self.content.save_state();
        match as_rim {
            true => self.paint(None, span.stroke.as_ref())?,
            false => self.paint(span.fill.as_ref(), None)?,
        }
        self.content.begin_text();
        let mode = if as_rim { TextRenderingMode::Stroke } else { TextRenderingMode::Fill };
        self.content.set_text_rendering_mode(mode);
        let mut run: Option<Run> = None;
        for glyph in &span.positioned_glyphs {
            let id = u16::try_from(glyph.id.0).map_err(|_| failed("a glyph beyond 16 bits"))?;
            let face = self.face(glyph.font);
            self.faces[face].1.entry(id).or_insert_with(|| glyph.text.clone());
            let (units, advance) = measures(self.fonts, glyph.font, id)?;
            let place = glyph.outline_transform().pre_scale(units, units);
            match run.as_mut().filter(|run| run.continues_at(face, place)) {
                Some(run) => run.push(id, advance),
                None => {
                    run.replace(Run::new(face, place, id, advance)).into_iter().for_each(|run| self.show(&run));
                }
            }
        }
        run.into_iter().for_each(|run| self.show(&run));
        self.content.end_text();
        self.content.restore_state();
        Ok(())
    }

    /// The number of a face.
    fn face(&mut self, id: ID) -> usize {
        self.faces.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            self.faces.push((id, BTreeMap::new()));
            self.faces.len() - 1
        })
    }

    fn show(&mut self, run: &Run) {
        self.content.set_font(Name(format!("F{}", run.face).as_bytes()), 1.0);
        self.content.set_text_matrix(matrix(run.place));
        self.content.show(Str(&run.glyphs));
    }

    fn finish(self, [width, height]: [f32; 2], title: &str) -> Result<Vec<u8>> {
        let mut pdf = Pdf::new();
        let [catalog, pages, page, contents, info] = [1, 2, 3, 4, 5].map(Ref::new);
        let state = |number: usize| Ref::new(6 + number as i32);
        let first = 6 + self.opacities.len() as i32;
        let parts = |number: usize| [0, 1, 2, 3, 4].map(|part| Ref::new(first + 5 * number as i32 + part));
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr(concat!("cevscan ", env!("CARGO_PKG_VERSION"))));
        let mut of_page = pdf.page(page);
        of_page.parent(pages).media_box(Rect::new(0.0, 0.0, width, height)).contents(contents);
        let mut resources = of_page.resources();
        let mut states = resources.ext_g_states();
        for number in 0..self.opacities.len() {
            states.pair(Name(format!("G{number}").as_bytes()), state(number));
        }
        states.finish();
        let mut fonts = resources.fonts();
        for number in 0..self.faces.len() {
            fonts.pair(Name(format!("F{number}").as_bytes()), parts(number)[0]);
        }
        fonts.finish();
        resources.finish();
        of_page.finish();
        for (number, [area, line]) in self.opacities.iter().enumerate() {
            let [area, line] = [area, line].map(|opacity| f32::from(*opacity) / 255.0);
            pdf.ext_graphics(state(number)).non_stroking_alpha(area).stroking_alpha(line);
        }
        for (number, (id, glyphs)) in self.faces.iter().enumerate() {
            embed(&mut pdf, self.fonts, *id, glyphs, parts(number))?;
        }
        let content = deflated(&self.content.finish())?;
        pdf.stream(contents, &content).filter(Filter::FlateDecode);
        Ok(pdf.finish())
    }
}

/// Glyphs one after the other.
struct Run {
    face: usize,
    place: Transform,
    /// How far it reaches, in em.
    length: f32,
    /// Numbers of the glyphs, two bytes each.
    glyphs: Vec<u8>,
}

impl Run {
    fn new(face: usize, place: Transform, glyph: u16, advance: f32) -> Run {
        let mut run = Run { face, place, length: 0.0, glyphs: Vec::new() };
        run.push(glyph, advance);
        run
    }

    fn push(&mut self, glyph: u16, advance: f32) {
        self.glyphs.extend(glyph.to_be_bytes());
        self.length += advance;
    }

    fn continues_at(&self, face: usize, place: Transform) -> bool {
        let next = self.place.pre_translate(self.length, 0.0);
        let em = place.sx.hypot(place.ky);
        let away = (next.tx - place.tx).hypot(next.ty - place.ty);
        let turned = (next.sx - place.sx).abs() + (next.ky - place.ky).abs();
        face == self.face && away <= SAME_PLACE * em && turned <= 1e-4 * em
    }
}

fn matrix(transform: Transform) -> [f32; 6] {
    [transform.sx, transform.ky, transform.kx, transform.sy, transform.tx, transform.ty]
}

fn colour(paint: &usvg::Paint) -> Result<[f32; 3]> {
    match paint {
        usvg::Paint::Color(colour) => Ok([colour.red, colour.green, colour.blue].map(|part| f32::from(part) / 255.0)),
        _ => Err(failed("a gradient or a pattern")),
    }
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| failed(error.to_string()))
}
