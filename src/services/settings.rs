//! The settings that rules go by. Their doc comments become the sample file, `docs/settings.md`
//! and what `menshen check` says.

use crate::access::Client;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of the services.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Passwords.
    pub password: Password,
    /// Captchas.
    pub captcha: Captcha,
    /// Sessions.
    pub session: Session,
    /// Tokens.
    pub token: Token,
    /// Sign-up.
    pub registration: Registration,
    /// Passkeys.
    pub passkey: Passkey,
    /// Limits.
    pub limits: Limits,
    /// Who may ask what tokens are worth.
    pub introspection: Introspection,
    /// Who may read the server's figures.
    pub metrics: Metrics,
    /// Uploads.
    pub upload: Upload,
    /// The doors of other API documents.
    pub facade: Facade,
    /// Development.
    pub dev: Dev,
    /// The time zone in which days begin and end.
    pub zone: Zone,
}

/// A time zone; UTC unless said otherwise.
#[derive(Debug, Clone)]
pub struct Zone(pub jiff::tz::TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
}

impl Settings {
    /// These settings with `changes` over them.
    ///
    /// # Errors
    /// A sentence that names what does not fit.
    pub fn changed(&self, changes: &Changes) -> Result<Self, String> {
        Ok(Self {
            password: changes.over("password", &self.password)?,
            captcha: changes.over("captcha", &self.captcha)?,
            session: changes.over("session", &self.session)?,
            token: changes.over("token", &self.token)?,
            registration: changes.over("registration", &self.registration)?,
            limits: changes.over("limits", &self.limits)?,
            facade: changes.over("facade", &self.facade)?,
            ..self.clone()
        })
    }
}

/// What was set while the program ran: values by the names of settings, as in `captcha.mode`.
/// Secrets stand in it in the clear, so it shows its names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Changes(pub(crate) BTreeMap<String, Value>);

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, Value)> for Changes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Changes {
    /// The value of the setting `name`, if it was set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// `base`, which is the section `section`, with what was set of it. Secrets of `base` are not
    /// written out: where one was not set here, the caller puts it back.
    ///
    /// # Errors
    /// A sentence that names what does not fit.
    pub fn over<T>(&self, section: &str, base: &T) -> Result<T, String>
    where
        T: Clone + Serialize + DeserializeOwned,
    {
        let prefix = format!("{section}.");
        let mut set = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?, value)))
            .peekable();
        if set.peek().is_none() {
            return Ok(base.clone());
        }
        let told = |e: serde_json::Error| format!("{section}: {e}");
        let mut whole = serde_json::to_value(base).map_err(told)?;
        for (key, value) in set {
            whole[key] = value.clone();
        }
        serde_json::from_value(whole).map_err(told)
    }
}

/// The doors of other API documents.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Facade {
    /// Whether `/api/auth/login` takes a name and a password in the address too, as document D's clients send them. Addresses are kept by proxies and browsers: turn it off when no client needs it.
    pub get_login: bool,
}

impl Default for Facade {
    fn default() -> Self {
        Self { get_login: true }
    }
}

/// How passwords are chosen and hashed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// The fewest characters of a new password.
    pub min_length: usize,
    /// Argon2id's memory in KiB (m). Hashes made with other parameters are renewed at the next sign-in.
    pub memory_kib: u32,
    /// Argon2id's passes (t).
    pub passes: u32,
    /// Argon2id's lanes (p).
    pub lanes: u32,
    /// How many passwords are hashed at the same time; 0 for one per processor.
    pub workers: usize,
    /// How many more may wait; past it the answer is 503 with `Retry-After`.
    pub queue: usize,
}

impl Default for Password {
    fn default() -> Self {
        Self {
            min_length: menshen_domain::validate::PASSWORD_MIN,
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
            workers: 0,
            queue: 256,
        }
    }
}

/// When a captcha must be solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CaptchaMode {
    /// At every sign-in.
    Always,
    /// After 3 failures for the name or the address within 15 minutes.
    Adaptive,
    /// Never.
    Never,
}

/// Captchas.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Captcha {
    /// When the REST routes want one.
    pub mode: CaptchaMode,
    /// When the login page of the admin UI wants one.
    pub page: CaptchaMode,
}

impl Default for Captcha {
    fn default() -> Self {
        Self {
            mode: CaptchaMode::Adaptive,
            page: CaptchaMode::Always,
        }
    }
}

/// What must be the same when a session is renewed, or a sign-in's second step is taken, as at the
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The User-Agent and the IP address.
    UaIp,
    /// The User-Agent.
    Ua,
    /// Nothing.
    None,
}

impl Binding {
    /// Whether `client` may go on with what was begun by `user_agent` from `ip`.
    pub(crate) fn holds(self, user_agent: &str, ip: &str, client: &Client) -> bool {
        let same_client = user_agent == client.user_agent;
        match self {
            Self::UaIp => same_client && ip == client.ip,
            Self::Ua => same_client,
            Self::None => true,
        }
    }
}

