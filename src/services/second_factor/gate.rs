//! The gate between a right password and a session: codes, and the tickets that wait for them.

use super::totp::{Codes, DIGITS};
use super::{RECOVERY_DIGITS, recovery_hash, sealed_for};
use crate::access::Client;
use crate::audit::Record;
use crate::core::Core;
use crate::secrets::sha256;
use crate::sign_in::{RUN, WINDOW, check_delay};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen_domain::role::Status;
use menshen_domain::{Result, UserId, log};
use menshen_storage::second_factors::{self, FactorRow};
use menshen_storage::tickets::{self, TicketRow};
use menshen_storage::users::LoginRow;
use menshen_storage::{Tx, throttle, users};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// How long a ticket is good.
const LIFETIME: Duration = Duration::from_mins(5);
/// How many codes may be tried with one.
const TRIES: i64 = 5;
const PURPOSE: &str = "otp ticket";

/// What must be the same when a ticket is used as when it was given; the client as far as
/// `session.binding` says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bound {
    user_agent: String,
    /// A hash of the password's hash: with a new password an old ticket opens nothing.
    password: String,
}

/// What is kept with a ticket.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    bound: Bound,
    /// By which way its owner came so far, for the login log; empty for a password.
    #[serde(default)]
    method: String,
}

/// Checks second factors. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    core: Arc<Core>,
}

impl Gate {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Counts a try to show a code as if it had failed; [`Gate::forgive`] takes that back. Codes
    /// have counters of their own: those of passwords are reset by a right one, and whoever has
    /// stolen a password must not be able to reset these. The transaction must hold the user
    /// ([`users::hold`]), so that each of parallel tries sees what the one before it counted.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::TooMany`]; the try must not be looked at then.
    pub(crate) async fn count(&self, tx: &mut Tx, user: UserId, client: &Client) -> Result<()> {
        let now = self.core.now();
        let (pair, run) = counters(user, client);
        let failures = (
            throttle::get(tx, &pair, now - WINDOW).await?,
            throttle::get(tx, &run, now - RUN).await?,
        );
        check_delay(&self.core, &failures.0, &failures.1)?;
        throttle::hit(tx, &pair, now, now - WINDOW).await?;
        throttle::hit(tx, &run, now, now - RUN).await?;
        Ok(())
    }

    /// Ends the runs of failures after a right code.
    pub(crate) async fn forgive(&self, tx: &mut Tx, user: UserId, client: &Client) -> Result<()> {
        let (pair, run) = counters(user, client);
        throttle::clear(tx, &pair).await?;
        throttle::clear(tx, &run).await?;
        Ok(())
    }

    /// Whether `code` is good for `user`, as a code of her app or as one of her recovery codes.
    /// A good one is spent.
    pub(crate) async fn take(
        &self,
        tx: &mut Tx,
        user: &LoginRow,
        client: &Client,
        code: &str,
    ) -> Result<bool> {
        let id = UserId(user.id);
        let code = bare(code);
        if code.len() == RECOVERY_DIGITS {
            let hash = recovery_hash(&self.core, id, &code);
            let good = second_factors::spend_recovery(tx, id, &hash, self.core.now()).await?;
            if good {
                self.note_recovery(tx, user, client).await?;
            }
            return Ok(good);
        }
        let Some(factor) = second_factors::confirmed(tx, id).await? else {
            return Ok(false);
        };
        match self.step_of(&factor, user, &code)? {
            Some(step) => {
                let now = self.core.now();
                Ok(second_factors::accept_step(tx, factor.id, step, now).await?)
            }
            None => Ok(false),
        }
    }

    /// The time step of which `code` is the code by `factor`.
    pub(crate) fn step_of(
        &self,
        factor: &FactorRow,
        user: &LoginRow,
        code: &str,
    ) -> Result<Option<i64>> {
        let code = bare(code);
        if code.len() != DIGITS {
            return Ok(None);
        }
        let purpose = sealed_for(UserId(user.id));
        let secret = self.core.secrets.open(&purpose, &factor.secret_sealed)?;
        Ok(Codes::new(&secret, &user.username)?.step_of(&code, self.core.now()))
    }

