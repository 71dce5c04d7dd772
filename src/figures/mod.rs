//! Figures of lines: event rates against the recoil energy, the kinetic mixing, the muon's magnetic
//! moment; and with them figures 1 to 3 of the paper.

mod mixing;
mod muon_band;
mod other_limits;
mod paper;
mod rates;
mod toys;

pub use mixing::{largest_momentum_transfer_mev, mixing_chart};
pub use muon_band::muon_band_chart;
pub use other_limits::other_limits_chart;
pub use paper::{MIXING_RANGE_MEV, PaperFigure, event_rates, kinetic_mixing, recoil_range_kev, reference_point};
pub use rates::{models_chart, spectrum_chart};
pub use toys::toys_chart;
