//! Counts in f32 on a GPU, in two forms.
//!
//! The plan's sum: WGSL, four points an invocation, the nodes in constant memory.
//!
//! A plan is folded into tables of numbers near 1 (`tables.rs`), uploaded once, and read by a shader specialised for its
//! numbers of terms and bins (`shader.rs`, `shaders/*.wgsl`). Counts agree with [`super::cpu`] to
//! [`super::parity::COUNTS_TOLERANCE`].
//!
//! Squares: at one mass each count is (p t + q)^2 + m in t ~ g^2, three numbers a channel made in f64 (`vertex.rs`). What
//! nuisance parameters make of a count is a polynomial in t. It is what the minimising shader reads
//! ([`crate::statistics::gpu`]); [`VertexEngine`] makes it visible.
//!
//! Without the feature `gpu` there is no [`GpuEngine`], and what asks for one is told how to build it.

mod adapter;
#[cfg(feature = "gpu")]
mod batch;
#[cfg(feature = "gpu")]
mod bindings;
#[cfg(feature = "gpu")]
mod buffer_set;
#[cfg(feature = "gpu")]
mod context;
#[cfg(feature = "gpu")]
mod engine;
#[cfg(feature = "gpu")]
mod layout;
#[cfg(not(feature = "gpu"))]
mod left_out;
#[cfg(feature = "gpu")]
mod ring;
mod self_test;
#[cfg(feature = "gpu")]
mod shader;
#[cfg(feature = "gpu")]
mod soundness;
#[cfg(feature = "gpu")]
mod tables;
#[cfg(feature = "gpu")]
mod vertex;
#[cfg(feature = "gpu")]
mod vertex_counts;
#[cfg(feature = "gpu")]
pub(crate) mod wgsl;

pub use adapter::{ADAPTER_VARIABLE, AdapterChoice, AdapterInfo, Opening, quiet_vulkan_loader};
pub use self_test::{SelfTest, self_test};

#[cfg(feature = "gpu")]
pub use batch::LARGEST_COUNT;
#[cfg(feature = "gpu")]
pub use context::adapters;
#[cfg(feature = "gpu")]
pub use engine::{GpuEngine, GpuRates};
#[cfg(not(feature = "gpu"))]
pub use left_out::{GpuEngine, VertexEngine, adapters};
#[cfg(feature = "gpu")]
pub use vertex_counts::VertexEngine;

#[cfg(feature = "gpu")]
pub(crate) use {
    bindings::{bind, buffer, pipeline, storage, uniform},
    context::{Context, Receipt},
    layout::Tile,
    shader::{HEAD, NUMBERS, UNWRITTEN, VERTEX, WORKGROUP, WRITTEN, lines_of_mass},
    vertex::{coupling_words, lines},
};
