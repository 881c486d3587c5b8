//! What a person should know of a model that can be used all the same.

/// Something odd about a model that does not keep it from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A stable name of the kind of note.
    pub code: &'static str,
    /// A sentence without a full stop.
    pub message: String,
}

impl Note {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}
