//! Signal and backgrounds with their nuisance parameters.

use crate::Result;
use crate::base::document::{Bound, Distinct, Section};
use crate::dataset::{Background, Norm, Shape, Sideband, Signal};

use super::{Binning, Part, Parts};

/// Relative uncertainty of a norm: anything above is as good as free.
const SIGMA: Bound = Bound::PositiveUpTo(1e6);
/// Most events of a background.
const MOST_EVENTS: f64 = 1e15;

/// Reads `[signal]`.
pub(super) fn signal(part: &Part, binning: &Binning) -> Result<Signal> {
    let section = &part.section;
    Ok(Signal {
        name: section.name("name")?,
        sigma: section.number("sigma", SIGMA)?,
        norms: section.sections("norms")?.iter().map(|section| section.read(norm)).collect::<Result<_>>()?,
        shapes: shapes(part, binning)?,
    })
}

fn norm(section: &Section) -> Result<Norm> {
    let (name, shared) = (section.name("name")?, section.flag("shared", false)?);
    Ok(Norm { name, sigma: section.number("sigma", SIGMA)?, shared })
}

/// Reads one `[[background]]`.
pub(super) fn background(part: &Part, binning: &Binning) -> Result<Background> {
    let section = &part.section;
    let events = match section.has("flat_events") {
        true => {
            let total = section.number("flat_events", Bound::PositiveUpTo(MOST_EVENTS))?;
            binning.shares().into_iter().map(|share| total * share).collect()
        }
        false => {
            let (path, table) = part.binned("table", binning.units("events"), Some(binning))?;
            table
                .require(&path, "zero or positive, and at most 1e15", |events| (0.0..=MOST_EVENTS).contains(&events))?;
            table.values().to_vec()
        }
    };
    Ok(Background {
        name: section.name("name")?,
        label: section.label("label")?,
        events,
        sigma: section.number("sigma", SIGMA)?,
        shared: section.flag("shared", false)?,
        shapes: shapes(part, binning)?,
        sideband: section.optional_section("sideband")?.map(|section| section.read(sideband)).transpose()?,
    })
}

fn sideband(section: &Section) -> Result<Sideband> {
    // The one form so far; named, so that another can come.
    section.choice("rows", &["energy"])?;
    Ok(Sideband { exposure_ratio: section.number("exposure_ratio", Bound::PositiveUpTo(1e6))? })
}

fn shapes(part: &Part, binning: &Binning) -> Result<Vec<Shape>> {
    let read = |part: &Part| {
        let (path, table) = part.binned("table", binning.units("1"), Some(binning))?;
        table.require(&path, "a relative change of at most 1e6", |change| change.abs() <= 1e6)?;
        let (name, shared) = (part.section.name("name")?, part.section.flag("shared", false)?);
        Ok(Shape { name, relative_change: table.values().to_vec(), shared })
    };
    let sections = part.section.sections("shapes")?.into_iter();
    sections.map(|section| Part { section, tables: part.tables }.read(read)).collect()
}

/// Refuses two parameters of one name: pulls are told apart by it.
pub(super) fn require_new_names(parts: &Parts) -> Result<()> {
    let signal = parts.section("signal")?.section;
    let response = parts.optional_section("response")?;
    let of_table = response.map_or(Ok(Vec::new()), |response| response.section.sections("variation"))?;
    let mut sections = vec![signal.clone()];
    sections.extend(signal.sections("norms")?);
    sections.extend(signal.sections("shapes")?);
    sections.extend(of_table);
    sections.extend(parts.sections("variation")?.into_iter().map(|part| part.section));
    for background in parts.sections("background")? {
        let shapes = background.section.sections("shapes")?;
        sections.push(background.section);
        sections.extend(shapes);
    }
    // What a file adds stands after all of the one that it varies, each in the order of its lines.
    let file = parts.own().section.place("name").0;
    sections.sort_by_key(|section| {
        let (path, line) = section.place("name");
        (path == file, line)
    });
    let mut names = Distinct::default();
    sections.iter().try_for_each(|section| names.add(section, "name"))
}
