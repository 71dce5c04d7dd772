//! The folded plan against an integral of the test's own, written from the formulae alone: random detectors, sharp and
//! blunt, and random beam traces. And the inputs that once gave wrong numbers, with what is right.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

#[path = "quadrature/detector.rs"]
mod detector;
#[path = "quadrature/integral.rs"]
mod integral;

use std::f64::consts::{PI, SQRT_2};

use cevscan::dataset::Dataset;
use cevscan::physics::flux::{BeamTrace, TimeEfficiency, arrival_fractions};
use cevscan::physics::model::Model;
use cevscan::physics::nuclear::Isotope;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::{Fineness, Nodes, Point};

use detector::{Curve, Detector, Flux, Quenching, Smearing};

/// The contract, of max(N, N_SM) in every bin.
const CONTRACT: f64 = 1e-6;
/// Counts below this part of the fullest bin's are none.
const NOTHING: f64 = 1e-13;
/// Events below this, in absolute number, are none: bins that lie wholly beyond an efficiency hold 1e-64 of them.
const FEWEST_EVENTS: f64 = 1e-12;
/// More random cases than the few seconds that a usual run takes.
const MORE: &str = "CEVSCAN_QUADRATURE_CASES";

fn cases(usual: u64) -> u64 {
    std::env::var(MORE).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A table in the form of the program's files.
fn table(columns: &str, units: &str, rows: &[(f64, f64)]) -> String {
    let rows_text: String = rows.iter().map(|(x, y)| format!("{x:?} {y:?}\n")).collect();
    let count = rows.len();
    format!("# title: x\n# source: made up\n# columns: {columns}\n# units: {units}\n# rows: {count}\n{rows_text}")
}

fn lindhard(k: f64, protons: u32, t_kev: f64) -> f64 {
    let e = 11.5 * f64::from(protons).powf(-7.0 / 3.0) * t_kev;
    let g = 3.0 * e.powf(0.15) + 0.7 * e.powf(0.6) + e;
    t_kev * k * g / (1.0 + k * g)
}

const G_F: f64 = 1.1663787e-11; // 1/MeV^2
const MUON: f64 = 105.6583755;
const PION: f64 = 139.57039;

/// Helm's form factor (3.4).
fn helm(q_mev: f64, radius_fm: f64) -> f64 {
    let (q, s) = (q_mev / 197.3269804, 0.9);
    let x = q * (5.0 / 3.0 * (radius_fm * radius_fm - 3.0 * s * s)).sqrt();
    let bessel = if x < 1e-2 { 1.0 - x * x / 10.0 } else { 3.0 * (x.sin() - x * x.cos()) / x.powi(3) };
    bessel * (-0.5 * (q * s).powi(2)).exp()
}

/// dN/dT [1/MeV] of B-L before any detector, for (mass, coupling): nuclei x fluence x int dE phi dsigma/dT.
fn recoils(detector: &Detector, dataset: &Dataset, t: f64, points: &[(f64, f64)]) -> Vec<f64> {
    let target = &dataset.targets[0];
    let isotope: &Isotope = &target.isotope;
    let mass = isotope.atomic_mass_u * 931.49410242 - f64::from(isotope.protons) * 0.51099895;
    let q2 = 2.0 * mass * t;
    let protons = f64::from(isotope.protons) * helm(q2.sqrt(), isotope.proton_radius_fm);
    let neutrons = f64::from(isotope.neutrons) * helm(q2.sqrt(), isotope.neutron_radius_fm);
    let lowest = (0.5 * mass * t).sqrt();
    let kinematics = |e: f64| 1.0 - mass * t / (2.0 * e * e);
    let flavours: Vec<(f64, f64)> = match &detector.flux {
        Flux::Table(rows) => {
            let mut sum = 0.0;
            for pair in rows.windows(2) {
                let (low, high) = (pair[0].0.max(lowest), pair[1].0);
                if low < high && pair[0].1 + pair[1].1 > 0.0 {
                    let density =
                        |e: f64| pair[0].1 + (pair[1].1 - pair[0].1) * (e - pair[0].0) / (pair[1].0 - pair[0].0);
                    // int (a + b E)(1 - c/E^2) dE by its antiderivative about the lower end, short pieces by quadrature.
                    sum += smooth(&|e| density(e) * kinematics(e), low, high);
                }
            }
            vec![(0.0401, sum)]
        }
        Flux::PionDecayAtRest => {
            let line = (PION * PION - MUON * MUON) / (2.0 * PION);
            let end = 0.5 * MUON;
            let spectrum = |density: &dyn Fn(f64) -> f64| {
                if lowest < end { smooth(&|e| density(e) * kinematics(e), lowest, end) } else { 0.0 }
            };
            let (m3, m) = (MUON.powi(3), MUON);
            vec![
                (0.0318, if lowest < line { kinematics(line) } else { 0.0 }),
                (0.0318, spectrum(&|e| 64.0 * e * e / m3 * (0.75 - e / m))),
                (0.0401, spectrum(&|e| 192.0 * e * e / m3 * (0.5 - e / m))),
            ]
        }
    };
    let common = target.nuclei * dataset.fluence_per_cm2 * 197.3269804f64.powi(2) * 1e-26 * G_F * G_F * mass / PI;
    let exchange = |(m, g): (f64, f64)| -g * g / (SQRT_2 * G_F * (q2 + m * m)) * (protons + neutrons);
    let charge = |proton: f64, point| proton * protons - 0.5094 * neutrons + exchange(point);
    points
        .iter()
        .map(|point| common * flavours.iter().map(|(g, flux)| flux * charge(*g, *point).powi(2)).sum::<f64>())
        .collect()
}

/// A smooth integrand of the neutrino energy, on pieces that double from the lower end.
fn smooth(f: &dyn Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut sum, mut from) = (0.0, low);
    while from < high {
        let to = (2.0 * from).min(high);
        sum += integral::both(&|e| vec![f(e)], from, to).0[0];
        from = to;
    }
    sum
}

