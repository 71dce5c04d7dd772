//! Counts at one mass as squares, for arithmetic in f32: with t = g^2/u,
//!
//! ```text
//! N = (p t + q)^2 + m        p = sqrt(c_2) u,  q = c_1 / (2 sqrt(c_2)),  m = c_0 - q^2
//! ```
//!
//! in each channel, from the polynomial c_0 + c_1 g^2 + c_2 g^4 of [`crate::rates::polynomial`]. Summed as it stands, the
//! polynomial loses all its digits in f32 where an exchange cancels the Standard Model; as a square and a rest it is within
//! 7e-7 max(N, N_SM) of f64. u is a power of two near the g^2 at which the exchange weighs as much as the Standard Model,
//! and g^2 goes as mantissa and exponent, so that nothing in reach of a scan over- or underflows.
//!
//! Where all weights of a plan are positive m is positive but for rounding. Nothing here counts on that: with weights of
//! both signs m may be negative, and a count below zero is taken for rounding, as in the polynomial. What the form cannot
//! hold is refused: c_2 < 0, and q^2 far above c_0, where the square and the rest cancel.
//!
//! What nuisance parameters change a count by, S_1 and S_2, has either sign and no such square: it goes as the polynomial
//! it is, c_0 + c_1 u t + c_2 u^2 t^2. Where that cancels, it is wrong by the rounding of its terms, which are of the size
//! of the Standard Model's change: no more of max(N, N_SM) than the count itself.

use super::shader::{NUMBERS, lines_of_mass};
use crate::rates::plan::Plan;
use crate::rates::polynomial::MassSlice;
use crate::{Error, Result};
use rayon::prelude::*;

/// q^2 is at most so many times c_0 (plus what is no event at all): the error grows with it.
const LARGEST_CANCELLATION: f64 = 4.0;
/// Part of all events that is rounding.
const NOTHING: f64 = 1e-12;
/// Exponents of u and g^2 stay within this, where powers of two are numbers.
const LARGEST_EXPONENT: i32 = 1000;

/// p, q and m of a channel, u = 1.
type Vertex = [f64; NUMBERS];

/// The vertices of some masses as words of 32 bits, `[lines][masses]`: neighbouring invocations have neighbouring masses.
/// The first line holds the exponent of u (an i32), the next three p, q and m of the sum over all channels (f32), then
/// three for each channel; S_1 and S_2 of each deformation follow in the same order as polynomials.
///
/// # Errors
/// A plan whose counts are no such squares.
pub fn lines(plan: &Plan, masses_mev: &[f64]) -> Result<Vec<u32>> {
    let length = lines_of_mass(plan.signals(), plan.channels());
    let columns: Vec<Vec<u32>> = masses_mev.par_iter().map(|mass| column(plan, *mass)).collect::<Result<_>>()?;
    let mut lines = vec![0; length * masses_mev.len()];
    for (mass, column) in columns.iter().enumerate() {
        for (line, word) in column.iter().enumerate() {
            lines[line * masses_mev.len() + mass] = *word;
        }
    }
    Ok(lines)
}

