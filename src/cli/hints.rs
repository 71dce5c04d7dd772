//! What to type next after an error: the library knows no flags.

use crate::Error;

use super::typed;

/// A hint, without the word "hint:".
pub fn hint(error: &Error) -> Option<String> {
    let command = typed::words().find(|word| !word.starts_with('-')).unwrap_or_default();
    let text = match error {
        Error::OtherInputs { .. } if command == "merge" => {
            "shards of one scan merge: made by one build with the same options"
        }
        Error::UnknownName { kind: "dataset", .. } if command == "plot" => {
            "--data names the datasets of the scan as it had them, files among them"
        }
        Error::OtherInputs { .. } => "take another --out, or --fresh to start over",
        Error::NotOurs { .. } => "move it away, or take another --out",
        Error::InTheWay { .. } => "move it away, take another --out, or --fresh to write over it",
        Error::Locked { .. } => "wait for it to end, or take another --out",
        Error::TooLarge { .. } => "take that --grid, or parts of the rows (--shard K/N)",
        Error::NoAdapter { .. } => "'cevscan devices' lists what was found; '--engine cpu' needs no GPU",
        Error::LeftOut { .. } => {
            "'cargo install' without --no-default-features brings it in; '--engine cpu' needs no GPU"
        }
        Error::Device { .. } => "'cevscan devices' tests each adapter; '--engine cpu' needs no GPU",
        Error::Incomplete { .. } => {
            "--allow-missing leaves the gaps and says so in every file; a smaller --coupling range avoids them"
        }
        _ => return error.hint(),
    };
    Some(text.to_owned())
}
