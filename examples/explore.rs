#![allow(unsafe_code, clippy::all, missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use cevscan::analysis::{Analysis, Experiment};
use cevscan::model::Model;
use cevscan::rates::gpu::*;
use cevscan::rates::plan::Plan;
use cevscan::rates::{Point, cpu};
use cevscan::statistics::gpu::GpuProfiler;
use rayon::prelude::*;
use std::time::Instant;
#[path = "../tests/planes/mod.rs"]
mod planes;
fn main() {
    unsafe { quiet_vulkan_loader() };
    let n: usize = std::env::args().nth(1).map_or(40, |a| a.parse().unwrap());
    let engine = GpuEngine::open(&AdapterChoice::explicit(None)).unwrap();
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    for model in Model::all().unwrap() {
        let analysis = Analysis::new(&model, &experiments);
        for ch in &analysis.channels {
            let (plan, fit): (&Plan, _) = (&ch.plan, &ch.experiment.fit);
            let mut points = planes::default_plane(n, n).unwrap();
            points.extend(planes::cancelling(plan, n).unwrap());
            let t = Instant::now();
            let p = GpuProfiler::new(&engine, plan, fit).unwrap();
            let prep = t.elapsed().as_secs_f64();
            let t = Instant::now();
            let got = p.submit(&points).unwrap().wait().unwrap();
            let dt = t.elapsed().as_secs_f64();
            let t = Instant::now();
            let reference: Vec<f64> = points
                .par_iter()
                .map_init(
                    || (vec![0.0; plan.channels()], fit.workspace()),
                    |(c, w), p: &Point| {
                        cpu::counts_at(plan, *p, c);
                        fit.profile(c, w).chi2
                    },
                )
                .collect();
            let cpu_t = t.elapsed().as_secs_f64();
            let min = reference.iter().copied().fold(f64::INFINITY, f64::min);
            let (mut worst, mut at, mut far, mut low) = (0.0, 0, 0.0f64, f64::INFINITY);
            for (i, (g, r)) in got.chi2.iter().zip(&reference).enumerate() {
                let d = (g - r).abs();
                if r - min < 50.0 {
                    if !(d <= worst) {
                        worst = d;
                        at = i;
                    }
                } else {
                    far = far.max(d);
                    low = low.min(g - min);
                }
            }
            println!(
                "{:14} {} points {} worst {:.2e} at {:?} chi2-min {:.2}; far {:.2e} low {:.2}; redone {} steps {:.2} prep {:.2}s {:.0} kpt/s cpu {:.0} kpt/s nan {}",
                model.name,
                ch.experiment.dataset.name,
                points.len(),
                worst,
                points[at],
                reference[at] - min,
                far,
                low,
                got.redone_in_f64,
                got.steps as f64 / points.len() as f64,
                prep,
                points.len() as f64 / dt / 1e3,
                points.len() as f64 / cpu_t / 1e3,
                reference.iter().filter(|x| x.is_nan()).count()
            );
        }
    }
}
