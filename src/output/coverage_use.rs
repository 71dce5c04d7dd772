//! Which critical values a result was made with, for records.

use serde::{Deserialize, Serialize};

use super::coverage_read::SavedCoverage;

/// Critical values from toys beside Wilks'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CoverageUse {
    /// The file that they are from, as it was named.
    pub file: String,
    /// SHA-256 of its contents.
    pub sha256: String,
    /// Confidence level.
    pub confidence: f64,
    /// Seed of its toys.
    pub seed: u64,
    /// Version of the recipe that they were made by.
    pub recipe: i64,
    /// Largest error of the border in ln g, from the number of toys; none where toys did not reach all of it.
    #[serde(default)]
    pub border_error: Option<f64>,
    /// Smallest and largest critical value along the border; none where no border is drawn, as for bounds at some masses,
    /// which have their own critical values beside.
    #[serde(default)]
    pub critical_along_border: Option<[f64; 2]>,
}

impl CoverageUse {
    /// Of a file, at a confidence level.
    pub fn new(saved: &SavedCoverage, file: &str, confidence: f64, along: Option<[f64; 2]>) -> CoverageUse {
        CoverageUse {
            file: file.to_owned(),
            sha256: saved.sha256.clone(),
            confidence,
            seed: saved.seed,
            recipe: saved.recipe,
            border_error: Some(saved.error).filter(|error| error.is_finite()),
            critical_along_border: along,
        }
    }

    /// In words, for captions and files.
    pub fn words(&self) -> String {
        let along = match self.critical_along_border {
            Some([low, high]) => format!(" {low:.2} to {high:.2} along the border"),
            None => String::new(),
        };
        format!("critical values from toys{along} (Feldman and Cousins; seed {}, recipe {})", self.seed, self.recipe)
    }
}
