//! Signing in, and where one is set up with a second factor; changing the password.
//!
//! With a password here, with a code sent to a phone in `sign_in/phone.rs`, by way of a vendor in
//! `sign_in/vendor.rs`, both from the login page in `sign_in/page.rs`, with a passkey in
//! `sign_in/passkey.rs`; accounts that come into being on the way are made in
//! `sign_in/newcomer.rs`. Every way ends in `enter_api` or `enter_page`, but for passkeys, which
//! are both factors in one: they have a pair of their own.
//!
//! Every try is counted before its password is looked at, so that parallel guesses can't pass
//! the counters, and a try with an unknown name does the same work as one with a known name.
//!
//! A right password with a second factor due resets no counter: it takes back its own count and
//! no more, until the factor is passed. It is given a ticket that opens nothing by itself.
//!
//! **Whoever signs in holds her account** ([`users::hold`]) from the last look at it until her
//! session is open, and with a password she waits for nobody else's. Whatever disables or deletes
//! her, gives her another password or takes her factors away writes that row, or holds it, before
//! it ends her sessions: either it comes first, and the sign-in finds it done, or it waits, and ends
//! the session just opened. Who may make an account on the way (phones, vendors) and who is known by
//! a passkey takes her turn among all changes first; nobody who holds an account waits for that.

use crate::access::{Access, Caller, Client};
use crate::audit::Record;
use crate::captcha::Captchas;
use crate::codes::Codes;
use crate::core::Core;
use crate::passwords::{self, Verdict};
use crate::second_factor::{Gate, ticket_over, wrong_code};
use crate::sessions::{Door, Issued, Opened, Sessions};
use crate::settings::CaptchaMode;
use menshen_domain::role::Status;
use menshen_domain::validate::{self, name_key};
use menshen_domain::{Error, FieldError, Kind, Result, SessionId, Text, Timestamp, UserId};
use menshen_storage::users::{Claim, LoginRow};
use menshen_storage::{Conn, Event, Tx, second_factors, sessions, throttle, tickets, users};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

mod newcomer;
mod page;
mod passkey;
mod phone;
mod vendor;

pub use page::{Departure, Trip};
pub use vendor::{Vendor, VendorCode};

/// Failures are counted within this time.
pub(crate) const WINDOW: Duration = Duration::from_mins(15);
/// After this many failures a captcha is due.
const FREE_TRIES: i64 = 3;
/// How long after signing in somebody without a password may give herself one.
const FRESH: Duration = Duration::from_mins(10);
/// A run of failures for a name is forgotten when it has not grown for so long.
pub(crate) const RUN: Duration = Duration::from_hours(24);

/// What the audit log calls a change of one's own password.
const CHANGE_PASSWORD: &str = "user.change_password";

/// How a name and a password are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The login name, and the password itself.
    #[default]
    Plain,
    /// As document E has them: the login name, the user code, a phone number or an e-mail
    /// address; and the password's SHA-256 in hex, or the password itself.
    LoginCode,
}

/// What somebody signs in with.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The login name, or what else `form` allows.
    pub username: String,
    /// The password, in clear, unless `form` allows something else.
    pub password: String,
    /// How the two are meant.
    pub form: Form,
    /// The captcha's key, when one was solved.
    pub captcha_key: Option<String>,
    /// The captcha's answer.
    pub captcha_code: Option<String>,
    /// The second factor's code, when it came along.
    pub otp: Option<String>,
}

