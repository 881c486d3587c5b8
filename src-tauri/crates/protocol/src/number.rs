//! Numbers that JSON cannot write. It has no infinities: what is not finite is written as `null`.

use serde::{Deserialize, Deserializer};

/// Reads a number, and `null` as one that is not finite.
///
/// # Errors
/// It is neither.
pub fn or_nan<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(source)?.unwrap_or(f64::NAN))
}
