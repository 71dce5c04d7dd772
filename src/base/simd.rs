//! Which vector instructions the CPU kernels use: chosen at run time, so that one binary serves every machine.
//!
//! The kernels are written once over eight lanes of f64 and compiled for each level by the `fearless_simd` crate, which
//! holds the proof that the CPU has a level. Results of different levels differ by rounding only (fused or separate
//! multiply and add): a command that fixes the level fixes its bytes.

use std::fmt;
use std::str::FromStr;

use fearless_simd::{Level, Simd as _};

use crate::{Error, Result};

/// A set of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SimdLevel {
    /// AVX-512 as in Ice Lake and Zen 4 (8 lanes a register).
    Avx512,
    /// AVX2 with fused multiply-add (4 lanes).
    Avx2,
    /// NEON of 64-bit ARM (2 lanes, fused multiply-add).
    Neon,
    /// What every CPU of the target has: SSE2 on x86-64 (2 lanes, no fused multiply-add).
    Baseline,
}

/// Word for "the best that this CPU has".
const AUTO: &str = "auto";

impl SimdLevel {
    /// The levels this CPU has, best first.
    pub fn available() -> Vec<SimdLevel> {
        [SimdLevel::Avx512, SimdLevel::Avx2, SimdLevel::Neon, SimdLevel::Baseline]
            .into_iter()
            .filter(|level| level.token().is_some())
            .collect()
    }

    /// The best level this CPU has.
    pub fn detect() -> SimdLevel {
        SimdLevel::available().first().copied().unwrap_or(SimdLevel::Baseline)
    }

    /// Name on the command line and in run.json.
    pub fn name(self) -> &'static str {
        match self {
            SimdLevel::Avx512 => "avx512",
            SimdLevel::Avx2 => "avx2",
            SimdLevel::Neon => "neon",
            SimdLevel::Baseline => "baseline",
        }
    }

    /// Proof for the kernels; the best level of the CPU where it lacks this one.
    pub(crate) fn level(self) -> Level {
        self.token().unwrap_or_else(Level::new)
    }

    #[cfg(target_arch = "x86_64")]
    fn token(self) -> Option<Level> {
        let best = Level::new();
        match self {
            SimdLevel::Avx512 => best.as_avx512().map(|token| token.level()),
            SimdLevel::Avx2 => best.as_avx2().map(|token| token.level()),
            SimdLevel::Neon => None,
            SimdLevel::Baseline => Some(Level::baseline()),
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn token(self) -> Option<Level> {
        match self {
            SimdLevel::Neon => Level::new().as_neon().map(|token| token.level()),
            SimdLevel::Avx512 | SimdLevel::Avx2 | SimdLevel::Baseline => None,
        }
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn token(self) -> Option<Level> {
        (self == SimdLevel::Baseline).then(Level::baseline)
    }
}

/// Runs a kernel, an expression of the token `simd`, compiled for a level. (The crate's own macro compiles it for SSE4.2
/// too, which no [`SimdLevel`] is: a third of the kernels' code and of their time to compile.)
#[cfg(target_arch = "x86_64")]
macro_rules! dispatch {
    ($level:expr, $simd:ident => $run:expr) => {
        match $crate::base::simd::SimdLevel::level($level) {
            ::fearless_simd::Level::Avx512($simd) => ::fearless_simd::Simd::vectorize(
                $simd,
                #[inline(always)]
                || $run,
            ),
            ::fearless_simd::Level::Avx2($simd) => ::fearless_simd::Simd::vectorize(
                $simd,
                #[inline(always)]
                || $run,
            ),
            lower => match lower.as_sse2() {
                Some($simd) => ::fearless_simd::Simd::vectorize(
                    $simd,
                    #[inline(always)]
                    || $run,
                ),
                None => unreachable!("x86-64 has SSE2"),
            },
        }
    };
}

/// Runs a kernel, an expression of the token `simd`, compiled for a level.
#[cfg(not(target_arch = "x86_64"))]
macro_rules! dispatch {
    ($level:expr, $simd:ident => $run:expr) => {
        ::fearless_simd::dispatch!($crate::base::simd::SimdLevel::level($level), $simd => $run)
    };
}

pub(crate) use dispatch;

impl Default for SimdLevel {
    fn default() -> SimdLevel {
        SimdLevel::detect()
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SimdLevel {
    type Err = Error;

    /// A name of a level, or `auto`; refused where this CPU lacks it.
    fn from_str(text: &str) -> Result<SimdLevel> {
        if text == AUTO {
            return Ok(SimdLevel::detect());
        }
        let available = SimdLevel::available();
        available.iter().find(|level| level.name() == text).copied().ok_or_else(|| {
            let names: Vec<&str> = available.iter().map(|level| level.name()).collect();
            Error::out_of_range("SIMD level", text, format!("one this CPU has: {} or {AUTO}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_to_what_the_cpu_has() {
        for level in SimdLevel::available() {
            assert_eq!(level.to_string().parse::<SimdLevel>().unwrap(), level);
        }
        assert_eq!("auto".parse::<SimdLevel>().unwrap(), SimdLevel::available()[0]);
    }

    #[test]
    fn a_level_the_cpu_lacks_is_refused_with_the_list() {
        let absent = if cfg!(target_arch = "x86_64") { "neon" } else { "avx2" };
        for name in [absent, "avx1024", ""] {
            let message = name.parse::<SimdLevel>().unwrap_err().to_string();
            assert!(message.contains(SimdLevel::detect().name()) && message.contains("auto"), "{message}");
        }
    }
}
