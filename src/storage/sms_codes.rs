//! One-time codes sent to a phone: what they are for and to whom they went, hashed, and how often
//! they were tried.

use crate::{Conn, Result};
use menshen_domain::Timestamp;

/// A code to be kept.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Its id.
    pub id: String,
    /// What it is good for.
    pub purpose: String,
    /// A keyed hash of the number that it is sent to.
    pub target_hash: Vec<u8>,
    /// A keyed hash of the code, its purpose and its number.
    pub code_hash: Vec<u8>,
    /// The address that asked for it.
    pub ip: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Keeps a code; it takes the place of an earlier one for the same purpose and number.
///
/// # Errors
/// What the database says.
pub async fn replace(conn: &mut Conn, code: &NewCode) -> Result<()> {
    sqlx::query("DELETE FROM one_time_code WHERE purpose = $1 AND target_hash = $2")
        .bind(code.purpose.clone())
        .bind(code.target_hash.clone())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO one_time_code (id, purpose, target_hash, code_hash, ip, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(code.id.clone())
    .bind(code.purpose.clone())
    .bind(code.target_hash.clone())
    .bind(code.code_hash.clone())
    .bind(code.ip.clone())
    .bind(code.created_at.0)
    .bind(code.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts one try of the code for this purpose and number, and gives back its id and hash;
/// `None` when there is none that is good, or it was tried `max_tries` times. It is one
/// statement, so that parallel guesses can't pass the counter.
///
/// # Errors
/// What the database says.
pub async fn try_once(
    conn: &mut Conn,
    purpose: &str,
    target_hash: &[u8],
    max_tries: i64,
    now: Timestamp,
) -> Result<Option<(String, Vec<u8>)>> {
    Ok(sqlx::query_as(
        "UPDATE one_time_code SET tries = tries + 1
         WHERE purpose = $1 AND target_hash = $2 AND used_at IS NULL AND expires_at > $3
           AND tries < $4
         RETURNING id, code_hash",
    )
    .bind(purpose.to_owned())
    .bind(target_hash.to_vec())
    .bind(now.0)
    .bind(max_tries)
    .fetch_optional(conn)
    .await?)
}

/// Marks a code as used; false when somebody else was quicker.
///
/// # Errors
/// What the database says.
pub async fn spend(conn: &mut Conn, id: &str, now: Timestamp) -> Result<bool> {
    let done =
        sqlx::query("UPDATE one_time_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL")
            .bind(id.to_owned())
            .bind(now.0)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// Drops codes that are good no more. What is kept of users, and not of numbers, is not looked at.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM one_time_code WHERE expires_at <= $1 AND user_id IS NULL")
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
