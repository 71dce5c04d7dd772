//! The looks of models and datasets.

use crate::physics::model::Model;
use crate::plot::Role;

/// That of a model, the same in every figure.
pub(super) fn of_model(name: &str) -> Role {
    let number = Model::names().position(|known| known == name).unwrap_or_default();
    Role::Series(u8::try_from(number).unwrap_or_default())
}

/// Those of datasets, and of backgrounds, that are not COHERENT's own, one after the other: in none of their colours.
pub(super) const OTHERS: [Role; 6] =
    [Role::Extra, Role::Series(4), Role::Series(6), Role::Series(5), Role::Series(9), Role::Series(2)];

/// Those of datasets that stand side by side, each its own.
pub(super) fn of_datasets<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Role> {
    let mut others = OTHERS.into_iter().cycle();
    let role = |name| match name {
        "csi" => Role::Csi,
        "lar" => Role::Lar,
        _ => others.next().unwrap_or(Role::Extra),
    };
    names.into_iter().map(role).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_side_by_side_look_different() {
        let roles = of_datasets(["csi", "one", "two", "lar", "three", "four", "five", "six"]);
        assert_eq!((roles[0], roles[3]), (Role::Csi, Role::Lar));
        for (i, role) in roles.iter().enumerate() {
            let look = |role: &Role| (role.colour(), role.dash());
            assert!(roles[..i].iter().all(|other| look(other) != look(role)), "{i}");
        }
    }
}
