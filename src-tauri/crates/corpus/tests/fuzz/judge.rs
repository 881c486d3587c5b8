//! Reads one file, and says what is wrong with the answer, whatever the file was.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tagsmith_corpus::repair::{apply, preview};
use tagsmith_corpus::{
    Corpus, Document, ReadError, ReadOptions, Repair, Scheme, Split, Stop, WriteFormat, check,
    read_all, read_bytes, write,
};

/// Whether the file could be read; what is wrong with the answer otherwise.
pub fn judge(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<bool, String> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let splits = match bytes.starts_with(b"PK") {
            true => read_archive(bytes, options)?,
            false => read_bytes(Path::new(name), bytes, options).map(|corpus| vec![corpus]),
        };
        match splits {
            Ok(splits) => {
                for corpus in splits {
                    judge_corpus(&corpus, options)?;
                    go_on(corpus)?;
                }
                Ok(true)
            }
            Err(failure) => match failure.to_string().is_empty() || failure.findings().is_empty() {
                true => Err(format!("a failure that says nothing: {failure:?}")),
                false => Ok(false),
            },
        }
    }));
    result.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("without a message")))
    })
}

/// An archive may hold several splits; those are read from a path.
fn read_archive(
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Result<Vec<Corpus>, ReadError>, String> {
    let name = format!("tagsmith-fuzz-{}.zip", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).map_err(|failure| failure.to_string())?;
    let splits = read_all(&path, options);
    let _ = std::fs::remove_file(&path);
    Ok(splits.map(|splits| splits.into_iter().map(|split| split.corpus).collect()))
}

fn judge_corpus(corpus: &Corpus, options: &ReadOptions) -> Result<(), String> {
    let source = &corpus.source;
    let words: usize = corpus.documents.iter().map(|d| d.words.len()).sum();
    let spans: usize = corpus.documents.iter().map(|d| d.spans.len()).sum();
    let counts = (source.documents, source.words, source.entities);
    if counts != (corpus.documents.len(), words, spans) {
        return Err(format!("the counts are wrong: {counts:?}"));
    }
    for document in &corpus.documents {
        judge_document(document, options.keep_overlaps)?;
    }
    Ok(())
}

fn judge_document(document: &Document, overlaps: bool) -> Result<(), String> {
    let text = &document.text;
    let mut at = 0;
    for word in &document.words {
        if word.start < at || text.get(word.start..word.end).is_none() {
            return Err(format!("word {word:?} behind {at} in {text:?}"));
        }
        at = word.end;
    }
    let mut at = 0;
    for piece in &document.unknown {
        if piece.start < at || text.get(piece.start..piece.end).is_none() {
            return Err(format!("unknown piece {piece:?} behind {at} in {text:?}"));
        }
        at = piece.end;
    }
    let (mut covered, mut before) = (0, (0, 0));
    for span in &document.spans {
        let inside = span.start < span.end && text.get(span.start..span.end).is_some();
        if !inside || span.label.is_empty() {
            // An entity of empty tokens alone has no text, but it has its words.
            let of_empty_words = document.words_given && span.start <= span.end;
            if !of_empty_words || text.get(span.start..span.end).is_none() {
                return Err(format!("span {span:?} in {text:?}"));
            }
        }
        if !overlaps && span.start < covered {
            return Err(format!("span {span:?} overlaps, behind {covered}"));
        }
        if span.start < before.0 || (span.start == before.0 && span.end > before.1 && before.1 > 0)
        {
            return Err(format!("span {span:?} is out of order, behind {before:?}"));
        }
        before = (span.start, span.end);
        covered = covered.max(span.end);
    }
    Ok(())
}

/// What was read is good enough for all that comes after.
fn go_on(corpus: Corpus) -> Result<(), String> {
    let _ = check(&[("train", &corpus)]);
    for format in [
        WriteFormat::ConllScheme(Scheme::Bioes),
        WriteFormat::JsonlSpans,
        WriteFormat::JsonlTokens {
            scheme: Scheme::Iob2,
        },
        WriteFormat::Prodigy,
        WriteFormat::LabelStudio,
        WriteFormat::BioC,
        WriteFormat::PubTator,
        WriteFormat::WebAnno,
        WriteFormat::Gliner,
    ] {
        write(&corpus.documents, &format, &mut std::io::sink()).map_err(|e| e.to_string())?;
    }
    let sizes = (corpus.source.documents, corpus.source.entities);
    let dataset = vec![Split {
        name: "train".into(),
        corpus,
    }];
    let repairs = [
        Repair::TrimSpans,
        Repair::SnapToWords,
        Repair::RepairTags,
        Repair::DropDuplicates { near: false },
    ];
    preview(&dataset, &repairs[1], 3, &Stop::default()).map_err(|e| e.to_string())?;
    let joined = Repair::JoinTagged {
        tags: BTreeMap::new(),
    };
    preview(&dataset, &joined, 3, &Stop::default()).map_err(|e| e.to_string())?;
    let (after, done) = apply(dataset, &repairs).map_err(|e| e.to_string())?;
    let removed = done.iter().fold((0, 0), |(documents, spans), done| {
        (
            documents + done.removed_documents,
            spans + done.removed_spans,
        )
    });
    let left = &after[0].corpus.source;
    match (left.documents + removed.0, left.entities + removed.1) == sizes {
        true => Ok(()),
        false => Err(format!("repairs lost something: {done:?}")),
    }
}
