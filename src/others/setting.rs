//! What an experiment allows, in one or several settings: measured numbers with so many standard deviations, or the number
//! that reproduces a published curve.

use crate::Result;
use crate::base::document::{Bound, Section};
use crate::base::grid::number_text;

use super::polynomial::Bounds;

/// Any number of an experiment.
const NUMBER: Bound = Bound::Within(1e12);
/// Standard deviations that count if nothing else is asked for, as in arXiv:2202.11002.
pub const STANDARD_DEVIATIONS: f64 = 2.0;

/// One way to read a measurement.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name; the first one of an experiment counts where nothing else is asked for.
    pub name: String,
    /// What it allows.
    pub criterion: Criterion,
    /// What it was fitted to, where it was.
    pub fitted: Option<String>,
    /// A number of the physics that belongs to the setting, such as a temperature.
    pub parameter: Option<f64>,
}

/// What is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Criterion {
    /// Fixed bounds.
    Fixed(Bounds),
    /// So many standard deviations around a measured number.
    Measured(Measured),
    /// The same of sin^2 theta_W, which stands for the ratio of rates that it was measured by.
    WeakAngle(Measured),
    /// A magnetic moment of neutrinos up to this (Bohr magnetons).
    MagneticMoment(f64),
}

/// A measured number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Best value.
    pub central: f64,
    /// Standard deviation.
    pub sigma: f64,
    /// Whether too little is excluded, and too much.
    pub sides: (bool, bool),
    /// Standard deviations that the published limit counts; otherwise those that are asked for.
    pub fixed_z: Option<f64>,
}

impl Measured {
    /// The standard deviations that count where `z` are asked for.
    pub fn z(&self, z: f64) -> f64 {
        self.fixed_z.unwrap_or(z)
    }

    /// What is allowed.
    pub fn bounds(&self, z: f64) -> Bounds {
        let reach = self.z(z) * self.sigma;
        let (below, above) = self.sides;
        Bounds { least: below.then_some(self.central - reach), most: above.then_some(self.central + reach) }
    }
}

impl Setting {
    /// Reads one, with the key of the parameter that the physics asks for.
    ///
    /// # Errors
    /// Keys that are missing, out of bounds, or of several criteria.
    pub(crate) fn read(section: &Section, parameter: Option<&str>) -> Result<Setting> {
        let name = section.name("name")?;
        let fitted = section.optional_text("fitted")?.map(str::to_owned);
        let parameter = match parameter {
            Some(key) => section.optional_number(key, Bound::PositiveUpTo(1e9))?,
            None => None,
        };
        let fixed =
            Bounds { least: section.optional_number("least", NUMBER)?, most: section.optional_number("most", NUMBER)? };
        let measured = section.optional_number("measured", NUMBER)?;
        let weak_angle = section.optional_number("measured_sin2_weak_angle", Bound::PositiveUpTo(1.0))?;
        let moment = section.optional_number("most_magnetic_moment", Bound::PositiveUpTo(1.0))?;
        let given = [fixed != Bounds::default(), measured.is_some(), weak_angle.is_some(), moment.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            let bound = "exactly one of most/least, measured, measured_sin2_weak_angle, most_magnetic_moment";
            let found = format!("{} criteria", given.iter().filter(|given| **given).count());
            return Err(section.error("name", found, bound));
        }
        let criterion = match (measured, weak_angle, moment) {
            (Some(central), ..) => Criterion::Measured(around(section, central)?),
            (_, Some(central), _) => Criterion::WeakAngle(around(section, central)?),
            (.., Some(moment)) => Criterion::MagneticMoment(moment),
            _ => Criterion::Fixed(fixed),
        };
        Ok(Setting { name, criterion, fitted, parameter })
    }

    /// Standard deviations that count where `z` are asked for; none where they mean nothing.
    pub fn z(&self, z: f64) -> Option<f64> {
        match self.criterion {
            Criterion::Measured(measured) | Criterion::WeakAngle(measured) => Some(measured.z(z)),
            Criterion::Fixed(_) | Criterion::MagneticMoment(_) => None,
        }
    }

    /// Whether its standard deviations follow what is asked for.
    pub(crate) fn follows_z(&self) -> bool {
        match self.criterion {
            Criterion::Measured(measured) | Criterion::WeakAngle(measured) => measured.fixed_z.is_none(),
            Criterion::Fixed(_) | Criterion::MagneticMoment(_) => false,
        }
    }

    /// Its criterion in words.
    pub fn in_words(&self, z: f64) -> String {
        let of = |measured: Measured, what: &str| {
            let side = match measured.sides {
                (true, true) => "",
                (true, false) => ", from below",
                (false, _) => ", from above",
            };
            let [central, sigma] = [measured.central, measured.sigma].map(number_text);
            format!("{what}{central} +- {sigma}, z = {}{side}", measured.z(z))
        };
        match self.criterion {
            Criterion::Fixed(Bounds { least, most }) => {
                let words = [("at least", least), ("at most", most)];
                let words =
                    words.iter().filter_map(|(words, bound)| Some(format!("{words} {}", number_text((*bound)?))));
                words.collect::<Vec<_>>().join(", ")
            }
            Criterion::Measured(measured) => of(measured, ""),
            Criterion::WeakAngle(measured) => of(measured, "sin^2 theta_W "),
            Criterion::MagneticMoment(most) => format!("magnetic moment at most {} mu_B", number_text(most)),
        }
    }
}

fn around(section: &Section, central: f64) -> Result<Measured> {
    let sides = match section.choice("sides", &["below", "above", "both"])? {
        "below" => (true, false),
        "above" => (false, true),
        _ => (true, true),
    };
    let sigma = section.number("sigma", Bound::PositiveUpTo(1e12))?;
    Ok(Measured { central, sigma, sides, fixed_z: section.optional_number("z", Bound::PositiveUpTo(100.0))? })
}
