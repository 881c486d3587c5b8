//! Stands in for turso, an embedded database that cubecl keeps compiled kernels in.
//!
//! Tagsmith keeps them in a file of its own and wants cubecl's entries in memory, which is where cubecl has
//! them when its database cannot be opened. This one never can, so none of its other functions is ever
//! called: their types have no value. It has the names that cubecl-environment 0.11.3 uses, and is put in
//! turso's place by `[patch.crates-io]`, which saves several minutes of compiling.

use std::convert::Infallible;
use std::io::ErrorKind;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a database cannot be used.
#[derive(Clone, Debug)]
pub enum Error {
    /// Some other reason.
    Error(String),
    /// Never made here.
    Busy(String),
    /// Never made here.
    BusySnapshot(String),
    /// An error of the file system, and when.
    IoError(ErrorKind, &'static str),
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Error(text) | Self::Busy(text) | Self::BusySnapshot(text) => out.write_str(text),
            Self::IoError(kind, when) => write!(out, "{when}: {kind}"),
        }
    }
}

impl std::error::Error for Error {}

/// Opens a database: refuses to.
#[derive(Debug)]
pub struct Builder;

impl Builder {
    /// At a path, which is not touched.
    pub fn new_local(_path: &str) -> Self {
        Self
    }

    /// Changes nothing.
    pub fn experimental_multiprocess_wal(self, _is_wanted: bool) -> Self {
        self
    }

    /// Changes nothing.
    pub fn experimental_vacuum(self, _is_wanted: bool) -> Self {
        self
    }

    /// Changes nothing.
    pub fn read_only(self, _is_wanted: bool) -> Self {
        self
    }

    /// Always an error.
    ///
    /// # Errors
    /// There is no database in this build.
    pub async fn build(self) -> Result<Database> {
        Err(Error::Error("there is no database in this build".into()))
    }
}

/// Never exists.
#[derive(Clone, Debug)]
pub struct Database(Infallible);

impl Database {
    /// Never called.
    pub fn connect(&self) -> Result<Connection> {
        match self.0 {}
    }
}

/// Never exists.
#[derive(Clone, Debug)]
pub struct Connection(Infallible);

impl Connection {
    /// Never called.
    pub fn busy_timeout(&self, _: std::time::Duration) -> Result<()> {
        match self.0 {}
    }

    /// Never called.
    pub async fn execute<P>(&self, _: impl AsRef<str>, _: P) -> Result<u64> {
        match self.0 {}
    }

    /// Never called.
    pub async fn query<P>(&self, _: impl AsRef<str>, _: P) -> Result<Rows> {
        match self.0 {}
    }

    /// Never called.
    pub async fn pragma_query<F>(&self, _: &str, _: F) -> Result<()>
    where
        F: FnMut(&Row) -> Result<()>,
    {
        match self.0 {}
    }

    /// Never called.
    pub async fn transaction_with_behavior(
        &mut self,
        _: transaction::TransactionBehavior,
    ) -> Result<transaction::Transaction<'_>> {
        match self.0 {}
    }
}

/// Never exists.
#[derive(Debug)]
pub struct Rows(Infallible);

impl Rows {
    /// Never called.
    pub async fn next(&mut self) -> Result<Option<Row>> {
        match self.0 {}
    }
}

/// Never exists.
#[derive(Debug)]
pub struct Row(Infallible);

impl Row {
    /// Never called.
    pub fn get<T>(&self, _: usize) -> Result<T> {
        match self.0 {}
    }
}

/// Transactions.
pub mod transaction {
    use super::{Connection, Result};

    /// When a transaction takes the right to write.
    #[derive(Clone, Copy, Debug)]
    pub enum TransactionBehavior {
        /// With its first write.
        Deferred,
        /// At once.
        Immediate,
    }

    /// Never exists.
    #[derive(Debug)]
    pub struct Transaction<'a>(&'a Connection);

    impl Transaction<'_> {
        /// Never called.
        pub async fn commit(self) -> Result<()> {
            match self.0.0 {}
        }
    }

    impl std::ops::Deref for Transaction<'_> {
        type Target = Connection;

        fn deref(&self) -> &Connection {
            self.0
        }
    }
}
