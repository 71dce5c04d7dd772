//! The numbers of a chart as a table.

use std::fmt::Write as _;

use super::digits::number;
use crate::plot::chart::{Chart, Curve};

/// The curves, regions and stars of a chart as CSV, in the units of its axes.
///
/// Where a chart has curves alone, each of one piece and all with the same x: a column for x, then one for each curve,
/// named `<curve>_<y>`. Otherwise one row a point: `kind,name,piece,<x>,<y>` with kind `curve`, `region` or `star`, pieces
/// numbered from 0; closed curves repeat their first point, the outlines of regions do not. A cell is empty where there
/// is no number.
pub fn chart_csv(chart: &Chart) -> String {
    match shared_x(chart) {
        Some(x) => wide(chart, &x),
        None => long(chart),
    }
}

fn shared_x(chart: &Chart) -> Option<Vec<f64>> {
    let is_bare = chart.regions.is_empty() && chart.stars.is_empty();
    let x_of = |curve: &Curve| match &curve.pieces[..] {
        [piece] => Some(piece.iter().map(|point| point[0]).collect::<Vec<f64>>()),
        _ => None,
    };
    let first = chart.curves.first().and_then(x_of).filter(|_| is_bare)?;
    chart.curves.iter().all(|curve| x_of(curve).is_some_and(|x| x == first)).then_some(first)
}

fn wide(chart: &Chart, x: &[f64]) -> String {
    let names = chart.curves.iter().map(|curve| format!(",{}_{}", curve.name, chart.y.name));
    let mut text = chart.x.name.clone() + &names.collect::<String>() + "\n";
    for (row, x) in x.iter().enumerate() {
        text += &number(*x);
        for curve in &chart.curves {
            text.push(',');
            text += &number(curve.pieces[0][row][1]);
        }
        text.push('\n');
    }
    text
}

fn long(chart: &Chart) -> String {
    let mut text = format!("kind,name,piece,{},{}\n", chart.x.name, chart.y.name);
    let mut add = |kind: &str, name: &str, pieces: &[Vec<[f64; 2]>]| {
        for (piece, points) in pieces.iter().enumerate() {
            for [x, y] in points {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{kind},{name},{piece},{},{}", number(*x), number(*y));
            }
        }
    };
    for curve in &chart.curves {
        add("curve", &curve.name, &curve.pieces);
    }
    for region in &chart.regions {
        add("region", &region.name, &region.outlines);
    }
    for star in &chart.stars {
        add("star", "", &[vec![star.at]]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Role;
    use crate::plot::chart::{ChartAxis, Region};

    fn chart() -> Chart {
        let axis = |name: &str| ChartAxis { name: name.into(), ..Default::default() };
        let curve = |name: &str, points: &[[f64; 2]]| Curve::line(name, "", Role::Extra, points.to_vec());
        Chart {
            x: axis("t_kev"),
            y: axis("events"),
            curves: vec![curve("a", &[[1.0, 2.5], [2.0, 1e-9]]), curve("b", &[[1.0, f64::NAN], [2.0, 0.0]])],
            ..Default::default()
        }
    }

    #[test]
    fn curves_on_the_same_points_stand_side_by_side() {
        assert_eq!(chart_csv(&chart()), "t_kev,a_events,b_events\n1,2.5,\n2,1e-9,0\n");
    }

    #[test]
    fn everything_else_has_a_row_for_each_point() {
        let mut other = chart();
        other.curves[1].pieces.push(vec![[3.0, 4.0]]);
        other.regions.push(Region::between("r", "", Role::Extra, &[[1.0, 1.0]], &[[1.0, 2.0]]));
        let rows = "kind,name,piece,t_kev,events\ncurve,a,0,1,2.5\ncurve,a,0,2,1e-9\ncurve,b,0,1,\ncurve,b,0,2,0\n\
                    curve,b,1,3,4\nregion,r,0,1,1\nregion,r,0,1,2\n";
        assert_eq!(chart_csv(&other), rows);
        assert_eq!(chart_csv(&Chart::default()), "kind,name,piece,,\n");
    }
}
