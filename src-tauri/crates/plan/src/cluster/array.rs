//! Arrays: lists of tasks that are handed to a scheduler together, with the script that each of them runs.
//!
//! ```text
//! PLAN/FOLDER/array-N.txt    the ids of the tasks, one a line
//! PLAN/FOLDER/array-N.sh     finds its task by its place in the array, and does it
//! ```

use crate::error::PlanError;
use crate::plan::Plan;
use crate::task::{Needs, Task};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_files::write_bytes;

/// The most tasks in an array, which is what Slurm allows where nothing else is set.
const LONGEST: usize = 1000;

/// The name of an array with the scheduler, before its number.
const NAME: &str = "tagsmith-";

/// Tasks that are handed over together. They need the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Its number in the plan.
    pub number: usize,
    /// The plan's folder.
    pub folder: String,
    /// The script, from the plan's folder.
    pub script: String,
    /// How many tasks, numbered from 0.
    pub len: usize,
    /// What each needs.
    pub needs: Needs,
}

impl Array {
    /// Its name with the scheduler.
    pub fn name(&self) -> String {
        Self::name_of(self.number)
    }

    /// The name of the array with a number.
    pub fn name_of(number: usize) -> String {
        format!("{NAME}{number}")
    }

    /// The number of the array with a name; `None` for the name of something else.
    pub fn number_of(name: &str) -> Option<usize> {
        name.strip_prefix(NAME)?.parse().ok()
    }

    /// Memory of a task in mebibytes, in which schedulers count.
    pub fn mebibytes(&self) -> Option<u64> {
        self.needs.memory_bytes.map(|bytes| bytes.div_ceil(1 << 20))
    }
}

/// The arrays of a plan.
#[derive(Debug)]
pub struct Arrays {
    folder: &'static str,
    given: Needs,
    tasks: BTreeMap<usize, Vec<String>>,
}

impl Arrays {
    /// Those in this folder of a plan's, where each task is given this in the place of what it needs.
    pub fn new(folder: &'static str, given: Needs) -> Self {
        Self {
            folder,
            given,
            tasks: BTreeMap::new(),
        }
    }

    /// Writes arrays of these tasks, one for each kind of machine that they need. `index`: the variable with
    /// a task's place.
    pub fn make(
        &mut self,
        plan: &Plan,
        tasks: &[&Task],
        program: &Path,
        index: &str,
    ) -> Result<Vec<Array>, PlanError> {
        let folder = self.at(plan);
        fs::create_dir_all(&folder).map_err(PlanError::io("create", &folder))?;
        let mut alike: Vec<(Needs, Vec<&Task>)> = Vec::new();
        for task in tasks {
            let log = plan.task_folder(&task.id);
            fs::create_dir_all(&log).map_err(PlanError::io("create", &log))?;
            let needs = task.needs.with(&self.given);
            match alike.iter_mut().find(|(other, _)| *other == needs) {
                Some((_, others)) => others.push(task),
                None => alike.push((needs, vec![task])),
            }
        }
        let mut arrays = Vec::new();
        for (needs, tasks) in alike {
            for tasks in tasks.chunks(LONGEST) {
                let number = self.next_number(plan)?;
                let ids: Vec<String> = tasks.iter().map(|task| task.id.clone()).collect();
                let array = Array {
                    number,
                    folder: utf8(plan.folder())?.into(),
                    script: format!("{}/array-{number}.sh", self.folder),
                    len: ids.len(),
                    needs: needs.clone(),
                };
                let script = script(self.folder, &array, utf8(program)?, index);
                write(&plan.folder().join(&array.script), &script)?;
                write(&self.list(plan, number), &(ids.join("\n") + "\n"))?;
                self.tasks.insert(number, ids);
                arrays.push(array);
            }
        }
        Ok(arrays)
    }

    /// The task at a place of an array; `None` where the array is not of this plan.
    pub fn task(&mut self, plan: &Plan, number: usize, index: usize) -> Option<String> {
        if !self.tasks.contains_key(&number) {
            let text = fs::read_to_string(self.list(plan, number)).ok()?;
            self.tasks
                .insert(number, text.lines().map(str::to_owned).collect());
        }
        self.tasks.get(&number)?.get(index).cloned()
    }

    /// The latest array that a task is in, and its place there, as far as this process has come across it.
    pub fn latest(&self, id: &str) -> Option<(usize, usize)> {
        let arrays = self.tasks.iter().rev();
        let mut found = arrays.filter_map(|(number, ids)| {
            let place = ids.iter().position(|other| other == id)?;
            Some((*number, place))
        });
        found.next()
    }

    /// The number of the next array. Whoever makes one holds the plan's lock.
    fn next_number(&self, plan: &Plan) -> Result<usize, PlanError> {
        let folder = self.at(plan);
        let names = fs::read_dir(&folder).map_err(PlanError::io("read", &folder))?;
        let number = |name: String| {
            name.strip_prefix("array-")?
                .strip_suffix(".sh")?
                .parse()
                .ok()
        };
        let names = names
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(names.filter_map(number).max().unwrap_or(0) + 1)
    }

    fn at(&self, plan: &Plan) -> PathBuf {
        plan.folder().join(self.folder)
    }

    fn list(&self, plan: &Plan, number: usize) -> PathBuf {
        self.at(plan).join(format!("array-{number}.txt"))
    }
}

fn write(path: &Path, text: &str) -> Result<(), PlanError> {
    write_bytes(path, text.as_bytes()).map_err(PlanError::io("write", path))
}

/// The scheduler's answers are text, and so must be what they are compared with.
fn utf8(path: &Path) -> Result<&str, PlanError> {
    path.to_str().ok_or_else(|| PlanError::Runner {
        message: format!("the path `{}` is not UTF-8", path.display()),
        hint: "a scheduler needs a path in UTF-8: rename the folder".into(),
    })
}

/// What each task of an array runs, in the plan's folder.
fn script(folder: &str, array: &Array, program: &str, index: &str) -> String {
    let threads = array.needs.cpus.map_or_else(String::new, |cpus| {
        format!("export RAYON_NUM_THREADS=\"${{RAYON_NUM_THREADS:-{cpus}}}\"\n")
    });
    format!(
        "#!/bin/sh\n\
         # Does the task that stands at its place in array-{number}.txt.\n\
         task=$(sed -n \"$(({index} + 1))p\" {folder}/array-{number}.txt)\n\
         {threads}\
         exec {program} task --plan . \"$task\" >>\"tasks/$task/log.txt\" 2>&1\n",
        number = array.number,
        program = quoted(program),
    )
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
