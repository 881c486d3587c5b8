//! Batches: files of several kinds tagged by the real engine, stopped, continued, searched and exported; and
//! engines that misbehave.

use crate::fake::{Desk, eventually};
use crate::real::Real;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::{ColumnChoice, PredictionFormat};
use tagsmith_desktop::batches::Batches;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{
    Batch, BatchFile, BatchRequest, BatchStatus, DocumentQuery, SplitChoice,
};
use tagsmith_testing::tiny;

fn file(path: &Path, column: Option<&str>) -> BatchFile {
    BatchFile {
        path: path.display().to_string(),
        column: column.map(|name| ColumnChoice::Name(name.into())),
    }
}

fn request(files: Vec<BatchFile>) -> BatchRequest {
    BatchRequest {
        name: String::new(),
        model: "tiny".into(),
        files,
        data: None,
        whole: false,
    }
}

fn query(text: &str) -> DocumentQuery {
    DocumentQuery {
        split: SplitChoice::All,
        text: text.into(),
        label: None,
        finding: None,
        offset: 0,
        limit: 10,
    }
}

async fn at_rest(all: &Batches, id: &str) -> Batch {
    eventually("the batch ends", || {
        let found = all.list().into_iter().find(|batch| batch.id == id)?;
        (!all.is_busy()).then_some(found)
    })
    .await
}

/// An engine that answers every text with one entity, its first character, after this many texts it fails.
fn answering(desk: &Desk, most: usize) -> tagsmith_desktop::engine::Engine {
    desk.engine(&format!(
        r#"n=0
while IFS= read -r line; do
  n=$((n+1)); [ $n -gt {most} ] && {{ echo 'error: the model broke' >&2; echo 'hint: mend it' >&2; exit 1; }}
  printf '%s,"entities":[{{"start":0,"end":1,"label":"X","text":"a","score":0.5}}]}}\n' "${{line%\}}}}"
done"#
    ))
}

#[tokio::test]
async fn what_failed_half_way_continues_where_it_was() {
    let desk = Desk::new();
    let data = Arc::new(DataSets::open(&desk.library(), desk.notify()));
    let path = desk.path().join("notes.txt");
    fs::write(&path, "one\n\ntwo\nthree\nfour\nfive\n").unwrap();
    let all = Batches::open(desk.library(), answering(&desk, 3), desk.notify());
    let begun = all.start(request(vec![file(&path, None)]), &data).unwrap();
    assert_eq!(
        (begun.id.as_str(), begun.sources),
        ("notes-txt", vec!["notes.txt".to_owned()])
    );
    let batch = at_rest(&all, "notes-txt").await;
    assert_eq!(batch.status, BatchStatus::Failed);
    assert_eq!(batch.failure.unwrap().message, "the model broke");
    // What is tagged can be looked at.
    assert_eq!((batch.done, batch.total, batch.has_results), (3, 5, true));
    assert_eq!(all.documents("notes-txt", &query("")).unwrap().total, 3);

    // The file may be gone by now; a later window continues with the texts that were read.
    fs::remove_file(&path).unwrap();
    let later = Batches::open(desk.library(), answering(&desk, 2), desk.notify());
    later.resume("notes-txt", &data).unwrap();
    let batch = at_rest(&later, "notes-txt").await;
    assert_eq!((batch.status, batch.done), (BatchStatus::Finished, 5));
    assert_eq!(batch.labels["X"], 5);
    let found = later.documents("notes-txt", &query("")).unwrap().documents;
    let texts: Vec<(&str, u32)> = found
        .iter()
        .map(|one| (one.text.as_str(), one.line))
        .collect();
    assert_eq!(
        texts,
        [
            ("one", 1),
            ("two", 3),
            ("three", 4),
            ("four", 5),
            ("five", 6)
        ]
    );
    assert_eq!(found[0].file.as_deref(), Some("notes.txt"));
    assert_eq!(
        later.documents("notes-txt", &query("THR")).unwrap().total,
        1
    );
    assert!(later.resume("notes-txt", &data).is_err());

    let to = desk.path().join("out.csv");
    let mut work = data.begin("job");
    later
        .export(
            "notes-txt",
            &query("THR"),
            PredictionFormat::Csv,
            &to,
            &mut work,
        )
        .unwrap();
    let table = fs::read_to_string(&to).unwrap();
    assert_eq!(table.lines().count(), 2, "only what is found: {table}");
    assert!(table.contains("notes.txt,4,0,1,X,t,0.5"), "{table}");
    later
        .export(
            "notes-txt",
            &query(""),
            PredictionFormat::Csv,
            &to,
            &mut work,
        )
        .unwrap();
    let table = fs::read_to_string(&to).unwrap();
    assert_eq!(table.lines().count(), 6, "{table}");
    assert!(table.contains("notes.txt,3,0,1,X,t,0.5"), "{table}");
    // Cancelled, it leaves what was there.
    let mut work = data.begin("other");
    data.cancel("other");
    let refused = later.export(
        "notes-txt",
        &query(""),
        PredictionFormat::Html,
        &to,
        &mut work,
    );
    assert_eq!(refused.unwrap_err().code, "cancelled");
    assert_eq!(fs::read_to_string(&to).unwrap(), table);
    assert!(later.remove("notes-txt").unwrap() > 0);
    assert!(later.list().is_empty());
}

