//! How fast the engines are, told only after they were shown to be right.
//!
//! [`check()`] holds an engine against the reference at random points; [`kernels`] times rates and minimisation apart;
//! [`choice`] measures what is needed to pick an engine, and picks. Whole maps, from process start to files, are timed by
//! the command line, which starts processes.

mod check;
pub mod choice;
pub mod kernels;
mod machine;
mod report;
pub mod toys;

use std::time::Instant;

pub use check::{CHECK_POINTS, CPU_CHI2_TOLERANCE, Check, check};
pub use machine::Machine;
pub use report::{Checked, Crossover, MeasuredPhases, Measurement, Part, Peer, Report, Skipped};

use crate::Result;

/// Wall-clock seconds that some work takes.
///
/// # Errors
/// Those of the work.
pub fn seconds_of(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// The median; NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[middle],
        _ => 0.5 * (sorted[middle - 1] + sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians_by_hand() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }
}
