//! The muon's anomalous magnetic moment (appendix B): what a mediator adds to it, and the couplings at which that
//! explains the deviation of the measurement from the Standard Model.
//!
//! Delta a_mu = g^2 Q'_mu^2/(8 pi^2) int_0^1 dx P(x)/(x^2 + (1-x) M^2/m_mu^2), P(x) = 2x^2(1-x) for a vector and
//! x^2(2-x) for a scalar, which couples to the muon with g itself. Both are positive.

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::base::constants::MUON_MASS_MEV;
use crate::base::quadrature::Rule;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::{Error, Result};

/// Masses at which the integral is taken (MeV): far beyond any mediator, and well inside the range of f64.
const MASSES_MEV: (f64, f64) = (1e-6, 1e9);
/// The band reaches so many standard deviations to either side.
const STANDARD_DEVIATIONS: f64 = 2.0;
/// Gauss points per decade of the integration variable; 1e-12 of the integral, as a test shows.
const POINTS_PER_DECADE: usize = 24;

/// The measured a_mu less that of the Standard Model.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Deviation {
    /// Best value.
    pub central: f64,
    /// Its standard deviation, theory and experiment together.
    pub sigma: f64,
}

/// A deviation with a name and its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// Name on the command line.
    pub name: &'static str,
    /// The comparison in a word, for captions: its year.
    pub label: &'static str,
    /// The numbers.
    pub deviation: Deviation,
    /// Where they stand.
    pub source: &'static str,
}

/// Deviations that go by a name; each has its source.
pub const PRESETS: [Preset; 2] = [
    Preset {
        name: "paper",
        label: "2021",
        deviation: Deviation { central: 25.1e-10, sigma: 5.9e-10 },
        source: "arXiv:2202.11002, appendix B, after arXiv:2104.03281",
    },
    // World average 116592071.5(14.5)e-11 less 116592033(62)e-11: 38(63)e-11.
    Preset {
        name: "2025",
        label: "2025",
        deviation: Deviation { central: 3.8e-10, sigma: 6.3e-10 },
        source: "world average with arXiv:2506.03069, less arXiv:2505.21476",
    },
];
/// A deviation, or an error of it, beyond this is a slip: a_mu as a whole is 1.2e-3, and known to 1e-9 for decades.
const LARGEST_SENSIBLE: f64 = 1e-6;

impl Deviation {
    /// A preset's name, or `CENTRAL,SIGMA`.
    ///
    /// # Errors
    /// Neither of both, or numbers that are not finite and positive.
    pub fn parse(text: &str) -> Result<Deviation> {
        if let Some(preset) = PRESETS.iter().find(|preset| preset.name == text.trim()) {
            return Ok(preset.deviation);
        }
        let numbers = text.split_once(',').and_then(|(central, sigma)| {
            Some(Deviation { central: central.trim().parse().ok()?, sigma: sigma.trim().parse().ok()? })
        });
        let names = PRESETS.map(|preset| preset.name).join(", ");
        let deviation = numbers.ok_or_else(|| Error::Unparsable {
            quantity: "deviation of a_mu".to_owned(),
            value: text.to_owned(),
            expected: format!("CENTRAL,SIGMA such as 25.1e-10,5.9e-10, or a preset: {names}"),
        })?;
        for (name, value) in [("deviation of a_mu", deviation.central), ("its standard deviation", deviation.sigma)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::out_of_range(name, value, "positive and finite"));
            }
        }
        Ok(deviation)
    }

    /// The preset that it is.
    pub fn preset(self) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.deviation == self)
    }

    /// What is probably not meant, in words.
    pub fn warning(self) -> Option<String> {
        let Deviation { central, sigma } = self;
        let largest = central.max(sigma);
        (largest > LARGEST_SENSIBLE).then(|| {
            format!(
                "a deviation of a_mu of {central} +- {sigma} is beyond anything measured (a_mu itself is 1.2e-3): write the \
                 power of ten, such as 25.1e-10,5.9e-10"
            )
        })
    }

    /// Which comparison it is, for a caption: ` (2025)`; nothing for numbers of the user's own.
    pub fn label(self) -> String {
        self.preset().map_or(String::new(), |preset| format!(" ({})", preset.label))
    }

    /// Central value and standard deviation in units of 1e-10, without the last digits that binary fractions leave.
    pub(crate) fn in_1e10(self) -> [f64; 2] {
        [self.central, self.sigma].map(|value| (value * 1e19).round() / 1e9)
    }

    /// The ends of the band in Delta a_mu; the lower one is 0 where the deviation is compatible with none.
    pub fn interval(self) -> (f64, f64) {
        let width = STANDARD_DEVIATIONS * self.sigma;
        ((self.central - width).max(0.0), self.central + width)
    }
}