    async fn note_recovery(&self, tx: &mut Tx, user: &LoginRow, client: &Client) -> Result<()> {
        let id = UserId(user.id);
        let left = second_factors::recovery_left(tx, id).await?;
        Record::login("otp.use_recovery_code", true, &user.username, client)
            .actor(id)
            .detail(&serde_json::json!({ "left": left }))
            .write(&self.core, tx)
            .await
    }

    /// A ticket for `user`, whose password was right: it finishes her sign-in together with a
    /// code, and opens nothing without.
    pub(crate) async fn ticket(
        &self,
        tx: &mut Tx,
        user: &LoginRow,
        client: &Client,
    ) -> Result<String> {
        let now = self.core.now();
        let (id, secret) = (self.core.uuid(), self.core.random_text::<32>());
        let kept = Kept {
            bound: Bound {
                user_agent: client.user_agent.clone(),
                password: self.password_mark(user),
            },
            method: user.method.to_owned(),
        };
        let row = TicketRow {
            id: id.clone(),
            code_hash: sha256(secret.as_bytes()).to_vec(),
            target_hash: self.core.secrets.keyed_hash(PURPOSE, &user.id.to_string()),
            user_id: user.id,
            data: serde_json::to_string(&kept).unwrap_or_default(),
            ip: client.ip.clone(),
            created_at: now.0,
            expires_at: (now + LIFETIME).0,
        };
        tickets::insert(tx, &row).await?;
        Ok(format!("{id}.{secret}"))
    }

    /// Takes one of a ticket's tries: its id, and whose sign-in it finishes; she is held from then
    /// on. Nothing when it is no good, or comes from another client than it was given to.
    pub(crate) async fn redeem(
        &self,
        tx: &mut Tx,
        ticket: &str,
        client: &Client,
    ) -> Result<Option<(String, LoginRow)>> {
        let Some((id, secret)) = ticket.split_once('.') else {
            return Ok(None);
        };
        if uuid::Uuid::try_parse(id).is_err() {
            return Ok(None);
        }
        let Some(owner) = tickets::owner(tx, id).await? else {
            return Ok(None);
        };
        // She is held before her ticket is, as by whoever drops her tickets.
        let Some(mut user) = users::hold(tx, owner).await? else {
            return Ok(None);
        };
        let now = self.core.now();
        let Some(row) = tickets::take_try(tx, id, TRIES, now).await? else {
            return Ok(None);
        };
        let kept: Option<Kept> = serde_json::from_str(&row.data).ok();
        user.method = kept.as_ref().map_or("", |kept| method(&kept.method));
        let known = sha256(secret.as_bytes())
            .as_slice()
            .ct_eq(row.code_hash.as_slice());
        let bound = kept.map(|kept| kept.bound);
        if bool::from(known) && self.still_holds(tx, &row, bound, &user, client).await? {
            return Ok(Some((row.id, user)));
        }
        Record::login("sign_in", false, &user.username, client)
            .actor(UserId(user.id))
            .reason("otp_ticket")
            .method(user.method)
            .write(&self.core, tx)
            .await?;
        Ok(None)
    }

    /// Whether everything is as it was when the ticket was given.
    async fn still_holds(
        &self,
        tx: &mut Tx,
        row: &TicketRow,
        bound: Option<Bound>,
        user: &LoginRow,
        client: &Client,
    ) -> Result<bool> {
        let binding = self.core.settings().session.binding;
        let same = bound.is_some_and(|bound| {
            binding.holds(&bound.user_agent, &row.ip, client)
                && bound.password == self.password_mark(user)
        });
        let usable = same && user.status == Status::Active.code();
        Ok(usable && second_factors::is_on(tx, UserId(user.id)).await?)
    }

    fn password_mark(&self, user: &LoginRow) -> String {
        let hash = user.password_hash.as_deref().unwrap_or_default();
        STANDARD.encode(self.core.secrets.keyed_hash(PURPOSE, hash))
    }
}

/// The way of signing in that a ticket tells, as [`LoginRow::method`] has it.
fn method(told: &str) -> &'static str {
    let known = log::METHODS.iter().find(|known| **known == told);
    known.copied().unwrap_or_default()
}

/// The counters of codes that were shown for `user`: from this address, and from anywhere.
fn counters(user: UserId, client: &Client) -> (String, String) {
    (
        format!("otp:pair:{}:{user}", client.network()),
        format!("otp:run:{user}"),
    )
}

/// A code without what people put into it for the eye.
fn bare(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}
