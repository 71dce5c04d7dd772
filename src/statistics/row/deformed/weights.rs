//! Sums over the bins with counts of a Newton step: columns of backgrounds are the same at all points and sparse, so that
//! only what the signal does there is made bin by bin.
//!
//! With s = S + sum (t S_1 + t^2 S_2), its rates s_d = S_1 + 2 t S_2 and w = 1/(n r^2), r = mu/n, the sums are those of 1/r,
//! w, w s and w s_d with the columns, and of the products of the last with s and s_d.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::super::contraction::Contraction;
use super::super::lanes::Lanes;
use super::super::parameters::Slopes;
use super::super::poisson::LARGEST_FALL;
use super::{Deformed, Memory, Role};

/// Bins whose weights are summed in one go: contractions take them by fours.
const PADDING: usize = 4;

/// Columns of backgrounds in the bins with counts.
#[derive(Debug, Clone)]
pub(super) struct Backgrounds {
    /// Index of the parameter of each.
    parameters: Vec<usize>,
    /// The parameters that deform the signal: index, and number of the deformation.
    deformations: Vec<(usize, usize)>,
    /// Bin by bin, `[bins][backgrounds]`.
    values: Vec<f64>,
    /// The same of bins without counts, those that are 0 left out: parameter and value, and where those of a bin end.
    empty: Vec<(usize, f64)>,
    ends: Vec<usize>,
    /// All columns.
    all: Contraction,
    /// Products of two, where any bin has both, and which two of the backgrounds.
    products: Contraction,
    pairs: Vec<(usize, usize)>,
}

/// What sums over bins are made of, at eight points.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// 1/r, and w, of each bin.
    inverse: Vec<Lanes>,
    curvature: Vec<Lanes>,
    /// w s and w s_d, `[1 + deformations][bins]`.
    signal: Vec<Vec<Lanes>>,
    /// Sums of s/r and s_d/r, of S_2/r, and of the products w s s, w s_d s, w s_d s_e.
    own: Vec<Lanes>,
    /// Sums with columns.
    sums: Vec<Lanes>,
}

/// What a bin's sums work with: the signal's columns there, and the sums.
trait Local<S: Simd> {
    fn column(&self, simd: S, index: usize) -> f64x8<S>;
    fn put_column(&mut self, index: usize, value: f64x8<S>);
    /// Adds a product to a sum.
    fn add(&mut self, simd: S, index: usize, one: f64x8<S>, other: f64x8<S>);
}

/// Few enough of both for registers.
struct InRegisters<S: Simd, const COLUMNS: usize, const SUMS: usize> {
    columns: [f64x8<S>; COLUMNS],
    sums: [f64x8<S>; SUMS],
}

/// As many as there are.
struct InMemory<'a> {
    columns: &'a mut [Lanes],
    sums: &'a mut [Lanes],
}

impl<S: Simd, const COLUMNS: usize, const SUMS: usize> Local<S> for InRegisters<S, COLUMNS, SUMS> {
    #[inline(always)]
    fn column(&self, _: S, index: usize) -> f64x8<S> {
        self.columns[index]
    }

    #[inline(always)]
    fn put_column(&mut self, index: usize, value: f64x8<S>) {
        self.columns[index] = value;
    }

    #[inline(always)]
    fn add(&mut self, _: S, index: usize, one: f64x8<S>, other: f64x8<S>) {
        self.sums[index] = one.mul_add(other, self.sums[index]);
    }
}

impl<S: Simd> Local<S> for InMemory<'_> {
    #[inline(always)]
    fn column(&self, simd: S, index: usize) -> f64x8<S> {
        self.columns[index].load(simd)
    }

    #[inline(always)]
    fn put_column(&mut self, index: usize, value: f64x8<S>) {
        self.columns[index].store(value);
    }

    #[inline(always)]
    fn add(&mut self, simd: S, index: usize, one: f64x8<S>, other: f64x8<S>) {
        let sum = self.sums[index].load(simd);
        self.sums[index].store(one.mul_add(other, sum));
    }
}

