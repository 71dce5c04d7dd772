//! Plans without a detector: sizes and signs as in a real one, in any shape. For self-tests, parity tests and benches.

use super::Point;
use super::plan::{Amplitudes, Kinematics, Plan, Term};

/// Standard Model amplitude at |q| = 0, about the neutron number of caesium with its sign.
const WEAK_CHARGE: f64 = -75.0;
/// Ratio of a mediator's amplitude to the Standard Model's at g = 1 [MeV^2]; about sqrt(2)/G_F.
const MEDIATOR_OVER_WEAK: f64 = -1.2e11;
/// Smallest and largest |q|^2 [MeV^2].
const Q2_MEV2: (f64, f64) = (25.0, 1e4);
/// Width of the energy resolution over the whole range of energies.
const RESOLUTION: f64 = 0.12;

/// What a synthetic plan looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Time classes.
    pub classes: usize,
    /// Energy bins.
    pub bins: usize,
    /// Nodes of each class.
    pub nodes: usize,
    /// Mass ratios of the vector terms.
    pub vector: Vec<f64>,
    /// Mass ratios of the scalar terms.
    pub scalar: Vec<f64>,
}

impl Shape {
    /// The usual plan: two classes of 300 nodes, 12 bins, one vector term.
    pub fn usual() -> Shape {
        Shape { classes: 2, bins: 12, nodes: 300, vector: vec![1.0], scalar: vec![] }
    }
}

/// A plan of this shape. The first vector term is proportional to the Standard Model's amplitude with the opposite
/// sign, so for a heavy mediator all nodes cancel together, at the couplings of [`cancellation`]. The later terms fall
/// off differently with |q|^2.
pub fn plan(shape: &Shape) -> Plan {
    let total = shape.classes * shape.nodes;
    let fraction = |k: usize| ((k % shape.nodes) as f64 + 0.5) / shape.nodes as f64;
    let per_node = |value: &dyn Fn(usize) -> f64| (0..total).map(value).collect::<Vec<f64>>();
    let q2_mev2 = per_node(&|k| Q2_MEV2.0 * (Q2_MEV2.1 / Q2_MEV2.0).powf(fraction(k)));
    let form_factor = per_node(&|k| (-q2_mev2[k] / 6000.0).exp());
    let weight_vector = per_node(&|k| {
        let class = (k / shape.nodes) as f64;
        0.1 * (1.0 + class) * (1.0 - fraction(k)).powi(2) / shape.nodes as f64
    });
    let weight_scalar = per_node(&|k| weight_vector[k] * q2_mev2[k] / Q2_MEV2.1);
    let standard_model = per_node(&|k| WEAK_CHARGE * form_factor[k]);
    let term = |index: usize, mass_ratio: f64| {
        let slope = 0.3 * index as f64;
        let amplitude = per_node(&|k| MEDIATOR_OVER_WEAK * standard_model[k] * (1.0 - slope * fraction(k)));
        Term { mass_ratio, amplitude }
    };
    let terms = |ratios: &[f64]| ratios.iter().enumerate().map(|(index, &ratio)| term(index, ratio)).collect();
    let (vector, scalar) = (terms(&shape.vector), terms(&shape.scalar));
    let mut response = vec![0.0; total * shape.bins];
    for (index, value) in response.iter_mut().enumerate() {
        let (node, bin) = (index / shape.bins, index % shape.bins);
        let distance = ((bin as f64 + 0.5) / shape.bins as f64 - fraction(node)) / RESOLUTION;
        let smeared = (-0.5 * distance * distance).exp();
        *value = if smeared < 1e-12 { 0.0 } else { smeared };
    }
    Plan {
        kinematics: Kinematics {
            q2_mev2,
            weight_vector,
            weight_scalar,
            response,
            response_row: (0..total).collect(),
            response_part: vec![0.0; total],
            deformations: Vec::new(),
            energy_bins: shape.bins,
            classes: (0..shape.classes).map(|class| class * shape.nodes..(class + 1) * shape.nodes).collect(),
        },
        amplitudes: Amplitudes { standard_model, vector, scalar },
    }
}

