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

    /// What was kept under a name, in an earlier run that did not end.
    ///
    /// # Errors
    /// Those of the keeper.
    fn take(&self, _name: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Keeps something for a run that goes on.
    ///
    /// # Errors
    /// Those of the keeper.
    fn keep(&self, _name: &str, _bytes: &[u8]) -> Result<()> {
        Ok(())
    }

    /// Something the user should know; one line.
    fn notice(&self, _text: &str) {}
}

/// What a watch kept under a name, read; it is told where that cannot be, or where what `must` be there is not: it is made
/// again.
pub(super) fn taken<T>(
    watch: &dyn Watch,
    name: &str,
    must: bool,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<T>> {
    let kept = watch.take(name)?;
    let found = kept.as_deref().and_then(read);
    let reason = match (&kept, &found) {
        (Some(_), None) => Some("are damaged or of others"),
        (None, _) if must => Some("are missing"),
        _ => None,
    };
    if let Some(reason) = reason {
        watch.notice(&format!("warning: kept toys '{name}' {reason}: they are made again"));
    }
    Ok(found)
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
