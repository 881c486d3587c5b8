//! Models on this machine and on the Hugging Face Hub: which there are, what each of them is, and how
//! they get from there to here.
//!
//! [`Library`] knows the folders: `open` finds them, `models` lists what they hold, `resolve` turns
//! what a person wrote (a path, a name, `starter`) into a model folder, `remove` deletes. [`inspect()`]
//! describes such a folder from its small files and the headers of its weights. [`starter`] is the one
//! model that is pinned by hash. [`Hub`] finds, describes and downloads models; [`shelf`] are those to
//! begin with.
//!
//! Invariants: nothing here loads a tensor but to merge an adapter, and nothing here needs the engine, so that the desktop
//! shell can link this crate without it. Listing and looking write nothing. No file, however damaged,
//! makes it panic. A download has its final name only when every byte of it is proven. The token goes
//! to the one server it is for, and into no message.
//!
//! This is the only crate that talks to the network, and only when [`Hub`] is asked to.

mod about;
mod address;
mod cancel;
mod client;
mod config;
mod details;
mod download;
mod environment;
mod error;
pub mod inspect;
pub mod library;
mod remote;
mod retry;
mod search;
mod shelf;
pub mod starter;
pub mod token;
mod web;

pub use address::parse_id;
pub use cancel::Cancel;
pub use client::{Hub, block_on};
pub use config::{HubConfig, HubSettings};
pub use details::Details;
pub use download::{PartialDownload, Progress, State};
pub use error::HubError;
pub use inspect::{InspectError, ModelNote, ModelSummary, inspect};
pub use library::{
    AdapterSummary, AddError, Library, ModelEntry, RemoveError, ResolveError, Source,
};
pub use remote::RemoteFile;
pub use retry::RetryPolicy;
pub use search::{Found, Page, Query, Sort};
pub use shelf::{ShelfEntry, shelf};
pub use starter::StarterError;
pub use token::{Token, TokenPlace};
