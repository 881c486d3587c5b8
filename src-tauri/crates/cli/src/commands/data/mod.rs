//! `tagsmith data …`: one file a command.

mod check;
mod convert;

use crate::Done;
use crate::args::Data;
use crate::failure::Failure;

pub fn run(command: Data, json: bool) -> Result<Done, Failure> {
    match command {
        Data::Check { files, reading } => check::run(&files, &reading.into(), json),
        Data::Convert {
            input,
            output,
            to,
            to_scheme,
            force,
            reading,
        } => convert::run(&input, &output, to, to_scheme, force, &reading.into(), json),
    }
}
