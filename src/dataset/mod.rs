//! What the experiments measured: counts, backgrounds and binning, read from text tables.

pub mod import;
pub mod table;
