//! A grid of points to a map of chi2: tiles of rows, on the CPU or on a GPU, with the certificate of the latter.
//! Knows no file formats.

mod agreement;
mod assemble;
mod border;
mod certificate;
mod covered;
mod device;
mod dyadic;
mod engine;
mod interpolated;
mod interpolation;
mod keep;
mod levels;
mod map;
mod missing;
mod near;
#[cfg(feature = "gpu")]
mod pipeline;
#[cfg(not(feature = "gpu"))]
#[path = "no_pipeline.rs"]
mod pipeline;
mod predict;
mod request;
mod rows;
mod run;
#[doc(hidden)]
pub mod tiles;

pub use agreement::{Certificate, Interpolation};
pub use border::{Border, Minima};
pub use covered::Covered;
pub use device::{Device, Fallback, Gpu, ProfileOn};
pub use engine::{EngineChoice, EngineRequest, INTERPOLATED, ReadyEngine, open_gpu};
pub use keep::{Keeper, Tile, Unkept};
pub use levels::{DatasetLevel, dataset_levels};
pub use map::{EngineRecord, Map, Plane};
pub use missing::{Missing, Unknown};
pub use request::ScanRequest;
pub use run::{Settings, evaluate_rows, gpu_phases, scan, scan_keeping, scan_part, why_not_on_gpu};

/// Who watches a long computation.
pub trait Observer: Sync {
    /// So many points of the plane are done.
    fn advance(&self, _points: usize) {}

    /// Something the user should know; one line.
    fn notice(&self, _text: &str) {}

    /// Whether to stop: the computation ends with [`crate::Error::Interrupted`].
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}
