use cevscan::dataset::Dataset;
use cevscan::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::*;
fn main() {
    for d in ["csi", "lar"] {
        let ds = Dataset::named(d).unwrap();
        let t = std::time::Instant::now();
        let n = Nodes::new(&ds, Resolution::default());
        println!("{d} nodes in {:?}", t.elapsed());
        for m in ["universal", "lmu-ltau", "scalar"] {
            let m = Model::named(m).unwrap();
            let f = |q| Nodes::new(&ds, Resolution { quarters: q }).plan(&ds, &m);
            let ps: Vec<_> = [2, 4, 8, 16].iter().map(|q| f(*q)).collect();
            println!("{:?}", ps.iter().map(|p| p.nodes()).collect::<Vec<_>>());
            for pt in [
                Point { mass_mev: 0.1, coupling: 0.0 },
                Point { mass_mev: 0.1, coupling: 1e-3 },
                Point { mass_mev: 10., coupling: 1e-4 },
                Point { mass_mev: 1e5, coupling: 0.1778279410038923 },
            ] {
                println!("{pt:?}");
                let c: Vec<Vec<f64>> = ps
                    .iter()
                    .map(|p| {
                        let mut c = vec![0.0; p.channels()];
                        counts_at(p, pt, &mut c);
                        c
                    })
                    .collect();
                for i in 0..c[0].len() {
                    println!(
                        "{i} {:.4e} {:.1e} {:.1e} {:.1e}",
                        c[3][i],
                        c[0][i] / c[3][i] - 1.0,
                        c[1][i] / c[3][i] - 1.0,
                        c[2][i] / c[3][i] - 1.0
                    );
                }
            }
            let _ = &n;
        }
    }
}
