//! Model files (TOML).

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::base::constants::SCALAR_NUCLEON_MATRIX_ELEMENT;
use crate::base::document::{Bound, Document, Number};
use crate::{Error, Result};

use super::{
    Charges, Coefficients, Edition, HeavyQuarks, Interaction, Mediator, Model, ScalarCouplings, VectorCouplings,
};

/// Slack in "adds up to zero": charges are small fractions, written with at most 17 digits.
const CHARGE_SUM_TOLERANCE: f64 = 1e-12;
/// Largest charge, matrix element or ratio: far beyond any model, far from overflow.
const LARGEST: Bound = Bound::Within(1e6);
const LARGEST_RATIO: Bound = Bound::PositiveUpTo(1e6);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    label: Spanned<String>,
    description: Spanned<String>,
    reference: Spanned<String>,
    /// Free parameters of the charges and the values that they have unless others are asked for.
    #[serde(default)]
    parameters: BTreeMap<String, Spanned<Number>>,
    vector: Option<Spanned<VectorSection>>,
    scalar: Option<Spanned<ScalarSection>>,
    /// Further mediators.
    #[serde(default, rename = "mediator")]
    mediators: Vec<Spanned<MediatorSection>>,
}

/// A mediator besides the scanned one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MediatorSection {
    mass_ratio: Spanned<Number>,
    coupling_ratio: Spanned<Number>,
    vector: Option<Spanned<VectorSection>>,
    scalar: Option<Spanned<ScalarSection>>,
}

/// Charges, or the coefficients of (3.8).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorSection {
    up: Option<Spanned<Number>>,
    down: Option<Spanned<Number>>,
    electron: Option<Spanned<Number>>,
    muon: Option<Spanned<Number>>,
    tau: Option<Spanned<Number>>,
    strange: Option<Spanned<Number>>,
    charm: Option<Spanned<Number>>,
    bottom: Option<Spanned<Number>>,
    top: Option<Spanned<Number>>,
    c_1: Option<Spanned<Number>>,
    c_2: Option<Spanned<Number>>,
    c_3: Option<Spanned<Number>>,
    c_e: Option<Spanned<Number>>,
    c_mu: Option<Spanned<Number>>,
    c_tau: Option<Spanned<Number>>,
    one_loop_mixing: Option<Spanned<bool>>,
    /// epsilon/g.
    kinetic_mixing_over_coupling: Option<Spanned<Number>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScalarSection {
    proton: Option<Spanned<Number>>,
    neutron: Option<Spanned<Number>>,
    electron: Option<Spanned<Number>>,
}

/// The file that is read, and the values of its parameters.
struct Reader<'a> {
    document: Document<'a>,
    parameters: BTreeMap<String, f64>,
}

impl Reader<'_> {
    fn fraction(&self, quantity: &str, number: &Spanned<Number>, bound: Bound) -> Result<f64> {
        self.document.fraction(quantity, number, bound, &self.parameters)
    }
}

/// What to do with a combination of baryon and lepton numbers that is not free of anomalies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anomalies {
    /// Take it; [`Model::warnings`] says so.
    Allowed,
    /// Refuse it.
    Refused,
}

impl Model {
    /// Reads a model file; `path` is for messages. Parameters have the values of the file.
    ///
    /// # Errors
    /// Text that is not TOML of this form (with its line), numbers that are none, a loop that diverges, or a file
    /// without exactly one of `[vector]` and `[scalar]`.
    pub fn parse(path: &str, text: &str) -> Result<Model> {
        Model::parse_with(path, text, &[])
    }

    /// The same with other values of some parameters, `(name, value)`.
    ///
    /// # Errors
    /// Those of [`Model::parse`], and parameters that the file does not have.
    pub fn parse_with(path: &str, text: &str, parameters: &[(String, f64)]) -> Result<Model> {
        Model::read(path, text, parameters, Anomalies::Allowed)
    }

