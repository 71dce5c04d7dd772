//! What a dataset may hold and hardly ever does: values in another unit than the key's, percentages, signs the other way
//! round. They are taken as they are, with a word about each.

use crate::base::constants::AVOGADRO_PER_MOL;
use crate::base::grid::{number_text, rounded};
use crate::dataset::{Dataset, Statistic};
use crate::physics::detector::{Curve, Quenching, Resolution};
use crate::physics::flux::BeamTrace;

use super::detector::highest_recoil_kev;
use super::target::KILOGRAM_G;

/// A quantity, by the keys that it comes from, and where it lies as a rule.
struct Row {
    /// In words, with its unit.
    quantity: &'static str,
    /// The keys.
    keys: &'static str,
    /// All its values.
    of: fn(&Read) -> Vec<f64>,
    /// Ends of where it lies as a rule; both belong to it.
    from: f64,
    to: f64,
    /// What a value outside of them may come from.
    perhaps: &'static str,
}

/// What was read.
struct Read<'a> {
    dataset: &'a Dataset,
    trace: Option<&'a BeamTrace>,
    /// What the isotopes of a formula unit weigh over the molar mass.
    listed_share: f64,
}

/// From here on the norm of a background is meant to be free.
const FREE: f64 = 100.0;
/// Relative changes beyond this count as large.
const LARGE_CHANGE: f64 = 2.0;

