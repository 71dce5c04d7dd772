//! `contour.csv`: the border of the excluded region.

use std::fmt::Write as _;

use crate::contour::Line;

/// Rows `line,mass_mev,coupling`; lines are numbered from 0, a closed one repeats its first point at its end.
pub fn write_contour(lines: &[Line]) -> String {
    let mut text = String::from("line,mass_mev,coupling\n");
    for (number, line) in lines.iter().enumerate() {
        let closing = line.points.first().filter(|_| line.closed);
        for [mass_mev, coupling] in line.points.iter().chain(closing) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{number},{mass_mev:e},{coupling:e}");
        }
    }
    text
}
