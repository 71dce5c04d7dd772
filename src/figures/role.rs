//! The looks of models and datasets.

use crate::physics::model::Model;
use crate::plot::Role;

/// That of a model, the same in every figure.
pub(super) fn of_model(name: &str) -> Role {
    let number = Model::names().position(|known| known == name).unwrap_or_default();
    Role::Series(u8::try_from(number).unwrap_or_default())
}

/// That of a dataset.
pub(super) fn of_dataset(name: &str) -> Role {
    match name {
        "csi" => Role::Csi,
        "lar" => Role::Lar,
        _ => Role::Extra,
    }
}
