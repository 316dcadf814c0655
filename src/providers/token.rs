//! Access tokens of vendors: held until shortly before they expire.

use menshen_domain::{Clock, Result, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The most that a token is given up before it expires.
const MARGIN_SECONDS: u64 = 300;

/// A token as a vendor hands it out.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) token: SecretString,
    /// How long it is good.
    pub(crate) seconds: u64,
}

#[derive(Debug)]
struct Held {
    token: SecretString,
    until: Timestamp,
}

/// One token, fetched by one task at a time while the others wait for it.
#[derive(Debug)]
pub(crate) struct TokenCache {
    held: Mutex<Option<Held>>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl TokenCache {
    /// An empty one; nobody waits longer than `patience` for another task's fetching.
    pub(crate) fn new(clock: Arc<dyn Clock>, patience: Duration) -> Self {
        Self {
            held: Mutex::new(None),
            clock,
            patience,
        }
    }

    /// The token that is held, or one that `fetch` brings. `stale` is one that the vendor has
    /// just refused: it is not handed out again.
    pub(crate) async fn get(
        &self,
        stale: Option<&SecretString>,
        fetch: impl Future<Output = Result<Fresh>>,
    ) -> Result<SecretString> {
        // While a vendor is down, each of many would wait for all before it: better ask oneself.
        let Ok(mut held) = tokio::time::timeout(self.patience, self.held.lock()).await else {
            return Ok(fetch.await?.token);
        };
        let now = self.clock.now();
        if let Some(good) = held.as_ref().filter(|h| h.is_good(now, stale)) {
            return Ok(good.token.clone());
        }
        *held = None;
        let fresh = fetch.await?;
        let good = fresh.seconds - MARGIN_SECONDS.min(fresh.seconds / 10);
        *held = Some(Held {
            token: fresh.token.clone(),
            until: now + Duration::from_secs(good),
        });
        Ok(fresh.token)
    }
}

impl Held {
    fn is_good(&self, now: Timestamp, stale: Option<&SecretString>) -> bool {
        let refused = stale.is_some_and(|s| s.expose_secret() == self.token.expose_secret());
        now < self.until && !refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedClock, VENDOR};

    async fn fresh(token: &str) -> Result<Fresh> {
        Ok(Fresh {
            token: token.into(),
            seconds: 7200,
        })
    }

    #[tokio::test]
    async fn a_token_is_held_until_it_is_about_to_expire_or_refused() {
        let clock = FixedClock::at(0);
        let cache = TokenCache::new(clock.clone(), Duration::from_secs(5));
        let got = async |stale: Option<&str>, next: &str| {
            let stale = stale.map(SecretString::from);
            let token = cache.get(stale.as_ref(), fresh(next)).await;
            token.expect("a token").expose_secret().to_owned()
        };
        assert_eq!(got(None, "a").await, "a");
        assert_eq!(got(None, "b").await, "a");
        // Somebody else has replaced the refused one already.
        assert_eq!(got(Some("z"), "b").await, "a");
        assert_eq!(got(Some("a"), "b").await, "b");
        clock.forward(Duration::from_secs(6899));
        assert_eq!(got(None, "c").await, "b");
        clock.forward(Duration::from_secs(1));
        assert_eq!(got(None, "c").await, "c");
        assert!(!format!("{cache:?}").contains("\"c\""));
    }

    #[tokio::test]
    async fn a_failure_is_not_held() {
        let cache = TokenCache::new(FixedClock::at(0), Duration::from_secs(5));
        let failed = async { Err(VENDOR.unavailable("down")) };
        assert!(cache.get(None, failed).await.is_err());
        let token = cache.get(None, fresh("a")).await.expect("a token");
        assert_eq!(token.expose_secret(), "a");
    }
}
