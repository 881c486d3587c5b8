//! Why each kind of finding matters, in one sentence a person can weigh.

/// Why issues of this code matter; `None` for a code that speaks for itself.
pub fn why(code: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, why)| *why)
}

/// By family, as the folder `check` and the readers have them.
const TABLE: &[(&str, &str)] = &[
    // The file as a whole.
    (
        "not-utf8",
        "Read in the wrong encoding, letters turn into others, and the model learns words that nobody writes.",
    ),
    ("empty-file", "There is nothing to learn from."),
    ("no-documents", "There is nothing to learn from."),
    (
        "no-entities",
        "Without a single entity the model learns to find none.",
    ),
    (
        "not-a-corpus",
        "A format that is guessed wrong would give wrong words and labels without a sign of it.",
    ),
    (
        "bad-json",
        "What stands behind the fault cannot be told from it, so nothing of the file is taken on trust.",
    ),
    (
        "bad-record",
        "A record that is skipped in silence is training data lost.",
    ),
    (
        "unlabelled",
        "A text without a list counts as one in which there is nothing to find; if it is only unfinished, the model learns to miss.",
    ),
    (
        "answer-skipped",
        "Rejected and ignored answers are no examples to learn from.",
    ),
    (
        "span-rejected",
        "What the annotator turned down is no example to learn from.",
    ),
    (
        "encoding",
        "Nothing in a file says how its letters are written; a wrong guess gives other letters, and the model learns words that nobody writes.",
    ),
    (
        "nul-character",
        "No text has such characters: something else in the file may be damaged too.",
    ),
    (
        "file-ignored",
        "A file that is left aside unseen is data lost.",
    ),
    (
        "files-joined",
        "Several files make one part of the data set, which should be what you mean.",
    ),
    (
        "formats-differ",
        "Formats can hold different things; what one of them lacks is missing in its documents.",
    ),
    (
        "split-guessed",
        "If these are not the texts to learn from, the model learns what it is to be judged by.",
    ),
    // What a file holds beside texts and their entities.
    (
        "annotations-ignored",
        "What is not about entities cannot be learned here, and you should know that it was there.",
    ),
    (
        "predictions-ignored",
        "A model that learns what a model said learns its mistakes.",
    ),
    (
        "relations-ignored",
        "Relations cannot be learned here, and you should know that they were there.",
    ),
    (
        "results-ignored",
        "What is no labelled span cannot be learned here, and you should know that it was there.",
    ),
    (
        "result-unreadable",
        "An entity that has no place in a plain text is missing in training.",
    ),
    (
        "texts-ignored",
        "Texts that are left aside unseen are data lost.",
    ),
    (
        "span-groups-ignored",
        "Entities that are kept in another place than the usual one are missing in training.",
    ),
    (
        "bad-annotation",
        "An entity that cannot be read is missing in training.",
    ),
    (
        "bad-chunk",
        "Without its text the place of everything behind it is unknown.",
    ),
    (
        "line-ends-joined",
        "Counted otherwise, every span would move by one with each line.",
    ),
    (
        "offsets-utf16",
        "Counted as characters, every span behind an emoji would mark the wrong letters.",
    ),
    // Rows and columns.
    (
        "range-rows",
        "Read as words, such rows would double the words that they stand for.",
    ),
    (
        "table-columns",
        "The wrong column gives wrong words or labels without a sign of it.",
    ),
    (
        "one-sentence",
        "Without sentences there is nothing to part for training and judging, and context runs on where it should end.",
    ),
    (
        "sentence-again",
        "Rows of one number that stand apart are often two sentences, and their words do not belong together.",
    ),
    (
        "too-few-columns",
        "A row without a tag leaves open whether its word belongs to an entity.",
    ),
    (
        "too-many-columns",
        "With one column too many, another one may be taken for the tag.",
    ),
    (
        "column-count",
        "A row of another width often holds a word with a space or tab in it, and then its columns have moved.",
    ),
    (
        "mixed-separators",
        "A word with a space in it would be read as two columns.",
    ),
    (
        "several-tag-columns",
        "Each column is another set of labels; training uses one of them.",
    ),
    (
        "tag-column",
        "Another column than the last is read, and that should be the one you mean.",
    ),
    (
        "empty-token",
        "An empty word has nothing to learn from, but it keeps its place in the entity around it.",
    ),
    (
        "tokens-misfit",
        "Words that do not fit the text would carry their labels to the wrong place.",
    ),
    (
        "tag-count",
        "With more or fewer tags than words, labels would move to the neighbours.",
    ),
    // Tags.
    (
        "bad-tag",
        "What is no tag cannot be told from a label that is misspelt.",
    ),
    (
        "tag-repaired",
        "Programs read such tags differently, so the same file gives different entities and scores elsewhere.",
    ),
    (
        "bare-labels",
        "Without `B-` two entities of one label that touch become one.",
    ),
    (
        "no-labels",
        "All entities are of one kind, whatever they are.",
    ),
    (
        "io-touching",
        "IO tags have no sign for the start of an entity, so that two of one label that touch are learned as one.",
    ),
    // Offsets of spans.
    (
        "span-out-of-range",
        "Offsets behind the end of the text mean that they count something else, or belong to another text; then the other spans may be wrong too.",
    ),
    ("span-empty", "A span without a character marks nothing."),
    (
        "span-reversed",
        "Start and end are swapped, or belong to different spans.",
    ),
    (
        "span-not-integer",
        "A position between two characters does not exist.",
    ),
    (
        "span-malformed",
        "A span without start, end and label cannot be placed.",
    ),
    (
        "bad-spans",
        "Entities that cannot be read are missing in training.",
    ),
    (
        "several-span-lists",
        "Two lists can say different things; choosing one unasked would lose the other.",
    ),
    (
        "span-overlapping",
        "Each word gets one label, so that of two entities on the same word only one can be learned.",
    ),
    (
        "span-discontinuous",
        "Each entity is one run of words for the model; one in pieces has no form in which it could be learned.",
    ),
    (
        "span-text-differs",
        "Where the offsets and the covered text say different things, one of them belongs to another version of the text.",
    ),
    (
        "span-edge-space",
        "White space is no part of a name; the edge shows that the offsets are not exact, and exact scoring elsewhere counts the entity as wrong.",
    ),
    (
        "span-cuts-word",
        "Labels are learned by whole words: the entity grows to the word's edge, and is scored so.",
    ),
    (
        "span-cuts-run",
        "This script writes words without spaces, and such a run of letters is learned as one word: the entity grows to its edge.",
    ),
    (
        "span-without-word",
        "A span without a word has nothing that could carry its label, so it is not learned.",
    ),
    (
        "offsets-unit",
        "Counted in another unit, every span behind the first special character marks the wrong letters.",
    ),
    (
        "offsets-shifted",
        "Moved offsets mark the wrong letters, and the model learns entities that begin and end inside words.",
    ),
    (
        "offsets-inclusive",
        "An end that names the last character, instead of the one behind it, cuts off the last letter of every entity.",
    ),
    // Labels.
    (
        "label-not-in-train",
        "A label that is not in the training data cannot be predicted: each of its entities counts as missed.",
    ),
    (
        "label-only-in-train",
        "Nothing tells how well this label is found.",
    ),
    (
        "labels-alike",
        "Two spellings are two labels for the model: each has fewer examples, and one taken for the other counts as wrong.",
    ),
    (
        "label-has-prefix",
        "With a tag's letter in its name each label falls into two or more, and none of them is a whole entity.",
    ),
    (
        "label-rare",
        "From a few examples a model learns the examples, not the kind, and the label's score says little.",
    ),
    // Texts.
    (
        "empty-document",
        "A document without words teaches nothing and changes no score.",
    ),
    (
        "duplicate",
        "A repeated text counts several times in training and in scores.",
    ),
    (
        "duplicate-labelled-differently",
        "The same text cannot be right in both ways: the model is taught both and scored on one.",
    ),
    (
        "overlap",
        "A text that the model has seen in training shows what it remembers, not what it can find: the score looks better than it is.",
    ),
    (
        "near-overlap",
        "A text that differs by a word or two is nearly as good as known: the score looks better than it is.",
    ),
    (
        "control-character",
        "Control characters come from faulty exports; the tokenizer drops them, and words that they part grow together.",
    ),
    (
        "format-character",
        "Invisible characters make words that look the same differ, and shift offsets in other programs.",
    ),
    (
        "replacement-character",
        "The character `U+FFFD` stands for one that was lost when the text was read in a wrong encoding.",
    ),
    (
        "mojibake",
        "UTF-8 read as another encoding turns one letter into two or three strange ones; the model does not know such words.",
    ),
    // The model that is to be trained.
    (
        "too-long",
        "The text is read in overlapping windows: nothing is lost, but it takes longer, and far context is out of sight.",
    ),
    (
        "word-without-pieces",
        "The model sees nothing of such a word; it counts as outside of every entity.",
    ),
    (
        "unknown-pieces",
        "Unknown words all look the same to the model; many of them mean that it was made for another language or alphabet.",
    ),
    // Consistency.
    (
        "label-unusual",
        "What is labelled one way nearly everywhere and another way here is often a slip, and slips in test data cap the score.",
    ),
    (
        "label-varies",
        "Where nothing but context decides, the model needs many examples; where nobody decided, it cannot learn the difference.",
    ),
    (
        "likely-missed",
        "A missed entity teaches the model to miss, and in test data counts a right answer as wrong.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_for_each_code() {
        for (i, (code, why)) in TABLE.iter().enumerate() {
            assert!(
                why.ends_with('.') && why.starts_with(char::is_uppercase),
                "{code}"
            );
            assert!(TABLE[..i].iter().all(|(other, _)| other != code), "{code}");
        }
        assert_eq!(why("no-such-code"), None);
    }
}
