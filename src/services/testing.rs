//! What the tests of this crate share: services on a real database, and a clock that they move.

use crate::access::{Caller, Client};
use crate::clock::SystemRandom;
use crate::files::{FileStore, Stored};
use crate::outside::{Asking, Configured, Fitted, Outfit, SmsSender};
use crate::settings::Changes;
use crate::{Credentials, Issued, MasterKey, Outside, Secrets, Services, Settings};
use bytes::Bytes;
use menshen_domain::role::{NewRole, RoleChange};
use menshen_domain::scope::DataScope;
use menshen_domain::user::NewUser;
use menshen_domain::{Clock, DeptId, Error, Kind, RoleId, Timestamp, UserId};
use menshen_storage::{Conn, Db, captchas};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn forward(&self, by: Duration) {
        let now = Timestamp(self.0.load(Ordering::SeqCst)) + by;
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The password of everybody whom a bench makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Another password that is good enough.
pub(crate) const OTHER_PASSWORD: &str = "staple of batteries";

/// Phones that keep what they are sent; they stand for the network's.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    sent: Mutex<Vec<(String, String)>>,
    down: AtomicBool,
}

impl Phones {
    /// How many messages were sent to all of them.
    pub(crate) fn count(&self) -> usize {
        self.sent.lock().expect("messages").len()
    }

    /// The last code that was sent to `phone`.
    pub(crate) fn last(&self, phone: &str) -> String {
        let sent = self.sent.lock().expect("messages");
        let last = sent.iter().rev().find(|(to, _)| to == phone);
        last.unwrap_or_else(|| panic!("nothing was sent to {phone}"))
            .1
            .clone()
    }

    /// From now on the network fails, or works again.
    pub(crate) fn fail(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

impl SmsSender for Phones {
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()> {
        let done = if self.down.load(Ordering::SeqCst) {
            Err(Error::new(
                Kind::Upstream,
                "短信网关故障",
                "The gateway failed",
            ))
        } else {
            let mut sent = self.sent.lock().expect("messages");
            sent.push((phone.to_owned(), code.to_owned()));
            Ok(())
        };
        Box::pin(std::future::ready(done))
    }
}

/// A store of files whose clock is the bench's, and which can be out of reach.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) files: Mutex<BTreeMap<String, (Bytes, Timestamp)>>,
    pub(crate) out_of_reach: AtomicBool,
    clock: Arc<HandClock>,
}

impl Shelf {
    /// The keys of everything that it holds.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.files.lock().expect("files").keys().cloned().collect()
    }

    /// Does something with the files, unless they are out of reach.
    fn reach<'a, T: Send + 'a>(
        &'a self,
        what: impl FnOnce(&mut BTreeMap<String, (Bytes, Timestamp)>) -> T,
    ) -> Asking<'a, T> {
        let done = if self.out_of_reach.load(Ordering::SeqCst) {
            Err(Error::new(Kind::Upstream, "不可用", "out of reach"))
        } else {
            Ok(what(&mut self.files.lock().expect("files")))
        };
        Box::pin(std::future::ready(done))
    }
}

