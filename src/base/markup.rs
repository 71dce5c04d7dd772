//! The markup of labels (`plot::text` draws it): signs by the names that TeX has for them, and whether a label is one.

use crate::base::error::nearest;

/// Name after the backslash, and the sign.
const COMMANDS: [(&str, char); 52] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("varepsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'φ'),
    ("varphi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("times", '×'),
    ("cdot", '·'),
    ("pm", '±'),
    ("mp", '∓'),
    ("leq", '≤'),
    ("le", '≤'),
    ("geq", '≥'),
    ("ge", '≥'),
    ("sim", '∼'),
    ("approx", '≈'),
    ("equiv", '≡'),
    ("propto", '∝'),
    ("to", '→'),
    ("rightarrow", '→'),
    ("prime", '′'),
    ("ell", 'ℓ'),
];

/// The sign of a name.
pub fn sign(name: &str) -> Option<char> {
    COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign)
}

/// What a label must be, in words, if it is none: one that pictures show as it is meant.
pub(crate) fn fault(label: &str) -> Option<String> {
    let mut signs = label.chars().peekable();
    let (mut in_math, mut in_quotes, mut shows) = (false, false, false);
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if in_math && !in_quotes && signs.peek().is_some_and(char::is_ascii_alphabetic) => {
                let name: String = std::iter::from_fn(|| signs.next_if(char::is_ascii_alphabetic)).collect();
                if self::sign(&name).is_none() {
                    let nearest = nearest(&name, COMMANDS.iter().map(|(known, _)| *known));
                    let meant = nearest.map_or(String::new(), |nearest| format!("; did you mean '\\{nearest}'?"));
                    return Some(format!("without '\\{name}', which pictures do not know{meant}"));
                }
                shows = true;
            }
            '\\' => shows |= signs.next().is_some(),
            '$' => (in_math, in_quotes) = (!in_math, false),
            '"' if in_math => in_quotes = !in_quotes,
            '_' | '^' | '{' | '}' if in_math && !in_quotes => {}
            sign => shows |= !sign.is_whitespace(),
        }
    }
    match (in_math, shows) {
        (true, _) => Some("with a second '$' (or '\\$' for the sign itself)".to_owned()),
        (false, false) => Some("with something to see".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_shown_as_they_are_meant() {
        for good in ["CsI", r"$L_\mu-L_{\tau}$", "$χ^2_\"min\"$", r"5\$", r"\mu outside is what it is", "$ν\u{304}$"]
        {
            assert_eq!(fault(good), None, "{good}");
        }
        let bad = [(r"$\mathrm{B}$", r"\mathrm"), (r"$\tao$", r"did you mean '\tau'?"), ("$", "second"), ("$$", "see")];
        for (label, words) in bad.into_iter().chain([("", "see"), ("  ", "see"), ("5 $", "second"), ("$_{}$", "see")]) {
            assert!(fault(label).is_some_and(|fault| fault.contains(words)), "{label}: {:?}", fault(label));
        }
    }
}
