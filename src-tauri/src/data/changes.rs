//! What changes the library's data: imports, new versions of their files, repairs and their undoing.
//!
//! Every change goes through the same claim and ends in the same record, which counts when all that it
//! names is written.

use super::jobs::Work;
use super::record::{self, Chosen, Record, Source, SourceFile, source_folder};
use super::{DataSets, make};
use crate::disk;
use crate::dto::{CheckReport, ChosenFile, DataSet, ImportRequest, Reading, Repair, Split};
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Failure;

/// The sample corpus, part of the program so that it is always one click away.
const SAMPLE: [(Split, &str); 3] = [
    (
        Split::Train,
        include_str!("../../../assets/samples/support-tickets/train.jsonl"),
    ),
    (
        Split::Dev,
        include_str!("../../../assets/samples/support-tickets/dev.jsonl"),
    ),
    (
        Split::Test,
        include_str!("../../../assets/samples/support-tickets/test.jsonl"),
    ),
];
const SAMPLE_ID: &str = "support-tickets";
const SAMPLE_NAME: &str = "Support tickets";

impl DataSets {
    /// Takes files into the library.
    ///
    /// # Errors
    /// A file cannot be used as it is, the file system refused, or the person cancelled.
    pub fn import(&self, request: &ImportRequest, job: &str) -> Result<DataSet, Failure> {
        let mut work = self.jobs.begin(job);
        if request.files.is_empty() {
            return Err(Failure::plain("no-files", "no file was chosen"));
        }
        let chosen: Vec<Chosen> = request.files.iter().map(Chosen::from).collect();
        // A file that cannot be used is reported before anything is copied.
        let made = make::make(&chosen, &request.repairs, &mut work)?;
        let taken = |id: &str| self.folder.join(id).exists();
        let id = disk::folder_name(&request.name, "data", taken);
        self.keep(&id, |beside| {
            let files = copied(&chosen, &source_folder(beside, Some(1)), &mut work)?;
            let name = match request.name.trim() {
                "" => id.as_str(),
                name => name,
            };
            let mut record = begun(&id, name, files);
            let at_once = &request.at_once;
            record.set.replace_repairs(&request.repairs, at_once);
            made.write(beside, &mut record.set, &mut work)?;
            Ok(record)
        })
    }

    /// Takes the sample corpus into the library; again if it is there.
    ///
    /// # Errors
    /// The file system refused.
    pub fn import_sample(&self) -> Result<DataSet, Failure> {
        if let Ok(there) = self.get(SAMPLE_ID) {
            return Ok(there);
        }
        let mut work = self.jobs.begin(SAMPLE_ID);
        self.keep(SAMPLE_ID, |beside| {
            let at = source_folder(beside, Some(1));
            fs::create_dir_all(&at).map_err(Failure::io("make", &at))?;
            let mut files = Vec::new();
            for (split, text) in SAMPLE {
                let copy = PathBuf::from(format!("{}.jsonl", split.name()));
                fs::write(at.join(&copy), text).map_err(Failure::io("write", &at))?;
                files.push(SourceFile {
                    path: Path::new(SAMPLE_ID).join(&copy),
                    copy,
                    split: Some(split),
                    reading: Reading::default(),
                });
            }
            let mut record = begun(SAMPLE_ID, SAMPLE_NAME, files);
            remade(beside, &mut record, &mut work)?;
            Ok(record)
        })
    }

    /// Makes a data set in a folder beside its name, which it gets when it is whole.
    fn keep(
        &self,
        id: &str,
        make: impl FnOnce(&Path) -> Result<Record, Failure>,
    ) -> Result<DataSet, Failure> {
        let _busy = self.claim(id)?;
        let beside = self.folder.join(format!(".importing-{id}"));
        let _ = fs::remove_dir_all(&beside);
        fs::create_dir_all(&beside).map_err(Failure::io("make", &beside))?;
        let kept = make(&beside).and_then(|record| {
            record::write(&beside, &record)?;
            let folder = self.folder.join(id);
            fs::rename(&beside, &folder).map_err(Failure::io("make", &folder))?;
            Ok(record.set)
        });
        if kept.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        kept
    }

    /// Puts new versions of the files in place of the old, and does `repairs` on them: the same
    /// as before, or others.
    ///
    /// # Errors
    /// As [`Self::import`]; the data set is then as it was.
    pub fn update(
        &self,
        id: &str,
        files: &[ChosenFile],
        repairs: &[Repair],
        at_once: &[(u32, u32)],
        job: &str,
    ) -> Result<DataSet, Failure> {
        if files.is_empty() {
            return Err(Failure::plain("no-files", "no file was chosen"));
        }
        let chosen: Vec<Chosen> = files.iter().map(Chosen::from).collect();
        self.change(id, job, |folder, record, work| {
            let number = record.set.version + 1;
            let files = copied(&chosen, &source_folder(folder, Some(number)), work)?;
            record.source = Some(Source {
                number: Some(number),
                files,
            });
            match record.set.repairs == repairs {
                // What was taken back was of the files before.
                true => record.set.undone.clear(),
                false => record.set.replace_repairs(repairs, at_once),
            }
            Ok(())
        })
    }

    /// Does a repair, and records it.
    ///
    /// # Errors
    /// It cannot be done, or the person cancelled; the data set is then as it was.
    pub fn repair(&self, id: &str, repair: &Repair, job: &str) -> Result<DataSet, Failure> {
        self.change(id, job, |_, record, _| {
            record.set.add_repairs(vec![repair.clone()]);
            Ok(())
        })
    }

