//! Document E (`004_69d3d2aff0df3d1f.txt`), line by line: lines 3–51 the login and its example,
//! lines 53–64 names and passwords, lines 65–90 codes by short message, lines 92–114 the vendors
//! (here only that they are named when they are not set up), lines 116–126 the refresh, lines
//! 128–136 the logout, lines 138–147 who is signed in, lines 149–187 the registration.

use crate::otp::guarded;
use crate::support::{Answer, Bench, Caller, PASSWORD, Site, keys, log};
use menshen::settings::{Settings, SmsProvider};
use menshen_services::passwords::digest;
use menshen_services::settings::{CaptchaMode, RegistrationMode};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

async fn login(caller: &Caller, body: Value) -> Answer {
    caller.post("/api/login").json(&body).await
}

async fn token(site: &Site, name: &str) -> String {
    let body = json!({ "LoginCode": name, "Password": PASSWORD });
    let body = login(&site.anonymous(), body).await.is(200).raw();
    body["token"].as_str().expect("a token").to_owned()
}

/// A phone number that no other case has: the log is everybody's.
fn phone() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("155{:08}", 10_007 * (n + 1) % 100_000_000)
}

fn with_sms(settings: &mut Settings) {
    settings.sms.provider = SmsProvider::Log;
}

async fn send(site: &Site, phone: &str) -> Answer {
    let path = format!("/api/sms?Phone={phone}");
    site.anonymous().get(&path).await
}

/// The code that was sent to `phone` last, from the log of the provider for development.
fn code(phone: &str) -> String {
    let log = log();
    let line = log
        .lines()
        .rev()
        .find(|line| line.contains("a code for a phone") && line.contains(phone))
        .unwrap_or_else(|| panic!("no code for {phone}"));
    let at = line.find("code=\"").expect("a code") + "code=\"".len();
    line[at..at + 6].to_owned()
}

async fn by_phone(site: &Site, phone: &str, code: &str) -> Answer {
    let body = json!({ "LoginCode": phone, "Password": code, "LoginType": "sms" });
    login(&site.anonymous(), body).await
}

/// Forgets how often codes were asked for.
async fn later(site: &Site) {
    site.sql("DELETE FROM throttle WHERE key LIKE 'sms:%'")
        .await;
}

#[track_caller]
fn is_user(user: &Value) {
    assert_eq!(
        keys(user),
        [
            "Id",
            "LoginCode",
            "UserCode",
            "UserName",
            "Phone",
            "Avatar",
            "Email",
            "UserType",
            "Status"
        ]
    );
    assert!(user["Id"].is_i64());
    for (name, value) in user.as_object().expect("an object") {
        assert!(name == "Id" || value.is_string(), "{name}: {value}");
    }
}

/// Lines 3–51, with the request of lines 17–22.
pub(crate) async fn a_login_answers_as_document_e_says(bench: &Bench) {
    let site = bench.site().await;
    let id = site
        .add_user(json!({
            "username": "ceshi001", "password": PASSWORD, "nickname": "测试",
            "phone": "15578906770", "email": "mini@example.com", "avatar": "/a.png",
        }))
        .await;
    let body = json!({ "LoginCode": "ceshi001", "Password": PASSWORD });
    let answer = login(&site.anonymous(), body).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.raw();
    assert_eq!(keys(&body), ["code", "expire", "token", "user"]);
    assert_eq!(body["code"], 200);
    let expire = body["expire"].as_str().expect("a time");
    assert!(expire.ends_with("+08:00"), "{expire}");
    let expire: jiff::Timestamp = expire.parse().expect("RFC 3339");
    let left = expire.as_second() - site.services.now().seconds();
    assert!((890..=905).contains(&left), "{left}");
    let user = &body["user"];
    is_user(user);
    let code = user["UserCode"].as_str().expect("a code");
    assert!(code.starts_with('u') && code.len() == 16, "{code}");
    assert_eq!(
        *user,
        json!({
            "Id": id, "LoginCode": "ceshi001", "UserCode": code, "UserName": "测试",
            "Phone": "15578906770", "Avatar": "/a.png", "Email": "mini@example.com",
            "UserType": "user", "Status": "0",
        })
    );
    let caller = site.bearer(body["token"].as_str().expect("a token"));
    assert_eq!(caller.get("/auth/me").await.is(200).raw()["userId"], id);
}

