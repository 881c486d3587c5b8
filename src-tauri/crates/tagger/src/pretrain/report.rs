//! Whether it helps: the loss of the masked pieces of the held-out part, the model that has the lowest, and the
//! report.

use super::Run;
use super::step::loss_sum;
use crate::batch::prediction_order;
use crate::card::licence;
use crate::error::Error;
use crate::example::Example;
use crate::export::write_tokenizer;
use crate::micro_batch::retry_in_halves;
use crate::process_memory::peak_memory_bytes;
use crate::train::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::Instant;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::masked_lm;
use tagsmith_files::{flush_folder, folder_of, write_bytes, write_json};
use tagsmith_protocol::{HeldOutLoss, PretrainEvent, PretrainReport};

/// Windows that are predicted at once.
const BATCH: usize = 32;

/// How an evaluation ended.
pub(super) enum Evaluated {
    Done,
    /// The run was asked to stop meanwhile.
    Stopped,
}

impl Run<'_, '_> {
    /// Predicts the held-out part, and keeps the model if none before it was better.
    pub(super) fn evaluate(&mut self) -> Result<Evaluated, Error> {
        let began = Instant::now();
        let Some(loss) = self.held_out_loss()? else {
            return Ok(Evaluated::Stopped);
        };
        self.throughput.evaluation = began.elapsed().as_secs_f64();
        let best = self.state.best();
        let evaluated = HeldOutLoss {
            step: self.state.step,
            epoch: self.epoch_of(self.state.step),
            loss,
            perplexity: loss.exp(),
            best: best.is_none_or(|best| loss < best.loss),
        };
        if evaluated.best {
            self.save(&evaluated)?;
        }
        self.state.evaluations.push(evaluated);
        self.note_peak();
        self.log.send(PretrainEvent::Evaluated(evaluated));
        Ok(Evaluated::Done)
    }

    /// The mean loss of a masked piece; `None` where the run is asked to stop meanwhile.
    fn held_out_loss(&self) -> Result<Option<f64>, Error> {
        let model = self.model().valid();
        let device = self.device.clone().inner();
        let lengths: Vec<usize> = self.held_out.iter().map(Example::pieces).collect();
        let mut sum = 0.0;
        for batch in prediction_order(&lengths, BATCH) {
            if self.is_stopping() {
                return Ok(None);
            }
            let examples: Vec<&Example> = batch.iter().map(|at| &self.held_out[*at]).collect();
            retry_in_halves(&examples, &mut |part: &[&Example]| {
                sum += loss_sum(&model, part, &device);
            })
            .map_err(|index| Error::OutOfMemory {
                pieces: examples[index].pieces(),
            })?;
        }
        Ok(Some(sum / self.masked().max(1) as f64))
    }

    /// Writes the model folder, the weights last: a kill leaves none that looks whole.
    fn save(&self, evaluated: &HeldOutLoss) -> Result<(), Error> {
        let folder = self.folder.model();
        let all = || -> std::io::Result<()> {
            fs::create_dir_all(&folder)?;
            write_tokenizer(&folder, &self.model_config, &self.tokenizer)?;
            let card = self.card(evaluated);
            write_bytes(&folder.join("README.md"), card.as_bytes())?;
            masked_lm::save(&self.model().valid(), &self.model_config, &folder)?;
            flush_folder(folder_of(&folder))
        };
        all().map_err(Error::writing(&folder))
    }

    /// The model card.
    fn card(&self, evaluated: &HeldOutLoss) -> String {
        let config = self.config();
        let name = config.model.file_name().unwrap_or_default();
        let base = name.to_string_lossy();
        let mut text = String::from("---\nlibrary_name: transformers\npipeline_tag: fill-mask\n");
        text += "tags:\n- fill-mask\n- tagsmith\n";
        if let Some(licence) = licence(&config.model) {
            let _ = writeln!(text, "license: {licence}");
        }
        let _ = write!(
            text,
            "---\n\n# {base} pretrained further\n\nMade with Tagsmith {} from `{base}` by predicting masked words of a \
             text: {} windows, {} steps of {} windows, learning rate {:e}, {} % of the words masked, seed {}. On text that was held \
             out the loss of a masked word piece is {:.4} (perplexity {:.2}).\n\n\
             Fine-tune it with `tagsmith train --model PATH`, or open it with `AutoModelForMaskedLM` of transformers.\n",
            env!("CARGO_PKG_VERSION"),
            self.text.train.len(),
            evaluated.step,
            config.batch_size,
            config.learning_rate.unwrap_or_default(),
            100.0 * config.mask_share,
            config.seed,
            evaluated.loss,
            evaluated.perplexity,
        );
        text
    }

    fn note_peak(&mut self) {
        let peak = peak_memory_bytes();
        self.state.peak_memory_bytes = self.state.peak_memory_bytes.max(peak);
    }

    /// What came of it so far: whether it helped, and a sentence.
    fn verdict(&self) -> Option<(bool, String)> {
        let (first, best) = (self.state.evaluations.first()?, self.state.best()?);
        let model = self.config().model.display();
        if best.step == first.step {
            let tried = match self.state.evaluations.len() {
                1 => "nothing was tried yet".to_owned(),
                more => format!("it was not lower after any of {} epochs", more - 1),
            };
            return Some((
                false,
                format!(
                    "this did not help: keep `{model}`. The loss of masked word pieces of held-out text was {:.4} before (perplexity {:.2}), and {tried}",
                    first.loss, first.perplexity
                ),
            ));
        }
        let note = match self.file.new_head {
            true => ", of which a part is the new head's, which goes on learning",
            false => "",
        };
        Some((
            true,
            format!(
                "the loss of masked word pieces of held-out text fell from {:.4} to {:.4} (perplexity {:.2} to {:.2}){note}. Whether it finds more entities, fine-tuning shows: train with `{model}` and with this model, and compare",
                first.loss, best.loss, first.perplexity, best.perplexity
            ),
        ))
    }

    /// Writes `report.json`, and sends the last event.
    pub(super) fn report(&mut self, outcome: Outcome) -> Result<(), Error> {
        self.note_peak();
        let Some((helped, verdict)) = self.verdict() else {
            let step = self.state.step;
            self.log.send(PretrainEvent::Stopped {
                report: None,
                model: None,
                step,
            });
            return Ok(());
        };
        let [train, held_out] = self.text.documents;
        let report = PretrainReport {
            helped,
            verdict: verdict.clone(),
            base_model: self.config().model.clone(),
            new_head: self.file.new_head,
            documents: BTreeMap::from([("train".into(), train), ("held-out".into(), held_out)]),
            empty_documents: self.text.empty_documents,
            windows: self.text.train.len(),
            pieces: self.pieces(),
            masked: self.masked(),
            evaluations: self.state.evaluations.clone(),
        };
        let path = self.folder.report();
        write_json(&path, &report).map_err(Error::writing(&path))?;
        let model = self.folder.model();
        let event = match outcome {
            Outcome::Finished => PretrainEvent::Finished {
                report: path,
                model,
                helped,
                verdict,
                seconds: self.seconds(),
                peak_memory_bytes: self.state.peak_memory_bytes,
            },
            Outcome::Stopped => PretrainEvent::Stopped {
                report: Some(path),
                model: Some(model),
                step: self.state.step,
            },
        };
        self.log.send(event);
        Ok(())
    }
}
