//! Models on this machine: where they are kept, which there are, and what each of them is.
//!
//! [`Library`] knows the folders: `open` finds them, `models` lists what they hold, `resolve` turns
//! what a person wrote (a path, a name, `starter`) into a model folder. [`inspect()`] describes such a
//! folder from its small files and the headers of its weights. [`starter`] is the one model that is
//! pinned by hash.
//!
//! Invariants: nothing here loads a tensor, and nothing here needs the engine, so that the desktop
//! shell can link this crate without it. Nothing is written: a listing or a look at a damaged folder
//! leaves it as it was. No file, however damaged, makes it panic.
//!
//! Deliberately absent: the network. This crate is the only one that may ever talk to it; the client
//! of the Hugging Face Hub has its place here, in a module of its own beside `library`, and will put
//! what it fetches into [`Library::models_folder`] as `ORG/NAME`.

pub mod inspect;
pub mod library;
pub mod starter;

pub use inspect::{InspectError, ModelSummary, SUPPORTED, inspect};
pub use library::{Library, ModelEntry, ResolveError, Source};
pub use starter::StarterError;
