use super::*;
use serde_json::json;

#[test]
fn nonsense_is_refused_by_name() {
    type Spoil = fn(&mut TrainSettings);
    let cases: [(&str, Spoil); 54] = [
        ("batch_size", |s| s.batch_size = Some(0)),
        ("gradient_accumulation", |s| s.gradient_accumulation = 0),
        ("eval_batch_size", |s| s.eval_batch_size = 0),
        ("epochs", |s| s.epochs = Some(0)),
        ("learning_rate", |s| s.learning_rate = Some(-1.0)),
        ("learning_rate", |s| s.learning_rate = Some(0.0)),
        ("learning_rate", |s| s.learning_rate = Some(f64::NAN)),
        ("warmup_ratio", |s| s.warmup_ratio = 1.5),
        ("dropout", |s| s.dropout = Some(1.0)),
        ("weight_decay", |s| s.weight_decay = f64::INFINITY),
        ("checkpoint_minutes", |s| s.checkpoint_minutes = -1.0),
        ("checkpoint_minutes", |s| s.checkpoint_minutes = f64::NAN),
        ("max_length", |s| s.max_length = 7),
        ("overlap", |s| s.overlap = Some(s.max_length)),
        ("outside_weight", |s| s.outside_weight = Some(0.0)),
        ("outside_weight", |s| s.outside_weight = Some(20.5)),
        ("focal_gamma", |s| s.focal_gamma = f64::NAN),
        ("label_smoothing", |s| s.label_smoothing = 1.0),
        ("label_smoothing", |s| {
            s.loss = LossFunction::Dice;
            s.label_smoothing = 0.1;
        }),
        ("crf_learning_rate", |s| s.crf_learning_rate = Some(0.0)),
        ("class_weights", |s| {
            s.crf = true;
            s.class_weights = ClassWeights::Inverse;
        }),
        ("outside_weight", |s| {
            s.crf = true;
            s.outside_weight = Some(0.5);
        }),
        ("loss", |s| {
            s.crf = true;
            s.loss = LossFunction::Focal;
        }),
        ("label_smoothing", |s| {
            s.crf = true;
            s.label_smoothing = 0.1;
        }),
        ("r_drop", |s| {
            s.crf = true;
            s.r_drop = 1.0;
        }),
        ("resampling_threshold", |s| {
            s.resampling_threshold = Some(0.0);
        }),
        ("resampling_threshold", |s| {
            s.resampling_threshold = Some(1.0);
        }),
        ("lora_alpha", |s| s.lora_alpha = Some(0.0)),
        ("lora_dropout", |s| s.lora_dropout = 1.0),
        ("head_start", |s| {
            s.head_start = HeadStart::Fresh;
            s.keep_labels = true;
        }),
        ("frozen_layers", |s| (s.frozen_layers, s.lora_rank) = (1, 8)),
        ("layer_decay", |s| {
            (s.layer_decay, s.lora_rank) = (Some(0.9), 8)
        }),
        ("reinitialized_layers", |s| {
            (s.reinitialized_layers, s.lora_rank) = (1, 8);
        }),
        ("pretrained_decay", |s| {
            (s.pretrained_decay, s.lora_rank) = (1.0, 8);
        }),
        ("mixout", |s| (s.mixout, s.lora_rank) = (0.5, 8)),
        ("gradual_unfreezing", |s| {
            (s.gradual_unfreezing, s.lora_rank) = (1.0, 8);
        }),
        ("empty_documents", |s| s.empty_documents = -0.1),
        ("empty_documents", |s| s.empty_documents = 1.01),
        ("head_dropout", |s| s.head_dropout = Some(1.0)),
        ("layer_decay", |s| s.layer_decay = Some(0.0)),
        ("layer_decay", |s| s.layer_decay = Some(1.1)),
        ("pretrained_decay", |s| s.pretrained_decay = -1.0),
        ("mixout", |s| s.mixout = 1.0),
        ("gradual_unfreezing", |s| s.gradual_unfreezing = -1.0),
        ("gradual_unfreezing", |s| s.gradual_unfreezing = f64::NAN),
        ("ema_decay", |s| s.ema_decay = 1.0),
        ("ema_decay", |s| s.ema_decay = -0.1),
        ("r_drop", |s| s.r_drop = f64::NAN),
        ("r_drop", |s| s.r_drop = f64::INFINITY),
        ("r_drop", |s| {
            s.r_drop = 1.0;
            s.dropout = Some(0.0);
        }),
        ("r_drop", |s| {
            s.r_drop = 1.0;
            s.dropout = Some(0.0);
            s.head_dropout = Some(0.0);
        }),
        ("augment", |s| s.augment = Some(-0.5)),
        ("typo_noise", |s| s.typo_noise = 1.5),
        ("augment", |s| {
            s.augment = Some(1.0);
            for strength in [
                &mut s.mention_replacement,
                &mut s.token_replacement,
                &mut s.segment_shuffling,
                &mut s.word_dropout,
                &mut s.case_noise,
                &mut s.typo_noise,
            ] {
                *strength = 0.0;
            }
        }),
    ];
    for (setting, spoil) in cases {
        let mut settings = TrainSettings::default();
        spoil(&mut settings);
        let fault = settings.check().unwrap_err();
        assert_eq!(fault.setting, setting, "{fault}");
    }
    TrainSettings::default().check().unwrap();
}

