//! The element types of operands and results: `f32` and `bf16`.

use super::super::simd::vectorised;
use half::bf16;

/// An element of an operand or a result. Sums are always `f32`.
pub trait Number: Copy + Default + Send + Sync + std::fmt::Debug + 'static {
    /// The same number as `f32`. Not called `to_f32`, because `bf16` has a method of that name.
    fn as_f32(self) -> f32;

    /// The nearest number, ties to even.
    fn of(value: f32) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn as_f32(self) -> f32 {
        self
    }

    #[inline(always)]
    fn of(value: f32) -> Self {
        value
    }
}

impl Number for bf16 {
    #[inline(always)]
    fn as_f32(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    /// Without a branch, so that loops of it become vectors.
    #[inline(always)]
    fn of(value: f32) -> Self {
        let bits = value.to_bits();
        let rounded = bits.wrapping_add(0x7FFF + (bits >> 16 & 1)) >> 16;
        // Of NaN the rounding could leave an infinity.
        let quiet = bits >> 16 | 0x40;
        let is_nan = bits & 0x7FFF_FFFF > 0x7F80_0000;
        Self::from_bits(if is_nan { quiet } else { rounded } as u16)
    }
}

vectorised! {
    /// The nearest numbers in `bf16`.
    pub(in super::super) fn to_bf16(values: &[f32], out: &mut [bf16]) {
        for (value, out) in values.iter().zip(out) {
            *out = Number::of(*value);
        }
    }
}

vectorised! {
    /// The same numbers in `f32`.
    pub(in super::super) fn to_f32(values: &[bf16], out: &mut [f32]) {
        for (value, out) in values.iter().zip(out) {
            *out = value.as_f32();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_rounds_as_the_half_crate_does() {
        let some = (0..1 << 16).flat_map(|high: u32| {
            let ends = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF];
            ends.map(|low| f32::from_bits(high << 16 | low))
        });
        for wide in some {
            let (found, expected) = (<bf16 as Number>::of(wide), bf16::from_f32(wide));
            assert_eq!(found.to_bits(), expected.to_bits(), "of {wide:e}");
        }
        for bits in 0..=u16::MAX {
            let narrow = bf16::from_bits(bits);
            assert_eq!(Number::as_f32(narrow).to_bits(), u32::from(bits) << 16);
        }
    }
}
