//! A Hub on loopback that answers as the real one does, faults included: listings page by page with
//! `Link`, large files by redirect to a second host with a signed address, hashes in headers, ranges.
#![allow(
    dead_code,
    reason = "each test program uses its own part of the server"
)]

mod answers;
mod files;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, Uri, header};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use tagsmith_hub::{Hub, HubConfig, RetryPolicy, Token};
use tokio::net::TcpListener;

/// The token that the server accepts.
pub const TOKEN: &str = "hf_SecretOfTheTests";
/// What signs the addresses of the file host.
pub const SIGNATURE: &str = "SignatureNobodyMaySee";
/// The commit of every model.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What goes wrong, once, with the next request for a path.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// Bytes of the right number, one of them wrong.
    Wrong,
    /// The first bytes come, and then nothing.
    Stall(usize),
    /// Ranges are not known: the whole file comes.
    NoRange,
}

/// A file of a model.
#[derive(Clone)]
pub struct Stored {
    pub path: String,
    pub bytes: Vec<u8>,
    /// Kept on the file host, as the Hub does with all that is not small.
    pub large: bool,
}

impl Stored {
    pub fn sha256(&self) -> String {
        use sha2::Digest as _;
        hex(&Sha256::digest(&self.bytes))
    }

    /// Git's hash of the content.
    pub fn git(&self) -> String {
        use sha1::Digest as _;
        let mut hash = Sha1::new();
        hash.update(format!("blob {}\0", self.bytes.len()));
        hash.update(&self.bytes);
        hex(&hash.finalize())
    }
}

/// A model on the server.
#[derive(Clone)]
pub struct Model {
    pub id: String,
    pub downloads: u64,
    pub updated: String,
    pub model_type: String,
    pub task: Option<String>,
    pub language: String,
    pub private: bool,
    pub gated: bool,
    pub files: Vec<Stored>,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Whether at the file host.
    pub file_host: bool,
    pub method: Method,
    pub path: String,
    pub query: String,
    pub range: Option<String>,
    pub authorization: Option<String>,
}

#[derive(Default)]
struct Inner {
    models: Vec<Model>,
    faults: HashMap<String, Vec<Fault>>,
    seen: Vec<Seen>,
    /// Most items of a page, whatever is asked for.
    page: usize,
}

/// Both hosts, up until they are dropped with the test's runtime.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Mutex<Inner>>,
    hub: String,
    files: String,
}

