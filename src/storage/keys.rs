//! Signing keys, their private halves sealed.

use crate::{Conn, Result};
use menshen_domain::Timestamp;

/// A signing key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeyRow {
    /// Its name in token headers and in the JWKS.
    pub kid: String,
    /// `EdDSA`, `ES256` or `RS256`.
    pub algorithm: String,
    /// The private key, sealed.
    pub private_sealed: Vec<u8>,
    /// The public key as a JWK (RFC 7517).
    pub public_jwk: String,
    /// When it was made, in microseconds.
    pub created_at: i64,
    /// From when on it signs, in microseconds.
    pub active_at: i64,
    /// Until when its tokens are accepted, in microseconds; none while it is not followed.
    pub expires_at: Option<i64>,
}

/// All keys whose tokens are accepted at `now`, newest first.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn, now: Timestamp) -> Result<Vec<KeyRow>> {
    Ok(sqlx::query_as(
        "SELECT kid, algorithm, private_sealed, public_jwk, created_at, active_at, expires_at
         FROM signing_key WHERE expires_at IS NULL OR expires_at > $1
         ORDER BY active_at DESC, kid",
    )
    .bind(now.0)
    .fetch_all(conn)
    .await?)
}

/// Adds a key.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, key: &KeyRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO signing_key (kid, algorithm, private_sealed, public_jwk, created_at, active_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(key.kid.clone())
    .bind(key.algorithm.clone())
    .bind(key.private_sealed.clone())
    .bind(key.public_jwk.clone())
    .bind(key.created_at)
    .bind(key.active_at)
    .bind(key.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Says until when the tokens of all keys but `kid` are accepted, where that is not said yet.
///
/// # Errors
/// What the database says.
pub async fn retire_others(conn: &mut Conn, kid: &str, expires_at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE signing_key SET expires_at = $2 WHERE kid <> $1 AND expires_at IS NULL")
        .bind(kid.to_owned())
        .bind(expires_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops keys whose tokens are accepted no more.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM signing_key WHERE expires_at <= $1")
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has a key sign from `active_at` on.
///
/// # Errors
/// What the database says.
pub async fn activate(conn: &mut Conn, kid: &str, active_at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE signing_key SET active_at = $2 WHERE kid = $1")
        .bind(kid.to_owned())
        .bind(active_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has a key's tokens accepted without an end again.
///
/// # Errors
/// What the database says.
pub async fn keep(conn: &mut Conn, kid: &str) -> Result<()> {
    sqlx::query("UPDATE signing_key SET expires_at = NULL WHERE kid = $1")
        .bind(kid.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops a key: what it signed is accepted no more.
///
/// # Errors
/// What the database says.
pub async fn delete(conn: &mut Conn, kid: &str) -> Result<()> {
    sqlx::query("DELETE FROM signing_key WHERE kid = $1")
        .bind(kid.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}
