//! `tagsmith data stats`: how much there is of what, as tables and bars.

use super::files::read_files;
use crate::error::CommandError;
use crate::{Done, output};
use tagsmith_corpus::ReadOptions;
use tagsmith_corpus::check::{Bin, Overlap, SplitStatistics, statistics};

/// The longest bar, in columns of the terminal.
const WIDEST: usize = 40;

pub fn run(files: &[String], options: &ReadOptions, json: bool) -> Result<Done, CommandError> {
    let read = read_files(files, options);
    // Numbers about a part of what was named would be taken for the whole.
    if let Some(first) = read.faults.first() {
        let hint = "`tagsmith data check` lists everything that is wrong";
        return Err(CommandError::new(first.to_string(), hint).with_code("data"));
    }
    for (_, corpus) in &read.corpora {
        output::notes(&corpus.issues);
    }
    let numbers = statistics(&read.named());
    if json {
        output::json(&numbers)?;
        return Ok(Done::Completely);
    }
    for split in &numbers.splits {
        describe(split)?;
    }
    if !numbers.overlaps.is_empty() {
        output::line("in common")?;
        numbers.overlaps.iter().try_for_each(common)?;
    }
    Ok(Done::Completely)
}

fn describe(split: &SplitStatistics) -> Result<(), CommandError> {
    output::line(&split.split)?;
    let groups = match split.groups {
        Some(n) => format!(" from {n} source documents"),
        None => String::new(),
    };
    output::line(format!(
        "  documents   {}{groups}, {} without entities",
        split.documents, split.without_entities
    ))?;
    output::line(format!(
        "  words       {}, {} different; {} characters; the longest document has {} words",
        split.words, split.vocabulary, split.characters, split.longest
    ))?;
    output::line(format!(
        "  entities    {}; {} of all words are part of one",
        split.entities,
        percent(split.density)
    ))?;
    bars("words per document", &split.lengths)?;
    bars("entities per document", &split.entities_per_document)?;
    bars("words per entity", &split.entity_lengths)?;
    let width = split
        .labels
        .iter()
        .map(|label| label.label.chars().count())
        .max()
        .unwrap_or(0)
        .max("label".len());
    if split.labels.is_empty() {
        return Ok(());
    }
    output::line(format!(
        "  {:width$}  {:>8}  {:>6}  {:>9}  {:>9}  {:>5}  most often",
        "label", "entities", "share", "documents", "different", "words"
    ))?;
    for label in &split.labels {
        let examples: Vec<String> = label
            .examples
            .iter()
            .map(|surface| format!("{} ({})", surface.text, surface.count))
            .collect();
        output::line(format!(
            "  {:width$}  {:>8}  {:>6}  {:>9}  {:>9}  {:>5.1}  {}",
            label.label,
            label.count,
            percent(label.fraction),
            label.documents,
            label.surfaces,
            label.words,
            examples.join(", ")
        ))?;
    }
    Ok(())
}

fn bars(title: &str, bins: &[Bin]) -> Result<(), CommandError> {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    if most == 0 {
        return Ok(());
    }
    output::line(format!("  {title}"))?;
    for bin in bins {
        let range = match bin.to - bin.from {
            1 => bin.from.to_string(),
            _ => format!("{}–{}", bin.from, bin.to - 1),
        };
        // What there is any of is seen.
        let length = (bin.count * WIDEST).div_ceil(most);
        let line = format!("    {range:>11}  {:>8}  {}", bin.count, "█".repeat(length));
        output::line(line.trim_end())?;
    }
    Ok(())
}

fn common(overlap: &Overlap) -> Result<(), CommandError> {
    let fraction = |part: usize, whole: usize| match whole {
        0 => percent(0.0),
        _ => percent(part as f64 / whole as f64),
    };
    output::line(format!(
        "  {} and {}: {} of {} texts ({}), {} more nearly the same; {} of {} entities ({}) and {} of {} different ones ({}) are also in {}",
        overlap.split,
        overlap.known,
        overlap.same_texts,
        overlap.documents,
        fraction(overlap.same_texts, overlap.documents),
        overlap.near_texts,
        overlap.known_entities,
        overlap.entities,
        fraction(overlap.known_entities, overlap.entities),
        overlap.known_surfaces,
        overlap.surfaces,
        fraction(overlap.known_surfaces, overlap.surfaces),
        overlap.known
    ))
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}
