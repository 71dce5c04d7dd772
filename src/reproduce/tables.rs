//! The tables: bounds beside table 2, their deviations by column, best fits, and goodness of fit.

use rayon::prelude::*;
use serde_json::json;

use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Level, best_fit};
use crate::analysis::strips::{Degeneracy, PUBLISHED, degeneracies};
use crate::analysis::{Analysis, Experiment};
use crate::base::constants::GEV_IN_MEV;
use crate::base::provenance::of_the_build;
use crate::output::{BoundRecord, Cell, Column, Form, LimitsRecord, Table};
use crate::physics::model::Model;
use crate::rates::Point;
use crate::scan::Observer;
use crate::statistics::chi2_tail;
use crate::{Error, Result};

use super::product::{Made, Product};
use super::{Settings, fingerprint};

/// What a bound or a best fit costs, in points of a map: 30 ms at 3e6 points a second.
const WORK_OF_A_CASE: usize = 100_000;
/// The lists of datasets of table 2.
const LISTS: [&str; 3] = ["lar", "csi", "csi+lar"];

/// Mass and coupling.
const FREE_PARAMETERS: usize = 2;

/// One model on one list of datasets.
struct Case {
    record: LimitsRecord,
    label: String,
    data_label: String,
    chi2_sm: f64,
    bins: usize,
    /// Of a single dataset.
    degeneracy: Option<Degeneracy>,
}

/// All tables that follow from fits.
pub(super) fn product<'a>(settings: &'a Settings<'a>) -> Product<'a> {
    Product {
        name: "tables-fits".to_owned(),
        inputs: json!({
            "program": settings.program,
            "build": of_the_build(),
            "models": fingerprint(&settings.models),
            "data": settings.experiments.iter().map(|e| fingerprint(&e.dataset)).collect::<Vec<_>>(),
            "delta_chi2": settings.delta_chi2,
            "simd": settings.simd(),
        }),
        work: settings.models.len() * LISTS.len() * WORK_OF_A_CASE,
        make: Box::new(move |observer| make(settings, observer)),
    }
}

fn make(settings: &Settings, observer: &dyn Observer) -> Result<Made> {
    let cases: Vec<(&Model, &str)> = settings.models.iter().flat_map(|model| LISTS.map(|list| (model, list))).collect();
    let cases = cases
        .par_iter()
        .map(|(model, list)| {
            if observer.cancelled() {
                return Err(Error::Interrupted);
            }
            let case = Case::new(settings, model, list);
            observer.advance(WORK_OF_A_CASE);
            case
        })
        .collect::<Result<Vec<_>>>()?;
    let mut made = Made::default();
    for (name, table) in [
        ("table2", bounds(&cases)),
        ("table2-deviations", deviations(&cases)),
        ("best-fits", best_fits(&cases)),
        ("goodness-of-fit", goodness(&cases)),
        ("degeneracies", degeneracy_table(&cases)),
    ] {
        super::add_table(&mut made, name, &table)?;
    }
    Ok(made)
}

impl Case {
    fn new(settings: &Settings, model: &Model, list: &str) -> Result<Case> {
        let experiments =
            list.split('+').map(|name| settings.experiment(name)).collect::<Result<Vec<&Experiment>>>()?;
        let analysis = Analysis::new(model, experiments.iter().copied());
        let best = best_fit(&analysis)?;
        let level = Level { delta_chi2: settings.delta_chi2, ..Level::default() };
        let at = |mass_mev| level.bound(&analysis, &best, mass_mev);
        let standard_model = analysis.fit(Point { mass_mev: LOW_MASS_MEV, coupling: 0.0 });
        let labels: Vec<&str> = experiments.iter().map(|experiment| experiment.dataset.label.as_str()).collect();
        Ok(Case {
            record: LimitsRecord::new(&model.name, list, level, best, &at(LOW_MASS_MEV)?, &at(HIGH_MASS_MEV)?),
            label: model.label.clone(),
            data_label: labels.join(" + "),
            chi2_sm: standard_model.chi2(),
            bins: experiments.iter().map(|experiment| experiment.dataset.bins()).sum(),
            degeneracy: match degeneracies(&analysis).as_slice() {
                [lines] => *lines,
                _ => None,
            },
        })
    }

    fn names(&self) -> [Cell; 2] {
        [Cell::name(&self.record.model, &self.label), Cell::name(&self.record.data, &self.data_label)]
    }
}

fn names() -> [Column; 2] {
    [Column::new("model", "model", Form::Words), Column::new("data", "data", Form::Words)]
}

