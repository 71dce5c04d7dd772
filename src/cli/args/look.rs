//! How pictures are printed.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::base::grid::{parse_coupling, parse_mass_mev, parse_range};
use crate::physics::muon_g2::Deviation;
use crate::plot::chart::Chart;
use crate::plot::{Look, Palette};
use crate::{Error, Result};

use super::{Common, Ends, deviation};

/// Units of a width, in points.
const UNITS_PT: [(&str, f64); 4] = [("mm", 72.0 / 25.4), ("cm", 72.0 / 2.54), ("in", 72.0), ("pt", 1.0)];

/// How any picture is printed.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Options of pictures")]
pub struct LookArgs {
    /// Width of the picture, with its unit: 86mm, 8.6cm, 3.4in, 246pt [default: 85mm, one column of a journal]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true)]
    width: Option<String>,
    /// Size of the letters at the axes, in points; all others and all lines in proportion [default: 8]
    #[arg(long, value_name = "POINTS", allow_hyphen_values = true)]
    font_size: Option<String>,
    /// Colours
    #[arg(long, value_enum, default_value = "okabe-ito")]
    palette: PaletteArg,
    /// No small print below the picture
    #[arg(long)]
    no_caption: bool,
}

/// How the picture of a map is printed.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[command(next_help_heading = "Options of pictures")]
pub struct MapLookArgs {
    /// As any picture.
    #[command(flatten)]
    #[serde(flatten)]
    pub look: LookArgs,
    /// No star at the best fit
    #[arg(long)]
    no_best_fit: bool,
    /// Ends of an axis of the picture, such as mass=1:1000 or coupling=1e-5:1e-2 [default: those of the map]
    #[arg(long = "axis", value_name = "NAME=LOW:HIGH")]
    #[serde(rename = "axis")]
    axes: Vec<String>,
    /// The band of couplings that explain the muon's magnetic moment; --g-2=2025 or =CENTRAL,SIGMA as in 'cevscan g-2'
    #[arg(long = "g-2", value_name = "DEVIATION", num_args = 0..=1, default_missing_value = "paper", require_equals = true)]
    #[serde(rename = "g-2")]
    muon: Option<String>,
}

/// Palettes.
#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PaletteArg {
    /// Of Okabe and Ito, for any colour vision
    #[default]
    OkabeIto,
    /// The bright colours of Paul Tol, for any colour vision
    Bright,
    /// Greys
    Grey,
}

/// What was typed of a map's picture, read.
#[derive(Clone, Copy)]
pub struct MapLook {
    look: Look,
    has_caption: bool,
    has_best_fit: bool,
    mass_mev: Option<(f64, f64)>,
    coupling: Option<(f64, f64)>,
    /// What the band of the muon's magnetic moment explains, where it was asked for.
    pub muon: Option<Deviation>,
}

impl LookArgs {
    /// What was typed.
    ///
    /// # Errors
    /// A length without a unit, letters or a figure that nobody can read.
    pub fn look(&self) -> Result<Look> {
        let usual = Look::default();
        Ok(Look {
            holds_legend: self.width.is_some(),
            width_pt: self.width.as_deref().map_or(Ok(usual.width_pt), width_pt)?,
            font_pt: self.font_size.as_deref().map_or(Ok(usual.font_pt), font_pt)?,
            palette: match self.palette {
                PaletteArg::OkabeIto => Palette::OkabeIto,
                PaletteArg::Bright => Palette::Bright,
                PaletteArg::Grey => Palette::Grey,
            },
        })
    }

    /// Gives a chart this look.
    ///
    /// # Errors
    /// Those of [`LookArgs::look`].
    pub fn dress(&self, chart: &mut Chart) -> Result<()> {
        chart.look = self.look()?;
        if self.no_caption {
            chart.caption.clear();
        }
        Ok(())
    }
}

