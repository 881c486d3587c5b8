//! Searching and looking at models on a Hub on loopback.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod server;

use server::{COMMIT, Fault, Model, Server, Stored, TOKEN, bert};
use tagsmith_hub::{Hub, HubConfig, Query, Sort};
use tagsmith_protocol::Diagnose;

fn query(text: &str) -> Query {
    Query {
        text: text.into(),
        ..Query::default()
    }
}

async fn ids(hub: &Hub, query: &Query) -> Vec<String> {
    let page = hub.search(query).await.unwrap();
    page.models.into_iter().map(|model| model.id).collect()
}

fn with(id: &str, change: impl FnOnce(&mut Model)) -> Model {
    let mut model = bert(id);
    change(&mut model);
    model
}

/// A Hub with models of several kinds, the most popular first.
async fn several() -> Server {
    let server = Server::start().await;
    server.add(with("acme/bert-one", |it| it.downloads = 500));
    server.add(with("acme/longformer", |it| {
        it.downloads = 400;
        it.model_type = "longformer".into();
    }));
    server.add(with("other/roberta", |it| {
        it.downloads = 250;
        it.model_type = "roberta".into();
    }));
    server.add(with("other/bert-german", |it| {
        it.downloads = 300;
        it.language = "de".into();
        it.updated = "2026-01-01T00:00:00.000Z".into();
    }));
    server.add(with("other/bert-tagger", |it| {
        it.downloads = 200;
        it.task = Some("token-classification".into());
    }));
    server.add(with("other/bert-speech", |it| {
        it.downloads = 150;
        it.task = Some("text-to-speech".into());
    }));
    server.add(with("other/bert-only-tensorflow", |it| {
        it.downloads = 120;
        it.files
            .retain(|file| !["model.safetensors", "pytorch_model.bin"].contains(&&*file.path));
    }));
    server.add(with("other/bert-last", |it| it.downloads = 1));
    server
}

#[tokio::test]
async fn an_empty_search_lists_what_is_popular_and_can_be_fine_tuned() {
    let server = several().await;
    let found = ids(&server.hub(), &query("")).await;
    let expected = [
        "acme/bert-one",
        "other/bert-german",
        "other/roberta",
        "other/bert-tagger",
        "other/bert-last",
    ];
    assert_eq!(found, expected);
    let all = Query {
        trainable: false,
        ..query("")
    };
    let page = server.hub().search(&all).await.unwrap();
    assert_eq!(page.models.len(), 8);
    let longformer = page
        .models
        .iter()
        .find(|it| it.id == "acme/longformer")
        .unwrap();
    assert!(!longformer.trainable);
    assert_eq!(longformer.model_type.as_deref(), Some("longformer"));
}

#[tokio::test]
async fn filters_and_order_are_kept() {
    let server = several().await;
    let hub = server.hub();
    let cases: [(Query, &[&str]); 6] = [
        (query("german"), &["other/bert-german"]),
        (
            Query {
                author: Some("acme".into()),
                ..query("")
            },
            &["acme/bert-one"],
        ),
        (
            Query {
                task: Some("token-classification".into()),
                ..query("")
            },
            &["other/bert-tagger"],
        ),
        (
            Query {
                language: Some("DE".into()),
                ..query("")
            },
            &["other/bert-german"],
        ),
        (
            Query {
                language: Some("de".into()),
                trainable: false,
                ..query("")
            },
            &["other/bert-german"],
        ),
        (
            Query {
                sort: Sort::Updated,
                limit: 1,
                ..query("")
            },
            &["other/bert-german"],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&hub, &query).await, expected, "{query:?}");
    }
}

#[tokio::test]
async fn results_come_page_by_page_by_the_link_header() {
    let server = Server::start().await;
    for number in 0..25 {
        server.add(with(&format!("acme/bert-{number:02}"), |it| {
            it.downloads = 1000 - number
        }));
    }
    server.page_size(4);
    let hub = server.hub();
    let first = Query {
        limit: 10,
        ..query("")
    };
    let page = hub.search(&first).await.unwrap();
    assert!(page.more);
    assert_eq!(page.models.len(), 10);
    assert!(server.seen().len() >= 3, "one page was enough");
    let third = Query {
        offset: 20,
        ..first
    };
    let page = hub.search(&third).await.unwrap();
    let found: Vec<_> = page.models.iter().map(|it| it.id.as_str()).collect();
    let expected: Vec<_> = (20..25)
        .map(|number| format!("acme/bert-{number:02}"))
        .collect();
    assert_eq!(found, expected);
    assert!(!page.more);
}

