//! Document B (`001_71ac5280be8d5968.txt`), line by line: lines 41–70 the sign-in, lines 74–92 the
//! renewal. Its other entries (lines 29–39 and 96–196) have neither path nor content: nothing can
//! be served for them.

use crate::otp::guarded;
use crate::support::{Answer, Bench, PASSWORD, Site, keys};
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};

async fn sign_in(site: &Site, body: Value) -> Answer {
    site.anonymous().post("/signin").json(&body).await
}

async fn signed_in(site: &Site) -> Value {
    let body = json!({ "username": "root", "password": PASSWORD });
    sign_in(site, body).await.is(200).raw()["data"].take()
}

async fn renew(site: &Site, refresh: &str) -> Answer {
    let body = json!({ "refresh_token": refresh });
    let caller = site.anonymous();
    caller.post("/tokens/renew_access").json(&body).await
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// RFC 3339 with the offset of the tests' zone, as in line 55.
#[track_caller]
fn is_time(value: &Value) -> jiff::Timestamp {
    let text = text(value);
    assert!(text.ends_with("+08:00"), "{text}");
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// Lines 43–69.
pub(crate) async fn a_sign_in_answers_as_the_document_says(bench: &Bench) {
    let site = bench.site().await;
    site.add_user(json!({
        "username": "lin", "password": PASSWORD, "nickname": "林薇",
        "phone": "13800000000", "email": "lin@example.com",
    }))
    .await;
    let body = json!({ "username": "LIN", "password": PASSWORD });
    let answer = sign_in(&site, body).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.raw();
    assert_eq!(keys(&body), ["code", "data", "msg"]);
    assert_eq!(body["code"], 200);
    assert_eq!(body["msg"], "登录成功");
    let data = &body["data"];
    assert_eq!(
        keys(data),
        [
            "access_token",
            "access_token_expires_at",
            "refresh_token",
            "refresh_token_expires_at",
            "session_id",
            "user"
        ]
    );
    let now = site.services.now().seconds();
    let left = |name: &str| is_time(&data[name]).as_second() - now;
    assert!((890..=905).contains(&left("access_token_expires_at")));
    let week = 7 * 24 * 3600;
    assert!((week - 10..=week + 5).contains(&left("refresh_token_expires_at")));
    let session = text(&data["session_id"]);
    let parts: Vec<usize> = session.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "a UUID: {session}");
    let user = &data["user"];
    assert_eq!(
        keys(user),
        [
            "created_at",
            "email",
            "full_name",
            "password_change_at",
            "phone",
            "username"
        ]
    );
    assert_eq!(user["email"], "lin@example.com");
    assert_eq!(user["full_name"], "林薇");
    assert_eq!(user["phone"], "13800000000");
    assert_eq!(user["username"], "lin");
    is_time(&user["created_at"]);
    is_time(&user["password_change_at"]);
    // The token opens the canonical API, and so does the refresh token its renewal.
    let token = text(&data["access_token"]);
    let me = site.bearer(token).get("/auth/me").await.is(200).raw();
    assert_eq!(me["username"], "lin");
}

/// Lines 82–91.
pub(crate) async fn a_new_access_token_is_given_and_the_refresh_token_stays(bench: &Bench) {
    let site = bench.site().await;
    let data = signed_in(&site).await;
    let refresh = text(&data["refresh_token"]);
    let mut seen = vec![text(&data["access_token"]).to_owned()];
    for _ in 0..3 {
        let body = renew(&site, refresh).await.is(200).raw();
        assert_eq!(keys(&body), ["code", "data", "msg"]);
        assert_eq!(body["code"], 200);
        assert!(!text(&body["msg"]).is_empty());
        let data = &body["data"];
        assert_eq!(keys(data), ["access_token", "access_token_expires_at"]);
        is_time(&data["access_token_expires_at"]);
        let token = text(&data["access_token"]).to_owned();
        assert!(!seen.contains(&token), "a new one");
        site.bearer(&token).get("/test").await.is(204);
        seen.push(token);
    }
    // The earlier ones stay good until they end, as two tabs need it.
    site.bearer(&seen[0]).get("/test").await.is(204);
    // Both spellings of the field.
    let body = json!({ "refreshToken": refresh });
    let caller = site.anonymous();
    caller
        .post("/tokens/renew_access")
        .json(&body)
        .await
        .is(200);
}

pub(crate) async fn req35_a_replaced_refresh_token_is_no_good_here_either(bench: &Bench) {
    let site = bench.site().await;
    let data = signed_in(&site).await;
    let refresh = text(&data["refresh_token"]);
    let both = site
        .anonymous()
        .with("x-refresh-token", refresh)
        .with("cookie", &format!("token={refresh}"));
    let next = both.post("/auth/session").await.is(204);
    let newer = next.header("x-refresh-token").to_owned();
    renew(&site, &newer).await.is(200);
    renew(&site, refresh).await.fails(403);
    renew(&site, &newer).await.no_token();
}

pub(crate) async fn req37_another_client_renews_nothing(bench: &Bench) {
    let site = bench.site().await;
    let data = signed_in(&site).await;
    let body = json!({ "refresh_token": data["refresh_token"] });
    let thief = site.anonymous().with("user-agent", "thief/1.0");
    let refused = thief.post("/tokens/renew_access").json(&body).await;
    assert_eq!(keys(&refused.fails(403)), ["code", "msg"]);
    // The session is revoked, for its owner too.
    renew(&site, text(&data["refresh_token"])).await.no_token();
    let token = text(&data["access_token"]);
    site.bearer(token).get("/auth/me").await.no_token();
}

pub(crate) async fn what_has_ended_renews_nothing(bench: &Bench) {
    let site = bench.site().await;
    for bad in ["nothing", "\u{0}", &"x".repeat(5000)] {
        renew(&site, bad).await.no_token();
    }
    let data = signed_in(&site).await;
    let caller = site.bearer(text(&data["access_token"]));
    caller.post("/auth/logout").await.ok();
    renew(&site, text(&data["refresh_token"])).await.no_token();
    let data = signed_in(&site).await;
    site.sql("UPDATE refresh_token SET expires_at = created_at")
        .await;
    renew(&site, text(&data["refresh_token"])).await.no_token();
}

pub(crate) async fn errors_of_document_b_have_code_and_msg(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let wrong = json!({ "username": "root", "password": "not the password" });
    let refused = sign_in(&site, wrong).await;
    let body = refused.fails(401);
    assert_eq!(keys(&body), ["code", "msg"]);
    assert_eq!(body["msg"], "用户名或密码错误");
    let english = caller
        .post("/signin")
        .header("accept-language", "en")
        .json(&json!({ "username": "nobody", "password": "not the password" }))
        .await;
    assert_eq!(
        english.fails(401)["msg"],
        "The name or the password is wrong"
    );
    for (answer, status) in [
        (sign_in(&site, json!({})).await, 400),
        (sign_in(&site, json!({ "username": 5 })).await, 400),
        (sign_in(&site, json!("x")).await, 400),
        (caller.post("/signin").body("{").await, 400),
        (caller.get("/signin").await, 405),
        (caller.delete("/tokens/renew_access").await, 405),
        (caller.post("/tokens/nothing").await, 404),
        (
            caller.post("/signin").body(vec![b'x'; 1_100_000]).await,
            413,
        ),
        (renew(&site, "").await, 400),
        (caller.post("/tokens/renew_access").await, 400),
    ] {
        assert_eq!(keys(&answer.fails(status)), ["code", "msg"], "{answer:?}");
    }
    let message = renew(&site, " ").await.message();
    assert!(message.contains("refresh_token"), "{message}");
}

pub(crate) async fn captchas_and_second_factors_are_told_in_b(bench: &Bench) {
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Always)
        .await;
    let body = json!({ "username": "root", "password": PASSWORD });
    let due = sign_in(&site, body.clone()).await.fails(401);
    assert_eq!(keys(&due), ["code", "msg", "captchaRequired"]);
    assert_eq!(due["captchaRequired"], true);
    let mut empty = body.clone();
    empty["captchaKey"] = "".into();
    empty["captchaCode"] = "".into();
    let due = sign_in(&site, empty.clone()).await.fails(401);
    assert_eq!(due["captchaRequired"], true);
    let (key, answer) = site.captcha().await;
    let mut solved = body;
    solved["captchaKey"] = key.into();
    solved["captchaCode"] = answer.into();
    sign_in(&site, solved.clone()).await.is(200);
    sign_in(&site, solved).await.fails(400);

    let site = site
        .another_node(|s| s.captcha.mode = CaptchaMode::Never)
        .await;
    sign_in(&site, empty.clone()).await.is(200);
    empty["captchaKey"] = "x1".into();
    sign_in(&site, empty).await.fails(400);
    let (_, app, _) = guarded(&site, "anna").await;
    let body = json!({ "username": "anna", "password": PASSWORD });
    let due = sign_in(&site, body).await.fails(401);
    assert_eq!(keys(&due), ["code", "msg", "otpRequired", "otpTicket"]);
    assert_eq!(due["otpRequired"], true);
    let finish = json!({ "otpTicket": due["otpTicket"], "code": app.code(&site, 0) });
    let done = site.anonymous().post("/auth/otp").json(&finish).await;
    done.ok();
}

/// Lines 29–39 and 96–196.
pub(crate) async fn what_document_b_does_not_tell_is_not_there(bench: &Bench) {
    let site = bench.site().await;
    for path in ["/tokens", "/tokens/", "/signin/x", "/tokens/renew_access/x"] {
        let body = site.anonymous().get(path).await.fails(404);
        assert_eq!(keys(&body), ["code", "msg"]);
    }
}