pub(crate) async fn names_are_taken_in_every_spelling(bench: &Bench) {
    let site = bench.site().await;
    for body in [
        json!({ "LoginCode": "root", "Password": PASSWORD, "LoginType": "psw" }),
        json!({ "loginCode": "root", "password": PASSWORD, "loginType": "psw" }),
        json!({ "login_code": "root", "password": PASSWORD, "login_type": "" }),
        json!({ "LoginCode": "root", "Password": PASSWORD, "LoginType": null, "Param": null }),
        json!({ "LoginCode": "root", "Password": PASSWORD, "Param": {}, "Unknown": 1 }),
    ] {
        login(&site.anonymous(), body).await.is(200);
    }
}

/// Line 54.
pub(crate) async fn any_of_four_names_opens(bench: &Bench) {
    let site = bench.site().await;
    let id = site
        .add_user(json!({
            "username": "lin", "password": PASSWORD, "phone": "15578906770",
            "email": "Lin@Example.com",
        }))
        .await;
    let user_code = site
        .texts("SELECT user_code FROM user_account WHERE username = 'lin'")
        .await
        .remove(0);
    let names = [
        "lin",
        &user_code,
        "15578906770",
        "+8615578906770",
        "lin@example.com",
    ];
    for name in names {
        let body = json!({ "LoginCode": name, "Password": PASSWORD });
        let body = login(&site.anonymous(), body).await.is(200).raw();
        assert_eq!(body["user"]["Id"], id, "{name}");
    }
    // Somebody else tells the same later, or takes the number for a name: it stays hers.
    let other = "river seven quiet";
    let tells = json!({
        "username": "han", "password": other, "phone": "15578906770",
        "email": "lin@example.com",
    });
    let named = json!({ "username": "15578906770", "password": other });
    for body in [tells, named] {
        let stranger = site.anonymous();
        stranger.post("/user").json(&body).await.is(201);
    }
    for name in ["15578906770", "lin@example.com"] {
        let body = json!({ "LoginCode": name, "Password": PASSWORD });
        let body = login(&site.anonymous(), body).await.is(200).raw();
        assert_eq!(body["user"]["Id"], id, "{name}");
        let body = json!({ "LoginCode": name, "Password": other });
        let refused = login(&site.anonymous(), body).await;
        assert_eq!(refused.fails(401)["message"], "用户名或密码错误");
    }
}

/// Line 55.
pub(crate) async fn the_sha256_of_the_password_opens(bench: &Bench) {
    let site = bench.site().await;
    let hex = digest(PASSWORD);
    assert_eq!(hex.len(), 64);
    let with = |password: &str| json!({ "LoginCode": "root", "Password": password });
    login(&site.anonymous(), with(&hex)).await.is(200);
    let twice = digest(&hex);
    login(&site.anonymous(), with(&twice)).await.fails(401);
    // At the other doors it is no password.
    site.try_login("root", &hex).await.fails(401);
}

/// Line 12, and lines 92–114.
pub(crate) async fn ways_that_are_unknown_or_not_set_up_are_named(bench: &Bench) {
    let site = bench.site().await;
    for (way, told) in [
        ("fax", "fax"),
        ("min", "mini"),
        ("mini", "mini"),
        ("qw", "work"),
        ("work", "work"),
        ("wc", "wc"),
        ("sms", "sms"),
    ] {
        let body = json!({
            "LoginCode": "15578906770", "Password": "123456", "LoginType": way,
            "Param": { "phone": "15578906770" },
        });
        let refused = login(&site.anonymous(), body).await;
        let body = refused.fails(400);
        assert_eq!(keys(&body), ["code", "message"]);
        let message = body["message"].as_str().expect("a message");
        assert!(message.contains(told), "{way}: {message}");
    }
    let refused = send(&site, "15578906770").await;
    assert!(refused.fails(400)["message"].to_string().contains("sms"));
}

/// Lines 65–90.
pub(crate) async fn a_phone_opens_with_the_code_sent_to_it(bench: &Bench) {
    let site = bench.site_with(with_sms).await;
    let phone = phone();
    let answer = send(&site, &phone).await.is(200);
    assert_eq!(answer.raw(), json!({ "code": 200 }));
    let sent = code(&phone);
    let wrong = if sent == "000000" { "000001" } else { "000000" };
    let refused = by_phone(&site, &phone, wrong).await;
    assert_eq!(keys(&refused.fails(401)), ["code", "message"]);
    let body = by_phone(&site, &phone, &sent).await.is(200).raw();
    assert_eq!(keys(&body), ["code", "expire", "token", "user"]);
    let user = body["user"].clone();
    is_user(&user);
    assert_eq!(user["Phone"], phone);
    let digits = user["UserCode"]
        .as_str()
        .expect("a code")
        .trim_start_matches('u');
    assert_eq!(user["UserName"], format!("用户{digits}"));
    by_phone(&site, &phone, &sent).await.fails(401);
    // The second time it is the same account, in another spelling too.
    later(&site).await;
    send(&site, &format!("%2B86{phone}")).await.is(200);
    let body = by_phone(&site, &format!("+86{phone}"), &code(&phone)).await;
    assert_eq!(body.is(200).raw()["user"]["Id"], user["Id"]);
    // Both spellings of the parameter.
    later(&site).await;
    let caller = site.anonymous();
    caller.get(&format!("/api/sms?phone={phone}")).await.is(200);
}

