//! Event rates against the recoil energy, flavour by flavour: as nuclei recoil, and as the analysis sees them.
//!
//! Both are of the whole exposure, before nuisance parameters. [`Spectrum::of_recoils`] is dN/dT' of (2.4) with the
//! response left out: what nuclei do, above any threshold or below. [`Spectrum::in_bins`] is what `point` counts:
//! quenching, resolution, efficiency and the share of the time window are in, and energies are those of the analysis'
//! bins, since only there data and expectation meet. To stand beside the other it is divided by the widths of the bins in
//! recoil energy, between the energies whose mean reconstructed energies are the edges.

use crate::base::constants::KEV_IN_MEV;
use crate::base::grid::Axis;
use crate::dataset::{Dataset, Scattering};
use crate::physics::cross_section::zero_rate_recoil_energy_mev;
use crate::physics::flux::Component;
use crate::physics::model::{Lepton, Model};
use crate::physics::nuclear::Isotope;
use crate::{Error, Result};

use super::cpu::add_counts;
use super::process::Process;
use super::{Nodes, Point};

/// How near to a jump it is sampled on both sides, relative.
const BESIDE: f64 = 1e-9;
/// Energies around a zero, relative to it: a zero between the points of a grid would look like a shallow dip.
const AROUND_ZERO: [f64; 9] = [0.0, 1e-4, 3e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2];

/// One flavour's share of a spectrum, or that of a process besides CEvNS.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FlavourRate {
    /// Name in tables, e.g. `nu_mu_bar`.
    pub name: &'static str,
    /// Name in figures, in their markup.
    pub label: &'static str,
    /// Events per keV at each energy, or events in each bin.
    pub values: Vec<f64>,
}

/// Where the values of a spectrum stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Abscissa {
    /// At true recoil energies; values are events per keV.
    Recoils {
        /// The energies (keV).
        energies_kev: Vec<f64>,
    },
    /// In bins of reconstructed energy; values are events.
    Bins {
        /// Edges in the dataset's unit.
        edges: Vec<f64>,
        /// Recoil energies (keV) whose mean reconstructed energies are the edges.
        recoil_edges_kev: Vec<f64>,
    },
}

/// Event rates of one model at one point of its plane.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Spectrum {
    /// Where the values stand.
    pub abscissa: Abscissa,
    /// The values: of CEvNS in the order of the source's flavours, then of other processes, all flavours together.
    pub flavours: Vec<FlavourRate>,
}

/// A recoil energy at which a flavour does not scatter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ZeroRate {
    /// The nuclide, e.g. `40Ar`.
    pub isotope: String,
    /// Generation of the neutrinos.
    pub lepton: Lepton,
    /// Recoil energy (keV).
    pub recoil_energy_kev: f64,
}

impl Spectrum {
    /// dN/dT' at true recoil energies (keV), without response.
    pub fn of_recoils(dataset: &Dataset, model: &Model, point: Point, energies_kev: &[f64]) -> Spectrum {
        let processes = Process::all(dataset);
        let rates = |scattering: Scattering, component: &Component| -> Vec<f64> {
            let of_kind = || processes.iter().filter(move |process| process.kind() == scattering);
            energies_kev.iter().map(|kev| per_kev(of_kind(), model, point, component, *kev)).collect()
        };
        let flavours = parts(dataset, |scattering, index| rates(scattering, &dataset.source.components[index]));
        Spectrum { abscissa: Abscissa::Recoils { energies_kev: energies_kev.to_vec() }, flavours }
    }

    /// Events in the bins of reconstructed energy; `nodes` are those of the dataset.
    pub fn in_bins(dataset: &Dataset, nodes: &Nodes, model: &Model, point: Point) -> Spectrum {
        let plan = nodes.plan(dataset, model);
        let flavours = parts(dataset, |scattering, index| {
            let mut values = vec![0.0; dataset.energy_bins()];
            for range in nodes.of(scattering, index) {
                add_counts(&plan, point, range, &mut values);
            }
            let class = dataset.source.components[index].class;
            let window = &dataset.time_fractions[class * dataset.time_bins()..][..dataset.time_bins()];
            let share: f64 = window.iter().sum();
            values.iter_mut().for_each(|value| *value *= share);
            values
        });
        let edges = dataset.response.energy_edges.clone();
        Spectrum { abscissa: Abscissa::Bins { edges, recoil_edges_kev: dataset.response.recoil_edges_kev() }, flavours }
    }

    /// The same, if every rate is a number.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a point at which f64 cannot hold them.
    pub fn finite(self, point: Point) -> Result<Spectrum> {
        let total = self.total();
        match total.iter().find(|value| !value.is_finite()) {
            None => Ok(self),
            Some(value) => {
                let place = format!("mass {:e} MeV and coupling {:e}", point.mass_mev, point.coupling);
                Err(Error::out_of_range(format!("event rate at {place}"), value, "finite; the coupling is too large"))
            }
        }
    }

    /// Sum over the flavours.
    pub fn total(&self) -> Vec<f64> {
        let length = self.flavours.first().map_or(0, |flavour| flavour.values.len());
        (0..length).map(|i| self.flavours.iter().map(|flavour| flavour.values[i]).sum()).collect()
    }

