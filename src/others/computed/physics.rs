//! The families of experiments under one name: reading their files, and what they count for a model.

use std::path::Path;

use crate::Result;
use crate::base::document::{Bound, Section};
use crate::others::couplings::{Exchange, only_scalar, require_electron_charge, vectors};
use crate::others::polynomial::{Bounds, Counted, Observable};
use crate::others::recast::hadrons::Hadrons;
use crate::others::rescale::FourMuons;
use crate::others::setting::{Criterion, Measured, Setting};
use crate::physics::model::{Interaction, Lepton, Model, VectorCouplings};

use super::{Decay, Matter, Rate, Recoils, Trident, early_universe, electron_moment, neutrons, phase_space};

/// How a limit is computed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Physics {
    /// A rate of neutrinos on electrons over the Standard Model's; or over that of another rate.
    Electrons(Box<(Rate, Option<Rate>)>),
    /// Pairs of muons, over the Standard Model's.
    Trident(Trident),
    /// What the mediator adds to the electron's magnetic moment.
    ElectronMoment,
    /// A rate of nuclear recoils over the Standard Model's.
    Recoils(Recoils),
    /// The strength of a force of neutrons on lead over (M/MeV)^4; vectors only where the file says so.
    Neutrons {
        /// Whether vector mediators are bounded too.
        vectors: bool,
    },
    /// A decay width of a meson over that to a muon and a neutrino.
    MesonDecay(Decay),
    /// The squared coupling of double beta decay, for the energy (MeV) that it sets free.
    DoubleBeta(f64),
    /// The number of neutrinos in the early Universe, for couplings above this over |Q'_mu|.
    EarlyUniverse(f64),
    /// A difference of non-standard interactions in matter.
    Matter(Matter),
    /// A curve of a search for four muons, rescaled.
    FourMuons(FourMuons),
}

/// Why a setting gives no limit on a model, in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Unusable {
    /// It is not about such a model.
    NoLimit(String),
    /// It excludes the Standard Model itself, whatever the coupling.
    StandardModelExcluded(String),
}

impl From<String> for Unusable {
    fn from(reason: String) -> Unusable {
        Unusable::NoLimit(reason)
    }
}

/// Names of the families in files.
const NAMES: [&str; 10] = [
    "electrons",
    "trident",
    "electron-moment",
    "nuclear-recoils",
    "neutrons-on-lead",
    "meson-decay",
    "double-beta",
    "early-universe",
    "matter",
    "four-muons",
];

impl Physics {
    /// Reads what `physics` names.
    ///
    /// # Errors
    /// An unknown family, and what its section lacks.
    pub(crate) fn read(whole: &Section, folder: &Path) -> Result<Physics> {
        let rate = |key: &str| whole.section(key)?.read(|section| Rate::read(section, folder));
        Ok(match whole.choice("physics", &NAMES)? {
            "electrons" => {
                let over = whole.has("over").then(|| rate("over")).transpose()?;
                Physics::Electrons(Box::new((rate("rate")?, over)))
            }
            "trident" => Physics::Trident(whole.section("rate")?.read(Trident::read)?),
            "electron-moment" => Physics::ElectronMoment,
            "nuclear-recoils" => {
                Physics::Recoils(whole.section("rate")?.read(|section| Recoils::read(section, folder))?)
            }
            "neutrons-on-lead" => Physics::Neutrons { vectors: whole.flag("vectors", false)? },
            "meson-decay" => Physics::MesonDecay(whole.section("decay")?.read(Decay::read)?),
            "double-beta" => Physics::DoubleBeta(whole.number("energy_mev", Bound::PositiveUpTo(100.0))?),
            "early-universe" => Physics::EarlyUniverse(whole.number("coupling", Bound::PositiveUpTo(1.0))?),
            "matter" => Physics::Matter(whole.section("matter")?.read(Matter::read)?),
            _ => Physics::FourMuons(whole.section("curve")?.read(|section| FourMuons::read(section, folder))?),
        })
    }

