//! Checks the shaders: one that does not compile stops the build and names the file and the line.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's stdout")]

#[path = "src/statistics/gpu/shader.rs"]
mod fit_shader;
#[path = "src/rates/gpu/shader.rs"]
mod shader;
#[path = "src/rates/gpu/wgsl.rs"]
mod wgsl;

use naga::valid::{Capabilities, ValidationFlags, Validator};
// The name under which the fit's shader knows it.
use shader as shared;
use std::process::ExitCode;
use wgsl::{Line, text};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shaders");
    for file in ["src/rates/gpu/shader.rs", "src/rates/gpu/wgsl.rs", "src/statistics/gpu/shader.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let rates = shader::Variant::SAMPLES.iter().map(|variant| (format!("{variant:?}"), variant.lines()));
    let fits = fit_shader::Variant::SAMPLES.iter().map(|variant| (format!("{variant:?}"), variant.lines()));
    let faults: Vec<String> = rates.chain(fits).filter_map(|(name, lines)| check(&name, &lines).err()).collect();
    let Some(first) = faults.first() else { return ExitCode::SUCCESS };
    println!("cargo::error={}", first.replace('\n', " "));
    ExitCode::FAILURE
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