impl Backgrounds {
    pub(super) fn new(roles: &[Role], bins: usize) -> Backgrounds {
        let (mut parameters, mut deformations, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        let mut of_empty = Vec::new();
        for (i, role) in roles.iter().enumerate() {
            match role {
                Role::Deformation(number) => deformations.push((1 + i, *number)),
                Role::Column { counted, empty, .. } => {
                    parameters.push(1 + i);
                    of_empty.push(empty.as_slice());
                    columns.push(counted.as_slice());
                }
            }
        }
        let padded = |mut column: Vec<f64>| {
            column.resize(bins.next_multiple_of(PADDING), 0.0);
            column
        };
        let product =
            |(k, l): (usize, usize)| columns[k].iter().zip(columns[l]).map(|(a, b)| a * b).collect::<Vec<_>>();
        let all_pairs = (0..columns.len()).flat_map(|k| (0..=k).map(move |l| (k, l)));
        let (pairs, products): (Vec<_>, Vec<_>) = all_pairs
            .map(|pair| (pair, product(pair)))
            .filter(|(_, product)| product.iter().any(|value| *value != 0.0))
            .map(|(pair, product)| (pair, padded(product)))
            .unzip();
        let all: Vec<Vec<f64>> = columns.iter().map(|column| padded(column.to_vec())).collect();
        let (mut empty, mut ends) = (Vec::new(), Vec::new());
        for bin in 0..of_empty.first().map_or(0, |column| column.len()) {
            let own = parameters.iter().zip(&of_empty).map(|(parameter, column)| (*parameter, column[bin]));
            empty.extend(own.filter(|(_, value)| *value != 0.0));
            ends.push(empty.len());
        }
        Backgrounds {
            empty,
            ends,
            values: (0..bins).flat_map(|bin| columns.iter().map(move |column| column[bin])).collect(),
            all: Contraction::new(&all),
            products: Contraction::new(&products),
            parameters,
            deformations,
            pairs,
        }
    }

    /// The backgrounds of a bin without counts: parameter, and what one of it adds.
    #[inline(always)]
    pub(super) fn in_empty(&self, bin: usize) -> impl Iterator<Item = (usize, f64)> {
        let first = bin.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(bin).copied().unwrap_or(first);
        self.empty[first..end].iter().copied()
    }

    pub(super) fn weights(&self, bins: usize, sets: usize) -> Weights {
        let lanes = |length| vec![Lanes::ZERO; length];
        let (padded, deformations) = (bins.next_multiple_of(PADDING), sets / 2);
        Weights {
            inverse: lanes(padded),
            curvature: lanes(padded),
            signal: vec![lanes(padded); 1 + deformations],
            own: lanes(1 + 2 * deformations + (1 + deformations) * (2 + deformations) / 2),
            sums: lanes(self.parameters.len().max(self.pairs.len())),
        }
    }
}

impl Deformed {
    /// r and the weights of all bins with counts, and the sums that have no column; returns the smallest r of each lane.
    #[inline(always)]
    pub(super) fn weigh<S: Simd>(&self, simd: S, values: &[Lanes], memory: &mut Memory) -> f64x8<S> {
        match self.backgrounds.deformations.len() {
            1 => self.weigh_few::<S, 2, 6>(simd, values, memory),
            2 => self.weigh_few::<S, 3, 11>(simd, values, memory),
            3 => self.weigh_few::<S, 4, 17>(simd, values, memory),
            4 => self.weigh_few::<S, 5, 24>(simd, values, memory),
            more => {
                let Memory { counted, ratios, weights, columns, .. } = memory;
                let mut sums = std::mem::take(&mut weights.own);
                sums.fill(Lanes::ZERO);
                let mut local = InMemory { columns, sums: &mut sums };
                let smallest = self.weigh_bins(simd, more, values, counted, ratios, weights, &mut local);
                weights.own = sums;
                smallest
            }
        }
    }

