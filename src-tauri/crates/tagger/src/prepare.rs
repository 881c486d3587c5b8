//! The data of a run: files read, checked, split, tokenised and given their targets.

use crate::augmentation;
use crate::config::read_options;
use crate::data_warnings::{compared, of_training};
use crate::error::Error;
use crate::example::Example;
use crate::tags::TagSet;
use crate::tokenizer::Tokenizer;
use crate::window::{Window, windows};
use std::path::Path;
use tagsmith_corpus::{Corpus, Document, give_context, labels, read, summaries, train_dev_split};
use tagsmith_protocol::{Event, TrainConfig, TrainSettings};

/// The documents of a run by split, and warnings about them.
pub struct Splits {
    /// To learn from: those of the file, then those that were made of them ([`Splits::augment`]).
    pub train: Vec<Document>,
    /// How many of `train` were made of others.
    pub augmented: usize,
    /// To choose the best model by.
    pub dev: Vec<Document>,
    /// Where `dev` came from.
    pub dev_file: String,
    /// To score at the end.
    pub test: Option<Vec<Document>>,
    /// The labels of `train`, sorted.
    pub labels: Vec<String>,
    /// What the person should know.
    pub warnings: Vec<Event>,
}

impl Splits {
    /// Reads the files of a configuration, and holds some documents out where there is no dev file.
    ///
    /// # Errors
    /// A file cannot be read, or holds nothing to learn from.
    pub fn read(config: &TrainConfig) -> Result<Self, Error> {
        let options = &read_options(config)?;
        let mut warnings = Vec::new();
        let mut open = |path: &Path| -> Result<Vec<Document>, Error> {
            let corpus: Corpus = read(path, options)?;
            let summaries = summaries(&corpus.issues).into_iter();
            warnings.extend(summaries.map(|(code, text)| Event::warning(code, text)));
            let mut documents = corpus.documents;
            if config.context > 0 && !give_context(&mut documents) {
                warnings.push(Event::warning("context", no_boundaries(path)));
            }
            Ok(documents)
        };
        let all = open(&config.train)?;
        let dev = config.dev.as_deref().map(&mut open).transpose()?;
        let test = config.test.as_deref().map(&mut open).transpose()?;

        let labels = labels(&all);
        if labels.is_empty() {
            return Err(nothing(&config.train, "has no entity to learn"));
        }
        let (train, dev, dev_file) = match dev {
            Some(dev) => {
                let file = config.dev.as_deref().unwrap_or(&config.train);
                (all, dev, file.display().to_string())
            }
            None => {
                let whole = all.len();
                let (train, dev) = train_dev_split(all, config.dev_share, config.seed);
                if train.is_empty() || dev.is_empty() {
                    return Err(nothing(
                        &config.train,
                        "has too few documents to hold some of them out; name a file with --dev",
                    ));
                }
                warnings.push(Event::warning(
                    "held-out",
                    format!(
                        "no dev file: {} of the {whole} documents in `{}` are held out to choose the best model by",
                        dev.len(),
                        config.train.display()
                    ),
                ));
                (train, dev, format!("{} (held out)", config.train.display()))
            }
        };
        warnings.extend(of_training(&train, &labels));
        let held = [
            ("dev", Some(&dev), config.dev.as_deref()),
            ("test", test.as_ref(), config.test.as_deref()),
        ];
        for (name, documents, path) in held {
            if let Some(documents) = documents {
                if documents.iter().all(|document| document.words.is_empty()) {
                    return Err(nothing(
                        path.unwrap_or(&config.train),
                        &format!("has no word to score: it cannot serve as {name} data"),
                    ));
                }
                warnings.extend(compared(name, &train, documents, &labels));
            }
        }
        augmentation::check(&train, &config.settings)?;
        Ok(Self {
            train,
            augmented: 0,
            dev,
            dev_file,
            test,
            labels,
            warnings,
        })
    }
}

impl Splits {
    /// The training documents of the file, without those that were made of them.
    pub fn of_file(&self) -> &[Document] {
        &self.train[..self.train.len() - self.augmented]
    }

    /// Adds to the training documents those that the settings want made of them.
    ///
    /// # Errors
    /// The list of mentions cannot be read.
    pub fn augment(&mut self, settings: &TrainSettings) -> Result<(), Error> {
        let added = augmentation::added(&self.train, settings)?;
        self.augmented = added.documents.len();
        self.train.extend(added.documents);
        self.warnings.extend(added.warnings);
        Ok(())
    }

    /// Adds what was held out to the training documents, and draws the documents made of them anew.
    ///
    /// # Errors
    /// The list of mentions cannot be read.
    pub fn take_back_dev(&mut self, config: &TrainConfig) -> Result<(), Error> {
        self.train.truncate(self.of_file().len());
        self.train.extend(self.dev.iter().cloned());
        let added = augmentation::added(&self.train, &config.settings)?;
        self.augmented = added.documents.len();
        self.train.extend(added.documents);
        Ok(())
    }

