//! How good the model is: on dev after each epoch, and in the report of the best one at the end.

use super::{Outcome, Run};
use crate::card::write_card;
use crate::checkpoint::Best;
use crate::error::Error;
use crate::evaluate::evaluate;
use crate::export::{write_adapter, write_model};
use crate::options::PredictOptions;
use crate::own::with_own;
use crate::predict::Tagger;
use crate::process_memory::peak_memory_bytes;
use std::collections::BTreeMap;
use tagsmith_corpus::{Convention, Document, Metrics, judge, near_overlap, overlap};
use tagsmith_encoder::TokenClassifier;
use tagsmith_encoder::burn::module::Module;
use tagsmith_files::write_json;
use tagsmith_protocol::{Event, Report, SplitReport};

/// How entities are counted in all that a run says.
pub(crate) const CONVENTION: Convention = Convention::Conlleval;

impl Run<'_, '_> {
    /// Scores the dev documents, or the sample of them, and keeps the model if it is the best so far.
    pub(super) fn evaluate_dev(&mut self, epoch: f64) -> Result<(), Error> {
        let tagger = self.tagger();
        let sample = self.dev_sample.as_deref();
        let dev = self.score_dev(&tagger, sample.unwrap_or(&self.splits.dev))?;
        let is_whole = sample.is_none();
        self.note_peak();
        let now = Best::new(&dev, self.state.step);
        let before = self.state.best;
        let is_best = before
            .is_none_or(|best| now.f1 > best.f1 || (now.f1 == best.f1 && now.loss < best.loss));
        // Patience counts F1: a falling loss with the same entities found is no progress. Only while
        // nothing is found yet, as in the first epochs on a small set, does the loss speak for it.
        let is_progress =
            before.is_none_or(|best| now.f1 > best.f1 || (best.f1 == 0.0 && now.loss < best.loss));
        // While layers are still to be trained, F1 says little about what is to come.
        let is_unfreezing = self.is_unfreezing();
        self.state.epochs_without_better = match is_progress || is_unfreezing {
            true => 0,
            false => self.state.epochs_without_better + self.dev_plan.every,
        };
        if is_best {
            self.save(&tagger, &dev)?;
            self.state.best = Some(now);
        }
        if is_unfreezing {
            self.state.hold.f1.clear();
        }
        let length = self.length();
        self.state.hold.add(self.state.epoch, now.f1, length);
        self.send_dev(&dev, epoch, is_best);
        if is_best && is_whole {
            self.best_dev = Some(dev);
        }
        Ok(())
    }

    /// Where a sample was scored so far: all of dev decides between the model that did best on it and the
    /// last one.
    pub(super) fn choose_on_all_dev(&mut self) -> Result<(), Error> {
        let Some(best) = self.state.best.filter(|_| self.dev_sample.is_some()) else {
            return Ok(());
        };
        let last = self.tagger();
        let last_dev = self.score_dev(&last, &self.splits.dev)?;
        let mut chosen = Best::new(&last_dev, self.state.step);
        let mut other = None;
        if best.step != self.state.step {
            let saved = Tagger::load(&self.folder.model(), None, &last.device)?;
            let dev = self.score_dev(&saved, &self.splits.dev)?;
            if dev.metrics.overall.f1 > chosen.f1 {
                chosen = Best::new(&dev, best.step);
                other = Some(dev);
            } else {
                self.save(&last, &last_dev)?;
            }
        }
        self.note_peak();
        self.state.best = Some(chosen);
        self.send_dev(&last_dev, self.state.epoch as f64, other.is_none());
        self.best_dev = Some(other.unwrap_or(last_dev));
        Ok(())
    }

    fn send_dev(&mut self, dev: &SplitReport, epoch: f64, best: bool) {
        self.log.send(Event::Evaluated {
            split: "dev".into(),
            documents: Some(dev.documents),
            step: self.state.step,
            epoch,
            loss: dev.loss,
            metrics: dev.metrics.clone(),
            best,
        });
    }

    /// The model as it is, or with its weights averaged.
    fn averaged(&self) -> TokenClassifier {
        match &self.average {
            Some(average) => average.applied(self.model().clone()),
            None => self.model().clone(),
        }
    }

    /// The same to predict with, an adapter merged.
    pub(super) fn tagger(&self) -> Tagger {
        let mut learned = self.objective.transitions.clone();
        if let Some(average) = &self.average {
            learned = learned.map(|learned| average.applied_to_transitions(learned));
        }
        Tagger {
            model: self.averaged().valid().merged(),
            others: Vec::new(),
            config: self.model_config.clone(),
            tokenizer: self.tokenizer.clone(),
            tags: match learned {
                Some(transitions) => self.tags.clone().with_learned(transitions),
                None => self.tags.clone(),
            },
            device: self.device.clone().inner(),
            context: self.config.context,
        }
    }

