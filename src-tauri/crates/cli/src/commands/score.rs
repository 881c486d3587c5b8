//! `tagsmith score`: conlleval's job.

use crate::args::Score;
use crate::failure::Failure;
use crate::{Done, output};
use tagsmith_corpus::{Scheme, read_tag_columns, score};

pub fn run(args: &Score, json: bool) -> Result<Done, Failure> {
    let columns = read_tag_columns(&args.file)?;
    for issue in &columns.issues {
        eprintln!("note: {issue}");
    }
    let scheme = args
        .scheme
        .unwrap_or_else(|| Scheme::detect(columns.gold.iter().map(Vec::as_slice)).scheme);
    let metrics = score(&columns.gold, &columns.predicted, args.mode, Some(scheme));
    match json {
        true => output::json(&metrics)?,
        false => output::metrics(&metrics)?,
    }
    Ok(Done::Completely)
}
