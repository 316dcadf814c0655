//! Departments, as far as users and data scopes need them.

use crate::{Conn, Result};

/// A department's place in the tree.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeptRow {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The ids from the root to this one, as in `0,1,4`.
    pub path: String,
}

/// Every department, in order of the tree.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<DeptRow>> {
    Ok(
        sqlx::query_as("SELECT id, name, path FROM dept ORDER BY path, sort, id")
            .fetch_all(conn)
            .await?,
    )
}

/// One department.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<DeptRow>> {
    Ok(
        sqlx::query_as("SELECT id, name, path FROM dept WHERE id = $1")
            .bind(id)
            .fetch_optional(conn)
            .await?,
    )
}

/// A department and all below it.
///
/// # Errors
/// What the database says.
pub async fn with_below(conn: &mut Conn, id: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "SELECT d.id FROM dept d JOIN dept top ON top.id = $1
         WHERE d.id = top.id OR d.path LIKE top.path || ',%' ORDER BY d.id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}
