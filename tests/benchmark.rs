//! The check before a benchmark: right engines pass it, wrong ones do not; and the measurement behind `--engine auto`.
//!
//! Without an adapter the GPU's part is listed as ignored; `CEVSCAN_REQUIRE_GPU=1` turns that into a failure.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::process::ExitCode;
use std::sync::Arc;

use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::simd::SimdLevel;
use cevscan::benchmark::choice::{cpu_points_per_second, gpu_speed};
use cevscan::benchmark::{CHECK_POINTS, check};
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{AdapterChoice, GpuEngine, adapters, quiet_vulkan_loader};
use cevscan::scan::{Device, Fallback, Gpu, Plane, ProfileOn};
use cevscan::statistics::row::RowFit;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet.
    #[allow(unsafe_code, reason = "the Vulkan loader takes its verbosity from the environment alone")]
    unsafe {
        quiet_vulkan_loader();
    }
    let mut trials = vec![
        plain("the CPU engine passes on every model", cpu_passes),
        plain("a wrong engine does not pass", wrong_does_not_pass),
        plain("the speed of the CPU is measured", cpu_speed),
    ];
    let found = adapters();
    for adapter in &found {
        let index = adapter.index.to_string();
        trials.push(Trial::test(format!("{}: right, and measured", adapter.name), move || {
            on_gpu(&GpuEngine::open(&AdapterChoice::explicit(Some(&index)))?);
            Ok(())
        }));
    }
    if found.is_empty() {
        let required = std::env::var("CEVSCAN_REQUIRE_GPU").is_ok_and(|value| value == "1");
        let missing = || Err("CEVSCAN_REQUIRE_GPU=1, but no adapter was found".into());
        trials.push(Trial::test("no adapter: right, and measured", missing).with_ignored_flag(!required));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn plain(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// 10,000 random points of each model: chi2 within 1e-6 of direct sums with the minimiser of reference.
fn cpu_passes() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    for model in Model::all().unwrap() {
        let check = check(&Analysis::new(&model, &experiments), Device::Cpu, 20_221_102).unwrap();
        assert!(check.passed() && check.points == CHECK_POINTS, "{}: {check:?}", model.name);
        assert_eq!(check.allowed_chi2_difference, 1e-6);
        check.require("cpu").unwrap();
    }
}

/// Data that differ by one event in one bin, in the kernel alone.
fn wrong_does_not_pass() {
    let model = Model::named("b-l").unwrap();
    for data in ["csi", "lar"] {
        let mut experiments = Experiment::parse_list(data).unwrap();
        let mut wrong = experiments[0].measurement.clone();
        wrong.observation.counts[20] += 1.0;
        let right = RowFit::clone(&experiments[0].rows);
        let wrong = RowFit::new([&wrong], SimdLevel::detect());
        experiments[0].rows = Arc::new(right.with_kernel_of(wrong));
        let check = check(&Analysis::new(&model, &experiments), Device::Cpu, 1).unwrap();
        assert!(!check.passed(), "{data}: {check:?}");
        let error = check.require("cpu").unwrap_err().to_string();
        assert!(error.contains("cpu") && error.contains("1e-6 allowed"), "{error}");
    }
}

fn cpu_speed() {
    let (experiments, model) = (Experiment::parse_list("csi+lar").unwrap(), Model::named("b-l").unwrap());
    let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (3, 1000), 2).unwrap();
    let speed = cpu_points_per_second(&Analysis::new(&model, &experiments), &plane);
    assert!(speed.is_finite() && speed > 0.0, "{speed}");
}

fn on_gpu(engine: &GpuEngine) {
    let (experiments, model) = (Experiment::parse_list("csi+lar").unwrap(), Model::named("universal").unwrap());
    let analysis = Analysis::new(&model, &experiments);
    for profile in [ProfileOn::Cpu, ProfileOn::Gpu] {
        let check = check(&analysis, Device::Gpu(Gpu { engine, profile, fallback: Fallback::None }), 3).unwrap();
        assert!(check.passed(), "{profile:?}: {check:?}");
        assert!(check.largest_count_deviation.unwrap() > 0.0 && check.allowed_chi2_difference == 1e-3);
    }
    let speed = gpu_speed(&analysis, engine, 0.25).unwrap();
    assert_eq!(speed.adapter, engine.adapter().with_driver());
    assert!(
        speed.start_s > 0.25 && speed.profile_cpu.is_some_and(|rate| rate > 0.0) && speed.profile_gpu > 0.0,
        "{speed:?}"
    );
}
