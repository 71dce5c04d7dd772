//! From what is excluded at each of many masses to closed outlines that can be drawn.

use super::polynomial::Intervals;

/// The excluded couplings at one mass (MeV); intervals increasing and apart.
pub type Column = (f64, Intervals);

/// An end of an interval: column, number of the interval, and whether the upper one.
type End = (usize, usize, bool);

/// Outlines of what columns of increasing masses exclude, straight in between; each stands alone, so that what it encloses
/// is excluded: strips inside a region are open to its border by a cut of no width. Intervals of neighbouring columns belong
/// together where they overlap. Columns of a region that has one mass only enclose nothing and are left out.
pub fn outlines(columns: &[Column]) -> Vec<Vec<[f64; 2]>> {
    let links = links(columns);
    let mut loops = traced(columns, &links);
    cut_open(columns, &mut loops);
    let point = |(column, interval, upper): &End| {
        let (mass, intervals) = &columns[*column];
        [*mass, if *upper { intervals[*interval].1 } else { intervals[*interval].0 }]
    };
    let wide = |ends: &&Vec<End>| ends.iter().any(|end| end.0 != ends[0].0);
    loops.iter().filter(wide).map(|ends| ends.iter().map(point).collect()).collect()
}

/// The neighbour of each end on its left and on its right side.
struct Links {
    left: Vec<Vec<[End; 2]>>,
    right: Vec<Vec<[End; 2]>>,
}

fn links(columns: &[Column]) -> Links {
    let own = |column: usize| -> Vec<[End; 2]> {
        // At a border an interval closes upon itself: its lower end goes on at its upper, and the other way round.
        (0..columns[column].1.len()).map(|k| [(column, k, true), (column, k, false)]).collect()
    };
    let mut links = Links { left: (0..columns.len()).map(own).collect(), right: (0..columns.len()).map(own).collect() };
    for i in 1..columns.len() {
        for (left, right) in components(&columns[i - 1].1, &columns[i].1) {
            if left.is_empty() || right.is_empty() {
                continue;
            }
            let (first, last) = (left.start, left.end - 1);
            let mut join = |a: End, b: End| {
                links.right[a.0][a.1][usize::from(a.2)] = b;
                links.left[b.0][b.1][usize::from(b.2)] = a;
            };
            join((i - 1, first, false), (i, right.start, false));
            join((i - 1, last, true), (i, right.end - 1, true));
            // Gaps that have no partner on the other side end here.
            for k in first..last {
                links.right[i - 1][k][1] = (i - 1, k + 1, false);
                links.right[i - 1][k + 1][0] = (i - 1, k, true);
            }
            for k in right.start..right.end - 1 {
                links.left[i][k][1] = (i, k + 1, false);
                links.left[i][k + 1][0] = (i, k, true);
            }
        }
    }
    links
}

/// Runs of intervals of two neighbouring columns that hang together by overlap.
fn components(left: &Intervals, right: &Intervals) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let (first_left, first_right) = (i, j);
        // The lower of both begins; then whatever overlaps what is there.
        let take_left = j >= right.len() || (i < left.len() && left[i].0 <= right[j].0);
        let mut top = if take_left { left[i].1 } else { right[j].1 };
        if take_left {
            i += 1
        } else {
            j += 1
        }
        loop {
            if i < left.len() && left[i].0 < top && j > first_right {
                top = top.max(left[i].1);
                i += 1;
            } else if j < right.len() && right[j].0 < top && i > first_left {
                top = top.max(right[j].1);
                j += 1;
            } else {
                break;
            }
        }
        found.push((first_left..i, first_right..j));
    }
    found
}

/// Follows the links around: from a lower end to the right, from an upper end to the left.
fn traced(columns: &[Column], links: &Links) -> Vec<Vec<End>> {
    let mut seen: Vec<Vec<[bool; 2]>> = columns.iter().map(|column| vec![[false; 2]; column.1.len()]).collect();
    let mut loops = Vec::new();
    for (column, (_, intervals)) in columns.iter().enumerate() {
        for interval in 0..intervals.len() {
            for upper in [false, true] {
                let mut ends = Vec::new();
                let mut at = (column, interval, upper);
                while !std::mem::replace(&mut seen[at.0][at.1][usize::from(at.2)], true) {
                    ends.push(at);
                    let side = if at.2 { &links.left } else { &links.right };
                    at = side[at.0][at.1][usize::from(at.2)];
                }
                if !ends.is_empty() {
                    loops.push(ends);
                }
            }
        }
    }
    loops
}

