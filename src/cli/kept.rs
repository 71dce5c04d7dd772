//! A scan in words: the options that lead to a request and its drawing, and shards.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::analysis::limits::Minimum;
use crate::base::provenance::Inputs;
use crate::scan::{ProfileOn, ScanRequest};
use crate::{Error, Result};

use super::args::Drawing;

/// Options of a picture that was asked for, by name, each with what was typed; `true` where that is the name alone.
pub fn options_of(drawing: &Drawing) -> Result<Vec<(String, Vec<String>)>> {
    let usual = value_of(&Drawing::default())?;
    let asked = value_of(drawing)?.into_iter().filter(|(name, value)| usual.get(name) != Some(value));
    let texts = |value: Value| match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        other => vec![other.to_string()],
    };
    Ok(asked.map(|(name, value)| (format!("--{name}"), texts(value))).collect())
}

/// A part of a drawing with all its options by name.
pub fn value_of(drawing: &impl serde::Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(drawing) {
        Ok(Value::Object(options)) => Ok(options),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(Error::Encoding { what: "JSON", reason: error.to_string() }),
    }
}

/// All that may change a byte of the files of a scan and is no input of every scan, by name.
///
/// # Errors
/// Paths that are no Unicode.
pub fn options(request: &ScanRequest, drawing: &Drawing) -> Result<Inputs> {
    let parameters: Vec<String> = request.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let of_request = [
        (!parameters.is_empty()).then(|| ("--parameter".to_owned(), parameters)),
        (!request.couplings.is_usual()).then(|| ("--couplings".to_owned(), vec![request.couplings.name().to_owned()])),
        request.asimov.then(|| ("--asimov".to_owned(), vec!["true".to_owned()])),
    ];
    let all = of_request.into_iter().flatten().chain(options_of(drawing)?);
    Ok(all.map(|(name, values)| (name, typed(&values))).collect())
}

