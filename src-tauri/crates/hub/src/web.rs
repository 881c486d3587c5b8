//! Requests that hf-hub cannot make for us, and what every answer of a server means.
//!
//! hf-hub 1.0 finds and describes models (`search`, `remote`). What it has no way for goes through
//! here: a download that continues where it stopped and checks what the first answer says of the
//! file (its streams show no headers, and follow the redirect before anyone sees them); SHA-256 from
//! the listing (it reads `lfs.sha256`, the Hub writes `lfs.oid`); and `Retry-After` on listings.

use std::time::Duration;

use futures::future::BoxFuture;
use hf_hub::HFError;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use url::Url;

use crate::config;
use crate::token::Token;
use crate::{Cancel, HubConfig, HubError};

/// How many times one request may be sent elsewhere.
const HOPS: usize = 8;

/// Largest JSON or text answer that is read into memory, in bytes.
const LARGEST: usize = 32 << 20;

/// How failures that may pass are waited out.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Attempts in a row that bring nothing, before it is given up.
    pub attempts: u32,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// The longest wait between attempts.
    pub longest: Duration,
    /// The longest wait that a server may ask for by `Retry-After`.
    pub longest_asked: Duration,
}

impl Patience {
    /// For a download, which nobody watches closely.
    pub fn long() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            longest_asked: Duration::from_secs(330),
        }
    }

    /// For a question that a person waits for.
    pub fn short() -> Self {
        Self {
            attempts: 2,
            first: Duration::from_millis(300),
            longest: Duration::from_secs(2),
            longest_asked: Duration::from_secs(5),
        }
    }

    /// How long to wait after the failure number `failures`, from 1; `None` to give up.
    pub(crate) fn wait(&self, failures: u32, failure: &HubError) -> Option<Duration> {
        if !failure.is_passing() || failures >= self.attempts {
            return None;
        }
        if let HubError::RateLimited {
            seconds: Some(seconds),
        } = failure
        {
            let asked = Duration::from_secs(*seconds);
            return (asked <= self.longest_asked).then_some(asked);
        }
        let doubled = self.first.saturating_mul(1 << (failures - 1).min(16));
        Some(doubled.min(self.longest))
    }
}

/// What was asked for, to name it in errors.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    pub id: &'a str,
    pub revision: Option<&'a str>,
    pub path: Option<&'a str>,
}

/// A file's answer, with what the Hub itself said of the file before it sent us elsewhere.
pub(crate) struct Opened {
    pub response: Response,
    /// The file's hash: SHA-256 of large files, git's of small ones.
    pub etag: Option<String>,
}

/// A client that keeps the token to the one server it is for.
pub(crate) struct Web {
    client: Client,
    endpoint: Url,
    token: Option<Token>,
}

