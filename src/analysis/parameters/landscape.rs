//! chi2 as a function of any parameters.

use std::sync::Arc;

use crate::analysis::{Analysis, Experiment, Fit, Prediction, Prepared};
use crate::physics::model::Model;
use crate::physics::weak_couplings::WeakCouplings;
use crate::rates::{Fineness, Nodes, Point};
use crate::statistics::Status;
use crate::{Error, Result};

use super::Parameter;
use super::varied::value_of;

/// Makes the model from values of its free parameters.
pub type ModelOf<'a> = dyn Fn(&[(String, f64)]) -> Result<Model> + Sync + 'a;

/// A parameter and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The parameter.
    pub parameter: Parameter,
    /// Its value, in its unit.
    pub value: f64,
}

impl Setting {
    /// `NAME=VALUE`.
    ///
    /// # Errors
    /// What is not of this form; a value that the parameter cannot have.
    pub fn parse(text: &str) -> Result<Setting> {
        let (name, value) = text.split_once('=').ok_or_else(|| Error::Unparsable {
            quantity: "parameter and value".to_owned(),
            value: text.to_owned(),
            expected: "NAME=VALUE, e.g. sin2-theta-w=0.2386".to_owned(),
        })?;
        let parameter = Parameter::parse(name.trim())?;
        let value = value_of(&parameter, value.trim())?;
        parameter.require(value)?;
        Ok(Setting { parameter, value })
    }
}

/// What chi2 depends on: a model at a point, data, couplings, and parameters that are set.
pub struct Landscape<'a> {
    model_of: &'a ModelOf<'a>,
    has_mediator: bool,
    point: Point,
    couplings: WeakCouplings,
    experiments: Vec<Experiment>,
    fixed: Vec<Setting>,
}

impl<'a> Landscape<'a> {
    /// The landscape in which `varied` can be set, beside what is `fixed`.
    ///
    /// `point` holds unless mass or coupling are set; without a mediator (`model_of` gives the Standard Model) they cannot
    /// be.
    ///
    /// # Errors
    /// A parameter that is set twice, or that counts cannot depend on: of a model where there is none, of elements that no
    /// detector holds. Those of preparing experiments.
    pub fn new(
        model_of: &'a ModelOf<'a>,
        point: Point,
        couplings: WeakCouplings,
        experiments: &[Experiment],
        fixed: Vec<Setting>,
        varied: &[Parameter],
    ) -> Result<Landscape<'a>> {
        let all: Vec<&Parameter> = fixed.iter().map(|setting| &setting.parameter).chain(varied).collect();
        let has_mediator = !model_of(&[])?.mediators.is_empty();
        for (i, parameter) in all.iter().enumerate() {
            if all[..i].contains(parameter) {
                return Err(Error::out_of_range("parameter", parameter.name(), "set or varied once"));
            }
            if parameter.is_of_model() && !has_mediator {
                let bound = "one of the Standard Model; this one needs a model that is named";
                return Err(Error::out_of_range("parameter", parameter.name(), bound));
            }
        }
        require_elements(&all, experiments)?;
        let magnetic = all.iter().any(|parameter| matches!(parameter, Parameter::MagneticMoment(_)));
        let experiments = experiments.iter().map(|experiment| match magnetic {
            true => with_magnetic_moments(experiment),
            false => Ok(experiment.clone()),
        });
        let experiments = experiments.collect::<Result<_>>()?;
        Ok(Landscape { model_of, has_mediator, point, couplings, experiments, fixed })
    }

    /// The analysis and the point in it that some values mean, beside those that are fixed.
    ///
    /// # Errors
    /// Those of the model.
    pub fn at(&self, settings: &[Setting]) -> Result<(Analysis, Point)> {
        let (mut couplings, mut point) = (self.couplings, self.point);
        let (mut of_model, mut radii) = (Vec::new(), Vec::new());
        for Setting { parameter, value } in self.fixed.iter().chain(settings) {
            couplings = parameter.act_on(couplings, *value);
            match parameter {
                Parameter::Mass => point.mass_mev = *value,
                Parameter::Coupling => point.coupling = *value,
                Parameter::OfModel(name) => of_model.push((name.clone(), *value)),
                Parameter::NeutronRadius(elements) => radii.push((elements, *value)),
                _ => {}
            }
        }
        if !self.has_mediator {
            point.coupling = 0.0;
        }
        let model = Arc::new((self.model_of)(&of_model)?);
        let predictions = self.experiments.iter().map(|experiment| {
            let mut dataset = experiment.dataset.clone();
            for target in &mut dataset.targets {
                let own = radii.iter().find(|(elements, _)| elements.iter().any(|one| one == target.isotope.element()));
                if let Some((_, radius_fm)) = own {
                    target.isotope.neutron_radius_fm = *radius_fm;
                }
            }
            let plan = experiment.nodes.plan_with(&dataset, &model, &couplings);
            Prediction { experiment: experiment.clone(), plan: Arc::new(plan) }
        });
        Ok((Analysis::of(model.clone(), predictions.collect()), point))
    }

    /// The fit at some values.
    ///
    /// # Errors
    /// Those of [`Landscape::at`]; a minimisation that did not converge.
    pub fn fit(&self, settings: &[Setting]) -> Result<Fit> {
        let (analysis, point) = self.at(settings)?;
        let fit = analysis.fit(point);
        match fit.total.status {
            Status::Converged => Ok(fit),
            status => Err(not_converged(&analysis, settings, status)),
        }
    }

    /// chi2 of all data, and of each dataset alone, at each coupling of a row, as the rows of maps have it.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`].
    pub fn chi2_row(&self, settings: &[Setting], couplings: &[f64]) -> Result<Vec<Vec<f64>>> {
        let (analysis, point) = self.at(settings)?;
        let mut chi2 = vec![vec![0.0; couplings.len()]; analysis.minimised()];
        let mut status = vec![Status::Converged; couplings.len()];
        analysis.at_mass(point.mass_mev).row(couplings, &mut analysis.scratch(), &mut chi2, &mut status);
        if let Some(point) = status.iter().position(|status| *status != Status::Converged) {
            let coupling = Setting { parameter: Parameter::Coupling, value: couplings[point] };
            return Err(not_converged(&analysis, &[settings, &[coupling]].concat(), status[point]));
        }
        let at = |point: usize| {
            let minimised = || chi2.iter().map(|chi2| chi2[point]);
            std::iter::once(analysis.total(minimised())).chain(minimised().take(self.experiments.len())).collect()
        };
        Ok((0..couplings.len()).map(at).collect())
    }

    /// The same of one dataset.
    pub(super) fn alone(&self, dataset: usize) -> Landscape<'a> {
        let experiments = self.experiments.get(dataset).cloned().into_iter().collect();
        Landscape { experiments, fixed: self.fixed.clone(), ..*self }
    }

    /// chi2 of all data, and of each dataset alone.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`].
    pub fn chi2(&self, settings: &[Setting]) -> Result<Vec<f64>> {
        let fit = self.fit(settings)?;
        Ok(std::iter::once(fit.total.chi2).chain(fit.datasets.iter().map(|one| one.alone.chi2)).collect())
    }

    /// The datasets.
    pub fn experiments(&self) -> &[Experiment] {
        &self.experiments
    }
}

