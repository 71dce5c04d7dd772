//! The buffers of one launch, and what it leaves in the one that is read back.

use super::shared::{Context, Tile, bind, buffer};
use crate::Result;
use bytemuck::{Pod, Zeroable};

/// `Tally` of `shaders/strips.wgsl`, read back behind the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Tally {
    /// Points done.
    pub points: u32,
    /// Passes over all bins.
    pub passes: u32,
    /// That of [`Tile`].
    pub number: u32,
    /// 0.
    pub padding: u32,
}

/// Bytes of a time stamp.
const STAMP: u64 = size_of::<u64>() as u64;
/// Bytes behind the results: tally, time at beginning and end.
pub(crate) const TAIL: u64 = size_of::<Tally>() as u64 + 2 * STAMP;

/// The buffers of one launch.
#[derive(Debug)]
pub struct LaunchBuffers {
    /// Most rows.
    pub capacity: usize,
    pub tile: wgpu::Buffer,
    pub lines: wgpu::Buffer,
    pub results: wgpu::Buffer,
    pub tally: wgpu::Buffer,
    pub readback: wgpu::Buffer,
    pub group: wgpu::BindGroup,
    /// The device's clock at the beginning and end, where it can be read.
    pub stamps: Option<(wgpu::QuerySet, wgpu::Buffer)>,
}

/// Size of the results of so many points, in bytes.
pub(crate) fn result_bytes(points: usize) -> u64 {
    (points * size_of::<u32>()) as u64
}

impl LaunchBuffers {
    /// Buffers for `capacity` rows of `length` couplings; a row has `line_bytes` of vertices.
    pub fn new(
        context: &Context,
        layout: &wgpu::BindGroupLayout,
        couplings: &wgpu::Buffer,
        length: usize,
        line_bytes: u64,
        capacity: usize,
    ) -> Result<LaunchBuffers> {
        use wgpu::BufferUsages as Usage;
        let lines_bytes = capacity as u64 * line_bytes;
        let results_bytes = result_bytes(capacity * length);
        context.scoped("reserving memory", |device| {
            let tile = buffer(device, "tile", size_of::<Tile>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let lines = buffer(device, "lines", lines_bytes, Usage::STORAGE | Usage::COPY_DST);
            let written = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let results = buffer(device, "results", results_bytes, written);
            let tally = buffer(device, "tally", size_of::<Tally>() as u64, written);
            let readback = buffer(device, "readback", results_bytes + TAIL, Usage::MAP_READ | Usage::COPY_DST);
            let buffers = [&tile, &lines, couplings, &results, &tally];
            let group = bind(device, "launch", layout, &buffers);
            let stamps = device.features().contains(wgpu::Features::TIMESTAMP_QUERY).then(|| {
                let set = device.create_query_set(&wgpu::QuerySetDescriptor {
                    label: Some("stamps"),
                    ty: wgpu::QueryType::Timestamp,
                    count: 2,
                });
                (set, buffer(device, "stamps", 2 * STAMP, Usage::QUERY_RESOLVE | Usage::COPY_SRC))
            });
            LaunchBuffers { capacity, tile, lines, results, tally, readback, group, stamps }
        })
    }

    /// Records what brings results, tally and time stamps of a launch of `bytes` of results into the buffer that is read.
    pub(crate) fn record_readback(&self, encoder: &mut wgpu::CommandEncoder, bytes: u64) {
        let tally = size_of::<Tally>() as u64;
        encoder.copy_buffer_to_buffer(&self.results, 0, &self.readback, 0, bytes);
        encoder.copy_buffer_to_buffer(&self.tally, 0, &self.readback, bytes, tally);
        if let Some((set, resolved)) = &self.stamps {
            encoder.resolve_query_set(set, 0..2, resolved, 0);
            encoder.copy_buffer_to_buffer(resolved, 0, &self.readback, bytes + tally, 2 * STAMP);
        }
    }
}

/// What stands behind the results: the tally, and ticks of the device's clock between beginning and end.
pub(crate) fn read_tail(tail: &[u32]) -> Option<(Tally, u64)> {
    let words: [u32; TAIL as usize / size_of::<u32>()] = tail.try_into().ok()?;
    let [points, passes, number, padding, stamps @ ..] = words;
    let [begin_low, begin_high, end_low, end_high] = stamps.map(u64::from);
    let ticks = (end_high << 32 | end_low).saturating_sub(begin_high << 32 | begin_low);
    Some((Tally { points, passes, number, padding }, ticks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::gpu::shader::Variant;
    use crate::statistics::gpu::wgsl::text;
    use std::mem::offset_of;

    #[test]
    fn structs_lie_as_the_shader_reads_them() {
        for variant in Variant::SAMPLES {
            let module = naga::front::wgsl::parse_str(&text(&variant.lines())).expect("the build has checked it");
            let offsets = |name: &str| -> (Vec<usize>, usize) {
                let found = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name)).expect("a struct");
                let naga::TypeInner::Struct { members, span } = &found.1.inner else { panic!("{name} is no struct") };
                (members.iter().map(|member| member.offset as usize).collect(), *span as usize)
            };
            let tile = [
                offset_of!(Tile, rows),
                offset_of!(Tile, couplings),
                offset_of!(Tile, number),
                offset_of!(Tile, padding),
            ];
            assert_eq!(offsets("Tile"), (tile.to_vec(), size_of::<Tile>()));
            let tally = [
                offset_of!(Tally, points),
                offset_of!(Tally, passes),
                offset_of!(Tally, number),
                offset_of!(Tally, padding),
            ];
            assert_eq!(offsets("Tally"), (tally.to_vec(), size_of::<Tally>()));
            assert_eq!(offsets("Fit").1, variant.table_bytes());
        }
    }

    #[test]
    fn the_tail_is_read_as_it_is_written() {
        let tally = Tally { points: 7, passes: 20, number: 3, padding: 0 };
        let stamps = [0xffff_ffffu64, 0x1_0000_0010];
        let mut words: Vec<u32> = bytemuck::cast_slice(&[tally]).to_vec();
        words.extend_from_slice(bytemuck::cast_slice(&stamps));
        assert_eq!(read_tail(&words), Some((tally, 17)));
        assert_eq!(read_tail(&words[1..]), None);
    }
}
