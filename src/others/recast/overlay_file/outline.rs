//! From rows of numbers to the outlines of what they exclude.

use crate::Result;
use crate::base::contour::pieces::pieces;
use crate::base::contour::statement::{Side, Statement, Window};
use crate::base::contour::{Field, Span};
use crate::others::recast::known::{LARGEST_COUPLING, SMALLEST_COUPLING};

use super::at;
use super::columns::{Form, Layout};
use super::rows::{Row, Sheet};
use super::settings::{Excluded, Settings};
use super::sides::{Curve, Sides, parted_off};

/// Couplings from here on mean that there is no limit, as in limits' files.
const NO_LIMIT: f64 = 1e5;

pub(super) type Outline = Vec<[f64; 2]>;

/// A row with its units: its line, mass (MeV), couplings; the second is the upper one, or another number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    line: usize,
    mass_mev: f64,
    coupling: f64,
    other: f64,
}

/// Closed outlines of points (MeV, coupling); what any of them encloses is excluded.
pub(super) fn outlines(
    sheet: &Sheet,
    layout: &Layout,
    settings: &Settings,
    factor: f64,
    notes: &mut Vec<String>,
) -> Result<Vec<Outline>> {
    let reader = Reader { sheet, layout, excluded: settings.excluded, window: settings.window, factor };
    reader.fits()?;
    let found = match layout.form {
        Form::Curve | Form::Band => reader.curves(notes)?,
        Form::RValues => reader.r_values(),
        Form::Map => reader.map()?,
        Form::Contour => reader.contour()?,
    };
    if found.is_empty() {
        let rows = sheet.rows().count();
        notes.push(format!(
            "the curve has {rows} row{}, encloses nothing and excludes nothing",
            if rows == 1 { "" } else { "s" }
        ));
    }
    Ok(found)
}

/// All of a part of the plane, or nothing.
pub(super) fn whole(part: Option<Window>, factor: f64, notes: &mut Vec<String>) -> Vec<Outline> {
    let Some(Window { mass_mev: [lightest, heaviest], coupling }) = part else {
        notes.push("it says of itself that it excludes nothing".to_owned());
        return Vec::new();
    };
    let [low, high] = coupling.map(|coupling| (coupling * factor).min(LARGEST_COUPLING));
    vec![vec![[lightest, low], [heaviest, low], [heaviest, high], [lightest, high]]]
}

/// A file as it is understood.
pub(super) struct Reader<'a> {
    pub sheet: &'a Sheet,
    pub layout: &'a Layout,
    pub excluded: Option<Excluded>,
    pub window: Option<Window>,
    pub factor: f64,
}