    /// The key of the number that a setting may hold.
    pub(crate) fn parameter(&self) -> Option<&'static str> {
        match self {
            Physics::Neutrons { .. } => Some("born_kev"),
            Physics::EarlyUniverse(_) => Some("decoupling_mev"),
            _ => None,
        }
    }

    /// Whether a setting can be applied.
    ///
    /// # Errors
    /// In words: what it must be.
    pub(crate) fn check(&self, setting: &Setting) -> Result<(), String> {
        let fits = match (self, setting.criterion) {
            (Physics::Electrons(rates), Criterion::WeakAngle(_)) => rates.1.is_some(),
            (Physics::Electrons(rates), Criterion::MagneticMoment(_)) => rates.1.is_none(),
            (_, Criterion::WeakAngle(_) | Criterion::MagneticMoment(_)) => false,
            (Physics::EarlyUniverse(_), _) => setting.parameter.is_some(),
            _ => true,
        };
        let bound = "a criterion of this physics: sin^2 theta_W is for ratios of rates on electrons, a magnetic moment for \
                     one rate, decoupling_mev for the early Universe";
        fits.then_some(()).ok_or_else(|| bound.to_owned())
    }

    /// What a setting excludes for a model, by mass; `hadrons` for widths of bosons that couple to quarks.
    ///
    /// # Errors
    /// Why there is no limit on this model.
    pub fn prepare<'a>(
        &'a self,
        model: &'a Model,
        setting: &Setting,
        z: f64,
        hadrons: Option<&Hadrons>,
    ) -> Result<Counted<'a>, Unusable> {
        let bounds = self.bounds(setting, z);
        match self {
            Physics::EarlyUniverse(coupling) => {
                let least = coupling / early_universe::charge(model)?;
                let decoupling_mev = setting.parameter.unwrap_or(1.0);
                let effective = move |mass: f64| early_universe::effective_neutrinos(mass, decoupling_mev);
                let excluded =
                    move |mass| if bounds.hold(effective(mass)) { vec![] } else { vec![(least, f64::INFINITY)] };
                return Ok(Box::new(excluded));
            }
            Physics::FourMuons(curve) => return Ok(curve.prepare(model, hadrons)?),
            _ => {}
        }
        let observable = self.observable(model, setting)?;
        let standard = observable(1.0).at(0.0);
        if !bounds.hold(standard) {
            let reason = format!("the Standard Model itself, {standard:.4}, is outside of what is allowed");
            return Err(Unusable::StandardModelExcluded(reason));
        }
        Ok(Box::new(move |mass| observable(mass).excluded(bounds)))
    }

    /// What the experiment counts for a model, by mass.
    fn observable<'a>(
        &'a self,
        model: &'a Model,
        setting: &Setting,
    ) -> Result<Box<dyn Fn(f64) -> Observable + Send + Sync + 'a>, String> {
        Ok(match self {
            Physics::Electrons(rates) => {
                let vectors = vectors(model)?;
                require_electron_charge(&vectors)?;
                require_neutrinos(rates.0.flavours(), &vectors)?;
                let rate = rates.0.prepare(&vectors);
                match rates.1.as_ref().map(|over| over.prepare(&vectors)) {
                    None => Box::new(move |mass| Observable::polynomial(rate.at(mass))),
                    Some(over) => {
                        Box::new(move |mass| Observable { numerator: rate.at(mass), denominator: over.at(mass) })
                    }
                }
            }
            Physics::Trident(trident) => {
                let vectors = vectors(model)?;
                if vectors.iter().all(|exchange| exchange.couplings.charges.muon == 0.0) {
                    return Err("muons have no charge".to_owned());
                }
                Box::new(move |mass| Observable::polynomial(trident.at(&vectors, mass)))
            }
            Physics::ElectronMoment => {
                if model.mediators.iter().all(|mediator| matches!(mediator.interaction, Interaction::Vector(_))) {
                    require_electron_charge(&vectors(model)?)?;
                }
                Box::new(move |mass| Observable::polynomial([0.0, electron_moment(model, mass), 0.0]))
            }
            Physics::Recoils(recoils) => {
                let rate = recoils.prepare(model);
                if !rate.is_sensitive() {
                    return Err("electron neutrinos have no charge".to_owned());
                }
                Box::new(move |mass| Observable::polynomial(rate.at(mass)))
            }
            Physics::Neutrons { vectors } => {
                if !vectors {
                    only_scalar(model)?;
                }
                let force = neutrons::force(model, setting.parameter)?;
                Box::new(move |mass| Observable::polynomial([0.0, force(mass), 0.0]))
            }
            Physics::MesonDecay(decay) => {
                only_scalar(model)?;
                Box::new(move |mass| Observable::polynomial([0.0, decay.ratio(mass), 0.0]))
            }
            Physics::DoubleBeta(energy_mev) => {
                only_scalar(model)?;
                Box::new(move |mass| Observable::polynomial([0.0, phase_space(*energy_mev, mass), 0.0]))
            }
            Physics::Matter(matter) => {
                let per_coupling = matter.per_coupling_mev2(model)?;
                Box::new(move |mass| Observable::polynomial([0.0, per_coupling / (mass * mass), 0.0]))
            }
            Physics::EarlyUniverse(_) | Physics::FourMuons(_) => return Err("no polynomial".to_owned()),
        })
    }

    /// The bounds of a setting on what is counted.
    pub fn bounds(&self, setting: &Setting, z: f64) -> Bounds {
        match (self, setting.criterion) {
            (Physics::Electrons(rates), Criterion::WeakAngle(measured)) => match &rates.1 {
                Some(over) => ratio_bounds(&rates.0, over, measured, z),
                None => Bounds::default(),
            },
            (Physics::Electrons(rates), Criterion::MagneticMoment(most)) => {
                Bounds { least: None, most: Some(1.0 + most * most * rates.0.magnetic_moment()) }
            }
            // Settings are couplings; what is counted is their square.
            (Physics::DoubleBeta(_), Criterion::Fixed(bounds)) => {
                Bounds { least: None, most: bounds.most.map(|coupling| coupling * coupling) }
            }
            (_, Criterion::Fixed(bounds)) => bounds,
            (_, Criterion::Measured(measured)) => measured.bounds(z),
            (_, Criterion::WeakAngle(_) | Criterion::MagneticMoment(_)) => Bounds::default(),
        }
    }
}

