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

/// What there is to know about a [`FormatName`].
struct Description {
    /// As the command line and recipes write it.
    name: &'static str,
    /// As lists show it.
    title: &'static str,
    /// The file extensions that it usually has, in lower case.
    extensions: &'static [&'static str],
    /// What is read of it, in Markdown.
    holds: &'static str,
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

    /// What there is to know about it.
    const fn description(self) -> Description {
        let (name, title, extensions, holds): (_, _, &'static [&'static str], _) = match self {
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
                "one word and its tags per line, blank line after each sentence; tabs or spaces, any number of columns, comments, `-DOCSTART-`; tags in IO, IOB1, IOB2, BIOES/BILOU or BMES; CoNLL-U with its ranges of words and empty nodes",
            ),
            Self::Json => (
                "json",
                "JSON or JSONL",
                &["json", "jsonl", "ndjson"],
                "text with spans, tokens with tags (by name or number) or with spans that count them, under any usual names of fields; texts in labelled chunks; spaCy's `Doc.to_json`; what the transformers pipeline returns; the exports of the programs below. Where labels and texts lie in different files (Azure AI Language, Amazon Comprehend), the folder with both",
            ),
            Self::Table => (
                "table",
                "Table (CSV, TSV)",
                &["csv", "tsv"],
                "a word and its tag per row, a text with its spans, or a span per row; Label Studio's, AutoGluon's and Amazon Comprehend's",
            ),
            Self::Text => (
                "text",
                "Plain text",
                &["txt"],
                "one document per line, without labels, where `--format text` says so",
            ),
            Self::Brat => (
                "brat",
                "brat",
                &["ann"],
                "a folder of `.txt` and `.ann` files; an entity in pieces is one where only white space lies between them",
            ),
            Self::Parquet => (
                "parquet",
                "Parquet",
                &["parquet"],
                "data sets of Hugging Face's `datasets`, with the names of their labels, and tables of pandas and polars",
            ),
            Self::Arrow => (
                "arrow",
                "Arrow",
                &["arrow", "feather"],
                "the same in Arrow files and streams, and Feather",
            ),
            Self::DocBin => (
                "doc-bin",
                "spaCy DocBin",
                &["spacy"],
                "`.spacy` files; `--tag-column GROUP` reads a span group in place of the entities",
            ),
            Self::OntoNotes => (
                "ontonotes",
                "OntoNotes, CoNLL-2012",
                &["gold_conll", "auto_conll", "v4_gold_conll", "v9_gold_conll"],
                "OntoNotes in the columns of CoNLL-2012",
            ),
            Self::WebAnno => (
                "webanno",
                "WebAnno TSV 3",
                &[],
                "exports of INCEpTION and WebAnno; one layer is read in all files of a folder, and `--tag-column LAYER.FEATURE` chooses another",
            ),
            Self::UimaCas => (
                "uima-cas",
                "UIMA CAS (XMI, JSON)",
                &["xmi"],
                "exports of INCEpTION and DKPro, also whole projects; one layer is read in all files of a folder, or all types without features, and `--tag-column LAYER.FEATURE` chooses another",
            ),
            Self::BioC => (
                "bioc",
                "BioC (XML, JSON)",
                &["xml", "bioc"],
                "collections, documents alone and lists of them; each passage or sentence is a document",
            ),
            Self::PubTator => (
                "pubtator",
                "PubTator",
                &["pubtator"],
                "titles and abstracts with a line for each entity; relations are left out",
            ),
        };
        Description {
            name,
            title,
            extensions,
            holds,
        }
    }

    /// As the command line and recipes write it.
    pub const fn as_str(self) -> &'static str {
        self.description().name
    }

    /// As lists show it.
    pub const fn title(self) -> &'static str {
        self.description().title
    }

    /// What is read of it, in Markdown.
    pub const fn holds(self) -> &'static str {
        self.description().holds
    }

    /// The file extensions that it usually has, in lower case.
    pub const fn extensions(self) -> &'static [&'static str] {
        self.description().extensions
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
        (Self::Doccano, "doccano JSON"),
        (Self::Spacy, "spaCy JSON"),
        (Self::Prodigy, "Prodigy JSON"),
        (Self::LabelStudio, "Label Studio JSON"),
        (Self::Chunks, "JSON, text chunks"),
        (Self::Rasa, "Rasa JSON"),
        (Self::Dataturks, "Dataturks JSON"),
        (Self::Gliner, "GLiNER JSON"),
        (Self::Labelbox, "Labelbox JSON"),
        (Self::Kili, "Kili JSON"),
        (Self::Lighttag, "LightTag JSON"),
        (Self::Ubiai, "UBIAI JSON"),
        (Self::Argilla, "Argilla JSON"),
        (Self::GroundTruth, "SageMaker Ground Truth JSON"),
        (Self::Comprehend, "Amazon Comprehend JSON"),
        (Self::Vertex, "Google Vertex AI JSON"),
        (Self::Azure, "Azure AI Language JSON"),
        (Self::Spacy2, "spaCy 2 JSON"),
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
