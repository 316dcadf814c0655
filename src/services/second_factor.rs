//! The second factor: six digits from an app beside the password, and ten recovery codes for the
//! day on which the telephone is gone.
//!
//! A secret is proposed first and comes into force with its first code, so that nobody locks
//! herself out with an app that was never set up; one that is in force stays so until then.

mod gate;
mod totp;

pub(crate) use gate::Gate;

use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::sign_in::SignIns;
use crate::users::{in_sight, outranks};
use menshen_domain::people::Factors;
use menshen_domain::{Error, FieldError, Kind, Result, Text, Timestamp, UserId};
use menshen_storage::{Event, Tx, passkeys, second_factors, sessions, tickets, users};
use std::sync::Arc;
use std::time::Duration;
use totp::{Codes, SECRET, qr};
use zeroize::Zeroizing;

/// How many recovery codes there are at a time.
const RECOVERY_CODES: usize = 10;
/// How many digits one has, about 40 bits. Digits alone, so that the keyboard that a telephone
/// shows for codes has them all.
const RECOVERY_DIGITS: usize = 12;
/// How long a proposed secret waits for its first code.
pub(crate) const PROPOSAL: Duration = Duration::from_mins(15);

/// How a user's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when codes are asked for; none when they are not.
    pub confirmed_at: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_left: i64,
    /// Whether there is a password, which every change of the factor asks for.
    pub has_password: bool,
}

/// A secret that is proposed to an authenticator app.
#[derive(Clone)]
pub struct Proposal {
    /// The secret in base32.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// The address as a QR code: the `data:` address of an SVG.
    pub qr: String,
}

impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proposal").finish_non_exhaustive()
    }
}

/// What a change of the second factor asks for.
#[derive(Clone, Default)]
pub struct Consent {
    /// The caller's password, asked again.
    pub password: String,
    /// Whether her other sessions end.
    pub end_other_sessions: bool,
}

impl std::fmt::Debug for Consent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consent")
            .field("end_other_sessions", &self.end_other_sessions)
            .finish_non_exhaustive()
    }
}

/// Sets second factors up and takes them away. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SecondFactors {
    core: Arc<Core>,
    gate: Gate,
    sign_ins: SignIns,
}

impl SecondFactors {
    pub(crate) fn new(core: Arc<Core>, gate: Gate, sign_ins: SignIns) -> Self {
        Self {
            core,
            gate,
            sign_ins,
        }
    }

    /// Whether `user` is asked for a second factor at sign-in.
    ///
    /// # Errors
    /// What the database says.
    pub async fn otp_enabled(&self, user: UserId) -> Result<bool> {
        let mut conn = self.core.db.read().await?;
        Ok(second_factors::is_on(&mut conn, user).await?)
    }

