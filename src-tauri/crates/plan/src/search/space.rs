//! A search space: which settings are tried, and from where to where.

use crate::error::PlanError;
use crate::results::read_json;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use tagsmith_protocol::{Facts, Kind, LossFunction, Setting, TrainSettings};

/// The values of one setting: a list, or an interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Range {
    /// These values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// From this number
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Whether all factors are alike, instead of all differences.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
}

/// Settings and their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space(pub BTreeMap<String, Range>);

/// The settings of one trial that differ from the command's own.
pub type Settings = Map<String, Value>;

/// What decides nothing about how good a model is, or must be the same for all trials.
const NO_SETTINGS_TO_SEARCH: [&str; 8] = [
    "seed",
    "init_seed",
    "refit",
    "device",
    "dev_share",
    "evaluation_share",
    "eval_batch_size",
    "checkpoint_minutes",
];

/// How often a trial is drawn again that came out as an earlier one.
const REDRAWS: usize = 1000;

fn setting(name: &str) -> Option<&'static Setting> {
    TrainSettings::TABLE
        .iter()
        .find(|setting| setting.name == name)
}

impl Space {
    /// Reads a file of JSON: `{"learning_rate": {"low": 1e-5, "high": 1e-4, "log": true}, "batch_size":
    /// {"values": [8, 16]}}`.
    ///
    /// # Errors
    /// It cannot be read, or is no such object.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        read_json(path).map_err(|failure| match failure {
            PlanError::Damaged { path, reason } => PlanError::Space {
                setting: path.display().to_string(),
                found: format!("damaged ({reason})"),
                expected: "an object of settings with their values".into(),
            },
            other => other,
        })
    }

    /// A space around what a run would choose by itself. Settings in `fixed` are left out.
    pub fn around(base: &TrainSettings, about: Facts, fixed: &Settings) -> Self {
        let mut chosen = base.clone();
        chosen.decide(about);
        let rate = chosen.learning_rate.unwrap_or(5e-5);
        let batch = chosen.batch_size();
        let interval = |low, high, log| Range {
            low: Some(low),
            high: Some(high),
            log,
            ..Range::default()
        };
        let mut space = BTreeMap::from([
            (
                "learning_rate",
                interval(rate / 4.0, (rate * 4.0).min(0.01), true),
            ),
            (
                "batch_size",
                Range {
                    values: [(batch / 2).max(1), batch, batch * 2]
                        .map(Value::from)
                        .into(),
                    ..Range::default()
                },
            ),
            ("warmup_ratio", interval(0.0, 0.2, false)),
            ("weight_decay", interval(0.001, 0.1, true)),
            ("dropout", interval(0.0, 0.3, false)),
        ]);
        if base.loss == LossFunction::CrossEntropy {
            space.insert("label_smoothing", interval(0.0, 0.1, false));
        }
        space.retain(|name, _| !fixed.contains_key(*name));
        Self(
            space
                .into_iter()
                .map(|(name, range)| (name.into(), range))
                .collect(),
        )
    }

    /// Refuses a space that cannot be searched.
    ///
    /// # Errors
    /// The first setting that is unknown or has no values, or values that a run refuses.
    pub fn check(&self, base: &TrainSettings) -> Result<(), PlanError> {
        let fault = |setting: &str, found: String, expected: &str| PlanError::Space {
            setting: setting.into(),
            found,
            expected: expected.into(),
        };
        if self.0.is_empty() {
            return Err(fault(
                "{}",
                "empty".into(),
                "at least one setting with its values",
            ));
        }
        for (name, range) in &self.0 {
            let Some(setting) = setting(name) else {
                return Err(fault(
                    name,
                    "no setting of a run".into(),
                    "a name such as `learning_rate`",
                ));
            };
            if NO_SETTINGS_TO_SEARCH.contains(&&**name) {
                return Err(fault(
                    name,
                    "the same for all trials".into(),
                    "a setting that can make a model better, such as `learning_rate`",
                ));
            }
            let found = || serde_json::to_string(range).expect("plain data");
            let values = match (range.values.is_empty(), range.low, range.high) {
                (false, None, None) if !range.log => range.values.clone(),
                (true, Some(low), Some(high)) => {
                    if !matches!(setting.kind, Kind::Number { .. }) {
                        return Err(fault(name, found(), "`values`: it is no number"));
                    }
                    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
                        return Err(fault(name, found(), "a `low` that is less than `high`"));
                    }
                    if range.log && low <= 0.0 {
                        return Err(fault(name, found(), "a `low` above 0, because of `log`"));
                    }
                    vec![range.at(setting, 0.0), range.at(setting, 1.0)]
                }
                _ => return Err(fault(name, found(), "either `values`, or `low` and `high`")),
            };
            for value in values {
                if setting.parse(&text(&value)).is_err() {
                    return Err(fault(name, value.to_string(), &setting.expected()));
                }
                check_settings(base, &Map::from_iter([(name.clone(), value)]))?;
            }
        }
        Ok(())
    }

    /// The settings of `count` trials, or of fewer where the space has not so many combinations. The first is the
    /// untouched default. The others are a Latin hypercube (McKay et al. 1979): for each setting, each of as many
    /// equal parts of its range has one trial, by chance. One that comes out as an earlier one did is drawn again
    /// as a combination that was not tried.
    pub fn trials(&self, count: usize, seed: u64) -> Vec<Settings> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut trials = vec![Settings::new(); count];
        let drawn = count.saturating_sub(1);
        for (name, range) in &self.0 {
            let mut parts: Vec<usize> = (0..drawn).collect();
            parts.shuffle(&mut random);
            for (trial, part) in trials.iter_mut().skip(1).zip(parts) {
                let share = (part as f64 + random.random::<f64>()) / drawn as f64;
                if let Some(setting) = setting(name) {
                    trial.insert(name.clone(), range.at(setting, share));
                }
            }
        }
        let mut different: Vec<Settings> = Vec::with_capacity(count);
        for trial in trials {
            let again = (0..REDRAWS).map(|_| self.draw(&mut random));
            let mut all = std::iter::once(trial).chain(again);
            let found = all.find(|trial| !different.contains(trial));
            different.extend(found);
        }
        different
    }

    /// Any combination of the space.
    fn draw(&self, random: &mut ChaCha8Rng) -> Settings {
        let value = |(name, range): (&String, &Range)| {
            let value = range.at(setting(name)?, random.random::<f64>());
            Some((name.clone(), value))
        };
        self.0.iter().filter_map(value).collect()
    }
}

