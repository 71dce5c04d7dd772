//! Where an expectation stands in for data, every output says so.

use crate::analysis::Experiment;

use super::digits::words;

/// The datasets whose counts are the Standard Model's expectation.
pub fn expected_data<'a>(experiments: impl IntoIterator<Item = &'a Experiment>) -> Vec<String> {
    let expected = experiments.into_iter().filter(|experiment| experiment.is_expected);
    expected.map(|experiment| experiment.dataset.name.clone()).collect()
}

/// The same as a line of a table; empty where all counts are data.
pub(super) fn expected_line(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("expected: the Standard Model's expectation stands in for the data of {}\n", names.join(", ")),
    }
}

/// The name of a list of datasets, with the word where an expectation stands in for some.
pub(super) fn named(data: &str, names: &[String]) -> String {
    if names.is_empty() { data.to_owned() } else { format!("{data} (expected)") }
}

/// CSV with a last column `expected_data`, the names parted by blanks; as it is where all counts are data.
pub(super) fn expected_column(text: String, names: &[String]) -> String {
    if names.is_empty() {
        return text;
    }
    let cell = words(&names.join(" ")).into_owned();
    let line =
        |(number, line): (usize, &str)| format!("{line},{}\n", if number == 0 { "expected_data" } else { &cell });
    text.lines().enumerate().map(line).collect()
}
