//! The second factor, with the codes of an authenticator that is not ours: oathtool.

use crate::support::{Answer, Bench, Caller, PASSWORD, Person, Site, Tokens, keys, log};
use axum::http::Method;
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};
use std::process::Command;

/// An authenticator app that was given a secret.
pub(crate) struct App(String);

impl App {
    /// One that was given this secret.
    pub(crate) fn of(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    /// What it shows `steps` steps from now.
    pub(crate) fn code(&self, site: &Site, steps: i64) -> String {
        let at = site.services.now().0 / 1_000_000 + steps * 30;
        let shown = Command::new("oathtool")
            .args(["--totp", "--base32", "--now", &format!("@{at}"), &self.0])
            .output()
            .expect("oathtool is installed (scripts/setup test does it)");
        assert!(shown.status.success(), "{shown:?}");
        let code = String::from_utf8(shown.stdout).expect("text");
        code.trim().to_owned()
    }

    fn wrong(&self, site: &Site) -> String {
        let near: Vec<String> = (-3..=3).map(|n| self.code(site, n)).collect();
        let mut all = (271_828..272_000).map(|n| n.to_string());
        all.find(|c| !near.contains(c)).expect("one of them")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn codes(answer: &Value) -> Vec<String> {
    let list = answer["recoveryCodes"].as_array().expect("a list");
    list.iter().map(text).collect()
}

/// Sets up a second factor; gives back the app and the recovery codes.
async fn set_up(site: &Site, caller: &Caller) -> (App, Vec<String>) {
    let password = json!({ "password": PASSWORD });
    let made = caller.post("/auth/otp/enroll").json(&password).await.ok();
    let app = App(text(&made["secret"]));
    let code = json!({ "code": app.code(site, 0) });
    let done = caller.post("/auth/otp/confirm").json(&code).await.ok();
    let recovery = codes(&done);
    // Every code that the app shows now is as if it had never been shown.
    forget_steps(site).await;
    (app, recovery)
}

async fn forget_steps(site: &Site) {
    site.sql("UPDATE second_factor SET last_step = NULL").await;
}

async fn never(bench: &Bench) -> Site {
    bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Never)
        .await
}

/// Somebody with a second factor.
pub(crate) async fn guarded(site: &Site, name: &str) -> (Person, App, Vec<String>) {
    let person = site.person(name, &[]).await;
    let (app, recovery) = set_up(site, &person.caller).await;
    (person, app, recovery)
}

/// Her ticket, after a right password.
async fn half(site: &Site, name: &str) -> String {
    let answer = site.try_login(name, PASSWORD).await;
    let body = answer.fails(401);
    assert_eq!(
        keys(&body),
        ["code", "msg", "message", "data", "otpRequired", "otpTicket"]
    );
    assert_eq!(body["otpRequired"], true);
    text(&body["otpTicket"])
}

async fn finish(site: &Site, ticket: &str, code: &str) -> Answer {
    let body = json!({ "otpTicket": ticket, "code": code });
    site.anonymous().post("/auth/otp").json(&body).await
}

/// Asserts a 401 that names this field alone.
#[track_caller]
fn is_refused(answer: &Answer, field: &str) {
    let body = answer.fails(401);
    let errors = body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{answer:?}");
    assert_eq!(errors[0]["field"], field, "{answer:?}");
    for header in ["authorization", "x-refresh-token", "set-cookie"] {
        assert_eq!(answer.header(header), "", "{answer:?}");
    }
}

pub(crate) async fn req20_any_authenticator_will_do(bench: &Bench) {
    let site = never(bench).await;
    let person = site.person("anna", &[]).await;
    let caller = &person.caller;
    let status = caller.get("/auth/otp").await.ok();
    let off = json!({
        "enabled": false, "confirmedAt": null, "recoveryCodesLeft": 0, "hasPassword": true,
    });
    assert_eq!(status, off);
    let password = json!({ "password": PASSWORD });
    let made = caller.post("/auth/otp/enroll").json(&password).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.ok();
    assert_eq!(keys(&made), ["secret", "uri", "qr"]);
    let app = App(text(&made["secret"]));
    assert_eq!(app.0.len() * 5, 160, "bits of base32");
    let uri = format!(
        "otpauth://totp/Menshen:anna?secret={}&issuer=Menshen",
        app.0
    );
    assert_eq!(made["uri"], uri);
    let picture = text(&made["qr"]);
    assert!(
        picture.starts_with("data:image/svg+xml;base64,"),
        "{picture}"
    );
    assert_eq!(caller.get("/auth/otp").await.ok(), off, "not in force yet");
    site.login("anna").await;

    let confirm = async |code: String| {
        let body = json!({ "code": code });
        caller.post("/auth/otp/confirm").json(&body).await
    };
    assert_eq!(confirm(app.wrong(&site)).await.invalid(), ["code"]);
    assert_eq!(confirm(String::new()).await.invalid(), ["code"]);
    let first = app.code(&site, 0);
    let recovery = codes(&confirm(first.clone()).await.ok());
    assert_eq!(recovery.len(), 10);
    confirm(first.clone()).await.fails(409);
    let status = caller.get("/auth/otp").await.ok();
    assert_eq!(status["enabled"], true);
    assert_eq!(status["recoveryCodesLeft"], 10);
    let at = text(&status["confirmedAt"]);
    assert_eq!(at.len(), "2026-01-01 00:00:00".len(), "{at}");

    // Each code once; the next one, of a clock that is a little fast, is good too.
    let ticket = half(&site, "anna").await;
    is_refused(&finish(&site, &ticket, &first).await, "code");
    let next = app.code(&site, 1);
    finish(&site, &ticket, &next).await.is(200);
    let ticket = half(&site, "anna").await;
    is_refused(&finish(&site, &ticket, &next).await, "code");
    is_refused(&finish(&site, &ticket, &app.code(&site, 3)).await, "code");
    is_refused(&finish(&site, &ticket, &app.code(&site, -3)).await, "code");
}

pub(crate) async fn a_login_takes_two_steps_and_ends_as_any_other(bench: &Bench) {
    let site = never(bench).await;
    let plain = site.person("berta", &[]).await;
    let usual = site.try_login("berta", PASSWORD).await.is(200).raw();
    let (anna, app, _) = guarded(&site, "anna").await;
    let ticket = half(&site, "anna").await;
    let answer = finish(&site, &ticket, &app.code(&site, 0)).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.raw();
    assert_eq!(keys(&body), keys(&usual));
    assert_eq!(keys(&body["data"]), keys(&usual["data"]));
    assert_eq!(body["data"]["userId"], anna.id);
    assert_ne!(anna.id, plain.id);
    let cookie = answer.cookie("token").expect("a cookie");
    let tokens = Tokens::of(&answer);
    assert!(cookie.starts_with(&format!("token={};", tokens.refresh)));
    assert_eq!(body["accessToken"], tokens.access.as_str());
    let me = site.bearer(&tokens.access).get("/auth/me").await.raw();
    assert_eq!(me["userId"], anna.id);

    // In snake_case, with the code in two groups; and all in one go.
    forget_steps(&site).await;
    let ticket = half(&site, "anna").await;
    let code = app.code(&site, 0);
    let body = json!({ "otp_ticket": ticket, "code": format!("{} {}", &code[..3], &code[3..]) });
    let caller = site.anonymous();
    caller.post("/auth/otp").json(&body).await.is(200);
    forget_steps(&site).await;
    let whole = |otp: &str| json!({ "username": "anna", "password": PASSWORD, "otp": otp });
    let code = app.code(&site, 0);
    let login = caller.post("/auth/login").json(&whole(&code)).await;
    login.is(200);
    let again = caller.post("/auth/login").json(&whole(&code)).await;
    is_refused(&again, "code");

    for (body, fields) in [
        (json!({}), &["otpTicket", "code"][..]),
        (json!({ "code": "123456" }), &["otpTicket"][..]),
        (json!({ "otpTicket": "x", "code": " " }), &["code"][..]),
        (
            json!({ "otpTicket": "x".repeat(300), "code": "1" }),
            &["otpTicket"][..],
        ),
    ] {
        let answer = caller.post("/auth/otp").json(&body).await;
        assert_eq!(answer.invalid(), fields, "{body}");
    }
}

pub(crate) async fn req25_half_a_login_opens_nothing(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, _) = guarded(&site, "anna").await;
    let answer = site.try_login("anna", PASSWORD).await;
    let body = answer.fails(401);
    for header in ["authorization", "x-refresh-token", "set-cookie"] {
        assert_eq!(answer.header(header), "", "{answer:?}");
    }
    let ticket = text(&body["otpTicket"]);
    let sessions = "SELECT id FROM session WHERE revoked_at IS NULL";
    let before = site.texts(sessions).await;
    for half in ticket.split('.').chain([ticket.as_str()]) {
        let caller = site
            .bearer(half)
            .with("x-refresh-token", half)
            .with("cookie", &format!("token={half}; menshen_session={half}"));
        caller.get("/auth/me").await.no_token();
        caller.get("/auth/otp").await.no_token();
        caller.post("/auth/session").await.no_token();
        let disable = json!({ "password": PASSWORD });
        let off = caller.post("/auth/otp/disable").json(&disable).await;
        off.no_token();
    }
    assert_eq!(site.texts(sessions).await, before);
    // A wrong password is told nothing of a second factor.
    let wrong = site.try_login("anna", "not the password").await;
    assert_eq!(keys(&wrong.fails(401)), ["code", "msg", "message", "data"]);
    finish(&site, &ticket, &app.code(&site, 0)).await.is(200);
}

pub(crate) async fn req18_a_ticket_is_one_clients_for_five_tries(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, _) = guarded(&site, "anna").await;
    let ticket = half(&site, "anna").await;
    let body = json!({ "otpTicket": ticket, "code": app.code(&site, 0) });
    let other = site.anonymous().with("user-agent", "another/1.0");
    is_refused(&other.post("/auth/otp").json(&body).await, "otpTicket");
    finish(&site, &ticket, &app.code(&site, 0)).await.is(200);
    is_refused(
        &finish(&site, &ticket, &app.code(&site, 1)).await,
        "otpTicket",
    );

