//! Writes BioC in XML: a document for each group, and in it a passage for each of ours.

use std::fmt::Write as _;
use std::io::Write;

use super::words::scores;
use crate::document::Document;
use crate::format::{WriteError, WriteReport};
use crate::offsets::OffsetMap;
use crate::words;

pub(super) fn write(
    documents: &[Document],
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    report.lost_groups += super::apart(documents);
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE collection SYSTEM \"BioC.dtd\">\n<collection>\n<source>Tagsmith</source><date></date><key></key>\n",
    )?;
    let same = |a: &Document, b: &Document| a.group.is_some() && a.group == b.group;
    let mut number = 0;
    for passages in documents.chunk_by(same) {
        number += 1;
        out.write_all(document(number, passages, &mut report).as_bytes())?;
    }
    out.write_all(b"</collection>\n")?;
    Ok(report)
}

fn document(number: usize, passages: &[Document], report: &mut WriteReport) -> String {
    let id = shared_id(passages);
    let lost = passages.iter().filter(|passage| passage.id.is_some());
    report.lost_ids += if id.is_some() { 0 } else { lost.count() };
    let id = id.unwrap_or_else(|| number.to_string());
    let mut xml = format!("<document><id>{}</id>\n", escaped(&id));
    let (mut offset, mut count) = (0, 0);
    for passage in passages {
        report.documents += 1;
        report.lost_scores += scores(passage);
        let own = passage.words_given && passage.words != words::split(&passage.text);
        report.changed_words += usize::from(own);
        let text = permitted(&passage.text);
        report.changed_strings += usize::from(text != passage.text);
        let map = OffsetMap::new(&passage.text);
        // Writing to a string cannot fail.
        let _ = writeln!(
            xml,
            "<passage><offset>{offset}</offset><text>{}</text>",
            escaped(&text)
        );
        for span in &passage.spans {
            let edges = map.char_of_byte(span.start).zip(map.char_of_byte(span.end));
            let Some((start, end)) = edges.filter(|(start, end)| start < end) else {
                report.lost_spans += 1;
                continue;
            };
            count += 1;
            report.entities += 1;
            let covered = permitted(&passage.text[span.start..span.end]);
            let label = permitted(&span.label);
            report.changed_strings += usize::from(label != span.label);
            let _ = writeln!(
                xml,
                "<annotation id=\"T{count}\"><infon key=\"type\">{}</infon><location offset=\"{}\" length=\"{}\"/><text>{}</text></annotation>",
                escaped(&label),
                offset + start,
                end - start,
                escaped(&covered)
            );
        }
        xml.push_str("</passage>\n");
        offset += map.chars() + 1;
    }
    xml.push_str("</document>\n");
    xml
}

/// The id of the document whose passages are called `id/1`, `id/2` …; of a single one, its own.
fn shared_id(passages: &[Document]) -> Option<String> {
    if let [only] = passages {
        return only.id.clone();
    }
    let (first, _) = passages.first()?.id.as_ref()?.rsplit_once('/')?;
    let mut numbered = passages.iter().enumerate();
    let all = numbered
        .all(|(i, passage)| passage.id.as_deref() == Some(format!("{first}/{}", i + 1).as_str()));
    all.then(|| first.to_owned())
}

/// XML has no place for most control characters, not even by their numbers.
fn permitted(text: &str) -> String {
    let fits = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{80}'..);
    let fits = |c: char| fits(c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars()
        .map(|c| if fits(c) { c } else { ' ' })
        .collect()
}

fn escaped(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => done.push_str("&amp;"),
            '<' => done.push_str("&lt;"),
            '>' => done.push_str("&gt;"),
            '"' => done.push_str("&quot;"),
            // As it is, it would be read as a line end.
            '\r' => done.push_str("&#13;"),
            _ => done.push(c),
        }
    }
    done
}
