//! Eight points side by side: the vector type of the row kernels, in registers and in memory.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, u64x8};

/// Points in a vector.
pub(in crate::statistics) const LANES: usize = 8;

/// Eight numbers in memory, one a point, aligned to a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(in crate::statistics) struct Lanes(pub [f64; LANES]);

impl Lanes {
    pub(in crate::statistics) const ZERO: Lanes = Lanes([0.0; LANES]);

    #[inline(always)]
    pub(in crate::statistics) fn load<S: Simd>(&self, simd: S) -> f64x8<S> {
        f64x8::load_array_ref(simd, &self.0)
    }

    #[inline(always)]
    pub(in crate::statistics) fn store<S: Simd>(&mut self, value: f64x8<S>) {
        value.store_array(&mut self.0);
    }
}

/// 1/sqrt(2) in bits: below it the exponent of a logarithm's argument is taken one lower.
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;
/// Bits of 2^52: with a small integer in the low bits it is the number 2^52 + integer.
const TWO_52_BITS: u64 = 0x4330_0000_0000_0000;
const TWO_52: f64 = 4_503_599_627_370_496.0;
const EXPONENT_BIAS: f64 = 1023.0;
const MANTISSA_BITS: u32 = 52;
/// ln 2 in two parts, the first with 32 bits: k times it is exact.
const LN_2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
/// ln((1+s)/(1-s)) = 2s + s (c_0 s^2 + c_1 s^4 + ...), minimax for |s| < 0.1716.
const SERIES: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// Natural logarithm of positive normal numbers, to 1 ulp (the reduction and coefficients of FreeBSD's msun, e_log.c).
/// Of anything else it is finite and meaningless: check the argument.
#[inline(always)]
pub(in crate::statistics) fn ln<S: Simd>(simd: S, x: f64x8<S>) -> f64x8<S> {
    let bits = x.to_bits();
    let shifted = (bits + u64x8::splat(simd, ONE_BITS - SQRT_HALF_BITS)) >> MANTISSA_BITS;
    let exponent = f64x8::from_bits(shifted | u64x8::splat(simd, TWO_52_BITS)) - (TWO_52 + EXPONENT_BIAS);
    let f = f64x8::from_bits(bits - (shifted << MANTISSA_BITS) + u64x8::splat(simd, ONE_BITS)) - 1.0;
    let s = f / (f + 2.0);
    let z = s * s;
    let mut series = f64x8::splat(simd, SERIES[6]);
    for coefficient in SERIES[..6].iter().rev() {
        series = series.mul_add(z, *coefficient);
    }
    let half_square = f * f * 0.5;
    let small = s.mul_add(series.mul_add(z, half_square), exponent * LN_2.1);
    exponent.mul_add(LN_2.0, f - (half_square - small))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::simd::{SimdLevel, dispatch};

    /// Largest difference from the system's logarithm, relative to max(|ln x|, |x - 1|).
    const LOGARITHM_TOLERANCE: f64 = 5e-16;

    #[test]
    fn logarithm_agrees_with_the_systems() {
        let mut arguments: Vec<f64> = (-3070..=3070).map(|i| 10f64.powf(f64::from(i) / 10.0)).collect();
        arguments.extend((-4000..=4000).map(|i| 1.0 + f64::from(i) * 1e-4));
        arguments.extend((0..60).flat_map(|i| [1.0 - 0.5f64.powi(i + 2), 1.0 + 0.5f64.powi(i)]));
        for level in SimdLevel::available() {
            for chunk in arguments.chunks_exact(LANES) {
                let mut values = Lanes::ZERO;
                values.0.copy_from_slice(chunk);
                let mut logarithms = Lanes::ZERO;
                dispatch!(level, simd => logarithms.store(ln(simd, values.load(simd))));
                for (x, got) in chunk.iter().zip(logarithms.0) {
                    let scale = x.ln().abs().max(f64::MIN_POSITIVE);
                    assert!((got - x.ln()).abs() <= LOGARITHM_TOLERANCE * scale, "{level} {x:e}: {got} {}", x.ln());
                }
            }
        }
    }
}
