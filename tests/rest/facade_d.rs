//! Document D (`003_dcd78aa993db69db.txt`), line by line: lines 6–50 the login and its example,
//! lines 51–68 the refusal and its example, lines 70–91 the logout.

use crate::otp::guarded;
use crate::support::{Answer, Bench, Caller, PASSWORD, keys, log, percent};
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};

const LOGIN: &str = "/api/auth/login";
const LOGOUT: &str = "/api/auth/logout";

fn by_address(username: &str, password: &str) -> String {
    let (username, password) = (percent(username), percent(password));
    format!("{LOGIN}?username={username}&password={password}")
}

async fn login(caller: &Caller, username: &str) -> Answer {
    let body = json!({ "username": username, "password": PASSWORD });
    caller.post(LOGIN).json(&body).await
}

/// Lines 6–50: in the address, as a form and as JSON.
pub(crate) async fn a_login_answers_as_document_d_says(bench: &Bench) {
    let site = bench.site().await;
    let expected = json!({
        "code": 200,
        "data": {
            "id": 1, "username": "root", "disabled": false, "role": "admin",
            "permission": 0, "otp": false,
        },
    });
    let by_address = by_address("root", PASSWORD);
    let fields = [("username", "root"), ("password", PASSWORD)];
    let body = json!({ "username": "root", "password": PASSWORD });
    for request in [
        site.new_browser().get(&by_address),
        site.new_browser().post(&by_address),
        site.new_browser().post(LOGIN).form(&fields),
        site.new_browser().post(LOGIN).json(&body),
        // The body has the last word.
        site.new_browser()
            .post(&self::by_address("root", "not the password"))
            .json(&body),
    ] {
        let answer = request.await.is(200);
        assert_eq!(answer.raw(), expected, "{answer:?}");
        assert_eq!(keys(&answer.raw()["data"]), keys(&expected["data"]));
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        let cookie = answer.cookie("menshen_session").expect("a cookie");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
    }
}

/// The session is the one of the admin UI, and opens REST too; its id is new at every login.
pub(crate) async fn the_session_is_a_browsers_own(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.new_browser();
    let first = login(&browser, "root").await.is(200);
    let me = browser.get("/auth/me").await.is(200).raw();
    assert_eq!(me["username"], "root");
    browser.get("/role/list").await.ok();
    browser.get("/admin").await.is(200);
    let second = login(&browser, "root").await.is(200);
    assert_ne!(
        first.cookie("menshen_session"),
        second.cookie("menshen_session"),
        "req 39"
    );
    let kinds = site.texts("SELECT DISTINCT kind FROM session").await;
    assert_eq!(kinds, ["browser"]);
    let old = first.cookie("menshen_session").expect("a cookie");
    let old = old.split(';').next().expect("a pair").to_owned();
    let stale = site.anonymous().with("cookie", &old);
    stale.get("/auth/me").await.no_token();
}

/// Lines 31–35.
pub(crate) async fn role_and_permission_are_of_the_first_role(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let mut ids = Vec::new();
    for (key, sort, status) in [("late", 9, "0"), ("early", 0, "0"), ("gone", -1, "1")] {
        let role = json!({
            "roleName": key, "roleKey": key, "roleSort": sort.max(0), "status": status,
        });
        let made = admin.post("/role").json(&role).await.ok();
        ids.push(made["roleId"].clone());
    }
    for (name, roles, role, permission) in [
        ("none", json!([]), "", 1),
        ("late", json!([ids[0]]), "late", 9),
        ("both", json!([ids[0], ids[1]]), "early", 1),
        ("gone", json!([ids[2], ids[0]]), "late", 9),
        ("mighty", json!([ids[0], 1]), "admin", 0),
    ] {
        let body = json!({ "username": name, "password": PASSWORD, "roleIds": roles });
        let id = site.add_user(body).await;
        let data = login(&site.new_browser(), name).await.is(200).raw()["data"].take();
        let expected = json!({
            "id": id, "username": name, "disabled": false, "role": role,
            "permission": permission, "otp": false,
        });
        assert_eq!(data, expected);
    }
}

/// Lines 51–68.
pub(crate) async fn refusals_are_403_with_a_reason(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.new_browser();
    let mut seen = Vec::new();
    for (username, password) in [("root", "not the password"), ("nobody", PASSWORD)] {
        let answer = browser.get(&by_address(username, password)).await;
        let body = answer.fails(403);
        assert_eq!(keys(&body), ["code", "msg", "data"]);
        assert_eq!(body["code"], 403);
        assert_eq!(body["msg"], "Forbidden");
        assert_eq!(keys(&body["data"]), ["reason"]);
        assert!(answer.cookie("menshen_session").is_none(), "{answer:?}");
        seen.push(body);
    }
    assert_eq!(seen[0], seen[1], "req 12: one answer");
    let english = browser
        .get(&by_address("root", "not the password"))
        .header("accept-language", "en")
        .await;
    let body = english.fails(403);
    assert_eq!(body["msg"], "Forbidden");
    assert_eq!(body["data"]["reason"], "The name or the password is wrong");
}

