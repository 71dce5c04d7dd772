//! The one door through which files come in: regular files only, and none longer than its kind can be. A device or a pipe
//! is no file, and is refused before it is opened for reading, so that nothing waits for a writer that never comes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::{Error, Result};

/// What a file is, which says how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Written by people: models, datasets, tables of limits.
    Document,
    /// Columns of numbers, of this project or of others.
    Table,
    /// JSON that the program writes beside its results.
    Record,
    /// Any of the program's own products, to be compared.
    Product,
    /// Rows of a map.
    Tile,
    /// A map.
    Map,
}

impl Kind {
    /// Longest file of the kind (bytes).
    pub fn longest(self) -> u64 {
        match self {
            Kind::Document => 1 << 20,
            // Those of large tables hold their texts.
            Kind::Record => 256 << 20,
            Kind::Table => 64 << 20,
            Kind::Product => 1 << 30,
            Kind::Tile => 64 << 30,
            Kind::Map => 1 << 40,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Document => "TOML file",
            Kind::Table => "table",
            Kind::Record => "record",
            Kind::Product => "product",
            Kind::Tile => "tile",
            Kind::Map => "map",
        }
    }
}

/// Opens a regular file that is no longer than its kind can be.
///
/// # Errors
/// [`Error::Io`] from the system and for what is no regular file, [`Error::OutOfRange`] for one that is too long.
pub fn open(path: &Path, kind: Kind) -> Result<File> {
    let failed = |error| Error::io("read", path)(error);
    // Looked at first: merely opening a device can set it in motion.
    require_regular(&std::fs::metadata(path).map_err(failed)?).map_err(failed)?;
    let mut options = OpenOptions::new();
    options.read(true);
    // Should it be exchanged for a pipe in between, opening does not wait for a writer.
    #[cfg(unix)]
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    require_regular(&metadata).map_err(failed)?;
    match metadata.len() {
        length if length > kind.longest() => Err(too_long(path, kind, &length.to_string())),
        _ => Ok(file),
    }
}

/// All bytes of a regular file.
///
/// # Errors
/// Those of [`open`], and of memory that is not to be had.
pub fn bytes(path: &Path, kind: Kind) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // It may grow while it is read; some that the system makes up state no length.
    open(path, kind)?.take(kind.longest() + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > kind.longest() {
        return Err(too_long(path, kind, &format!("more than {}", kind.longest())));
    }
    Ok(bytes)
}

/// The text of a regular file, without a byte-order mark.
///
/// # Errors
/// Those of [`bytes`], and [`Error::Io`] for what is not UTF-8.
pub fn text(path: &Path, kind: Kind) -> Result<String> {
    let not_text = |_| std::io::Error::new(ErrorKind::InvalidData, "it is no text in UTF-8");
    let mut text = String::from_utf8(bytes(path, kind)?).map_err(not_text).map_err(Error::io("read", path))?;
    match text.len() - without_mark(&text).len() {
        0 => Ok(text),
        mark => Ok(text.split_off(mark)),
    }
}

/// A text without the byte-order mark that some editors put before it.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The same, and none where there is no file.
///
/// # Errors
/// Those of [`text`].
pub fn text_if_any(path: &Path, kind: Kind) -> Result<Option<String>> {
    match text(path, kind) {
        // Nor is there any below what is no folder.
        Err(Error::Io { source, .. }) if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        read => read.map(Some),
    }
}

fn require_regular(metadata: &Metadata) -> std::io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let found = if metadata.is_dir() { "a folder" } else { what_else(metadata) };
    Err(std::io::Error::other(format!("it is {found}, but must be a regular file")))
}

#[cfg(unix)]
fn what_else(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match metadata.file_type() {
        kind if kind.is_fifo() => "a pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn what_else(_: &Metadata) -> &'static str {
    "something else"
}

fn too_long(path: &Path, kind: Kind, length: &str) -> Error {
    let bound = format!("at most {} bytes, as for any {}", kind.longest(), kind.name());
    Error::out_of_range(format!("length of {}", path.display()), format!("{length} bytes"), bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T>(result: Result<T>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn files_come_in_by_their_kind() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a");
        assert!(text_if_any(&path, Kind::Record).is_ok_and(|text| text.is_none()));
        std::fs::write(&path, "é\n")?;
        assert!(text(&path, Kind::Record).is_ok_and(|text| text == "é\n"));
        std::fs::write(&path, "\u{feff}a\n")?;
        assert!(text(&path, Kind::Document).is_ok_and(|text| text == "a\n"));
        std::fs::write(&path, b"\xff")?;
        assert!(message(text(&path, Kind::Record)).ends_with("it is no text in UTF-8"));
        // Sparse: no byte of it is on the disk.
        File::create(&path)?.set_len(Kind::Document.longest() + 1)?;
        let told = message(bytes(&path, Kind::Document));
        assert!(told.ends_with("is 1048577 bytes, but must be at most 1048576 bytes, as for any TOML file"), "{told}");
        assert!(message(bytes(folder.path(), Kind::Document)).ends_with("it is a folder, but must be a regular file"));
        Ok(())
    }

    #[test]
    #[cfg(unix)]
    fn devices_and_pipes_are_no_files() -> std::io::Result<()> {
        for device in ["/dev/zero", "/dev/null", "/dev/tty"].map(Path::new).into_iter().filter(|path| path.exists()) {
            assert!(message(bytes(device, Kind::Table)).contains("it is a device"), "{}", device.display());
        }
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
        assert!(message(bytes(&pipe, Kind::Table)).contains("it is a pipe"));
        Ok(())
    }
}
