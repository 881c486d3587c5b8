//! `tagsmith data …`: one file a command.

mod augment;
mod check;
mod convert;
mod files;
mod repair;
mod split;
mod splits;
mod stats;

use crate::Done;
use crate::args::Data;
use crate::error::CommandError;

pub fn run(command: Data, json: bool) -> Result<Done, CommandError> {
    match command {
        Data::Check {
            files,
            checking,
            reading,
        } => check::run(&files, &checking, &reading.into(), json),
        Data::Stats { files, reading } => stats::run(&files, &reading.into(), json),
        Data::Convert {
            input,
            output,
            to,
            dry_run,
            to_scheme,
            force,
            reading,
        } => {
            let asked = convert::ConvertOptions {
                to,
                scheme: to_scheme,
                force,
                dry_run,
            };
            convert::run(&input, &output, &asked, &reading.into(), json)
        }
        Data::Augment(augment) => augment::run(*augment, json),
        Data::Split(split) => split::run(*split, json),
        Data::Repair(repair) => repair::run(*repair, json),
    }
}
