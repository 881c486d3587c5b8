//! The documents of a data set in one file: found, filtered and paged without being read into memory.
//!
//! How a data set is stored: a [`Writer`] takes documents and findings one by one and builds the file
//! beside its name; [`Writer::finish`] flushes it and renames it. A [`Store`] opens it in milliseconds,
//! whatever its size, and answers a [`Query`] page by page.
//!
//! Invariants: a file with its final name is complete and never changes; a kill at any moment leaves the
//! old file or the new one. What is found for a text is exactly what reading every document would find:
//! the index only says where to look. Nothing in a damaged file can cause a panic.

mod error;
mod findings;
mod fold;
mod grams;
mod pack;
mod query;
mod schema;
mod search;
mod store;
mod writer;

pub use error::StoreError;
pub use findings::{FindingPage, FindingQuery, Group};
pub use query::{Page, Query};
pub use store::{SplitSize, Store, Stored};
pub use writer::{Stage, Writer};
