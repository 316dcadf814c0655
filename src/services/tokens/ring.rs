//! The signing keys as an administrator sees and handles them.

use super::{OVERLAP, Tokens, publish};
use crate::access::Caller;
use crate::audit::Record;
use menshen_domain::setting::{KeyInfo, KeyRing, KeyState};
use menshen_domain::{Error, Kind, Result, Timestamp};
use menshen_storage::keys::{self, KeyRow};
use menshen_storage::{Event, Tx};
use serde_json::json;
use std::time::Duration;

fn info(row: &KeyRow, state: KeyState) -> KeyInfo {
    KeyInfo {
        kid: row.kid.clone(),
        algorithm: row.algorithm.clone(),
        state,
        created_at: Timestamp(row.created_at),
        active_at: Timestamp(row.active_at),
        expires_at: row.expires_at.map(Timestamp),
    }
}

/// What each of the keys is doing at `now`. They come newest first: the first that is active
/// signs.
fn states(rows: &[KeyRow], now: Timestamp) -> Vec<KeyInfo> {
    let signing = rows.iter().position(|row| row.active_at <= now.0);
    let state = |at: usize| match signing {
        Some(first) if at == first => KeyState::Signing,
        Some(first) if at > first => KeyState::Retired,
        _ => KeyState::Next,
    };
    let infos = rows
        .iter()
        .enumerate()
        .map(|(at, row)| info(row, state(at)));
    infos.collect()
}