fn efficiency(curve: &Curve, x: f64) -> f64 {
    match curve {
        Curve::Constant(value) => *value,
        Curve::Logistic { amplitude, slope, centre } => amplitude / (1.0 + (-slope * (x - centre)).exp()),
        Curve::Table(rows) => match rows.iter().rposition(|row| row.0 <= x) {
            None => 0.0,
            Some(i) if i + 1 == rows.len() => rows[i].1,
            Some(i) => rows[i].1 + (rows[i + 1].1 - rows[i].1) * (x - rows[i].0) / (rows[i + 1].0 - rows[i].0),
        },
    }
}

/// Places where an efficiency is not smooth, or steep.
fn steep(curve: &Curve) -> Vec<f64> {
    match curve {
        Curve::Constant(_) => Vec::new(),
        Curve::Logistic { slope, centre, .. } => {
            [-30.0, -10.0, -3.0, 0.0, 3.0, 10.0, 30.0].map(|k| centre + k / slope).to_vec()
        }
        Curve::Table(rows) => rows.iter().map(|row| row.0).collect(),
    }
}

/// Mean, width and density of the observable.
fn smearing(detector: &Detector, e: f64) -> (f64, f64, Box<dyn Fn(f64) -> f64>) {
    match detector.smearing {
        Smearing::Gaussian([constant, sqrt, linear]) => {
            let sigma = (constant * constant + sqrt * sqrt * e + (linear * e).powi(2)).sqrt();
            let norm = 1.0 / (sigma * (2.0 * PI).sqrt());
            (e, sigma, Box::new(move |x| norm * (-0.5 * ((x - e) / sigma).powi(2)).exp()))
        }
        Smearing::Gamma(a_kev, b_per_kev) => {
            let (a, b) = (a_kev / e, b_per_kev * e);
            let rate = a * (1.0 + b);
            let norm = (1.0 + b) * rate.ln() - libm::lgamma(1.0 + b);
            (1.0 / a, 1.0 / (a * (1.0 + b).sqrt()), Box::new(move |x: f64| (norm + b * x.ln() - rate * x).exp()))
        }
    }
}

