//! Settings that were changed while the program ran: one row a section of the configuration.

use crate::{Conn, Result};
use menshen_domain::{Timestamp, UserId};

/// What was set in one section.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SettingRow {
    /// The section's name in the configuration.
    pub key: String,
    /// JSON: an object of keys and values, secrets sealed.
    pub value: String,
    /// Who changed it last.
    pub updated_by: Option<i64>,
    /// When, in microseconds.
    pub updated_at: i64,
}

/// Everything that was set.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<SettingRow>> {
    Ok(
        sqlx::query_as("SELECT key, value, updated_by, updated_at FROM setting ORDER BY key")
            .fetch_all(conn)
            .await?,
    )
}

/// Keeps what was set in one section.
///
/// # Errors
/// What the database says.
pub async fn put(
    conn: &mut Conn,
    key: &str,
    value: &str,
    by: UserId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO setting (key, value, updated_by, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE SET value = $2, updated_by = $3, updated_at = $4",
    )
    .bind(key.to_owned())
    .bind(value.to_owned())
    .bind(by.0)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
