//! Additional training documents, made of those that are there: augmentation for named entity recognition.
//!
//! Mention replacement, label-wise token replacement and shuffling within segments are those of Dai and
//! Adel 2020 ("An Analysis of Simple Data Augmentation for Named Entity Recognition"); noise in case and
//! spelling and the dropout of words outside entities are added. A document is taken to pieces, each
//! operation changes them by chance, and a new document is made of what results: its spans are exact.
//!
//! ```text
//! Document ─pieces→ replace mentions → replace words → shuffle → drop words → case → typos ─→ Document
//! ```

mod lexicon;
mod mention_list;
mod noise;
mod operations;
mod pieces;

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tagsmith_protocol::TrainSettings;

pub use mention_list::{ListedMention, read_mentions};

use crate::document::Document;
use crate::format::ReadError;
use lexicon::Lexicon;
use pieces::Pieces;

/// How often a document is tried again that came out as it was.
const TRIES: usize = 50;

/// The random streams of documents begin here, and those of their order; others count from 0 or from the
/// other end.
const DOCUMENTS: u64 = 1 << 62;
const ORDERS: u64 = 1 << 61;

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// An entity became another one with the same label.
    MentionReplacement,
    /// A word became another one with the same tag.
    TokenReplacement,
    /// The words of an entity, or of what is between two, changed their order.
    SegmentShuffling,
    /// Words outside entities were left out.
    WordDropout,
    /// All words are in upper case, in lower case, or begin with a capital.
    CaseNoise,
    /// Letters were swapped, left out, doubled, or replaced by their neighbours on the keyboard.
    TypoNoise,
}

impl Operation {
    /// All, in the order in which they are done.
    pub const ALL: [Self; 6] = [
        Self::MentionReplacement,
        Self::TokenReplacement,
        Self::SegmentShuffling,
        Self::WordDropout,
        Self::CaseNoise,
        Self::TypoNoise,
    ];

    /// As sentences name it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MentionReplacement => "mention replacement",
            Self::TokenReplacement => "token replacement",
            Self::SegmentShuffling => "shuffling",
            Self::WordDropout => "word dropout",
            Self::CaseNoise => "case noise",
            Self::TypoNoise => "typos",
        }
    }

    /// How probable it is in a run with these settings, 0–1: for each mention, word, segment or document.
    const fn strength(self, settings: &TrainSettings) -> f64 {
        match self {
            Self::MentionReplacement => settings.mention_replacement,
            Self::TokenReplacement => settings.token_replacement,
            Self::SegmentShuffling => settings.segment_shuffling,
            Self::WordDropout => settings.word_dropout,
            Self::CaseNoise => settings.case_noise,
            Self::TypoNoise => settings.typo_noise,
        }
    }
}

/// A document that was made of another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Augmented {
    /// The number of that one among those given, from 0.
    pub source: usize,
    /// The new document; it has no id.
    pub document: Document,
    /// What was done, in this order; never nothing.
    pub operations: Vec<Operation>,
}

/// Makes documents of documents. What it makes is fixed by the seed: the first of many are those of few.
pub struct Augmenter<'a> {
    documents: &'a [Document],
    /// Those that can be changed, by number.
    sources: Vec<usize>,
    lexicon: Lexicon<'a>,
    /// Those that are switched on, with their probabilities.
    strengths: Vec<(Operation, f64)>,
    seed: u64,
}

impl<'a> Augmenter<'a> {
    /// For these documents, as the settings want it; the list of mentions that they name is read.
    ///
    /// # Errors
    /// That list cannot be read.
    pub fn open(documents: &'a [Document], settings: &TrainSettings) -> Result<Self, ReadError> {
        let list = settings.augment_mentions.as_deref();
        let listed = list.map(read_mentions).transpose()?;
        Ok(Self::new(documents, listed.unwrap_or_default(), settings))
    }