#[tokio::test]
async fn a_file_of_a_folder_that_cannot_be_read_is_left_out_and_listed() {
    let desk = Desk::new();
    let data = Arc::new(DataSets::open(&desk.library(), desk.notify()));
    let folder = desk.path().join("notes");
    fs::create_dir(&folder).unwrap();
    // The first in order, so that a look meets it first.
    fs::write(
        folder.join("a.jsonl"),
        "{\"text\": \"begun\"}\n{\"text\": \n",
    )
    .unwrap();
    fs::write(folder.join("b.txt"), b"caf\xe9 \x00\x01").unwrap();
    fs::write(folder.join("c.txt"), "one\ntwo\n").unwrap();
    // A look has its three texts before it comes to this one.
    fs::write(folder.join("d.txt"), b"\x00\x01\x02\xff").unwrap();
    let chosen = vec![file(&folder, None)];

    let look = &Batches::look(&chosen, false)[0];
    assert!(look.failure.is_none(), "{look:?}");
    assert_eq!((look.files, look.texts.len()), (4, 3));
    let names: Vec<&str> = look.skipped.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(names, ["a.jsonl", "b.txt", "d.txt"]);

    // It stops half-way, so that what was left out must come from the disk.
    let all = Batches::open(desk.library(), answering(&desk, 1), desk.notify());
    let id = all.start(request(chosen), &data).unwrap().id;
    assert_eq!(at_rest(&all, &id).await.status, BatchStatus::Failed);
    let later = Batches::open(desk.library(), answering(&desk, 9), desk.notify());
    later.resume(&id, &data).unwrap();
    let batch = at_rest(&later, &id).await;
    assert_eq!((batch.status, batch.done), (BatchStatus::Finished, 3));
    let skipped: Vec<(&str, u32)> = batch
        .skipped
        .iter()
        .map(|one| (one.file.as_str(), one.taken))
        .collect();
    assert_eq!(skipped, [("a.jsonl", 1), ("b.txt", 0), ("d.txt", 0)]);
    assert!(
        batch.skipped[0].failure.message.contains("line 2")
            || batch.skipped[0].failure.message.contains(":2")
    );

    // Nothing readable is a failure, as with a single file.
    fs::remove_file(folder.join("c.txt")).unwrap();
    fs::write(folder.join("a.jsonl"), "{\"text\": \n").unwrap();
    let look = &Batches::look(&[file(&folder, None)], false)[0];
    assert!(look.failure.is_some() && look.texts.is_empty(), "{look:?}");
    let id = later
        .start(request(vec![file(&folder, None)]), &data)
        .unwrap()
        .id;
    let batch = at_rest(&later, &id).await;
    assert_eq!(
        (batch.status, batch.failure.unwrap().code.as_str()),
        (BatchStatus::Failed, "data")
    );
}

