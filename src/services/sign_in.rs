//! Signing in, and changing one's password.
//!
//! With a password here, with a code sent to a phone in `sign_in/phone.rs`, by way of a vendor in
//! `sign_in/vendor.rs`; accounts that come into being on the way are made in
//! `sign_in/newcomer.rs`. Every way ends in `enter_api` or `enter_page`.
//!
//! Every try is counted before its password is looked at, so that parallel guesses can't pass
//! the counters, and a try with an unknown name does the same work as one with a known name.

use crate::access::{Caller, Client};
use crate::audit::Record;
use crate::captcha::Captchas;
use crate::codes::Codes;
use crate::core::Core;
use crate::passwords::{self, Verdict};
use crate::sessions::{Door, Issued, Opened, Sessions};
use crate::settings::CaptchaMode;
use menshen_domain::role::Status;
use menshen_domain::validate::{self, name_key};
use menshen_domain::{Error, FieldError, Kind, Result, SessionId, Text, UserId};
use menshen_storage::users::LoginRow;
use menshen_storage::{Event, StorageError, Tx, sessions, throttle, users};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

mod newcomer;
mod phone;
mod vendor;

pub use vendor::{Vendor, VendorCode};

/// Failures are counted within this time.
const WINDOW: Duration = Duration::from_mins(15);
/// After this many failures a captcha is due.
const FREE_TRIES: i64 = 3;
/// A run of failures for a name is forgotten when it has not grown for so long.
const RUN: Duration = Duration::from_hours(24);

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
    /// The second factor's code, where it comes along at once.
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
            address: format!("login:address:{}", client.ip),
            pair: format!("login:pair:{}:{name}", client.ip),
            run: format!("login:run:{account}"),
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
}

impl SignIns {
    pub(crate) fn new(
        core: Arc<Core>,
        captcha: Captchas,
        codes: Codes,
        sessions: Sessions,
    ) -> Self {
        Self {
            core,
            captcha,
            codes,
            sessions,
        }
    }

    /// Signs a client of the REST API in.
    ///
    /// # Errors
    /// [`Kind::Captcha`], [`Kind::CaptchaRequired`], [`Kind::Credentials`], [`Kind::TooMany`],
    /// [`Kind::Busy`].
    pub async fn by_api(&self, client: &Client, credentials: Credentials) -> Result<Issued> {
        let mode = self.core.settings.captcha.mode;
        let (user, tx) = self.authenticate(client, &credentials, mode).await?;
        self.enter_api(tx, &user, client).await
    }

    /// Signs a browser in through the REST API (document D). Whoever knows the password is told
    /// that the account is disabled.
    ///
    /// # Errors
    /// As [`SignIns::by_api`]; [`Kind::Locked`] for a disabled account.
    pub async fn by_cookie(&self, client: &Client, credentials: Credentials) -> Result<Opened> {
        let mode = self.core.settings.captcha.mode;
        let (user, tx) = self
            .authenticate(client, &credentials, mode)
            .await
            .map_err(|refusal| match refusal {
                Refusal::Disabled => disabled(),
                other => other.into(),
            })?;
        self.enter_page(tx, &user, client).await
    }

    /// Signs a browser in, at the login page of the admin UI.
    ///
    /// # Errors
    /// As [`SignIns::by_api`]; a missing captcha is [`Kind::Captcha`] here.
    pub async fn by_page(&self, client: &Client, credentials: Credentials) -> Result<Opened> {
        let mode = self.core.settings.captcha.page;
        let authenticated = self.authenticate(client, &credentials, mode).await;
        let (user, tx) = authenticated.map_err(Error::from).map_err(|error| match error.kind {
            Kind::CaptchaRequired => captcha_missing(),
            _ => error,
        })?;
        self.enter_page(tx, &user, client).await
    }

