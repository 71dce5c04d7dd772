//! Folds a plan, in f64, into the tables that the shader reads in f32, so that nothing in reach of a scan over- or
//! underflows.
//!
//! Powers of two are taken out, which costs no accuracy: S, the size of the Standard Model's amplitudes; B_t, that of
//! exchange t over S; one per channel, the largest response. The shader then sees numbers near 1, and
//!
//! ```text
//! N[channel] = scale[channel] sum_k R'[k] ( (alpha'[k] + sum_t beta'_t[k] strength_t)^2
//!                                           + (sum_t sigma'_t[k] strength_t)^2 ),
//! strength_t = y_t / (u_t + t_t kappa[k]),   y_t = B_t g^2 / (M_t^2 + L^2).
//! ```
//!
//! A weight's sign goes with the responses: where those of the vector and the scalar differ, the node is two entries. Terms
//! or nodes that cancel among themselves (not against the Standard Model) lose in f32 what they cancel.

use super::layout::{Exchange, SliceHead, Vector};
use super::shader::{BLOCK, MAX_BINS, POINTS_PER_INVOCATION, Variant};
use super::soundness::check;
use crate::rates::Point;
use crate::rates::plan::{Plan, Term};
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Loop iterations that one invocation may take in one dispatch. lavapipe stops silently at 65,535.
const MAX_ITERATIONS: usize = 60_000;

/// Fewest groups of four points that one task of the thread pool encodes.
const QUADS_PER_TASK: usize = 1024;

/// What a device allows.
#[derive(Debug, Clone, Copy)]
pub struct TableLimits {
    /// Largest uniform binding, in bytes.
    pub uniform_bytes: usize,
    /// Offsets into a uniform buffer are multiples of it, in bytes.
    pub uniform_alignment: usize,
}

/// How one exchange is encoded.
#[derive(Debug, Clone, Copy)]
struct Encoding {
    /// Mediator mass over scanned mass.
    mass_ratio: f64,
    /// B, the power of two taken out of the amplitudes [MeV^2].
    unit: f64,
}

/// A plan as the shader reads it.
#[derive(Debug)]
pub struct Tables {
    /// What the shader is specialised for.
    pub variant: Variant,
    /// All slices, each at a multiple of `stride`.
    pub bytes: Vec<u8>,
    /// Distance of two slices, in bytes.
    pub stride: usize,
    /// Size of one slice as bound, in bytes.
    pub slice_bytes: usize,
    /// Number of slices; those of one group of bins follow each other.
    pub slices: usize,
    /// By what each channel of the shader's counts is multiplied; a power of two.
    pub scale: Vec<f64>,
    /// Work of one point, in multiplications and additions; a rough guide to cut batches by.
    pub work_per_point: u64,
    /// L^2 [MeV^2].
    reference: f64,
    encodings: Vec<Encoding>,
}

