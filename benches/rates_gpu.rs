//! Points per second of each adapter on a plan of usual size, after it has shown that its counts are right.

use cevscan::rates::gpu::{AdapterChoice, GpuEngine, adapters, self_test};
use cevscan::rates::synthetic::{Shape, plan, plane};
use cevscan::rates::{Counts, Rates};
use criterion::{Criterion, Throughput};

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let found = adapters();
    if found.is_empty() {
        eprintln!("rates_gpu: skipped, no adapter");
    }
    for adapter in found {
        if let Err(error) = bench(&mut criterion, &adapter.name, adapter.index) {
            eprintln!("rates_gpu: {error}");
        }
    }
    criterion.final_summary();
}

fn bench(criterion: &mut Criterion, name: &str, index: usize) -> cevscan::Result<()> {
    let engine = GpuEngine::open(&AdapterChoice::explicit(Some(&index.to_string())))?;
    self_test(&engine)?;
    let plan = plan(&Shape::usual());
    let rates = engine.rates(&plan)?;
    let points = plane((1e-3, 1e6), 256, 256);
    let evaluate = || -> cevscan::Result<Counts> { rates.submit(&points)?.wait() };
    evaluate()?;
    let mut group = criterion.benchmark_group("rates_gpu");
    group.throughput(Throughput::Elements(points.len() as u64));
    group.bench_function(format!("600 nodes x 12 bins, {name}"), |bencher| bencher.iter(evaluate));
    group.finish();
    Ok(())
}
