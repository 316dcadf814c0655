//! Sessions: opening them, renewing their tokens, ending them.
//!
//! **Rotation.** Tokens come in generations. `POST /auth/session` shows the refresh token of
//! generation *n* and is given a new pair of the next generation. Because that answer can be lost
//! on the way, the token of generation *n* stays good until a token of a later generation has
//! been used: `used_gen` of the session remembers the highest one seen. From then on its use can
//! only be that of somebody who copied it, and the whole session ends.
//!
//! **One live branch.** Who asks twice, or twice at once, is given two pairs. As soon as one of
//! them is renewed, it is known which of the answers arrived (`renewed_gen`), and the others
//! (`void_gen`: what had been issued by then) are in nobody's rightful hands: of two who both keep
//! renewing, the second is noticed. The mere use of an access token says less, because two windows
//! of one browser may each have received one.
//!
//! **Whoever renews holds her session** until the transaction ends, and waits for nobody else. Its
//! row is enough: a refresh token is never changed, and all that a renewal goes by (`used_gen`,
//! `renewed_gen`, `void_gen`, `issued_gen`, `revoked_at`) stands in that row, so that renewals of
//! one session come one after the other. Of the user nothing but her status is read. Whatever disables or deletes her, or
//! changes her password, ends her sessions in its own transaction, and so writes that row too:
//! either it comes first, and the renewal finds the session ended, or it waits for the renewal and
//! ends the session with the tokens just issued. No two can wait for each other, for a renewal
//! holds nothing else.

use crate::access::{Access, Caller, Client};
use crate::audit::Record;
use crate::core::Core;
use crate::secrets::sha256;
use crate::tokens::{AccessToken, EXCHANGE_GRACE, Tokens};
use menshen_domain::role::Status;
use menshen_domain::{Error, Kind, Result, SessionId, Timestamp, UserId};
use menshen_storage::sessions::{self, RefreshRow, SessionRow};
use menshen_storage::{Event, Tx, users};
use std::sync::Arc;
use std::time::Duration;

mod of_user;
mod watch;

pub use watch::MOST_AT_ONCE;

/// A browser's session just opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its id, to be put into the browser's session.
    pub session_id: SessionId,
    /// Whether a new password must be chosen first.
    pub must_change_password: bool,
}

/// An API session's tokens just issued.
#[derive(Clone)]
pub struct Issued {
    /// The access token.
    pub access: AccessToken,
    /// The refresh token.
    pub refresh: String,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
    /// Whose session it is.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

/// What opens a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Api,
    Browser,
}

/// What is to be said of a refresh token that somebody shows.
enum Shown {
    /// It is good; its session, and whose it is.
    Good(RefreshRow, SessionRow, String),
    /// It is in the wrong hands, and why that shows.
    Stolen(SessionRow, String, &'static str),
}

/// Opens, renews and ends sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    core: Arc<Core>,
    tokens: Tokens,
    access: Access,
}

impl Sessions {
    pub(crate) fn new(core: Arc<Core>, tokens: Tokens, access: Access) -> Self {
        Self {
            core,
            tokens,
            access,
        }
    }

    /// Opens a session in the transaction of its sign-in.
    pub(crate) async fn open(
        &self,
        tx: &mut Tx,
        user: UserId,
        door: Door,
        client: &Client,
    ) -> Result<SessionRow> {
        let now = self.core.now();
        let settings = self.core.settings();
        let settings = &settings.session;
        let (kind, seconds) = match door {
            Door::Api => ("api", settings.max_seconds),
            Door::Browser => ("browser", settings.page_max_seconds),
        };
        let row = SessionRow {
            id: self.core.uuid(),
            user_id: user.0,
            kind: kind.to_owned(),
            ip: client.ip.clone(),
            user_agent: client.user_agent.clone(),
            created_at: now.0,
            last_seen_at: now.0,
            expires_at: (now + Duration::from_secs(seconds)).0,
            issued_gen: 1,
            used_gen: 1,
            renewed_gen: 0,
            void_gen: 0,
            access_jti: None,
            revoked_at: None,
            revoke_reason: None,
            data: None,
        };
        sessions::insert(tx, &row).await?;
        Ok(row)
    }

    /// Gets ready to issue tokens; to be called before the transaction begins in which they are.
    pub(crate) async fn warm(&self) -> Result<()> {
        self.tokens.warm().await
    }

    /// Issues a pair of tokens of `generation`.
    pub(crate) async fn issue(
        &self,
        tx: &mut Tx,
        session: &SessionRow,
        username: &str,
        generation: i64,
    ) -> Result<Issued> {
        let now = self.core.now();
        let session_id = SessionId(session.id.clone());
        let end = Timestamp(session.expires_at);
        let user_id = UserId(session.user_id);
        let refresh = self.core.random_text::<32>();
        let lifetime = Duration::from_secs(self.core.settings().token.refresh_seconds);
        let refresh_expires_at = (now + lifetime).min(end);
        sessions::insert_refresh(
            tx,
            &RefreshRow {
                hash: sha256(refresh.as_bytes()).to_vec(),
                session_id: session.id.clone(),
                generation,
                created_at: now.0,
                expires_at: refresh_expires_at.0,
            },
        )
        .await?;
        let access = self
            .tokens
            .issue(user_id, username, &session_id, generation, end)
            .await?;
        sessions::set_access_jti(tx, &session_id, &access.claims.jti, now).await?;
        Ok(Issued {
            access,
            refresh,
            refresh_expires_at,
            user_id,
            session_id,
        })
    }

