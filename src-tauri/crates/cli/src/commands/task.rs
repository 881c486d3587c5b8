//! `tagsmith task`: does one task of a plan, whichever program or scheduler started it.

use super::dispatch;
use crate::args::{Args, Command};
use crate::error::CommandError;
use crate::plan_args::Task;
use crate::{Done, attended, catching, output, signal};
use clap::Parser;
use std::env::set_current_dir;
use tagsmith_plan::{Attempt, Outcome, Plan};
use tagsmith_protocol::Failure;

pub fn run(args: &Task) -> Result<Done, CommandError> {
    let plan = Plan::open(&args.plan)?;
    let Some(attempt) = Attempt::begin(&plan, &args.id)? else {
        return Ok(Done::Completely);
    };
    if args.attended {
        attended::stop_with_input();
    }
    let mark = plan.pausing_file(&args.id);
    signal::stop_at(plan.pause_file(&args.id), Some(mark));
    let arguments = attempt.arguments();
    output::aside(format!("$ tagsmith {}", arguments.join(" ")));
    let result = catching(|| {
        set_current_dir(plan.folder()).map_err(CommandError::file("open", plan.folder()))?;
        let args = parse(&arguments)?;
        dispatch(args.command, args.json)
    });
    let outcome = attempt.end(match &result {
        Ok(Done::Completely) => Outcome::Done,
        Ok(Done::Stopped) => Outcome::Stopped,
        Err(error) => Outcome::Failed(error.to_failure()),
    })?;
    match (result, outcome) {
        (Ok(_), Outcome::Failed(Failure { message, hint, .. })) => {
            Err(CommandError::new(message, hint.unwrap_or_default()))
        }
        (result, _) => result,
    }
}

/// Arguments of `tagsmith` that a plan names.
pub fn parse(arguments: &[String]) -> Result<Args, CommandError> {
    let program = std::iter::once("tagsmith");
    let args = Args::try_parse_from(program.chain(arguments.iter().map(String::as_str)));
    let args = args.map_err(|fault| {
        let text = fault.to_string();
        let what = text
            .trim_start_matches("error: ")
            .lines()
            .next()
            .unwrap_or_default();
        CommandError::new(
            format!("`tagsmith {}`: {what}", arguments.join(" ")),
            "each command explains its options with --help",
        )
    })?;
    match args.command {
        Command::Task(_) | Command::Queue(_) => Err(CommandError::new(
            format!("`tagsmith {}` is no task", arguments.join(" ")),
            "a task is a command that does some work, such as `train`",
        )),
        _ => Ok(args),
    }
}
