//! Putting the parts together: settings → storage → services → router.

use crate::outfit::Wardrobe;
use crate::settings::{Settings, SmsProvider};
use crate::site;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use jiff::tz::TimeZone;
use menshen_domain::{Clock, Random};
use menshen_http::Api;
use menshen_http::metrics::Recorder;
use menshen_providers::Client;
use menshen_providers::files::Files;
use menshen_providers::sms::{AliyunSender, GatewaySender, LogSender, TencentSender};
use menshen_providers::wechat::{MiniProgram, Scan};
use menshen_providers::wecom::Wecom;
use menshen_services::clock::{SystemClock, SystemRandom};
use menshen_services::files::FileStore;
use menshen_services::outside::{Outside, SmsSender};
use menshen_services::settings::{UploadStore, Zone};
use menshen_services::{MasterKey, Secrets, Services, WrongKey};
use menshen_storage::{Backend, Db, db};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What went wrong while putting the parts together, for whoever runs the program.
pub type Problem = String;

/// Opens the database, brings its schema up to date, and builds the services over it.
///
/// # Errors
/// A sentence that says what to do.
pub async fn services(settings: &Settings) -> Result<(Db, Services), Problem> {
    let url = settings.database.url.expose_secret();
    let db = Db::connect(url, settings.database.connections.max(1))
        .await
        .map_err(|e| format!("cannot open the database: {e}"))?;
    db.migrate()
        .await
        .map_err(|e| format!("cannot migrate the database: {e}"))?;
    let random = Arc::new(SystemRandom::new());
    let master = master_key(settings, &db, random.as_ref())?;
    let secrets = Secrets::new(&master, random.clone());
    let clock = Arc::new(SystemClock);
    let services = Services::new(
        db.clone(),
        secrets,
        rules(settings)?,
        Outside {
            files: Some(files(settings)?),
            ..outside(settings, clock.clone(), random.clone())?
        },
        Arc::new(Wardrobe::new(settings, clock.clone(), random.clone())),
        clock,
        random,
    );
    services
        .prepare()
        .await
        .map_err(|e| unprepared(settings, &e))?;
    Ok((db, services))
}

/// Why the services do not start over a database that is there.
fn unprepared(settings: &Settings, error: &menshen_domain::Error) -> Problem {
    let source = error.source.as_deref();
    if source.is_some_and(|source| source.is::<WrongKey>()) {
        let key = match (&settings.security.master_key, &settings.security.key_file) {
            (Some(_), _) => "security.master_key".to_owned(),
            (None, Some(file)) => format!("security.key_file ({})", file.display()),
            (None, None) => {
                let file = beside(settings.database.url.expose_secret());
                format!("the key file {}", file.display())
            }
        };
        return format!(
            "{key} does not fit this database: what is kept there was sealed with another master key"
        );
    }
    match source {
        Some(source) => format!("cannot read what the database holds: {source}"),
        None => error.to_string(),
    }
}

/// Whether the database can be reached.
///
/// # Errors
/// What the driver says.
pub async fn probe(settings: &Settings) -> Result<(), Problem> {
    Db::probe(settings.database.url.expose_secret())
        .await
        .map_err(|e| format!("database.url: cannot open the database: {e}"))
}

/// The settings that the services go by.
pub(crate) fn rules(settings: &Settings) -> Result<menshen_services::Settings, Problem> {
    Ok(menshen_services::Settings {
        password: settings.password.clone(),
        captcha: settings.captcha.clone(),
        session: settings.session.clone(),
        token: settings.token.clone(),
        registration: settings.registration.clone(),
        passkey: settings.passkey.clone(),
        limits: settings.limits.clone(),
        introspection: settings.introspection.clone(),
        metrics: settings.metrics.clone(),
        upload: settings.upload.clone(),
        facade: settings.facade.clone(),
        dev: settings.dev.clone(),
        zone: Zone(zone(settings)?),
    })
}

