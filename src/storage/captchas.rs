//! Captchas: good for one try each.

use crate::{Conn, Result};
use menshen_domain::Timestamp;

/// Keeps a captcha's sealed answer under `key`.
///
/// # Errors
/// What the database says.
pub async fn insert(
    conn: &mut Conn,
    key: &str,
    answer_sealed: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO captcha (key, answer_sealed, created_at, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(key.to_owned())
    .bind(answer_sealed.to_vec())
    .bind(now.0)
    .bind(expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a captcha out: whoever comes second, even at the same moment, finds nothing.
///
/// # Errors
/// What the database says.
pub async fn take(conn: &mut Conn, key: &str, now: Timestamp) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>, i64)> =
        sqlx::query_as("DELETE FROM captcha WHERE key = $1 RETURNING answer_sealed, expires_at")
            .bind(key.to_owned())
            .fetch_optional(conn)
            .await?;
    Ok(row
        .filter(|(_, expires)| *expires > now.0)
        .map(|(sealed, _)| sealed))
}

/// Looks at a captcha's sealed answer without spending it, for reading it aloud.
///
/// # Errors
/// What the database says.
pub async fn peek(conn: &mut Conn, key: &str, now: Timestamp) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT answer_sealed FROM captcha WHERE key = $1 AND expires_at > $2")
            .bind(key.to_owned())
            .bind(now.0)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|r| r.0))
}

/// Drops what has expired.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM captcha WHERE expires_at <= $1")
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
