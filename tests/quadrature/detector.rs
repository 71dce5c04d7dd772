//! Random detectors: what a file says, and the same as plain numbers for the test's own formulae.

/// Density against energy of the source's flavours, as (name, rows of (MeV, 1/(MeV cm^2)), whether linear between rows).
pub enum Flux {
    PionDecayAtRest,
    Table(Vec<(f64, f64)>),
}

pub enum Quenching {
    Lindhard(f64),
    Linear(f64),
}

#[derive(Clone)]
pub enum Curve {
    Constant(f64),
    Logistic { amplitude: f64, slope: f64, centre: f64 },
    Table(Vec<(f64, f64)>),
}

pub enum Smearing {
    /// Constant, square-root and linear part of sigma (keV).
    Gaussian([f64; 3]),
    /// a_kev, b_per_kev.
    Gamma(f64, f64),
}

pub struct Detector {
    pub isotope: &'static str,
    pub flux: Flux,
    pub quenching: Quenching,
    pub smearing: Smearing,
    pub at_true: bool,
    pub efficiency: Curve,
    pub edges: Vec<f64>,
}

/// Nuclide, Z and largest recoil (keV) for 1 MeV.
const ISOTOPES: [(&str, u32, f64); 5] =
    [("28Si", 14, 0.0768), ("40Ar", 18, 0.0537), ("74Ge", 32, 0.0290), ("132Xe", 54, 0.0163), ("133Cs", 55, 0.0161)];

fn log_uniform(random: &mut fastrand::Rng, low: f64, high: f64) -> f64 {
    low * (high / low).powf(random.f64())
}

impl Detector {
    pub fn random(random: &mut fastrand::Rng) -> Detector {
        let (isotope, protons, per_mev2) = ISOTOPES[random.usize(0..ISOTOPES.len())];
        let (flux, end_mev) = match random.u32(0..4) {
            0 => (Flux::PionDecayAtRest, 52.8),
            _ => table(random),
        };
        let highest_kev = per_mev2 * end_mev * end_mev;
        let quenching = if random.bool() {
            Quenching::Lindhard(0.1 + 0.1 * random.f64())
        } else {
            Quenching::Linear(0.1 + 0.3 * random.f64())
        };
        let quenched = |t: f64| match quenching {
            Quenching::Lindhard(k) => super::lindhard(k, protons, t),
            Quenching::Linear(factor) => factor * t,
        };
        let highest = quenched(highest_kev);
        // Thresholds from 20 eV to 50 keV, where recoils reach them.
        let threshold_kev = log_uniform(random, 0.02, (0.6 * highest).clamp(0.021, 50.0)).min(0.7 * highest);
        let gamma = random.u32(0..4) == 0;
        let (smearing, unit_kev) = if gamma {
            let a_kev = threshold_kev / log_uniform(random, 2.0, 50.0);
            (Smearing::Gamma(a_kev, log_uniform(random, 0.5, 1e4) / threshold_kev), a_kev)
        } else {
            let width = log_uniform(random, 1e-3, 0.5);
            let parts = match random.u32(0..3) {
                0 => [width * threshold_kev, 0.0, 0.0],
                1 => [0.0, width * threshold_kev.sqrt(), 0.0],
                _ => [0.0, 0.0, width],
            };
            (Smearing::Gaussian(parts), 1.0)
        };
        let threshold = threshold_kev / unit_kev;
        let mut edges = vec![threshold];
        for _ in 0..random.usize(1..7) {
            edges.push(edges[edges.len() - 1] * (1.0 + log_uniform(random, 0.003, 1.0)));
        }
        let last = edges[edges.len() - 1];
        let within = |random: &mut fastrand::Rng| log_uniform(random, 0.8 * threshold, 1.1 * last);
        let at_true = random.u32(0..3) == 0;
        let scale = if at_true { unit_kev } else { 1.0 };
        let efficiency = match random.u32(0..3) {
            0 => Curve::Constant(0.7),
            1 => Curve::Logistic {
                amplitude: 0.9,
                slope: log_uniform(random, 1.0 / (scale * threshold), 1e4_f64.max(2.0 / (scale * threshold))),
                centre: scale * within(random),
            },
            _ => {
                let mut rows = vec![(0.5 * threshold * scale, 0.0)];
                for _ in 0..random.usize(1..6) {
                    let (at, value) = (scale * within(random), random.f64());
                    let step = log_uniform(random, 1e-5, 0.3);
                    rows.push((at, rows[rows.len() - 1].1));
                    rows.push((at * (1.0 + step), value));
                }
                rows.sort_by(|a, b| a.0.total_cmp(&b.0));
                rows.dedup_by(|a, b| a.0 <= b.0 * (1.0 + 1e-6));
                Curve::Table(rows)
            }
        };
        let at_true = at_true && !matches!(efficiency, Curve::Constant(_));
        Detector { isotope, flux, quenching, smearing, at_true, efficiency, edges }
    }

