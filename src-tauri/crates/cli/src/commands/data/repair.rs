//! `tagsmith data repair`: repairs from options and recipes, shown first or done.

use super::convert;
use super::files::named;
use super::split::fractions;
use super::splits::{Report, in_folder, open, print, save, summary};
use crate::args::{Likeness, Repair as Arguments};
use crate::error::CommandError;
use crate::{Done, output, outputs};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tagsmith_corpus::repair::{Change, Example, Piece, Preview, apply, preview};
use tagsmith_corpus::{Dataset, Recipe, Repair, Stop, Target};
use tagsmith_files::write_bytes;

/// Examples that are shown of each repair.
const SHOWN: usize = 5;

pub fn run(mut args: Arguments, json: bool) -> Result<Done, CommandError> {
    let recipe = recipe(&mut args)?;
    if args.dry_run {
        let mut dataset = open(&args.paths, &recipe)?;
        let mut previews = Vec::new();
        for repair in recipe.steps() {
            previews.push(preview(&dataset, &repair, SHOWN, &Stop::default())?);
            // Each repair sees what those before it would leave.
            dataset = apply(dataset, &[repair])?.0;
        }
        match json {
            true => output::json(&previews)?,
            false => show(&previews)?,
        }
        return Ok(Done::Completely);
    }
    let out = match args.paths.pop() {
        Some(out) if !args.paths.is_empty() => PathBuf::from(out),
        _ => {
            return Err(CommandError::new(
                "there is nothing to write to",
                "name the file or folder to write after those to read, or look first with --dry-run",
            ));
        }
    };
    if let Some(path) = &args.save_recipe {
        let read = args.paths.iter().map(|file| named(file).1);
        let inputs: Vec<&Path> = read.chain(args.recipe.as_deref()).collect();
        outputs::check(path, &inputs, args.writing.force)?;
    }
    let (dataset, done) = recipe.replay(|recipe| open(&args.paths, recipe))?;
    let places = places(&dataset, &out, &args);
    let report = Report {
        files: save(&dataset, places, &args.paths, &args.writing)?,
        repairs: &done,
        recipe: &recipe,
    };
    if let Some(path) = &args.save_recipe {
        let mut text = serde_json::to_vec_pretty(&recipe)?;
        text.push(b'\n');
        write_bytes(path, &text).map_err(CommandError::file("write", path))?;
    }
    print(&report, json)?;
    Ok(Done::Completely)
}

/// One split goes to a file of the name given, several to a folder.
fn places(dataset: &Dataset, out: &Path, args: &Arguments) -> Vec<(PathBuf, Target)> {
    if dataset.len() != 1 || out.is_dir() {
        return in_folder(dataset, out, &args.writing);
    }
    let target = args.writing.to.unwrap_or_else(|| convert::by_name(out));
    vec![(out.into(), target)]
}

/// The recipe of the file, with what the options add to it.
fn recipe(args: &mut Arguments) -> Result<Recipe, CommandError> {
    let mut recipe = match &args.recipe {
        None => Recipe::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(CommandError::file("read", path))?;
            serde_json::from_str(&text).map_err(|failure| {
                CommandError::new(
                    format!("`{}` is not a recipe: {failure}", path.display()),
                    "name a file that --save-recipe wrote",
                )
            })?
        }
    };
    let reading = std::mem::take(&mut args.reading);
    for options in recipe.files.values_mut() {
        reading.clone().over(options);
    }
    reading.over(&mut recipe.reading);
    let repairs = &mut recipe.repairs;
    if !args.hold_out.is_empty() {
        repairs.push(Repair::HoldOut {
            fractions: fractions(std::mem::take(&mut args.hold_out))?,
            seed: args.seed,
        });
    }
    let asked = [
        (args.trim, Repair::TrimSpans),
        (args.snap, Repair::SnapToWords),
        (args.repair_tags, Repair::RepairTags),
        (
            args.join_tagged,
            Repair::JoinTagged {
                tags: BTreeMap::new(),
            },
        ),
    ];
    repairs.extend(
        asked
            .into_iter()
            .filter(|(asked, _)| *asked)
            .map(|(_, r)| r),
    );
    let labels = labels(args)?;
    if !labels.is_empty() {
        repairs.push(Repair::MapLabels { labels });
    }
    if let Some(likeness) = args.drop_duplicates {
        let near = likeness == Likeness::Near;
        repairs.push(Repair::DropDuplicates { near });
    }
    if let Some(likeness) = args.move_leaking {
        let near = likeness == Likeness::Near;
        repairs.push(Repair::MoveLeaking { near });
    }
    Ok(recipe)
}

/// What becomes of which label.
fn labels(args: &Arguments) -> Result<BTreeMap<String, Option<String>>, CommandError> {
    let renamed = args.rename.iter().chain(&args.merge);
    let renamed = renamed.flat_map(|renaming| {
        let to = Some(renaming.to.clone());
        renaming.from.iter().map(move |from| (from, to.clone()))
    });
    let dropped = args.drop_label.iter().map(|label| (label, None));
    let mut labels = BTreeMap::new();
    for (label, to) in renamed.chain(dropped) {
        if labels.insert(label.clone(), to).is_some() {
            return Err(CommandError::new(
                format!("the label `{label}` is to become two things"),
                "name it once among --rename, --merge and --drop-label",
            ));
        }
    }
    Ok(labels)
}

fn show(previews: &[Preview]) -> Result<(), CommandError> {
    if previews.is_empty() {
        return output::line("no repair was asked for");
    }
    for Preview { done, examples } in previews {
        output::line(format!("{}: {}", done.repair.name(), summary(done)))?;
        for example in examples {
            output::line(format!("  {}", line(example)))?;
        }
    }
    Ok(())
}

fn line(
    Example {
        place,
        text,
        change,
    }: &Example,
) -> String {
    let pieces = |pieces: &[Piece]| {
        let pieces = pieces.iter().map(|p| format!("[{}]({})", p.text, p.label));
        match pieces.collect::<Vec<_>>() {
            none if none.is_empty() => "nothing".into(),
            some => some.join(" "),
        }
    };
    let what = match change {
        Change::Spans { before, after } => format!("{} → {}", pieces(before), pieces(after)),
        Change::Removed => format!("removed: {text}"),
        Change::Moved { to } => format!("to `{to}`: {text}"),
    };
    format!("{} {}: {what}", place.split, place.document + 1)
}
