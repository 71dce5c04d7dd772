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
mod coverage_read;
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
pub use bounds::{BoundsRecord, MassBoundRecord};
pub use cls::ClsRecord;
pub use contour_csv::write_contour;
pub use coverage::CoverageRecord;
pub use coverage_map::{CoverageCircumstances, CoverageMapRecord};
pub use coverage_npz::write_coverage;
pub use coverage_read::{SavedCoverage, open_coverage, read_coverage};
pub use coverage_use::CoverageUse;
pub use covered_limits::CoveredRecord;
pub use digits::significant;
pub use impact::ImpactRecord;
pub use limits::{ExpectedRecord, LimitsRecord};
pub use map_npz::write_map;
pub use mixing::MixingRecord;
pub use muon_g2::MuonBandRecord;
pub use new_territory::TerritoryRecord;
pub use others::{ExcludedPoint, LimitSource, OtherLimitRecord};
pub use parameters::{
    AxisRecord, BestRecord, IntervalsRecord, LevelRecord, ParametersRecord, RegionRecord, SettingRecord,
};
pub use point::{DatasetRecord, PointRecord};
pub use profile::{DatasetProfileRecord, ProfileRecord};
pub use recast::{RecastPoint, RecastRecord};
pub use record_check::read_record;
pub use run_record::{Circumstances, Host, InputFile, Inputs, MAP, RECORD, RunRecord, Timings};
pub use saved::{Saved, open_saved};
pub use saved_map::read_map;
pub use spectrum::{DatasetSpectra, SpectrumRecord};
#[cfg(feature = "pictures")]
pub use spectrum_fit::SpectrumFitRecord;
pub use table::{Cell, Column, Form, Table};
pub use variations::{VariationRecord, VariedBound};

// What commands print and draw.
#[doc(hidden)]
pub use self::{
    bounds::{bounds_csv, bounds_table},
    cls::{cls_csv, cls_table},
    coverage::{coverage_csv, coverage_table, write_toys},
    coverage_map::{coverage_border_csv, coverage_map_table},
    dataset_report::dataset_check,
    expected::expected_data,
    impact::{impact_csv, impact_table},
    input_files::{files_behind, files_of},
    latex::{bounds_latex, limits_latex},
    limits::{far_notes, limits_csv, limits_table},
    mixing::{mixing_csv, mixing_table},
    model_report::{electrons_check, model_check, model_summary},
    muon_g2::{muon_bands_csv, muon_bands_table},
    new_territory::territory_table,
    other_citations::{limits_bibtex, others_bibtex},
    others::{others_csv, others_table},
    parameters::{parameters_summary, write_parameter_curve, write_parameter_surface},
    point::point_table,
    profile::{profile_csv, profile_table},
    recast::{recast_csv, recast_lmt, recast_table},
    saved::record_in,
    spectrum::{spectrum_csv, spectrum_table},
    variations::{variations_csv, variations_table},
};
#[cfg(feature = "pictures")]
#[doc(hidden)]
pub use self::{
    chart_csv::chart_csv,
    chart_files::{ChartFile, chart_files},
    map_page::{MapPage, PageEvents, PagePulls},
    matplotlib::matplotlib_script,
    spectrum_fit::{spectrum_fit_csv, spectrum_fit_script},
};

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
