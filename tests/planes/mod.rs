//! Points at which engines are held against each other.

use cevscan::Result;
use cevscan::base::grid::Axis;
use cevscan::rates::Point;
use cevscan::rates::plan::Plan;

/// Masses of the default plane [MeV].
const MASSES_MEV: (f64, f64) = (0.1, 1e4);
/// Couplings of the default plane.
const COUPLINGS: (f64, f64) = (1e-6, 1.0);
/// Nodes of a plan whose cancellation is looked for at each mass.
const NODES: usize = 12;

/// The plane that `cevscan scan` covers when no range is given.
pub fn default_plane(masses: usize, couplings: usize) -> Result<Vec<Point>> {
    let masses = Axis::logarithmic("mass", "MeV", MASSES_MEV, masses)?;
    let couplings = Axis::logarithmic("coupling", "", COUPLINGS, couplings)?;
    let row = |mass_mev: &f64| {
        let mass_mev = *mass_mev;
        couplings.values.iter().map(move |&coupling| Point { mass_mev, coupling })
    };
    Ok(masses.values.iter().flat_map(row).collect())
}

/// Points where the exchanges cancel the Standard Model's amplitude at one of the plan's nodes, exactly and nearly.
/// None where they have its sign, or are scalar.
pub fn cancelling(plan: &Plan, masses: usize) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for mass_mev in Axis::logarithmic("mass", "MeV", MASSES_MEV, masses)?.values {
        for node in (0..plan.nodes()).step_by(plan.nodes().div_ceil(NODES)) {
            let exchange = plan.amplitudes.vector_exchange(node, plan.kinematics.q2_mev2[node], mass_mev);
            let exact = (-plan.amplitudes.standard_model[node] / exchange).sqrt();
            if exact.is_finite() {
                points.extend([0.0, 1e-6, -1e-4, 1e-2].map(|off| Point { mass_mev, coupling: exact * (1.0 + off) }));
            }
        }
    }
    Ok(points)
}
