//! Files that appear under their names only when complete, as a set or not at all, in folders into which one process
//! writes at a time.
//!
//! - [`Folder`]: an open folder; nothing in it is reached through a link.
//! - [`FolderLock`]: one process a folder.
//! - [`Results`]: a folder that is locked to be written into; what a killed process left there is finished or swept.
//! - [`Staged`]: a set of files, written under names of their own, then named together by a commit record: a kill or a
//!   power failure between two names leaves the record, and whoever opens the folder next finishes what it says.
//! - [`INVENTORY`]: what the program has written into a folder. Nothing else is ever written over.
//!
//! A process that was killed can leave names that begin with `.cevscan-`, no others.

mod commit;
mod folder;
mod inventory;
mod lock;
mod places;
mod recording;
mod results;
mod staged;
mod unfinished;

pub use commit::{COMMIT, open_current};
pub use folder::{Folder, Kind};
pub use inventory::{INVENTORY, Subject};
pub use lock::{FolderLock, LOCK};
pub use recording::RECORDING_VARIABLE;
pub use results::{Results, writable_folder};
pub use staged::{Destination, Staged, write_file};

/// How the names of files begin that are not finished; 16 hexadecimal digits follow.
pub const UNFINISHED: &str = ".cevscan-unfinished-";

/// Whether a name is one of [`UNFINISHED`].
fn is_unfinished(name: &str) -> bool {
    let digits = name.strip_prefix(UNFINISHED);
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