    /// For these documents, with mentions besides their own.
    pub fn new(
        documents: &'a [Document],
        listed: Vec<ListedMention>,
        settings: &TrainSettings,
    ) -> Self {
        let strengths: Vec<(Operation, f64)> = Operation::ALL
            .into_iter()
            .map(|operation| (operation, operation.strength(settings)))
            .filter(|(_, strength)| *strength > 0.0)
            .collect();
        let uses = |wanted| strengths.iter().any(|(operation, _)| *operation == wanted);
        let lexicon = Lexicon::new(documents, listed, uses(Operation::TokenReplacement));
        let needs_entities = strengths
            .iter()
            .all(|(operation, _)| *operation == Operation::MentionReplacement);
        let can_change = |document: &Document| match needs_entities {
            true => !document.word_spans().spans.is_empty(),
            false => !document.words.is_empty(),
        };
        let sources = documents.iter().enumerate();
        let sources = sources.filter(|(_, document)| can_change(document));
        Self {
            sources: match strengths.is_empty() {
                true => Vec::new(),
                false => sources.map(|(number, _)| number).collect(),
            },
            documents,
            lexicon,
            strengths,
            seed: settings.seed,
        }
    }

    /// Labels of the list of mentions that no document has, sorted: their mentions are of no use.
    pub fn unknown_labels(&self) -> &[String] {
        &self.lexicon.unknown_labels
    }

    /// `count` documents, or fewer: one that comes out as it was, try after try, is left out. Each document is
    /// taken once, in a random order, before one is taken again.
    pub fn draw(&self, count: usize) -> Vec<Augmented> {
        if self.sources.is_empty() {
            return Vec::new();
        }
        let mut order = Vec::new();
        (0..count)
            .filter_map(|number| {
                let at = number % self.sources.len();
                if at == 0 {
                    order.clone_from(&self.sources);
                    let round = number / self.sources.len();
                    order.shuffle(&mut self.random(ORDERS + round as u64));
                }
                self.augmented(order[at], &mut self.random(DOCUMENTS + number as u64))
            })
            .collect()
    }

    fn random(&self, stream: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(stream);
        random
    }

    fn augmented(&self, source: usize, random: &mut ChaCha8Rng) -> Option<Augmented> {
        let document = &self.documents[source];
        let original = Pieces::of(document);
        (0..TRIES).find_map(|_| {
            let mut pieces = original.clone();
            let mut operations = Vec::new();
            for (operation, strength) in &self.strengths {
                if self.apply(*operation, &mut pieces, *strength, random) {
                    operations.push(*operation);
                }
            }
            // Two operations may undo each other.
            let is_new = pieces.has_changed(&original);
            is_new.then(|| Augmented {
                source,
                document: pieces.document(document),
                operations,
            })
        })
    }

    /// Whether it changed anything.
    fn apply(
        &self,
        operation: Operation,
        pieces: &mut Pieces,
        strength: f64,
        random: &mut ChaCha8Rng,
    ) -> bool {
        let lexicon = &self.lexicon;
        match operation {
            Operation::MentionReplacement => {
                operations::replace_mentions(pieces, lexicon, strength, random)
            }
            Operation::TokenReplacement => {
                operations::replace_tokens(pieces, lexicon, strength, random)
            }
            Operation::SegmentShuffling => operations::shuffle_segments(pieces, strength, random),
            Operation::WordDropout => operations::drop_words(pieces, strength, random),
            Operation::CaseNoise => noise::change_case(pieces, strength, random),
            Operation::TypoNoise => noise::make_typos(pieces, strength, random),
        }
    }
}

/// In how many of the documents each operation was done, in order, those aside that were done in none.
pub fn counts(augmented: &[Augmented]) -> BTreeMap<Operation, usize> {
    let mut counts = BTreeMap::new();
    for operation in augmented.iter().flat_map(|one| &one.operations) {
        *counts.entry(*operation).or_default() += 1;
    }
    counts
}

/// The text of a document with its entities in brackets: `[Ada Lovelace](PER) lived in [London](LOC)`.
pub fn marked(document: &Document) -> String {
    let mut marked = String::with_capacity(document.text.len() + 8 * document.spans.len());
    let mut done = 0;
    for span in &document.spans {
        let before = document.text.get(done..span.start);
        // One that overlaps the one before it cannot be marked in a line of text.
        let Some((before, inside)) = before.zip(document.text.get(span.start..span.end)) else {
            continue;
        };
        marked.extend([before, "[", inside, "](", &span.label, ")"]);
        done = span.end;
    }
    marked.push_str(&document.text[done..]);
    marked
}

/// `true` with a probability of 0–1.
fn chance(probability: f64, random: &mut ChaCha8Rng) -> bool {
    random.random::<f64>() < probability
}

#[cfg(test)]
mod tests;
