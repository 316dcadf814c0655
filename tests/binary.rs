//! The program as whoever runs it meets it: its command line, its first start, and what is left
//! when it is killed.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

fn menshen(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_menshen"));
    command.current_dir(dir).env_clear();
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    menshen(dir).args(args).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server under test, killed at the end.
struct Running {
    child: Child,
    line: String,
    url: String,
}

impl Running {
    fn start(dir: &Path, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = menshen(dir);
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--set",
                "password.memory_kib=64",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        prepare(&mut command);
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout"))
            .read_line(&mut line)
            .expect("a line");
        let url = line
            .split_whitespace()
            .find(|w| w.starts_with("http://"))
            .unwrap_or_default();
        let url = url
            .trim_end_matches(':')
            .trim_end_matches("/admin")
            .to_owned();
        Self { child, line, url }
    }

    fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("gone");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be dead already, which is what many tests are about.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .user_agent("binary-tests")
        .timeout(Duration::from_mins(1))
        .build()
        .expect("client")
}

async fn token(url: &str, username: &str, password: &str) -> String {
    let answer: Value = client()
        .post(format!("{url}/auth/login"))
        .json(&json!({ "username": username, "password": password }))
        .send()
        .await
        .expect("answer")
        .json()
        .await
        .expect("json");
    answer["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("no token: {answer}"))
        .to_owned()
}

fn as_admin(command: &mut Command) {
    command
        .env("MENSHEN_ADMIN_USERNAME", "root")
        .env("MENSHEN_ADMIN_PASSWORD", PASSWORD);
}

#[tokio::test]
async fn the_first_start_prints_one_line_with_address_and_password() {
    let dir = TempDir::new().expect("dir");
    let mut first = Running::start(dir.path(), |_| {});
    let password = first
        .line
        .trim()
        .rsplit(' ')
        .next()
        .expect("password")
        .to_owned();
    assert!(
        first
            .line
            .contains("log in as admin with the one-time password"),
        "{}",
        first.line
    );
    let token = token(&first.url, "admin", &password).await;
    let test = client()
        .get(format!("{}/test", first.url))
        .bearer_auth(&token)
        .send()
        .await
        .expect("answer");
    assert_eq!(test.status(), 403, "the password must be changed first");
    first.kill();

    let second = Running::start(dir.path(), |_| {});
    assert!(
        !second.line.contains("password"),
        "printed once only: {}",
        second.line
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = std::fs::metadata(dir.path().join("data/menshen.key")).expect("key file");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn req54_kill_9_during_1000_role_edits_loses_no_acknowledged_one() {
    let dir = TempDir::new().expect("dir");
    let mut server = Running::start(dir.path(), as_admin);
    let url = server.url.clone();
    let token = token(&url, "root", PASSWORD).await;
    let mut roles = Vec::new();
    for n in 0..4 {
        let made: Value = client()
            .post(format!("{url}/role"))
            .bearer_auth(&token)
            .json(&json!({ "roleName": "r", "roleKey": format!("r{n}") }))
            .send()
            .await
            .expect("answer")
            .json()
            .await
            .expect("json");
        roles.push(made["data"]["roleId"].as_i64().expect("id"));
    }
    // Four writers make 250 edits each and note which were acknowledged; the server dies midway.
    let (tell, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    let mut writers = Vec::new();
    for role in roles.clone() {
        let (url, token, tell) = (url.clone(), token.clone(), tell.clone());
        writers.push(tokio::spawn(async move {
            let client = client();
            for edit in 1..=250_i64 {
                let sent = client
                    .put(format!("{url}/role/{role}"))
                    .bearer_auth(&token)
                    .json(&json!({ "roleSort": edit, "remark": format!("edit {edit}") }))
                    .send()
                    .await;
                let done = match sent {
                    Ok(answer) => answer.status() == 200 && answer.bytes().await.is_ok(),
                    Err(_) => false,
                };
                if !done {
                    return;
                }
                tell.send((role, edit)).expect("listening");
            }
        }));
    }
    drop(tell);
    let mut last = std::collections::HashMap::new();
    let mut count = 0;
    while let Some((role, edit)) = acknowledged.recv().await {
        last.insert(role, edit);
        count += 1;
        if count == 400 {
            server.kill();
        }
    }
    for writer in writers {
        writer.await.expect("writer");
    }
    assert!(
        (400..1000).contains(&count),
        "it died midway: {count} edits were acknowledged"
    );

    let again = Running::start(dir.path(), |_| {});
    let token = self::token(&again.url, "root", PASSWORD).await;
    for (role, edit) in last {
        let kept: Value = client()
            .get(format!("{}/role/{role}", again.url))
            .bearer_auth(&token)
            .send()
            .await
            .expect("answer")
            .json()
            .await
            .expect("json");
        let sort = kept["data"]["roleSort"].as_i64().expect("sort");
        assert!(
            sort >= edit,
            "role {role}: edit {edit} was acknowledged, {sort} is there"
        );
        assert_eq!(
            kept["data"]["remark"],
            format!("edit {sort}"),
            "no half-written edit"
        );
    }
    let url = format!("sqlite://{}/data/menshen.db", dir.path().display());
    let db = menshen_storage::Db::connect(&url, 1)
        .await
        .expect("connect");
    assert_eq!(db.integrity().await.expect("check"), "ok");
}

#[tokio::test]
async fn req54_sigterm_ends_it_cleanly_even_with_a_connection_kept_open() {
    let dir = TempDir::new().expect("dir");
    let mut server = Running::start(dir.path(), as_admin);
    let client = client();
    let live = client
        .get(format!("{}/health/live", server.url))
        .send()
        .await
        .expect("answer");
    assert_eq!(live.status(), 200);
    let id = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill")
            .success()
    );
    let status = server.child.wait().expect("it ends");
    assert!(status.success(), "{status}");
    drop(client);
}

#[tokio::test]
async fn what_the_command_line_changes_acts_on_the_running_server() {
    let dir = TempDir::new().expect("dir");
    let server = Running::start(dir.path(), as_admin);
    let url = &server.url;
    let made = run(
        dir.path(),
        &[
            "user",
            "create",
            "lin",
            "--password",
            PASSWORD,
            "--role",
            "admin",
            "--set",
            "password.memory_kib=64",
        ],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    let token = token(url, "lin", PASSWORD).await;
    let list = |token: String| {
        let url = format!("{url}/role/list");
        async move {
            client()
                .get(url)
                .bearer_auth(token)
                .send()
                .await
                .expect("answer")
                .status()
        }
    };
    assert_eq!(list(token.clone()).await, 200);
    let listed = run(dir.path(), &["user", "list"]);
    assert!(
        text(&listed.stdout).contains("\tlin\t0\tadmin"),
        "{}",
        text(&listed.stdout)
    );
    let disabled = run(dir.path(), &["user", "disable", "lin"]);
    assert!(disabled.status.success(), "{}", text(&disabled.stderr));
    // Machines of CI are slow at times: what it finds there is whether, and not when.
    let tries = if std::env::var_os("CI").is_some() {
        300
    } else {
        10
    };
    let mut seen = 200;
    for _ in 0..tries {
        tokio::time::sleep(Duration::from_millis(100)).await;
        seen = list(token.clone()).await.as_u16();
        if seen != 200 {
            break;
        }
    }
    assert_eq!(seen, 401, "within a second");
    let reset = run(dir.path(), &["user", "reset-password", "nobody"]);
    assert!(!reset.status.success());
    assert!(text(&reset.stderr).contains("nobody"));
}

#[test]
fn a_wrong_setting_is_named_with_its_place() {
    let dir = TempDir::new().expect("dir");
    let wrong = |args: &[&str], expected: &str| {
        let output = run(dir.path(), args);
        assert!(!output.status.success(), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{args:?}: {said}");
        assert!(
            said.starts_with("menshen: ") || said.contains("error:"),
            "{said}"
        );
    };
    wrong(
        &["check", "--set", "captcha.mod=never"],
        "did you mean “captcha.mode”",
    );
    wrong(&["check", "--set", "captcha.mode=sometimes"], "sometimes");
    wrong(&["check", "--set", "nonsense"], "section.key=value");
    wrong(
        &["check", "--database", "mysql://x"],
        "sqlite:// or postgres://",
    );
    wrong(&["serve", "--dev", "--listen", "0.0.0.0:0"], "loopback");
    wrong(
        &[
            "serve",
            "--set",
            "dev.captcha_answer=x",
            "--listen",
            "127.0.0.1:0",
        ],
        "--dev",
    );
    wrong(
        &[
            "serve",
            "--set",
            "sms.provider=log",
            "--listen",
            "127.0.0.1:0",
        ],
        "--dev",
    );
    wrong(&["check", "--config", "none.toml"], "none.toml");
    // Every fault at once: settings that do not fit together, and a database that is not there.
    let several = [
        "check",
        "--set",
        "token.access_seconds=901",
        "--set",
        "wecom.corp_id=ww1",
        "--database",
        "postgres://u:hush@127.0.0.1:1/x",
    ];
    for expected in ["token.access_seconds", "wecom.secret", "refused"] {
        wrong(&several, expected);
    }
    let said = text(&run(dir.path(), &several).stderr);
    assert!(!said.contains("hush") && !said.contains("busy"), "{said}");
    let good = run(dir.path(), &["check"]);
    assert!(good.status.success(), "{}", text(&good.stderr));
    let migrated = run(dir.path(), &["migrate"]);
    assert!(migrated.status.success(), "{}", text(&migrated.stderr));
    let other = "security.master_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let said = text(&run(dir.path(), &["check", "--set", other]).stderr);
    assert!(
        said.starts_with("menshen: security.master_key does not fit this database"),
        "{said}"
    );
    #[cfg(unix)]
    for name in ["menshen.db", "menshen.key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::fs::metadata(dir.path().join("data").join(name)).expect("there");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn settings_come_from_file_then_environment_then_flags() {
    let dir = TempDir::new().expect("dir");
    std::fs::write(
        dir.path().join("menshen.toml"),
        "[captcha]\nmode = \"wrong-in-file\"\n",
    )
    .expect("file");
    let said = text(&run(dir.path(), &["check"]).stderr);
    assert!(said.contains("wrong-in-file"), "{said}");
    let output = menshen(dir.path())
        .env("MENSHEN_CAPTCHA__MODE", "wrong-in-env")
        .arg("check")
        .output()
        .expect("it runs");
    assert!(
        text(&output.stderr).contains("wrong-in-env"),
        "{}",
        text(&output.stderr)
    );
    let output = menshen(dir.path())
        .env("MENSHEN_CAPTCHA__MODE", "wrong-in-env")
        .args(["check", "--set", "captcha.mode=never"])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = menshen(dir.path())
        .env("MENSHEN_CAPTCHA__MOOD", "never")
        .args(["check", "--set", "captcha.mode=never"])
        .output()
        .expect("it runs");
    assert!(
        text(&output.stderr).contains("captcha.mode"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn the_openapi_document_is_printed_and_whole() {
    let dir = TempDir::new().expect("dir");
    let output = run(dir.path(), &["openapi"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("json");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        document["paths"]["/role/{roleId}"]["put"]["x-permission"]["code"],
        "system:role:alter"
    );
}

#[test]
fn the_kept_openapi_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let kept = std::fs::read_to_string(path).expect("docs/openapi.json");
    let dir = TempDir::new().expect("dir");
    let drawn = text(&run(dir.path(), &["openapi"]).stdout);
    assert!(
        kept == drawn,
        "docs/openapi.json is stale; run: cargo run -- openapi > docs/openapi.json"
    );
}

#[test]
fn the_page_about_settings_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let kept = std::fs::read_to_string(path).expect("docs/settings.md");
    assert!(
        kept.trim_end() == menshen::settings::markdown().trim_end(),
        "docs/settings.md is stale; run: cargo run -- docs settings > docs/settings.md"
    );
}
