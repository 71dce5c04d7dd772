//! Results as files and texts: serialise, never compute.

mod bound_record;
mod bounds;
#[cfg(feature = "pictures")]
mod chart_csv;
#[cfg(feature = "pictures")]
mod chart_files;
pub mod citations;
mod cls;
mod contour_csv;
mod coverage;
mod coverage_map;
mod coverage_npz;
mod coverage_use;
mod covered_limits;
mod dataset_report;
mod digits;
mod expected;
pub mod export;
mod impact;
mod input_files;
mod latex;
mod limits;
mod map_npz;
#[cfg(feature = "pictures")]
mod map_page;
#[cfg(feature = "pictures")]
mod matplotlib;
mod mixing;
mod model_report;
mod muon_g2;
mod new_territory;
mod npy;
mod npz;
mod other_citations;
mod others;
mod parameters;
mod point;
mod profile;
mod recast;
mod record_check;
mod run_record;
mod saved;
mod saved_map;
mod spectrum;
#[cfg(feature = "pictures")]
mod spectrum_fit;
mod table;
mod variations;

pub use bound_record::BoundRecord;
pub use bounds::{BoundsRecord, MassBoundRecord, bounds_csv, bounds_table};
#[cfg(feature = "pictures")]
pub use chart_csv::chart_csv;
#[cfg(feature = "pictures")]
pub use chart_files::{ChartFile, chart_files};
pub use cls::{ClsRecord, cls_csv, cls_table};
pub use contour_csv::write_contour;
pub use coverage::{CoverageRecord, coverage_csv, coverage_table, write_toys};
pub use coverage_map::{CoverageCircumstances, CoverageMapRecord, coverage_border_csv, coverage_map_table};
pub use coverage_npz::{SavedCoverage, open_coverage, read_coverage, write_coverage};
pub use coverage_use::CoverageUse;
pub use covered_limits::CoveredRecord;
pub use dataset_report::dataset_check;
pub use expected::expected_data;
pub use impact::{ImpactRecord, impact_csv, impact_table};
pub use input_files::{files_behind, files_of};
pub use latex::{bounds_latex, limits_latex};
pub use limits::{ExpectedRecord, LimitsRecord, limits_csv, limits_table};
pub use map_npz::write_map;
#[cfg(feature = "pictures")]
pub use map_page::{MapPage, PageEvents, PagePulls};
#[cfg(feature = "pictures")]
pub use matplotlib::matplotlib_script;
pub use mixing::{MixingRecord, mixing_csv, mixing_table};
pub use model_report::{electrons_check, model_check, model_summary};
pub use muon_g2::{MuonBandRecord, muon_bands_csv, muon_bands_table};
pub use new_territory::{TerritoryRecord, territory_table};
pub use other_citations::{limits_bibtex, others_bibtex};
pub use others::{ExcludedPoint, LimitSource, OtherLimitRecord, others_csv, others_table};
pub use parameters::{
    AxisRecord, BestRecord, IntervalsRecord, LevelRecord, ParametersRecord, SettingRecord, parameters_summary,
    write_parameter_curve, write_parameter_surface,
};
pub use point::{DatasetRecord, PointRecord, point_table};
pub use profile::{DatasetProfileRecord, ProfileRecord, profile_csv, profile_table};
pub use recast::{RecastPoint, RecastRecord, recast_csv, recast_lmt, recast_table};
pub use record_check::read_record;
pub use run_record::{Circumstances, Host, InputFile, Inputs, MAP, RECORD, RunRecord, Timings};
pub use saved::{Saved, open_saved, record_in};
pub use saved_map::read_map;
pub use spectrum::{DatasetSpectra, SpectrumRecord, spectrum_csv, spectrum_table};
#[cfg(feature = "pictures")]
pub use spectrum_fit::{SpectrumFitRecord, spectrum_fit_csv, spectrum_fit_script};
pub use table::{Cell, Column, Form, Table};
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
