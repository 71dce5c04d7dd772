//! The floors of valleys, for the search of single observations: the lowest coupling at masses between those of the scan, and
//! the mass at which it is lowest.

use crate::rates::Point;

use super::search::{BETWEEN, FOLLOWED, Fits, Search, Valley, vertex};
use super::templates::{FINE_MASSES, Row};

/// Reach in ln g around the expected floor of the valley, at a mass between those of the scan, step by step; and beside
/// the lowest of them, where a strip a few per cent wide is to be known to a thousandth of chi2.
const VALLEY_REACH: [f64; 2] = [0.24, 0.05];
const LAST_REACH: [f64; 2] = [0.05, 0.012];
/// Minima at neighbouring masses whose ln(coupling/natural) differ by less than this are of one valley.
const SAME_VALLEY: f64 = 0.5;

/// By how much chi2 of a floor may be off where couplings were far apart.
const BLUNT: f64 = 0.1;
/// A parabola that promises no more than this in chi2 has shown the minimum, and so many masses are looked at for it at most.
const PROMISE: f64 = 1e-5;
const MOST_LOOKS: usize = 6;

/// The floor of a valley at one mass between those of the scan.
#[derive(Clone, Copy)]
struct Floor {
    /// Which of the fine rows; none for a mass of the scan.
    fine: Option<usize>,
    ln_mass: f64,
    ln_coupling: f64,
    chi2: f64,
}

impl Search {
    /// The lowest place along the mass near each of the minima that are the lowest of their valleys: the floor at masses
    /// between theirs and the next, closer beside the lowest, and wherever parabolas through three of them say.
    pub(super) fn along(&self, fits: &mut Fits, refined: &[Valley]) -> Vec<(f64, Point)> {
        let own = self.templates.rows.len() - 1;
        let leader = refined.iter().map(|valley| valley.chi2).fold(f64::INFINITY, f64::min);
        let followed = refined.iter().filter(|valley| valley.row != own && valley.chi2 < leader + FOLLOWED);
        let mut floors: Vec<Vec<Floor>> = followed.filter_map(|valley| self.first_floor(valley, refined)).collect();
        for reach in VALLEY_REACH {
            self.settle(fits, &mut floors, reach);
        }
        // Beside the lowest of each.
        let mut last: Vec<Vec<Floor>> = floors.iter().map(|floor| self.beside_lowest(floor)).collect();
        for reach in LAST_REACH {
            self.settle(fits, &mut last, reach);
        }
        for (floor, last) in floors.iter_mut().zip(last) {
            floor.retain(|known| last.iter().all(|last| last.ln_mass != known.ln_mass));
            floor.extend(last);
            self.sharpen_floor(fits, floor);
        }
        floors.into_iter().filter_map(|floor| self.deepest(fits, floor)).collect()
    }

    /// The masses at which a floor may be the lowest, by couplings close together: in a narrow strip parabolas through others
    /// err by more than a flat valley rises.
    fn sharpen_floor(&self, fits: &mut Fits, floor: &mut [Floor]) {
        let Some(lowest) = lowest_of(floor).map(|own| own.chi2) else { return };
        for reach in LAST_REACH {
            let is_due = |own: &Floor| own.fine.is_some() && own.chi2 < lowest + BLUNT;
            for own in floor.iter().filter(|own| is_due(own)) {
                own.fine.iter().for_each(|fine| own.add(fits, &self.templates.fine[*fine], reach));
            }
            let chi2 = fits.chi2();
            let due = floor.iter_mut().filter(|own| is_due(own));
            due.zip(chi2.chunks(BETWEEN)).for_each(|(own, chi2)| own.settle(chi2, reach));
        }
    }

    /// The lowest place along a floor: the parabola through its lowest masses says where chi2 is looked at next, until it
    /// promises nothing lower.
    fn deepest(&self, fits: &mut Fits, mut floor: Vec<Floor>) -> Option<(f64, Point)> {
        for _ in 0..MOST_LOOKS {
            floor.sort_by(|a, b| a.ln_mass.total_cmp(&b.ln_mass));
            let points: Vec<(f64, f64)> = floor.iter().map(|floor| (floor.ln_mass, floor.chi2)).collect();
            let (ln_mass, promised) = vertex(&points);
            if lowest_of(&floor)?.chi2 - promised <= PROMISE {
                break;
            }
            let row = Row::new(fits.toy, ln_mass.exp()).ok()?;
            // Along the floor ln g is straight from mass to mass, nearly.
            let above = floor.partition_point(|known| known.ln_mass < ln_mass);
            let (low, high) = (floor.get(above.checked_sub(1)?)?, floor.get(above)?);
            let share = (ln_mass - low.ln_mass) / (high.ln_mass - low.ln_mass);
            let mut own = Floor {
                fine: None,
                ln_mass,
                ln_coupling: low.ln_coupling + share * (high.ln_coupling - low.ln_coupling),
                chi2: f64::INFINITY,
            };
            for reach in LAST_REACH {
                own.add(fits, &row, reach);
                own.settle(&fits.chi2(), reach);
            }
            floor.push(own);
        }
        let Floor { ln_mass, ln_coupling, chi2, .. } = *lowest_of(&floor)?;
        Some((chi2, Point { mass_mev: ln_mass.exp(), coupling: ln_coupling.exp() }))
    }

