//! Studies.
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use rayon::prelude::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let experiments = Experiment::parse_list(&args[1]).unwrap();
    let n: usize = args[2].parse().unwrap();
    let starts: usize = args[3].parse().unwrap();
    for model in Model::all().unwrap() {
        let analysis = Analysis::new(&model, &experiments);
        let smallest = analysis.minima(100.0, 0.0, 1)[0].0;
        let rows: Vec<_> = (0..n)
            .into_par_iter()
            .map(|i| {
                let mut r = fastrand::Rng::with_seed(i as u64);
                let m = 10f64.powf(-1.0 + 4.0 * r.f64());
                let g = 10f64.powf(-6.0 + 6.0 * r.f64());
                (m, g, analysis.minima(m, g, starts))
            })
            .collect();
        let (mut two, mut three, mut missed, mut near) = (0, 0, 0, 0);
        let mut shown = 0;
        for (m, g, mut all) in rows {
            let first = all[0].0;
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            two += (all.len() == 2) as usize;
            three += (all.len() > 2) as usize;
            if first > all[0].0 + 1e-6 {
                missed += 1;
                if first - smallest < 50.0 {
                    near += 1;
                }
                shown += 1;
                if shown <= 4 || first - smallest < 50.0 {
                    println!("   {m:.3} {g:.4e}: {first:.4}");
                    for (chi2, pulls) in all.iter().take(4) {
                        println!(
                            "      {chi2:.4}  {}",
                            pulls.iter().map(|p| format!("{p:.2}")).collect::<Vec<_>>().join(" ")
                        );
                    }
                }
            }
        }
        println!("{}: {n} points, {two} with two, {three} with more, missed {missed}, near {near}", model.name);
    }
}
