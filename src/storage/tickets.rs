//! Tickets: what is given for a right password when a second factor is due, and finishes the
//! sign-in together with its code.

use crate::{Conn, Result};
use menshen_domain::{Timestamp, UserId};

const PURPOSE: &str = "otp_ticket";

/// A ticket.
#[derive(Clone, sqlx::FromRow)]
pub struct TicketRow {
    /// The half of it that it is found by.
    pub id: String,
    /// SHA-256 of the half that proves it.
    pub code_hash: Vec<u8>,
    /// A keyed hash of whom it is for.
    pub target_hash: Vec<u8>,
    /// Whose sign-in it finishes.
    pub user_id: i64,
    /// What must still be the same when it is used (JSON).
    pub data: String,
    /// The address that it was given to.
    pub ip: String,
    /// When it was given, in microseconds.
    pub created_at: i64,
    /// Until when it is good, in microseconds.
    pub expires_at: i64,
}

impl std::fmt::Debug for TicketRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketRow")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// Keeps a ticket.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, row: &TicketRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO one_time_code
             (id, purpose, target_hash, code_hash, user_id, data, ip, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(row.id.clone())
    .bind(PURPOSE)
    .bind(row.target_hash.clone())
    .bind(row.code_hash.clone())
    .bind(row.user_id)
    .bind(row.data.clone())
    .bind(row.ip.clone())
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose sign-in a ticket finishes, whether or not it is still good.
///
/// # Errors
/// What the database says.
pub async fn owner(conn: &mut Conn, id: &str) -> Result<Option<UserId>> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT user_id FROM one_time_code WHERE id = $1 AND purpose = $2")
            .bind(id.to_owned())
            .bind(PURPOSE)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|r| UserId(r.0)))
}

/// Takes one of a ticket's `tries`; nothing when it is unknown, used, expired or has none left.
/// It is one statement, so that parallel tries are all counted.
///
/// # Errors
/// What the database says.
pub async fn take_try(
    conn: &mut Conn,
    id: &str,
    tries: i64,
    now: Timestamp,
) -> Result<Option<TicketRow>> {
    Ok(sqlx::query_as(
        "UPDATE one_time_code SET tries = tries + 1
         WHERE id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4
         RETURNING id, code_hash, target_hash, user_id, data, ip, created_at, expires_at",
    )
    .bind(id.to_owned())
    .bind(PURPOSE)
    .bind(now.0)
    .bind(tries)
    .fetch_optional(conn)
    .await?)
}

/// Spends a ticket.
///
/// # Errors
/// What the database says.
pub async fn spend(conn: &mut Conn, id: &str, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE one_time_code SET used_at = $3 WHERE id = $1 AND purpose = $2")
        .bind(id.to_owned())
        .bind(PURPOSE)
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops all tickets of a user.
///
/// # Errors
/// What the database says.
pub async fn drop_all(conn: &mut Conn, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM one_time_code WHERE user_id = $1 AND purpose = $2")
        .bind(user.0)
        .bind(PURPOSE)
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops tickets that have expired.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM one_time_code WHERE purpose = $1 AND expires_at <= $2")
        .bind(PURPOSE)
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
