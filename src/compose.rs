//! Putting the parts together: settings → storage → services → router.

use crate::settings::{Settings, SmsProvider};
use crate::site;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use jiff::tz::TimeZone;
use menshen_http::Api;
use menshen_http::metrics::Recorder;
use menshen_providers::files::Files;
use menshen_providers::sms::LogSender;
use menshen_services::clock::{SystemClock, SystemRandom};
use menshen_services::files::FileStore;
use menshen_services::outside::{Outside, SmsSender};
use menshen_services::settings::UploadStore;
use menshen_services::{MasterKey, Secrets, Services};
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
    let rules = menshen_services::Settings {
        password: settings.password.clone(),
        captcha: settings.captcha.clone(),
        session: settings.session.clone(),
        token: settings.token.clone(),
        registration: settings.registration.clone(),
        limits: settings.limits.clone(),
        introspection: settings.introspection.clone(),
        metrics: settings.metrics.clone(),
        upload: settings.upload.clone(),
        dev: settings.dev.clone(),
    };
    let services = Services::new(
        db.clone(),
        secrets,
        rules,
        Outside {
            files: Some(files(settings)?),
            ..outside(settings)
        },
        Arc::new(SystemClock),
        random,
    );
    services.prepare().await.map_err(|e| e.to_string())?;
    Ok((db, services))
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
/// A sentence that says what to do.
pub fn check(settings: &Settings, dev: bool) -> Result<(), Problem> {
    if dev && !settings.server.listen.ip().is_loopback() {
        return Err(format!(
            "--dev listens on loopback only, not on {}; leave --dev out or listen on 127.0.0.1",
            settings.server.listen
        ));
    }
    if !dev && settings.dev.captcha_answer.is_some() {
        return Err("dev.captcha_answer is taken with --dev only".to_owned());
    }
    if !dev && settings.sms.provider == SmsProvider::Log {
        return Err("sms.provider = \"log\" is taken with --dev only".to_owned());
    }
    if !(1..=900).contains(&settings.token.access_seconds) {
        return Err("token.access_seconds must be 1 to 900".to_owned());
    }
    check_secrets(settings)?;
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
    settings.upload.check()?;
    zone(settings).map(drop)
}

/// Secrets of the settings that could be guessed.
fn check_secrets(settings: &Settings) -> Result<(), Problem> {
    const LENGTH: usize = 16;
    let short = |secret: &SecretString| secret.expose_secret().chars().count() < LENGTH;
    if settings.metrics.token.as_ref().is_some_and(short) {
        return Err(format!(
            "metrics.token must have at least {LENGTH} characters"
        ));
    }
    for (id, secret) in &settings.introspection.clients {
        if id.is_empty() || id.contains(':') {
            return Err(format!(
                "introspection.clients: “{id}” can't be a client's name: it must not be empty or hold a colon"
            ));
        }
        if short(secret) {
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

/// The vendors that the settings choose.
fn outside(settings: &Settings) -> Outside {
    Outside {
        sms: sms_sender(settings),
        ..Outside::default()
    }
}

fn sms_sender(settings: &Settings) -> Option<Arc<dyn SmsSender>> {
    match settings.sms.provider {
        SmsProvider::None => None,
        SmsProvider::Log => Some(Arc::new(LogSender)),
    }
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
        facade: settings.facade.clone(),
        metrics: Recorder::of_process(services),
    };
    let routes = menshen_http::router(&api)
        .merge(app::routes(services.clone(), site::site()))
        .merge(site::routes())
        .route("/", get(async || Redirect::temporary("/admin")));
    Ok(menshen_http::wrap(routes, &api))
}
