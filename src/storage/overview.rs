//! What the overview tells beside what the lists know: what needs attention. Each query ends at a
//! bound, or goes by an index that holds little else than what is looked for.
//!
//! SQLite goes through the tables of a CROSS JOIN as they are written, which is from the few to
//! the many here; PostgreSQL finds that out by itself.

use crate::sql::{Arg, Where};
use crate::{Conn, Result};
use menshen_domain::scope::Sight;
use menshen_domain::{Timestamp, UserId};
use sqlx::AssertSqlSafe;

/// A role or a user by id and name.
pub type Named = (i64, String);

/// Roles beside the built-in ones that are active and grant everything, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn wide_roles(conn: &mut Conn, most: i64) -> Result<Vec<Named>> {
    Ok(sqlx::query_as(
        "SELECT r.id, r.name FROM role_permission p JOIN role r ON r.id = p.role_id
         WHERE p.pattern = '*:*:*' AND r.builtin = 0 AND r.status = '0'
         ORDER BY r.sort, r.id LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?)
}

/// Disabled roles that somebody holds, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn disabled_roles_held(conn: &mut Conn, most: i64) -> Result<Vec<Named>> {
    Ok(sqlx::query_as(
        "SELECT r.id, r.name FROM role r
         WHERE r.status = '1' AND EXISTS (
             SELECT 1 FROM user_role h JOIN user_account u ON u.id = h.user_id
             WHERE h.role_id = r.id AND u.deleted_at IS NULL)
         ORDER BY r.sort, r.id LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?)
}

/// Active users in `sight` of `viewer` who may do everything and have no second factor, at most
/// `most`, with the id of a role that lets them.
///
/// # Errors
/// What the database says.
pub async fn wide_without_factor(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    most: i64,
) -> Result<Vec<Named>> {
    let mut w = Where::default();
    w.and(
        "r.id = p.role_id AND h.role_id = r.id AND u.id = h.user_id
         AND p.pattern = '*:*:*' AND r.status = '0' AND u.status = '0' AND u.deleted_at IS NULL
         AND NOT EXISTS (
             SELECT 1 FROM second_factor f
             WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)",
        [],
    );
    w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
    let clause = w.clause();
    let limit = w.page(most, 0);
    let sql = format!(
        "SELECT MIN(r.id), u.username FROM role_permission p CROSS JOIN role r
         CROSS JOIN user_role h CROSS JOIN user_account u{clause}
         GROUP BY u.id, u.username ORDER BY u.id{limit}"
    );
    Ok(w.bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?)
}

/// How many active users in `sight` of `viewer` have a second factor.
///
/// # Errors
/// What the database says.
pub async fn with_factor(conn: &mut Conn, viewer: UserId, sight: &Sight) -> Result<i64> {
    let mut w = Where::default();
    w.and(
        "u.id = f.user_id AND f.confirmed_at IS NOT NULL AND u.status = '0' AND u.deleted_at IS NULL",
        [],
    );
    w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
    let sql = format!(
        "SELECT COUNT(DISTINCT f.user_id) FROM second_factor f CROSS JOIN user_account u{}",
        w.clause()
    );
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// How many active users in `sight` of `viewer` must choose a new password, counted up to `most`.
///
/// # Errors
/// What the database says.
pub async fn password_due(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    most: i64,
) -> Result<i64> {
    let mut w = Where::default();
    w.and(
        "u.must_change_password = 1 AND u.deleted_at IS NULL AND u.status = '0'",
        [],
    );
    w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
    let (sql, w) = w.count_to("FROM user_account u", most);
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// A run of failures against an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    /// The account's login name.
    pub username: String,
    /// How many there were.
    pub failures: i64,
    /// When the last one was, in microseconds.
    pub last_at: i64,
}

/// The runs of more than `free` failures against accounts in `sight` of `viewer` that have grown
/// since `since`, the latest first, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn runs(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    free: i64,
    since: Timestamp,
    most: i64,
) -> Result<Vec<Run>> {
    let mut w = Where::default();
    w.and("t.last_at >= ?", [Arg::Int(since.0)]);
    w.and("t.failures > ?", [Arg::Int(free)]);
    w.and("SUBSTR(t.key, 1, 10) = 'login:run:'", []);
    w.and("u.deleted_at IS NULL", []);
    w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
    let clause = w.clause();
    let limit = w.page(most, 0);
    let sql = format!(
        "SELECT u.username, t.failures, t.last_at FROM throttle t
         JOIN user_account u ON u.username_key = SUBSTR(t.key, 11){clause}
         ORDER BY t.last_at DESC{limit}"
    );
    Ok(w.bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?)
}
