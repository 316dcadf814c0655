//! Who is asking, and what they may do: the guard, and the memory that keeps it quick.
//!
//! A checked access token costs no database read: the session, its user and what the user's
//! active roles grant are held in memory, and change events (see [`menshen_storage::Event`])
//! throw out what a change made stale before the change is acknowledged.

use crate::checks::plain_code;
use crate::core::Core;
use crate::tokens::Tokens;
use menshen_domain::permission::Grants;
use menshen_domain::role::Status;
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::session::Me;
use menshen_domain::{
    DeptId, Error, Kind, Lang, Result, RoleId, SessionId, Timestamp, UserId, catalogue,
};
use menshen_storage::{Conn, Event, depts, roles, sessions, users};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// How many sessions are held in memory.
const HELD: u64 = 100_000;
/// How long an unused one is held.
const HELD_FOR: Duration = Duration::from_mins(30);
/// How exact a session's `last_seen_at` is.
pub(crate) const SEEN_STEP: Duration = Duration::from_mins(1);

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's address, behind trusted proxies too.
    pub ip: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The request's id, in `X-Request-Id` and in the log.
    pub request_id: String,
    /// The language of the answer.
    pub lang: Lang,
}

impl Client {
    /// What limits go by: the address, or the /64 network that an IPv6 host has to itself.
    pub(crate) fn network(&self) -> String {
        match self.ip.parse() {
            Ok(std::net::IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => self.ip.clone(),
        }
    }
}

/// A signed-in user in one session, and what hangs on it.
#[derive(Debug)]
pub struct Principal {
    id: UserId,
    username: String,
    nickname: String,
    avatar: String,
    must_change_password: bool,
    role_keys: Vec<String>,
    grants: Grants,
    sight: Sight,
    session: SessionId,
    browser: bool,
    expires_at: Timestamp,
    /// Why it can't be used any more, if so.
    ended: Option<Ended>,
    used_gen: AtomicI64,
    last_seen: AtomicI64,
}

/// What a session's row says of why it ended when its user was disabled.
pub(crate) const DISABLED: &str = "user_disabled";

/// Why a session can't be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The user was disabled.
    Disabled,
    /// Signed out, revoked, expired, deleted.
    Gone,
}

/// Who is asking: a signed-in user, in a session, from a client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Arc<Principal>,
    /// Where the request comes from.
    pub client: Client,
}

/// Who is asking, if anybody: what a request carries.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Nobody signed in.
    Anonymous,
    /// Somebody signed in.
    SignedIn(Caller),
}

impl Caller {
    /// The user's id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.principal.id
    }

    /// The login name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.principal.username
    }

    /// The session.
    #[must_use]
    pub fn session_id(&self) -> &SessionId {
        &self.principal.session
    }

    /// Whether the session is a browser's in the admin UI.
    #[must_use]
    pub fn is_browser(&self) -> bool {
        self.principal.browser
    }

    /// The keys of the active roles held, by sort.
    #[must_use]
    pub fn role_keys(&self) -> &[String] {
        &self.principal.role_keys
    }

    /// The permission patterns held.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.principal.grants
    }

    /// Whose records are in sight.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        &self.principal.sight
    }

    /// Whether `code` is granted.
    #[must_use]
    pub fn may(&self, code: &str) -> bool {
        self.principal.grants.allow(code)
    }

    /// Whether a new password must be chosen before anything else.
    #[must_use]
    pub fn must_change_password(&self) -> bool {
        self.principal.must_change_password
    }

    /// The guard for everything that no permission stands before.
    ///
    /// # Errors
    /// [`Kind::Locked`] while a new password is due.
    pub fn require_usable(&self) -> Result<()> {
        if self.principal.must_change_password {
            return Err(Error::new(
                Kind::Locked,
                "请先修改密码",
                "A new password must be chosen first",
            ));
        }
        Ok(())
    }

    /// The guard.
    ///
    /// # Errors
    /// [`Kind::Locked`] while a new password is due; [`Kind::Forbidden`], naming `code`, when it
    /// is not granted.
    pub fn require(&self, code: &str) -> Result<()> {
        self.require_usable()?;
        if self.may(code) {
            Ok(())
        } else {
            Err(Error::forbidden([code]))
        }
    }

    /// The guard that asks for several permissions at once, and names all that are missing.
    ///
    /// # Errors
    /// [`Kind::Locked`] while a new password is due; [`Kind::Forbidden`]; [`Kind::Invalid`] on
    /// `permission` for what is no code.
    pub fn require_all(&self, codes: &[String]) -> Result<()> {
        self.require_usable()?;
        let codes: Vec<String> = codes
            .iter()
            .map(|code| plain_code("permission", code))
            .collect::<Result<_>>()?;
        let missing = self.grants().missing(codes.iter().map(String::as_str));
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Error::forbidden(missing))
        }
    }

    /// The user as the admin UI shows her to herself.
    #[must_use]
    pub fn me(&self) -> Me {
        let p = &self.principal;
        let name = if p.nickname.is_empty() {
            &p.username
        } else {
            &p.nickname
        };
        Me {
            id: p.id,
            username: p.username.clone(),
            nickname: name.clone(),
            avatar: p.avatar.clone(),
            permissions: p
                .grants
                .expanded(catalogue::CATALOGUE.iter().map(|e| e.code)),
            must_change_password: p.must_change_password,
        }
    }
}

