//! `tagsmith score`: conlleval's job.

use crate::args::Score;
use crate::error::CommandError;
use crate::{Done, output};
use std::io::{self, Read};
use std::path::Path;
use tagsmith_corpus::{read_tag_columns, scheme, score, tag_columns_from_bytes};

pub fn run(args: &Score, json: bool) -> Result<Done, CommandError> {
    let columns = if args.file == Path::new("-") {
        let (name, mut bytes) = (Path::new("standard input"), Vec::new());
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(CommandError::file("read", name))?;
        tag_columns_from_bytes(name, &bytes)?
    } else {
        read_tag_columns(&args.file)?
    };
    output::notes(&columns.issues);
    let scheme = args
        .scheme
        .unwrap_or_else(|| scheme::detect(columns.gold.iter().map(Vec::as_slice)).scheme);
    let metrics = score(&columns.gold, &columns.predicted, args.mode, Some(scheme));
    match json {
        true => output::json(&metrics)?,
        false => output::metrics(&metrics)?,
    }
    Ok(Done::Completely)
}