#[tokio::test]
async fn a_batch_that_is_stopped_or_cut_off_is_kept() {
    let desk = Desk::new();
    let data = Arc::new(DataSets::open(&desk.library(), desk.notify()));
    let path = desk.path().join("a.csv");
    fs::write(&path, "id,message\n1,first\n2,second\n").unwrap();
    let slow = desk.engine("sleep 60");
    let all = Batches::open(desk.library(), slow.clone(), desk.notify());
    let begun = all.start(request(vec![file(&path, None)]), &data).unwrap();
    eventually("it is tagged", || {
        let found = all.list().into_iter().find(|batch| batch.id == begun.id)?;
        (found.status == BatchStatus::Tagging).then_some(())
    })
    .await;
    let second = all.start(request(vec![file(&path, None)]), &data);
    assert_eq!(second.unwrap_err().code, "busy");
    assert_eq!(all.remove(&begun.id).unwrap_err().code, "running");
    all.stop(&begun.id);
    let batch = at_rest(&all, &begun.id).await;
    assert_eq!(
        (batch.status, batch.total, batch.done),
        (BatchStatus::Stopped, 2, 0)
    );
    assert!(!batch.has_results && batch.failure.is_none());

    // A window that was killed leaves one that says it is under way.
    let record = desk
        .path()
        .join("home/batches")
        .join(&begun.id)
        .join("batch.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("\"stopped\"", "\"tagging\"")).unwrap();
    let later = Batches::open(desk.library(), slow, desk.notify());
    assert_eq!(later.list()[0].status, BatchStatus::Stopped);
}

#[tokio::test]
async fn what_cannot_be_read_says_which_file_and_why() {
    let desk = Desk::new();
    let data = Arc::new(DataSets::open(&desk.library(), desk.notify()));
    let table = desk.path().join("a.csv");
    fs::write(&table, "id,subject,message\n1,Hi,the longest of all\n").unwrap();
    let empty = desk.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let looks = Batches::look(
        &[
            file(&table, None),
            file(&table, Some("subject")),
            file(&table, Some("no")),
            file(&empty, None),
        ],
        false,
    );
    assert_eq!(
        (looks[0].column, looks[0].texts[0].as_str()),
        (Some(2), "the longest of all")
    );
    assert_eq!(
        (looks[1].column, looks[1].texts[0].as_str()),
        (Some(1), "Hi")
    );
    assert!(looks[2].failure.as_ref().unwrap().message.contains("`no`"));
    assert!(looks[3].failure.is_some());
    let all = Batches::open(desk.library(), desk.engine("exit 1"), desk.notify());
    let begun = all
        .start(request(vec![file(&table, Some("no"))]), &data)
        .unwrap();
    let batch = at_rest(&all, &begun.id).await;
    assert_eq!(batch.status, BatchStatus::Failed);
    assert!(batch.failure.unwrap().message.contains("`no`"));
    assert!(all.start(request(Vec::new()), &data).is_err());
}

#[tokio::test]
async fn the_real_engine_tags_files_and_a_data_set() {
    let Some(real) = Real::new() else { return };
    for file in fs::read_dir(tiny("bert-token-classification"))
        .unwrap()
        .flatten()
    {
        let to = real.home().join("models/tiny").join(file.file_name());
        fs::copy(file.path(), to).unwrap();
    }
    let desktop = real.with_data();
    let folder = real.desk.path().join("letters");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("a.txt"),
        "anna berg at the ship\nthe port in oslo\n",
    )
    .unwrap();
    fs::write(folder.join("b.jsonl"), "{\"text\": \"oslo\"}\n").unwrap();
    let whole = BatchRequest {
        whole: true,
        ..request(vec![file(&folder, None)])
    };
    let begun = desktop.batches.start(whole, &desktop.data).unwrap();
    let batch = at_rest(&desktop.batches, &begun.id).await;
    assert_eq!(
        (batch.status, batch.done),
        (BatchStatus::Finished, 2),
        "{:?}",
        batch.failure
    );
    let found = desktop
        .batches
        .documents(&begun.id, &query(""))
        .unwrap()
        .documents;
    assert_eq!(found[0].file.as_deref(), Some("a.txt"));
    assert_eq!(found[0].text, "anna berg at the ship\nthe port in oslo\n");
    assert!(found.iter().any(|one| !one.entities.is_empty()));
    for one in &found {
        for entity in &one.entities {
            assert!(
                entity
                    .score
                    .is_some_and(|score| (0.0..=1.0).contains(&score))
            );
        }
    }
    let set = BatchRequest {
        data: Some("notes".into()),
        ..request(Vec::new())
    };
    let begun = desktop.batches.start(set, &desktop.data).unwrap();
    let batch = at_rest(&desktop.batches, &begun.id).await;
    assert_eq!(batch.status, BatchStatus::Finished);
    assert_eq!((batch.name.as_str(), batch.done), ("Notes", 28));
}
