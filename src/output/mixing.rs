//! The kinetic mixing against the momentum transfer, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::physics::model::MixingCurve;

use super::digits::number;

/// `epsilon --format json`: one symmetry.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MixingRecord {
    /// Name of the model, L_alpha - L_beta.
    pub model: String,
    /// Generation of charge +1: `e`, `mu` or `tau`.
    pub alpha: &'static str,
    /// Generation of charge -1.
    pub beta: &'static str,
    /// Momentum transfers |q| (MeV).
    pub q_mev: Vec<f64>,
    /// eps_{beta alpha}(|q|) (3.20).
    pub epsilon: Vec<f64>,
}

impl MixingRecord {
    /// The record of a curve.
    pub fn new(curve: &MixingCurve) -> MixingRecord {
        MixingRecord {
            model: curve.model.clone(),
            alpha: curve.alpha.name(),
            beta: curve.beta.name(),
            q_mev: curve.q_mev.clone(),
            epsilon: curve.epsilon.clone(),
        }
    }
}

/// A table for people of curves at the same momentum transfers.
pub fn mixing_table(curves: &[MixingCurve]) -> String {
    let mut text = format!("{:>12}", "");
    // Writing to a String cannot fail.
    curves.iter().for_each(|curve| _ = write!(text, "{:>14}", curve.model));
    let _ = write!(text, "\n{:>12}", "|q| [MeV]");
    curves.iter().for_each(|curve| _ = write!(text, "{:>14}", curve.symbol_name()));
    text.push('\n');
    for (row, q) in q_mev(curves).iter().enumerate() {
        let _ = write!(text, "{q:>12.5}");
        curves.iter().for_each(|curve| _ = write!(text, "{:>14.6}", curve.epsilon[row]));
        text.push('\n');
    }
    text
}

/// Rows `q_mev,eps_mu_e,...`, a column for each curve (beta, then alpha).
pub fn mixing_csv(curves: &[MixingCurve]) -> String {
    let names = curves.iter().map(|curve| format!(",{}", curve.symbol_name()));
    let mut text = format!("q_mev{}\n", names.collect::<String>());
    for (row, q) in q_mev(curves).iter().enumerate() {
        let values = curves.iter().map(|curve| format!(",{}", number(curve.epsilon[row])));
        let _ = writeln!(text, "{}{}", number(*q), values.collect::<String>());
    }
    text
}

fn q_mev(curves: &[MixingCurve]) -> &[f64] {
    curves.first().map_or(&[], |curve| &curve.q_mev)
}
