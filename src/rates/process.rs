//! What neutrinos scatter off: the processes whose nodes a plan is the list of.
//!
//! A process gives, at one recoil energy and for one flavour of the source, squares of amplitudes with weights
//! ([`Square`]), the momentum transfer, and what the detector makes of the recoil. CEvNS on each nucleus is one, scattering
//! on the target's electrons another; engines add up the nodes of all and know nothing of the difference.

use std::borrow::Cow;

use crate::base::constants::{ELECTRON_MASS_MEV, HBAR_C_MEV_FM};
use crate::dataset::{Dataset, Scattering, Target};
use crate::physics::cross_section::{
    ElectronBracket, electron_exchange, electron_prefactor_per_mev3, electron_scalar_factor_mev3,
    magnetic_prefactor_per_mev2, max_electron_energy_mev, mediator_amplitude, min_neutrino_energy_mev,
    scalar_prefactor_mev3, vector_prefactor_per_mev3, weak_charge,
};
use crate::physics::detector::Response;
use crate::physics::flux::Component;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::nuclear::Shell;
use crate::physics::weak_couplings::WeakCouplings;

/// (hbar c)^2 in MeV^2 cm^2: cross sections from MeV^-2 to cm^2.
const MEV2_CM2: f64 = HBAR_C_MEV_FM * HBAR_C_MEV_FM * 1e-26;

/// Neutrinos of a dataset's source on one kind of particle of its target.
pub(super) struct Process<'a> {
    particle: Particle<'a>,
    /// 1/cm^2 times (hbar c)^2: events from targets and cross sections in MeV^-2.
    fluence_mev2: f64,
    /// What becomes of a recoil.
    pub response: Cow<'a, Response>,
}

enum Particle<'a> {
    /// Nuclei of one isotope, hit as a whole.
    Nucleus(&'a Target),
    /// Shells of the target's atoms, `Shell::electrons` counting all in the active mass; by falling binding energy.
    Electrons(Vec<Shell>),
}

/// W_v (a + x sum_t b_t P_t)^2 + W_s (x sum_t s_t P_t)^2 at one recoil energy: events per MeV in the exposure, without
/// response. The exchanges b_t and s_t are those of [`Process::exchange`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Square {
    /// W_v, of either sign.
    pub weight_vector: f64,
    /// W_s [MeV^4 on nuclei, MeV^3 on electrons], of either sign.
    pub weight_scalar: f64,
    /// a, the Standard Model's amplitude.
    pub standard_model: f64,
    /// What else can add to it.
    pub role: SquareRole,
}

/// What an amplitude is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SquareRole {
    /// A vector coupling, to which mediators add.
    Vector,
    /// What neither mediators nor vector couplings touch: b_t and s_t are 0.
    Rest,
    /// A neutrino's magnetic moment times the charge it sees: 0 in the Standard Model.
    MagneticMoment,
}

/// What the recoil integral is looked at with, per MeV: the Standard Model's events, and what stands before the square of
/// a vector's and a scalar's propagator but for constants.
pub(super) struct Intensities {
    pub standard_model: f64,
    pub vector: f64,
    pub scalar: f64,
}

