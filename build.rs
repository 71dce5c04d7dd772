//! Checks the shaders: one that does not compile stops the build and names the file and the line.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's stdout")]

#[path = "src/rates/gpu/shader.rs"]
mod shader;

use naga::valid::{Capabilities, ValidationFlags, Validator};
use shader::Variant;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=src/rates/gpu/shader.rs");
    let faults: Vec<String> = Variant::SAMPLES.iter().filter_map(|variant| check(variant).err()).collect();
    let Some(first) = faults.first() else { return ExitCode::SUCCESS };
    println!("cargo::error={}", first.replace('\n', " "));
    ExitCode::FAILURE
}

/// Parses and validates one variant; the error is `file:line:column: message`.
fn check(variant: &Variant) -> Result<(), String> {
    let (lines, source) = (variant.lines(), variant.source());
    let place = |location: Option<naga::SourceLocation>| match location {
        Some(location) => {
            let line = &lines[(location.line_number as usize).clamp(1, lines.len()) - 1];
            format!("{}:{}:{}: '{}'", line.path, line.number, location.line_position, line.text.trim())
        }
        None => "shaders".to_owned(),
    };
    let module = naga::front::wgsl::parse_str(&source)
        .map_err(|error| format!("{}: {} ({variant:?})", place(error.location(&source)), error.message()))?;
    Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).map(drop).map_err(|error| {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error.as_inner());
        while let Some(inner) = cause {
            message.push_str(&format!(": {inner}"));
            cause = inner.source();
        }
        let innermost = error.spans().map(|(span, _)| *span).filter(|span| span.is_defined()).last();
        format!("{}: {message} ({variant:?})", place(innermost.map(|span| span.location(&source))))
    })
}
