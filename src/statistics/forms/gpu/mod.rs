//! The search for the minima of toys on a GPU, in f32: what `search.rs` and `descent.rs` do, one invocation a toy and row or
//! a toy and minimum (`shaders/toys.wgsl`). Counts come from the host, 32 bytes a toy go back.

mod drawn;
mod engine;
mod shader;
mod tables;

pub use drawn::{TILE, Words};
pub use engine::{Found, GpuMesh, ToysBatch};

// What the text of the shader shares with that of the rates.
use crate::rates::gpu::{self as shared, wgsl};
