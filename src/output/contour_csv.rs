//! `contour.csv`: the border of the excluded region.

use std::fmt::Write as _;

use crate::base::contour::Line;
use crate::base::contour::statement::EXPECTED;
use crate::scan::Border;

/// Rows `line,mass_mev,coupling`; lines are numbered from 0, a closed one repeats its first point at its end. What is
/// missing of the map stands before them, after a `#`: lines end there. After them, where it is in nobody's way who skips
/// the line of names, stand which side is excluded and where the map ends, in the words that the reader of overlays takes.
pub fn write_contour(lines: &[Line], border: &Border, is_expected: bool) -> String {
    let mut text = if is_expected { format!("# {EXPECTED}\n") } else { String::new() };
    text += &border.missing().map_or(String::new(), |missing| format!("# {}\n", missing.words()));
    text += "line,mass_mev,coupling\n";
    for (number, line) in lines.iter().enumerate() {
        let closing = line.points.first().filter(|_| line.closed);
        for [mass_mev, coupling] in line.points.iter().chain(closing) {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(text, "{number},{mass_mev:e},{coupling:e}");
        }
    }
    let _ = writeln!(text, "# excluded: {}", border.statement(lines));
    if let Some(window) = border.window() {
        let _ = writeln!(text, "# window: {window}");
    }
    text
}
