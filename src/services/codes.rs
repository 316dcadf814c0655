//! One-time codes sent to phones: six digits, good once, for five minutes and five tries, for the
//! one purpose and the one number that they were sent for.
//!
//! Sending costs money and bothers people, so it is limited: by number, by address, by numbers
//! that look alike, and altogether. The answer is the same whether or not anybody holds the
//! number.

use crate::access::Client;
use crate::audit::Record;
use crate::captcha::Captchas;
use crate::core::Core;
use crate::settings::CaptchaMode;
use crate::sign_in::captcha_missing;
use menshen_domain::{Error, Kind, Result, Timestamp, validate};
use menshen_storage::sms_codes::{self, NewCode};
use menshen_storage::{Conn, Tx, throttle};
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long a code is good.
const LIFETIME: Duration = Duration::from_mins(5);
/// How often a code may be tried.
const MAX_TRIES: i64 = 5;
/// There is one code a number within this time.
const PAUSE: Duration = Duration::from_mins(1);
/// Refusals are counted within this time.
const REFUSALS: Duration = Duration::from_mins(15);
/// After this many refusals a captcha is due.
const FREE_REFUSALS: i64 = 3;
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing in.
    SignIn,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sms_login",
        }
    }
}

/// A bound on how much is sent: what it is called, its counter, how many, and in which time.
struct Limit {
    name: &'static str,
    key: String,
    most: u32,
    window: Duration,
}

/// Sends one-time codes and checks them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Codes {
    core: Arc<Core>,
    captcha: Captchas,
}

impl Codes {
    pub(crate) fn new(core: Arc<Core>, captcha: Captchas) -> Self {
        Self { core, captcha }
    }

    /// Sends a code to sign in with. A captcha that comes along is looked at first.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when it is no phone number, or short messages are not set up;
    /// [`Kind::Captcha`]; [`Kind::CaptchaRequired`]; [`Kind::TooMany`]; [`Kind::Upstream`] when
    /// the gateway fails.
    pub async fn send_for_sign_in(
        &self,
        client: &Client,
        phone: &str,
        captcha_key: Option<&str>,
        captcha_code: Option<&str>,
    ) -> Result<()> {
        let mode = self.core.settings().captcha.mode;
        self.send(client, phone, captcha_key, captcha_code, mode)
            .await
    }

    /// Sends a code for the login page of the admin UI.
    ///
    /// # Errors
    /// As [`Codes::send_for_sign_in`]; a missing captcha is [`Kind::Captcha`] here.
    pub async fn send_for_page(
        &self,
        client: &Client,
        phone: &str,
        captcha_key: Option<&str>,
        captcha_code: Option<&str>,
    ) -> Result<()> {
        let mode = self.core.settings().captcha.page;
        self.send(client, phone, captcha_key, captcha_code, mode)
            .await
            .map_err(|error| match error.kind {
                Kind::CaptchaRequired => captcha_missing(),
                _ => error,
            })
    }

