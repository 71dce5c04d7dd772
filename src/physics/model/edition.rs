//! Which constants stand for the Standard Model.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which constants stand for the Standard Model, to which mediators add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Edition {
    /// Those of the paper, (3.3).
    #[default]
    #[serde(rename = "2022")]
    Of2022,
    /// Radiative corrections of J. Erler, S. Su, Prog. Part. Nucl. Phys. 71 (2013) 119 as evaluated since, with
    /// sin^2 theta_W(0) = 0.23863: g_V^p = 0.0381 (nu_e), 0.0299 (nu_mu), 0.0255 (nu_tau), g_V^n = -0.5117
    /// (M. Atzori Corona et al., JHEP 05 (2024) 271, arXiv:2402.16709).
    #[serde(rename = "2024")]
    Of2024,
}

impl Edition {
    /// All of them.
    pub const ALL: [Edition; 2] = [Edition::Of2022, Edition::Of2024];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Edition::Of2022 => "2022",
            Edition::Of2024 => "2024",
        }
    }

    /// The edition of a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn named(name: &str) -> Result<Edition> {
        let found = Edition::ALL.into_iter().find(|edition| edition.name() == name);
        found.ok_or_else(|| Error::unknown_name("edition", name, Edition::ALL.map(Edition::name)))
    }

    /// Whether it is the paper's, of which nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Edition::default()
    }

    /// What it adds to the name of a model.
    fn suffix(self) -> String {
        format!("_couplings{}", self.name())
    }
}

impl super::Model {
    /// The same where these constants stand for the Standard Model. With others than the paper's it is another model, in its
    /// name and label: `b-l_couplings2024`.
    #[must_use]
    pub fn with_couplings(mut self, edition: Edition) -> super::Model {
        if edition != self.standard {
            let plain = self.mediator_name().len();
            self.name.truncate(plain);
            if !edition.is_usual() {
                self.name += &edition.suffix();
                self.label += &format!(", couplings of {}", edition.name());
            }
            self.standard = edition;
        }
        self
    }

    /// Its name whatever constants stand for the Standard Model.
    pub fn mediator_name(&self) -> &str {
        let suffix = if self.standard.is_usual() { String::new() } else { self.standard.suffix() };
        self.name.strip_suffix(&suffix).unwrap_or(&self.name)
    }
}
