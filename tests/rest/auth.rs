//! Captcha, login, logout, who am I, the test of a token, one's own password.

use crate::support::{AGENT, Answer, Bench, PASSWORD, Site, Tokens, keys};
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn login(site: &Site, body: Value) -> Answer {
    site.anonymous().post("/auth/login").json(&body).await
}

fn never(settings: &mut menshen::settings::Settings) {
    settings.captcha.mode = CaptchaMode::Never;
}

pub(crate) async fn a_captcha_has_the_documents_shape(bench: &Bench) {
    let site = bench.site().await;
    let first = site.anonymous().get("/other/captcha").await.is(200);
    assert_eq!(first.header("cache-control"), "no-store");
    let first = first.raw();
    assert_eq!(keys(&first), ["captchaBase64", "captchaKey"]);
    let picture = first["captchaBase64"].as_str().expect("a picture");
    let picture = picture
        .strip_prefix("data:image/png;base64,")
        .unwrap_or_else(|| panic!("no data URI: {picture}"));
    // The first bytes of every PNG, in base64.
    assert!(picture.starts_with("iVBORw0KGgo"), "{picture}");
    let key = first["captchaKey"].as_str().expect("a key");
    assert!((2..=50).contains(&key.len()), "fits document A: {key}");
    let second = site.anonymous().get("/other/captcha").await.raw();
    assert_ne!(first["captchaKey"], second["captchaKey"]);
    assert_ne!(first["captchaBase64"], second["captchaBase64"]);
    let answer = site.captcha_answer(key).await;
    assert!(!first.to_string().contains(&answer), "req 16: never sent");
}

pub(crate) async fn req17_a_captcha_is_read_aloud(bench: &Bench) {
    let site = bench.site().await;
    let (key, answer) = site.captcha().await;
    let caller = site.anonymous();
    let sound = caller
        .get(&format!("/admin/captcha/{key}/audio"))
        .await
        .is(200);
    assert_eq!(sound.header("content-type"), "audio/wav");
    assert_eq!(sound.header("cache-control"), "no-store");
    assert!(sound.body.starts_with(b"RIFF"), "a WAV file");
    // Listening does not spend it.
    let body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": key, "captchaCode": answer,
    });
    login(&site, body).await.is(200);
    caller
        .get(&format!("/admin/captcha/{key}/audio"))
        .await
        .fails(404);
    for odd in ["nothing", "%00", "a%00b", "%ff", "..%2f", "%F0%9F%98%80"] {
        let answer = caller.get(&format!("/admin/captcha/{odd}/audio")).await;
        answer.fails(404);
        answer.is_canonical_error();
    }
}

pub(crate) async fn req16_a_captcha_is_good_once_in_any_letter_case(bench: &Bench) {
    let site = bench.site().await;
    let (key, answer) = site.captcha().await;
    let body = json!({
        "username": "root",
        "password": PASSWORD,
        "captchaKey": key,
        "captchaCode": format!(" {} ", answer.to_lowercase()),
    });
    login(&site, body.clone()).await.is(200);
    assert_eq!(login(&site, body).await.invalid(), ["captchaCode"]);
}

pub(crate) async fn req16_a_captcha_is_verified_first_and_spent_either_way(bench: &Bench) {
    let site = bench.site().await;
    for password in [PASSWORD, "not the password"] {
        let (key, answer) = site.captcha().await;
        let body = |code: &str| {
            json!({
                "username": "root", "password": password, "captchaKey": key, "captchaCode": code,
            })
        };
        let wrong = login(&site, body("wrong")).await;
        assert_eq!(wrong.invalid(), ["captchaCode"], "before the password");
        let late = login(&site, body(&answer)).await;
        assert_eq!(late.invalid(), ["captchaCode"], "spent by the wrong answer");
    }
    let unknown = json!({
        "username": "root", "password": PASSWORD, "captchaKey": "nothing", "captchaCode": "x",
    });
    assert_eq!(login(&site, unknown).await.invalid(), ["captchaCode"]);
    // The refusals above were about captchas: none of them counts against the name.
    assert_eq!(
        site.try_login("root", "wrong again").await.raw()["captchaRequired"],
        Value::Null
    );
}

