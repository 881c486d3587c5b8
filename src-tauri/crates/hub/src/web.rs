//! Requests that hf-hub cannot make for us, and what every answer of a server means.
//!
//! hf-hub 1.0 finds and describes models (`search`, `remote`). What it has no way for goes through
//! here: a download that continues where it stopped and checks what the first answer says of the
//! file (its streams show no headers, and follow the redirect before anyone sees them); SHA-256 from
//! the listing (it reads `lfs.sha256`, the Hub writes `lfs.oid`); and `Retry-After` on listings.

use std::time::Duration;

use hf_hub::HFError;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use url::Url;

use crate::config;
use crate::token::Token;
use crate::{HubConfig, HubError};

/// How many times one request may be sent elsewhere.
const HOPS: usize = 8;

/// Largest JSON or text answer that is read into memory, in bytes.
const LARGEST: usize = 32 << 20;

/// What was asked for, to name it in errors.
#[derive(Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
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
    pub async fn open(
        &self,
        url: Url,
        offset: u64,
        subject: Subject<'_>,
    ) -> Result<Opened, HubError> {
        let range = (offset > 0).then(|| format!("bytes={offset}-"));
        self.ask(url, range.as_deref(), subject).await
    }

    /// So many bytes of a file, not 0, from `offset` on; fewer where it ends before.
    pub async fn range(
        &self,
        url: Url,
        offset: u64,
        length: usize,
        subject: Subject<'_>,
    ) -> Result<Vec<u8>, HubError> {
        let range = format!("bytes={offset}-{}", offset + length as u64 - 1);
        let mut response = self.ask(url, Some(&range), subject).await?.response;
        let url = response.url().clone();
        // A server that knows no ranges sends the whole file from its start.
        let mut skipped = match response.status() {
            StatusCode::PARTIAL_CONTENT => 0,
            _ => offset as usize,
        };
        let mut bytes = Vec::new();
        while bytes.len() < length
            && let Some(chunk) = response
                .chunk()
                .await
                .map_err(|failure| network(failure, &url))?
        {
            let start = skipped.min(chunk.len());
            skipped -= start;
            bytes.extend_from_slice(&chunk[start..]);
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// The answer for a file, or for the range of it that a header of this text asks for.
    ///
    /// Redirects are followed here: only the first answer knows the file's hash, and what follows
    /// must not see the token.
    async fn ask(
        &self,
        url: Url,
        range: Option<&str>,
        subject: Subject<'_>,
    ) -> Result<Opened, HubError> {
        let mut url = url;
        let mut etag = None;
        for _ in 0..HOPS {
            let ours = url.origin() == self.endpoint.origin();
            let mut request = self.client.get(url.clone());
            if let Some(token) = self.token.as_ref().filter(|_| ours) {
                request = request.header(header::AUTHORIZATION, bearer(token));
            }
            if let Some(range) = range {
                request = request.header(header::RANGE, range);
            }
            let response = request
                .send()
                .await
                .map_err(|failure| network(failure, &url))?;
            if ours {
                let headers = response.headers();
                // A large file's own ETag is that of a pointer to it.
                let own = text(headers, "x-linked-etag").or_else(|| text(headers, "etag"));
                etag = etag.or(own.map(|own| unquoted(&own)));
            }
            if !response.status().is_redirection() {
                return match response.status() {
                    status if status.is_success() => Ok(Opened { response, etag }),
                    _ => Err(self.refused(response, subject, ours).await),
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
    pub async fn bytes(&self, url: Url, subject: Subject<'_>) -> Result<Vec<u8>, HubError> {
        let opened = self.open(url, 0, subject).await?;
        self.rest(opened.response).await
    }

    /// Every item of a listing, page after page.
    pub async fn list(&self, url: Url, subject: Subject<'_>) -> Result<Vec<Value>, HubError> {
        let mut items = Vec::new();
        let mut next = Some(url);
        // A bound, lest a server that links pages in a circle keeps us for ever.
        for _ in 0..100 {
            let Some(url) = next.take() else { break };
            let opened = self.open(url.clone(), 0, subject).await?;
            next = text(opened.response.headers(), "link")
                .and_then(|links| url.join(&next_page(&links)?).ok());
            let bytes = self.rest(opened.response).await?;
            let page: Vec<Value> = serde_json::from_slice(&bytes)
                .map_err(|failure| bad(&url, &format!("it is not a list: {failure}")))?;
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

    async fn refused(&self, response: Response, subject: Subject<'_>, ours: bool) -> HubError {
        let status = response.status();
        let host = host(response.url());
        let headers = response.headers();
        let code = text(headers, "x-error-code");
        let message = text(headers, "x-error-message").filter(|_| ours);
        let seconds = text(headers, "retry-after").and_then(|value| value.trim().parse().ok());
        let refusal = Refusal {
            status,
            host,
            code,
            message,
            seconds,
        };
        // A refusal by a file host says nothing about the token, which it was not sent.
        refusal.error(subject, self.has_token(), ours)
    }

    /// What an error of hf-hub means.
    pub fn error_of_hf(&self, failure: HFError, subject: Subject<'_>) -> HubError {
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
            } => Refusal {
                status: context.status,
                host: host(&self.endpoint),
                code: context.error_code,
                message: context.server_message,
                seconds,
            }
            .error(subject, self.has_token(), true),
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

/// What a server said with its refusal.
struct Refusal {
    status: StatusCode,
    host: String,
    code: Option<String>,
    message: Option<String>,
    seconds: Option<u64>,
}

impl Refusal {
    fn error(self, subject: Subject<'_>, token: bool, hub: bool) -> HubError {
        let id = subject.id.to_owned();
        let what = match subject.id {
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
                revision: subject.revision.unwrap_or("main").into(),
            },
            (Some("RepoNotFound"), _) => HubError::NotFound { id },
            (_, 404) if subject.path.is_some() => HubError::NoFile {
                id,
                path: subject.path.unwrap_or_default().into(),
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
    fn the_next_page_is_found_among_links() {
        let links = r#"<http://h/a?p=0>; rel="prev", <http://h/a?p=2>; rel="next""#;
        assert_eq!(next_page(links).as_deref(), Some("http://h/a?p=2"));
        assert_eq!(next_page(r#"<http://h/a>; rel="prev""#), None);
    }
}
