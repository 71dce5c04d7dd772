//! Measurements of GPUs, kept between runs in the user's cache folder. A cache that cannot be read or written costs a
//! new measurement, never a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::analysis::Analysis;
use crate::base::files::Results;
use crate::base::reading::{self, Kind};
use crate::benchmark::choice::GpuSpeed;
use crate::output::json;
use crate::rates::gpu::AdapterChoice;

/// The measurements, by kind of work.
const FILE: &str = "engines.json";
/// Folder for the cache, instead of the system's.
const FOLDER_VARIABLE: &str = "CEVSCAN_CACHE";

/// What is known for one kind of work.
pub struct Measured {
    folder: Option<PathBuf>,
    all: BTreeMap<String, GpuSpeed>,
    key: String,
}

impl Measured {
    /// What was measured before by this version, for these datasets, adapter and threads.
    pub fn load(analysis: &Analysis, adapter: &AdapterChoice) -> Measured {
        let folder = folder();
        let all = folder.as_deref().map(kept).unwrap_or_default();
        let threads = rayon::current_num_threads();
        let simd = analysis
            .predictions
            .first()
            .map_or(String::new(), |prediction| prediction.experiment.rows.simd().to_string());
        let adapter = adapter.name.as_deref().unwrap_or("best");
        let key = format!(
            "cevscan {}, {}, {threads} threads, {simd}, adapter {adapter}",
            env!("CARGO_PKG_VERSION"),
            analysis.data_name()
        );
        Measured { folder, all, key }
    }

    /// The same of toys.
    pub fn of_toys(analysis: &Analysis, adapter: &AdapterChoice) -> Measured {
        let mut measured = Measured::load(analysis, adapter);
        measured.key.push_str(", toys");
        measured
    }

    /// The measurement, if there is one.
    pub fn speed(&self) -> Option<&GpuSpeed> {
        self.all.get(&self.key)
    }

    /// Keeps a measurement; says what became of it.
    pub fn keep(&mut self, speed: GpuSpeed) -> &'static str {
        self.all.insert(self.key.clone(), speed.clone());
        let written = self.folder.as_ref().and_then(|folder| {
            // Nothing else is kept there, so what stands in the way is no user's.
            let results = Results::wait(folder).ok()?.fresh(true);
            // What others have kept meanwhile stays.
            let mut all = kept(folder);
            all.insert(self.key.clone(), speed);
            let mut staged = results.stage();
            staged.add_bytes(FILE, json(&all).ok()?.as_bytes()).ok()?;
            staged.publish().ok()
        });
        if written.is_some() { "measured now and kept" } else { "measured now" }
    }
}

/// All that is kept in a folder.
fn kept(folder: &Path) -> BTreeMap<String, GpuSpeed> {
    reading::text(&folder.join(FILE), Kind::Record).map(|text| GpuSpeed::parse_all(&text)).unwrap_or_default()
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from).or_else(|| dirs::cache_dir().map(|dir| dir.join("cevscan")))
}