impl Range {
    /// The value after a share, 0–1, of the range.
    fn at(&self, setting: &Setting, share: f64) -> Value {
        let (Some(low), Some(high)) = (self.low, self.high) else {
            let index = (share * self.values.len() as f64) as usize;
            return self.values[index.min(self.values.len() - 1)].clone();
        };
        let number = match self.log {
            true => low * (high / low).powf(share),
            false => low + (high - low) * share,
        };
        match setting.kind {
            Kind::Number { whole: true, .. } => json!(number.clamp(low, high).round() as u64),
            // Three digits are enough to be told from another trial, and can be typed.
            _ => json!(
                format!("{number:.2e}")
                    .parse::<f64>()
                    .unwrap_or(number)
                    .clamp(low, high)
            ),
        }
    }
}

/// Settings, with those of a trial put in.
///
/// # Errors
/// A value is of another type than its setting.
pub fn over(base: &TrainSettings, trial: &Settings) -> Result<TrainSettings, serde_json::Error> {
    let mut object = serde_json::to_value(base)?;
    for (name, value) in trial {
        object[name] = value.clone();
    }
    serde_json::from_value(object)
}

/// Refuses settings that a run would refuse, with those of a trial put in.
///
/// # Errors
/// The first such setting.
pub fn check_settings(base: &TrainSettings, trial: &Settings) -> Result<(), PlanError> {
    let fault = |setting: &str, found: String, expected: String| PlanError::Space {
        setting: setting.into(),
        found,
        expected,
    };
    let settings = over(base, trial).map_err(|failure| {
        let names: Vec<&str> = trial.keys().map(String::as_str).collect();
        fault(&names.join(", "), "wrong".into(), failure.to_string())
    })?;
    settings
        .check()
        .map_err(|wrong| fault(wrong.setting, wrong.found, wrong.expected))
}

