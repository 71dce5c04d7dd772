//! A parameter and the range in which it is varied.

use crate::base::grid::parse_mass_mev;
use crate::{Error, Result};

use super::Parameter;

/// How values are spread over a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Logarithmic,
}

/// A parameter and its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Varied {
    /// The parameter.
    pub parameter: Parameter,
    /// Lower end, in its unit.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How values are spread between.
    pub spread: Spread,
}

impl Varied {
    /// `NAME=LOW:HIGH`, or `NAME=LOW:HIGH,log`; masses and couplings are spread by equal ratios anyway, masses may have units.
    ///
    /// # Errors
    /// What is not of this form; a range that is empty, or that the parameter cannot have.
    pub fn parse(text: &str) -> Result<Varied> {
        let unreadable = |expected: &str| Error::Unparsable {
            quantity: "parameter and range".to_owned(),
            value: text.to_owned(),
            expected: expected.to_owned(),
        };
        let form = "NAME=LOW:HIGH, e.g. sin2-theta-w=0.1:0.4, with ',log' after it for equal ratios";
        let (name, range) = text.split_once('=').ok_or_else(|| unreadable(form))?;
        let parameter = Parameter::parse(name.trim())?;
        let (range, log) = match range.rsplit_once(',') {
            None => (range, false),
            Some((range, word)) if word.trim() == "log" => (range, true),
            Some(_) => return Err(unreadable(form)),
        };
        let (low, high) = range.split_once(':').ok_or_else(|| unreadable(form))?;
        let number = |text: &str| value_of(&parameter, text.trim());
        let (low, high) = (number(low)?, number(high)?);
        parameter.require(low)?;
        parameter.require(high)?;
        let spread = match log || matches!(parameter, Parameter::Mass | Parameter::Coupling) {
            true => Spread::Logarithmic,
            false => Spread::Linear,
        };
        if low >= high {
            return Err(Error::out_of_range(
                format!("range of {}", parameter.name()),
                range,
                "LOW:HIGH with LOW below HIGH",
            ));
        }
        if spread == Spread::Logarithmic && low <= 0.0 {
            let bound = "above 0: values are spread by equal ratios";
            return Err(Error::out_of_range(format!("lower end of {}", parameter.name()), low, bound));
        }
        Ok(Varied { parameter, low, high, spread })
    }

    /// The value at a part of the range, 0 at its lower end and 1 at its upper.
    pub fn at(&self, part: f64) -> f64 {
        if part <= 0.0 {
            return self.low;
        }
        if part >= 1.0 {
            return self.high;
        }
        match self.spread {
            Spread::Linear => self.low + part * (self.high - self.low),
            Spread::Logarithmic => self.low * (self.high / self.low).powf(part),
        }
    }

    /// The part of the range at a value.
    pub fn part_of(&self, value: f64) -> f64 {
        let Varied { low, high, .. } = self;
        match self.spread {
            Spread::Linear => (value - low) / (high - low),
            Spread::Logarithmic => (value / low).ln() / (high / low).ln(),
        }
    }

    /// So many values from one end to the other.
    pub fn values(&self, points: usize) -> Vec<f64> {
        (0..points).map(|i| self.at(i as f64 / (points.max(2) - 1) as f64)).collect()
    }
}

/// A value as it is typed.
///
/// # Errors
/// What is no finite number, or no mass.
pub(super) fn value_of(parameter: &Parameter, text: &str) -> Result<f64> {
    if *parameter == Parameter::Mass {
        return parse_mass_mev(text);
    }
    text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| Error::Unparsable {
        quantity: format!("value of {}", parameter.name()),
        value: text.to_owned(),
        expected: "a finite number".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let varied = Varied::parse("sin2-theta-w=0.1:0.4").unwrap();
        assert_eq!((varied.low, varied.high, varied.spread), (0.1, 0.4, Spread::Linear));
        assert_eq!(varied.values(4).last(), Some(&0.4));
        let varied = Varied::parse("mass=10keV:1GeV").unwrap();
        assert_eq!((varied.low, varied.high, varied.spread), (0.01, 1e3, Spread::Logarithmic));
        assert!((varied.at(0.5) / 10f64.sqrt() - 1.0).abs() < 1e-12);
        assert_eq!(Varied::parse("magnetic-moment.mu=1e-11:1e-8,log").unwrap().spread, Spread::Logarithmic);
        for (text, said) in [
            ("sin2-theta-w", "NAME=LOW:HIGH"),
            ("sin2-theta-w=0.4:0.1", "LOW below HIGH"),
            ("sin2-theta-w=0.1:2", "from 0e0 to 1e0"),
            ("neutron-radius.Ar=1:5", "from 1.6e0 to 2e1 fm"),
            ("eps-u.ee=-1:1,log", "above 0"),
            ("eps-u.ee=-1:x", "a finite number"),
            ("eps-u.ee=-1:1,lin", "',log'"),
        ] {
            let told = Varied::parse(text).unwrap_err().to_string();
            assert!(told.contains(said), "{text}: {told}");
        }
    }
}
