//! The database's part of the permission catalogue: codes of the services that use Menshen.

use crate::{Conn, Result};

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
