//! A checkout with made-up limits: of the form of darkcast's, with no number of it.

#![allow(dead_code, missing_docs, clippy::unwrap_used, reason = "each test file takes what it needs, and may fail so")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// States and mesons of the hadronic tables.
const HADRONS: [(&str, f64); 12] = [
    ("K_K.phi", 0.99),
    ("K_K_pi.phi", 1.4),
    ("other.omega", 1.6),
    ("other.phi", 1.7),
    ("other.rho0", 1.5),
    ("pi+_pi-.rho0", 0.28),
    ("pi+_pi-_pi+_pi-.rho0", 0.8),
    ("pi+_pi-_pi0.omega", 0.42),
    ("pi+_pi-_pi0.omega_phi", 0.54),
    ("pi+_pi-_pi0.phi", 0.42),
    ("pi+_pi-_pi0_pi0.rho0", 0.8),
    ("pi0_gamma.omega", 0.14),
];

/// Masses (GeV) of every made-up limit.
pub const MASSES_GEV: [f64; 9] = [0.0012, 0.004, 0.011, 0.05, 0.1, 0.3, 0.6, 0.78, 0.95];
/// Lower and upper end at all of them.
pub const ENDS: (f64, f64) = (3e-7, 4e-5);
/// Single-sided limits at all of them.
pub const SINGLE: f64 = 1e-3;

/// A folder that is removed at the end.
pub struct SyntheticCheckout {
    folder: tempfile::TempDir,
}

impl SyntheticCheckout {
    /// With limits of these names, two-sided where `double`.
    pub fn new(limits: &[(&str, bool)]) -> SyntheticCheckout {
        let checkout = SyntheticCheckout { folder: tempfile::tempdir().unwrap() };
        for name in ["limits", "vmd"] {
            fs::create_dir(checkout.path().join(name)).unwrap();
        }
        for (i, (name, threshold)) in HADRONS.into_iter().enumerate() {
            // Rises from the threshold to a constant of its own.
            let height = 0.1 * (1.0 + i as f64);
            let text = format!("# mass R\n{threshold:e} 0\n{:e} {height:e}\n", threshold + 0.3);
            fs::write(checkout.path().join("vmd").join(format!("rf.{name}.dat")), text).unwrap();
        }
        for (name, double) in limits {
            let mut text = String::from("# mass lower upper\n");
            for mass in MASSES_GEV {
                let _ = match double {
                    true => writeln!(text, "{mass:e} {:e} {:e}", ENDS.0, ENDS.1),
                    false => writeln!(text, "{mass:e} {SINGLE:e}"),
                };
            }
            checkout.write(&format!("{name}.lmt"), &text);
        }
        checkout
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn text(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub fn limit(&self, file: &str) -> PathBuf {
        self.path().join("limits").join(file)
    }

    /// Writes a file of the limits.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.limit(file), text).unwrap();
    }
}
