//! What to type next after an error: the library knows no flags.

use cevscan::Error;

/// A hint, without the word "hint:".
pub fn hint(error: &Error) -> Option<String> {
    let text = match error {
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
