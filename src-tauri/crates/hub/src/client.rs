//! The Hub's client: made once from a configuration, asked from anywhere.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hf_hub::HFClient;
use hf_hub::HFClientBuilder;

use crate::config;
use crate::retry::RetryPolicy;
use crate::web::{self, Web};
use crate::{HubConfig, HubError};

/// A header cannot hold this. hf-hub looks for a token of its own where it is given none, and sends
/// none where the one given fits no header.
const NO_TOKEN: &str = "\n";

/// Free bytes where a folder lies.
type Space = Arc<dyn Fn(&Path) -> io::Result<u64> + Send + Sync>;

/// The Hugging Face Hub, or a mirror of it.
#[derive(Clone)]
pub struct Hub {
    pub(crate) hf: HFClient,
    pub(crate) web: Arc<Web>,
    pub(crate) endpoint: String,
    pub(crate) query_retries: RetryPolicy,
    pub(crate) download_retries: RetryPolicy,
    pub(crate) space: Space,
    offline: bool,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub")
            .field("endpoint", &self.endpoint)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// A client. Nothing is asked yet.
    ///
    /// # Errors
    /// An address in the configuration is invalid.
    pub fn new(config: HubConfig) -> Result<Self, HubError> {
        let endpoint = config::endpoint(&config.endpoint)?;
        let plain = endpoint.as_str().trim_end_matches('/').to_owned();
        let token = config
            .token
            .as_ref()
            .map_or(NO_TOKEN, |token| token.secret());
        // hf-hub's own retries ignore `Retry-After` and cannot be cancelled; ours do and can.
        let hf = HFClientBuilder::new()
            .endpoint(&plain)
            .token(token)
            .client(web::client(&config, reqwest::redirect::Policy::limited(5))?)
            .cache_enabled(false)
            .retry_max_attempts(0)
            .build()
            .map_err(|_| HubError::Address {
                text: plain.clone(),
                reason: "no client can be made for it".into(),
            })?;
        Ok(Self {
            hf,
            web: Arc::new(Web::new(&config, endpoint)?),
            endpoint: plain,
            query_retries: RetryPolicy::short(),
            download_retries: RetryPolicy::long(),
            space: Arc::new(|folder: &Path| fs4::available_space(folder)),
            offline: config.offline,
        })
    }

    /// The same with other policies for retrying queries and downloads.
    #[must_use]
    pub fn with_retries(
        mut self,
        query_retries: RetryPolicy,
        download_retries: RetryPolicy,
    ) -> Self {
        self.query_retries = query_retries;
        self.download_retries = download_retries;
        self
    }

    /// The same with another measure of the bytes that are free where a folder lies.
    #[must_use]
    pub fn with_space(
        mut self,
        space: impl Fn(&Path) -> io::Result<u64> + Send + Sync + 'static,
    ) -> Self {
        self.space = Arc::new(space);
        self
    }

    /// The address that is asked, without a slash at its end.
    pub fn endpoint(&self) -> &str {
        self.endpoint.trim_end_matches('/')
    }

    /// Refuses where the offline switch is on. Stands at the head of everything that asks.
    pub(crate) fn online(&self) -> Result<(), HubError> {
        match self.offline {
            true => Err(HubError::Offline),
            false => Ok(()),
        }
    }
}

/// Runs one question or download to its end, for callers that have no runtime.
///
/// # Errors
/// The system gives no threads or no descriptors.
pub fn block_on<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}
