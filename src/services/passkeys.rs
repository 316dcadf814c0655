//! Passkeys (WebAuthn, level 3): signing in with a device's own lock, and without a name.
//!
//! Two ceremonies, enrolment and sign-in, are alike: first the device is given a challenge, then
//! its answer is looked at. In between, the challenge waits in the database, sealed, under a
//! ticket that is good once within five minutes, so that any node can finish what another began.
//! The signatures are webauthn-rs' business; what is around them is here.

mod party;

pub(crate) use party::relying_party;

use crate::access::{Caller, Client};
use crate::audit::Record;
use crate::core::Core;
use crate::quota::Quota;
use crate::second_factor::Consent;
use crate::secrets::sha256;
use crate::sessions::{Issued, Opened};
use crate::sign_in::SignIns;
use crate::users::{in_sight, outranks};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use menshen_domain::error::Problems;
use menshen_domain::passkey::{self, MAX_PER_USER, PasskeyInfo};
use menshen_domain::role::Status;
use menshen_domain::{Error, Kind, PasskeyId, Result, Text, Timestamp, UserId, validate};
use menshen_storage::passkeys::{self, Ceremony, NewPasskey, PasskeyRow, Ticket};
use menshen_storage::users::LoginRow;
use menshen_storage::{Event, Tx, sessions, users};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnError,
};

/// How long a ticket is good.
const LIFETIME: Duration = Duration::from_mins(5);
/// What is longer is no ticket.
const TICKET_MAX: usize = 200;
const PURPOSE: &str = "passkey ticket";

/// A ceremony that was begun: what the device is to be given, and what finishes it.
#[derive(Clone)]
pub struct Challenge {
    /// Finishes the ceremony together with the device's answer: one use, 5 minutes.
    pub ticket: String,
    /// The options for the browser in WebAuthn's JSON form, as
    /// `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` take
    /// them.
    pub public_key: Value,
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenge").finish_non_exhaustive()
    }
}

/// What finishes an enrolment.
#[derive(Clone, Default)]
pub struct Enrolment {
    /// The ticket that it was begun with.
    pub ticket: String,
    /// What to call the passkey.
    pub name: String,
    /// The device's answer in WebAuthn's JSON form, as `credential.toJSON()` gives it.
    pub credential: Value,
    /// Whether the caller's other sessions end.
    pub end_other_sessions: bool,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why a passkey opens nothing, and whose it is.
struct Refusal {
    reason: &'static str,
    user: Option<LoginRow>,
}

impl Refusal {
    fn new(reason: &'static str) -> Self {
        Self { reason, user: None }
    }
}

/// Adds passkeys, takes them away, and signs people in with them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passkeys {
    core: Arc<Core>,
    sign_ins: SignIns,
    party: Option<Arc<Webauthn>>,
}

impl Passkeys {
    pub(crate) fn new(core: Arc<Core>, sign_ins: SignIns) -> Self {
        let party = relying_party(&core.settings().passkey).unwrap_or_else(|problem| {
            tracing::error!(%problem, "passkeys are off");
            None
        });
        Self {
            core,
            sign_ins,
            party: party.map(Arc::new),
        }
    }

    /// Whether passkeys are set up here.
    #[must_use]
    pub fn configured(&self) -> bool {
        self.party.is_some()
    }

    /// The domain name that passkeys are bound to; empty when they are not set up.
    #[must_use]
    pub fn rp_id(&self) -> String {
        match &self.party {
            Some(_) => self.core.settings().passkey.rp_id.clone(),
            None => String::new(),
        }
    }

