//! Who watches toys being made.

use crate::Result;
use crate::rates::Point;

/// Is told what is done, and may end the work by returning an error.
pub trait Watch: Sync {
    /// So many toys more are done.
    ///
    /// # Errors
    /// Whatever is to end the work.
    fn done(&self, _toys: usize) -> Result<()> {
        Ok(())
    }

    /// Toys of the anchor of this number, from 1, come next; so large is the error of the border in ln g, infinite where
    /// the anchors before do not reach all of it.
    fn anchor(&self, _number: usize, _point: Point, _error: f64) {}

    /// Something the user should know; one line.
    fn notice(&self, _text: &str) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
