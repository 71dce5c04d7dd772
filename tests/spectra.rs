//! Event rates against the recoil energy: their integrals, and what the analysis sees of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use std::f64::consts::PI;

use cevscan::Error;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::quadrature::Rule;
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::spectrum::{Abscissa, Spectrum, end_points_kev, energies_kev, zero_rates};

const STANDARD: Point = Point { mass_mev: 10.0, coupling: 0.0 };

/// int dT dN/dT of each flavour, by quadrature between the end points.
fn integrals(dataset: &Dataset, model: &Model, point: Point) -> Vec<f64> {
    let edges: Vec<f64> = std::iter::once(0.0).chain(end_points_kev(dataset)).collect();
    let rule = Rule::piecewise(&edges, &vec![60; edges.len() - 1]);
    let spectrum = Spectrum::of_recoils(dataset, model, point, &rule.nodes);
    let integral = |values: &[f64]| values.iter().zip(&rule.weights).map(|(value, weight)| value * weight).sum();
    spectrum.flavours.iter().map(|flavour| integral(&flavour.values)).collect()
}

// By hand, with the constants of the recipe repeated so that a slip in them shows --------------------------------------

const FERMI: f64 = 1.1663787e-11;
const HBAR_C: f64 = 197.3269804;

struct Nucleus {
    z: f64,
    n: f64,
    mass_u: f64,
    radii_fm: [f64; 2],
}

const CS: Nucleus = Nucleus { z: 55.0, n: 78.0, mass_u: 132.905451961, radii_fm: [4.821, 5.09] };
const I: Nucleus = Nucleus { z: 53.0, n: 74.0, mass_u: 126.9044719, radii_fm: [4.766, 5.03] };
const AR: Nucleus = Nucleus { z: 18.0, n: 22.0, mass_u: 39.9623831237, radii_fm: [3.448, 3.55] };

/// Helm's form factor.
fn helm(q_mev: f64, radius_fm: f64) -> f64 {
    let q = q_mev / HBAR_C;
    let x = q * (5.0 / 3.0 * (radius_fm * radius_fm - 3.0 * 0.81)).sqrt();
    3.0 * (x.sin() / (x * x) - x.cos() / x) / x * (-q * q * 0.81 / 2.0).exp()
}

impl Nucleus {
    fn mass_mev(&self) -> f64 {
        self.mass_u * 931.49410242 - self.z * 0.51099895
    }

    /// Standard Model cross section (cm^2) of a neutrino of one energy: (3.1) over all recoils up to 2 E^2/M.
    fn cross_section_cm2(&self, energy_mev: f64, proton_coupling: f64) -> f64 {
        let mass = self.mass_mev();
        let end = 2.0 * energy_mev * energy_mev / mass;
        let per_mev = |t: f64| {
            let q = (2.0 * mass * t).sqrt();
            let charge =
                proton_coupling * self.z * helm(q, self.radii_fm[0]) - 0.5094 * self.n * helm(q, self.radii_fm[1]);
            FERMI * FERMI * mass / PI * (1.0 - t / end) * charge * charge
        };
        Rule::piecewise(&[0.0, end], &[40]).integrate(per_mev) * (HBAR_C * 1e-13).powi(2)
    }

    /// The same, averaged over the fluxes of nu_mu, nu_mu_bar and nu_e from pions at rest.
    fn averages_cm2(&self) -> [f64; 3] {
        let (pion, muon) = (139.57039_f64, 105.6583755_f64);
        let line = (pion * pion - muon * muon) / (2.0 * pion);
        let rule = Rule::piecewise(&[0.0, muon / 2.0], &[40]);
        let bar = |e: f64| 64.0 * e * e / muon.powi(3) * (0.75 - e / muon);
        let electron = |e: f64| 192.0 * e * e / muon.powi(3) * (0.5 - e / muon);
        [
            self.cross_section_cm2(line, 0.0318),
            rule.integrate(|e| bar(e) * self.cross_section_cm2(e, 0.0318)),
            rule.integrate(|e| electron(e) * self.cross_section_cm2(e, 0.0401)),
        ]
    }
}

/// Rounding of two quadratures of smooth functions.
const QUADRATURE: f64 = 1e-9;

