//! Scales of what a header names: a power of ten, a percentage, a logarithm, a square. Numbers under such a name are no
//! masses and no couplings as they stand.

use super::tokens::Token::{self, Brackets, Number, Sign, Word};
use super::tokens::tokens;
use super::unit::looks_like_one;
use super::words::is_mass;

/// What is done to a quantity, as it stands in a header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub text: String,
    /// Whether it is a logarithm, which no factor undoes.
    pub is_logarithm: bool,
}

const LOGARITHMS: [&str; 8] = ["log", "log10", "log_10", "log_{10}", "lg", "ln", "logarithm", "decadic"];
const ROOTS: [&str; 3] = ["sqrt", "squared", "inverse"];
/// Names of a coupling up to an index; limits and bounds are of one, but more often of something else.
const COUPLINGS: [&str; 14] =
    ["g", "gx", "gv", "ga", "gs", "gd", "gz", "gzp", "gbl", "gprime", "geff", "coupling", "couplings", "gp"];
const OF_COUPLINGS: [&str; 6] = ["limit", "limits", "bound", "bounds", "lower", "upper"];
/// Units of a pure number.
const NO_UNIT: [&str; 8] = ["", "1", "-", "dimensionless", "unitless", "none", "no unit", "no units"];
/// Words between a quantity and its unit.
const BETWEEN: [&str; 8] = ["is", "are", "given", "the", "were", "values", "was", "all"];
/// A percentage from here on is a level of confidence.
const CONFIDENCE_PERCENT: f64 = 50.0;
/// A mass per velocity of light squared is one in natural units.
const NATURAL: [&str; 7] = ["/c^2", "/c²", "/c2", "/c**2", "/c^{2}", " c^-2", " c^{-2}"];

/// What a line of a header says is done to its couplings.
pub(super) fn of_coupling(text: &str) -> Option<Scale> {
    beside(start(text), DEEPEST, &|word| {
        let lower = word.to_lowercase();
        let bare = lower.split(['_', '\'', '{', '′']).next().unwrap_or_default();
        (COUPLINGS.contains(&bare) || OF_COUPLINGS.contains(&bare)).then(|| COUPLINGS.contains(&bare))
    })
}

/// What a line of a header says is done to its masses.
pub(super) fn of_mass(text: &str) -> Option<Scale> {
    let text = NATURAL.iter().fold(start(text).to_owned(), |text, natural| text.replace(natural, ""));
    beside(&text, DEEPEST, &|word| (is_mass(word) || word.split('_').next().is_some_and(is_mass)).then_some(false))
}

/// Headers are short: what is longer (bytes) or deeper in brackets is no name of a quantity.
const LONGEST: usize = 1000;
const DEEPEST: usize = 4;

