//! The services behind the window, without a window: runs, highlighting, evaluations and data sets, with
//! an engine that dies, hangs, prints garbage or floods.
#![cfg(unix)] // The engine of these tests is a shell script.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod batches;
mod compare;
mod data;
mod devices;
mod dto;
mod evaluations;
mod fake;
mod pretraining;
mod queue;
mod real;
mod recorded;
mod runs;
mod studies;
mod tagging;
