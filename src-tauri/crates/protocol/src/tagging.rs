//! Requests of `tagsmith tag` and their replies, one JSON line each.

use crate::Entity;
use serde::{Deserialize, Serialize};

/// A text in which entities are looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagRequest {
    /// The text.
    pub text: String,
    /// Anything; the reply carries it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<serde_json::Value>,
}

/// What was found in a text, or why the request was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TagReply {
    /// The entities of the text, in its order.
    Found {
        /// That of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<serde_json::Value>,
        /// The text.
        text: String,
        /// Its entities; offsets count Unicode characters.
        entities: Vec<Entity>,
    },
    /// The request cannot be answered.
    Refused {
        /// That of the request, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<serde_json::Value>,
        /// Why not.
        error: String,
    },
}