impl MapLookArgs {
    /// What was typed.
    ///
    /// # Errors
    /// Those of [`LookArgs::look`]; an axis that is none.
    pub fn read(&self, common: &Common) -> Result<MapLook> {
        let mut look = MapLook {
            look: self.look.look()?,
            has_caption: !self.look.no_caption,
            has_best_fit: !self.no_best_fit,
            mass_mev: None,
            coupling: None,
            muon: self.muon.as_deref().map(|text| deviation(text, common)).transpose()?,
        };
        for text in &self.axes {
            let (name, range) = text.split_once('=').unwrap_or((text.as_str(), ""));
            let is_known = match name.trim() {
                "mass" => look.mass_mev.is_some(),
                "coupling" => look.coupling.is_some(),
                _ => false,
            };
            if is_known {
                return Err(Error::out_of_range(format!("--axis {}", name.trim()), range, "given once"));
            }
            match name.trim() {
                "mass" => look.mass_mev = Some(parse_range("mass", range, parse_mass_mev)?),
                "coupling" => look.coupling = Some(parse_range("coupling", range, parse_coupling)?),
                _ => return Err(Error::unknown_name("axis", name, ["mass", "coupling"])),
            }
        }
        Ok(look)
    }
}

impl MapLook {
    /// The ends of the axes of a picture of a map with these.
    ///
    /// # Errors
    /// An axis on which nothing of the map would be.
    pub fn ends(&self, map: Ends) -> Result<Ends> {
        let end = |name: &str, unit: &str, (from, to): (f64, f64), asked: Option<(f64, f64)>| {
            let Some((low, high)) = asked else { return Ok((from, to)) };
            if high > from && low < to {
                return Ok((low, high));
            }
            let bound = format!("one that shows something of the map, from {from:.4e} to {to:.4e}{unit}");
            Err(Error::out_of_range(format!("--axis {name}"), format!("{low:e}:{high:e}"), bound))
        };
        Ok(Ends {
            mass_mev: end("mass", " MeV", map.mass_mev, self.mass_mev)?,
            coupling: end("coupling", "", map.coupling, self.coupling)?,
        })
    }

    /// Gives the chart of a map this look, before anything is put behind it.
    pub fn dress(&self, chart: &mut Chart) {
        chart.look = self.look;
        if !self.has_best_fit {
            chart.stars.clear();
        }
        for (axis, range) in [(&mut chart.x, self.mass_mev), (&mut chart.y, self.coupling)] {
            if let Some((low, high)) = range {
                (axis.low, axis.high) = (low, high);
            }
        }
    }

    /// Takes the caption away, if it was not wanted.
    pub fn strip(&self, chart: &mut Chart) {
        if !self.has_caption {
            chart.caption.clear();
        }
    }
}

fn width_pt(text: &str) -> Result<f64> {
    let unit = UNITS_PT.iter().find_map(|(unit, points)| Some((text.strip_suffix(unit)?, points)));
    let width = unit.and_then(|(number, points)| Some(number.trim().parse::<f64>().ok()? * points));
    let width = width.filter(|width| width.is_finite()).ok_or_else(|| Error::Unparsable {
        quantity: "width".to_owned(),
        value: text.to_owned(),
        expected: "a number with its unit (mm, cm, in, pt), e.g. 86mm".to_owned(),
    })?;
    let [narrowest, widest] = Look::WIDTHS_PT;
    if (narrowest..=widest).contains(&width) {
        Ok(width)
    } else {
        Err(Error::out_of_range("width", text, "from 3cm to 1m"))
    }
}

fn font_pt(text: &str) -> Result<f64> {
    let number = text.strip_suffix("pt").unwrap_or(text).trim();
    let size = number.parse::<f64>().map_err(|_| Error::Unparsable {
        quantity: "font size".to_owned(),
        value: text.to_owned(),
        expected: "points, e.g. 9".to_owned(),
    })?;
    let [smallest, largest] = Look::FONTS_PT;
    match (smallest..=largest).contains(&size) {
        true => Ok(size),
        false => Err(Error::out_of_range("font size", text, format!("from {smallest} to {largest} points"))),
    }
}
