//! Offsets that the engine counts in characters, as the window counts them: in UTF-16 units.

use crate::data::Origin;
use crate::dto::{Entity, Report, SplitReport};
use tagsmith_corpus::{OffsetMap, judge};

/// Converts the entities of one text.
pub fn to_utf16<'a>(text: &str, entities: impl IntoIterator<Item = &'a mut Entity>) {
    if text.is_ascii() {
        return;
    }
    let offsets = OffsetMap::new(text);
    let unit = |char: usize| {
        offsets
            .byte_of_char(char)
            .and_then(|byte| offsets.utf16_of_byte(byte))
            .unwrap_or(char)
    };
    for entity in entities {
        entity.start = unit(entity.start);
        entity.end = unit(entity.end);
    }
}

/// Makes a report that of the window: offsets in its units, the file and the line of each document where
/// `origins_of` knows those of the file that was read, and a judgement, which earlier versions did not write.
pub fn localised(mut report: Report, origins_of: impl Fn(&str) -> Vec<Origin>) -> Report {
    for split in report.splits.values_mut() {
        localise(split, &origins_of(&split.file));
        split.judgement = Some(judge(split));
    }
    report
}

fn localise(split: &mut SplitReport, origins: &[Origin]) {
    for document in &mut split.errors {
        // The files that the window writes have one document a line.
        let origin = document.line.checked_sub(1).and_then(|at| origins.get(at));
        if let Some(Origin { file, line }) = origin {
            document.line = *line;
            document.file.clone_from(file);
        }
        let entities = document
            .errors
            .iter_mut()
            .flat_map(|mistake| [&mut mistake.gold, &mut mistake.predicted])
            .flatten()
            .chain(&mut document.right);
        to_utf16(&document.text, entities);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_utf16_units() {
        // An emoji is one character and two units; a combining mark is one of each.
        let text = "😀 Zoë in Köln";
        let entity = |start, end| Entity {
            start,
            end,
            label: "X".into(),
            text: String::new(),
            score: None,
        };
        let mut found = [entity(2, 5), entity(9, 13)];
        to_utf16(text, &mut found);
        let units: Vec<u16> = text.encode_utf16().collect();
        let piece = |e: &Entity| String::from_utf16(&units[e.start..e.end]).unwrap();
        assert_eq!([piece(&found[0]), piece(&found[1])], ["Zoë", "Köln"]);
    }
}
