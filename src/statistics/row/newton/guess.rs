//! Where the minima of a point may be, given those of points near by.
//!
//! Between two points whose minima are one and the same that moves, it is between theirs, and so is what else is known: the
//! next minimum need not be found where it stays far above.

use fearless_simd::mask64x8;
use fearless_simd::prelude::*;

use super::super::known::{Source, Start};
use super::super::lanes::{LANES, Lanes};
use super::{Memory, Newton};

/// The next minimum is not sought between two points at which it rises above the lowest by so much, relative to a hundredth of
/// chi2 above 100, and by no more than so many times as much at one as at the other; ...
const FAR: f64 = 1.0;
const STEADY: f64 = 3.0;
/// ... nor by so much at one where it is not known at the other, or not the same.
const FAR_ALONE: f64 = 10.0;

/// Where fits start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guess<'a> {
    /// The lowest minimum, and where else it may be.
    pub lowest: Option<Source<'a>>,
    pub other: Option<Source<'a>>,
    /// Whether the lowest is between those of two points that are one.
    pub is_between: bool,
    /// The next minimum; `rise` is chi2 there above the lowest, where this follows from two points between which it is.
    pub next: Option<Source<'a>>,
    pub rise: Option<f64>,
}

impl Newton {
    /// Where a fit with a start begins.
    pub(super) fn guess<'a>(&self, start: Start<'a>) -> Guess<'a> {
        let same = |rank| start.middle(rank).filter(|middle| self.are_one(middle.ends()));
        let lowest = same(0);
        let is_known = |rises: &[f64; 2]| rises.iter().all(|rise| rise.is_finite());
        let rises = start.rises();
        let next = rises.filter(|(rises, _)| is_known(rises)).and_then(|_| same(1));
        let rise = rises.and_then(|([one, other], share)| {
            let (least, most) = (one.min(other), one.max(other));
            match next {
                Some(_) => (least >= FAR && most <= STEADY * least).then_some(one + (other - one) * share),
                None => (least.is_finite() && least >= FAR_ALONE).then_some(least),
            }
        });
        Guess {
            lowest: lowest.or_else(|| start.lowest(0)),
            other: start.lowest(1),
            is_between: lowest.is_some(),
            next: next.or_else(|| start.next()),
            rise,
        }
    }

    /// Whether two minima are one that moves a little.
    fn are_one(&self, [one, other]: [&[f64]; 2]) -> bool {
        self.parts.iter().all(|(part, own)| part.are_one(&one[own.clone()], &other[own.clone()]))
    }

    /// Lanes that started between two minima that are one, and found theirs there.
    #[inline(always)]
    pub(super) fn is_where_started<S: Simd>(&self, simd: S, guesses: &[Guess; LANES], memory: &Memory) -> mask64x8<S> {
        let between = Lanes(std::array::from_fn(|lane| f64::from(guesses[lane].is_between)));
        between.load(simd).simd_gt(0.0) & self.are_near(simd, &memory.start, memory)
    }
}
