//! Results as files and texts: serialise, never compute.

mod contour_csv;
mod dataset_report;
mod limits;
mod map_npz;
mod model_report;
mod point;
mod run_record;
mod variations;

pub use contour_csv::write_contour;
pub use dataset_report::dataset_check;
pub use limits::{BoundRecord, ExpectedRecord, LimitsRecord, limits_csv, limits_table};
pub use map_npz::write_map;
pub use model_report::{model_check, model_summary};
pub use point::{DatasetRecord, PointRecord, point_table};
pub use run_record::{Inputs, RunRecord, Timings};
pub use variations::{VariationRecord, VariedBound, variations_csv, variations_table};

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
