//! Reading the login log and the operation log.

use crate::access::Caller;
use crate::agent;
use crate::audit::{Record, is_genuine};
use crate::core::Core;
use crate::days;
use crate::exports::{PIECE, Place};
use crate::users::in_sight;
use menshen_domain::log::{LogEntry, LogFilter, LogKind, LogPage, Operation};
use menshen_domain::people::History;
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::session::MANY;
use menshen_domain::{
    Error, Kind, Page, PageRequest, Result, SessionId, Text, Timestamp, UserId, catalogue,
};
use menshen_storage::Conn;
use menshen_storage::audit::{self, Kept, Stretch};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

mod names;
mod parts;
mod seals;

pub use crate::days::Span;
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
    /// is everybody, those of nobody known. What was done to users whom she does not see is told
    /// without their names and records.
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
        let (viewer, kept) = (caller.id(), found.list);
        Ok(Page {
            total: found.total,
            list: self.told(&mut conn, viewer, sight, kept).await?,
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
            list: self.told(&mut conn, viewer, sight, found.list).await?,
            total: found.total.min(most),
            more: found.total > most,
            begin,
            end,
        })
    }

    /// One entry of the operation log, taken apart, if it is one of those that [`Logs::list`]
    /// shows the caller. What ids stand for is named as far as the caller may see it.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn operation(&self, caller: &Caller, id: i64) -> Result<Operation> {
        let kind = LogKind::Operation;
        let mut conn = self.core.db.read().await?;
        let (viewer, sight) = (caller.id(), caller.sight());
        let found = audit::find(&mut conn, kind, viewer, sight, id).await?;
        let found = self.told(&mut conn, viewer, sight, found).await?.pop();
        let found = found.ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                "没有这条记录",
                "There is no such entry in the log",
            )
        })?;
        let mut found = parts::of(found);
        names::tell(&mut conn, caller, &mut found).await?;
        Ok(found)
    }

    /// The latest entries of a log, as [`Logs::list`] shows them.
    pub(crate) async fn latest(
        &self,
        caller: &Caller,
        kind: LogKind,
        count: i64,
    ) -> Result<Vec<LogEntry>> {
        let mut conn = self.core.db.read().await?;
        let (viewer, sight) = (caller.id(), caller.sight());
        let found = audit::latest(&mut conn, kind, viewer, sight, count).await?;
        self.told(&mut conn, viewer, sight, found).await
    }

    /// Begins an export of all of a log that the filter lets through now, in the order of
    /// [`Logs::list`]. The export itself is an entry of the operation log, written before anything
    /// is handed out.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Invalid`] when that is more than [`MAX_EXPORT`] entries;
    /// [`menshen_domain::Kind::TooMany`] and [`menshen_domain::Kind::Busy`] while as many exports
    /// as may be are under way.
    pub async fn export(
        &self,
        caller: &Caller,
        kind: LogKind,
        filter: LogFilter,
    ) -> Result<Export> {
        let place = self.core.exports.place(caller.id())?;
        let (viewer, sight) = (caller.id(), caller.sight().clone());
        let mut conn = self.core.db.read().await?;
        let (entries, until) = audit::extent(&mut conn, kind, viewer, &sight, &filter).await?;
        drop(conn);
        if entries > MAX_EXPORT {
            return Err(too_long(entries));
        }
        let mut tx = self.core.db.begin().await?;
        Record::operation("log.export", caller)
            .target("log", kind.code(), "")
            .detail(&json!({ "filter": filter, "entries": entries }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(Export {
            logs: self.clone(),
            kind,
            viewer,
            sight,
            filter,
            until,
            after: None,
            _place: place,
        })
    }

    /// Entries as the viewer is told of them.
    async fn told(
        &self,
        conn: &mut Conn,
        viewer: UserId,
        sight: &Sight,
        kept: impl IntoIterator<Item = Kept>,
    ) -> Result<Vec<LogEntry>> {
        let mut entries: Vec<LogEntry> = kept.into_iter().map(|k| self.shown(k)).collect();
        veil(conn, viewer, sight, &mut entries).await?;
        Ok(entries)
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

/// Takes out of entries what they tell of users whom the viewer does not see: whoever did it may be
/// in her sight, and who it was done to not.
async fn veil(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    entries: &mut [LogEntry],
) -> Result<()> {
    if sight.scope == DataScope::All {
        return Ok(());
    }
    let ids: BTreeSet<i64> = entries.iter().filter_map(target_user).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let seen = if ids.is_empty() {
        BTreeSet::new()
    } else {
        audit::users_seen(conn, viewer, sight, &ids).await?
    };
    let of_users = entries
        .iter_mut()
        .filter(|e| e.target_kind.as_deref() == Some("user"));
    for entry in of_users {
        if target_user(entry).is_none_or(|id| !seen.contains(&id)) {
            entry.target_name = None;
            "{}".clone_into(&mut entry.detail);
        }
    }
    Ok(())
}

/// The user whom an entry is about.
fn target_user(entry: &LogEntry) -> Option<i64> {
    let id = entry.target_id.as_deref();
    id.filter(|_| entry.target_kind.as_deref() == Some("user"))?
        .parse()
        .ok()
}

fn too_long(entries: i64) -> Error {
    Error::field(
        "beginTime",
        Text::new(
            format!("共 {entries} 条，一次最多导出 {MAX_EXPORT} 条，请缩小时间范围"),
            format!(
                "there are {entries} entries; one export holds {MAX_EXPORT} at most: narrow the time"
            ),
        ),
    )
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    logs: Logs,
    kind: LogKind,
    viewer: UserId,
    sight: Sight,
    filter: LogFilter,
    /// The last entry's number when the export began.
    until: i64,
    /// The last entry that was handed out.
    after: Option<(Timestamp, i64)>,
    _place: Place,
}

impl Export {
    /// The next entries; none at the end.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self) -> Result<Option<Vec<LogEntry>>> {
        let stretch = Stretch {
            until: self.until,
            after: self.after,
            count: i64::try_from(PIECE).unwrap_or(i64::MAX),
        };
        let (viewer, sight, filter) = (self.viewer, &self.sight, &self.filter);
        let mut conn = self.logs.core.db.read().await?;
        let found = audit::piece(&mut conn, self.kind, viewer, sight, filter, stretch).await?;
        let Some(last) = found.last() else {
            return Ok(None);
        };
        self.after = Some((Timestamp(last.entry.at), last.id));
        let told = self.logs.told(&mut conn, viewer, sight, found).await?;
        Ok(Some(told))
    }
}

#[cfg(test)]
mod tests;
