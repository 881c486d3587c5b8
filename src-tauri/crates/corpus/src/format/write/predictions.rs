//! Writes what a model found in texts, document by document, so that memory does not grow with them.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::{
    Float32Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::document::{Document, Span};
use crate::offsets::OffsetMap;

/// What predictions are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum PredictionFormat {
    /// A row for each entity.
    Csv,
    /// A line for each document.
    Jsonl,
    /// A row for each document.
    Parquet,
    /// A page to read.
    Html,
}

impl PredictionFormat {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Jsonl, Self::Parquet, Self::Html];

    /// The ending of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Html => "html",
        }
    }
}

/// Documents in one batch of Parquet.
const BATCH: usize = 2048;

/// Writes documents with the entities found in them. Offsets count Unicode characters.
pub struct PredictionWriter<W: Write + Send>(Form<W>);

enum Form<W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
    Html(W),
    Parquet(Box<Table<W>>),
}

struct Table<W: Write + Send> {
    writer: ArrowWriter<W>,
    waiting: Rows,
}

impl<W: Write + Send> PredictionWriter<W> {
    /// Begins a file; `title` heads a page.
    ///
    /// # Errors
    /// `out` refused.
    pub fn new(format: PredictionFormat, title: &str, mut out: W) -> io::Result<Self> {
        Ok(Self(match format {
            PredictionFormat::Csv => {
                let mut table = csv::Writer::from_writer(out);
                table.write_record(["file", "line", "start", "end", "label", "text", "score"])?;
                Form::Csv(Box::new(table))
            }
            PredictionFormat::Jsonl => Form::Jsonl(out),
            PredictionFormat::Html => {
                let title = escaped(title);
                write!(out, "{PAGE}<title>{title}</title>\n<h1>{title}</h1>\n")?;
                Form::Html(out)
            }
            PredictionFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .build();
                let writer = ArrowWriter::try_new(out, schema(), Some(properties));
                Form::Parquet(Box::new(Table {
                    writer: writer.map_err(io::Error::other)?,
                    waiting: Rows::default(),
                }))
            }
        }))
    }

    /// Writes one document.
    ///
    /// # Errors
    /// `out` refused.
    pub fn add(&mut self, document: &Document) -> io::Result<()> {
        let file = document.file.as_deref();
        let file = file.map(|file| file.to_string_lossy()).unwrap_or_default();
        let found = found(document);
        match &mut self.0 {
            Form::Csv(table) => {
                let line = document.line.to_string();
                for entity in found {
                    table.write_record([
                        &*file,
                        &line,
                        &entity.start.to_string(),
                        &entity.end.to_string(),
                        entity.label,
                        entity.text,
                        &entity
                            .score
                            .map_or_else(String::new, |score| score.to_string()),
                    ])?;
                }
                Ok(())
            }
            Form::Jsonl(out) => {
                let entities: Vec<_> = found
                    .iter()
                    .map(|entity| {
                        json!({
                            "start": entity.start,
                            "end": entity.end,
                            "label": entity.label,
                            "text": entity.text,
                            "score": entity.score,
                        })
                    })
                    .collect();
                let record = json!({
                    "file": file,
                    "line": document.line,
                    "text": document.text,
                    "entities": entities,
                });
                writeln!(out, "{record}")
            }
            Form::Html(out) => page_part(out, document, &file),
            Form::Parquet(table) => {
                table.waiting.add(document, &file, &found);
                match table.waiting.number < BATCH {
                    true => Ok(()),
                    false => table.flush(),
                }
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// `out` refused.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Form::Csv(table) => table
                .into_inner()
                .map_err(|failure| io::Error::other(failure.to_string())),
            Form::Jsonl(out) => Ok(out),
            Form::Html(mut out) => {
                out.write_all(b"</html>\n")?;
                Ok(out)
            }
            Form::Parquet(mut table) => {
                table.flush()?;
                table.writer.into_inner().map_err(io::Error::other)
            }
        }
    }
}

/// An entity as files have it.
struct Found<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    text: &'a str,
    /// With four decimals.
    score: Option<f64>,
}

fn found(document: &Document) -> Vec<Found<'_>> {
    let map = OffsetMap::new(&document.text);
    let entity = |span: &'_ Span| -> Option<(usize, usize)> {
        Some((map.char_of_byte(span.start)?, map.char_of_byte(span.end)?))
    };
    let spans = document.spans.iter();
    spans
        .filter_map(|span| {
            let (start, end) = entity(span)?;
            Some(Found {
                start,
                end,
                label: &span.label,
                text: document.text.get(span.start..span.end)?,
                score: span
                    .score
                    .map(|score| (f64::from(score) * 1e4).round() / 1e4),
            })
        })
        .collect()
}

/// The rows of a batch that is not written yet.
#[derive(Default)]
struct Rows {
    number: usize,
    files: StringBuilder,
    lines: Int64Builder,
    texts: StringBuilder,
    entities: Option<ListBuilder<StructBuilder>>,
}

fn entity_fields() -> Fields {
    Fields::from(vec![
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
        Field::new("label", DataType::Utf8, false),
        Field::new("text", DataType::Utf8, false),
        Field::new("score", DataType::Float32, true),
    ])
}

fn item() -> Field {
    Field::new("item", DataType::Struct(entity_fields()), true)
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("line", DataType::Int64, false),
        Field::new("text", DataType::Utf8, false),
        Field::new("entities", DataType::List(Arc::new(item())), false),
    ]))
}