    /// Takes up what the model's tokenizer says: added tokens stay whole, and notes become warnings.
    pub fn fit(&mut self, tokenizer: &Tokenizer) {
        for documents in [&mut self.train, &mut self.dev]
            .into_iter()
            .chain(&mut self.test)
        {
            tokenizer.keep_added_tokens(documents);
        }
        let notes = tokenizer.notes().iter();
        let notes = notes.map(|note| Event::warning(note.code, &*note.message));
        self.warnings.extend(notes);
    }
}

/// The warning that a file of which context is to be read says nothing of documents.
pub fn no_boundaries(path: &Path) -> String {
    format!(
        "`{}` does not say where documents begin (`-DOCSTART-` lines, or a `group` in each record): all of it is read as one, each sentence with its neighbours as context",
        path.display()
    )
}

fn nothing(path: &Path, what: &str) -> Error {
    Error::NothingToLearn {
        path: path.into(),
        what: what.into(),
    }
}

/// The training set as the model sees it.
pub struct Examples {
    /// In the order of the documents. Windows that score no word are left out: they teach nothing.
    pub examples: Vec<Example>,
    /// What the person should know.
    pub warnings: Vec<Event>,
}

/// Tokenises training documents, splits them into windows, and gives each word's first piece its target.
///
/// # Errors
/// The tokenizer cannot treat a word.
pub fn examples(
    documents: &[Document],
    tokenizer: &Tokenizer,
    tags: &TagSet,
    max_length: usize,
    stride: usize,
    context: usize,
) -> Result<Examples, Error> {
    let split = windows(documents, tokenizer, max_length, stride, context)?;
    let (mut moved, mut lost) = (0, 0);
    let targets: Vec<Vec<usize>> = documents
        .iter()
        .map(|document| {
            let gold = document.word_spans();
            moved += gold.moved;
            lost += gold.lost;
            tags.tags_of(document.words.len(), &gold.spans)
                .iter()
                .map(|tag| tags.id(tag).unwrap_or(tags.outside()))
                .collect()
        })
        .collect();
    let mut warnings = Vec::new();
    let mut warn = |code: &str, count: usize, text: &str| {
        if count > 0 {
            warnings.push(Event::warning(code, format!("{count} {text}")));
        }
    };
    warn(
        "long-document",
        split.split_documents,
        &format!(
            "training documents are longer than {max_length} word pieces and are read in overlapping windows; nothing is left out"
        ),
    );
    warn(
        "long-word",
        split.truncated_words.iter().sum(),
        "words are longer than a whole window; only their beginning is read",
    );
    warn(
        "no-pieces",
        split.words_without_pieces,
        "words give the model nothing to read (invisible characters, empty tokens); they count as outside any entity",
    );
    warn(
        "moved-span",
        moved,
        "entity edges lie inside a word and were moved to the word's edge",
    );
    warn(
        "lost-span",
        lost,
        "entities share a word with another entity and cannot be learned",
    );
    let examples = split
        .windows
        .into_iter()
        .map(|mut window| {
            leave_out_unknown(&documents[window.document], &mut window);
            window
        })
        .filter(|window| !window.scored.is_empty())
        .map(|window| Example {
            targets: window
                .scored
                .iter()
                .map(|(_, word)| targets[window.document][*word])
                .collect(),
            window,
        })
        .collect();
    Ok(Examples { examples, warnings })
}

/// Words of which nobody said whether they belong to an entity are read and not scored, as words of a
/// window's overlap are: other programs give them the label -100.
fn leave_out_unknown(document: &Document, window: &mut Window) {
    if document.unknown.is_empty() {
        return;
    }
    let known = document.known_words();
    window.scored.retain(|(_, word)| known[*word]);
    // Its last word ends a sequence of tags only where it is the last of the document.
    window.reaches_end &= known.last().is_none_or(|known| *known);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_corpus::Word;

    #[test]
    fn unknown_words_are_read_and_not_scored() {
        let mut document = Document::from_words(&["Anna", "met", "Bo"]);
        let window = |words: &[usize]| Window {
            document: 0,
            ids: vec![0; words.len() + 2],
            scored: words.iter().map(|word| (word + 1, *word)).collect(),
            reaches_end: words.contains(&2),
        };
        let check = |document: &Document, expected: &[usize], end: bool| {
            let mut found = window(&[0, 1, 2]);
            leave_out_unknown(document, &mut found);
            let words: Vec<usize> = found.scored.iter().map(|(_, word)| *word).collect();
            assert_eq!((words.as_slice(), found.reaches_end), (expected, end));
            assert_eq!(found.ids.len(), 5, "they are still read");
        };
        check(&document, &[0, 1, 2], true);
        let unknown = |document: &mut Document, words: &[usize]| {
            let words = words.iter().map(|word| document.words[*word]);
            document.unknown = words.collect::<Vec<Word>>();
        };
        unknown(&mut document, &[1]);
        check(&document, &[0, 2], true);
        unknown(&mut document, &[0, 2]);
        check(&document, &[1], false);
        unknown(&mut document, &[0, 1, 2]);
        check(&document, &[], false);
    }
}
