//! `cevscan coverage`.

use crate::Result;
use crate::analysis::Analysis;

use super::args::{Common, CoverageArgs};
use super::coverage_points::make;
use super::coverage_request::{How, Request};
use super::kept::Shard;
use super::toy_parts;

pub fn run(args: &CoverageArgs, common: &Common) -> Result<u8> {
    let request = Request::typed(args)?;
    if let Some(shard) = args.shard.as_deref().map(Shard::parse).transpose()? {
        return toy_parts::make_part(request, shard, args, common);
    }
    let (model, experiments) = request.open(common)?;
    let how = How {
        out: args.out.clone(),
        fresh: args.fresh,
        format: args.format,
        engine: (args.engine, args.adapter.as_deref()),
        parts: None,
    };
    make(&request, (&model, &Analysis::new(&model, &experiments)), &how, common)
}