    /// Writes the model folder, the adapter where there is one, and the card with the scores on dev.
    pub(super) fn save(&self, tagger: &Tagger, dev: &SplitReport) -> Result<(), Error> {
        write_model(
            &self.folder.model(),
            &tagger.model,
            &with_own(
                self.model_config.clone(),
                self.config.scheme,
                self.config.context,
            ),
            &self.tokenizer,
            tagger.tags.learned(),
        )?;
        if self.model().has_adapter() {
            write_adapter(
                &self.folder.adapter(),
                &self.averaged(),
                &self.model_config,
                &self.config,
            )?;
        }
        self.write_card([("dev", dev)])
    }

    fn write_card<'s>(
        &self,
        splits: impl IntoIterator<Item = (&'s str, &'s SplitReport)>,
    ) -> Result<(), Error> {
        let scores: Vec<(&str, &Metrics, usize)> = splits
            .into_iter()
            .map(|(name, split)| {
                let shared = split.shared_with_train.unwrap_or_default();
                (name, &split.metrics, shared)
            })
            .collect();
        let folder = self.folder.model();
        write_card(&folder, &self.config, &self.splits.labels, &scores, None)
    }

    pub(super) fn score_dev(
        &self,
        tagger: &Tagger,
        documents: &[Document],
    ) -> Result<SplitReport, Error> {
        self.score(tagger, documents, &self.splits.dev_file)
    }

    fn score(
        &self,
        tagger: &Tagger,
        documents: &[Document],
        file: &str,
    ) -> Result<SplitReport, Error> {
        let options = PredictOptions::from(&self.config.settings);
        let (mut report, _) = evaluate(tagger, documents, file, &options, CONVENTION, |_, _| ())?;
        report.shared_with_train = Some(overlap(self.splits.of_file(), documents));
        Ok(report)
    }

    /// Writes `report.json` and the card from the model folder as it was saved.
    pub(super) fn report(&mut self, outcome: Outcome) -> Result<(), Error> {
        let best = self.state.best.unwrap_or(Best {
            f1: 0.0,
            loss: f64::INFINITY,
            step: 0,
        });
        let tagger = Tagger::load(&self.folder.model(), None, &self.device.clone().inner())?;
        // A refitted model has learned what was held out.
        let held_out = self.state.refit.as_ref().map(|refit| refit.dev.clone());
        let dev = match held_out.or_else(|| self.best_dev.take()) {
            Some(dev) => dev,
            None => self.score_dev(&tagger, &self.splits.dev)?,
        };
        let best_f1 = dev.metrics.overall.f1;
        let mut splits = BTreeMap::from([("dev".to_owned(), dev)]);
        if let (Some(test), Some(file)) = (&self.splits.test, &self.config.test) {
            let scored = self.score(&tagger, test, &file.display().to_string())?;
            self.log.send(Event::Evaluated {
                split: "test".into(),
                documents: Some(scored.documents),
                step: best.step,
                epoch: self.epoch_of(best.step),
                loss: scored.loss,
                metrics: scored.metrics.clone(),
                best: true,
            });
            splits.insert("test".into(), scored);
        }
        for (name, split) in &mut splits {
            // A refitted model has been given the held-out documents; what it had not learned was scored.
            let documents = match name.as_str() {
                "test" => self.splits.test.as_deref(),
                _ => Some(&*self.splits.dev).filter(|_| self.state.refit.is_none()),
            };
            let train = self.splits.of_file();
            split.near_train = documents.map(|documents| near_overlap(train, documents));
            split.judgement = Some(judge(split));
        }
        self.write_card(splits.iter().map(|(name, split)| (name.as_str(), split)))?;
        let path = self.folder.report();
        let report = Report {
            convention: CONVENTION,
            decoding: self.config.decoding,
            splits,
        };
        write_json(&path, &report).map_err(Error::writing(&path))?;
        self.note_peak();
        self.log.send(match outcome {
            Outcome::Finished => Event::Finished {
                report: path,
                model: self.folder.model(),
                best_f1,
                best_step: best.step,
                seconds: self.seconds(),
                peak_memory_bytes: self.state.peak_memory_bytes,
            },
            Outcome::Stopped => Event::Stopped {
                report: Some(path),
                model: Some(self.folder.model()),
                step: self.state.step,
                best_f1: Some(best_f1),
            },
        });
        Ok(())
    }

    fn note_peak(&mut self) {
        let peak = peak_memory_bytes();
        self.state.peak_memory_bytes = self.state.peak_memory_bytes.max(peak);
    }
}
