//! What a setting is: its words, its range, and the check of a value against them.

use crate::{
    ClassWeights, Decoding, HeadStart, LoraTargets, LossFunction, MomentPrecision, Precision,
    Resampling, Schedule, Scheme,
};
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt;
use std::path::PathBuf;

/// Everything about one setting but its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Setting {
    /// Its name in `run.json`.
    pub name: &'static str,
    /// Its option on the command line, without the dashes, where that is not the name with hyphens.
    #[serde(skip)]
    pub option: Option<&'static str>,
    /// Older names of that option.
    #[serde(skip)]
    pub aliases: &'static [&'static str],
    /// What forms call it.
    pub title: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// Its values.
    pub kind: Kind,
    /// The unit of the value.
    pub unit: Option<&'static str>,
    /// What the engine chooses for `null`, where that is allowed.
    pub automatic: Option<&'static str>,
    /// A value to copy.
    pub example: Option<&'static str>,
    /// A bound that depends on something else.
    pub limit: Option<Limit>,
    /// With which others it is shown.
    pub group: Group,
    /// Whether the window's form shows it.
    pub in_window: bool,
}

/// The groups of settings in the window's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What everybody looks at.
    Basic,
    /// Windows and the data in them.
    Length,
    /// Optimiser.
    Optimiser,
    /// What stands on the encoder.
    Head,
    /// What helps labels that are rare.
    Balance,
    /// What keeps a model from learning its training set by heart.
    Regularisation,
    /// Training documents made of others.
    Augmentation,
    /// Adapters (LoRA).
    Adapter,
    /// Labels that the base model already has.
    Labels,
    /// Memory and speed.
    Memory,
    /// Tags and scores.
    Scoring,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A number.
    Number {
        /// Whether it has no fraction.
        whole: bool,
        /// The smallest value.
        min: f64,
        /// Whether the smallest value itself is excluded.
        above: bool,
        /// All values are less than this.
        below: Option<f64>,
        /// Whether they may also equal it.
        closed: bool,
    },
    /// Yes or no.
    Flag,
    /// One of several names.
    Choice {
        /// All of them.
        choices: &'static [Choice],
    },
    /// Any text.
    Text,
    /// The path of a file.
    File,
}

/// A value, and what forms call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Choice(pub &'static str, pub &'static str);

/// A largest value that depends on something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Half of another setting.
    HalfOf(&'static str),
    /// The number of layers of the model.
    LayersOfModel,
}

pub(super) const CHOICES_OF_SCHEME: &[Choice] = &[
    Choice("iob2", "IOB2"),
    Choice("iob1", "IOB1"),
    Choice("io", "IO"),
    Choice("bioes", "BIOES"),
    Choice("bilou", "BILOU"),
    Choice("bmes", "BMES"),
];

/// Whole numbers from `min`.
pub(super) const fn whole(min: u32) -> Kind {
    Kind::Number {
        whole: true,
        min: min as f64,
        above: false,
        below: None,
        closed: false,
    }
}

/// Numbers from `min` and less than `below`.
pub(super) const fn decimal(min: f64, below: Option<f64>) -> Kind {
    Kind::Number {
        whole: false,
        min,
        above: false,
        below,
        closed: false,
    }
}

/// Numbers from `min` to `max`, both included.
pub(super) const fn range(min: f64, max: f64) -> Kind {
    Kind::Number {
        whole: false,
        min,
        above: false,
        below: Some(max),
        closed: true,
    }
}

/// One of these.
pub(super) const fn choice(choices: &'static [Choice]) -> Kind {
    Kind::Choice { choices }
}

impl Kind {
    /// The same numbers without the smallest.
    pub(super) const fn above_min(self) -> Self {
        match self {
            Self::Number {
                whole,
                min,
                below,
                closed,
                ..
            } => Self::Number {
                whole,
                min,
                above: true,
                below,
                closed,
            },
            other => other,
        }
    }
}

/// A setting that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingFault {
    /// Its name in `run.json`.
    pub setting: &'static str,
    /// Its value.
    pub found: String,
    /// What would have been accepted.
    pub expected: String,
}

/// The value of a setting as the checks see it.
pub(super) enum Value {
    Number(f64),
    /// Left to the engine.
    Automatic,
    /// Anything that its type alone keeps right.
    Other,
    /// There is no such setting.
    Missing,
}

impl Value {
    /// The value, where it is a number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

macro_rules! values {
    ($($type:ty => $made:expr),* $(,)?) => {
        $(impl From<&$type> for Value {
            fn from(value: &$type) -> Self {
                let made: fn(&$type) -> Self = $made;
                made(value)
            }
        })*
    };
}

values! {
    usize => |value| Self::Number(*value as f64),
    u64 => |value| Self::Number(*value as f64),
    f64 => |value| Self::Number(*value),
    Option<u64> => |value| value.as_ref().map_or(Self::Automatic, Self::from),
    Option<usize> => |value| value.as_ref().map_or(Self::Automatic, Self::from),
    Option<f64> => |value| value.as_ref().map_or(Self::Automatic, Self::from),
    Option<PathBuf> => |value| value.as_ref().map_or(Self::Automatic, |_| Self::Other),
    bool => |_| Self::Other,
    Option<bool> => |value| value.map_or(Self::Automatic, |_| Self::Other),
    String => |_| Self::Other,
    Option<Schedule> => |value| value.map_or(Self::Automatic, |_| Self::Other),
    Decoding => |_| Self::Other,
    Precision => |_| Self::Other,
    ClassWeights => |_| Self::Other,
    LossFunction => |_| Self::Other,
    Option<Resampling> => |value| value.map_or(Self::Automatic, |_| Self::Other),
    LoraTargets => |_| Self::Other,
    MomentPrecision => |_| Self::Other,
    HeadStart => |_| Self::Other,
    Scheme => |_| Self::Other,
}

/// A setting with the sentence that says what it takes, for forms.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct SettingField {
    /// The setting.
    #[serde(flatten)]
    pub setting: Setting,
    /// The values that it takes, to be read after “expected” or “enter”.
    pub expected: String,
}