pub(crate) async fn req13_the_answer_is_the_same_for_any_number(bench: &Bench) {
    let site = bench
        .site_with(|s| {
            with_sms(s);
            s.registration.mode = RegistrationMode::Closed;
        })
        .await;
    let (known, unknown) = (phone(), phone());
    site.add_user(json!({ "username": "lin", "password": PASSWORD }))
        .await;
    site.sql(&format!(
        "UPDATE user_account SET phone = '{known}', phone_verified = 1 WHERE username = 'lin'"
    ))
    .await;
    let mut bodies = Vec::new();
    for number in [&known, &unknown] {
        let answer = send(&site, number).await.is(200);
        bodies.push(answer.raw());
        by_phone(&site, number, "x").await.fails(401);
    }
    assert_eq!(bodies[0], bodies[1]);
    by_phone(&site, &known, &code(&known)).await.is(200);
    // Whoever has proved the number may know that it opens nothing.
    let refused = by_phone(&site, &unknown, &code(&unknown)).await;
    refused.fails(403);
}

pub(crate) async fn req19_codes_are_limited(bench: &Bench) {
    let site = bench.site_with(with_sms).await;
    let number = phone();
    send(&site, &number).await.is(200);
    for _ in 0..3 {
        let refused = send(&site, &number).await;
        assert_eq!(keys(&refused.fails(429)), ["code", "message"]);
        let wait: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    let due = send(&site, &phone()).await.fails(401);
    assert_eq!(due["captchaRequired"], true);
    let (key, answer) = site.captcha().await;
    let next = phone();
    let solved = format!("/api/sms?Phone={next}&captchaKey={key}&captchaCode={answer}");
    site.anonymous().get(&solved).await.is(200);
    for bad in ["", "abc", "12-34", "1", "%00"] {
        let refused = send(&site, bad).await;
        assert!(refused.fails(400)["message"].to_string().contains("Phone"));
    }
    // Nor do other sites' pages have their visitors ask.
    let elsewhere = site.anonymous().with("sec-fetch-site", "cross-site");
    let asked = elsewhere.get(&format!("/api/sms?Phone={}", phone())).await;
    asked.fails(403);
    let kept = site
        .texts("SELECT CAST(COUNT(*) AS TEXT) FROM one_time_code")
        .await;
    assert_eq!(kept, ["2"]);
}

/// "Registering with a stranger's number must gain nothing."
pub(crate) async fn a_number_of_a_strangers_gains_nothing(bench: &Bench) {
    let site = bench.site_with(with_sms).await;
    let number = phone();
    let mallory = json!({
        "LoginCode": "mallory", "Password": PASSWORD, "UserName": "M", "Phone": number,
    });
    let caller = site.anonymous();
    caller.post("/api/register").json(&mallory).await.is(200);
    send(&site, &number).await.is(200);
    let vera = by_phone(&site, &number, &code(&number)).await.is(200).raw();
    assert_ne!(vera["user"]["LoginCode"], "mallory");
    // Mallory's claim has lapsed, and her password opens nothing under the number.
    let body = json!({ "LoginCode": number, "Password": PASSWORD });
    login(&caller, body).await.fails(401);
    let hers = token(&site, "mallory").await;
    let hers = site
        .bearer(&hers)
        .get("/api/login_user")
        .await
        .is(200)
        .raw();
    assert_eq!(hers["data"]["Phone"], "");
}

pub(crate) async fn captchas_and_second_factors_are_told_in_e(bench: &Bench) {
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Always)
        .await;
    let caller = site.anonymous();
    let mut body = json!({ "LoginCode": "root", "Password": PASSWORD });
    let due = login(&caller, body.clone()).await.fails(401);
    assert_eq!(keys(&due), ["code", "message", "captchaRequired"]);
    for names in [
        ["captchaKey", "captchaCode"],
        ["CaptchaKey", "CaptchaCode"],
        ["captcha_key", "captcha_code"],
    ] {
        let (key, answer) = site.captcha().await;
        let mut solved = body.clone();
        solved[names[0]] = key.into();
        solved[names[1]] = answer.into();
        login(&caller, solved.clone()).await.is(200);
        login(&caller, solved).await.fails(400);
    }

    let site = site
        .another_node(|s| s.captcha.mode = CaptchaMode::Never)
        .await;
    let (_, app, _) = guarded(&site, "anna").await;
    body["LoginCode"] = "anna".into();
    let caller = site.anonymous();
    let due = login(&caller, body.clone()).await.fails(401);
    assert_eq!(keys(&due), ["code", "message", "otpRequired", "otpTicket"]);
    body["Param"] = json!({ "otp": app.code(&site, 0) });
    login(&caller, body.clone()).await.is(200);
    login(&caller, body).await.fails(401);
}

