//! The map as text: one point a line, a blank line after each mass, as gnuplot and numpy read it.

use std::io::{BufWriter, Write};

use crate::analysis::limits::Minimum;

use super::Exported;

/// Writes mass (MeV), coupling, chi2 less the minimum that it rises from and, where the region has them, critical values; what is
/// missing is `nan`.
pub fn write(exported: &Exported, destination: &mut dyn Write) -> std::io::Result<()> {
    let mut text = BufWriter::new(destination);
    let map = exported.map;
    for line in exported.about() {
        writeln!(text, "# {line}")?;
    }
    let taken_off = match map.minimum() {
        Minimum::Plane => format!("chi2_min = {:e}, of the plane", map.best_fit.chi2),
        Minimum::Mass => "the smallest chi2 at each mass".to_owned(),
    };
    writeln!(text, "# {taken_off}, is taken off; nan where the fit did not converge")?;
    // So that it reads back as the region that it holds.
    match &exported.covered {
        None => writeln!(text, "# excluded: delta_chi2 > {:e}\n# mass_mev coupling delta_chi2", map.delta_chi2)?,
        Some(_) => writeln!(text, "# excluded: delta_chi2 > critical\n# mass_mev coupling delta_chi2 critical")?,
    }
    let mut critical = exported.covered.iter().flat_map(|(covered, _)| &covered.critical);
    let mut rises = map.rises();
    for mass in &map.plane.mass.values {
        for (coupling, rise) in map.plane.coupling.values.iter().zip(&mut rises) {
            match rise {
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
