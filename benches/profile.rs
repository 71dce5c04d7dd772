//! Minimisations per second of the CPU, each level of vector instructions beside the reference, and of the shader with
//! its rates. All have shown before that they are right: tests/row.rs, tests/parity_profile.rs, `cevscan bench`.

use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::simd::SimdLevel;
use cevscan::benchmark::kernels::{Minimiser, minimisation_seconds, rows_seconds};
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{AdapterChoice, GpuEngine, adapters, self_test};
use cevscan::scan::{Device, Fallback, Gpu, Plane, ProfileOn};
use criterion::{Criterion, Throughput};
use std::time::Duration;

fn main() -> cevscan::Result<()> {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let model = Model::named("b-l")?;
    for data in ["csi", "lar", "csi+lar"] {
        let mut group = criterion.benchmark_group(format!("profile, b-l on {data}"));
        let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (64, 512), 2)?;
        group.throughput(Throughput::Elements(plane.points() as u64));
        for level in SimdLevel::available() {
            let experiments: Vec<Experiment> =
                Experiment::parse_list(data)?.into_iter().map(|experiment| experiment.with_simd(level)).collect();
            let analysis = Analysis::new(&model, &experiments);
            group.bench_function(format!("rows, {level}"), |bencher| {
                bencher.iter_custom(|runs| seconds(runs, || minimisation_seconds(&analysis, Minimiser::Rows, &plane)));
            });
        }
        let experiments = Experiment::parse_list(data)?;
        let analysis = Analysis::new(&model, &experiments);
        let small = Plane::new((0.1, 1e4), (1e-6, 1.0), (8, 128), 2)?;
        group.throughput(Throughput::Elements(small.points() as u64));
        group.bench_function("reference", |bencher| {
            bencher.iter_custom(|runs| seconds(runs, || minimisation_seconds(&analysis, Minimiser::Reference, &small)));
        });
        group.throughput(Throughput::Elements(plane.points() as u64));
        for adapter in adapters() {
            let engine = GpuEngine::open(&AdapterChoice::explicit(Some(&adapter.index.to_string())))?;
            self_test(&engine)?;
            let device = Device::Gpu(Gpu { engine: &engine, profile: ProfileOn::Gpu, fallback: Fallback::None });
            rows_seconds(&analysis, device, &plane)?;
            group.bench_function(format!("rates and profile in the shader, {}", adapter.name), |bencher| {
                bencher
                    .iter_custom(|runs| seconds(runs, || rows_seconds(&analysis, device, &plane).unwrap_or(f64::NAN)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// What criterion asks for: the time of so many runs. A run that failed would be no time at all: zero.
fn seconds(runs: u64, run: impl Fn() -> f64) -> Duration {
    Duration::try_from_secs_f64((0..runs).map(|_| run()).sum()).unwrap_or_default()
}
