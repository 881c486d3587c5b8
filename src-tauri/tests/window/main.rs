//! The real window with the real engine, on a screen of its own, driven as a person would.
//!
//! [`desk`] starts and ends everything, [`hands`] find and press. Each test has an empty library, and
//! takes the starter and the sample; what it needs of the machine is named when it is missing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a failing helper fails its test

mod accessibility;
mod data;
mod desk;
mod figures;
mod hands;
mod journey;
mod pictures;
mod runs;
mod screen;
mod starts;
mod studies;
mod tools;
