//! The result: what is excluded at each mass.

/// Excluded couplings at one mass: from `lower` to `upper`, or all above `lower`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exclusion {
    /// The smallest excluded coupling.
    pub lower: f64,
    /// The largest; none where there is no end.
    pub upper: Option<f64>,
}

/// Why nothing is excluded at a mass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NoLimit {
    /// The experiment has no limit there either.
    NotInSource,
    /// The experiment does not make the boson.
    NotProduced,
    /// The boson does not decay to what was searched for.
    FinalStateClosed,
    /// Too few bosons decay where the search looks, whatever the coupling.
    TooWeak,
}

/// One mass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Mass (GeV).
    pub mass_gev: f64,
    /// What is excluded.
    pub excluded: Result<Exclusion, NoLimit>,
}

/// A limit over the masses.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// By increasing mass; a mass without a limit separates what stands left and right of it.
    pub rows: Vec<Row>,
}

impl Curve {
    /// The masses (GeV) at which something is excluded.
    pub fn points(&self) -> impl Iterator<Item = (f64, Exclusion)> {
        self.rows.iter().filter_map(|row| Some((row.mass_gev, row.excluded.ok()?)))
    }

    /// Whether nothing is excluded at any mass.
    pub fn is_empty(&self) -> bool {
        self.points().next().is_none()
    }

    /// Pieces of neighbouring masses at which something is excluded.
    pub fn pieces(&self) -> impl Iterator<Item = Vec<(f64, Exclusion)>> {
        self.rows
            .split(|row| row.excluded.is_err())
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.iter().filter_map(|row| Some((row.mass_gev, row.excluded.ok()?))).collect())
    }

    /// Why nothing is excluded: the reason at most masses, apart from those without a limit to begin with.
    pub(crate) fn main_reason(&self) -> NoLimit {
        let count = |reason: NoLimit| self.rows.iter().filter(|row| row.excluded == Err(reason)).count();
        let reasons = [NoLimit::NotProduced, NoLimit::FinalStateClosed, NoLimit::TooWeak];
        let most = reasons.into_iter().max_by_key(|reason| count(*reason)).filter(|reason| count(*reason) > 0);
        most.unwrap_or(NoLimit::NotInSource)
    }
}
