//! What of a command line is kept with its tiles, and shards.

use std::collections::BTreeMap;
use std::ops::Range;

use clap::CommandFactory as _;

use crate::{Error, Result};

use super::args::Arguments;

/// Flags that change no value of a map, and whether a word follows.
const CHANGE_NOTHING: [(&str, bool); 9] = [
    ("--out", true),
    ("--shard", true),
    ("--threads", true),
    ("--simd", true),
    ("--tile-seconds", true),
    ("--tile-rows", true),
    ("--fresh", false),
    ("--quiet", false),
    ("-q", false),
];

/// The arguments of a scan without those that change nothing; with the SIMD level that they led to.
pub fn arguments(all: impl Iterator<Item = String>, simd: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let mut is_value = false;
    let mut is_subcommand = false;
    for word in all {
        if std::mem::take(&mut is_value) || (word == "scan" && !std::mem::replace(&mut is_subcommand, true)) {
            continue;
        }
        match CHANGE_NOTHING.iter().find(|(flag, _)| word == *flag || word.starts_with(&format!("{flag}="))) {
            Some((flag, has_value)) => is_value = *has_value && word == *flag,
            None => kept.push(word),
        }
    }
    kept.extend(["--simd".to_owned(), simd.to_owned()]);
    kept
}

/// Options whose meaning stands in the key of a scan as such, in one spelling.
const IN_THE_KEY: [&str; 14] = [
    "model",
    "data",
    "mass",
    "coupling",
    "grid",
    "engine",
    "profile",
    "adapter",
    "rates",
    "no-interpolation",
    "confidence",
    "dof",
    "minimum",
    "simd",
];

/// All other options of a scan that may change a byte of its files, by name and as they were typed: whatever is added to
/// the command line is among them unless it is listed as changing nothing.
///
/// # Errors
/// Arguments that are none of a scan.
pub fn options(kept: &[String]) -> Result<BTreeMap<String, String>> {
    let refused = |expected: &str| Error::Unparsable {
        quantity: "arguments of a scan".to_owned(),
        value: typed(kept),
        expected: expected.to_owned(),
    };
    let words = ["cevscan", "scan"].into_iter().map(str::to_owned).chain(kept.iter().cloned());
    let matches = Arguments::command().try_get_matches_from(words);
    let matches = matches.map_err(|error| refused(error.to_string().lines().next().unwrap_or_default()))?;
    let (Some(("scan", matches)), Some(scan)) =
        (matches.subcommand(), Arguments::command().find_subcommand("scan").cloned())
    else {
        return Err(refused("those of a scan"));
    };
    let changes_nothing = |name: &str| CHANGE_NOTHING.iter().any(|(flag, _)| flag.strip_prefix("--") == Some(name));
    let mut options = BTreeMap::new();
    for argument in scan.get_arguments() {
        let Some(name) = argument.get_long().filter(|name| !changes_nothing(name) && !IN_THE_KEY.contains(name)) else {
            continue;
        };
        let values = matches.get_raw(argument.get_id().as_str()).into_iter().flatten();
        let values: Vec<String> = values.map(|value| value.to_string_lossy().into_owned()).collect();
        // What is typed as it is by itself is not typed.
        let by_itself = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
        if !values.is_empty() && values != ["false"] && !by_itself.eq(values.iter().cloned()) {
            options.insert(format!("--{name}"), typed(&values));
        }
    }
    Ok(options)
}

/// Arguments as one types them.
pub fn typed(arguments: &[String]) -> String {
    let quoted = |word: &String| match word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=+:./,%@".contains(c)) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// One part of a scan: `3/16` is the third of sixteen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Counted from 1.
    pub part: usize,
    pub of: usize,
}

impl Shard {
    /// Reads `K/N`.
    ///
    /// # Errors
    /// Anything else, and a part that is none.
    pub fn parse(text: &str) -> Result<Shard> {
        let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
            Some(_) => Err(Error::out_of_range("--shard", text, "K/N with K from 1 to N")),
            None => Err(Error::Unparsable {
                quantity: "shard".to_owned(),
                value: text.to_owned(),
                expected: "K/N, e.g. 3/16".to_owned(),
            }),
        }
    }

    /// The shard that has a row of so many.
    pub fn with_row(row: usize, rows: usize, of: usize) -> Shard {
        // The first part that ends behind the row: border(part) > row.
        let part = ((row as u128 + 1) * of as u128).div_ceil(rows as u128) as usize;
        Shard { part, of }
    }

    /// Its rows: of all about as many, none twice. Empty where there are more shards than rows.
    pub fn rows(self, rows: usize) -> Range<usize> {
        let border = |part: usize| (rows as u128 * part as u128 / self.of as u128) as usize;
        border(self.part - 1)..border(self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_every_row_once() {
        for (rows, of) in [(10, 3), (400, 7), (5, 64), (1, 1)] {
            let covered: Vec<usize> = (1..=of).flat_map(|part| Shard { part, of }.rows(rows)).collect();
            assert_eq!(covered, (0..rows).collect::<Vec<_>>(), "{rows} rows, {of} shards");
        }
    }

    #[test]
    fn a_row_leads_to_its_shard() {
        for (rows, of) in [(10, 3), (400, 7), (5, 64), (1, 1), (7, 7), (3, usize::MAX)] {
            for row in 0..rows {
                assert!(Shard::with_row(row, rows, of).rows(rows).contains(&row), "row {row} of {rows}, {of} shards");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/4"] {
            assert!(Shard::parse(text).is_err(), "{text}");
        }
        assert!(Shard::parse("16/16").is_ok_and(|shard| shard == Shard { part: 16, of: 16 }));
    }

    #[test]
    fn every_option_that_may_change_a_byte_is_in_the_key() {
        let of = |words: &str| options(&words.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
        assert!(of("--model b-l --grid 8x8 --confidence 0.9 --simd avx2").is_empty());
        let all = of("--model b-l --asimov --overlay=x.txt --shade-new");
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        assert_eq!(names, ["--asimov", "--overlay", "--shade-new"]);
    }

    #[test]
    fn only_what_matters_is_kept() {
        let all = "-q scan --model b-l --out a --shard=1/2 --grid 8x8 --threads 2 --simd auto --fresh";
        let kept = arguments(all.split(' ').map(str::to_owned), "avx2");
        assert_eq!(kept.join(" "), "--model b-l --grid 8x8 --simd avx2");
        assert_eq!(typed(&["--model".to_owned(), "my model's.toml".to_owned()]), r"--model 'my model'\''s.toml'");
    }
}