impl Reader<'_> {
    fn point(&self, row: &Row) -> Point {
        Point {
            line: row.line,
            mass_mev: row.values[self.layout.mass] * self.layout.mass_unit_mev,
            coupling: self.scaled(row.values[self.layout.coupling]),
            other: self.layout.other.map_or(f64::NAN, |column| row.values[column]),
        }
    }

    /// A coupling of our model, up to the largest that makes sense.
    fn scaled(&self, coupling: f64) -> f64 {
        (coupling * self.factor).min(LARGEST_COUPLING)
    }

    /// Whether a row only parts what stands above and below it.
    pub(super) fn is_gap(&self, row: &Row) -> bool {
        let ends = [Some(self.layout.coupling), self.layout.other];
        ends.iter().flatten().any(|column| row.values[*column] >= NO_LIMIT || row.values[*column].is_nan())
    }

    pub(super) fn refused(&self, line: usize, quantity: &str, value: impl ToString, bound: &str) -> crate::Error {
        at(&self.sheet.path, line, quantity, value, bound)
    }

    /// Each block, and each stretch of it between rows without a limit, on its own.
    fn curves(&self, notes: &mut Vec<String>) -> Result<Vec<Outline>> {
        let mut outlines = Vec::new();
        let stretches = self.sheet.blocks.iter().flat_map(|block| block.split(|row| self.is_gap(row)));
        let stretches: Vec<Vec<Point>> = stretches
            .filter(|rows| !rows.is_empty())
            .map(|rows| rows.iter().map(|row| self.point(row)).collect())
            .collect();
        let many = stretches.len();
        if self.sheet.blocks.len() > 1 {
            notes.push(format!("{many} curves, as blank lines or rows without a limit part them"));
        }
        let mut closed = Vec::new();
        for points in stretches {
            let line = points[0].line;
            let before = outlines.len() + closed.len();
            match (self.layout.form, self.inside(&points, notes)) {
                (Form::Band, _) => outlines.extend(self.band(points)?),
                (_, Some(outline)) => closed.extend(Some((line, outline)).filter(|(_, points)| encloses(points))),
                (_, None) => outlines.extend(self.curve(points)?),
            }
            if outlines.len() + closed.len() == before && many > 1 {
                notes.push(format!("the curve of a single mass at line {line} encloses nothing and excludes nothing"));
            }
        }
        outlines.extend(self.without_holes(closed)?);
        Ok(outlines)
    }

    /// The outline of a curve whose inside is excluded.
    fn inside(&self, points: &[Point], notes: &mut Vec<String>) -> Option<Outline> {
        let place = |point: &Point| [point.mass_mev, point.coupling];
        let is_closed = points.len() > 3 && points.first().map(place) == points.last().map(place);
        if self.layout.form == Form::Band {
            return None;
        }
        if is_closed && self.excluded.is_none() {
            notes.push(format!(
                "the curve at line {} ends where it begins: its inside is taken as excluded",
                points[0].line
            ));
        }
        let is_said = matches!(self.excluded, Some(Excluded::Inside | Excluded::InsideWithHoles));
        (is_said || (is_closed && self.excluded.is_none())).then(|| points.iter().map(place).collect())
    }

    /// What lies above or below a curve.
    fn curve(&self, mut points: Vec<Point>) -> Result<Option<Outline>> {
        self.in_order(&mut points)?;
        self.no_pairs(&points)?;
        let far = match (self.excluded, self.window) {
            (Some(Excluded::Below), None) => SMALLEST_COUPLING,
            (Some(Excluded::Below), Some(window)) => self.scaled(window.coupling[0]),
            (_, None) => LARGEST_COUPLING,
            (_, Some(window)) => self.scaled(window.coupling[1]),
        };
        let mut outline: Outline = points.iter().map(|point| [point.mass_mev, point.coupling]).collect();
        let ends = [points.last(), points.first()].into_iter().flatten();
        // Every mass once more, as lines between far points are straight anyway.
        outline.extend(ends.map(|end| [end.mass_mev, far]));
        Ok(Some(outline).filter(spans_masses))
    }

    /// Masses that go one way, made to increase.
    fn in_order(&self, points: &mut [Point]) -> Result<()> {
        let falls = points.first().zip(points.last()).is_some_and(|(first, last)| last.mass_mev < first.mass_mev);
        let turns = |pair: &&[Point]| match falls {
            true => pair[1].mass_mev > pair[0].mass_mev,
            false => pair[1].mass_mev < pair[0].mass_mev,
        };
        if let Some([before, after]) = points.windows(2).find(turns) {
            let found = format!("{} MeV after {} MeV", after.mass_mev, before.mass_mev);
            let bound = "in one direction along a curve: write '# excluded: inside' in the header for a closed outline, \
                         and a blank line between curves";
            return Err(self.refused(after.line, "mass", found, bound));
        }
        if falls {
            points.reverse();
        }
        Ok(())
    }

    /// Two couplings at most masses are the ends of intervals, and no curve, unless they are the steps of a staircase.
    fn no_pairs(&self, points: &[Point]) -> Result<()> {
        let groups: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
        let pairs = groups.iter().filter(|group| group.len() > 1).count();
        let is_staircase = groups.windows(2).all(|pair| match (pair[0].last(), pair[1].first()) {
            (Some(left), Some(right)) => left.coupling == right.coupling,
            _ => true,
        });
        if pairs > 2 && 2 * pairs > groups.len() && !is_staircase {
            let line = groups.iter().find(|group| group.len() > 1).map_or(1, |group| group[1].line);
            let bound = "one at most masses: write three columns (mass, lower, upper) for intervals";
            return Err(self.refused(line, "number of couplings at a mass", groups[groups.len() / 2].len(), bound));
        }
        Ok(())
    }

    /// What lies between two couplings: one interval at a mass, two for a vertical edge, or several apart.
    fn band(&self, mut points: Vec<Point>) -> Result<Vec<Outline>> {
        self.in_order(&mut points)?;
        let span = |point: &Point| Span { low: point.coupling, high: self.scaled(point.other) };
        let mut is_apart = false;
        let mut steps = None;
        let groups: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
        for group in groups.iter().filter(|group| group.len() > 1) {
            let mut spans: Vec<Span> = group.iter().map(span).collect();
            spans.sort_by(|a, b| a.low.total_cmp(&b.low));
            if spans.windows(2).all(|pair| pair[0].high <= pair[1].low) {
                is_apart = true;
            } else {
                steps = steps.max(Some((group.len(), group[1].line)));
            }
        }
        if let Some((many, line)) = steps.filter(|(many, _)| is_apart || *many > 2) {
            let bound = "apart from one another, or two that make a vertical edge; other columns are read by their \
                         names, such as '# columns: mass coupling r'";
            return Err(self.refused(line, "number of intervals at a mass", format!("{many}, overlapping"), bound));
        }
        if is_apart {
            let masses: Vec<f64> = groups.iter().map(|group| group[0].mass_mev).collect();
            let sorted = |group: &&[Point]| {
                let mut spans: Vec<Span> = group.iter().map(span).collect();
                spans.sort_by(|a, b| a.low.total_cmp(&b.low));
                spans
            };
            return Ok(of_spans(&masses, &groups.iter().map(sorted).collect::<Vec<_>>()));
        }
        let lower = points.iter().map(|point| [point.mass_mev, span(point).low]);
        let upper = points.iter().rev().map(|point| [point.mass_mev, span(point).high]);
        let outline: Outline = lower.chain(upper).collect();
        Ok(Some(outline).filter(spans_masses).into_iter().collect())
    }

    /// Excluded where r, the limit over the prediction, is below 1; between couplings r is a power of the coupling.
    fn r_values(&self) -> Vec<Outline> {
        let mut points: Vec<Point> =
            self.sheet.rows().filter(|row| !self.is_gap(row)).map(|row| self.point(row)).collect();
        points.sort_by(|a, b| {
            (a.mass_mev, a.coupling).partial_cmp(&(b.mass_mev, b.coupling)).unwrap_or(std::cmp::Ordering::Equal)
        });
        let groups: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
        let masses: Vec<f64> = groups.iter().map(|group| group[0].mass_mev).collect();
        let spans = |group: &&[Point]| {
            let couplings: Vec<f64> = group.iter().map(|point| point.coupling).collect();
            let depth: Vec<f64> = group.iter().map(|point| -point.other.ln()).collect();
            spans_above_zero(&couplings, &depth)
        };
        of_spans(&masses, &groups.iter().map(spans).collect::<Vec<_>>())
    }

    /// A map, point by point.
    fn map(&self) -> Result<Vec<Outline>> {
        let first_line = self.sheet.rows().next().map_or(1, |row| row.line);
        let Some(Excluded::RiseAbove(level)) = self.excluded else {
            let bound = "said: write '# excluded: delta_chi2 > 6.18' in the header, with the number that is meant";
            return Err(self.refused(first_line, "border of the excluded region", "missing", bound));
        };
        let points: Vec<Point> = self.sheet.rows().map(|row| self.point(row)).collect();
        let columns: Vec<&[Point]> = points.chunk_by(|a, b| a.mass_mev == b.mass_mev).collect();
        let couplings: Vec<f64> = columns[0].iter().map(|point| point.coupling).collect();
        let differs = |column: &&&[Point]| column.iter().map(|point| point.coupling).ne(couplings.iter().copied());
        if let Some(column) = columns.iter().find(differs) {
            let bound = "the same for each mass, as the points are a grid";
            return Err(self.refused(column[0].line, "list of couplings", format!("{} long", column.len()), bound));
        }
        let masses: Vec<f64> = columns.iter().map(|column| column[0].mass_mev).collect();
        let rise: Vec<f64> = points.iter().map(|point| point.other).collect();
        let field = Field::new(&masses, &couplings, &rise)
            .map_err(|error| self.refused(first_line, "grid", error, "of increasing masses and couplings"))?;
        Ok(of_spans(&masses, &field.spans_above(level)))
    }

    /// The lines of a contour, by their numbers. Their couplings are cut only in the end, so that lines stay apart.
    fn contour(&self) -> Result<Vec<Outline>> {
        let unscaled = |row: &Row| Point { coupling: row.values[self.layout.coupling], ..self.point(row) };
        let points: Vec<Point> = self.sheet.rows().map(unscaled).collect();
        let lines: Vec<Curve> = points
            .chunk_by(|a, b| a.other == b.other)
            .map(|points| Curve {
                file_line: points[0].line,
                points: points.iter().map(|point| [point.mass_mev, point.coupling]).collect(),
            })
            .collect();
        let first_line = self.sheet.width().1;
        let sides = match (self.excluded, self.window) {
            (Some(Excluded::Stated(Statement { has_gaps: true, .. })), _) => {
                let bound = "read from a file that keeps gaps apart: excluded_intervals.yaml of the export for HEPData, or \
                             the grid";
                return Err(self.refused(first_line, "contour of a map", "one with gaps", bound));
            }
            (Some(Excluded::Stated(Statement { side: Side::RightOfLines, .. })), Some(window)) => Sides::Right(window),
            (Some(Excluded::Stated(_)), _) => {
                return Err(self.refused(first_line, "'window'", "missing", &format!("given: {}", Window::FORM)));
            }
            (excluded, window) => Sides::BelowAll { is_excluded: excluded == Some(Excluded::Below), window },
        };
        let mut outlines = parted_off(&lines, sides)
            .map_err(|(line, quantity, bound)| self.refused(line, quantity, "otherwise", bound))?;
        for point in outlines.iter_mut().flatten() {
            point[1] = self.scaled(point[1]);
        }
        Ok(outlines)
    }
}