    /// The dataset file and its tables.
    pub fn texts(&self) -> (String, Vec<(&'static str, String)>) {
        let mut tables = Vec::new();
        let source = match &self.flux {
            Flux::PionDecayAtRest => "kind = \"pion-decay-at-rest\"\nneutrinos_per_flavour_per_proton = 0.09\n\
                 protons_on_target = 6e22\nbaseline_m = 20"
                .to_owned(),
            Flux::Table(rows) => {
                tables.push(("flux.txt", super::table("energy nu_e_bar", "MeV 1/(MeV*cm^2*s)", rows)));
                "kind = \"table\"\ntable = \"flux.txt\"\nlive_time_days = 100".to_owned()
            }
        };
        let (quenching, unit) = (
            match self.quenching {
                Quenching::Lindhard(k) => format!("kind = \"lindhard\"\nk = {k:?}"),
                Quenching::Linear(factor) => format!("kind = \"linear\"\nfactor = {factor:?}"),
            },
            if matches!(self.smearing, Smearing::Gamma(..)) { "PE" } else { "keVee" },
        );
        let resolution = match self.smearing {
            Smearing::Gaussian([constant, sqrt, linear]) => {
                format!("kind = \"gaussian\"\nconstant_kev = {constant:?}\nsqrt_kev = {sqrt:?}\nlinear = {linear:?}")
            }
            Smearing::Gamma(a, b) => format!("kind = \"gamma-photoelectrons\"\na_kev = {a:?}\nb_per_kev = {b:?}"),
        };
        let at = if self.at_true { "true" } else { "reconstructed" };
        let efficiency = match &self.efficiency {
            Curve::Constant(value) => format!("kind = \"constant\"\nvalue = {value:?}"),
            Curve::Logistic { amplitude, slope, centre } => format!(
                "kind = \"logistic\"\nat = \"{at}\"\namplitude = {amplitude:?}\nslope = {slope:?}\ncentre = {centre:?}"
            ),
            Curve::Table(rows) => {
                let unit = if self.at_true { "keVee" } else { unit };
                tables.push(("efficiency.txt", super::table("energy efficiency", &format!("{unit} 1"), rows)));
                format!("kind = \"table\"\nat = \"{at}\"\ntable = \"efficiency.txt\"")
            }
        };
        let text = format!(
            "name = \"random\"\nlabel = \"x\"\ndescription = \"x\"\nreference = \"made up\"\n[source]\n{source}\n[target]\n\
             active_mass_kg = 10\nisotopes = [{{ name = \"{}\", mass_fraction = 1 }}]\n[quenching]\n{quenching}\n\
             [resolution]\n{resolution}\n[efficiency]\n{efficiency}\n[observation]\nenergy_unit = \"{unit}\"\n\
             energy_edges = {:?}\ntime_edges_us = [0, 6]\nstatistic = {{ kind = \"poisson\" }}\n[signal]\n\
             name = \"cevns\"\nsigma = 0.05\n",
            self.isotope, self.edges
        );
        (text, tables)
    }
}

/// A flux to 15, 53 or 300 MeV: falling, with gaps, steps and rows of zeros at its end.
fn table(random: &mut fastrand::Rng) -> (Flux, f64) {
    let end_mev = [15.0, 53.0, 300.0][random.usize(0..3)];
    let count = random.usize(4..25);
    let mut rows = Vec::new();
    for i in 0..=count {
        let energy = end_mev * i as f64 / count as f64;
        let density = if i > 0 && random.u32(0..8) == 0 { 0.0 } else { 1e9 * (-4.0 * energy / end_mev).exp() };
        rows.push((energy, density));
        if random.u32(0..8) == 0 && i < count {
            rows.push((energy + 1e-3 * end_mev / count as f64, 3.0 * density));
        }
    }
    if random.bool() {
        rows.extend([(end_mev * 1.001, 0.0), (end_mev * 1.5, 0.0), (end_mev * 4.0, 0.0)]);
    }
    (Flux::Table(rows), end_mev)
}
