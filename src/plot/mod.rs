//! Figures of results, in the style of a journal: SVG written here, PNG rendered and PDF made from it.
//!
//! A figure takes plain data and reads no files. It is laid out in points at its printed size (one column is 8.5 cm wide),
//! carries its own font, and is the same to the last byte whenever it is drawn from the same data. No number can make it
//! fail: what is not finite is left out, and an axis that cannot be is replaced by one that can.

pub mod axis;
mod caption;
pub mod chart;
mod fit_parts;
mod font;
mod frame;
pub mod hatch;
mod histogram;
mod legend;
mod look;
mod palette;
mod pdf;
mod pulls;
pub mod spectrum_fit;
mod svg;
pub mod text;
mod xml;

pub use look::{Look, Palette};
pub use palette::Role;
pub use pdf::pdf;

use resvg::{tiny_skia, usvg};

use crate::{Error, Result};

/// The most pixels of a PNG: 1 GiB of memory while it is rendered.
const MOST_PIXELS: u64 = 1 << 28;

/// Dots per inch of a printed PNG: what journals ask for.
pub const PRINT_DPI: f64 = 300.0;
/// Metres in an inch.
const INCH_M: f64 = 0.0254;

/// Something that can be drawn.
pub trait Figure {
    /// The figure as SVG, with its font inside.
    fn to_svg(&self) -> String;
}

/// Renders one of this module's SVG files as PNG, `width_px` wide, in proportion, on white. The file states the resolution
/// at which it has its printed size.
///
/// # Errors
/// An SVG that does not parse, or a size of zero or more than 2^28 pixels.
pub fn png(svg: &str, width_px: u32) -> Result<Vec<u8>> {
    render(&parsed(svg)?, width_px)
}

/// Both forms that are printed of an SVG: a PNG at [`PRINT_DPI`] dots per inch of its printed size, which it states, and a PDF.
///
/// # Errors
/// Those of [`png()`] and [`pdf()`].
pub fn print(svg: &str) -> Result<Print> {
    let tree = parsed(svg)?;
    let (png, pdf) = rayon::join(|| printed_png(&tree), || pdf::of_tree(&tree, svg));
    Ok(Print { png: png?, pdf: pdf? })
}

/// A figure for print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// At [`PRINT_DPI`] dots per inch.
    pub png: Vec<u8>,
    /// With its fonts inside.
    pub pdf: Vec<u8>,
}

fn printed_png(tree: &usvg::Tree) -> Result<Vec<u8>> {
    let width_pt = f64::from(tree.size().width()) / svg::PIXELS_PER_POINT;
    render(tree, (width_pt / 72.0 * PRINT_DPI).round() as u32)
}

fn parsed(svg: &str) -> Result<usvg::Tree> {
    let options =
        usvg::Options { fontdb: font::database(), font_family: "Cevscan Sans".to_owned(), ..Default::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))
}

fn failed(reason: String) -> Error {
    Error::Encoding { what: "PNG", reason }
}

fn render(tree: &usvg::Tree, width_px: u32) -> Result<Vec<u8>> {
    let scale = width_px as f32 / tree.size().width();
    let height_px = (tree.size().height() * scale).round().max(1.0) as u32;
    let mut canvas = Some((width_px, height_px))
        .filter(|(width, height)| u64::from(*width) * u64::from(*height) <= MOST_PIXELS)
        .and_then(|(width, height)| tiny_skia::Pixmap::new(width, height))
        .ok_or_else(|| failed(format!("{width_px} x {height_px} pixels is no size for a picture")))?;
    canvas.fill(tiny_skia::Color::WHITE);
    resvg::render(tree, tiny_skia::Transform::from_scale(scale, scale), &mut canvas.as_mut());
    let width_m = f64::from(tree.size().width()) / svg::PIXELS_PER_POINT / 72.0 * INCH_M;
    encoded(&canvas, f64::from(width_px) / width_m).map_err(|error| failed(error.to_string()))
}

/// An opaque canvas as PNG of so many pixels per metre.
fn encoded(canvas: &tiny_skia::Pixmap, per_metre: f64) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let opaque: Vec<u8> = canvas.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Rgb);
    let per_metre = per_metre.round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&opaque)?;
    writer.finish()?;
    Ok(bytes)
}
