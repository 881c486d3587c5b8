//! `tagsmith data split`: joins files and splits them again.

use super::splits::{Report, in_folder, open, print, save};
use crate::Done;
use crate::args::Split;
use crate::error::CommandError;
use std::collections::BTreeMap;
use tagsmith_corpus::repair::apply;
use tagsmith_corpus::{Recipe, Repair};

/// The fraction of each split.
pub fn fractions(given: Vec<(String, f64)>) -> Result<BTreeMap<String, f64>, CommandError> {
    let mut fractions = BTreeMap::new();
    for (split, fraction) in given {
        if fractions.insert(split.clone(), fraction).is_some() {
            return Err(CommandError::new(
                format!("the split `{split}` has two shares"),
                "give each split one",
            ));
        }
    }
    Ok(fractions)
}

pub fn run(args: Split, json: bool) -> Result<Done, CommandError> {
    let fractions = fractions(args.fractions)?;
    let mut recipe = Recipe {
        reading: args.reading.into(),
        ..Recipe::default()
    };
    let dataset = open(&args.files, &recipe)?;
    let (seed, grouped) = (args.seed, args.group || !args.no_group);
    if let Some(documents) = args.sample {
        // One pool of everything, so that the sample is one of all files.
        let all = dataset.first().map_or("train", |split| split.name.as_str());
        if dataset.len() > 1 {
            recipe.repairs.push(Repair::Split {
                fractions: [(all.to_owned(), 1.0)].into(),
                seed,
                grouped,
            });
        }
        recipe.repairs.push(Repair::Sample {
            split: all.into(),
            documents,
            seed,
        });
    }
    recipe.repairs.push(Repair::Split {
        fractions,
        seed,
        grouped,
    });
    let (dataset, done) = apply(dataset, &recipe.repairs)?;
    let places = in_folder(&dataset, &args.out, &args.writing);
    let report = Report {
        files: save(&dataset, places, &args.files, &args.writing)?,
        repairs: &done,
        recipe: &recipe,
    };
    print(&report, json)?;
    Ok(Done::Completely)
}
