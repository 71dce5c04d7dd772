//! Toys of a truth, eight at a time where forms hold its datasets ([`crate::statistics::forms`]), else one by one.

use crate::analysis::Analysis;
use crate::dataset::Statistic;
use crate::rates::Point;
use crate::statistics::forms::{Drawn, Layout, Lowest, Mass, Memory, Mesh, SIDE_BY_SIDE, Start, Variance, Where};

use super::plan::Plan;
use super::search::{Minimum, Search};
use super::templates::{Row, Templates};
use super::toy::{Sidebands, draw_numbers, draw_toy, measured};
use super::truth::{DatasetTruth, Truth};

/// Couplings over the natural one (decades: from, to, steps a decade) of the mesh: strips where the mediator's amplitude is
/// near -2 times the Standard Model's are a few per cent wide.
const SECTIONS: [(f64, f64, f64); 4] = [(-1.6, -0.7, 8.0), (-0.7, 0.0, 24.0), (0.0, 0.3, 96.0), (0.3, 1.2, 12.0)];

/// What finds the minima of a truth's toys.
pub struct Blocks<'a> {
    analysis: &'a Analysis,
    truth: &'a Truth,
    search: &'a Search,
    sidebands: Sidebands,
    seed: u64,
    /// None where forms do not hold the datasets.
    mesh: Option<Mesh>,
    /// The natural coupling of each of its masses.
    natural: Vec<f64>,
}

/// Memory for some toys.
pub struct BlockMemory {
    memory: Option<Memory>,
    drawn: Vec<Vec<Drawn>>,
}