    /// How the caller's second factor stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn standing(&self, caller: &Caller) -> Result<Standing> {
        let has_password = self.sign_ins.has_password(caller).await?;
        let mut conn = self.core.db.read().await?;
        let factor = second_factors::confirmed(&mut conn, caller.id()).await?;
        Ok(Standing {
            confirmed_at: factor.and_then(|f| f.confirmed_at).map(Timestamp),
            recovery_left: second_factors::recovery_left(&mut conn, caller.id()).await?,
            has_password,
        })
    }

    /// How the second factors of somebody whom the caller sees stand.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for users out of sight.
    pub async fn factors_of(&self, caller: &Caller, id: UserId) -> Result<Factors> {
        let mut conn = self.core.db.read().await?;
        in_sight(&mut conn, caller, id).await?;
        let factor = second_factors::confirmed(&mut conn, id).await?;
        Ok(Factors {
            totp_since: factor.and_then(|f| f.confirmed_at).map(Timestamp),
            recovery_left: second_factors::recovery_left(&mut conn, id).await?,
            passkeys: i64::try_from(passkeys::list(&mut conn, id).await?.len()).unwrap_or(i64::MAX),
        })
    }

    /// Proposes a secret to the caller's app. It comes into force with
    /// [`SecondFactors::confirm`]; until then everything stays as it is.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `password`; [`Kind::TooMany`].
    pub async fn enroll(&self, caller: &Caller, password: &str) -> Result<Proposal> {
        let mut tx = self.reauthenticate(caller, "otp.enroll", password).await?;
        let secret = Zeroizing::new(self.core.random_bytes::<SECRET>());
        let purpose = sealed_for(caller.id());
        let sealed = self.core.secrets.seal(&purpose, secret.as_slice())?;
        second_factors::propose(&mut tx, caller.id(), &sealed, self.core.now()).await?;
        self.done(tx, caller, "otp.enroll", false).await?;
        let codes = Codes::new(secret.as_slice(), caller.username())?;
        let uri = codes.uri()?;
        Ok(Proposal {
            secret: codes.secret(),
            qr: qr(&uri)?,
            uri,
        })
    }

    /// The QR code of a proposal's address: the `data:` address of an SVG.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `uri` for what is no such address.
    pub fn picture(&self, uri: &str) -> Result<String> {
        const LONGEST: usize = 600;
        if !uri.starts_with("otpauth://totp/") || uri.len() > LONGEST {
            return Err(Error::field(
                "uri",
                Text::fixed("应为 otpauth:// 地址", "must be an otpauth:// address"),
            ));
        }
        qr(uri)
    }

    /// Puts the proposed secret into force, which shows its first code; gives back recovery
    /// codes, which are shown this once.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `code`; [`Kind::Conflict`] when none was proposed, or too long ago;
    /// [`Kind::TooMany`].
    pub async fn confirm(
        &self,
        caller: &Caller,
        code: &str,
        end_other_sessions: bool,
    ) -> Result<Vec<String>> {
        let (id, now) = (caller.id(), self.core.now());
        let mut tx = self.core.db.begin().await?;
        // A sign-in under way without a code ends before this, and its session with the others;
        // or it finds that a code is due.
        let user = users::hold(&mut tx, id).await?.ok_or_else(Error::token)?;
        self.gate.count(&mut tx, id, &caller.client).await?;
        let proposed = second_factors::proposed(&mut tx, id)
            .await?
            .filter(|f| Timestamp(f.created_at) + PROPOSAL > now)
            .ok_or_else(nothing_proposed)?;
        let Some(step) = self.gate.step_of(&proposed, &user, code)? else {
            self.refuse(tx, caller, "otp.confirm", "otp").await?;
            return Err(wrong_code(Kind::Invalid));
        };
        second_factors::confirm(&mut tx, id, proposed.id, step, now).await?;
        tickets::drop_all(&mut tx, id).await?;
        self.gate.forgive(&mut tx, id, &caller.client).await?;
        let codes = self.new_recovery_codes(&mut tx, id).await?;
        self.done(tx, caller, "otp.confirm", end_other_sessions)
            .await?;
        Ok(codes)
    }

    /// Gives the caller new recovery codes; the old ones are void.
    ///
    /// # Errors
    /// [`Kind::NotFound`] without a second factor; [`Kind::Invalid`] on `password`;
    /// [`Kind::TooMany`].
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        consent: &Consent,
    ) -> Result<Vec<String>> {
        let action = "otp.renew_recovery_codes";
        let mut tx = self
            .reauthenticate(caller, action, &consent.password)
            .await?;
        if !second_factors::is_on(&mut tx, caller.id()).await? {
            return Err(off());
        }
        let codes = self.new_recovery_codes(&mut tx, caller.id()).await?;
        self.done(tx, caller, action, consent.end_other_sessions)
            .await?;
        Ok(codes)
    }

    /// Takes the caller's second factor away.
    ///
    /// # Errors
    /// [`Kind::NotFound`] without one; [`Kind::Invalid`] on `password`; [`Kind::TooMany`].
    pub async fn disable(&self, caller: &Caller, consent: &Consent) -> Result<()> {
        let mut tx = self
            .reauthenticate(caller, "otp.disable", &consent.password)
            .await?;
        if !second_factors::remove(&mut tx, caller.id()).await? {
            return Err(off());
        }
        tickets::drop_all(&mut tx, caller.id()).await?;
        self.done(tx, caller, "otp.disable", consent.end_other_sessions)
            .await
    }

    /// Takes another user's second factor away, who has lost it; her sessions end.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for a user without one; [`Kind::Forbidden`] for somebody who
    /// holds more than the caller; [`Kind::Conflict`] for oneself.
    pub async fn reset(&self, caller: &Caller, id: UserId) -> Result<()> {
        if id == caller.id() {
            return Err(Error::new(
                Kind::Conflict,
                "请用 DELETE /auth/otp 关闭自己的两步验证，需要密码",
                "Turn your own off with DELETE /auth/otp, which asks for the password",
            ));
        }
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let user = in_sight(&mut tx, caller, id).await?;
        outranks(&mut tx, caller, &user).await?;
        take_away(&self.core, &mut tx, id).await?;
        Record::operation("user.reset_otp", caller)
            .target("user", id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
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

    async fn new_recovery_codes(&self, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        let mut hashes = Vec::with_capacity(RECOVERY_CODES);
        while codes.len() < RECOVERY_CODES {
            let groups: Vec<String> = (0..RECOVERY_DIGITS / 4)
                .map(|_| format!("{:04}", self.core.random_below(10_000)))
                .collect();
            let hash = recovery_hash(&self.core, user, &groups.concat());
            if !hashes.contains(&hash) {
                codes.push(groups.join("-"));
                hashes.push(hash);
            }
        }
        second_factors::set_recovery(tx, user, &hashes, self.core.now()).await?;
        Ok(codes)
    }

    /// Ends a change: her other sessions if she wants it so, the audit entry, the commit.
    async fn done(&self, mut tx: Tx, caller: &Caller, action: &str, end: bool) -> Result<()> {
        let id = caller.id();
        let mut ended = 0;
        if end {
            let (keep, now) = (Some(caller.session_id()), self.core.now());
            ended = sessions::revoke_all(&mut tx, id, keep, "otp_changed", now).await?;
            tx.announce(Event::User(id.0));
        }
        Record::operation(action, caller)
            .target("user", id, caller.username())
            .detail(&serde_json::json!({ "endedSessions": ended }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn refuse(&self, mut tx: Tx, caller: &Caller, action: &str, reason: &str) -> Result<()> {
        Record::operation(action, caller)
            .failed()
            .target("user", caller.id(), caller.username())
            .reason(reason)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Takes a lost second factor away; its user's sessions end.
///
/// # Errors
/// [`Kind::NotFound`] without one.
pub(crate) async fn take_away(core: &Core, tx: &mut Tx, user: UserId) -> Result<()> {
    users::hold(tx, user).await?;
    if !second_factors::remove(tx, user).await? {
        return Err(off());
    }
    tickets::drop_all(tx, user).await?;
    sessions::revoke_all(tx, user, None, "otp_reset", core.now()).await?;
    tx.announce(Event::User(user.0));
    Ok(())
}

/// The purpose under which a user's secret is sealed: in another's row it does not open.
fn sealed_for(user: UserId) -> String {
    format!("second factor of user {user}")
}

/// What is kept of a recovery code. Its digits are few, so the hash is keyed.
fn recovery_hash(core: &Core, user: UserId, digits: &str) -> Vec<u8> {
    core.secrets
        .keyed_hash("recovery code", &format!("{user}:{digits}"))
}

/// The refusal of a code.
pub(crate) fn wrong_code(kind: Kind) -> Error {
    refusal(
        kind,
        "code",
        Text::fixed(
            "验证码不正确或已使用过，请输入最新的验证码",
            "The code is wrong or was used before. Take the newest one",
        ),
    )
}

/// The refusal of a ticket that is unknown, used, expired or another client's.
pub(crate) fn ticket_over() -> Error {
    refusal(
        Kind::Credentials,
        "otpTicket",
        Text::fixed(
            "登录已超时或尝试次数过多，请重新登录",
            "The sign-in took too long or too many tries. Please begin again",
        ),
    )
}

/// An error that is about one field and tells the same as a whole.
fn refusal(kind: Kind, field: &'static str, text: Text) -> Error {
    Error {
        kind,
        fields: vec![FieldError {
            field: field.into(),
            text: text.clone(),
        }],
        text,
        source: None,
    }
}

fn nothing_proposed() -> Error {
    Error::new(
        Kind::Conflict,
        "没有待确认的两步验证，请重新开始设置",
        "There is nothing to confirm. Please start setting it up again",
    )
}

fn off() -> Error {
    Error::new(
        Kind::NotFound,
        "没有开启两步验证",
        "Two-step verification is not turned on",
    )
}

#[cfg(test)]
mod tests;
