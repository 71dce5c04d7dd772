//! Every quantitative figure and table of the paper anew, and a report that a person would rather read than a folder of
//! files.
//!
//! A product is a group of files that follow from stated inputs: program, models, data, grid. The folder's manifest holds
//! the inputs and the digest of each file, so a second run makes only what has changed or is missing. What was
//! altered is the user's and stays, unless the user says otherwise.
//! No product knows another one; the report, last, is made of what the files say.

mod events;
mod exclusions;
mod figure;
mod manifest;
mod product;
mod rates;
pub mod report;
mod tables;
mod write_report;

pub use figure::FigureRecord;
pub use manifest::{Entry, MANIFEST, Manifest};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::analysis::Experiment;
use crate::base::files::Results;
use crate::others::recast::KnownLimit;
use crate::output::{Table, json};
use crate::physics::model::Model;
use crate::physics::muon_g2::Deviation;
use crate::plot::overlay::Labels;
use crate::scan::{Device, Observer};
use crate::{Error, Result};

use crate::base::provenance::{fingerprint, sha256};
use product::{Made, Product, Share};

/// The report's name in the folder.
pub const REPORT: &str = "index.html";
const FIGURES: &str = "figures";
const TABLES: &str = "tables";

/// What to reproduce with.
pub struct Settings<'a> {
    /// Program and version, with what tells one build from another.
    pub program: String,
    /// The command line, for the report.
    pub command: String,
    /// The models; those that the figures need must be among them.
    pub models: Vec<Model>,
    /// The datasets.
    pub experiments: Vec<Experiment>,
    /// Points along mass and coupling of each map.
    pub grid: (usize, usize),
    /// Rise of chi2 at the border of an excluded region.
    pub delta_chi2: f64,
    /// What the muon's magnetic moment asks for.
    pub deviation: Deviation,
    /// Where rates are evaluated.
    pub device: Device<'a>,
    /// Limits of others behind the excluded regions, by the model's name.
    pub known_limits: BTreeMap<String, Vec<KnownLimit>>,
    /// What they are drawn as, and what names them.
    pub label_others: Labels,
    /// Whether files that are in the way are written over though the program did not write them, or not so.
    pub fresh: bool,
}

/// What a run has done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Products made, in order.
    pub made: Vec<String>,
    /// Products that stood there already.
    pub kept: Vec<String>,
    /// All files, those kept included.
    pub files: Vec<PathBuf>,
    /// Points of maps whose chi2 is missing.
    pub missing_points: usize,
}

impl Settings<'_> {
    fn experiment(&self, name: &str) -> Result<&Experiment> {
        self.experiments.iter().find(|experiment| experiment.dataset.name == name).ok_or_else(|| {
            Error::unknown_name("dataset", name, self.experiments.iter().map(|e| e.dataset.name.as_str()))
        })
    }

    fn known_limits(&self, model: &str) -> &[KnownLimit] {
        self.known_limits.get(model).map_or(&[], Vec::as_slice)
    }

    fn model(&self, name: &str) -> Result<&Model> {
        self.models
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| Error::unknown_name("model", name, self.models.iter().map(|model| model.name.as_str())))
    }

    /// The vector instructions in use; they change results by rounding.
    fn simd(&self) -> String {
        self.experiments.first().map_or(String::new(), |experiment| experiment.rows.simd().to_string())
    }

    /// What evaluates maps, as an input of theirs.
    fn engine(&self) -> String {
        match self.device {
            Device::Cpu => format!("cpu, {}", self.simd()),
            Device::Interpolated => format!("cpu, interpolated, {}", self.simd()),
            Device::Reference => "reference".to_owned(),
            Device::Gpu(gpu) => format!("{:?}, {:?}, {}", gpu.engine.adapter(), gpu.profile, self.simd()),
        }
    }
}

/// The products of a run, the report apart.
fn products<'a>(settings: &'a Settings<'a>) -> Result<Vec<Product<'a>>> {
    let mut products = exclusions::products(settings)?;
    products.push(rates::product(settings)?);
    products.push(tables::product(settings));
    products.push(events::product(settings));
    Ok(products)
}

