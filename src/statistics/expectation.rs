//! The linear model: columns and priors of an expectation.

use crate::dataset::{Covariance, Dataset, Norm, Shape, Signal};

/// What one parameter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Multiplies the signal.
    SignalNorm,
    /// Deforms the signal; index into its shapes.
    SignalShape(usize),
    /// Deforms the signal by t S_1 + t^2 S_2, of which the counts tell; index of the deformation.
    SignalDeformation(usize),
    /// Multiplies a background; its index.
    BackgroundNorm(usize),
    /// Deforms a background; index of the background.
    BackgroundShape(usize),
    /// An error that bins have in common, of no process; its index. Its pull is not shown, and its prior stays at 0 in toys:
    /// their counts have it.
    CorrelatedError(usize),
}

/// One nuisance parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Key of its pull in JSON.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it does.
    pub kind: ParameterKind,
    /// Value at eta = 0: 1 for norms, 0 for shapes.
    pub central: f64,
    /// Width of the Gaussian prior.
    pub sigma: f64,
    /// Whether its pull is that of the parameter of the same name in other datasets.
    pub shared: bool,
}

impl Parameter {
    /// Whether it is one that people know, no error that bins have in common.
    pub fn is_shown(&self) -> bool {
        !matches!(self.kind, ParameterKind::CorrelatedError(_))
    }
}

/// What is expected, without the signal's counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Number of energy bins.
    pub energy_bins: usize,
    /// Number of time bins.
    pub time_bins: usize,
    /// Share of each time class in each time bin, `[classes][time_bins]`.
    pub time_fractions: Vec<f64>,
    /// Relative changes of the signal by its shape parameters, `[shapes][bins]`.
    pub signal_shapes: Vec<Vec<f64>>,
    /// Norms first (signal, then backgrounds), shapes after, errors that bins have in common last.
    pub parameters: Vec<Parameter>,
    /// Column of each background parameter; empty for those of the signal.
    pub columns: Vec<Vec<f64>>,
    /// The parts of the signal's norm, its own first. The first parameter is their sum: their columns are the same.
    pub norms: Vec<Norm>,
}

impl Expectation {
    /// The expectation of a dataset.
    pub fn new(dataset: &Dataset) -> Expectation {
        let mut norms = vec![Parameter {
            name: dataset.signal.name.clone(),
            label: label(&format!("{} norm", dataset.signal.name)),
            kind: ParameterKind::SignalNorm,
            central: 1.0,
            sigma: combined_sigma(&dataset.signal),
            shared: false,
        }];
        let mut norm_columns = vec![Vec::new()];
        let shape = |shape: &Shape, kind| Parameter {
            name: shape.name.clone(),
            label: label(&shape.name.replace('_', " ")),
            kind,
            central: 0.0,
            sigma: 1.0,
            shared: shape.shared,
        };
        let signal_shapes = dataset.signal.shapes.iter().enumerate();
        let mut shapes: Vec<Parameter> =
            signal_shapes.map(|(i, signal)| shape(signal, ParameterKind::SignalShape(i))).collect();
        let deformations = dataset.deformations().enumerate();
        shapes.extend(deformations.map(|(i, (name, shared))| Parameter {
            name: name.to_owned(),
            label: label(&name.replace('_', " ")),
            kind: ParameterKind::SignalDeformation(i),
            central: 0.0,
            sigma: 1.0,
            shared,
        }));
        let mut shape_columns = vec![Vec::new(); shapes.len()];
        for (index, background) in dataset.backgrounds.iter().enumerate() {
            norms.push(Parameter {
                name: background.name.clone(),
                label: label(&format!("{} norm", background.name)),
                kind: ParameterKind::BackgroundNorm(index),
                central: 1.0,
                sigma: background.sigma,
                shared: background.shared,
            });
            norm_columns.push(background.events.clone());
            for change in &background.shapes {
                shapes.push(shape(change, ParameterKind::BackgroundShape(index)));
                shape_columns.push(background.events.iter().zip(&change.relative_change).map(|(n, r)| n * r).collect());
            }
        }
        norms.extend(shapes);
        norm_columns.extend(shape_columns);
        let errors = dataset.statistic.covariance().map_or(&[][..], Covariance::correlated);
        norms.extend((0..errors.len()).map(|index| Parameter {
            name: format!("correlated error {index}"),
            label: format!("correlated error {index}"),
            kind: ParameterKind::CorrelatedError(index),
            central: 0.0,
            sigma: 1.0,
            shared: false,
        }));
        norm_columns.extend(errors.iter().cloned());
        Expectation {
            energy_bins: dataset.energy_bins(),
            time_bins: dataset.time_bins(),
            time_fractions: dataset.time_fractions.clone(),
            signal_shapes: dataset.signal.shapes.iter().map(|shape| shape.relative_change.clone()).collect(),
            parameters: norms,
            columns: norm_columns,
            norms: norm_parts(&dataset.signal),
        }
    }

