//! The form of a dataset file (TOML).

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub name: String,
    pub label: String,
    pub description: String,
    pub reference: String,
    pub source: Source,
    pub target: Target,
    pub quenching: Quenching,
    pub resolution: Resolution,
    pub efficiency: Efficiency,
    pub observation: Observation,
    pub time: Time,
    pub signal: Signal,
    #[serde(rename = "background")]
    pub backgrounds: Vec<Background>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Source {
    PionDecayAtRest {
        /// Neutrinos of each flavour per proton.
        neutrinos_per_flavour_per_proton: f64,
        protons_on_target: f64,
        baseline_m: f64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub active_mass_kg: f64,
    pub molar_mass_g_per_mol: f64,
    pub isotopes: Vec<IsotopeShare>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IsotopeShare {
    pub name: String,
    pub per_formula_unit: f64,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Quenching {
    /// E_ee = sum_n c_n T^n in keV, from n = 0.
    Polynomial { coefficients_kev: Vec<f64> },
    /// The same from a table (power, coefficient) in MeV.
    PolynomialTable { table: String },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Resolution {
    GammaPhotoelectrons { a_kev: f64, b_per_kev: f64 },
    GaussianSqrt { sigma_per_sqrt_kev: f64 },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Efficiency {
    /// Table with the one row a b c d.
    Logistic { table: String },
    /// Table (keVee, keVnr, efficiency).
    TrueEnergyTable { table: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Observation {
    pub energy_unit: String,
    pub counts: String,
    pub statistic: Statistic,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Statistic {
    Poisson,
    /// Variance = observed counts + sum of share x expected events of the named backgrounds.
    Gaussian {
        background: String,
        share: f64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    pub trace: Trace,
    pub efficiency: Option<TimeEfficiency>,
    /// Whether each class is normalised to 1 over the window.
    pub normalise_to_window: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Trace {
    Table { table: String },
    Gaussian { mean_ns: f64, sigma_ns: f64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeEfficiency {
    pub flat_until_us: f64,
    pub rate_per_us: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signal {
    pub name: String,
    pub sigma: f64,
    #[serde(default)]
    pub shapes: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Background {
    pub name: String,
    pub label: String,
    pub table: String,
    pub sigma: f64,
    #[serde(default)]
    pub shapes: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    pub name: String,
    pub table: String,
}
