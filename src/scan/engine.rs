//! Engines: as they are asked for, and ready to work.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::rates::gpu::{AdapterChoice, GpuEngine, self_test};

use super::{Device, Fallback, Gpu, ProfileOn};

/// How the contract of a CPU that interpolates begins.
pub const INTERPOLATED: &str = "cpu, interpolated";

/// An engine by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// What makes the map soonest, by a short measurement that is kept for the next time; never a software adapter
    #[default]
    Auto,
    /// All cores, f64
    Cpu,
    /// f64 point by point, by direct sums: slow; the others are held to it
    Reference,
    /// A GPU, f32, certified by f64; a software adapter only where there is no other
    Gpu,
}

/// An engine and how it is to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EngineRequest {
    /// Which one. The library measures nothing and takes no device by itself: `auto` is its CPU.
    pub name: EngineChoice,
    /// Where a GPU's chi2 is minimised; none for what suits.
    pub profile: Option<ProfileOn>,
    /// Part of the name, or number, of the GPU; none for any.
    pub adapter: Option<String>,
    /// Whether the CPU minimises chi2 only where it does not follow from neighbours to 1e-8.
    pub interpolates: bool,
}

impl Default for EngineRequest {
    fn default() -> EngineRequest {
        EngineRequest { name: EngineChoice::Auto, profile: None, adapter: None, interpolates: true }
    }
}

impl EngineChoice {
    /// As in records.
    pub fn name(self) -> &'static str {
        match self {
            EngineChoice::Auto => "auto",
            EngineChoice::Cpu => "cpu",
            EngineChoice::Reference => "reference",
            EngineChoice::Gpu => "gpu",
        }
    }
}

impl EngineRequest {
    /// Makes it ready.
    ///
    /// # Errors
    /// A GPU that is not there, or fails its self-test.
    pub fn open(&self) -> Result<ReadyEngine> {
        Ok(match self.name {
            EngineChoice::Auto | EngineChoice::Cpu => ReadyEngine::Cpu { interpolates: self.interpolates },
            EngineChoice::Reference => ReadyEngine::Reference,
            EngineChoice::Gpu => ReadyEngine::Gpu {
                engine: Box::new(open_gpu(&AdapterChoice::explicit(self.adapter.as_deref()))?),
                profile: self.profile.unwrap_or(ProfileOn::Gpu),
                fallback: Fallback::None,
            },
        })
    }
}

/// An adapter that passes its self-test.
///
/// # Errors
/// No adapter, or one that does not.
pub fn open_gpu(choice: &AdapterChoice) -> Result<GpuEngine> {
    let gpu = GpuEngine::open(choice)?;
    self_test(&gpu)?;
    Ok(gpu)
}

/// An engine that is ready.
pub enum ReadyEngine {
    /// See [`Device::Reference`].
    Reference,
    /// All cores.
    Cpu {
        /// See [`Device::Interpolated`].
        interpolates: bool,
    },
    /// An open device.
    Gpu {
        /// The device.
        engine: Box<GpuEngine>,
        /// Where chi2 is minimised.
        profile: ProfileOn,
        /// What follows when it fails.
        fallback: Fallback,
    },
}

impl ReadyEngine {
    /// For a scan.
    pub fn device(&self) -> Device<'_> {
        match self {
            ReadyEngine::Reference => Device::Reference,
            ReadyEngine::Cpu { interpolates: false } => Device::Cpu,
            ReadyEngine::Cpu { interpolates: true } => Device::Interpolated,
            ReadyEngine::Gpu { engine, profile, fallback } => {
                Device::Gpu(Gpu { engine, profile: *profile, fallback: *fallback })
            }
        }
    }

    /// All that the last digits of a map depend on, but the SIMD level.
    pub fn contract(&self) -> String {
        match self {
            ReadyEngine::Reference => "reference".to_owned(),
            ReadyEngine::Cpu { interpolates: false } => "cpu".to_owned(),
            ReadyEngine::Cpu { interpolates: true } => INTERPOLATED.to_owned(),
            ReadyEngine::Gpu { engine, profile, .. } => {
                format!("gpu: {}, profile {profile:?}", engine.adapter().with_driver())
            }
        }
    }
}
