//! What the shader reads of a mesh.

use super::shader::{Sizes, Variant};
use crate::statistics::forms::layout::Layout;
use crate::statistics::forms::mesh::{FEW, Mesh, STRIDE};

/// A count that two of which share a word stays below.
pub(super) const MOST_PACKED: f64 = 65_535.0;
/// Standard deviations within which counts stay, or nearly all.
const REACH: f64 = 12.0;

/// The variant of a mesh.
pub(super) fn variant(mesh: &Mesh) -> Variant {
    let sizes = |layout: &Layout| Sizes {
        energies: layout.energies,
        times: layout.times,
        classes: layout.classes,
        signals: layout.signals,
        backgrounds: layout.backgrounds,
        measured: layout.all_measured,
        is_gaussian: layout.is_gaussian,
        follows: layout.variance.as_ref().is_some_and(|variance| variance.follows_counts),
    };
    Variant {
        datasets: mesh.layouts.iter().map(sizes).collect(),
        rows: mesh.ln_mass().len(),
        scanned: mesh.scanned(STRIDE).count(),
        stride: STRIDE,
        few: FEW,
        steps: mesh.x.len(),
        is_packed: mesh.layouts.iter().enumerate().all(|(index, layout)| {
            let normal = layout.variance.as_ref().is_some_and(|variance| !variance.follows_counts);
            let small = |mu: f64| mu + REACH * mu.abs().sqrt() < MOST_PACKED;
            !normal && mesh.expected(index).into_iter().all(small)
        }),
    }
}

/// All tables, in the order of [`Variant::tables`].
pub(super) fn numbers(mesh: &Mesh) -> Vec<f32> {
    let mut numbers: Vec<f64> = Vec::new();
    for (index, layout) in mesh.layouts.iter().enumerate() {
        numbers.extend(&layout.priors);
        numbers.extend(layout.measured.iter().map(|slot| slot.map_or(-1.0, |slot| slot as f64)));
        for table in [&layout.columns, &layout.linear, &layout.quadratic, &layout.shares, &layout.relative] {
            numbers.extend(table);
        }
        match &layout.variance {
            Some(variance) => numbers.extend(&variance.values),
            None => numbers.extend(std::iter::repeat_n(0.0, layout.bins())),
        }
        let start = &mesh.start[index];
        numbers.extend(&start.signal);
        numbers.extend(layout.order[layout.signals..].iter().map(|index| start.values[*index]));
        numbers.extend(&mesh.numbers[index]);
    }
    numbers.extend(&mesh.x);
    numbers.extend(mesh.ln_mass());
    numbers.push(mesh.truth);
    numbers.into_iter().map(|number| number as f32).collect()
}
