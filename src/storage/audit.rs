//! The audit log: sign-ins and changes, written in the transaction of what they tell of.

use crate::sql::{Arg, Where};
use crate::{Conn, Result};
use menshen_domain::log::{LogFilter, LogKind};
use menshen_domain::scope::Sight;
use menshen_domain::session::SignIn;
use menshen_domain::{Page, PageRequest, Timestamp, UserId};
use sqlx::AssertSqlSafe;
use std::collections::BTreeSet;

/// An entry to be written.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// When, in microseconds.
    pub at: i64,
    /// `login` or `operation`.
    pub kind: &'static str,
    /// What was done, as in `role.update`.
    pub action: String,
    /// Whether it succeeded.
    pub success: bool,
    /// Who did it, when known.
    pub actor_id: Option<i64>,
    /// The name of who did it, or the name given at a failed sign-in.
    pub actor_name: String,
    /// In which session.
    pub session_id: Option<String>,
    /// From which address.
    pub ip: String,
    /// With which client.
    pub user_agent: String,
    /// What kind of thing it was done to.
    pub target_kind: Option<String>,
    /// Which one.
    pub target_id: Option<String>,
    /// What that is called.
    pub target_name: Option<String>,
    /// JSON, without secrets.
    pub detail: String,
    /// The request in which it happened.
    pub request_id: String,
    /// The row's HMAC.
    pub mac: Vec<u8>,
}

/// Writes an entry.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, entry: Entry) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_log (at, kind, action, success, actor_id, actor_name, session_id, ip,
             user_agent, target_kind, target_id, target_name, detail, request_id, mac)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(entry.at)
    .bind(entry.kind)
    .bind(entry.action)
    .bind(i64::from(entry.success))
    .bind(entry.actor_id)
    .bind(entry.actor_name)
    .bind(entry.session_id)
    .bind(entry.ip)
    .bind(entry.user_agent)
    .bind(entry.target_kind)
    .bind(entry.target_id)
    .bind(entry.target_name)
    .bind(entry.detail)
    .bind(entry.request_id)
    .bind(entry.mac)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SignInRow {
    at: i64,
    actor_name: String,
    success: i64,
    ip: String,
    user_agent: String,
}

/// The sign-ins of users in `sight` of `viewer`. Names that nobody bears are for those who see
/// everybody.
fn sign_ins(viewer: UserId, sight: &Sight) -> Where {
    let mut w = Where::default();
    w.and("kind = 'login' AND action = 'sign_in'", []);
    w.and_sight(
        "actor_id IN (SELECT s.id FROM user_account s WHERE s.id = ? OR s.dept_id IN (LIST))",
        viewer,
        sight,
    );
    w
}

/// The latest sign-ins of users in `sight` of `viewer`, successful and failed, newest first.
///
/// # Errors
/// What the database says.
pub async fn last_sign_ins(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    count: i64,
) -> Result<Vec<SignIn>> {
    let mut w = sign_ins(viewer, sight);
    let clause = w.clause();
    let limit = w.page(count, 0);
    let sql = format!(
        "SELECT at, actor_name, success, ip, user_agent FROM audit_log{clause}
         ORDER BY at DESC, id DESC{limit}"
    );
    let rows: Vec<SignInRow> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|r| SignIn {
            at: Timestamp(r.at),
            username: r.actor_name,
            success: r.success != 0,
            ip: r.ip,
            user_agent: r.user_agent,
        })
        .collect())
}

/// How many sign-ins of users in `sight` of `viewer` succeeded and how many failed from `from` on
/// and before `to`.
///
/// # Errors
/// What the database says.
pub async fn count_sign_ins(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    from: Timestamp,
    to: Timestamp,
) -> Result<(i64, i64)> {
    let mut w = sign_ins(viewer, sight);
    w.and("at >= ? AND at < ?", [Arg::Int(from.0), Arg::Int(to.0)]);
    let sql = format!(
        "SELECT COUNT(*), CAST(COALESCE(SUM(success), 0) AS BIGINT) FROM audit_log{}",
        w.clause()
    );
    let (all, good): (i64, i64) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok((good, all - good))
}

/// An entry as it was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub entry: Entry,
}

#[derive(sqlx::FromRow)]
struct KeptRow {
    id: i64,
    at: i64,
    kind: String,
    action: String,
    success: i64,
    actor_id: Option<i64>,
    actor_name: String,
    session_id: Option<String>,
    ip: String,
    user_agent: String,
    target_kind: Option<String>,
    target_id: Option<String>,
    target_name: Option<String>,
    detail: String,
    request_id: String,
    mac: Vec<u8>,
}