#[tokio::test]
async fn much_that_does_not_fit_does_not_hide_what_does() {
    let server = Server::start().await;
    for number in 0..60 {
        server.add(with(&format!("acme/bert-{number:02}"), |it| {
            it.downloads = 1000 - number;
            it.task = Some("text-to-speech".into());
        }));
    }
    server.add(with("acme/bert-fits", |it| it.downloads = 1));
    let few = Query {
        limit: 3,
        ..query("")
    };
    assert_eq!(ids(&server.hub(), &few).await, ["acme/bert-fits"]);
}

#[tokio::test]
async fn an_address_or_a_whole_name_comes_first() {
    let server = several().await;
    let hub = server.hub();
    for text in [
        "https://huggingface.co/other/bert-tagger/tree/main",
        "other/bert-tagger",
    ] {
        let found = ids(&hub, &query(text)).await;
        assert_eq!(found, ["other/bert-tagger"], "{text}");
    }
    // One that is not there is no failure of the search.
    assert!(ids(&hub, &query("nobody/nothing")).await.is_empty());
}

#[tokio::test]
async fn details_tell_what_would_be_downloaded() {
    let server = Server::start().await;
    server.page_size(3);
    let model = server.add(bert("acme/bert"));
    let details = server
        .hub()
        .details("https://hf.co/acme/bert")
        .await
        .unwrap();
    assert!(details.found.trainable, "{:?}", details.reasons);
    assert_eq!(details.revision, COMMIT);
    assert_eq!(details.architecture.as_deref(), Some("BertForMaskedLM"));
    assert_eq!(details.parameters, Some(100_320));
    assert_eq!(details.about, "A small BERT\n\nMade for tests.");
    assert_eq!(details.found.license.as_deref(), Some("apache-2.0"));
    assert_eq!(details.found.languages, ["en"]);
    let paths: Vec<_> = details
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let expected = [
        "config.json",
        "tokenizer_config.json",
        "vocab.txt",
        "README.md",
        "model.safetensors",
    ];
    assert_eq!(paths, expected);
    let weights = model
        .files
        .iter()
        .find(|it| it.path == "model.safetensors")
        .unwrap();
    assert_eq!(details.files[4].sha256, Some(weights.sha256()));
    let bytes: usize = model
        .files
        .iter()
        .filter(|file| expected.contains(&file.path.as_str()))
        .map(|file| file.bytes.len())
        .sum();
    assert_eq!(details.bytes, bytes as u64);
    let json = serde_json::to_value(&details).unwrap();
    assert_eq!(json["id"], "acme/bert");
    assert_eq!(json["trainable"], true);
}

/// A file of the model with this content.
fn put(model: &mut Model, path: &str, bytes: &[u8]) {
    model.files.retain(|file| file.path != path);
    model.files.push(Stored {
        path: path.into(),
        bytes: bytes.into(),
        large: path.ends_with(".safetensors"),
    });
}

