//! Reads spaCy's `.spacy` files: a `DocBin`, which is MessagePack inside a zlib stream.

mod groups;

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::dataset::{Corpus, SourceInfo};
use crate::document::{Document, Word, WordSpan};
use crate::format::{ReadError, arrow, partial, span_groups, spans};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues, Severity};
use crate::offsets::OffsetMap;
use crate::options::{OffsetUnit, ReadOptions};
use crate::recipe::Repair;

/// The columns of the token table that matter, as spaCy numbers its attributes.
const ORTH: u64 = 65;
const ENT_IOB: u64 = 77;
const ENT_TYPE: u64 = 78;

/// Bytes that a file may unpack to.
const MOST: u64 = 2 << 30;

/// What `DocBin.to_bytes` writes. Numbers are little-endian, as on every machine that spaCy runs on.
#[derive(Deserialize)]
struct Bin<'a> {
    /// What the columns of `tokens` are.
    attrs: Vec<u64>,
    /// One row of `u64` per token; strings as hashes.
    #[serde(borrow)]
    tokens: &'a [u8],
    /// One byte per token: does a space follow it?
    #[serde(borrow)]
    spaces: &'a [u8],
    /// Tokens in each document, as `i32`.
    #[serde(borrow)]
    lengths: &'a [u8],
    strings: Vec<String>,
    #[serde(default, borrow)]
    span_groups: Vec<&'a [u8]>,
}

/// Does a content look like a zlib stream with MessagePack in it?
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let mut first = [0];
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
        && ZlibDecoder::new(bytes).read_exact(&mut first).is_ok()
        && matches!(first[0], 0x80..=0x8f | 0xde | 0xdf)
}

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    let damaged = |message: &str| {
        let kind = "spaCy's DocBin";
        let message =
            format!("{message}; `spacy convert` and spaCy's own `DocBin` can write it again");
        arrow::damaged(path, kind, &message)
    };
    let mut packed = Vec::new();
    let size = ZlibDecoder::new(bytes).take(MOST).read_to_end(&mut packed);
    let size =
        size.map_err(|error| damaged(&format!("its zlib stream ends in a fault ({error})")))?;
    if size as u64 == MOST {
        return Err(damaged("it unpacks to more than 2 GiB"));
    }
    let bin: Bin = rmp_serde::from_slice(&packed).map_err(|error| damaged(&error.to_string()))?;
    let column = |wanted: u64| bin.attrs.iter().position(|attr| *attr == wanted);
    let orth = column(ORTH).ok_or_else(|| damaged("its tokens have no text"))?;
    let (iob, kind) = (column(ENT_IOB), column(ENT_TYPE));
    let width = bin.attrs.len();
    let tokens: Vec<u64> = numbers(bin.tokens, u64::from_le_bytes);
    let lengths: Vec<i32> = numbers(bin.lengths, i32::from_le_bytes);
    let total: usize = lengths
        .iter()
        .map(|n| usize::try_from(*n).unwrap_or(0))
        .sum();
    if Some(tokens.len()) != total.checked_mul(width) || bin.spaces.len() != total {
        return Err(damaged(
            "its table of tokens has another size than its documents",
        ));
    }
    let names = names(&bin.strings);
    let mut source = SourceInfo::new(path, Format::DocBin);
    let mut issues = Issues::default();
    let mut documents = Vec::with_capacity(lengths.len());
    let mut at = 0;
    let wanted = span_groups::wanted(options);
    let mut ignored = span_groups::Ignored::default();
    let mut found_group = false;
    // spaCy counts characters, whatever other files of a data set count.
    let plain = ReadOptions {
        offsets: OffsetUnit::Characters,
        shift: 0,
        ..options.clone()
    };
    let (mut partly, mut unknown_words) = (0, 0);
    // Documents of which no word is known, and how many are not such.
    let (mut unlabelled, mut labelled) = (Vec::new(), 0);
    for length in &lengths {
        options.go_on(path)?;
        let length = usize::try_from(*length).unwrap_or(0);
        let rows = tokens[at * width..(at + length) * width].chunks_exact(width.max(1));
        let mut document = Document {
            line: documents.len() + 1,
            words_given: true,
            ..Document::default()
        };
        let mut entities: Vec<WordSpan> = Vec::new();
        let mut known = false;
        // The token before belongs to an entity that may go on.
        let mut goes_on = false;
        let mut unknown: Vec<Word> = Vec::new();
        for (row, space) in rows.zip(&bin.spaces[at..at + length]) {
            let Some(text) = names.get(&row[orth]) else {
                return Err(damaged("a token's text is not among its strings"));
            };
            let start = document.text.len();
            document.text.push_str(text);
            let end = document.text.len();
            if *space != 0 {
                document.text.push(' ');
            }
            // 0 is unknown, 1 inside, 2 outside, 3 the first word of an entity.
            let position = iob.map_or(0, |column| row[column]);
            known |= position != 0;
            let continues = position == 1 && goes_on;
            // White space, which spaCy counts as tokens, is none; within an entity it changes nothing, and
            // where one begins or ends with it, the words around it are of two.
            if text.trim().is_empty() {
                goes_on = continues;
                continue;
            }
            goes_on = false;
            document.words.push(Word { start, end });
            if position == 0 {
                unknown.push(Word { start, end });
            }
            if position != 1 && position != 3 {
                continue;
            }
            let label = match kind {
                None => "ENTITY",
                Some(column) => match names.get(&row[column]).copied() {
                    // What has no type is blocked: a word that must not be part of any entity.
                    None | Some("") => continue,
                    Some(label) => label,
                },
            };
            let word = document.words.len() - 1;
            goes_on = true;
            match entities.last_mut() {
                Some(last) if continues && last.end == word && last.label == label => {
                    last.end = word + 1;
                }
                _ => entities.push(WordSpan {
                    first: word,
                    end: word + 1,
                    label: label.into(),
                }),
            }
        }
        at += length;
        match (known, wanted) {
            (true, None) => labelled += 1,
            (false, None) => unlabelled.push(documents.len()),
            (_, Some(_)) => {}
        }
        if wanted.is_none() && known && !unknown.is_empty() {
            partly += 1;
            unknown_words += unknown.len();
            if options.mask_unknown {
                document.unknown = unknown;
            }
        }
        document.set_word_spans(&entities);
        let groups = bin.span_groups.get(documents.len());
        let groups = groups.map(|bytes| groups::parse(bytes)).unwrap_or_default();
        let sizes = groups
            .iter()
            .map(|(name, spans)| (name.as_str(), spans.len()));
        ignored.add(sizes, wanted);
        if let Some(name) = wanted {
            let group = groups.get(name);
            found_group |= group.is_some();
            let spans = group.into_iter().flatten();
            let values: Vec<Value> = spans
                .filter_map(|span| groups::span(span, &names))
                .collect();
            let place = spans::SpanContext {
                path,
                line: document.line,
                lines: &[],
                text: &document.text,
                tokens: None,
                words: &document.words,
                options: &plain,
                names: None,
            };
            let map = OffsetMap::new(&document.text);
            let found = spans::read(&values, &map, &place, &mut issues);
            source.dropped_spans += found.invalid;
            document.spans = found.spans;
            spans::misfits(path, &document, &mut issues);
        }
        source.count(&document);
        documents.push(document);
    }
    if let Some(name) = wanted.filter(|_| !found_group) {
        return Err(ReadError::NoSuchColumn {
            file: path.into(),
            wanted: name.into(),
            available: ignored.available(),
        });
    }
    if issues.has_errors() {
        return Err(ReadError::invalid_spans(path, issues.into_vec()));
    }
    if labelled > 0 {
        // Nobody has annotated them, where the others were.
        unlabelled.retain(|at| !documents[*at].words.is_empty());
    }
    match (unlabelled.first(), labelled) {
        (None, _) => {}
        (Some(_), 0) => {
            let count = unlabelled.len();
            let message =
                format!("{count} documents say nothing about entities; read as text without any");
            let code = IssueCode::Unlabelled;
            issues.push(Issue::new(Severity::Info, code, path, 0, message));
        }
        (Some(_), _) if options.mask_unknown => {
            for at in unlabelled {
                let document = &mut documents[at];
                document.unknown.clone_from(&document.words);
                partly += 1;
                unknown_words += document.words.len();
            }
        }
        (Some(first), _) => {
            let (count, line) = (unlabelled.len(), first + 1);
            let all = count + labelled;
            let message = format!(
                "{count} of {all} documents say nothing about entities where the others do, the first in place {line}; read as text without any"
            );
            let fix = "annotate them, take them out, or leave them out of the loss with `--mask-unknown`; a text without entities is set so with `doc.set_ents([], default=\"outside\")`";
            let code = IssueCode::PartlyLabelled;
            let issue = Issue::new(Severity::Warning, code, path, line, message).count(count);
            issues.push(issue.fix(fix).repair(Repair::MaskUnknown));
        }
    }
    if partly > 0 {
        issues.push(partial::issue(path, unknown_words, partly, options));
    }
    ignored.tell(path, &mut issues);
    if documents.is_empty() {
        return Err(ReadError::Empty { file: path.into() });
    }
    Ok(Corpus {
        documents,
        source,
        issues: issues.into_vec(),
        offset_evidence: None,
    })
}

