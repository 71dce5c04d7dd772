//! Numbers of `shaders/poisson_fit.wgsl`.

use super::Reference;

/// Head, priors, entries.
pub(super) fn numbers(reference: &Reference) -> Vec<f32> {
    let (variant, fit) = (&reference.variant, reference.fit);
    let mut numbers = vec![0.0; 4];
    numbers[0] = reference.signal.iter().sum::<f64>() as f32;
    numbers[1] = fit.observation.counts.iter().sum::<f64>() as f32;
    for (place, &k) in reference.order.iter().enumerate() {
        let (centre, sigma) = (fit.observation.centres[k], fit.expectation.parameters[k].sigma);
        let (offset, start) = match place < variant.signals + variant.deformations {
            true => (-centre, centre),
            false => (reference.work.values[k] - centre, 0.0),
        };
        numbers.extend([offset, 1.0 / sigma, start, 0.0].map(|number| number as f32));
    }
    for bin in 0..variant.bins() {
        let mut entry = head(fit.observation.counts[bin], reference.work.expected[bin]).to_vec();
        let of_signal = reference.of_signal(bin).collect::<Vec<f64>>();
        let (shares, shapes) = of_signal.split_at(variant.classes);
        entry.extend(shares);
        entry.push(reference.signal[bin]);
        entry.extend(shapes);
        entry.extend(reference.backgrounds().iter().map(|&k| reference.column(k)[bin]));
        entry.resize(4 * variant.entry(), 0.0);
        numbers.extend(entry.into_iter().map(|number| number as f32));
    }
    numbers
}

/// What the statistic wants of a bin (`shaders/poisson.wgsl`).
fn head(counted: f64, expected: f64) -> [f64; 4] {
    match counted > 0.0 {
        true => [counted, expected, 1.0 - counted / expected, 1.0 / expected],
        false => [0.0, expected, 1.0, 0.0],
    }
}
