//! What crosses the border to the window: every type that its bindings are made of.
//!
//! The engine's own shapes are mirrored here field for field, because the shell does not link the
//! engine. Offsets on this side count UTF-16 units, as JavaScript's strings do.

mod check;
mod data;
mod events;
mod metrics;
mod models;
mod news;
mod reading;
mod repair;
mod runs;
mod settings;

pub use check::*;
pub use data::*;
pub use events::*;
pub use metrics::*;
pub use models::*;
pub use news::*;
pub use reading::*;
pub use repair::*;
pub use runs::*;
pub use settings::*;

pub use crate::failure::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use specta::Type;

/// A number with a fraction. JSON has no infinities: what is not finite travels as `null`, and the
/// bindings call it `number` all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Num(pub f64);

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Ok(Self(
            Option::<f64>::deserialize(source)?.unwrap_or(f64::NAN),
        ))
    }
}

impl Type for Num {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <specta_typescript::Number as Type>::definition(types)
    }
}

/// A value of another crate as its mirror here; both write the same JSON.
///
/// # Panics
/// The two differ, which a test of each mirror rules out.
pub fn mirror<T: DeserializeOwned>(original: &impl Serialize) -> T {
    serde_json::to_value(original)
        .and_then(serde_json::from_value)
        .expect("a mirror reads what its original writes")
}