impl From<KeptRow> for Kept {
    fn from(r: KeptRow) -> Self {
        let kind = if r.kind == LogKind::Login.code() {
            LogKind::Login
        } else {
            LogKind::Operation
        };
        Self {
            id: r.id,
            entry: Entry {
                at: r.at,
                kind: kind.code(),
                action: r.action,
                success: r.success != 0,
                actor_id: r.actor_id,
                actor_name: r.actor_name,
                session_id: r.session_id,
                ip: r.ip,
                user_agent: r.user_agent,
                target_kind: r.target_kind,
                target_id: r.target_id,
                target_name: r.target_name,
                detail: r.detail,
                request_id: r.request_id,
                mac: r.mac,
            },
        }
    }
}

const KEPT: &str =
    "SELECT id, at, kind, action, success, actor_id, actor_name, session_id, ip, user_agent,
         target_kind, target_id, target_name, detail, request_id, mac
     FROM audit_log";

/// The entries of one log that `filter` lets through, newest first, one page of them. A viewer who
/// does not see everybody sees the entries of those whom she sees; what nobody is known to have
/// done is for those who see everybody.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    filter: &LogFilter,
    page: PageRequest,
) -> Result<Page<Kept>> {
    browse(conn, kind, viewer, sight, filter, page, i64::MAX).await
}

/// As [`list`], but counting no more than `most` entries.
///
/// # Errors
/// What the database says.
pub async fn browse(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    filter: &LogFilter,
    page: PageRequest,
    most: i64,
) -> Result<Page<Kept>> {
    let w = let_through(kind, viewer, sight, filter);
    let (count, counted) = w.count_to("FROM audit_log", most);
    let (total,): (i64,) = counted
        .bind(sqlx::query_as(AssertSqlSafe(count)))
        .fetch_one(&mut *conn)
        .await?;
    let order = if filter.oldest_first {
        "at, id"
    } else {
        NEWEST_FIRST
    };
    let list = ordered(conn, w, order, page.page_size, page.offset()).await?;
    Ok(Page { total, list })
}

/// The latest entries of one log, as [`list`] has them, uncounted.
///
/// # Errors
/// What the database says.
pub async fn latest(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    count: i64,
) -> Result<Vec<Kept>> {
    newest(conn, of(kind, viewer, sight), count, 0).await
}

/// The entry with this number, if it is one of those that [`list`] has.
///
/// # Errors
/// What the database says.
pub async fn find(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    id: i64,
) -> Result<Option<Kept>> {
    let mut w = of(kind, viewer, sight);
    w.and("id = ?", [Arg::Int(id)]);
    Ok(newest(conn, w, 1, 0).await?.pop())
}

/// The entries of one log that a viewer sees.
fn of(kind: LogKind, viewer: UserId, sight: &Sight) -> Where {
    let mut w = Where::default();
    // In the text and not bound: SQLite takes a partial index for it then.
    match kind {
        LogKind::Login => w.and("kind = 'login'", []),
        LogKind::Operation => w.and("kind = 'operation'", []),
    }
    w.and_sight(
        "actor_id IN (SELECT s.id FROM user_account s WHERE s.id = ? OR s.dept_id IN (LIST))",
        viewer,
        sight,
    );
    w
}

/// The latest entries of one log about `user`, newest first, as far as [`list`] shows them to the
/// viewer: of the operations those that were done to her, of the sign-ins her own.
///
/// # Errors
/// What the database says.
pub async fn about(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    user: UserId,
    count: i64,
) -> Result<Vec<Kept>> {
    let mut w = Where::default();
    match kind {
        LogKind::Operation => w.and(
            "kind = 'operation' AND target_kind = 'user' AND target_id = ?",
            [Arg::Text(user.to_string())],
        ),
        LogKind::Login => w.and("kind = 'login' AND actor_id = ?", [Arg::Int(user.0)]),
    }
    w.and_sight(
        "actor_id IN (SELECT s.id FROM user_account s WHERE s.id = ? OR s.dept_id IN (LIST))",
        viewer,
        sight,
    );
    newest(conn, w, count, 0).await
}

const NEWEST_FIRST: &str = "at DESC, id DESC";

async fn newest(conn: &mut Conn, w: Where, count: i64, skip: i64) -> Result<Vec<Kept>> {
    ordered(conn, w, NEWEST_FIRST, count, skip).await
}

async fn ordered(
    conn: &mut Conn,
    mut w: Where,
    order: &'static str,
    count: i64,
    skip: i64,
) -> Result<Vec<Kept>> {
    let clause = w.clause();
    let limit = w.page(count, skip);
    let sql = format!("{KEPT}{clause} ORDER BY {order}{limit}");
    let rows: Vec<KeptRow> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(Kept::from).collect())
}

/// How many entries [`list`] has, and the number of the one that was written last: with that as
/// bound, [`piece`] hands out no entry that is written from now on.
///
/// # Errors
/// What the database says.
pub async fn extent(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    filter: &LogFilter,
) -> Result<(i64, i64)> {
    let w = let_through(kind, viewer, sight, filter);
    let sql = format!(
        "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM audit_log{}",
        w.clause()
    );
    Ok(w.bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?)
}

