//! The real application on a database of its own, and typed callers of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use menshen::compose;
use menshen::settings::Settings;
use menshen_services::clock::SystemRandom;
use menshen_services::settings::CaptchaMode;
use menshen_services::{MasterKey, Secrets, Services};
use menshen_storage::{Conn, Db, captchas};
use reqwest::cookie::Jar;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _};
use std::future::{Future, IntoFuture, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

/// The password of everybody whom a site makes.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The first administrator's name.
pub(crate) const ADMIN: &str = "root";
/// The User-Agent of every caller, unless it says otherwise.
pub(crate) const AGENT: &str = "rest-tests/1.0";
/// The time zone of the answers.
pub(crate) const ZONE: &str = "Asia/Shanghai";
const MASTER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Where a case makes its sites; what it made is gone afterwards.
pub(crate) struct Bench {
    kind: Kind,
    dir: TempDir,
    databases: Mutex<Vec<String>>,
}

/// Runs `case` with sites on SQLite files.
pub(crate) async fn on_sqlite(case: impl AsyncFnOnce(&Bench)) {
    run(Kind::Sqlite, case).await;
}

/// Runs `case` with sites on PostgreSQL databases.
pub(crate) async fn on_postgres(case: impl AsyncFnOnce(&Bench)) {
    run(Kind::Postgres, case).await;
}

async fn run(kind: Kind, case: impl AsyncFnOnce(&Bench)) {
    start_log();
    let bench = Bench {
        kind,
        dir: TempDir::new().expect("a temporary folder"),
        databases: Mutex::default(),
    };
    let outcome = {
        let mut case = pin!(case(&bench));
        poll_fn(
            |cx| match catch_unwind(AssertUnwindSafe(|| case.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
                Err(panic) => Poll::Ready(Err(panic)),
            },
        )
        .await
    };
    let databases = std::mem::take(
        &mut *bench
            .databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    for name in databases {
        administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

fn postgres_server() -> String {
    std::env::var("MENSHEN_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "there is no PostgreSQL to test on: run `make test` or `scripts/with-postgres cargo test`"
        )
    })
}

/// Runs one statement as PostgreSQL's superuser.
async fn administer(statement: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = Conn::connect(&postgres_server())
        .await
        .expect("connect to PostgreSQL");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut conn)
        .await
        .unwrap_or_else(|e| panic!("{statement}: {e}"));
    conn.close().await.expect("close");
}

impl Bench {
    /// The application with the tests' settings, and its first administrator.
    pub(crate) async fn site(&self) -> Site {
        self.site_with(|_| {}).await
    }

    /// The application with settings changed by `change`.
    pub(crate) async fn site_with(&self, change: impl FnOnce(&mut Settings)) -> Site {
        let url = self.database().await;
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        Site::start(&url, self.dir.path().join(format!("uploads{n}")), change).await
    }

    /// The address of a fresh, empty database.
    async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            Kind::Sqlite => format!("sqlite://{}/{n}.db", self.dir.path().display()),
            Kind::Postgres => {
                let server = postgres_server();
                let name = format!("menshen_rest_{}_{n}", std::process::id());
                administer(&format!("CREATE DATABASE {name}")).await;
                let (base, _) = server.rsplit_once('/').expect("an address with a database");
                let url = format!("{base}/{name}");
                self.databases
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(name);
                url
            }
        }
    }
}

/// The application, listening.
pub(crate) struct Site {
    /// `http://127.0.0.1:port`
    pub(crate) url: String,
    pub(crate) db: Db,
    pub(crate) services: Services,
    client: reqwest::Client,
    database: String,
    /// Where uploads are kept.
    pub(crate) uploads: PathBuf,
    secrets: Secrets,
    tasks: Vec<JoinHandle<()>>,
    admin: OnceCell<String>,
}

