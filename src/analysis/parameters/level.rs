//! When chi2 does not depend on a parameter: a minimum, or an interval, along its range means nothing then.

/// Rise of chi2 up to which a place is as good as the best one.
pub(super) const AS_GOOD: f64 = 0.01;

/// Whether chi2 is the same all along, to [`AS_GOOD`].
pub(super) fn is_level(chi2: impl Iterator<Item = f64>) -> bool {
    let (low, high) =
        chi2.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), chi2| (low.min(chi2), high.max(chi2)));
    high - low <= AS_GOOD
}
