//! Second factors: TOTP secrets, and the recovery codes that stand in for a lost one.

use crate::{Conn, Result};
use menshen_domain::{Timestamp, UserId};

/// A TOTP secret.
#[derive(Clone, sqlx::FromRow)]
pub struct FactorRow {
    /// Its id.
    pub id: i64,
    /// The secret, sealed.
    pub secret_sealed: Vec<u8>,
    /// When it was made, in microseconds.
    pub created_at: i64,
    /// When its first code was shown, in microseconds; it counts from then on.
    pub confirmed_at: Option<i64>,
}

impl std::fmt::Debug for FactorRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FactorRow")
            .field("id", &self.id)
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}

/// Keeps a secret that waits for its first code; one that waited before gives way to it.
///
/// # Errors
/// What the database says.
pub async fn propose(conn: &mut Conn, user: UserId, sealed: &[u8], now: Timestamp) -> Result<()> {
    sqlx::query(
        "DELETE FROM second_factor
         WHERE user_id = $1 AND kind = 'totp' AND confirmed_at IS NULL",
    )
    .bind(user.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO second_factor (user_id, kind, secret_sealed, created_at)
         VALUES ($1, 'totp', $2, $3)",
    )
    .bind(user.0)
    .bind(sealed.to_vec())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The secret that waits for its first code.
///
/// # Errors
/// What the database says.
pub async fn proposed(conn: &mut Conn, user: UserId) -> Result<Option<FactorRow>> {
    Ok(sqlx::query_as(
        "SELECT id, secret_sealed, created_at, confirmed_at FROM second_factor
         WHERE user_id = $1 AND kind = 'totp' AND confirmed_at IS NULL
         ORDER BY id DESC LIMIT 1",
    )
    .bind(user.0)
    .fetch_optional(conn)
    .await?)
}

/// The secret whose codes are asked for at sign-in.
///
/// # Errors
/// What the database says.
pub async fn confirmed(conn: &mut Conn, user: UserId) -> Result<Option<FactorRow>> {
    Ok(sqlx::query_as(
        "SELECT id, secret_sealed, created_at, confirmed_at FROM second_factor
         WHERE user_id = $1 AND kind = 'totp' AND confirmed_at IS NOT NULL
         ORDER BY id DESC LIMIT 1",
    )
    .bind(user.0)
    .fetch_optional(conn)
    .await?)
}

/// Whether a second factor is asked for when the user signs in.
///
/// # Errors
/// What the database says.
pub async fn is_on(conn: &mut Conn, user: UserId) -> Result<bool> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT id FROM second_factor
         WHERE user_id = $1 AND kind = 'totp' AND confirmed_at IS NOT NULL LIMIT 1",
    )
    .bind(user.0)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Puts the secret `id` into force, which showed its code of time step `step`, in the place of
/// the one before.
///
/// # Errors
/// What the database says.
pub async fn confirm(
    conn: &mut Conn,
    user: UserId,
    id: i64,
    step: i64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM second_factor WHERE user_id = $1 AND kind = 'totp' AND id <> $2")
        .bind(user.0)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE second_factor SET confirmed_at = $3, last_used_at = $3, last_step = $2
         WHERE id = $1",
    )
    .bind(id)
    .bind(step)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the code of time step `step`; false when it, or that of a later step, was taken before.
/// It is one statement, so that of two who show one code at once only one gets in.
///
/// # Errors
/// What the database says.
pub async fn accept_step(conn: &mut Conn, id: i64, step: i64, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE second_factor SET last_step = $2, last_used_at = $3
         WHERE id = $1 AND (last_step IS NULL OR last_step < $2)",
    )
    .bind(id)
    .bind(step)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a user's TOTP secrets and recovery codes away; false when none was in force.
///
/// # Errors
/// What the database says.
pub async fn remove(conn: &mut Conn, user: UserId) -> Result<bool> {
    let on = is_on(conn, user).await?;
    sqlx::query("DELETE FROM second_factor WHERE user_id = $1 AND kind = 'totp'")
        .bind(user.0)
        .execute(&mut *conn)
        .await?;
    set_recovery(conn, user, &[], Timestamp(0)).await?;
    Ok(on)
}

/// Replaces a user's recovery codes, given by their hashes.
///
/// # Errors
/// What the database says.
pub async fn set_recovery(
    conn: &mut Conn,
    user: UserId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM recovery_code WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut *conn)
        .await?;
    for hash in hashes {
        sqlx::query(
            "INSERT INTO recovery_code (user_id, code_hash, created_at) VALUES ($1, $2, $3)",
        )
        .bind(user.0)
        .bind(hash.clone())
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Spends a recovery code; false when there is none such, or it was spent before.
///
/// # Errors
/// What the database says.
pub async fn spend_recovery(
    conn: &mut Conn,
    user: UserId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE recovery_code SET used_at = $3
         WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
    )
    .bind(user.0)
    .bind(hash.to_vec())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How many recovery codes a user has not spent.
///
/// # Errors
/// What the database says.
pub async fn recovery_left(conn: &mut Conn, user: UserId) -> Result<i64> {
    let (left,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM recovery_code WHERE user_id = $1 AND used_at IS NULL")
            .bind(user.0)
            .fetch_one(conn)
            .await?;
    Ok(left)
}

/// Drops secrets that have waited for their first code since before `before`.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM second_factor WHERE confirmed_at IS NULL AND created_at < $1")
        .bind(before.0)
        .execute(conn)
        .await?;
    Ok(())
}
