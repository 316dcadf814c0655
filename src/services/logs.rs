//! Reading the login log and the operation log.

use crate::access::Caller;
use crate::agent;
use crate::audit::{Record, is_genuine};
use crate::core::Core;
use crate::days;
use menshen_domain::log::{LogEntry, LogFilter, LogKind, LogPage, Operation};
use menshen_domain::session::MANY;
use menshen_domain::{Error, Kind, Page, PageRequest, Result, SessionId, Text, Timestamp, UserId};
use menshen_storage::audit::{self, Kept};
use serde_json::{Value, json};
use std::sync::Arc;

mod parts;
mod seals;

pub use crate::days::Span;
pub use seals::Broken;

/// The most entries that one export holds.
pub const MAX_EXPORT: i64 = 50_000;

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

    /// One page of a log as [`Logs::list`] has it, for leafing through: entries are counted no
    /// further than anybody leafs. `span` narrows the filter to days.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `from` or `to` for what is no day; what the database says.
    pub async fn browse(
        &self,
        caller: &Caller,
        kind: LogKind,
        filter: &LogFilter,
        span: &Span,
        page: PageRequest,
    ) -> Result<LogPage> {
        let (begin, end) = days::span(&self.core, span)?;
        let filter = LogFilter {
            begin,
            end,
            ..filter.clone()
        };
        let (viewer, sight) = (caller.id(), caller.sight());
        let mut conn = self.core.db.read().await?;
        // What has to be read to be found is counted less far.
        let read = [&filter.text, &filter.ip, &filter.area, &filter.method];
        let most = if read.iter().any(|part| part.is_some()) {
            MANY / 10
        } else {
            MANY
        };
        let found = audit::browse(&mut conn, kind, viewer, sight, &filter, page, most + 1).await?;
        Ok(LogPage {
            list: found.list.into_iter().map(|k| self.shown(k)).collect(),
            total: found.total.min(most),
            more: found.total > most,
            begin,
            end,
        })
    }

    /// One entry of the operation log, taken apart, if it is one of those that [`Logs::list`]
    /// shows the caller.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn operation(&self, caller: &Caller, id: i64) -> Result<Operation> {
        let kind = LogKind::Operation;
        let mut conn = self.core.db.read().await?;
        let found = audit::find(&mut conn, kind, caller.id(), caller.sight(), id).await?;
        let found = found.map(|kept| parts::of(self.shown(kept)));
        found.ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                "没有这条记录",
                "There is no such entry in the log",
            )
        })
    }

    /// The latest entries of a log, as [`Logs::list`] shows them.
    pub(crate) async fn latest(
        &self,
        caller: &Caller,
        kind: LogKind,
        count: i64,
    ) -> Result<Vec<LogEntry>> {
        let mut conn = self.core.db.read().await?;
        let found = audit::latest(&mut conn, kind, caller.id(), caller.sight(), count).await?;
        Ok(found.into_iter().map(|k| self.shown(k)).collect())
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
        let method = (e.action == "sign_in").then(|| {
            let said = detail["method"].as_str();
            said.unwrap_or("password").to_owned()
        });
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
            method,
            detail: e.detail,
            request_id: e.request_id,
            valid,
        }
    }
}

#[cfg(test)]
mod tests;
