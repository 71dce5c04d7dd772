//! From results to plain pictures, which [`crate::plot`] draws and knows no physics: excluded regions with limits of others
//! behind them, fits, event rates against the recoil energy, the kinetic mixing, the muon's magnetic moment.

mod brazil;
pub mod compared;
mod coverage_map;
pub mod exclusion;
pub mod fit_picture;
mod mixing;
mod muon_band;
mod other_limits;
pub mod overlay;
mod overlay_groups;
mod paper;
mod parameters;
pub(crate) mod place;
pub mod plane;
mod ranking;
mod raster;
mod rates;
mod role;
mod section;
mod toys;

pub use brazil::brazil_chart;
pub use coverage_map::{coverage_chart, put_coverage};
pub use mixing::{largest_momentum_transfer_mev, mixing_chart};
pub use muon_band::muon_band_chart;
pub use other_limits::other_limits_chart;
pub use paper::{MIXING_RANGE_MEV, PaperFigure, event_rates, kinetic_mixing, recoil_range_kev, reference_point};
pub use parameters::{parameter_curve_chart, parameter_surface_chart};
pub use ranking::ranking_chart;
pub use rates::{models_chart, spectrum_chart};
pub use section::section_charts;
pub use toys::toys_chart;
