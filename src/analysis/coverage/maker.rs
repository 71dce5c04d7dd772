//! Toys of a truth by the million: on all cores, or on a GPU that is held to them.
//!
//! A GPU searches in f32 what [`Blocks`] searches in f64. A random sample of its toys is done again on the CPU, and the
//! largest difference is recorded ([`Certificate`]); so is every toy whose q is near a number that is reported.

use rayon::prelude::*;

use crate::Result;
use crate::rates::gpu::GpuEngine;
use crate::statistics::toys::Stream;

use super::blocks::Blocks;
use super::certificate::Certificate;
#[cfg(feature = "gpu")]
use super::device as on_device;
#[cfg(not(feature = "gpu"))]
use super::no_device as on_device;
use super::search::Minimum;

/// Toys between two looks at whether anybody still wants them.
const BATCH: u64 = 256;
/// Largest difference of q from f64 that is allowed to a GPU.
pub const Q_TOLERANCE: f64 = 1e-3;
/// Toys of a certificate, of 10,000 and more.
const CERTIFIED: f64 = 500.0;
/// Name of the random numbers that choose them.
const SAMPLE: &str = "certificate";

/// What makes toys.
#[derive(Clone, Copy)]
pub enum Device<'a> {
    /// f64, all cores.
    Cpu,
    /// f32, certified.
    Gpu {
        /// The open device.
        engine: &'a GpuEngine,
        /// Whether the CPU takes over when it fails, or its certificate does.
        fallback: bool,
    },
}

/// What made toys.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct EngineRecord {
    /// `cpu`, `gpu` or, where one took over from the other, `mixed`.
    pub name: &'static str,
    /// The GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// How far the GPU's toys are from the CPU's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Toys that the GPU left to the CPU.
    pub left_to_cpu: usize,
    /// Toys done again because their q is near a number that is reported.
    pub redone_in_f64: usize,
    /// Why the CPU took over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

/// Toys that were made.
pub(super) struct Made {
    /// In the order of their numbers; none where a fit failed.
    pub minima: Vec<Option<Minimum>>,
    /// By what.
    pub engine: EngineRecord,
    /// Which of them are in f32.
    pub is_f32: Vec<bool>,
}

impl EngineRecord {
    /// The CPU.
    pub(super) fn cpu() -> EngineRecord {
        EngineRecord { name: "cpu", adapter: None, certificate: None, left_to_cpu: 0, redone_in_f64: 0, fallback: None }
    }

    /// A GPU, of whose toys nothing is said yet.
    pub(super) fn gpu(engine: &GpuEngine) -> EngineRecord {
        EngineRecord { name: "gpu", adapter: Some(engine.adapter().name.clone()), ..EngineRecord::cpu() }
    }
}

/// Toys of these numbers; `advance` is told of toys as they are done, and ends the work by returning an error, `notice` of
/// a device that failed.
///
/// # Errors
/// Those of `advance`; those of the device where the CPU is not to take over.
pub(super) fn make(
    blocks: &Blocks,
    numbers: std::ops::Range<u64>,
    device: Device,
    advance: &(dyn Fn(usize) -> Result<()> + Sync),
    notice: &(dyn Fn(&str) + Sync),
) -> Result<Made> {
    let length = (numbers.end - numbers.start) as usize;
    let Device::Gpu { engine, fallback } = device else {
        let minima = on_cpu(blocks, numbers, advance)?;
        return Ok(Made { is_f32: vec![false; length], minima, engine: EngineRecord::cpu() });
    };
    let mut record = EngineRecord::gpu(engine);
    let mut minima: Vec<Option<Minimum>> = Vec::with_capacity(length);
    let mut is_f32 = vec![false; length];
    let mut left: Vec<u64> = Vec::new();
    let result = on_device::minima(blocks, engine, numbers.clone(), advance, &mut minima, &mut left, None);
    let result = result.and_then(|()| {
        is_f32.fill(true);
        left.iter().for_each(|number| is_f32[(number - numbers.start) as usize] = false);
        let certificate = certify(blocks, numbers.start, &mut minima, &mut is_f32);
        record.certificate = Some(certificate);
        certificate.require(&engine.adapter().name)
    });
    if let Err(error) = result {
        if !fallback || matches!(error, crate::Error::Interrupted) {
            return Err(error);
        }
        notice(&format!("{error}; the CPU takes over"));
        (record.name, record.fallback) = ("mixed", Some(error.to_string()));
        // What is not certified is not kept.
        let minima = on_cpu(blocks, numbers, &|_| advance(0))?;
        return Ok(Made { is_f32: vec![false; length], minima, engine: record });
    }
    record.left_to_cpu = left.len();
    redo(blocks, &left, numbers.start, &mut minima);
    Ok(Made { minima, engine: record, is_f32 })
}