impl Credentials {
    /// What the password's hash is made from.
    fn digest(&self) -> Zeroizing<String> {
        match self.form {
            Form::Plain => passwords::digest(&self.password),
            Form::LoginCode => passwords::digest_or_sent(&self.password),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// The counters of a try.
struct Counters {
    name: String,
    address: String,
    pair: String,
    run: String,
}

impl Counters {
    fn new(username: &str, client: &Client) -> Self {
        Self::of(username, username, client)
    }

    /// For a try with `typed`, which means the account of the name `account`. Failures in a row
    /// are the account's, whatever was typed for it.
    fn of(typed: &str, account: &str, client: &Client) -> Self {
        // Names that nobody can have are counted too, in a form that every database takes.
        let plain = |name: &str| -> String {
            name_key(name)
                .chars()
                .filter(|c| !c.is_control())
                .take(64)
                .collect()
        };
        let (name, account) = (plain(typed), plain(account));
        Self {
            name: format!("login:name:{name}"),
            address: format!("login:address:{}", client.network()),
            pair: format!("login:pair:{}:{name}", client.network()),
            run: format!("login:run:{account}"),
        }
    }

    /// Takes one try back, in the order of `count`.
    async fn take_back(&self, tx: &mut Tx) -> Result<()> {
        for key in [&self.name, &self.address, &self.pair, &self.run] {
            throttle::take_back(tx, key).await?;
        }
        Ok(())
    }

    /// Ends the name's runs of failures. The address keeps its own: a guesser may have an
    /// account.
    async fn clear(&self, tx: &mut Tx) -> Result<()> {
        for key in [&self.name, &self.pair, &self.run] {
            throttle::clear(tx, key).await?;
        }
        Ok(())
    }
}

/// By which way somebody comes in, for the login log.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// The first factor: one of [`menshen_domain::log::METHODS`], or empty for a password.
    method: &'static str,
    /// Whether a code was asked for beside it.
    second_factor: bool,
}

impl Way {
    fn of(method: &'static str) -> Self {
        Self {
            method,
            second_factor: false,
        }
    }

    fn with_code(method: &'static str) -> Self {
        Self {
            method,
            second_factor: true,
        }
    }
}

/// Failures so far, the present try not counted.
struct Failures {
    recent: i64,
    pair: throttle::Count,
    run: throttle::Count,
}

/// Signs people in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SignIns {
    core: Arc<Core>,
    captcha: Captchas,
    codes: Codes,
    sessions: Sessions,
    gate: Gate,
}

impl SignIns {
    pub(crate) fn new(
        core: Arc<Core>,
        captcha: Captchas,
        codes: Codes,
        sessions: Sessions,
        gate: Gate,
    ) -> Self {
        Self {
            core,
            captcha,
            codes,
            sessions,
            gate,
        }
    }

    /// Signs a client of the REST API in.
    ///
    /// # Errors
    /// [`Kind::Captcha`], [`Kind::CaptchaRequired`], [`Kind::Credentials`],
    /// [`Kind::OtpRequired`], [`Kind::TooMany`], [`Kind::Busy`].
    pub async fn by_api(&self, client: &Client, credentials: Credentials) -> Result<Issued> {
        let mode = self.core.settings().captcha.mode;
        let (user, tx) = self.authenticate(client, &credentials, mode).await?;
        let otp = credentials.otp.as_deref();
        self.enter_api(tx, &user, client, otp).await
    }

    /// Signs a browser in through the REST API (document D). Whoever knows the password is told
    /// that the account is disabled.
    ///
    /// # Errors
    /// As [`SignIns::by_api`]; [`Kind::Locked`] for a disabled account.
    pub async fn by_cookie(&self, client: &Client, credentials: Credentials) -> Result<Opened> {
        let mode = self.core.settings().captcha.mode;
        let (user, tx) = self
            .authenticate(client, &credentials, mode)
            .await
            .map_err(|refusal| match refusal {
                Refusal::Disabled => disabled(),
                other => other.into(),
            })?;
        let otp = credentials.otp.as_deref();
        self.enter_page(tx, &user, client, otp).await
    }

    /// Signs a browser in, at the login page of the admin UI.
    ///
    /// # Errors
    /// As [`SignIns::by_api`]; a missing captcha is [`Kind::Captcha`] here.
    pub async fn by_page(&self, client: &Client, credentials: Credentials) -> Result<Opened> {
        let mode = self.core.settings().captcha.page;
        let authenticated = self.authenticate(client, &credentials, mode).await;
        let (user, tx) = authenticated
            .map_err(Error::from)
            .map_err(|error| match error.kind {
                Kind::CaptchaRequired => captcha_missing(),
                _ => error,
            })?;
        let otp = credentials.otp.as_deref();
        self.enter_page(tx, &user, client, otp).await
    }

