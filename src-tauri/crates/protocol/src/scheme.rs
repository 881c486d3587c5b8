//! The names of the tag schemes. Their rules are the corpus crate's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How the words of an entity are marked. The last three say the same in other letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `I-` on every word; two entities of one label that touch become one.
    Io,
    /// `I-` on every word, `B-` only between two touching entities of one label.
    Iob1,
    /// `B-` on the first word, `I-` on the others.
    #[default]
    #[serde(alias = "bio")]
    Iob2,
    /// `B-` first, `I-` between, `E-` last, `S-` alone.
    #[serde(alias = "iobes")]
    Bioes,
    /// `B-` first, `I-` between, `L-` last, `U-` alone.
    Bilou,
    /// `B-` first, `M-` between, `E-` last, `S-` alone.
    Bmes,
}

/// A name that is not a tag scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScheme(pub String);

impl fmt::Display for UnknownScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown tag scheme `{}`; expected `io`, `iob1`, `iob2`, `bioes`, `bilou` or `bmes`",
            self.0
        )
    }
}

impl std::error::Error for UnknownScheme {}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Scheme::Io => "io",
            Scheme::Iob1 => "iob1",
            Scheme::Iob2 => "iob2",
            Scheme::Bioes => "bioes",
            Scheme::Bilou => "bilou",
            Scheme::Bmes => "bmes",
        })
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "io" => Scheme::Io,
            "iob1" | "iob" => Scheme::Iob1,
            "iob2" | "bio" => Scheme::Iob2,
            "bioes" | "iobes" => Scheme::Bioes,
            "bilou" => Scheme::Bilou,
            "bmes" | "bmeso" => Scheme::Bmes,
            _ => return Err(UnknownScheme(name.into())),
        })
    }
}