#[tokio::test]
async fn details_say_why_a_model_cannot_be_fine_tuned() {
    let server = Server::start().await;
    let config = |text: &'static [u8]| move |it: &mut Model| put(it, "config.json", text);
    server.add(with(
        "acme/longformer",
        config(br#"{"model_type": "longformer"}"#),
    ));
    server.add(with("acme/bare", |it| {
        it.files.retain(|file| file.path == "config.json")
    }));
    // One layer more than the weights have, and an activation that nobody knows.
    server.add(with(
        "acme/deep",
        config(
            br#"{"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 8,
            "num_attention_heads": 2, "vocab_size": 12445, "intermediate_size": 16,
            "type_vocab_size": 2, "max_position_embeddings": 16, "hidden_act": "gelu"}"#,
        ),
    ));
    server.add(with(
        "acme/odd",
        config(
            br#"{"model_type": "bert", "num_hidden_layers": 1, "hidden_size": 8,
            "num_attention_heads": 2, "vocab_size": 12445, "intermediate_size": 16,
            "type_vocab_size": 2, "max_position_embeddings": 16, "hidden_act": "mish"}"#,
        ),
    ));
    server.add(with("acme/cut", |it| {
        let mut weights = it.files.iter_mut();
        let weights = weights
            .find(|file| file.path == "model.safetensors")
            .unwrap();
        weights.bytes.truncate(5000);
    }));
    server.add(with("acme/adapter", |it| {
        it.files.retain(|file| file.path == "README.md");
        let text = br#"{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}"#;
        put(it, "adapter_config.json", text);
        put(it, "adapter_model.safetensors", b"");
    }));
    server.add(with("acme/pieces", |it| {
        it.files.retain(|file| file.path != "vocab.txt");
        put(it, "spm.model", b"pieces");
    }));
    let settings =
        |text: &'static [u8]| move |it: &mut Model| put(it, "tokenizer_config.json", text);
    let japanese = br#"{"tokenizer_class": "BertJapaneseTokenizer"}"#;
    server.add(with("acme/japanese", settings(japanese)));
    server.add(with("acme/split", |it| {
        let text = br#"{"tokenizer_class": "RoFormerTokenizer"}"#;
        settings(text)(it);
    }));
    server.add(with("acme/settings", settings(b"<html>")));
    let cases = [
        ("acme/longformer", vec!["`longformer` is not supported"]),
        ("acme/bare", vec!["no tokenizer", "no weights"]),
        ("acme/deep", vec!["`bert.encoder.layer.1."]),
        ("acme/odd", vec!["`hidden_act`: \"mish\""]),
        ("acme/cut", vec!["`model.safetensors` is damaged"]),
        ("acme/adapter", vec!["a LoRA adapter of `acme/base`"]),
        (
            "acme/pieces",
            vec!["`BertTokenizer` is for WordPiece, and its file holds Unigram"],
        ),
        (
            "acme/japanese",
            vec!["`BertJapaneseTokenizer` splits text into words with MeCab"],
        ),
        ("acme/split", vec!["`RoFormerTokenizer` splits text"]),
        ("acme/settings", vec!["`tokenizer_config.json` is unusable"]),
    ];
    for (id, reasons) in cases {
        let details = server.hub().details(id).await.unwrap();
        assert!(!details.found.trainable);
        assert_eq!(
            details.reasons.len(),
            reasons.len(),
            "{:?}",
            details.reasons
        );
        for (found, expected) in details.reasons.iter().zip(reasons) {
            assert!(found.contains(expected), "{found}");
        }
    }
}

/// Before a download only the file's name and the class are known. Its content is read afterwards.
#[tokio::test]
async fn a_model_with_sentencepieces_own_file_can_be_fine_tuned() {
    let server = Server::start().await;
    server.add(with("acme/pieces", |it| {
        it.files.retain(|file| file.path != "vocab.txt");
        put(it, "spm.model", b"pieces");
        let text = br#"{"tokenizer_class": "DebertaV2Tokenizer"}"#;
        put(it, "tokenizer_config.json", text);
    }));
    let details = server.hub().details("acme/pieces").await.unwrap();
    assert_eq!(details.reasons, [""; 0]);
    let files: Vec<_> = details.files.iter().map(|it| it.path.as_str()).collect();
    assert!(files.contains(&"spm.model") && files.contains(&"tokenizer_config.json"));
    // A file that is not there is not asked for.
    server.add(with("acme/bert", |it| {
        it.files.retain(|file| file.path != "tokenizer_config.json");
    }));
    let before = server.seen().len();
    server.hub().details("acme/bert").await.unwrap();
    let asked = server.seen().split_off(before);
    assert!(!asked.iter().any(|it| it.path.contains("tokenizer_config")));
}