    /// Does the repairs of all findings that are safe to repair and not ignored, one after another, and
    /// records them as one step.
    ///
    /// # Errors
    /// There is none, or the person cancelled; the data set is then as it was.
    pub fn repair_safe(&self, id: &str, job: &str) -> Result<DataSet, Failure> {
        self.change(id, job, |_, record, _| {
            let set = &record.set;
            let safe = set.check.groups.iter().filter(|group| group.safe);
            let wanted = safe.filter(|group| !set.ignores(&group.code, group.count));
            let repairs: Vec<Repair> = wanted.filter_map(|group| group.repair.clone()).collect();
            if repairs.is_empty() {
                return Err(Failure::plain(
                    "nothing-safe",
                    "no finding can be repaired without a decision",
                ));
            }
            record.set.add_repairs(repairs);
            Ok(())
        })
    }

    /// Remembers that a person ignores a kind of finding as long as there are not more than `count`, or
    /// forgets it where that is `None`.
    ///
    /// # Errors
    /// There is no such data set, it is being changed, or the file system refused.
    pub fn ignore(&self, id: &str, code: &str, count: Option<u32>) -> Result<DataSet, Failure> {
        let _claim = self.claim(id)?;
        let (folder, mut record) = self.record(id)?;
        match count {
            Some(count) => record.set.ignored.insert(code.into(), count),
            None => record.set.ignored.remove(code),
        };
        record::write(&folder, &record)?;
        Ok(record.set)
    }

    /// Takes back the last repair, with those that were done at once with it.
    ///
    /// # Errors
    /// There is none, or the person cancelled.
    pub fn undo(&self, id: &str, job: &str) -> Result<DataSet, Failure> {
        let undone = self.change(id, job, |_, record, _| match record.set.undo_step() {
            true => Ok(()),
            false => Err(Failure::plain("nothing-done", "there is no repair to undo")),
        });
        undone.map_err(|failure| match failure.code.as_str() {
            // Faults that the repair had left out, such as a line that is no JSON.
            "bad-data" => Failure::new(
                "needed",
                format!(
                    "the last step stays, because the files cannot be used without it: {}",
                    failure.message
                ),
                "correct the file, then use a new version of it",
            ),
            _ => failure,
        })
    }

    /// Does the repair again that was taken back last, with those that were taken back at once with it.
    ///
    /// # Errors
    /// There is none, or the person cancelled.
    pub fn redo(&self, id: &str, job: &str) -> Result<DataSet, Failure> {
        self.change(id, job, |_, record, _| match record.set.redo_step() {
            true => Ok(()),
            false => Err(Failure::plain("nothing-undone", "no repair was taken back")),
        })
    }

    /// Makes the next version of a data set; `alter` says in what it differs.
    fn change(
        &self,
        id: &str,
        job: &str,
        alter: impl FnOnce(&Path, &mut Record, &mut Work) -> Result<(), Failure>,
    ) -> Result<DataSet, Failure> {
        let claim = self.claim(id)?;
        let mut work = self.jobs.begin(job);
        // A data set of an earlier version gets its store, and the record of its files, first.
        let (_, folder, old) = self.opened(id, Some(&claim))?;
        let mut record = old.clone();
        let made = alter(&folder, &mut record, &mut work).and_then(|()| {
            record.set.version += 1;
            remade(&folder, &mut record, &mut work)?;
            record::write(&folder, &record)
        });
        let counts = match &made {
            Ok(()) => &record,
            Err(_) => &old,
        };
        self.forget();
        record::sweep(&folder, counts);
        made.map(|()| record.set)
    }
}

/// Makes the documents that a record asks for, and fills in what is known of them.
pub(super) fn remade(folder: &Path, record: &mut Record, work: &mut Work) -> Result<(), Failure> {
    let Some(source) = &record.source else {
        return Err(Failure::new(
            "no-source",
            format!("the files of `{}` are not in the library", record.set.name),
            "import them again",
        ));
    };
    let made = make::make(&source.chosen(folder), &record.set.repairs, work)?;
    made.write(folder, &mut record.set, work)
}

/// Copies the files that a person chose.
fn copied(chosen: &[Chosen], to: &Path, work: &mut Work) -> Result<Vec<SourceFile>, Failure> {
    let mut files = Vec::new();
    for (number, file) in chosen.iter().enumerate() {
        let name = file.at.file_name().unwrap_or("data".as_ref());
        let copy = Path::new(&number.to_string()).join(name);
        let target = to.join(&copy);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        record::copy(&file.at, &target, &mut |done| work.at("copying", done, 0))?;
        files.push(SourceFile {
            path: file.shown.clone(),
            copy,
            split: file.split,
            reading: file.reading.clone(),
        });
    }
    Ok(files)
}

/// The record of a data set that is about to be made.
fn begun(id: &str, name: &str, files: Vec<SourceFile>) -> Record {
    Record {
        set: DataSet {
            id: id.into(),
            name: name.into(),
            imported: crate::now(),
            check: CheckReport {
                files: Vec::new(),
                issues: Vec::new(),
                groups: Vec::new(),
            },
            lengths: Vec::new(),
            longest_words: 0,
            repairs: Vec::new(),
            undone: Vec::new(),
            at_once: Vec::new(),
            version: 1,
            ignored: Default::default(),
        },
        source: Some(Source {
            number: Some(1),
            files,
        }),
    }
}
