//! Whole maps in memory, best fit and certificate included, per engine.

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{AdapterChoice, GpuEngine, adapters, self_test};
use cevscan::scan::{Device, Fallback, Gpu, Map, Plane, ProfileOn, Settings, Unobserved, scan};
use criterion::{Criterion, Throughput};

fn main() -> cevscan::Result<()> {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let (model, experiments) = (Model::named("b-l")?, Experiment::parse_list("csi+lar")?);
    let analysis = Analysis::new(&model, &experiments);
    let map = |device: Device<'_>, (masses, couplings)| -> cevscan::Result<Map> {
        let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (masses, couplings), 2)?;
        scan(
            &analysis,
            plane,
            Settings { device, tile_rows: None, delta_chi2: 6.18007, minimum: Minimum::Plane },
            &Unobserved,
        )
    };
    let mut group = criterion.benchmark_group("map, b-l on csi+lar");
    let mut bench = |name: &str, device: Device<'_>, grid: (usize, usize)| -> cevscan::Result<()> {
        // What fails is an error here and not a time below.
        map(device, grid)?;
        group.throughput(Throughput::Elements((grid.0 * grid.1) as u64));
        group.bench_function(name, |bencher| bencher.iter(|| map(device, grid)));
        Ok(())
    };
    bench("cpu, 1000x1000", Device::Cpu, (1000, 1000))?;
    bench("reference, 50x50", Device::Reference, (50, 50))?;
    for adapter in adapters() {
        let engine = GpuEngine::open(&AdapterChoice::explicit(Some(&adapter.index.to_string())))?;
        self_test(&engine)?;
        for profile in [ProfileOn::Cpu, ProfileOn::Gpu] {
            let device = Device::Gpu(Gpu { engine: &engine, profile, fallback: Fallback::None });
            let grid = if adapter.hardware { (1000, 1000) } else { (200, 200) };
            bench(&format!("{}, profile on {profile:?}, {}x{}", adapter.name, grid.0, grid.1), device, grid)?;
        }
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
