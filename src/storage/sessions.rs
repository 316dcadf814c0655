//! Sessions and refresh tokens. A browser's login and an API client's login are rows of one table.

use crate::sql::{Arg, Where};
use crate::{Conn, Result};
use menshen_domain::scope::Sight;
use menshen_domain::session::{OpenSession, SessionFilter, SessionKind, SessionSort};
use menshen_domain::{Page, PageRequest, SessionId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

/// A session.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionRow {
    /// Its id, the tokens' `sid`.
    pub id: String,
    /// Whose it is.
    pub user_id: i64,
    /// `api` or `browser`.
    pub kind: String,
    /// The address at login.
    pub ip: String,
    /// The User-Agent at login.
    pub user_agent: String,
    /// When it was opened, in microseconds.
    pub created_at: i64,
    /// When it was last seen in use, in microseconds; kept to the minute or so.
    pub last_seen_at: i64,
    /// Its absolute end, in microseconds.
    pub expires_at: i64,
    /// The newest generation of tokens that was issued.
    pub issued_gen: i64,
    /// The newest generation of which a token was seen in use.
    pub used_gen: i64,
    /// The generation whose refresh token was renewed last; 0 before the first time.
    pub renewed_gen: i64,
    /// The newest generation that had been issued when that was renewed for the first time.
    pub void_gen: i64,
    /// The `jti` of the newest access token.
    pub access_jti: Option<String>,
    /// When it was ended, in microseconds.
    pub revoked_at: Option<i64>,
    /// Why it was ended.
    pub revoke_reason: Option<String>,
    /// What tower-sessions keeps with a browser's session (JSON).
    pub data: Option<String>,
}

const COLUMNS: &str = "id, user_id, kind, ip, user_agent, created_at, last_seen_at, expires_at,
    issued_gen, used_gen, renewed_gen, void_gen, access_jti, revoked_at, revoke_reason, data";

/// Opens a session.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, row: &SessionRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (id, user_id, kind, ip, user_agent, created_at, last_seen_at,
             expires_at, issued_gen, used_gen, access_jti, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(row.id.clone())
    .bind(row.user_id)
    .bind(row.kind.clone())
    .bind(row.ip.clone())
    .bind(row.user_agent.clone())
    .bind(row.created_at)
    .bind(row.last_seen_at)
    .bind(row.expires_at)
    .bind(row.issued_gen)
    .bind(row.used_gen)
    .bind(row.access_jti.clone())
    .bind(row.data.clone())
    .execute(conn)
    .await?;
    Ok(())
}

/// One session, ended or not.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: &SessionId) -> Result<Option<SessionRow>> {
    let sql = format!("SELECT {COLUMNS} FROM session WHERE id = $1");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id.0.clone())
        .fetch_optional(conn)
        .await?)
}

/// One session, ended or not, held until the transaction ends: whoever else would hold or change
/// it waits, and it is read as whoever was there before has left it. Writing the row as it is
/// holds it on both databases.
///
/// # Errors
/// What the database says.
pub async fn hold(conn: &mut Conn, id: &SessionId) -> Result<Option<SessionRow>> {
    let sql =
        format!("UPDATE session SET last_seen_at = last_seen_at WHERE id = $1 RETURNING {COLUMNS}");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id.0.clone())
        .fetch_optional(conn)
        .await?)
}

/// The browser session that a cookie's SHA-256 names.
///
/// # Errors
/// What the database says.
pub async fn find_by_cookie(conn: &mut Conn, hash: &[u8]) -> Result<Option<SessionRow>> {
    let sql = format!("SELECT {COLUMNS} FROM session WHERE cookie_hash = $1");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(hash.to_vec())
        .fetch_optional(conn)
        .await?)
}

/// Gives a session its cookie, by the cookie's SHA-256, and what is kept with it.
///
/// # Errors
/// What the database says.
pub async fn set_cookie(conn: &mut Conn, id: &SessionId, hash: &[u8], data: &str) -> Result<()> {
    sqlx::query("UPDATE session SET cookie_hash = $2, data = $3 WHERE id = $1")
        .bind(id.0.clone())
        .bind(hash.to_vec())
        .bind(data.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a cookie out of use; returns the session that had it.
///
/// # Errors
/// What the database says.
pub async fn drop_cookie(conn: &mut Conn, hash: &[u8]) -> Result<Option<SessionId>> {
    let row: Option<(String,)> =
        sqlx::query_as("UPDATE session SET cookie_hash = NULL WHERE cookie_hash = $1 RETURNING id")
            .bind(hash.to_vec())
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|r| SessionId(r.0)))
}

