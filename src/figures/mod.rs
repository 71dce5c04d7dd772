//! Figures of lines: event rates against the recoil energy, the kinetic mixing, and with them figures 1 to 3 of the paper.

mod mixing;
mod paper;
mod rates;

pub use mixing::{MixingCurve, mixing_chart, mixing_curves};
pub use paper::{PaperFigure, event_rates, kinetic_mixing, recoil_range_kev, reference_point, spectrum_chart};
pub use rates::{RateCurve, binned_chart, recoil_chart};