impl Tokens {
    /// The keys whose tokens are accepted, and when the next one is made by itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ring(&self) -> Result<KeyRing> {
        let core = &self.0.core;
        let rows = keys::all(&mut *core.db.read().await?, core.now()).await?;
        let days = core.settings().token.key_days.max(1);
        let newest = rows.iter().map(|row| row.created_at).max();
        Ok(KeyRing {
            keys: states(&rows, core.now()),
            rotates_at: Timestamp(newest.unwrap_or(core.now().0)) + Duration::from_hours(24 * days),
        })
    }

    /// Makes a new key. It is published at once and signs after an hour, so that whoever verifies
    /// tokens has fetched it by then; the old one's tokens are accepted to their end.
    ///
    /// # Errors
    /// [`Kind::Conflict`] while a new key is waiting already.
    pub async fn rotate_by(&self, caller: &Caller) -> Result<KeyInfo> {
        let core = &self.0.core;
        let mut tx = core.db.begin().await?;
        tx.serialise().await?;
        let now = core.now();
        let rows = keys::all(&mut tx, now).await?;
        if let Some(next) = rows.iter().find(|row| row.active_at > now.0) {
            return Err(Error::new(
                Kind::Conflict,
                format!("新密钥 {} 已发布，尚未开始签名", next.kid),
                format!(
                    "The key {} is published already and does not sign yet",
                    next.kid
                ),
            ));
        }
        let algorithm = core.settings().token.algorithm;
        let row = publish(core, &mut tx, algorithm, now + OVERLAP).await?;
        Record::operation("key.rotate", caller)
            .target("key", &row.kid, &row.kid)
            .detail(&json!({ "after": { "kid": row.kid, "algorithm": row.algorithm } }))
            .write(core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(info(&row, KeyState::Next))
    }

    /// Drops a key that fell into wrong hands: what it signed is accepted no more, on any node.
    /// When it is the one that signs, the next one signs at once; a new one is made for that if
    /// none is waiting.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn revoke_by(&self, caller: &Caller, kid: &str) -> Result<KeyInfo> {
        let core = &self.0.core;
        let mut tx = core.db.begin().await?;
        tx.serialise().await?;
        let now = core.now();
        let rows = keys::all(&mut tx, now).await?;
        let all = states(&rows, now);
        let gone = all.iter().find(|key| key.kid == kid).cloned();
        let gone =
            gone.ok_or_else(|| Error::new(Kind::NotFound, "没有这个密钥", "There is no such key"))?;
        keys::delete(&mut tx, kid).await?;
        self.close_ranks(&mut tx, &all, &gone).await?;
        Record::operation("key.revoke", caller)
            .target("key", kid, kid)
            .detail(&json!({ "before": { "kid": kid, "state": gone.state.code() } }))
            .write(core, &mut tx)
            .await?;
        tx.announce(Event::Keys);
        tx.commit().await?;
        Ok(gone)
    }

    /// Sees to it that a key signs, and that the newest one has no end.
    async fn close_ranks(&self, tx: &mut Tx, all: &[KeyInfo], gone: &KeyInfo) -> Result<()> {
        let core = &self.0.core;
        let now = core.now();
        let left = |state: KeyState| all.iter().find(|k| k.state == state && k.kid != gone.kid);
        match gone.state {
            KeyState::Retired => {}
            KeyState::Signing => match left(KeyState::Next) {
                Some(next) => keys::activate(tx, &next.kid, now).await?,
                None => {
                    publish(core, tx, core.settings().token.algorithm, now).await?;
                }
            },
            KeyState::Next => {
                if let Some(newest) = left(KeyState::Next).or(left(KeyState::Signing)) {
                    keys::keep(tx, &newest.kid).await?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use menshen_domain::{SessionId, UserId};

    const HOUR: Duration = Duration::from_hours(1);

    async fn token(bench: &Bench) -> String {
        let session = SessionId("0199-session".into());
        let end = bench.services.now() + Duration::from_hours(24);
        let tokens = &bench.services.tokens;
        let issued = tokens.issue(UserId(7), "lin", &session, 1, end).await;
        issued.expect("a token").token
    }

    async fn is_good(bench: &Bench, token: &str) -> bool {
        bench.services.tokens.verify(token).await.is_ok()
    }

    async fn codes(bench: &Bench) -> Vec<&'static str> {
        let ring = bench.services.tokens.ring().await.expect("keys");
        ring.keys.iter().map(|k| k.state.code()).collect()
    }

    #[tokio::test]
    async fn a_new_key_waits_before_it_signs_and_there_is_one_at_a_time() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let tokens = &bench.services.tokens;
        let old = token(&bench).await;
        assert_eq!(codes(&bench).await, ["signing"]);
        let next = tokens.rotate_by(&admin).await.expect("rotated");
        assert_eq!(codes(&bench).await, ["next", "signing"]);
        let again = tokens.rotate_by(&admin).await.expect_err("one waits");
        assert_eq!(again.kind, Kind::Conflict);
        bench.clock.forward(HOUR - Duration::from_mins(50));
        assert!(is_good(&bench, &old).await);
        bench.clock.forward(Duration::from_mins(50));
        assert_eq!(codes(&bench).await, ["signing", "retired"]);
        let ring = tokens.ring().await.expect("keys");
        assert_eq!(ring.keys[0].kid, next.kid);
        let days = Duration::from_hours(24 * 90);
        assert_eq!(ring.rotates_at, next.created_at + days);
        let entry = &bench.audit("key.rotate").await[0];
        assert_eq!(entry.target_id.as_deref(), Some(next.kid.as_str()));
    }

    #[tokio::test]
    async fn what_a_revoked_key_signed_is_refused_at_once_and_another_signs() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let tokens = &bench.services.tokens;
        let old = token(&bench).await;
        assert!(is_good(&bench, &old).await, "and it is remembered");
        let kid = tokens.ring().await.expect("keys").keys[0].kid.clone();
        let gone = tokens.revoke_by(&admin, &kid).await.expect("revoked");
        assert_eq!(gone.state, KeyState::Signing);
        assert!(!is_good(&bench, &old).await);
        assert_eq!(codes(&bench).await, ["signing"]);
        let new = token(&bench).await;
        assert!(is_good(&bench, &new).await);
        // One that waits takes over.
        let next = tokens.rotate_by(&admin).await.expect("rotated");
        let signing = tokens.ring().await.expect("keys").keys[1].kid.clone();
        tokens.revoke_by(&admin, &signing).await.expect("revoked");
        assert!(!is_good(&bench, &new).await);
        let ring = tokens.ring().await.expect("keys");
        assert_eq!(ring.keys.len(), 1);
        assert_eq!(ring.keys[0].kid, next.kid);
        assert_eq!(ring.keys[0].state, KeyState::Signing);
        assert_eq!(ring.keys[0].expires_at, None);
        let newest = token(&bench).await;
        assert!(is_good(&bench, &newest).await);
        let unknown = tokens.revoke_by(&admin, "none").await.expect_err("none");
        assert_eq!(unknown.kind, Kind::NotFound);
    }

    #[tokio::test]
    async fn without_its_follower_a_key_goes_on() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let tokens = &bench.services.tokens;
        let next = tokens.rotate_by(&admin).await.expect("rotated");
        tokens.revoke_by(&admin, &next.kid).await.expect("revoked");
        let ring = tokens.ring().await.expect("keys");
        assert_eq!(ring.keys.len(), 1);
        assert_eq!(ring.keys[0].expires_at, None);
        bench.clock.forward(HOUR * 5);
        let new = token(&bench).await;
        assert!(is_good(&bench, &new).await);
    }
}
