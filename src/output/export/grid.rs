//! The map as text: one point a line, a blank line after each mass, as gnuplot and numpy read it.

use std::io::{BufWriter, Write};

use super::Exported;

/// Writes mass (MeV), coupling, chi2 less its global minimum and, where the region has them, critical values; what is
/// missing is `nan`.
pub fn write(exported: &Exported, destination: &mut dyn Write) -> std::io::Result<()> {
    let mut text = BufWriter::new(destination);
    let map = exported.map;
    for line in exported.about() {
        writeln!(text, "# {line}")?;
    }
    writeln!(
        text,
        "# chi2_min = {:e}, of the plane, is taken off; nan where the fit did not converge",
        map.best_fit.chi2
    )?;
    // So that it reads back as the region that it holds.
    match &exported.covered {
        None => writeln!(text, "# excluded: delta_chi2 > {:e}\n# mass_mev coupling delta_chi2", map.delta_chi2)?,
        Some(_) => writeln!(text, "# excluded: delta_chi2 > critical\n# mass_mev coupling delta_chi2 critical")?,
    }
    let mut critical = exported.covered.iter().flat_map(|(covered, _)| &covered.critical);
    for (mass, row) in map.plane.mass.values.iter().zip(map.chi2.chunks(map.plane.coupling.len())) {
        for (coupling, chi2) in map.plane.coupling.values.iter().zip(row) {
            match chi2 - map.best_fit.chi2 {
                missing if missing.is_nan() => write!(text, "{mass:e} {coupling:e} nan")?,
                rise => write!(text, "{mass:e} {coupling:e} {rise:e}")?,
            }
            match critical.next() {
                Some(critical) => writeln!(text, " {critical:e}")?,
                None => writeln!(text)?,
            }
        }
        writeln!(text)?;
    }
    text.flush()
}
