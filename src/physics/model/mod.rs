//! Models: what mediates, and how strongly it couples to nucleons and neutrinos.
//!
//! A model is data: the eleven of the paper are files of the same form (`data/models/*.toml`), read by [`Model::parse`].

mod charges;
mod edition;
mod family;
mod file;
mod kinetic_mixing;
mod mixing_curve;
mod registry;
mod scalar;
mod vector;

pub use charges::{Charges, Coefficients, HeavyQuarks, Lepton};
pub use edition::Edition;
pub use family::Relation;
pub use file::Anomalies;
pub use kinetic_mixing::{mixing_integral, one_loop_mixing, time_like_mixing};
pub use mixing_curve::{MixingCurve, mixing_curves};
pub use scalar::ScalarCouplings;
pub use vector::{NucleonCouplings, VectorCouplings};

/// A light-mediator model of one scanned mass M and one coupling g.
///
/// ```
/// use cevscan::Model;
///
/// let model = Model::named("b-l")?;
/// assert_eq!(model.mediators.len(), 1);
/// // One of your own, in the form of `docs/own-model.md`; the name of the file stands in errors.
/// let text = "name = 'b-1.5'\nlabel = 'B-1.5'\ndescription = 'B - 3/2 (L_e + L_mu)'\nreference = 'eq. 3.8'\n\
///     [vector]\nc_1 = 1\nc_2 = 1\nc_3 = 1\nc_e = '3/2'\nc_mu = '3/2'\nc_tau = 0\n";
/// assert_eq!(Model::parse("mine.toml", text)?.name, "b-1.5");
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name on the command line, e.g. `b-l`.
    pub name: String,
    /// Name in figures, in the markup of figures, e.g. `$L_μ-L_τ$`.
    pub label: String,
    /// One line for people.
    pub description: String,
    /// Where the model was proposed or constrained first, as the paper cites it, with its equation there.
    pub reference: String,
    /// What is exchanged; the masses and couplings of several are fixed multiples of the scanned ones.
    pub mediators: Vec<Mediator>,
    /// What they add to.
    pub standard: Edition,
}

/// One exchanged particle.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Mediator {
    /// Its mass over the scanned mass.
    pub mass_ratio: f64,
    /// Its coupling over the scanned coupling.
    pub coupling_ratio: f64,
    /// What it couples to.
    pub interaction: Interaction,
}

/// The Lorentz structure and the couplings at g = 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Interaction {
    /// A vector boson Z' (3.5-3.20): interferes with the Standard Model.
    Vector(VectorCouplings),
    /// A scalar phi (3.22-3.32): adds to the Standard Model without interference.
    Scalar(ScalarCouplings),
}

impl Model {
    /// The Standard Model alone: nothing is exchanged.
    pub fn standard() -> Model {
        let words = |text: &str| text.to_owned();
        Model {
            name: words("standard-model"),
            label: words("Standard Model"),
            description: words("no mediator"),
            reference: words("arXiv:2202.11002, eqs. 3.1-3.3"),
            mediators: Vec::new(),
            standard: Edition::default(),
        }
    }

    /// Whether the scanned mediator is a scalar: its symbols in figures are M_phi and g_phi.
    pub fn is_scalar(&self) -> bool {
        matches!(self.mediators.first(), Some(Mediator { interaction: Interaction::Scalar(_), .. }))
    }

    /// The scanned mediator's symbol, in the markup of figures.
    pub fn mediator_symbol(&self) -> &'static str {
        if self.is_scalar() { "φ" } else { "Z'" }
    }

    /// Whether neutrinos scatter off electrons by its mediators, as far as the model tells: by a charge of the electron, or
    /// a loop of leptons that is finite. A loop that depends on higher scales is none.
    pub fn couples_to_electrons(&self) -> bool {
        let couples = |mediator: &Mediator| match &mediator.interaction {
            Interaction::Vector(vector) => {
                let neutrinos = Lepton::ALL.into_iter().any(|lepton| vector.charges.lepton(lepton) != 0.0);
                neutrinos && vector.electron_charge(0.0) != 0.0
            }
            Interaction::Scalar(scalar) => scalar.electron != 0.0,
        };
        self.mediators.iter().any(couples)
    }

    /// Whether quarks couple through the mixing of Z' and photon alone, as in L_alpha - L_beta.
    pub fn is_loop_induced(&self) -> bool {
        let is_loop = |mediator: &Mediator| match &mediator.interaction {
            Interaction::Vector(vector) => {
                vector.one_loop_mixing && vector.charges.proton() == 0.0 && vector.charges.neutron() == 0.0
            }
            Interaction::Scalar(_) => false,
        };
        self.mediators.iter().all(is_loop)
    }
}
