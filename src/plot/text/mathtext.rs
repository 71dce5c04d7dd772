//! Rich text as matplotlib's mathtext, a part of TeX.

use super::{Level, Rich, Run, THIN_SPACE};

/// Signs and their names in TeX; other signs stand for themselves.
const NAMES: [(char, &str); 52] = [
    ('α', r"\alpha"),
    ('β', r"\beta"),
    ('γ', r"\gamma"),
    ('δ', r"\delta"),
    ('ε', r"\varepsilon"),
    ('ϵ', r"\epsilon"),
    ('ζ', r"\zeta"),
    ('η', r"\eta"),
    ('θ', r"\theta"),
    ('κ', r"\kappa"),
    ('λ', r"\lambda"),
    ('μ', r"\mu"),
    ('ν', r"\nu"),
    ('ξ', r"\xi"),
    ('π', r"\pi"),
    ('ρ', r"\rho"),
    ('σ', r"\sigma"),
    ('τ', r"\tau"),
    ('φ', r"\phi"),
    ('ϕ', r"\phi"),
    ('χ', r"\chi"),
    ('ψ', r"\psi"),
    ('ω', r"\omega"),
    ('Γ', r"\Gamma"),
    ('Δ', r"\Delta"),
    ('Σ', r"\Sigma"),
    ('Φ', r"\Phi"),
    ('Ω', r"\Omega"),
    ('×', r"\times"),
    ('·', r"\cdot"),
    ('±', r"\pm"),
    ('∓', r"\mp"),
    ('≤', r"\leq"),
    ('≥', r"\geq"),
    ('≪', r"\ll"),
    ('≫', r"\gg"),
    ('∼', r"\sim"),
    ('≈', r"\approx"),
    ('≃', r"\simeq"),
    ('≡', r"\equiv"),
    ('∝', r"\propto"),
    ('→', r"\rightarrow"),
    ('∞', r"\infty"),
    ('∂', r"\partial"),
    ('ℓ', r"\ell"),
    ('{', r"\{"),
    ('}', r"\}"),
    ('$', r"\$"),
    ('%', r"\%"),
    ('#', r"\#"),
    ('_', r"\_"),
    ('&', r"\&"),
];

impl Rich {
    /// The same text for matplotlib: mathematics between dollar signs, the rest as it stands.
    pub fn mathtext(&self) -> String {
        let mut text = String::new();
        let mut k = 0;
        while k < self.runs.len() {
            let in_math = is_math(&self.runs[k]);
            let length = self.runs[k..].iter().take_while(|run| is_math(run) == in_math).count();
            let runs = &self.runs[k..k + length];
            if in_math {
                text += &format!("${}$", math(runs));
            } else {
                runs.iter().for_each(|run| text += &run.text.replace('$', r"\$"));
            }
            k += length;
        }
        text
    }
}

/// Words stay outside of mathematics; signs and numbers between its letters belong to it.
fn is_math(run: &Run) -> bool {
    let is_word = || run.text.chars().any(|sign| sign.is_alphabetic() || sign == ' ');
    run.italic || run.over || run.level != Level::Base || !is_word()
}

fn math(runs: &[Run]) -> String {
    let mut text = String::new();
    for same_level in runs.chunk_by(|a, b| a.level == b.level) {
        let inside = letters(same_level);
        text += &match same_level.first().map(|run| run.level) {
            Some(Level::Sub) => format!("_{{{inside}}}"),
            Some(Level::Super) => format!("^{{{inside}}}"),
            _ => inside,
        };
    }
    text
}

fn letters(runs: &[Run]) -> String {
    let mut text = String::new();
    for (k, run) in runs.iter().enumerate() {
        let mut signs: Vec<String> = run.text.chars().filter(|sign| *sign != THIN_SPACE).map(sign).collect();
        if run.over {
            continue;
        }
        if runs.get(k + 1).is_some_and(|next| next.over)
            && let Some(last) = signs.last_mut()
        {
            *last = format!(r"\bar{{{}}}", last.trim_end());
        }
        let has_upright_letters = !run.italic && run.text.chars().any(char::is_alphabetic);
        let signs = signs.concat();
        text += &if has_upright_letters { format!(r"\mathrm{{{signs}}}") } else { signs };
    }
    text.trim_end().to_owned()
}

fn sign(sign: char) -> String {
    match sign {
        '−' => "-".to_owned(),
        '′' => "'".to_owned(),
        '\\' => r"\backslash ".to_owned(),
        ' ' => r"\ ".to_owned(),
        sign => match NAMES.iter().find(|(known, _)| *known == sign) {
            // A space ends the name.
            Some((_, name)) if name.ends_with(char::is_alphabetic) => format!("{name} "),
            Some((_, name)) => (*name).to_owned(),
            None => sign.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_mathtext() {
        for (markup, expected) in [
            ("$B_y+L_μ+L_τ$", r"$B_{y}+L_{\mu}+L_{\tau}$"),
            ("$B-3L_e$", "$B-3L_{e}$"),
            ("$M_{Z'}$ [MeV]", "$M_{Z'}$ [MeV]"),
            (r#"$χ^2_"min"$ = 3"#, r"$\chi^{2}_{\mathrm{min}}$ = 3"),
            ("energy [$\"keV\"_\"nr\"$]", r"energy [keV$_{\mathrm{nr}}]$"),
            ("$ν\u{304}_μ$", r"$\bar{\nu}_{\mu}$"),
            ("10$^{-6}$", "$10^{-6}$"),
            ("$2×10^{-3}$", r"$2\times 10^{-3}$"),
            ("plain_words 5\\$ & 100 %", r"plain_words 5\$ & 100 %"),
            ("", ""),
        ] {
            assert_eq!(Rich::parse(markup).mathtext(), expected, "{markup}");
        }
    }
}