impl Drop for Site {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn settings(database: &str) -> Settings {
    let mut settings = Settings::default();
    settings.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    settings.server.time_zone = Some(ZONE.to_owned());
    settings.database.url = SecretString::from(database);
    settings.database.connections = 4;
    settings.security.master_key = Some(SecretString::from(MASTER_KEY));
    settings.password.memory_kib = 64;
    settings.password.passes = 1;
    settings.captcha.page = CaptchaMode::Never;
    settings
}

impl Site {
    async fn start(database: &str, uploads: PathBuf, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings(database);
        settings.upload.folder = Some(uploads.clone());
        change(&mut settings);
        compose::check(&settings, true).expect("good settings");
        let (db, services) = compose::services(&settings).await.expect("services");
        services
            .users
            .first_administrator(Some(ADMIN), Some(PASSWORD))
            .await
            .expect("the first administrator");
        let router = compose::router(&settings, &services).expect("router");
        let listener = TcpListener::bind(settings.server.listen)
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = router.into_make_service_with_connect_info::<SocketAddr>();
        let tasks = vec![
            tokio::spawn(db.clone().listen()),
            tokio::spawn(async move { axum::serve(listener, app).await.expect("served") }),
        ];
        let heard = db.clone();
        wait_until("word of changes", || heard.hears_changes()).await;
        let random = Arc::new(SystemRandom::new());
        let master = MasterKey::from_base64(MASTER_KEY).expect("a key");
        Self {
            url,
            db,
            services,
            client: client(|b| b),
            database: database.to_owned(),
            uploads,
            secrets: Secrets::new(&master, random),
            tasks,
            admin: OnceCell::new(),
        }
    }

    /// Another node on the same database, with its own settings.
    pub(crate) async fn another_node(&self, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start(&self.database, self.uploads.clone(), change).await
    }

    /// Makes another router over the same services, as a second application in one process would.
    pub(crate) fn another_router(&self) {
        drop(compose::router(&settings(&self.database), &self.services).expect("router"));
    }

    /// Somebody who is not signed in.
    pub(crate) fn anonymous(&self) -> Caller {
        Caller {
            client: self.client.clone(),
            base: self.url.clone(),
            headers: HeaderMap::new(),
        }
    }

    /// Somebody who shows an access token.
    pub(crate) fn bearer(&self, token: &str) -> Caller {
        self.anonymous()
            .with("authorization", &format!("Bearer {token}"))
    }

    /// The first administrator, by access token.
    pub(crate) async fn admin(&self) -> Caller {
        let token = self
            .admin
            .get_or_init(async || self.login(ADMIN).await.access)
            .await;
        self.bearer(token)
    }

