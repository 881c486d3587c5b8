//! What the Hub itself answers: listings, descriptions, trees, and files or where they are.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::files::{faulty, send};
use super::{COMMIT, Model, SIGNATURE, Server, TOKEN};

pub fn answer(server: &Server, request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let query = request.uri().query().unwrap_or_default();
    let authorization = request.headers().get(header::AUTHORIZATION);
    let fault = server.take_fault(&path);
    if let Some(super::Fault::Status(status, headers)) = &fault {
        return faulty(*status, headers);
    }
    if authorization.is_some_and(|value| value != format!("Bearer {TOKEN}").as_str()) {
        return refuse(401, None, "Invalid credentials in Authorization header");
    }
    if path == "api/models" {
        return list(server, query);
    }
    let parts: Vec<&str> = path.split('/').collect();
    let api = parts.starts_with(&["api", "models"]);
    let parts = if api { &parts[2..] } else { &parts[..] };
    let views = ["revision", "tree", "resolve"];
    let view = parts.iter().position(|part| views.contains(part));
    let id = parts[..view.unwrap_or(parts.len())].join("/");
    let rest = view.map_or(&[][..], |at| &parts[at..]);
    let found = server.inner().models.iter().find(|it| it.id == id).cloned();
    let Some(model) = found.filter(|it| !it.private || authorization.is_some()) else {
        // Without a token the answer does not show whether a model is private or absent.
        return match authorization {
            None => refuse(401, None, "Invalid username or password."),
            Some(_) => refuse(404, Some("RepoNotFound"), "Repository not found"),
        };
    };
    let revision = rest.get(1).copied().unwrap_or("main");
    if ![COMMIT, "main", "refs%2Fpr%2F1"].contains(&revision) {
        return refuse(404, Some("RevisionNotFound"), "Invalid rev id");
    }
    match (api, rest.first().copied()) {
        (true, None | Some("revision")) => json_answer(&describe(&model), None),
        (true, Some("tree")) => tree(server, &model, request.uri().path(), query),
        (false, Some("resolve")) => {
            if model.gated && authorization.is_none() {
                return refuse(401, Some("GatedRepo"), "Access to this model is restricted");
            }
            let name = rest[2..].join("/");
            resolve(server, &model, &name, request, fault)
        }
        _ => refuse(404, None, "Not found"),
    }
}

fn resolve(
    server: &Server,
    model: &Model,
    name: &str,
    request: &Request,
    fault: Option<super::Fault>,
) -> Response {
    let Some(file) = model.files.iter().find(|file| file.path == name) else {
        return refuse(404, Some("EntryNotFound"), "Entry not found");
    };
    let named = Response::builder().header("x-repo-commit", COMMIT);
    if !file.large {
        let etag = format!("\"{}\"", file.git());
        return send(
            named.header(header::ETAG, etag),
            &file.bytes,
            request,
            fault,
        );
    }
    let sha256 = file.sha256();
    let place = format!(
        "{}/blob/{}/{name}?X-Amz-Signature={SIGNATURE}",
        server.file_host(),
        model.id
    );
    named
        .status(StatusCode::FOUND)
        .header(header::ETAG, format!("\"{}\"", &sha256[..40]))
        .header("x-linked-etag", format!("\"{sha256}\""))
        .header("x-linked-size", file.bytes.len())
        .header(header::LOCATION, place)
        .body(Body::empty())
        .unwrap()
}

/// A page of the models that fit, and where the next one is.
fn list(server: &Server, query: &str) -> Response {
    let asked = |key: &str| {
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == key).then(|| value.replace('+', " ").replace("%2F", "/"))
        })
    };
    let inner = server.inner();
    let mut found: Vec<&Model> = inner
        .models
        .iter()
        .filter(|model| !model.private)
        .filter(|it| asked("search").is_none_or(|text| it.id.contains(&text)))
        .filter(|it| asked("author").is_none_or(|who| it.id.starts_with(&format!("{who}/"))))
        .filter(|it| asked("filter").is_none_or(|tag| tags(it).contains(&tag)))
        .filter(|it| asked("pipeline_tag").is_none_or(|task| it.task.as_ref() == Some(&task)))
        .collect();
    match asked("sort").as_deref() {
        Some("lastModified") => found.sort_by(|a, b| b.updated.cmp(&a.updated)),
        Some("downloads") => found.sort_by_key(|it| std::cmp::Reverse(it.downloads)),
        other => panic!("no test sorts by {other:?}"),
    }
    let limit: usize = asked("limit").map_or(1000, |limit| limit.parse().unwrap());
    let start: usize = asked("cursor").map_or(0, |cursor| cursor.parse().unwrap());
    let size = limit.min(inner.page);
    let page: Vec<Value> = found
        .iter()
        .skip(start)
        .take(size)
        .map(|it| describe(it))
        .collect();
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("cursor="))
        .collect();
    let next = (start + size < found.len()).then(|| {
        format!(
            "<{}/api/models?{}&cursor={}>; rel=\"next\"",
            server.address(),
            rest.join("&"),
            start + size
        )
    });
    json_answer(&Value::from(page), next)
}

