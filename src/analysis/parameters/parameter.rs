//! The parameters, by the names that they are asked for by.

use crate::base::grid::LARGEST_COUPLING;
use crate::physics::model::Lepton;
use crate::physics::nuclear::HELM_RADII_FM;
use crate::physics::weak_couplings::{Quark, WeakCouplings};
use crate::{Error, Result};

/// Something that counts depend on.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// The scanned mediator's mass (MeV).
    Mass,
    /// Its coupling.
    Coupling,
    /// sin^2 theta_W (MS-bar) at low momentum transfer.
    WeakAngle,
    /// Rms radius (fm) of the neutron distribution of all isotopes of these elements.
    NeutronRadius(Vec<String>),
    /// epsilon^{qV} of a flavour with itself.
    NonStandard(Quark, Lepton),
    /// Charge radius [1e-32 cm^2] of a neutrino.
    ChargeRadius(Lepton),
    /// Magnetic moment of a neutrino, in Bohr magnetons.
    MagneticMoment(Lepton),
    /// A free parameter of the model's file.
    OfModel(String),
}

/// Forms of the names, for messages and help.
pub const NAMES: &str = "mass, coupling, sin2-theta-w, neutron-radius.ELEMENTS (e.g. neutron-radius.CsI), eps-u.ee, \
     eps-u.mumu, eps-u.tautau, eps-d.ee (and so on), charge-radius.e|mu|tau, magnetic-moment.e|mu|tau, parameter.NAME";