impl Tables {
    /// Folds a plan.
    ///
    /// # Errors
    /// A plan whose lists do not fit together, that holds a number that is not finite or a negative |q|^2, or with so
    /// many terms that not even a block of nodes fits into a uniform binding.
    pub fn new(plan: &Plan, limits: TableLimits) -> Result<Tables> {
        check(plan)?;
        let variant = variant(plan, limits)?;
        let (kinematics, amplitudes) = (&plan.kinematics, &plan.amplitudes);
        let vector_root: Vec<f64> = kinematics.weight_vector.iter().map(|weight| weight.abs().sqrt()).collect();
        let scalar_root: Vec<f64> = kinematics.weight_scalar.iter().map(|weight| weight.abs().sqrt()).collect();
        let fold = |root: &[f64], list: &[f64]| -> Vec<f64> { root.iter().zip(list).map(|(r, x)| r * x).collect() };

        let reference = power_of_two(largest(&kinematics.q2_mev2));
        let alpha = fold(&vector_root, &amplitudes.standard_model);
        let folded = |root: &'_ [f64], terms: &'_ [Term]| -> Vec<Vec<f64>> {
            terms.iter().map(|term| fold(root, &term.amplitude)).collect()
        };
        let mut terms = folded(&vector_root, &amplitudes.vector);
        terms.extend(folded(&scalar_root, &amplitudes.scalar));

        let strongest = terms.iter().map(|term| largest(term)).fold(0.0, f64::max);
        let size = match largest(&alpha) {
            0.0 => power_of_two(strongest / reference),
            alpha => power_of_two(alpha),
        };
        let units: Vec<f64> = terms.iter().map(|term| power_of_two(largest(term) / size)).collect();
        let ratios = amplitudes.vector.iter().chain(&amplitudes.scalar).map(|term| term.mass_ratio);
        let encodings = ratios.zip(&units).map(|(mass_ratio, &unit)| Encoding { mass_ratio, unit }).collect();

        let vectors = amplitudes.vector.len();
        let head = |node: usize, part: Part| -> Vec<f32> {
            let of = |is_vector: bool, value: f64| if part.has(is_vector) { value } else { 0.0 };
            let mut head = vec![kinematics.q2_mev2[node] / reference, of(true, alpha[node] / size)];
            let terms = terms.iter().zip(&units).enumerate();
            head.extend(terms.map(|(index, (term, unit))| of(index < vectors, term[node] / (size * unit))));
            head.into_iter().map(|value| value as f32).collect()
        };
        let slice_bytes = size_of::<SliceHead>() + variant.table() * size_of::<Vector>();
        let mut tables = Tables {
            variant,
            bytes: Vec::new(),
            stride: slice_bytes.next_multiple_of(limits.uniform_alignment),
            slice_bytes,
            slices: 0,
            scale: Vec::with_capacity(plan.channels()),
            work_per_point: 0,
            reference,
            encodings,
        };
        for class in 0..kinematics.classes.len() {
            let responses = response_units(plan, class);
            tables.scale.extend(responses.iter().map(|unit| unit * size * size));
            for first in (0..kinematics.energy_bins).step_by(variant.bins) {
                let last = kinematics.energy_bins.min(first + variant.bins);
                tables.push_group(plan, class, first, &responses[first..last], &head);
            }
        }
        Ok(tables)
    }

    /// Appends the slices of one class and one group of bins; nodes that none of the bins sees are left out.
    fn push_group(
        &mut self,
        plan: &Plan,
        class: usize,
        first: usize,
        units: &[f64],
        head: &dyn Fn(usize, Part) -> Vec<f32>,
    ) {
        let bins = plan.kinematics.energy_bins;
        let entries: Vec<Vec<f32>> = plan.kinematics.classes[class]
            .clone()
            .flat_map(|node| parts(plan, node))
            .filter_map(|(node, part, sign)| {
                let responses = plan.kinematics.response_of(node).skip(first).take(units.len());
                let responses: Vec<f32> = responses.zip(units).map(|(r, unit)| (sign * r / unit) as f32).collect();
                if responses.iter().all(|&response| response == 0.0) {
                    return None;
                }
                let mut entry = head(node, part);
                entry.resize(4 * self.variant.first_response(), 0.0);
                entry.extend(responses);
                entry.resize(4 * self.variant.entry(), 0.0);
                Some(entry)
            })
            .collect();
        let slices = entries.len().div_ceil(self.variant.capacity).max(1);
        for slice in 0..slices {
            let from = slice * self.variant.capacity;
            let part = &entries[from..entries.len().min(from + self.variant.capacity)];
            let padded = part.len().next_multiple_of(BLOCK as usize);
            let slice_head = SliceHead {
                entries: padded as u32,
                first_channel: (class * bins + first) as u32,
                bins: units.len() as u32,
                accumulate: u32::from(slice > 0),
            };
            self.bytes.resize(self.slices * self.stride, 0);
            self.bytes.extend_from_slice(bytemuck::bytes_of(&slice_head));
            part.iter().for_each(|entry| self.bytes.extend_from_slice(bytemuck::cast_slice(entry)));
            // An entry of padding has no response; kappa = 1 keeps its propagator finite.
            let mut padding = vec![0.0f32; 4 * self.variant.entry()];
            padding[0] = 1.0;
            (part.len()..padded).for_each(|_| self.bytes.extend_from_slice(bytemuck::cast_slice(&padding)));
            self.slices += 1;
            self.bytes.resize((self.slices - 1) * self.stride + self.slice_bytes, 0);
            self.work_per_point += (padded * (2 * self.variant.bins + 12 * self.variant.terms())) as u64;
        }
    }

