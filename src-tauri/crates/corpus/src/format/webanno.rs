//! Reads WebAnno TSV 3, as WebAnno and INCEpTION export it: a row for each word, and a column for
//! each feature of each layer.

mod cells;

use std::collections::BTreeMap;
use std::path::Path;

use crate::agreement::Annotators;
use crate::dataset::Corpus;
use crate::document::Word;
use crate::format::ReadError;
use crate::format::layers::{self, Annotation, Feature, Layers, Person, Summary, Whole};
use crate::format::standoff::Standoff;
use crate::formats::Format;
use crate::offsets::OffsetMap;
use crate::options::ReadOptions;
use cells::{Value, text_of, values};

const FORMAT: &str = "#FORMAT=WebAnno TSV 3";
const SPANS: &str = "#T_SP=";
const CHAINS: &str = "#T_CH=";
const RELATIONS: &str = "#T_RL=";
const TEXT: &str = "#Text=";

/// Whether it says so, or why not.
pub(super) fn looks_like(text: &str, _options: &ReadOptions) -> Result<(), String> {
    match text.trim_start().starts_with(FORMAT) || is_second(text) {
        true => Ok(()),
        false => Err(format!(
            "WebAnno TSV 3 (no: it does not start with `{FORMAT}`)"
        )),
    }
}

/// Is it of the second version, whose head names the layers in another way, and whose rows have no offsets?
fn is_second(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let layer = first
        .strip_prefix("# ")
        .and_then(|rest| rest.split_once(" | "));
    layer.is_some_and(|(layer, _)| {
        layer.starts_with("webanno.custom.") || layer.starts_with("de.tudarmstadt.ukp.")
    })
}

/// A layer that the head of the file describes.
struct Layer {
    name: String,
    kind: &'static str,
    /// Its columns: a feature by its name, or `None` for what is none, such as the target of a link.
    columns: Vec<Option<String>>,
}

impl Layer {
    /// `webanno.custom.Staff|value`.
    fn new(kind: &'static str, described: &str) -> Self {
        let mut parts = described.split('|').map(str::trim);
        let name = parts.next().unwrap_or_default().to_owned();
        let mut columns = Vec::new();
        let mut link = false;
        for part in parts.filter(|part| !part.is_empty()) {
            // The role of a link, and behind it the type of its target.
            let role = part.starts_with("ROLE_");
            let feature = !role && !link && !part.starts_with("BT_");
            columns.push(feature.then(|| part.to_owned()));
            link = role;
        }
        // A layer without features still has a column.
        if columns.is_empty() {
            columns.push(None);
        }
        Self {
            name,
            kind,
            columns,
        }
    }
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    if is_second(text) {
        return Err(ReadError::Unsupported {
            file: path.into(),
            what: "a file of WebAnno TSV 2",
            instead: "export it again as WebAnno TSV 3, or as UIMA CAS",
        });
    }
    let own = layers::counted_in_bytes(options);
    rows(path, text, &own).finish(options)
}

/// What there is in the layers of a file.
pub(super) fn summary(path: &Path, text: &str, options: &ReadOptions) -> Option<Summary> {
    looks_like(text, options)
        .ok()
        .filter(|()| !is_second(text))?;
    let own = layers::counted_in_bytes(options);
    Some(Summary::of(&rows(path, text, &own).annotations))
}

/// Takes all rows of a file.
fn rows<'a>(path: &'a Path, text: &str, options: &'a ReadOptions) -> Reader<'a> {
    let mut reader = Reader {
        path,
        standoff: Standoff::new(path, Format::WebAnno, options),
        layers: Vec::new(),
        text: String::new(),
        words: Vec::new(),
        sentences: Vec::new(),
        annotations: Layers::new(),
        open: BTreeMap::new(),
        sentence: Sentence::default(),
    };
    for (i, row) in text.lines().enumerate() {
        reader.row(i + 1, row.trim_end_matches('\r'));
    }
    reader.close();
    reader
}

const ELSEWHERE: &str = "has a word that does not come next in the text of its sentence";

/// The sentence that is being read.
#[derive(Default)]
struct Sentence {
    line: usize,
    /// Its `#Text` lines.
    text: Option<String>,
    /// Behind the last word, in the text of all sentences.
    at: usize,
    /// Where the last word starts and ends, and which offsets the file gives it.
    word: Option<(usize, usize, u64, u64)>,
    begun: bool,
}