    let ticket = half(&site, "anna").await;
    let wrong = app.wrong(&site);
    for _ in 0..5 {
        is_refused(&finish(&site, &ticket, &wrong).await, "code");
    }
    is_refused(
        &finish(&site, &ticket, &app.code(&site, 1)).await,
        "otpTicket",
    );

    let ticket = half(&site, "anna").await;
    let spans = site
        .texts("SELECT CAST(expires_at - created_at AS TEXT) FROM one_time_code")
        .await;
    assert!(spans.iter().all(|s| s == "300000000"), "{spans:?}");
    site.sql("UPDATE one_time_code SET expires_at = created_at")
        .await;
    is_refused(
        &finish(&site, &ticket, &app.code(&site, 1)).await,
        "otpTicket",
    );
    for odd in [
        "x",
        "x.y",
        "\u{0}",
        "0190163d-8694-739b-aea5-966c26f8ad91.x",
    ] {
        let answer = finish(&site, odd, "123456").await;
        assert!(matches!(answer.status, 400 | 401), "{answer:?}");
    }
}

pub(crate) async fn req15_parallel_codes_let_one_in(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, recovery) = guarded(&site, "anna").await;
    for code in [app.code(&site, 0), recovery[0].clone()] {
        let mut tickets = Vec::new();
        for _ in 0..8 {
            tickets.push(half(&site, "anna").await);
        }
        let mut running = tokio::task::JoinSet::new();
        for ticket in tickets {
            let request = site
                .anonymous()
                .post("/auth/otp")
                .json(&json!({ "otpTicket": ticket, "code": code }));
            running.spawn(async move { request.await.status });
        }
        let statuses = running.join_all().await;
        let inside = statuses.iter().filter(|s| **s == 200).count();
        assert_eq!(inside, 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| matches!(s, 200 | 401)));
    }
}