impl Web {
    pub fn new(config: &HubConfig, endpoint: Url) -> Result<Self, HubError> {
        Ok(Self {
            client: client(config, redirect::Policy::none())?,
            endpoint,
            token: config.token.clone(),
        })
    }

    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// An address below the endpoint, of these parts.
    pub fn address(&self, parts: &[&str]) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// The answer for a file from `offset` on.
    ///
    /// Redirects are followed here: only the first answer knows the file's hash, and what follows
    /// must not see the token.
    pub async fn open(&self, url: Url, offset: u64, asked: Asked<'_>) -> Result<Opened, HubError> {
        let mut url = url;
        let mut etag = None;
        for _ in 0..HOPS {
            let ours = url.origin() == self.endpoint.origin();
            let mut request = self.client.get(url.clone());
            if let Some(token) = self.token.as_ref().filter(|_| ours) {
                request = request.header(header::AUTHORIZATION, bearer(token));
            }
            if offset > 0 {
                request = request.header(header::RANGE, format!("bytes={offset}-"));
            }
            let response = request
                .send()
                .await
                .map_err(|failure| network(failure, &url))?;
            if ours {
                let said = response.headers();
                // A large file's own ETag is that of a pointer to it.
                let told = text(said, "x-linked-etag").or_else(|| text(said, "etag"));
                etag = etag.or(told.map(|told| unquoted(&told)));
            }
            if !response.status().is_redirection() {
                return match response.status() {
                    status if status.is_success() => Ok(Opened { response, etag }),
                    _ => Err(self.refused(response, asked, ours).await),
                };
            }
            let next = text(response.headers(), "location")
                .and_then(|location| url.join(&location).ok())
                .ok_or_else(|| bad(&url, "it sends elsewhere without saying where"))?;
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(bad(&url, "it sends to an address that is not encrypted"));
            }
            url = next;
        }
        Err(bad(
            &url,
            "it sends from one address to the next without end",
        ))
    }

    /// A small file or answer, whole.
    pub async fn bytes(&self, url: Url, asked: Asked<'_>) -> Result<Vec<u8>, HubError> {
        let opened = self.open(url, 0, asked).await?;
        self.rest(opened.response).await
    }

    /// Every item of a listing, page after page.
    pub async fn list(&self, url: Url, asked: Asked<'_>) -> Result<Vec<Value>, HubError> {
        let mut items = Vec::new();
        let mut next = Some(url);
        // A bound, lest a server that links pages in a circle keeps us for ever.
        for _ in 0..100 {
            let Some(url) = next.take() else { break };
            let opened = self.open(url.clone(), 0, asked).await?;
            next = text(opened.response.headers(), "link")
                .and_then(|links| url.join(&next_page(&links)?).ok());
            let bytes = self.rest(opened.response).await?;
            let page: Vec<Value> = serde_json::from_slice(&bytes)
                .map_err(|failure| bad(&url, &format!("it is no list: {failure}")))?;
            items.extend(page);
        }
        Ok(items)
    }

    async fn rest(&self, mut response: Response) -> Result<Vec<u8>, HubError> {
        let url = response.url().clone();
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|failure| network(failure, &url))?
        {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(bad(&url, "it is too large"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn refused(&self, response: Response, asked: Asked<'_>, ours: bool) -> HubError {
        let status = response.status();
        let host = host(response.url());
        let headers = response.headers();
        let code = text(headers, "x-error-code");
        let message = text(headers, "x-error-message").filter(|_| ours);
        let seconds = text(headers, "retry-after").and_then(|value| value.trim().parse().ok());
        let told = Told {
            status,
            host,
            code,
            message,
            seconds,
        };
        // What a file host refuses says nothing of the token, which it was not sent.
        told.error(asked, self.has_token(), ours)
    }

    /// What an error of hf-hub means.
    pub fn told_by_hf(&self, failure: HFError, asked: Asked<'_>) -> HubError {
        let seconds = match &failure {
            HFError::RateLimited { retry_after, .. } => retry_after.map(|wait| wait.as_secs()),
            _ => None,
        };
        match failure {
            HFError::Http { context }
            | HFError::AuthRequired { context }
            | HFError::Forbidden { context }
            | HFError::Conflict { context }
            | HFError::RateLimited { context, .. }
            | HFError::RepoNotFound {
                context: Some(context),
                ..
            }
            | HFError::RevisionNotFound {
                context: Some(context),
                ..
            }
            | HFError::EntryNotFound {
                context: Some(context),
                ..
            } => Told {
                status: context.status,
                host: host(&self.endpoint),
                code: context.error_code,
                message: context.server_message,
                seconds,
            }
            .error(asked, self.has_token(), true),
            HFError::Request { source, .. } => network(source, &self.endpoint),
            HFError::Json(failure) => bad(&self.endpoint, &failure.to_string()),
            // The others name addresses, or cannot occur where only descriptions are asked for.
            _ => bad(&self.endpoint, "it is not what a Hub answers"),
        }
    }
}

/// An HTTP client as everything here uses it.
pub(crate) fn client(config: &HubConfig, policy: redirect::Policy) -> Result<Client, HubError> {
    let mut builder = Client::builder()
        .user_agent(concat!("tagsmith/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(15))
        .read_timeout(Duration::from_secs(30))
        .redirect(policy)
        // The proxy is named in the configuration or there is none.
        .no_proxy();
    if let Some(text) = &config.proxy {
        builder = builder.proxy(config::proxy(text)?);
    }
    builder.build().map_err(|failure| HubError::Network {
        host: config::plain(&config.endpoint),
        reason: innermost(&failure),
    })
}

/// Tries again what may pass, with waits between, until it is cancelled.
pub(crate) async fn patiently<'a, T>(
    patience: &Patience,
    cancel: &Cancel,
    mut work: impl FnMut() -> BoxFuture<'a, Result<T, HubError>> + Send,
) -> Result<T, HubError> {
    let mut failures = 0;
    loop {
        let failure = match or_cancelled(cancel, work()).await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        failures += 1;
        match patience.wait(failures, &failure) {
            Some(wait) => {
                or_cancelled(cancel, async {
                    tokio::time::sleep(wait).await;
                    Ok(())
                })
                .await?
            }
            None => return Err(failure),
        }
    }
}

/// Ends at once when it is cancelled, whatever is under way.
pub(crate) async fn or_cancelled<T>(
    cancel: &Cancel,
    work: impl Future<Output = Result<T, HubError>>,
) -> Result<T, HubError> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(HubError::Cancelled),
        done = work => done,
    }
}

/// What a server said with its refusal.
struct Told {
    status: StatusCode,
    host: String,
    code: Option<String>,
    message: Option<String>,
    seconds: Option<u64>,
}

impl Told {
    fn error(self, asked: Asked<'_>, token: bool, hub: bool) -> HubError {
        let id = asked.id.to_owned();
        let what = match asked.id {
            "" => self.host.clone(),
            id => id.to_owned(),
        };
        match (self.code.as_deref(), self.status.as_u16()) {
            (Some("GatedRepo"), _) => HubError::Gated { id, token },
            (_, 429) => HubError::RateLimited {
                seconds: self.seconds,
            },
            (_, 401) if hub => HubError::Unauthorized { what, token },
            (_, 403) if hub => HubError::Forbidden { what },
            (Some("RevisionNotFound"), _) => HubError::Revision {
                id,
                revision: asked.revision.unwrap_or("main").into(),
            },
            (Some("RepoNotFound"), _) => HubError::NotFound { id },
            (_, 404) if asked.path.is_some() => HubError::NoFile {
                id,
                path: asked.path.unwrap_or_default().into(),
            },
            (_, 404) if hub && !id.is_empty() => HubError::NotFound { id },
            (_, status) => HubError::Server {
                host: self.host,
                status,
                message: self.message.and_then(|message| presentable(&message)),
            },
        }
    }
}

/// A server's words, where they are short and hold no address, which might be a signed one.
fn presentable(message: &str) -> Option<String> {
    let message = message.trim();
    let fit = !message.is_empty()
        && message.chars().count() <= 200
        && !message.contains("://")
        && !message.contains("hf_")
        && !message.contains(char::is_control);
    fit.then(|| message.to_owned())
}

pub(crate) fn bad(url: &Url, reason: &str) -> HubError {
    HubError::BadReply {
        host: host(url),
        reason: reason.into(),
    }
}

pub(crate) fn network(failure: reqwest::Error, url: &Url) -> HubError {
    let url = failure.url().cloned().unwrap_or_else(|| url.clone());
    HubError::Network {
        host: host(&url),
        reason: match failure.is_timeout() {
            true => "it does not answer".into(),
            false => innermost(&failure.without_url()),
        },
    }
}

/// The cause at the bottom: what lies above it only repeats that a request failed.
fn innermost(failure: &dyn std::error::Error) -> String {
    let mut deepest = failure;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.into(),
        (None, _) => "the server".into(),
    }
}

