//! Reading the login log and the operation log.

use crate::access::Caller;
use crate::agent;
use crate::audit::{Record, is_genuine};
use crate::core::Core;
use crate::users::in_sight;
use menshen_domain::log::{LogEntry, LogFilter, LogKind};
use menshen_domain::people::History;
use menshen_domain::{
    Error, Page, PageRequest, Result, SessionId, Text, Timestamp, UserId, catalogue,
};
use menshen_storage::audit::{self, Kept};
use serde_json::{Value, json};
use std::sync::Arc;

mod seals;

pub use seals::Broken;

/// The most entries that one export holds.
pub const MAX_EXPORT: i64 = 50_000;

/// How many entries about one user are shown beside her record.
const ABOUT: i64 = 20;

/// Reads the logs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Logs {
    core: Arc<Core>,
}

impl Logs {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// One page of a log, newest first: the entries of those whom the caller sees, and, if that
    /// is everybody, those of nobody known.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        caller: &Caller,
        kind: LogKind,
        filter: &LogFilter,
        page: PageRequest,
    ) -> Result<Page<LogEntry>> {
        let mut conn = self.core.db.read().await?;
        let sight = caller.sight();
        let found = audit::list(&mut conn, kind, caller.id(), sight, filter, page).await?;
        Ok(Page {
            total: found.total,
            list: found.list.into_iter().map(|k| self.shown(k)).collect(),
        })
    }

    /// The latest entries about somebody whom the caller sees: of each log that she may read, and
    /// no more of it than [`Logs::list`] shows her.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::NotFound`], also for users out of sight.
    pub async fn about(&self, caller: &Caller, user: UserId) -> Result<History> {
        let mut conn = self.core.db.read().await?;
        in_sight(&mut conn, caller, user).await?;
        let logs = [
            (LogKind::Operation, catalogue::LOG_OPERATION),
            (LogKind::Login, catalogue::LOG_LOGIN),
        ];
        let mut found = [None, None];
        for ((kind, code), place) in logs.into_iter().zip(&mut found) {
            if caller.may(code) {
                let (viewer, sight) = (caller.id(), caller.sight());
                let kept = audit::about(&mut conn, kind, viewer, sight, user, ABOUT).await?;
                *place = Some(kept.into_iter().map(|k| self.shown(k)).collect());
            }
        }
        let [operations, sign_ins] = found;
        Ok(History {
            operations,
            sign_ins,
        })
    }

    /// All of a log that the filter lets through, as [`Logs::list`] shows it. The export itself
    /// is an entry of the operation log.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Invalid`] when that is more than [`MAX_EXPORT`] entries.
    pub async fn export(
        &self,
        caller: &Caller,
        kind: LogKind,
        filter: &LogFilter,
    ) -> Result<Vec<LogEntry>> {
        let all = PageRequest {
            page_num: 1,
            page_size: MAX_EXPORT,
        };
        let found = self.list(caller, kind, filter, all).await?;
        if found.total > MAX_EXPORT {
            return Err(Error::field(
                "beginTime",
                Text::new(
                    format!(
                        "共 {} 条，一次最多导出 {MAX_EXPORT} 条，请缩小时间范围",
                        found.total
                    ),
                    format!(
                        "there are {} entries; one export holds {MAX_EXPORT} at most: narrow the time",
                        found.total
                    ),
                ),
            ));
        }
        let mut tx = self.core.db.begin().await?;
        Record::operation("log.export", caller)
            .target("log", kind.code(), "")
            .detail(&json!({ "filter": filter, "entries": found.list.len() }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(found.list)
    }

    fn shown(&self, kept: Kept) -> LogEntry {
        let valid = is_genuine(&self.core, &kept.entry);
        let e = kept.entry;
        let (browser, os) = agent::describe(&e.user_agent);
        let detail: Value = serde_json::from_str(&e.detail).unwrap_or_default();
        LogEntry {
            id: kept.id,
            at: Timestamp(e.at),
            action: e.action,
            success: e.success,
            actor_id: e.actor_id.map(UserId),
            actor_name: e.actor_name,
            session_id: e.session_id.map(SessionId),
            ip: e.ip,
            user_agent: e.user_agent,
            browser,
            os,
            target_kind: e.target_kind,
            target_id: e.target_id,
            target_name: e.target_name,
            reason: detail["reason"].as_str().map(str::to_owned),
            detail: e.detail,
            request_id: e.request_id,
            valid,
        }
    }
}

#[cfg(test)]
mod tests;