impl FileStore for Shelf {
    fn put<'a>(&'a self, key: &'a str, content: Bytes) -> Asking<'a, ()> {
        let now = self.clock.now();
        self.reach(|files| {
            files.insert(key.to_owned(), (content, now));
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> Asking<'a, Option<Bytes>> {
        self.reach(|files| files.get(key).map(|f| f.0.clone()))
    }

    fn delete<'a>(&'a self, key: &'a str) -> Asking<'a, ()> {
        self.reach(|files| {
            files.remove(key);
        })
    }

    fn list<'a>(&'a self, folder: &'a str) -> Asking<'a, Vec<Stored>> {
        self.reach(|files| {
            let within = |key: &String| key.starts_with(&format!("{folder}/"));
            let found = files.iter().filter(|(key, _)| within(key));
            found
                .map(|(key, (_, modified))| Stored {
                    key: key.clone(),
                    modified: *modified,
                })
                .collect()
        })
    }
}

/// Makes settings over those that a bench began with. Its vendors stay, as far as they are
/// wanted.
#[derive(Debug, Default)]
pub(crate) struct Tailor {
    settings: Settings,
    outside: Outside,
    configured: BTreeMap<String, Configured>,
}

impl Tailor {
    fn new(settings: &Settings, outside: &Outside) -> Self {
        let sections = [
            ("captcha", serde_json::to_value(&settings.captcha)),
            ("registration", serde_json::to_value(&settings.registration)),
            ("password", serde_json::to_value(&settings.password)),
            ("limits", serde_json::to_value(&settings.limits)),
            ("session", serde_json::to_value(&settings.session)),
            ("token", serde_json::to_value(&settings.token)),
            ("facade", serde_json::to_value(&settings.facade)),
        ];
        let mut configured = BTreeMap::new();
        for (section, value) in sections {
            let value = value.expect("JSON");
            for (key, value) in value.as_object().expect("an object") {
                // What the tests take for set in the file.
                let origin = (key == "page").then(|| "menshen.toml".to_owned());
                configured.insert(
                    format!("{section}.{key}"),
                    Configured {
                        value: value.clone(),
                        is_set: true,
                        origin,
                    },
                );
            }
        }
        Self {
            settings: settings.clone(),
            outside: outside.clone(),
            configured,
        }
    }
}

impl Outfit for Tailor {
    fn configured(&self) -> &BTreeMap<String, Configured> {
        &self.configured
    }

    fn fit(&self, changes: &Changes) -> Result<Fitted, String> {
        if changes.get("wecom.corp_id").is_some() != changes.get("wecom.secret").is_some() {
            return Err("wecom.corp_id, wecom.secret must be set".to_owned());
        }
        let mut outside = self.outside.clone();
        if changes.get("sms.provider").is_some_and(|p| p == "none") {
            outside.sms = None;
        }
        Ok(Fitted {
            settings: self.settings.changed(changes)?,
            outside,
        })
    }
}

/// Services on a database of their own.
pub(crate) struct Bench {
    pub(crate) services: Services,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) db: Db,
    /// What the services' uploads are kept in.
    pub(crate) shelf: Arc<Shelf>,
    secrets: Secrets,
    url: String,
    server: Option<String>,
    _dir: Option<tempfile::TempDir>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    pub(crate) success: i64,
    pub(crate) actor_id: Option<i64>,
    pub(crate) actor_name: String,
    pub(crate) session_id: Option<String>,
    pub(crate) ip: String,
    pub(crate) user_agent: String,
    pub(crate) target_kind: Option<String>,
    pub(crate) target_id: Option<String>,
    pub(crate) detail: String,
    pub(crate) mac: Vec<u8>,
}

impl Entry {
    pub(crate) fn detail(&self) -> Value {
        serde_json::from_str(&self.detail).expect("the detail is JSON")
    }
}

/// How soon a change must act on another node. Machines of CI are slow at times: what it finds
/// there is whether, and not when.
pub(crate) fn in_a_second() -> Duration {
    match std::env::var_os("CI") {
        Some(_) => Duration::from_secs(30),
        None => Duration::from_millis(1500),
    }
}

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    // As cheap as argon2id gets, so that rules are tested and not its speed.
    settings.password.memory_kib = 64;
    settings.password.queue = 1000;
    settings.registration.per_hour = 1000;
    change(&mut settings);
    settings
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        Self::with(|_| {}).await
    }

    /// A bench with settings changed by `change`.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_outside(Outside::default(), change).await
    }

    /// A bench with phones that codes are sent to.
    pub(crate) async fn with_phones(change: impl FnOnce(&mut Settings)) -> (Self, Arc<Phones>) {
        let phones = Arc::new(Phones::default());
        let outside = Outside {
            sms: Some(phones.clone()),
            ..Outside::default()
        };
        (Self::with_outside(outside, change).await, phones)
    }

    /// A bench with vendors.
    pub(crate) async fn with_outside(outside: Outside, change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let url = format!("sqlite://{}/t.db", dir.path().display());
        Self {
            _dir: Some(dir),
            ..Self::at(url, outside, change).await
        }
    }

    /// A bench on PostgreSQL, for what could go wrong only where several write at once. Call
    /// [`Bench::drop_database`] at its end.
    pub(crate) async fn postgres(change: impl FnOnce(&mut Settings)) -> Self {
        Self::postgres_with(Outside::default(), change).await
    }

    /// As [`Bench::postgres`], with vendors.
    pub(crate) async fn postgres_with(
        outside: Outside,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("MENSHEN_TEST_POSTGRES_URL") else {
            panic!(
                "there is no PostgreSQL to test on: run `make test` or `scripts/with-postgres cargo test`"
            );
        };
        let name = format!(
            "menshen_services_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        administer(&server, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').expect("an address with a database");
        Self {
            server: Some(server.clone()),
            ..Self::at(format!("{base}/{name}"), outside, change).await
        }
    }

    pub(crate) async fn drop_database(self) {
        self.db.close().await;
        let (_, name) = self.url.rsplit_once('/').expect("an address");
        let server = self.server.expect("a server");
        administer(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }

    async fn at(url: String, outside: Outside, change: impl FnOnce(&mut Settings)) -> Self {
        let db = Db::connect(&url, 4).await.expect("connect");
        db.migrate().await.expect("migrate");
        let random = Arc::new(SystemRandom::new());
        let secrets = Secrets::new(&MasterKey::generate(random.as_ref()), random.clone());
        let clock = Arc::new(HandClock(AtomicI64::new(1_800_000_000_000_000)));
        let shelf = Arc::new(Shelf {
            files: Mutex::default(),
            out_of_reach: AtomicBool::new(false),
            clock: clock.clone(),
        });
        let outside = Outside {
            files: Some(shelf.clone()),
            ..outside
        };
        let settings = settings(change);
        let tailor = Arc::new(Tailor::new(&settings, &outside));
        let services = Services::new(
            db.clone(),
            secrets.clone(),
            settings,
            outside,
            tailor,
            clock.clone(),
            random,
        );
        services.prepare().await.expect("prepare");
        Self {
            services,
            clock,
            db,
            shelf,
            secrets,
            url,
            server: None,
            _dir: None,
        }
    }

    /// Another process on the same database, with the same key and the same clock; it does not
    /// listen for changes unless it is told to.
    pub(crate) async fn twin(&self, change: impl FnOnce(&mut Settings)) -> (Services, Db) {
        let (services, db) = self.unprepared(change).await;
        services.prepare().await.expect("prepare");
        (services, db)
    }

    /// Like [`Bench::twin`], before it is prepared.
    pub(crate) async fn unprepared(&self, change: impl FnOnce(&mut Settings)) -> (Services, Db) {
        self.with_connections(4, change).await
    }

    /// Like [`Bench::unprepared`], with so many connections to the database.
    pub(crate) async fn with_connections(
        &self,
        connections: u32,
        change: impl FnOnce(&mut Settings),
    ) -> (Services, Db) {
        let db = Db::connect(&self.url, connections).await.expect("connect");
        let settings = settings(change);
        let tailor = Arc::new(Tailor::new(&settings, &Outside::default()));
        let services = Services::new(
            db.clone(),
            self.secrets.clone(),
            settings,
            Outside::default(),
            tailor,
            self.clock.clone(),
            Arc::new(SystemRandom::new()),
        );
        (services, db)
    }

    pub(crate) fn client(&self) -> Client {
        self.from("192.0.2.1")
    }

    /// A client at another address.
    pub(crate) fn from(&self, ip: &str) -> Client {
        Client {
            ip: ip.into(),
            user_agent: "tests".into(),
            request_id: "r".into(),
            ..Client::default()
        }
    }

    pub(crate) async fn captcha_answer(&self, key: &str) -> String {
        let mut conn = self.db.read().await.expect("conn");
        let now = self.clock.now();
        let sealed = captchas::peek(&mut conn, key, now)
            .await
            .expect("query")
            .expect("there");
        let answer = self.secrets.open("captcha", &sealed).expect("open");
        String::from_utf8(answer.to_vec()).expect("text")
    }

    pub(crate) async fn admin(&self) -> Caller {
        self.services
            .users
            .first_administrator(Some("root"), Some(PASSWORD))
            .await
            .expect("administrator");
        self.caller("root").await
    }

    pub(crate) async fn user(&self, name: &str) -> UserId {
        let new = NewUser {
            username: name.into(),
            password: PASSWORD.into(),
            ..NewUser::default()
        };
        self.services
            .users
            .sign_up(&self.client(), new)
            .await
            .expect("sign up")
            .id
    }

    /// Makes a role that grants `permissions`.
    pub(crate) async fn role(&self, admin: &Caller, key: &str, permissions: &[&str]) -> RoleId {
        let new = NewRole {
            name: format!("Role {key}"),
            key: key.into(),
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
            ..NewRole::default()
        };
        let role = self.services.roles.create(admin, new).await;
        role.expect("role").id
    }

    /// Gives the role with this key another data scope, by its code.
    pub(crate) async fn narrow_role(&self, admin: &Caller, key: &str, scope: &str) {
        let mut conn = self.db.read().await.expect("conn");
        let (id,): (i64,) = sqlx::query_as("SELECT id FROM role WHERE role_key = $1")
            .bind(key.to_owned())
            .fetch_one(&mut *conn)
            .await
            .expect("there");
        drop(conn);
        let change = RoleChange {
            data_scope: DataScope::from_code(scope),
            ..RoleChange::default()
        };
        let done = self.services.roles.update(admin, RoleId(id), change).await;
        done.expect("narrowed");
    }

    /// Makes a user who holds a role of its own that grants `permissions`, and signs in.
    pub(crate) async fn with_permissions(
        &self,
        admin: &Caller,
        name: &str,
        permissions: &[&str],
    ) -> Caller {
        let role = self.role(admin, &format!("only-{name}"), permissions).await;
        let user = self.user(name).await;
        self.services
            .users
            .bind(admin, user, vec![role])
            .await
            .expect("bind");
        self.caller(name).await
    }

    /// Makes 总公司 (1) with 研发 (4) and, in it, 前端 (40), and 销售 (41).
    pub(crate) async fn departments(&self) -> [DeptId; 4] {
        let mut tx = self.db.begin().await.expect("begin");
        sqlx::query(
            "INSERT INTO dept (id, parent_id, path, name, sort, created_at) VALUES
             (1, NULL, '0,1', '总公司', 0, 1), (4, 1, '0,1,4', '研发', 1, 1),
             (40, 4, '0,1,4,40', '前端', 1, 1), (41, 1, '0,1,41', '销售', 2, 1)",
        )
        .execute(&mut *tx)
        .await
        .expect("insert");
        tx.commit().await.expect("commit");
        [DeptId(1), DeptId(4), DeptId(40), DeptId(41)]
    }

    pub(crate) fn credentials(&self, name: &str, password: &str) -> Credentials {
        Credentials {
            username: name.into(),
            password: password.into(),
            ..Credentials::default()
        }
    }

    /// Credentials with a captcha solved.
    pub(crate) async fn solved(&self, name: &str, password: &str) -> Credentials {
        let client = self.from("203.0.113.99");
        let made = self
            .services
            .captcha
            .create(&client)
            .await
            .expect("captcha");
        let answer = self.captcha_answer(&made.key).await;
        Credentials {
            captcha_key: Some(made.key),
            captcha_code: Some(answer),
            ..self.credentials(name, password)
        }
    }

    /// What becomes of a try to sign in.
    pub(crate) async fn tries(
        &self,
        client: &Client,
        name: &str,
        password: &str,
    ) -> Result<Issued, Kind> {
        let credentials = self.credentials(name, password);
        let done = self.services.sign_in.by_api(client, credentials).await;
        done.map_err(|e| e.kind)
    }

    /// What becomes of a wrong guess.
    pub(crate) async fn guess(&self, client: &Client, name: &str) -> Kind {
        let done = self.tries(client, name, "not the password").await;
        done.expect_err("a wrong guess")
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Issued {
        self.services
            .sign_in
            .by_api(&self.client(), self.credentials(name, PASSWORD))
            .await
            .expect("sign in")
    }

    pub(crate) async fn caller(&self, name: &str) -> Caller {
        let issued = self.sign_in(name).await;
        self.by_token(&issued).await.expect("caller")
    }

    pub(crate) async fn by_token(&self, issued: &Issued) -> Result<Caller, Error> {
        self.services
            .access
            .by_token(&issued.access.token, self.client())
            .await
    }

    /// The entries of the audit log with this action, oldest first.
    pub(crate) async fn audit(&self, action: &str) -> Vec<Entry> {
        let mut conn = self.db.read().await.expect("conn");
        sqlx::query_as(
            "SELECT kind, success, actor_id, actor_name, session_id, ip, user_agent,
                 target_kind, target_id, detail, mac
             FROM audit_log WHERE action = $1 ORDER BY id",
        )
        .bind(action.to_owned())
        .fetch_all(&mut *conn)
        .await
        .expect("query")
    }

    /// Everything in the audit log as one text.
    pub(crate) async fn whole_audit(&self) -> String {
        let mut conn = self.db.read().await.expect("conn");
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT action || ' ' || actor_name || ' ' || user_agent || ' ' || detail
                 || COALESCE(target_name, '') FROM audit_log ORDER BY id",
        )
        .fetch_all(&mut *conn)
        .await
        .expect("query");
        rows.into_iter().map(|r| r.0 + "\n").collect()
    }

    /// Why a session was ended; none while it was not.
    pub(crate) async fn revoke_reason(&self, issued: &Issued) -> Option<String> {
        let mut conn = self.db.read().await.expect("conn");
        menshen_storage::sessions::find(&mut conn, &issued.session_id)
            .await
            .expect("query")
            .expect("there")
            .revoke_reason
    }
}

/// Runs one statement as the server's superuser.
async fn administer(server: &str, statement: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = Conn::connect(server).await.expect("connect to PostgreSQL");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut conn)
        .await
        .expect("create or drop a database");
    conn.close().await.expect("close");
}

/// The field names that an error is about.
pub(crate) fn fields(error: &Error) -> Vec<&str> {
    error.fields.iter().map(|f| f.field.as_ref()).collect()
}

/// The permissions that an error says are missing.
pub(crate) fn missing(error: &Error) -> &[String] {
    match &error.kind {
        Kind::Forbidden { missing } => missing,
        other => panic!("not forbidden: {other:?}"),
    }
}
