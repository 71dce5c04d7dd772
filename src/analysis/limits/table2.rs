//! The paper's table 2, to compare bounds with.

use std::sync::LazyLock;

/// At which end of the mass axis a bound is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// g at masses far below the momentum transfer.
    Low,
    /// g/M [GeV^-1] at masses far above it.
    High,
}

/// One published bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Model, as on the command line.
    pub model: String,
    /// Datasets, as on the command line.
    pub data: String,
    /// Which end.
    pub regime: Regime,
    /// The bound: g, or g/M [GeV^-1].
    pub value: f64,
    /// Which upper edge of an allowed region is quoted, see [`super::Bound::edge`].
    pub edge: usize,
}

/// The published bound of a model, datasets joined by `+`, and regime, where table 2 has one.
pub fn published(model: &str, data: &str, regime: Regime) -> Option<&'static Published> {
    static TABLE: LazyLock<Vec<Published>> = LazyLock::new(|| parse(include_str!("../../../data/table2.txt")));
    TABLE.iter().find(|row| row.model == model && row.data == data && row.regime == regime)
}

/// Rows of `model data regime value edge`; the table is part of the program, and a test counts its rows.
fn parse(text: &str) -> Vec<Published> {
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [model, data, regime, value, edge] = words.as_slice() else { return None };
        let regime = match *regime {
            "low" => Regime::Low,
            "high" => Regime::High,
            _ => return None,
        };
        Some(Published {
            model: (*model).to_owned(),
            data: (*data).to_owned(),
            regime,
            value: value.parse().ok()?,
            edge: edge.parse().ok()?,
        })
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::limits::{Regime, published};
    use crate::physics::model::Model;

    #[test]
    fn every_model_and_dataset_has_its_bounds() {
        for model in Model::names() {
            for data in ["lar", "csi", "csi+lar"] {
                for regime in [Regime::Low, Regime::High] {
                    assert!(published(model, data, regime).is_some(), "{model} {data} {regime:?}");
                }
            }
        }
    }
}