/// A value as an option takes it.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The options of `train` for a trial's settings.
pub fn options(trial: &Settings) -> Vec<String> {
    let option = |(name, value): (&String, &Value)| {
        setting(name).map(|setting| format!("--{}={}", setting.option(), text(value)))
    };
    trial.iter().filter_map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: Facts = Facts {
        embeds_sentences: false,
        hidden_size: 384,
        windows: 500,
        has_dev: true,
    };

    #[test]
    fn the_default_space_is_sound_and_is_covered_evenly() {
        let base = TrainSettings::default();
        let space = Space::around(&base, ABOUT, &Settings::new());
        space.check(&base).unwrap();
        let trials = space.trials(9, 1);
        assert_eq!(trials[0], Settings::new());
        assert_eq!(trials, space.trials(9, 1));
        assert_ne!(trials, space.trials(9, 2));
        let mut rates: Vec<f64> = trials[1..]
            .iter()
            .map(|t| t["learning_rate"].as_f64().unwrap())
            .collect();
        rates.sort_by(f64::total_cmp);
        // Each of eight equal factors of 7.5e-5 to 1.2e-3 has one.
        for (part, rate) in rates.iter().enumerate() {
            let bound = |part: usize| 7.5e-5 * 16f64.powf(part as f64 / 8.0);
            assert!(
                bound(part) * 0.99 <= *rate && *rate <= bound(part + 1) * 1.01,
                "{rates:?}"
            );
        }
        for trial in &trials {
            over(&base, trial).unwrap().check().unwrap();
        }
    }

    #[test]
    fn no_trial_is_drawn_twice() {
        let space = |text| serde_json::from_str::<Space>(text).unwrap();
        let one = space(r#"{"learning_rate": {"values": [0.0001]}}"#);
        assert_eq!(one.trials(5, 1).len(), 2);
        let six =
            space(r#"{"batch_size": {"values": [4, 8]}, "dropout": {"values": [0, 0.1, 0.2]}}"#);
        let mut trials = six.trials(20, 1);
        assert_eq!((trials.len(), six.trials(5, 1).len()), (7, 5));
        trials.sort_by_key(options);
        trials.dedup();
        assert_eq!(trials.len(), 7);
    }

    #[test]
    fn settings_that_were_given_are_not_searched() {
        let fixed = Map::from_iter([("learning_rate".to_owned(), json!(1e-4))]);
        let base = TrainSettings {
            loss: LossFunction::Focal,
            ..TrainSettings::default()
        };
        let space = Space::around(&base, ABOUT, &fixed);
        assert!(!space.0.contains_key("learning_rate") && !space.0.contains_key("label_smoothing"));
        space.check(&base).unwrap();
    }

    #[test]
    fn a_faulty_space_is_refused_by_the_setting() {
        for (space, says) in [
            ("{}", "at least one setting"),
            (
                r#"{"learnin_rate": {"low": 1, "high": 2}}"#,
                "`learnin_rate` is no setting",
            ),
            (r#"{"seed": {"values": [1, 2]}}"#, "`seed`"),
            (
                r#"{"dropout": {"low": 0.3, "high": 0.1}}"#,
                "less than `high`",
            ),
            (
                r#"{"dropout": {"low": 0, "high": 0.1, "log": true}}"#,
                "above 0",
            ),
            (r#"{"dropout": {"low": 0}}"#, "either `values`"),
            (
                r#"{"dropout": {"low": 0, "high": 1.5}}"#,
                "`dropout` is 1.5",
            ),
            (r#"{"loss": {"low": 0, "high": 1}}"#, "it is no number"),
            (
                r#"{"loss": {"values": ["focal", "focus"]}}"#,
                "cross-entropy, focal or dice",
            ),
            (r#"{"batch_size": {"values": [0]}}"#, "whole number"),
            (r#"{"batch_size": {"values": []}}"#, "either `values`"),
        ] {
            let space: Space = serde_json::from_str(space).unwrap();
            let said = space
                .check(&TrainSettings::default())
                .unwrap_err()
                .to_string();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn options_are_written_as_train_takes_them() {
        let trial =
            json!({"learning_rate": 3e-5, "loss": "focal", "scheme": "io", "batch_size": 8});
        let options = options(trial.as_object().unwrap());
        assert_eq!(
            options,
            [
                "--learning-rate=0.00003",
                "--loss=focal",
                "--model-scheme=io",
                "--batch-size=8"
            ]
        );
    }
}
