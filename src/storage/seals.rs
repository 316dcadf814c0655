//! Seals over the audit log, by which one sees that entries are gone.

use crate::{Conn, Result};
use menshen_domain::Timestamp;

/// A seal.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Seal {
    /// The number of the first entry that it covers.
    pub first_entry: i64,
    /// The number of the last one.
    pub last_entry: i64,
    /// How many entries it covers.
    pub entries: i64,
    /// SHA-256 of their numbers and signatures.
    pub digest: Vec<u8>,
    /// When it was made, in microseconds.
    pub at: i64,
    /// Its signature.
    pub mac: Vec<u8>,
}

/// All seals, oldest first.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<Seal>> {
    Ok(sqlx::query_as(
        "SELECT first_entry, last_entry, entries, digest, at, mac FROM audit_seal ORDER BY id",
    )
    .fetch_all(conn)
    .await?)
}

/// The newest seal.
///
/// # Errors
/// What the database says.
pub async fn last(conn: &mut Conn) -> Result<Option<Seal>> {
    Ok(sqlx::query_as(
        "SELECT first_entry, last_entry, entries, digest, at, mac FROM audit_seal
         ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(conn)
    .await?)
}

/// Keeps a seal.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, seal: &Seal) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_seal (first_entry, last_entry, entries, digest, at, mac)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(seal.first_entry)
    .bind(seal.last_entry)
    .bind(seal.entries)
    .bind(seal.digest.clone())
    .bind(seal.at)
    .bind(seal.mac.clone())
    .execute(conn)
    .await?;
    Ok(())
}

/// The number of the last entry after `after` before which none is younger than `before`; `None`
/// when there is none.
///
/// # Errors
/// What the database says.
pub async fn settled(conn: &mut Conn, after: i64, before: Timestamp) -> Result<Option<i64>> {
    let (last,): (i64,) = sqlx::query_as(
        "SELECT COALESCE(MAX(id), 0) FROM audit_log WHERE id > $1 AND id < COALESCE(
             (SELECT MIN(id) FROM audit_log WHERE id > $1 AND at >= $2), 9223372036854775807)",
    )
    .bind(after)
    .bind(before.0)
    .fetch_one(conn)
    .await?;
    Ok((last > after).then_some(last))
}

/// Numbers and signatures of the entries from `first` to `last`, `count` of them at most.
///
/// # Errors
/// What the database says.
pub async fn signatures(
    conn: &mut Conn,
    first: i64,
    last: i64,
    count: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    Ok(sqlx::query_as(
        "SELECT id, mac FROM audit_log WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3",
    )
    .bind(first)
    .bind(last)
    .bind(count)
    .fetch_all(conn)
    .await?)
}