    /// A browser with its cookies, signed in at the login page as a form without JavaScript does
    /// it.
    pub(crate) async fn browser(&self, username: &str) -> Caller {
        let browser = self.new_browser();
        browser
            .post("/admin/fn/sign_in")
            .header("accept", "text/html")
            .form(&[("username", username), ("password", PASSWORD)])
            .await
            .is(303);
        browser
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn new_browser(&self) -> Caller {
        let jar = Arc::new(Jar::default());
        Caller {
            client: client(|b| b.cookie_provider(jar)),
            base: self.url.clone(),
            headers: HeaderMap::new(),
        }
    }

    /// Tries to sign in through the REST API.
    pub(crate) async fn try_login(&self, username: &str, password: &str) -> Answer {
        self.anonymous()
            .post("/auth/login")
            .json(&json!({ "username": username, "password": password }))
            .await
    }

    /// Signs in through the REST API.
    pub(crate) async fn login(&self, username: &str) -> Tokens {
        Tokens::of(&self.try_login(username, PASSWORD).await.is(200))
    }

    /// Makes a user who holds a role of her own with these permissions (and none without any),
    /// and signs her in.
    pub(crate) async fn person(&self, name: &str, permissions: &[&str]) -> Person {
        self.person_with(name, permissions, json!({})).await
    }

    /// As [`Site::person`], with further fields of the role.
    pub(crate) async fn person_with(
        &self,
        name: &str,
        permissions: &[&str],
        role: Value,
    ) -> Person {
        let admin = self.admin().await;
        let mut role_id = None;
        if !permissions.is_empty() || role.as_object().is_some_and(|r| !r.is_empty()) {
            let mut body = json!({
                "roleName": format!("{name} 的角色"),
                "roleKey": format!("role-{name}"),
                "permission": permissions,
            });
            for (key, value) in role.as_object().expect("an object") {
                body[key] = value.clone();
            }
            let made = admin.post("/role").json(&body).await.ok();
            role_id = made["roleId"].as_i64();
        }
        let id = self
            .add_user(json!({
                "username": name,
                "password": PASSWORD,
                "roleIds": role_id.into_iter().collect::<Vec<_>>(),
            }))
            .await;
        let tokens = self.login(name).await;
        Person {
            id,
            role: role_id.unwrap_or_default(),
            caller: self.bearer(&tokens.access),
            tokens,
        }
    }

    /// Makes a user as the administrator does; gives back the id.
    pub(crate) async fn add_user(&self, user: Value) -> i64 {
        let admin = self.admin().await;
        let made = admin.post("/user").json(&user).await.is(201).raw();
        made["data"]["id"].as_i64().expect("an id")
    }

    /// Runs a statement in the database.
    pub(crate) async fn sql(&self, statement: &str) {
        let mut tx = self.db.begin().await.expect("begin");
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut *tx)
            .await
            .unwrap_or_else(|e| panic!("{statement}: {e}"));
        tx.commit().await.expect("commit");
    }

    /// Runs a query that gives rows of one text each.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        let mut conn = self.db.read().await.expect("a connection");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(query.to_owned()))
            .fetch_all(&mut *conn)
            .await
            .unwrap_or_else(|e| panic!("{query}: {e}"));
        rows.into_iter().map(|r| r.0).collect()
    }

    /// Everything that the audit log says, a row a line, oldest first.
    pub(crate) async fn audit(&self) -> Vec<String> {
        self.texts(
            "SELECT action || ' ' || CAST(success AS TEXT) || ' ' || actor_name || ' | '
                 || ip || ' | ' || user_agent || ' | ' || COALESCE(target_name, '') || ' | '
                 || detail || ' | ' || request_id
             FROM audit_log ORDER BY id",
        )
        .await
    }

    /// Everything that is in the database, as one text: SQLite's files as they are, PostgreSQL's
    /// rows.
    pub(crate) async fn whole_database(&self) -> String {
        if let Some(path) = menshen_storage::db::sqlite_path(&self.database) {
            let files = ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")));
            let bytes: Vec<u8> = files.into_iter().flatten().flatten().collect();
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        let tables = self
            .texts("SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'")
            .await;
        let mut all = String::new();
        for table in tables {
            let rows = format!("SELECT CAST(t AS TEXT) FROM \"{table}\" t");
            all.extend(self.texts(&rows).await);
        }
        all
    }

    /// The department tree that several cases go by, `总公司 > 研发部 > 平台组` and `总公司 > 销售部`:
    /// ids 1, 2, 3 and 4.
    pub(crate) async fn departments(&self) {
        for (id, parent, path, name) in [
            (1, "NULL", "0,1", "总公司"),
            (2, "1", "0,1,2", "研发部"),
            (3, "2", "0,1,2,3", "平台组"),
            (4, "1", "0,1,4", "销售部"),
        ] {
            self.sql(&format!(
                "INSERT INTO dept (id, parent_id, path, name, created_at)
                 VALUES ({id}, {parent}, '{path}', '{name}', 0)"
            ))
            .await;
        }
    }

    /// What is to be read in a captcha's picture.
    pub(crate) async fn captcha_answer(&self, key: &str) -> String {
        let mut conn = self.db.read().await.expect("a connection");
        let sealed = captchas::peek(&mut conn, key, self.services.now())
            .await
            .expect("query")
            .expect("a captcha that is good");
        let answer = self.secrets.open("captcha", &sealed).expect("opened");
        String::from_utf8(answer.to_vec()).expect("text")
    }

    /// A fresh captcha: its key and what is to be read in it.
    pub(crate) async fn captcha(&self) -> (String, String) {
        let made = self.anonymous().get("/other/captcha").await.is(200).raw();
        let key = made["captchaKey"].as_str().expect("a key").to_owned();
        let answer = self.captcha_answer(&key).await;
        (key, answer)
    }

    /// The newest signing key: its id, and its private key as PEM.
    pub(crate) async fn signing_key(&self) -> (String, String) {
        use base64::Engine as _;
        let mut conn = self.db.read().await.expect("a connection");
        let (kid, sealed): (String, Vec<u8>) = sqlx::query_as(
            "SELECT kid, private_sealed FROM signing_key ORDER BY active_at DESC LIMIT 1",
        )
        .fetch_one(&mut *conn)
        .await
        .expect("a key");
        let key = self
            .secrets
            .open(&format!("signing key {kid}"), &sealed)
            .expect("opened");
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            base64::engine::general_purpose::STANDARD.encode(key.as_slice())
        );
        (kid, pem)
    }