/// Probability to be seen in each bin at a true energy.
fn response(detector: &Detector, e: f64) -> Vec<f64> {
    let (mean, width, density) = smearing(detector, e);
    let seen = if detector.at_true { efficiency(&detector.efficiency, e) } else { 1.0 };
    let curve = if detector.at_true { Curve::Constant(1.0) } else { detector.efficiency.clone() };
    let share = |bin: &[f64]| {
        let low = bin[0].max(mean - 12.0 * width);
        let high =
            bin[1].min(mean + if matches!(detector.smearing, Smearing::Gamma(..)) { 60.0 } else { 12.0 } * width);
        if low >= high || seen == 0.0 {
            return 0.0;
        }
        if let (Curve::Constant(value), Smearing::Gaussian(_)) = (&curve, &detector.smearing) {
            let below = |x: f64| 0.5 * libm::erfc((mean - x) / (SQRT_2 * width));
            let above = |x: f64| 0.5 * libm::erfc((x - mean) / (SQRT_2 * width));
            let share = if bin[0] > mean { above(bin[0]) - above(bin[1]) } else { below(bin[1]) - below(bin[0]) };
            return seen * value * share;
        }
        let around = [-5.0, -2.0, 0.0, 2.0, 5.0].map(|k| mean + k * width);
        let mut breaks: Vec<f64> = steep(&curve).into_iter().chain(around).filter(|x| low < *x && *x < high).collect();
        breaks.extend([low, high]);
        breaks.sort_by(f64::total_cmp);
        seen * integral::over(|x| efficiency(&curve, x) * density(x), &breaks, 1e-9)
    };
    detector.edges.windows(2).map(share).collect()
}

