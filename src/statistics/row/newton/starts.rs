//! Where fits start: from the last minima of a stretch, from minima that are known near by, or cold.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::deformed::Held;
use super::super::known::{HeldBin, Known, Source};
use super::super::lanes::{LANES, Lanes};
use super::super::part;
use super::super::reference::Reference;
use super::guess::Guess;
use super::{Memory, Newton};

impl Newton {
    /// The minimum that the reference found in one lane: the next point starts from it.
    pub(super) fn found(&self, lane: usize, reference: &Reference, memory: &mut Memory) {
        let newest = &mut memory.history[0];
        for (dataset, (part, own)) in self.parts.iter().enumerate() {
            for (i, target) in newest[own.clone()].iter_mut().enumerate() {
                target.0[lane] = part.value(i, |parameter| reference.value(dataset, parameter));
            }
        }
        for (shared, target) in newest[self.first_shared..].iter_mut().enumerate() {
            target.0[lane] = reference.pull(shared);
        }
        for ((part, own), part_memory) in self.parts.iter().zip(&mut memory.parts) {
            part.hold_as_found(lane, &memory.history[0][own.clone()], part_memory);
        }
        memory.minima.forget_next(lane);
    }

    /// Starting values of the `step`-th point of a stretch. The minima before move down by one; the place of the newest
    /// is free.
    #[inline(always)]
    pub(super) fn start<S: Simd>(&self, simd: S, step: usize, memory: &mut Memory) {
        if step > 0 {
            let [newest, second, third] = &mut memory.history;
            for i in 0..self.parameters {
                let (a, b, c) = (newest[i].load(simd), second[i].load(simd), third[i].load(simd));
                memory.values[i].store(match step {
                    1 => a,
                    2 => a * 2.0 - b,
                    _ => (a - b).mul_add(3.0, c),
                });
                third[i].store(b);
                second[i].store(a);
            }
            self.place_shared(simd, memory);
            return;
        }
        self.cold_start(simd, mask64x8::splat(simd, true), true, memory);
    }

    /// The priors' centres, with no more signal than the counts leave room for; or where a strong one is weakened most.
    #[inline(never)]
    pub(super) fn cold_start<S: Simd>(&self, simd: S, lanes: mask64x8<S>, is_weakened: bool, memory: &mut Memory) {
        simd.vectorize(
            #[inline(always)]
            || self.cold_start_of(simd, lanes, is_weakened, memory),
        );
    }

    #[inline(always)]
    pub(super) fn cold_start_of<S: Simd>(&self, simd: S, lanes: mask64x8<S>, is_weakened: bool, memory: &mut Memory) {
        let zero = f64x8::splat(simd, 0.0);
        for ((part, own), memory_of_part) in self.parts.iter().zip(&mut memory.parts) {
            part.free(simd, lanes, memory_of_part);
            for (i, value) in memory.values[own.clone()].iter_mut().enumerate() {
                value.store(lanes.select(part.cold_start(simd, i, memory_of_part), value.load(simd)));
            }
            part.start_strong(simd, lanes, is_weakened, &mut memory.values[own.clone()], memory_of_part);
        }
        for pull in &mut memory.values[self.first_shared..] {
            pull.store(lanes.select(zero, pull.load(simd)));
        }
        self.place_shared(simd, memory);
    }

    /// The shared parameters in each dataset, where their pulls have them.
    #[inline(always)]
    pub(super) fn place_shared<S: Simd>(&self, simd: S, memory: &mut Memory) {
        let (values, pulls) = memory.values.split_at_mut(self.first_shared);
        if !pulls.is_empty() {
            for ((part, own), memory) in self.parts.iter().zip(&memory.parts) {
                part.place_shared(simd, pulls, &mut values[own.clone()], memory);
            }
        }
    }

    /// Starting values at minima that are known near by, or between them, in each lane its own; where none are, cold ones.
    #[inline(never)]
    pub(super) fn start_near<S: Simd>(&self, simd: S, guesses: &[Guess; LANES], memory: &mut Memory) {
        let cold = Lanes(guesses.each_ref().map(|guess| f64::from(guess.lowest.is_none()))).load(simd).simd_gt(0.0);
        if cold.any_true() {
            self.cold_start(simd, cold, true, memory);
        }
        for (lane, guess) in guesses.iter().enumerate() {
            if let Some(source) = guess.lowest {
                self.start_from(lane, source, memory);
            }
        }
        self.watch_held(simd, memory);
        memory.start.copy_from_slice(&memory.values);
    }

    /// Goes to a minimum that is known near by, in one lane; [`Newton::watch_held`] once it is done in all.
    pub(super) fn start_from(&self, lane: usize, source: Source, memory: &mut Memory) {
        for (value, known) in memory.values.iter_mut().zip(source.values()) {
            value.0[lane] = known;
        }
        for (dataset, part) in memory.parts.iter_mut().enumerate() {
            if let Some(held) = part.held() {
                held.hold_in_lane(lane, source.held(dataset));
            }
        }
    }

    /// After bins were held in single lanes; what datasets share is where the pulls have it.
    #[inline(always)]
    pub(super) fn watch_held<S: Simd>(&self, simd: S, memory: &mut Memory) {
        memory.parts.iter_mut().filter_map(part::Memory::held).for_each(Held::watch);
        self.place_shared(simd, memory);
    }

    /// Keeps what was found in one lane.
    pub(super) fn record(&self, lane: usize, point: usize, memory: &mut Memory, known: &mut Known) {
        fn bins<'h>(held: impl Iterator<Item = Option<&'h Held>>, lane: usize) -> Vec<HeldBin> {
            let of = |(dataset, held): (usize, Option<&'h Held>)| {
                held.into_iter().flat_map(move |held| held.in_lane(lane)).map(move |(bin, multiplier)| HeldBin {
                    dataset: dataset as u16,
                    bin: bin as u16,
                    multiplier: multiplier as f32,
                })
            };
            held.enumerate().flat_map(of).collect()
        }
        let rise = memory.minima.rise(lane);
        known.begin(self.parameters, point, rise);
        let held = bins(memory.parts.iter_mut().map(|part| part.held().map(|held| &*held)), lane);
        known.put(memory.history[0].iter().map(|value| value.0[lane]), held.into_iter());
        let (values, held) = memory.minima.next();
        let held = if rise.is_finite() { bins(held, lane) } else { Vec::new() };
        known.put(values.iter().map(|value| value.0[lane]), held.into_iter());
    }
}
