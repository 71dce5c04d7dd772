//! What a scan says at its end.

use std::ops::Range;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::{Bound, HIGH_MASS_MEV, LOW_MASS_MEV, Level, Minimum};
use crate::base::constants::GEV_IN_MEV;
use crate::scan::{Interpolation, Map, tiles};

use super::super::critical::Critical;
use super::super::kept::Shard;
use super::super::terminal::shown;
use super::Request;

/// Of a part.
pub fn shard_summary(request: &Request, shard: Shard, rows: &Range<usize>, all: usize, seconds: f64) -> String {
    let Shard { part, of } = shard;
    let rows = match rows.is_empty() {
        true => "no rows".to_owned(),
        false => format!("rows {} to {}", rows.start, rows.end - 1),
    };
    format!(
        "shard       {part} of {of}: {rows} of {all} in {seconds:.2} s\n\
         written     {}\n\
         next        cevscan merge DIR... --out DIR, with the folders of all shards\n",
        shown(&request.out.join(tiles::FOLDER))
    )
}

/// Of a map.
pub fn summary(map: &Map, level: &Level, low: &Bound, high: &Bound, seconds: f64) -> String {
    let best = map.best_fit;
    let place = match best.coupling {
        0.0 => "the Standard Model".to_owned(),
        coupling => format!("mass {:.4e} MeV, coupling {coupling:.4e}", best.mass_mev),
    };
    let edge = |bound: &Bound, unit: f64, name: &str| match bound.edge(1) {
        Ok(coupling) => format!("{name} < {:.4e}", coupling * unit),
        Err(reason) => format!("none: {reason}"),
    };
    let mut text = format!(
        "best fit    chi2 {:.4} at {place} (Standard Model: {:.4})\n\
         level       {}\n\
         low mass    {} at {LOW_MASS_MEV} MeV\n\
         high mass   {} at {} GeV\n",
        best.chi2,
        map.chi2_sm,
        in_words(level, map),
        edge(low, 1.0, "g"),
        edge(high, GEV_IN_MEV / high.mass_mev, "g/M [1/GeV]"),
        HIGH_MASS_MEV / GEV_IN_MEV,
    );
    let points = map.plane.points();
    text += &format!("points      {points} in {seconds:.2} s on {} ({})\n", map.engine.name, map.engine.description);
    text += &coarse_contour(&map.plane.coupling.values);
    if let Some(found) = &map.interpolation {
        text += &interpolation_summary(found);
    }
    if let Some(certificate) = &map.certificate {
        text += &format!(
            "certificate {} points in f64, {} of them next to the contour: chi2 within {:.1e}\n",
            certificate.points, certificate.next_to_contour, certificate.largest_chi2_difference
        );
    }
    text
}

/// The bounds with coverage, as far as critical values reach, beside those of Wilks' theorem.
pub fn covered_summary(analysis: &Analysis, map: &Map, critical: &Critical, wilks: [&Bound; 2]) -> Result<String> {
    let mut text = String::new();
    for (bound, (name, quantity, per_mass)) in
        wilks.into_iter().zip([("low", "g", false), ("high", "g/M [1/GeV]", true)])
    {
        let unit = if per_mass { GEV_IN_MEV / bound.mass_mev } else { 1.0 };
        let head = format!("{name} mass");
        let words = match critical.level.require_mass(bound.mass_mev) {
            Err(_) => "no critical values there".to_owned(),
            Ok(()) => match critical.level.bound(analysis, &map.best_fit, bound.mass_mev)?.edge(1) {
                Err(reason) => format!("none: {reason}"),
                Ok(coupling) => {
                    let shift = bound.edge(1).map_or(String::new(), |edge| {
                        format!(", {:+.1} % against Wilks' theorem", 100.0 * (coupling / edge).ln())
                    });
                    format!(
                        "{quantity} < {:.4e}{shift} (critical value {:.3})",
                        coupling * unit,
                        critical.level.at(bound.mass_mev, coupling)
                    )
                }
            },
        };
        text += &format!("{head:<12}with coverage: {words}\n");
    }
    Ok(text)
}

/// What a contour may be off in the coupling before it is worth a word.
const FINE_CONTOUR: f64 = 5e-3;

/// How far a contour is from the bounds where points are few: chi2 rises with g^4 at most, and is taken as straight in ln g
/// between neighbours at a distance h there, so that the coupling is off by (4 h)^2/8 over 4.
fn coarse_contour(couplings: &[f64]) -> String {
    let (Some(first), Some(last)) = (couplings.first(), couplings.last()) else { return String::new() };
    let step = (last / first).ln() / (couplings.len().max(2) - 1) as f64;
    let off = 0.5 * step * step;
    match off > FINE_CONTOUR {
        true => format!(
            "contour     off by up to {:.1} % of the coupling, between {:.0} points a decade (--grid)\n",
            100.0 * off,
            std::f64::consts::LN_10 / step
        ),
        false => String::new(),
    }
}

/// chi2 at the border, and what it is above.
fn in_words(level: &Level, map: &Map) -> String {
    let rise = map.delta_chi2;
    match map.minimum() {
        Minimum::Plane => format!("chi2 {:.4} (minimum + {rise:.5}; {})", map.level_at(0), level.words()),
        Minimum::Mass => format!("chi2 minimum at each mass + {rise:.5} ({})", level.words()),
    }
}

fn interpolation_summary(found: &Interpolation) -> String {
    let minimised = found.minimised.map_or(String::new(), |share| format!("{:.1} % minimised; ", 100.0 * share));
    format!(
        "interpolated {minimised}{} points minimised anew, {} of them next to the contour: chi2 within {:.1e}\n",
        found.points, found.next_to_contour, found.largest_chi2_difference
    )
}
