//! The signals that are tried on every toy: counts on fixed rows of the plane, made once.

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV};
use crate::rates::Point;
use crate::rates::polynomial::MassSlice;

/// Masses of the first scan (MeV) between the lowest and the highest: the spectrum's shape changes where M is about |q|,
/// 35 to 110 MeV in CsI and argon, and nowhere below 5 MeV or above 1 GeV.
const MASSES_MEV: [f64; 9] = [5.0, 10.0, 17.0, 28.0, 45.0, 70.0, 120.0, 220.0, 500.0];
/// Masses between two of these, for the refinement: every second first, the others beside the lowest.
pub(super) const FINE_MASSES: usize = 7;
/// Couplings over the natural one (decades: from, to, steps a decade). Allowed strips, a few per cent wide, lie where the
/// mediator's amplitude is -2 times the Standard Model's: at sqrt 2, 0.15 decades.
const SECTIONS: [(f64, f64, f64); 4] = [(-1.6, -0.7, 6.0), (-0.7, 0.0, 16.0), (0.0, 0.4, 48.0), (0.4, 1.2, 12.0)];

/// One mass: polynomials of each dataset.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub mass_mev: f64,
    pub slices: Vec<MassSlice>,
    /// The coupling at which the mediator's events equal the Standard Model's.
    pub natural: f64,
}

impl Row {
    pub fn new(analysis: &Analysis, mass_mev: f64) -> Result<Row> {
        let slices: Vec<MassSlice> =
            analysis.predictions.iter().map(|prediction| MassSlice::new(&prediction.plan, mass_mev)).collect();
        let natural = analysis.natural_coupling(mass_mev, slices.iter().map(MassSlice::totals))?;
        Ok(Row { mass_mev, slices, natural })
    }

    /// Adds the counts of a coupling to those of each dataset.
    pub fn push_counts(&self, coupling: f64, counts: &mut [Vec<f64>]) {
        for (slice, counts) in self.slices.iter().zip(counts) {
            let start = counts.len();
            counts.resize(start + slice.coefficients().len() / 3, 0.0);
            slice.counts_at(coupling, &mut counts[start..]);
        }
    }
}

/// All that is tried first.
#[derive(Debug, Clone)]
pub(super) struct Templates {
    /// Masses of the first scan; the last is that of the truth.
    pub rows: Vec<Row>,
    /// Masses between them, [`FINE_MASSES`] after each but the highest.
    pub fine: Vec<Row>,
    /// ln(coupling/natural) of the first scan.
    pub steps: Vec<f64>,
    /// The truth.
    pub truth: Point,
    /// Counts of each dataset: rows x steps, then the Standard Model, then the truth.
    pub counts: Vec<Vec<f64>>,
}

impl Templates {
    pub fn new(analysis: &Analysis, point: Point) -> Result<Templates> {
        let mut masses = vec![LOW_MASS_MEV];
        masses.extend(MASSES_MEV);
        masses.push(HIGH_MASS_MEV);
        let between = masses.windows(2).flat_map(|pair| {
            let ratio = pair[1] / pair[0];
            (1..=FINE_MASSES).map(move |i| pair[0] * ratio.powf(i as f64 / (FINE_MASSES + 1) as f64))
        });
        let fine = between.map(|mass_mev| Row::new(analysis, mass_mev)).collect::<Result<_>>()?;
        masses.push(point.mass_mev);
        let rows: Vec<Row> = masses.iter().map(|mass_mev| Row::new(analysis, *mass_mev)).collect::<Result<_>>()?;
        let mut steps = Vec::new();
        for (from, to, per_decade) in SECTIONS {
            let count = ((to - from) * per_decade).round() as usize;
            steps.extend((0..count).map(|i| (from + i as f64 / per_decade) * std::f64::consts::LN_10));
        }
        let mut counts = vec![Vec::new(); analysis.predictions.len()];
        for row in &rows {
            steps.iter().for_each(|step| row.push_counts(row.natural * step.exp(), &mut counts));
        }
        let own = &rows[rows.len() - 1];
        own.push_counts(0.0, &mut counts);
        own.push_counts(point.coupling, &mut counts);
        Ok(Templates { rows, fine, steps, truth: point, counts })
    }

    /// Index of the Standard Model among the points of `counts`; the truth follows.
    pub fn standard_model(&self) -> usize {
        self.rows.len() * self.steps.len()
    }
}
