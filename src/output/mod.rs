//! Results as files and texts: serialise, never compute.

mod contour_csv;
mod limits;
mod map_npz;
mod new_territory;
mod point;
mod recast;
mod run_record;

pub use contour_csv::write_contour;
pub use limits::{BoundRecord, LimitsRecord, limits_csv, limits_table};
pub use map_npz::write_map;
pub use new_territory::{TerritoryRecord, territory_table};
pub use point::{DatasetRecord, PointRecord, point_table};
pub use recast::{RecastPoint, RecastRecord, recast_csv, recast_lmt, recast_table};
pub use run_record::{Inputs, RunRecord, Timings};

use serde::Serialize;

use crate::{Error, Result};

/// A record as indented JSON with a newline at its end. Numbers that are not finite become `null`.
///
/// # Errors
/// [`Error::Encoding`], for records that JSON cannot hold.
pub fn json(record: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(record)
        .map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?;
    Ok(text + "\n")
}
