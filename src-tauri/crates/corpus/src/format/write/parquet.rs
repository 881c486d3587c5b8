//! Writes a Parquet file that Hugging Face's `datasets` opens with the names of its tags.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};

use super::words::{is_words_joined, tags};
use crate::document::{Document, WordSpan, labels};
use crate::format::{WriteError, WriteReport};
use crate::scheme::{Scheme, encode};

/// Documents that are kept in memory at once.
const BATCH: usize = 4096;

pub(super) fn write(
    documents: &[Document],
    scheme: Scheme,
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    let names = names(&labels(documents), scheme);
    let numbers: HashMap<&str, i64> = names.iter().map(String::as_str).zip(0..).collect();
    // Columns that would be empty are left out.
    let ids = documents.iter().any(|document| document.id.is_some());
    let groups = documents.iter().any(|document| document.group.is_some());
    let schema = Arc::new(schema(&names, ids, groups));
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut table = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))
        .map_err(io::Error::other)?;
    for batch in documents.chunks(BATCH) {
        let mut columns: Vec<ArrayRef> = Vec::new();
        if ids {
            let ids = batch.iter().map(|document| document.id.as_deref());
            columns.push(Arc::new(ids.collect::<StringArray>()));
        }
        if groups {
            let groups = batch.iter().map(|document| document.group);
            columns.push(Arc::new(groups.collect::<UInt32Array>()));
        }
        let mut words = ListBuilder::new(StringBuilder::new());
        let mut numbered = ListBuilder::new(Int64Builder::new());
        for document in batch {
            report.documents += 1;
            report.changed_texts += usize::from(!is_words_joined(document));
            for (i, tag) in tags(document, scheme, &mut report).iter().enumerate() {
                words.values().append_value(document.word_text(i));
                numbered
                    .values()
                    .append_option(numbers.get(tag.as_str()).copied());
            }
            words.append(true);
            numbered.append(true);
        }
        columns.push(Arc::new(words.finish()));
        columns.push(Arc::new(numbered.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(io::Error::other)?;
        table.write(&batch).map_err(io::Error::other)?;
    }
    out.write_all(&table.into_inner().map_err(io::Error::other)?)?;
    Ok(report)
}

/// The columns, and the description of them that Hugging Face keeps in the file.
fn schema(names: &[String], ids: bool, groups: bool) -> Schema {
    let list = |name: &str, item| Field::new_list(name, Field::new_list_field(item, true), true);
    let mut fields = Vec::new();
    let mut features = Map::new();
    let mut column = |field: Field, feature: Value| {
        features.insert(field.name().clone(), feature);
        fields.push(field);
    };
    let plain = |kind: &str| json!({"dtype": kind, "_type": "Value"});
    if ids {
        column(Field::new("id", DataType::Utf8, true), plain("string"));
    }
    if groups {
        column(Field::new("group", DataType::UInt32, true), plain("uint32"));
    }
    let feature = json!({"feature": plain("string"), "_type": "Sequence"});
    column(list("tokens", DataType::Utf8), feature);
    let feature = json!({"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"});
    column(list("ner_tags", DataType::Int64), feature);
    let described = json!({"info": {"features": features}}).to_string();
    Schema::new(fields).with_metadata(HashMap::from([("huggingface".into(), described)]))
}

/// All tags that the scheme has for the labels; a tag's place is its number.
fn names(labels: &[String], scheme: Scheme) -> Vec<String> {
    let mut names = vec!["O".to_string()];
    for label in labels {
        // Entities of one, two and three words, which touch: every letter of the scheme occurs.
        let span = |first, end| WordSpan {
            first,
            end,
            label: label.clone(),
        };
        let spans = [span(0, 3), span(3, 5), span(5, 6)];
        for tag in encode(6, &spans, scheme) {
            let name = tag.render(scheme);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
