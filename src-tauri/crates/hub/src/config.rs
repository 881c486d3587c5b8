//! Which Hub is asked, how, and as whom: the environment over what was saved over the defaults.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tagsmith_files::{create_folder_of, write_secret};
use url::Url;

use crate::environment::{is_on, variable};
use crate::token::Token;
use crate::{HubError, Library, token};

/// The Hub itself.
const HUB: &str = "https://huggingface.co";

/// Names of the proxy's variable, the first to be preferred.
const PROXIES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// How the Hub is reached.
#[derive(Clone)]
pub struct HubConfig {
    /// The Hub's address, or a mirror's.
    pub endpoint: String,
    /// A proxy for all of it.
    pub proxy: Option<String>,
    /// Who asks.
    pub token: Option<Token>,
    /// Whether nothing may be asked at all.
    pub offline: bool,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            endpoint: HUB.into(),
            proxy: None,
            token: None,
            offline: false,
        }
    }
}

impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConfig")
            .field("endpoint", &plain(&self.endpoint))
            .field("proxy", &self.proxy.as_deref().map(plain))
            .field("token", &self.token)
            .field("offline", &self.offline)
            .finish()
    }
}

impl HubConfig {
    /// From the environment alone: `HF_ENDPOINT`, `HF_TOKEN` and the Hugging Face tools' token file,
    /// `HF_HUB_OFFLINE`, `HTTPS_PROXY`.
    pub fn from_environment() -> Self {
        Self::over(
            &HubSettings::default(),
            token::from_environment(),
            &variable,
        )
    }

    /// The environment over what the library has saved over the defaults.
    pub fn resolve(library: &Library) -> Self {
        Self::over(&HubSettings::read(library), token::load(library), &variable)
    }

    fn over(
        saved: &HubSettings,
        token: Option<Token>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let saved_text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Self {
            endpoint: variable("HF_ENDPOINT")
                .or_else(|| saved_text(&saved.endpoint))
                .unwrap_or_else(|| HUB.into()),
            proxy: PROXIES
                .iter()
                .find_map(|name| variable(name))
                .or_else(|| saved_text(&saved.proxy)),
            token,
            offline: variable("HF_HUB_OFFLINE").map_or(saved.offline, |value| is_on(&value)),
        }
    }
}

/// What a person has set for the Hub. Empty texts stand for the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(default)]
pub struct HubSettings {
    /// The address of a mirror.
    pub endpoint: String,
    /// The address of a proxy.
    pub proxy: String,
    /// Whether the network is left alone.
    pub offline: bool,
}

impl HubSettings {
    /// What was saved; the defaults where nothing was, or nothing readable.
    pub fn read(library: &Library) -> Self {
        std::fs::read(file(library))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Saves it.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(&self, library: &Library) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        // A proxy's address may hold a password.
        let path = file(library);
        create_folder_of(&path)?;
        write_secret(&path, &text)
    }

    /// Whether its addresses can be used.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), HubError> {
        if !self.endpoint.trim().is_empty() {
            endpoint(&self.endpoint)?;
        }
        if !self.proxy.trim().is_empty() {
            proxy(&self.proxy)?;
        }
        Ok(())
    }
}

fn file(library: &Library) -> PathBuf {
    library.home().join("hub.json")
}

/// A server's address.
pub(crate) fn endpoint(text: &str) -> Result<Url, HubError> {
    let wrong = |reason: &str| HubError::Address {
        text: plain(text),
        reason: reason.into(),
    };
    let mut url = Url::parse(text.trim().trim_end_matches('/'))
        .map_err(|_| wrong("it is not an address such as https://huggingface.co"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("it does not begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds a name or a password"));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// A proxy's address.
pub(crate) fn proxy(text: &str) -> Result<reqwest::Proxy, HubError> {
    let wrong = |reason: &str| HubError::Address {
        text: plain(text),
        reason: reason.into(),
    };
    let trimmed = text.trim();
    let spelled = match trimmed.contains("://") {
        true => trimmed.to_owned(),
        false => format!("http://{trimmed}"),
    };
    let url = Url::parse(&spelled).map_err(|_| wrong("it is not the address of a proxy"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("only http and https proxies can be used"));
    }
    reqwest::Proxy::all(url)
        .map(|proxy| proxy.no_proxy(reqwest::NoProxy::from_env()))
        .map_err(|_| wrong("it is not the address of a proxy"))
}

/// An address as it may be shown: without name, password and query.
pub(crate) fn plain(text: &str) -> String {
    match Url::parse(text.trim()) {
        Ok(url) if url.host_str().is_some() => shown(&url),
        // Not an address: at least nothing before an `@`, which would be a password.
        _ => text
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect(),
    }
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These cannot fail for an address with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_protocol::Diagnose;

    #[test]
    fn the_environment_comes_before_what_was_saved() {
        let saved = HubSettings {
            endpoint: "https://mirror.example".into(),
            proxy: "http://saved:1".into(),
            offline: true,
        };
        let nothing = |_: &str| None;
        let config = HubConfig::over(&saved, None, &nothing);
        assert_eq!(config.endpoint, "https://mirror.example");
        assert_eq!(config.proxy.as_deref(), Some("http://saved:1"));
        assert!(config.offline);
        let some = |name: &str| match name {
            "HF_ENDPOINT" => Some("https://other.example".to_owned()),
            "HTTPS_PROXY" => Some("http://env:2".to_owned()),
            "HF_HUB_OFFLINE" => Some("0".to_owned()),
            _ => None,
        };
        let config = HubConfig::over(&saved, None, &some);
        assert_eq!(config.endpoint, "https://other.example");
        assert_eq!(config.proxy.as_deref(), Some("http://env:2"));
        assert!(!config.offline);
        let config = HubConfig::over(&HubSettings::default(), None, &nothing);
        assert_eq!((config.endpoint.as_str(), config.offline), (HUB, false));
    }

    #[test]
    fn settings_come_back_as_saved_and_addresses_are_checked() {
        let root = tempfile::tempdir().unwrap();
        let library = Library::at(root.path().join("home"), root.path().join("cache"));
        assert_eq!(HubSettings::read(&library), HubSettings::default());
        let settings = HubSettings {
            endpoint: "https://mirror.example/hf/".into(),
            proxy: "proxy.example:8080".into(),
            offline: true,
        };
        settings.write(&library).unwrap();
        assert_eq!(HubSettings::read(&library), settings);
        settings.check().unwrap();
        for endpoint in ["mirror", "ftp://x.example", "https://me:secret@x.example"] {
            let settings = HubSettings {
                endpoint: endpoint.into(),
                ..HubSettings::default()
            };
            let failure = settings.check().unwrap_err();
            assert_eq!(failure.code(), "address", "{endpoint}");
            assert!(!failure.to_string().contains("secret"), "{failure}");
        }
        let settings = HubSettings {
            proxy: "socks5://me:secret@x.example".into(),
            ..HubSettings::default()
        };
        let failure = settings.check().unwrap_err();
        assert!(!failure.to_string().contains("secret"), "{failure}");
    }

    #[test]
    fn debug_shows_no_password() {
        let config = HubConfig {
            proxy: Some("http://me:secret@proxy.example:1".into()),
            token: Token::new("hf_secret").ok(),
            ..HubConfig::default()
        };
        let shown = format!("{config:?}");
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("proxy.example:1"), "{shown}");
    }
}