/// How long sessions last and what they are bound to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// What a client must still show when it renews its tokens or gives its one-time code: `ua_ip`, `ua` or `none`.
    pub binding: Binding,
    /// The longest a session of the REST API lasts, in seconds.
    pub max_seconds: u64,
    /// How long a session of the admin UI lasts without use, in seconds.
    pub page_idle_seconds: u64,
    /// The longest a session of the admin UI lasts, in seconds.
    pub page_max_seconds: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            binding: Binding::UaIp,
            max_seconds: 30 * 24 * 3600,
            page_idle_seconds: 30 * 60,
            page_max_seconds: 12 * 3600,
        }
    }
}

/// The signature of access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA with SHA-256, 2048 bits.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// The name in JWT headers (RFC 7518, RFC 8037).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

/// Access and refresh tokens.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Token {
    /// The signature: `EdDSA`, `ES256` or `RS256`. After a change, tokens signed the old way are accepted until they expire.
    pub algorithm: Algorithm,
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// How long an access token is good, in seconds; at most 900.
    pub access_seconds: u64,
    /// How long a refresh token is good, in seconds.
    pub refresh_seconds: u64,
    /// After how many days a new signing key takes over.
    pub key_days: u64,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::EdDsa,
            issuer: "menshen".to_owned(),
            audience: "menshen".to_owned(),
            access_seconds: 900,
            refresh_seconds: 7 * 24 * 3600,
            key_days: 90,
        }
    }
}

impl Token {
    /// [`Token::access_seconds`] as a duration, never more than 15 minutes.
    #[must_use]
    pub fn access(&self) -> Duration {
        Duration::from_secs(self.access_seconds.clamp(1, 900))
    }
}

/// Whether strangers may make accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Anybody may sign up; a new account holds no permission.
    Open,
    /// Accounts are made by administrators.
    Closed,
}

/// Sign-up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Who makes accounts: `open` lets anybody sign up, without any permission; with `closed` administrators do.
    pub mode: RegistrationMode,
    /// How many accounts one address may make in an hour.
    pub per_hour: u32,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            mode: RegistrationMode::Open,
            per_hour: 20,
        }
    }
}

/// Passkeys: signing in with a device's own lock instead of name and password (WebAuthn).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Passkey {
    /// The domain name that passkeys are bound to, as in `example.com`: that of the pages on which they are used, or one above it. With another name, all passkeys made so far are good for nothing. Empty: no passkeys (with `--dev`, `localhost`).
    pub rp_id: String,
    /// What devices call this system.
    pub rp_name: String,
    /// The origins of the pages on which they are used, as in `https://id.example.com`; `https://` and `rp_id` when none is set.
    pub origins: Vec<String>,
}

impl Default for Passkey {
    fn default() -> Self {
        Self {
            rp_id: String::new(),
            rp_name: "Menshen".to_owned(),
            origins: Vec::new(),
        }
    }
}

impl Passkey {
    /// What is wrong with these settings, if anything.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn check(&self) -> Result<(), String> {
        crate::passkeys::relying_party(self).map(drop)
    }
}

/// Limits against guessing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// After how many failures in a row for a name from one address each further try must wait, twice as long each time.
    pub delay_after: u32,
    /// The longest such wait, in seconds.
    pub delay_max_seconds: u64,
    /// After how many failures in a row for a name, from anywhere, tries must wait whatever address they come from.
    pub name_failures: u32,
    /// How many captchas one address may ask for in a minute, and how many challenges for passkeys.
    pub captchas_per_minute: u32,
    /// How many codes one phone number is sent in a day; never more than one in a minute.
    pub sms_phone_per_day: u32,
    /// How many codes one address may ask for in an hour.
    pub sms_address_per_hour: u32,
    /// How many codes all numbers that differ in their last four digits alone are sent in an hour.
    pub sms_prefix_per_hour: u32,
    /// How many codes are sent in a day altogether.
    pub sms_per_day: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            delay_after: 30,
            delay_max_seconds: 300,
            name_failures: 100,
            captchas_per_minute: 300,
            sms_phone_per_day: 10,
            sms_address_per_hour: 20,
            sms_prefix_per_hour: 100,
            sms_per_day: 10_000,
        }
    }
}

/// Who may ask what tokens are worth (`POST /auth/introspect`), beside those who hold `monitor:session:list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Introspection {
    /// The clients and their secrets of at least 16 characters, as in `[introspection.clients]` with `gateway = "…"`, or `MENSHEN_INTROSPECTION__CLIENTS__GATEWAY`.
    #[schemars(with = "BTreeMap<String, String>")]
    #[serde(serialize_with = "redacted_map")]
    pub clients: BTreeMap<String, SecretString>,
}

/// Who may read the server's figures (`GET /metrics`).
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Whether anybody may. Without it, and without a token, nobody may.
    pub public: bool,
    /// The token, of at least 16 characters, that Prometheus shows as `Authorization: Bearer …`.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "redacted")]
    pub token: Option<SecretString>,
}

/// Where uploaded files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UploadStore {
    /// In a folder of this machine.
    Local,
    /// In a bucket of Amazon S3, or of a store that speaks its protocol.
    S3,
}