    /// The last step of every way into the REST API: opens the session.
    async fn enter_api(&self, mut tx: Tx, user: &LoginRow, client: &Client) -> Result<Issued> {
        let id = UserId(user.id);
        let session = self.sessions.open(&mut tx, id, Door::Api, client).await?;
        let issued = self
            .sessions
            .issue(&mut tx, &session, &user.username, 1)
            .await?;
        self.finish(tx, user, &issued.session_id, client).await?;
        Ok(issued)
    }

    /// The last step of every way into the admin UI: opens the session.
    async fn enter_page(&self, mut tx: Tx, user: &LoginRow, client: &Client) -> Result<Opened> {
        let id = UserId(user.id);
        let session = self
            .sessions
            .open(&mut tx, id, Door::Browser, client)
            .await?;
        let session_id = SessionId(session.id);
        self.finish(tx, user, &session_id, client).await?;
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
        match self.core.settings.captcha.page {
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
        self.admit(&Counters::of(typed, account, client), mode, solved)
            .await?;
        let hash = found.as_ref().and_then(|u| u.password_hash.as_deref());
        let verdict = self.core.hasher.verify(credentials.digest(), hash).await?;
        let active = found
            .as_ref()
            .is_some_and(|u| u.status == Status::Active.code());
        match found {
            Some(mut user) if active && verdict != Verdict::Wrong => {
                if verdict == Verdict::RightButOld {
                    self.rehash(&mut user, credentials).await?;
                }
                let tx = self.forgive(client, &user, credentials).await?;
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
    /// number or an address that nobody has proved opens the one account that tells it.
    async fn find_by_code(&self, typed: &str) -> Result<Option<LoginRow>> {
        let Ok(typed) = validate::text("username", typed, 2, 254) else {
            return Ok(None);
        };
        let number = validate::phone_key(&typed).unwrap_or_else(|_| typed.clone());
        let phones = validate::phone_spellings(&number);
        let mut conn = self.core.db.read().await?;
        let mut claims = users::for_login_code(&mut conn, &typed, &phones).await?;
        let strongest = claims.first().map(|(claim, _)| *claim);
        claims.retain(|(claim, _)| Some(*claim) == strongest);
        Ok(match claims.len() {
            1 => claims.pop().map(|(_, row)| row),
            _ => None,
        })
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
        self.count_in(counters, |failures| {
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
            self.check_delay(failures)
        })
        .await
    }

    /// Counts a try as if it had failed; [`SignIns::forgive`] takes that back. A try that `allow`
    /// refuses is not looked at, and not counted: else whoever asks again and again in vain
    /// would hold the name's owner off for as long.
    async fn count(
        &self,
        client: &Client,
        username: &str,
        allow: impl FnOnce(&Failures) -> Result<()>,
    ) -> Result<()> {
        self.count_in(&Counters::new(username, client), allow).await
    }

    async fn count_in(
        &self,
        c: &Counters,
        allow: impl FnOnce(&Failures) -> Result<()>,
    ) -> Result<()> {
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

    /// A growing delay between tries for a name from one address; for a name from anywhere only
    /// after very many, and never for good.
    fn check_delay(&self, failures: &Failures) -> Result<()> {
        let limits = &self.core.settings.limits;
        let pair = wait(&failures.pair, limits.delay_after, limits.delay_max_seconds);
        let run = wait(
            &failures.run,
            limits.name_failures,
            limits.delay_max_seconds,
        );
        let now = self.core.now();
        let left = [(&failures.pair, pair), (&failures.run, run)]
            .into_iter()
            .map(|(count, wait)| {
                let passed = now.since(menshen_domain::Timestamp(count.last_at));
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

    async fn note_failure(
        &self,
        client: &Client,
        username: &str,
        user: Option<UserId>,
        reason: &str,
    ) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        let mut record = Record::login("sign_in", false, username, client).reason(reason);
        if let Some(user) = user {
            record = record.actor(user);
        }
        record.write(&self.core, &mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Begins the transaction of a successful sign-in by taking the counted failures back.
    /// The address keeps its earlier ones: a guesser may have an account of his own.
    async fn forgive(
        &self,
        client: &Client,
        user: &LoginRow,
        credentials: &Credentials,
    ) -> Result<Tx> {
        let counters = Counters::of(&credentials.username, &user.username, client);
        let mut tx = self.begin_forgiven(&counters).await?;
        // The password may have been changed, or the user disabled, while it was verified. From
        // here on neither can be until this transaction ends.
        let now = users::login_row(&mut tx, UserId(user.id)).await?;
        let same = now.is_some_and(|u| {
            u.status == Status::Active.code() && u.password_hash == user.password_hash
        });
        if same { Ok(tx) } else { Err(refused()) }
    }

    async fn begin_forgiven(&self, c: &Counters) -> Result<Tx> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        throttle::clear(&mut tx, &c.name).await?;
        throttle::take_back(&mut tx, &c.address).await?;
        throttle::clear(&mut tx, &c.pair).await?;
        throttle::clear(&mut tx, &c.run).await?;
        Ok(tx)
    }

    async fn finish(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        session: &SessionId,
        client: &Client,
    ) -> Result<()> {
        let id = UserId(user.id);
        users::note_login(&mut tx, id, &client.ip, self.core.now()).await?;
        Record::login("sign_in", true, &user.username, client)
            .actor(id)
            .session(session)
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

    /// Changes the caller's own password. Every other session of hers ends; so does this one,
    /// unless it is a browser's, which goes on (with a new cookie).
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `currentPassword` or `newPassword`; [`Kind::TooMany`].
    pub async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<()> {
        self.count(&caller.client, caller.username(), |failures| {
            self.check_delay(failures)
        })
        .await?;
        let mut conn = self.core.db.read().await?;
        let user = users::login_row(&mut conn, caller.id())
            .await?
            .ok_or_else(Error::token)?;
        drop(conn);
        let hash = user.password_hash.as_deref();
        if self
            .core
            .hasher
            .verify(passwords::digest(current), hash)
            .await?
            == Verdict::Wrong
        {
            return Err(Error::field(
                "currentPassword",
                Text::fixed("当前密码不正确", "is not your current password"),
            ));
        }
        if current == new {
            return Err(Error::field(
                "newPassword",
                Text::fixed(
                    "新密码不能与当前密码相同",
                    "must differ from the current password",
                ),
            ));
        }
        let min = self.core.settings.password.min_length;
        let nickname = caller.me().nickname;
        passwords::check_new("newPassword", new, min, &[caller.username(), &nickname])?;
        let hash = self.core.hasher.hash(passwords::digest(new)).await?;
        let credentials = Credentials {
            username: user.username.clone(),
            ..Credentials::default()
        };
        let mut tx = self.forgive(&caller.client, &user, &credentials).await?;
        let now = self.core.now();
        users::set_password(&mut tx, caller.id(), &hash, false, now).await?;
        let keep = caller.is_browser().then(|| caller.session_id());
        sessions::revoke_all(&mut tx, caller.id(), keep, "password_changed", now).await?;
        Record::operation("user.change_password", caller)
            .target("user", caller.id(), caller.username())
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(caller.id().0));
        tx.commit().await?;
        Ok(())
    }
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

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        Self::Other(error.into())
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

/// How long to wait after the last failure: one second after `free` of them, twice as long with
/// each more, at most `longest` seconds.
fn wait(count: &throttle::Count, free: u32, longest: u64) -> Duration {
    let over = count.failures - i64::from(free);
    match u32::try_from(over) {
        Ok(over) => Duration::from_secs(
            1_u64
                .checked_shl(over.min(62))
                .unwrap_or(u64::MAX)
                .min(longest),
        ),
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

/// Said only to whoever knows the password.
fn disabled() -> Error {
    Error::new(Kind::Locked, "账号已停用", "The account is disabled")
}

fn captcha_missing() -> Error {
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