pub(crate) async fn req22_recovery_codes_are_good_once(bench: &Bench) {
    let site = never(bench).await;
    let (anna, _, recovery) = guarded(&site, "anna").await;
    let ticket = half(&site, "anna").await;
    finish(&site, &ticket, &recovery[0]).await.is(200);
    let ticket = half(&site, "anna").await;
    is_refused(&finish(&site, &ticket, &recovery[0]).await, "code");
    finish(&site, &ticket, &recovery[1].replace('-', ""))
        .await
        .is(200);
    let status = anna.caller.get("/auth/otp").await.ok();
    assert_eq!(status["recoveryCodesLeft"], 8);

    let password = json!({ "password": PASSWORD });
    let renewed = anna.caller.post("/auth/otp/recovery").json(&password).await;
    let renewed = codes(&renewed.ok());
    assert_eq!(renewed.len(), 10);
    let ticket = half(&site, "anna").await;
    is_refused(&finish(&site, &ticket, &recovery[2]).await, "code");
    finish(&site, &ticket, &renewed[0]).await.is(200);
}

pub(crate) async fn req24_a_change_needs_the_password(bench: &Bench) {
    let site = never(bench).await;
    let (anna, app, _) = guarded(&site, "anna").await;
    let changes = [
        (Method::POST, "/auth/otp/enroll"),
        (Method::POST, "/auth/otp/recovery"),
        (Method::POST, "/auth/otp/disable"),
        (Method::DELETE, "/auth/otp"),
    ];
    for (method, path) in changes {
        for body in [json!({}), json!({ "password": "not the password" })] {
            let answer = anna.caller.call(method.clone(), path).json(&body).await;
            assert_eq!(answer.invalid(), ["password"], "{path} {body}");
        }
    }
    let login = async || {
        forget_steps(&site).await;
        let ticket = half(&site, "anna").await;
        Tokens::of(&finish(&site, &ticket, &app.code(&site, 0)).await.is(200))
    };
    let other = login().await;
    let off = json!({ "password": PASSWORD });
    let done = anna.caller.delete("/auth/otp").json(&off).await;
    done.ok();
    let still = site.bearer(&other.access).get("/auth/me").await;
    still.is(200);
    site.login("anna").await;
    anna.caller.delete("/auth/otp").json(&off).await.fails(404);
    let recovery = anna.caller.post("/auth/otp/recovery").json(&off).await;
    recovery.fails(404);

    // The same for clients that can't; and the other sessions end if that is wanted.
    let (_, _) = set_up(&site, &anna.caller).await;
    let ending = json!({ "password": PASSWORD, "endOtherSessions": true });
    let done = anna.caller.post("/auth/otp/disable").json(&ending).await;
    done.ok();
    let ended = site.bearer(&other.access).get("/auth/me").await;
    ended.no_token();
    anna.caller.get("/auth/me").await.is(200);
}

