//! Use cases: every rule of Menshen lives here.
//!
//! [`Services`] is what the REST face and the admin UI are given; both are thin twins that parse,
//! ask the guard ([`Caller::require`]), call one method here, and shape the answer.
//!
//! To add a use case: a method on the service of its thing, with the caller as its first
//! parameter; one transaction per change, with its audit entry ([`audit`]) and its change event
//! inside; and tests beside it that run on a real database with a clock that they move.

pub mod access;
mod agent;
pub mod audit;
pub mod captcha;
pub mod checks;
pub mod clock;
pub mod codes;
pub mod configuration;
mod core;
mod days;
pub mod depts;
mod exports;
pub mod figures;
pub mod files;
pub mod introspection;
pub mod live;
pub mod logs;
pub mod menus;
pub mod operator;
pub mod outside;
pub mod overview;
pub mod passkeys;
pub mod passwords;
pub mod permissions;
mod pictures;
mod quota;
pub mod roles;
pub mod second_factor;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod spreadsheet;
pub mod strength;
#[cfg(test)]
mod testing;
pub mod tokens;
pub mod uploads;
pub mod users;

pub use access::{Caller, Client, Identity};
pub use outside::Outside;
pub use secrets::{MasterKey, Secrets, WrongKey};
pub use sessions::{Issued, Opened};
pub use settings::Settings;
pub use sign_in::{Credentials, Departure, Form, Trip, Vendor, VendorCode};

use crate::core::{Core, InForce};
use crate::outside::Outfit;
use menshen_domain::{Clock, Random, Result};
use menshen_storage::Db;
use std::sync::Arc;
use std::time::Duration;

/// A change that was made.
#[derive(Debug, Clone)]
pub struct Changed<T> {
    /// How it was.
    pub before: T,
    /// How it is.
    pub after: T,
}

/// Everything that Menshen can do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    core: Arc<Core>,
    /// Who is asking, and what they may do.
    pub access: access::Access,
    /// Captchas.
    pub captcha: captcha::Captchas,
    /// One-time codes sent to phones.
    pub codes: codes::Codes,
    /// Signing in, and passwords.
    pub sign_in: sign_in::SignIns,
    /// Second factors: setting them up and taking them away.
    pub second_factor: second_factor::SecondFactors,
    /// Passkeys, and signing in with them.
    pub passkeys: passkeys::Passkeys,
    /// Sessions and the renewal of their tokens.
    pub sessions: sessions::Sessions,
    /// Access tokens and the keys that sign them.
    pub tokens: tokens::Tokens,
    /// Users.
    pub users: users::Users,
    /// Roles.
    pub roles: roles::Roles,
    /// Permissions.
    pub permissions: permissions::Permissions,
    /// Whether somebody may do something, and why.
    pub checks: checks::Checks,
    /// What tokens are worth, for services that ask.
    pub introspection: introspection::Introspection,
    /// The login log and the operation log.
    pub logs: logs::Logs,
    /// Word of changes, for the pages that are open in browsers.
    pub live: live::Live,
    /// What the overview has counted of days that are over.
    pub(crate) past: overview::Past,
    /// Departments.
    pub depts: depts::Depts,
    /// Menus.
    pub menus: menus::Menus,
    /// Uploaded files.
    pub uploads: uploads::Uploads,
    /// Settings that are changed while the program runs.
    pub configuration: configuration::Configuration,
    /// What whoever runs the program does from its command line.
    pub operator: operator::Operator,
}

impl Services {
    /// Puts the services together over a database whose schema is up to date. `settings` and
    /// `outside` are those of the configuration; `outfit` makes others of what is changed later.
    #[must_use]
    pub fn new(
        db: Db,
        secrets: Secrets,
        settings: Settings,
        outside: Outside,
        outfit: Arc<dyn Outfit>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let hasher = passwords::Hasher::new(&settings.password, &secrets, random.clone());
        let core = Arc::new(Core {
            db,
            secrets,
            files: outside.files.clone(),
            in_force: arc_swap::ArcSwap::from_pointee(InForce {
                settings: Arc::new(settings),
                outside: Arc::new(outside),
            }),
            clock,
            random,
            hasher,
            exports: exports::Exports::default(),
        });
        let tokens = tokens::Tokens::new(core.clone());
        let access = access::Access::new(core.clone(), tokens.clone());
        let captcha = captcha::Captchas::new(core.clone());
        let sessions = sessions::Sessions::new(core.clone(), tokens.clone(), access.clone());
        let permissions = permissions::Permissions::new(core.clone());
        let codes = codes::Codes::new(core.clone(), captcha.clone());
        let gate = second_factor::Gate::new(core.clone());
        let sign_in = sign_in::SignIns::new(
            core.clone(),
            captcha.clone(),
            codes.clone(),
            sessions.clone(),
            gate.clone(),
        );
        Self {
            second_factor: second_factor::SecondFactors::new(core.clone(), gate, sign_in.clone()),
            passkeys: passkeys::Passkeys::new(core.clone(), sign_in.clone()),
            sign_in,
            users: users::Users::new(core.clone()),
            roles: roles::Roles::new(core.clone(), permissions.clone()),
            depts: depts::Depts::new(core.clone()),
            menus: menus::Menus::new(core.clone()),
            uploads: uploads::Uploads::new(core.clone()),
            operator: operator::Operator::new(core.clone()),
            configuration: configuration::Configuration::new(core.clone(), outfit),
            checks: checks::Checks::new(core.clone()),
            introspection: introspection::Introspection::new(
                core.clone(),
                tokens.clone(),
                access.clone(),
            ),
            logs: logs::Logs::new(core.clone()),
            live: live::Live::new(&core, access.clone()),
            past: overview::Past::default(),
            access,
            captcha,
            codes,
            sessions,
            tokens,
            permissions,
            core,
        }
    }

