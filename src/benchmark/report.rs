//! What was measured, for tables and programs.

use serde::Serialize;

use super::{Check, Machine};
use crate::statistics::gpu::Phases;

/// A measured part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Counts of all datasets.
    Rates,
    /// All nuisance parameters, the counts' polynomials given.
    Minimisation,
    /// Rates and minimisation, as a map has them.
    Rows,
    /// A whole map: from the start of a process until all files are written.
    Map,
    /// Pseudo-experiments of a point, with their minima over the plane; "points" are toys.
    Toys,
}

/// The median of some runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// What was done.
    pub part: Part,
    /// By what.
    pub engine: String,
    /// With how many threads of the CPU.
    pub threads: usize,
    /// At how many points.
    pub points: usize,
    /// Masses by couplings.
    pub grid: [usize; 2],
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Points per second.
    pub points_per_second: f64,
    /// Runs of which this is the median.
    pub runs: usize,
}

/// A measurement that was left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skipped {
    /// What would have been done.
    pub part: Part,
    /// By what.
    pub engine: String,
    /// With how many threads.
    pub threads: usize,
    /// Masses by couplings.
    pub grid: [usize; 2],
    /// Seconds it was expected to take, from the size before.
    pub expected_s: f64,
}

/// An engine and how right it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The engine.
    pub engine: String,
    /// Its model and datasets.
    pub work: String,
    /// What was found.
    #[serde(flatten)]
    pub check: Check,
    /// Whether it is as right as it must be; else nothing of it is measured.
    pub passed: bool,
}

/// Where an engine overtakes the CPU in whole maps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crossover {
    /// The engine.
    pub engine: String,
    /// Points above which its maps are made sooner than the CPU's; none if they never are.
    pub points: Option<f64>,
    /// Points per second, start apart: from the smallest and the largest map.
    pub points_per_second: f64,
    /// The CPU's.
    pub cpu_points_per_second: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// GPUs and software adapters that were measured.
    pub adapters: Vec<String>,
    /// The model.
    pub model: String,
    /// The datasets.
    pub data: String,
    /// Whether each engine is right.
    pub checks: Vec<Checked>,
    /// Medians.
    pub measurements: Vec<Measurement>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// Places of the plane at which chi2 of a toy is minimised over all nuisance parameters; none where toys are not drawn.
    pub places_of_a_toy: Option<usize>,
    /// Whole maps: what wins from where on.
    pub crossover: Vec<Crossover>,
    /// Where the time of rows goes on GPUs that minimise as well.
    pub phases: Vec<MeasuredPhases>,
    /// The script that one would write.
    pub peer: Option<Peer>,
}

/// Rates and minimisation by numpy and iminuit, one point after the other in one thread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peer {
    /// Versions of what calculated.
    pub name: String,
    /// Points.
    pub points: usize,
    /// Seconds for all of them, what is prepared once apart.
    pub seconds: f64,
    /// Points per second.
    pub points_per_second: f64,
    /// Largest difference in a dataset's chi2 from the reference.
    pub largest_chi2_difference: f64,
    /// What is allowed.
    pub allowed_chi2_difference: f64,
}

impl Peer {
    /// Whether both calculate the same.
    pub fn is_right(&self) -> bool {
        self.largest_chi2_difference <= self.allowed_chi2_difference
    }
}

/// Where the time of rows goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredPhases {
    /// The engine.
    pub engine: String,
    /// Masses by couplings.
    pub grid: [usize; 2],
    /// Seconds from the first call to the last row.
    pub seconds: f64,
    /// Its parts, as far as they are known.
    #[serde(flatten)]
    pub phases: Phases,
}

impl Report {
    /// Seconds of a part by an engine with so many threads, by rising number of points.
    fn seconds(&self, part: Part, engine: &str, threads: usize) -> Vec<(f64, f64)> {
        let own = |m: &&Measurement| m.part == part && m.engine == engine && m.threads == threads;
        self.measurements.iter().filter(own).map(|m| (m.points as f64, m.seconds)).collect()
    }

    /// The crossover of each of `engines` with `cpu`, from straight lines through their smallest and largest maps.
    pub fn crossovers(&self, cpu: &str, engines: &[String], threads: usize) -> Vec<Crossover> {
        let line = |engine: &str| {
            let seconds = self.seconds(Part::Map, engine, threads);
            let (&(few, short), &(many, long)) = (seconds.first()?, seconds.last()?);
            let slope = (long - short) / (many - few);
            (many > few && slope > 0.0).then_some((short - slope * few, slope))
        };
        let Some((cpu_start, cpu_slope)) = line(cpu) else { return Vec::new() };
        let crossover = |engine: &String| {
            let (start, slope) = line(engine)?;
            let points = (start - cpu_start) / (cpu_slope - slope);
            Some(Crossover {
                engine: engine.clone(),
                points: (slope < cpu_slope).then_some(points.max(0.0)),
                points_per_second: 1.0 / slope,
                cpu_points_per_second: 1.0 / cpu_slope,
            })
        };
        engines.iter().filter_map(crossover).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(engine: &str, points: usize, seconds: f64) -> Measurement {
        let (part, points_per_second) = (Part::Map, points as f64 / seconds);
        let (engine, grid) = (engine.to_owned(), [points, 1]);
        Measurement { part, engine, threads: 2, points, grid, seconds, points_per_second, runs: 1 }
    }

    /// By hand: the CPU takes 0.1 s + N/1e6, the GPU 0.5 s + N/1e7, equal at N = 0.4/(9e-7) = 444,444; the slow one
    /// never overtakes.
    #[test]
    fn crossovers_by_hand() {
        let lines = [("cpu", 0.1, 1e6), ("gpu", 0.5, 1e7), ("slow", 0.0, 1e5)];
        let measurements = lines.iter().flat_map(|(engine, start, rate)| {
            [10_000, 1_000_000].map(|points| map(engine, points, start + points as f64 / rate))
        });
        let report = Report {
            machine: Machine::here(),
            adapters: Vec::new(),
            model: String::new(),
            data: String::new(),
            checks: Vec::new(),
            measurements: measurements.collect(),
            skipped: Vec::new(),
            places_of_a_toy: None,
            crossover: Vec::new(),
            phases: Vec::new(),
            peer: None,
        };
        let engines = ["gpu".to_owned(), "slow".to_owned(), "absent".to_owned()];
        let found = report.crossovers("cpu", &engines, 2);
        assert_eq!(found.len(), 2);
        assert!((found[0].points.unwrap() - 0.4 / 9e-7).abs() < 1e-3, "{found:?}");
        assert_eq!(found[1].points, None);
    }
}
