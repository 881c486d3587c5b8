//! Fixtures and small runs.
#![allow(dead_code)] // each test file uses a part

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::{Input, SequenceOffsets, TokenClassifier};
use tagsmith_protocol::{Event, Resampling, TimestampedEvent, TrainConfig, TrainSettings};
use tagsmith_tagger::{Control, Error, Outcome, resume, train};
use tagsmith_testing::tiny;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Sentences that the tiny model's word list covers, as CoNLL text.
pub fn sentences(count: usize) -> String {
    let places = ["oslo", "ship", "port"];
    let verbs = ["in", "the", "at"];
    (0..count)
        .map(|i| {
            let place = places[i % 3];
            let verb = verbs[i / 3 % 3];
            let more = "the\tO\n".repeat(i % 5);
            format!(
                "{verb}\tO\n{more}{place}\tB-LOC\n{}\n",
                if i % 4 == 0 { "berg\tI-LOC\n" } else { "" }
            )
        })
        .collect()
}

/// Four sentences of unequal lengths, a batch of [`Small`]: parts of it have unequally many words.
pub const A_BATCH: &str = "the\tO\nship\tB-LOC\n\nin\tO\nthe\tO\nport\tB-LOC\nat\tO\noslo\tB-LOC\n\nberg\tB-LOC\n\n\
                           the\tO\nthe\tO\nin\tO\nat\tO\nthe\tO\noslo\tB-LOC\nberg\tI-LOC\n\n";

/// A folder with `train.conll` and `dev.conll`, and a configuration for a quick run on them.
pub struct Small {
    pub folder: tempfile::TempDir,
    pub config: TrainConfig,
}

impl Small {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let config = TrainConfig {
            model: tiny("bert-no-prefix"),
            train: write("train.conll", sentences(23)),
            dev: Some(write("dev.conll", sentences(7))),
            settings: TrainSettings {
                epochs: Some(3),
                batch_size: Some(4),
                learning_rate: Some(1e-3),
                max_length: 24,
                overlap: Some(6),
                // So that the windows of an epoch are those of the file.
                augment: Some(0.0),
                resampling: Some(Resampling::None),
                ..TrainSettings::default()
            },
            ..TrainConfig::default()
        };
        Self { folder, config }
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Trains into `name`, and stops after `stop_after` steps if given. The events as JSON.
    pub fn train(
        &self,
        name: &str,
        stop_after: Option<usize>,
    ) -> (Result<Outcome, Error>, Vec<Value>) {
        watched(stop_after, |control, listener| {
            train(self.config.clone(), &self.out(name), control, listener)
        })
    }
}

/// Runs `small` whole, and stopped after each of these steps and resumed: losses and weights must be equal to
/// the bit. The events of the whole run.
pub fn assert_resumes_to_the_bit<const N: usize>(small: &Small, stops: [usize; N]) -> Vec<Value> {
    let weights = |run: &str| weights(&small.out(run));
    let (_, whole) = small.train("whole", None);
    for stop_after in stops {
        let name = format!("stopped-{stop_after}");
        let (result, mut events) = small.train(&name, Some(stop_after));
        assert_eq!(result.unwrap(), Outcome::Stopped);
        let (result, rest) = watched(None, |control, listener| {
            resume(&small.out(&name), control, listener)
        });
        assert_eq!(result.unwrap(), Outcome::Finished);
        events.extend(rest);
        assert_eq!(losses(&events), losses(&whole), "after {stop_after}");
        assert_eq!(weights(&name), weights("whole"), "after {stop_after}");
    }
    whole
}

/// Runs `small` whole, and as one that was killed before its first checkpoint and is resumed: losses and weights must
/// be equal to the bit. The folder of the second; the first is `whole`.
pub fn assert_begins_again(small: &Small) -> PathBuf {
    let (_, whole) = small.train("whole", None);
    small.train("run", Some(3)).0.unwrap();
    let run = small.out("run");
    for left in ["checkpoints", "model"] {
        std::fs::remove_dir_all(run.join(left)).unwrap();
    }
    std::fs::remove_file(run.join("report.json")).unwrap();
    let (result, events) = watched(None, |control, listener| resume(&run, control, listener));
    assert_eq!(result.unwrap(), Outcome::Finished);
    assert_eq!(losses(&events), losses(&whole));
    assert_eq!(weights(&run), weights(&small.out("whole")));
    run
}

