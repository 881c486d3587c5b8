//! Files and folders that are replaced whole, and the SHA-256 of a file.
//!
//! Every other crate writes through this one, so it knows none of them, and nothing of what it writes.

mod atomic;
mod digest;
mod flush;
mod folder;

pub use atomic::{
    create_folder_of, folder_of, is_unfinished, write_atomically, write_bytes, write_json,
    write_secret,
};
pub use digest::{hex, sha256};
pub use flush::flush_folder;
#[doc(hidden)]
pub use flush::flushed_by;
pub use folder::{NewFolder, copy_files};