    /// The exchanges of points, `[quads][terms]`; the last four are filled up with points at g = 0.
    pub fn encode(&self, points: &[Point]) -> Vec<Exchange> {
        let terms = self.variant.terms();
        let blank = Exchange { y: [0.0; 4], t: [1.0; 4], u: [0.0; 4] };
        let mut exchanges = vec![blank; points.len().div_ceil(POINTS_PER_INVOCATION) * terms];
        let encode_quad = |(quad, points): (&mut [Exchange], &[Point])| {
            for (lane, point) in points.iter().enumerate() {
                for (exchange, encoding) in quad.iter_mut().zip(&self.encodings) {
                    let mass = encoding.mass_ratio * point.mass_mev;
                    let mass_squared = mass * mass;
                    let sum = mass_squared + self.reference;
                    exchange.y[lane] = (encoding.unit * point.coupling * point.coupling / sum) as f32;
                    exchange.t[lane] = (self.reference / sum) as f32;
                    exchange.u[lane] = (mass_squared / sum) as f32;
                }
            }
        };
        let quads = exchanges.par_chunks_mut(terms).zip(points.par_chunks(POINTS_PER_INVOCATION));
        quads.with_min_len(QUADS_PER_TASK).for_each(encode_quad);
        exchanges
    }
}

/// What of a node an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Vector,
    Scalar,
}

impl Part {
    fn has(self, is_vector: bool) -> bool {
        match self {
            Part::Whole => true,
            Part::Vector => is_vector,
            Part::Scalar => !is_vector,
        }
    }
}

/// The entries of a node, each with the sign of its weight: one, or two where the weights differ in sign.
fn parts(plan: &Plan, node: usize) -> impl Iterator<Item = (usize, Part, f64)> + use<> {
    let (vector, scalar) = (plan.kinematics.weight_vector[node], plan.kinematics.weight_scalar[node]);
    let sign = |weight: f64| if weight < 0.0 { -1.0 } else { 1.0 };
    let scalars = if plan.amplitudes.scalar.is_empty() { 0.0 } else { scalar };
    let first = match vector * scalars < 0.0 {
        true => [Some((node, Part::Vector, sign(vector))), Some((node, Part::Scalar, sign(scalar)))],
        false => [Some((node, Part::Whole, sign(if vector == 0.0 { scalar } else { vector }))), None],
    };
    first.into_iter().flatten()
}

/// The shader's variant for a plan: groups of bins of about equal width, slices as long as the binding allows.
fn variant(plan: &Plan, limits: TableLimits) -> Result<Variant> {
    let energy_bins = plan.kinematics.energy_bins;
    let mut variant = Variant {
        vector_terms: plan.amplitudes.vector.len(),
        scalar_terms: plan.amplitudes.scalar.len(),
        bins: energy_bins.div_ceil(energy_bins.div_ceil(MAX_BINS)),
        capacity: 0,
    };
    let room = limits.uniform_bytes.saturating_sub(size_of::<SliceHead>()) / (variant.entry() * size_of::<Vector>());
    let iterations = 3 + variant.terms() + 2 * variant.bins;
    let block = BLOCK as usize;
    let most = room.min(MAX_ITERATIONS / iterations) / block * block;
    let entries = |nodes: &Range<usize>| nodes.clone().map(|node| parts(plan, node).count()).sum::<usize>();
    let needed = plan.kinematics.classes.iter().map(entries).max().unwrap_or(0);
    variant.capacity = needed.next_multiple_of(block).clamp(block, most.max(block));
    if most == 0 {
        return Err(Error::out_of_range("number of mediator terms", variant.terms(), "fewer for this GPU's memory"));
    }
    Ok(variant)
}

