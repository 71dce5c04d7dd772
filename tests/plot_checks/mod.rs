//! What must hold of every figure.

use cevscan::plot::png;
use resvg::usvg::{self, fontdb, roxmltree};

/// The printed widths in pixels at 600 dpi are about 2000 for one column; small here, to be quick.
const WIDTH_PX: u32 = 482;

/// Checks that a figure is well-formed, that no text leaves the canvas, and that it renders at the size asked for. The
/// pictures stay in the tests' scratch folder, to be looked at.
pub fn check_picture(name: &str, svg: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join(format!("{name}.svg")), svg).unwrap();
    roxmltree::Document::parse(svg).unwrap();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name} has numbers that are none");
    let tree = parsed(svg);
    let (width, height) = (tree.size().width(), tree.size().height());
    for text in texts(tree.root()) {
        let bounds = text.abs_stroke_bounding_box();
        let words: String = text.chunks().iter().map(|chunk| chunk.text()).collect();
        assert!(
            bounds.left() >= 0.0 && bounds.top() >= 0.0 && bounds.right() <= width && bounds.bottom() <= height,
            "{name}: '{words}' is cut: {bounds:?} on {width} x {height}"
        );
    }
    let width_px = if std::env::var_os("CEVSCAN_LARGE_PICTURES").is_some() { 1600 } else { WIDTH_PX };
    let picture = png(svg, width_px).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), &picture).unwrap();
    let decoded = resvg::tiny_skia::Pixmap::decode_png(&picture).unwrap();
    assert_eq!(decoded.width(), width_px);
    assert!((decoded.height() as f32 - height * width_px as f32 / width).abs() <= 0.5);
    assert_eq!(png(svg, width_px).unwrap(), picture, "{name} is not the same twice");
}

/// All letters of a figure's texts, one text a line.
pub fn letters(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let words = |node: roxmltree::Node| node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect();
    texts.map(words).collect::<Vec<String>>().join("\n")
}

fn parsed(svg: &str) -> usvg::Tree {
    let mut fonts = fontdb::Database::new();
    for face in ["Regular", "Italic", "Bold"] {
        fonts.load_font_data(std::fs::read(format!("src/plot/fonts/CevscanSans-{face}.ttf")).unwrap());
    }
    let options = usvg::Options { fontdb: std::sync::Arc::new(fonts), ..Default::default() };
    usvg::Tree::from_str(svg, &options).unwrap()
}

fn texts(group: &usvg::Group) -> Vec<&usvg::Text> {
    let mut found = Vec::new();
    for node in group.children() {
        match node {
            usvg::Node::Text(text) => found.push(text.as_ref()),
            usvg::Node::Group(group) => found.extend(texts(group)),
            _ => {}
        }
    }
    found
}