/// Lines 116–126.
pub(crate) async fn a_token_is_refreshed(bench: &Bench) {
    let site = bench.site().await;
    let first = token(&site, "root").await;
    let answer = site.bearer(&first).get("/api/refresh_token").await.is(200);
    let body = answer.raw();
    assert_eq!(keys(&body), ["code", "expire", "token"]);
    assert_eq!(body["code"], 200);
    let expire: Result<jiff::Timestamp, _> = body["expire"].as_str().expect("a time").parse();
    expire.expect("RFC 3339");
    let second = body["token"].as_str().expect("a token");
    assert_ne!(second, first);
    for token in [second, &first] {
        site.bearer(token).get("/auth/me").await.is(200);
    }
    let thief = site.bearer(&first).with("user-agent", "thief/1.0");
    thief.get("/api/refresh_token").await.fails(403);
    site.bearer(&first)
        .get("/api/refresh_token")
        .await
        .no_token();
    site.bearer("bad")
        .get("/api/refresh_token")
        .await
        .no_token();
    site.anonymous().get("/api/refresh_token").await.no_token();
}

/// Lines 128–136.
pub(crate) async fn a_logout_ends_the_tokens_session(bench: &Bench) {
    let site = bench.site().await;
    let token = token(&site, "root").await;
    let answer = site.bearer(&token).get("/api/logout").await.is(200);
    assert_eq!(answer.raw(), json!({ "code": 200 }));
    for path in ["/api/login_user", "/api/logout", "/api/refresh_token"] {
        site.bearer(&token).get(path).await.no_token();
    }
    // A cookie alone signs nobody out: a link on another site could do that.
    let browser = site.browser("root").await;
    browser.get("/api/logout").await.no_token();
    browser.get("/auth/me").await.is(200);
}

/// Lines 138–147.
pub(crate) async fn who_is_signed_in_is_told(bench: &Bench) {
    let site = bench.site().await;
    let token = token(&site, "root").await;
    let body = site
        .bearer(&token)
        .get("/api/login_user")
        .await
        .is(200)
        .raw();
    assert_eq!(keys(&body), ["success", "data"]);
    assert_eq!(body["success"], true);
    is_user(&body["data"]);
    assert_eq!(body["data"]["LoginCode"], "root");
    let refused = site.anonymous().get("/api/login_user").await;
    let body = refused.fails(401);
    assert_eq!(
        body,
        json!({
            "success": false, "data": null, "code": 401, "message": "Invalid access token.",
            "errorCode": "401", "errorMessage": "Invalid access token.", "showType": 2,
        })
    );
}

/// Lines 149–187. The example's password and e-mail address are too weak to be taken as they are.
pub(crate) async fn anybody_registers(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let mut body = json!({
        "LoginCode": "ceshi001", "Password": "12345", "UserName": "UserName", "Phone": "12345",
        "Email": "mini",
    });
    let refused = caller.post("/api/register").json(&body).await;
    refused.fails(400);
    body["Password"] = PASSWORD.into();
    body["Email"] = "mini@example.com".into();
    let answer = caller.post("/api/register").json(&body).await.is(200);
    let told = answer.raw();
    assert_eq!(
        told,
        json!({
            "success": true, "data": "注册成功", "total": 0, "current": 0, "pageSize": 0,
            "errorCode": "", "errorMessage": "", "showType": 0,
            "traceId": answer.header("x-request-id"), "host": "127.0.0.1",
        })
    );
    let user = site.bearer(&token(&site, "ceshi001").await);
    let user = user.get("/api/login_user").await.is(200).raw()["data"].take();
    assert_eq!(user["UserName"], "UserName");
    assert_eq!(user["Phone"], "12345");
    assert_eq!(user["Email"], "mini@example.com");
    // With the SHA-256 of the password, in other spellings, and without what is optional.
    let hex = digest(PASSWORD);
    for (name, body) in [
        (
            "a1",
            json!({ "LoginCode": "a1", "Password": *hex, "UserName": "A" }),
        ),
        (
            "a2",
            json!({ "loginCode": "a2", "password": *hex, "userName": "A" }),
        ),
        (
            "a3",
            json!({ "login_code": "a3", "password": *hex, "user_name": "A" }),
        ),
    ] {
        caller.post("/api/register").json(&body).await.is(200);
        token(&site, name).await;
        site.login(name).await;
    }
}

