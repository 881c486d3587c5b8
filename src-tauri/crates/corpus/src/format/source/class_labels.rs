//! Finds the names of the tags in the description of a Hugging Face data set.

use serde_json::Value;

/// The names of the first feature that has some, those of `ner_tags` before all others.
pub(super) fn find(description: &[u8]) -> Option<Vec<String>> {
    let value: Value = serde_json::from_slice(description).ok()?;
    let features = features(&value)?;
    let own = ["ner_tags", "tags", "labels"]
        .iter()
        .find_map(|key| names(features.get(*key)?));
    own.or_else(|| features.as_object()?.values().find_map(names))
}

/// `dataset_infos.json` has one description for each configuration.
fn features(value: &Value) -> Option<&Value> {
    value.get("features").or_else(|| {
        value
            .as_object()?
            .values()
            .find_map(|config| config.get("features"))
    })
}

/// `{"feature": {"names": […], "_type": "ClassLabel"}, "_type": "Sequence"}`, or the inner part of it, or
/// a list of one such part.
fn names(feature: &Value) -> Option<Vec<String>> {
    if let Some(names) = feature.get("names").and_then(Value::as_array) {
        return names
            .iter()
            .map(|name| Some(name.as_str()?.to_owned()))
            .collect();
    }
    let inner = feature
        .get("feature")
        .or_else(|| feature.as_array()?.first())?;
    names(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_all_spellings() {
        let label = r#"{"names": ["O", "B-X"], "_type": "ClassLabel"}"#;
        let other = r#"{"names": ["NN"], "_type": "ClassLabel"}"#;
        let expected = Some(vec!["O".to_owned(), "B-X".to_owned()]);
        for text in [
            format!(
                r#"{{"features": {{"pos": {{"feature": {other}}}, "ner_tags": {{"feature": {label}, "_type": "Sequence"}}}}}}"#
            ),
            format!(r#"{{"default": {{"features": {{"tokens": {{}}, "ner_tags": [{label}]}}}}}}"#),
            format!(r#"{{"features": {{"id": {{"dtype": "string"}}, "x": {label}}}}}"#),
        ] {
            assert_eq!(find(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(find(b"{}"), None);
        assert_eq!(find(b"not json"), None);
    }
}