/// Where values over increasing, positive places are above 0; between places they are linear in the logarithm.
fn spans_above_zero(places: &[f64], values: &[f64]) -> Vec<Span> {
    let crossing = |i: usize| {
        let share = values[i] / (values[i] - values[i + 1]);
        places[i] * (places[i + 1] / places[i]).powf(share)
    };
    let mut spans = Vec::new();
    let mut start = None;
    for (i, value) in values.iter().enumerate() {
        let is_above = *value > 0.0;
        match start {
            None if is_above => start = Some(if i == 0 { places[0] } else { crossing(i - 1) }),
            Some(low) if !is_above => {
                spans.push(Span { low, high: crossing(i - 1) });
                start = None;
            }
            _ => {}
        }
    }
    spans.extend(start.zip(places.last()).map(|(low, high)| Span { low, high: *high }));
    spans.retain(|span| span.low < span.high);
    spans
}

/// The outlines of what is excluded at each mass.
fn of_spans(masses_mev: &[f64], spans: &[Vec<Span>]) -> Vec<Outline> {
    let outline = |piece: crate::base::contour::pieces::Piece| {
        let lower = piece.rows.iter().map(|row| [row.mass_mev, row.low]);
        let upper = piece.rows.iter().rev().map(|row| [row.mass_mev, row.high]);
        lower.chain(upper).collect()
    };
    pieces(masses_mev, spans).into_iter().map(outline).filter(|outline: &Outline| spans_masses(outline)).collect()
}

/// Whether there is anything inside of an outline.
fn encloses(outline: &Outline) -> bool {
    outline.len() > 2 && spans_masses(outline)
}

/// Whether an outline is more than a vertical line.
fn spans_masses(outline: &Outline) -> bool {
    outline.first().is_some_and(|first| outline.iter().any(|point| point[0] != first[0]))
}
