//! The tables of the Standard Model's events: by detector, bin and flavour.

use serde_json::json;

use crate::Result;
use crate::analysis::{Analysis, Experiment};
use crate::base::provenance::of_the_build;
use crate::dataset::Scattering;
use crate::output::{Cell, Column, Form, Table};
use crate::physics::model::Model;
use crate::rates::Point;
use crate::rates::cpu::counts_at;
use crate::rates::plan::Plan;

use super::product::{Made, Product};
use super::{Settings, add_table, fingerprint};

/// A point at which there is no mediator.
const STANDARD_MODEL: Point = Point { mass_mev: 1.0, coupling: 0.0 };
const WORK: usize = 10_000;

/// Events of one flavour in one detector.
struct Flavour {
    /// Name in files, e.g. `nu_mu_bar`.
    name: &'static str,
    /// Events by energy bin before the time efficiency and the cut on time.
    events: Vec<f64>,
    /// Shares of the time bins.
    time_fractions: Vec<f64>,
}

pub(super) fn product<'a>(settings: &'a Settings<'a>) -> Product<'a> {
    Product {
        name: "tables-events".to_owned(),
        inputs: json!({
            "program": settings.program,
            "build": of_the_build(),
            "data": settings.experiments.iter().map(|e| fingerprint(&e.dataset)).collect::<Vec<_>>(),
        }),
        work: WORK,
        make: Box::new(move |_| make(settings)),
    }
}

fn make(settings: &Settings) -> Result<Made> {
    let mut made = Made::default();
    // Any model is the Standard Model at coupling 0.
    if let Some(model) = settings.models.first() {
        let detectors: Vec<(&Experiment, Vec<Flavour>)> =
            settings.experiments.iter().map(|experiment| (experiment, flavours(model, experiment))).collect();
        add_table(&mut made, "standard-model-events", &by_energy(&detectors))?;
        add_table(&mut made, "standard-model-events-by-bin", &by_bin(&detectors))?;
    }
    Ok(made)
}

fn flavours(model: &Model, experiment: &Experiment) -> Vec<Flavour> {
    let analysis = Analysis::new(model, [experiment]);
    let (dataset, time_bins) = (&experiment.dataset, experiment.dataset.time_bins());
    let of_component = |(index, component): (usize, &crate::physics::flux::Component)| {
        // A plan whose classes are the runs of this flavour's nodes.
        let mut plan = Plan::clone(&analysis.predictions[0].plan);
        plan.kinematics.classes = experiment.nodes.of(Scattering::Cevns, index);
        let mut counts = vec![0.0; plan.channels()];
        counts_at(&plan, STANDARD_MODEL, &mut counts);
        let bins = dataset.energy_bins();
        Flavour {
            name: component.name,
            events: (0..bins).map(|bin| counts.iter().skip(bin).step_by(bins).sum()).collect(),
            time_fractions: dataset.time_fractions[component.class * time_bins..(component.class + 1) * time_bins]
                .to_vec(),
        }
    };
    dataset.source.components.iter().enumerate().map(of_component).collect()
}

/// Name and label of a flavour, and of their sum.
const FLAVOURS: [(&str, &str); 4] =
    [("nu_e", "$ν_e$"), ("nu_mu", "$ν_μ$"), ("nu_mu_bar", "$ν̄_μ$"), ("all", "all flavours")];

/// Events of the flavours in the order of [`FLAVOURS`].
fn cells(flavours: &[Flavour], events: impl Fn(&Flavour) -> f64) -> [Cell; 4] {
    FLAVOURS.map(|(name, _)| {
        let of_it = flavours.iter().filter(|flavour| flavour.name == name || name == "all");
        Cell::number(of_it.map(&events).sum::<f64>())
    })
}

fn in_window(flavour: &Flavour, bin: usize) -> f64 {
    flavour.events[bin] * flavour.time_fractions.iter().sum::<f64>()
}

fn by_energy(detectors: &[(&Experiment, Vec<Flavour>)]) -> Table {
    let columns = [("data", "data"), ("bin", "energy bin")].map(|(name, label)| Column::new(name, label, Form::Words));
    let columns = columns.into_iter().chain(FLAVOURS.map(|(name, label)| Column::new(name, label, Form::Decimals(2))));
    let mut rows = Vec::new();
    for (experiment, flavours) in detectors {
        let dataset = &experiment.dataset;
        let data = Cell::name(&dataset.name, &dataset.label);
        let mut add = |bin: String, events: [Cell; 4]| {
            rows.push([data.clone(), Cell::words(&bin)].into_iter().chain(events).collect::<Vec<_>>());
        };
        for (bin, edges) in dataset.response.energy_edges.windows(2).enumerate() {
            let name = format!("{} to {} {}", edges[0], edges[1], dataset.energy_unit);
            add(name, cells(flavours, |flavour| in_window(flavour, bin)));
        }
        let bins = 0..dataset.energy_bins();
        add("all".to_owned(), cells(flavours, |flavour| bins.clone().map(|bin| in_window(flavour, bin)).sum()));
        add("all, at any time".to_owned(), cells(flavours, |flavour| flavour.events.iter().sum()));
    }
    Table {
        title: "Events of the Standard Model by detector, energy and flavour".to_owned(),
        note:
            "CEvNS events in the window of time, before nuisance parameters. The last row of each detector is without \
               that cut and without the efficiency in time; where the densities in time are renormalised over the \
               window (Ar), it is the same."
                .to_owned(),
        columns: columns.collect(),
        rows,
    }
}

fn by_bin(detectors: &[(&Experiment, Vec<Flavour>)]) -> Table {
    let columns = [
        Column::new("data", "data", Form::Words),
        Column::new("energy_unit", "energy unit", Form::Words),
        Column::new("energy_low", "energy from", Form::Decimals(1)),
        Column::new("energy_high", "to", Form::Decimals(1)),
        Column::new("time_low_us", "time [μs] from", Form::Decimals(3)),
        Column::new("time_high_us", "to", Form::Decimals(3)),
    ];
    let columns = columns.into_iter().chain(FLAVOURS.map(|(name, label)| Column::new(name, label, Form::Decimals(3))));
    let mut rows = Vec::new();
    for (experiment, flavours) in detectors {
        let dataset = &experiment.dataset;
        for (bin, energies) in dataset.response.energy_edges.windows(2).enumerate() {
            for (slot, times) in dataset.time_edges_us.windows(2).enumerate() {
                let names = [Cell::name(&dataset.name, &dataset.label), Cell::words(&dataset.energy_unit)];
                let edges = [energies[0], energies[1], times[0], times[1]].map(Cell::number);
                let events = cells(flavours, |flavour| flavour.events[bin] * flavour.time_fractions[slot]);
                rows.push(names.into_iter().chain(edges).chain(events).collect());
            }
        }
    }
    Table {
        title: "Events of the Standard Model by detector, energy, time and flavour".to_owned(),
        note: "CEvNS events before nuisance parameters.".to_owned(),
        columns: columns.collect(),
        rows,
    }
}