struct Inner {
    core: Arc<Core>,
    tokens: Tokens,
    held: moka::sync::Cache<String, Arc<Principal>>,
    /// Which session a browser's cookie belongs to, by the cookie's SHA-256.
    cookies: moka::sync::Cache<[u8; 32], String>,
    /// Counts changes: what was read before one must not be held after it.
    changes: Arc<AtomicU64>,
}

/// Finds out who is asking. Cheap to clone.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

impl Access {
    pub(crate) fn new(core: Arc<Core>, tokens: Tokens) -> Self {
        let held = moka::sync::Cache::builder()
            .max_capacity(HELD)
            .time_to_idle(HELD_FOR)
            .support_invalidation_closures()
            .build();
        let cookies = moka::sync::Cache::builder()
            .max_capacity(HELD)
            .time_to_idle(HELD_FOR)
            .support_invalidation_closures()
            .build();
        let changes = Arc::new(AtomicU64::new(0));
        let (cache, of_cookies, counter) = (held.clone(), cookies.clone(), changes.clone());
        core.db.subscribe(move |event| {
            if event.is_fleeting() {
                return;
            }
            counter.fetch_add(1, Ordering::AcqRel);
            forget(&cache, event);
            forget_cookies(&of_cookies, event);
        });
        Self(Arc::new(Inner {
            core,
            tokens,
            held,
            cookies,
            changes,
        }))
    }

    /// Who shows this access token.
    ///
    /// # Errors
    /// [`Kind::Token`] when it is not good, or its session has ended.
    pub async fn by_token(&self, token: &str, client: Client) -> Result<Caller> {
        let claims = self.0.tokens.verify(token).await?;
        let caller = self.caller(&claims.session_id(), client).await?;
        self.note_use(&caller, claims.generation()).await?;
        Ok(caller)
    }

    /// Who shows this access token, for the one question whether it is good but of no use: a
    /// disabled user is told apart from an unknown token.
    ///
    /// # Errors
    /// [`Kind::Token`] when it is not good; [`Kind::Locked`] when the user is disabled or must
    /// choose a new password.
    pub async fn test(&self, token: &str, client: Client) -> Result<Caller> {
        let claims = self.0.tokens.verify(token).await?;
        let principal = self.principal(&claims.session_id()).await?;
        if principal.ended == Some(Ended::Disabled) {
            return Err(Error::new(
                Kind::Locked,
                "账号已停用",
                "The account is disabled",
            ));
        }
        let caller = self.by_token(token, client).await?;
        caller.require_usable()?;
        Ok(caller)
    }

    /// Who is in this browser session.
    ///
    /// # Errors
    /// [`Kind::Token`] when it has ended, or was idle for too long.
    pub async fn by_session(&self, session: &SessionId, client: Client) -> Result<Caller> {
        let caller = self.caller(session, client).await?;
        if !caller.is_browser() {
            return Err(Error::token());
        }
        Ok(caller)
    }

    /// Who shows the browser's cookie with this SHA-256.
    ///
    /// # Errors
    /// [`Kind::Token`] when its session has ended, or was idle for too long.
    pub async fn by_cookie(&self, cookie_hash: &[u8; 32], client: Client) -> Result<Caller> {
        let session = self.session_of(cookie_hash).await?;
        self.by_session(&session, client).await
    }

