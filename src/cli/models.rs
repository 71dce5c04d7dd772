//! `cevscan models`.

use std::fmt::Write as _;

use crate::Result;
use crate::analysis::Experiment;
use crate::dataset::Dataset;
use crate::output::{electrons_check, model_check, model_summary};
use crate::physics::model::{Anomalies, Model};
use crate::physics::nuclear::Isotope;

use super::args::{Common, ModelsArgs, ModelsCommand, model, warn};
use super::{SUCCESS, terminal};

/// The nuclei of COHERENT's detectors.
const NUCLEI: [&str; 3] = ["133Cs", "127I", "40Ar"];

/// The dataset whose signal has scattering on electrons.
const WITH_ELECTRONS: &str = "csi-es";

pub fn run(args: &ModelsArgs, common: &Common) -> Result<u8> {
    let text = match &args.command {
        None => list(&Model::all()?),
        Some(ModelsCommand::Show { name, parameters }) => model_summary(&model(name, parameters, common)?),
        Some(ModelsCommand::Check(check)) => {
            let anomalies = if check.strict { Anomalies::Refused } else { Anomalies::Allowed };
            let model = Model::open(&check.file, &check.parameters.values()?, anomalies)?;
            let nuclei = NUCLEI.iter().map(|name| Isotope::named(name)).collect::<Result<Vec<_>>>()?;
            warn(&model, common);
            let experiment = Experiment::new(Dataset::named(WITH_ELECTRONS)?)?;
            model_check(&model, &nuclei) + &electrons_check(&model, &experiment)?
        }
    };
    terminal::result(&text)?;
    Ok(SUCCESS)
}

fn list(models: &[Model]) -> String {
    let mut text = String::new();
    for model in models {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<14}{}", model.name, model.description);
    }
    text
}
