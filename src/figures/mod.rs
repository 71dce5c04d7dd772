//! Figures of lines: event rates against the recoil energy, the kinetic mixing, the muon's magnetic
//! moment; and with them figures 1 to 3 of the paper.

mod mixing;
mod muon_band;
mod paper;
mod rates;

pub use mixing::{MixingCurve, mixing_chart, mixing_curves};
pub use muon_band::muon_band_chart;
pub use paper::{PaperFigure, event_rates, kinetic_mixing, recoil_range_kev, reference_point, spectrum_chart};
pub use rates::{RateCurve, binned_chart, recoil_chart};
