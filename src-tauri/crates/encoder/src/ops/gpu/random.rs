//! The counter-based dropout of [`crate::ops::random`] inside kernels: the same elements are dropped
//! as on the CPU.
//!
//! The CPU mixes a row's key in 64 bits. Not every device has 64-bit integers, so here such a number is
//! two of 32 bits.

use crate::ops::random::Dropout;
use cubecl::prelude::*;

/// What a kernel is passed of a dropout. With a limit of 0 nothing is dropped.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(super) struct DropoutKey {
    low: u32,
    high: u32,
    /// Elements whose mixed number lies below are dropped.
    limit: u32,
    /// What kept elements are multiplied by.
    kept: f32,
}

/// The argument for a kernel that takes a [`DropoutKey`].
pub(super) fn launch_dropout(dropout: Option<Dropout>) -> DropoutKeyLaunch {
    match dropout {
        Some(dropout) => {
            let (key, limit, kept) = dropout.numbers();
            DropoutKeyLaunch::new(key as u32, (key >> 32) as u32, limit, kept)
        }
        None => DropoutKeyLaunch::new(0, 0, 0, 1.0),
    }
}

/// The upper 32 bits of a product, from halves of 16: a compiler may know no wider integers.
#[cube]
fn upper_half(number: u32, #[comptime] by: u32) -> u32 {
    let by_low = comptime!(by & 0xFFFF);
    let by_high = comptime!(by >> 16);
    let low = number & 0xFFFFu32;
    let high = number >> 16;
    let middle = high * by_low + ((low * by_low) >> 16);
    let other = low * by_high + (middle & 0xFFFFu32);
    high * by_high + (middle >> 16) + (other >> 16)
}

/// The lower 64 bits of a product of two 64-bit numbers, each given as its lower and upper half.
#[cube]
fn multiply(low: u32, high: u32, #[comptime] by: u64) -> (u32, u32) {
    let by_low = comptime!(by as u32);
    let by_high = comptime!((by >> 32) as u32);
    let upper = upper_half(low, by_low) + low * by_high + high * by_low;
    (low * by_low, upper)
}

/// The key of a row (all dimensions but the last, counted through): SplitMix64 (Steele et al. 2014).
#[cube]
pub(super) fn row_key(dropout: &DropoutKey, row: u32) -> u32 {
    let (low, high) = multiply(row + 1, 0u32, 0x9E37_79B9_7F4A_7C15u64);
    let low = low ^ dropout.low;
    let high = high ^ dropout.high;
    let (low, high) = multiply(
        low ^ ((low >> 30) | (high << 2)),
        high ^ (high >> 30),
        0xBF58_476D_1CE4_E5B9u64,
    );
    let (low, high) = multiply(
        low ^ ((low >> 27) | (high << 5)),
        high ^ (high >> 27),
        0x94D0_49BB_1331_11EBu64,
    );
    low ^ ((low >> 31) | (high << 1))
}

/// What the element in `column` of the row with this key is multiplied by.
#[cube]
pub(super) fn factor(dropout: &DropoutKey, key: u32, column: u32) -> f32 {
    let key = Vector::<u32, Const<1>>::new(key);
    let column = Vector::<u32, Const<1>>::new(column);
    factors(dropout, key, column).extract(0usize)
}

/// The same of several elements, each with the key of its own row. Mixing as in `lowbias32` (Wellons,
/// hash-prospector).
#[cube]
pub(super) fn factors<N: Size>(
    dropout: &DropoutKey,
    keys: Vector<u32, N>,
    columns: Vector<u32, N>,
) -> Vector<f32, N> {
    let mixed = (columns * Vector::new(0x9E37_79B9u32)) ^ keys;
    let mixed = (mixed ^ (mixed >> Vector::new(16u32))) * Vector::new(0x7FEB_352Du32);
    let mixed = (mixed ^ (mixed >> Vector::new(15u32))) * Vector::new(0x846C_A68Bu32);
    let mixed = mixed ^ (mixed >> Vector::new(16u32));
    let is_kept = mixed.greater_equal(&Vector::new(dropout.limit));
    select_many(is_kept, Vector::new(dropout.kept), Vector::new(0.0f32))
}

/// Several numbers times the factors of their elements. Without dropout nothing is mixed.
#[cube]
pub(super) fn dropped<N: Size>(
    dropout: &DropoutKey,
    keys: Vector<u32, N>,
    columns: Vector<u32, N>,
    values: Vector<f32, N>,
) -> Vector<f32, N> {
    let mut out = values;
    if dropout.limit > 0u32 {
        out = values * factors(dropout, keys, columns);
    }
    out
}