#[test]
fn integrals_are_the_cross_sections_by_hand() {
    // By hand: neutrinos outside, recoils inside, where the program has it the other way round. Exposures: section 2 of the
    // recipe, r N_POT/(4 pi L^2) and the numbers of nuclei.
    let model = Model::named("b-l").unwrap();
    for (name, nuclei, fluence, mass_g, molar) in [
        ("lar", vec![AR], 0.09 * 13.7e22 / (4.0 * PI * 2750.0_f64.powi(2)), 24e3, 39.96),
        ("csi", vec![CS, I], 0.0848 * 3.198e23 / (4.0 * PI * 1930.0_f64.powi(2)), 14.6e3, 259.8),
    ] {
        let number = mass_g / molar * 6.02214076e23;
        let got = integrals(&Dataset::named(name).unwrap(), &model, STANDARD);
        for (flavour, got) in got.into_iter().enumerate() {
            let sum: f64 = nuclei.iter().map(|nucleus| nucleus.averages_cm2()[flavour]).sum();
            let expected = number * fluence * sum;
            println!("{name} flavour {flavour}: {got:.4} events, by hand {expected:.4}");
            assert!((got / expected - 1.0).abs() < QUADRATURE, "{name}: {got} {expected}");
        }
    }
}

#[test]
fn integrals_are_the_published_cross_sections() {
    // Published by the collaboration for the Standard Model, averaged over the flux of all flavours: 1.8e-39 cm^2 for Ar
    // (arXiv:2003.10630, two digits), 189e-40 cm^2 for CsI (arXiv:2110.07730; mean of the two nuclei; its form
    // factors are others, worth 5 % there).
    let model = Model::named("b-l").unwrap();
    for (name, published, error) in [("lar", 1.8e-39, 0.05e-39), ("csi", 189e-40, 9.5e-40)] {
        let dataset = Dataset::named(name).unwrap();
        let nuclei: f64 = dataset.targets.iter().map(|target| target.nuclei).sum();
        let events: f64 = integrals(&dataset, &model, STANDARD).iter().sum();
        let average = events / (nuclei * 3.0 * dataset.fluence_per_cm2);
        println!("{name}: {average:.4e} cm^2, published {published:e}");
        assert!((average - published).abs() <= error, "{name}: {average:e}");
    }
}

// What the analysis sees ------------------------------------------------------------------------------------------------

#[test]
fn bins_hold_the_events_of_the_analysis() {
    // By definition: the sum over all bins and flavours is the signal that is fitted.
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    for (name, mass_mev, coupling) in [
        ("b-l", 10.0, 0.0),
        ("b-l", 10.0, 5e-5),
        ("by+lmu+ltau", 300.0, 1e-3),
        ("scalar", 50.0, 1e-4),
        ("lmu-ltau", 0.1, 2e-3),
    ] {
        let (model, point) = (Model::named(name).unwrap(), Point { mass_mev, coupling });
        let fits = Analysis::new(&model, &experiments).fit(point).datasets;
        for (experiment, fit) in experiments.iter().zip(&fits) {
            let spectrum = Spectrum::in_bins(&experiment.dataset, &experiment.nodes, &model, point);
            let sum: f64 = spectrum.total().iter().sum();
            assert!((sum / fit.events - 1.0).abs() < 1e-12, "{name} {}: {sum} {}", experiment.dataset.name, fit.events);
            // Over recoil energy the same number of events.
            let Abscissa::Bins { recoil_edges_kev, .. } = &spectrum.abscissa else { unreachable!("it has bins") };
            let densities = spectrum.per_kev(&spectrum.total());
            let area: f64 = recoil_edges_kev.windows(2).zip(&densities).map(|(bin, y)| (bin[1] - bin[0]) * y).sum();
            assert!((area / sum - 1.0).abs() < 1e-12, "{area} {sum}");
        }
    }
}

#[test]
fn flavours_in_bins_are_those_of_the_recipe() {
    // Independent calculation with the same recipe (section 9), Standard Model: nu_mu, nu_mu_bar, nu_e. CsI's are quoted
    // before the time efficiency, of which 0.9969 (prompt) and 0.8447 (delayed) stay.
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let model = Model::named("b-l").unwrap();
    let expected = [[50.14 * 0.9969, 194.40 * 0.8447, 119.67 * 0.8447], [29.67, 60.35, 41.30]];
    for (experiment, expected) in experiments.iter().zip(expected) {
        let spectrum = Spectrum::in_bins(&experiment.dataset, &experiment.nodes, &model, STANDARD);
        let names: Vec<&str> = spectrum.flavours.iter().map(|flavour| flavour.name).collect();
        assert_eq!(names, ["nu_mu", "nu_mu_bar", "nu_e"]);
        for (flavour, expected) in spectrum.flavours.iter().zip(expected) {
            let events: f64 = flavour.values.iter().sum();
            assert!(
                (events - expected).abs() < 0.02,
                "{} {}: {events} {expected}",
                experiment.dataset.name,
                flavour.name
            );
        }
    }
}

