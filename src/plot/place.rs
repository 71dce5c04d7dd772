//! Points of the plane and their numbers in the words of figures.

use crate::physics::model::Model;
use crate::rates::Point;

/// A point of a model's plane, in the markup of [`super::text`]: `$M_{Z'}$ = 10 MeV, $g_{Z'}$ = $10^{-4}$`.
pub(crate) fn place_markup(model: &Model, point: Point) -> String {
    if point.coupling == 0.0 {
        return "Standard Model".to_owned();
    }
    let mediator = model.mediator_symbol();
    let (mass, coupling) = (number_markup(point.mass_mev), number_markup(point.coupling));
    format!("$M_{{{mediator}}}$ = {mass} MeV, $g_{{{mediator}}}$ = {coupling}")
}

/// A number in up to four significant digits, in powers of ten where that is shorter.
pub(crate) fn number_markup(value: f64) -> String {
    let written = format!("{value:.3e}");
    let Some((mantissa, exponent)) = written.split_once('e') else { return written };
    if (1e-2..1e5).contains(&value.abs()) {
        // Rounded first, so that 99999 is 100000 and not 9.9999 of something.
        return written.parse().map_or(written.clone(), |rounded: f64| rounded.to_string());
    }
    match mantissa.trim_end_matches('0').trim_end_matches('.') {
        "0" => "0".to_owned(),
        "1" => format!("$10^{{{exponent}}}$"),
        mantissa => format!("${mantissa}×10^{{{exponent}}}$"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [(10.0, "10"), (1e-4, "$10^{-4}$"), (2e-3, "$2×10^{-3}$"), (0.0, "0"), (29.79, "29.79")];
        for (value, markup) in cases.into_iter().chain([(1.23456e5, "$1.235×10^{5}$"), (99999.0, "100000")]) {
            assert_eq!(number_markup(value), markup);
        }
        assert_eq!(number_markup(f64::INFINITY), "inf");
    }
}