fn bearer(token: &Token) -> HeaderValue {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.secret()))
        .expect("a token holds nothing that a header cannot");
    value.set_sensitive(true);
    value
}

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn unquoted(etag: &str) -> String {
    etag.trim_start_matches("W/").trim_matches('"').to_owned()
}

/// The address of the next page in a `Link` header.
fn next_page(links: &str) -> Option<String> {
    links.split(',').find_map(|link| {
        let (address, relation) = link.split_once(';')?;
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        relation
            .contains("rel=\"next\"")
            .then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_bounded_and_heed_what_the_server_asks() {
        let patience = Patience {
            attempts: 4,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(3),
            longest_asked: Duration::from_secs(60),
        };
        let cut = HubError::Network {
            host: "h".into(),
            reason: "cut".into(),
        };
        let waits: Vec<_> = (1..=4).map(|n| patience.wait(n, &cut)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(3), None]);
        let limited = |seconds| HubError::RateLimited { seconds };
        assert_eq!(patience.wait(1, &limited(Some(40))), seconds(40));
        assert_eq!(patience.wait(1, &limited(Some(400))), None);
        assert_eq!(patience.wait(1, &limited(None)), seconds(1));
        assert_eq!(patience.wait(1, &HubError::Offline), None);
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let links = r#"<http://h/a?p=0>; rel="prev", <http://h/a?p=2>; rel="next""#;
        assert_eq!(next_page(links).as_deref(), Some("http://h/a?p=2"));
        assert_eq!(next_page(r#"<http://h/a>; rel="prev""#), None);
    }
}