    /// The last step of every way into the REST API: asks for the second factor where one is set
    /// up, and opens the session. With a code that is wrong, or with none, what `tx` holds is
    /// kept, so that whatever was spent on the way here stays spent.
    async fn enter_api(
        &self,
        tx: Tx,
        user: &LoginRow,
        client: &Client,
        otp: Option<&str>,
    ) -> Result<Issued> {
        let (tx, way) = self.pass_factor(tx, user, client, otp).await?;
        self.open_api(tx, user, client, way).await
    }

    /// The last step of every way into the admin UI, as [`SignIns::enter_api`].
    async fn enter_page(
        &self,
        tx: Tx,
        user: &LoginRow,
        client: &Client,
        otp: Option<&str>,
    ) -> Result<Opened> {
        let (tx, way) = self.pass_factor(tx, user, client, otp).await?;
        self.open_page(tx, user, client, way).await
    }

    /// Finishes a sign-in to the REST API with the ticket of its first half and a code.
    ///
    /// # Errors
    /// [`Kind::Credentials`], on `code` when that is wrong and on `otpTicket` when the sign-in
    /// must begin anew; [`Kind::TooMany`].
    pub async fn finish_by_api(&self, client: &Client, ticket: &str, code: &str) -> Result<Issued> {
        let (user, tx) = self.redeem(client, ticket, code).await?;
        let way = Way::with_code(user.method);
        self.open_api(tx, &user, client, way).await
    }

    /// Finishes a browser's sign-in at the login page.
    ///
    /// # Errors
    /// As [`SignIns::finish_by_api`].
    pub async fn finish_by_page(
        &self,
        client: &Client,
        ticket: &str,
        code: &str,
    ) -> Result<Opened> {
        let (user, tx) = self.redeem(client, ticket, code).await?;
        let way = Way::with_code(user.method);
        self.open_page(tx, &user, client, way).await
    }

    async fn redeem(&self, client: &Client, ticket: &str, code: &str) -> Result<(LoginRow, Tx)> {
        self.sessions.warm().await?;
        let mut tx = self.core.db.begin().await?;
        // From here on the user can't be disabled, nor the password changed, until the session
        // is open.
        let Some((id, user)) = self.gate.redeem(&mut tx, ticket, client).await? else {
            tx.commit().await?;
            return Err(ticket_over());
        };
        let mut tx = self.check_code(tx, &user, client, code).await?;
        tickets::spend(&mut tx, &id, self.core.now()).await?;
        Ok((user, tx))
    }

    /// Gives `tx` back when no second factor is due or `otp` is right, and by which way somebody
    /// comes in.
    async fn pass_factor(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
        otp: Option<&str>,
    ) -> Result<(Tx, Way)> {
        let id = UserId(user.id);
        if !second_factors::is_on(&mut tx, id).await? {
            return Ok((tx, Way::of(user.method)));
        }
        if let Some(code) = otp.filter(|code| !code.trim().is_empty()) {
            let tx = self.check_code(tx, user, client, code).await?;
            return Ok((tx, Way::with_code(user.method)));
        }
        let ticket = self.gate.ticket(&mut tx, user, client).await?;
        Record::login("sign_in.otp_due", true, &user.username, client)
            .actor(id)
            .method(user.method)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Err(Error::new(
            Kind::OtpRequired { ticket },
            "请输入两步验证的验证码",
            "Enter the code of your second factor",
        ))
    }

    /// Gives `tx` back when `code` is right; a wrong one is a failure like a wrong password.
    async fn check_code(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
        code: &str,
    ) -> Result<Tx> {
        let id = UserId(user.id);
        let now = self.core.now();
        let c = Counters::new(&user.username, client);
        self.gate.count(&mut tx, id, client).await?;
        if self.gate.take(&mut tx, user, client, code).await? {
            self.gate.forgive(&mut tx, id, client).await?;
            c.clear(&mut tx).await?;
            return Ok(tx);
        }
        for key in [&c.name, &c.address, &c.pair] {
            throttle::hit(&mut tx, key, now, now - WINDOW).await?;
        }
        throttle::hit(&mut tx, &c.run, now, now - RUN).await?;
        Record::login("sign_in", false, &user.username, client)
            .actor(id)
            .reason("otp")
            .method(user.method)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Err(wrong_code(Kind::Credentials))
    }

