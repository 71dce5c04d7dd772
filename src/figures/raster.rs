//! What lies where in a panel, in cells of one point: for labels to keep clear of.

/// Cells of a panel, each with how often something covers it, summed from the lower left corner on.
#[derive(Debug)]
pub(super) struct Raster {
    width: usize,
    height: usize,
    /// One row and column more than cells: sums over all cells below and on the left.
    sums: Vec<u32>,
    /// The cells that are covered.
    covered: Vec<[f64; 2]>,
}

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cells {
    left: usize,
    right: usize,
    bottom: usize,
    top: usize,
}

impl Raster {
    /// Closed outlines (points from the lower left corner), each filled even-odd; what several cover counts once.
    pub(super) fn filled(panel: [f64; 2], outlines: impl Iterator<Item = Vec<[f64; 2]>>) -> Raster {
        let [width, height] = panel.map(|length| length as usize);
        let mut cells = vec![false; width * height];
        for outline in outlines {
            for column in 0..width {
                let x = column as f64 + 0.5;
                let mut crossings: Vec<f64> = Vec::new();
                for (i, [x1, y1]) in outline.iter().enumerate() {
                    let [x0, y0] = outline[(i + outline.len() - 1) % outline.len()];
                    if (x0 <= x) != (*x1 <= x) {
                        crossings.push(y0 + (y1 - y0) * (x - x0) / (x1 - x0));
                    }
                }
                crossings.sort_by(f64::total_cmp);
                for ends in crossings.chunks_exact(2) {
                    let from = (ends[0] - 0.5).ceil().clamp(0.0, height as f64) as usize;
                    let to = (ends[1] + 0.5).floor().clamp(0.0, height as f64) as usize;
                    (from..to).for_each(|row| cells[row * width + column] = true);
                }
            }
        }
        Raster::new(width, height, &cells)
    }

    /// Curves, as the cells that they run through.
    pub(super) fn traced(panel: [f64; 2], curves: impl Iterator<Item = Vec<[f64; 2]>>) -> Raster {
        let [width, height] = panel.map(|length| length as usize);
        let mut cells = vec![false; width * height];
        for curve in curves {
            for pair in curve.windows(2) {
                let [[x0, y0], [x1, y1]] = [pair[0], pair[1]];
                let steps = (2.0 * (x1 - x0).hypot(y1 - y0)).clamp(1.0, 4000.0) as usize;
                for k in 0..=steps {
                    let at = k as f64 / steps as f64;
                    let (x, y) = (x0 + (x1 - x0) * at, y0 + (y1 - y0) * at);
                    if x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64 {
                        cells[y as usize * width + x as usize] = true;
                    }
                }
            }
        }
        Raster::new(width, height, &cells)
    }

    fn new(width: usize, height: usize, cells: &[bool]) -> Raster {
        let mut sums = vec![0; (width + 1) * (height + 1)];
        let mut covered = Vec::new();
        for row in 0..height {
            let mut along = 0;
            for column in 0..width {
                if cells[row * width + column] {
                    along += 1;
                    covered.push([column as f64 + 0.5, row as f64 + 0.5]);
                }
                sums[(row + 1) * (width + 1) + column + 1] = sums[row * (width + 1) + column + 1] + along;
            }
        }
        Raster { width, height, sums, covered }
    }

    /// Covered cells.
    pub(super) fn total(&self) -> usize {
        self.covered.len()
    }

    /// Covered cells in a rectangle.
    pub(super) fn count(&self, cells: &Cells) -> usize {
        let (right, top) = (cells.right.min(self.width), cells.top.min(self.height));
        let (left, bottom) = (cells.left.min(right), cells.bottom.min(top));
        let at = |column: usize, row: usize| self.sums[row * (self.width + 1) + column] as usize;
        at(right, top) + at(left, bottom) - at(left, top) - at(right, bottom)
    }