    /// Whether the login page must show a captcha before a code is sent to `phone`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn captcha_on_page(&self, client: &Client, phone: &str) -> Result<bool> {
        let target = self.target(&validate::phone_key(phone).unwrap_or_default());
        let mode = self.core.settings().captcha.page;
        let mut conn = self.core.db.read().await?;
        self.captcha_due(&mut conn, client, &target, mode).await
    }

    async fn send(
        &self,
        client: &Client,
        phone: &str,
        captcha_key: Option<&str>,
        captcha_code: Option<&str>,
        mode: CaptchaMode,
    ) -> Result<()> {
        let phone = validate::phone_key(phone)?;
        let sender = self.core.outside().sms.clone().ok_or_else(not_set_up)?;
        let solved = self.captcha.check_given(captcha_key, captcha_code).await?;
        let code = self.digits();
        let mode = if solved { CaptchaMode::Never } else { mode };
        self.keep(client, Purpose::SignIn, &phone, &code, mode)
            .await?;
        sender.send(&phone, &code).await?;
        metrics::counter!("menshen_sms_sent_total").increment(1);
        Ok(())
    }

    fn digits(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:06}", self.core.random_below(1_000_000)))
    }

    fn target(&self, phone: &str) -> Vec<u8> {
        self.core.secrets.keyed_hash("phone", phone)
    }

    fn code_hash(&self, purpose: Purpose, phone: &str, code: &str) -> Vec<u8> {
        // A number holds no space: where it ends is plain.
        let both = Zeroizing::new(format!("{phone} {code}"));
        self.core.secrets.keyed_hash(purpose.name(), &both)
    }

    /// Keeps a code that may be sent. What is refused is counted as a refusal and as nothing
    /// else: whoever asks in vain uses up nobody's number.
    async fn keep(
        &self,
        client: &Client,
        purpose: Purpose,
        phone: &str,
        code: &str,
        mode: CaptchaMode,
    ) -> Result<()> {
        let now = self.core.now();
        let target = self.target(phone);
        let mut tx = self.core.db.begin().await?;
        if self.captcha_due(&mut tx, client, &target, mode).await? {
            return Err(Error::new(
                Kind::CaptchaRequired,
                "请完成验证码",
                "A captcha must be solved first",
            ));
        }
        // Always in this order: two transactions must not wait for each other.
        for limit in self.limits(client, phone, &target) {
            let since = now - limit.window;
            let (count, began) = throttle::hit_within(&mut tx, &limit.key, now, since).await?;
            if count > i64::from(limit.most) {
                drop(tx);
                return Err(self.refuse(client, phone, &target, &limit, began).await?);
            }
        }
        let new = NewCode {
            id: self.core.uuid(),
            purpose: purpose.name().to_owned(),
            code_hash: self.code_hash(purpose, phone, code),
            target_hash: target,
            ip: client.ip.clone(),
            created_at: now,
            expires_at: now + LIFETIME,
        };
        sms_codes::replace(&mut tx, &new).await?;
        Record::login("sms_code", true, phone, client)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn captcha_due(
        &self,
        tx: &mut Conn,
        client: &Client,
        target: &[u8],
        mode: CaptchaMode,
    ) -> Result<bool> {
        match mode {
            CaptchaMode::Always => Ok(true),
            CaptchaMode::Never => Ok(false),
            CaptchaMode::Adaptive => {
                let since = self.core.now() - REFUSALS;
                let [phone, address] = refusal_keys(client, target);
                let phone = throttle::get(tx, &phone, since).await?;
                let address = throttle::get(tx, &address, since).await?;
                Ok(phone.failures.max(address.failures) >= FREE_REFUSALS)
            }
        }
    }

    fn limits(&self, client: &Client, phone: &str, target: &[u8]) -> [Limit; 5] {
        let settings = self.core.settings();
        let limits = &settings.limits;
        let number = hex(target);
        // Whoever is paid for messages to a range of numbers has many that begin alike.
        let prefix: String = phone
            .chars()
            .take(phone.chars().count().saturating_sub(4))
            .collect();
        let limit = |name, key, most, window| Limit {
            name,
            key,
            most,
            window,
        };
        [
            limit("phone", format!("sms:pause:{number}"), 1, PAUSE),
            limit(
                "phone",
                format!("sms:phone:{number}"),
                limits.sms_phone_per_day,
                DAY,
            ),
            limit(
                "address",
                format!("sms:address:{}", client.network()),
                limits.sms_address_per_hour,
                HOUR,
            ),
            limit(
                "prefix",
                format!("sms:prefix:{prefix}"),
                limits.sms_prefix_per_hour,
                HOUR,
            ),
            limit("day", "sms:day".to_owned(), limits.sms_per_day, DAY),
        ]
    }

    /// Counts a refusal, and says it.
    async fn refuse(
        &self,
        client: &Client,
        phone: &str,
        target: &[u8],
        limit: &Limit,
        began: Timestamp,
    ) -> Result<Error> {
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        for key in refusal_keys(client, target) {
            throttle::hit(&mut tx, &key, now, now - REFUSALS).await?;
        }
        Record::login("sms_code", false, phone, client)
            .reason(limit.name)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        metrics::counter!("menshen_sms_refused_total", "limit" => limit.name).increment(1);
        let retry_after = (began + limit.window).since(now).as_secs().max(1);
        Ok(Error::new(
            Kind::TooMany { retry_after },
            format!("获取短信验证码过于频繁，请在 {retry_after} 秒后再试"),
            format!("Too many codes. Please wait {retry_after} seconds"),
        ))
    }

    /// The id of the code that `given` is for this number; `None` when it is none that is good.
    /// A try is counted before the code is looked at, and stays counted.
    pub(crate) async fn check(
        &self,
        purpose: Purpose,
        phone: &str,
        given: &str,
    ) -> Result<Option<String>> {
        let target = self.target(phone);
        let mut tx = self.core.db.begin().await?;
        let now = self.core.now();
        let kept = sms_codes::try_once(&mut tx, purpose.name(), &target, MAX_TRIES, now).await?;
        tx.commit().await?;
        let hash = self.code_hash(purpose, phone, given.trim());
        Ok(kept
            .filter(|(_, kept)| bool::from(kept.as_slice().ct_eq(&hash)))
            .map(|(id, _)| id))
    }

    /// Uses a code up; false when somebody else was quicker.
    pub(crate) async fn spend(&self, tx: &mut Tx, id: &str) -> Result<bool> {
        Ok(sms_codes::spend(tx, id, self.core.now()).await?)
    }
}

/// The counters of refusals, in the order in which they are always taken.
fn refusal_keys(client: &Client, target: &[u8]) -> [String; 2] {
    [
        format!("sms:refused:phone:{}", hex(target)),
        format!("sms:refused:address:{}", client.network()),
    ]
}

/// As much of a hash as keeps counters apart, in hex.
fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Nobody sends short messages here.
pub(crate) fn not_set_up() -> Error {
    Error::new(
        Kind::Invalid,
        "短信登录（sms）未配置",
        "Signing in by short message (sms) is not set up",
    )
}

#[cfg(test)]
mod tests;