impl Server {
    pub async fn start() -> Self {
        let hub = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let files = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            inner: Arc::new(Mutex::new(Inner {
                page: 100,
                ..Inner::default()
            })),
            hub: format!("http://{}", hub.local_addr().unwrap()),
            files: format!("http://{}", files.local_addr().unwrap()),
        };
        for (listener, file_host) in [(hub, false), (files, true)] {
            let server = server.clone();
            let router = Router::new().fallback(move |request: Request| {
                let server = server.clone();
                async move {
                    server.note(&request, file_host);
                    match file_host {
                        true => files::answer(&server, &request),
                        false => answers::answer(&server, &request),
                    }
                }
            });
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        server
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn note(&self, request: &Request, file_host: bool) {
        let text = |name| {
            let value = request.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let uri: &Uri = request.uri();
        self.inner().seen.push(Seen {
            file_host,
            method: request.method().clone(),
            path: uri.path().into(),
            query: uri.query().unwrap_or_default().into(),
            range: text(header::RANGE),
            authorization: text(header::AUTHORIZATION),
        });
    }

    pub fn address(&self) -> String {
        self.hub.clone()
    }

    pub fn file_host(&self) -> String {
        self.files.clone()
    }

    pub fn add(&self, model: Model) -> Model {
        self.inner().models.push(model.clone());
        model
    }

    /// The next requests for `path` (the end of an address) go wrong, one fault after the other.
    pub fn fault(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.inner()
            .faults
            .entry(path.into())
            .or_default()
            .extend(faults);
    }

    pub fn clear_faults(&self) {
        self.inner().faults.clear();
    }

    fn take_fault(&self, path: &str) -> Option<Fault> {
        let mut inner = self.inner();
        let key = inner
            .faults
            .iter()
            .find(|(end, faults)| path.ends_with(end.as_str()) && !faults.is_empty())
            .map(|(end, _)| end.clone())?;
        Some(inner.faults.get_mut(&key)?.remove(0))
    }

    pub fn page_size(&self, items: usize) {
        self.inner().page = items;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.inner().seen.clone()
    }

    pub fn forget_seen(&self) {
        self.inner().seen.clear();
    }

    /// A client of this server that does not wait long.
    pub fn hub(&self) -> Hub {
        self.hub_as(None)
    }

    pub fn hub_as(&self, token: Option<&str>) -> Hub {
        let quick = RetryPolicy {
            attempts: 4,
            first: Duration::from_millis(5),
            longest: Duration::from_millis(20),
            longest_retry_after: Duration::from_secs(3),
        };
        Hub::new(self.config(token))
            .unwrap()
            .with_retries(quick.clone(), quick)
    }

    pub fn config(&self, token: Option<&str>) -> HubConfig {
        HubConfig {
            endpoint: self.address(),
            proxy: None,
            token: token.map(|token| Token::new(token).unwrap()),
            offline: false,
        }
    }
}

/// A small BERT with everything that a repository usually has, needed or not.
pub fn bert(id: &str) -> Model {
    let config = r#"{"architectures": ["BertForMaskedLM"], "model_type": "bert",
        "num_hidden_layers": 1, "hidden_size": 8, "num_attention_heads": 2, "vocab_size": 12445,
        "intermediate_size": 16, "type_vocab_size": 2, "max_position_embeddings": 16, "hidden_act": "gelu", "layer_norm_eps": 1e-12}"#;
    let mut vocabulary = String::from("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    for number in 5..40 {
        vocabulary.push_str(&format!("word{number}\n"));
    }
    let card =
        "---\nlicense: apache-2.0\nlanguage: en\n---\n# A small BERT\n\nMade for <b>tests</b>.\n";
    let file = |path: &str, bytes: &[u8], large| Stored {
        path: path.into(),
        bytes: bytes.into(),
        large,
    };
    Model {
        id: id.into(),
        downloads: 100,
        updated: "2024-02-19T11:02:26.000Z".into(),
        model_type: "bert".into(),
        task: Some("fill-mask".into()),
        language: "en".into(),
        private: false,
        gated: false,
        files: vec![
            file(".gitattributes", b"*.bin filter=lfs", false),
            file("README.md", card.as_bytes(), false),
            file("config.json", config.as_bytes(), false),
            file("model.safetensors", &weights(), true),
            file("onnx/model.onnx", b"onnx", true),
            file("pytorch_model.bin", b"pickle", true),
            file("tf_model.h5", b"tensorflow", true),
            file(
                "tokenizer_config.json",
                br#"{"do_lower_case": true}"#,
                false,
            ),
            file("vocab.txt", vocabulary.as_bytes(), false),
        ],
    }
}

/// The weights of that model with its pre-training head left out, some 400 kB.
fn weights() -> Vec<u8> {
    let layer = |part: &str| format!("bert.encoder.layer.0.{part}");
    let mut tensors: Vec<(String, Vec<usize>)> = vec![
        (
            "bert.embeddings.word_embeddings.weight".into(),
            vec![12445, 8],
        ),
        (
            "bert.embeddings.position_embeddings.weight".into(),
            vec![16, 8],
        ),
        (
            "bert.embeddings.token_type_embeddings.weight".into(),
            vec![2, 8],
        ),
    ];
    let linear = [
        ("attention.self.query", [8, 8]),
        ("attention.self.key", [8, 8]),
        ("attention.self.value", [8, 8]),
        ("attention.output.dense", [8, 8]),
        ("intermediate.dense", [16, 8]),
        ("output.dense", [8, 16]),
    ];
    for (part, shape) in linear {
        tensors.push((layer(&format!("{part}.weight")), shape.into()));
        tensors.push((layer(&format!("{part}.bias")), vec![shape[0]]));
    }
    for part in [
        "bert.embeddings".to_owned(),
        layer("attention.output"),
        layer("output"),
    ] {
        tensors.push((format!("{part}.LayerNorm.weight"), vec![8]));
        tensors.push((format!("{part}.LayerNorm.bias"), vec![8]));
    }
    let (mut end, mut header) = (0, serde_json::Map::new());
    for (name, shape) in tensors {
        let begin = end;
        end += 4 * shape.iter().product::<usize>();
        let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, end]});
        header.insert(name, entry);
    }
    let header = Value::from(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    // Bytes that differ along the file, so that a part put in a wrong place is noticed.
    bytes.extend((0..end).map(|at| (at % 251) as u8));
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