    /// The caller's passkeys, oldest first.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when passkeys are not set up.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<PasskeyInfo>> {
        self.party()?;
        let mut conn = self.core.db.read().await?;
        let rows = passkeys::list(&mut conn, caller.id()).await?;
        Ok(rows.into_iter().map(info).collect())
    }

    /// Begins to add a passkey to the caller's own.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `password`, and when passkeys are not set up; [`Kind::Conflict`]
    /// when there are twenty; [`Kind::TooMany`].
    pub async fn begin(&self, caller: &Caller, password: &str) -> Result<Challenge> {
        let party = self.party()?;
        let mut tx = self.reauthenticate(caller, "passkey.add", password).await?;
        let id = caller.id();
        let held = passkeys::list(&mut tx, id).await?;
        there_is_room(&held)?;
        let mut exclude = Vec::with_capacity(held.len());
        for row in &held {
            exclude.push(self.opened(row)?.cred_id().clone());
        }
        let (options, state) = party
            .start_passkey_registration(
                self.handle(id),
                caller.username(),
                &caller.me().nickname,
                Some(exclude),
            )
            .map_err(Error::internal)?;
        let holder = self.holder(caller);
        let ticket = self
            .issue(
                &mut tx,
                Ceremony::Enrolment,
                &holder,
                &state,
                &caller.client,
                Some(id),
            )
            .await?;
        tx.commit().await?;
        let mut challenge = challenge(ticket, &options.public_key)?;
        // It must be found without a name, so the device keeps it itself. (webauthn-rs would
        // rather have security keys save the room.)
        let wanted = &mut challenge.public_key["authenticatorSelection"];
        wanted["residentKey"] = json!("required");
        wanted["requireResidentKey"] = json!(true);
        Ok(challenge)
    }

    /// Adds the passkey that the device made.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `name`, `ticket` or `credential`, and when passkeys are not set up;
    /// [`Kind::Conflict`] when the passkey is registered already, or there are twenty.
    pub async fn finish(&self, caller: &Caller, enrolment: &Enrolment) -> Result<PasskeyInfo> {
        let party = self.party()?;
        let mut problems = Problems::default();
        let name = problems.take(passkey::name(&enrolment.name));
        problems.take(validate::text("ticket", &enrolment.ticket, 1, TICKET_MAX));
        let credential =
            problems.take(parsed::<RegisterPublicKeyCredential>(&enrolment.credential));
        problems.finish()?;
        let (Some(name), Some(credential)) = (name, credential) else {
            return Err(Error::internal("a problem that was not told"));
        };
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let holder = self.holder(caller);
        let Some(state) = self
            .redeem::<PasskeyRegistration>(&mut tx, Ceremony::Enrolment, &holder, &enrolment.ticket)
            .await?
        else {
            return Err(ticket_over());
        };
        let made = match party.finish_passkey_registration(&credential, &state) {
            Ok(made) => self.added(&mut tx, caller.id(), name, &made).await,
            Err(error) => Err(unfit(&error)),
        };
        match made {
            Ok(made) => {
                let end = enrolment.end_other_sessions;
                self.done(tx, caller, "passkey.add", &made, end).await?;
                Ok(made)
            }
            Err(error) => {
                // The ticket is spent, whatever came of it.
                Record::operation("passkey.add", caller)
                    .failed()
                    .target("user", caller.id(), caller.username())
                    .reason("passkey")
                    .write(&self.core, &mut tx)
                    .await?;
                tx.commit().await?;
                Err(error)
            }
        }
    }

    /// Gives one of the caller's passkeys another name.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `name`, and when passkeys are not set up; [`Kind::NotFound`].
    pub async fn rename(&self, caller: &Caller, id: PasskeyId, name: &str) -> Result<PasskeyInfo> {
        self.party()?;
        let name = passkey::name(name)?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let before = own(&mut tx, caller, id).await?;
        passkeys::rename(&mut tx, id, &name).await?;
        Record::operation("passkey.update", caller)
            .target("passkey", id, &name)
            .change(&json!({ "name": before.name }), &json!({ "name": name }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(PasskeyInfo { name, ..before })
    }

    /// Takes one of the caller's passkeys away.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `password`, and when passkeys are not set up; [`Kind::NotFound`];
    /// [`Kind::TooMany`].
    pub async fn remove(&self, caller: &Caller, id: PasskeyId, consent: &Consent) -> Result<()> {
        self.party()?;
        let action = "passkey.remove";
        let mut tx = self
            .reauthenticate(caller, action, &consent.password)
            .await?;
        let gone = own(&mut tx, caller, id).await?;
        passkeys::remove(&mut tx, id).await?;
        self.done(tx, caller, action, &gone, consent.end_other_sessions)
            .await
    }

    /// Takes all passkeys of another user away, who has lost them; her sessions end. How many
    /// there were.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for a user without one; [`Kind::Forbidden`] for somebody who
    /// holds more than the caller; [`Kind::Conflict`] for oneself.
    pub async fn reset(&self, caller: &Caller, id: UserId) -> Result<u64> {
        if id == caller.id() {
            return Err(Error::new(
                Kind::Conflict,
                "请用 DELETE /auth/passkey/{id} 删除自己的通行密钥，需要密码",
                "Take your own away with DELETE /auth/passkey/{id}, which asks for the password",
            ));
        }
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let user = in_sight(&mut tx, caller, id).await?;
        outranks(&mut tx, caller, &user).await?;
        let count = passkeys::remove_all(&mut tx, id).await?;
        if count == 0 {
            return Err(none_held());
        }
        let ended =
            sessions::revoke_all(&mut tx, id, None, "passkeys_reset", self.core.now()).await?;
        Record::operation("user.reset_passkeys", caller)
            .target("user", id, &user.username)
            .detail(&json!({ "passkeys": count, "endedSessions": ended }))
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(id.0));
        tx.commit().await?;
        Ok(count)
    }

    /// Begins a sign-in: the device itself knows for whom.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when passkeys are not set up; [`Kind::TooMany`] when `client`'s address
    /// asks too often.
    pub async fn login_options(&self, client: &Client) -> Result<Challenge> {
        let party = self.party()?;
        self.count_options(client).await?;
        let (options, state) = party
            .start_discoverable_authentication()
            .map_err(Error::internal)?;
        let mut tx = self.core.db.begin().await?;
        let holder = self.browser(client);
        let ticket = self
            .issue(&mut tx, Ceremony::SignIn, &holder, &state, client, None)
            .await?;
        tx.commit().await?;
        challenge(ticket, &options.public_key)
    }

    /// Signs a client of the REST API in with what the device answered.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `credential`, and when passkeys are not set up;
    /// [`Kind::Credentials`], one and the same whatever is wrong; [`Kind::TooMany`].
    pub async fn enter_api(
        &self,
        client: &Client,
        ticket: &str,
        credential: &Value,
    ) -> Result<Issued> {
        let (user, tx) = self.authenticate(client, ticket, credential).await?;
        self.sign_ins.enter_api_by_passkey(tx, &user, client).await
    }

    /// Signs a browser in at the login page.
    ///
    /// # Errors
    /// As [`Passkeys::enter_api`].
    pub async fn enter_page(
        &self,
        client: &Client,
        ticket: &str,
        credential: &Value,
    ) -> Result<Opened> {
        let (user, tx) = self.authenticate(client, ticket, credential).await?;
        self.sign_ins.enter_page_by_passkey(tx, &user, client).await
    }

    /// Checks everything; gives back the account and the transaction in which its session is to
    /// be opened.
    async fn authenticate(
        &self,
        client: &Client,
        ticket: &str,
        credential: &Value,
    ) -> Result<(LoginRow, Tx)> {
        let party = self.party()?;
        validate::text("ticket", ticket, 1, TICKET_MAX)?;
        let credential: PublicKeyCredential = parsed(credential)?;
        self.sign_ins.admit_passkey(client).await?;
        let mut tx = self.core.db.begin().await?;
        // From here on the user can't be disabled, nor another use of the passkey be counted,
        // until the session is open.
        tx.serialise().await?;
        let holder = self.browser(client);
        let state = self
            .redeem(&mut tx, Ceremony::SignIn, &holder, ticket)
            .await?;
        let looked_at = match state {
            Some(state) => self.verify(&mut tx, party, &credential, state).await?,
            None => Err(Refusal::new("passkey_ticket")),
        };
        match looked_at {
            Ok(user) => Ok((user, tx)),
            Err(Refusal { reason, user }) => Err(self
                .sign_ins
                .refuse_passkey(tx, user.as_ref(), client, reason)
                .await?),
        }
    }

    /// Whose passkey it is, when it is good.
    async fn verify(
        &self,
        tx: &mut Tx,
        party: &Webauthn,
        shown: &PublicKeyCredential,
        state: DiscoverableAuthentication,
    ) -> Result<Result<LoginRow, Refusal>> {
        let hash = sha256(shown.get_credential_id());
        let Some(found) = passkeys::by_credential(tx, &hash).await? else {
            return Ok(Err(Refusal::new("unknown")));
        };
        let id = UserId(found.user_id);
        let Some(user) = users::hold(tx, id).await? else {
            return Ok(Err(Refusal::new("unknown")));
        };
        // She herself may have taken it away before she was held.
        let Some(row) = passkeys::by_credential(tx, &hash).await? else {
            return Ok(Err(Refusal::new("unknown")));
        };
        let mut kept = self.opened(&row)?;
        let verified = if shown.get_user_unique_id() == Some(self.handle(id).as_bytes().as_slice())
        {
            party.finish_discoverable_authentication_v2(shown, state, &kept)
        } else {
            Err(WebauthnError::InvalidUserUniqueId)
        };
        let reason = match &verified {
            Err(WebauthnError::CredentialPossibleCompromise) => Some("passkey_counter"),
            Err(_) => Some("passkey"),
            Ok(result) if !result.user_verified() => Some("passkey"),
            Ok(_) if user.status != Status::Active.code() => Some("disabled"),
            Ok(_) => None,
        };
        if let (Ok(result), None) = (&verified, reason) {
            kept.update_credential(result);
            let sealed = self.sealed(id, &kept)?;
            passkeys::note_use(tx, PasskeyId(row.id), &sealed, self.core.now()).await?;
        }
        Ok(match reason {
            None => Ok(user),
            Some(reason) => Err(Refusal {
                reason,
                user: Some(user),
            }),
        })
    }

    /// Keeps a passkey that the device made.
    async fn added(
        &self,
        tx: &mut Tx,
        user: UserId,
        name: String,
        made: &Passkey,
    ) -> Result<PasskeyInfo> {
        let hash = sha256(made.cred_id());
        if passkeys::by_credential(tx, &hash).await?.is_some() {
            return Err(Error::new(
                Kind::Conflict,
                "这个通行密钥已经注册过",
                "This passkey is registered already",
            ));
        }
        there_is_room(&passkeys::list(tx, user).await?)?;
        let now = self.core.now();
        let new = NewPasskey {
            user,
            credential_hash: &hash,
            name: &name,
            credential_sealed: &self.sealed(user, made)?,
        };
        let id = passkeys::insert(tx, &new, now).await?;
        Ok(PasskeyInfo {
            id,
            name,
            created_at: now,
            last_used_at: None,
        })
    }

    /// Has the caller prove her password, and begins the change's transaction.
    async fn reauthenticate(&self, caller: &Caller, action: &str, password: &str) -> Result<Tx> {
        if password.is_empty() {
            return Err(Error::field(
                "password",
                Text::fixed("请输入密码", "must be given"),
            ));
        }
        self.sign_ins
            .reauthenticate(caller, action, "password", password)
            .await
    }

    /// Ends a change: the caller's other sessions if she wants it so, the audit entry, the
    /// commit.
    async fn done(
        &self,
        mut tx: Tx,
        caller: &Caller,
        action: &str,
        passkey: &PasskeyInfo,
        end: bool,
    ) -> Result<()> {
        let id = caller.id();
        let mut ended = 0;
        if end {
            let (keep, now) = (Some(caller.session_id()), self.core.now());
            ended = sessions::revoke_all(&mut tx, id, keep, "passkeys_changed", now).await?;
            tx.announce(Event::User(id.0));
        }
        Record::operation(action, caller)
            .target("passkey", passkey.id, &passkey.name)
            .detail(&json!({ "endedSessions": ended }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps the state of a ceremony, and gives back the ticket that finishes it.
    async fn issue<S: Serialize>(
        &self,
        tx: &mut Tx,
        ceremony: Ceremony,
        holder: &[u8],
        state: &S,
        client: &Client,
        user: Option<UserId>,
    ) -> Result<String> {
        let now = self.core.now();
        let ticket = self.core.random_text::<32>();
        let (id, hash) = named(&ticket);
        let plain = serde_json::to_vec(state).map_err(Error::internal)?;
        let row = Ticket {
            ceremony,
            hash,
            holder_hash: holder.to_vec(),
            state: STANDARD.encode(self.core.secrets.seal(PURPOSE, &plain)?),
            user,
            ip: client.ip.clone(),
        };
        passkeys::insert_ticket(tx, &id, &row, now, now + LIFETIME).await?;
        Ok(ticket)
    }

    /// Spends a ticket; nothing when it is no good, or not this holder's.
    async fn redeem<S: DeserializeOwned>(
        &self,
        tx: &mut Tx,
        ceremony: Ceremony,
        holder: &[u8],
        ticket: &str,
    ) -> Result<Option<S>> {
        let (id, hash) = named(ticket);
        let now = self.core.now();
        let Some(text) = passkeys::take_ticket(tx, ceremony, &id, &hash, holder, now).await? else {
            return Ok(None);
        };
        let sealed = STANDARD.decode(text).map_err(Error::internal)?;
        let plain = self.core.secrets.open(PURPOSE, &sealed)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(Error::internal)
    }

    /// Who may finish an enrolment: the session that began it.
    fn holder(&self, caller: &Caller) -> Vec<u8> {
        self.core
            .secrets
            .keyed_hash(PURPOSE, &caller.session_id().0)
    }

    /// Who may finish a sign-in: the program that began it. (Not the address: a browser may use
    /// IPv4 for the one request and IPv6 for the next.)
    fn browser(&self, client: &Client) -> Vec<u8> {
        self.core.secrets.keyed_hash(PURPOSE, &client.user_agent)
    }

    /// How devices know a user: by a number that tells them nothing, and is always the same.
    fn handle(&self, user: UserId) -> Uuid {
        let hash = self
            .core
            .secrets
            .keyed_hash("passkey user handle", &user.to_string());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn sealed(&self, user: UserId, passkey: &Passkey) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(passkey).map_err(Error::internal)?;
        self.core.secrets.seal(&sealed_for(user), &plain)
    }

    fn opened(&self, row: &PasskeyRow) -> Result<Passkey> {
        let purpose = sealed_for(UserId(row.user_id));
        let plain = self.core.secrets.open(&purpose, &row.credential_sealed)?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }

    /// Challenges are kept, so nobody may ask for as many as she likes.
    async fn count_options(&self, client: &Client) -> Result<()> {
        let quota = Quota {
            key: format!("passkey:options:{}", client.network()),
            most: self.core.settings().limits.captchas_per_minute.into(),
            window: Duration::from_mins(1),
            refusal: Text::fixed(
                "请求通行密钥过于频繁，请稍后再试",
                "Too many challenges. Please wait a minute",
            ),
        };
        quota.count(&self.core).await
    }

    fn party(&self) -> Result<&Webauthn> {
        self.party.as_deref().ok_or_else(|| {
            Error::new(
                Kind::Invalid,
                "本系统没有配置通行密钥",
                "Passkeys are not set up here",
            )
        })
    }
}

fn challenge<T: Serialize>(ticket: String, options: &T) -> Result<Challenge> {
    Ok(Challenge {
        ticket,
        public_key: serde_json::to_value(options).map_err(Error::internal)?,
    })
}

/// The name under which a ticket is kept, and its hash.
fn named(ticket: &str) -> (String, Vec<u8>) {
    let hash = sha256(ticket.as_bytes());
    (URL_SAFE_NO_PAD.encode(hash), hash.to_vec())
}

/// The purpose under which a user's passkeys are sealed: in another's row none of them opens.
fn sealed_for(user: UserId) -> String {
    format!("passkey of user {user}")
}

/// What a browser gave, as far as its form goes.
fn parsed<T: DeserializeOwned>(credential: &Value) -> Result<T> {
    T::deserialize(credential).map_err(|_| {
        Error::field(
            "credential",
            Text::fixed(
                "应为浏览器给出的通行密钥（credential.toJSON()）",
                "must be what the browser gave (credential.toJSON())",
            ),
        )
    })
}

async fn own(tx: &mut Tx, caller: &Caller, id: PasskeyId) -> Result<PasskeyInfo> {
    let found = passkeys::find(tx, caller.id(), id).await?;
    found.map(info).ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "没有这个通行密钥",
            "There is no such passkey",
        )
    })
}