impl From<&Setting> for SettingField {
    fn from(setting: &Setting) -> Self {
        Self {
            setting: *setting,
            expected: setting.expected(),
        }
    }
}

impl Setting {
    pub(super) const fn new(
        name: &'static str,
        title: &'static str,
        help: &'static str,
        kind: Kind,
    ) -> Self {
        Self {
            name,
            option: None,
            aliases: &[],
            title,
            help,
            kind,
            unit: None,
            automatic: None,
            example: None,
            limit: None,
            group: Group::Basic,
            in_window: true,
        }
    }

    /// Its option on the command line, without the dashes.
    pub fn option(&self) -> String {
        let own = self.option.map(str::to_owned);
        own.unwrap_or_else(|| self.name.replace('_', "-"))
    }

    /// The values that it takes, to be read after “expected”.
    pub fn expected(&self) -> String {
        let expected = match self.kind {
            Kind::Number {
                whole: true, min, ..
            } => format!("a whole number, {min} or more"),
            Kind::Number {
                min,
                below: None | Some(100.0..),
                ..
            } => format!("a number, {min} or more"),
            Kind::Number {
                min,
                above: true,
                below: Some(below),
                ..
            } => format!("a number between {min} and {below}"),
            Kind::Number {
                min,
                below: Some(below),
                closed: true,
                ..
            } => format!("a number from {min} to {below}"),
            Kind::Number {
                min,
                below: Some(below),
                ..
            } => format!("a number from {min} up to, but not including, {below}"),
            Kind::Flag => "true or false".into(),
            Kind::Choice { choices } => {
                let names: Vec<&str> = choices.iter().map(|choice| choice.0).collect();
                let (last, first) = names.split_last().unwrap_or((&"", &[]));
                format!("{} or {last}", first.join(", "))
            }
            Kind::Text => "a text".into(),
            Kind::File => "a file".into(),
        };
        match self.example {
            Some(example) => format!("{expected}, such as {example}"),
            None => expected,
        }
    }

    /// Its default in words: the value, or what the engine chooses.
    pub fn default_in_words(&self) -> String {
        let defaults = serde_json::to_value(crate::TrainSettings::default()).unwrap_or_default();
        match (self.automatic, &defaults[self.name]) {
            (Some(automatic), _) => automatic.into(),
            (None, Json::String(text)) => text.clone(),
            // 10 and not 10.0.
            (None, Json::Number(number)) => number.as_f64().unwrap_or_default().to_string(),
            (None, value) => value.to_string(),
        }
    }

    /// The JSON value that a text on the command line stands for. Its range is for [`TrainSettings::check`]
    /// to judge.
    ///
    /// # Errors
    /// What was expected, where the text is of another type.
    ///
    /// [`TrainSettings::check`]: crate::TrainSettings::check
    pub fn parse(&self, text: &str) -> Result<Json, String> {
        let expected = || format!("expected {}", self.expected());
        match self.kind {
            Kind::Number { whole: true, .. } => {
                text.parse::<u64>().map(Json::from).map_err(|_| expected())
            }
            Kind::Number { .. } => text
                .parse()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .map(Json::Number)
                .ok_or_else(expected),
            Kind::Flag => text.parse::<bool>().map(Json::Bool).map_err(|_| expected()),
            Kind::Choice { choices } => match choices.iter().any(|choice| choice.0 == text) {
                true => Ok(text.into()),
                false => Err(expected()),
            },
            Kind::Text | Kind::File => Ok(text.into()),
        }
    }

    /// Refuses a value out of range, or above `limit`, which comes with its words.
    pub(super) fn check(
        &self,
        value: &Value,
        limit: Option<(f64, String)>,
    ) -> Result<(), SettingFault> {
        let (
            Value::Number(number),
            Kind::Number {
                min,
                above,
                below,
                closed,
                ..
            },
        ) = (value, self.kind)
        else {
            return Ok(());
        };
        let fault = |expected| {
            Err(SettingFault {
                setting: self.name,
                found: number.to_string(),
                expected,
            })
        };
        let is_in_range = match above {
            true => *number > min,
            false => *number >= min,
        } && below
            .is_none_or(|below| *number < below || (closed && *number <= below));
        match limit {
            _ if !is_in_range => fault(self.expected()),
            Some((most, expected)) if *number > most => fault(expected),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for SettingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            found,
            expected,
        } = self;
        write!(f, "`{setting}` is {found}, expected {expected}")
    }
}

impl std::error::Error for SettingFault {}