/// The power of two at or below the largest response of each bin of a class.
fn response_units(plan: &Plan, class: usize) -> Vec<f64> {
    let bins = plan.kinematics.energy_bins;
    let mut largest = vec![0.0_f64; bins];
    for node in plan.kinematics.classes[class].clone() {
        let responses = plan.kinematics.response_of(node);
        largest.iter_mut().zip(responses).for_each(|(largest, response)| *largest = largest.max(response.abs()));
    }
    largest.into_iter().map(power_of_two).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

/// The power of two at or below a positive number; 1 for zero and for numbers too small to be normal.
fn power_of_two(value: f64) -> f64 {
    if value.is_normal() { f64::from_bits(value.to_bits() & 0x7ff0_0000_0000_0000) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::cpu;
    use crate::rates::synthetic::{Shape, plan, plane, with_both_signs};

    const LIMITS: TableLimits = TableLimits { uniform_bytes: 4096, uniform_alignment: 256 };

    /// The shader's twin: one point's counts from the tables' bytes, in f64 from the f32 entries.
    fn counts(tables: &Tables, point: Point) -> Vec<f64> {
        let (variant, exchanges) = (tables.variant, tables.encode(&[point]));
        let mut counts = vec![0.0; tables.scale.len()];
        for slice in 0..tables.slices {
            let bytes = &tables.bytes[slice * tables.stride..][..tables.slice_bytes];
            let (head, table) = bytes.split_at(size_of::<SliceHead>());
            let head: SliceHead = bytemuck::pod_read_unaligned(head);
            assert_eq!(head.accumulate == 0, counts[head.first_channel as usize] == 0.0);
            for entry in table.chunks_exact(variant.entry() * size_of::<Vector>()).take(head.entries as usize) {
                let entry: Vec<f64> =
                    entry.chunks_exact(4).map(|b| f64::from(bytemuck::pod_read_unaligned::<f32>(b))).collect();
                let strength = |term: usize| {
                    let [y, t, u] = [exchanges[term].y[0], exchanges[term].t[0], exchanges[term].u[0]].map(f64::from);
                    entry[2 + term] * y / (u + t * entry[0])
                };
                let vector: f64 = entry[1] + (0..variant.vector_terms).map(strength).sum::<f64>();
                let scalar: f64 = (0..variant.scalar_terms).map(|term| strength(variant.vector_terms + term)).sum();
                for bin in 0..head.bins as usize {
                    counts[head.first_channel as usize + bin] +=
                        entry[4 * variant.first_response() + bin] * (vector * vector + scalar * scalar);
                }
            }
        }
        counts.iter().zip(&tables.scale).map(|(count, scale)| count * scale).collect()
    }

    #[test]
    fn tables_hold_the_plan_in_slices_that_fit() {
        let shape = Shape { classes: 2, bins: 17, nodes: 75, vector: vec![1.0, 2.0], scalar: vec![1.0] };
        for plan in [plan(&shape), with_both_signs(&plan(&shape))] {
            let tables = Tables::new(&plan, LIMITS).expect("sound plan");
            assert!(
                tables.slice_bytes <= LIMITS.uniform_bytes && tables.stride.is_multiple_of(LIMITS.uniform_alignment)
            );
            assert!(tables.slices > 4, "two classes, two groups of bins, and more nodes than fit into one slice");
            let mut expected = vec![0.0; plan.channels()];
            for point in plane((1e-6, 1e12), 7, 9) {
                cpu::counts_at(&plan, point, &mut expected);
                for (count, expected) in counts(&tables, point).iter().zip(&expected) {
                    assert!((count - expected).abs() <= 1e-6 * expected, "{count} {expected} {point:?}");
                }
            }
        }
    }

    #[test]
    fn unsound_plans_are_refused() {
        let sound = plan(&Shape { classes: 1, bins: 2, nodes: 4, vector: vec![1.0], scalar: vec![] });
        let refused = |change: &dyn Fn(&mut Plan)| {
            let mut plan = sound.clone();
            change(&mut plan);
            matches!(Tables::new(&plan, LIMITS), Err(Error::OutOfRange { .. }))
        };
        assert!(!refused(&|_| {}));
        assert!(!refused(&|plan| plan.kinematics.weight_vector[1] = -1.0));
        assert!(refused(&|plan| plan.kinematics.weight_vector[1] = f64::INFINITY));
        assert!(refused(&|plan| plan.kinematics.q2_mev2[1] = -1.0));
        assert!(refused(&|plan| plan.kinematics.response[3] = f64::NAN));
        assert!(refused(&|plan| plan.amplitudes.vector[0].amplitude.truncate(3)));
        assert!(refused(&|plan| plan.kinematics.classes[0] = 0..5));
        assert!(refused(&|plan| plan.kinematics.classes.clear()));
        assert!(refused(&|plan| plan.amplitudes.vector = vec![plan.amplitudes.vector[0].clone(); 500]));
    }
}
