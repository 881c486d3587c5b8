//! The kinds of findings: for each its code, its title, and why it matters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes the enum and everything that is known about each kind from one table.
macro_rules! codes {
    ($($name:ident $code:literal, $title:literal $(, $why:literal)?;)*) => {
        /// The kind of a finding. Its code is stable: stores, JSON output and scripts name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        pub enum IssueCode {
            $(#[doc = $title] #[serde(rename = $code)] $name,)*
        }

        impl IssueCode {
            /// All, by family, as the readers and the folder `check` have them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is written: kebab-case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What the kind is called, as a heading over its findings.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// Why it matters, in one sentence that a person can weigh; `None` where the finding
            /// speaks for itself.
            pub fn why(self) -> Option<&'static str> {
                $($(if self == Self::$name {
                    return Some($why);
                })?)*
                None
            }
        }
    };
}

codes! {
    // The file as a whole.
    NotUtf8 "not-utf8", "Bytes that are not text",
        "Read in the wrong encoding, letters turn into others, and the model learns words that nobody writes.";
    EmptyFile "empty-file", "An empty file",
        "There is nothing to learn from.";
    NoDocuments "no-documents", "No documents",
        "There is nothing to learn from.";
    NoEntities "no-entities", "No entities",
        "Without a single entity the model learns to find none.";
    NotACorpus "not-a-corpus", "Unknown format",
        "A wrongly guessed format would silently give wrong words and labels.";
    BadJson "bad-json", "Invalid JSON",
        "What follows the fault cannot be known, so nothing of the file is trusted.";
    BadRecord "bad-record", "Unreadable records",
        "A silently skipped record is lost training data.";
    Unlabelled "unlabelled", "Records without labels",
        "A text without a list counts as one without entities; if it is only unfinished, the model learns to miss entities.";
    AnswerSkipped "answer-skipped", "Rejected or ignored answers",
        "Rejected and ignored answers are no examples to learn from.";
    SpanRejected "span-rejected", "Rejected entities",
        "What the annotator rejected is no example to learn from.";
    Encoding "encoding", "Guessed encoding",
        "Nothing in a file says how its letters are written; a wrong guess gives other letters, and the model learns words that nobody writes.";
    NulCharacter "nul-character", "NUL characters",
        "No text has such characters: something else in the file may be damaged too.";
    FileIgnored "file-ignored", "Files left out",
        "A file that is left out unnoticed is lost data.";
    FilesJoined "files-joined", "Files joined",
        "Several files make one part of the data set, which should be what you mean.";
    FormatsDiffer "formats-differ", "Files in different formats",
        "Formats can hold different things; what one of them lacks is missing in its documents.";
    SplitGuessed "split-guessed", "Guessed splits",
        "If these are not the texts to learn from, the model learns what it is to be judged by.";
    // A file that cannot be read at all.
    Unreadable "unreadable", "A file that cannot be opened";
    Directory "directory", "A folder in place of a file";
    Undecodable "undecodable", "Bytes that do not fit the encoding";
    UnknownEncoding "unknown-encoding", "An unknown encoding";
    BadArchive "bad-archive", "An archive that cannot be read";
    TooLarge "too-large", "A file that is too large";
    SeveralFiles "several-files", "Several files in place of one";
    NoData "no-data", "No data files";
    UnsupportedFormat "unsupported-format", "A format that cannot be read";
    Damaged "damaged", "A damaged file";
    NoSuchColumn "no-such-column", "A column that is not there";
    // What a file holds beside texts and their entities.
    AnnotationsIgnored "annotations-ignored", "Annotations left out",
        "What is not about entities cannot be learned here, and you should know that it was there.";
    PredictionsIgnored "predictions-ignored", "Predictions left out",
        "A model that learns what a model said learns its mistakes.";
    RelationsIgnored "relations-ignored", "Relations left out",
        "Relations cannot be learned here, and you should know that they were there.";
    ResultsIgnored "results-ignored", "Results left out",
        "What is no labelled span cannot be learned here, and you should know that it was there.";
    ResultUnreadable "result-unreadable", "Unreadable results",
        "An entity that has no place in a plain text is missing in training.";
    TextsIgnored "texts-ignored", "Texts left out",
        "Texts that are left out unnoticed are lost data.";
    SpanGroupsIgnored "span-groups-ignored", "Span groups left out",
        "Entities that are kept in another place than the usual one are missing in training.";
    BadAnnotation "bad-annotation", "Unreadable annotations",
        "An entity that cannot be read is missing in training.";
    BadChunk "bad-chunk", "Unreadable chunks",
        "Without its text the place of everything behind it is unknown.";
    LineEndsJoined "line-ends-joined", "Line ends joined",
        "Counted otherwise, every span would move by one with each line.";
    OffsetsUtf16 "offsets-utf16", "Offsets in UTF-16 units",
        "Counted as characters, every span behind an emoji would mark the wrong letters.";
    // Rows and columns.
    RangeRows "range-rows", "Rows that span several words",
        "Read as words, such rows would double the words that they stand for.";
    TableColumns "table-columns", "Guessed columns",
        "The wrong column silently gives wrong words or labels.";
    OneSentence "one-sentence", "Everything in one sentence",
        "Without sentences there is nothing to part for training and judging, and context runs on where it should end.";
    SentenceAgain "sentence-again", "Sentence numbers that come back",
        "Rows of one number that stand apart are often two sentences, and their words do not belong together.";
    TooFewColumns "too-few-columns", "Rows without a tag",
        "A row without a tag leaves open whether its word belongs to an entity.";
    TooManyColumns "too-many-columns", "Rows with too many columns",
        "With one column too many, another one may be taken for the tag.";
    ColumnCount "column-count", "Rows with a different number of columns",
        "A row of another width often holds a word with a space or tab in it, and then its columns have moved.";
    MixedSeparators "mixed-separators", "Tabs and spaces mixed",
        "A word with a space in it would be read as two columns.";
    SeveralTagColumns "several-tag-columns", "Several columns of tags",
        "Each column is another set of labels; training uses one of them.";
    TagColumn "tag-column", "A tag column other than the last",
        "Another column than the last is read, and that should be the one you mean.";
    EmptyToken "empty-token", "Empty words",
        "An empty word has nothing to learn from, but it keeps its place in the entity around it.";
    TokensMisfit "tokens-misfit", "Words that do not match their text",
        "Words that do not fit the text would carry their labels to the wrong place.";
    TagCount "tag-count", "More or fewer tags than words",
        "With more or fewer tags than words, labels would move to the neighbours.";
    // Tags.
    BadTag "bad-tag", "Invalid tags",
        "A value that is no tag cannot be distinguished from a misspelt label.";
    TagRepaired "tag-repaired", "Tags that break their scheme",
        "Programs read such tags differently, so the same file gives different entities and scores elsewhere.";
    BareLabels "bare-labels", "Labels without B- and I-",
        "Without `B-` two entities of one label that touch become one.";
    NoLabels "no-labels", "Tags without labels",
        "All entities are of one kind, whatever they are.";
    IoTouching "io-touching", "Adjacent entities",
        "IO tags have no sign for the start of an entity, so that two of one label that touch are learned as one.";
    // Offsets of spans.
    SpanOutOfRange "span-out-of-range", "Entities outside their text",
        "Offsets behind the end of the text mean that they count something else, or belong to another text; then the other spans may be wrong too.";
    SpanEmpty "span-empty", "Empty entities",
        "A span without a character marks nothing.";
    SpanReversed "span-reversed", "Entities that end before they start",
        "Start and end are swapped, or belong to different spans.";
    SpanNotInteger "span-not-integer", "Offsets that are not whole numbers",
        "A position between two characters does not exist.";
    SpanMalformed "span-malformed", "Unreadable entities",
        "A span without start, end and label cannot be placed.";
    BadSpans "bad-spans", "Unreadable entities",
        "Entities that cannot be read are missing in training.";
    SeveralSpanLists "several-span-lists", "Several lists of entities",
        "Two lists can say different things; choosing one unasked would lose the other.";
    SpanOverlapping "span-overlapping", "Overlapping entities",
        "Each word gets one label, so that of two entities on the same word only one can be learned.";
    SpanDiscontinuous "span-discontinuous", "Discontinuous entities",
        "Each entity is one run of words for the model; one in pieces has no form in which it could be learned.";
    SpanTextDiffers "span-text-differs", "Entities with a different text",
        "Where the offsets and the covered text say different things, one of them belongs to another version of the text.";
    SpanEdgeSpace "span-edge-space", "White space at the edges of entities",
        "White space is no part of a name; the edge shows that the offsets are not exact, and exact scoring elsewhere counts the entity as wrong.";
    SpanCutsWord "span-cuts-word", "Entities that end inside a word",
        "Labels are learned by whole words: the entity grows to the word's edge, and is scored so.";
    SpanCutsRun "span-cuts-run", "Entities inside a run of letters",
        "This script writes words without spaces, and such a run of letters is learned as one word: the entity grows to its edge.";
    SpanWithoutWord "span-without-word", "Entities without a word",
        "A span without a word has nothing that could carry its label, so it is not learned.";
    OffsetsUnit "offsets-unit", "Offsets in another unit",
        "Counted in another unit, every span behind the first special character marks the wrong letters.";
    OffsetsShifted "offsets-shifted", "Shifted offsets",
        "Moved offsets mark the wrong letters, and the model learns entities that begin and end inside words.";
    OffsetsInclusive "offsets-inclusive", "Ends that name the last character",
        "An end that names the last character, instead of the one behind it, cuts off the last letter of every entity.";
    // Labels.
    LabelNotInTrain "label-not-in-train", "Labels that cannot be learned",
        "A label that is not in the training data cannot be predicted: each of its entities counts as missed.";
    LabelOnlyInTrain "label-only-in-train", "Labels that are never evaluated",
        "Nothing shows how well this label is found.";
    LabelsAlike "labels-alike", "Labels in two spellings",
        "Two spellings are two labels for the model: each has fewer examples, and one taken for the other counts as wrong.";
    LabelHasPrefix "label-has-prefix", "Labels with a tag prefix",
        "With a tag's letter in its name each label falls into two or more, and none of them is a whole entity.";
    LabelRare "label-rare", "Labels with few examples",
        "From a few examples a model learns the examples, not the kind, and the label's score says little.";
    // Texts.
    EmptyDocument "empty-document", "Empty documents",
        "A document without words teaches nothing and changes no score.";
    Duplicate "duplicate", "Duplicate documents",
        "A repeated text counts several times in training and in scores.";
    DuplicateLabelledDifferently "duplicate-labelled-differently", "Duplicates with different labels",
        "The same text cannot be right in both ways: the model is taught both and scored on one.";
    Overlap "overlap", "Documents in two splits",
        "A text that the model has seen in training shows what it remembers, not what it can find: the score looks better than it is.";
    NearOverlap "near-overlap", "Near-duplicates in two splits",
        "A text that differs by a word or two is nearly as good as known: the score looks better than it is.";
    ControlCharacter "control-character", "Control characters",
        "Control characters come from faulty exports; the tokenizer drops them, and words that they part grow together.";
    FormatCharacter "format-character", "Invisible characters",
        "Invisible characters make words that look the same differ, and shift offsets in other programs.";
    ReplacementCharacter "replacement-character", "Lost characters",
        "The character `U+FFFD` stands for one that was lost when the text was read in a wrong encoding.";
    Mojibake "mojibake", "Text read in the wrong encoding",
        "UTF-8 read as another encoding turns one letter into two or three strange ones; the model does not know such words.";
    // The model that is to be trained.
    TooLong "too-long", "Documents longer than the model’s window",
        "The text is read in overlapping windows: nothing is lost, but it takes longer, and far context is out of sight.";
    WordWithoutPieces "word-without-pieces", "Words that the model cannot see",
        "The model sees nothing of such a word; it counts as outside of every entity.";
    UnknownPieces "unknown-pieces", "Words that the model does not know",
        "Unknown words all look the same to the model; many of them mean that it was made for another language or alphabet.";
    // Consistency.
    LabelUnusual "label-unusual", "Words labelled unusually",
        "What is labelled one way nearly everywhere and another way here is often a slip, and slips in test data cap the score.";
    LabelVaries "label-varies", "Words labelled inconsistently",
        "Where nothing but context decides, the model needs many examples; where nobody decided, it cannot learn the difference.";
    LikelyMissed "likely-missed", "Entities probably missed",
        "A missed entity teaches the model to miss, and in test data counts a right answer as wrong.";
}

impl fmt::Display for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_kebab_case_with_a_title_and_a_sentence() {
        for (i, code) in IssueCode::ALL.iter().enumerate() {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(code.as_str().chars().all(kebab), "{code}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!(code.title().starts_with(char::is_uppercase), "{code}");
            let sentence = |why: &str| why.ends_with('.') && why.starts_with(char::is_uppercase);
            assert!(code.why().is_none_or(sentence), "{code}");
            let same = |other: &IssueCode| other.as_str() == code.as_str();
            assert!(!IssueCode::ALL[..i].iter().any(same), "{code}");
        }
    }
}
