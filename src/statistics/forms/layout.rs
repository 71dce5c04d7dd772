//! A dataset as forms see it: what no toy and no signal changes.

use crate::statistics::expectation::{Expectation, Parameter, ParameterKind};

/// Most parameters of a signal, and of backgrounds, and most time classes, that forms hold.
pub(crate) const MOST_SIGNALS: usize = 4;
pub(crate) const MOST_BACKGROUNDS: usize = 12;
pub(crate) const MOST_CLASSES: usize = 8;

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(crate) energies: usize,
    pub(crate) times: usize,
    pub(crate) classes: usize,
    /// Parameters of the signal: its norm, then its shapes.
    pub(crate) signals: usize,
    /// Parameters of the backgrounds, after those of the signal.
    pub(crate) backgrounds: usize,
    /// Index of each in the expectation's.
    pub(crate) order: Vec<usize>,
    /// 1/sigma^2 of each prior.
    pub(crate) priors: Vec<f64>,
    /// Columns of the backgrounds, `[bins][backgrounds]`.
    pub(crate) columns: Vec<f64>,
    /// Which of the measured backgrounds each of them belongs to: its rows of energy change from toy to toy.
    pub(crate) measured: Vec<Option<usize>>,
    /// Number of measured backgrounds.
    pub(crate) all_measured: usize,
    /// Share of each class in a bin times the signal's relative change by a parameter, `[bins][classes][signals]`.
    pub(crate) linear: Vec<f64>,
    /// Products of two of these, `[bins][pairs of parameters][pairs of classes]`.
    pub(crate) quadratic: Vec<f64>,
    /// Share of each class in each time bin, `[classes][times]`.
    pub(crate) shares: Vec<f64>,
    /// Relative change of the signal by its parameters, `[bins][signals]`.
    pub(crate) relative: Vec<f64>,
    /// Gaussian, with variances of the toy's, or Poisson.
    pub(crate) is_gaussian: bool,
    /// The variance, of a Gaussian dataset.
    #[cfg_attr(not(feature = "gpu"), allow(dead_code, reason = "the tables of a GPU are made from it"))]
    pub(crate) variance: Option<Variance>,
}

/// The variance of a Gaussian dataset's bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Variance {
    /// Whether it follows the counts; what is beyond them then follows the first measured background.
    pub follows_counts: bool,
    /// All of it, or what is beyond the counts, `[bins]`.
    pub values: Vec<f64>,
}

/// Pairs (i, j), j <= i.
pub(crate) const fn pairs(n: usize) -> usize {
    n * (n + 1) / 2
}

impl Layout {
    /// Of an expectation of which some backgrounds, by their index, were measured; Poisson without a variance. `None` where forms do not hold it:
    /// deformed responses, and more parameters than there is room for.
    pub fn new(expectation: &Expectation, measured: &[bool], variance: Option<Variance>) -> Option<Layout> {
        let parameters = &expectation.parameters;
        let rank = |index: &usize| match parameters[*index].kind {
            ParameterKind::SignalNorm => (0, 0),
            ParameterKind::SignalShape(shape) => (1, shape),
            ParameterKind::SignalDeformation(_) => (2, 0),
            _ => (3, 0),
        };
        let mut order: Vec<usize> = (0..parameters.len()).collect();
        order.sort_by_key(rank);
        let signals = order.iter().filter(|index| rank(index).0 < 2).count();
        let backgrounds = parameters.len() - signals;
        let (energies, times, bins) = (expectation.energy_bins, expectation.time_bins, expectation.bins());
        let classes = expectation.time_fractions.len().checked_div(times)?;
        let fits = (1..=MOST_SIGNALS).contains(&signals)
            && backgrounds <= MOST_BACKGROUNDS
            && (1..=MOST_CLASSES).contains(&classes)
            && expectation.deformations() == 0
            && parameters.iter().filter(|parameter| parameter.kind == ParameterKind::SignalNorm).count() == 1;
        if !fits {
            return None;
        }
        let change = |parameter: usize, bin: usize| match parameters[order[parameter]].kind {
            ParameterKind::SignalShape(shape) => expectation.signal_shapes[shape][bin],
            _ => 1.0,
        };
        let share = |class: usize, bin: usize| expectation.time_fractions[class * times + bin % times];
        let number = |background: usize| measured[..background].iter().filter(|is| **is).count();
        let of_measured = |parameter: &Parameter| match parameter.kind {
            ParameterKind::BackgroundNorm(background) | ParameterKind::BackgroundShape(background) => {
                measured.get(background).is_some_and(|is| *is).then(|| number(background))
            }
            _ => None,
        };
        let (mut linear, mut quadratic, mut relative) = (Vec::new(), Vec::new(), Vec::new());
        for bin in 0..bins {
            relative.extend((0..signals).map(|parameter| change(parameter, bin)));
            for class in 0..classes {
                linear.extend((0..signals).map(|parameter| share(class, bin) * change(parameter, bin)));
            }
            for (i, j) in (0..signals).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                let changes = change(i, bin) * change(j, bin);
                let of_classes = (0..classes).flat_map(|a| (0..=a).map(move |b| (a, b)));
                quadratic.extend(of_classes.map(|(a, b)| changes * share(a, bin) * share(b, bin)));
            }
        }
        let of_bin = |bin: usize| order[signals..].iter().map(move |index| expectation.columns[*index][bin]);
        Some(Layout {
            energies,
            times,
            classes,
            signals,
            backgrounds,
            priors: order.iter().map(|index| parameters[*index].sigma.powi(-2)).collect(),
            columns: (0..bins).flat_map(of_bin).collect(),
            measured: order[signals..].iter().map(|index| of_measured(&parameters[*index])).collect(),
            all_measured: number(measured.len()),
            linear,
            quadratic,
            shares: expectation.time_fractions.clone(),
            relative,
            is_gaussian: variance.is_some(),
            variance,
            order,
        })
    }

    pub(crate) fn bins(&self) -> usize {
        self.energies * self.times
    }

    pub(crate) fn channels(&self) -> usize {
        self.classes * self.energies
    }

    /// Numbers of a mass: coefficients of the counts, `[3][channels]`, and of their products,
    /// `[5][energies][pairs of classes]`, those of unlike classes twice.
    pub(crate) fn row_numbers(&self) -> usize {
        3 * self.channels() + 5 * self.energies * pairs(self.classes)
    }

    /// These numbers, from coefficients `[3][channels]` in powers of g^2 and the natural coupling, in whose square g^2 is
    /// counted.
    pub(crate) fn row(&self, coefficients: &[f64], natural: f64, numbers: &mut Vec<f64>) {
        let channels = self.channels();
        let unit = natural * natural;
        let start = numbers.len();
        for (power, coefficients) in (0..3).zip(coefficients.chunks(channels)) {
            numbers.extend(coefficients.iter().map(|c| c * unit.powi(power)));
        }
        let counts = numbers[start..].to_vec();
        let at = |power: usize, class: usize, energy: usize| counts[power * channels + class * self.energies + energy];
        for power in 0..5usize {
            for energy in 0..self.energies {
                for (a, b) in (0..self.classes).flat_map(|a| (0..=a).map(move |b| (a, b))) {
                    let twice = if a == b { 1.0 } else { 2.0 };
                    let terms =
                        (power.saturating_sub(2)..=power.min(2)).map(|p| at(p, a, energy) * at(power - p, b, energy));
                    numbers.push(twice * terms.sum::<f64>());
                }
            }
        }
    }
}