/// Joins the outlines of holes, which begin with an upper end, to what is below their first column.
fn cut_open(columns: &[Column], loops: &mut Vec<Vec<End>>) {
    let leftmost = |ends: &Vec<End>| ends.iter().min_by_key(|end| (end.0, end.1, end.2)).copied();
    while let Some((number, first)) = loops
        .iter()
        .enumerate()
        .find_map(|(number, ends)| Some((number, leftmost(ends).filter(|first| first.2 && columns.len() > 1)?)))
    {
        let mut hole = loops.remove(number);
        let below = (first.0, first.1, false);
        let Some(outer) = loops.iter_mut().find(|ends| ends.contains(&below)) else {
            // Cannot be: every interval has a lower end on some outline.
            continue;
        };
        let start = hole.iter().position(|end| *end == first).unwrap_or(0);
        hole.rotate_left(start);
        hole.push(first);
        hole.push(below);
        let after = outer.iter().position(|end| *end == below).map_or(outer.len(), |at| at + 1);
        outer.splice(after..after, hole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::others::recast::KnownLimit;

    /// What the outlines enclose at each mass is what the columns exclude, between neighbours too.
    fn check(columns: &[Column], loops: usize) {
        let outlines = outlines(columns);
        assert_eq!(outlines.len(), loops, "{outlines:?}");
        let limit = KnownLimit { outlines, ..KnownLimit::default() };
        for pair in columns.windows(2) {
            // Next to a column its intervals are there, those that have no partner apart.
            let middle = (pair[0].0 * pair[1].0).sqrt();
            let got = crate::others::recast::known::union(limit.excluded_at(middle));
            let fewest = pair[0].1.len().min(pair[1].1.len());
            assert!(got.len() >= fewest.min(1), "{middle}: {got:?}");
            for (low, high) in got {
                let covered = |x: f64| pair.iter().any(|(_, list)| list.iter().any(|(a, b)| *a <= x && x <= *b));
                assert!(covered((low * high).sqrt()), "{middle}: {low} {high}");
            }
        }
        let same = |got: &Intervals, intervals: &Intervals| {
            let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-6;
            got.len() == intervals.len() && got.iter().zip(intervals).all(|(a, b)| close(a.0, b.0) && close(a.1, b.1))
        };
        for (mass, intervals) in &columns[1..columns.len() - 1] {
            // A gap ends at the last column that has it: there one side has it, and the other has not.
            let sides = [1.0 - 1e-9, 1.0 + 1e-9]
                .map(|side| crate::others::recast::known::union(limit.excluded_at(mass * side)));
            assert!(sides.iter().any(|got| same(got, intervals)), "{mass}: {sides:?} {intervals:?}");
        }
    }

    #[test]
    fn strips_open_close_and_lie_inside() {
        let whole = || vec![(1.0, 10.0)];
        let split = || vec![(1.0, 3.0), (5.0, 10.0)];
        let columns = |list: Vec<Intervals>| -> Vec<Column> {
            list.into_iter().enumerate().map(|(i, intervals)| (2f64.powi(i as i32), intervals)).collect()
        };
        check(&columns(vec![whole(), whole(), whole()]), 1);
        // Two apart, a strip open to the right, to the left, and a hole.
        check(&columns(vec![split(), split(), split()]), 2);
        check(&columns(vec![whole(), whole(), split(), split()]), 1);
        check(&columns(vec![split(), split(), whole(), whole()]), 1);
        check(&columns(vec![whole(), split(), split(), whole()]), 1);
        // Two holes, one above the other at one mass.
        let three = vec![(1.0, 2.0), (3.0, 5.0), (6.0, 10.0)];
        check(&columns(vec![whole(), three.clone(), three, whole()]), 1);
        // A gap in masses makes two.
        let apart = outlines(&columns(vec![whole(), whole(), vec![], whole(), whole()]));
        assert_eq!(apart.len(), 2);
        // One mass encloses nothing.
        assert!(outlines(&columns(vec![vec![], whole(), vec![]])).is_empty());
        assert!(outlines(&[]).is_empty());
    }
}
