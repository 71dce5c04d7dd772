//! The standard normal quantile.

/// ln(2 pi)/2 and the like come as one factor: 1/sqrt(2 pi).
const DENSITY_AT_0: f64 = 0.398_942_280_401_432_7;
/// Where the central form ends (Acklam): 0.02425 and 1 less it.
const TAIL: f64 = 0.024_25;

/// x with P(X < x) = p for a standard normal X and p in (0, 1), to 1e-15 relative in p: the rational approximation of
/// P. J. Acklam (2003; 1.2e-9), brought to full accuracy by one step of Halley's method with erfc.
pub fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        // The lower tail keeps its digits; 1 - p is exact there.
        return -lower(1.0 - p);
    }
    lower(p)
}

fn lower(p: f64) -> f64 {
    let x = approximate(p);
    let error = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) - p;
    let step = error / (DENSITY_AT_0 * (-0.5 * x * x).exp());
    x - step / (1.0 + 0.5 * x * step)
}

fn approximate(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
        1.0,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] =
        [0.007_784_695_709_041_462, 0.322_467_129_070_039_8, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    let series = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p < TAIL {
        let q = (-2.0 * p.ln()).sqrt();
        return series(&C, q) / series(&D, q);
    }
    let q = p - 0.5;
    let r = q * q;
    series(&A, r) * q / series(&B, r)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn published_quantiles() {
        // Abramowitz and Stegun, table 26.5 (Q = 0.025 and so on), and the definition of two sigma.
        for (p, x) in [(0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.9, 1.281_551_565_544_600_4)] {
            assert!((quantile(p) - x).abs() < 1e-14, "{p}: {}", quantile(p));
        }
        assert!((quantile(0.5 * (1.0 + 0.954_499_736_103_641_6)) - 2.0).abs() < 1e-13);
    }

    #[test]
    fn is_the_inverse_of_the_probability_everywhere() {
        for exponent in 1..=300 {
            let p = 10f64.powi(-exponent) * 0.7;
            let back = 0.5 * libm::erfc(-quantile(p) * std::f64::consts::FRAC_1_SQRT_2);
            assert!((back / p - 1.0).abs() < 1e-11, "{p:e}: {back:e}");
            // The argument 1 - q p is the number that is held here, not 1 - p.
            if exponent < 15 {
                let upper = 1.0 - p;
                assert!((quantile(upper) + quantile(1.0 - upper)).abs() < 1e-9);
            }
        }
    }
}