/// The plan with a response that so many nuisance parameters deform, by up to a fifth at one standard deviation, each bin in
/// its own way.
pub fn with_deformations(plan: &Plan, number: usize) -> Plan {
    let mut plan = plan.clone();
    let (response, bins) = (&plan.kinematics.response, plan.kinematics.energy_bins);
    let wave = |turns: f64, size: f64| -> Vec<f64> {
        let part = |at: usize| size * (turns * ((at % bins) as f64 + 1.0)).sin();
        response.iter().enumerate().map(|(at, own)| own * part(at)).collect()
    };
    let deformations = (0..number).map(|own| [wave(0.3 + own as f64, 0.2), wave(0.7 + own as f64, 0.04)]);
    plan.kinematics.deformations = deformations.collect();
    plan
}

/// The plan with a process more, whose weights have both signs: beside each node one that adds half of it with another
/// Standard Model's amplitude and takes a quarter of the scalar off, and one that takes 2/5 of it off and adds a tenth of
/// the scalar. What is left is positive for any exchange.
pub fn with_both_signs(plan: &Plan) -> Plan {
    /// Over the node's own: vector weight, scalar weight, amplitude of the Standard Model.
    const BESIDE: [[f64; 3]; 3] = [[1.0, 1.0, 1.0], [0.5, -0.25, -0.3], [-0.4, 0.1, 1.0]];
    let (kinematics, amplitudes) = (&plan.kinematics, &plan.amplitudes);
    let each = |list: &[f64], index: Option<usize>| -> Vec<f64> {
        let factor = |beside: &[f64; 3]| index.map_or(1.0, |index| beside[index]);
        list.iter().flat_map(|value| BESIDE.iter().map(move |beside| value * factor(beside))).collect()
    };
    let term = |term: &Term| Term { mass_ratio: term.mass_ratio, amplitude: each(&term.amplitude, None) };
    Plan {
        kinematics: Kinematics {
            q2_mev2: each(&kinematics.q2_mev2, None),
            weight_vector: each(&kinematics.weight_vector, Some(0)),
            weight_scalar: each(&kinematics.weight_scalar, Some(1)),
            response: kinematics.response.clone(),
            response_row: kinematics.response_row.iter().flat_map(|row| [*row; BESIDE.len()]).collect(),
            response_part: kinematics.response_part.iter().flat_map(|part| [*part; BESIDE.len()]).collect(),
            deformations: kinematics.deformations.clone(),
            energy_bins: kinematics.energy_bins,
            classes: kinematics.classes.iter().map(|nodes| 3 * nodes.start..3 * nodes.end).collect(),
        },
        amplitudes: Amplitudes {
            standard_model: each(&amplitudes.standard_model, Some(2)),
            vector: amplitudes.vector.iter().map(term).collect(),
            scalar: amplitudes.scalar.iter().map(term).collect(),
        },
    }
}

/// Points of a plane: masses between two bounds in MeV by couplings from 1e-12 to 10, the first of which becomes g = 0.
pub fn plane((lightest, heaviest): (f64, f64), masses: usize, couplings: usize) -> Vec<Point> {
    let at = |(from, to): (f64, f64), index: usize, of: usize| {
        from * (to / from).powf(index as f64 / of.saturating_sub(1).max(1) as f64)
    };
    (0..masses)
        .flat_map(|i| {
            let mass_mev = at((lightest, heaviest), i, masses);
            (0..couplings)
                .map(move |j| Point { mass_mev, coupling: if j == 0 { 0.0 } else { at((1e-12, 10.0), j, couplings) } })
        })
        .collect()
}

/// Points where the first vector term of a [`plan`] cancels the Standard Model to ever more digits: masses from 1 MeV
/// to 1e6 MeV, at the heavy end exactly, on both sides of the strip.
pub fn cancellation(masses: usize) -> Vec<Point> {
    let offsets = [0.0, 1e-7, -1e-7, 1e-6, 1e-5, -1e-4, 1e-3, -1e-2, 0.1];
    (0..masses)
        .flat_map(|i| {
            let mass_mev = 1e6f64.powf(i as f64 / (masses - 1).max(1) as f64);
            // g^2 / (q^2 + M^2) = 1 / |b/a| at a typical q^2.
            let exact = ((mass_mev * mass_mev + 500.0) / MEDIATOR_OVER_WEAK.abs()).sqrt();
            offsets.map(|offset| Point { mass_mev, coupling: exact * (1.0 + offset) })
        })
        .collect()
}
