//! The options for settings: one for each in the protocol crate's table, or for those of augmentation.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value};
use tagsmith_protocol::{Group, Kind, Setting, TrainSettings};

/// The settings that were given, as they stand in `run.json`.
pub struct SettingOptions<const AUGMENTATION_ONLY: bool = false>(pub Map<String, Value>);

/// Those that decide how a document is changed.
pub type AugmentationOptions = SettingOptions<true>;

impl<const AUGMENTATION_ONLY: bool> SettingOptions<AUGMENTATION_ONLY> {
    /// The settings that are options here.
    fn table() -> impl Iterator<Item = &'static Setting> {
        TrainSettings::TABLE.iter().filter(|setting| {
            // How many are made, each command says in its own way.
            let is_augmentation = setting.group == Group::Augmentation && setting.name != "augment";
            !AUGMENTATION_ONLY || is_augmentation || setting.name == "seed"
        })
    }

    /// These settings, with those put in that were given.
    pub fn over(self, settings: &TrainSettings) -> Result<TrainSettings, serde_json::Error> {
        let mut object = serde_json::to_value(settings)?;
        for (name, value) in self.0 {
            object[name] = value;
        }
        serde_json::from_value(object)
    }
}

/// Settings have names that other options may have too.
fn id(setting: &Setting) -> String {
    format!("setting.{}", setting.name)
}

fn option(setting: &'static Setting) -> Arg {
    let help = format!("{} [default: {}]", setting.help, setting.default_in_words());
    let arg = Arg::new(id(setting))
        .long(setting.option())
        .aliases(setting.aliases)
        .value_name(setting.unit.unwrap_or(setting.name).to_uppercase())
        .help(help)
        .value_parser(|text: &str| setting.parse(text));
    match setting.kind {
        Kind::Flag => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Choice { choices } => {
            let names = choices.iter().map(|choice| choice.0);
            arg.value_parser(PossibleValuesParser::new(names).map(Value::from))
        }
        Kind::Number { .. } | Kind::Text | Kind::File => arg,
    }
}

impl<const AUGMENTATION_ONLY: bool> Args for SettingOptions<AUGMENTATION_ONLY> {
    fn augment_args(command: Command) -> Command {
        command.args(Self::table().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const AUGMENTATION_ONLY: bool> FromArgMatches for SettingOptions<AUGMENTATION_ONLY> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = Self::table().filter_map(|setting| {
            let value = matches.get_one::<Value>(&id(setting))?;
            Some((setting.name.to_owned(), value.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