    /// Renews a session's tokens with its refresh token (`POST /auth/session`).
    ///
    /// # Errors
    /// [`Kind::Token`] when the token is unknown or its session has ended; [`Kind::Forbidden`]
    /// when the client is another or the token was used before: the session ends then.
    pub async fn renew(&self, refresh: &str, client: &Client) -> Result<Issued> {
        self.warm().await?;
        let mut tx = self.core.db.begin().await?;
        let (token, session, username) = match self.shown(&mut tx, refresh, client).await? {
            Shown::Good(token, session, username) => (token, session, username),
            Shown::Stolen(session, username, reason) => {
                return self.theft(tx, &session, &username, client, reason).await;
            }
        };
        let session_id = SessionId(session.id.clone());
        sessions::mark_renewed(&mut tx, &session_id, token.generation).await?;
        let generation = sessions::next_generation(&mut tx, &session_id).await?;
        let issued = self.issue(&mut tx, &session, &username, generation).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// A new access token for a refresh token that stays as it is (`POST /tokens/renew_access`).
    ///
    /// # Errors
    /// As [`Sessions::renew`]: a token that a later one has taken the place of is no good here
    /// either.
    pub async fn renew_access(&self, refresh: &str, client: &Client) -> Result<AccessToken> {
        self.warm().await?;
        let mut tx = self.core.db.begin().await?;
        let (token, session, username) = match self.shown(&mut tx, refresh, client).await? {
            Shown::Good(token, session, username) => (token, session, username),
            Shown::Stolen(session, username, reason) => {
                return self.theft(tx, &session, &username, client, reason).await;
            }
        };
        let session_id = SessionId(session.id.clone());
        sessions::mark_used(&mut tx, &session_id, token.generation).await?;
        let access = self
            .tokens
            .issue(
                UserId(session.user_id),
                &username,
                &session_id,
                token.generation,
                Timestamp(session.expires_at),
            )
            .await?;
        let now = self.core.now();
        sessions::set_access_jti(&mut tx, &session_id, &access.claims.jti, now).await?;
        tx.commit().await?;
        Ok(access)
    }

    /// Looks at a refresh token and at who shows it, and holds its session.
    async fn shown(&self, tx: &mut Tx, refresh: &str, client: &Client) -> Result<Shown> {
        let now = self.core.now();
        let token = sessions::find_refresh(tx, &sha256(refresh.as_bytes()))
            .await?
            .ok_or_else(Error::token)?;
        let session = sessions::hold(tx, &SessionId(token.session_id.clone())).await?;
        let (session, username) = self.live(tx, session, now).await?;
        if token.expires_at <= now.0 {
            return Err(Error::token());
        }
        Ok(if !self.is_bound(&session, client) {
            Shown::Stolen(session, username, "client_changed")
        } else if !is_current(&session, token.generation) {
            Shown::Stolen(session, username, "refresh_reused")
        } else {
            Shown::Good(token, session, username)
        })
    }

    /// Exchanges an access token, or one that expired less than 10 minutes ago, for a new one of
    /// the same generation (`GET /auth/refreshToken`). An expired one is taken only while
    /// nothing newer was issued in its session.
    ///
    /// # Errors
    /// [`Kind::Token`]; [`Kind::Forbidden`] when the client is another: the session ends then.
    pub async fn exchange(&self, token: &str, client: &Client) -> Result<AccessToken> {
        let claims = self.tokens.verify_within(token, EXCHANGE_GRACE).await?;
        self.warm().await?;
        let mut tx = self.core.db.begin().await?;
        let now = self.core.now();
        let session_id = claims.session_id();
        // Of two who show one expired token at once, the second finds what the first was given.
        let session = sessions::hold(&mut tx, &session_id).await?;
        let (session, username) = self.live(&mut tx, session, now).await?;
        if !self.is_bound(&session, client) {
            return self
                .theft(tx, &session, &username, client, "client_changed")
                .await;
        }
        let expired = now >= Timestamp::from_seconds(claims.exp);
        if expired && session.access_jti.as_deref() != Some(claims.jti.as_str()) {
            return Err(Error::token());
        }
        sessions::mark_used(&mut tx, &session_id, claims.generation()).await?;
        let access = self
            .tokens
            .issue(
                UserId(session.user_id),
                &username,
                &session_id,
                claims.generation(),
                Timestamp(session.expires_at),
            )
            .await?;
        sessions::set_access_jti(&mut tx, &session_id, &access.claims.jti, now).await?;
        tx.commit().await?;
        Ok(access)
    }

    /// The session, if it and its user can be used, and the user's name.
    async fn live(
        &self,
        tx: &mut Tx,
        session: Option<SessionRow>,
        now: Timestamp,
    ) -> Result<(SessionRow, String)> {
        let session = session.ok_or_else(Error::token)?;
        let user = users::login_row(tx, UserId(session.user_id))
            .await?
            .ok_or_else(Error::token)?;
        let usable = session.revoked_at.is_none()
            && session.expires_at > now.0
            && user.status == Status::Active.code();
        if usable {
            Ok((session, user.username))
        } else {
            Err(Error::token())
        }
    }

    fn is_bound(&self, session: &SessionRow, client: &Client) -> bool {
        let binding = self.core.settings().session.binding;
        binding.holds(&session.user_agent, &session.ip, client)
    }

    /// Ends a session whose token is in the wrong hands.
    async fn theft<T>(
        &self,
        mut tx: Tx,
        session: &SessionRow,
        username: &str,
        client: &Client,
        reason: &str,
    ) -> Result<T> {
        let id = SessionId(session.id.clone());
        sessions::revoke(&mut tx, &id, reason, self.core.now()).await?;
        Record::login("session_revoked", false, username, client)
            .actor(UserId(session.user_id))
            .session(&id)
            .reason(reason)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Session(session.id.clone()));
        tx.commit().await?;
        Err(Error::new(
            Kind::Forbidden {
                missing: Vec::new(),
            },
            "登录环境已变化或令牌已被使用，会话已吊销，请重新登录",
            "The client changed or the token was used before; the session was revoked. Please sign in again",
        ))
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end(&self, caller: &Caller) -> Result<()> {
        self.end_session(
            caller.session_id(),
            caller.id(),
            caller.username(),
            &caller.client,
        )
        .await
    }

    /// Ends the session that an access token or a refresh token names (`POST /auth/logout`).
    ///
    /// # Errors
    /// [`Kind::Token`] when neither is good.
    pub async fn end_by(
        &self,
        access: Option<&str>,
        refresh: Option<&str>,
        client: &Client,
    ) -> Result<()> {
        if let Some(token) = access {
            match self.access.by_token(token, client.clone()).await {
                Ok(caller) => return self.end(&caller).await,
                Err(error) if error.kind == Kind::Token => {}
                // Whether it is good is not known: it must not be told that it is not.
                Err(error) => return Err(error),
            }
        }
        let refresh = refresh.ok_or_else(Error::token)?;
        let now = self.core.now();
        let mut conn = self.core.db.read().await?;
        let token = sessions::find_refresh(&mut conn, &sha256(refresh.as_bytes()))
            .await?
            .filter(|t| t.expires_at > now.0)
            .ok_or_else(Error::token)?;
        let id = SessionId(token.session_id);
        let session = sessions::find(&mut conn, &id)
            .await?
            .ok_or_else(Error::token)?;
        let user = UserId(session.user_id);
        let name = users::login_row(&mut conn, user)
            .await?
            .map(|u| u.username)
            .unwrap_or_default();
        drop(conn);
        if session.revoked_at.is_some() || session.expires_at <= now.0 {
            return Err(Error::token());
        }
        self.end_session(&id, user, &name, client).await
    }

    async fn end_session(
        &self,
        id: &SessionId,
        user: UserId,
        username: &str,
        client: &Client,
    ) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        if sessions::revoke(&mut tx, id, "signed_out", self.core.now()).await? {
            Record::login("sign_out", true, username, client)
                .actor(user)
                .session(id)
                .write(&self.core, &mut tx)
                .await?;
        }
        tx.announce(Event::Session(id.0.clone()));
        tx.commit().await?;
        Ok(())
    }

