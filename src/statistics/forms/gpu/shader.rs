//! The shader's text for the datasets at hand, and where everything lies in its buffers.
//!
//! `build.rs` includes this file as well.
#![allow(dead_code, reason = "build.rs reads some of it, the crate the rest")]

use super::shared::{UNWRITTEN, WORKGROUP, WRITTEN};
use super::wgsl::{Line, assemble};

/// Minima that are kept of a row.
const MINIMA: usize = 3;
/// Minima that are followed, as many as on the CPU (`search.rs`): in the truth's row, and all.
const ROW_SLOTS: usize = 3;
const SLOTS: usize = 8;
/// Walkers of a toy: those of truth, Standard Model and slots.
pub(crate) const WALKERS: usize = 2 + SLOTS;
/// Words that come back of a toy.
pub(crate) const RESULTS: usize = 8;
/// Steps of a descent, and along one row.
const MOST_STEPS: usize = 32;
const STEPS_OF_ROW: usize = 6;

const POISSON: Piece = ("shaders/poisson.wgsl", include_str!("../../../../shaders/poisson.wgsl"));
const TOYS: Piece = ("shaders/toys.wgsl", include_str!("../../../../shaders/toys.wgsl"));
const DESCENT: Piece = ("shaders/toys_descent.wgsl", include_str!("../../../../shaders/toys_descent.wgsl"));
const FORM: Piece = ("shaders/toys_form.wgsl", include_str!("../../../../shaders/toys_form.wgsl"));
const CURVE: Piece = ("shaders/toys_curve.wgsl", include_str!("../../../../shaders/toys_curve.wgsl"));

/// A piece of WGSL: path from the crate's root, text.
type Piece = (&'static str, &'static str);

/// A dataset's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub energies: usize,
    pub times: usize,
    pub classes: usize,
    pub signals: usize,
    pub backgrounds: usize,
    /// Measured backgrounds that are drawn anew.
    pub measured: usize,
    pub is_gaussian: bool,
    /// Whether the variance follows the counts.
    pub follows: bool,
}

/// What the shader is specialised for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    pub datasets: Vec<Sizes>,
    /// Masses, the truth's own included.
    pub rows: usize,
    /// How many of them are scanned: every so many, and the last.
    pub scanned: usize,
    pub stride: usize,
    /// The same for the form of the Standard Model.
    pub few: usize,
    /// Couplings of each.
    pub steps: usize,
    /// Whether two counts share a word.
    pub is_packed: bool,
}

const fn pairs(n: usize) -> usize {
    n * (n + 1) / 2
}

impl Sizes {
    pub(crate) fn bins(&self) -> usize {
        self.energies * self.times
    }

    fn channels(&self) -> usize {
        self.classes * self.energies
    }

    fn row(&self) -> usize {
        3 * self.channels() + 5 * self.energies * pairs(self.classes)
    }

    /// Numbers of a form: what curves are made of, then what only the walker needs.
    fn form(&self) -> [usize; 8] {
        let linear = self.signals * self.channels();
        let quadratic = pairs(self.signals) * self.energies * pairs(self.classes);
        let bins = self.bins();
        [1, linear, linear * self.backgrounds, quadratic, bins, bins, pairs(self.backgrounds), self.backgrounds]
    }

    /// Its tables: priors, slots of measured backgrounds, columns, linear, quadratic, shares, changes, what the variance has
    /// beyond the counts, the first reference, rows.
    fn tables(&self, rows: usize) -> [usize; 10] {
        let bins = self.bins();
        [
            self.signals + self.backgrounds,
            self.backgrounds,
            bins * self.backgrounds,
            bins * self.classes * self.signals,
            bins * pairs(self.signals) * pairs(self.classes),
            self.classes * self.times,
            bins * self.signals,
            bins,
            bins + self.backgrounds,
            rows * self.row(),
        ]
    }

    /// Words drawn of a toy: counts, centres, factors.
    fn drawn(&self, is_packed: bool) -> [usize; 3] {
        let counts = if is_packed { self.bins().div_ceil(2) } else { self.bins() };
        [counts, self.signals + self.backgrounds, self.measured * self.energies]
    }
}

impl Variant {
    /// Variants that the build checks: the smallest, both statistics together, a variance that is given.
    pub(crate) fn samples() -> Vec<Variant> {
        let poisson = Sizes {
            energies: 9,
            times: 11,
            classes: 2,
            signals: 1,
            backgrounds: 3,
            measured: 1,
            is_gaussian: false,
            follows: false,
        };
        let gaussian =
            Sizes { energies: 12, times: 10, signals: 3, backgrounds: 6, is_gaussian: true, follows: true, ..poisson };
        let smallest = Sizes { energies: 1, times: 1, classes: 1, backgrounds: 0, measured: 0, ..poisson };
        let given = Sizes { follows: false, measured: 0, ..gaussian };
        let of = |datasets: &[Sizes], is_packed| Variant {
            datasets: datasets.to_vec(),
            rows: 82,
            scanned: 42,
            stride: 2,
            few: 8,
            steps: 64,
            is_packed,
        };
        vec![of(&[poisson, gaussian], true), of(&[smallest], true), of(&[given], false)]
    }

