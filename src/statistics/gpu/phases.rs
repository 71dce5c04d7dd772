//! Where the time of rows on a GPU goes.

use serde::Serialize;

/// Seconds, and what was done in them; all launches of all datasets together.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Phases {
    /// Preparing: shaders compiled, tables of the fits made and uploaded.
    pub prepare_s: f64,
    /// Vertices of the masses made on the host.
    pub vertices_s: f64,
    /// Buffers reserved, vertices uploaded, commands recorded and submitted.
    pub submit_s: f64,
    /// On the device, by its own clock; none where it has none that can be read.
    pub kernel_s: Option<f64>,
    /// The host waiting for the device.
    pub wait_s: f64,
    /// Results read back into the rows, points left to f64 included.
    pub read_s: f64,
    /// Launches.
    pub launches: u64,
    /// Points, each dataset for itself.
    pub points: u64,
    /// Passes over all bins.
    pub passes: u64,
}

impl Phases {
    /// The sum of two.
    pub fn and(self, other: Phases) -> Phases {
        let kernels = [self.kernel_s, other.kernel_s].into_iter().flatten();
        Phases {
            prepare_s: self.prepare_s + other.prepare_s,
            vertices_s: self.vertices_s + other.vertices_s,
            submit_s: self.submit_s + other.submit_s,
            kernel_s: kernels.reduce(|a, b| a + b),
            wait_s: self.wait_s + other.wait_s,
            read_s: self.read_s + other.read_s,
            launches: self.launches + other.launches,
            points: self.points + other.points,
            passes: self.passes + other.passes,
        }
    }
}