/// Known experiments lie well inside: built-in datasets and their variations give no word (a test).
const ROWS: [Row; 21] = [
    Row {
        quantity: "weight of a formula unit's isotopes over the molar mass",
        keys: "molar_mass_g_per_mol and per_formula_unit of [target]",
        of: |read| vec![read.listed_share],
        from: 0.7,
        to: 1.01,
        perhaps: "a molar mass in other units, or isotopes left out?",
    },
    Row {
        quantity: "relative uncertainty of the signal",
        keys: "sigma of [signal] and of its norms",
        of: |read| {
            let signal = &read.dataset.signal;
            std::iter::once(signal.sigma).chain(signal.norms.iter().map(|norm| norm.sigma)).collect()
        },
        from: 1e-4,
        to: 1.0,
        perhaps: "a percentage? 0.05 is 5 %",
    },
    Row {
        quantity: "relative uncertainty of a background",
        keys: "sigma of [[background]]",
        of: |read| read.dataset.backgrounds.iter().map(|one| one.sigma).filter(|sigma| *sigma < FREE).collect(),
        from: 1e-5,
        to: 2.0,
        perhaps: "a percentage? 0.05 is 5 %; a norm that is free has 100 or more",
    },
    Row {
        quantity: "part of a template's bins that change by more than twice per sigma",
        keys: "table of shapes",
        of: |read| {
            let dataset = read.dataset;
            let shapes = dataset.signal.shapes.iter().chain(dataset.backgrounds.iter().flat_map(|one| &one.shapes));
            let large = |values: &[f64]| values.iter().filter(|change| change.abs() > LARGE_CHANGE).count() as f64;
            shapes.map(|shape| large(&shape.relative_change) / shape.relative_change.len() as f64).collect()
        },
        from: 0.0,
        to: 0.3,
        perhaps: "percentages? 0.05 is 5 %",
    },
    Row {
        quantity: "neutrinos of a flavour through a cm^2",
        keys: "protons_on_target, neutrinos_per_flavour_per_proton and baseline_m, or live_time_days and the table of [source]",
        of: |read| {
            let of = |spectrum: &crate::physics::flux::Spectrum| read.dataset.fluence_per_cm2 * spectrum.moment(0, 0.0);
            let all = read.dataset.source.components.iter().map(|component| of(&component.spectrum));
            vec![all.fold(0.0, f64::max)]
        },
        from: 1e10,
        to: 1e24,
        perhaps: "another power of ten, or another unit of length or time?",
    },
    Row {
        quantity: "highest energy of the neutrinos (MeV)",
        keys: "table of [source]",
        of: |read| {
            let all = read.dataset.source.components.iter().map(|component| component.spectrum.max_energy_mev());
            vec![all.fold(0.0, f64::max)]
        },
        from: 0.3,
        to: 500.0,
        perhaps: "keV, eV or GeV in a column of MeV?",
    },
    Row {
        quantity: "mass of the target (kg)",
        keys: "active_mass_kg",
        of: |read| {
            let one = |target: &crate::dataset::Target| target.nuclei * target.isotope.atomic_mass_u;
            let u = read.dataset.targets.iter().map(one).sum::<f64>();
            vec![u / AVOGADRO_PER_MOL / KILOGRAM_G]
        },
        from: 1e-4,
        to: 1e5,
        perhaps: "grams or tonnes in a key of kg?",
    },
    Row {
        quantity: "electron-equivalent energy over half of the highest recoil",
        keys: "[quenching]",
        of: |read| {
            let half = 0.5 * highest_recoil_kev(&read.dataset.targets, &read.dataset.source);
            let chain = read.dataset.response.chain();
            chain.map(|chain| chain.quenching.electron_equivalent_kev(half) / half).into_iter().collect()
        },
        from: 0.01,
        to: 1.1,
        perhaps: "percent, or MeV in the place of keV?",
    },
    Row {
        quantity: "Lindhard's k",
        keys: "k of [quenching]",
        of: |read| match read.dataset.response.chain().map(|chain| &chain.quenching) {
            Some(Quenching::Lindhard { k, .. }) => vec![*k],
            _ => Vec::new(),
        },
        from: 0.05,
        to: 0.4,
        perhaps: "theory has 0.133 Z^(2/3) A^(-1/2): 0.11 to 0.17",
    },
    Row {
        quantity: "smearing over the energy at the upper end of the bins",
        keys: "[resolution]",
        of: |read| {
            let response = &read.dataset.response;
            let top = response.energy_edges[response.energy_edges.len() - 1];
            let width = |resolution: &Resolution| {
                let kev = resolution.electron_equivalent_kev(top);
                resolution.width(kev) / resolution.mean(kev)
            };
            response.chain().map(|chain| width(&chain.resolution)).into_iter().collect()
        },
        from: 1e-4,
        to: 0.8,
        perhaps: "eV or percent in the place of keV?",
    },
    Row {
        quantity: "upper end of the energy bins",
        keys: "energy_edges or counts of [observation]",
        // Those of a table are numbers of its bins.
        of: |read| {
            let edges = &read.dataset.response.energy_edges;
            read.dataset.response.chain().map(|_| edges[edges.len() - 1]).into_iter().collect()
        },
        from: 0.02,
        to: 2e3,
        perhaps: "eV or MeV in the place of keV?",
    },
    Row {
        quantity: "slope of an efficiency",
        keys: "slope of [efficiency]",
        of: |read| match read.dataset.response.chain().map(|chain| &chain.efficiency.curve) {
            Some(Curve::Logistic { slope, .. }) => vec![*slope],
            _ => Vec::new(),
        },
        from: 1e-4,
        to: 1e6,
        perhaps: "with a negative one the efficiency falls with the energy",
    },
    Row {
        quantity: "largest efficiency",
        keys: "[efficiency]",
        of: |read| read.dataset.response.chain().map(|chain| chain.efficiency.curve.largest()).into_iter().collect(),
        from: 0.01,
        to: 1.0,
        perhaps: "another power of ten?",
    },
    Row {
        quantity: "largest absolute time of a pulsed beam's bins (us)",
        keys: "time_edges_us or counts of [observation]",
        of: |read| match is_pulsed(read.dataset) {
            true => vec![read.dataset.time_edges_us.iter().map(|time| time.abs()).fold(0.0, f64::max)],
            false => Vec::new(),
        },
        from: 0.05,
        to: 200.0,
        perhaps: "ns or ms in the place of us?",
    },
    Row {
        quantity: "share of the signal in the window of time",
        keys: "[time] and the times of [observation]",
        of: |read| {
            let (dataset, times) = (read.dataset, read.dataset.time_edges_us.len() - 1);
            dataset.time_fractions.chunks(times).map(|shares| shares.iter().sum()).collect()
        },
        from: 0.05,
        to: 1.0 + 1e-6,
        perhaps: "the beam comes at another time: ns in the place of us?",
    },
    Row {
        quantity: "length of the beam's pulse (ns)",
        keys: "trace of [time]",
        of: |read| match read.trace {
            Some(BeamTrace::Gaussian { sigma_ns, .. }) => vec![2.0 * sigma_ns],
            Some(BeamTrace::Table { time_ns, .. }) => vec![time_ns[time_ns.len() - 1] - time_ns[0]],
            _ => Vec::new(),
        },
        from: 10.0,
        to: 1e5,
        perhaps: "us in the place of ns?",
    },
    Row {
        quantity: "middle of the beam's pulse (ns, without its sign)",
        keys: "trace of [time]",
        of: |read| match read.trace {
            Some(BeamTrace::Gaussian { mean_ns, .. }) => vec![mean_ns.abs()],
            Some(BeamTrace::Table { time_ns, .. }) => vec![0.5 * (time_ns[time_ns.len() - 1] + time_ns[0]).abs()],
            _ => Vec::new(),
        },
        from: 0.0,
        to: 1e5,
        perhaps: "ps in the place of ns?",
    },
    Row {
        quantity: "events observed",
        keys: "counts of [observation]",
        of: |read| read.counted().into_iter().collect(),
        from: 1.0,
        to: 1e9,
        perhaps: "rates in the place of counts?",
    },
    Row {
        quantity: "events of all backgrounds over those observed",
        keys: "[[background]] and counts of [observation]",
        of: |read| {
            let events: f64 = read.dataset.backgrounds.iter().flat_map(|one| &one.events).sum();
            read.counted().filter(|counted| *counted > 0.0).map(|counted| events / counted).into_iter().collect()
        },
        from: 0.0,
        to: 3.0,
        perhaps: "rates, or another exposure?",
    },
    Row {
        quantity: "sum of the variances over that of the counts, without their signs",
        keys: "variance or covariance of [observation.statistic]",
        of: |read| match &read.dataset.statistic {
            Statistic::Gaussian { variance, beyond_counts: None, .. } if !read.dataset.is_forecast => {
                let size: f64 = read.dataset.observed.iter().map(|count| count.abs()).sum();
                if size == 0.0 { Vec::new() } else { vec![variance.iter().sum::<f64>() / size] }
            }
            _ => Vec::new(),
        },
        from: 0.3,
        to: 1e6,
        perhaps: "standard deviations, or another unit than that of the counts?",
    },
    Row {
        quantity: "exposure of a sideband over that of the data",
        keys: "exposure_ratio of sideband",
        of: |read| {
            let sidebands = read.dataset.backgrounds.iter().filter_map(|one| one.sideband);
            sidebands.map(|sideband| sideband.exposure_ratio).collect()
        },
        from: 0.05,
        to: 1e3,
        perhaps: "the other way round?",
    },
];