impl<'a> Process<'a> {
    /// The processes of a dataset: CEvNS on each nucleus, then others in the order of the dataset.
    pub fn all(dataset: &'a Dataset) -> Vec<Process<'a>> {
        let fluence_mev2 = dataset.fluence_per_cm2 * MEV2_CM2;
        let of = |kind: &Scattering| -> Vec<Process> {
            match kind {
                Scattering::Cevns => {
                    let response = || Cow::Borrowed(&dataset.response);
                    let nucleus =
                        |target| Process { particle: Particle::Nucleus(target), fluence_mev2, response: response() };
                    dataset.targets.iter().map(nucleus).collect()
                }
                Scattering::Electrons => {
                    let particle = || Particle::Electrons(shells(&dataset.targets));
                    let response = dataset.response.of_electrons().map(Cow::Owned);
                    response
                        .map(|response| Process { particle: particle(), fluence_mev2, response })
                        .into_iter()
                        .collect()
                }
            }
        };
        dataset.processes.iter().flat_map(of).collect::<Vec<_>>()
    }

    /// The kind that it is of.
    pub fn kind(&self) -> Scattering {
        match self.particle {
            Particle::Nucleus(_) => Scattering::Cevns,
            Particle::Electrons(_) => Scattering::Electrons,
        }
    }

    /// What is hit, for messages: `133Cs`, `electrons`.
    pub fn target(&self) -> &str {
        match &self.particle {
            Particle::Nucleus(target) => &target.isotope.name,
            Particle::Electrons(_) => "electrons",
        }
    }

    /// |q|^2 [MeV^2] of a recoil (MeV).
    pub fn q2_mev2(&self, t: f64) -> f64 {
        match &self.particle {
            Particle::Nucleus(target) => target.isotope.momentum_transfer_squared_mev2(t),
            Particle::Electrons(_) => 2.0 * ELECTRON_MASS_MEV * t,
        }
    }

    /// The largest recoil energy (MeV) that a neutrino of this energy (MeV) gives.
    pub fn max_recoil_energy_mev(&self, neutrino_energy_mev: f64) -> f64 {
        match &self.particle {
            Particle::Nucleus(target) => target.isotope.max_recoil_energy_mev(neutrino_energy_mev),
            Particle::Electrons(_) => max_electron_energy_mev(neutrino_energy_mev),
        }
    }

    /// The largest recoil energy (MeV) of a flavour.
    pub fn end_point_mev(&self, component: &Component) -> f64 {
        self.max_recoil_energy_mev(component.spectrum.max_energy_mev())
    }

    /// Recoil energies (MeV), increasing, at which the events jump: more electrons can be set free.
    pub fn jumps_mev(&self) -> Vec<f64> {
        match &self.particle {
            Particle::Nucleus(_) => Vec::new(),
            Particle::Electrons(shells) => shells.iter().rev().map(|shell| shell.binding_mev).collect(),
        }
    }

    /// Weights and amplitudes at a recoil energy (MeV) up to the flavour's end point; so many as at any other energy.
    pub fn squares(&self, component: &Component, t: f64) -> Vec<Square> {
        match &self.particle {
            Particle::Nucleus(target) => {
                let isotope = &target.isotope;
                let exposure = target.nuclei * self.fluence_mev2;
                let min_energy_mev = (0.5 * isotope.mass_mev() * t).sqrt();
                let inverse_square = component.spectrum.moment(-2, min_energy_mev);
                let bracket =
                    component.spectrum.moment(0, min_energy_mev) - 0.5 * isotope.mass_mev() * t * inverse_square;
                vec![Square {
                    // The bracket is an integral over (1 - M T/(2E^2)) >= 0; rounding at the end point must not turn it.
                    weight_vector: exposure * vector_prefactor_per_mev3(isotope) * bracket.max(0.0),
                    weight_scalar: exposure * scalar_prefactor_mev3(isotope, t) * inverse_square.max(0.0),
                    standard_model: weak_charge(isotope, component.lepton, self.q2_mev2(t)),
                    role: SquareRole::Vector,
                }]
            }
            Particle::Electrons(shells) => {
                let free: f64 = shells.iter().filter(|shell| shell.binding_mev < t).map(|shell| shell.electrons).sum();
                let exposure = free * self.fluence_mev2;
                let min_energy_mev = min_neutrino_energy_mev(t);
                let moments = [0, -1, -2].map(|power| component.spectrum.moment(power, min_energy_mev));
                let bracket = ElectronBracket::new(component.lepton, component.is_anti, t, moments);
                let vector = exposure * electron_prefactor_per_mev3();
                vec![
                    Square {
                        weight_vector: vector * bracket.square,
                        weight_scalar: exposure * electron_scalar_factor_mev3(t) * moments[2].max(0.0),
                        standard_model: bracket.amplitude,
                        role: SquareRole::Vector,
                    },
                    Square {
                        weight_vector: vector * bracket.rest,
                        weight_scalar: 0.0,
                        standard_model: 1.0,
                        role: SquareRole::Rest,
                    },
                ]
            }
        }
    }

    /// What a magnetic moment adds at a recoil energy (MeV) up to the flavour's end point; its amplitude is that of
    /// [`Process::amplitude`].
    pub fn magnetic_square(&self, component: &Component, t: f64) -> Square {
        let (targets, min_energy_mev) = match &self.particle {
            Particle::Nucleus(target) => (target.nuclei, (0.5 * target.isotope.mass_mev() * t).sqrt()),
            Particle::Electrons(shells) => {
                let free = shells.iter().filter(|shell| shell.binding_mev < t).map(|shell| shell.electrons).sum();
                (free, min_neutrino_energy_mev(t))
            }
        };
        let [zeroth, inverse] = [0, -1].map(|power| component.spectrum.moment(power, min_energy_mev));
        // E >= T: the bracket is positive, but for rounding at the end point.
        let bracket = (zeroth / t - inverse).max(0.0);
        Square {
            weight_vector: targets * self.fluence_mev2 * magnetic_prefactor_per_mev2() * bracket,
            weight_scalar: 0.0,
            standard_model: 0.0,
            role: SquareRole::MagneticMoment,
        }
    }

    /// The amplitude without mediators of a square with the paper's amplitude `standard`, for other couplings.
    pub fn amplitude(
        &self,
        role: SquareRole,
        couplings: &WeakCouplings,
        lepton: Lepton,
        q2_mev2: f64,
        standard: f64,
    ) -> f64 {
        match (role, &self.particle) {
            (SquareRole::Rest, _) => standard,
            (SquareRole::Vector, Particle::Nucleus(target)) => couplings.charge(&target.isotope, lepton, q2_mev2),
            (SquareRole::Vector, Particle::Electrons(_)) => {
                standard + (couplings.electron(lepton) - WeakCouplings::default().electron(lepton))
            }
            (SquareRole::MagneticMoment, Particle::Nucleus(target)) => {
                couplings.magnetic_moment(lepton) * target.isotope.coherent_protons(q2_mev2)
            }
            (SquareRole::MagneticMoment, Particle::Electrons(_)) => couplings.magnetic_moment(lepton),
        }
    }

    /// What an exchange at g = 1 adds to the amplitude, times (|q|^2 + M^2).
    pub fn exchange(&self, interaction: &Interaction, lepton: Lepton, q2_mev2: f64) -> f64 {
        match &self.particle {
            Particle::Nucleus(target) => mediator_amplitude(interaction, &target.isotope, lepton, q2_mev2),
            Particle::Electrons(_) => electron_exchange(interaction, lepton, q2_mev2),
        }
    }

    /// What the integral over recoils is judged by.
    pub fn intensities(&self, component: &Component, t: f64) -> Intensities {
        let squares = self.squares(component, t);
        match &self.particle {
            Particle::Nucleus(target) => {
                let Square { weight_vector, weight_scalar, standard_model, .. } = squares[0];
                let q2 = self.q2_mev2(t);
                let charge = target.isotope.coherent_protons(q2) + target.isotope.coherent_neutrons(q2);
                let vector = weight_vector * standard_model.powi(2);
                Intensities { standard_model: vector, vector, scalar: weight_scalar * charge.powi(2) }
            }
            Particle::Electrons(_) => Intensities {
                standard_model: squares.iter().map(|square| square.weight_vector * square.standard_model.powi(2)).sum(),
                vector: squares[0].weight_vector,
                scalar: squares[0].weight_scalar,
            },
        }
    }

    /// Events per MeV of true recoil energy in the exposure, without response, at a point (mass (MeV), coupling).
    pub fn events_per_mev(
        &self,
        model: &Model,
        component: &Component,
        t: f64,
        (mass_mev, coupling): (f64, f64),
    ) -> f64 {
        let q2 = self.q2_mev2(t);
        let (mut vector, mut scalar) = (0.0, 0.0);
        for mediator in &model.mediators {
            let exchange = (mediator.coupling_ratio * coupling).powi(2)
                / (q2 + (mediator.mass_ratio * mass_mev).powi(2))
                * self.exchange(&mediator.interaction, component.lepton, q2);
            match mediator.interaction {
                Interaction::Vector(_) => vector += exchange,
                Interaction::Scalar(_) => scalar += exchange,
            }
        }
        let couplings = WeakCouplings::of(model.standard);
        let events = self.squares(component, t).into_iter().map(|square| {
            let standard = match model.standard.is_usual() {
                true => square.standard_model,
                false => self.amplitude(square.role, &couplings, component.lepton, q2, square.standard_model),
            };
            let (vector, scalar) = if square.role == SquareRole::Vector { (vector, scalar) } else { (0.0, 0.0) };
            square.weight_vector * (standard + vector).powi(2) + square.weight_scalar * scalar.powi(2)
        });
        events.sum()
    }
}

/// The electrons of all atoms of a target by binding energy, the most tightly bound first.
fn shells(targets: &[Target]) -> Vec<Shell> {
    let of = |target: &Target| {
        let nuclei = target.nuclei;
        let shells = target.isotope.shells().unwrap_or(&[]).iter();
        shells.map(move |shell| Shell { electrons: nuclei * shell.electrons, ..*shell })
    };
    let mut shells: Vec<Shell> = targets.iter().flat_map(of).collect();
    shells.sort_by(|a, b| b.binding_mev.total_cmp(&a.binding_mev));
    shells
}