/// Table 2 of the paper with ours beside it.
fn bounds(cases: &[Case]) -> Table {
    let mut columns = names().to_vec();
    for (name, label, exponent) in [
        ("low_g", "low mass: $g$ [$10^{-5}$]", -5),
        ("high_g_over_m_per_gev", r#"high mass: $g/M$ [$10^{-3}$/GeV]"#, -3),
    ] {
        columns.push(Column::new(name, label, Form::InUnitsOf(exponent, 4)));
        columns.push(Column::new(&format!("{name}_published"), "published", Form::AsGivenInUnitsOf(exponent)));
        columns.push(Column::new(&format!("{name}_deviation_percent"), "deviation [%]", Form::Signed(1)));
    }
    let rows = cases.iter().map(|case| {
        let mut row = case.names().to_vec();
        for bound in [&case.record.low, &case.record.high] {
            row.extend([bound.value(), bound.table2, bound.deviation_percent].map(Cell::number));
        }
        row
    });
    Table {
        title: "Bounds at 2$σ$ beside table 2 of arXiv:2202.11002".to_owned(),
        note: format!(
            "Low mass: {LOW_MASS_MEV} MeV; high mass: {} GeV. Deviation: 100 ln(ours/published).",
            HIGH_MASS_MEV / GEV_IN_MEV
        ),
        rows: rows.collect(),
        columns,
    }
}

/// The deviations of table 2, column by column and all together.
fn deviations(cases: &[Case]) -> Table {
    let columns = vec![
        Column::new("data", "data", Form::Words),
        Column::new("regime", "mass", Form::Words),
        Column::new("bounds", "bounds", Form::Decimals(0)),
        Column::new("rms_percent", "rms [%]", Form::Decimals(3)),
        Column::new("mean_percent", "mean [%]", Form::Signed(2)),
        Column::new("largest_percent", "largest [%]", Form::Signed(2)),
        Column::new("largest_model", "in", Form::Words),
    ];
    let mut rows = Vec::new();
    for list in LISTS {
        let in_list = || cases.iter().filter(move |case| case.record.data == list);
        let Some(first) = in_list().next() else { continue };
        let data = Cell::name(list, &first.data_label);
        let low = in_list().map(|case| (case, &case.record.low));
        let high = in_list().map(|case| (case, &case.record.high));
        rows.extend(deviation_row([data.clone(), Cell::words("low")], low));
        rows.extend(deviation_row([data, Cell::words("high")], high));
    }
    let all = cases.iter().flat_map(|case| [(case, &case.record.low), (case, &case.record.high)]);
    rows.extend(deviation_row([Cell::words("all"), Cell::words("all")], all));
    Table {
        title: "Deviations from table 2 by column".to_owned(),
        note: "Of 100 ln(ours/published).".to_owned(),
        columns,
        rows,
    }
}

fn deviation_row<'a>(names: [Cell; 2], bounds: impl Iterator<Item = (&'a Case, &'a BoundRecord)>) -> Option<Vec<Cell>> {
    let found: Vec<(&Case, f64)> = bounds.filter_map(|(case, bound)| Some((case, bound.deviation_percent?))).collect();
    let (worst, largest) = found.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let mean = |of: &dyn Fn(f64) -> f64| found.iter().map(|(_, d)| of(*d)).sum::<f64>() / found.len() as f64;
    let numbers = [found.len() as f64, mean(&|d| d * d).sqrt(), mean(&|d| d), *largest].map(Cell::number);
    let worst = Cell::name(&worst.record.model, &worst.label);
    Some(names.into_iter().chain(numbers).chain([worst]).collect())
}