fn start(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The first quantity with a scale; `quantity` says which words are one, and whether square brackets after it hold nothing
/// but its unit, which must be none.
fn beside(text: &str, depth: usize, quantity: &dyn Fn(&str) -> Option<bool>) -> Option<Scale> {
    let tokens = tokens(text);
    let scale = |is_logarithm: bool| Some(Scale { text: text.trim().to_owned(), is_logarithm });
    for (i, token) in tokens.iter().enumerate() {
        if let Brackets(_, inside) = token {
            let holds_one = words(inside).any(|word| quantity(word).is_some());
            match i.checked_sub(1).map(|before| tokens[before]) {
                Some(Word(function)) if holds_one && is_logarithm(function) => return scale(true),
                Some(Word(function)) if holds_one && is_one_of(function, &ROOTS) => return scale(false),
                _ => {}
            }
            if let Some(found) = depth.checked_sub(1).and_then(|depth| beside(inside, depth, quantity)) {
                return Some(found);
            }
        }
        let Word(word) = token else { continue };
        if logarithm_of(word).is_some_and(|rest| quantity(rest).is_some()) {
            return scale(true);
        }
        let Some(no_unit) = quantity(word) else { continue };
        if let Some(Word(before)) = i.checked_sub(1).map(|before| tokens[before]) {
            if is_logarithm(before) {
                return scale(true);
            }
            if is_one_of(before, &ROOTS) {
                return scale(false);
            }
        }
        if is_multiplied(&tokens[..i]) || is_scaled(&tokens[i + 1..], no_unit) {
            return scale(false);
        }
    }
    None
}

/// Whether what stands before a quantity multiplies it or is divided by it: `1e4 *`, `10^4`, `1 /`.
fn is_multiplied(before: &[Token]) -> bool {
    match before {
        [.., Number(_) | Brackets(..), Sign('*' | '×' | '·') | Word("x")] | [.., Number(_) | Word(_), Sign('/')] => {
            true
        }
        [.., Number(_), Sign('^'), Number(_) | Brackets('{', _)] => true,
        [.., Number(_), Sign('^'), Sign('-' | '+'), Number(_)] => true,
        [.., Number(number)] => is_factor(number),
        _ => false,
    }
}

/// The same of what stands after it.
fn is_scaled(after: &[Token], no_unit: bool) -> bool {
    match after {
        [Sign('/'), rest @ ..] => match rest {
            // Divided by its unit.
            [Word(unit), rest @ ..] if looks_like_one(unit) => is_scaled(rest, false),
            [Brackets(_, unit), rest @ ..] if looks_like_one(unit.trim()) => is_scaled(rest, false),
            _ => true,
        },
        [Sign('*' | '×' | '·' | '÷' | '^' | '%'), ..] => true,
        [Number(number)] if is_factor(number) => true,
        [Word("x" | "times" | "by"), Number(_), ..] => true,
        [Word(word), ..] if is_one_of(word, &["squared", "multiplied", "divided", "scaled", "rescaled"]) => true,
        [Word(word), rest @ ..] if is_one_of(word, &BETWEEN) || looks_like_one(word) => is_scaled(rest, no_unit),
        [Sign(','), rest @ ..] if matches!(rest, [Word("in"), ..]) => is_scaled(rest, no_unit),
        [Word("in"), rest @ ..] => match rest {
            [Word("unit" | "units"), Word("of"), rest @ ..] | rest => match rest {
                [Word(unit), rest @ ..] if looks_like_one(unit) => is_scaled(rest, false),
                [Word(unit), ..] => is_one_of(unit, &["e", "percent", "permille"]),
                [Number(_) | Sign('%'), ..] => true,
                _ => false,
            },
        },
        [Brackets('[', inside), ..] if no_unit && !NO_UNIT.contains(&inside.trim().to_lowercase().as_str()) => true,
        [Brackets('[' | '(', inside), rest @ ..] => is_scale(inside) || is_scaled(rest, false),
        _ => false,
    }
}

/// Whether what stands in brackets is a number or a power, alone or beside a unit, and no words.
fn is_scale(inside: &str) -> bool {
    let tokens = tokens(inside);
    let is_part = |token: &Token| match token {
        Word(word) => {
            looks_like_one(word)
                || is_one_of(word, &["x", "times", "in", "unit", "units", "of", "e", "percent", "permille"])
        }
        Brackets('{', _) | Number(_) => true,
        Sign(sign) => "^-+*×·/%".contains(*sign),
        Brackets(..) => false,
    };
    if !tokens.iter().all(is_part) {
        // Words beside a unit are words, but a sign or a number is not.
        let unit = tokens.iter().position(|token| matches!(token, Word(word) if looks_like_one(word)));
        return unit.is_some_and(|unit| {
            matches!(tokens.get(unit + 1), Some(Sign('/' | '*' | '×' | '^' | '·')))
                || unit
                    .checked_sub(1)
                    .is_some_and(|before| matches!(tokens[before], Number(_) | Sign('*' | '×' | '·' | '^')))
        });
    }
    let has_unit = tokens.iter().any(|token| matches!(token, Word(word) if looks_like_one(word)));
    let number = |token: &Token| match token {
        Number(number) => number.parse::<f64>().ok(),
        _ => None,
    };
    let numbers: Vec<f64> = tokens.iter().filter_map(number).collect();
    let is_confidence = matches!(&numbers[..], [percent] if *percent >= CONFIDENCE_PERCENT);
    tokens.iter().any(|token| match token {
        Sign('%') | Word("%" | "percent") => !is_confidence,
        Sign('^' | '*' | '×' | '·' | '/') | Word("e" | "permille" | "x" | "times") => true,
        // A small whole number counts columns or notes.
        Number(text) => text.contains(['e', 'E']) || has_unit || number(token).is_some_and(is_power_of_ten),
        _ => false,
    })
}

/// Whether a number that stands beside a quantity is meant to multiply it: a power of ten, but for those that count columns.
fn is_factor(number: &str) -> bool {
    number.contains(['e', 'E'])
        || number.parse().is_ok_and(|number: f64| is_power_of_ten(number) && !(number - 10.0).abs().lt(&1e-9))
}

fn is_power_of_ten(number: f64) -> bool {
    let power = number.log10();
    number != 1.0 && (power - power.round()).abs() < 1e-9
}

fn is_logarithm(word: &str) -> bool {
    is_one_of(word, &LOGARITHMS)
}

/// What a word such as `log10g` or `log_mass` is the logarithm of.
fn logarithm_of(word: &str) -> Option<&str> {
    let is_log = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("log"));
    let rest = is_log.then(|| word[3..].trim_start_matches("10").trim_start_matches("_10").trim_start_matches('_'))?;
    (!rest.is_empty()).then_some(rest)
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).into_iter().filter_map(|token| if let Word(word) = token { Some(word) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_of_couplings() {
        for text in [
            "mass g [10^-4]",
            "g (1e-4)",
            "g (10^{-4})",
            "g*1e4",
            "g * 1e4",
            "g [%]",
            "g (%)",
            "g/e",
            "g / e",
            "log10 g",
            "log10(g)",
            "log_{10}(g)",
            "log10g",
            "log_g",
            "ln g",
            "g^2",
            "g²",
            "g**2",
            "sqrt(g)",
            "1e4 g",
            "10^4 g",
            "10^4 x g",
            "1e4*g",
            "g x 10^4",
            "g × 10⁴",
            "couplings in units of 1e-4",
            "coupling, in units of 10^-4",
            "the couplings are given in units of e",
            "coupling in percent",
            "coupling multiplied by 1e4",
            "g [GeV^-1]",
            "1/g",
            "mass [MeV], coupling [1e-4]",
            "g_{B-L} [10^{-5}]",
            "g_Z' (x 1e-4)",
            "limit (10^-4)",
            "$g$ [$10^{-4}$]",
            "upper [%]",
            "mass lower (1e-3) upper (1e-3)",
            "g (in units of 1e-4)",
            "log10(g/1e-4)",
            "g (0.001)",
        ] {
            assert!(of_coupling(text).is_some(), "{text}");
        }
        for text in [
            "mass g",
            "mass [MeV] g_BL",
            "g [1]",
            "coupling (dimensionless)",
            "g []",
            "limit on g (90% CL)",
            "g (90%)",
            "g (the coupling itself, not in units of e)",
            "couplings from 1e-4 to 1e-2",
            "limit [12]",
            "g (2)",
            "e.g. 10 MeV",
            "Couplings 3e-4 and 0.1 are the ends of the map",
            "mass lower upper",
            "g_{B-L}",
            "m, g'",
            "limit of 2019 on g, 90 % CL, figure 3",
            "g-2 of the muon",
            "Lower end of the excluded interval of g",
            "line,mass_mev,coupling",
            "from the lower bound",
            "coupling (log-log interpolation)",
        ] {
            assert_eq!(of_coupling(text), None, "{text}");
        }
        for text in ["log10 g", "log10(g)", "log_g", "log10g", "ln(g)"] {
            assert!(of_coupling(text).is_some_and(|scale| scale.is_logarithm), "{text}");
        }
    }

    #[test]
    fn endless_headers_end() {
        for open in ["(", "[g ", "{", "g(", "([{"] {
            let _ = (of_coupling(&open.repeat(300_000)), of_mass(&open.repeat(300_000)));
        }
    }

    #[test]
    fn scales_of_masses() {
        for text in [
            "mass [MeV/10]",
            "mass[MeV]^2 g",
            "mass^2 [MeV^2]",
            "log10 mass [MeV]",
            "log10(mass/MeV)",
            "log10(m)",
            "mass*10",
            "mass [10 MeV]",
            "mass (100 MeV)",
            "M_Z'/(10 MeV)",
            "mass [MeV^2]",
            "mass squared",
            "1/mass [1/GeV]",
            "g/M [1/GeV]",
            "10^3 mass",
            "mass [1e3 MeV]",
            "mass [x10 MeV]",
            "mass_mev*1e3",
            "log_mass",
        ] {
            assert!(of_mass(text).is_some(), "{text}");
        }
        for text in [
            "mass [MeV] g",
            "mass (MeV), coupling",
            "m_Z' [MeV/c^2]   g_BL",
            "M_Z'/MeV g",
            "mass_mev coupling",
            "Mass: MeV",
            "masses in MeV",
            "The mass of the mediator is given in units of MeV; made from figure 3 of a thesis of 2019",
            "mass (of the mediator, MeV)",
            "mass[GeV] g",
            "Mediator mass [MeV]",
            "mass m_A' (in GeV)",
            "mass - coupling",
            "M [GeV/c²]",
            "masses from 1 MeV on",
        ] {
            assert_eq!(of_mass(text), None, "{text}");
        }
    }
}