    async fn open_api(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
        way: Way,
    ) -> Result<Issued> {
        let id = UserId(user.id);
        let session = self.sessions.open(&mut tx, id, Door::Api, client).await?;
        let issued = self
            .sessions
            .issue(&mut tx, &session, &user.username, 1)
            .await?;
        self.finish(tx, user, &issued.session_id, client, way)
            .await?;
        Ok(issued)
    }

    async fn open_page(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
        way: Way,
    ) -> Result<Opened> {
        let id = UserId(user.id);
        let session = self
            .sessions
            .open(&mut tx, id, Door::Browser, client)
            .await?;
        let session_id = SessionId(session.id);
        self.finish(tx, user, &session_id, client, way).await?;
        Ok(Opened {
            session_id,
            must_change_password: user.must_change_password != 0,
        })
    }

    /// Whether the login page must show a captcha to this client.
    ///
    /// # Errors
    /// What the database says.
    pub async fn captcha_on_page(&self, username: Option<&str>, client: &Client) -> Result<bool> {
        match self.core.settings().captcha.page {
            CaptchaMode::Always => Ok(true),
            CaptchaMode::Never => Ok(false),
            CaptchaMode::Adaptive => {
                let counters = Counters::new(username.unwrap_or_default(), client);
                let since = self.core.now() - WINDOW;
                let mut conn = self.core.db.read().await?;
                let address = throttle::get(&mut conn, &counters.address, since).await?;
                let name = throttle::get(&mut conn, &counters.name, since).await?;
                Ok(address.failures.max(name.failures) >= FREE_TRIES)
            }
        }
    }

    /// Checks everything; gives back the account and the transaction in which its session is to
    /// be opened.
    async fn authenticate(
        &self,
        client: &Client,
        credentials: &Credentials,
        mode: CaptchaMode,
    ) -> Result<(LoginRow, Tx), Refusal> {
        let solved = self.check_captcha(credentials).await?;
        let found = self.find(credentials).await?;
        let typed = &credentials.username;
        let account = found.as_ref().map_or(typed, |u| &u.username);
        let counters = Counters::of(typed, account, client);
        self.admit(&counters, mode, solved).await?;
        let hash = found.as_ref().and_then(|u| u.password_hash.as_deref());
        let said = self.core.hasher.verify(credentials.digest(), hash).await;
        let verdict = self.hashed(&counters, said).await?;
        let active = found
            .as_ref()
            .is_some_and(|u| u.status == Status::Active.code());
        match found {
            Some(mut user) if active && verdict != Verdict::Wrong => {
                if verdict == Verdict::RightButOld {
                    let done = self.rehash(&mut user, credentials).await;
                    self.hashed(&counters, done).await?;
                }
                let tx = self.forgive(client, &user, &credentials.username).await?;
                Ok((user, tx))
            }
            other => {
                let (reason, refusal) = match &other {
                    None => ("unknown", refused().into()),
                    Some(_) if verdict == Verdict::Wrong => ("password", refused().into()),
                    Some(_) => ("disabled", Refusal::Disabled),
                };
                self.note_failure(
                    client,
                    &credentials.username,
                    other.map(|u| UserId(u.id)),
                    reason,
                )
                .await?;
                Err(refusal)
            }
        }
    }

    /// The account that is meant. What may mean two is nobody's.
    async fn find(&self, credentials: &Credentials) -> Result<Option<LoginRow>> {
        match credentials.form {
            Form::Plain => match validate::username(&credentials.username) {
                Ok(name) => {
                    let mut conn = self.core.db.read().await?;
                    Ok(users::for_login(&mut conn, &name).await?)
                }
                Err(_) => Ok(None),
            },
            Form::LoginCode => self.find_by_code(&credentials.username).await,
        }
    }

