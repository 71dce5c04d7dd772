//! Pieces of an excluded region: together they are the region, whatever its shape.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::base::contour::Span;
use cevscan::output::export::{Piece, pieces};
use proptest::prelude::*;

const TOP: f64 = 64.0;

fn masses(number: usize) -> Vec<f64> {
    (0..number).map(|i| 1.5f64.powi(i32::try_from(i).unwrap())).collect()
}

/// Spans between whole numbers, so that ends of different masses often meet.
fn spans() -> impl Strategy<Value = Vec<Span>> {
    proptest::collection::btree_set(1u8..=64, 0..9).prop_map(|ends| {
        let ends: Vec<f64> = ends.into_iter().map(f64::from).collect();
        ends.chunks_exact(2).map(|pair| Span { low: pair[0], high: pair[1] }).collect()
    })
}

/// The union of intervals, those that touch joined.
fn joined(mut intervals: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    intervals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut union: Vec<(f64, f64)> = Vec::new();
    for (low, high) in intervals {
        match union.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => union.push((low, high)),
        }
    }
    union
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn pieces_cover_the_region_exactly(rows in proptest::collection::vec(spans(), 1..12)) {
        let masses = masses(rows.len());
        let pieces = pieces(&masses, &rows);
        for piece in &pieces {
            prop_assert!(piece.rows.iter().all(|row| row.low <= row.high), "{piece:?}");
            let first = masses.iter().position(|mass| *mass == piece.rows[0].mass_mev).unwrap();
            for (i, row) in piece.rows.iter().enumerate() {
                prop_assert_eq!(row.mass_mev, masses[first + i], "the masses of a piece are neighbours");
            }
        }
        for (mass, spans) in masses.iter().zip(&rows) {
            let here = pieces.iter().flat_map(|piece| &piece.rows).filter(|row| row.mass_mev == *mass);
            let here = here.map(|row| (row.low, row.high)).collect();
            let expected = spans.iter().map(|span| (span.low, span.high)).collect();
            prop_assert_eq!(joined(here), joined(expected));
        }
    }

    #[test]
    fn a_region_without_strips_is_one_piece(ends in proptest::collection::vec(1.0..60.0, 1..12)) {
        let rows: Vec<Vec<Span>> = ends.iter().map(|low| vec![Span { low: *low, high: TOP }]).collect();
        let pieces = pieces(&masses(rows.len()), &rows);
        prop_assert_eq!(pieces.len(), 1);
        prop_assert!(!pieces[0].has_upper_end(TOP));
    }
}

fn of(rows: &[&[(f64, f64)]]) -> Vec<Piece> {
    let spans = |row: &&[(f64, f64)]| row.iter().map(|(low, high)| Span { low: *low, high: *high }).collect();
    pieces(&masses(rows.len()), &rows.iter().map(spans).collect::<Vec<Vec<Span>>>())
}

fn ends(piece: &Piece) -> Vec<(f64, f64)> {
    piece.rows.iter().map(|row| (row.low, row.high)).collect()
}

#[test]
fn a_strip_that_begins_divides_the_region_in_its_middle() {
    let pieces = of(&[&[(1.0, TOP)], &[(1.0, TOP)], &[(2.0, 4.0), (16.0, TOP)], &[(3.0, 5.0), (17.0, TOP)]]);
    assert_eq!(pieces.len(), 3);
    assert_eq!(ends(&pieces[0]), [(1.0, TOP), (1.0, TOP)]);
    // By hand: the middle of 4 and 16 in the logarithm is 8.
    assert_eq!(ends(&pieces[1]), [(1.0, 8.0), (2.0, 4.0), (3.0, 5.0)]);
    assert_eq!(ends(&pieces[2]), [(8.0, TOP), (16.0, TOP), (17.0, TOP)]);
}

#[test]
fn a_strip_that_the_grid_resolves_here_and_there_is_cut_through() {
    // Allowed from 4 to 5 and, two masses on, from 16 to 20, with nothing between: cut on the line from one to the other.
    let whole: &[(f64, f64)] = &[(1.0, TOP)];
    let pieces = of(&[whole, &[(1.0, 4.0), (5.0, TOP)], whole, whole, whole, &[(1.0, 16.0), (20.0, TOP)], whole]);
    assert_eq!(pieces.len(), 4, "{pieces:?}");
    let (lower, upper) = (ends(&pieces[1]), ends(&pieces[2]));
    assert_eq!((lower.len(), upper.len()), (7, 7));
    for (below, above) in lower.iter().zip(&upper) {
        assert_eq!((below.0, above.1), (1.0, TOP));
        assert!(below.1 <= above.0);
    }
    // By hand: from sqrt(20) to sqrt(320), half way in the logarithm sqrt(80).
    assert!((lower[3].1 - 80f64.sqrt()).abs() < 1e-12 && lower[3].1 == upper[3].0);
}

#[test]
fn a_strip_may_rise_by_more_than_its_width() {
    let pieces = of(&[&[(1.0, 4.0), (5.0, TOP)], &[(1.0, 6.0), (7.0, TOP)], &[(1.0, 9.0), (11.0, TOP)]]);
    assert_eq!(pieces.len(), 2);
    assert_eq!(ends(&pieces[0]), [(1.0, 4.0), (1.0, 6.0), (1.0, 9.0)]);
}
