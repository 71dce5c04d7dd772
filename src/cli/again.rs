//! The model and the data that made a map, from its record.

use crate::Result;
use crate::analysis::Analysis;
use crate::output::RunRecord;
use crate::scan::ScanRequest;

use super::args::{AgainArgs, Common, asimov, experiments, warn};

/// What a map was asked for by, as its record has it but for what is named anew.
///
/// # Errors
/// What is no parameter and value.
pub fn asked(record: &RunRecord, anew: &AgainArgs) -> Result<ScanRequest> {
    let mut asked = record.request();
    asked.model = anew.model.clone().unwrap_or(asked.model);
    asked.data = anew.data.clone().unwrap_or(asked.data);
    asked.parameters.extend(anew.parameters.values()?);
    Ok(asked)
}

/// The analysis that a request leads to; what is amiss with it is said on stderr.
///
/// # Errors
/// A model or data that cannot be read.
pub fn analysis(asked: &ScanRequest, common: &Common) -> Result<Analysis> {
    let model = asked.model()?;
    warn(&model, common);
    let mut experiments = experiments(&asked.data, asked.couplings, common)?;
    if asked.asimov {
        experiments = asimov(&experiments, asked.couplings)?;
    }
    Ok(Analysis::new(&model, &experiments))
}