pub(crate) async fn req12_that_an_account_is_disabled_is_for_whoever_knows_the_password(
    bench: &Bench,
) {
    let site = bench.site().await;
    let id = site
        .add_user(json!({ "username": "lin", "password": PASSWORD }))
        .await;
    let admin = site.admin().await;
    let disabled = json!({ "status": "1" });
    admin.put(&format!("/user/{id}")).json(&disabled).await.ok();
    let told = login(&site.new_browser(), "lin").await;
    assert_eq!(told.fails(403)["data"]["reason"], "账号已停用");
    let browser = site.new_browser();
    let wrong = browser.get(&by_address("lin", "not the password")).await;
    assert_eq!(wrong.fails(403)["data"]["reason"], "用户名或密码错误");
}

pub(crate) async fn a_second_factor_is_asked_for_and_taken(bench: &Bench) {
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Never)
        .await;
    let (_, app, _) = guarded(&site, "anna").await;
    let browser = site.new_browser();
    let due = login(&browser, "anna").await.fails(403);
    assert_eq!(due["data"]["otpRequired"], true);
    browser.get("/auth/me").await.no_token();
    // It says nothing to whoever does not know the password.
    let wrong = browser.get(&by_address("anna", "not the password")).await;
    assert_eq!(keys(&wrong.fails(403)["data"]), ["reason"]);
    let code = app.code(&site, 0);
    let with_code = format!("{}&code={code}", by_address("anna", PASSWORD));
    let data = browser.get(&with_code).await.is(200).raw()["data"].take();
    assert_eq!(data["otp"], true);
    assert_eq!(data["username"], "anna");
    browser.get("/auth/me").await.is(200);
    let again = site.new_browser().get(&with_code).await;
    again.fails(403);
}

pub(crate) async fn empty_captcha_fields_are_none_in_d(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.new_browser();
    let mut body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": "", "captchaCode": "",
    });
    let posted = browser.post("/api/auth/login").json(&body).await;
    posted.is(200);
    let path = format!("{}&captchaKey=&captchaCode=", by_address("root", PASSWORD));
    browser.get(&path).await.is(200);
    body["captchaKey"] = "x1".into();
    let half = browser.post("/api/auth/login").json(&body).await;
    half.fails(400);
}

pub(crate) async fn a_captcha_can_be_due_in_d(bench: &Bench) {
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Always)
        .await;
    let browser = site.new_browser();
    let due = login(&browser, "root").await.fails(403);
    assert_eq!(due["data"]["captchaRequired"], true);
    for names in [
        ("captchaKey", "captchaCode"),
        ("captcha_key", "captcha_code"),
    ] {
        let (key, answer) = site.captcha().await;
        let path = format!(
            "{}&{}={key}&{}={answer}",
            by_address("root", PASSWORD),
            names.0,
            names.1
        );
        browser.get(&path).await.is(200);
        let spent = browser.get(&path).await;
        spent.fails(403);
    }
}

/// Lines 70–91.
pub(crate) async fn a_logout_ends_the_session(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.new_browser();
    login(&browser, "root").await.is(200);
    let answer = browser.get(LOGOUT).await.is(200);
    assert_eq!(answer.raw(), json!({ "code": 200 }));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    browser.get("/auth/me").await.no_token();
    // The document knows one answer: once more, or without a session, it is the same.
    for caller in [&browser, &site.anonymous(), &site.bearer("bad")] {
        let again = caller.get(LOGOUT).await.is(200);
        assert_eq!(again.raw(), json!({ "code": 200 }));
    }
    // A token's session ends too.
    let token = site.login("root").await.access;
    site.bearer(&token).get(LOGOUT).await.is(200);
    site.bearer(&token).get("/auth/me").await.no_token();
}

pub(crate) async fn the_get_form_can_be_turned_off(bench: &Bench) {
    let site = bench.site_with(|s| s.facade.get_login = false).await;
    let browser = site.new_browser();
    let path = by_address("root", PASSWORD);
    let refused = browser.get(&path).await;
    refused.fails(405);
    assert_eq!(refused.header("allow"), "POST");
    // Nor is the address looked at.
    let refused = browser.post(&path).await;
    refused.fails(400);
    login(&browser, "root").await.is(200);
    browser.get(LOGOUT).await.is(200);
}