/// A person who shortens the window never touched the overlap, and gets no error about it.
#[test]
fn a_shorter_window_does_not_complain_about_the_overlap() {
    let settings = TrainSettings {
        max_length: 64,
        ..Default::default()
    };
    settings.check().unwrap();
    let settings = TrainSettings {
        max_length: 65,
        overlap: Some(33),
        ..Default::default()
    };
    let message = settings.check().unwrap_err().to_string();
    assert_eq!(
        message,
        "`overlap` is 33, expected at most 32, half of max_length"
    );
}

#[test]
fn every_setting_is_in_the_table_with_its_default() {
    let defaults = serde_json::to_value(TrainSettings::default()).unwrap();
    let names: Vec<&String> = defaults.as_object().unwrap().keys().collect();
    let table: Vec<&str> = TrainSettings::TABLE.iter().map(|s| s.name).collect();
    assert_eq!(names, table);
    for setting in TrainSettings::TABLE {
        let default = &defaults[setting.name];
        assert_eq!(
            default.is_null(),
            setting.automatic.is_some(),
            "{setting:?}"
        );
        if let Kind::Choice { choices } = setting.kind {
            for choice in choices {
                // Serde knows the name too.
                let one = json!({ setting.name: choice.0 });
                serde_json::from_value::<TrainSettings>(one).unwrap();
            }
            assert!(default.is_null() || choices.iter().any(|choice| default == choice.0));
        }
        assert!(setting.help.ends_with('.'), "{setting:?}");
    }
}

#[test]
fn what_is_typed_becomes_a_value_or_says_what_was_expected() {
    let setting = |name: &str| {
        let found = TrainSettings::TABLE.iter().find(|s| s.name == name);
        *found.unwrap()
    };
    assert_eq!(setting("epochs").parse("3"), Ok(json!(3)));
    assert_eq!(setting("learning_rate").parse("3e-5"), Ok(json!(3e-5)));
    assert_eq!(
        setting("gradient_checkpointing").parse("true"),
        Ok(json!(true))
    );
    assert_eq!(setting("schedule").parse("cosine"), Ok(json!("cosine")));
    for (name, text, expected) in [
        ("epochs", "three", "expected a whole number, 1 or more"),
        ("epochs", "-1", "expected a whole number, 1 or more"),
        (
            "learning_rate",
            "nan",
            "expected a number between 0 and 1, such as 5e-5",
        ),
        (
            "dropout",
            "0,1",
            "expected a number from 0 up to, but not including, 1",
        ),
        ("weight_decay", "x", "expected a number, 0 or more"),
        ("empty_documents", "all", "expected a number from 0 to 1"),
        ("decoding", "beam", "expected viterbi or argmax"),
    ] {
        assert_eq!(setting(name).parse(text), Err(expected.into()));
    }
}
