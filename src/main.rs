//! The `cevscan` program: parse, run, report.

use std::process::ExitCode;

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet, so nobody reads the environment while it is changed.
    #[allow(unsafe_code, reason = "the Vulkan loader takes its verbosity from the environment alone")]
    unsafe {
        cevscan::rates::gpu::quiet_vulkan_loader();
    }
    ExitCode::from(cevscan::cli::run(std::env::args_os()))
}
