//! Checks the shaders: one that does not compile stops the build and names the file and the line. Tells the program what
//! it was built from.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's stdout")]

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// All that results follow from.
const SOURCES: [&str; 7] = ["build.rs", "src", "shaders", "data", "templates", "Cargo.toml", "Cargo.lock"];

fn main() -> ExitCode {
    for folder in SOURCES {
        println!("cargo::rerun-if-changed={folder}");
    }
    match digest_of_sources() {
        Ok(digest) => println!("cargo::rustc-env=CEVSCAN_SOURCES={digest}"),
        Err(error) => {
            println!("cargo::error=cannot read the sources: {error}");
            return ExitCode::FAILURE;
        }
    }
    #[cfg(feature = "gpu")]
    if let Some(fault) = shaders::fault() {
        println!("cargo::error={}", fault.replace('\n', " "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A digest of all sources, names and contents: tells one build from another where the version does
/// not.
fn digest_of_sources() -> std::io::Result<String> {
    let mut files = Vec::new();
    // A package without a lock file takes what versions it gets.
    for source in SOURCES.into_iter().filter(|source| Path::new(source).exists()) {
        collect(Path::new(source), &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let contents = std::fs::read(&file)?;
        // Lengths keep names and contents apart.
        digest.update(format!("{}\n{}\n", file.display(), contents.len()));
        digest.update(contents);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// The shaders, as the program puts them together.
#[cfg(feature = "gpu")]
mod shaders {
    #[path = "../src/statistics/gpu/shader.rs"]
    mod fit_shader;
    #[path = "../src/rates/gpu/shader.rs"]
    mod shader;
    #[path = "../src/statistics/forms/gpu/shader.rs"]
    mod toys_shader;
    #[path = "../src/rates/gpu/wgsl.rs"]
    mod wgsl;

    use naga::valid::{Capabilities, ValidationFlags, Validator};
    // The name under which the fit's shader knows it.
    use shader as shared;
    use wgsl::{Line, text};

    /// What is wrong with the first that does not compile.
    pub fn fault() -> Option<String> {
        let rates = shader::Variant::SAMPLES.iter().map(|variant| (format!("{variant:?}"), variant.lines()));
        let fits = fit_shader::Variant::SAMPLES.iter().map(|variant| (format!("{variant:?}"), variant.lines()));
        let counts = std::iter::once(("counts as squares".to_owned(), shader::vertex_counts(3, 18)));
        let toys = toys_shader::Variant::samples().into_iter().map(|variant| (format!("{variant:?}"), variant.lines()));
        rates.chain(fits).chain(counts).chain(toys).find_map(|(name, lines)| check(&name, &lines).err())
    }

    /// Parses and validates one shader; the error is `file:line:column: message`.
    fn check(name: &str, lines: &[Line]) -> Result<(), String> {
        let source = text(lines);
        let place = |location: Option<naga::SourceLocation>| match location {
            Some(location) => {
                let line = &lines[(location.line_number as usize).clamp(1, lines.len()) - 1];
                format!("{}:{}:{}: '{}'", line.path, line.number, location.line_position, line.text.trim())
            }
            None => "shaders".to_owned(),
        };
        let module = naga::front::wgsl::parse_str(&source)
            .map_err(|error| format!("{}: {} ({name})", place(error.location(&source)), error.message()))?;
        Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).map(drop).map_err(|error| {
            let mut message = error.to_string();
            let mut cause = std::error::Error::source(error.as_inner());
            while let Some(inner) = cause {
                message.push_str(&format!(": {inner}"));
                cause = inner.source();
            }
            let innermost = error.spans().map(|(span, _)| *span).filter(|span| span.is_defined()).last();
            format!("{}: {message} ({name})", place(innermost.map(|span| span.location(&source))))
        })
    }
}
