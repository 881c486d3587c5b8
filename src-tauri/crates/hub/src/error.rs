//! What can go wrong with the Hub, and what the person can do about it.
//!
//! No error carries the token, and none an address with its query: the file host's addresses are
//! signed, and anyone who has one can fetch the file.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

/// Why a request to the Hub failed.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The offline switch is on.
    #[error("Tagsmith is set to work offline")]
    Offline,
    /// The Hub wants to know who asks.
    #[error("{}", unauthorized(what, *token))]
    Unauthorized {
        /// The model, or what else was asked for.
        what: String,
        /// Whether a token was sent.
        token: bool,
    },
    /// The model's owner wants its terms to be accepted first.
    #[error("`{id}` is only for those who have accepted its terms on the Hub")]
    Gated {
        /// The model.
        id: String,
        /// Whether a token was sent.
        token: bool,
    },
    /// The Hub knows who asks, and refuses.
    #[error("the Hub refuses access to `{what}`")]
    Forbidden {
        /// The model, or what else was asked for.
        what: String,
    },
    /// There is no such model.
    #[error("there is no model `{id}` on the Hub")]
    NotFound {
        /// The model.
        id: String,
    },
    /// The model has no such file.
    #[error("`{id}` has no file `{path}`")]
    NoFile {
        /// The model.
        id: String,
        /// The file.
        path: String,
    },
    /// The model has no such revision.
    #[error("`{id}` has no revision `{revision}`")]
    Revision {
        /// The model.
        id: String,
        /// What was asked for.
        revision: String,
    },
    /// Too many requests.
    #[error("the Hub asks to slow down{}", after(*seconds))]
    RateLimited {
        /// How long to wait, where it said so.
        seconds: Option<u64>,
    },
    /// The server failed.
    #[error("`{host}` answered with status {status}{}", said(message))]
    Server {
        /// The server.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What it said, if that is fit to show.
        message: Option<String>,
    },
    /// The server's answer makes no sense.
    #[error("the answer of `{host}` cannot be used: {reason}")]
    BadReply {
        /// The server.
        host: String,
        /// What does not fit.
        reason: String,
    },
    /// A server names a file that would land outside the model's folder.
    #[error("`{id}` names a file `{name}`, outside its own folder")]
    UnsafeName {
        /// The model.
        id: String,
        /// The name.
        name: String,
    },
    /// The network failed.
    #[error("cannot reach `{host}`: {reason}")]
    Network {
        /// The server.
        host: String,
        /// What failed.
        reason: String,
    },
    /// It was cancelled.
    #[error("the download was stopped")]
    Cancelled,
    /// Another process is at it.
    #[error("`{id}` is being downloaded already")]
    Busy {
        /// The model.
        id: String,
    },
    /// The disk is too small.
    #[error("{} are needed in `{}`, {} are free", size(*needed), folder.display(), size(*free))]
    Disk {
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
        /// Where.
        folder: PathBuf,
    },
    /// A file came wrong twice.
    #[error("`{file}` was received with the hash {found} instead of {expected}, twice")]
    Checksum {
        /// The file.
        file: String,
        /// What was received.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// This is no address, of a model or of a server.
    #[error("`{text}` cannot be used: {reason}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The model lacks what training needs.
    #[error("`{id}` cannot be used: {}", reasons.join("; "))]
    Untrainable {
        /// The model.
        id: String,
        /// What it lacks.
        reasons: Vec<String>,
    },
    /// Something is in the way.
    #[error("`{}` is there already, and was not downloaded from the Hub", folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// The token cannot be one.
    #[error("this is not a token: {reason}")]
    Token {
        /// What is wrong; never the token.
        reason: &'static str,
    },
    /// The file system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Diagnose for HubError {
    fn code(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Unauthorized { .. } | Self::Token { .. } => "unauthorized",
            Self::Gated { .. } => "gated",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } | Self::NoFile { .. } => "not-found",
            Self::Revision { .. } => "revision",
            Self::RateLimited { .. } => "rate-limited",
            Self::Server { .. } | Self::BadReply { .. } | Self::UnsafeName { .. } => "server",
            Self::Network { .. } => "network",
            Self::Cancelled => "cancelled",
            Self::Busy { .. } => "busy",
            Self::Disk { .. } => "disk",
            Self::Checksum { .. } => "checksum",
            Self::Address { .. } => "address",
            Self::Untrainable { .. } => "untrainable",
            Self::Taken { .. } | Self::Io { .. } => "io",
        }
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Offline => "turn the offline switch off in the settings, or unset HF_HUB_OFFLINE".into(),
            Self::Unauthorized { token: false, .. } => {
                "check the name; a private model needs a token (HF_TOKEN, or in the settings)".into()
            }
            Self::Unauthorized { token: true, .. } => {
                "check the name, and whether the token is still valid and may read this model".into()
            }
            Self::Gated { id, token } => {
                let page = format!("accept the terms on the model's page, https://huggingface.co/{id}");
                match token {
                    true => page,
                    false => format!("{page}, then add a token (HF_TOKEN, or in the settings)"),
                }
            }
            Self::Forbidden { .. } => "ask the model's owner, or use a token that may read it".into(),
            Self::NotFound { .. } => "check the name; `tagsmith models search` finds models".into(),
            Self::NoFile { .. } => "choose another model, or another revision of it".into(),
            Self::Revision { .. } => "leave the revision out to take the newest".into(),
            Self::RateLimited { seconds } => match seconds {
                Some(seconds) => format!("try again after {seconds} seconds"),
                None => "try again in some minutes; a token raises the limit".into(),
            },
            Self::Server { .. } => "try again later; what was downloaded is kept".into(),
            Self::BadReply { .. } => "check the address of the Hub in the settings".into(),
            Self::UnsafeName { .. } => "do not use this model or this server: no honest one does that".into(),
            Self::Network { .. } => {
                "check the connection and the proxy; what was downloaded is kept and is not fetched again".into()
            }
            Self::Cancelled => "download it again to continue where it stopped".into(),
            Self::Busy { .. } => "wait for the other download, or stop it".into(),
            Self::Disk { .. } => "free some space, or set TAGSMITH_HOME to a larger disk".into(),
            Self::Checksum { .. } => "try again later; the server or something on the way changes files".into(),
            Self::Address { .. } => "give ORG/NAME, or the address of a model's page".into(),
            Self::Untrainable { .. } => "choose another model".into(),
            Self::Taken { folder } => format!("move `{}` away, or remove it", folder.display()),
            Self::Token { .. } => "copy the token again from your account's settings on the Hub".into(),
            Self::Io { .. } => "check the permissions of the folder".into(),
        };
        Some(hint.into())
    }
}

impl HubError {
    /// Whether the same request may well succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Network { .. } | Self::RateLimited { .. } => true,
            Self::Server { status, .. } => matches!(status, 408 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// For `map_err`: the file system refused to do `action` with `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

fn unauthorized(what: &str, token: bool) -> String {
    match token {
        // The Hub answers alike for a private model and for one that does not exist.
        false => format!("the Hub has no `{what}`, or shows it only with a token"),
        true => format!("the Hub has no `{what}`, or does not accept the token for it"),
    }
}

fn after(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |seconds| format!(" for {seconds} seconds"))
}

fn said(message: &Option<String>) -> String {
    message
        .as_ref()
        .map_or_else(String::new, |message| format!(": {message}"))
}

/// A number of bytes in decimal units, as disks are sold.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
