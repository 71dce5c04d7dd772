//! An integrator of the test's own: Gauss-Kronrod with 7 and 15 points, cut in the middle until it agrees with itself.

/// Nodes of the 15-point rule on [0, 1] of [-1, 1], with its weights and those of the 7-point rule (QUADPACK, qk15).
const RULE: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224, 0.0),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_55, 0.129_484_966_168_869_7),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_18, 0.0),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92, 0.279_705_391_489_276_64),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9, 0.0),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_4, 0.381_830_050_505_118_9),
    (0.207_784_955_007_898_47, 0.204_432_940_075_298_9, 0.0),
    (0.0, 0.209_482_141_084_727_82, 0.417_959_183_673_469_4),
];

/// int f over [low, high] for a function with several values, each to `tolerance` of what `scale` says of it.
pub fn adaptive(
    f: &impl Fn(f64) -> Vec<f64>,
    (low, high): (f64, f64),
    scale: &[f64],
    tolerance: f64,
    depth: u32,
) -> Vec<f64> {
    let (fine, coarse) = both(f, low, high);
    let settled = fine.iter().zip(&coarse).zip(scale).all(|((a, b), scale)| (a - b).abs() <= tolerance * scale);
    if settled || depth == 0 {
        return fine;
    }
    let middle = 0.5 * (low + high);
    let left = adaptive(f, (low, middle), scale, tolerance, depth - 1);
    let right = adaptive(f, (middle, high), scale, tolerance, depth - 1);
    left.iter().zip(&right).map(|(a, b)| a + b).collect()
}

/// The integral by both rules.
pub fn both(f: &impl Fn(f64) -> Vec<f64>, low: f64, high: f64) -> (Vec<f64>, Vec<f64>) {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let (mut fine, mut coarse) = (Vec::new(), Vec::new());
    for (x, kronrod, gauss) in RULE {
        let sides = if x == 0.0 { vec![middle] } else { vec![middle - half * x, middle + half * x] };
        for at in sides {
            let values = f(at);
            fine.resize(values.len(), 0.0);
            coarse.resize(values.len(), 0.0);
            for ((fine, coarse), value) in fine.iter_mut().zip(&mut coarse).zip(values) {
                *fine += half * kronrod * value;
                *coarse += half * gauss * value;
            }
        }
    }
    (fine, coarse)
}

/// The same for one value, over pieces between breaks.
pub fn over(f: impl Fn(f64) -> f64, breaks: &[f64], tolerance: f64) -> f64 {
    let f = |x: f64| vec![f(x)];
    let scale: f64 = breaks.windows(2).map(|piece| both(&f, piece[0], piece[1]).0[0].abs()).sum();
    breaks.windows(2).map(|piece| adaptive(&f, (piece[0], piece[1]), &[scale], tolerance, 40)[0]).sum()
}
