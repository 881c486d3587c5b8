//! The options of `train` for settings: one for each in the protocol crate's table.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value};
use tagsmith_protocol::{Kind, Setting, TrainSettings};

/// The settings that were given, as they stand in `run.json`.
pub struct SettingOptions(pub Map<String, Value>);

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
        Kind::Number { .. } | Kind::Text => arg,
    }
}

impl Args for SettingOptions {
    fn augment_args(command: Command) -> Command {
        command.args(TrainSettings::TABLE.iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = TrainSettings::TABLE.iter().filter_map(|setting| {
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
