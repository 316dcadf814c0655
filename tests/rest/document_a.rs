//! Document A, walked from its first line to its last: every route with every field, bound and
//! answer that it shows. The numbers of its lines stand before each case.

use crate::support::{Bench, PASSWORD, keys};
use serde_json::{Value, json};

/// `TokenResp` (lines 28–34 and 103–109): one string and two numbers.
#[track_caller]
fn is_token_resp(body: &Value) {
    assert!(body["accessToken"].as_str().is_some_and(|t| !t.is_empty()));
    let expires = body["accessExpire"].as_i64().expect("int64");
    let refresh = body["refreshAfter"].as_i64().expect("int64");
    assert!(refresh < expires, "{body}");
}

/// Lines 1–34: `POST /auth/login`, `LoginReq` → `TokenResp`.
pub(crate) async fn a_login(bench: &Bench) {
    let site = bench.site().await;
    let (key, answer) = site.captcha().await;
    let good = json!({
        "username": "root", "password": PASSWORD, "captchaCode": answer, "captchaKey": key,
    });
    let login = site.anonymous().post("/auth/login").json(&good).await;
    is_token_resp(&login.is(200).raw());
    // Lines 16–19, `validate:"min=…,max=…"`: one below, one above. Of a password 51 characters
    // and more are taken, up to 128: long ones must be possible.
    let long = "x".repeat(129);
    for (field, wrong) in [
        ("username", "x"),
        ("username", &long[..51]),
        ("password", "x"),
        ("password", &long),
        ("captchaCode", ""),
        ("captchaCode", &long[..51]),
        ("captchaKey", "x"),
        ("captchaKey", &long[..51]),
    ] {
        let mut body = good.clone();
        body[field] = wrong.into();
        let answer = site.anonymous().post("/auth/login").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{wrong}");
    }
    // At the bounds it is read, and found to be nobody's.
    for (username, password) in [("xx", "xx"), (&long[..50], &long[..50])] {
        let body = json!({ "username": username, "password": password });
        let answer = site.anonymous().post("/auth/login").json(&body).await;
        answer.fails(401);
    }
}

/// Lines 36–56: `GET /auth/logout` → `LogoutResp`, which is empty.
pub(crate) async fn a_logout(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let caller = site.bearer(&tokens.access);
    let answer = caller.get("/auth/logout").await.is(200);
    assert_eq!(answer.raw(), json!({}));
    caller.get("/auth/me").await.no_token();
    site.anonymous().get("/auth/logout").await.no_token();
}

/// Lines 58–84: `GET /auth/me` → `MeResp`, whose `roles` and `perms` are left out when empty.
pub(crate) async fn who_am_i(bench: &Bench) {
    let site = bench.site().await;
    let me = site.admin().await.get("/auth/me").await.is(200).raw();
    assert_eq!(
        keys(&me),
        ["userId", "username", "nickname", "avatar", "roles", "perms"]
    );
    assert!(me["userId"].is_i64());
    for name in ["username", "nickname", "avatar"] {
        assert!(me[name].is_string(), "{name}: {me}");
    }
    for name in ["roles", "perms"] {
        let list = me[name].as_array().expect("a list");
        assert!(
            !list.is_empty() && list.iter().all(Value::is_string),
            "{me}"
        );
    }
    let nobody = site.person("nobody", &[]).await;
    let me = nobody.caller.get("/auth/me").await.is(200).raw();
    assert_eq!(keys(&me), ["userId", "username", "nickname", "avatar"]);
    site.anonymous().get("/auth/me").await.no_token();
}

/// Lines 86–109: `GET /auth/refreshToken` → `TokenResp`.
pub(crate) async fn a_token_is_refreshed(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.admin().await;
    let body = caller.get("/auth/refreshToken").await.is(200).raw();
    assert_eq!(keys(&body), ["accessToken", "accessExpire", "refreshAfter"]);
    is_token_resp(&body);
    let renewed = site.bearer(body["accessToken"].as_str().expect("a token"));
    renewed.get("/auth/me").await.is(200);
    site.anonymous().get("/auth/refreshToken").await.no_token();
}

/// Lines 111–133: `GET /other/captcha` → `CaptchaResp`.
pub(crate) async fn a_captcha(bench: &Bench) {
    let site = bench.site().await;
    let body = site.anonymous().get("/other/captcha").await.is(200).raw();
    assert_eq!(keys(&body), ["captchaBase64", "captchaKey"]);
    let picture = body["captchaBase64"].as_str().expect("a string");
    assert!(picture.starts_with("data:image/png;base64,"));
    // Its key is one that line 19 lets through.
    let key = body["captchaKey"].as_str().expect("a string");
    assert!((2..=50).contains(&key.chars().count()), "{key}");
}