impl Rows {
    fn add(&mut self, document: &Document, file: &str, found: &[Found<'_>]) {
        self.number += 1;
        self.files.append_value(file);
        self.lines.append_value(document.line as i64);
        self.texts.append_value(&document.text);
        let entities = self.entities.get_or_insert_with(|| {
            let builder = StructBuilder::from_fields(entity_fields(), 0);
            ListBuilder::new(builder).with_field(item())
        });
        for entity in found {
            let row = entities.values();
            let numbers = [entity.start, entity.end].into_iter().enumerate();
            for (at, number) in numbers {
                if let Some(field) = row.field_builder::<Int64Builder>(at) {
                    field.append_value(number as i64);
                }
            }
            for (at, text) in [(2, entity.label), (3, entity.text)] {
                if let Some(field) = row.field_builder::<StringBuilder>(at) {
                    field.append_value(text);
                }
            }
            if let Some(field) = row.field_builder::<Float32Builder>(4) {
                field.append_option(entity.score.map(|score| score as f32));
            }
            row.append(true);
        }
        entities.append(true);
    }
}

impl<W: Write + Send> Table<W> {
    fn flush(&mut self) -> io::Result<()> {
        let mut rows = std::mem::take(&mut self.waiting);
        let Some(mut entities) = rows.entities.take() else {
            return Ok(());
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.files.finish()),
            Arc::new(rows.lines.finish()),
            Arc::new(rows.texts.finish()),
            Arc::new(entities.finish()),
        ];
        let batch = RecordBatch::try_new(schema(), columns).map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io::Error::other)?;
        // A row group for each batch: otherwise all of them would wait in memory.
        self.writer.flush().map_err(io::Error::other)
    }
}

/// The head of a page: readable in light and dark, on paper too.
const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.7 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; border-top: 1px solid #8884; padding-top: .6rem; margin: .6rem 0; }
small { display: block; color: #888; }
mark { background: hsl(var(--hue) 70% 50% / .22); color: inherit; border-bottom: 2px solid hsl(var(--hue) 60% 45%); padding: 0 .15em; border-radius: 2px; }
mark b { font-size: .7em; margin-left: .35em; }
</style>
";

fn page_part(out: &mut impl Write, document: &Document, file: &str) -> io::Result<()> {
    let place = match (file, document.line) {
        ("", line) => format!("line {line}"),
        (file, 0) => file.to_owned(),
        (file, line) => format!("{file}, line {line}"),
    };
    write!(out, "<p><small>{}</small>", escaped(&place))?;
    let text = &document.text;
    let mut at = 0;
    for span in &document.spans {
        // Of spans that overlap the first is shown.
        let (Some(before), Some(inside)) =
            (text.get(at..span.start), text.get(span.start..span.end))
        else {
            continue;
        };
        write!(
            out,
            "{}<mark style=\"--hue:{}\">{}<b>{}</b></mark>",
            escaped(before),
            hue(&span.label),
            escaped(inside),
            escaped(&span.label)
        )?;
        at = span.end;
    }
    writeln!(out, "{}</p>", escaped(text.get(at..).unwrap_or_default()))
}

/// The same colour for a label in every file, in degrees.
fn hue(label: &str) -> u32 {
    let sum = label.bytes().fold(2_166_136_261_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    sum % 360
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ReadOptions;
    use std::path::Path;

    fn document() -> Document {
        let text = "Für <b> Lumen Desk, \"4.2\"";
        let span = |piece: &str, label: &str, score| {
            let start = text.find(piece).unwrap();
            Span {
                start,
                end: start + piece.len(),
                label: label.into(),
                score,
            }
        };
        Document {
            spans: vec![
                span("Lumen Desk", "PRODUCT", Some(0.987_65)),
                span("\"4.2\"", "VERSION", None),
            ],
            line: 7,
            file: Some(Arc::from(Path::new("a.txt"))),
            ..Document::from_text(text)
        }
    }

    fn written(format: PredictionFormat, number: usize) -> Vec<u8> {
        let mut writer = PredictionWriter::new(format, "A & B", Vec::new()).unwrap();
        for _ in 0..number {
            writer.add(&document()).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn a_table_has_a_row_for_each_entity() {
        let table = String::from_utf8(written(PredictionFormat::Csv, 1)).unwrap();
        assert_eq!(
            table,
            "file,line,start,end,label,text,score\n\
             a.txt,7,8,18,PRODUCT,Lumen Desk,0.9876\n\
             a.txt,7,20,25,VERSION,\"\"\"4.2\"\"\",\n"
        );
        assert_eq!(
            written(PredictionFormat::Csv, 0),
            b"file,line,start,end,label,text,score\n"
        );
    }

    #[test]
    fn lines_and_parquet_are_read_again_as_they_were() {
        for format in [PredictionFormat::Jsonl, PredictionFormat::Parquet] {
            // More than a batch.
            let number = BATCH + 3;
            let bytes = written(format, number);
            let path = Path::new("found").with_extension(format.extension());
            let corpus = crate::read_bytes(&path, &bytes, &ReadOptions::default()).unwrap();
            assert_eq!(corpus.documents.len(), number, "{format:?}");
            let last = corpus.documents.last().unwrap();
            let spans: Vec<_> = last
                .spans
                .iter()
                .map(|span| (&last.text[span.start..span.end], span.label.as_str()))
                .collect();
            assert_eq!(
                spans,
                [("Lumen Desk", "PRODUCT"), ("\"4.2\"", "VERSION")],
                "{format:?}"
            );
        }
    }

    #[test]
    fn a_page_is_escaped() {
        let page = String::from_utf8(written(PredictionFormat::Html, 1)).unwrap();
        assert!(page.contains("<h1>A &amp; B</h1>"), "{page}");
        assert!(page.contains("Für &lt;b&gt; <mark"), "{page}");
        assert!(
            page.contains(">Lumen Desk<b>PRODUCT</b></mark>, <mark"),
            "{page}"
        );
        assert!(page.contains("&quot;4.2&quot;"), "{page}");
    }
}
