//! The formats of data files, as values: their names, titles and extensions, and what a file was found to be.
//!
//! The readers stand beside them in `format/mod.rs`.

use serde::{Deserialize, Serialize};

/// The formats that are read, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum FormatName {
    /// One word and its tags per line, in columns; sentences separated by blank lines.
    Conll,
    /// JSON records with a text and labelled spans, or with tokens and tags, in any known spelling.
    Json,
    /// A table with a header: one word per row, or one text per row.
    Table,
    /// Text without labels: one document per line.
    Text,
    /// A `.txt` and an `.ann` per document.
    Brat,
    /// A Parquet file of a Hugging Face data set.
    Parquet,
    /// An Arrow file of a Hugging Face data set.
    Arrow,
    /// spaCy's `.spacy`.
    DocBin,
    /// OntoNotes in the columns of CoNLL-2012.
    #[serde(rename = "ontonotes")]
    OntoNotes,
    /// WebAnno TSV 3, as WebAnno and INCEpTION export it.
    #[serde(rename = "webanno")]
    WebAnno,
    /// A UIMA CAS, in XMI or JSON.
    UimaCas,
    /// BioC, in XML or JSON.
    #[serde(rename = "bioc")]
    BioC,
    /// PubTator's text files.
    #[serde(rename = "pubtator")]
    PubTator,
}

impl FormatName {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::Conll,
        Self::Json,
        Self::Table,
        Self::Text,
        Self::Brat,
        Self::Parquet,
        Self::Arrow,
        Self::DocBin,
        Self::OntoNotes,
        Self::WebAnno,
        Self::UimaCas,
        Self::BioC,
        Self::PubTator,
    ];

    /// As the command line and recipes write it, as lists show it, and the file extensions that it
    /// usually has.
    const fn description(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Conll => (
                "conll",
                "CoNLL, words in columns",
                &[
                    "conll",
                    "conllu",
                    "conllup",
                    "conll03",
                    "conll2003",
                    "iob",
                    "iob2",
                    "bio",
                    "bioes",
                    "io",
                    "bmes",
                    "tagged",
                    "ner",
                ],
            ),
            Self::Json => ("json", "JSON or JSONL", &["json", "jsonl", "ndjson"]),
            Self::Table => ("table", "Table (CSV, TSV)", &["csv", "tsv"]),
            Self::Text => ("text", "Plain text", &["txt"]),
            Self::Brat => ("brat", "brat", &["ann"]),
            Self::Parquet => ("parquet", "Parquet", &["parquet"]),
            Self::Arrow => ("arrow", "Arrow", &["arrow", "feather"]),
            Self::DocBin => ("doc-bin", "spaCy DocBin", &["spacy"]),
            Self::OntoNotes => (
                "ontonotes",
                "OntoNotes, CoNLL-2012",
                &["gold_conll", "auto_conll", "v4_gold_conll", "v9_gold_conll"],
            ),
            Self::WebAnno => ("webanno", "WebAnno TSV 3", &[]),
            Self::UimaCas => ("uima-cas", "UIMA CAS (XMI, JSON)", &["xmi"]),
            Self::BioC => ("bioc", "BioC (XML, JSON)", &["xml", "bioc"]),
            Self::PubTator => ("pubtator", "PubTator", &["pubtator"]),
        }
    }

    /// As the command line and recipes write it.
    pub const fn as_str(self) -> &'static str {
        self.description().0
    }

    /// As lists show it.
    pub const fn title(self) -> &'static str {
        self.description().1
    }

    /// The file extensions that it usually has, in lower case.
    pub const fn extensions(self) -> &'static [&'static str] {
        self.description().2
    }
}

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Format {
    /// One word and its tag per line.
    Conll {
        /// How many columns most rows have.
        columns: usize,
        /// What separates them.
        separator: Separator,
        /// From 0.
        token_column: usize,
        /// From 0.
        tag_column: usize,
        /// The labels stand there without `B-` or `I-`.
        bare_labels: bool,
    },
    /// A text with labelled spans per record.
    JsonlSpans {
        /// Of which program.
        spelling: Dialect,
    },
    /// A list of tokens with one tag each per record.
    JsonlTokens,
    /// A table with one word per row.
    TableWords {
        /// What separates its cells.
        delimiter: char,
        /// Whether its first row names the columns.
        header: bool,
        /// From 0.
        token_column: usize,
        /// From 0.
        tag_column: usize,
        /// From 0; `None` where blank lines separate the sentences.
        sentence_column: Option<usize>,
    },
    /// A table with one text per row.
    TableTexts {
        /// What separates its cells.
        delimiter: char,
        /// From 0.
        text_column: usize,
        /// The column of the spans or tags, from 0; `None` where there are no labels.
        label_column: Option<usize>,
    },
    /// Text without labels.
    Text,
    /// A `.txt` and an `.ann` per document.
    Brat,
    /// A Parquet file.
    Parquet {
        /// Its rows are lists of tokens, not texts. Earlier versions did not record it.
        #[serde(default)]
        tokens: bool,
    },
    /// An Arrow file or stream.
    Arrow {
        /// Its rows are lists of tokens, not texts. Earlier versions did not record it.
        #[serde(default)]
        tokens: bool,
    },
    /// spaCy's `.spacy`.
    DocBin,
    /// OntoNotes in the columns of CoNLL-2012.
    #[serde(rename = "ontonotes")]
    OntoNotes,
    /// WebAnno TSV 3.
    #[serde(rename = "webanno")]
    WebAnno,
    /// A UIMA CAS, in XMI or JSON.
    UimaCas {
        /// It says what the words are.
        tokens: bool,
    },
    /// BioC, in XML or JSON.
    #[serde(rename = "bioc")]
    BioC,
    /// PubTator's text files.
    #[serde(rename = "pubtator")]
    PubTator,
}

