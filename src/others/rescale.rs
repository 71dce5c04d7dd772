//! Searches for four muons, by a curve for L_mu - L_tau that the user has: the signal goes as g^2 Q'_mu^2 BR(mu mu), so that
//! g = g_L sqrt(BR_L/BR)/|Q'_mu|, with widths as in [`crate::others::recast`].

use std::path::Path;

use crate::Result;
use crate::base::constants::GEV_IN_MEV;
use crate::base::document::Section;
use crate::others::recast::columns::Columns;
use crate::others::recast::hadrons::Hadrons;
use crate::others::recast::widths::{FinalState, Settings, Widths};
use crate::others::recast::{Couplings, Vector};
use crate::physics::model::Model;

use super::polynomial::Counted;

/// The model that curves are for.
const SOURCE: &str = "lmu-ltau";
/// Couplings from here on mean that there is no limit, as in limits' files.
const NO_LIMIT: f64 = 1e5;
const MUONS: [FinalState; 1] = [FinalState::Leptons(1)];

/// A curve for L_mu - L_tau.
#[derive(Debug, Clone, PartialEq)]
pub struct FourMuons {
    /// Mass (GeV) and lowest excluded coupling, by increasing mass.
    points: Vec<(f64, f64)>,
    /// Whether beams of electrons make the boson from their own charge too, so that models must have none.
    from_muons_alone: bool,
}

impl FourMuons {
    /// Reads `file` (mass in GeV, coupling) and `electron_beams`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn read(section: &Section, folder: &Path) -> Result<FourMuons> {
        let name = section.text("file")?;
        let columns = Columns::read(&folder.join(name)).map_err(|error| section.unreadable("file", name, error))?;
        columns.require_width(2, "mass [GeV], coupling of L_mu - L_tau")?;
        columns.require_energies_in("GeV")?;
        columns.require_positive(0, "mass [GeV]")?;
        columns.require_positive(1, "coupling")?;
        Ok(FourMuons {
            points: columns.by_mass().map(|row| (row[0], row[1])).collect(),
            from_muons_alone: section.flag("electron_beams", false)?,
        })
    }

    /// What is excluded by mass (MeV).
    ///
    /// # Errors
    /// In words: why there is no limit on this model.
    pub fn prepare<'a>(&'a self, model: &'a Model, hadrons: Option<&Hadrons>) -> Result<Counted<'a>, String> {
        let target = Vector::of(model).map_err(|_| "only a model of one vector is bounded".to_owned())?;
        let source = Model::named(SOURCE).and_then(|model| Vector::of(&model)).map_err(|error| error.to_string())?;
        let Vector::Gauge(couplings) = &target else { return Err("no gauge boson".to_owned()) };
        let charge = couplings.charges.muon;
        if charge == 0.0 {
            return Err("muons have no charge".to_owned());
        }
        if self.from_muons_alone && couplings.charges.electron != 0.0 {
            return Err("electrons have a charge: the beams make the boson by themselves, which the search is not for"
                .to_owned());
        }
        let has_quarks = couplings.charges.up != 0.0 || couplings.charges.down != 0.0;
        let hadrons = match hadrons {
            Some(hadrons) => hadrons.clone(),
            None if has_quarks => return Err("decays to hadrons need a checkout of darkcast".to_owned()),
            None => Hadrons::default(),
        };
        Ok(Box::new(move |mass_mev| {
            let mass_gev = mass_mev / GEV_IN_MEV;
            let Some(limit) = self.at(mass_gev) else { return Vec::new() };
            let branching = |boson: &Vector| {
                let couplings: Couplings = boson.couplings(mass_gev);
                let widths = Widths::new(&couplings, &hadrons, Settings::default(), mass_gev);
                widths.to(&MUONS, &hadrons, Settings::default()) / widths.total()
            };
            let lower = limit * (branching(&source) / branching(&target)).sqrt() / charge.abs();
            if lower.is_finite() { vec![(lower, f64::INFINITY)] } else { Vec::new() }
        }))
    }

    /// The curve at a mass, straight on logarithmic axes; none beyond its ends and in its gaps.
    fn at(&self, mass_gev: f64) -> Option<f64> {
        let above = self.points.partition_point(|(known, _)| *known < mass_gev);
        let right = self.points.get(above)?;
        let left = if right.0 == mass_gev { right } else { self.points.get(above.checked_sub(1)?)? };
        if left.1 >= NO_LIMIT || right.1 >= NO_LIMIT {
            return None;
        }
        let share = if left.0 == right.0 { 0.0 } else { (mass_gev / left.0).ln() / (right.0 / left.0).ln() };
        Some(left.1 * (right.1 / left.1).powf(share))
    }
}
