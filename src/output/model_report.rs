//! What the program understood of a model, for people.

use std::fmt::Write as _;

use crate::Result;
use crate::analysis::Experiment;
use crate::analysis::processes::{Dominant, dominant};
use crate::others::couplings::{require_electron_charge, vectors};
use crate::physics::cross_section::{Interference, TYPICAL_MOMENTUM_MEV, interference};
use crate::physics::model::{Interaction, Lepton, Mediator, Model, ScalarCouplings, VectorCouplings};
use crate::physics::nuclear::Isotope;

/// Charges, formula and reference.
pub fn model_summary(model: &Model) -> String {
    let mut text = format!("{}: {}\n", model.name, model.description);
    for (number, mediator) in model.mediators.iter().enumerate() {
        text += &heading(model, number, mediator);
        text += &match &mediator.interaction {
            Interaction::Vector(vector) => vector_summary(vector),
            Interaction::Scalar(scalar) => scalar_summary(scalar),
        };
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\nreference: {}", model.reference);
    text
}

/// Whether neutrinos scatter off electrons by the model, and where that is more than off the nuclei of a dataset.
pub fn electrons_check(model: &Model, experiment: &Experiment) -> Result<String> {
    let name = &experiment.dataset.name;
    let words = if model.couples_to_electrons() {
        match dominant(experiment, model)? {
            Dominant::ElectronsBelow(mass_mev) => format!(
                "in {name} the mediator gives more events on electrons below {mass_mev:.3} MeV, on nuclei above"
            ),
            Dominant::Everywhere(scattering) => {
                format!("in {name} the mediator gives more events by {} at all masses", scattering.label())
            }
        }
    } else {
        let vectors = vectors(model).and_then(|vectors| require_electron_charge(&vectors));
        vectors.err().unwrap_or_else(|| "neutrinos have no charge in the model".to_owned())
    };
    Ok(format!("\nscattering on electrons: {words}\n"))
}

/// The summary, the couplings of nucleons, where the mediator interferes with the Standard Model and how, and the
/// published model that the bounds follow from. Flavours and nuclei are those of `isotopes`.
pub fn model_check(model: &Model, isotopes: &[Isotope]) -> String {
    let mut text = model_summary(model);
    text += &nucleons(model);
    text += &interferences(model, isotopes);
    text += &match model.relation() {
        Some(relation) if relation.factor == 1.0 => format!("\nbounds: those of {}\n", relation.base),
        Some(relation) => {
            let equation = relation.equation.map_or(String::new(), |number| format!(" (cf. eq. {number})"));
            format!("\nbounds: those of {} times {:.6}{equation}\n", relation.base, relation.factor)
        }
        None => "\nbounds: follow from no model that travels with the program\n".to_owned(),
    };
    text
}

fn heading(model: &Model, number: usize, mediator: &Mediator) -> String {
    match (model.mediators.len(), number) {
        (1, _) => String::new(),
        (_, 0) => "\nmediator 1, whose mass M and coupling g are scanned\n".to_owned(),
        _ => format!(
            "\nmediator {}, of mass {} M and coupling {} g\n",
            number + 1,
            mediator.mass_ratio,
            mediator.coupling_ratio
        ),
    }
}

fn vector_summary(vector: &VectorCouplings) -> String {
    let charges = &vector.charges;
    let mut text = String::from("\ncharges     Q'_u     Q'_d     Q'_e    Q'_mu   Q'_tau\n        ");
    for charge in [charges.up, charges.down, charges.electron, charges.muon, charges.tau] {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:>9}", fraction(charge));
    }
    text.push('\n');
    if let Some(coefficients) = vector.coefficients {
        text += "from         c_1      c_2      c_3      c_e     c_mu    c_tau   (eq. 3.8)\n        ";
        for coefficient in coefficients.baryon.iter().chain(&coefficients.lepton) {
            let _ = write!(text, "{:>9}", fraction(*coefficient));
        }
        let _ = match coefficients.is_anomaly_free() {
            true => writeln!(text, "\nfree of gauge anomalies (eq. 3.9)"),
            false => writeln!(
                text,
                "\nNOT free of gauge anomalies (eq. 3.9): c_1 + c_2 + c_3 - c_e - c_mu - c_tau = {}",
                fraction(coefficients.anomaly())
            ),
        };
    }
    text += "\nweak charge of a nucleus for a neutrino of flavour l (eqs. 3.2, 3.7)\n";
    text += "  Q_l = g_V^p(nu_l) Z F_Z + g_V^n N F_N\n";
    if charges.proton() != 0.0 || charges.neutron() != 0.0 || !(vector.one_loop_mixing || vector.kinetic_mixing != 0.0)
    {
        let (proton, neutron) = (fraction(charges.proton()), fraction(charges.neutron()));
        let _ = writeln!(text, "        + g^2 Q'_l / (sqrt2 G_F (|q|^2 + M^2)) [({proton}) Z F_Z + ({neutron}) N F_N]");
    }
    if vector.kinetic_mixing != 0.0 {
        let mixing = vector.kinetic_mixing;
        let _ = writeln!(
            text,
            "        + g^2 Q'_l / (sqrt2 G_F (|q|^2 + M^2)) sqrt(4 pi alpha) (epsilon/g = {mixing}) Z F_Z"
        );
    }
    if vector.one_loop_mixing {
        text += "        + sqrt2 alpha g^2 Q'_l eps(|q|) / (pi G_F (|q|^2 + M^2)) Z F_Z\n";
        text += "  eps(|q|) = - sum_f Q'_f int_0^1 x(1-x) ln(m_f^2 + x(1-x)|q|^2) dx   (eqs. 3.19, 3.20)\n";
    }
    text
}