pub(crate) async fn req16_a_captcha_expires(bench: &Bench) {
    let site = bench.site().await;
    let (key, answer) = site.captcha().await;
    let spans = site
        .texts("SELECT CAST(expires_at - created_at AS TEXT) FROM captcha")
        .await;
    assert_eq!(spans, ["120000000"], "two minutes");
    site.sql("UPDATE captcha SET expires_at = created_at").await;
    let body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": key, "captchaCode": answer,
    });
    assert_eq!(login(&site, body).await.invalid(), ["captchaCode"]);
}

pub(crate) async fn req16_a_captcha_is_spent_once_in_parallel(bench: &Bench) {
    let site = bench.site().await;
    let (key, answer) = site.captcha().await;
    let body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": key, "captchaCode": answer,
    });
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let request = site.anonymous().post("/auth/login").json(&body);
            tokio::spawn(request.into_future())
        })
        .collect();
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.expect("ran").status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
}

pub(crate) async fn req14_captchas_are_limited_by_address(bench: &Bench) {
    let site = bench.site_with(|s| s.limits.captchas_per_minute = 2).await;
    let caller = site.anonymous();
    for _ in 0..2 {
        caller.get("/other/captcha").await.is(200);
    }
    let refused = caller.get("/other/captcha").await;
    refused.fails(429);
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Asserts that the answer sets the cookie of document C, for a week.
pub(crate) fn is_refresh_cookie(answer: &Answer, refresh: &str) {
    let cookie = answer.cookie("token").expect("the cookie");
    let attributes = format!("token={refresh}; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=");
    let age: u32 = cookie
        .strip_prefix(&attributes)
        .and_then(|age| age.parse().ok())
        .unwrap_or_else(|| panic!("{cookie} is not {attributes}…"));
    assert!((604_790..=604_800).contains(&age), "{cookie}");
}

pub(crate) async fn a_login_answers_both_documents(bench: &Bench) {
    let site = bench.site().await;
    let answer = site.try_login("root", PASSWORD).await.is(200);
    let body = answer.raw();
    assert_eq!(
        keys(&body),
        [
            "code",
            "msg",
            "message",
            "data",
            "accessToken",
            "accessExpire",
            "refreshAfter"
        ]
    );
    assert_eq!(body["code"], 200);
    assert_eq!(body["msg"], "登录成功");
    assert_eq!(body["message"], "登录成功");
    assert_eq!(keys(&body["data"]), ["token", "userId"]);
    assert_eq!(body["data"]["userId"], 1, "a number");
    let access = body["accessToken"].as_str().expect("a token");
    assert_eq!(body["data"]["token"], access);
    let now = site.services.now().seconds();
    let expire = body["accessExpire"].as_i64().expect("seconds");
    assert!(
        (expire - now - 900).abs() <= 5,
        "15 minutes: {expire} {now}"
    );
    assert_eq!(body["refreshAfter"], expire - 450, "halfway");

    assert_eq!(answer.header("authorization"), format!("Bearer {access}"));
    let refresh = answer.header("x-refresh-token");
    assert_eq!(refresh.len(), 43, "256 bits in base64: {refresh}");
    is_refresh_cookie(&answer, refresh);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());

    let english = site
        .anonymous()
        .post("/auth/login")
        .header("accept-language", "en")
        .json(&json!({ "username": "ROOT", "password": PASSWORD }))
        .await
        .is(200)
        .raw();
    assert_eq!(english["msg"], "Signed in");
    assert_ne!(english["accessToken"], body["accessToken"]);
}

pub(crate) async fn req34_refresh_tokens_are_kept_hashed(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let kept = site
        .texts("SELECT session_id || ' ' || CAST(gen AS TEXT) FROM refresh_token")
        .await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    let mut conn = site.db.read().await.expect("a connection");
    let (hash,): (Vec<u8>,) = sqlx::query_as("SELECT hash FROM refresh_token")
        .fetch_one(&mut *conn)
        .await
        .expect("a row");
    assert_eq!(
        hash,
        menshen_services::secrets::sha256(tokens.refresh.as_bytes())
    );
}

