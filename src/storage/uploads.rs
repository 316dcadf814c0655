//! Uploaded files: what is known of them. Their content is kept elsewhere, under `store_key`.

use crate::sql::{Arg, Where};
use crate::{Conn, Result};
use menshen_domain::Timestamp;
use sqlx::AssertSqlSafe;

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UploadRow {
    /// Its random id.
    pub id: String,
    /// The name that it is offered under.
    pub name: String,
    /// What it was found to be.
    pub media_type: String,
    /// Its length in bytes.
    pub size: i64,
    /// The SHA-256 of its content.
    pub sha256: Vec<u8>,
    /// Where the store keeps its content.
    pub store_key: String,
    /// Who uploaded it.
    pub owner_id: Option<i64>,
    /// When it was uploaded, in microseconds.
    pub created_at: i64,
    /// Since when something uses it, in microseconds.
    pub attached_at: Option<i64>,
}

/// Notes an uploaded file.
///
/// # Errors
/// What the database says.
pub async fn insert(conn: &mut Conn, row: &UploadRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO upload (id, name, media_type, size, sha256, store_key, owner_id, created_at,
             attached_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(row.id.clone())
    .bind(row.name.clone())
    .bind(row.media_type.clone())
    .bind(row.size)
    .bind(row.sha256.clone())
    .bind(row.store_key.clone())
    .bind(row.owner_id)
    .bind(row.created_at)
    .bind(row.attached_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// One uploaded file.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<UploadRow>> {
    Ok(sqlx::query_as(
        "SELECT id, name, media_type, size, sha256, store_key, owner_id, created_at, attached_at
         FROM upload WHERE id = $1",
    )
    .bind(id.to_owned())
    .fetch_optional(conn)
    .await?)
}

/// Notes that something uses a file from now on; `false` when it is not there.
///
/// # Errors
/// What the database says.
pub async fn attach(conn: &mut Conn, id: &str, now: Timestamp) -> Result<bool> {
    let done =
        sqlx::query("UPDATE upload SET attached_at = COALESCE(attached_at, $2) WHERE id = $1")
            .bind(id.to_owned())
            .bind(now.0)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that a file is not used any more, unless it still is somebody's picture: `path` is its
/// address on this server.
///
/// # Errors
/// What the database says.
pub async fn detach(conn: &mut Conn, id: &str, path: &str) -> Result<()> {
    sqlx::query(
        "UPDATE upload SET attached_at = NULL WHERE id = $1 AND NOT EXISTS
             (SELECT 1 FROM user_account WHERE avatar LIKE '%' || $2 || '%' AND deleted_at IS NULL)",
    )
    .bind(id.to_owned())
    .bind(path.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets files that were uploaded before `before` and that nothing uses, at most `limit` of
/// them. Returns where their contents are kept.
///
/// # Errors
/// What the database says.
pub async fn take_unused(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<Vec<String>> {
    let keys: Vec<(String,)> = sqlx::query_as(
        "DELETE FROM upload WHERE attached_at IS NULL AND id IN
             (SELECT id FROM upload WHERE attached_at IS NULL AND created_at < $1
              ORDER BY created_at LIMIT $2)
         RETURNING store_key",
    )
    .bind(before.0)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(keys.into_iter().map(|k| k.0).collect())
}

/// Which of `ids` are there.
///
/// # Errors
/// What the database says.
pub async fn known(conn: &mut Conn, ids: &[String]) -> Result<Vec<String>> {
    let mut filter = Where::default();
    filter.and_any("id IN (LIST)", ids.iter().cloned().map(Arg::Text).collect());
    let sql = format!("SELECT id FROM upload{}", filter.clause());
    let found: Vec<(String,)> = filter
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().map(|r| r.0).collect())
}
