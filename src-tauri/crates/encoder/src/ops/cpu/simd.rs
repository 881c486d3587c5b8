//! Loops compiled for AVX2 and AVX-512 too, and the few functions that such loops are made of.

/// Declares a function whose body is compiled for AVX2 and for AVX-512 as well; which one runs is seen at
/// run time.
///
/// Bodies are plain loops: products and sums stay separate operations, so all compilations give the same
/// bits.
macro_rules! vectorised {
    ($(#[$meta:meta])* $vis:vis fn $name:ident $(<$number:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? $body:block) => {
        $(#[$meta])*
        #[allow(unsafe_code, reason = "calling what is compiled for one processor needs it")]
        #[allow(clippy::too_many_arguments, reason = "a kernel takes its slices one by one")]
        $vis fn $name $(<$number: $bound>)? ($($arg: $type),*) $(-> $out)? {
            #[inline(always)]
            fn anywhere $(<$number: $bound>)? ($($arg: $type),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2 $(<$number: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    anywhere($($arg),*)
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn with_avx512 $(<$number: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    anywhere($($arg),*)
                }
                // SAFETY: the processor has what each function is compiled for, as just asked.
                match $crate::ops::cpu::simd::width() {
                    512 => return unsafe { with_avx512($($arg),*) },
                    256 => return unsafe { with_avx2($($arg),*) },
                    _ => {}
                }
            }
            anywhere($($arg),*)
        }
    };
}
pub(super) use vectorised;

/// How many bits the registers have that loops are compiled for.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn width() -> usize {
    if is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
    {
        512
    } else if is_x86_feature_detected!("avx2") {
        256
    } else {
        128
    }
}

/// How many sums run side by side: two registers of eight.
const LANES: usize = 16;

/// The sum of `term` over equally long slices.
///
/// The order of additions depends on the length alone, so the same numbers give the same bits.
#[inline(always)]
pub(super) fn sum<E: Copy, const N: usize>(slices: [&[E]; N], term: impl Fn([E; N]) -> f32) -> f32 {
    let length = slices[0].len();
    assert!(slices.iter().all(|slice| slice.len() == length));
    let blocks = slices.map(|slice| slice.as_chunks::<LANES>());
    let mut sums = [0.0f32; LANES];
    for block in 0..length / LANES {
        let blocks = blocks.map(|(whole, _)| &whole[block]);
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(blocks.map(|block| block[lane]));
        }
    }
    for at in length / LANES * LANES..length {
        sums[at % LANES] += term(slices.map(|slice| slice[at]));
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// The largest number of a slice; −∞ of an empty one.
#[inline(always)]
pub(super) fn largest(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut tops = [f32::NEG_INFINITY; LANES];
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    for block in blocks {
        for (top, value) in tops.iter_mut().zip(block) {
            *top = larger(*top, *value);
        }
    }
    tops.iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |a, b| larger(a, *b))
}

/// `e^x` for `x` ≤ 88, to 1e-7 of the value; exactly 0 below −87.
///
/// `x` is split into `n ln 2 + r` with |r| ≤ ln 2 / 2 (Cody and Waite 1980); the polynomial is the
/// minimax fit of degree 6 of `e^r` in relative error, made for this file.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding 1.5 · 2^23 leaves the nearest integer in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let clamped = if x < -87.0 { -87.0 } else { x };
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (clamped - whole * LN2_HIGH) - whole * LN2_LOW;
    let series = 0.001_381_461_3;
    let series = series * r + 0.008_368_71;
    let series = series * r + 0.041_668_39;
    let series = series * r + 0.166_665_21;
    let series = series * r + 0.499_999_94;
    let series = (series * r * r + r) + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let power = f32::from_bits(exponent.wrapping_add(127) << 23);
    if x < -87.0 { 0.0 } else { series * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exact_to_rounding_and_underflows_to_zero() {
        for step in -87_000..88_000 {
            let x = step as f32 / 1000.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 1.5e-7, "exp({x}) is off by {error:e}");
        }
        assert_eq!(exp(-87.5), 0.0);
        assert_eq!(exp(-1.0e38), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn sums_and_maxima_of_every_length() {
        for length in 0..70usize {
            let a: Vec<f32> = (0..length).map(|i| (i as f32 * 0.7).sin()).collect();
            let b: Vec<f32> = (0..length).map(|i| (i as f32 * 0.3).cos()).collect();
            let expected: f64 = a
                .iter()
                .zip(&b)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum();
            let found = sum([&a, &b], |[a, b]| a * b);
            assert!((f64::from(found) - expected).abs() < 1e-5, "{length}");
            let top = a.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(largest(&a), top);
        }
    }
}
