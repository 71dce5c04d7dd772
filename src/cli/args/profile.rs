//! Arguments of `profile`.

use clap::Args;

use crate::analysis::section::Along;
use crate::base::grid::{parse_coupling, parse_mass_mev, parse_range};
use crate::{Error, Result};

use super::{CurveArgs, LevelArgs, ModelArg, StandardArgs};

/// `profile`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cevscan profile --model b-l --mass 10MeV\n  cevscan profile --model b-l --coupling 5e-5 \
    --mass 1MeV:1GeV --out ."
)]
pub struct ProfileArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// One mass, along whose couplings chi2 is followed; or with one coupling a range [default: 0.1MeV:10GeV]; MeV unless a
    /// unit (keV, MeV, GeV, TeV) is written
    #[arg(long, value_name = "MASS|LOW:HIGH", allow_hyphen_values = true)]
    mass: Option<String>,
    /// One coupling, along whose masses chi2 is followed; or with one mass a range [default: around the coupling at which
    /// the mediator doubles the events]
    #[arg(long, value_name = "COUPLING|LOW:HIGH", allow_hyphen_values = true)]
    coupling: Option<String>,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Replace the data by the Standard Model's expectation
    #[arg(long)]
    pub asimov: bool,
    /// How finely, in which form, and where to.
    #[command(flatten)]
    pub curves: CurveArgs,
    /// The level whose crossings are shown.
    #[command(flatten)]
    pub level: LevelArgs,
}

/// The line of the plane that is followed.
pub struct Line {
    /// What runs.
    pub along: Along,
    /// What stands: the mass (MeV) or the coupling.
    pub fixed: f64,
    /// Where it begins and ends, if that was said.
    pub range: Option<(f64, f64)>,
}

/// Masses where nothing is said.
const MASSES: &str = "0.1MeV:10GeV";

impl ProfileArgs {
    /// The line.
    ///
    /// # Errors
    /// Two ranges, two values, or none.
    pub fn line(&self) -> Result<Line> {
        let is_range = |text: &&String| text.contains(':');
        let value = |text: &Option<String>| text.as_ref().filter(|text| !is_range(text)).cloned();
        let range = |text: &Option<String>| text.as_ref().filter(is_range).cloned();
        match (value(&self.mass), value(&self.coupling)) {
            (Some(mass), None) => Ok(Line {
                along: Along::Coupling,
                fixed: parse_mass_mev(&mass)?,
                range: range(&self.coupling).map(|text| parse_range("coupling", &text, parse_coupling)).transpose()?,
            }),
            (None, Some(coupling)) => {
                let text = range(&self.mass).unwrap_or_else(|| MASSES.to_owned());
                let range = Some(parse_range("mass", &text, parse_mass_mev)?);
                Ok(Line { along: Along::Mass, fixed: parse_coupling(&coupling)?, range })
            }
            (Some(mass), Some(coupling)) => Err(Error::out_of_range(
                "line of the plane",
                format!("the one point of mass {mass} and coupling {coupling}"),
                "one of them a value and the other a range LOW:HIGH; 'cevscan point' takes a point",
            )),
            (None, None) => Err(Error::out_of_range(
                "line of the plane",
                "without a value that stands",
                "one mass (--mass 10MeV) or one coupling (--coupling 5e-5)",
            )),
        }
    }
}
