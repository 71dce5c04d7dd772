//! One body of tests, run for every adapter found.
//!
//! Without an adapter each test is listed as ignored; `CEVSCAN_REQUIRE_GPU=1` turns that into a failure.

use cevscan::rates::gpu::{AdapterChoice, AdapterInfo, GpuEngine, adapters, quiet_vulkan_loader};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

/// A test of one engine.
pub type Test = (&'static str, fn(&GpuEngine) -> Result<(), Failed>);

/// Call it first thing in `main`, while the process has one thread.
pub fn quiet() {
    // SAFETY: the callers do as they are told.
    #[allow(unsafe_code, reason = "see quiet_vulkan_loader")]
    unsafe {
        quiet_vulkan_loader()
    };
}

/// Runs the tests on every adapter, and `others` once.
#[allow(dead_code, reason = "not all that use this module run so")]
pub fn run(tests: &'static [Test], others: Vec<Trial>) -> ExitCode {
    run_with(&Arguments::from_args(), tests, others)
}

/// The same one after the other: shaders that take a software adapter long to compile are compiled once.
#[allow(dead_code, reason = "not all that use this module run so")]
pub fn run_one_by_one(tests: &'static [Test]) -> ExitCode {
    run_with(&Arguments { test_threads: Some(1), ..Arguments::from_args() }, tests, Vec::new())
}

fn run_with(arguments: &Arguments, tests: &'static [Test], others: Vec<Trial>) -> ExitCode {
    let found = adapters();
    let mut trials: Vec<Trial> = found.iter().flat_map(|adapter| trials_of(adapter, tests)).collect();
    if found.is_empty() {
        let ignored = |(name, _): &Test| Trial::test(format!("no adapter: {name}"), || Ok(())).with_ignored_flag(true);
        trials.extend(tests.iter().map(ignored));
        let required = std::env::var("CEVSCAN_REQUIRE_GPU").is_ok_and(|value| value == "1");
        let missing = || Err(Failed::from("CEVSCAN_REQUIRE_GPU=1, but no adapter was found"));
        trials.push(Trial::test("an adapter is there", missing).with_ignored_flag(!required));
    }
    trials.extend(others);
    libtest_mimic::run(arguments, trials).exit_code()
}

fn trials_of(adapter: &AdapterInfo, tests: &'static [Test]) -> Vec<Trial> {
    let trial = |&(name, test): &Test| {
        let (title, index) = (format!("{}: {name}", adapter.name), adapter.index.to_string());
        Trial::test(title, move || test(&GpuEngine::open(&AdapterChoice::explicit(Some(&index)))?))
    };
    tests.iter().map(trial).collect()
}

/// Fails with what was found, unless `condition` holds.
pub fn holds(condition: bool, found: impl std::fmt::Debug) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(format!("{found:?}").into()) }
}
