fn main(){
 use cevscan::rates::{*, gpu::*, synthetic::*};
 use std::time::Instant;
 for a in adapters() { println!("{a:?}"); }
 let e = GpuEngine::open(&AdapterChoice::explicit(None)).unwrap();
 println!("{} {:?}", e.describe(), self_test(&e));
 let plan = synthetic::plan(&Shape::usual());
 let t = Instant::now();
 let r = e.rates(&plan).unwrap();
 println!("prepare {:?}", t.elapsed());
 let points = plane(256,256);
 for _ in 0..3 { let t = Instant::now();
 let c = r.submit(&points).unwrap().wait().unwrap();
 println!("{:?} {} Mpt/s {}", t.elapsed(), points.len() as f64/1e6/t.elapsed().as_secs_f64(), c.redone_in_f64); }
 let t = Instant::now();
 println!("{:?} {:?}", parity::compare(&e, &plan, &points), t.elapsed());
}