/// The weights of a run's model, as bytes.
pub fn weights(run: &Path) -> Vec<u8> {
    std::fs::read(run.join("model/model.safetensors")).unwrap()
}

/// Collects events, and stops after a step.
pub fn watched(
    stop_after: Option<usize>,
    work: impl FnOnce(&Control, &mut dyn FnMut(&TimestampedEvent)) -> Result<Outcome, Error>,
) -> (Result<Outcome, Error>, Vec<Value>) {
    let control = Control::default();
    let mut events = Vec::new();
    let result = work(&control, &mut |event| {
        if let Event::Step { step, .. } = &event.event
            && Some(*step) == stop_after
        {
            control.stop.store(true, Ordering::Relaxed);
        }
        events.push(serde_json::to_value(event).unwrap());
    });
    (result, events)
}

/// The events of one kind.
pub fn only<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["event"] == kind)
        .collect()
}

/// The messages of the warnings of a kind.
pub fn warnings<'a>(events: &'a [Value], code: &str) -> Vec<&'a str> {
    only(events, "warning")
        .iter()
        .filter(|event| event["code"] == code)
        .map(|event| event["message"].as_str().unwrap())
        .collect()
}

/// The losses of the steps, as bits.
pub fn losses(events: &[Value]) -> Vec<(u64, u64)> {
    only(events, "step")
        .iter()
        .map(|event| {
            (
                event["step"].as_u64().unwrap(),
                event["loss"].as_f64().unwrap().to_bits(),
            )
        })
        .collect()
}

/// A batch that a reference has padded; here the real positions alone stand one after the other.
pub struct ReferenceBatch {
    ids: Vec<i64>,
    types: Vec<i64>,
    offsets: SequenceOffsets,
    scored: Vec<i64>,
    targets: Vec<i64>,
    device: Device,
}

impl ReferenceBatch {
    pub fn new(reference: &Value, device: &Device) -> Self {
        let of = |name: &str| rows(&reference[name]);
        let mask = of("attention_mask");
        let real: Vec<bool> = mask.concat().iter().map(|m| *m == 1).collect();
        let kept = |values: Vec<Vec<i64>>| -> Vec<i64> {
            let values = values.concat();
            let pairs = values.iter().zip(&real);
            pairs.filter(|(_, real)| **real).map(|(v, _)| *v).collect()
        };
        let labels = kept(of("labels"));
        let scored: Vec<i64> = (0..labels.len())
            .filter(|at| labels[*at] >= 0)
            .map(|at| at as i64)
            .collect();
        Self {
            ids: kept(of("input_ids")),
            types: kept(of("token_type_ids")),
            offsets: SequenceOffsets::new(mask.iter().map(|row| row.iter().sum::<i64>() as usize)),
            targets: scored.iter().map(|at| labels[*at as usize]).collect(),
            scored,
            device: device.clone(),
        }
    }

    /// The mean loss of a model on the same device.
    pub fn loss(&self, model: &TokenClassifier) -> Tensor<1> {
        let ints = |values: &[i64]| {
            let data = TensorData::new(values.to_vec(), [values.len()]);
            Tensor::<1, Int>::from_data(data, &self.device)
        };
        let input = Input {
            ids: ints(&self.ids),
            types: ints(&self.types),
            offsets: self.offsets.clone(),
        };
        let logits = model.logits_at(input, ints(&self.scored));
        Kernels::Cpu.cross_entropy(logits, ints(&self.targets), self.scored.len() as f64)
    }
}

fn rows(value: &Value) -> Vec<Vec<i64>> {
    let row = |row: &Value| -> Vec<i64> {
        let numbers = row.as_array().unwrap().iter();
        numbers.map(|n| n.as_i64().unwrap()).collect()
    };
    value.as_array().unwrap().iter().map(row).collect()
}