struct Reader<'a> {
    path: &'a Path,
    standoff: Standoff<'a>,
    layers: Vec<Layer>,
    /// All sentences, joined by a space.
    text: String,
    words: Vec<Word>,
    sentences: Vec<(usize, usize)>,
    annotations: Layers,
    /// The annotations that have a number, which may cover several words, by layer and number.
    open: BTreeMap<(usize, u64), usize>,
    sentence: Sentence,
}

impl Reader<'_> {
    fn row(&mut self, line: usize, row: &str) {
        if row.trim().is_empty() {
            self.close();
            return;
        }
        for kind in [SPANS, CHAINS, RELATIONS] {
            if let Some(described) = row.strip_prefix(kind) {
                let layer = Layer::new(kind, described);
                if kind == SPANS {
                    self.annotations.entry(layer.name.clone()).or_default();
                }
                self.layers.push(layer);
                return;
            }
        }
        if let Some(text) = row.strip_prefix(TEXT) {
            if self.sentence.begun {
                self.close();
            }
            let sentence = &mut self.sentence;
            sentence.line = if sentence.text.is_none() {
                line
            } else {
                sentence.line
            };
            let text = text_of(text);
            match &mut sentence.text {
                // A sentence of several lines has one such row for each.
                Some(before) => {
                    before.push('\n');
                    before.push_str(&text);
                }
                None => sentence.text = Some(text),
            }
            return;
        }
        if row.starts_with('#') {
            return;
        }
        if let Err(what) = self.word(line, row) {
            let fix = "write the number of the sentence and the word, the offsets, the word, and a value for each column, separated by tabs";
            self.standoff.fault(self.path, line, row, what, fix);
        }
    }

    fn begin(&mut self, line: usize) {
        if self.sentence.begun {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let at = self.text.len();
        let sentence = &mut self.sentence;
        (sentence.begun, sentence.at) = (true, at);
        sentence.line = if sentence.line == 0 {
            line
        } else {
            sentence.line
        };
        self.sentences.push((at, sentence.line));
        if let Some(text) = &sentence.text {
            self.text.push_str(text);
        }
    }

    fn word(&mut self, line: usize, row: &str) -> Result<(), &'static str> {
        let cells: Vec<&str> = row.split('\t').collect();
        let [id, offsets, word, values @ ..] = &cells[..] else {
            return Err("has fewer than three columns");
        };
        let numbered = id.split_once('-').is_some_and(|(sentence, word)| {
            let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            number(sentence) && word.split('.').all(number)
        });
        if !numbered {
            return Err("does not start with the number of its sentence and its word");
        }
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let offsets = offsets.split_once('-');
        let offsets = offsets.and_then(|(start, end)| Some((number(start)?, number(end)?)));
        let (begin, end) = offsets.ok_or("has offsets that are not two whole numbers")?;
        self.begin(line);
        let place = match id.contains('.') {
            true => self.part(begin, end)?,
            false => self.place(word, begin, end)?,
        };
        let mut values = values.iter().copied();
        for i in 0..self.layers.len() {
            let columns = self.layers[i].columns.len();
            let cells: Vec<&str> = values.by_ref().take(columns).collect();
            if cells.len() < columns {
                return Err("has fewer columns than the head of the file says");
            }
            self.values(line, i, &cells, place);
        }
        match values.all(|cell| cell.trim().is_empty()) {
            true => Ok(()),
            false => Err("has more columns than the head of the file says"),
        }
    }

    /// Where a word lies: the next place in the text of its sentence, whatever its offsets count.
    fn place(&mut self, word: &str, begin: u64, end: u64) -> Result<(usize, usize), &'static str> {
        let sentence = &mut self.sentence;
        if sentence.text.is_none() {
            // Without a text the offsets say how far words are apart.
            let gap = sentence
                .word
                .map_or(0, |(.., before)| begin.saturating_sub(before));
            let gap = usize::try_from(gap).unwrap_or(1).min(1);
            self.text.extend(std::iter::repeat_n(' ', gap));
            sentence.at = self.text.len();
            self.text.push_str(word);
        }
        let rest = &self.text[sentence.at..];
        let plain = text_of(word);
        let found = [word, plain.as_str()];
        // Words follow one another with nothing but white space and signs between them.
        let starts = |at: usize| {
            let mut found = found.iter().filter(|word| !word.is_empty());
            found.find(|word| rest[at..].starts_with(**word))
        };
        let mut places = rest.char_indices();
        let (start, length) = loop {
            let (at, c) = places.next().ok_or(ELSEWHERE)?;
            if let Some(word) = starts(at) {
                break (at, word.len());
            }
            if c.is_alphanumeric() {
                return Err(ELSEWHERE);
            }
        };
        let start = sentence.at + start;
        sentence.at = start + length;
        sentence.word = Some((start, sentence.at, begin, end));
        self.words.push(Word {
            start,
            end: sentence.at,
        });
        Ok((start, sentence.at))
    }

    /// Where a part of the last word lies, whose offsets count UTF-16 units.
    fn part(&self, begin: u64, end: u64) -> Result<(usize, usize), &'static str> {
        let (start, stop, from, _) = self.sentence.word.ok_or("is a part of no word")?;
        let word = &self.text[start..stop];
        let map = OffsetMap::new(word);
        let byte = |at: u64| map.byte_of_utf16(usize::try_from(at.checked_sub(from)?).ok()?);
        let place = byte(begin)
            .zip(byte(end))
            .filter(|(begin, end)| begin <= end);
        let (begin, end) = place.ok_or("does not lie within its word")?;
        Ok((start + begin, start + end))
    }

    /// What the columns of a layer say of a word or a part of one.
    fn values(&mut self, line: usize, i: usize, cells: &[&str], (start, end): (usize, usize)) {
        let layer = &self.layers[i];
        if layer.kind != SPANS {
            let some = cells
                .first()
                .is_some_and(|cell| !matches!(cell.trim(), "_" | ""));
            let what = match layer.kind {
                RELATIONS => "relations",
                _ => "links of chains",
            };
            self.standoff.leave_out(what, usize::from(some));
            return;
        }
        let columns: Vec<Vec<Value>> = cells.iter().map(|cell| values(cell)).collect();
        let most = columns.iter().map(Vec::len).max().unwrap_or(0);
        for k in 0..most {
            let own = || columns.iter().filter_map(|column| column.get(k));
            let number = own().find_map(|value| value.number);
            let named = layer.columns.iter().zip(&columns);
            let features = named.filter_map(|(name, column)| {
                let value = column.get(k)?.text.clone()?;
                Some(Feature::untyped(name.clone()?, value))
            });
            let found = Annotation {
                line,
                start,
                end,
                features: features.collect(),
            };
            let list = self.annotations.entry(layer.name.clone()).or_default();
            let Some(number) = number else {
                list.push(found);
                continue;
            };
            match self.open.get(&(i, number)) {
                Some(at) => {
                    let open = &mut list[*at];
                    open.start = open.start.min(start);
                    open.end = open.end.max(end);
                }
                None => {
                    self.open.insert((i, number), list.len());
                    list.push(found);
                }
            }
        }
    }

    fn close(&mut self) {
        if self.sentence.text.is_some() && !self.sentence.begun {
            // A sentence without words is a text all the same.
            self.begin(self.sentence.line);
        }
        self.sentence = Sentence::default();
    }

    fn finish(mut self, options: &ReadOptions) -> Result<Corpus, ReadError> {
        let path = self.path;
        let summary = Summary::of(&self.annotations);
        let choice = layers::choose(path, &summary, options, &mut self.standoff)?;
        let whole = Whole {
            id: None,
            group: None,
            text: &self.text,
            words: &self.words,
            sentences: self.sentences,
        };
        let marks = choice
            .as_ref()
            .map(|choice| choice.marks(&self.annotations));
        let all = [Person {
            name: String::new(),
            is_truth: false,
            marks: marks.unwrap_or_default(),
        }];
        layers::add(
            path,
            &whole,
            &all,
            &mut Annotators::default(),
            &mut self.standoff,
        );
        let mut corpus = self.standoff.finish(path)?;
        // The places were found by the words, so that nothing can be learned from how they fit.
        corpus.offset_evidence = None;
        Ok(corpus)
    }
}