    /// Names of all pulls, for JSON: those of the parameters, then of the signal's norms after the first.
    pub fn pull_names(&self) -> impl Iterator<Item = &str> {
        let norms = self.norms.iter().skip(1).map(|norm| norm.name.as_str());
        self.shown().map(|parameter| parameter.name.as_str()).chain(norms)
    }

    /// The parameters that have a name for people: those before the errors that bins have in common.
    pub fn shown(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.is_shown())
    }

    /// What each error that bins have in common changes at one standard deviation (events).
    pub fn correlated_errors(&self) -> impl Iterator<Item = &[f64]> {
        let columns = self.parameters.iter().zip(&self.columns);
        columns.filter(|(parameter, _)| !parameter.is_shown()).map(|(_, column)| column.as_slice())
    }

    /// The same for people.
    pub fn pull_labels(&self) -> impl Iterator<Item = String> {
        let norms = self.norms.iter().skip(1).map(|norm| label(&format!("{} norm", norm.name.replace('_', " "))));
        self.shown().map(|parameter| parameter.label.clone()).chain(norms)
    }

    /// Expected counts at the centres of all priors, `[energy_bins][time_bins]`, with the signal's counts
    /// `[classes][energy_bins]`.
    pub fn central(&self, counts: &[f64]) -> Vec<f64> {
        let mut expected = vec![0.0; self.bins()];
        self.spread_over_time(counts, &mut expected);
        let columns = self.parameters.iter().zip(&self.columns).filter(|(_, column)| !column.is_empty());
        for (parameter, column) in columns.filter(|(parameter, _)| parameter.central != 0.0) {
            expected.iter_mut().zip(column).for_each(|(mu, events)| *mu += parameter.central * events);
        }
        expected
    }

    /// Energy bins x time bins.
    pub fn bins(&self) -> usize {
        self.energy_bins * self.time_bins
    }

    /// Counts of the signal without deformations: time classes x energy bins.
    pub fn classes_by_energy(&self) -> usize {
        self.time_fractions.len() / self.time_bins.max(1) * self.energy_bins
    }

    /// How many parameters deform the signal.
    pub fn deformations(&self) -> usize {
        let kinds = self.parameters.iter().map(|parameter| parameter.kind);
        kinds.filter(|kind| matches!(kind, ParameterKind::SignalDeformation(_))).count()
    }

    /// Counts of the signal: those of S, and of S_1 and S_2 of each deformation, each time classes x energy bins.
    pub fn channels(&self) -> usize {
        (1 + 2 * self.deformations()) * self.classes_by_energy()
    }

    /// Spreads counts `[classes][energy_bins]` over time, into `signal` `[energy_bins][time_bins]`.
    pub fn spread_over_time(&self, counts: &[f64], signal: &mut [f64]) {
        signal.fill(0.0);
        let classes = counts.chunks(self.energy_bins).zip(self.time_fractions.chunks(self.time_bins));
        for (counts, fractions) in classes {
            for (row, count) in signal.chunks_mut(self.time_bins).zip(counts) {
                for (bin, fraction) in row.iter_mut().zip(fractions) {
                    *bin += count * fraction;
                }
            }
        }
    }
}

impl Expectation {
    /// Names of the parameters, parts of the signal's norm included, that may be those of other datasets.
    pub(super) fn shared_names(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.shared);
        let norms = self.norms.iter().filter(|norm| norm.shared);
        parameters.map(|parameter| parameter.name.as_str()).chain(norms.map(|norm| norm.name.as_str()))
    }
}

/// The signal's own norm and the further ones.
fn norm_parts(signal: &Signal) -> Vec<Norm> {
    let own = Norm::new(&signal.name, signal.sigma, false);
    std::iter::once(own).chain(signal.norms.iter().cloned()).collect()
}

/// All parts of the norm together.
fn combined_sigma(signal: &Signal) -> f64 {
    match signal.norms.as_slice() {
        [] => signal.sigma,
        norms => norms.iter().fold(signal.sigma, |sum, norm| sum.hypot(norm.sigma)),
    }
}

/// Names of processes that are as short as this are abbreviations.
const ABBREVIATION: usize = 4;

/// A name as people write it: the process, its first word, in capitals where it is an abbreviation.
fn label(words: &str) -> String {
    let words = words.replace('_', " ");
    let words = words.as_str();
    let (process, rest) = words.split_once(' ').unwrap_or((words, ""));
    let process = match process {
        "cevns" => "CEvNS".to_owned(),
        short if short.len() <= ABBREVIATION => short.to_uppercase(),
        long => long.to_owned(),
    };
    format!("{process} {rest}").trim_end().to_owned()
}