/// The words after `scan` that ask for the same.
///
/// # Errors
/// As for [`options`].
pub fn words(request: &ScanRequest, drawing: &Drawing) -> Result<Vec<String>> {
    let ScanRequest { model, parameters, data, mass_mev, coupling, grid, confidence, dof, minimum, engine, .. } =
        request;
    let usual = ScanRequest::new(model.clone(), data.clone());
    let range = |[low, high]: &[f64; 2]| format!("{low}:{high}");
    let unless = |is_usual: bool, name: &str, value: String| (!is_usual).then(|| vec![name.to_owned(), value]);
    let profile = engine.profile.map(|profile| if profile == ProfileOn::Gpu { "gpu" } else { "cpu" });
    let mut words = vec!["--model".to_owned(), model.clone(), "--data".to_owned(), data.clone()];
    words.extend(parameters.iter().map(|(name, value)| format!("--parameter={name}={value}")));
    words.extend((!request.couplings.is_usual()).then(|| format!("--couplings={}", request.couplings.name())));
    words.extend(request.asimov.then(|| "--asimov".to_owned()));
    let options = [
        unless(*mass_mev == usual.mass_mev, "--mass", range(mass_mev)),
        unless(*coupling == usual.coupling, "--coupling", range(coupling)),
        unless(*grid == usual.grid, "--grid", format!("{}x{}", grid[0], grid[1])),
        unless(engine.name == usual.engine.name, "--engine", engine.name.name().to_owned()),
        profile.map(|profile| vec!["--profile".to_owned(), profile.to_owned()]),
        engine.adapter.as_ref().map(|adapter| vec![format!("--adapter={adapter}")]),
        (!engine.interpolates).then(|| vec!["--no-interpolation".to_owned()]),
        unless(*confidence == usual.confidence, "--confidence", confidence.to_string()),
        unless(*dof == usual.dof, "--dof", dof.to_string()),
        unless(*minimum == Minimum::usual(*dof), "--minimum", minimum.name().to_owned()),
        request.simd.map(|simd| vec!["--simd".to_owned(), simd.to_string()]),
    ];
    words.extend(options.into_iter().flatten().flatten());
    for (name, values) in options_of(drawing)? {
        match values.as_slice() {
            [value] if value == "true" => words.push(name),
            values => words.extend(values.iter().map(|value| format!("{name}={value}"))),
        }
    }
    Ok(words)
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
    use clap::{CommandFactory as _, Parser as _};

    use super::super::args::{Arguments, Command};
    use super::*;
    use crate::base::simd::SimdLevel;

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

    /// As typed, and what was understood.
    fn scan(words: &[String]) -> (ScanRequest, Drawing) {
        let all = ["cevscan".to_owned(), "scan".to_owned()].into_iter().chain(words.iter().cloned());
        match Arguments::try_parse_from(all).map(|arguments| arguments.command) {
            Ok(Command::Scan(scan)) => (scan.request(SimdLevel::Baseline).unwrap(), scan.drawing),
            Ok(_) => panic!("another command"),
            Err(error) => panic!("{words:?}: {error}"),
        }
    }

    const ALL: &str = "--model b-l --data lar --parameter y=-1 --couplings 2024 --mass 1keV:1e5 --coupling 3e-7:0.1 --grid 8x9 --asimov \
                       --engine gpu --profile cpu --adapter x --no-interpolation --confidence 0.9 --dof 1 --minimum plane \
                       --critical c.npz --others borexino=strict,na64 --overlay x.txt,mass=MeV --darkcast d --limit a b \
                       --limits-table t --shade-new --label-others none --width 86mm --font-size 9 --palette grey \
                       --no-caption --no-best-fit --axis mass=1:10 --axis coupling=1:2 --g-2=2025";

    #[test]
    fn the_words_of_a_request_ask_for_it() {
        let split = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for text in [ALL, "--model b-l", "--model b-l --dof 1 --rates direct --g-2"] {
            let (request, drawing) = scan(&split(text));
            let words = words(&request, &drawing).unwrap();
            let (again, drawn) = scan(&words);
            assert_eq!(again, request, "{words:?}");
            assert_eq!(value_of(&drawn).unwrap(), value_of(&drawing).unwrap(), "{words:?}");
            let text = serde_json::to_string(&(&request, &drawing)).unwrap();
            let (again, drawn): (ScanRequest, Drawing) = serde_json::from_str(&text).unwrap();
            assert_eq!((again, value_of(&drawn).unwrap()), (request, value_of(&drawing).unwrap()), "{text}");
        }
    }

    /// Whatever is added to the command line has to be kept, or to be one that changes no byte of a map.
    #[test]
    fn every_option_that_may_change_a_byte_is_kept() {
        const CHANGE_NOTHING: [&str; 9] =
            ["out", "shard", "threads", "simd", "tile-seconds", "tile-rows", "fresh", "quiet", "rates"];
        const OF_OTHER_PARAMETERS: [&str; 3] = ["x", "y", "set"];
        let command = Arguments::command();
        let options = command.find_subcommand("scan").unwrap().get_arguments().filter_map(|option| option.get_long());
        let typed: Vec<&str> = ALL.split_whitespace().filter_map(|word| word.strip_prefix("--")).collect();
        let typed: Vec<&str> = typed.iter().map(|word| word.split('=').next().unwrap()).collect();
        for option in options {
            let is_known = CHANGE_NOTHING.contains(&option) || OF_OTHER_PARAMETERS.contains(&option);
            assert!(is_known != typed.contains(&option), "--{option}");
        }
    }

    #[test]
    fn options_are_told_by_their_names() {
        let words = "--model b-l --grid 8x8 --confidence 0.9 --palette okabe-ito".split(' ').map(str::to_owned);
        let (request, drawing) = scan(&words.collect::<Vec<_>>());
        assert!(options(&request, &drawing).unwrap().is_empty());
        let words = "--model b-l --asimov --overlay=x.txt --shade-new".split(' ').map(str::to_owned);
        let (request, drawing) = scan(&words.collect::<Vec<_>>());
        let told: Vec<(String, String)> = options(&request, &drawing).unwrap().into_iter().collect();
        let expected = [("--asimov", "true"), ("--overlay", "x.txt"), ("--shade-new", "true")];
        assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(typed(&["--model".to_owned(), "my model's.toml".to_owned()]), r"--model 'my model'\''s.toml'");
    }
}
