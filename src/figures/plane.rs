//! The plane that limits are drawn on.

/// A plane with logarithmic axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Ends of the horizontal axis.
    pub x: (f64, f64),
    /// Ends of the vertical axis.
    pub y: (f64, f64),
}

impl Plane {
    /// Across and up, from 0 to 1 on the plane.
    pub(super) fn unit(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let share = |value: f64, (low, high): (f64, f64)| (value / low).ln() / (high / low).ln();
        [share(x, self.x), share(y, self.y)]
    }

    pub(super) fn value(&self, [across, up]: [f64; 2]) -> [f64; 2] {
        let at = |share: f64, (low, high): (f64, f64)| low * (high / low).powf(share);
        [at(across, self.x), at(up, self.y)]
    }
}