    /// Where each dataset's words stand among those drawn, and how many there are.
    pub(crate) fn drawn(&self) -> (Vec<[usize; 3]>, usize) {
        places(self.datasets.iter().map(|sizes| sizes.drawn(self.is_packed)), 0)
    }

    /// Where each dataset's tables stand, and how many numbers all have, the shared ones at the end.
    pub(crate) fn tables(&self) -> (Vec<[usize; 10]>, usize) {
        let (places, end) = places(self.datasets.iter().map(|sizes| sizes.tables(self.rows)), 0);
        (places, end + self.steps + self.rows + 1)
    }

    /// Words of a walker, and of the forms that are fixed for a toy.
    pub(crate) fn scratch(&self) -> [usize; 2] {
        let (_, scratch, fixed) = self.forms();
        [scratch.max(1), fixed.max(1)]
    }

    /// Words of a toy's notes.
    pub(crate) fn notes(&self) -> usize {
        self.scanned * MINIMA * 2 + SLOTS + 4 * SLOTS
    }

    /// Places of each dataset's form with its reference and the next signal, and how much there is of walkers and toys.
    fn forms(&self) -> (Vec<[usize; 10]>, usize, usize) {
        let (mut scratch, mut fixed) = (0, 0);
        let mut all = Vec::new();
        for sizes in &self.datasets {
            let [a, b, c, d, e, f, g, h] = sizes.form();
            let lengths = [a, b, c, d, e, f, g, h, sizes.bins() + sizes.backgrounds, sizes.bins()];
            let target = if sizes.is_gaussian { &mut fixed } else { &mut scratch };
            let (own, end) = places(std::iter::once(lengths), *target);
            *target = end;
            all.extend(own);
        }
        (all, scratch, fixed)
    }

    /// Multiplications and additions of a usual toy, for estimates of work.
    pub(crate) fn work(&self) -> u64 {
        let of_dataset = |sizes: &Sizes| {
            let curve = sizes.channels() * sizes.signals * (1 + sizes.backgrounds) * 3
                + pairs(sizes.signals) * (5 * sizes.energies * pairs(sizes.classes) + 9 * sizes.backgrounds);
            let place = 12 * pairs(sizes.signals) + 10 * sizes.signals;
            let build = sizes.bins()
                * (60 + pairs(sizes.backgrounds) + sizes.classes * sizes.signals * (2 + sizes.backgrounds));
            self.scanned * (curve + self.steps * place) + 40 * curve + 25 * build
        };
        self.datasets.iter().map(of_dataset).sum::<usize>() as u64
    }