/// One mass: exponent; sum and channels of each set of counts.
fn column(plan: &Plan, mass_mev: f64) -> Result<Vec<u32>> {
    let slice = MassSlice::new(plan, mass_mev);
    let channels = plan.channels();
    let (c0, rest) = slice.coefficients().split_at(channels);
    let (c1, c2) = rest.split_at(channels);
    let totals = slice.totals();
    let exponent = exponent((totals[0].abs() / totals[2].abs()).sqrt());
    let unit = 2f64.powi(exponent);
    let mut column = vec![exponent.cast_unsigned()];
    let mut push = |name: &dyn Fn() -> String, coefficients: [f64; 3]| -> Result<()> {
        let [p, q, m] = vertex(coefficients, unit, NOTHING * totals[0].abs()).ok_or_else(|| {
            let [c0, c1, c2] = coefficients;
            let value = format!("{c0:e} + {c1:e} g^2 + {c2:e} g^4");
            Error::out_of_range(name(), value, "a square of g^2 and a rest on a GPU: rates by direct sums hold others")
        })?;
        column.extend([p, q, m].map(|number| (number as f32).to_bits()));
        Ok(())
    };
    push(&|| format!("number of all events at {mass_mev} MeV"), totals)?;
    for channel in 0..channels {
        let name = || format!("number of events in channel {channel} at {mass_mev} MeV");
        push(&name, [c0[channel], c1[channel], c2[channel]])?;
    }
    for (set, coefficients) in slice.all_coefficients().chunks(3 * channels).enumerate().skip(1) {
        let of_channel = |channel: usize| std::array::from_fn(|power| coefficients[power * channels + channel]);
        let of_channels: Vec<[f64; NUMBERS]> = (0..channels).map(of_channel).collect();
        let sum = std::array::from_fn(|power| of_channels.iter().map(|own| own[power]).sum());
        for [c0, c1, c2] in std::iter::once(sum).chain(of_channels) {
            let polynomial = [c0, c1 * unit, c2 * unit * unit];
            if let Some(value) = polynomial.iter().find(|value| !(**value as f32).is_finite()) {
                let name = format!("change {set} of the number of events at {mass_mev} MeV");
                return Err(Error::out_of_range(name, value, "within the range of f32 on a GPU"));
            }
            column.extend(polynomial.map(|number| (number as f32).to_bits()));
        }
    }
    Ok(column)
}

/// The vertex of a polynomial, p in units of g^2 = `unit`; `None` where it has none that f32 could hold. Fewer events than
/// `nothing` do not count.
fn vertex([c0, c1, c2]: [f64; 3], unit: f64, nothing: f64) -> Option<Vertex> {
    if !(c0.is_finite() && c1.is_finite() && c2.is_finite()) {
        return None;
    }
    let root = c2.max(0.0).sqrt();
    let q = if root > 0.0 { 0.5 * c1 / root } else { 0.0 };
    let linear = if root > 0.0 { 0.0 } else { c1.abs() * unit };
    let quadratic = (-c2).max(0.0) * unit * unit;
    let holds = q * q <= LARGEST_CANCELLATION * c0.abs() + nothing && linear <= nothing && quadratic <= nothing;
    holds.then_some([root * unit, q, c0 - q * q])
}

/// The exponent of the power of two at or below a positive number; 0 for what has none.
fn exponent(value: f64) -> i32 {
    let exponent = value.log2().floor();
    if exponent.is_finite() { (exponent as i32).clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT) } else { 0 }
}