    /// The account that a login name, a user code, a phone number or an e-mail address opens. A
    /// number or an address that nobody has proved opens the account that told it first; whoever
    /// tells it later, or takes it for a name, gains nothing and takes nothing away.
    async fn find_by_code(&self, typed: &str) -> Result<Option<LoginRow>> {
        let Ok(typed) = validate::text("username", typed, 2, 254) else {
            return Ok(None);
        };
        let number = validate::phone_key(&typed).unwrap_or_else(|_| typed.clone());
        let phones = validate::phone_spellings(&number);
        let mut conn = self.core.db.read().await?;
        let mut claims = users::for_login_code(&mut conn, &typed, &phones).await?;
        let strongest = claims.first().map(|(claim, _)| *claim);
        if matches!(strongest, Some(Claim::Username | Claim::Told)) {
            claims.truncate(1);
        }
        claims.retain(|(claim, _)| Some(*claim) == strongest);
        Ok(match claims.len() {
            1 => claims.pop().map(|(_, row)| row),
            _ => None,
        })
    }

    /// What came of hashing for a try that was counted. Where nothing came of it, as when too
    /// many are waiting, the try was no failure: its count is taken back.
    async fn hashed<T>(&self, counters: &Counters, done: Result<T>) -> Result<T> {
        if done.is_err() {
            let mut tx = self.core.db.begin().await?;
            counters.take_back(&mut tx).await?;
            tx.commit().await?;
        }
        done
    }

    /// Whether a captcha came along and was right.
    async fn check_captcha(&self, credentials: &Credentials) -> Result<bool> {
        let (key, code) = (&credentials.captcha_key, &credentials.captcha_code);
        self.captcha
            .check_given(key.as_deref(), code.as_deref())
            .await
    }

    /// Counts a try, and lets it go on unless a captcha is due or it must wait.
    async fn admit(&self, counters: &Counters, mode: CaptchaMode, solved: bool) -> Result<()> {
        self.count(counters, |failures| {
            let due = match mode {
                CaptchaMode::Always => true,
                CaptchaMode::Adaptive => failures.recent >= FREE_TRIES,
                CaptchaMode::Never => false,
            };
            if due && !solved {
                return Err(Error::new(
                    Kind::CaptchaRequired,
                    "请完成验证码",
                    "A captcha must be solved first",
                ));
            }
            check_delay(&self.core, &failures.pair, &failures.run)
        })
        .await
    }

