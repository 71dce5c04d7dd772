//! The map as text: one point a line, a blank line after each mass, as gnuplot and numpy read it.

use std::io::{BufWriter, Write};

use super::Exported;

/// Writes mass (MeV), coupling and chi2 less its global minimum; what is missing is `nan`.
pub fn write(exported: &Exported, destination: &mut dyn Write) -> std::io::Result<()> {
    let mut text = BufWriter::new(destination);
    let map = exported.map;
    for line in exported.about() {
        writeln!(text, "# {line}")?;
    }
    writeln!(text, "# chi2_min = {:e}, of the plane, is taken off; nan where the fit did not converge", map.chi2_min)?;
    // So that it reads back as the region that it holds.
    writeln!(text, "# excluded: delta_chi2 > {:e}", map.delta_chi2)?;
    writeln!(text, "# mass_mev coupling delta_chi2")?;
    for (mass, row) in map.mass_mev.iter().zip(map.chi2.chunks(map.coupling.len())) {
        for (coupling, chi2) in map.coupling.iter().zip(row) {
            match chi2 - map.chi2_min {
                missing if missing.is_nan() => writeln!(text, "{mass:e} {coupling:e} nan")?,
                rise => writeln!(text, "{mass:e} {coupling:e} {rise:e}")?,
            }
        }
        writeln!(text)?;
    }
    text.flush()
}