    /// Sends these bytes and reads until the server closes (send `Connection: close`).
    pub(crate) async fn raw(&self, request: &[u8]) -> String {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("connect");
        stream.write_all(request).await.expect("send");
        let mut answer = Vec::new();
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer))
            .await
            .expect("an answer in time")
            .expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// A user whom a case made.
pub(crate) struct Person {
    pub(crate) id: i64,
    /// The role made for her; 0 for none.
    pub(crate) role: i64,
    pub(crate) caller: Caller,
    pub(crate) tokens: Tokens,
}

/// What a login hands out.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    /// The tokens in an answer's headers.
    pub(crate) fn of(answer: &Answer) -> Self {
        let access = answer.header("authorization");
        Self {
            access: access
                .strip_prefix("Bearer ")
                .unwrap_or_else(|| panic!("{answer:?}: no bearer token"))
                .to_owned(),
            refresh: answer.header("x-refresh-token").to_owned(),
        }
    }
}

fn client(more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        // Nothing here speaks TLS; to read the machine's certificates takes longer than a case.
        .tls_certs_only([])
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30));
    more(builder).build().expect("a client")
}

/// Somebody who calls the application.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    client: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

impl Caller {
    /// The same caller with one more header on every request, or another value for it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// The same caller at another address.
    pub(crate) fn at(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Request {
        let mut headers = self.headers.clone();
        headers
            .entry("user-agent")
            .or_insert(HeaderValue::from_static(AGENT));
        Request {
            what: format!("{method} {path}"),
            builder: self
                .client
                .request(method, format!("{}{path}", self.base))
                .headers(headers),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.call(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request {
        self.call(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.call(Method::DELETE, path)
    }
}

/// A request; await it for its answer.
#[must_use = "await it"]
pub(crate) struct Request {
    what: String,
    builder: reqwest::RequestBuilder,
}

impl Request {
    /// One more header, or another value for it; one that is no text too.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut one = HeaderMap::new();
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        one.insert(name, value);
        self.builder = self.builder.headers(one);
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self
            .builder
            .header("content-type", "application/json")
            .body(body);
        self
    }

    /// A body of another kind than JSON.
    pub(crate) fn plain(mut self, media: &str, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.header("content-type", media).body(body);
        self
    }

    /// A form with files: what stands behind `form-data; ` in each part's head, further headers
    /// included, and what is in it.
    pub(crate) fn parts(mut self, parts: &[(&str, &[u8])]) -> Self {
        let mut body = Vec::new();
        for (head, content) in parts {
            body.extend(b"--x-boundary-x\r\nContent-Disposition: form-data; ");
            body.extend(head.as_bytes());
            body.extend(b"\r\n\r\n");
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--x-boundary-x--\r\n");
        self.builder = self
            .builder
            .header("content-type", "multipart/form-data; boundary=x-boundary-x")
            .body(body);
        self
    }

    /// A form's fields, as a browser sends them.
    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
            .collect();
        self.builder = self
            .builder
            .header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.join("&"));
        self
    }
}

/// Percent-encodes everything but letters and digits.
pub(crate) fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = self.what;
            let sent = self.builder.send().await;
            let response = sent.unwrap_or_else(|e| panic!("{what}: no answer: {e:?}"));
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let body = response.bytes().await;
            let body = body.unwrap_or_else(|e| panic!("{what}: {status} broke off: {e:?}"));
            Answer {
                what,
                status,
                headers,
                body: body.to_vec(),
            }
        })
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text().chars().take(1000).collect();
        write!(f, "{} → {} {body}", self.what, self.status)
    }
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first value of a header; empty without one.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }

    /// What `Set-Cookie` says of a cookie, whole.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .find(|v| v.split_once('=').is_some_and(|(n, _)| n == name))
            .map(str::to_owned)
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn raw(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{self:?}: no JSON: {e}"))
    }

    /// Asserts a canonical 200 and gives back its `data`.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        let mut body = self.raw();
        assert_eq!(body["code"], 200, "{self:?}: code is the status");
        assert_eq!(body["msg"], body["message"], "{self:?}: msg = message");
        assert!(
            body["msg"].as_str().is_some_and(|m| !m.is_empty()),
            "{self:?}: a message"
        );
        body["data"].take()
    }

    /// Asserts an error of this status, in the shape of the path's document, and gives it back
    /// whole.
    #[track_caller]
    pub(crate) fn fails(&self, status: u16) -> Value {
        // Document D knows 403 alone for who may not come in.
        let status = match (self.document(), status) {
            ('D', 401) => 403,
            _ => status,
        };
        assert_eq!(self.status, status, "{self:?}");
        self.is_canonical_error();
        self.raw()
    }

    /// The document whose shape an error at this path has; `C` for the canonical one.
    fn document(&self) -> char {
        let path = self.what.split([' ', '?']).nth(1).unwrap_or_default();
        let under = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match path {
            _ if under("/signin") || under("/tokens") => 'B',
            _ if under("/api/auth") => 'D',
            _ if under("/api") => 'E',
            _ => 'C',
        }
    }

    /// Asserts an error, of any status, in the shape of the path's document: the canonical one
    /// unless it is a façade's.
    #[track_caller]
    pub(crate) fn is_canonical_error(&self) {
        assert!(
            self.header("content-type").starts_with("application/json"),
            "{self:?}: is JSON by its content type"
        );
        assert!(!self.message().is_empty(), "{self:?}: a message");
    }

    /// What an error tells people. Asserts the shape of the path's document.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        let body = self.raw();
        let due = ["captchaRequired", "otpRequired", "otpTicket"];
        let holds = |object: &Value, must: &[&str], may: &[&str]| {
            let keys = keys(object);
            assert!(must.iter().all(|k| keys.contains(k)), "{self:?}");
            let known = |k: &&str| must.contains(k) || may.contains(k) || due.contains(k);
            assert!(keys.iter().all(known), "{self:?}");
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if self.what.contains(" /api/register") && self.document() == 'E' {
            assert_eq!(body["success"], false, "{self:?}");
            assert_eq!(body["showType"], 2, "{self:?}");
            assert_eq!(body["errorCode"], self.status.to_string(), "{self:?}");
            return text(&body["errorMessage"]);
        }
        assert_eq!(body["code"], self.status, "{self:?}: code is the status");
        match self.document() {
            'B' => {
                holds(&body, &["code", "msg"], &[]);
                text(&body["msg"])
            }
            'D' => {
                holds(&body, &["code", "msg", "data"], &[]);
                holds(&body["data"], &["reason"], &[]);
                assert!(!text(&body["msg"]).is_empty(), "{self:?}");
                assert!(self.status != 403 || body["msg"] == "Forbidden", "{self:?}");
                assert_ne!(self.status, 401, "{self:?}");
                assert_eq!(self.header("referrer-policy"), "no-referrer", "{self:?}");
                text(&body["data"]["reason"])
            }
            'E' => {
                let more = ["success", "data", "errorCode", "errorMessage", "showType"];
                let more = match self.what.contains(" /api/login_user") {
                    true => &more[..],
                    false => &[],
                };
                holds(&body, &["code", "message"], more);
                assert_ne!(body["success"], true, "{self:?}");
                text(&body["message"])
            }
            _ => {
                holds(&body, &["code", "msg", "message", "data"], &["errors"]);
                assert_eq!(body["msg"], body["message"], "{self:?}: msg = message");
                assert_eq!(body["data"], Value::Null, "{self:?}: data null");
                text(&body["msg"])
            }
        }
    }

    /// Asserts a 400 and gives back the fields that it names.
    #[track_caller]
    pub(crate) fn invalid(&self) -> Vec<String> {
        let body = self.fails(400);
        let errors = body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("{self:?}: no errors"));
        errors
            .iter()
            .map(|e| {
                assert!(
                    e["message"].as_str().is_some_and(|m| !m.is_empty()),
                    "{self:?}: says what is wrong"
                );
                e["field"].as_str().expect("a field").to_owned()
            })
            .collect()
    }

    /// Asserts a 401 for a missing or bad access token.
    #[track_caller]
    pub(crate) fn no_token(&self) {
        self.fails(401);
        assert_eq!(self.message(), "Invalid access token.", "{self:?}");
    }

    /// Asserts a 403 that names exactly these permissions.
    #[track_caller]
    pub(crate) fn lacks(&self, codes: &[&str]) {
        let body = self.fails(403);
        let message = body["message"].as_str().expect("a message");
        let named: Vec<&str> = message
            .split(['：', ':'].as_slice())
            .next()
            .map(|prefix| &message[prefix.len()..])
            .unwrap_or_default()
            .trim_start_matches(['：', ':', ' '].as_slice())
            .split(", ")
            .collect();
        assert_eq!(named, codes, "{self:?}");
    }
}