    /// The same, with a say on anomalies.
    ///
    /// # Errors
    /// Those of [`Model::parse_with`], and an anomaly where it is refused.
    pub fn read(path: &str, text: &str, parameters: &[(String, f64)], anomalies: Anomalies) -> Result<Model> {
        let document = Document { path, text };
        let file: File = document.read()?;
        let mut place = Reader { document, parameters: BTreeMap::new() };
        for (name, number) in &file.parameters {
            let value = place.fraction(&format!("parameter '{name}'"), number, LARGEST)?;
            place.parameters.insert(name.clone(), value);
        }
        for (name, value) in parameters {
            match place.parameters.get_mut(name) {
                Some(place) => *place = *value,
                None => return Err(Error::unknown_name("parameter", name, file.parameters.keys().map(String::as_str))),
            }
        }
        let scanned = interaction(&place, 1, anomalies, &file.vector, &file.scalar)?;
        let mut mediators = vec![Mediator { mass_ratio: 1.0, coupling_ratio: 1.0, interaction: scanned }];
        for section in &file.mediators {
            let (line, section) = (document.line(section.span().start), section.get_ref());
            mediators.push(Mediator {
                mass_ratio: place.fraction("mass_ratio", &section.mass_ratio, LARGEST_RATIO)?,
                coupling_ratio: place.fraction("coupling_ratio", &section.coupling_ratio, LARGEST_RATIO)?,
                interaction: interaction(&place, line, anomalies, &section.vector, &section.scalar)?,
            });
        }
        let model = Model {
            name: document.name("name", &file.name)?,
            label: document.label("label", &file.label)?,
            description: document.line_of_text("description", &file.description)?,
            reference: document.line_of_text("reference", &file.reference)?,
            mediators,
            standard: Edition::default(),
        };
        Ok(model)
    }

    /// What is amiss with the model though it can be computed, one line each.
    pub fn warnings(&self) -> Vec<String> {
        let coefficients = self.mediators.iter().filter_map(|mediator| match &mediator.interaction {
            Interaction::Vector(vector) => vector.coefficients,
            Interaction::Scalar(_) => None,
        });
        coefficients
            .filter(|coefficients| !coefficients.is_anomaly_free())
            .map(|coefficients| {
                format!(
                    "{}: {ANOMALY} is {}, not 0: the model is not free of gauge anomalies (eq. 3.9)",
                    self.name,
                    coefficients.anomaly()
                )
            })
            .collect()
    }
}

/// The sum that (3.9) wants to vanish.
const ANOMALY: &str = "c_1 + c_2 + c_3 - c_e - c_mu - c_tau";

fn interaction(
    place: &Reader,
    line: usize,
    anomalies: Anomalies,
    vector: &Option<Spanned<VectorSection>>,
    scalar: &Option<Spanned<ScalarSection>>,
) -> Result<Interaction> {
    match (vector, scalar) {
        (Some(section), None) => Ok(Interaction::Vector(vector_couplings(place, section, anomalies)?)),
        (None, Some(section)) => Ok(Interaction::Scalar(scalar_couplings(place, section.get_ref())?)),
        (found, _) => {
            let found = if found.is_some() { "given twice" } else { "not given" };
            Err(place.document.error_at(line, "mediator", found, "exactly one of the sections [vector] and [scalar]"))
        }
    }
}

fn vector_couplings(place: &Reader, spanned: &Spanned<VectorSection>, anomalies: Anomalies) -> Result<VectorCouplings> {
    let section = spanned.get_ref();
    let (charges, heavy_quarks, coefficients) = charges(place, spanned)?;
    if let Some(coefficients) = coefficients.filter(|c| anomalies == Anomalies::Refused && !c.is_anomaly_free()) {
        return Err(place.document.error(
            spanned,
            ANOMALY,
            coefficients.anomaly(),
            "0, or gauge anomalies do not cancel (eq. 3.9)",
        ));
    }
    let kinetic_mixing = match &section.kinetic_mixing_over_coupling {
        Some(number) => place.fraction("kinetic_mixing_over_coupling", number, LARGEST)?,
        None => 0.0,
    };
    let quarks_are_neutral = charges.up == 0.0 && charges.down == 0.0;
    let (one_loop_mixing, line) = match &section.one_loop_mixing {
        Some(mixing) => (*mixing.get_ref(), place.document.line(mixing.span().start)),
        // What couples to leptons alone reaches quarks through the loop.
        None => (
            quarks_are_neutral && section.kinetic_mixing_over_coupling.is_none(),
            place.document.line(spanned.span().start),
        ),
    };
    if one_loop_mixing && charges.lepton_sum().abs() > CHARGE_SUM_TOLERANCE {
        return Err(place.document.error_at(
            line,
            "sum of the lepton charges with one_loop_mixing",
            charges.lepton_sum(),
            "0, since the loop diverges otherwise (kinetic_mixing_over_coupling gives the mixing a value instead)",
        ));
    }
    Ok(VectorCouplings { charges, heavy_quarks, one_loop_mixing, kinetic_mixing, coefficients })
}