fn numbers<const N: usize, T>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| number(*chunk)).collect()
}

/// Each string by its number: that of a symbol, or its hash.
fn names(strings: &[String]) -> HashMap<u64, &str> {
    let symbols: HashMap<&str, u64> = include_str!("docbin/symbols.txt")
        .lines()
        .filter_map(|line| {
            let (number, name) = line.split_once(' ')?;
            Some((name, number.parse().ok()?))
        })
        .collect();
    let number = |name: &str| match name {
        "" => 0,
        _ => symbols
            .get(name)
            .copied()
            .unwrap_or_else(|| hash(name.as_bytes())),
    };
    let own = strings.iter().map(|name| (number(name), name.as_str()));
    own.chain([(0, "")]).collect()
}

/// MurmurHash64A by Austin Appleby (public domain), with the seed 1, as spaCy numbers its strings.
fn hash(bytes: &[u8]) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    const R: u32 = 47;
    let mut h = 1 ^ (bytes.len() as u64).wrapping_mul(M);
    let (blocks, rest) = bytes.as_chunks::<8>();
    for block in blocks {
        let mut k = u64::from_le_bytes(*block).wrapping_mul(M);
        k ^= k >> R;
        h = (h ^ k.wrapping_mul(M)).wrapping_mul(M);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        h = (h ^ u64::from_le_bytes(last)).wrapping_mul(M);
    }
    h ^= h >> R;
    h = h.wrapping_mul(M);
    h ^ (h >> R)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `spacy.strings.hash_string` of spaCy 3.8.
    #[test]
    fn strings_have_spacys_numbers() {
        for (name, number) in HASHES {
            assert_eq!(hash(name.as_bytes()), number, "{name}");
        }
    }

    const HASHES: [(&str, u64); 6] = [
        ("a", 11_901_859_001_352_538_922),
        ("coffee", 3_197_928_453_018_144_401),
        ("Ada", 13_014_124_235_272_500_476),
        ("eight888", 6_103_390_885_580_893_207),
        ("ÄÖ😀x", 14_798_392_832_808_460_655),
        (
            "a sentence longer than sixteen bytes",
            2_523_082_789_099_587_814,
        ),
    ];
}