impl<'a> Blocks<'a> {
    /// Of a truth whose single toys `search` is for.
    pub fn new(analysis: &'a Analysis, truth: &'a Truth, search: &'a Search, plan: Plan) -> Blocks<'a> {
        let rows = search.templates().by_mass();
        let Plan { sidebands, seed, .. } = plan;
        Blocks {
            analysis,
            truth,
            search,
            sidebands,
            seed,
            mesh: mesh(analysis, truth, &rows, sidebands),
            natural: rows.iter().map(|row| row.natural).collect(),
        }
    }

    /// The mesh, where forms hold the datasets.
    pub fn mesh(&self) -> Option<&Mesh> {
        self.mesh.as_ref()
    }

    /// Memory, used from one piece of work to the next.
    pub fn memory(&self) -> BlockMemory {
        let datasets = self.analysis.predictions.len();
        BlockMemory {
            memory: self.mesh.as_ref().map(Mesh::memory),
            drawn: vec![vec![Drawn::default(); datasets]; SIDE_BY_SIDE],
        }
    }

    /// The minima of toys by their numbers; none where a fit failed. No toy depends on which others are asked for.
    pub fn minima(&self, numbers: &[u64], memory: &mut BlockMemory) -> Vec<Option<Minimum>> {
        let found = self.side_by_side(numbers, memory);
        numbers.iter().zip(found).map(|(number, found)| found.or_else(|| self.alone(*number))).collect()
    }

    /// The same by forms alone: none of a toy that is for the search of single ones.
    pub fn side_by_side(&self, numbers: &[u64], memory: &mut BlockMemory) -> Vec<Option<Minimum>> {
        self.of_forms(numbers, memory, |mesh, toys, _, memory| mesh.lowest(toys, memory))
    }

    /// The same in f64 from near places, where a GPU has found the minima; they are not scanned for.
    #[cfg(feature = "gpu")]
    pub(super) fn minima_near(&self, toys: &[(u64, Lowest)], memory: &mut BlockMemory) -> Vec<Option<Minimum>> {
        let (numbers, near): (Vec<u64>, Vec<Lowest>) = toys.iter().copied().unzip();
        self.of_forms(&numbers, memory, |mesh, toys, first, memory| {
            mesh.lowest_near(toys, &near[first..first + toys.len()], memory)
        })
    }

    /// Draws toys, and has their minima found by forms, at most [`SIDE_BY_SIDE`] at a time, of which the first is given by
    /// its place.
    fn of_forms(
        &self,
        numbers: &[u64],
        memory: &mut BlockMemory,
        find: impl Fn(&Mesh, &[Vec<Drawn>], usize, &mut Memory) -> Vec<Option<Lowest>>,
    ) -> Vec<Option<Minimum>> {
        let (Some(mesh), Some(own)) = (&self.mesh, &mut memory.memory) else { return vec![None; numbers.len()] };
        let mut minima = Vec::with_capacity(numbers.len());
        for (block, numbers) in numbers.chunks(SIDE_BY_SIDE).enumerate() {
            for (number, drawn) in numbers.iter().zip(&mut memory.drawn) {
                self.draw(*number, drawn);
            }
            let found = find(mesh, &memory.drawn[..numbers.len()], block * SIDE_BY_SIDE, own);
            minima.extend(found.into_iter().map(|found| Some(self.minimum(&found?))));
        }
        minima
    }

    /// Seed of all random numbers.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Names of the datasets.
    #[cfg(feature = "gpu")]
    pub(super) fn data_name(&self) -> String {
        self.analysis.data_name()
    }

    /// Room for the numbers of a toy.
    #[cfg(feature = "gpu")]
    pub(super) fn room(&self) -> Vec<Drawn> {
        vec![Drawn::default(); self.analysis.predictions.len()]
    }

    /// The numbers of a toy, those of each dataset into `drawn`.
    pub(super) fn draw(&self, number: u64, drawn: &mut [Drawn]) {
        draw_numbers(self.analysis, self.truth, number, self.sidebands, drawn);
    }

    /// A toy by the search for single ones.
    fn alone(&self, number: u64) -> Option<Minimum> {
        self.search.minimum(&draw_toy(self.analysis, self.truth, number, self.sidebands))
    }

    /// The natural coupling at a mass; of the truth's own row, that of the truth.
    fn natural_at(&self, row: usize, ln_mass: f64) -> f64 {
        let own = self.natural.len() - 1;
        match &self.mesh {
            Some(mesh) if row < own => mesh.at_mass(ln_mass, |row| self.natural[row].ln()).exp(),
            _ => self.natural[row],
        }
    }

    pub(super) fn minimum(&self, found: &Lowest) -> Minimum {
        let truth = self.truth.point;
        let point = |place: Where| match place {
            Where::StandardModel => Point { mass_mev: truth.mass_mev, coupling: 0.0 },
            Where::Truth => truth,
            Where::At { ln_mass, row, ln_x } => {
                Point { mass_mev: ln_mass.exp(), coupling: self.natural_at(row, ln_mass) * (0.5 * ln_x).exp() }
            }
        };
        Minimum {
            chi2_truth: found.chi2_truth,
            chi2_sm: found.chi2_sm,
            chi2: found.plane.0,
            point: point(found.plane.1),
            chi2_at_mass: found.row.0,
            coupling_at_mass: point(found.row.1).coupling,
        }
    }
}

impl Templates {
    /// All masses in rising order, then that of the truth.
    fn by_mass(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows[..self.rows.len() - 1].iter().chain(&self.fine).collect();
        rows.sort_by(|a, b| a.mass_mev.total_cmp(&b.mass_mev));
        rows.push(&self.rows[self.rows.len() - 1]);
        rows
    }
}

/// g/natural of the steps.
fn ratios() -> Vec<f64> {
    let of_section = |(from, to, per_decade): (f64, f64, f64)| {
        let count = ((to - from) * per_decade).round() as usize;
        (0..count).map(move |i| 10f64.powf(from + i as f64 / per_decade))
    };
    SECTIONS.into_iter().flat_map(of_section).collect()
}

fn mesh(analysis: &Analysis, truth: &Truth, rows: &[&Row], sidebands: Sidebands) -> Option<Mesh> {
    if analysis.together.is_some() {
        return None;
    }
    let layouts = analysis.predictions.iter().map(|prediction| {
        let (experiment, measurement) = (&prediction.experiment, &prediction.experiment.measurement);
        let variance = match &experiment.dataset.statistic {
            Statistic::Poisson => None,
            given @ Statistic::Gaussian { beyond_counts: None, .. } => {
                given.uncorrelated().map(|own| Variance { follows_counts: false, values: own.to_vec() })
            }
            Statistic::Gaussian { beyond_counts: Some(beyond), .. } => {
                Some(Variance { follows_counts: true, values: beyond.clone() })
            }
        };
        Layout::new(&measurement.expectation, &measured(&experiment.dataset, sidebands), variance)
    });
    let layouts: Vec<Layout> = layouts.collect::<Option<_>>()?;
    let mass = |row: &&Row| Mass { mass_mev: row.mass_mev, natural: row.natural, slices: row.slices.clone() };
    let masses: Vec<Mass> = rows.iter().map(mass).collect();
    let ratio = truth.point.coupling / rows.last()?.natural;
    let starts =
        analysis.predictions.iter().zip(&truth.datasets).map(|(prediction, own)| start(prediction, own)).collect();
    Some(Mesh::new(layouts, &masses, &ratios(), ratio, starts, analysis.simd()))
}

/// Where a dataset's first reference is.
fn start(prediction: &crate::analysis::Prediction, own: &DatasetTruth) -> Start {
    let expectation = &prediction.experiment.measurement.expectation;
    let parameters = expectation.parameters.iter().zip(&own.pulls);
    Start {
        signal: own.signal_as_drawn(expectation),
        values: parameters.map(|(parameter, pull)| parameter.central + parameter.sigma * pull).collect(),
    }
}