/// Charges, those of heavy quarks, and the coefficients where all are given by these.
type Given = (Charges, HeavyQuarks, Option<Coefficients>);

fn charges(place: &Reader, spanned: &Spanned<VectorSection>) -> Result<Given> {
    let section = spanned.get_ref();
    let direct = [
        ("up", &section.up),
        ("down", &section.down),
        ("electron", &section.electron),
        ("muon", &section.muon),
        ("tau", &section.tau),
    ];
    let combined = [
        ("c_1", &section.c_1),
        ("c_2", &section.c_2),
        ("c_3", &section.c_3),
        ("c_e", &section.c_e),
        ("c_mu", &section.c_mu),
        ("c_tau", &section.c_tau),
    ];
    let heavy = [&section.strange, &section.charm, &section.bottom, &section.top];
    let is_direct = direct.iter().map(|(_, number)| *number).chain(heavy).any(Option::is_some);
    if let Some((key, Some(number))) = combined.iter().find(|(_, number)| is_direct && number.is_some()) {
        let bound =
            "absent beside charges: give either up, down, electron, muon, tau or c_1, c_2, c_3, c_e, c_mu, c_tau";
        return Err(place.document.error(number, key, "given", bound));
    }
    let read = |what: &str, key: &str, number: &Option<Spanned<Number>>| match number {
        Some(number) => place.fraction(&format!("{what} '{key}'"), number, LARGEST),
        None => {
            let bound = "given; up, down, electron, muon, tau or c_1, c_2, c_3, c_e, c_mu, c_tau are needed";
            Err(place.document.error(spanned, &format!("{what} '{key}'"), "missing", bound))
        }
    };
    if is_direct || combined.iter().all(|(_, number)| number.is_none()) {
        let [up, down, electron, muon, tau] = direct.map(|(key, number)| read("charge", key, number));
        let charges = Charges { up: up?, down: down?, electron: electron?, muon: muon?, tau: tau? };
        let or = |key: &str, number: &Option<Spanned<Number>>, without: f64| match number {
            Some(_) => read("charge", key, number),
            None => Ok(without),
        };
        let heavy_quarks = HeavyQuarks {
            strange: or("strange", &section.strange, charges.down)?,
            charm: or("charm", &section.charm, charges.up)?,
            bottom: or("bottom", &section.bottom, charges.down)?,
            top: or("top", &section.top, charges.up)?,
        };
        return Ok((charges, heavy_quarks, None));
    }
    let [c_1, c_2, c_3, c_e, c_mu, c_tau] = combined.map(|(key, number)| read("coefficient", key, number));
    let coefficients = Coefficients { baryon: [c_1?, c_2?, c_3?], lepton: [c_e?, c_mu?, c_tau?] };
    Ok((coefficients.charges(), coefficients.heavy_quarks(), Some(coefficients)))
}

fn scalar_couplings(place: &Reader, section: &ScalarSection) -> Result<ScalarCouplings> {
    let read = |quantity: &str, number: &Option<Spanned<Number>>, without: f64| match number {
        Some(number) => place.fraction(quantity, number, LARGEST),
        None => Ok(without),
    };
    Ok(ScalarCouplings {
        proton: read("matrix element 'proton'", &section.proton, SCALAR_NUCLEON_MATRIX_ELEMENT)?,
        neutron: read("matrix element 'neutron'", &section.neutron, SCALAR_NUCLEON_MATRIX_ELEMENT)?,
        // Universal: the same g as for neutrinos.
        electron: read("coupling 'electron'", &section.electron, 1.0)?,
    })
}
