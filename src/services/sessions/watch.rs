//! Who is signed in where: seeing sessions, one's own and others', and ending them.

use super::Sessions;
use crate::access::{Caller, SEEN_STEP};
use crate::agent;
use crate::audit::Record;
use crate::tokens::EXCHANGE_GRACE;
use crate::users::{in_sight, outranks};
use menshen_domain::session::{MANY, OpenSession, SessionFilter};
use menshen_domain::{Error, Kind, Page, PageRequest, Result, SessionId, Text, UserId};
use menshen_storage::sessions::{self, Owner, SessionRow, Usable};
use menshen_storage::{Conn, Event, Tx};
use serde_json::json;
use std::time::Duration;

/// The most sessions that are ended together.
pub const MOST_AT_ONCE: usize = 200;

fn missing() -> Error {
    Error::new(
        Kind::NotFound,
        "会话不存在或已结束",
        "There is no such session, or it has ended",
    )
}

impl Sessions {
    /// What a session must look like at present for anything of it to be good still.
    pub(crate) fn usable(&self) -> Usable {
        let now = self.core.now();
        let settings = self.core.settings();
        let refresh = Duration::from_secs(settings.token.refresh_seconds);
        let idle = Duration::from_secs(settings.session.page_idle_seconds);
        Usable {
            now,
            api_seen: now - refresh.max(settings.token.access() + EXCHANGE_GRACE),
            page_seen: now - (idle + SEEN_STEP),
        }
    }

    /// How many sessions can be used.
    pub(crate) async fn count(&self) -> Result<i64> {
        let mut conn = self.core.db.read().await?;
        Ok(sessions::count_usable(&mut conn, self.usable()).await?)
    }

    /// One page of the caller's own sessions, the last seen first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_own(&self, caller: &Caller, page: PageRequest) -> Result<Page<OpenSession>> {
        let owner = Owner::One(caller.id());
        self.listed(caller, owner, &SessionFilter::default(), page)
            .await
    }

    /// One page of the sessions of those whom the caller sees.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_all(
        &self,
        caller: &Caller,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        let owner = Owner::InSight(caller.id(), caller.sight());
        self.listed(caller, owner, filter, page).await
    }

    /// As [`Sessions::list_all`], for leafing through: one more than [`MANY`] is the most that
    /// are counted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn browse(
        &self,
        caller: &Caller,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        let owner = Owner::InSight(caller.id(), caller.sight());
        self.counted_to(MANY + 1, caller, owner, filter, page).await
    }

    pub(super) async fn listed(
        &self,
        caller: &Caller,
        owner: Owner<'_>,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        self.counted_to(i64::MAX, caller, owner, filter, page).await
    }

    async fn counted_to(
        &self,
        most: i64,
        caller: &Caller,
        owner: Owner<'_>,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        let mut conn = self.core.db.read().await?;
        let usable = self.usable();
        let mut found =
            sessions::browse_usable(&mut conn, usable, owner, filter, page, most).await?;
        for session in &mut found.list {
            (session.browser, session.os) = agent::describe(&session.user_agent);
            session.current = session.id == *caller.session_id();
        }
        Ok(found)
    }

    /// Ends one of the caller's own sessions; the one that asks, too.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for somebody else's.
    pub async fn end_own(&self, caller: &Caller, id: &SessionId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        let session = self.find_usable(&mut tx, id).await?;
        if session.user_id != caller.id().0 {
            return Err(missing());
        }
        let now = self.core.now();
        if !sessions::revoke(&mut tx, id, "revoked_by_owner", now).await? {
            return Err(missing());
        }
        Record::operation("session.revoke", caller)
            .target("session", &id.0, caller.username())
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Session(id.0.clone()));
        tx.commit().await?;
        Ok(())
    }

    /// Ends all of the caller's own sessions but the one that asks; tells how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_others(&self, caller: &Caller) -> Result<u64> {
        let now = self.core.now();
        let (id, keep) = (caller.id(), Some(caller.session_id()));
        let mut tx = self.core.db.begin().await?;
        let ended = sessions::revoke_all(&mut tx, id, keep, "revoked_by_owner", now).await?;
        if ended > 0 {
            Record::operation("session.revoke_others", caller)
                .target("user", id, caller.username())
                .detail(&json!({ "ended": ended }))
                .write(&self.core, &mut tx)
                .await?;
            tx.announce(Event::User(id.0));
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// Ends a session of somebody whom the caller sees.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for a session out of sight; [`Kind::Forbidden`] for that of
    /// somebody who holds more than the caller.
    pub async fn revoke(&self, caller: &Caller, id: &SessionId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        self.revoke_in(&mut tx, caller, id).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn revoke_in(&self, tx: &mut Tx, caller: &Caller, id: &SessionId) -> Result<()> {
        let session = self.find_usable(tx, id).await?;
        let owner = in_sight(tx, caller, UserId(session.user_id))
            .await
            .map_err(|error| match error.kind {
                Kind::NotFound => missing(),
                _ => error,
            })?;
        if owner.id != caller.id() {
            outranks(tx, caller, &owner).await?;
        }
        let now = self.core.now();
        if !sessions::revoke(tx, id, "revoked_by_administrator", now).await? {
            return Err(missing());
        }
        Record::operation("session.revoke", caller)
            .target("session", &id.0, &owner.username)
            .write(&self.core, tx)
            .await?;
        tx.announce(Event::Session(id.0.clone()));
        Ok(())
    }

    /// Ends all sessions of somebody whom the caller sees; of her own, all but the one that asks.
    /// Tells how many those were, and whose.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for somebody out of sight; [`Kind::Forbidden`] for who holds more than
    /// the caller.
    pub async fn revoke_user(&self, caller: &Caller, id: UserId) -> Result<(u64, String)> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let owner = in_sight(&mut tx, caller, id).await?;
        let keep = (owner.id == caller.id()).then(|| caller.session_id());
        if keep.is_none() {
            outranks(&mut tx, caller, &owner).await?;
        }
        let (why, now) = ("revoked_by_administrator", self.core.now());
        let ended = sessions::revoke_all(&mut tx, id, keep, why, now).await?;
        if ended > 0 {
            Record::operation("session.revoke_user", caller)
                .target("user", id, &owner.username)
                .detail(&json!({ "ended": ended }))
                .write(&self.core, &mut tx)
                .await?;
            tx.announce(Event::User(id.0));
            tx.commit().await?;
        }
        Ok((ended, owner.display_name().to_owned()))
    }

    /// Ends several sessions at once, or none of them. What has ended already is passed over.
    /// Tells how many there were.
    ///
    /// # Errors
    /// As [`Sessions::revoke`]; [`Kind::Invalid`] on `ids` for more than [`MOST_AT_ONCE`].
    pub async fn revoke_several(&self, caller: &Caller, ids: &[SessionId]) -> Result<u64> {
        if ids.len() > MOST_AT_ONCE {
            let text = Text::new(
                format!("一次最多结束 {MOST_AT_ONCE} 个会话"),
                format!("at most {MOST_AT_ONCE} sessions at once"),
            );
            return Err(Error::field("ids", text));
        }
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let mut ended = 0;
        for id in ids {
            match self.revoke_in(&mut tx, caller, id).await {
                Ok(()) => ended += 1,
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        Ok(ended)
    }

    async fn find_usable(&self, conn: &mut Conn, id: &SessionId) -> Result<SessionRow> {
        sessions::find(conn, id)
            .await?
            .filter(|s| s.revoked_at.is_none() && s.expires_at > self.core.now().0)
            .ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests;
