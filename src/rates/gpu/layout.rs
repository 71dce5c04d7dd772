//! What lies in GPU memory, byte by byte. The unit tests hold every struct against naga's reading of the shader.

use bytemuck::{Pod, Zeroable};

/// `Exchange` of `shaders/types.wgsl`: one mediator exchange of four points.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Exchange {
    /// B g^2 / (M^2 + L^2).
    pub y: [f32; 4],
    /// L^2 / (M^2 + L^2).
    pub t: [f32; 4],
    /// M^2 / (M^2 + L^2).
    pub u: [f32; 4],
}

/// `Batch` of `shaders/types.wgsl`: the points of one dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Batch {
    /// Groups of four points.
    pub quads: u32,
    /// Invocations along x.
    pub row: u32,
    /// Counts of one point.
    pub channels: u32,
    /// 0.
    pub padding: u32,
}

/// `Tile` of `shaders/vertex.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Tile {
    /// Masses.
    pub rows: u32,
    /// Couplings of each.
    pub couplings: u32,
    /// Of the launch, from 1.
    pub number: u32,
    /// 0.
    pub padding: u32,
}

/// The head of `Slice` of `shaders/types.wgsl`; the table of `vec4<f32>` follows it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct SliceHead {
    /// Number of entries, a multiple of [`super::shader::BLOCK`].
    pub entries: u32,
    /// Channel of the first bin.
    pub first_channel: u32,
    /// Energy bins of this slice.
    pub bins: u32,
    /// 1 if an earlier slice has begun these counts.
    pub accumulate: u32,
}

/// One vector of a table.
pub type Vector = [f32; 4];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::gpu::shader::Variant;
    use crate::rates::gpu::wgsl::text;
    use std::mem::{offset_of, size_of};

    /// Name and offset of each member, and the size, as naga lays the struct out.
    fn reflect(module: &naga::Module, name: &str) -> (Vec<(String, usize)>, usize) {
        let found = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(name)).expect("struct in the shader");
        let naga::TypeInner::Struct { members, span } = &found.1.inner else { panic!("{name} is not a struct") };
        let members = members
            .iter()
            .map(|member| {
                assert!(
                    !matches!(
                        module.types[member.ty].inner,
                        naga::TypeInner::Vector { size: naga::VectorSize::Tri, .. }
                    ),
                    "vec3 in {name}"
                );
                (member.name.clone().expect("named"), member.offset as usize)
            })
            .collect();
        (members, *span as usize)
    }

    fn expected(members: &[(&str, usize)]) -> Vec<(String, usize)> {
        members.iter().map(|(name, offset)| ((*name).to_owned(), *offset)).collect()
    }

    #[test]
    fn structs_lie_as_the_shader_reads_them() {
        for variant in Variant::SAMPLES {
            let module = naga::front::wgsl::parse_str(&text(&variant.lines())).expect("the build has checked it");
            let exchange =
                [("y", offset_of!(Exchange, y)), ("t", offset_of!(Exchange, t)), ("u", offset_of!(Exchange, u))];
            assert_eq!(reflect(&module, "Exchange"), (expected(&exchange), size_of::<Exchange>()));

            let batch = [
                ("quads", offset_of!(Batch, quads)),
                ("row", offset_of!(Batch, row)),
                ("channels", offset_of!(Batch, channels)),
                ("padding", offset_of!(Batch, padding)),
            ];
            assert_eq!(reflect(&module, "Batch"), (expected(&batch), size_of::<Batch>()));

            let slice = [
                ("entries", offset_of!(SliceHead, entries)),
                ("first_channel", offset_of!(SliceHead, first_channel)),
                ("bins", offset_of!(SliceHead, bins)),
                ("accumulate", offset_of!(SliceHead, accumulate)),
                ("table", size_of::<SliceHead>()),
            ];
            let size = size_of::<SliceHead>() + variant.table() * size_of::<Vector>();
            assert_eq!(reflect(&module, "Slice"), (expected(&slice), size));
        }
    }
}
