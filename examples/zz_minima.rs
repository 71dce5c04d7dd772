//! Studies.
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let experiments = Experiment::parse_list(&args[1]).unwrap();
    let model = Model::all().unwrap().into_iter().find(|m| m.name == args[2]).unwrap();
    let analysis = Analysis::new(&model, &experiments);
    for pair in args[3..].chunks(2) {
        let (m, g): (f64, f64) = (pair[0].parse().unwrap(), pair[1].parse().unwrap());
        println!("{m} MeV {g}");
        let mut all = analysis.minima(m, g, 300);
        let first = all[0].0;
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (chi2, pulls) in all.iter().take(8) {
            println!(
                "  {}{chi2:.6}  {}",
                if *chi2 == first { "*" } else { " " },
                pulls.iter().map(|p| format!("{p:.2}")).collect::<Vec<_>>().join(" ")
            );
        }
    }
}