pub(crate) async fn req42_other_sites_sign_nobody_in_or_out(bench: &Bench) {
    let site = bench
        .site_with(|s| s.server.cors_origins = vec!["https://app.example.com".to_owned()])
        .await;
    let browser = site.new_browser();
    let path = by_address("root", PASSWORD);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let answer = browser.get(&path).header(name, value).await;
        assert!(answer.fails(403)["data"]["reason"].is_string());
        assert!(answer.cookie("menshen_session").is_none());
    }
    browser
        .get(&path)
        .header("origin", "https://app.example.com")
        .header("sec-fetch-site", "same-site")
        .await
        .is(200);
    let out = browser.get(LOGOUT).header("sec-fetch-site", "cross-site");
    out.await.fails(403);
    browser.get("/auth/me").await.is(200);
    let typed = browser.get(LOGOUT).header("sec-fetch-site", "none").await;
    typed.is(200);
}

/// Everything that the server writes is searched: its log at debug level, the database, the
/// answers.
pub(crate) async fn req52_a_password_in_the_address_is_written_nowhere(bench: &Bench) {
    let site = bench.site().await;
    let secrets: Vec<String> = (1..=6)
        .map(|n| format!("Adresse{n}Geheim{}", n * 7919))
        .collect();
    site.add_user(json!({ "username": "lin", "password": secrets[0] }))
        .await;
    let browser = site.new_browser();
    let mut answers = vec![
        browser.get(&by_address("lin", &secrets[0])).await.is(200),
        browser.get(&by_address("lin", &secrets[1])).await,
        browser.post(&by_address("lin", &secrets[2])).await,
        browser
            .get(&format!("{LOGIN}?password={}", secrets[3]))
            .await,
        browser
            .get(&format!("{LOGIN}/x?password={}", secrets[4]))
            .await,
        browser
            .get(&format!("{LOGOUT}?password={}", secrets[5]))
            .await,
        browser.delete(&by_address("lin", &secrets[0])).await,
        browser
            .get(&format!("{LOGIN}?%ff=%fe&password={}", secrets[3]))
            .await,
    ];
    answers.push(browser.get("/health/ready").await);
    if let Some(metrics) = Some(browser.get("/metrics").await).filter(|a| a.status == 200) {
        answers.push(metrics);
    }
    let (log, audit) = (log(), site.audit().await.join("\n"));
    let database = site.whole_database().await;
    assert!(log.contains("/api/auth/login"), "the log is kept");
    assert!(audit.contains("sign_in 0 lin"), "{audit}");
    assert!(database.contains("lin"), "the database is read");
    for secret in &secrets {
        for (place, text) in [("log", &log), ("audit", &audit), ("database", &database)] {
            assert!(
                !text.contains(secret.as_str()),
                "{secret} is in the {place}"
            );
        }
        for answer in &answers {
            let headers = format!("{:?}", answer.headers);
            let told = answer.text().contains(secret.as_str()) || headers.contains(secret.as_str());
            assert!(!told, "{secret} is in an answer of {}", answer.status);
        }
    }
    for answer in &answers[..8] {
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

pub(crate) async fn errors_of_document_d_have_its_shape(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let form = "application/x-www-form-urlencoded";
    for (answer, status) in [
        (caller.get(LOGIN).await, 400),
        (caller.post(LOGIN).await, 400),
        (caller.post(LOGIN).body("{").await, 400),
        (caller.post(LOGIN).body("[]").await, 400),
        (
            caller.post(LOGIN).json(&json!({ "username": 5 })).await,
            400,
        ),
        (caller.post(LOGIN).header("content-type", form).await, 400),
        (caller.put(LOGIN).await, 405),
        (caller.post(LOGOUT).await, 405),
        (caller.get("/api/auth").await, 404),
        (caller.get("/api/auth/nothing?x=1").await, 404),
        (caller.post(LOGIN).body(vec![b'x'; 1_100_000]).await, 413),
        (
            caller
                .get(LOGOUT)
                .header("origin", "https://evil.example")
                .await,
            403,
        ),
    ] {
        let body: Value = answer.fails(status);
        assert_eq!(keys(&body), ["code", "msg", "data"], "{answer:?}");
        assert_eq!(body["code"], status);
    }
    let missing = caller.get(&format!("{LOGIN}?username=root")).await;
    let reason = missing.fails(400)["data"]["reason"].to_string();
    assert!(reason.contains("password"), "{reason}");
}