pub(crate) async fn req21_secrets_are_sealed_and_told_to_nobody(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, recovery) = guarded(&site, "anna").await;
    let ticket = half(&site, "anna").await;
    let wrong = app.wrong(&site);
    is_refused(&finish(&site, &ticket, &wrong).await, "code");
    finish(&site, &ticket, &recovery[0]).await.is(200);
    // The database holds 160 bits and what AES-256-GCM adds, and hashes of 256 bits.
    let mut conn = site.db.read().await.expect("a connection");
    let sealed: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT secret_sealed FROM second_factor")
        .fetch_all(&mut *conn)
        .await
        .expect("query");
    assert_eq!(sealed[0].0.len(), 20 + 12 + 16);
    let hashes: Vec<(Vec<u8>,)> = sqlx::query_as(
        "SELECT code_hash FROM recovery_code UNION ALL SELECT code_hash FROM one_time_code",
    )
    .fetch_all(&mut *conn)
    .await
    .expect("query");
    assert!(hashes.iter().all(|h| h.0.len() == 32));
    drop(conn);
    let audit = site.audit().await.join("\n");
    for secret in [&app.0, &ticket, &recovery[0], &recovery[1]] {
        assert!(!log().contains(secret.as_str()), "{secret} is in the log");
        assert!(!audit.contains(secret.as_str()), "{secret} is audited");
    }
}

pub(crate) async fn an_administrator_resets_a_lost_one(bench: &Bench) {
    let site = never(bench).await;
    let (anna, _, _) = guarded(&site, "anna").await;
    let path = format!("/user/{}/otp", anna.id);
    let admin = site.admin().await;
    let clerk = site.person("clerk", &["system:user:reset"]).await;
    let reader = site.person("reader", &["system:user:query"]).await;
    let refused = reader.caller.delete(&path).await;
    refused.lacks(&["system:user:reset"]);
    let (_, _) = set_up(&site, &admin).await;
    let above = clerk.caller.delete("/user/1/otp").await;
    above.lacks(&["*:*:*"]);
    let own = format!("/user/{}/otp", clerk.id);
    clerk.caller.delete(&own).await.fails(409);
    clerk.caller.delete("/user/999999/otp").await.fails(404);
    admin.delete(&path).await.ok();
    anna.caller.get("/auth/me").await.no_token();
    admin.delete(&path).await.fails(404);
    site.login("anna").await;
}

pub(crate) async fn req52_what_happened_is_in_the_log(bench: &Bench) {
    let site = never(bench).await;
    let (anna, app, recovery) = guarded(&site, "anna").await;
    let ticket = half(&site, "anna").await;
    is_refused(&finish(&site, &ticket, &app.wrong(&site)).await, "code");
    finish(&site, &ticket, &recovery[0]).await.is(200);
    let wrong = json!({ "password": "not the password" });
    let refused = anna.caller.delete("/auth/otp").json(&wrong).await;
    refused.invalid();
    let path = format!("/user/{}/otp", anna.id);
    site.admin().await.delete(&path).await.ok();
    let audit = site.audit().await;
    for (expected, detail) in [
        ("otp.enroll 1 anna", ""),
        ("otp.confirm 1 anna", ""),
        ("sign_in.otp_due 1 anna", ""),
        ("sign_in 0 anna", "\"otp\""),
        ("otp.use_recovery_code 1 anna", "\"left\":9"),
        ("otp.disable 0 anna", "\"password\""),
        ("user.reset_otp 1 root", "anna"),
    ] {
        let found = audit
            .iter()
            .any(|line| line.starts_with(expected) && line.contains(detail));
        assert!(found, "{expected} {detail} in {audit:#?}");
    }
}

