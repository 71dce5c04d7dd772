//! What of a plan no table of a GPU can hold.

use crate::rates::plan::Plan;
use crate::{Error, Result};

/// Refuses plans that the tables of direct sums cannot hold.
pub(super) fn check(plan: &Plan) -> Result<()> {
    let (kinematics, amplitudes, nodes) = (&plan.kinematics, &plan.amplitudes, plan.nodes());
    let rows = kinematics.response.len().checked_div(kinematics.energy_bins).unwrap_or(0);
    let places = kinematics.response_row.iter().zip(&kinematics.response_part);
    let needed = |(row, part): (&usize, &f64)| row + usize::from(*part > 0.0);
    if let Some(row) = places.map(needed).find(|row| *row >= rows) {
        return Err(Error::out_of_range("plan's row of the response", row, format!("below {rows}")));
    }
    if kinematics.response_row.len() != nodes {
        let found = kinematics.response_row.len();
        return Err(Error::out_of_range("length of the plan's rows of the response", found, nodes.to_string()));
    }
    let mut lists = vec![
        ("plan's |q|^2", &kinematics.q2_mev2, nodes, 0.0),
        ("plan's vector weight", &kinematics.weight_vector, nodes, f64::MIN),
        ("plan's scalar weight", &kinematics.weight_scalar, nodes, f64::MIN),
        ("plan's places between rows of the response", &kinematics.response_part, nodes, 0.0),
        ("plan's response", &kinematics.response, rows * kinematics.energy_bins, f64::MIN),
        ("plan's Standard Model amplitude", &amplitudes.standard_model, nodes, f64::MIN),
    ];
    let terms = amplitudes.vector.iter().chain(&amplitudes.scalar);
    lists.extend(terms.map(|term| ("plan's mediator amplitude", &term.amplitude, nodes, f64::MIN)));
    for (quantity, list, length, least) in lists {
        if list.len() != length {
            return Err(Error::out_of_range(format!("length of the {quantity}"), list.len(), length.to_string()));
        }
        if let Some(value) = list.iter().find(|value| !(value.is_finite() && **value >= least)) {
            let bound = if least == 0.0 { "finite and not negative" } else { "finite" };
            return Err(Error::out_of_range(quantity, value, bound));
        }
    }
    if let Some(range) = kinematics.classes.iter().find(|range| range.start > range.end || range.end > nodes) {
        return Err(Error::out_of_range(
            "plan's nodes of a time class",
            format!("{range:?}"),
            format!("within {nodes}"),
        ));
    }
    if !kinematics.deformations.is_empty() {
        let quantity = "number of deformations of the response";
        let bound = "0 in direct sums on a GPU: polynomials hold others";
        return Err(Error::out_of_range(quantity, kinematics.deformations.len(), bound));
    }
    if plan.channels() == 0 {
        return Err(Error::out_of_range("plan's number of counts", 0, "at least 1"));
    }
    Ok(())
}
