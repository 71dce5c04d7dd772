//! The deviation of the muon's magnetic moment, for the commands that draw its band.

use crate::Result;
use crate::physics::muon_g2::Deviation;

use super::Common;
use crate::cli::terminal;

/// The deviation that was typed; says on the terminal what is probably not meant.
///
/// # Errors
/// No name of one, and no two numbers.
pub fn deviation(text: &str, common: &Common) -> Result<Deviation> {
    let deviation = Deviation::parse(text)?;
    if let Some(warning) = deviation.warning().filter(|_| !common.quiet) {
        terminal::error_line(&format!("warning: {warning}"));
    }
    Ok(deviation)
}
