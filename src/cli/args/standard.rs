//! `--couplings`: which constants stand for the Standard Model.

use clap::{Args, ValueEnum};

use crate::physics::model::Edition;

/// The Standard Model.
#[derive(Args)]
pub struct StandardArgs {
    /// Couplings of the Standard Model, in signal and expectation: the paper's, or with the radiative corrections of 2024
    #[arg(long, value_enum, default_value = "2022")]
    couplings: CouplingsArg,
}

/// Constants of the Standard Model.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CouplingsArg {
    /// arXiv:2202.11002, eq. 3.3
    #[value(name = "2022")]
    Of2022,
    /// arXiv:2402.16709
    #[value(name = "2024")]
    Of2024,
}

impl StandardArgs {
    /// What was asked for.
    pub fn edition(&self) -> Edition {
        match self.couplings {
            CouplingsArg::Of2022 => Edition::Of2022,
            CouplingsArg::Of2024 => Edition::Of2024,
        }
    }
}