    /// What a browser keeps with its session, and until when, by the SHA-256 of its cookie;
    /// `None` when the session has ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn cookie_data(&self, cookie_hash: &[u8]) -> Result<Option<(String, Timestamp)>> {
        let mut conn = self.core.db.read().await?;
        let row = sessions::find_by_cookie(&mut conn, cookie_hash).await?;
        Ok(row
            .filter(|s| s.revoked_at.is_none() && s.expires_at > self.core.now().0)
            .map(|s| (s.data.unwrap_or_default(), Timestamp(s.expires_at))))
    }

    /// Gives a session the cookie with this SHA-256, and what the browser keeps with it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_cookie(&self, id: &SessionId, cookie_hash: &[u8], data: &str) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        sessions::set_cookie(&mut tx, id, cookie_hash, data).await?;
        // The cookie that it had before opens nothing any more, on any node.
        tx.announce(Event::Session(id.0.clone()));
        tx.commit().await?;
        Ok(())
    }

    /// Takes a cookie out of use, by its SHA-256.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drop_cookie(&self, cookie_hash: &[u8]) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        if let Some(id) = sessions::drop_cookie(&mut tx, cookie_hash).await? {
            tx.announce(Event::Session(id.0));
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Whether the refresh token of a generation is still good: nothing issued after it has been used,
/// and nothing issued beside it has been renewed.
pub(crate) fn is_current(session: &SessionRow, generation: i64) -> bool {
    generation >= session.used_gen
        && (generation == session.renewed_gen || generation > session.void_gen)
}

#[cfg(test)]
mod tests;