    fn constants(&self) -> Vec<(String, usize)> {
        let (tables, end) = self.tables();
        let shared = end - self.steps - self.rows - 1;
        let mut constants: Vec<(String, usize)> = [
            ("WORKGROUP", WORKGROUP as usize),
            ("UNWRITTEN", UNWRITTEN as usize),
            ("PACKED", usize::from(self.is_packed)),
            ("DRAWN", self.drawn().1),
            ("OWN_ROW", self.rows - 1),
            ("SCANNED", self.scanned),
            ("STRIDE", self.stride),
            ("FEW", self.few),
            ("STEPS", self.steps),
            ("MINIMA", MINIMA),
            ("SLOTS", SLOTS),
            ("ROW_SLOTS", ROW_SLOTS),
            ("MOST_STEPS", MOST_STEPS),
            ("STEPS_OF_ROW", STEPS_OF_ROW),
            ("STEPS_AT", shared),
            ("MASSES_AT", shared + self.steps),
            ("TRUTH_AT", shared + self.steps + self.rows),
            ("SEEDS_AT", self.scanned * MINIMA * 2),
            ("FOUND_AT", self.scanned * MINIMA * 2 + SLOTS),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        let (drawn, (forms, _, _)) = (self.drawn().0, self.forms());
        for (index, sizes) in self.datasets.iter().enumerate() {
            let mut add = |name: &str, value: usize| constants.push((format!("{name}{index}"), value));
            let [of_signals, of_classes] = [pairs(sizes.signals), pairs(sizes.classes)];
            for (name, value) in [
                ("ENERGIES", sizes.energies),
                ("TIMES", sizes.times),
                ("BINS", sizes.bins()),
                ("CLASSES", sizes.classes),
                ("CHANNELS", sizes.channels()),
                ("SIGNALS", sizes.signals),
                ("BACKGROUNDS", sizes.backgrounds),
                ("MEASURED", sizes.measured),
                ("GAUSSIAN", usize::from(sizes.is_gaussian)),
                ("FOLLOWS", usize::from(sizes.follows)),
                ("PAIRS", of_signals),
                ("CLASS_PAIRS", of_classes),
                ("PAIRS_PAIRS", of_signals * of_classes),
                ("PRODUCTS", sizes.energies * of_classes),
                ("LINEARS", 3 * sizes.signals),
                ("QUADRATICS", 5 * of_signals),
                ("CLASSES_SIGNALS", sizes.classes * sizes.signals),
                // An array of WGSL is never empty.
                ("CLASSES_SIGNALS_BACKGROUNDS", (sizes.classes * sizes.signals * sizes.backgrounds).max(1)),
                ("PROJECTED", (3 * sizes.signals * sizes.backgrounds).max(1)),
                ("AT_LEAST_ONE", sizes.backgrounds.max(1)),
                ("AT_LEAST_ONE_PAIR", pairs(sizes.backgrounds).max(1)),
                ("ROW", sizes.row()),
            ] {
                add(name, value);
            }
            let names = [
                "PRIORS",
                "SLOTS",
                "COLUMNS",
                "LINEAR",
                "QUADRATIC",
                "SHARES",
                "RELATIVE",
                "BEYOND",
                "START",
                "NUMBERS",
            ];
            names.into_iter().zip(tables[index]).for_each(|(name, place)| add(name, place));
            let names = ["COUNTS", "CENTRES", "FACTORS"];
            names.into_iter().zip(drawn[index]).for_each(|(name, place)| add(name, place));
            let names = [
                "CONSTANT",
                "OF_LINEAR",
                "OF_PROJECTION",
                "OF_QUADRATIC",
                "WEIGHTS",
                "SLOPES",
                "FACTOR",
                "SOLVED",
                "REFERENCE",
                "NEXT",
            ];
            names.into_iter().zip(forms[index]).for_each(|(name, place)| add(name, place));
        }
        constants
    }

    /// What is done to all datasets in turn.
    fn all_datasets(&self) -> String {
        let call = |of: &dyn Fn(usize, &Sizes) -> String| -> String {
            self.datasets.iter().enumerate().map(|(index, sizes)| of(index, sizes)).collect()
        };
        let poisson = |line: &dyn Fn(usize) -> String| {
            call(&|index, sizes| if sizes.is_gaussian { String::new() } else { line(index) })
        };
        let sum = |name: &str| -> String {
            let terms: Vec<String> = (0..self.datasets.len()).map(|index| format!("{name}{index}(x)")).collect();
            terms.join(" + ")
        };
        [
            format!("fn start(toy: u32, walker: u32) {{\n{}}}\n", call(&|i, _| format!("start{i}(toy, walker);\n"))),
            format!(
                "fn fix(toy: u32) {{\n{}}}\n",
                call(&|i, sizes| if sizes.is_gaussian { format!("build{i}(toy, toy);\n") } else { String::new() })
            ),
            format!(
                "fn build(toy: u32, walker: u32) -> bool {{\nvar good = true;\n{}return good;\n}}\n",
                poisson(&|i| format!("good = build{i}(toy, walker) && good;\n"))
            ),
            format!(
                "fn advance(toy: u32, source: u32, walker: u32, row: u32, x: f32) -> f32 {{\nvar way = 0.0;\n{}return way;\n}}\n",
                poisson(&|i| format!("way += advance{i}(toy, source, walker, row, x);\n"))
            ),
            format!(
                "fn curves(toy: u32, walker: u32, row: u32) {{\n{}}}\n",
                call(&|i, _| format!("curve{i}(toy, walker, row);\n"))
            ),
            format!("fn chi2_of_all(x: f32) -> f32 {{\nreturn {};\n}}\n", sum("chi2")),
            format!("fn slopes(x: f32) -> vec3<f32> {{\nreturn {};\n}}\n", sum("slopes")),
        ]
        .concat()
    }

    /// The whole text, line by line.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut pieces: Vec<(&'static str, String)> =
            [WRITTEN, POISSON, TOYS, DESCENT].into_iter().map(|(path, text)| (path, text.to_owned())).collect();
        for index in 0..self.datasets.len() {
            for (path, text) in [FORM, CURVE] {
                pieces.push((path, text.replace('@', &index.to_string())));
            }
        }
        pieces.push((file!(), self.all_datasets()));
        assemble(&self.constants(), &pieces)
    }
}

/// Places of pieces of such lengths, one after the other, and the end.
fn places<const N: usize>(lengths: impl Iterator<Item = [usize; N]>, first: usize) -> (Vec<[usize; N]>, usize) {
    let mut next = first;
    let places = lengths.map(|lengths| {
        lengths.map(|length| {
            next += length;
            next - length
        })
    });
    let places = places.collect();
    (places, next)
}