    /// The same for a number of deformations that the compiler knows, one less than that of columns.
    #[inline(always)]
    fn weigh_few<S: Simd, const COLUMNS: usize, const SUMS: usize>(
        &self,
        simd: S,
        values: &[Lanes],
        memory: &mut Memory,
    ) -> f64x8<S> {
        let zero = f64x8::splat(simd, 0.0);
        let Memory { counted, ratios, weights, .. } = memory;
        let mut local = InRegisters { columns: [zero; COLUMNS], sums: [zero; SUMS] };
        let smallest = self.weigh_bins(simd, COLUMNS - 1, values, counted, ratios, weights, &mut local);
        debug_assert_eq!(weights.own.len(), SUMS);
        weights.own.iter_mut().zip(local.sums).for_each(|(target, sum)| target.store(sum));
        smallest
    }

    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "parts of the memory, of which another is lent already")]
    #[allow(clippy::needless_range_loop, reason = "unrolled where the compiler knows their number")]
    fn weigh_bins<S: Simd>(
        &self,
        simd: S,
        deformations: usize,
        values: &[Lanes],
        counted: &[Lanes],
        ratios: &mut [Lanes],
        weights: &mut Weights,
        local: &mut impl Local<S>,
    ) -> f64x8<S> {
        let Weights { inverse, curvature, signal, .. } = weights;
        let norm = values[0].load(simd);
        let bins = self.counted.len();
        let backgrounds = &self.backgrounds;
        let (slopes, bends) = (0, 1 + deformations);
        let products = bends + deformations;
        let mut smallest = f64x8::splat(simd, f64::INFINITY);
        for bin in 0..bins {
            let mut own = counted[bin].load(simd);
            for d in 0..deformations {
                let (parameter, number) = backgrounds.deformations[d];
                let t = values[parameter].load(simd);
                let [first, second] = [1, 2].map(|set| counted[(set + 2 * number) * bins + bin].load(simd));
                let bend = t * second;
                own = t.mul_add(first + bend, own);
                local.put_column(1 + d, first + bend + bend);
            }
            local.put_column(0, own);
            let mut mu = norm * own;
            let width = backgrounds.parameters.len();
            for (value, parameter) in backgrounds.values[bin * width..][..width].iter().zip(&backgrounds.parameters) {
                mu = values[*parameter].load(simd).mul_add(*value, mu);
            }
            let inverse_count = 1.0 / self.counts[bin];
            let ratio = mu * inverse_count;
            smallest = smallest.min(ratio);
            ratios[bin].store(ratio);
            let reciprocal = f64x8::splat(simd, 1.0) / ratio;
            inverse[bin].store(reciprocal);
            let weight = reciprocal * reciprocal * inverse_count;
            curvature[bin].store(weight);
            for i in 0..=deformations {
                let own = local.column(simd, i);
                let weighed = weight * own;
                signal[i][bin].store(weighed);
                local.add(simd, slopes + i, reciprocal, own);
                for j in 0..=i {
                    let other = local.column(simd, j);
                    local.add(simd, products + i * (i + 1) / 2 + j, weighed, other);
                }
            }
            for d in 0..deformations {
                let (_, number) = backgrounds.deformations[d];
                local.add(simd, bends + d, reciprocal, counted[(2 + 2 * number) * bins + bin].load(simd));
            }
        }
        smallest
    }

    /// Adds what bins with counts have of gradient and Hessian, after [`Deformed::weigh`].
    #[inline(always)]
    pub(super) fn sum<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        bent: f64x8<S>,
        memory: &mut Memory,
        slopes: &mut Slopes,
    ) {
        let Backgrounds { parameters, deformations, all, products, pairs, .. } = &self.backgrounds;
        let own = &mut memory.weights;
        let norm = values[0].load(simd);
        let add = |target: &mut Lanes, value: f64x8<S>| target.store(target.load(simd) + value);
        let place = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
        // A rate's column is the norm times it.
        let of_signal = |i: usize| if i == 0 { (0, f64x8::splat(simd, 1.0)) } else { (deformations[i - 1].0, norm) };
        let (sums_of_slopes, rest) = own.own.split_at(own.signal.len());
        let (bends, signal_products) = rest.split_at(deformations.len());
        let mut next = signal_products.iter();
        for (i, slope) in sums_of_slopes.iter().enumerate() {
            let (parameter, scale) = of_signal(i);
            add(&mut slopes.downhill[parameter], slope.load(simd) * scale);
            for (j, product) in (0..=i).zip(&mut next) {
                let (other, other_scale) = of_signal(j);
                add(&mut slopes.curvature[place(parameter, other)], product.load(simd) * (scale * other_scale));
            }
        }
        for (((parameter, _), slope), bend) in deformations.iter().zip(&sums_of_slopes[1..]).zip(bends) {
            add(&mut slopes.curvature[place(*parameter, 0)], -slope.load(simd) * bent);
            add(&mut slopes.curvature[place(*parameter, *parameter)], bend.load(simd) * (norm * bent * -2.0));
        }
        all.sums(simd, &own.inverse, &mut own.sums);
        for (parameter, sum) in parameters.iter().zip(&own.sums) {
            add(&mut slopes.downhill[*parameter], sum.load(simd));
        }
        for (i, weights) in own.signal.iter().enumerate() {
            let (signal, scale) = of_signal(i);
            all.sums(simd, weights, &mut own.sums);
            for (parameter, sum) in parameters.iter().zip(&own.sums) {
                slopes.curvature[place(*parameter, signal)].store(sum.load(simd) * scale);
            }
        }
        products.sums(simd, &own.curvature, &mut own.sums);
        for ((k, l), sum) in pairs.iter().zip(&own.sums) {
            slopes.curvature[place(parameters[*k], parameters[*l])] = *sum;
        }
    }

    /// Largest part of the step, up to 1, that leaves 3/10 of the expected count in every bin with counts, to first order.
    #[inline(never)]
    pub(in super::super) fn length<S: Simd>(&self, simd: S, step: &[Lanes], memory: &Memory) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let (own, backgrounds) = (&memory.weights, &self.backgrounds);
                let norm = memory.values[0].load(simd);
                let width = backgrounds.parameters.len();
                let mut steepest = f64x8::splat(simd, LARGEST_FALL);
                for (bin, ratio) in memory.ratios.iter().enumerate() {
                    let mut change = f64x8::splat(simd, 0.0);
                    for (value, parameter) in
                        backgrounds.values[bin * width..][..width].iter().zip(&backgrounds.parameters)
                    {
                        change = step[*parameter].load(simd).mul_add(*value, change);
                    }
                    // w times the change of mu, of which 1/r is a part of the count's.
                    let mut weighed = own.curvature[bin].load(simd) * change;
                    weighed = step[0].load(simd).mul_add(own.signal[0][bin].load(simd), weighed);
                    for ((parameter, _), weights) in backgrounds.deformations.iter().zip(&own.signal[1..]) {
                        weighed = (norm * step[*parameter].load(simd)).mul_add(weights[bin].load(simd), weighed);
                    }
                    steepest = steepest.max(-weighed * ratio.load(simd));
                }
                f64x8::splat(simd, LARGEST_FALL) / steepest
            },
        )
    }
}