/// How much work a run in a folder will be, in points of a map or what takes as long.
///
/// # Errors
/// A manifest that cannot be read.
pub fn work(settings: &Settings, folder: &Path) -> Result<usize> {
    let manifest = Manifest::read(folder)?;
    let products = products(settings)?;
    let due = products.iter().filter(|product| !manifest.is_current(folder, &product.name, &product.inputs));
    Ok(due.map(|product| product.work).sum::<usize>() + write_report::WORK)
}

/// Makes what is not there yet, and the report.
///
/// Each product takes its names and its place in the manifest as soon as it is made: what was done before an
/// interruption or an error is kept.
///
/// # Errors
/// The first product that failed; a folder that cannot be written; [`Error::Interrupted`].
pub fn reproduce(settings: &Settings, folder: &Path, observer: &dyn Observer) -> Result<Outcome> {
    let mut results = Results::open(folder)?.with_folders(&[FIGURES, TABLES])?.fresh(settings.fresh);
    let products = products(settings)?;
    let mut known = Manifest::read(folder)?;
    results.trust(known.own(folder)?);
    let (kept, due): (Vec<&Product>, Vec<&Product>) =
        products.iter().partition(|product| known.is_current(folder, &product.name, &product.inputs));
    for product in &due {
        let files = known.products.get(&product.name).into_iter().flat_map(|entry| entry.files.keys());
        results.require_free(&files.map(String::as_str).collect::<Vec<_>>(), None)?;
    }
    known.products.retain(|name, _| products.iter().any(|product| product.name == *name) || name == write_report::NAME);
    let state = Mutex::new(known);
    let make = |product: &&Product| self::make(product, &results, &state, observer);
    match settings.device {
        Device::Cpu | Device::Interpolated | Device::Reference => due.par_iter().try_for_each(make)?,
        // A GPU does one map at a time; the cores are busy profiling it.
        Device::Gpu(..) => due.iter().try_for_each(make)?,
    }
    let mut made: Vec<String> = due.iter().map(|product| product.name.clone()).collect();
    let mut kept: Vec<String> = kept.iter().map(|product| product.name.clone()).collect();

    let manifest = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let report = write_report::product(settings, folder, &manifest);
    let is_current = manifest.is_current(folder, &report.name, &report.inputs);
    if is_current { &mut kept } else { &mut made }.push(report.name.clone());
    let state = Mutex::new(manifest);
    if !is_current {
        self::make(&report, &results, &state, observer)?;
    }
    let manifest = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let names = manifest.products.values().flat_map(|entry| entry.files.keys());
    let mut files: Vec<PathBuf> = names.map(|path| folder.join(path)).chain([folder.join(MANIFEST)]).collect();
    files.sort();
    let missing_points = manifest.products.values().map(|entry| entry.missing_points).sum();
    Ok(Outcome { made, kept, files, missing_points })
}

/// Makes one product, and gives its files their names together with the manifest that holds them.
fn make(product: &Product, results: &Results, manifest: &Mutex<Manifest>, observer: &dyn Observer) -> Result<()> {
    if observer.cancelled() {
        return Err(Error::Interrupted);
    }
    let share = Share::new(observer, product.work);
    let made = (product.make)(&share)?;
    drop(share);
    let mut staged = results.stage();
    for (path, contents) in &made.files {
        staged.add_bytes(path, contents)?;
    }
    let files = made.files.iter().map(|(path, contents)| (path.clone(), sha256(contents))).collect();
    // One at a time: the manifest on the disk never misses what another thread has entered.
    let mut manifest = manifest.lock().unwrap_or_else(PoisonError::into_inner);
    let (inputs, missing_points) = (product.inputs.clone(), made.missing_points);
    manifest.products.insert(product.name.clone(), Entry { inputs, files, missing_points });
    staged.add_bytes(MANIFEST, manifest.to_json()?.as_bytes())?;
    staged.publish()
}

/// Adds a table as CSV, and as JSON for the report.
fn add_table(made: &mut Made, name: &str, table: &Table) -> Result<()> {
    made.add(format!("{TABLES}/{name}.csv"), table.to_csv());
    made.add(format!("{TABLES}/{name}.json"), json(table)?);
    Ok(())
}