pub(crate) async fn req40_over_tls_the_cookie_is_secure(bench: &Bench) {
    let site = bench
        .site_with(|s| s.server.public_url = Some("https://id.example.com".to_owned()))
        .await;
    let answer = site.try_login("root", PASSWORD).await.is(200);
    let cookie = answer.cookie("token").expect("the cookie");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=31536000"),
        "{answer:?}"
    );

    let proxied = site
        .another_node(|s| {
            s.server.trusted_proxies = serde_json::from_value(json!(["127.0.0.1"])).expect("ip");
        })
        .await;
    let by = |proto: &'static str| {
        proxied
            .anonymous()
            .post("/auth/login")
            .header("x-forwarded-proto", proto)
            .json(&json!({ "username": "root", "password": PASSWORD }))
    };
    let cookie = by("https").await.is(200).cookie("token").expect("a cookie");
    assert!(cookie.ends_with("; Secure"), "a believed proxy: {cookie}");
    let cookie = by("http").await.is(200).cookie("token").expect("a cookie");
    assert!(!cookie.contains("Secure"), "{cookie}");

    let plain = site.another_node(|_| {}).await;
    let forged = plain
        .anonymous()
        .post("/auth/login")
        .header("x-forwarded-proto", "https")
        .json(&json!({ "username": "root", "password": PASSWORD }))
        .await
        .is(200);
    let cookie = forged.cookie("token").expect("the cookie");
    assert!(!cookie.contains("Secure"), "req 45: forged: {cookie}");
    assert_eq!(forged.header("strict-transport-security"), "");
}

pub(crate) async fn a_login_takes_both_spellings_and_ignores_what_it_does_not_know(bench: &Bench) {
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Always)
        .await;
    for (key_name, code_name) in [
        ("captchaKey", "captchaCode"),
        ("captcha_key", "captcha_code"),
        ("captcha_key", "captchaCode"),
    ] {
        let (key, code) = site.captcha().await;
        let mut body = json!({
            "username": "root",
            "password": PASSWORD,
            "remember_me": { "deep": [1, 2, { "x": null }] },
            "": 0,
            "用户名": "x",
        });
        body[key_name] = json!(key);
        body[code_name] = json!(code);
        login(&site, body).await.is(200);
    }
}

pub(crate) async fn a_login_holds_its_fields_to_their_bounds(bench: &Bench) {
    let site = bench.site_with(never).await;
    let refused = async |body: Value, fields: &[&str]| {
        let answer = login(&site, body.clone()).await;
        assert_eq!(answer.invalid(), fields, "{body}");
    };
    let text = |n: usize| "密".repeat(n);
    let with = |name: &str, value: Value| {
        let mut body = json!({ "username": "nobody", "password": "no password" });
        body[name] = value;
        body
    };
    refused(with("username", json!("n")), &["username"]).await;
    refused(with("username", json!(text(51))), &["username"]).await;
    refused(with("username", json!("")), &["username"]).await;
    refused(with("username", Value::Null), &["username"]).await;
    refused(with("password", json!("p")), &["password"]).await;
    refused(with("password", json!(text(129))), &["password"]).await;
    refused(json!({}), &["username", "password"]).await;
    let captcha = |code: Value, key: Value| {
        json!({
            "username": "nobody", "password": "no password",
            "captchaCode": code, "captchaKey": key,
        })
    };
    refused(captcha(json!(""), json!("key")), &["captchaCode"]).await;
    refused(captcha(json!(text(51)), json!("key")), &["captchaCode"]).await;
    refused(captcha(json!("code"), json!("k")), &["captchaKey"]).await;
    refused(captcha(json!("code"), json!(text(51))), &["captchaKey"]).await;
    refused(captcha(json!("code"), Value::Null), &["captchaKey"]).await;
    refused(with("captchaKey", json!("key")), &["captchaCode"]).await;
    // Within the bounds: it is the captcha, or name and password, that are wrong.
    refused(captcha(json!("c"), json!(text(50))), &["captchaCode"]).await;
    refused(captcha(json!(text(50)), json!("kk")), &["captchaCode"]).await;
    for body in [
        with("username", json!(text(2))),
        with("username", json!(text(50))),
        with("password", json!("pp")),
        with("password", json!(text(128))),
    ] {
        login(&site, body).await.fails(401);
    }
    // Wrong types and bodies that are none.
    for (name, value) in [
        ("username", json!(5)),
        ("username", json!(["root"])),
        ("password", json!({ "$ne": "" })),
        ("password", json!(true)),
        ("captchaCode", json!(1234)),
    ] {
        refused(with(name, value), &[name]).await;
    }
    for body in [
        "[]",
        "7",
        "\"x\"",
        "null",
        "{",
        "{\"username\":",
        "not JSON",
        "\u{feff}{}",
    ] {
        let answer = site.anonymous().post("/auth/login").body(body).await;
        assert_eq!(answer.invalid(), ["body"], "{body}");
    }
    let empty = site.anonymous().post("/auth/login").await;
    assert_eq!(empty.invalid(), ["username", "password"]);
}