/// Counts at each point, `[point][bin]`, over ln T, cut at all that is not smooth.
fn reference(detector: &Detector, dataset: &Dataset, points: &[(f64, f64)]) -> Vec<f64> {
    let isotope = &dataset.targets[0].isotope;
    let energy = |t_mev: f64| match detector.quenching {
        Quenching::Lindhard(k) => lindhard(k, isotope.protons, 1e3 * t_mev),
        Quenching::Linear(factor) => factor * 1e3 * t_mev,
    };
    let mass = isotope.atomic_mass_u * 931.49410242 - f64::from(isotope.protons) * 0.51099895;
    let ends: Vec<f64> = match &detector.flux {
        Flux::PionDecayAtRest => vec![(PION * PION - MUON * MUON) / (2.0 * PION), 0.5 * MUON],
        Flux::Table(rows) => rows.iter().map(|row| row.0).filter(|e| *e > 0.0).collect(),
    };
    let last = match &detector.flux {
        Flux::PionDecayAtRest => 0.5 * MUON,
        Flux::Table(rows) => rows.windows(2).rfind(|pair| pair[0].1 + pair[1].1 > 0.0).unwrap()[1].0,
    };
    let highest = 2.0 * last * last / mass;
    let mut breaks: Vec<f64> = ends.iter().map(|e| 2.0 * e * e / mass).collect();
    let unit = if let Smearing::Gamma(a, _) = detector.smearing { a } else { 1.0 };
    let sharp = steep(&detector.efficiency).into_iter().map(|x| if detector.at_true { x } else { x * unit });
    for e in detector.edges.iter().map(|x| x * unit).chain(sharp) {
        let width = smearing(detector, e.max(1e-9)).1 * unit;
        for x in [e - 4.0 * width, e, e + 4.0 * width] {
            let (mut low, mut high) = (1e-12_f64, highest);
            for _ in 0..200 {
                let middle = (low * high).sqrt();
                if energy(middle) < x { low = middle } else { high = middle }
            }
            breaks.push(low);
        }
    }
    // 1e-9 of where 0.1 MeV stops the enhancement, T = m^2/2M, and steps to the end.
    let lowest = 1e-9 * 0.01 / (2.0 * mass);
    let steps = 60;
    breaks.extend((0..=steps).map(|i| lowest * (highest / lowest).powf(f64::from(i) / f64::from(steps))));
    breaks.retain(|t| (lowest..=highest).contains(t));
    breaks.sort_by(f64::total_cmp);
    breaks.dedup();
    let f = |ln_t: f64| {
        let t = ln_t.exp();
        let seen = response(detector, energy(t));
        let rates = if seen.iter().all(|r| *r == 0.0) {
            vec![0.0; points.len()]
        } else {
            recoils(detector, dataset, t, points)
        };
        rates.iter().flat_map(|rate| seen.iter().map(move |r| t * rate * r)).collect()
    };
    let pieces: Vec<(f64, f64)> = breaks.windows(2).map(|pair| (pair[0].ln(), pair[1].ln())).collect();
    let mut scale = vec![0.0; points.len() * (detector.edges.len() - 1)];
    let mut add = |values: Vec<f64>| scale.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    pieces.iter().for_each(|piece| add(integral::both(&f, piece.0, piece.1).0));
    let least = NOTHING * scale.iter().copied().fold(0.0, f64::max);
    let scale: Vec<f64> = scale.iter().map(|value| value.max(least)).collect();
    let mut total = vec![0.0; scale.len()];
    for piece in pieces {
        let values = integral::adaptive(&f, piece, &scale, 2e-9, 30);
        total.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    total
}

/// Holds the plan against the integral; returns the largest difference of max(N, N_SM).
fn check(what: &str, detector: &Detector) -> f64 {
    let points = [(10.0, 0.0), (0.1, 3e-5), (10.0, 1e-3), (1e5, 1.0)];
    let model = Model::named("b-l").unwrap();
    let (text, tables) = detector.texts();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let dataset = Dataset::from_texts(&text, &tables).unwrap_or_else(|e| panic!("{what}: {e}\n{text}"));
    let nodes = Nodes::new(&dataset, Fineness::default()).unwrap_or_else(|e| panic!("{what}: {e}\n{text}"));
    let plan = nodes.plan(&dataset, &model);
    let bins = dataset.energy_bins();
    let expected = reference(detector, &dataset, &points);
    let mut worst = 0.0_f64;
    for (point, expected_at) in points.iter().zip(expected.chunks(bins)) {
        let mut counts = vec![0.0; plan.channels()];
        counts_at(&plan, Point { mass_mev: point.0, coupling: point.1 }, &mut counts);
        let least = NOTHING * expected_at.iter().copied().fold(0.0, f64::max);
        for bin in 0..bins {
            let got: f64 = counts.iter().skip(bin).step_by(bins).sum();
            let off =
                (got - expected_at[bin]).abs() / expected_at[bin].max(expected[bin]).max(least).max(FEWEST_EVENTS);
            worst = worst.max(off);
            assert!(off <= CONTRACT, "{what} {point:?} bin {bin}: {got} {}, {off:e}\n{text}", expected_at[bin]);
        }
    }
    worst
}

#[test]
fn random_detectors_count_as_an_independent_integral_does() {
    let detector = |seed| Detector::random(&mut fastrand::Rng::with_seed(seed));
    let worst = (0..cases(40)).map(|seed| check(&format!("seed {seed}"), &detector(seed))).fold(0.0, f64::max);
    println!("largest difference {worst:e}");
}

#[test]
fn detectors_that_were_too_sharp_once_do_as_well() {
    let every = |first: f64, step: f64, bins: u32| (0..=bins).map(|i| first + step * f64::from(i)).collect();
    let germanium = |constant_kev: f64, sqrt_kev: f64, efficiency: Curve, edges: Vec<f64>| Detector {
        isotope: "74Ge",
        flux: Flux::PionDecayAtRest,
        quenching: Quenching::Lindhard(0.157),
        smearing: Smearing::Gaussian([constant_kev, sqrt_kev, 0.0]),
        at_true: false,
        efficiency,
        edges,
    };
    let all = Curve::Constant(1.0);
    let logistic = Curve::Logistic { amplitude: 0.9, slope: 3000.0, centre: 1.237 };
    let steps = Curve::Table(vec![(0.5, 0.0), (1.2, 0.0), (1.201, 0.5), (3.3, 0.5), (3.301, 1.0)]);
    let coarse = vec![0.5, 2.0, 4.0, 8.0, 12.0];
    check("20 eV", &germanium(0.02, 0.0, all.clone(), every(1.0, 0.5, 14)));
    check("70 eV", &germanium(0.07, 0.0, all.clone(), every(1.5, 0.25, 28)));
    check("steep", &germanium(0.1, 0.05, logistic, coarse.clone()));
    check("steps", &germanium(0.1, 0.05, steps, coarse));
    let silicon = Detector { isotope: "28Si", ..germanium(0.0075, 0.0, all, every(0.05, 0.25, 40)) };
    check("7.5 eV", &silicon);
}

/// The trace convolved with exponentials, from the convolution as it is written: int ds trace(s) K(t - s).
fn density(trace: &BeamTrace, lifetimes_ns: &[f64], t_ns: f64) -> f64 {
    let kernel = |dt: f64| match lifetimes_ns {
        [tau] => (-dt / tau).exp() / tau,
        [one, two] => ((-dt / two).exp() - (-dt / one).exp()) / (two - one),
        _ => panic!("one or two decays"),
    };
    let (breaks, intensity): (Vec<f64>, Box<dyn Fn(f64) -> f64>) = match trace {
        BeamTrace::Gaussian { mean_ns, sigma_ns } => {
            let (mean, sigma) = (*mean_ns, *sigma_ns);
            let breaks = [-9.0, -4.0, -2.0, 0.0, 2.0, 4.0, 9.0].map(|k| mean + k * sigma);
            let norm = 1.0 / (sigma * (2.0 * PI).sqrt());
            (breaks.to_vec(), Box::new(move |s| norm * (-0.5 * ((s - mean) / sigma).powi(2)).exp()))
        }
        BeamTrace::Table { time_ns, intensity } => {
            let (times, values) = (time_ns.clone(), intensity.clone());
            let at = move |s: f64| {
                let i = times.partition_point(|t| *t <= s).clamp(1, times.len() - 1);
                let part = (s - times[i - 1]) / (times[i] - times[i - 1]);
                (values[i - 1].ln() * (1.0 - part) + values[i].ln() * part).exp()
            };
            (time_ns.clone(), Box::new(at))
        }
        BeamTrace::Uniform => panic!("has no density"),
    };
    let norm = integral::over(&intensity, &breaks, 1e-10);
    let mut before: Vec<f64> = breaks.into_iter().filter(|s| *s < t_ns).collect();
    if before.is_empty() {
        return 0.0;
    }
    before.push(t_ns.min(if let BeamTrace::Table { time_ns, .. } = trace { time_ns[time_ns.len() - 1] } else { t_ns }));
    before.dedup();
    integral::over(|s| intensity(s) * kernel(t_ns - s), &before, 1e-10) / norm
}

#[test]
fn sharp_beam_traces_arrive_as_an_independent_integral_says() {
    for seed in 0..cases(12) {
        let random = &mut fastrand::Rng::with_seed(seed);
        let sharpness_ns = 0.1 * 3e3f64.powf(random.f64());
        let trace = if random.bool() {
            BeamTrace::Gaussian { mean_ns: 700.0 * random.f64(), sigma_ns: sharpness_ns }
        } else {
            let mut time_ns = vec![200.0 * random.f64()];
            for _ in 0..6 {
                time_ns.push(time_ns[time_ns.len() - 1] + sharpness_ns * (0.2 + random.f64()));
            }
            let intensity = time_ns.iter().map(|_| 10f64.powf(3.0 * random.f64())).collect();
            BeamTrace::Table { time_ns, intensity }
        };
        let efficiency = TimeEfficiency { flat_until_us: 0.52, rate_per_us: 0.0494 };
        let edges = [-0.1, 0.05, 0.3, 0.55, 1.0, 6.0];
        for lifetimes in [&[26.033][..], &[26.033, 2196.9811]] {
            let got = arrival_fractions(&trace, lifetimes, &edges, Some(&efficiency)).unwrap();
            for (bin, got) in edges.windows(2).zip(&got) {
                let sharp = match &trace {
                    BeamTrace::Gaussian { mean_ns, sigma_ns } => {
                        [-8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0].map(|k| mean_ns + k * sigma_ns).to_vec()
                    }
                    BeamTrace::Table { time_ns, .. } => time_ns.clone(),
                    BeamTrace::Uniform => Vec::new(),
                };
                let inner = sharp.into_iter().map(|t| 1e-3 * t).chain([efficiency.flat_until_us]);
                let mut breaks: Vec<f64> = inner.filter(|t| bin[0] < *t && *t < bin[1]).collect();
                breaks.extend([bin[0], bin[1]]);
                breaks.sort_by(f64::total_cmp);
                let seen = |t: f64| (-efficiency.rate_per_us * (t - efficiency.flat_until_us).max(0.0)).exp();
                let expected = integral::over(|t| 1e3 * density(&trace, lifetimes, 1e3 * t) * seen(t), &breaks, 1e-9);
                let off = (got - expected).abs() / expected.max(1e-9);
                assert!(off <= CONTRACT, "{seed} {trace:?} {bin:?}: {got} {expected}, {off:e}");
            }
        }
    }
}