/// Where chi2 is smallest, and by how much the Standard Model is worse.
fn best_fits(cases: &[Case]) -> Table {
    let columns = names().into_iter().chain([
        Column::new("mass_mev", "$M$ [MeV]", Form::Significant(3)),
        Column::new("coupling", "$g$", Form::Significant(3)),
        Column::new("chi2_min", r#"$χ^2_"min"$"#, Form::Decimals(3)),
        Column::new("chi2_sm", r#"$χ^2_"SM"$"#, Form::Decimals(3)),
        Column::new("chi2_sm_less_chi2_min", r#"$χ^2_"SM"-χ^2_"min"$"#, Form::Decimals(3)),
    ]);
    let rows = cases.iter().map(|case| {
        let (best, chi2_min) = (&case.record.best_fit, case.record.chi2_min);
        // Without a coupling there is no mass.
        let mass_mev = (best.coupling > 0.0).then_some(best.mass_mev);
        let numbers = [best.coupling, chi2_min, case.chi2_sm, case.chi2_sm - chi2_min].map(Some);
        case.names().into_iter().chain([mass_mev].into_iter().chain(numbers).map(Cell::number)).collect()
    });
    Table {
        title: "Best fits".to_owned(),
        note: format!(
            "The global minimum of $χ^2$ over masses from {LOW_MASS_MEV} MeV to {} GeV and all couplings, 0 included. \
             A coupling of 0 is the Standard Model. \
             $χ^2$ is nearly flat along the strips: mass and coupling of a best fit mean little there.",
            HIGH_MASS_MEV / GEV_IN_MEV
        ),
        columns: columns.collect(),
        rows: rows.collect(),
    }
}

/// How well the Standard Model and each best fit describe the data.
fn goodness(cases: &[Case]) -> Table {
    let columns = names().into_iter().chain([
        Column::new("chi2", "$χ^2$", Form::Decimals(2)),
        Column::new("bins", "bins", Form::Decimals(0)),
        Column::new("degrees_of_freedom", "degrees of freedom", Form::Decimals(0)),
        Column::new("chi2_per_degree_of_freedom", "$χ^2$/dof", Form::Decimals(3)),
        Column::new("p_value", "$p$-value", Form::Decimals(3)),
    ]);
    let row = |names: [Cell; 2], chi2: f64, bins: usize, parameters: usize| {
        let dof = bins.saturating_sub(parameters);
        let p_value = u32::try_from(dof).ok().map(|dof| chi2_tail(chi2, dof));
        let numbers = [Some(chi2), Some(bins as f64), Some(dof as f64), Some(chi2 / dof as f64), p_value];
        names.into_iter().chain(numbers.map(Cell::number)).collect()
    };
    let standard_model = LISTS.iter().filter_map(|list| cases.iter().find(|case| case.record.data == *list));
    let rows = standard_model
        .map(|case| {
            let [_, data] = case.names();
            row([Cell::name("standard-model", "Standard Model"), data], case.chi2_sm, case.bins, 0)
        })
        .chain(cases.iter().map(|case| row(case.names(), case.record.chi2_min, case.bins, FREE_PARAMETERS)))
        .collect();
    Table {
        title: "Goodness of fit".to_owned(),
        note:
            "Degrees of freedom: bins, less 2 for mass and coupling of a best fit; each nuisance parameter brings its \
               own constraint. The $p$-value takes $χ^2$ as distributed like one, which bins of a few events are not \
               quite."
                .to_owned(),
        columns: columns.collect(),
        rows,
    }
}

/// Where the weak charge vanishes and where it turns its sign, beside the allowed strip and the published lines.
fn degeneracy_table(cases: &[Case]) -> Table {
    let per_gev = |name, label: &str| Column::new(name, label, Form::Significant(3));
    let columns = names().into_iter().chain([
        Column::new("equations", "equations", Form::Words),
        per_gev("strip_per_gev", r#"$Q → -Q_"SM"$"#),
        per_gev("strip_published_per_gev", "published"),
        per_gev("allowed_from_per_gev", "allowed from"),
        per_gev("allowed_to_per_gev", "to"),
        per_gev("cancellation_per_gev", "$Q → 0$"),
        per_gev("cancellation_published_per_gev", "published"),
    ]);
    let rows = cases.iter().filter_map(|case| {
        let lines = case.degeneracy?;
        let published = PUBLISHED.iter().find(|(model, ..)| *model == case.record.model && case.record.data == "csi");
        let crossings = &case.record.high.crossings;
        let strip = crossings.iter().position(|(_, way)| *way == "down");
        let edge = |further: usize| strip.and_then(|first| Some(crossings.get(first + further)?.0));
        let equations = published.map_or(Cell::Missing, |(.., equations)| Cell::words(equations));
        let numbers = [
            Some(lines.strip_per_gev),
            published.map(|(_, strip, ..)| *strip),
            edge(0),
            edge(1),
            Some(lines.cancellation_per_gev),
            published.and_then(|(_, _, cancellation, _)| *cancellation),
        ];
        Some(case.names().into_iter().chain([equations]).chain(numbers.map(Cell::number)).collect())
    });
    Table {
        title: "Degeneracy strips and cancellation lines".to_owned(),
        note: format!(
            "$g/M$ [1/GeV] where the weak charge has turned its sign, and where it vanishes, from charges and nuclei \
             without form factors; between them the strip that the data allow at 2$σ$ at {} GeV.",
            HIGH_MASS_MEV / GEV_IN_MEV
        ),
        columns: columns.collect(),
        rows: rows.collect(),
    }
}