pub(crate) async fn refused_registrations_have_the_documents_shape(bench: &Bench) {
    let site = bench.site_with(|s| s.registration.per_hour = 2).await;
    let caller = site.anonymous();
    let good = json!({ "LoginCode": "lin", "Password": PASSWORD, "UserName": "Lin" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let register = async |body: &Value| caller.post("/api/register").json(body).await;
    for (body, named) in [
        (json!({}), "UserName"),
        (with("LoginCode", json!("a b")), "LoginCode"),
        (with("LoginCode", json!("root")), "LoginCode"),
        (with("Password", json!("12345")), "Password"),
        (with("Password", json!(*digest("123456"))), "Password"),
        (with("UserName", json!(" ")), "UserName"),
        (with("Phone", json!("12-34")), "Phone"),
        (with("Email", json!("mini")), "Email"),
        (with("LoginCode", json!(5)), "LoginCode"),
    ] {
        // A name that is taken is found out after it was counted.
        site.sql("DELETE FROM throttle").await;
        let refused = register(&body).await;
        let told = refused.fails(400);
        assert_eq!(
            keys(&told),
            [
                "success",
                "data",
                "total",
                "current",
                "pageSize",
                "errorCode",
                "errorMessage",
                "showType",
                "traceId",
                "host"
            ]
        );
        assert_eq!(told["traceId"], refused.header("x-request-id"));
        let message = told["errorMessage"].as_str().expect("a message");
        assert!(message.contains(named), "{body}: {message}");
    }
    site.sql("DELETE FROM throttle").await;
    for name in ["lin", "lin2"] {
        register(&with("LoginCode", json!(name))).await.is(200);
    }
    register(&with("LoginCode", json!("lin3"))).await.fails(429);
    let closed = site
        .another_node(|s| s.registration.mode = RegistrationMode::Closed)
        .await;
    let caller = closed.anonymous();
    caller.post("/api/register").json(&good).await.fails(403);
}

pub(crate) async fn errors_of_document_e_have_its_shape(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let big = || vec![b'x'; 1_100_000];
    for (answer, status) in [
        (login(&caller, json!({})).await, 400),
        (login(&caller, json!({ "LoginCode": "root" })).await, 400),
        (login(&caller, json!({ "LoginCode": 5 })).await, 400),
        (
            login(&caller, json!({ "LoginCode": "a", "Param": 5 })).await,
            400,
        ),
        (
            login(&caller, json!({ "LoginCode": "a", "Param": { "x": 5 } })).await,
            400,
        ),
        (caller.post("/api/login").body("{").await, 400),
        (caller.post("/api/login").body(big()).await, 413),
        (caller.get("/api/login").await, 405),
        (caller.post("/api/sms").await, 405),
        (caller.get("/api").await, 404),
        (caller.get("/api/nothing").await, 404),
        (caller.get("/api/login/x").await, 404),
    ] {
        let body = answer.fails(status);
        assert_eq!(keys(&body), ["code", "message"], "{answer:?}");
    }
    for (answer, status) in [
        (caller.post("/api/register").body("{").await, 400),
        (caller.post("/api/register").body(big()).await, 413),
        (caller.get("/api/register").await, 405),
    ] {
        let body = answer.fails(status);
        assert_eq!(body["success"], false);
        assert_eq!(body["errorCode"], status.to_string());
    }
    let wrong = json!({ "LoginCode": "root", "Password": "not the password" });
    let refused = login(&caller.clone().with("accept-language", "en"), wrong).await;
    let body = refused.fails(401);
    assert_eq!(body["message"], "The name or the password is wrong");
    let message = login(&caller, json!({ "LoginCode": "" })).await.message();
    assert!(message.contains("LoginCode"), "{message}");
}
