//! The mixing of Z' and photon against the momentum transfer (3.20).

use super::role;
use crate::physics::flux::Source;
use crate::physics::model::MixingCurve;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Scale};

/// The largest |q| (MeV) that neutrinos of pions at rest transfer: twice their energy.
pub fn largest_momentum_transfer_mev() -> f64 {
    let components = Source::pion_decay_at_rest().components;
    2.0 * components.iter().map(|component| component.spectrum.max_energy_mev()).fold(0.0, f64::max)
}

/// Curves of eps_{beta alpha} against |q|, with the largest |q| of the experiment marked.
pub fn mixing_chart(curves: &[MixingCurve]) -> Chart {
    let line = |curve: &MixingCurve| {
        let label = format!("$ε_{{{}{}}}$, {}", curve.beta.symbol(), curve.alpha.symbol(), curve.label);
        let points = curve.q_mev.iter().zip(&curve.epsilon).map(|(q, epsilon)| [*q, *epsilon]).collect();
        Curve::line(curve.symbol_name(), label, role::of_model(&curve.model), points)
    };
    let q_mev = curves.first().map_or(&[][..], |curve| &curve.q_mev);
    let values = || curves.iter().flat_map(|curve| &curve.epsilon).copied();
    let largest = values().fold(0.0, f64::max);
    Chart {
        x: ChartAxis {
            name: "q_mev".to_owned(),
            label: "$|q|$ [MeV]".to_owned(),
            low: q_mev.first().copied().unwrap_or(f64::NAN),
            high: q_mev.last().copied().unwrap_or(f64::NAN),
            scale: Scale::Log,
        },
        y: ChartAxis {
            name: "epsilon".to_owned(),
            label: "$ε_{βα}(|q|)$".to_owned(),
            low: values().fold(0.0, f64::min),
            high: 0.5 * (largest / 0.5 + 0.2).ceil(),
            scale: Scale::Linear,
        },
        curves: curves.iter().map(line).collect(),
        markers: vec![Marker {
            direction: Direction::Vertical,
            at: largest_momentum_transfer_mev(),
            label: "largest $|q|$ at COHERENT".to_owned(),
        }],
        ..Default::default()
    }
}
