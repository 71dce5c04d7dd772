//! Text as the AxionLimits collection keeps it: mass in eV and coupling, a curve a file.
//!
//! Its plots fill from the curve to the top of the figure. A piece of the region with an upper end is therefore given as a
//! closed outline, to be filled inside.

use std::fmt::Write as _;

use super::{Contents, ExportFile, Exported, Piece, numbered};
use crate::Result;
use crate::base::constants::MEV_IN_EV;

pub fn files<'a>(exported: &'a Exported) -> Result<Vec<ExportFile<'a>>> {
    let pieces = exported.pieces()?;
    let top = exported.top();
    let file = |(number, piece): (usize, &Piece)| {
        let (form, side, curve) = curve(piece, top);
        let mut text = String::new();
        // Writing to a String cannot fail.
        for line in exported.about() {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "# Piece {} of {} of {}: {form}", number + 1, pieces.len(), exported.region());
        let _ = writeln!(text, "# {}", exported.about_ends());
        // So that it reads back as the region that it holds.
        let _ = writeln!(text, "# excluded: {side}");
        if let Some(window) = exported.border().window() {
            let _ = writeln!(text, "# window: {window}");
        }
        let _ = writeln!(text, "# mass [eV]\tg (the coupling itself, not in units of e)");
        for [mass_mev, coupling] in curve {
            let _ = writeln!(text, "{:e}\t{coupling:e}", mass_mev * MEV_IN_EV);
        }
        let name = numbered(&exported.stem(), number, pieces.len()) + ".txt";
        ExportFile { name, contents: Contents::Text(text) }
    };
    Ok(pieces.iter().enumerate().map(file).collect())
}

/// What the curve of a piece is, in words, the side of it that is excluded, and its points.
fn curve(piece: &Piece, top: f64) -> (&'static str, &'static str, Vec<[f64; 2]>) {
    let lower = piece.rows.iter().map(|row| [row.mass_mev, row.low]);
    if !piece.has_upper_end(top) {
        return ("its lower end, all above is excluded up to the end of the map", "above", lower.collect());
    }
    let upper = piece.rows.iter().rev().map(|row| [row.mass_mev, row.high]);
    let closing = piece.rows.first().map(|row| [row.mass_mev, row.low]);
    ("its closed outline, the inside is excluded", "inside", lower.chain(upper).chain(closing).collect())
}
