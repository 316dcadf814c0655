//! The server's own figures, for whoever watches over it.

use crate::Services;
use crate::secrets::sha256;
use menshen_domain::{Error, Result};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

/// What is so at this moment; what happens is counted where it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// How many sessions can be used; `None` while the database does not answer.
    pub sessions: Option<i64>,
    /// How many passwords are being hashed.
    pub hashing: usize,
    /// How many wait for it.
    pub waiting: usize,
}

impl Services {
    /// Whether whoever shows `token` may read the figures.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Token`] when they are not public and it is not the settings' own.
    pub fn may_read_metrics(&self, token: Option<&str>) -> Result<()> {
        let settings = self.core.settings();
        let settings = &settings.metrics;
        if settings.public {
            return Ok(());
        }
        let kept = settings.token.as_ref().map(|t| t.expose_secret());
        let good = kept.is_some_and(|kept| {
            let shown = sha256(token.unwrap_or_default().as_bytes());
            !kept.is_empty() && bool::from(sha256(kept.as_bytes()).ct_eq(&shown))
        });
        if good { Ok(()) } else { Err(Error::token()) }
    }

    /// The figures. What can't be found out is left out: they are wanted most when something is
    /// broken.
    pub async fn figures(&self) -> Figures {
        let sessions = self.sessions.count().await;
        let (hashing, waiting) = self.core.hasher.load();
        Figures {
            sessions: sessions
                .inspect_err(|error| tracing::warn!(%error, "sessions could not be counted"))
                .ok(),
            hashing,
            waiting,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use menshen_domain::Kind;
    use secrecy::SecretString;
    use std::time::Duration;

    #[tokio::test]
    async fn req56_figures_are_for_whoever_knows_the_token() {
        let bench =
            Bench::with(|s| s.metrics.token = Some(SecretString::from("a long token"))).await;
        let may = |token| bench.services.may_read_metrics(token).map_err(|e| e.kind);
        assert_eq!(may(Some("a long token")), Ok(()));
        for wrong in [None, Some(""), Some("a long tokem"), Some("a long token ")] {
            assert_eq!(may(wrong), Err(Kind::Token), "{wrong:?}");
        }
        let off = Bench::sqlite().await;
        for token in [None, Some(""), Some("x")] {
            assert!(off.services.may_read_metrics(token).is_err(), "{token:?}");
        }
        let open = Bench::with(|s| s.metrics.public = true).await;
        open.services.may_read_metrics(None).expect("public");
    }

    #[tokio::test]
    async fn figures_follow_what_is_so() {
        let bench = Bench::sqlite().await;
        bench.user("lin").await;
        assert_eq!(bench.services.figures().await.sessions, Some(0));
        bench.sign_in("lin").await;
        bench.sign_in("lin").await;
        let full = bench.services.core.hasher.fill();
        let figures = bench.services.figures().await;
        assert_eq!(figures.sessions, Some(2));
        assert!(figures.waiting >= 1000, "{figures:?}");
        drop(full);
        assert_eq!(bench.services.figures().await.waiting, 0);
        bench.clock.forward(Duration::from_hours(24 * 8));
        assert_eq!(bench.services.figures().await.sessions, Some(0));
        bench.db.close().await;
        assert_eq!(bench.services.figures().await.sessions, None);
    }
}
