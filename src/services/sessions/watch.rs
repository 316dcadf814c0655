//! Who is signed in where: seeing sessions, one's own and others', and ending them.

use super::Sessions;
use crate::access::{Caller, SEEN_STEP};
use crate::agent;
use crate::audit::Record;
use crate::tokens::EXCHANGE_GRACE;
use crate::users::{in_sight, outranks};
use menshen_domain::session::{OpenSession, SessionFilter};
use menshen_domain::{Error, Kind, Page, PageRequest, Result, SessionId, UserId};
use menshen_storage::sessions::{self, Owner, SessionRow, Usable};
use menshen_storage::{Conn, Event};
use serde_json::json;
use std::time::Duration;

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

    async fn listed(
        &self,
        caller: &Caller,
        owner: Owner<'_>,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        let mut conn = self.core.db.read().await?;
        let mut found =
            sessions::list_usable(&mut conn, self.usable(), owner, filter, page).await?;
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
        let session = self.find_usable(&mut tx, id).await?;
        let owner = in_sight(&mut tx, caller, UserId(session.user_id))
            .await
            .map_err(|error| match error.kind {
                Kind::NotFound => missing(),
                _ => error,
            })?;
        if owner.id != caller.id() {
            outranks(&mut tx, caller, &owner).await?;
        }
        let now = self.core.now();
        if !sessions::revoke(&mut tx, id, "revoked_by_administrator", now).await? {
            return Err(missing());
        }
        Record::operation("session.revoke", caller)
            .target("session", &id.0, &owner.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Session(id.0.clone()));
        tx.commit().await?;
        Ok(())
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
