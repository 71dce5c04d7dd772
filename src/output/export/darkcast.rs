//! Limits as darkcast reads them: `NAME.lmt` with mass in GeV, lower and upper coupling, and `NAME.py` that describes it.

use std::fmt::Write as _;

use super::{Contents, ExportFile, Exported, Piece, numbered};
use crate::Result;
use crate::base::constants::GEV_IN_MEV;
use crate::output::citations::{CitedData, bibtex};

pub fn files<'a>(exported: &'a Exported) -> Result<Vec<ExportFile<'a>>> {
    let pieces = exported.pieces()?;
    let mut files = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let name = numbered(&exported.stem(), number, pieces.len());
        let part = match pieces.len() {
            1 => format!("In one piece: {}.", exported.region()),
            of => format!(
                "Piece {} of {of} of {region}; strips between pieces are allowed.",
                number + 1,
                region = exported.region()
            ),
        };
        let text = |ending: &str, text: String| ExportFile {
            name: format!("{name}.{ending}"),
            contents: Contents::Text(text),
        };
        files.push(text("lmt", limit(piece, exported)));
        files.push(text("py", note(exported, &name, &part)));
    }
    Ok(files)
}

/// The first line names the columns; darkcast takes it for the keys.
fn limit(piece: &Piece, exported: &Exported) -> String {
    let mut text = format!("#{:>23} {:>24} {:>24}\n", "mass", "lower", "upper");
    for row in &piece.rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:>24e} {:>24e} {:>24e}", row.mass_mev / GEV_IN_MEV, row.low, row.high);
    }
    // After the numbers, because the first line is the keys.
    let (expectation, gaps) = (exported.about_expectation(), exported.about_missing("GeV", GEV_IN_MEV));
    for line in expectation.into_iter().chain(gaps.as_deref()) {
        let _ = writeln!(text, "# {line}");
    }
    text
}

fn note(exported: &Exported, name: &str, part: &str) -> String {
    let mut lines = exported.about_in("GeV", GEV_IN_MEV);
    lines.push(part.to_owned());
    lines.push(format!("{}.", exported.about_ends()));
    lines.push(
        "Events depend on the interference with the Standard Model, flavour by flavour: this limit cannot be recast to \
         another model by a ratio of couplings. A scan of that model makes its own."
            .to_owned(),
    );
    let model = darkcast_model(&exported.map.model).map(|theirs| (theirs, &exported.map.model));
    if let Some((theirs, ours)) = model {
        lines.push(format!("Model(\"{theirs}\") of darkcast is {ours} here, with the same coupling g."));
    }
    let data = CitedData::of_names(exported.record.map_or("csi+lar", |_| &exported.map.data));
    let bibtex = bibtex(exported.known_model().as_ref(), &data);
    // Raw strings: BibTeX is full of backslashes. None of the texts holds three quotation marks.
    format!(
        "import darkcast\nnotes = r\"\"\"\n{}\n\"\"\"\nbibtex = r\"\"\"\n{}\"\"\"\nbounds = darkcast.Datasets(\"{name}.lmt\")\n",
        lines.join("\n"),
        bibtex
    )
}

/// darkcast's name of a model of ours.
fn darkcast_model(name: &str) -> Option<&'static str> {
    match name {
        "b-l" => Some("B-L_boson"),
        "le-lmu" => Some("Le-Lmu_boson"),
        "le-ltau" => Some("Le-Ltau_boson"),
        "lmu-ltau" => Some("Lmu-Ltau_boson"),
        _ => None,
    }
}