/// The key from outside the database: from the settings, or from the key file beside SQLite.
fn master_key(settings: &Settings, db: &Db, random: &SystemRandom) -> Result<MasterKey, Problem> {
    if let Some(key) = &settings.security.master_key {
        return MasterKey::from_base64(key.expose_secret())
            .map_err(|e| format!("security.master_key: {e}"));
    }
    let path = match (&settings.security.key_file, db.backend()) {
        (Some(path), _) => path.clone(),
        (None, Backend::Sqlite) => beside(settings.database.url.expose_secret()),
        (None, Backend::Postgres) => {
            return Err(
                "beside PostgreSQL the master key must be given, the same to every node: set \
                 security.master_key (make one with: openssl rand -base64 32) or security.key_file"
                    .to_owned(),
            );
        }
    };
    MasterKey::from_file(&path, random)
}

fn beside(url: &str) -> PathBuf {
    let database = db::sqlite_path(url).unwrap_or_default();
    Path::new(database).with_file_name("menshen.key")
}

/// Settings that are no good together, or not without `--dev`.
///
/// # Errors
/// Every one of them, a line each, that says what to do.
pub fn check(settings: &Settings, dev: bool) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if dev && !settings.server.listen.ip().is_loopback() {
        faults.push(format!(
            "--dev listens on loopback only, not on {}; leave --dev out or listen on 127.0.0.1",
            settings.server.listen
        ));
    }
    if !dev && settings.dev.captcha_answer.is_some() {
        faults.push("dev.captcha_answer is taken with --dev only".to_owned());
    }
    if !dev && settings.sms.provider == SmsProvider::Log {
        faults.push("sms.provider = \"log\" is taken with --dev only".to_owned());
    }
    faults.extend(rule_faults(settings));
    faults.extend(vendor_faults(settings));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// Settings that are no good together, vendors apart.
pub(crate) fn check_rules(settings: &Settings) -> Result<(), Problem> {
    rule_faults(settings).into_iter().next().map_or(Ok(()), Err)
}

fn rule_faults(settings: &Settings) -> Vec<Problem> {
    let checks = [
        check_token(settings),
        check_metrics(settings),
        check_introspection(settings),
        check_password(settings),
        settings.upload.check().map_err(str::to_owned),
        settings.passkey.check(),
        zone(settings).map(drop),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}

fn vendor_faults(settings: &Settings) -> Vec<Problem> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random = Arc::new(SystemRandom::new());
    let vendors = [
        sms_sender(settings, clock.clone(), random).map(drop),
        wechat_mini(settings, clock.clone()).map(drop),
        wechat_scan(settings).map(drop),
        wecom(settings, clock).map(drop),
    ];
    vendors.into_iter().filter_map(Result::err).collect()
}

fn check_token(settings: &Settings) -> Result<(), Problem> {
    if (1..=900).contains(&settings.token.access_seconds) {
        Ok(())
    } else {
        Err("token.access_seconds must be 1 to 900".to_owned())
    }
}

fn check_password(settings: &Settings) -> Result<(), Problem> {
    let password = &settings.password;
    if password.memory_kib < 8 * password.lanes.max(1)
        || password.passes == 0
        || password.lanes == 0
    {
        return Err(
            "password: argon2 needs passes and lanes of at least 1, and memory_kib of at least 8 for each lane"
                .to_owned(),
        );
    }
    Ok(())
}

/// What `--dev` makes of settings that say nothing: passkeys for the pages at
/// `http://localhost`, the one name for which browsers want no TLS.
pub fn dev_defaults(settings: &mut Settings, port: u16) {
    let passkey = &mut settings.passkey;
    if passkey.rp_id.is_empty() && passkey.origins.is_empty() {
        passkey.rp_id = "localhost".to_owned();
        passkey.origins = vec![format!("http://localhost:{port}")];
    }
}

/// The least length of the settings' secrets: shorter ones could be guessed.
const LENGTH: usize = 16;

fn is_short(secret: &SecretString) -> bool {
    secret.expose_secret().chars().count() < LENGTH
}

fn check_metrics(settings: &Settings) -> Result<(), Problem> {
    if settings.metrics.token.as_ref().is_some_and(is_short) {
        return Err(format!(
            "metrics.token must have at least {LENGTH} characters"
        ));
    }
    Ok(())
}