    /// Counts a try as if it had failed; [`SignIns::forgive`] takes that back. A try that `allow`
    /// refuses is not looked at, and not counted: else whoever asks again and again in vain
    /// would hold the name's owner off for as long.
    async fn count(&self, c: &Counters, allow: impl FnOnce(&Failures) -> Result<()>) -> Result<()> {
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        // The name's counter comes first: parallel tries for one name wait for each other here,
        // so that each sees what the one before it counted. (Always in this order: two
        // transactions must not wait for each other.)
        let name = throttle::hit(&mut tx, &c.name, now, now - WINDOW).await?;
        let address = throttle::hit(&mut tx, &c.address, now, now - WINDOW).await?;
        allow(&Failures {
            recent: name.max(address) - 1,
            pair: throttle::get(&mut tx, &c.pair, now - WINDOW).await?,
            run: throttle::get(&mut tx, &c.run, now - RUN).await?,
        })?;
        throttle::hit(&mut tx, &c.pair, now, now - WINDOW).await?;
        throttle::hit(&mut tx, &c.run, now, now - RUN).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note_failure(
        &self,
        client: &Client,
        username: &str,
        user: Option<UserId>,
        reason: &str,
    ) -> Result<()> {
        self.note_failure_by("", client, username, user, reason)
            .await
    }

    /// Notes a failure of a way of signing in, one of [`menshen_domain::log::METHODS`].
    async fn note_failure_by(
        &self,
        method: &str,
        client: &Client,
        username: &str,
        user: Option<UserId>,
        reason: &str,
    ) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        let mut record = Record::login("sign_in", false, username, client)
            .reason(reason)
            .method(method);
        if let Some(user) = user {
            record = record.actor(user);
        }
        record.write(&self.core, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Begins the transaction of a successful sign-in by taking the counted failures back; all
    /// of the name's, unless a second factor is still due.
    async fn forgive(&self, client: &Client, user: &LoginRow, typed: &str) -> Result<Tx> {
        let c = Counters::of(typed, &user.username, client);
        self.sessions.warm().await?;
        let mut tx = self.core.db.begin().await?;
        // The password may have been changed, or the user disabled, while it was verified. From
        // here on neither can be until this transaction ends.
        let now = self.forgive_in(&mut tx, &c, user).await?;
        let same = now.is_some_and(|u| {
            u.status == Status::Active.code() && u.password_hash == user.password_hash
        });
        if same { Ok(tx) } else { Err(refused()) }
    }

    /// Takes a counted try back; all of the name's, unless a second factor is still due. Gives
    /// back the account as it is now, which is held from here on.
    async fn forgive_in(
        &self,
        tx: &mut Tx,
        c: &Counters,
        user: &LoginRow,
    ) -> Result<Option<LoginRow>> {
        let id = UserId(user.id);
        // Before the counters: two transactions must not wait for each other.
        let now = users::hold(tx, id).await?;
        c.take_back(tx).await?;
        if !second_factors::is_on(tx, id).await? {
            c.clear(tx).await?;
        }
        Ok(now)
    }

    async fn finish(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        session: &SessionId,
        client: &Client,
        way: Way,
    ) -> Result<()> {
        let id = UserId(user.id);
        users::note_login(&mut tx, id, &client.ip, self.core.now()).await?;
        Record::login("sign_in", true, &user.username, client)
            .actor(id)
            .session(session)
            .method(way.method)
            .second_factor(way.second_factor)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn rehash(&self, user: &mut LoginRow, credentials: &Credentials) -> Result<()> {
        let new = self.core.hasher.hash(credentials.digest()).await?;
        let old = user.password_hash.as_deref().unwrap_or_default();
        let id = UserId(user.id);
        let mut tx = self.core.db.begin().await?;
        if users::rehash(&mut tx, id, old, &new).await? {
            tx.commit().await?;
            user.password_hash = Some(new);
            return Ok(());
        }
        // Another sign-in has renewed it meanwhile, or the password was changed.
        let found = users::login_row(&mut tx, id).await?;
        drop(tx);
        let hash = found.and_then(|u| u.password_hash);
        let digest = credentials.digest();
        if self.core.hasher.verify(digest, hash.as_deref()).await? != Verdict::Wrong {
            user.password_hash = hash;
        }
        Ok(())
    }

    /// Has the caller prove that she knows her password before a change for which being signed
    /// in is not enough. Guesses are counted as at sign-in, and refusals audited.
    async fn prove(
        &self,
        caller: &Caller,
        action: &str,
        field: &'static str,
        password: &str,
    ) -> Result<LoginRow> {
        let user = self.own(caller).await?;
        if user.password_hash.is_none() {
            return Err(no_password(field));
        }
        let counters = Counters::new(caller.username(), &caller.client);
        self.count(&counters, |failures| {
            check_delay(&self.core, &failures.pair, &failures.run)
        })
        .await?;
        let digest = passwords::digest(password);
        let hash = user.password_hash.as_deref();
        let said = self.core.hasher.verify(digest, hash).await;
        if self.hashed(&counters, said).await? != Verdict::Wrong {
            return Ok(user);
        }
        let mut tx = self.core.db.begin().await?;
        Record::operation(action, caller)
            .failed()
            .target("user", caller.id(), caller.username())
            .reason("password")
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Err(Error::field(
            field,
            Text::fixed("当前密码不正确", "is not your current password"),
        ))
    }

    /// Has the caller prove her password, and begins the transaction of the change `action`.
    pub(crate) async fn reauthenticate(
        &self,
        caller: &Caller,
        action: &str,
        field: &'static str,
        password: &str,
    ) -> Result<Tx> {
        let user = self.prove(caller, action, field, password).await?;
        self.begin_proved(caller, &user).await
    }

    /// Begins the transaction of a change for which the caller has proved her password. Hashing
    /// took a while: her session may have ended by now.
    async fn begin_proved(&self, caller: &Caller, user: &LoginRow) -> Result<Tx> {
        let mut tx = self.forgive(&caller.client, user, &user.username).await?;
        Access::again_in(&mut tx, caller, self.core.now()).await?;
        Ok(tx)
    }

    /// Whether the caller has a password. An account that was made by a code sent to a phone, or
    /// by way of a vendor, has none until it is given one.
    ///
    /// # Errors
    /// [`Kind::Token`] when the account is gone; what the database says.
    pub(crate) async fn has_password(&self, caller: &Caller) -> Result<bool> {
        Ok(self.own(caller).await?.password_hash.is_some())
    }

    /// The caller's account as it is now.
    async fn own(&self, caller: &Caller) -> Result<LoginRow> {
        own_row(&mut *self.core.db.read().await?, caller).await
    }

    /// Changes the caller's own password. Every other session of hers ends; so does this one,
    /// unless it is a browser's, which goes on (with a new cookie). Who has no password gives
    /// none as the current one, and must have signed in just now instead.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `currentPassword` or `newPassword`; [`Kind::TooMany`];
    /// [`Kind::Forbidden`] when a first password is chosen too long after signing in.
    pub async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<()> {
        // Looked at first: a new password that won't do is no guess at the current one.
        if current == new {
            return Err(Error::field(
                "newPassword",
                Text::fixed(
                    "新密码不能与当前密码相同",
                    "must differ from the current password",
                ),
            ));
        }
        let min = self.core.settings().password.min_length;
        let nickname = caller.me().nickname;
        passwords::check_new("newPassword", new, min, &[caller.username(), &nickname])?;
        let first = !self.has_password(caller).await?;
        let (mut tx, hash) = if first {
            self.begin_first_password(caller, new).await?
        } else {
            self.begin_new_password(caller, current, new).await?
        };
        let now = self.core.now();
        users::set_password(&mut tx, caller.id(), &hash, false, now).await?;
        let keep = caller.is_browser().then(|| caller.session_id());
        sessions::revoke_all(&mut tx, caller.id(), keep, "password_changed", now).await?;
        Record::operation(CHANGE_PASSWORD, caller)
            .target("user", caller.id(), caller.username())
            .detail(&json!({ "first": first }))
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(caller.id().0));
        tx.commit().await?;
        Ok(())
    }

    /// Has the caller prove the password that she has, and begins the change to a new one.
    async fn begin_new_password(
        &self,
        caller: &Caller,
        current: &str,
        new: &str,
    ) -> Result<(Tx, String)> {
        let field = "currentPassword";
        if current.is_empty() {
            return Err(current_due(field));
        }
        let user = self.prove(caller, CHANGE_PASSWORD, field, current).await?;
        let made = self.core.hasher.hash(passwords::digest(new)).await;
        let counters = Counters::new(caller.username(), &caller.client);
        let hash = self.hashed(&counters, made).await?;
        let tx = self.begin_proved(caller, &user).await?;
        Ok((tx, hash))
    }

    /// Begins the change of somebody who has no password yet. Nothing could be asked for that
    /// whoever found her session open would not know, so she must have signed in just now.
    async fn begin_first_password(&self, caller: &Caller, new: &str) -> Result<(Tx, String)> {
        let mut conn = self.core.db.read().await?;
        let fresh = self.is_fresh(&mut conn, caller).await?;
        drop(conn);
        if !fresh {
            let mut tx = self.core.db.begin().await?;
            Record::operation(CHANGE_PASSWORD, caller)
                .failed()
                .target("user", caller.id(), caller.username())
                .reason("sign_in_too_old")
                .write(&self.core, &mut tx)
                .await?;
            tx.commit().await?;
            return Err(sign_in_again());
        }
        let hash = self.core.hasher.hash(passwords::digest(new)).await?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        // Hashing took a while: by now the session may have ended, or there may be a password.
        if !self.is_fresh(&mut tx, caller).await? {
            return Err(sign_in_again());
        }
        let user = own_row(&mut tx, caller).await?;
        if user.status != Status::Active.code() {
            return Err(Error::token());
        }
        if user.password_hash.is_some() {
            return Err(current_due("currentPassword"));
        }
        Ok((tx, hash))
    }

    /// Whether the caller signed in just now. Renewals do not make a session younger.
    async fn is_fresh(&self, conn: &mut Conn, caller: &Caller) -> Result<bool> {
        let session = sessions::find(conn, caller.session_id())
            .await?
            .filter(|s| s.revoked_at.is_none())
            .ok_or_else(Error::token)?;
        Ok(Timestamp(session.created_at) + FRESH > self.core.now())
    }
}

async fn own_row(conn: &mut Conn, caller: &Caller) -> Result<LoginRow> {
    users::login_row(conn, caller.id())
        .await?
        .ok_or_else(Error::token)
}

/// Why somebody with a name and a password is not let in.
enum Refusal {
    /// The password was right, and the account is disabled.
    Disabled,
    /// Anything else.
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Refusal> for Error {
    /// Nobody is told that an account is disabled, unless the door says so itself.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Disabled => refused(),
            Refusal::Other(error) => error,
        }
    }
}

/// A growing delay between tries for a name from one address; for a name from anywhere only after
/// very many, and never for good.
pub(crate) fn check_delay(
    core: &Core,
    pair: &throttle::Count,
    run: &throttle::Count,
) -> Result<()> {
    let settings = core.settings();
    let limits = &settings.limits;
    let longest = limits.delay_max_seconds;
    let now = core.now();
    let left = [(pair, limits.delay_after), (run, limits.name_failures)]
        .into_iter()
        .map(|(count, free)| {
            let passed = now.since(Timestamp(count.last_at));
            let wait = wait(count.failures, free, Duration::from_secs(longest));
            wait.saturating_sub(passed).as_secs_f64().ceil()
        })
        .fold(0.0_f64, f64::max);
    if left <= 0.0 {
        return Ok(());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number of seconds"
    )]
    let retry_after = left as u64;
    Err(Error::new(
        Kind::TooMany { retry_after },
        format!("尝试次数过多，请在 {retry_after} 秒后再试"),
        format!("Too many tries. Please wait {retry_after} seconds"),
    ))
}

/// How long to wait after the last failure: one second after `free` of them, twice as long with
/// each more, at most `longest`.
pub(crate) fn wait(failures: i64, free: u32, longest: Duration) -> Duration {
    let over = failures - i64::from(free);
    match u32::try_from(over) {
        Ok(over) => {
            Duration::from_secs(1_u64.checked_shl(over.min(62)).unwrap_or(u64::MAX)).min(longest)
        }
        Err(_) => Duration::ZERO,
    }
}

/// One answer for a wrong name, a wrong password and a disabled account.
fn refused() -> Error {
    Error::new(
        Kind::Credentials,
        "用户名或密码错误",
        "The name or the password is wrong",
    )
}

/// Said to whoever has a password and did not give it.
fn current_due(field: &'static str) -> Error {
    Error::field(field, Text::fixed("请输入当前密码", "must be given"))
}

/// Said to whoever is asked for a password that she does not have.
fn no_password(field: &'static str) -> Error {
    Error::field(
        field,
        Text::fixed(
            "账号还没有密码，请先用 PUT /auth/password 设置",
            "can't be asked for: the account has none yet; set one with PUT /auth/password",
        ),
    )
}

/// Said to whoever would choose a first password in a session that is not fresh.
fn sign_in_again() -> Error {
    Error::new(
        Kind::Forbidden {
            missing: Vec::new(),
        },
        "设置第一个密码须在登录后 10 分钟内，请重新登录后再试",
        "A first password can be set within 10 minutes of signing in. Please sign in again first",
    )
}

/// Said only to whoever knows the password.
fn disabled() -> Error {
    Error::new(Kind::Locked, "账号已停用", "The account is disabled")
}

/// The login page's word for a captcha that did not come along.
pub(crate) fn captcha_missing() -> Error {
    let text = Text::fixed("请输入图片中的字符", "Type the characters in the picture");
    Error {
        kind: Kind::Captcha,
        fields: vec![FieldError {
            field: "captchaCode".into(),
            text: text.clone(),
        }],
        text,
        source: None,
    }
}

#[cfg(test)]
mod tests;
