//! The database's part of the permission catalogue: codes of the services that use Menshen.

use crate::users::status;
use crate::{Conn, Result};
use menshen_domain::permission::Described;
use menshen_domain::role::RoleRef;
use menshen_domain::{RoleId, Timestamp, UserId};

/// A code that is not built in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PermissionRow {
    /// The code.
    pub code: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// What it is for.
    pub description: String,
}

/// Every code, sorted.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<PermissionRow>> {
    Ok(
        sqlx::query_as("SELECT code, name_zh, name_en, description FROM permission ORDER BY code")
            .fetch_all(conn)
            .await?,
    )
}

/// One code.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, code: &str) -> Result<Option<PermissionRow>> {
    Ok(
        sqlx::query_as(
            "SELECT code, name_zh, name_en, description FROM permission WHERE code = $1",
        )
        .bind(code.to_owned())
        .fetch_optional(conn)
        .await?,
    )
}

/// Adds a code.
///
/// # Errors
/// [`crate::StorageError::Unique`] when it is there already.
pub async fn insert(
    conn: &mut Conn,
    code: &str,
    about: &Described,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO permission (code, name_zh, name_en, description, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(code.to_owned())
    .bind(about.name.clone())
    .bind(about.name_en.clone())
    .bind(about.description.clone())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes what is said of a code.
///
/// # Errors
/// What the database says.
pub async fn update(
    conn: &mut Conn,
    code: &str,
    about: &Described,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE permission SET name_zh = $2, name_en = $3, description = $4, updated_by = $5,
             updated_at = $6
         WHERE code = $1",
    )
    .bind(code.to_owned())
    .bind(about.name.clone())
    .bind(about.name_en.clone())
    .bind(about.description.clone())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a code, from the roles that grant exactly it too.
///
/// # Errors
/// What the database says.
pub async fn delete(conn: &mut Conn, code: &str) -> Result<()> {
    for statement in [
        "DELETE FROM role_permission WHERE pattern = $1",
        "DELETE FROM permission WHERE code = $1",
    ] {
        sqlx::query(statement)
            .bind(code.to_owned())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The roles that grant exactly this code, and not only by a pattern.
///
/// # Errors
/// What the database says.
pub async fn granted_by(conn: &mut Conn, code: &str) -> Result<Vec<RoleId>> {
    let rows: Vec<(i64,)> =
        sqlx::query_as("SELECT role_id FROM role_permission WHERE pattern = $1 ORDER BY role_id")
            .bind(code.to_owned())
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|r| RoleId(r.0)).collect())
}

/// Every role with each pattern that it holds, by the roles' sort.
///
/// # Errors
/// What the database says.
pub async fn patterns(conn: &mut Conn) -> Result<Vec<(RoleRef, String)>> {
    let rows: Vec<(i64, String, String, String, String)> = sqlx::query_as(
        "SELECT r.id, r.name, r.role_key, r.status, p.pattern
         FROM role r JOIN role_permission p ON p.role_id = r.id ORDER BY r.sort, r.id, p.pattern",
    )
    .fetch_all(conn)
    .await?;
    let one = |(id, name, key, code, pattern): (i64, String, String, String, String)| {
        let role = RoleRef {
            id: RoleId(id),
            name,
            key,
            status: status(&code),
        };
        (role, pattern)
    };
    Ok(rows.into_iter().map(one).collect())
}
