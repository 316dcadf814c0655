//! Counters: of failures in a row, and of what is asked for within a window of time.

use crate::{Conn, Result};
use menshen_domain::Timestamp;

/// A counter as it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// How many in a row.
    pub failures: i64,
    /// When the last one was, in microseconds.
    pub last_at: i64,
}

/// Counts one more under `key`. A run whose last failure is before `since` is over: counting
/// starts anew. It is one statement, so that parallel guesses are all counted.
///
/// # Errors
/// What the database says.
pub async fn hit(conn: &mut Conn, key: &str, now: Timestamp, since: Timestamp) -> Result<i64> {
    let (failures,): (i64,) = sqlx::query_as(
        "INSERT INTO throttle (key, failures, first_at, last_at) VALUES ($1, 1, $2, $2)
         ON CONFLICT (key) DO UPDATE SET
             failures = CASE WHEN throttle.last_at < $3 THEN 1 ELSE throttle.failures + 1 END,
             first_at = CASE WHEN throttle.last_at < $3 THEN $2 ELSE throttle.first_at END,
             last_at = $2
         RETURNING failures",
    )
    .bind(key.to_owned())
    .bind(now.0)
    .bind(since.0)
    .fetch_one(conn)
    .await?;
    Ok(failures)
}

/// Counts one more under `key` in a window of time: one that began before `since` is over, and a
/// new one begins. Unlike a run of failures, a window ends however often it is asked for.
/// Returns the count and when the window began.
///
/// # Errors
/// What the database says.
pub async fn hit_within(
    conn: &mut Conn,
    key: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<(i64, Timestamp)> {
    let (count, began_at): (i64, i64) = sqlx::query_as(
        "INSERT INTO throttle (key, failures, first_at, last_at) VALUES ($1, 1, $2, $2)
         ON CONFLICT (key) DO UPDATE SET
             failures = CASE WHEN throttle.first_at <= $3 THEN 1 ELSE throttle.failures + 1 END,
             first_at = CASE WHEN throttle.first_at <= $3 THEN $2 ELSE throttle.first_at END,
             last_at = $2
         RETURNING failures, first_at",
    )
    .bind(key.to_owned())
    .bind(now.0)
    .bind(since.0)
    .fetch_one(conn)
    .await?;
    Ok((count, Timestamp(began_at)))
}

/// A counter as it stands; nought when its last failure is before `since`.
///
/// # Errors
/// What the database says.
pub async fn get(conn: &mut Conn, key: &str, since: Timestamp) -> Result<Count> {
    let count: Option<Count> =
        sqlx::query_as("SELECT failures, last_at FROM throttle WHERE key = $1 AND last_at >= $2")
            .bind(key.to_owned())
            .bind(since.0)
            .fetch_optional(conn)
            .await?;
    Ok(count.unwrap_or_default())
}

/// Ends the run under `key`.
///
/// # Errors
/// What the database says.
pub async fn clear(conn: &mut Conn, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM throttle WHERE key = $1")
        .bind(key.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops counters that have not moved since `before`.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM throttle WHERE last_at < $1")
        .bind(before.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes one count back. The key's row is taken in any case, there or not yet: transactions that
/// touch several keys in one order must lock them in that order too.
///
/// # Errors
/// What the database says.
pub async fn take_back(conn: &mut Conn, key: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO throttle (key, failures, first_at, last_at) VALUES ($1, 0, 0, 0)
         ON CONFLICT (key) DO UPDATE SET failures =
             CASE WHEN throttle.failures > 0 THEN throttle.failures - 1 ELSE 0 END",
    )
    .bind(key.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}