pub(crate) async fn req4_long_passwords_with_any_characters_are_whole(bench: &Bench) {
    let site = bench.site_with(never).await;
    let long: String = (0..128_u32)
        .filter_map(|n| char::from_u32([0x4e00, 0x41, 0x1f600, 0x20][n as usize % 4] + n * n % 23))
        .collect();
    assert_eq!(long.chars().count(), 128);
    site.add_user(json!({ "username": "lang", "password": long }))
        .await;
    site.try_login("lang", &long).await.is(200);
    let cut: String = long.chars().take(127).collect();
    site.try_login("lang", &cut).await.fails(401);
}

pub(crate) async fn req12_refusals_are_one_and_the_same(bench: &Bench) {
    let site = bench.site_with(never).await;
    let admin = site.admin().await;
    site.person("active", &[]).await;
    let disabled = site.person("disabled", &[]).await;
    let path = format!("/user/{}", disabled.id);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    let deleted = site.person("deleted", &[]).await;
    admin.delete(&format!("/user/{}", deleted.id)).await.ok();

    let seen = async |name: &str, password: &str, language: &str| {
        let answer = site
            .anonymous()
            .post("/auth/login")
            .header("accept-language", language)
            .json(&json!({ "username": name, "password": password }))
            .await;
        answer.fails(401);
        let headers: BTreeSet<String> = answer
            .headers
            .iter()
            .filter(|(n, _)| !matches!(n.as_str(), "x-request-id" | "date"))
            .map(|(n, v)| format!("{n}: {v:?}"))
            .collect();
        (answer.body, headers)
    };
    for language in ["", "en"] {
        let wrong = seen("active", "not the password", language).await;
        for (name, password) in [
            ("nobody", "not the password"),
            ("disabled", PASSWORD),
            ("disabled", "not the password"),
            ("deleted", PASSWORD),
        ] {
            assert_eq!(wrong, seen(name, password, language).await, "{name}");
        }
        let body: Value = serde_json::from_slice(&wrong.0).expect("JSON");
        assert_eq!(keys(&body), ["code", "msg", "message", "data"]);
        assert!(
            wrong
                .1
                .contains(r#"www-authenticate: "Bearer realm=\"menshen\"""#)
        );
        for header in &wrong.1 {
            assert!(!header.starts_with("set-cookie"), "{header}");
        }
    }
    // The log knows them apart.
    let reasons: BTreeSet<String> = site
        .texts("SELECT detail FROM audit_log WHERE action = 'sign_in' AND success = 0")
        .await
        .into_iter()
        .collect();
    let expected = ["disabled", "password", "unknown"].map(|r| format!("{{\"reason\":\"{r}\"}}"));
    assert_eq!(reasons, expected.into());
}

fn is_captcha_due(answer: &Answer) -> bool {
    let body = answer.fails(401);
    match body.get("captchaRequired") {
        None => false,
        Some(due) => {
            assert_eq!(due, true);
            assert_eq!(
                keys(&body),
                ["code", "msg", "message", "data", "captchaRequired"]
            );
            true
        }
    }
}

pub(crate) async fn req9_a_captcha_is_due_after_three_failures_for_a_name(bench: &Bench) {
    let site = bench
        .site_with(|s| {
            s.server.trusted_proxies = serde_json::from_value(json!(["127.0.0.1"])).expect("ip");
        })
        .await;
    site.person("anna", &[]).await;
    let from = async |address: &str, body: Value| {
        site.anonymous()
            .post("/auth/login")
            .header("x-forwarded-for", address)
            .json(&body)
            .await
    };
    let wrong = |name: &str| json!({ "username": name, "password": "not the password" });
    let right = |name: &str| json!({ "username": name, "password": PASSWORD });
    // Three failures from three addresses, the name in three spellings.
    for (address, name) in [
        ("192.0.2.1", "anna"),
        ("192.0.2.2", "Anna"),
        ("192.0.2.3", "ANNA"),
    ] {
        assert!(!is_captcha_due(&from(address, wrong(name)).await), "{name}");
    }
    let fourth = from("192.0.2.4", right("anna")).await;
    assert!(is_captcha_due(&fourth), "also with the right password");
    // Others are not held up by that, wherever they come from.
    from("192.0.2.4", right("root")).await.is(200);
    // With a captcha she gets in, and the count for her name begins anew.
    let (key, code) = site.captcha().await;
    let mut body = right("anna");
    body["captchaKey"] = json!(key);
    body["captchaCode"] = json!(code);
    from("192.0.2.5", body).await.is(200);
    from("192.0.2.6", right("anna")).await.is(200);

    // Three failures from one address, for three names: due there, for every name.
    for name in ["u1", "u2", "u3"] {
        assert!(!is_captcha_due(&from("198.51.100.1", wrong(name)).await));
    }
    assert!(is_captcha_due(&from("198.51.100.1", right("root")).await));
    from("198.51.100.2", right("root")).await.is(200);
}

pub(crate) async fn req15_parallel_guesses_cant_pass_the_counter(bench: &Bench) {
    let site = bench.site().await;
    let body = json!({ "username": "root", "password": "not the password" });
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let request = site.anonymous().post("/auth/login").json(&body);
            tokio::spawn(request.into_future())
        })
        .collect();
    let mut free = 0;
    for one in tries {
        free += i32::from(!is_captcha_due(&one.await.expect("ran")));
    }
    assert_eq!(free, 3, "three were looked at without a captcha");
}