/// Couplings that explain a deviation, by mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Masses (MeV).
    pub mass_mev: Vec<f64>,
    /// Coupling two standard deviations below the central value; 0 where the deviation is compatible with none.
    pub lower: Vec<f64>,
    /// Coupling at the central value.
    pub central: Vec<f64>,
    /// Coupling two standard deviations above it.
    pub upper: Vec<f64>,
}

/// Why a model has no band: in words, for people. `None` for a model that has one.
pub(crate) fn why_no_band(model: &Model) -> Option<String> {
    let couples = model.mediators.iter().any(|mediator| muon_coupling(&mediator.interaction) != 0.0);
    (!couples).then(|| format!("the muon has no charge in {}: no coupling changes its magnetic moment", model.name))
}

/// The couplings that explain `deviation` at each mass (MeV); `None` for a model whose muon has no charge.
///
/// # Errors
/// A mass outside of 1e-6 to 1e9 MeV; a model with charges so wild that no finite coupling explains it.
pub fn band(model: &Model, masses_mev: &[f64], deviation: Deviation) -> Result<Option<Band>> {
    if why_no_band(model).is_some() {
        return Ok(None);
    }
    let (low, high) = deviation.interval();
    let mut band = Band { mass_mev: masses_mev.to_vec(), lower: Vec::new(), central: Vec::new(), upper: Vec::new() };
    for mass_mev in masses_mev {
        let unit = per_squared_coupling(model, *mass_mev)?;
        let [lower, central, upper] = [low, deviation.central, high].map(|delta| (delta / unit).sqrt());
        // The larger ends at infinity first, the smaller at 0.
        if !(upper.is_finite() && central > 0.0) {
            let quantity = format!("coupling of {} that explains a_mu at {mass_mev:e} MeV", model.name);
            return Err(Error::out_of_range(quantity, central, "positive and finite; its charges are too far from 1"));
        }
        band.lower.push(lower);
        band.central.push(central);
        band.upper.push(upper);
    }
    Ok(Some(band))
}

/// Delta a_mu of a model at a mass (MeV), over the squared coupling.
///
/// # Errors
/// A mass outside of 1e-6 to 1e9 MeV.
pub fn per_squared_coupling(model: &Model, mass_mev: f64) -> Result<f64> {
    if !(MASSES_MEV.0..=MASSES_MEV.1).contains(&mass_mev) {
        return Err(Error::out_of_range("mass (MeV)", mass_mev, "from 1 eV to 1000 TeV"));
    }
    let of_mediator = |mediator: &crate::physics::model::Mediator| {
        let coupling = mediator.coupling_ratio * muon_coupling(&mediator.interaction);
        let ratio = mediator.mass_ratio * mass_mev / MUON_MASS_MEV;
        coupling * coupling * moment_integral(&mediator.interaction, ratio) / (8.0 * PI * PI)
    };
    Ok(model.mediators.iter().map(of_mediator).sum())
}

/// What multiplies g^2 Q^2/(8 pi^2) in the moment of a lepton, by the mediator's mass over the lepton's.
pub(crate) fn moment_integral(interaction: &Interaction, ratio: f64) -> f64 {
    match interaction {
        Interaction::Vector(_) => loop_integral(ratio, |x, one_minus_x| 2.0 * x * x * one_minus_x),
        Interaction::Scalar(_) => loop_integral(ratio, |x, one_minus_x| x * x * (1.0 + one_minus_x)),
    }
}

