//! What a token is worth at this moment, for services that ask (RFC 7662).

use crate::access::{Access, Caller, Client};
use crate::core::Core;
use crate::secrets::sha256;
use crate::sessions::is_current;
use crate::tokens::{Claims, Tokens};
use menshen_domain::role::Status;
use menshen_domain::{Kind, Result, SessionId, Timestamp, UserId};
use menshen_storage::{sessions, users};
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Tells what tokens are worth. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Introspection {
    core: Arc<Core>,
    tokens: Tokens,
    access: Access,
}

/// A token that is good.
#[derive(Debug, Clone)]
pub enum Active {
    /// An access token: what it says, and who shows it.
    Access(Arc<Claims>, Caller),
    /// A refresh token.
    Refresh(Refresh),
}

/// A refresh token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// Whose it is.
    pub user_id: UserId,
    /// Her login name.
    pub username: String,
    /// Its session.
    pub session_id: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The issuer of the access tokens that it renews.
    pub issuer: String,
    /// Their audience.
    pub audience: String,
}

impl Introspection {
    pub(crate) fn new(core: Arc<Core>, tokens: Tokens, access: Access) -> Self {
        Self {
            core,
            tokens,
            access,
        }
    }

    /// Whether a client of the settings shows its secret. An unknown id takes the same work.
    #[must_use]
    pub fn knows_client(&self, id: &str, secret: &str) -> bool {
        let settings = self.core.settings();
        let clients = &settings.introspection.clients;
        let kept = clients.get(id);
        let expected = sha256(kept.map_or("", |s| s.expose_secret()).as_bytes());
        let shown = sha256(secret.as_bytes());
        bool::from(expected.ct_eq(&shown)) && kept.is_some_and(|s| !s.expose_secret().is_empty())
    }

    /// What a token is worth; `None` for one that is not ours, expired, revoked, replaced, or of
    /// somebody who can't use it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(&self, token: &str, client: &Client) -> Result<Option<Active>> {
        match self.access_token(token, client).await {
            Ok(active) => Ok(Some(active)),
            Err(error) if matches!(error.kind, Kind::Token | Kind::Locked) => {
                Ok(self.refresh_token(token).await?.map(Active::Refresh))
            }
            Err(error) => Err(error),
        }
    }

    async fn access_token(&self, token: &str, client: &Client) -> Result<Active> {
        let claims = self.tokens.verify(token).await?;
        let caller = self.access.by_token(token, client.clone()).await?;
        caller.require_usable()?;
        Ok(Active::Access(claims, caller))
    }

    async fn refresh_token(&self, token: &str) -> Result<Option<Refresh>> {
        let now = self.core.now().0;
        let mut conn = self.core.db.read().await?;
        let Some(kept) = sessions::find_refresh(&mut conn, &sha256(token.as_bytes())).await? else {
            return Ok(None);
        };
        let id = SessionId(kept.session_id);
        let session = sessions::find(&mut conn, &id).await?.filter(|s| {
            s.revoked_at.is_none()
                && s.expires_at > now
                && kept.expires_at > now
                && is_current(s, kept.generation)
        });
        let Some(session) = session else {
            return Ok(None);
        };
        let user_id = UserId(session.user_id);
        let user = users::login_row(&mut conn, user_id)
            .await?
            .filter(|u| u.status == Status::Active.code() && u.must_change_password == 0);
        let settings = self.core.settings();
        let settings = &settings.token;
        Ok(user.map(|user| Refresh {
            user_id,
            username: user.username,
            session_id: id,
            issued_at: Timestamp(kept.created_at),
            expires_at: Timestamp(kept.expires_at),
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
        }))
    }
}

#[cfg(test)]
mod tests;