pub(crate) async fn a_captcha_can_be_due_always_or_never(bench: &Bench) {
    let always = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Always)
        .await;
    assert!(is_captcha_due(&always.try_login("root", PASSWORD).await));
    let (key, code) = always.captcha().await;
    let body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": key, "captchaCode": code,
    });
    login(&always, body).await.is(200);

    let never = bench.site_with(never).await;
    for _ in 0..6 {
        let refused = never.try_login("root", "not the password").await;
        assert!(!is_captcha_due(&refused));
    }
    never.try_login("root", PASSWORD).await.is(200);
}

pub(crate) async fn req10_tries_must_wait_after_many_failures(bench: &Bench) {
    let site = bench
        .site_with(|s| {
            never(s);
            s.limits.delay_after = 2;
        })
        .await;
    for _ in 0..2 {
        site.try_login("root", "not the password").await.fails(401);
    }
    let refused = site.try_login("root", PASSWORD).await;
    refused.fails(429);
    let wait: u64 = refused
        .header("retry-after")
        .parse()
        .unwrap_or_else(|_| panic!("{refused:?}: Retry-After in seconds"));
    assert!((1..=300).contains(&wait), "{wait}");
    // Another name from the same address need not wait.
    site.try_login("nobody", PASSWORD).await.fails(401);
}

/// A session's state: whether its access token and its refresh token still open anything.
async fn opens(site: &Site, tokens: &Tokens) -> (bool, bool) {
    let access = site.bearer(&tokens.access).get("/auth/me").await;
    let renewed = site
        .anonymous()
        .post("/auth/session")
        .header("x-refresh-token", &tokens.refresh)
        .header("cookie", format!("token={}", tokens.refresh))
        .await;
    (access.status == 200, renewed.status == 204)
}

pub(crate) async fn a_post_to_logout_ends_the_session_that_is_shown(bench: &Bench) {
    let site = bench.site().await;
    let other = site.login("root").await;
    let bad = "not.a.token";
    // Authorization, X-Refresh-Token, cookie: `+` the session's, `-` a bad one, ` ` none.
    for shown in [
        "+  ", " + ", "  +", "++ ", "+++", "-+ ", "+- ", "- +", " -+", "+--",
    ] {
        let tokens = site.login("root").await;
        let mut request = site.anonymous().post("/auth/logout");
        let mut marks = shown.chars();
        let mut next = |good: &str| match marks.next() {
            Some('+') => Some(good.to_owned()),
            Some('-') => Some(bad.to_owned()),
            _ => None,
        };
        if let Some(token) = next(&tokens.access) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(token) = next(&tokens.refresh) {
            request = request.header("x-refresh-token", token);
        }
        if let Some(token) = next(&tokens.refresh) {
            request = request.header("cookie", format!("a=b; token={token}"));
        }
        let answer = request.await;
        if shown == " -+" {
            // The header is what was shown on purpose.
            answer.no_token();
            assert_eq!(opens(&site, &tokens).await, (true, true), "{shown}");
            continue;
        }
        assert_eq!(answer.ok(), Value::Null, "{shown}");
        let cookie = answer.cookie("token").expect("taken away");
        assert!(
            cookie.starts_with("token=;") && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert_eq!(opens(&site, &tokens).await, (false, false), "{shown}");
    }
    for shown in [
        None,
        Some(("authorization", "Bearer x")),
        Some(("x-refresh-token", "x")),
    ] {
        let mut request = site.anonymous().post("/auth/logout");
        if let Some((name, value)) = shown {
            request = request.header(name, value);
        }
        request.await.no_token();
    }
    assert_eq!(opens(&site, &other).await, (true, true), "another session");
}

pub(crate) async fn logging_out_twice_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let caller = site
        .bearer(&tokens.access)
        .with("x-refresh-token", &tokens.refresh);
    caller.post("/auth/logout").await.ok();
    caller.post("/auth/logout").await.no_token();
    caller.get("/auth/logout").await.no_token();
    let told = site
        .texts("SELECT actor_name FROM audit_log WHERE action = 'sign_out'")
        .await;
    assert_eq!(told, ["root"]);
}

