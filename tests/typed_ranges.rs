//! What users may type for masses, couplings and grids: any text gives a sound value or an error, never a panic.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::base::grid::{Axis, number_text, parse_coupling, parse_grid, parse_mass_mev, parse_range};
use proptest::prelude::*;

/// Any text, and texts of the pieces of which ranges are made, which get further into the parsers.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,4}",
        2 => Just(":".to_owned()),
        2 => prop_oneof![Just("keV"), Just("MeV"), Just("GeV"), Just("TeV"), Just("eV"), Just("µeV")].prop_map(str::to_owned),
        1 => "e-?[0-9]{1,3}",
        2 => prop_oneof![Just("x"), Just("X"), Just("."), Just("-"), Just("+"), Just(" "), Just("e"), Just("E")]
            .prop_map(str::to_owned),
        1 => prop_oneof![Just("nan"), Just("inf"), Just("-infinity"), Just("99999999999999999999999")].prop_map(str::to_owned),
    ];
    prop_oneof![any::<String>(), proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())]
}

/// A range as people write it: mostly one that is accepted.
fn range() -> impl Strategy<Value = String> {
    let end = (any::<f64>().prop_map(f64::abs), prop_oneof![Just(""), Just("keV"), Just("TeV"), Just(" GeV")]);
    (end.clone(), end).prop_map(|((low, unit), (high, other))| format!("{low:e}{unit}:{high:e}{other}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_mass_is_positive_and_finite(text in typed()) {
        if let Ok(mass_mev) = parse_mass_mev(&text) {
            prop_assert!(mass_mev > 0.0 && mass_mev.is_finite(), "{mass_mev}");
        }
    }

    #[test]
    fn a_coupling_is_finite_and_not_negative(text in typed()) {
        if let Ok(coupling) = parse_coupling(&text) {
            prop_assert!(coupling >= 0.0 && coupling.is_finite(), "{coupling}");
        }
    }

    #[test]
    fn a_range_increases_and_makes_an_axis(text in prop_oneof![typed(), range()], points in 2usize..200) {
        for parse in [parse_mass_mev, parse_coupling] {
            if let Ok((low, high)) = parse_range("mass", &text, parse) {
                prop_assert!(0.0 < low && low < high && high.is_finite(), "{low} {high}");
                let axis = Axis::logarithmic("mass", "MeV", (low, high), points).unwrap();
                prop_assert_eq!((axis.values[0], axis.values[points - 1]), (low, high));
                // Neighbours may be equal where the range is a few last digits wide, but never out of order.
                prop_assert!(axis.values.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", axis.values);
                prop_assert!(axis.values.iter().all(|value| value.is_finite()));
            }
        }
    }

    #[test]
    fn a_grid_has_two_points_each_way(text in prop_oneof![typed(), "[0-9]{1,5}[xX][0-9]{1,5}"]) {
        if let Ok((masses, couplings)) = parse_grid(&text) {
            prop_assert!(masses >= 2 && couplings >= 2);
        }
    }

    #[test]
    fn a_number_is_read_back_from_its_text(value in any::<f64>().prop_map(f64::abs)) {
        prop_assert_eq!(parse_coupling(&number_text(value)).unwrap(), value);
        prop_assert!(number_text(value).len() <= 24);
    }
}