    /// From a rectangle to the nearest covered cell (points); infinite where there is none.
    pub(super) fn distance(&self, cells: &Cells) -> f64 {
        let away = |at: f64, low: usize, high: usize| (low as f64 - at).max(at - high as f64).max(0.0);
        let squared = self
            .covered
            .iter()
            .map(|[x, y]| away(*x, cells.left, cells.right).powi(2) + away(*y, cells.bottom, cells.top).powi(2));
        squared.fold(f64::INFINITY, f64::min).sqrt()
    }
}

impl Cells {
    /// The cells between two corners (points).
    pub(super) fn new(low: [f64; 2], high: [f64; 2]) -> Cells {
        let cell = |at: f64| at.max(0.0).round() as usize;
        Cells { left: cell(low[0]), right: cell(high[0]), bottom: cell(low[1]), top: cell(high[1]) }
    }

    /// Rectangles of a size all over a panel, two points apart.
    pub(super) fn inside(panel: [f64; 2], [width, height]: [f64; 2]) -> impl Iterator<Item = Cells> {
        let steps = |room: f64| 0..=(room.max(-2.0) / 2.0).floor() as i64;
        let (wide, high) = (panel[0] - width - 2.0, panel[1] - height - 2.0);
        let valid = wide >= 0.0 && high >= 0.0;
        steps(wide).filter(move |_| valid).flat_map(move |i| {
            steps(high).map(move |j| {
                let low = [1.0 + 2.0 * i as f64, 1.0 + 2.0 * j as f64];
                Cells::new(low, [low[0] + width, low[1] + height])
            })
        })
    }

    pub(super) fn area(&self) -> usize {
        (self.right - self.left) * (self.top - self.bottom)
    }

    /// Its middle (points).
    pub(super) fn middle(&self) -> [f64; 2] {
        [0.5 * (self.left + self.right) as f64, 0.5 * (self.bottom + self.top) as f64]
    }

    /// Cells that both have.
    pub(super) fn common(&self, other: &Cells) -> usize {
        let across = self.right.min(other.right).saturating_sub(self.left.max(other.left));
        across * self.top.min(other.top).saturating_sub(self.bottom.max(other.bottom))
    }

    pub(super) fn overlaps(&self, other: &Cells) -> bool {
        self.common(other) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_counted() {
        let square = |low: f64, high: f64| vec![[low, low], [high, low], [high, high], [low, high]];
        let raster = Raster::filled([20.0, 10.0], [square(2.0, 6.0), square(4.0, 8.0)].into_iter());
        // 16 + 16 less the 4 that both cover.
        assert_eq!(raster.total(), 28);
        assert_eq!(raster.count(&Cells::new([0.0, 0.0], [20.0, 10.0])), 28);
        assert_eq!(raster.count(&Cells::new([0.0, 0.0], [5.0, 5.0])), 9);
        assert_eq!(raster.count(&Cells::new([8.0, 0.0], [20.0, 10.0])), 0);
        assert_eq!(raster.distance(&Cells::new([2.0, 2.0], [3.0, 3.0])), 0.0);
        assert_eq!(raster.distance(&Cells::new([11.0, 5.0], [13.0, 6.0])), 3.5);
        // An hour-glass is filled even-odd, and what is off the panel is left out.
        assert_eq!(Raster::filled([4.0, 4.0], [square(-5.0, 9.0)].into_iter()).total(), 16);
    }

    #[test]
    fn curves_are_traced() {
        let raster =
            Raster::traced([10.0, 10.0], [vec![[0.5, 0.5], [9.5, 0.5]], vec![[f64::NAN, 1.0], [3.0, 3.0]]].into_iter());
        assert_eq!(raster.total(), 10);
    }

    #[test]
    fn rectangles_stay_inside() {
        let all: Vec<Cells> = Cells::inside([30.0, 20.0], [10.0, 5.0]).collect();
        assert!(all.len() > 20);
        assert!(all.iter().all(|cells| cells.right < 30 && cells.top < 20 && cells.area() == 50));
        assert_eq!(Cells::inside([30.0, 20.0], [40.0, 5.0]).count(), 0);
        assert!(all[0].overlaps(&all[1]) && !all[0].overlaps(&all[all.len() - 1]));
    }
}
