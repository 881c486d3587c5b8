//! Offsets that the engine counts in characters, as the window counts them: in UTF-16 units.

use crate::dto::{Entity, Report, SplitReport};
use tagsmith_corpus::OffsetMap;

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

/// Converts every entity of a report, and says the lines of the imported file where `lines_of` knows
/// them for the file that was read and a split.
pub fn localised(mut report: Report, lines_of: impl Fn(&str, &str) -> Vec<usize>) -> Report {
    for (name, split) in &mut report.splits {
        let lines = lines_of(&split.file, name);
        localise(split, &lines);
    }
    report
}

fn localise(split: &mut SplitReport, lines: &[usize]) {
    for document in &mut split.errors {
        if let Some(line) = lines.get(document.document) {
            document.line = *line;
        }
        let entities = document
            .errors
            .iter_mut()
            .flat_map(|mistake| [&mut mistake.gold, &mut mistake.predicted])
            .flatten();
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
