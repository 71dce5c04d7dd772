// Results are cleared to UNWRITTEN = 0 before a shader runs; what it writes is never 0.

/// Bits of a result: +0 is written as -0.
fn written(bits: u32) -> u32 {
    return select(bits, 0x80000000u, bits == UNWRITTEN);
}