/// Notes that a session is in use.
///
/// # Errors
/// What the database says.
pub async fn touch(conn: &mut Conn, id: &SessionId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2")
        .bind(id.0.clone())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that a token of generation `gen` is in use: from now on what was issued before it is
/// good no more.
///
/// # Errors
/// What the database says.
pub async fn mark_used(conn: &mut Conn, id: &SessionId, generation: i64) -> Result<()> {
    sqlx::query("UPDATE session SET used_gen = $2 WHERE id = $1 AND used_gen < $2")
        .bind(id.0.clone())
        .bind(generation)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the refresh token of generation `gen` is renewed. When it is for the first time, what
/// was issued so far is void, itself apart.
///
/// # Errors
/// What the database says.
pub async fn mark_renewed(conn: &mut Conn, id: &SessionId, generation: i64) -> Result<()> {
    sqlx::query(
        "UPDATE session SET renewed_gen = $2, void_gen = issued_gen
         WHERE id = $1 AND renewed_gen <> $2",
    )
    .bind(id.0.clone())
    .bind(generation)
    .execute(&mut *conn)
    .await?;
    mark_used(conn, id, generation).await
}

/// Counts a session's generations up by one and returns the new one.
///
/// # Errors
/// What the database says.
pub async fn next_generation(conn: &mut Conn, id: &SessionId) -> Result<i64> {
    let (generation,): (i64,) = sqlx::query_as(
        "UPDATE session SET issued_gen = issued_gen + 1 WHERE id = $1 RETURNING issued_gen",
    )
    .bind(id.0.clone())
    .fetch_one(conn)
    .await?;
    Ok(generation)
}

/// Notes the newest access token.
///
/// # Errors
/// What the database says.
pub async fn set_access_jti(
    conn: &mut Conn,
    id: &SessionId,
    jti: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE session SET access_jti = $2, last_seen_at = $3 WHERE id = $1")
        .bind(id.0.clone())
        .bind(jti.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session; false when it had ended before.
///
/// # Errors
/// What the database says.
pub async fn revoke(conn: &mut Conn, id: &SessionId, reason: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE session SET revoked_at = $2, revoke_reason = $3, cookie_hash = NULL
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id.0.clone())
    .bind(now.0)
    .bind(reason.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a user, but for `except`; returns how many.
///
/// # Errors
/// What the database says.
pub async fn revoke_all(
    conn: &mut Conn,
    user: UserId,
    except: Option<&SessionId>,
    reason: &str,
    now: Timestamp,
) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE session SET revoked_at = $3, revoke_reason = $4, cookie_hash = NULL
         WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3",
    )
    .bind(user.0)
    .bind(except.map_or_else(String::new, |s| s.0.clone()))
    .bind(now.0)
    .bind(reason.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// What makes a session count as usable: not ended, and seen since these moments. One that was
/// not can hold no token any more that is still good.
#[derive(Debug, Clone, Copy)]
pub struct Usable {
    /// The present moment.
    pub now: Timestamp,
    /// When a session of the REST API must have been seen at the earliest.
    pub api_seen: Timestamp,
    /// When a session of the admin UI must have been seen at the earliest.
    pub page_seen: Timestamp,
}

/// Whose sessions are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// One user's.
    One(UserId),
    /// Those of whom the viewer sees.
    InSight(UserId, &'a Sight),
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    id: String,
    user_id: i64,
    username: String,
    nickname: String,
    avatar: String,
    kind: String,
    ip: String,
    user_agent: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

impl From<OpenRow> for OpenSession {
    fn from(r: OpenRow) -> Self {
        Self {
            id: SessionId(r.id),
            user_id: UserId(r.user_id),
            username: r.username,
            nickname: r.nickname,
            avatar: r.avatar,
            kind: SessionKind::from_code(&r.kind).unwrap_or(SessionKind::Api),
            ip: r.ip,
            user_agent: r.user_agent,
            browser: String::new(),
            os: String::new(),
            opened_at: Timestamp(r.created_at),
            seen_at: Timestamp(r.last_seen_at),
            expires_at: Timestamp(r.expires_at),
            current: false,
        }
    }
}

/// SQLite goes through the tables of a CROSS JOIN as they are written: from sessions to users,
/// which are many more.
const OPEN: &str = "FROM session s CROSS JOIN user_account u";

fn usable(usable: Usable) -> Where {
    let mut w = Where::default();
    w.and("u.id = s.user_id", []);
    w.and("s.revoked_at IS NULL", []);
    w.and("s.expires_at > ?", [Arg::Int(usable.now.0)]);
    w.and(
        "((s.kind = 'api' AND s.last_seen_at > ?) OR (s.kind = 'browser' AND s.last_seen_at > ?))",
        [Arg::Int(usable.api_seen.0), Arg::Int(usable.page_seen.0)],
    );
    w.and("u.status = '0' AND u.deleted_at IS NULL", []);
    w
}

/// The ids of sessions begin with the moment at which they were opened, so that the order of ids
/// is that of opening.
fn order(sort: SessionSort, ascending: bool) -> &'static str {
    match (sort, ascending) {
        (SessionSort::LastSeenTime, false) => "s.last_seen_at DESC, s.id DESC",
        (SessionSort::LastSeenTime, true) => "s.last_seen_at, s.id",
        (SessionSort::LoginTime, false) => "s.id DESC",
        (SessionSort::LoginTime, true) => "s.id",
        (SessionSort::ExpireTime, false) => "s.expires_at DESC, s.id DESC",
        (SessionSort::ExpireTime, true) => "s.expires_at, s.id",
    }
}

/// Usable sessions in the order of `filter`, one page of them. Browser and system are left empty.
///
/// # Errors
/// What the database says.
pub async fn list_usable(
    conn: &mut Conn,
    when: Usable,
    owner: Owner<'_>,
    filter: &SessionFilter,
    page: PageRequest,
) -> Result<Page<OpenSession>> {
    browse_usable(conn, when, owner, filter, page, i64::MAX).await
}

fn usable_of(when: Usable, owner: Owner<'_>) -> Where {
    let mut w = usable(when);
    match owner {
        Owner::One(user) => w.and("s.user_id = ?", [Arg::Int(user.0)]),
        Owner::InSight(viewer, sight) => {
            w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
        }
    }
    w
}

/// As [`list_usable`], but counting no more than `most` sessions.
///
/// # Errors
/// What the database says.
pub async fn browse_usable(
    conn: &mut Conn,
    when: Usable,
    owner: Owner<'_>,
    filter: &SessionFilter,
    page: PageRequest,
    most: i64,
) -> Result<Page<OpenSession>> {
    let mut w = usable_of(when, owner);
    w.and_like(
        "(u.username_key LIKE ? ESCAPE '!' OR LOWER(u.nickname) LIKE LOWER(?) ESCAPE '!'
          OR s.ip LIKE ? ESCAPE '!')",
        filter.text.as_deref(),
    );
    if let Some(user) = filter.user_id {
        w.and("s.user_id = ?", [Arg::Int(user.0)]);
    }
    w.and_like(
        "u.username_key LIKE ? ESCAPE '!'",
        filter.username.as_deref(),
    );
    w.and_like("s.ip LIKE ? ESCAPE '!'", filter.ip.as_deref());
    if let Some(kind) = filter.kind {
        w.and("s.kind = ?", [Arg::Text(kind.code().to_owned())]);
    }
    let (count, counted) = w.count_to(OPEN, most);
    let (total,): (i64,) = counted
        .bind(sqlx::query_as(AssertSqlSafe(count)))
        .fetch_one(&mut *conn)
        .await?;
    let clause = w.clause();
    let order = order(filter.sort, filter.ascending);
    let limit = w.page(page.page_size, page.offset());
    let sql = format!(
        "SELECT s.id, s.user_id, u.username, u.nickname, u.avatar, s.kind, s.ip, s.user_agent, s.created_at,
             s.last_seen_at, s.expires_at
         {OPEN}{clause} ORDER BY {order}{limit}"
    );
    let rows: Vec<OpenRow> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(Page {
        total,
        list: rows.into_iter().map(OpenSession::from).collect(),
    })
}

/// How many sessions of these owners are usable, counted up to `most`.
///
/// # Errors
/// What the database says.
pub async fn count_usable_of(
    conn: &mut Conn,
    when: Usable,
    owner: Owner<'_>,
    most: i64,
) -> Result<i64> {
    let (sql, w) = usable_of(when, owner).count_to(OPEN, most);
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// How many sessions are usable.
///
/// # Errors
/// What the database says.
pub async fn count_usable(conn: &mut Conn, when: Usable) -> Result<i64> {
    let w = usable(when);
    let sql = format!("SELECT COUNT(*) {OPEN}{}", w.clause());
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// How many sessions of these users can be used.
///
/// # Errors
/// What the database says.
pub async fn count_usable_of_users(conn: &mut Conn, when: Usable, users: &[UserId]) -> Result<i64> {
    let ids: Vec<i64> = users.iter().map(|u| u.0).collect();
    let mut w = usable(when);
    w.and_list("s.user_id IN (LIST)", None, &ids);
    let sql = format!("SELECT COUNT(*) {OPEN}{}", w.clause());
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// A refresh token.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RefreshRow {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// Its session.
    pub session_id: String,
    /// Its generation.
    #[sqlx(rename = "gen")]
    pub generation: i64,
    /// When it was issued, in microseconds.
    pub created_at: i64,
    /// Until when it is good, in microseconds.
    pub expires_at: i64,
}

/// Keeps a refresh token.
///
/// # Errors
/// What the database says.
pub async fn insert_refresh(conn: &mut Conn, row: &RefreshRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO refresh_token (hash, session_id, gen, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(row.hash.clone())
    .bind(row.session_id.clone())
    .bind(row.generation)
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A refresh token by its SHA-256.
///
/// # Errors
/// What the database says.
pub async fn find_refresh(conn: &mut Conn, hash: &[u8]) -> Result<Option<RefreshRow>> {
    Ok(sqlx::query_as(
        "SELECT hash, session_id, gen, created_at, expires_at FROM refresh_token WHERE hash = $1",
    )
    .bind(hash.to_vec())
    .fetch_optional(conn)
    .await?)
}

/// Drops sessions that ended before `before`, and their tokens.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE expires_at < $1 OR revoked_at < $1")
        .bind(before.0)
        .execute(conn)
        .await?;
    Ok(())
}