    /// Values of this spectrum as events per keV of recoil energy.
    pub fn per_kev(&self, values: &[f64]) -> Vec<f64> {
        match &self.abscissa {
            Abscissa::Recoils { .. } => values.to_vec(),
            Abscissa::Bins { recoil_edges_kev, .. } => {
                recoil_edges_kev.windows(2).zip(values).map(|(bin, events)| events / (bin[1] - bin[0])).collect()
            }
        }
    }

    /// The line of values of this spectrum: (recoil energy (keV), events per keV), in steps where they are in bins.
    pub fn line(&self, values: &[f64]) -> Vec<[f64; 2]> {
        let values = self.per_kev(values);
        match &self.abscissa {
            Abscissa::Recoils { energies_kev } => energies_kev.iter().zip(&values).map(|(x, y)| [*x, *y]).collect(),
            Abscissa::Bins { recoil_edges_kev, .. } => {
                let bins = recoil_edges_kev.windows(2).zip(&values);
                bins.flat_map(|(edges, value)| [[edges[0], *value], [edges[1], *value]]).collect()
            }
        }
    }
}

/// The shares of a dataset's spectrum from the values of a process and a flavour (its index).
fn parts(dataset: &Dataset, values: impl Fn(Scattering, usize) -> Vec<f64>) -> Vec<FlavourRate> {
    let components = dataset.source.components.iter().enumerate();
    let of = |scattering: &Scattering| -> Vec<FlavourRate> {
        match scattering {
            Scattering::Cevns => components
                .clone()
                .map(|(index, component)| FlavourRate {
                    name: component.name,
                    label: component.label,
                    values: values(Scattering::Cevns, index),
                })
                .collect(),
            Scattering::Electrons => {
                let sum = |mut sum: Vec<f64>, more: Vec<f64>| {
                    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                    sum
                };
                let all = components.clone().map(|(index, _)| values(Scattering::Electrons, index)).reduce(sum);
                vec![FlavourRate { name: "electrons", label: "on electrons", values: all.unwrap_or_default() }]
            }
        }
    };
    dataset.processes.iter().flat_map(of).collect()
}

/// dN/dT' of one flavour by some processes, events per keV.
fn per_kev<'p>(
    processes: impl Iterator<Item = &'p Process<'p>>,
    model: &Model,
    point: Point,
    component: &Component,
    recoil_energy_kev: f64,
) -> f64 {
    let t = recoil_energy_kev * KEV_IN_MEV;
    let within = processes.filter(|process| t <= process.end_point_mev(component));
    let rates = within.map(|process| process.events_per_mev(model, component, t, (point.mass_mev, point.coupling)));
    rates.sum::<f64>() * KEV_IN_MEV
}

fn end_point_mev(isotope: &Isotope, component: &Component) -> f64 {
    isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev())
}

/// The end points 2 E_max^2/M of all flavours on all nuclei (keV), increasing, each once.
pub fn end_points_kev(dataset: &Dataset) -> Vec<f64> {
    let components = &dataset.source.components;
    let of_target = |isotope| components.iter().map(move |component| end_point_mev(isotope, component) / KEV_IN_MEV);
    let mut ends: Vec<f64> = dataset.targets.iter().flat_map(|target| of_target(&target.isotope)).collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * *b);
    ends
}

/// The lowest recoil energies at which the flavours do not scatter (3.17, 3.18, 3.21), nucleus by nucleus; those that
/// have none up to their end point are left out.
pub fn zero_rates(dataset: &Dataset, model: &Model, point: Point) -> Vec<ZeroRate> {
    let components = &dataset.source.components;
    let mut found = Vec::new();
    for target in &dataset.targets {
        for lepton in Lepton::ALL {
            let own = components.iter().filter(|component| component.lepton == lepton);
            let highest = own.map(|component| end_point_mev(&target.isotope, component)).fold(0.0, f64::max);
            let place = (point.mass_mev, point.coupling);
            if let Some(t) = zero_rate_recoil_energy_mev(model, &target.isotope, lepton, place, highest) {
                let isotope = target.isotope.name.clone();
                found.push(ZeroRate { isotope, lepton, recoil_energy_kev: t / KEV_IN_MEV });
            }
        }
    }
    found
}

/// Recoil energies (keV) that show a spectrum of these models as it is: `points` logarithmic ones over `range`,
/// both sides of each end point, and the neighbourhood of each zero.
///
/// # Errors
/// A range that is not positive, finite and increasing, or fewer than 2 points.
pub fn energies_kev<'a>(
    dataset: &Dataset,
    models: impl IntoIterator<Item = (&'a Model, Point)>,
    range: (f64, f64),
    points: usize,
) -> Result<Vec<f64>> {
    let grid = Axis::logarithmic("recoil energy", "keV", range, points)?.values;
    let ends = end_points_kev(dataset).into_iter().flat_map(|end| [end * (1.0 - BESIDE), end * (1.0 + BESIDE)]);
    let zeros = models.into_iter().flat_map(|(model, point)| zero_rates(dataset, model, point));
    let around = zeros.flat_map(|zero| {
        AROUND_ZERO
            .into_iter()
            .flat_map(move |part| [1.0 - part, 1.0 + part].map(|factor| factor * zero.recoil_energy_kev))
    });
    let mut energies: Vec<f64> =
        grid.into_iter().chain(ends).chain(around).filter(|t| (range.0..=range.1).contains(t)).collect();
    energies.sort_by(f64::total_cmp);
    energies.dedup();
    Ok(energies)
}