/// g^2 as the shader reads it: bits of a mantissa from 1 to 2 in f32, and an exponent.
pub fn coupling_words(coupling: f64) -> [u32; 2] {
    let x = coupling * coupling;
    let exponent = exponent(x);
    [((x * 2f64.powi(-exponent)) as f32).to_bits(), exponent.cast_unsigned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::parity::COUNTS_TOLERANCE;
    use crate::rates::synthetic::{Shape, cancellation, plan, plane, with_both_signs, with_deformations};
    use crate::rates::{Point, cpu};

    /// The shader's twin (`shaders/vertex.wgsl`): the counts of a point in f32, in each set the sum over the channels first.
    fn counts(plan: &Plan, point: Point) -> Vec<f64> {
        let lines = lines(plan, &[point.mass_mev]).expect("positive weights");
        let [mantissa, exponent] = coupling_words(point.coupling);
        let exponent = (exponent.cast_signed() - lines[0].cast_signed()).clamp(-126, 127);
        let t = f32::from_bits(mantissa) * f32::from_bits(((exponent + 127) as u32) << 23);
        let numbers: Vec<f32> = lines[1..].iter().map(|word| f32::from_bits(*word)).collect();
        let in_first_set = 1 + plan.channels();
        let at = |(place, numbers): (usize, &[f32])| {
            if place >= in_first_set {
                return f64::from(numbers[0] + t * (numbers[1] + t * numbers[2]));
            }
            let root = numbers[0] * t + numbers[1];
            f64::from((root * root + numbers[2]).max(0.0))
        };
        numbers.chunks(NUMBERS).enumerate().map(at).collect()
    }

    #[test]
    fn f32_holds_the_counts_over_the_plane_and_where_they_cancel() {
        let mut worst: f64 = 0.0;
        for shape in [
            Shape::usual(),
            Shape { vector: vec![], scalar: vec![1.0], ..Shape::usual() },
            Shape { vector: vec![1.0, 3.0], scalar: vec![1.0, 0.5], ..Shape::usual() },
            Shape { vector: vec![], scalar: vec![], ..Shape::usual() },
        ] {
            let plan = plan(&shape);
            let deformed = [with_deformations(&plan, 2), with_deformations(&with_both_signs(&plan), 1)];
            for plan in [with_both_signs(&plan), plan].into_iter().chain(deformed) {
                let mut standard = vec![0.0; plan.signal_counts()];
                cpu::counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut standard);
                let mut reference = standard.clone();
                for point in plane((1e-6, 1e12), 19, 40).into_iter().chain(cancellation(30)) {
                    cpu::counts_at(&plan, point, &mut reference);
                    let counts = counts(&plan, point);
                    // What deformations change is held to what they change it from: the first set.
                    let channels = plan.channels();
                    let sum = |counts: &[f64]| counts.iter().sum::<f64>();
                    let whole = sum(&reference[..channels]).max(sum(&standard[..channels]));
                    let sets = counts.chunks(1 + channels).zip(reference.chunks(channels));
                    for (own, f64) in sets {
                        worst = worst.max((own[0] - sum(f64)).abs() / whole);
                        for (channel, (own, f64)) in own[1..].iter().zip(f64).enumerate() {
                            worst = worst.max((own - f64).abs() / reference[channel].max(standard[channel]));
                        }
                    }
                }
            }
        }
        assert!(worst <= COUNTS_TOLERANCE, "{worst}");
    }

    /// (x - 1)^2 + 3 and friends, by hand: 4 - 2 x + x^2 has its vertex at p = 1, q = -1, m = 3.
    #[test]
    fn vertices_by_hand() {
        assert_eq!(vertex([4.0, -2.0, 1.0], 1.0, 0.0), Some([1.0, -1.0, 3.0]));
        assert_eq!(vertex([4.0, -2.0, 1.0], 8.0, 0.0), Some([8.0, -1.0, 3.0]));
        assert_eq!(vertex([4.0, 0.0, 0.0], 8.0, 0.0), Some([0.0, 0.0, 4.0]));
        // A rest below zero is kept, not cut.
        assert_eq!(vertex([1.0, 3.0, 1.0], 1.0, 0.0), Some([1.0, 1.5, -1.25]));
        assert_eq!(vertex([1.0, -5.0, 1.0], 1.0, 0.0), None);
        assert_eq!(vertex([1.0, 0.5, 0.0], 1.0, 0.0), None);
        assert_eq!(vertex([1.0, 0.0, -0.5], 1.0, 0.0), None);
        assert_eq!(vertex([1.0, f64::NAN, 1.0], 1.0, 0.0), None);
    }

    #[test]
    fn couplings_keep_24_bits_whatever_their_size() {
        for coupling in [0.0, 1e-150, 1e-20, 3e-7, 1.0, 1e20, 1e140] {
            let [mantissa, exponent] = coupling_words(coupling);
            let back = f64::from(f32::from_bits(mantissa)) * 2f64.powi(exponent.cast_signed());
            assert!((back - coupling * coupling).abs() <= 6e-8 * coupling * coupling, "{coupling}");
        }
        assert!(!f32::from_bits(coupling_words(1e200)[0]).is_finite());
    }
}
