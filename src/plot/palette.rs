//! Colours that people with any colour vision can tell apart (Okabe and Ito 2008), each with a dash for black-and-white print.

/// What a curve or an area stands for; it decides the look, so that CsI is the same in every figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The CsI detector.
    Csi,
    /// The liquid-argon detector.
    Lar,
    /// All data together.
    Combined,
    /// A region preferred by another measurement, such as the muon's magnetic moment.
    Preferred,
    /// Limits of other experiments.
    Others,
    /// CEvNS events.
    Cevns,
    /// Steady-state background.
    SteadyState,
    /// Beam-related neutrons, prompt ones where delayed ones are apart.
    Neutrons,
    /// Delayed beam-related neutrons.
    DelayedNeutrons,
    /// Neutrino-induced neutrons.
    InducedNeutrons,
    /// Anything else.
    Extra,
    /// The limit of one other experiment among many, by its number.
    Muted(u8),
}

pub(super) const BLACK: &str = "#000000";
pub(super) const DARK: &str = "#444444";
pub(super) const GREY: &str = "#6f6f6f";
pub(super) const LIGHT: &str = "#e4e4e4";

/// Colours of [`Role::Muted`], for lines and words and for areas: pale enough to stand behind others.
const MUTED: [(&str, &str); 6] = [
    ("#66789a", "#dee3ec"),
    ("#957044", "#eee4d8"),
    ("#5f8a5b", "#dfebdc"),
    ("#8f658f", "#ecdfec"),
    ("#84843f", "#ececd6"),
    ("#478585", "#d8eaea"),
];

impl Role {
    pub(super) fn colour(self) -> &'static str {
        match self {
            Role::Csi => "#0072b2",
            Role::Lar | Role::Cevns => "#d55e00",
            Role::Combined => BLACK,
            Role::Preferred => "#009e73",
            Role::Others => "#8c8c8c",
            Role::SteadyState => "#c8c8c8",
            Role::Neutrons => "#56b4e9",
            Role::DelayedNeutrons => "#f0e442",
            Role::InducedNeutrons => "#009e73",
            Role::Extra => "#cc79a7",
            Role::Muted(number) => MUTED[usize::from(number) % MUTED.len()].0,
        }
    }

    /// The colour of its areas, which `opacity` makes pale where it is not so by itself.
    pub(super) fn area_colour(self) -> &'static str {
        match self {
            Role::Muted(number) => MUTED[usize::from(number) % MUTED.len()].1,
            role => role.colour(),
        }
    }

    /// The colour of words about it.
    pub(super) fn label_colour(self) -> &'static str {
        match self {
            Role::Muted(_) => self.colour(),
            _ => DARK,
        }
    }

    /// Lengths of dashes and gaps, in points; empty for a solid line.
    pub(super) fn dash(self) -> &'static str {
        match self {
            Role::Csi => "4.2 1.4",
            Role::Lar => "1.3 1.1",
            Role::Preferred => "5 1.2 1.2 1.2",
            _ => "",
        }
    }

    /// Width of its lines, in points.
    pub(super) fn line_width(self) -> f64 {
        match self {
            Role::Combined => 1.15,
            Role::Others => 0.5,
            Role::Muted(_) => 0.35,
            _ => 0.95,
        }
    }

    /// How much its areas cover what is under them.
    pub(super) fn opacity(self) -> f64 {
        match self {
            Role::Combined => 0.13,
            Role::Preferred => 0.35,
            Role::Others => 0.3,
            Role::Muted(_) => 1.0,
            _ => 0.22,
        }
    }
}
