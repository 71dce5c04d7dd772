//! Studies.
use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Plane, Settings, Unobserved, scan};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let experiments = Experiment::parse_list(&args[1]).unwrap();
    let n: usize = args[3].parse().unwrap();
    for model in Model::all().unwrap().into_iter().filter(|m| args[2] == "all" || m.name == args[2]) {
        let analysis = Analysis::new(&model, &experiments);
        let start = std::time::Instant::now();
        cevscan::analysis::limits::best_fit(&analysis).unwrap();
        println!("best fit {:.3}", start.elapsed().as_secs_f64());
        for _ in 0..2 {
            let start = std::time::Instant::now();
            let plane = Plane::new((0.1, 1000.0), (1e-6, 1.0), (n, n), 2).unwrap();
            let settings = Settings {
                device: Device::Interpolated,
                tile_rows: None,
                delta_chi2: 6.18007,
                minimum: Minimum::Plane,
            };
            let map = scan(&analysis, plane, settings, &Unobserved).unwrap();
            println!("{} {:.3} s {:.3e}; {:?}", model.name, start.elapsed().as_secs_f64(), map.chi2.iter().filter(|c| !c.is_nan()).sum::<f64>(), map.interpolation.as_ref().map(|i| format!("{i:?}")));
        }
    }
}
