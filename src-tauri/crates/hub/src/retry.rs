//! Retrying what failed for a reason that may pass, with waits in between, until it is cancelled.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::{Cancel, HubError};

/// How failures that may pass are waited out.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Attempts in a row without new data before the download fails.
    pub attempts: u32,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// The longest wait between attempts.
    pub longest: Duration,
    /// The longest wait that a server may ask for by `Retry-After`.
    pub longest_retry_after: Duration,
}

impl RetryPolicy {
    /// For a download, which nobody watches closely.
    pub fn long() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            longest_retry_after: Duration::from_secs(330),
        }
    }

    /// For a question that a person waits for.
    pub fn short() -> Self {
        Self {
            attempts: 2,
            first: Duration::from_millis(300),
            longest: Duration::from_secs(2),
            longest_retry_after: Duration::from_secs(5),
        }
    }

    /// How long to wait after the failure number `failures`, from 1; `None` to stop trying.
    pub(crate) fn wait(&self, failures: u32, failure: &HubError) -> Option<Duration> {
        if !failure.is_passing() || failures >= self.attempts {
            return None;
        }
        if let HubError::RateLimited {
            seconds: Some(seconds),
        } = failure
        {
            let asked = Duration::from_secs(*seconds);
            return (asked <= self.longest_retry_after).then_some(asked);
        }
        let doubled = self.first.saturating_mul(1 << (failures - 1).min(16));
        Some(doubled.min(self.longest))
    }
}

/// Tries again what may pass, with waits between, until it is cancelled.
pub(crate) async fn retry<'a, T>(
    policy: &RetryPolicy,
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
        match policy.wait(failures, &failure) {
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

/// Boxes a future where its kind is known, so that callers stay readable.
pub(crate) trait Boxed<'a>: Future + Send + Sized + 'a {
    fn boxed_here(self) -> BoxFuture<'a, Self::Output> {
        Box::pin(self)
    }
}

impl<'a, F: Future + Send + 'a> Boxed<'a> for F {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_bounded_and_heed_what_the_server_asks() {
        let policy = RetryPolicy {
            attempts: 4,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(3),
            longest_retry_after: Duration::from_secs(60),
        };
        let cut = HubError::Network {
            host: "h".into(),
            reason: "cut".into(),
        };
        let waits: Vec<_> = (1..=4).map(|n| policy.wait(n, &cut)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(3), None]);
        let limited = |seconds| HubError::RateLimited { seconds };
        assert_eq!(policy.wait(1, &limited(Some(40))), seconds(40));
        assert_eq!(policy.wait(1, &limited(Some(400))), None);
        assert_eq!(policy.wait(1, &limited(None)), seconds(1));
        assert_eq!(policy.wait(1, &HubError::Offline), None);
    }
}