/// The names in an object, in its order.
#[track_caller]
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"))
        .keys()
        .map(String::as_str)
        .collect()
}

/// `object` without the names in `without`.
pub(crate) fn minus(object: &Value, without: &[&str]) -> Value {
    let mut object = object.clone();
    for name in without {
        object
            .as_object_mut()
            .expect("an object")
            .shift_remove(*name);
    }
    object
}

/// Asks until `good` says yes, which must be within a second. Machines of CI are slow at times:
/// what it finds there is whether, and not when.
pub(crate) async fn within_a_second(what: &str, good: impl AsyncFn() -> bool) {
    let longest = Duration::from_secs(if std::env::var_os("CI").is_some() {
        30
    } else {
        1
    });
    let asking = async {
        while !good().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let asked = tokio::time::timeout(longest, asking).await;
    assert!(asked.is_ok(), "not within a second: {what}");
}

/// Waits until `good` says yes, half a minute at the most.
pub(crate) async fn wait_until(what: &str, good: impl Fn() -> bool) {
    for _ in 0..6000 {
        if good() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("waited in vain for: {what}");
}

static LOG: OnceLock<Log> = OnceLock::new();

/// Everything that was logged by all cases so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps what the application logs, in much more detail than it does by default.
fn start_log() {
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_env_filter(
                "info,menshen=trace,menshen_http=trace,menshen_services=trace,\
                 menshen_storage=trace,app=trace,axum=trace,tower_http=trace,\
                 tower_sessions=trace,tower_sessions_core=trace,leptos_axum=trace,\
                 server_fn=trace,hyper=debug,sqlx=debug,reqwest=off",
            )
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    });
}

/// The log of all cases so far.
pub(crate) fn log() -> String {
    let log = LOG.get().expect("the log was started");
    let all = log.0.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&all).into_owned()
}