fn scalar_summary(scalar: &ScalarCouplings) -> String {
    format!(
        "\nadded incoherently to the Standard Model (eq. 3.32)\n  dsigma/dT = M_N^2 T / (4 pi E^2) g^4 / (|q|^2 + M^2)^2 [{} Z F_Z + {} N F_N]^2\n",
        scalar.proton, scalar.neutron
    )
}

/// Charges of the nucleons, all mixing included.
fn nucleons(model: &Model) -> String {
    let mut text = format!(
        "\ncouplings of nucleons over g, mixing at |q| = {TYPICAL_MOMENTUM_MEV} MeV included\n{:<12}{:>12}{:>12}\n",
        "", "proton", "neutron"
    );
    for mediator in &model.mediators {
        let (kind, proton, neutron) = match &mediator.interaction {
            Interaction::Vector(vector) => {
                let charges = vector.nucleon_charges(TYPICAL_MOMENTUM_MEV.powi(2));
                ("vector", charges.proton, charges.neutron)
            }
            Interaction::Scalar(scalar) => ("scalar", scalar.proton, scalar.neutron),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{kind:<12}{:>12}{:>12}", number(proton), number(neutron));
    }
    text
}

fn interferences(model: &Model, isotopes: &[Isotope]) -> String {
    let mut text = format!(
        "\ninterference with the Standard Model, form factors left out\n\
         {:<10}{:<10}{:<14}{:^24}  {:^24}\n{:<34}{:>12}{:>12}  {:>12}{:>12}\n",
        "flavour",
        "nucleus",
        "sign",
        "g/M [1/GeV], M large",
        format!("g, M small, |q| {TYPICAL_MOMENTUM_MEV} MeV"),
        "",
        "Q = 0",
        "strip",
        "Q = 0",
        "strip",
    );
    for (flavour, lepton) in [("nu_e", Lepton::Electron), ("nu_mu", Lepton::Muon)] {
        for isotope in isotopes {
            let found = interference(model, isotope, lepton);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{flavour:<10}{:<10}{:<14}{}", isotope.name, sign(&found), places(&found));
        }
    }
    text += "strip: Q is the Standard Model's with the other sign, so that the counts are the same\n";
    text
}

fn sign(interference: &Interference) -> &'static str {
    match interference.sign {
        1 => "constructive",
        -1 => "destructive",
        _ => "none",
    }
}

fn places(interference: &Interference) -> String {
    let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3e}"));
    let (zero, strip) = (interference.cancellation, interference.strip);
    format!(
        "{:>12}{:>12}  {:>12}{:>12}",
        cell(zero.map(|at| at.heavy_per_gev)),
        cell(strip.map(|at| at.heavy_per_gev)),
        cell(zero.map(|at| at.light)),
        cell(strip.map(|at| at.light))
    )
}

/// A fraction where it is one, else some digits.
fn number(value: f64) -> String {
    match fraction(value) {
        short if short.len() <= 8 => short,
        _ if (0.1..1e4).contains(&value.abs()) => format!("{value:.4}"),
        _ => format!("{value:.4e}"),
    }
}

/// A charge as people write it: `1/3`, `-2`.
fn fraction(value: f64) -> String {
    let denominators = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    match denominators.iter().find(|d| (value * **d - (value * **d).round()).abs() < 1e-9) {
        // "+ 0.0" turns a negative zero positive.
        Some(1.0) => format!("{:.0}", value.round() + 0.0),
        Some(denominator) => format!("{:.0}/{denominator:.0}", value * denominator),
        None => value.to_string(),
    }
}