fn check_introspection(settings: &Settings) -> Result<(), Problem> {
    for (id, secret) in &settings.introspection.clients {
        if id.is_empty() || id.contains(':') {
            return Err(format!(
                "introspection.clients: “{id}” can't be a client's name: it must not be empty or hold a colon"
            ));
        }
        if is_short(secret) {
            return Err(format!(
                "introspection.clients.{id} must have at least {LENGTH} characters"
            ));
        }
    }
    Ok(())
}

fn zone(settings: &Settings) -> Result<TimeZone, Problem> {
    match &settings.server.time_zone {
        None => Ok(TimeZone::try_system().unwrap_or(TimeZone::UTC)),
        Some(name) => TimeZone::get(name).map_err(|e| format!("server.time_zone: {e}")),
    }
}

/// The vendors that the settings choose. Each has a client of its own, made only where one is
/// wanted: it reads the system's certificates.
pub(crate) fn outside(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Outside, Problem> {
    let mut outside = Outside {
        sms: sms_sender(settings, clock.clone(), random)?,
        public_url: settings.server.public_url.clone(),
        ..Outside::default()
    };
    if let Some(provider) = wechat_mini(settings, clock.clone())? {
        outside.wechat_mini = Some(Arc::new(provider));
    }
    if let Some(provider) = wechat_scan(settings)? {
        outside.wechat_scan = Some(Arc::new(provider));
    }
    if let Some(provider) = wecom(settings, clock)? {
        outside.wecom = Some(Arc::new(provider));
    }
    Ok(outside)
}

fn wechat_mini(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Option<MiniProgram>, Problem> {
    if !settings.wechat_mini.is_wanted() {
        return Ok(None);
    }
    let client = Client::new(&settings.outbound)?;
    MiniProgram::new(&settings.wechat_mini, &client, clock).map(Some)
}

fn wechat_scan(settings: &Settings) -> Result<Option<Scan>, Problem> {
    if !settings.wechat_scan.is_wanted() {
        return Ok(None);
    }
    let client = Client::new(&settings.outbound)?;
    Scan::new(&settings.wechat_scan, &client).map(Some)
}

fn wecom(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Option<Wecom>, Problem> {
    if !settings.wecom.is_wanted() {
        return Ok(None);
    }
    let client = Client::new(&settings.outbound)?;
    Wecom::new(&settings.wecom, &client, clock).map(Some)
}

fn sms_sender(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Option<Arc<dyn SmsSender>>, Problem> {
    let client = || Client::new(&settings.outbound);
    Ok(match settings.sms.provider {
        SmsProvider::None => None,
        SmsProvider::Log => Some(Arc::new(LogSender)),
        SmsProvider::Http => Some(Arc::new(GatewaySender::new(
            &settings.sms_http,
            &client()?,
        )?)),
        SmsProvider::Aliyun => Some(Arc::new(AliyunSender::new(
            &settings.sms_aliyun,
            &client()?,
            clock,
            random,
        )?)),
        SmsProvider::Tencent => Some(Arc::new(TencentSender::new(
            &settings.sms_tencent,
            &client()?,
            clock,
        )?)),
    })
}

/// Where uploaded files are kept.
fn files(settings: &Settings) -> Result<Arc<dyn FileStore>, Problem> {
    match settings.upload.store {
        UploadStore::Local => Ok(Arc::new(Files::in_folder(upload_folder(settings)))),
        UploadStore::S3 => Ok(Arc::new(Files::in_bucket(&settings.upload)?)),
    }
}

fn upload_folder(settings: &Settings) -> PathBuf {
    let database = db::sqlite_path(settings.database.url.expose_secret());
    match (&settings.upload.folder, database) {
        (Some(folder), _) => folder.clone(),
        (None, Some(database)) => Path::new(database).with_file_name("uploads"),
        (None, None) => PathBuf::from("data/uploads"),
    }
}

/// The whole application: REST, admin UI and files, with everything that stands around them.
///
/// # Errors
/// When a setting is no good.
pub fn router(settings: &Settings, services: &Services) -> Result<Router, Problem> {
    let api = Api {
        services: services.clone(),
        zone: zone(settings)?,
        server: Arc::new(settings.server.clone()),
        metrics: Recorder::of_process(services),
    };
    let routes = menshen_http::router(&api)
        .merge(app::routes(services.clone(), site::site()))
        .merge(site::routes())
        .route("/", get(async || Redirect::temporary("/admin")));
    Ok(menshen_http::wrap(routes, &api))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::load;

    fn checked(overrides: &[&str]) -> Result<Outside, Problem> {
        let overrides: Vec<_> = overrides
            .iter()
            .map(|o| o.parse().expect("an override"))
            .collect();
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("menshen.toml");
        std::fs::write(&file, "").expect("a file");
        let settings = load(Some(&file), &overrides).expect("settings");
        check(&settings, false)?;
        outside(
            &settings,
            Arc::new(SystemClock),
            Arc::new(SystemRandom::new()),
        )
    }

    #[test]
    fn vendors_come_from_the_settings() {
        let none = checked(&[]).expect("good");
        assert!(none.sms.is_none() && none.wecom.is_none());
        let all = checked(&[
            "sms.provider=http",
            "sms_http.url=https://sms.example.com/{phone}/{code}",
            "wechat_mini.app_id=wx1",
            "wechat_mini.secret=a1",
            "wechat_scan.app_id=wx2",
            "wechat_scan.secret=a2",
            "wecom.corp_id=ww1",
            "wecom.secret=a3",
        ])
        .expect("good");
        assert!(all.sms.is_some() && all.wechat_mini.is_some());
        assert!(all.wechat_scan.is_some() && all.wecom.is_some());
    }

    #[test]
    fn a_vendor_that_is_half_set_up_is_told() {
        for (set, missing) in [
            ("sms.provider=http", "sms_http.url"),
            ("sms.provider=aliyun", "sms_aliyun.access_key_id"),
            ("sms.provider=tencent", "sms_tencent.secret_id"),
            ("wechat_mini.app_id=wx1", "wechat_mini.secret"),
            ("wechat_scan.secret=a", "wechat_scan.app_id"),
            ("wecom.corp_id=ww1", "wecom.secret"),
        ] {
            let problem = checked(&[set]).expect_err(set);
            assert!(problem.contains(missing), "{problem}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let problem = checked(&[
            "token.access_seconds=901",
            "metrics.token=short",
            "wecom.corp_id=ww1",
            "wechat_scan.app_id=wx1",
            "server.time_zone=Nowhere/Land",
        ])
        .expect_err("wrong");
        for named in [
            "token.access_seconds",
            "metrics.token",
            "wecom.secret",
            "wechat_scan.secret",
            "server.time_zone",
        ] {
            assert!(problem.contains(named), "{named}: {problem}");
        }
        assert_eq!(problem.lines().count(), 5, "{problem}");
    }

    #[test]
    fn passkeys_that_can_not_work_are_told() {
        checked(&["passkey.rp_id=example.com"]).expect("good");
        let elsewhere = [
            "passkey.rp_id=example.com",
            "passkey.origins=[\"https://example.org\"]",
        ];
        let problem = checked(&elsewhere).expect_err("another name");
        assert!(problem.contains("passkey.origins"), "{problem}");
    }

    #[test]
    fn with_dev_passkeys_are_for_localhost() {
        let mut settings = Settings::default();
        dev_defaults(&mut settings, 3000);
        assert_eq!(settings.passkey.rp_id, "localhost");
        assert_eq!(settings.passkey.check(), Ok(()));
        settings.passkey.rp_id = "example.com".to_owned();
        settings.passkey.origins.clear();
        dev_defaults(&mut settings, 3000);
        assert_eq!(settings.passkey.rp_id, "example.com");
        assert!(settings.passkey.origins.is_empty());
    }

    #[test]
    fn req49_a_private_vendor_is_refused_unless_set() {
        let private = [
            "wecom.corp_id=ww1",
            "wecom.secret=a",
            "wecom.url=http://192.168.1.1",
        ];
        let problem = checked(&private).expect_err("private");
        assert!(problem.contains("outbound.allow_private"), "{problem}");
        let allowed = [&private[..], &["outbound.allow_private=true"]].concat();
        checked(&allowed).expect("allowed");
    }
}
