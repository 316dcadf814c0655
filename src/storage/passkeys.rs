//! Passkeys, and the tickets of ceremonies that are under way.

use crate::{Conn, Result};
use menshen_domain::{PasskeyId, Timestamp, UserId};

/// A passkey.
#[derive(Clone, sqlx::FromRow)]
pub struct PasskeyRow {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// What its user calls it.
    pub name: String,
    /// The public key and the signature counter, sealed.
    pub credential_sealed: Vec<u8>,
    /// When it was added, in microseconds.
    pub created_at: i64,
    /// When somebody signed in with it last, in microseconds.
    pub last_used_at: Option<i64>,
}

impl std::fmt::Debug for PasskeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyRow")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// A passkey to be kept.
#[derive(Debug, Clone)]
pub struct NewPasskey<'a> {
    /// Whose it is.
    pub user: UserId,
    /// SHA-256 of the credential's id.
    pub credential_hash: &'a [u8],
    /// What its user calls it.
    pub name: &'a str,
    /// The public key and the signature counter, sealed.
    pub credential_sealed: &'a [u8],
}

/// Keeps a passkey; gives back its id.
///
/// # Errors
/// [`crate::StorageError::Unique`] when the credential is kept already.
pub async fn insert(conn: &mut Conn, new: &NewPasskey<'_>, now: Timestamp) -> Result<PasskeyId> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO passkey (user_id, credential_hash, name, credential_sealed, created_at)
         VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(new.user.0)
    .bind(new.credential_hash.to_vec())
    .bind(new.name.to_owned())
    .bind(new.credential_sealed.to_vec())
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(PasskeyId(id))
}

/// A user's passkeys, oldest first.
///
/// # Errors
/// What the database says.
pub async fn list(conn: &mut Conn, user: UserId) -> Result<Vec<PasskeyRow>> {
    Ok(sqlx::query_as(
        "SELECT id, user_id, name, credential_sealed, created_at, last_used_at
         FROM passkey WHERE user_id = $1 ORDER BY id",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?)
}

/// One of a user's passkeys; nothing when it is another's.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, user: UserId, id: PasskeyId) -> Result<Option<PasskeyRow>> {
    Ok(sqlx::query_as(
        "SELECT id, user_id, name, credential_sealed, created_at, last_used_at
         FROM passkey WHERE id = $1 AND user_id = $2",
    )
    .bind(id.0)
    .bind(user.0)
    .fetch_optional(conn)
    .await?)
}

/// The passkey with this credential, whoever's it is.
///
/// # Errors
/// What the database says.
pub async fn by_credential(conn: &mut Conn, hash: &[u8]) -> Result<Option<PasskeyRow>> {
    Ok(sqlx::query_as(
        "SELECT id, user_id, name, credential_sealed, created_at, last_used_at
         FROM passkey WHERE credential_hash = $1",
    )
    .bind(hash.to_vec())
    .fetch_optional(conn)
    .await?)
}

/// Gives a passkey another name.
///
/// # Errors
/// What the database says.
pub async fn rename(conn: &mut Conn, id: PasskeyId, name: &str) -> Result<()> {
    sqlx::query("UPDATE passkey SET name = $2 WHERE id = $1")
        .bind(id.0)
        .bind(name.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that somebody signed in with a passkey, which counted on with that.
///
/// # Errors
/// What the database says.
pub async fn note_use(
    conn: &mut Conn,
    id: PasskeyId,
    credential_sealed: &[u8],
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE passkey SET credential_sealed = $2, last_used_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(credential_sealed.to_vec())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a passkey away.
///
/// # Errors
/// What the database says.
pub async fn remove(conn: &mut Conn, id: PasskeyId) -> Result<()> {
    sqlx::query("DELETE FROM passkey WHERE id = $1")
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes all of a user's passkeys away; how many there were.
///
/// # Errors
/// What the database says.
pub async fn remove_all(conn: &mut Conn, user: UserId) -> Result<u64> {
    let done = sqlx::query("DELETE FROM passkey WHERE user_id = $1")
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// How many users have neither a TOTP secret in force nor a passkey.
///
/// # Errors
/// What the database says.
pub async fn users_without_factor(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM user_account u
         WHERE u.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM passkey p WHERE p.user_id = u.id)
             AND NOT EXISTS (
                 SELECT 1 FROM second_factor f
                 WHERE f.user_id = u.id AND f.kind = 'totp' AND f.confirmed_at IS NOT NULL
             )",
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// What a ticket stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// Adding a passkey.
    Enrolment,
    /// Signing in with one.
    SignIn,
}

impl Ceremony {
    fn purpose(self) -> &'static str {
        match self {
            Self::Enrolment => "passkey_enrolment",
            Self::SignIn => "passkey_sign_in",
        }
    }
}

/// The ticket of a ceremony: it holds the challenge that the device signs.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// What it stands for.
    pub ceremony: Ceremony,
    /// SHA-256 of the ticket.
    pub hash: Vec<u8>,
    /// A keyed hash of the one to whom it is bound.
    pub holder_hash: Vec<u8>,
    /// The challenge and what belongs to it, sealed, as text.
    pub state: String,
    /// Who is adding a passkey.
    pub user: Option<UserId>,
    /// The address that it was given to.
    pub ip: String,
}

/// Keeps a ticket under `id` until `expires_at`.
///
/// # Errors
/// What the database says.
pub async fn insert_ticket(
    conn: &mut Conn,
    id: &str,
    ticket: &Ticket,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO one_time_code
             (id, purpose, target_hash, code_hash, user_id, data, ip, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id.to_owned())
    .bind(ticket.ceremony.purpose())
    .bind(ticket.holder_hash.clone())
    .bind(ticket.hash.clone())
    .bind(ticket.user.map(|user| user.0))
    .bind(ticket.state.clone())
    .bind(ticket.ip.clone())
    .bind(now.0)
    .bind(expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a ticket out, and gives back its state: whoever comes second, even at the same moment,
/// finds nothing; so does whoever is not its holder, or comes too late.
///
/// # Errors
/// What the database says.
pub async fn take_ticket(
    conn: &mut Conn,
    ceremony: Ceremony,
    id: &str,
    hash: &[u8],
    holder_hash: &[u8],
    now: Timestamp,
) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(
        "DELETE FROM one_time_code
         WHERE id = $1 AND purpose = $2 AND code_hash = $3 AND target_hash = $4
             AND expires_at > $5
         RETURNING data",
    )
    .bind(id.to_owned())
    .bind(ceremony.purpose())
    .bind(hash.to_vec())
    .bind(holder_hash.to_vec())
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(state,)| state))
}

/// Drops tickets that have expired.
///
/// # Errors
/// What the database says.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM one_time_code WHERE purpose IN ($1, $2) AND expires_at <= $3")
        .bind(Ceremony::Enrolment.purpose())
        .bind(Ceremony::SignIn.purpose())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
