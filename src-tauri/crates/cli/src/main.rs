//! The `tagsmith` command: arguments in, one function called, lines out.
//!
//! Exit codes: 0 done, 1 an error (message and hint on stderr), 2 wrong usage, 130 stopped.

mod args;
mod attended;
mod commands;
mod error;
mod exit;
mod judgement;
mod memory;
mod output;
mod outputs;
mod plan_args;
mod plan_progress;
mod preparing;
mod progress;
mod setting_options;
mod signal;

use args::Args;
use clap::Parser;
use error::CommandError;
use std::backtrace::Backtrace;
use std::io::Write;
use std::process::ExitCode;
use std::sync::LazyLock;
use tagsmith_encoder::device::{on_cores, use_physical_cores};
use tagsmith_tagger::Error;

/// What a command that did its work ended with.
enum Done {
    /// All of it.
    Completely,
    /// It was stopped from outside, and put away what it had.
    Stopped,
}

fn catching(work: impl FnOnce() -> Result<Done, CommandError>) -> Result<Done, CommandError> {
    Error::catching(|| Ok(work()))
        .map_err(CommandError::from)
        .flatten()
}

fn main() -> ExitCode {
    LazyLock::force(&signal::BEGAN);
    memory::keep_to_small_pages();
    memory::keep_freed();
    let args = Args::parse();
    if args.command.may_use_a_gpu() {
        commands::prepare_devices();
    }
    use_physical_cores();
    let json = args.json;
    // A panic is reported like any error; its backtrace helps to find the cause.
    std::panic::set_hook(Box::new(|panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            output::aside(format!("{panic}\n{}", Backtrace::force_capture()));
        }
    }));
    let work = || commands::dispatch(args.command, json);
    let result = catching(|| on_cores(work));
    match result {
        Ok(Done::Completely) => ExitCode::SUCCESS,
        Ok(Done::Stopped) => {
            let _ = std::io::stdout().flush();
            exit::at_once(signal::STOPPED)
        }
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error, json);
            ExitCode::FAILURE
        }
    }
}