    /// Where the floor of a minimum's valley is expected at the masses around; none where the valley is lower at the next
    /// mass, whose minimum is the one to follow.
    fn first_floor(&self, valley: &Valley, refined: &[Valley]) -> Option<Vec<Floor>> {
        let rows = &self.templates.rows;
        let row = valley.row;
        let of_scan = |valley: &Valley| Floor {
            fine: None,
            ln_mass: rows[valley.row].mass_mev.ln(),
            ln_coupling: valley.ln_coupling,
            chi2: valley.chi2,
        };
        let mut floor = vec![of_scan(valley)];
        for other in [row.checked_sub(1), (row + 2 < rows.len()).then_some(row + 1)].into_iter().flatten() {
            // On the same branch: the same coupling over the natural one, more or less.
            let expected = valley.ln_coupling - rows[row].natural.ln() + rows[other].natural.ln();
            let away = |valley: &&Valley| (valley.ln_coupling - expected).abs();
            let end = refined.iter().filter(|valley| valley.row == other).min_by(|a, b| away(a).total_cmp(&away(b)));
            let end = end.filter(|end| away(end) < SAME_VALLEY);
            if let Some(end) = end {
                if end.chi2 < valley.chi2 || (end.chi2 == valley.chi2 && other < row) {
                    return None;
                }
                floor.push(of_scan(end));
            }
            let end_coupling = end.map_or(expected, |end| end.ln_coupling);
            let first = row.min(other) * FINE_MASSES;
            for fine in (first..first + FINE_MASSES).skip(1).step_by(2) {
                let own = &self.templates.fine[fine];
                let (here, there) = (rows[row].mass_mev.ln(), rows[other].mass_mev.ln());
                let share = (own.mass_mev.ln() - here) / (there - here);
                let scaled = |ln_coupling: f64, of: &Row| ln_coupling - of.natural.ln();
                let ln_coupling = own.natural.ln()
                    + scaled(valley.ln_coupling, &rows[row]) * (1.0 - share)
                    + scaled(end_coupling, &rows[other]) * share;
                floor.push(Floor { fine: Some(fine), ln_mass: own.mass_mev.ln(), ln_coupling, chi2: f64::INFINITY });
            }
        }
        Some(floor)
    }

    /// The floor at the masses beside the lowest of a valley, as is expected from the others.
    fn beside_lowest(&self, floor: &[Floor]) -> Vec<Floor> {
        let mut sorted: Vec<&Floor> = floor.iter().collect();
        sorted.sort_by(|a, b| a.ln_mass.total_cmp(&b.ln_mass));
        let Some(lowest) = (0..sorted.len()).min_by(|a, b| sorted[*a].chi2.total_cmp(&sorted[*b].chi2)) else {
            return Vec::new();
        };
        let scaled = |floor: &Floor, of: &Row| floor.ln_coupling - of.natural.ln();
        let row_of = |floor: &Floor| match floor.fine {
            Some(fine) => Some(&self.templates.fine[fine]),
            None => self.templates.rows.iter().find(|row| row.mass_mev.ln() == floor.ln_mass),
        };
        let mut found: Vec<Floor> = Some(*sorted[lowest]).filter(|floor| floor.fine.is_some()).into_iter().collect();
        let between = [lowest.checked_sub(1).map(|before| (before, lowest)), Some((lowest, lowest + 1))];
        for (before, after) in between.into_iter().flatten().filter(|(_, after)| *after < sorted.len()) {
            let (before, after) = (sorted[before], sorted[after]);
            let middle = 0.5 * (before.ln_mass + after.ln_mass);
            let nearest = |fine: &usize| (self.templates.fine[*fine].mass_mev.ln() - middle).abs();
            let fine = (0..self.templates.fine.len()).min_by(|a, b| nearest(a).total_cmp(&nearest(b)));
            let (Some(fine), Some(first), Some(second)) = (fine, row_of(before), row_of(after)) else { continue };
            let own = &self.templates.fine[fine];
            let ln_mass = own.mass_mev.ln();
            if sorted.iter().any(|known| known.ln_mass == ln_mass) {
                continue;
            }
            let ln_coupling = own.natural.ln() + 0.5 * (scaled(before, first) + scaled(after, second));
            found.push(Floor { fine: Some(fine), ln_mass, ln_coupling, chi2: f64::INFINITY });
        }
        found
    }

    /// Lets the floors at masses between those of the scan find their couplings within a reach.
    fn settle(&self, fits: &mut Fits, floors: &mut [Vec<Floor>], reach: f64) {
        for floor in floors.iter().flatten() {
            if let Some(fine) = floor.fine {
                floor.add(fits, &self.templates.fine[fine], reach);
            }
        }
        let chi2 = fits.chi2();
        let due = floors.iter_mut().flatten().filter(|floor| floor.fine.is_some());
        due.zip(chi2.chunks(BETWEEN)).for_each(|(floor, chi2)| floor.settle(chi2, reach));
    }
}

impl Floor {
    /// A coupling within reach.
    fn place(&self, i: usize, reach: f64) -> f64 {
        self.ln_coupling + reach * (2.0 * i as f64 / (BETWEEN - 1) as f64 - 1.0)
    }

    /// Couplings within reach, in the row of its mass, are due.
    fn add(&self, fits: &mut Fits, row: &Row, reach: f64) {
        (0..BETWEEN).for_each(|i| fits.add(row, self.place(i, reach)));
    }

    /// Goes to the lowest of them.
    fn settle(&mut self, chi2: &[f64], reach: f64) {
        let points: Vec<(f64, f64)> = chi2.iter().enumerate().map(|(i, chi2)| (self.place(i, reach), *chi2)).collect();
        (self.ln_coupling, self.chi2) = vertex(&points);
    }
}

fn lowest_of(floor: &[Floor]) -> Option<&Floor> {
    floor.iter().min_by(|a, b| a.chi2.total_cmp(&b.chi2))
}