    /// Gets ready for requests: puts in force what was set while the program ran before, and makes
    /// the first signing key, or one for a changed algorithm. Call it once, before anything else.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prepare(&self) -> Result<()> {
        self.configuration.reload().await?;
        self.tokens.prepare().await
    }

    /// The settings in force at this moment.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.core.settings()
    }

    /// Whether browsers come over TLS, as far as the settings say.
    #[must_use]
    pub fn over_tls(&self) -> bool {
        let outside = self.core.outside();
        let url = outside.public_url.as_deref().unwrap_or_default();
        url.starts_with("https://")
    }

    /// Seals what a browser is to keep for us, so that nobody can read it or write another. It is
    /// opened for the same `purpose` alone.
    ///
    /// # Errors
    /// When sealing fails.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.core.secrets.seal(purpose, plain)
    }

    /// Opens what was sealed; nothing for what was not sealed here, or for another purpose.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let plain = self.core.secrets.open(purpose, sealed).ok()?;
        Some(plain.to_vec())
    }

    /// The present moment, by the clock that everything here goes by.
    #[must_use]
    pub fn now(&self) -> menshen_domain::Timestamp {
        self.core.now()
    }

    /// A new id for a request: a UUID.
    #[must_use]
    pub fn request_id(&self) -> String {
        self.core.uuid()
    }

    /// Whether requests can be served: the database answers and there is a key to sign with.
    ///
    /// # Errors
    /// When they can't.
    pub async fn ready(&self) -> Result<()> {
        self.core.db.ping().await?;
        self.tokens.can_sign().await
    }

    /// Sweeps up what has expired, renews signing keys, gives unused memory back: for as long as
    /// the program runs.
    pub async fn housekeeping(self) {
        let mut hour = tokio::time::interval(Duration::from_secs(3600));
        let mut breath = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                _ = breath.tick() => self.core.hasher.trim(),
                _ = hour.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "housekeeping failed; it will be tried again");
                    }
                }
            }
        }
    }

    /// One round of housekeeping.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.core.now();
        self.tokens.rotate_if_due().await?;
        let mut tx = self.core.db.begin().await?;
        menshen_storage::captchas::sweep(&mut tx, now).await?;
        menshen_storage::sms_codes::sweep(&mut tx, now).await?;
        menshen_storage::tickets::sweep(&mut tx, now).await?;
        menshen_storage::passkeys::sweep(&mut tx, now).await?;
        menshen_storage::second_factors::sweep(&mut tx, now - second_factor::PROPOSAL).await?;
        menshen_storage::throttle::sweep(&mut tx, now - Duration::from_hours(24 * 7)).await?;
        // Ended sessions are kept for a while: the reuse of their tokens is still told from an
        // unknown token's, and "disabled" from "never was".
        menshen_storage::sessions::sweep(&mut tx, now - Duration::from_hours(24 * 7)).await?;
        tx.commit().await?;
        self.logs.seal().await?;
        self.uploads.sweep().await
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use menshen_domain::Kind;
    use menshen_storage::{captchas, sessions, throttle};
    use std::time::Duration;

    #[tokio::test]
    async fn housekeeping_sweeps_what_is_over_and_nothing_else() {
        let bench = Bench::sqlite().await;
        bench.user("lin").await;
        bench.guess(&bench.client(), "lin").await;
        let ended = bench.sign_in("lin").await;
        let open = bench.sign_in("lin").await;
        let services = &bench.services;
        let (refresh, client) = (Some(ended.refresh.as_str()), bench.client());
        let done = services.sessions.end_by(None, refresh, &client).await;
        done.expect("ended");
        bench.guess(&bench.client(), "lin").await;
        let key = services.captcha.create(&bench.client()).await;
        let key = key.expect("captcha").key;
        let now = bench.services.now();

        services.sweep().await.expect("sweep");
        let mut conn = bench.db.read().await.expect("conn");
        let captcha = captchas::peek(&mut conn, &key, now).await;
        assert!(captcha.expect("query").is_some());
        let counter = throttle::get(&mut conn, "login:name:lin", now).await;
        assert_eq!(counter.expect("query").failures, 1);
        drop(conn);

        bench.clock.forward(Duration::from_hours(24 * 7 + 1));
        services.sweep().await.expect("sweep");
        let mut conn = bench.db.read().await.expect("conn");
        let captcha = captchas::peek(&mut conn, &key, now).await;
        assert!(captcha.expect("query").is_none());
        let counter = throttle::get(&mut conn, "login:name:lin", now).await;
        assert_eq!(counter.expect("query").failures, 0);
        let gone = sessions::find(&mut conn, &ended.session_id).await;
        assert!(gone.expect("query").is_none());
        let kept = sessions::find(&mut conn, &open.session_id).await;
        assert!(kept.expect("query").is_some());
        drop(conn);
        let unknown = services.sessions.renew(&ended.refresh, &client).await;
        assert_eq!(unknown.expect_err("unknown").kind, Kind::Token);
    }

    #[tokio::test]
    async fn it_is_ready_with_a_database_and_a_key() {
        let bench = Bench::sqlite().await;
        bench.services.ready().await.expect("ready");
        bench.db.close().await;
        bench.services.ready().await.expect_err("not ready");
    }
}