impl Read<'_> {
    /// Events that were counted: none of a forecast, nor where counts are measured and of any sign.
    fn counted(&self) -> Option<f64> {
        let are_measured = matches!(&self.dataset.statistic, Statistic::Gaussian { beyond_counts: None, .. });
        (!self.dataset.is_forecast && !are_measured).then(|| self.dataset.observed.iter().sum())
    }
}

/// A word about each value that lies elsewhere.
pub(super) fn doubts(dataset: &Dataset, trace: Option<&BeamTrace>, listed_share: f64) -> Vec<String> {
    let read = Read { dataset, trace, listed_share };
    let of_row = |row: &Row| {
        let values = (row.of)(&read);
        let outside = values.iter().find(|value| !(row.from..=row.to).contains(*value))?;
        let Row { quantity, keys, from, to, perhaps, .. } = row;
        Some(format!(
            "{}: {quantity} is {}, as a rule {from} to {to} ({keys}): {perhaps}",
            dataset.name,
            number_text(rounded(*outside, 4))
        ))
    };
    let unchanging = unchanging(dataset).map(|name| {
        format!(
            "{}: variation {name} changes nothing: its pull stays 0: other tables or values for up and down?",
            dataset.name
        )
    });
    ROWS.iter().filter_map(of_row).chain(unchanging).collect()
}

/// Names of the variations of the response that leave it as it is.
fn unchanging(dataset: &Dataset) -> impl Iterator<Item = &str> {
    let of_table =
        dataset.response.variations().iter().filter(|own| own.first.iter().chain(&own.second).all(|r| *r == 0.0));
    let nominal = &dataset.response;
    let of_sections = dataset.variations.iter().filter(move |own| own.up == *nominal && own.down == *nominal);
    of_table.map(|own| own.name.as_str()).chain(of_sections.map(|own| own.name.as_str()))
}

fn is_pulsed(dataset: &Dataset) -> bool {
    dataset.source.classes.iter().all(|class| !class.lifetimes_ns.is_empty())
}
