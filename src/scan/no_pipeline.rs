//! In place of the pipeline where GPUs were left out: nobody has one to call it with.

use std::ops::Range;

use crate::Result;
use crate::analysis::Analysis;

use super::rows::{Done, Rows};
use super::{Gpu, Observer, Plane};

pub(super) fn on_gpu(
    _: &Analysis,
    _: &Plane,
    _: &[Range<usize>],
    gpu: &Gpu,
    _: &dyn Observer,
    _: &mut Rows,
    _: &mut Done,
) -> (usize, Result<()>) {
    match *gpu.engine {}
}

pub(super) fn whole_workgroups(rows: usize) -> usize {
    rows
}
