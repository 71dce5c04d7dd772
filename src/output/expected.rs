//! Where an expectation stands in for data, every output says so.

use crate::analysis::Analysis;

/// The datasets whose counts are the Standard Model's expectation.
pub fn expected_data(analysis: &Analysis) -> Vec<String> {
    let expected = analysis.channels.iter().filter(|channel| channel.experiment.is_expected);
    expected.map(|channel| channel.experiment.dataset.name.clone()).collect()
}

/// The same as a line of a table; empty where all counts are data.
pub(super) fn expected_line(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("expected: the Standard Model's expectation stands in for the data of {}\n", names.join(", ")),
    }
}
