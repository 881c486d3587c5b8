//! Starting a run, seeds, a search or pretraining: at once where nothing runs, else in the queue.

use crate::app::Desktop;
use crate::dto::{
    Often, PlanRequest, PretrainRequest, Pretraining, Run, RunPlan, RunRequest, Started, Study,
    TrainSettings,
};
use crate::queue::task_of;
use crate::queueable::Queueable;
use tagsmith_protocol::Failure;

impl Desktop {
    /// Starts what the person wants, or lets it wait for its turn.
    ///
    /// # Errors
    /// The model or the data is unknown, a setting makes no sense, or the engine cannot be started.
    pub fn start(&self, request: &RunRequest) -> Result<Started, Failure> {
        // Its files may have to be written first.
        let data = self.data.run_data(&request.data)?;
        let is_run = request.often == Often::Once;
        if self.is_busy() {
            return match is_run {
                true => self.wait(&self.runs, self.runs.enqueue(request, &data)?),
                false => self.wait(&self.studies, self.studies.enqueue(request, &data)?),
            };
        }
        match is_run {
            true => {
                let run = self.runs.start(request, &data)?;
                Ok(Started::Run { run: Box::new(run) })
            }
            false => {
                let study = self.studies.start(request, &data)?;
                Ok(Started::Study {
                    study: Box::new(study),
                })
            }
        }
    }

    /// Starts to pretrain a model, or lets it wait for its turn.
    ///
    /// # Errors
    /// A file was not picked, or as [`crate::pretraining::Pretrainings::start`].
    pub fn start_pretraining(&self, request: &PretrainRequest) -> Result<Started, Failure> {
        for path in &request.text {
            self.path_permissions.check(path)?;
        }
        if self.is_busy() {
            return self.wait(&self.pretraining, self.pretraining.enqueue(request)?);
        }
        let pretraining = self.pretraining.start(request)?;
        Ok(Started::Pretraining {
            pretraining: Box::new(pretraining),
        })
    }

    /// Adds to the queue what was prepared for it.
    fn wait(
        &self,
        of: &dyn Queueable,
        (id, arguments): (String, Vec<String>),
    ) -> Result<Started, Failure> {
        let id = self.queue.add(arguments, of.output(&id))?;
        Ok(Started::Queued { id })
    }

    /// What a run will do, with its windows counted where that can be done.
    pub fn plan(&self, request: &PlanRequest) -> RunPlan {
        let length = u32::try_from(request.settings.max_length).unwrap_or(u32::MAX);
        let counted = self.library.named(&request.model).map_err(Failure::from);
        let counted = counted
            .and_then(|model| {
                self.data
                    .count_windows(&request.data, &self.engine, &model, length)
            })
            .inspect_err(|failure| tracing::warn!("windows are not counted: {}", failure.message));
        self.runs.plan(request, counted.ok().as_deref())
    }

    /// Continues a run; one of the queue when its turn comes.
    ///
    /// # Errors
    /// As [`crate::runs::Runs::resume`].
    pub fn resume_run(&self, id: &str) -> Result<Run, Failure> {
        match self.resume_in_queue(&self.runs, id)? {
            true => self.runs.get(id).ok_or_else(|| self.busy()),
            false => self.runs.resume(id),
        }
    }

    /// Continues a study; one of the queue when its turn comes.
    ///
    /// # Errors
    /// As [`crate::studies::Studies::resume`].
    pub fn resume_study(&self, id: &str) -> Result<Study, Failure> {
        match self.resume_in_queue(&self.studies, id)? {
            true => self.studies.get(id).ok_or_else(|| self.busy()),
            false => self.studies.resume(id),
        }
    }

    /// Continues pretraining; one of the queue when its turn comes.
    ///
    /// # Errors
    /// As [`crate::pretraining::Pretrainings::resume`].
    pub fn resume_pretraining(&self, id: &str) -> Result<Pretraining, Failure> {
        match self.resume_in_queue(&self.pretraining, id)? {
            true => self.pretraining.get(id).ok_or_else(|| self.busy()),
            false => self.pretraining.resume(id),
        }
    }

    /// Lets the queue continue what it has begun, unless the person has stopped that; `false` where it goes on
    /// by itself.
    fn resume_in_queue(&self, of: &dyn Queueable, id: &str) -> Result<bool, Failure> {
        let output = of.output(id);
        let known = of.known(id);
        let is_of_queue = known.is_some_and(|known| !known.queued && !known.left);
        match task_of(&self.library, &output) {
            Some(task) if is_of_queue => {
                self.queue.resume(Some(&task))?;
                Ok(true)
            }
            _ if self.is_busy() => Err(self.busy()),
            _ => {
                // The queue would begin it a second time.
                self.queue.forget(&output);
                Ok(false)
            }
        }
    }

    /// The name of what trains, or waits to, and whose model and data set are those asked for.
    pub fn user(&self, is_asked: impl Fn(&str, &str) -> bool) -> Option<String> {
        let runs = self.runs.living().into_iter();
        let runs = runs.map(|run| (run.model, run.data, run.name));
        let studies = self.studies.living().into_iter();
        let studies = studies.map(|study| (study.model, study.data, study.name));
        let pretraining = self.pretraining.living().into_iter();
        // It learns from files.
        let pretraining = pretraining.map(|run| (run.model, String::new(), run.name));
        let mut living = runs.chain(studies).chain(pretraining);
        let user = living.find(|(model, data, _)| is_asked(model, data));
        user.map(|(_, _, name)| name)
            .or_else(|| self.queue.user(is_asked))
    }

    fn busy(&self) -> Failure {
        let runs = self.runs.living().into_iter().map(|run| run.name);
        let studies = self.studies.living().into_iter().map(|study| study.name);
        let pretraining = self.pretraining.living().into_iter().map(|run| run.name);
        let name = runs.chain(studies).chain(pretraining).next();
        crate::runs::busy(&name.unwrap_or_else(|| "of the queue".into()))
    }

    /// Whether the list of mentions that settings name was picked here, or belongs to a run of the library.
    ///
    /// # Errors
    /// It was neither.
    pub fn check_list(&self, settings: &TrainSettings) -> Result<(), Failure> {
        let Err(refused) = self.path_permissions.check_settings(settings) else {
            return Ok(());
        };
        let runs = self.runs.list().into_iter().map(|run| run.settings);
        let studies = self.studies.list().into_iter().map(|study| study.settings);
        let mut known = runs.chain(studies);
        match known.any(|other| other.augment_mentions == settings.augment_mentions) {
            true => Ok(()),
            false => Err(refused),
        }
    }

    /// Whether something trains, or is about to.
    pub fn is_busy(&self) -> bool {
        !self.runs.living().is_empty()
            || !self.studies.living().is_empty()
            || !self.pretraining.living().is_empty()
            || self.queue.is_busy()
    }
}
