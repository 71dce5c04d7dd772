//! Measurements of GPUs, kept between runs in the user's cache folder. A cache that cannot be read or written costs a
//! new measurement, never a failure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cevscan::analysis::Analysis;
use cevscan::base::files::write_file;
use cevscan::base::reading::{self, Kind};
use cevscan::benchmark::choice::GpuSpeed;
use cevscan::output::json;
use cevscan::rates::gpu::AdapterChoice;

/// Folder for the cache, instead of the system's.
const FOLDER_VARIABLE: &str = "CEVSCAN_CACHE";

/// What is known for one kind of work.
pub struct Measured {
    path: Option<PathBuf>,
    all: BTreeMap<String, GpuSpeed>,
    key: String,
}

impl Measured {
    /// What was measured before by this version, for these datasets, adapter and threads.
    pub fn load(analysis: &Analysis, adapter: &AdapterChoice) -> Measured {
        let path = folder().map(|folder| folder.join("engines.json"));
        let text = path.as_ref().and_then(|path| reading::text(path, Kind::Record).ok());
        let all = text.map(|text| GpuSpeed::parse_all(&text)).unwrap_or_default();
        let threads = rayon::current_num_threads();
        let simd =
            analysis.channels.first().map_or(String::new(), |channel| channel.experiment.rows.simd().to_string());
        let adapter = adapter.name.as_deref().unwrap_or("best");
        let key = format!(
            "cevscan {}, {}, {threads} threads, {simd}, adapter {adapter}",
            env!("CARGO_PKG_VERSION"),
            analysis.data_name()
        );
        Measured { path, all, key }
    }

    /// The measurement, if there is one.
    pub fn speed(&self) -> Option<&GpuSpeed> {
        self.all.get(&self.key)
    }

    /// Keeps a measurement; says what became of it.
    pub fn keep(&mut self, speed: GpuSpeed) -> &'static str {
        self.all.insert(self.key.clone(), speed);
        let written = self.path.as_ref().and_then(|path| {
            std::fs::create_dir_all(path.parent()?).ok()?;
            write_file(path, json(&self.all).ok()?.as_bytes()).ok()
        });
        if written.is_some() { "measured now and kept" } else { "measured now" }
    }
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from).or_else(|| dirs::cache_dir().map(|dir| dir.join("cevscan")))
}