fn not_converged(analysis: &Analysis, settings: &[Setting], status: Status) -> Error {
    let words: Vec<String> = settings.iter().map(|one| format!("{} {}", one.parameter.name(), one.value)).collect();
    let quantity = format!("chi2 of {} at {}", analysis.data_name(), words.join(", "));
    Error::NotConverged { quantity, reason: status.to_string() }
}

/// Refuses elements that no detector holds.
fn require_elements(parameters: &[&Parameter], experiments: &[Experiment]) -> Result<()> {
    let targets = || experiments.iter().flat_map(|experiment| &experiment.dataset.targets);
    let wanted = parameters.iter().flat_map(|parameter| match parameter {
        Parameter::NeutronRadius(elements) => elements.as_slice(),
        _ => &[],
    });
    let mut seen: Vec<&String> = Vec::new();
    for element in wanted {
        if !targets().any(|target| target.isotope.element() == element) {
            let mut known: Vec<&str> = targets().map(|target| target.isotope.element()).collect();
            known.sort_unstable();
            known.dedup();
            let data: Vec<&str> = experiments.iter().map(|experiment| experiment.dataset.name.as_str()).collect();
            let bound = format!("an element that the target of {} has: {}", data.join("+"), known.join(", "));
            return Err(Error::out_of_range("element of neutron-radius", format!("'{element}'"), bound));
        }
        if seen.contains(&element) {
            let quantity = format!("neutron radius of {element}");
            return Err(Error::out_of_range(quantity, "given twice", "set or varied once"));
        }
        seen.push(element);
    }
    Ok(())
}

/// The same experiment with nodes on which magnetic moments act.
fn with_magnetic_moments(experiment: &Experiment) -> Result<Experiment> {
    let nodes = Nodes::with_magnetic_moments(&experiment.dataset, Fineness::default())?;
    let prepared = Arc::new(Prepared { dataset: experiment.dataset.clone(), nodes });
    Ok(Experiment { prepared, ..experiment.clone() })
}