/// The value of a field of a form in a page.
fn field(page: &str, name: &str) -> String {
    let input = page
        .split("<input")
        .find(|input| input.contains(&format!("name=\"{name}\"")))
        .unwrap_or_else(|| panic!("no field {name}: {page}"));
    let (_, value) = input.split_once("value=\"").expect("a value");
    value.split('"').next().unwrap_or_default().to_owned()
}

pub(crate) async fn a_browser_without_scripts_shows_the_code_in_a_second_step(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, _) = guarded(&site, "anna").await;
    let login = "/admin/login?next=%2Fadmin%2Fusers";
    let send = async |browser: &Caller, function: &str, fields: &[(&str, &str)]| {
        let path = format!("/admin/fn/{function}");
        let answer = browser
            .post(&path)
            .header("accept", "text/html")
            .header("referer", format!("{}{login}", site.url))
            .form(fields)
            .await
            .is(303);
        answer.header("location").to_owned()
    };
    for (language, label, wrong_text, over_text) in [
        ("zh", "验证码", "不正确或已使用过", "请重新登录"),
        (
            "en",
            "Code",
            "is wrong or was used before",
            "Please begin again",
        ),
    ] {
        forget_steps(&site).await;
        let browser = site.new_browser().with("accept-language", language);
        let first = [("username", "anna"), ("password", PASSWORD)];
        assert_eq!(send(&browser, "sign_in", &first).await, login);
        let page = browser.get(login).await.is(200).text();
        assert!(page.contains(label), "{page}");
        assert!(page.contains("autocomplete=\"one-time-code\""), "{page}");
        assert!(page.contains("inputmode=\"numeric\""), "{page}");
        assert!(!page.contains("name=\"password\""), "{page}");
        let ticket = field(&page, "otp_ticket");
        // Half a login opens no page.
        browser.get("/admin/users").await.is(303);

        let wrong = app.wrong(&site);
        let fields = [
            ("otp_ticket", ticket.as_str()),
            ("otp_code", wrong.as_str()),
        ];
        assert_eq!(send(&browser, "verify_otp", &fields).await, login);
        let page = browser.get(login).await.is(200).text();
        assert!(
            page.to_lowercase().contains(&wrong_text.to_lowercase()),
            "{page}"
        );
        assert_eq!(field(&page, "otp_ticket"), ticket, "it goes on");
        assert!(!page.contains(&wrong), "codes are not shown again: {page}");

        let code = app.code(&site, 0);
        let fields = [
            ("otp_ticket", ticket.as_str()),
            ("otp_code", code.as_str()),
            ("next", "/admin/users"),
        ];
        assert_eq!(send(&browser, "verify_otp", &fields).await, "/admin/users");
        browser.get("/admin").await.is(200);

        // A ticket that is over leads back to the first step, which says so.
        let browser = site.new_browser().with("accept-language", language);
        assert_eq!(send(&browser, "verify_otp", &fields).await, login);
        let page = browser.get(login).await.is(200).text();
        assert!(page.contains("name=\"password\""), "{page}");
        assert!(
            page.to_lowercase().contains(&over_text.to_lowercase()),
            "{page}"
        );
        assert!(!page.contains("name=\"otp_code\""), "{page}");
    }
}

pub(crate) async fn a_browser_with_scripts_is_told_what_is_due(bench: &Bench) {
    let site = never(bench).await;
    let (_, app, _) = guarded(&site, "anna").await;
    let browser = site.new_browser();
    let first = [("username", "anna"), ("password", PASSWORD)];
    let answer = browser.post("/admin/fn/sign_in").form(&first).await.is(401);
    let ticket = text(&answer.raw()["kind"]["otp_required"]["ticket"]);
    let send = async |ticket: &str, code: &str| {
        let fields = [("otp_ticket", ticket), ("otp_code", code)];
        browser.post("/admin/fn/verify_otp").form(&fields).await
    };
    assert_eq!(
        send(&ticket, "").await.is(400).raw()["fields"][0]["field"],
        "code"
    );
    let wrong = send(&ticket, &app.wrong(&site)).await.is(401).raw();
    assert_eq!(wrong["fields"][0]["field"], "code");
    let done = send(&ticket, &app.code(&site, 0)).await.is(200).raw();
    assert_eq!(done["to"], "/admin");
    browser.get("/admin").await.is(200);
    let over = send(&ticket, &app.code(&site, 1)).await.is(401).raw();
    assert_eq!(over["fields"][0]["field"], "otpTicket");
}
