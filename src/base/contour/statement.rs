//! What a file of a contour's lines says beside them, so that nobody has to guess which side is excluded. Written and read
//! here alone.

use std::fmt;

use super::Line;

/// What stands first where no data are behind a contour.
pub const EXPECTED: &str = "the expectation of the Standard Model stands in for the data";

/// Which part of the map a contour says is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Walking along each line, masses to the right and couplings upwards, what lies on the right; see [`Line`].
    RightOfLines,
    /// The whole map; there are no lines.
    Everything,
    /// No part of it; there are no lines.
    Nothing,
}

/// The same, and whether there are points about which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Which part.
    pub side: Side,
    /// Whether lines end at gaps, and gaps lie beside them.
    pub has_gaps: bool,
}

const SIDES: [(Side, &str); 3] =
    [(Side::RightOfLines, "right of each line"), (Side::Everything, "everything"), (Side::Nothing, "nothing")];
const GAPS: &str = ", but for gaps";

impl Statement {
    /// Of the lines of a map of values: without lines all that is known lies on one side of the level.
    pub fn of(lines: &[Line], values: &[f64], level: f64) -> Statement {
        let is_above = values.iter().any(|value| *value > level);
        let is_below = values.iter().any(|value| *value <= level);
        let side = match (lines.is_empty(), is_above, is_below) {
            (true, true, false) => Side::Everything,
            (true, false, _) => Side::Nothing,
            // Without a cell that is known there may be no lines between both.
            _ => Side::RightOfLines,
        };
        Statement { side, has_gaps: values.iter().any(|value| value.is_nan()) }
    }

    /// From its words.
    pub fn parse(text: &str) -> Option<Statement> {
        let (words, has_gaps) = match text.strip_suffix(GAPS) {
            Some(words) => (words, true),
            None => (text, false),
        };
        let (side, _) = SIDES.iter().find(|(_, known)| *known == words.trim())?;
        Some(Statement { side: *side, has_gaps })
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = SIDES.iter().find(|(side, _)| *side == self.side).map_or("", |(_, words)| words);
        write!(f, "{words}{}", if self.has_gaps { GAPS } else { "" })
    }
}

/// The part of the plane that a map covers: outside of it a file says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Lowest and highest mass (MeV).
    pub mass_mev: [f64; 2],
    /// Lowest and highest coupling.
    pub coupling: [f64; 2],
}

impl Window {
    /// How it is written, for messages.
    pub const FORM: &'static str = "two ranges that increase, such as 'mass 300:400 MeV coupling 3e-4:0.1'";

    /// Of the axes of a map.
    pub fn of(mass_mev: &[f64], coupling: &[f64]) -> Option<Window> {
        let ends = |axis: &[f64]| Some([*axis.first()?, *axis.last()?]);
        Some(Window { mass_mev: ends(mass_mev)?, coupling: ends(coupling)? })
    }

    /// From its words.
    pub fn parse(text: &str) -> Option<Window> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["mass", mass, "MeV", "coupling", coupling] = words[..] else { return None };
        let ends = |text: &str| {
            let (low, high) = text.split_once(':')?;
            let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
            (low > 0.0 && low < high && high.is_finite()).then_some([low, high])
        };
        Some(Window { mass_mev: ends(mass)?, coupling: ends(coupling)? })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([lightest, heaviest], [low, high]) = (self.mass_mev, self.coupling);
        write!(f, "mass {lightest:e}:{heaviest:e} MeV coupling {low:e}:{high:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (side, _) in SIDES {
            for has_gaps in [false, true] {
                let said = Statement { side, has_gaps };
                assert_eq!(Statement::parse(&said.to_string()), Some(said));
            }
        }
        assert_eq!(Statement::parse("above"), None);
        let window = Window { mass_mev: [0.1, 1.0 / 3.0], coupling: [3e-4, 1e-1] };
        assert_eq!(Window::parse(&window.to_string()), Some(window));
        for wrong in
            ["", "mass 1:2 MeV", "mass 2:1 MeV coupling 1:2", "mass 1:2 GeV coupling 1:2", "mass 0:2 MeV coupling 1:2"]
        {
            assert_eq!(Window::parse(wrong), None, "{wrong}");
        }
    }
}