    async fn session_of(&self, cookie_hash: &[u8; 32]) -> Result<SessionId> {
        let trusted = self.0.core.db.hears_changes();
        if trusted && let Some(id) = self.0.cookies.get(cookie_hash) {
            return Ok(SessionId(id));
        }
        let before = self.0.changes.load(Ordering::Acquire);
        let mut conn = self.0.core.db.read().await?;
        let row = sessions::find_by_cookie(&mut conn, cookie_hash).await?;
        drop(conn);
        let id = row.ok_or_else(Error::token)?.id;
        if trusted {
            self.0.cookies.insert(*cookie_hash, id.clone());
            if self.0.changes.load(Ordering::Acquire) != before {
                self.0.cookies.invalidate(cookie_hash);
            }
        }
        Ok(SessionId(id))
    }

    /// The same caller as she is by now, for a change before which something took a while: as the
    /// change's own transaction finds her, and not as she is remembered.
    ///
    /// # Errors
    /// [`Kind::Token`] when the session has ended meanwhile, or the user was disabled or deleted.
    pub(crate) async fn again_in(
        conn: &mut Conn,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Caller> {
        let found = load(conn, caller.session_id()).await?;
        let principal = found.ok_or_else(Error::token)?;
        if principal.ended.is_some() || now >= principal.expires_at {
            return Err(Error::token());
        }
        Ok(Caller {
            principal: Arc::new(principal),
            client: caller.client.clone(),
        })
    }

    async fn caller(&self, session: &SessionId, client: Client) -> Result<Caller> {
        let principal = self.usable(session).await?;
        self.note_seen(&principal, self.0.core.now()).await?;
        Ok(Caller { principal, client })
    }

    /// The same caller as she is by now, without counting that as use of her session: who only
    /// listens is idle.
    ///
    /// # Errors
    /// [`Kind::Token`] when the session has ended meanwhile, or was idle for too long.
    pub(crate) async fn still(&self, caller: &Caller) -> Result<Caller> {
        let principal = self.usable(caller.session_id()).await?;
        Ok(Caller {
            principal,
            client: caller.client.clone(),
        })
    }

    /// Who is in a session that can be used.
    async fn usable(&self, session: &SessionId) -> Result<Arc<Principal>> {
        let mut principal = self.principal(session).await?;
        if self.is_idle(&principal) {
            // Another node may have seen it since.
            self.0.held.invalidate(&session.0);
            principal = self.principal(session).await?;
            if self.is_idle(&principal) {
                return Err(Error::token());
            }
        }
        if principal.ended.is_some() || self.0.core.now() >= principal.expires_at {
            return Err(Error::token());
        }
        Ok(principal)
    }

    fn is_idle(&self, principal: &Principal) -> bool {
        let idle = Duration::from_secs(self.0.core.settings().session.page_idle_seconds);
        let seen = Timestamp(principal.last_seen.load(Ordering::Acquire));
        principal.browser && self.0.core.now().since(seen) >= idle + SEEN_STEP
    }

    /// Notes, once in a while, that the session is in use.
    async fn note_seen(&self, principal: &Principal, now: Timestamp) -> Result<()> {
        let seen = principal.last_seen.load(Ordering::Acquire);
        if now.since(Timestamp(seen)) < SEEN_STEP {
            return Ok(());
        }
        let first = principal
            .last_seen
            .compare_exchange(seen, now.0, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if first {
            let mut tx = self.0.core.db.begin().await?;
            sessions::touch(&mut tx, &principal.session, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Notes the first use of a generation of tokens: what was issued before it is good no more
    /// (see [`crate::sessions`]). It is written before the request goes on, so that a refresh
    /// token that was stolen before can't be used after.
    async fn note_use(&self, caller: &Caller, generation: i64) -> Result<()> {
        let used = &caller.principal.used_gen;
        if generation <= used.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut tx = self.0.core.db.begin().await?;
        sessions::mark_used(&mut tx, caller.session_id(), generation).await?;
        tx.commit().await?;
        used.fetch_max(generation, Ordering::AcqRel);
        Ok(())
    }

    async fn principal(&self, session: &SessionId) -> Result<Arc<Principal>> {
        // While word of changes elsewhere does not reach this node, its memory can't be trusted.
        let trusted = self.0.core.db.hears_changes();
        if trusted && let Some(principal) = self.0.held.get(&session.0) {
            return Ok(principal);
        }
        let before = self.0.changes.load(Ordering::Acquire);
        let mut conn = self.0.core.db.read().await?;
        let principal = load(&mut conn, session).await?.ok_or_else(Error::token)?;
        drop(conn);
        let principal = Arc::new(principal);
        if trusted {
            self.0.held.insert(session.0.clone(), principal.clone());
            if self.0.changes.load(Ordering::Acquire) != before {
                self.0.held.invalidate(&session.0);
            }
        }
        Ok(principal)
    }

    /// What a user's active roles grant, and whose records they show; for users who may not be
    /// signed in.
    pub(crate) async fn reach(
        conn: &mut Conn,
        user: UserId,
        dept: Option<DeptId>,
    ) -> Result<Reach> {
        let active = roles::active_of(conn, user).await?;
        let ids: Vec<RoleId> = active.iter().map(|r| RoleId(r.id)).collect();
        let grants: Grants = roles::patterns_of(conn, &ids).await?.into_iter().collect();
        let sight = sight(conn, &active, dept).await?;
        Ok(Reach {
            role_keys: active.into_iter().map(|r| r.role_key).collect(),
            grants,
            sight,
        })
    }
}

/// What a user's active roles come to.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) role_keys: Vec<String>,
    pub(crate) grants: Grants,
    pub(crate) sight: Sight,
}

fn forget(held: &moka::sync::Cache<String, Arc<Principal>>, event: &Event) {
    match event {
        Event::Session(id) => held.invalidate(id),
        Event::User(id) => {
            let id = UserId(*id);
            if held.invalidate_entries_if(move |_, p| p.id == id).is_err() {
                held.invalidate_all();
            }
        }
        Event::Roles | Event::Unknown => held.invalidate_all(),
        Event::Keys | Event::Settings | Event::Log(_) => {}
    }
}

/// Whatever becomes of a session, its cookie is looked up anew. That a user's sessions ended, her
/// principals tell.
fn forget_cookies(cookies: &moka::sync::Cache<[u8; 32], String>, event: &Event) {
    match event {
        Event::Session(id) => {
            let id = id.clone();
            if cookies.invalidate_entries_if(move |_, s| *s == id).is_err() {
                cookies.invalidate_all();
            }
        }
        Event::Unknown => cookies.invalidate_all(),
        Event::User(_) | Event::Roles | Event::Keys | Event::Settings | Event::Log(_) => {}
    }
}

async fn load(conn: &mut Conn, session: &SessionId) -> Result<Option<Principal>> {
    let Some(row) = sessions::find(conn, session).await? else {
        return Ok(None);
    };
    let Some(user) = users::find(conn, UserId(row.user_id)).await? else {
        return Ok(None);
    };
    let reach = Access::reach(conn, user.id, user.dept_id).await?;
    let by_disabling = row.revoke_reason.as_deref() == Some(DISABLED);
    let ended = match (user.status, row.revoked_at) {
        // What had ended before she was disabled is no better than any other that has ended.
        (Status::Disabled, Some(_)) if !by_disabling => Some(Ended::Gone),
        (Status::Disabled, _) => Some(Ended::Disabled),
        (Status::Active, Some(_)) => Some(Ended::Gone),
        (Status::Active, None) => None,
    };
    Ok(Some(Principal {
        id: user.id,
        username: user.username,
        nickname: user.nickname,
        avatar: user.avatar,
        must_change_password: user.must_change_password,
        role_keys: reach.role_keys,
        grants: reach.grants,
        sight: reach.sight,
        session: session.clone(),
        browser: row.kind == "browser",
        expires_at: Timestamp(row.expires_at),
        ended,
        used_gen: AtomicI64::new(row.used_gen),
        last_seen: AtomicI64::new(row.last_seen_at),
    }))
}

/// The widest of the roles' scopes wins; the departments of all of them are in sight together.
async fn sight(
    conn: &mut Conn,
    active: &[roles::ActiveRole],
    dept: Option<DeptId>,
) -> Result<Sight> {
    let scope_of =
        |r: &roles::ActiveRole| DataScope::from_code(&r.data_scope).unwrap_or(DataScope::SelfOnly);
    let Some(widest) = active.iter().map(scope_of).max_by_key(|s| s.width()) else {
        return Ok(Sight::own());
    };
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    if widest == DataScope::All {
        seen.extend(depts::all(conn).await?.into_iter().map(|d| d.id));
    } else {
        for role in active {
            match (scope_of(role), dept) {
                (DataScope::Custom, _) => {
                    seen.extend(roles::depts_of(conn, RoleId(role.id)).await?)
                }
                (DataScope::OwnDept, Some(own)) => {
                    seen.insert(own.0);
                }
                (DataScope::OwnAndBelow, Some(own)) => {
                    seen.extend(depts::with_below(conn, own.0).await?);
                }
                _ => {}
            }
        }
    }
    Ok(Sight {
        scope: widest,
        depts: seen.into_iter().map(DeptId).collect(),
    })
}

#[cfg(test)]
mod tests;