impl Parameter {
    /// The parameter of a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn parse(name: &str) -> Result<Parameter> {
        let unknown = || {
            let known = ["mass", "coupling", "sin2-theta-w", "neutron-radius.CsI", "eps-u.ee", "eps-d.mumu"];
            let nearest = Error::unknown_name("parameter", name, known.into_iter().chain(["charge-radius.mu"]));
            match nearest {
                Error::UnknownName { kind, name, nearest, .. } => {
                    Error::UnknownName { kind, name, nearest, known: NAMES.to_owned() }
                }
                other => other,
            }
        };
        let lepton = |text: &str| Lepton::ALL.into_iter().find(|lepton| lepton.name() == text).ok_or_else(unknown);
        let diagonal = |text: &str| {
            let twice = |lepton: &Lepton| text == format!("{0}{0}", lepton.name());
            Lepton::ALL.into_iter().find(twice).ok_or_else(unknown)
        };
        match name.split_once('.') {
            None => match name {
                "mass" => Ok(Parameter::Mass),
                "coupling" => Ok(Parameter::Coupling),
                "sin2-theta-w" => Ok(Parameter::WeakAngle),
                _ => Err(unknown()),
            },
            Some(("neutron-radius", compound)) => {
                let elements = elements(compound);
                if elements.is_empty() { Err(unknown()) } else { Ok(Parameter::NeutronRadius(elements)) }
            }
            Some(("eps-u", flavours)) => Ok(Parameter::NonStandard(Quark::Up, diagonal(flavours)?)),
            Some(("eps-d", flavours)) => Ok(Parameter::NonStandard(Quark::Down, diagonal(flavours)?)),
            Some(("charge-radius", flavour)) => Ok(Parameter::ChargeRadius(lepton(flavour)?)),
            Some(("magnetic-moment", flavour)) => Ok(Parameter::MagneticMoment(lepton(flavour)?)),
            Some(("parameter", own)) if !own.is_empty() => Ok(Parameter::OfModel(own.to_owned())),
            Some(_) => Err(unknown()),
        }
    }

    /// Its name, which [`Parameter::parse`] reads.
    pub fn name(&self) -> String {
        match self {
            Parameter::Mass => "mass".to_owned(),
            Parameter::Coupling => "coupling".to_owned(),
            Parameter::WeakAngle => "sin2-theta-w".to_owned(),
            Parameter::NeutronRadius(elements) => format!("neutron-radius.{}", elements.concat()),
            Parameter::NonStandard(quark, lepton) => format!("eps-{}.{1}{1}", quark_name(*quark), lepton.name()),
            Parameter::ChargeRadius(lepton) => format!("charge-radius.{}", lepton.name()),
            Parameter::MagneticMoment(lepton) => format!("magnetic-moment.{}", lepton.name()),
            Parameter::OfModel(name) => format!("parameter.{name}"),
        }
    }

    /// Its unit; empty for pure numbers.
    pub fn unit(&self) -> &'static str {
        match self {
            Parameter::Mass => "MeV",
            Parameter::NeutronRadius(_) => "fm",
            Parameter::ChargeRadius(_) => "1e-32 cm^2",
            Parameter::MagneticMoment(_) => "mu_B",
            _ => "",
        }
    }

    /// Its symbol with the unit, in the markup of figures.
    pub fn label(&self) -> String {
        match self {
            Parameter::Mass => "$M$ [MeV]".to_owned(),
            Parameter::Coupling => "$g$".to_owned(),
            Parameter::WeakAngle => "sin$^2$ $θ_W$".to_owned(),
            Parameter::NeutronRadius(elements) => format!("$R_n$({}) [fm]", elements.concat()),
            Parameter::NonStandard(quark, lepton) => {
                format!("$ε_{{{0}{0}}}^{{{1}V}}$", lepton.symbol(), quark_name(*quark))
            }
            Parameter::ChargeRadius(lepton) => {
                format!("charge radius of $ν_{}$ [$10^{{-32}}$ cm$^2$]", lepton.symbol())
            }
            Parameter::MagneticMoment(lepton) => format!("magnetic moment of $ν_{}$ [$μ_B$]", lepton.symbol()),
            Parameter::OfModel(name) => name.clone(),
        }
    }

    /// What it may be.
    pub fn bounds(&self) -> (f64, f64) {
        match self {
            Parameter::Mass => (1e-9, 1e12),
            Parameter::Coupling => (0.0, LARGEST_COUPLING),
            Parameter::WeakAngle => (0.0, 1.0),
            Parameter::NeutronRadius(_) => HELM_RADII_FM,
            Parameter::NonStandard(..) => (-1e3, 1e3),
            Parameter::ChargeRadius(_) => (-1e6, 1e6),
            Parameter::MagneticMoment(_) => (0.0, 1.0),
            Parameter::OfModel(_) => (-1e6, 1e6),
        }
    }

    /// Refuses a value that it cannot have.
    ///
    /// # Errors
    /// Such a value.
    pub fn require(&self, value: f64) -> Result<()> {
        let (low, high) = self.bounds();
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(Error::out_of_range(self.name(), value, format!("from {low:e} to {high:e} {}", self.unit()).trim_end()))
    }

    /// The couplings with this value of it; as they are where it is none of theirs.
    pub(super) fn act_on(&self, couplings: WeakCouplings, value: f64) -> WeakCouplings {
        match self {
            Parameter::WeakAngle => couplings.with_weak_angle(value),
            Parameter::NonStandard(quark, lepton) => couplings.with_non_standard(*quark, *lepton, value),
            Parameter::ChargeRadius(lepton) => couplings.with_charge_radius(*lepton, value),
            Parameter::MagneticMoment(lepton) => couplings.with_magnetic_moment(*lepton, value),
            Parameter::Mass | Parameter::Coupling | Parameter::NeutronRadius(_) | Parameter::OfModel(_) => couplings,
        }
    }

    /// Whether it is a mediator's or its model's.
    pub fn is_of_model(&self) -> bool {
        matches!(self, Parameter::Mass | Parameter::Coupling | Parameter::OfModel(_))
    }
}

fn quark_name(quark: Quark) -> &'static str {
    match quark {
        Quark::Up => "u",
        Quark::Down => "d",
    }
}

/// `Cs` and `I` of `CsI`; empty for what is no formula.
fn elements(compound: &str) -> Vec<String> {
    let mut elements: Vec<String> = Vec::new();
    for c in compound.chars() {
        match (c.is_ascii_uppercase(), c.is_ascii_lowercase(), elements.last_mut()) {
            (true, _, _) => elements.push(c.to_string()),
            (_, true, Some(last)) => last.push(c),
            _ => return Vec::new(),
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in [
            "mass",
            "coupling",
            "sin2-theta-w",
            "neutron-radius.CsI",
            "eps-u.ee",
            "eps-d.tautau",
            "charge-radius.mu",
            "magnetic-moment.tau",
            "parameter.y",
        ] {
            assert_eq!(Parameter::parse(name).unwrap().name(), name);
        }
        for name in
            ["", "sin2", "eps-u.emu", "neutron-radius.", "neutron-radius.csi", "charge-radius.numu", "parameter."]
        {
            let told = Parameter::parse(name).unwrap_err();
            assert!(matches!(&told, Error::UnknownName { known, .. } if known == NAMES), "{told}");
        }
        assert_eq!(elements("NaI"), ["Na", "I"]);
    }
}
