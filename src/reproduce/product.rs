//! A product: files that are made together from stated inputs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Result;
use crate::scan::Observer;

/// The making of a product.
pub type Make<'a> = Box<dyn Fn(&dyn Observer) -> Result<Made> + Send + Sync + 'a>;

/// Something to make.
pub struct Product<'a> {
    /// Its name in the manifest.
    pub name: String,
    /// All that its files follow from.
    pub inputs: serde_json::Value,
    /// How long it takes, in points of a map or what takes as long.
    pub work: usize,
    /// Makes its files; what it reports as done is part of the work.
    pub make: Make<'a>,
}

/// What a product has become.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Made {
    /// Contents by path in the folder, `/` between its parts.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Points of maps whose chi2 is missing.
    pub missing_points: usize,
}

impl Made {
    /// Adds a file.
    pub fn add(&mut self, path: String, contents: impl Into<Vec<u8>>) {
        self.files.insert(path, contents.into());
    }
}

/// Watches one product; when it is dropped, what the product has not reported of its work is reported.
pub(super) struct Share<'a> {
    observer: &'a dyn Observer,
    left: AtomicUsize,
}

impl<'a> Share<'a> {
    pub(super) fn new(observer: &'a dyn Observer, work: usize) -> Share<'a> {
        Share { observer, left: AtomicUsize::new(work) }
    }
}

impl Observer for Share<'_> {
    fn advance(&self, points: usize) {
        let left = |left: usize| Some(left.saturating_sub(points));
        // The closure always has a value.
        let before = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).unwrap_or_default();
        self.observer.advance(points.min(before));
    }

    fn notice(&self, text: &str) {
        self.observer.notice(text);
    }

    fn cancelled(&self) -> bool {
        self.observer.cancelled()
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.observer.advance(self.left.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_takes_its_share_of_the_work_whatever_it_reports() {
        struct Sum(AtomicUsize);
        impl Observer for Sum {
            fn advance(&self, points: usize) {
                self.0.fetch_add(points, Ordering::Relaxed);
            }
        }
        for reports in [&[][..], &[3, 4], &[5, 5], &[50, 1]] {
            let sum = Sum(AtomicUsize::new(0));
            let share = Share::new(&sum, 10);
            reports.iter().for_each(|points| share.advance(*points));
            drop(share);
            assert_eq!(sum.0.into_inner(), 10, "{reports:?}");
        }
    }
}
