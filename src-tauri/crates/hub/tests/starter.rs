//! The real starter model, where the set-up has fetched it.

use tagsmith_hub::{Library, inspect, starter};

#[test]
fn the_starter_is_the_pinned_model_and_can_be_fine_tuned() {
    let library = Library::open();
    let Ok(folder) = library.resolve(starter::NAME) else {
        let [_, cached] = library.starter_folders();
        eprintln!("skipped: no starter model in `{}`", cached.display());
        return;
    };
    starter::manifest().verify(&folder).unwrap();
    let summary = inspect(&folder).unwrap();
    assert!(summary.trainable, "{:?}", summary.reasons);
    assert_eq!(summary.model_type.as_deref(), Some("bert"));
    assert_eq!(summary.num_hidden_layers, Some(6));
    assert_eq!(summary.hidden_size, Some(384));
    assert_eq!(summary.vocab_size, Some(30522));
    assert_eq!(summary.tokenizer.vocabulary, Some(30522));
    assert_eq!(summary.tokenizer.cased, Some(false));
    assert_eq!(summary.license.as_deref(), Some("apache-2.0"));
    assert_eq!(summary.weights.unwrap().parameters, Some(22_713_216));
}
