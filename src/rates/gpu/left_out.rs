//! What stands for a GPU in a build without the feature `gpu`: an engine that nobody can open.

use super::adapter::{AdapterChoice, AdapterInfo, Opening};
use crate::rates::plan::Plan;
use crate::rates::{Engine, Rates};
use crate::{Error, Result};

/// There is none in this build.
#[derive(Debug, Clone, Copy)]
pub enum GpuEngine {}

impl GpuEngine {
    /// Says that it was left out.
    ///
    /// # Errors
    /// [`Error::LeftOut`], always.
    pub fn open(_: &AdapterChoice) -> Result<GpuEngine> {
        Err(Error::LeftOut { what: "the GPU engine", feature: "gpu" })
    }

    /// The adapter in use.
    pub fn adapter(&self) -> &AdapterInfo {
        match *self {}
    }

    /// What the start of the device took.
    pub fn opening(&self) -> Opening {
        match *self {}
    }
}

impl Engine for GpuEngine {
    fn describe(&self) -> String {
        match *self {}
    }

    fn prepare<'a>(&'a self, _: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        match *self {}
    }
}

/// Counts as the minimising shader would have them.
#[derive(Debug, Clone, Copy)]
pub struct VertexEngine<'a>(pub &'a GpuEngine);

impl Engine for VertexEngine<'_> {
    fn describe(&self) -> String {
        match *self.0 {}
    }

    fn prepare<'a>(&'a self, _: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        match *self.0 {}
    }
}

/// None: nothing looks for them.
pub fn adapters() -> Vec<AdapterInfo> {
    Vec::new()
}
