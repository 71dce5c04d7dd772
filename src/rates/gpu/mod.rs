//! The plan's sum in f32 on a GPU: WGSL, four points an invocation, the nodes in constant memory.
//!
//! A plan is folded into tables of numbers near 1 (`tables.rs`), uploaded once, and read by a shader specialised for its
//! numbers of terms and bins (`shader.rs`, `shaders/*.wgsl`). Counts agree with [`super::cpu`] to
//! [`super::parity::COUNTS_TOLERANCE`].

mod batch;
mod context;
mod engine;
mod layout;
mod ring;
mod second_pass;
mod self_test;
mod shader;
mod tables;
pub(crate) mod wgsl;

pub use batch::LARGEST_COUNT;
pub use context::{ADAPTER_VARIABLE, AdapterChoice, AdapterInfo, adapters, quiet_vulkan_loader};
pub use engine::{GpuEngine, GpuRates};
pub use self_test::{SelfTest, self_test};

pub(crate) use ring::Ring;
pub(crate) use second_pass::CountsPass;
pub(crate) use shader::{SENTINEL, WORKGROUP};
