//! The SIMD vectors that the kernels are made of: one register of `f32`, or of pairs of `bf16`.
//!
//! A kernel is written once over [`SimdF32`] and compiled for each kind of processor inside a function
//! that has its features enabled. Every method is inlined into such a function.

/// A register of `f32`. No method may run on a processor that lacks the register's features.
pub(super) trait SimdF32: Copy {
    /// How many numbers it holds.
    const N: usize;

    unsafe fn splat(x: f32) -> Self;

    /// Reads `N` numbers, aligned or not.
    unsafe fn load(from: *const f32) -> Self;

    /// Writes `N` numbers, aligned or not.
    unsafe fn store(self, to: *mut f32);

    unsafe fn add(self, other: Self) -> Self;

    unsafe fn times(self, other: Self) -> Self;

    /// `self · other + sum`, rounded once except in [`Plain`].
    unsafe fn times_plus(self, other: Self, sum: Self) -> Self;

    /// Asks for a line of memory that will be read and written soon.
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}

    /// Asks for a line of memory that will be read after what is being read now.
    #[inline(always)]
    unsafe fn prefetch_ahead(_: *const f32) {}
}

/// For processors of which nothing is known: four numbers, product and sum rounded one by one.
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; 4]);

impl SimdF32 for Plain {
    const N: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller names four numbers.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller names four numbers.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]])
    }

    #[inline(always)]
    unsafe fn times(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]])
    }

    #[inline(always)]
    unsafe fn times_plus(self, other: Self, sum: Self) -> Self {
        // SAFETY: plain arithmetic.
        unsafe { self.times(other).add(sum) }
    }
}

/// The same with factors that are pairs of 16-bit numbers: the second products of both are added to the
/// sums and then the first, as processors with instructions for it do.
#[derive(Clone, Copy)]
pub(super) struct PlainPairs(Plain);

impl PlainPairs {
    /// The first and the second numbers.
    #[inline(always)]
    fn halves(self) -> [Plain; 2] {
        let bits = self.0.0.map(f32::to_bits);
        [
            Plain(bits.map(|bits| f32::from_bits(bits << 16))),
            Plain(bits.map(|bits| f32::from_bits(bits & 0xFFFF_0000))),
        ]
    }
}

// SAFETY of all that follows: as for `Plain`.
impl SimdF32 for PlainPairs {
    const N: usize = Plain::N;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self(unsafe { Plain::splat(x) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { Plain::load(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { self.0.store(to) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { self.0.add(other.0) })
    }

    #[inline(always)]
    unsafe fn times(self, other: Self) -> Self {
        Self(unsafe { self.0.times(other.0) })
    }

    #[inline(always)]
    unsafe fn times_plus(self, other: Self, sum: Self) -> Self {
        let ([a, b], [c, d]) = (self.halves(), other.halves());
        // The product of two such numbers is exact in 32 bits.
        Self(unsafe { a.times_plus(c, b.times_plus(d, sum.0)) })
    }
}

/// Implements [`SimdF32`] by the intrinsics of a processor.
macro_rules! simd_f32 {
    ($(#[$meta:meta])* $name:ident($register:ty) of $n:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $times:ident, |$a:ident, $b:ident, $sum:ident| $fused:expr, $soon:path, $ahead:path) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name($register);

        // SAFETY of all that follows: the caller's processor has the register, and the pointers are
        // good for `N` numbers; the instructions ask for no alignment.
        #[allow(unused_unsafe, reason = "where all processors have them, intrinsics are safe")]
        impl SimdF32 for $name {
            const N: usize = $n;

            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                Self(unsafe { $splat(x) })
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                Self(unsafe { $load(from) })
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                unsafe { $store(to, self.0) }
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn times(self, other: Self) -> Self {
                Self(unsafe { $times(self.0, other.0) })
            }

            #[inline(always)]
            unsafe fn times_plus(self, other: Self, sum: Self) -> Self {
                let ($a, $b, $sum) = (self.0, other.0, sum.0);
                Self(unsafe { $fused })
            }

            #[inline(always)]
            unsafe fn prefetch(line: *const f32) {
                $soon(line);
            }

            #[inline(always)]
            unsafe fn prefetch_ahead(line: *const f32) {
                $ahead(line);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::SimdF32;
    use std::arch::x86_64::*;

    simd_f32!(
        /// Eight numbers; needs AVX2 and FMA.
        Avx2(__m256) of 8,
        _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_mul_ps,
        |a, b, sum| _mm256_fmadd_ps(a, b, sum),
        soon, ahead
    );
    simd_f32!(
        /// Sixteen numbers; needs AVX-512F.
        Avx512(__m512) of 16,
        _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_mul_ps,
        |a, b, sum| _mm512_fmadd_ps(a, b, sum),
        soon, ahead
    );
    simd_f32!(
        /// Sixteen sums, or as many pairs of 16-bit factors; needs AVX512-BF16.
        Avx512Pairs(__m512) of 16,
        _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_mul_ps,
        |a, b, sum| _mm512_dpbf16_ps(sum, pairs(a), pairs(b)),
        soon, ahead
    );

    /// Into the nearest cache.
    #[inline(always)]
    fn soon(line: *const f32) {
        // SAFETY: any address will do, nothing is read of it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
    }

    /// Into the second cache: the nearest is full of what is being read.
    #[inline(always)]
    fn ahead(line: *const f32) {
        // SAFETY: as above.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) }
    }

    #[inline(always)]
    unsafe fn pairs(bits: __m512) -> __m512bh {
        // SAFETY: both are 64 bytes of which any value is good.
        unsafe { std::mem::transmute(bits) }
    }
}
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512, Avx512Pairs};

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::SimdF32;
    use std::arch::aarch64::*;

    /// Not measured yet.
    fn nothing(_line: *const f32) {}

    simd_f32!(
        /// Four numbers; every processor of this architecture has them.
        Neon(float32x4_t) of 4,
        vdupq_n_f32, vld1q_f32, vst1q_f32, vaddq_f32, vmulq_f32,
        |a, b, sum| vfmaq_f32(sum, a, b),
        nothing, nothing
    );
}
#[cfg(target_arch = "aarch64")]
pub(super) use arm::Neon;