fn info(row: PasskeyRow) -> PasskeyInfo {
    PasskeyInfo {
        id: PasskeyId(row.id),
        name: row.name,
        created_at: Timestamp(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp),
    }
}

fn there_is_room(held: &[PasskeyRow]) -> Result<()> {
    if held.len() < MAX_PER_USER {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        format!("最多可有 {MAX_PER_USER} 个通行密钥，请先删除不用的"),
        format!("There can be {MAX_PER_USER} passkeys. Take away one that is not used"),
    ))
}

/// The refusal of what a device made. What exactly is wrong is the browser's business, or an
/// attacker's.
fn unfit(error: &WebauthnError) -> Error {
    tracing::info!(%error, "a passkey was not taken");
    Error::field(
        "credential",
        Text::fixed(
            "设备给出的通行密钥不符合要求，请重新开始",
            "is not the answer to this challenge. Please start again",
        ),
    )
}

/// The refusal of a ticket that is unknown, used, expired or another session's.
fn ticket_over() -> Error {
    Error::field(
        "ticket",
        Text::fixed(
            "已超时或已使用过，请重新开始",
            "took too long or was used before. Please start again",
        ),
    )
}

fn none_held() -> Error {
    Error::new(
        Kind::NotFound,
        "该用户没有通行密钥",
        "The user has no passkey",
    )
}

#[cfg(test)]
mod tests;