/// Which of the entries of [`list`] are handed out next.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// The greatest number that an entry may have.
    pub until: i64,
    /// The time and the number of the last entry that was handed out; none at the beginning.
    pub after: Option<(Timestamp, i64)>,
    /// The most entries.
    pub count: i64,
}

/// The next entries of [`list`], in its order. They go on where the last ones ended, and not at a
/// place that is counted: what is added or deleted meanwhile shifts nothing.
///
/// # Errors
/// What the database says.
pub async fn piece(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    filter: &LogFilter,
    stretch: Stretch,
) -> Result<Vec<Kept>> {
    let mut w = let_through(kind, viewer, sight, filter);
    w.and("id <= ?", [Arg::Int(stretch.until)]);
    if let Some((at, id)) = stretch.after {
        w.and("(at, id) < (?, ?)", [Arg::Int(at.0), Arg::Int(id)]);
    }
    newest(conn, w, stretch.count, 0).await
}

fn let_through(kind: LogKind, viewer: UserId, sight: &Sight, filter: &LogFilter) -> Where {
    let mut w = of(kind, viewer, sight);
    narrow(&mut w, filter);
    keep_names(&mut w, viewer, sight, filter);
    w
}

/// A condition, or that what was done was done to nobody out of sight.
macro_rules! or_seen {
    ($condition:literal) => {
        concat!(
            "(",
            $condition,
            " OR target_kind IS NULL OR target_kind <> 'user' OR target_id IN
                 (SELECT CAST(s.id AS TEXT) FROM user_account s
                  WHERE s.id = ? OR s.dept_id IN (LIST)))"
        )
    };
}

/// By its name nobody is found whom the viewer does not see: she is not told it (see
/// [`users_seen`]).
fn keep_names(w: &mut Where, viewer: UserId, sight: &Sight, filter: &LogFilter) {
    let text = filter.text.as_deref().map(str::trim);
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        let actor = vec![Arg::Text(crate::sql::like(text))];
        let condition = or_seen!("LOWER(actor_name) LIKE LOWER(?) ESCAPE '!'");
        w.and_sight_or(condition, actor, viewer, sight);
    }
    if let Some(target) = &filter.target {
        let named = vec![Arg::Text(target.clone()), Arg::Text(target.clone())];
        let condition = or_seen!("target_kind = ? OR target_id = ?");
        w.and_sight_or(condition, named, viewer, sight);
    }
}

/// Which of the users `ids` the viewer sees. As for the entries of [`list`], those who were
/// deleted are where they were.
///
/// # Errors
/// What the database says.
pub async fn users_seen(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    ids: &[i64],
) -> Result<BTreeSet<i64>> {
    let mut w = Where::default();
    w.and_list("id IN (LIST)", None, ids);
    w.and_sight("(id = ? OR dept_id IN (LIST))", viewer, sight);
    let sql = format!("SELECT id FROM user_account{}", w.clause());
    let rows: Vec<(i64,)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

fn narrow(w: &mut Where, filter: &LogFilter) {
    w.and_like(
        "(LOWER(actor_name) LIKE LOWER(?) ESCAPE '!' OR LOWER(target_name) LIKE LOWER(?) ESCAPE '!')",
        filter.text.as_deref(),
    );
    w.and_like(
        "LOWER(actor_name) LIKE LOWER(?) ESCAPE '!'",
        filter.username.as_deref(),
    );
    w.and_like("ip LIKE ? ESCAPE '!'", filter.ip.as_deref());
    if let Some(success) = filter.success {
        w.and("success = ?", [Arg::Int(i64::from(success))]);
    }
    if let Some(action) = &filter.action {
        w.and("action = ?", [Arg::Text(action.clone())]);
    }
    if let Some(area) = &filter.area {
        w.and(
            "SUBSTR(action, 1, LENGTH(?)) = ?",
            [Arg::Text(format!("{area}.")), Arg::Text(format!("{area}."))],
        );
    }
    match filter.method.as_deref() {
        None => {}
        // What the log says nothing of was by password.
        Some("password") => w.and("action = 'sign_in' AND detail NOT LIKE '%\"method\":%'", []),
        Some(other) => w.and(
            "action = 'sign_in' AND detail LIKE ? ESCAPE '!'",
            [Arg::Text(crate::sql::like(&format!(
                "\"method\":\"{other}\""
            )))],
        ),
    }
    if let Some(target) = &filter.target {
        w.and(
            "(target_kind = ? OR target_id = ? OR LOWER(target_name) LIKE LOWER(?) ESCAPE '!')",
            [
                Arg::Text(target.clone()),
                Arg::Text(target.clone()),
                Arg::Text(crate::sql::like(target)),
            ],
        );
    }
    if let Some(begin) = filter.begin {
        w.and("at >= ?", [Arg::Int(begin.0)]);
    }
    if let Some(end) = filter.end {
        w.and("at <= ?", [Arg::Int(end.0)]);
    }
}
