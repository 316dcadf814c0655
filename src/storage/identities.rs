//! Who somebody is elsewhere: what a vendor's accounts open here. The key is provider, app id and
//! subject together.

use crate::{Conn, Result};
use menshen_domain::{Timestamp, UserId};

/// Somebody at a vendor.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The vendor and the way in, as in `wechat_mini`.
    pub provider: String,
    /// The vendor's application.
    pub app_id: String,
    /// The vendor's id for the person.
    pub subject: String,
    /// The id that several applications of one owner share.
    pub union_id: Option<String>,
    /// The name that the vendor told last.
    pub display_name: String,
    /// The picture that the vendor told last.
    pub avatar: String,
}

/// The row of an identity, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Bound {
    /// The row's id.
    pub id: i64,
    /// The user's id.
    pub user_id: i64,
}

/// Whose this identity is.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, identity: &Identity) -> Result<Option<Bound>> {
    Ok(sqlx::query_as(
        "SELECT id, user_id FROM external_identity
         WHERE provider = $1 AND app_id = $2 AND subject = $3",
    )
    .bind(identity.provider.clone())
    .bind(identity.app_id.clone())
    .bind(identity.subject.clone())
    .fetch_optional(conn)
    .await?)
}

/// Binds an identity to a user.
///
/// # Errors
/// [`crate::StorageError::Unique`] on `subject` when it is bound already.
pub async fn bind(
    conn: &mut Conn,
    identity: &Identity,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO external_identity (provider, app_id, subject, union_id, user_id,
             display_name, avatar, created_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(identity.provider.clone())
    .bind(identity.app_id.clone())
    .bind(identity.subject.clone())
    .bind(identity.union_id.clone())
    .bind(user.0)
    .bind(identity.display_name.clone())
    .bind(identity.avatar.clone())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes the use of an identity, and what the vendor told with it.
///
/// # Errors
/// What the database says.
pub async fn note_use(conn: &mut Conn, id: i64, told: &Identity, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE external_identity SET last_used_at = $2, display_name = $3, avatar = $4,
             union_id = COALESCE($5, union_id)
         WHERE id = $1",
    )
    .bind(id)
    .bind(now.0)
    .bind(told.display_name.clone())
    .bind(told.avatar.clone())
    .bind(told.union_id.clone())
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets go of an identity.
///
/// # Errors
/// What the database says.
pub async fn unbind(conn: &mut Conn, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM external_identity WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
