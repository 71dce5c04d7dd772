//! Masses as they are typed: a range with a number of points, or a list.

use crate::base::grid::{Axis, number_text, parse_mass_mev, parse_range};
use crate::{Error, Result};

/// More masses than this are a slip of the keyboard.
const MOST_MASSES: usize = 100_000;

/// Masses (MeV), increasing, and whether each was typed.
pub struct Masses {
    pub mev: Vec<f64>,
    pub listed: bool,
}

impl Masses {
    /// Reads `LOW:HIGH/N`, on a logarithmic axis, or a list such as `1MeV,10MeV`.
    ///
    /// # Errors
    /// Neither of them.
    pub fn parse(text: &str) -> Result<Masses> {
        let Some((range, points)) = text.split_once('/') else {
            if text.contains(':') {
                return Err(Error::Unparsable {
                    quantity: "masses".to_owned(),
                    value: text.to_owned(),
                    expected: "LOW:HIGH/N such as 1:100/50, or a list such as 1,10,100".to_owned(),
                });
            }
            let mut mev = text.split(',').map(parse_mass_mev).collect::<Result<Vec<f64>>>()?;
            mev.sort_by(f64::total_cmp);
            if let Some(twice) = mev.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Error::out_of_range("mass", format!("{} MeV", number_text(twice[0])), "given once"));
            }
            return Ok(Masses { mev, listed: true });
        };
        let range = parse_range("mass", range, parse_mass_mev)?;
        let points = points.trim().parse().map_err(|_| Error::Unparsable {
            quantity: "number of masses".to_owned(),
            value: points.to_owned(),
            expected: "a whole number, e.g. 241".to_owned(),
        })?;
        if !(2..=MOST_MASSES).contains(&points) {
            return Err(Error::out_of_range("number of masses", points, format!("from 2 to {MOST_MASSES}")));
        }
        Ok(Masses { mev: Axis::logarithmic("mass", "MeV", range, points)?.values, listed: false })
    }
}
