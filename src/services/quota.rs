//! So many of one thing within a window of time, whatever comes of each.

use crate::core::Core;
use menshen_domain::{Error, Kind, Result, Text, Timestamp};
use menshen_storage::{Conn, throttle};
use std::time::Duration;

/// How often something may be asked for.
#[derive(Debug)]
pub(crate) struct Quota {
    /// Under what it is counted: the thing, and who asks for it.
    pub(crate) key: String,
    /// How many within the window.
    pub(crate) most: i64,
    /// From the first one on; then a new window begins.
    pub(crate) window: Duration,
    /// What is said to whoever asks for more.
    pub(crate) refusal: Text,
}

impl Quota {
    /// Counts one more, which stays counted whatever comes after it.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub(crate) async fn count(self, core: &Core) -> Result<()> {
        let mut tx = core.db.begin().await?;
        let counted = self.count_within(&mut tx, core.now()).await;
        tx.commit().await?;
        counted
    }

    /// The same within a transaction of the caller's: counted when that is committed.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub(crate) async fn count_within(self, conn: &mut Conn, now: Timestamp) -> Result<()> {
        let (count, began) = throttle::hit_within(conn, &self.key, now, now - self.window).await?;
        if count <= self.most {
            return Ok(());
        }
        let retry_after = (began + self.window).since(now).as_secs().max(1);
        Err(Error::new(
            Kind::TooMany { retry_after },
            self.refusal.zh,
            self.refusal.en,
        ))
    }
}