#[test]
fn edges_are_the_quenching_inverted() {
    // By hand: LAr (0.246 + 0.00078 T) T = 10 keVee has T = 36.42 keV, 120 keVee T = 265.3 keV. CsI, whose edges are mean
    // photoelectrons E_ee/0.0749 keV: E_ee at the recoil energy found, in MeV, by the polynomial as published.
    let solution = |ee: f64| (-0.246 + (0.246_f64 * 0.246 + 4.0 * 0.00078 * ee).sqrt()) / (2.0 * 0.00078);
    let lar = Dataset::named("lar").unwrap().response.recoil_edges_kev();
    for (k, edge) in lar.iter().enumerate() {
        assert!((edge - solution(10.0 * k as f64)).abs() < 1e-9, "{lar:?}");
    }
    let csi = Dataset::named("csi").unwrap().response;
    for (edge, recoil_kev) in csi.energy_edges.iter().zip(csi.recoil_edges_kev()) {
        let t = 1e-3 * recoil_kev;
        let ee_mev = 0.0554628 * t + 4.30681 * t.powi(2) - 111.707 * t.powi(3) + 840.384 * t.powi(4);
        assert!((1e3 * ee_mev / 0.0749 - edge).abs() < 1e-9, "{edge}: {recoil_kev}");
    }
}

// Where rates vanish, and where they are looked at -------------------------------------------------------------------------

#[test]
fn zeros_are_found_per_nucleus_and_flavour() {
    // Published (3.17), (3.18), (3.21), and the ranges of an independent calculation; models without a charge of the
    // electron have no zero for nu_e. Argon's 92 keV lie between nu_mu and nu_e.
    for (data, model, coupling, low, high, zeros) in [
        ("lar", "universal", 1e-4, 91.5, 93.1, 2),
        ("csi", "universal", 1e-4, 26.45, 28.35, 4),
        ("lar", "by+lmu+ltau", 1e-4, 28.5, 29.5, 1),
        ("csi", "by+lmu+ltau", 1e-4, 8.25, 8.75, 2),
        ("lar", "lmu-ltau", 2e-3, 22.5, 23.5, 1),
        ("csi", "lmu-ltau", 2e-3, 5.85, 6.35, 2),
        ("csi", "b-l", 1e-4, 0.0, 0.0, 0),
        ("lar", "scalar", 1e-4, 0.0, 0.0, 0),
    ] {
        let dataset = Dataset::named(data).unwrap();
        let (model, point) = (Model::named(model).unwrap(), Point { mass_mev: 10.0, coupling });
        let found = zero_rates(&dataset, &model, point);
        println!("{data} {}: {found:?}", model.name);
        assert_eq!(found.len(), zeros, "{data} {}: {found:?}", model.name);
        let is_there = |kev: f64| (low..=high).contains(&kev);
        assert!(found.iter().all(|zero| is_there(zero.recoil_energy_kev)), "{data} {}: {found:?}", model.name);
    }
}

#[test]
fn energies_keep_to_their_range() {
    let dataset = Dataset::named("csi").unwrap();
    let (model, point) = (Model::named("universal").unwrap(), Point { mass_mev: 10.0, coupling: 1e-4 });
    let energies = energies_kev(&dataset, [(&model, point)], (1.0, 30.0), 50).unwrap();
    assert!(energies.is_sorted() && (energies[0], energies[energies.len() - 1]) == (1.0, 30.0));
    assert!(energies.len() > 100, "both sides of end points and the neighbourhood of zeros are there");
    for (low, high, points) in
        [(0.0, 1.0, 9), (2.0, 1.0, 9), (1.0, f64::INFINITY, 9), (1.0, 2.0, 0), (f64::NAN, 1.0, 9)]
    {
        let refused = energies_kev(&dataset, [(&model, point)], (low, high), points);
        assert!(matches!(refused, Err(Error::OutOfRange { .. })), "{low} {high} {points}");
    }
}

#[test]
fn strange_points_give_numbers() {
    let dataset = Dataset::named("lar").unwrap();
    for name in ["universal", "scalar", "le-lmu"] {
        let model = Model::named(name).unwrap();
        for (mass_mev, coupling) in [(1e-9, 1.0), (1e12, 1e-9), (1e-3, 0.0), (1.0, 1e10)] {
            let point = Point { mass_mev, coupling };
            let spectrum = Spectrum::of_recoils(&dataset, &model, point, &[1e-3, 1.0, 50.0, 149.0, 1e3]);
            let total = spectrum.total();
            assert!(total.iter().all(|value| value.is_finite() && *value >= 0.0), "{name} {point:?}: {total:?}");
            assert_eq!(total[4], 0.0, "beyond the end point");
        }
    }
}