/// The ratio of two rates at the ends of what is allowed of sin^2 theta_W, over that at the best value.
fn ratio_bounds(rate: &Rate, over: &Rate, measured: Measured, z: f64) -> Bounds {
    let ratio = |weak_angle: f64| rate.standard(weak_angle) / over.standard(weak_angle);
    let reach = measured.z(z) * measured.sigma;
    let central = ratio(measured.central);
    let ends = [measured.central - reach, measured.central + reach].map(|weak_angle| ratio(weak_angle) / central);
    let (below, above) = measured.sides;
    Bounds { least: below.then_some(ends[0].min(ends[1])), most: above.then_some(ends[0].max(ends[1])) }
}

fn require_neutrinos(
    flavours: impl Iterator<Item = Lepton>,
    vectors: &[Exchange<VectorCouplings>],
) -> Result<(), String> {
    let flavours: Vec<Lepton> = flavours.collect();
    let charged = |exchange: &Exchange<VectorCouplings>| {
        flavours.iter().any(|lepton| exchange.couplings.charges.lepton(*lepton) != 0.0)
    };
    if vectors.iter().any(charged) {
        return Ok(());
    }
    let names: Vec<String> = flavours.iter().map(|lepton| format!("nu_{}", lepton.name())).collect();
    Err(format!("{} has no charge", names.join(", ")))
}
