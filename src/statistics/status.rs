//! How a minimisation ended.

/// How a minimisation ended; a later one is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Status {
    /// The minimum was reached to the stated accuracy.
    #[default]
    Converged = 0,
    /// It was not; the chi2 is missing (NaN).
    NotConverged = 1,
    /// The signal itself is not a finite number.
    SignalNotFinite = 2,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Status::Converged => "converged",
            Status::NotConverged => "the minimum was not reached to the stated accuracy",
            Status::SignalNotFinite => "the expected signal is not a finite number",
        })
    }
}