/// Of the weights nothing is fetched but their header, also where the server knows no ranges.
#[tokio::test]
async fn before_a_download_the_header_of_the_weights_alone_is_read() {
    let server = Server::start().await;
    let model = server.add(bert("acme/bert"));
    let weights = model.files.iter();
    let weights = weights.filter(|it| it.path == "model.safetensors");
    let header = weights.map(|it| u64::from_le_bytes(it.bytes[..8].try_into().unwrap()));
    let header = header.sum::<u64>();
    let details = server.hub().details("acme/bert").await.unwrap();
    assert_eq!(details.reasons, [""; 0]);
    assert_eq!(details.max_tokens, Some(16));
    let seen = server.seen();
    let ranges: Vec<_> = seen.iter().filter(|it| it.file_host).collect();
    let ranges: Vec<_> = ranges.iter().map(|it| it.range.clone().unwrap()).collect();
    let expected = ["bytes=0-7".to_owned(), format!("bytes=8-{}", header + 7)];
    assert_eq!(ranges, expected);
    let file = "host:/blob/acme/bert/model.safetensors";
    server.fault(file, [Fault::NoRange, Fault::NoRange]);
    let details = server.hub().details("acme/bert").await.unwrap();
    assert!(details.found.trainable, "{:?}", details.reasons);
    assert_eq!(details.notes, []);
    // A file host that refuses says nothing of the model.
    server.fault(file, [Fault::Status(403, vec![])]);
    let details = server.hub().details("acme/bert").await.unwrap();
    assert!(details.found.trainable, "{:?}", details.reasons);
    assert!(details.notes[0].message.contains("before a download"));
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_distinguished() {
    let server = Server::start().await;
    server.add(bert("acme/bert"));
    server.add(with("acme/private", |it| it.private = true));
    let forbidden = Fault::Status(403, vec![]);
    server.fault("api/models/acme/forbidden", [forbidden]);
    let cases = [
        (None, "acme/nothing", "unauthorized", "needs a token"),
        (Some(TOKEN), "acme/nothing", "not-found", "check the name"),
        (None, "acme/private", "unauthorized", "needs a token"),
        (Some("hf_wrong"), "acme/bert", "unauthorized", "still valid"),
        (None, "acme/forbidden", "forbidden", "owner"),
        (None, "acme/bert@nowhere", "revision", "newest"),
        (None, "not a name", "address", "ORG/NAME"),
    ];
    for (token, id, code, hint) in cases {
        let failure = server.hub_as(token).details(id).await.unwrap_err();
        assert_eq!(failure.code(), code, "{id}: {failure}");
        assert!(
            failure.hint().unwrap_or_default().contains(hint),
            "{id}: {}",
            failure.hint().unwrap_or_default()
        );
    }
    let details = server
        .hub_as(Some(TOKEN))
        .details("acme/private")
        .await
        .unwrap();
    assert_eq!(details.found.id, "acme/private");
    assert!(server.hub().details("acme/bert@refs/pr/1").await.is_ok());
}

#[tokio::test]
async fn a_passing_failure_of_a_question_is_survived_and_a_lasting_one_told() {
    let server = Server::start().await;
    server.add(bert("acme/bert"));
    let down = || Fault::Status(503, vec![]);
    server.fault("api/models", [down(), down()]);
    assert_eq!(ids(&server.hub(), &query("")).await, ["acme/bert"]);
    // Every family is asked for, and several times.
    server.fault("api/models", vec![down(); 100]);
    let failure = server.hub().search(&query("")).await.unwrap_err();
    assert_eq!(failure.code(), "server");
    assert!(failure.to_string().contains("503"), "{failure}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_as_the_networks_failure() {
    let config = HubConfig {
        endpoint: "http://127.0.0.1:1".into(),
        ..HubConfig::default()
    };
    let quick = Server::start().await;
    drop(quick);
    let failure = Hub::new(config)
        .unwrap()
        .search(&query(""))
        .await
        .unwrap_err();
    assert_eq!(failure.code(), "network");
    assert!(failure.to_string().contains("127.0.0.1:1"), "{failure}");
}

#[tokio::test]
async fn offline_nothing_is_asked() {
    let server = Server::start().await;
    server.add(bert("acme/bert"));
    let root = tempfile::tempdir().unwrap();
    let library = tagsmith_hub::Library::at(root.path(), root.path());
    let hub = Hub::new(HubConfig {
        offline: true,
        ..server.config(None)
    })
    .unwrap();
    let never = tagsmith_hub::Cancel::default();
    let codes = [
        hub.search(&query("acme/bert")).await.unwrap_err().code(),
        hub.details("acme/bert").await.unwrap_err().code(),
        hub.download("acme/bert", &library, &never, |_| {})
            .await
            .unwrap_err()
            .code(),
    ];
    assert_eq!(codes, ["offline"; 3]);
    assert!(server.seen().is_empty());
}