/// Uploads: where files are kept, and how much of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Upload {
    /// `local` for a folder, or `s3` for a bucket. Nodes of one database need one store: a bucket, or a folder that they share.
    pub store: UploadStore,
    /// The folder, for uploads alone; `uploads` beside the SQLite database, or `data/uploads`, when not set.
    pub folder: Option<PathBuf>,
    /// The largest file, in bytes; at most 33554432 (32 MiB).
    pub max_bytes: usize,
    /// The largest picture, in millions of pixels. One picture at a time is checked, with 4 to 12 bytes of memory for each pixel.
    pub max_megapixels: u32,
    /// How many files one user may upload in an hour.
    pub per_hour: u32,
    /// The address of an S3-compatible store, as in `https://s3.example.com`; Amazon's own when not set. With `http://` files travel unencrypted.
    pub s3_endpoint: Option<String>,
    /// The bucket, for uploads alone.
    pub s3_bucket: Option<String>,
    /// The region.
    pub s3_region: String,
    /// The id of the access key.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "redacted")]
    pub s3_access_key: Option<SecretString>,
    /// The secret access key.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "redacted")]
    pub s3_secret_key: Option<SecretString>,
    /// Whether the endpoint's host name already holds the bucket's, as Aliyun OSS wants it (`https://bucket.oss-cn-hangzhou.aliyuncs.com`).
    pub s3_virtual_host: bool,
}

impl Default for Upload {
    fn default() -> Self {
        Self {
            store: UploadStore::Local,
            folder: None,
            max_bytes: 5 * 1024 * 1024,
            max_megapixels: 40,
            per_hour: 60,
            s3_endpoint: None,
            s3_bucket: None,
            s3_region: "us-east-1".to_owned(),
            s3_access_key: None,
            s3_secret_key: None,
            s3_virtual_host: false,
        }
    }
}

impl Upload {
    /// What is wrong with these settings, if anything.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn check(&self) -> Result<(), &'static str> {
        if !(1..=32 * 1024 * 1024).contains(&self.max_bytes) {
            return Err("upload.max_bytes must be 1 to 33554432");
        }
        if !(1..=250).contains(&self.max_megapixels) {
            return Err("upload.max_megapixels must be 1 to 250");
        }
        if self.store == UploadStore::Local {
            return Ok(());
        }
        if self.s3_bucket.as_deref().unwrap_or_default().is_empty() {
            return Err("upload.s3_bucket must name the bucket");
        }
        if self.s3_access_key.is_none() || self.s3_secret_key.is_none() {
            return Err("upload.s3_access_key and upload.s3_secret_key must be set");
        }
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if !self.s3_endpoint.as_ref().is_none_or(web) {
            return Err("upload.s3_endpoint must begin with https:// (or http://)");
        }
        if self.s3_virtual_host && self.s3_endpoint.is_none() {
            return Err("upload.s3_virtual_host needs upload.s3_endpoint");
        }
        Ok(())
    }
}

/// What only `--dev` allows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dev {
    /// The server was started with `--dev`. No setting of a file: the command line says it.
    #[serde(skip)]
    pub on: bool,
    /// An answer that every captcha takes. Only with `--dev`.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "redacted")]
    pub captcha_answer: Option<SecretString>,
}

fn redacted<S: serde::Serializer>(value: &Option<SecretString>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(_) => s.serialize_some("[redacted]"),
        None => s.serialize_none(),
    }
}

fn redacted_map<S: serde::Serializer>(
    value: &BTreeMap<String, SecretString>,
    s: S,
) -> Result<S::Ok, S::Error> {
    s.collect_map(value.keys().map(|id| (id, "[redacted]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_needs_its_name_and_keys() {
        assert_eq!(Upload::default().check(), Ok(()));
        let bucket = Upload {
            store: UploadStore::S3,
            s3_bucket: Some("files".into()),
            s3_access_key: Some("id".into()),
            s3_secret_key: Some("secret".into()),
            ..Upload::default()
        };
        assert_eq!(bucket.check(), Ok(()));
        type Change = fn(&mut Upload);
        let wrong: [(&str, Change); 7] = [
            ("max_bytes", |u| u.max_bytes = 0),
            ("max_bytes", |u| u.max_bytes = usize::MAX),
            ("max_megapixels", |u| u.max_megapixels = 0),
            ("s3_bucket", |u| u.s3_bucket = None),
            ("s3_secret_key", |u| u.s3_secret_key = None),
            ("s3_endpoint", |u| u.s3_endpoint = Some("s3.cn".into())),
            ("s3_virtual_host", |u| u.s3_virtual_host = true),
        ];
        for (key, change) in wrong {
            let mut settings = bucket.clone();
            change(&mut settings);
            let problem = settings.check().expect_err(key);
            assert!(problem.contains(key), "{problem}");
        }
    }

    #[test]
    fn req29_keys_are_not_shown() {
        let settings = Upload {
            s3_access_key: Some("AKIA-tell-nobody".into()),
            s3_secret_key: Some("tell-nobody".into()),
            ..Upload::default()
        };
        let shown = format!(
            "{settings:?} {}",
            serde_json::to_string(&settings).expect("JSON")
        );
        assert!(!shown.contains("tell-nobody"), "{shown}");
    }
}
