//! Colours that people with any colour vision can tell apart (Okabe and Ito 2008), each with a dash for black-and-white print.

/// What a curve or an area stands for; it decides the look, so that CsI is the same in every figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Events of neutrinos on electrons.
    Electrons,
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
    /// The Standard Model, to which others are compared.
    StandardModel,
    /// One of many curves that stand side by side, by its number; the first seven differ in colour and in dashes, the first 49 in
    /// one of them.
    Series(u8),
    /// A line that marks a place, such as an end point.
    Marker,
    /// Where no experiment can tell a mediator from the Standard Model.
    Degeneracy,
    /// Where a mediator leaves no events.
    Cancellation,
    /// The limit of one other experiment among many, by its number.
    Muted(u8),
    /// What the data exclude and no other experiment.
    New,
    /// What is expected within one standard deviation, over that within two.
    OneSigma,
    /// What is expected within two standard deviations.
    TwoSigma,
    /// Where there is no result.
    Missing,
}

/// Colours and dashes of [`Role::Series`]; less their yellow, which is hard to see on white, and their black.
const SERIES: [(&str, &str); 7] = [
    ("#0072b2", "4.2 1.4"),
    ("#d55e00", "1.3 1.1"),
    ("#009e73", "5 1.2 1.2 1.2"),
    ("#cc79a7", "7.5 1.6"),
    ("#56b4e9", "2.6 1.1"),
    ("#e69f00", "4.2 1.1 1.2 1.1 1.2 1.1"),
    ("#7a5195", "1.2 2"),
];

/// The colours that a palette may have others for, and those of Paul Tol's bright scheme (SRON/EPS/TN/09-002, issue 3.2) in
/// their places; the third purple is darkened from its purple.
pub(super) const OKABE_ITO: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7a5195", "#f0e442"];
pub(super) const BRIGHT: [&str; 8] =
    ["#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#ccbb44", "#5b1f69", "#ccbb44"];
/// Greys in their places, for lines that cross: as far apart as seven can be. Other colours become the grey that is as light.
pub(super) const GREYS: [&str; 8] =
    ["#262626", "#7d7d7d", "#555555", "#9a9a9a", "#404040", "#8c8c8c", "#111111", "#d0d0d0"];

pub(super) const BLACK: &str = "#000000";
pub(super) const DARK: &str = "#444444";
pub(super) const GREY: &str = "#6f6f6f";
pub(super) const LIGHT: &str = "#e4e4e4";

/// Colours of [`Role::Muted`], for lines and words and for areas: pale enough to stand behind others.
const MUTED: [(&str, &str); 12] = [
    ("#66789a", "#dee3ec"),
    ("#957044", "#eee4d8"),
    ("#5f8a5b", "#dfebdc"),
    ("#8f658f", "#ecdfec"),
    ("#84843f", "#ececd6"),
    ("#478585", "#d8eaea"),
    ("#a0605c", "#f1dcda"),
    ("#6f6aa3", "#e0dff0"),
    ("#7c7c7c", "#e6e6e6"),
    ("#5c7f9e", "#d9e6f0"),
    ("#8a6d57", "#eae0d8"),
    ("#6d8f77", "#deeae1"),
];

impl Role {
    /// Its colour, as CSS and matplotlib write it.
    pub fn colour(self) -> &'static str {
        match self {
            Role::Csi => "#0072b2",
            Role::Lar | Role::Cevns => "#d55e00",
            Role::Combined | Role::StandardModel => BLACK,
            Role::Preferred => "#009e73",
            Role::Others | Role::Marker => "#8c8c8c",
            Role::SteadyState => "#c8c8c8",
            Role::Neutrons => "#56b4e9",
            Role::DelayedNeutrons => "#f0e442",
            Role::InducedNeutrons => "#009e73",
            Role::Extra | Role::Degeneracy => "#cc79a7",
            Role::Cancellation | Role::Electrons => "#7a5195",
            Role::Series(number) => SERIES[usize::from(number) % SERIES.len()].0,
            Role::Muted(number) => MUTED[usize::from(number) % MUTED.len()].0,
            Role::New | Role::TwoSigma => "#fff1ad",
            Role::OneSigma => "#a6d49b",
            Role::Missing => GREY,
        }
    }

    /// How much areas of [`Role::area_colour`] cover: those that are pale by themselves cover all.
    pub fn area_opacity(self) -> f64 {
        match self {
            Role::Muted(_) | Role::New | Role::OneSigma | Role::TwoSigma => 1.0,
            role => role.opacity(),
        }
    }

    /// The colour of its areas where they lie at the bottom of a figure.
    pub fn area_colour(self) -> &'static str {
        match self {
            Role::Muted(number) => MUTED[usize::from(number) % MUTED.len()].1,
            role => role.colour(),
        }
    }

    /// The colour of words about it.
    pub fn label_colour(self) -> &'static str {
        match self {
            Role::Muted(_) => self.colour(),
            _ => DARK,
        }
    }

    /// Lengths of dashes and gaps, in points; empty for a solid line.
    pub fn dash(self) -> &'static str {
        match self {
            Role::Csi => "4.2 1.4",
            Role::Lar => "1.3 1.1",
            Role::Preferred => "5 1.2 1.2 1.2",
            Role::Marker => "2 1.5",
            Role::Degeneracy => "7.5 1.6",
            Role::Cancellation => "1.2 2",
            // The eighth has the colour of the first and the dashes of the second.
            Role::Series(number) => {
                let number = usize::from(number);
                SERIES[(number + number / SERIES.len()) % SERIES.len()].1
            }
            _ => "",
        }
    }

    /// Width of its lines, in points.
    pub fn line_width(self) -> f64 {
        match self {
            Role::StandardModel => 1.15,
            // Thin enough to see between the two edges of a strip, and set off by its area.
            Role::Combined => 0.7,
            Role::Degeneracy => 0.6,
            Role::Others | Role::Marker => 0.5,
            Role::Muted(_) | Role::Missing => 0.35,
            _ => 0.95,
        }
    }

    /// How much its areas cover what is under them.
    pub fn opacity(self) -> f64 {
        match self {
            Role::Combined => 0.13,
            Role::Preferred => 0.35,
            Role::Others => 0.3,
            Role::Muted(_) => 0.12,
            _ => 0.22,
        }
    }
}