pub(crate) async fn a_get_to_logout_takes_the_access_token_alone(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let caller = site.anonymous();
    caller.get("/auth/logout").await.no_token();
    caller
        .get("/auth/logout")
        .header("x-refresh-token", &tokens.refresh)
        .header("cookie", format!("token={}", tokens.refresh))
        .await
        .no_token();
    assert_eq!(
        site.bearer(&tokens.access).get("/auth/me").await.status,
        200,
        "req 42: a link alone signs nobody out"
    );
    let done = site
        .bearer(&tokens.access)
        .get("/auth/logout")
        .await
        .is(200);
    assert_eq!(done.text(), "{}");
    assert_eq!(opens(&site, &tokens).await, (false, false));
}

pub(crate) async fn a_browser_logs_out_through_rest_too(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.browser("root").await;
    browser.get("/auth/me").await.is(200);
    browser.get("/auth/logout").await.no_token();
    browser.get("/auth/me").await.is(200);
    browser.post("/auth/logout").await.ok();
    browser.get("/auth/me").await.no_token();
}

pub(crate) async fn a_logout_of_the_api_leaves_the_admin_ui_alone(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.browser("root").await;
    let tokens = site.login("root").await;
    let shown = browser
        .post("/auth/logout")
        .header("x-refresh-token", &tokens.refresh);
    shown.await.ok();
    assert_eq!(opens(&site, &tokens).await, (false, false));
    browser.get("/auth/me").await.is(200);
    let bad = browser.post("/auth/logout").header("x-refresh-token", "x");
    bad.await.no_token();
    browser.get("/auth/me").await.is(200);
    // By its cookie, which a login from the same browser leaves there.
    let body = json!({ "username": "root", "password": PASSWORD });
    let login = browser.post("/auth/login").json(&body).await.is(200);
    let tokens = Tokens::of(&login);
    browser.post("/auth/logout").await.ok();
    assert_eq!(opens(&site, &tokens).await, (false, false));
    browser.get("/auth/me").await.is(200);
    // Nothing else is left to be meant.
    browser.post("/auth/logout").await.ok();
    browser.get("/auth/me").await.no_token();
}

