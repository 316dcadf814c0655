//! Whether a request that came to a proxy may pass: asked directly, and behind a real nginx.

use crate::support::{Answer, Bench, Caller, PASSWORD, Site, wait_until};
use axum::http::Method;
use menshen_storage::Event;
use serde_json::json;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

#[track_caller]
fn passes(answer: &Answer, name: &str) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("x-menshen-user"), name, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.body.is_empty(), "{answer:?}");
}

#[track_caller]
fn tells_nothing(answer: &Answer) {
    for name in ["x-menshen-user-id", "x-menshen-user", "x-menshen-roles"] {
        assert_eq!(answer.header(name), "", "{answer:?}");
    }
}

pub(crate) async fn whoever_is_signed_in_passes(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let answer = anna.caller.get("/auth/verify").await;
    passes(&answer, "anna");
    assert_eq!(answer.header("x-menshen-user-id"), anna.id.to_string());
    assert_eq!(answer.header("x-menshen-roles"), "role-anna");
    let browser = site.browser("anna").await;
    passes(&browser.get("/auth/verify").await, "anna");
    for caller in [
        site.anonymous(),
        site.bearer("bad"),
        site.anonymous().with("cookie", "menshen_session=x"),
        site.anonymous()
            .with("cookie", "menshen_session=AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let answer = caller.get("/auth/verify").await;
        answer.no_token();
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        tells_nothing(&answer);
    }
    browser.post("/auth/logout").await.is(200);
    browser.get("/auth/verify").await.no_token();
    anna.caller.post("/auth/logout").await.is(200);
    anna.caller.get("/auth/verify").await.no_token();
    site.add_user(json!({
        "username": "due", "password": PASSWORD, "mustChangePassword": true,
    }))
    .await;
    let due = site.bearer(&site.login("due").await.access);
    tells_nothing(&due.get("/auth/verify").await.is(403));
}

pub(crate) async fn permissions_are_asked_for_together(bench: &Bench) {
    let site = bench.site().await;
    let codes = ["system:role:list", "shop:order:*"];
    site.sql(
        "INSERT INTO permission (code, name_zh, name_en, created_at)
         VALUES ('shop:order:list', '订单', 'Orders', 0), ('shop:order:refund', '退款', 'Refunds', 0)",
    )
    .await;
    let anna = site.person("anna", &codes).await;
    let verify = async |query: &str| anna.caller.get(&format!("/auth/verify?{query}")).await;
    for good in [
        "",
        "permission=system:role:list",
        "permission=shop:order:refund&permission=system:role:list",
        "permission[]=shop:order:list",
    ] {
        passes(&verify(good).await, "anna");
    }
    let answer = verify("permission=system:role:list&permission=system:role:add").await;
    answer.lacks(&["system:role:add"]);
    tells_nothing(&answer);
    let told = answer.header("www-authenticate");
    assert!(told.contains("insufficient_scope"), "{told}");
    for wrong in [
        "permission=",
        "permission=system:*:list",
        "permission=x",
        "permission=%00",
    ] {
        assert_eq!(verify(wrong).await.invalid(), ["permission"], "{wrong}");
    }
    let by_header = async |value: &str, query: &str| {
        let path = format!("/auth/verify?{query}");
        let request = anna.caller.get(&path);
        request.header("x-menshen-permission", value).await
    };
    passes(
        &by_header("system:role:list, shop:order:list", "").await,
        "anna",
    );
    by_header("system:role:add", "")
        .await
        .lacks(&["system:role:add"]);
    // What a stranger puts into the header can only ask for more.
    let both = by_header("system:role:list", "permission=system:role:add").await;
    both.lacks(&["system:role:add"]);
    assert_eq!(by_header("", "").await.invalid(), ["permission"]);
    anna.caller
        .get("/auth/verify")
        .header("x-menshen-permission", b"\xff")
        .await
        .fails(400);
}

pub(crate) async fn any_method_is_answered_but_trace(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let method: Method = method.parse().expect("a method");
        let answer = anna.caller.call(method.clone(), "/auth/verify").await;
        passes(&answer, "anna");
        let answer = site.anonymous().call(method, "/auth/verify").await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    let trace = anna.caller.call(Method::TRACE, "/auth/verify").await;
    trace.fails(405);
}

pub(crate) async fn names_that_are_no_ascii_are_encoded(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let body = json!({ "username": "林,薇", "password": PASSWORD, "roleIds": [] });
    admin.post("/user").json(&body).await.is(201);
    let caller = site.bearer(&site.login("林,薇").await.access);
    let answer = caller.get("/auth/verify").await;
    passes(&answer, "%E6%9E%97%2C%E8%96%87");
    assert_eq!(answer.header("x-menshen-roles"), "");
}

/// Waits until this node has heard of all changes so far: it is told of its own twice, at once and
/// again when they come back from the database.
async fn all_is_heard(site: &Site) {
    const NOBODY: Event = Event::User(-1);
    let told = Arc::new(AtomicU32::new(0));
    let count = told.clone();
    site.db.subscribe(move |event| {
        if *event == NOBODY {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(NOBODY);
    tx.commit().await.expect("commit");
    wait_until("the echo", || told.load(Ordering::SeqCst) >= 2).await;
}

pub(crate) async fn verifying_reads_no_database(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let browser = site.browser("anna").await;
    let path = "/auth/verify?permission=system:role:list";
    all_is_heard(&site).await;
    for caller in [&anna.caller, &browser] {
        passes(&caller.get(path).await, "anna");
    }
    site.db.close().await;
    for _ in 0..10 {
        for caller in [&anna.caller, &browser] {
            passes(&caller.get(path).await, "anna");
        }
    }
    // What is not known can't be found out: nobody passes.
    let unknown = site
        .anonymous()
        .with("cookie", "menshen_session=AAAAAAAAAAAAAAAAAAAAAA");
    let answer = unknown.get(path).await;
    assert!(answer.status >= 500, "{answer:?}");
    tells_nothing(&answer);
}

pub(crate) async fn a_mistaken_parameter_lets_nobody_pass(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let verify = async |query: &str| anna.caller.get(&format!("/auth/verify?{query}")).await;
    for wrong in ["Permission", "PERMISSIONS", "permission[0]"] {
        let query = format!("permission=system:role:list&{wrong}=system:role:list");
        let answer = verify(&query).await;
        assert_eq!(answer.invalid(), [wrong]);
        tells_nothing(&answer);
    }
    passes(&verify("permissions=system:role:list").await, "anna");
    for query in [
        "permissions=system:role:add",
        "permissions[]=system:role:add&permission=system:role:list",
    ] {
        verify(query).await.lacks(&["system:role:add"]);
    }
    // Of the request in question: some proxies leave it there.
    passes(&verify("page=2&role=x").await, "anna");
}

pub(crate) async fn req45_forged_proxy_headers_let_nobody_pass(bench: &Bench) {
    let site = bench.site().await;
    let forged = [
        ("x-forwarded-user", "root"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "trusted.example"),
        ("x-forwarded-uri", "/public"),
        ("x-forwarded-method", "OPTIONS"),
        ("x-original-url", "/public"),
        ("x-original-method", "OPTIONS"),
        ("x-menshen-user", "root"),
        ("x-menshen-user-id", "1"),
        ("x-menshen-roles", "admin"),
    ];
    let mut caller = site.anonymous();
    for (name, value) in forged {
        caller = caller.with(name, value);
    }
    let answer = caller.get("/auth/verify").await;
    answer.no_token();
    tells_nothing(&answer);
    let mut anna = site.person("anna", &[]).await.caller;
    for (name, value) in forged {
        anna = anna.with(name, value);
    }
    let answer = anna.get("/auth/verify").await;
    passes(&answer, "anna");
    assert_eq!(answer.header("x-menshen-roles"), "");
    let refused = anna.get("/auth/verify?permission=system:role:list").await;
    refused.lacks(&["system:role:list"]);
}

/// A running nginx, with a folder of its own.
struct Nginx {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has told then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    all.push("/usr/sbin".into());
    all.into_iter()
        .map(|folder| folder.join("nginx"))
        .find(|path| path.is_file())
        .expect("there is no nginx to test behind: run `scripts/setup test`")
}

fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    probe.local_addr().expect("an address").port()
}

/// The configuration of `docs/forward-auth.md`, between an application and its clients. The
/// application tells by whom it was called.
fn configuration(folder: &Path, menshen: &str, port: u16, application: u16) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("    {name}_temp_path {folder}/{name};\n"))
        .collect();
    format!(
        r#"
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
{temporary}
    server {{
        listen 127.0.0.1:{application};
        location / {{
            default_type text/plain;
            return 200 "user=$http_x_menshen_user id=$http_x_menshen_user_id roles=$http_x_menshen_roles\n";
        }}
    }}
    server {{
        listen 127.0.0.1:{port};
        location = /_menshen {{
            internal;
            proxy_pass {menshen}/auth/verify?permission=$menshen_permission;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Menshen-Permission "";
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
        location /reports/ {{
            set $menshen_permission "system:role:list";
            auth_request /_menshen;
            auth_request_set $menshen_user_id $upstream_http_x_menshen_user_id;
            auth_request_set $menshen_user $upstream_http_x_menshen_user;
            auth_request_set $menshen_roles $upstream_http_x_menshen_roles;
            proxy_set_header X-Menshen-User-Id $menshen_user_id;
            proxy_set_header X-Menshen-User $menshen_user;
            proxy_set_header X-Menshen-Roles $menshen_roles;
            proxy_pass http://127.0.0.1:{application};
        }}
        location / {{
            proxy_set_header X-Menshen-User-Id "";
            proxy_set_header X-Menshen-User "";
            proxy_set_header X-Menshen-Roles "";
            proxy_pass http://127.0.0.1:{application};
        }}
    }}
}}
"#
    )
}

impl Nginx {
    /// Somebody else may take a port before nginx does: then it is tried with others.
    async fn before(menshen: &Site) -> Self {
        let mut log = String::new();
        for _ in 0..5 {
            let mut nginx = Self::start(menshen);
            if nginx.answers().await {
                return nginx;
            }
            log = nginx.log();
        }
        panic!("nginx does not answer: {log}");
    }

    fn start(menshen: &Site) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (port, application) = (free_port(), free_port());
        let file = folder.path().join("nginx.conf");
        let text = configuration(folder.path(), &menshen.url, port, application);
        std::fs::write(&file, text).expect("written");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let process = Command::new(program())
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nginx starts");
        Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            folder,
        }
    }

    /// Whether it is nginx that answers, within half a minute; it ends when a port is taken.
    async fn answers(&mut self) -> bool {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let client = client.build().expect("a client");
        let url = format!("{}/open", self.url);
        for _ in 0..600 {
            if self.process.try_wait().expect("asked").is_some() {
                return false;
            }
            let asked = client.get(&url).timeout(Duration::from_secs(5)).send();
            if asked.await.is_ok_and(|answer| answer.status() == 200) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

async fn reads(caller: &Caller, nginx: &Nginx, path: &str) -> Answer {
    caller.clone().at(&nginx.url).get(path).await
}

pub(crate) async fn nginx_guards_a_page_by_permission(bench: &Bench) {
    let site = bench.site().await;
    let nginx = Nginx::before(&site).await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let ben = site.person("ben", &["system:user:list"]).await;
    let page = "/reports/2026";
    let answer = reads(&anna.caller, &nginx, page).await;
    let told = format!("user=anna id={} roles=role-anna\n", anna.id);
    assert_eq!(
        (answer.status, answer.text()),
        (200, told.clone()),
        "{}",
        nginx.log()
    );
    let browser = site.browser("anna").await;
    assert_eq!(reads(&browser, &nginx, page).await.is(200).text(), told);
    let refused = reads(&ben.caller, &nginx, page).await.is(403);
    assert!(!refused.text().contains("user="), "{refused:?}");
    let nobody = reads(&site.anonymous(), &nginx, page).await.is(401);
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    // What a client says of itself does not reach the application, nor loosens anything.
    let forger = ben.caller.clone().with("x-menshen-user", "root");
    let forger = forger.with("x-menshen-permission", "system:user:list");
    reads(&forger, &nginx, page).await.is(403);
    let anna_as_root = anna.caller.clone().with("x-menshen-user", "root");
    assert_eq!(reads(&anna_as_root, &nginx, page).await.text(), told);
    // Other methods, and bodies, too.
    let post = anna.caller.clone().at(&nginx.url).post(page);
    assert_eq!(
        post.json(&json!({ "x": "y".repeat(5000) }))
            .await
            .is(200)
            .text(),
        told
    );
    let open = reads(&anna_as_root, &nginx, "/open").await.is(200);
    assert_eq!(open.text(), "user= id= roles=\n");
    // As soon as she may no more, she does not pass.
    let off = json!({ "status": "1" });
    let path = format!("/role/{}", anna.role);
    site.admin().await.put(&path).json(&off).await.ok();
    reads(&anna.caller, &nginx, page).await.is(403);
    anna.caller.post("/auth/logout").await.is(200);
    reads(&anna.caller, &nginx, page).await.is(401);
}