fn tags(model: &Model) -> Vec<String> {
    vec![
        "transformers".into(),
        model.model_type.clone(),
        model.language.clone(),
        "license:apache-2.0".into(),
    ]
}

fn describe(model: &Model) -> Value {
    let files: Vec<Value> = model
        .files
        .iter()
        .map(|file| json!({"rfilename": file.path}))
        .collect();
    json!({
        "_id": "621ffdc036468d709f174328",
        "id": model.id,
        "modelId": model.id,
        "author": model.id.split('/').next(),
        "sha": COMMIT,
        "lastModified": model.updated,
        "private": model.private,
        "gated": if model.gated { json!("auto") } else { json!(false) },
        "disabled": false,
        "downloads": model.downloads,
        "likes": 7,
        "tags": tags(model),
        "pipeline_tag": model.task,
        "library_name": "transformers",
        "config": {"architectures": ["BertForMaskedLM"], "model_type": model.model_type},
        "cardData": {"license": "apache-2.0", "language": model.language},
        "transformersInfo": {"auto_model": "AutoModelForMaskedLM", "pipeline_tag": "fill-mask"},
        "safetensors": {"parameters": {"F32": 100_320, "I64": 16}, "total": 100_336},
        "siblings": files,
        "createdAt": "2022-03-02T23:29:04.000Z",
    })
}

/// The files as the Hub lists them: of large ones git has a pointer, `lfs` says what it points to.
fn tree(server: &Server, model: &Model, path: &str, query: &str) -> Response {
    let mut entries = Vec::new();
    let mut folders = Vec::new();
    for file in &model.files {
        if let Some((folder, _)) = file.path.split_once('/')
            && folder != ".."
        {
            if !folders.contains(&folder) {
                folders.push(folder);
                entries.push(json!({"type": "directory", "oid": "0", "size": 0, "path": folder}));
            }
            continue;
        }
        let mut entry = json!({
            "type": "file", "oid": file.git(), "size": file.bytes.len(), "path": file.path,
        });
        if file.large {
            entry["lfs"] = json!({
                "oid": file.sha256(), "size": file.bytes.len(), "pointerSize": 134,
            });
            entry["oid"] = json!("ffffffffffffffffffffffffffffffffffffffff");
            entry["xetHash"] = json!("e");
        }
        entries.push(entry);
    }
    let start: usize = query
        .strip_prefix("cursor=")
        .map_or(0, |cursor| cursor.parse().unwrap());
    let size = server.inner().page;
    let next = (start + size < entries.len()).then(|| {
        format!(
            "<{}{path}?cursor={}>; rel=\"next\"",
            server.address(),
            start + size
        )
    });
    let page: Vec<Value> = entries.into_iter().skip(start).take(size).collect();
    json_answer(&Value::from(page), next)
}

fn json_answer(value: &Value, next: Option<String>) -> Response {
    let mut builder = Response::builder().header(header::CONTENT_TYPE, "application/json");
    if let Some(next) = next {
        builder = builder.header(header::LINK, next);
    }
    builder.body(Body::from(value.to_string())).unwrap()
}

fn refuse(status: u16, code: Option<&str>, message: &str) -> Response {
    let mut builder = Response::builder()
        .status(status)
        .header("x-error-message", message);
    if let Some(code) = code {
        builder = builder.header("x-error-code", code);
    }
    builder
        .body(Body::from(json!({"error": message}).to_string()))
        .unwrap()
}
