//! What hangs together on a mesh, and how thick it is.

/// The parts of a mesh that hang together inside.
pub(super) struct Regions {
    /// The region of each crossing that is inside.
    pub number: Vec<usize>,
    /// Mean thickness of each along both axes.
    pub of: Vec<[f64; 2]>,
    /// The largest along both.
    pub largest: [f64; 2],
}

impl Regions {
    /// Of values at the crossings of lines, row-major `[x][y]`: the inside is where they are at most zero.
    pub fn new(lines: &[Vec<f64>; 2], values: &[f64]) -> Regions {
        let [rows, columns] = [lines[0].len(), lines[1].len()];
        let weights = lines.each_ref().map(|lines| {
            let end = lines.len() - 1;
            (0..=end).map(|i| 0.5 * (lines[(i + 1).min(end)] - lines[i.saturating_sub(1)])).collect::<Vec<f64>>()
        });
        let mut number = vec![usize::MAX; values.len()];
        let mut of: Vec<[f64; 2]> = Vec::new();
        let mut seen = [vec![usize::MAX; rows], vec![usize::MAX; columns]];
        for start in 0..values.len() {
            if values[start] > 0.0 || number[start] != usize::MAX {
                continue;
            }
            let own = of.len();
            let (mut area, mut extent) = (0.0, [0.0; 2]);
            let mut open = vec![start];
            number[start] = own;
            while let Some(index) = open.pop() {
                let (i, j) = (index / columns, index % columns);
                area += weights[0][i] * weights[1][j];
                for (axis, place) in [i, j].into_iter().enumerate() {
                    if seen[axis][place] != own {
                        seen[axis][place] = own;
                        extent[axis] += weights[axis][place];
                    }
                }
                let neighbours = [
                    (i > 0).then(|| index - columns),
                    (i + 1 < rows).then_some(index + columns),
                    (j > 0).then(|| index - 1),
                    (j + 1 < columns).then_some(index + 1),
                ];
                for next in neighbours.into_iter().flatten() {
                    if values[next] <= 0.0 && number[next] == usize::MAX {
                        number[next] = own;
                        open.push(next);
                    }
                }
            }
            of.push([area / extent[1], area / extent[0]]);
        }
        let largest = std::array::from_fn(|axis| of.iter().map(|thickness| thickness[axis]).fold(0.0, f64::max));
        Regions { number, of, largest }
    }
}
