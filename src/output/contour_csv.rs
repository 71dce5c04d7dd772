//! `contour.csv`: the border of the excluded region.

use std::fmt::Write as _;

use crate::base::contour::Line;
use crate::scan::Missing;

/// Rows `line,mass_mev,coupling`; lines are numbered from 0, a closed one repeats its first point at its end. What is
/// missing of the map stands before them, after a `#`: lines end there.
pub fn write_contour(lines: &[Line], missing: Option<&Missing>) -> String {
    let mut text = missing.map_or(String::new(), |missing| format!("# {}\n", missing.words()));
    text += "line,mass_mev,coupling\n";
    for (number, line) in lines.iter().enumerate() {
        let closing = line.points.first().filter(|_| line.closed);
        for [mass_mev, coupling] in line.points.iter().chain(closing) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{number},{mass_mev:e},{coupling:e}");
        }
    }
    text
}
