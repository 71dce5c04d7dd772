//! Counts in f32 on a GPU, in two forms.
//!
//! The plan's sum: WGSL, four points an invocation, the nodes in constant memory.
//!
//! A plan is folded into tables of numbers near 1 (`tables.rs`), uploaded once, and read by a shader specialised for its
//! numbers of terms and bins (`shader.rs`, `shaders/*.wgsl`). Counts agree with [`super::cpu`] to
//! [`super::parity::COUNTS_TOLERANCE`].
//!
//! Squares: at one mass each count is (p t + q)^2 + m in t ~ g^2, three numbers a channel made in f64 (`vertex.rs`). It is
//! what the minimising shader reads ([`crate::statistics::gpu`]); [`VertexEngine`] makes it visible.

mod batch;
mod bindings;
mod buffer_set;
mod context;
mod engine;
mod layout;
mod ring;
mod self_test;
mod shader;
mod tables;
mod vertex;
mod vertex_counts;
pub(crate) mod wgsl;

pub use batch::LARGEST_COUNT;
pub use context::{ADAPTER_VARIABLE, AdapterChoice, AdapterInfo, Opening, adapters, quiet_vulkan_loader};
pub use engine::{GpuEngine, GpuRates};
pub use self_test::{SelfTest, self_test};
pub use vertex_counts::VertexEngine;

pub(crate) use bindings::{bind, buffer, pipeline, storage, uniform};
pub(crate) use context::{Context, Receipt};
pub(crate) use layout::Tile;
pub(crate) use shader::{HEAD, NUMBERS, UNWRITTEN, VERTEX, WORKGROUP, WRITTEN};
pub(crate) use vertex::{coupling_words, lines};
