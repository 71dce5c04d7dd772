//! Drawn toys as the shader reads them: tiles of [`TILE`] toys, each `[word][toy]`.

use super::shader::Variant;
use super::tables::MOST_PACKED;
use crate::statistics::forms::layout::Layout;
use crate::statistics::forms::toys::Drawn;

/// Toys of a tile: those of a workgroup.
pub const TILE: usize = super::shared::WORKGROUP as usize;

/// How toys become words.
#[derive(Debug)]
pub struct Words<'a> {
    pub(super) layouts: &'a [Layout],
    pub(super) places: Vec<[usize; 3]>,
    pub(super) length: usize,
    pub(super) is_packed: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(layouts: &'a [Layout], variant: &Variant) -> Words<'a> {
        let (places, length) = variant.drawn();
        Words { layouts, places, length, is_packed: variant.is_packed }
    }

    /// Words of a tile.
    pub fn of_tile(&self) -> usize {
        self.length * TILE
    }

    /// Puts a toy, `[datasets]`, into its place in a tile of zeros; `false` where a count is too large for its half of a
    /// word: such a toy is for the CPU.
    pub fn put(&self, place: usize, toy: &[Drawn], tile: &mut [u32]) -> bool {
        let mut fits = true;
        for ((layout, drawn), [counts, centres, factors]) in self.layouts.iter().zip(toy).zip(&self.places) {
            if self.is_packed {
                for (pair, own) in drawn.counts.chunks(2).enumerate() {
                    fits &= own.iter().all(|count| *count <= MOST_PACKED);
                    let high = own.get(1).map_or(0, |count| *count as u32);
                    tile[(counts + pair) * TILE + place] = own[0] as u32 & 0xffff | high << 16;
                }
            } else {
                for (bin, count) in drawn.counts.iter().enumerate() {
                    tile[(counts + bin) * TILE + place] = (*count as f32).to_bits();
                }
            }
            for (k, index) in layout.order.iter().enumerate() {
                tile[(centres + k) * TILE + place] = (drawn.centres[*index] as f32).to_bits();
            }
            for (row, factor) in drawn.factors.iter().enumerate() {
                tile[(factors + row) * TILE + place] = (*factor as f32).to_bits();
            }
        }
        fits
    }
}