pub(crate) async fn me_tells_who_is_signed_in(bench: &Bench) {
    let site = bench.site().await;
    let me = site.admin().await.get("/auth/me").await.is(200).raw();
    assert_eq!(
        keys(&me),
        ["userId", "username", "nickname", "avatar", "roles", "perms"]
    );
    assert_eq!(me["userId"], 1);
    assert_eq!(me["username"], "root");
    assert_eq!(me["nickname"], "管理员");
    assert_eq!(me["avatar"], "");
    assert_eq!(me["roles"], json!(["admin"]));
    let perms: Vec<&str> = me["perms"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(perms.contains(&"*:*:*"), "{perms:?}");
    for entry in menshen_domain::catalogue::CATALOGUE {
        assert!(perms.contains(&entry.code), "{} in {perms:?}", entry.code);
    }

    let plain = site.person("plain", &[]).await;
    let me = plain.caller.get("/auth/me").await.is(200).raw();
    assert_eq!(
        me,
        json!({ "userId": plain.id, "username": "plain", "nickname": "plain", "avatar": "" }),
        "roles and perms are left out when empty"
    );

    let holder = site.person("holder", &["system:role:*"]).await;
    let me = holder.caller.get("/auth/me").await.is(200).raw();
    assert_eq!(me["roles"], json!(["role-holder"]));
    assert_eq!(
        me["perms"],
        json!([
            "system:role:*",
            "system:role:add",
            "system:role:alter",
            "system:role:list",
            "system:role:query",
            "system:role:remove"
        ])
    );
    site.anonymous().get("/auth/me").await.no_token();
}

pub(crate) async fn a_token_can_be_tested(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let answer = admin.get("/test").await.is(204);
    assert!(answer.body.is_empty());
    site.anonymous().get("/test").await.no_token();
    site.bearer("x.y.z").get("/test").await.no_token();
    site.browser("root").await.get("/test").await.is(204);

    let person = site.person("anna", &[]).await;
    person.caller.get("/test").await.is(204);
    let path = format!("/user/{}", person.id);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    person.caller.get("/test").await.fails(403);
    person.caller.get("/auth/me").await.no_token();
    admin.put(&path).json(&json!({ "status": "0" })).await.ok();
    person.caller.get("/test").await.no_token();

    site.add_user(json!({
        "username": "fresh", "password": PASSWORD, "mustChangePassword": true,
    }))
    .await;
    let tokens = site.login("fresh").await;
    let fresh = site.bearer(&tokens.access);
    fresh.get("/test").await.fails(403);
    fresh.get("/auth/me").await.is(200);
    fresh.post("/auth/logout").await.ok();
    fresh.get("/test").await.no_token();

    let gone = site.person("gone", &[]).await;
    admin.delete(&format!("/user/{}", gone.id)).await.ok();
    gone.caller.get("/test").await.no_token();

    // A session that ended before is none that is locked.
    let out = site.person("out", &[]).await;
    out.caller.post("/auth/logout").await.ok();
    let path = format!("/user/{}", out.id);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    out.caller.get("/test").await.no_token();
}

pub(crate) async fn req6_one_changes_ones_own_password(bench: &Bench) {
    let site = bench.site_with(never).await;
    let new = "staple battery correct";
    let person = site.person("anna", &[]).await;
    let change = async |current: &str, new: &str| {
        person
            .caller
            .put("/auth/password")
            .json(&json!({ "currentPassword": current, "newPassword": new }))
            .await
    };
    assert_eq!(
        change("not the password", new).await.invalid(),
        ["currentPassword"]
    );
    for weak in [
        "short",
        "password1234",
        "annaannaanna",
        "MenshenMenshen",
        PASSWORD,
        &"x".repeat(129),
    ] {
        assert_eq!(
            change(PASSWORD, weak).await.invalid(),
            ["newPassword"],
            "{weak}"
        );
    }
    for (body, field) in [
        (json!({ "newPassword": new }), "currentPassword"),
        (json!({ "currentPassword": PASSWORD }), "newPassword"),
        (
            json!({ "currentPassword": 5, "newPassword": new }),
            "currentPassword",
        ),
    ] {
        let answer = person.caller.put("/auth/password").json(&body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.text().contains(field), "{answer:?} names {field}");
    }
    let other = site.login("anna").await;
    person
        .caller
        .put("/auth/password")
        .json(&json!({ "current_password": PASSWORD, "new_password": new }))
        .await
        .ok();
    // Every session has ended, at once.
    assert_eq!(opens(&site, &person.tokens).await, (false, false));
    assert_eq!(opens(&site, &other).await, (false, false));
    site.try_login("anna", PASSWORD).await.fails(401);
    site.try_login("anna", new).await.is(200);
    site.anonymous().put("/auth/password").await.no_token();
}

pub(crate) async fn req7_a_password_that_is_due_opens_everything_once_changed(bench: &Bench) {
    let site = bench.site().await;
    let id = site
        .add_user(json!({
            "username": "fresh", "password": PASSWORD, "must_change_password": true,
        }))
        .await;
    let admin = site.admin().await;
    admin
        .post(&format!("/user/{id}/bind"))
        .json(&json!([1]))
        .await
        .ok();
    let fresh = site.bearer(&site.login("fresh").await.access);
    fresh.get("/role/list").await.fails(403);
    fresh.get(&format!("/user/{id}")).await.fails(403);
    let another = json!({ "username": "another", "password": PASSWORD });
    fresh.post("/user").json(&another).await.fails(403);
    let new = "staple battery correct";
    fresh
        .put("/auth/password")
        .json(&json!({ "currentPassword": PASSWORD, "newPassword": new }))
        .await
        .ok();
    let tokens = Tokens::of(&site.try_login("fresh", new).await.is(200));
    let fresh = site.bearer(&tokens.access);
    fresh.get("/test").await.is(204);
    fresh.get("/role/list").await.ok();
    fresh.post("/user").json(&another).await.is(201);
}

pub(crate) async fn req9_guessing_the_current_password_is_slowed_too(bench: &Bench) {
    let site = bench
        .site_with(|s| {
            never(s);
            s.limits.delay_after = 2;
        })
        .await;
    let person = site.person("anna", &[]).await;
    let guess = async || {
        person
            .caller
            .put("/auth/password")
            .json(&json!({ "currentPassword": "a guess", "newPassword": "staple battery correct" }))
            .await
    };
    for _ in 0..2 {
        guess().await.fails(400);
    }
    guess().await.fails(429);
}

/// The value that `Set-Cookie` gives the browser's session.
fn session_of(answer: &Answer, name: &str) -> String {
    let cookie = answer
        .cookie(name)
        .unwrap_or_else(|| panic!("{answer:?}: no {name}"));
    let value = cookie[name.len() + 1..].split(';').next();
    value.expect("a value").to_owned()
}

pub(crate) async fn req39_a_browsers_session_is_new_at_every_change_of_privilege(bench: &Bench) {
    let site = bench.site().await;
    site.person("anna", &[]).await;
    let anonymous = site.anonymous();
    let page = anonymous.get("/admin/login").await.is(200);
    assert_eq!(page.cookie("menshen_session"), None, "none before a login");
    // Whoever planted a session before the login holds nothing after it.
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    let form = [("username", "anna"), ("password", PASSWORD)];
    let sign_in = anonymous
        .post("/admin/fn/sign_in")
        .header("cookie", format!("menshen_session={planted}"))
        .form(&form)
        .await
        .is(200);
    let first = session_of(&sign_in, "menshen_session");
    assert_ne!(first, planted);
    assert!(first.len() >= 22, "128 bits: {first}");
    let with = |id: &str| {
        let cookie = format!("menshen_session={id}");
        site.anonymous().with("cookie", &cookie)
    };
    with(planted).get("/auth/me").await.no_token();
    with(&first).get("/auth/me").await.is(200);
    // Signing in over an open session begins another.
    let again = with(&first)
        .post("/admin/fn/sign_in")
        .form(&form)
        .await
        .is(200);
    let second = session_of(&again, "menshen_session");
    assert_ne!(first, second);
    // A new password: a new cookie, and the old one is worth nothing.
    let changed = with(&second)
        .post("/admin/fn/change_password")
        .form(&[
            ("current_password", PASSWORD),
            ("new_password", "staple battery correct"),
            ("repeat_password", "staple battery correct"),
        ])
        .await
        .is(200);
    let third = session_of(&changed, "menshen_session");
    assert_ne!(second, third);
    with(&third).get("/auth/me").await.is(200);
    for ended in [&first, &second] {
        with(ended).get("/auth/me").await.no_token();
    }
    with(&third)
        .post("/admin/fn/sign_out")
        .form(&[])
        .await
        .is(200);
    with(&third).get("/auth/me").await.no_token();
}

pub(crate) async fn req40_the_browsers_cookie_is_for_this_site_alone(bench: &Bench) {
    let site = bench.site().await;
    let form = [("username", "root"), ("password", PASSWORD)];
    let sign_in = site.anonymous().post("/admin/fn/sign_in").form(&form).await;
    let cookie = sign_in.cookie("menshen_session").expect("a session");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(&format!("; {attribute}")), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );

    let tls = site
        .another_node(|s| s.server.public_url = Some("https://id.example.com".to_owned()))
        .await;
    let sign_in = tls.anonymous().post("/admin/fn/sign_in").form(&form).await;
    let cookie = sign_in.cookie("__Host-menshen_session").expect("a session");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
        assert!(cookie.contains(&format!("; {attribute}")), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

pub(crate) async fn req52_sign_ins_and_refusals_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    site.try_login("root", "not the password").await.fails(401);
    site.try_login("no\nbody\u{7}", "not the password")
        .await
        .fails(401);
    let answer = site.try_login("root", PASSWORD).await.is(200);
    let audit = site.audit().await;
    let last = audit.last().expect("an entry");
    assert!(
        last.starts_with(&format!("sign_in 1 root | 127.0.0.1 | {AGENT} |")),
        "{last}"
    );
    assert!(last.ends_with(answer.header("x-request-id")), "{last}");
    let odd = &audit[audit.len() - 2];
    assert!(
        odd.starts_with("sign_in 0 no\u{fffd}body\u{fffd} |"),
        "no line breaks: {odd}"
    );
}