impl Format {
    /// Each `kind` that is serialised, and what it is called.
    pub const TITLES: [(&'static str, &'static str); 15] = [
        ("conll", "CoNLL"),
        ("jsonl-spans", "JSON, spans"),
        ("jsonl-tokens", "JSON, tokens"),
        ("table-words", "Table of words"),
        ("table-texts", "Table of texts"),
        ("text", "Plain text"),
        ("brat", "brat"),
        ("parquet", "Parquet"),
        ("arrow", "Arrow"),
        ("doc-bin", "spaCy DocBin"),
        ("ontonotes", "OntoNotes"),
        ("webanno", "WebAnno TSV"),
        ("uima-cas", "UIMA CAS"),
        ("bioc", "BioC"),
        ("pubtator", "PubTator"),
    ];

    /// Do files of this format say what the words are? Otherwise they were found by splitting.
    pub fn gives_words(&self) -> bool {
        match self {
            Self::Conll { .. }
            | Self::JsonlTokens
            | Self::TableWords { .. }
            | Self::DocBin
            | Self::OntoNotes
            | Self::WebAnno => true,
            Self::Parquet { tokens } | Self::Arrow { tokens } | Self::UimaCas { tokens } => *tokens,
            Self::JsonlSpans { .. }
            | Self::TableTexts { .. }
            | Self::Text
            | Self::Brat
            | Self::BioC
            | Self::PubTator => false,
        }
    }
}

/// What separates the columns of a CoNLL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    /// One tab, so that tokens may hold spaces or be empty.
    Tab,
    /// Any number of spaces.
    Space,
}

/// Which program's JSON for labelled spans it is, judged by the first record that has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `entities` or `spans` beside `text`.
    Plain,
    /// `label`, `labels`, or `start_offset` and `end_offset`.
    Doccano,
    /// `[text, {"entities": […]}]`.
    Spacy,
    /// `answer`, or spans with `token_start`.
    Prodigy,
    /// Tasks with `data` and `annotations`, or spans with `labels`.
    LabelStudio,
    /// A text in pieces, some of them entities, as Snips has it.
    Chunks,
    /// Rasa's `entities` with `entity` and `value`.
    Rasa,
    /// Dataturks' `annotation` with `points`.
    Dataturks,
    /// GLiNER's `tokenized_text` and `ner`.
    Gliner,
    /// Labelbox's `data_row` and `projects`, or `Labeled Data` and `Label`.
    Labelbox,
    /// Kili's `jsonResponse`.
    Kili,
    /// LightTag's `examples`.
    Lighttag,
    /// UBIAI's `document` and `tokens` with an `entityLabel`.
    Ubiai,
    /// Argilla's `fields` and `responses`, or `annotation` beside tokens.
    Argilla,
    /// The manifest of Amazon SageMaker Ground Truth.
    GroundTruth,
    /// Amazon Comprehend's `Entities` of a `File`.
    Comprehend,
    /// Google Vertex AI's `textSegmentAnnotations`.
    Vertex,
    /// Azure AI Language's labels, with the texts in files beside them.
    Azure,
    /// spaCy 2's `paragraphs` with `sentences`.
    Spacy2,
}

impl Dialect {
    /// All, and what a file in each is called.
    pub const TITLES: [(Self, &'static str); 19] = [
        (Self::Plain, "JSON, spans"),
        (Self::Doccano, "JSON of doccano"),
        (Self::Spacy, "JSON of spaCy"),
        (Self::Prodigy, "JSON of Prodigy"),
        (Self::LabelStudio, "JSON of Label Studio"),
        (Self::Chunks, "JSON of text chunks"),
        (Self::Rasa, "JSON of Rasa"),
        (Self::Dataturks, "JSON of Dataturks"),
        (Self::Gliner, "JSON of GLiNER"),
        (Self::Labelbox, "JSON of Labelbox"),
        (Self::Kili, "JSON of Kili"),
        (Self::Lighttag, "JSON of LightTag"),
        (Self::Ubiai, "JSON of UBIAI"),
        (Self::Argilla, "JSON of Argilla"),
        (Self::GroundTruth, "JSON of SageMaker Ground Truth"),
        (Self::Comprehend, "JSON of Amazon Comprehend"),
        (Self::Vertex, "JSON of Google Vertex AI"),
        (Self::Azure, "JSON of Azure AI Language"),
        (Self::Spacy2, "JSON of spaCy 2"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_written_by_their_names() {
        for name in FormatName::ALL {
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
        }
    }
}