/// The muon's charge, mixing with the photon at tree level included, or 1 for a scalar.
fn muon_coupling(interaction: &Interaction) -> f64 {
    match interaction {
        Interaction::Vector(vector) => vector.charged_lepton_charge(Lepton::Muon),
        Interaction::Scalar(_) => 1.0,
    }
}

/// int_0^1 dx P(x, 1-x)/(x^2 + (1-x) r^2), r = M/m_mu.
///
/// The denominator has a layer of width r at x = 0 for a light mediator, and of width 1/r^2 at x = 1 for a heavy one:
/// both halves are cut at decades from the layer on.
fn loop_integral(ratio: f64, numerator: impl Fn(f64, f64) -> f64) -> f64 {
    let integrand = |x: f64, one_minus_x: f64| numerator(x, one_minus_x) / (x * x + one_minus_x * ratio * ratio);
    let lower = half(ratio).integrate(|x| integrand(x, 1.0 - x));
    let upper = half(ratio.powi(-2)).integrate(|y| integrand(1.0 - y, y));
    lower + upper
}

/// The rule on [0, 1/2] for an integrand with a layer of some width at 0.
fn half(layer: f64) -> Rule {
    static DECADE: LazyLock<Rule> = LazyLock::new(|| Rule::gauss_legendre(POINTS_PER_DECADE));
    let mut edges = vec![0.5];
    let mut edge = 0.05;
    while edge > 0.1 * layer {
        edges.push(edge);
        edge *= 0.1;
    }
    edges.push(0.0);
    let mut rule = Rule::default();
    for interval in edges.windows(2) {
        let (middle, half) = (0.5 * (interval[0] + interval[1]), 0.5 * (interval[0] - interval[1]));
        rule.nodes.extend(DECADE.nodes.iter().map(|x| middle + half * x));
        rule.weights.extend(DECADE.weights.iter().map(|weight| half * weight));
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(model: &str, mass_mev: f64) -> f64 {
        per_squared_coupling(&Model::named(model).unwrap(), mass_mev).unwrap()
    }

    fn near(got: f64, expected: f64, tolerance: f64) {
        assert!((got / expected - 1.0).abs() < tolerance, "{got:e} is not {expected:e}");
    }

    /// By hand: M -> 0 leaves int 2(1-x) = 1 and int (2-x) = 3/2, corrections of order M/m_mu.
    #[test]
    fn light_mediators_meet_the_closed_forms() {
        let unit_vector = 1.0 / (8.0 * PI * PI);
        near(unit("universal", 1e-6), unit_vector, 1e-7);
        near(unit("b-3lmu", 1e-6), 9.0 * unit_vector, 1e-7);
        near(unit("le-lmu", 1e-6), unit_vector, 1e-7);
        near(unit("scalar", 1e-6), 3.0 / (16.0 * PI * PI), 1e-7);
    }

    /// By hand, with r = M/m_mu: the vector's denominator becomes (1-x) r^2, so int 2x^2/r^2 = 2/(3 r^2). The scalar's
    /// diverges there at x = 1; with y = 1-x the regular part is int [(1-y)^2(1+y) - 1]/y = -7/6 and the rest
    /// int dy/(y + 1/r^2) = ln r^2, so (ln r^2 - 7/6)/r^2. Corrections are of order ln(r^2)/r^2.
    #[test]
    fn heavy_mediators_meet_the_closed_forms() {
        let mass_mev = 1e8;
        let r2 = (mass_mev / MUON_MASS_MEV).powi(2);
        near(unit("lmu-ltau", mass_mev), 1.0 / (12.0 * PI * PI * r2), 1e-9);
        near(unit("b-le-2lmu", mass_mev), 4.0 / (12.0 * PI * PI * r2), 1e-9);
        near(unit("scalar", mass_mev), (r2.ln() - 7.0 / 6.0) / (8.0 * PI * PI * r2), 1e-9);
    }

    /// By hand at M = m_mu, with x^2 - x + 1 below: P divided by it leaves -2x + (2x)/(x^2-x+1) for the vector and
    /// 1 - x + (2x - 1)/(x^2-x+1) for the scalar; int x/(x^2-x+1) = pi/(3 sqrt 3), int (2x-1)/(x^2-x+1) = 0.
    #[test]
    fn the_muon_mass_meets_the_closed_forms() {
        let vector = -1.0 + 2.0 * PI / (3.0 * 3f64.sqrt());
        near(unit("universal", MUON_MASS_MEV), vector / (8.0 * PI * PI), 1e-13);
        near(unit("scalar", MUON_MASS_MEV), 0.5 / (8.0 * PI * PI), 1e-13);
    }

    #[test]
    fn the_quadrature_is_converged() {
        // Substituting x = exp(-u), or 1 - x = exp(-u), in 4000 steps: no layer escapes, no edge is shared.
        let direct = |ratio: f64, numerator: &dyn Fn(f64, f64) -> f64| {
            let panels: Vec<f64> = (0..=400).map(|i| 0.5f64.ln().abs() + 0.2 * f64::from(i)).collect();
            let rule = Rule::piecewise(&panels, &[10; 400]);
            let f = |x: f64, y: f64| numerator(x, y) / (x * x + y * ratio * ratio);
            rule.integrate(|u| (-u).exp() * (f((-u).exp(), -(-u).exp_m1()) + f(-(-u).exp_m1(), (-u).exp())))
        };
        for ratio in [1e-8, 1e-3, 0.03, 0.3, 1.0, 2.0, 7.0, 1e2, 1e5] {
            let vector = |x: f64, y: f64| 2.0 * x * x * y;
            let scalar = |x: f64, y: f64| x * x * (1.0 + y);
            near(loop_integral(ratio, vector), direct(ratio, &vector), 1e-12);
            near(loop_integral(ratio, scalar), direct(ratio, &scalar), 1e-12);
        }
    }

    #[test]
    fn the_band_gives_back_the_deviation() {
        let deviation = Deviation::parse("paper").unwrap();
        assert_eq!(deviation, Deviation::parse(" 25.1e-10, 5.9e-10").unwrap());
        let masses = [0.1, 10.0, 1e3];
        let band = band(&Model::named("b-l").unwrap(), &masses, deviation).unwrap().unwrap();
        for (i, mass) in masses.into_iter().enumerate() {
            let at = |coupling: f64| coupling * coupling * unit("b-l", mass);
            near(at(band.lower[i]), 13.3e-10, 1e-12);
            near(at(band.central[i]), 25.1e-10, 1e-12);
            near(at(band.upper[i]), 36.9e-10, 1e-12);
        }
    }

    #[test]
    fn a_deviation_compatible_with_none_has_no_lower_edge() {
        let band = band(&Model::named("b-l").unwrap(), &[10.0], Deviation { central: 1e-10, sigma: 1e-10 });
        let band = band.unwrap().unwrap();
        assert!(band.lower == [0.0] && band.upper[0] > 0.0);
    }

    #[test]
    fn models_without_a_charged_muon_say_so() {
        let without: Vec<&str> =
            Model::names().filter(|name| why_no_band(&Model::named(name).unwrap()).is_some()).collect();
        assert_eq!(without, ["b-3le", "le-ltau"]);
        let model = Model::named("b-3le").unwrap();
        assert_eq!(band(&model, &[1.0], PRESETS[0].deviation).unwrap(), None);
        assert!(why_no_band(&model).unwrap().contains("muon has no charge in b-3le"));
    }

    #[test]
    fn what_is_no_deviation_is_refused() {
        for text in ["", "papers", "25.1e-10", "25.1e-10;5.9e-10", "a,b", "1e-10,2e-10,3e-10"] {
            assert!(matches!(Deviation::parse(text), Err(Error::Unparsable { .. })), "{text}");
        }
        for text in ["0,1e-10", "1e-10,-1e-10", "nan,1", "1,inf"] {
            assert!(matches!(Deviation::parse(text), Err(Error::OutOfRange { .. })), "{text}");
        }
        let model = Model::named("b-l").unwrap();
        for mass_mev in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-7, 1e10] {
            assert!(per_squared_coupling(&model, mass_mev).is_err(), "{mass_mev}");
        }
    }
}
