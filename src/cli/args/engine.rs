//! What evaluates maps, as it is typed.

use clap::{Args, ValueEnum};

use crate::scan::{EngineChoice, EngineRequest, ProfileOn};
use crate::{Error, Result};

/// An engine and its form.
#[derive(Args)]
pub struct EngineArgs {
    /// What evaluates the event rates
    #[arg(long, value_enum, default_value = "auto")]
    engine: EngineChoice,
    /// Where chi2 is minimised when a GPU evaluates the rates
    #[arg(long, value_enum, default_value = "auto")]
    profile: ProfileArg,
    /// How event rates are evaluated
    #[arg(long, value_enum, default_value = "auto")]
    rates: RatesArg,
    /// Part of the name, or number, of the GPU to take; 'cevscan devices' lists them
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
}

/// Where chi2 is minimised when a GPU evaluates the rates.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    /// In the shader, unless '--rates direct'; '--engine auto' measures both
    Auto,
    /// On all cores, f64, from direct sums on the GPU: the form that the other is held to
    Cpu,
    /// In the shader, f32, certified by f64
    Gpu,
}

/// How event rates are evaluated.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RatesArg {
    /// As engine and profile have them
    Auto,
    /// As the exact polynomials in the coupling that they are at each mass: engines cpu, and gpu with profile gpu
    Polynomial,
    /// By the sum over all nodes at each point: engines reference, and gpu with profile cpu
    Direct,
}

impl EngineArgs {
    /// What was asked for; `interpolates` where the CPU may.
    ///
    /// # Errors
    /// A place for the minimisation without a GPU; rates that the engine does not have in that place.
    pub fn request(&self, interpolates: bool) -> Result<EngineRequest> {
        let without_gpu = matches!(self.engine, EngineChoice::Cpu | EngineChoice::Reference);
        if without_gpu && self.profile == ProfileArg::Gpu {
            return Err(Error::out_of_range("--profile", "gpu", "cpu or auto where --engine is not gpu or auto"));
        }
        let refused = match (self.engine, self.profile, self.rates) {
            (EngineChoice::Cpu, _, RatesArg::Direct) => Some("polynomial or auto where --engine is cpu"),
            (EngineChoice::Reference, _, RatesArg::Polynomial) => Some("direct or auto where --engine is reference"),
            (EngineChoice::Gpu | EngineChoice::Auto, ProfileArg::Gpu, RatesArg::Direct) => {
                Some("polynomial or auto where --profile is gpu")
            }
            (EngineChoice::Gpu | EngineChoice::Auto, ProfileArg::Cpu, RatesArg::Polynomial) => {
                Some("direct or auto where --profile is cpu")
            }
            _ => None,
        };
        if let Some(bound) = refused {
            let typed = if self.rates == RatesArg::Direct { "direct" } else { "polynomial" };
            return Err(Error::out_of_range("--rates", typed, bound));
        }
        // Each form of a GPU has its own rates.
        let profile = match (self.profile, self.rates) {
            (ProfileArg::Auto, RatesArg::Auto) => None,
            (ProfileArg::Cpu, _) | (_, RatesArg::Direct) => Some(ProfileOn::Cpu),
            (ProfileArg::Gpu, _) | (_, RatesArg::Polynomial) => Some(ProfileOn::Gpu),
        };
        Ok(EngineRequest {
            name: self.engine,
            profile: profile.filter(|_| !without_gpu),
            adapter: self.adapter.clone(),
            interpolates,
        })
    }
}