/// On all cores.
fn on_cpu(
    blocks: &Blocks,
    numbers: std::ops::Range<u64>,
    advance: &(dyn Fn(usize) -> Result<()> + Sync),
) -> Result<Vec<Option<Minimum>>> {
    let starts: Vec<u64> = numbers.clone().step_by(BATCH as usize).collect();
    let batches = starts.par_iter().map_init(
        || blocks.memory(),
        |memory, start| {
            let own: Vec<u64> = (*start..(start + BATCH).min(numbers.end)).collect();
            let minima = blocks.minima(&own, memory);
            advance(own.len())?;
            Ok(minima)
        },
    );
    let batches: Vec<Vec<Option<Minimum>>> = batches.collect::<Result<_>>()?;
    Ok(batches.into_iter().flatten().collect())
}

/// Toys of these numbers by the CPU, into their places.
pub(super) fn redo(blocks: &Blocks, numbers: &[u64], first: u64, minima: &mut [Option<Minimum>]) {
    let batches: Vec<Vec<Option<Minimum>>> = numbers
        .par_chunks(BATCH as usize / 4)
        .map_init(|| blocks.memory(), |memory, own| blocks.minima(own, memory))
        .collect();
    for (number, minimum) in numbers.iter().zip(batches.into_iter().flatten()) {
        minima[(number - first) as usize] = minimum;
    }
}

/// Does a random sample again, in place, and says how far they were off.
fn certify(blocks: &Blocks, first: u64, minima: &mut [Option<Minimum>], is_f32: &mut [bool]) -> Certificate {
    let share = CERTIFIED / minima.len().max(1) as f64;
    let stream = Stream::new(blocks.seed(), SAMPLE);
    let is_chosen = |toy: &usize| is_f32[*toy] && (share >= 1.0 || stream.uniform(first + *toy as u64, 0) < share);
    let chosen: Vec<usize> = (0..minima.len()).filter(is_chosen).collect();
    let before: Vec<Option<Minimum>> = chosen.iter().map(|toy| minima[*toy]).collect();
    let numbers: Vec<u64> = chosen.iter().map(|toy| first + *toy as u64).collect();
    redo(blocks, &numbers, first, minima);
    let mut largest: f64 = 0.0;
    for (toy, before) in chosen.iter().zip(before) {
        is_f32[*toy] = false;
        largest = largest.max(match (before, minima[*toy]) {
            (Some(before), Some(now)) => difference(&before, &now),
            (None, None) => 0.0,
            _ => f64::INFINITY,
        });
    }
    Certificate { toys: chosen.len(), largest_difference: largest, allowed: Q_TOLERANCE }
}

/// The largest of the differences of q, q at fixed mass and chi2_min.
pub(super) fn difference(one: &Minimum, other: &Minimum) -> f64 {
    let numbers = |own: &Minimum| [own.chi2_truth - own.chi2, own.chi2_truth - own.chi2_at_mass, own.chi2, own.chi2_sm];
    let pairs = numbers(one).into_iter().zip(numbers(other));
    pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}
