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
    NotUtf8 "not-utf8", "Not UTF-8",
        "Read in the wrong encoding, letters turn into others, and the model learns words that nobody writes.";
    EmptyFile "empty-file", "Empty file",
        "There is nothing to learn from.";
    NoDocuments "no-documents", "No documents",
        "There is nothing to learn from.";
    NoEntities "no-entities", "No labelled entities",
        "A model trained without a single entity learns to find none.";
    NotACorpus "not-a-corpus", "Unknown format",
        "Guessing the wrong format would silently give wrong words and labels.";
    BadJson "bad-json", "Broken JSON",
        "What is not valid JSON cannot be read, so the records in it are missing from training.";
    BadRecord "bad-record", "Unreadable records",
        "A record that is skipped silently is training data lost.";
    Unlabelled "unlabelled", "Records without labels",
        "A text without a list of entities counts as one that has none; if it is only unfinished, the model learns to miss entities.";
    WordsUnknown "words-unknown", "Words of unknown annotation",
        "What nobody has looked at counts as outside every entity, and the model learns to miss what is there.";
    SeveralAnnotators "several-annotators", "Several annotators",
        "Of several people's labels one set is learned; how far they agree says how well the labels are defined.";
    AnnotatorsDiffer "annotators-differ", "Annotators who differ",
        "Where people differ, a model is taught one of their opinions and scored by it.";
    SplitsNamed "splits-named", "Records that name their split",
        "What a model has learned from says nothing of how good it is: the records of test must not be among those of train.";
    PartlyLabelled "partly-labelled", "Some records without labels",
        "Where other records have a list of entities, one without it is often unfinished; read as text without any, it teaches the model to miss entities.";
    EmptyRecord "empty-record", "Empty records",
        "Nothing is lost with them, but where they come from something may have gone wrong.";
    NotANumber "not-a-number", "NaN in JSON",
        "JSON has no such value; whatever it stood for is missing.";
    LoneSurrogate "lone-surrogate", "Halves of characters",
        "Half of a character cannot be read; the model never sees what it was.";
    TextMissing "text-missing", "Texts in other files",
        "Offsets without the text that they count in say nothing.";
    AnswerSkipped "answer-skipped", "Rejected or ignored answers",
        "Rejected and ignored answers are not examples to learn from.";
    SpanRejected "span-rejected", "Rejected entities",
        "What the annotator rejected is not an example to learn from.";
    Encoding "encoding", "Guessed encoding",
        "A file does not say how its letters are encoded; a wrong guess gives other letters, and the model learns words that nobody writes.";
    NulCharacter "nul-character", "Zero bytes in the text",
        "Text does not contain such characters: something else in the file may be damaged too.";
    FileIgnored "file-ignored", "Ignored files",
        "A file that is ignored unnoticed is data lost.";
    FilesJoined "files-joined", "Files merged into one split",
        "Several files form one split of the data set; check that this is what you mean.";
    FormatsDiffer "formats-differ", "Files of several formats",
        "Formats differ in what they can hold; what one of them lacks is missing from its documents.";
    SplitGuessed "split-guessed", "Guessed splits",
        "If these are not the texts to learn from, the model is trained on what it is later tested on.";
    // A file that cannot be read at all.
    Unreadable "unreadable", "Unreadable file";
    Directory "directory", "Folder instead of a file";
    Undecodable "undecodable", "Bytes that do not fit the encoding";
    UnknownEncoding "unknown-encoding", "Unknown encoding";
    BadArchive "bad-archive", "Unreadable archive";
    TooLarge "too-large", "File too large";
    SeveralFiles "several-files", "Several files instead of one";
    NoData "no-data", "No data files";
    UnsupportedFormat "unsupported-format", "Unsupported format";
    Damaged "damaged", "Damaged file";
    NoSuchColumn "no-such-column", "Missing column";
    ColumnType "column-type", "Unreadable column";
    // What a file holds beside texts and their entities.
    AnnotationsIgnored "annotations-ignored", "Ignored annotations",
        "Annotations that are not entities cannot be learned here, and you should know that they were there.";
    PredictionsIgnored "predictions-ignored", "Ignored predictions",
        "A model that learns from another model's predictions learns its mistakes.";
    RelationsIgnored "relations-ignored", "Ignored relations",
        "Relations cannot be learned here, and you should know that they were there.";
    ResultsIgnored "results-ignored", "Ignored results",
        "Only labelled spans can be learned here, and you should know that there was more.";
    ResultUnreadable "result-unreadable", "Unreadable results",
        "An entity that cannot be located in the plain text is missing from training.";
    TextsIgnored "texts-ignored", "Ignored texts",
        "Texts that are ignored unnoticed are data lost.";
    SpanGroupsIgnored "span-groups-ignored", "Ignored span groups",
        "Entities that are stored somewhere unusual are missing from training.";
    BadAnnotation "bad-annotation", "Unreadable annotations",
        "An entity that cannot be read is missing from training.";
    BadChunk "bad-chunk", "Unreadable chunks",
        "Without its text, the position of everything after it is unknown.";
    LineEndsJoined "line-ends-joined", "Line ends counted as one character",
        "Counted differently, every span would move by one with each line.";
    OffsetsUtf16 "offsets-utf16", "Offsets in UTF-16 units",
        "Counted as characters, every span after an emoji would mark the wrong letters.";
    SpansOfTokens "spans-of-tokens", "Spans that count tokens",
        "An end that is taken for the token after the span, where it is the last one of it, makes each entity a word too short.";
    // Rows and columns.
    RangeRows "range-rows", "Rows that span several words",
        "Read as words, such rows would repeat the words that they cover.";
    TableColumns "table-columns", "Guessed columns",
        "The wrong column silently gives wrong words or labels.";
    OneSentence "one-sentence", "Everything in one sentence",
        "Without sentences the data cannot be split for training and testing, and context runs on where it should end.";
    SentenceAgain "sentence-again", "Sentence numbers that repeat",
        "Rows with the same number that are far apart are often two sentences, whose words do not belong together.";
    TooFewColumns "too-few-columns", "Rows without a tag",
        "Without a tag it is unknown whether the word belongs to an entity.";
    TooManyColumns "too-many-columns", "Rows with too many columns",
        "With an extra column, the wrong one may be read as the tag.";
    ColumnCount "column-count", "Rows with a different number of columns",
        "Such a row often contains a word with a space or tab in it, and its columns are then shifted.";
    MixedSeparators "mixed-separators", "Tabs and spaces mixed",
        "A word with a space in it would be read as two columns.";
    SeveralTagColumns "several-tag-columns", "Several tag columns",
        "Each column is another set of labels; training uses one of them.";
    TagColumn "tag-column", "Tag column that is not the last",
        "A column other than the last is read; check that it is the one you mean.";
    EmptyToken "empty-token", "Empty words",
        "There is nothing to learn from an empty word, but it keeps its position in the entity around it.";
    TokensMisfit "tokens-misfit", "Words that do not match their text",
        "Words that do not match the text would put their labels in the wrong place.";
    TagCount "tag-count", "More or fewer tags than words",
        "With more or fewer tags than words, labels would shift to neighbouring words.";
    // Tags.
    BadTag "bad-tag", "Invalid tags",
        "An invalid tag cannot be distinguished from a misspelt label.";
    TagRepaired "tag-repaired", "Tags that break their scheme",
        "Programs read such tags differently, so the same file gives different entities and scores elsewhere.";
    TagSpelling "tag-spelling", "Tags in another spelling",
        "Read as they are, each part of an entity would be a label of its own, and words outside would be entities.";
    BareLabels "bare-labels", "Labels without B- and I-",
        "Without `B-` two entities of one label that touch become one.";
    NoLabels "no-labels", "Tags without labels",
        "All entities are of one kind, whatever they are.";
    IoTouching "io-touching", "Adjacent entities",
        "IO tags do not mark the start of an entity, so two adjacent entities of one label are learned as one.";
    // Offsets of spans.
    SpanOutOfRange "span-out-of-range", "Entities outside their text",
        "Offsets beyond the end of the text count something else or belong to another text; then the other spans may be wrong too.";
    SpanEmpty "span-empty", "Empty entities",
        "A span without a character labels nothing.";
    SpanReversed "span-reversed", "Entities that end before they start",
        "Start and end are swapped, or belong to different spans.";
    SpanNotInteger "span-not-integer", "Offsets that are not whole numbers",
        "A position between two characters does not exist.";
    SpanMalformed "span-malformed", "Malformed entities",
        "A span without start, end and label cannot be located.";
    BadSpans "bad-spans", "Unreadable entities",
        "Entities that cannot be read are missing from training.";
    SeveralSpanLists "several-span-lists", "Several lists of entities",
        "Two lists can disagree; choosing one of them silently would lose the other.";
    SpanOverlapping "span-overlapping", "Overlapping entities",
        "Each word gets one label, so of two entities on the same word only one can be learned.";
    SpanDiscontinuous "span-discontinuous", "Discontinuous entities",
        "For the model an entity is one run of words; an entity in several pieces cannot be learned.";
    SpanTextDiffers "span-text-differs", "Entities whose text differs",
        "Where the offsets and the quoted text disagree, one of them belongs to another version of the text.";
    SpanEdgeSpace "span-edge-space", "White space at the edges of entities",
        "White space is not part of a name; it shows that the offsets are not exact, and strict scoring elsewhere counts the entity as wrong.";
    SpanCutsWord "span-cuts-word", "Entity boundaries inside a word",
        "Labels are learned by whole words: the entity is extended to the word's edge, and is scored that way.";
    SpanCutsRun "span-cuts-run", "Entity boundaries inside a run of letters",
        "This script writes words without spaces, and such a run of letters is learned as one word: the entity is extended to its edge.";
    SpanWithoutWord "span-without-word", "Entities without a word",
        "A span without a word has nothing that could carry its label, so it is not learned.";
    OffsetsUnit "offsets-unit", "Offsets in another unit",
        "Counted in another unit, every span after the first special character marks the wrong letters.";
    OffsetsShifted "offsets-shifted", "Shifted offsets",
        "Shifted offsets mark the wrong letters, and the model learns entities that begin and end inside words.";
    OffsetsInclusive "offsets-inclusive", "Inclusive end offsets",
        "An end that points at the last character, instead of the one after it, cuts off the last letter of every entity.";
    // Labels.
    LabelNotInTrain "label-not-in-train", "Labels missing from train",
        "A label that is not in the training data cannot be predicted: each of its entities counts as missed.";
    LabelOnlyInTrain "label-only-in-train", "Labels that are never tested",
        "Nothing shows how well this label is found.";
    LabelsAlike "labels-alike", "Label names in two spellings",
        "Two spellings are two labels for the model: each has fewer examples, and one taken for the other counts as wrong.";
    LabelHasPrefix "label-has-prefix", "Labels with a tag prefix",
        "With a tag prefix in its name, each label falls into two or more, and none of them is a whole entity.";
    LabelOutside "label-outside", "Labels that mean no entity",
        "Words outside of entities that are labelled as one teach the model to find nothing everywhere.";
    LabelRare "label-rare", "Labels with few examples",
        "From a few examples a model memorises the examples rather than the kind, and the label's score says little.";
    // Texts.
    EmptyDocument "empty-document", "Empty documents",
        "A document without words teaches nothing and changes no score.";
    Duplicate "duplicate", "Duplicate documents",
        "A repeated text counts several times in training and in scores.";
    DuplicateLabelledDifferently "duplicate-labelled-differently", "Duplicate documents with different labels",
        "The same text cannot be right in both ways: the model is taught both and scored on one.";
    Overlap "overlap", "Duplicates across splits",
        "A text that the model has seen in training shows what it remembers, not what it can find: the score looks better than it is.";
    NearOverlap "near-overlap", "Near-duplicates across splits",
        "A text that differs by a word or two is almost known already: the score looks better than it is.";
    ControlCharacter "control-character", "Control characters",
        "Control characters come from faulty exports; the tokenizer drops them, and the words that they separate become one.";
    FormatCharacter "format-character", "Invisible characters",
        "Invisible characters make words differ that look the same, and shift offsets in other programs.";
    ReplacementCharacter "replacement-character", "Lost characters",
        "The character `U+FFFD` stands for one that was lost when the text was read in a wrong encoding.";
    Mojibake "mojibake", "Text read in the wrong encoding",
        "UTF-8 read as another encoding turns one letter into two or three strange ones; the model does not know such words.";
    // The model that is to be trained.
    TooLong "too-long", "Documents longer than the model’s window",
        "The text is read in overlapping windows: nothing is lost, but it takes longer, and distant context is out of sight.";
    WordWithoutPieces "word-without-pieces", "Words without tokens",
        "The model sees nothing of such a word; it counts as outside every entity.";
    UnknownPieces "unknown-pieces", "Unknown tokens",
        "Unknown words all look the same to the model; many of them mean that it was made for another language or alphabet.";
    // Consistency.
    LabelUnusual "label-unusual", "Words with an unusual label",
        "What is labelled one way almost everywhere and another way here is often a slip, and slips in test data limit the score.";
    LabelVaries "label-varies", "Words labelled in several ways",
        "Where only context decides, the model needs many examples; where nobody decided, it cannot learn the difference.";
    LikelyMissed "likely-missed", "Probably missed entities",
        "A missed entity teaches the model to miss entities, and in test data it counts a right answer as wrong.";
}

impl IssueCode {
    /// Is it about how all offsets of a file are counted?
    pub(crate) fn is_of_all_offsets(self) -> bool {
        matches!(
            self,
            Self::OffsetsUnit
                | Self::OffsetsUtf16
                | Self::OffsetsShifted
                | Self::OffsetsInclusive
                | Self::LineEndsJoined
        )
    }

    /// Is it about a single span, so that the file can be read without it?
    pub(crate) fn is_of_span(self) -> bool {
        self.as_str().starts_with("span-")
    }
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
