//! A run that is interrupted, and the one that goes on.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::sync::atomic::{AtomicUsize, Ordering};

use cevscan::Error;
use cevscan::analysis::Experiment;
use cevscan::physics::model::Model;
use cevscan::physics::muon_g2::PRESETS;
use cevscan::reproduce::{MANIFEST, Manifest, REPORT, Settings, reproduce, work};
use cevscan::scan::{Device, Observer, Unobserved};
use cevscan::statistics::{TWO_SIGMA, delta_chi2};

fn settings() -> Settings<'static> {
    Settings {
        program: "test".to_owned(),
        command: "none".to_owned(),
        models: Model::all().unwrap(),
        experiments: Experiment::parse_list("csi+lar").unwrap(),
        grid: (12, 10),
        delta_chi2: delta_chi2(TWO_SIGMA, 2).unwrap(),
        deviation: PRESETS[0].deviation,
        device: Device::Cpu,
        known_limits: Default::default(),
        label_others: cevscan::plot::overlay::Labels::default(),
        fresh: false,
    }
}

/// Asks to stop once so much is done.
struct Impatient {
    after: usize,
    done: AtomicUsize,
}

impl Observer for Impatient {
    fn advance(&self, points: usize) {
        self.done.fetch_add(points, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.after
    }
}

#[test]
fn what_was_made_before_an_interruption_is_kept() {
    let (settings, folder) = (settings(), tempfile::tempdir().unwrap());
    let folder = folder.path();
    let all = work(&settings, folder).unwrap();
    let impatient = Impatient { after: all / 3, done: AtomicUsize::new(0) };
    assert!(matches!(reproduce(&settings, folder, &impatient), Err(Error::Interrupted)));
    let kept = Manifest::read(folder).unwrap().products.len();
    assert!((1..15).contains(&kept), "{kept} products");
    assert!(!folder.join(REPORT).exists(), "the report waits for all others");
    assert!(work(&settings, folder).unwrap() < all);

    let rest = reproduce(&settings, folder, &Unobserved).unwrap();
    assert_eq!((rest.made.len(), rest.kept.len()), (15 - kept, kept));
    assert!(rest.files.contains(&folder.join(REPORT)) && rest.files.contains(&folder.join(MANIFEST)));
    assert!(rest.files.iter().all(|file| file.exists()));
    assert_eq!(rest.missing_points, 0);
    let report_alone = work(&settings, folder).unwrap();
    assert!(report_alone < all / 100);
    let another = Settings { program: "another".to_owned(), ..settings };
    assert_eq!(work(&another, folder).unwrap(), all, "another program makes all anew");
}

#[test]
fn all_work_is_reported_once() {
    let (settings, folder) = (settings(), tempfile::tempdir().unwrap());
    let all = work(&settings, folder.path()).unwrap();
    let patient = Impatient { after: usize::MAX, done: AtomicUsize::new(0) };
    reproduce(&settings, folder.path(), &patient).unwrap();
    assert_eq!(patient.done.into_inner(), all);
}
