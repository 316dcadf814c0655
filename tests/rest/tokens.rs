//! Access tokens and their renewal: who takes them, who verifies them, and what becomes of a
//! session whose tokens are in the wrong hands.

use crate::auth::is_refresh_cookie;
use crate::support::{AGENT, Answer, Bench, Caller, PASSWORD, Site, Tokens, keys, within_a_second};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use menshen_services::settings;
use serde_json::{Value, json};
use std::time::Duration;

/// Shows a refresh token in header and cookie.
async fn renew(caller: &Caller, refresh: &str) -> Answer {
    caller
        .post("/auth/session")
        .header("x-refresh-token", refresh)
        .header("cookie", format!("token={refresh}"))
        .await
}

async fn exchange(caller: &Caller, access: &str) -> Answer {
    caller
        .get("/auth/refreshToken")
        .header("authorization", format!("Bearer {access}"))
        .await
}

/// Whether the access token opens anything.
async fn is_good(site: &Site, access: &str) -> bool {
    let answer = site.bearer(access).get("/auth/me").await;
    if answer.status != 200 {
        answer.no_token();
    }
    answer.status == 200
}

/// Asserts that neither token of a session opens anything.
async fn is_over(site: &Site, tokens: &Tokens) {
    assert!(!is_good(site, &tokens.access).await, "the access token");
    renew(&site.anonymous(), &tokens.refresh).await.no_token();
}

/// What the audit log tells of sessions that were ended for a theft.
async fn thefts(site: &Site) -> Vec<String> {
    site.texts(
        "SELECT actor_name || ' ' || user_agent || ' ' || detail FROM audit_log
         WHERE action = 'session_revoked' ORDER BY id",
    )
    .await
}

pub(crate) async fn the_word_bearer_is_taken_in_any_letter_case(bench: &Bench) {
    let site = bench.site().await;
    let token = site.login("root").await.access;
    for word in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        site.anonymous()
            .get("/auth/me")
            .header("authorization", format!("{word} {token}"))
            .await
            .is(200);
    }
    for value in [
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer {token} x"),
        format!("Token {token}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        String::new(),
    ] {
        site.anonymous()
            .get("/auth/me")
            .header("authorization", &value)
            .await
            .no_token();
    }
    let odd = site.anonymous().get("/auth/me");
    odd.header("authorization", b"Bearer \xff\xfe")
        .await
        .no_token();
    site.anonymous()
        .get(&format!("/auth/me?access_token={token}&token={token}"))
        .await
        .no_token();
}

pub(crate) async fn req38_refusals_say_how_to_authenticate(bench: &Bench) {
    let site = bench.site().await;
    let without = site.anonymous().get("/role/list").await;
    without.no_token();
    assert_eq!(
        without.header("www-authenticate"),
        r#"Bearer realm="menshen""#
    );
    for language in ["zh", "en"] {
        let bad = site
            .bearer("x")
            .get("/role/list")
            .header("accept-language", language)
            .await;
        bad.no_token();
        assert_eq!(
            bad.header("www-authenticate"),
            r#"Bearer realm="menshen", error="invalid_token""#
        );
    }
    let person = site.person("anna", &[]).await;
    let lacking = person.caller.get("/role/list").await;
    lacking.lacks(&["system:role:list"]);
    assert_eq!(
        lacking.header("www-authenticate"),
        r#"Bearer realm="menshen", error="insufficient_scope", scope="system:role:list""#
    );
}

/// What a good token of `session` says.
fn claims(site: &Site, access: &str) -> Value {
    use base64::Engine as _;
    let payload = access.split('.').nth(1).expect("three parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .expect("base64");
    let claims: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert!(claims["iat"].as_i64() <= Some(site.services.now().seconds()));
    claims
}

pub(crate) async fn a_third_party_can_verify_tokens(bench: &Bench) {
    for (algorithm, expected) in [
        (settings::Algorithm::EdDsa, Algorithm::EdDSA),
        (settings::Algorithm::Es256, Algorithm::ES256),
        (settings::Algorithm::Rs256, Algorithm::RS256),
    ] {
        let site = bench.site_with(|s| s.token.algorithm = algorithm).await;
        let token = site.login("root").await.access;
        let published = site.anonymous().get("/.well-known/jwks.json").await.is(200);
        assert!(
            published
                .header("content-type")
                .starts_with("application/json")
        );
        assert!(
            published.header("cache-control").contains("max-age"),
            "may be kept for a while"
        );
        for key in published.raw()["keys"].as_array().expect("keys") {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert_eq!(key.get(private), None, "a private part: {key}");
            }
            assert_eq!(key["use"], "sig");
        }
        let set: JwkSet = serde_json::from_slice(&published.body).expect("a JWK set");
        let header = jsonwebtoken::decode_header(&token).expect("a header");
        assert_eq!(header.alg, expected);
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        let kid = header.kid.expect("a kid");
        let key = set.find(&kid).expect("the key that signed it");
        let mut validation = Validation::new(expected);
        validation.set_issuer(&["menshen"]);
        validation.set_audience(&["menshen"]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        let key = DecodingKey::from_jwk(key).expect("a public key");
        let said = jsonwebtoken::decode::<Value>(&token, &key, &validation)
            .unwrap_or_else(|e| panic!("{algorithm:?}: {e}"))
            .claims;
        let mut names = keys(&said);
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "uid", "username"
            ]
        );
        assert_eq!(said["sub"], "1");
        assert_eq!(said["uid"], 1);
        assert_eq!(said["username"], "root");
        let span = said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat");
        assert_eq!(span, 900);
        let mut forged = token.into_bytes();
        let middle = forged.len() / 2;
        forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("text");
        jsonwebtoken::decode::<Value>(&forged, &key, &validation).expect_err("forged");
        site.bearer(&forged).get("/test").await.no_token();
    }
}

pub(crate) async fn req32_keys_rotate_with_overlap(bench: &Bench) {
    let site = bench.site().await;
    let old = site.login("root").await;
    site.sql("UPDATE signing_key SET created_at = created_at - 7200000000")
        .await;
    site.services.tokens.rotate().await.expect("rotated");
    let count = async |site: &Site| {
        let keys = site.anonymous().get("/.well-known/jwks.json").await.raw();
        keys["keys"].as_array().expect("keys").len()
    };
    assert_eq!(count(&site).await, 2, "the next key is published first");
    assert!(is_good(&site, &old.access).await);
    let new = site.login("root").await;
    let kid = |token: &str| jsonwebtoken::decode_header(token).expect("a header").kid;
    assert_eq!(kid(&old.access), kid(&new.access), "it does not sign yet");

    // Another algorithm signs at once; what was signed before is still taken.
    let other = site
        .another_node(|s| s.token.algorithm = settings::Algorithm::Es256)
        .await;
    let es256 = other.login("root").await;
    assert_ne!(kid(&old.access), kid(&es256.access));
    assert!(is_good(&other, &old.access).await);
    assert!(is_good(&other, &es256.access).await);
}

pub(crate) async fn req30_31_forged_and_foreign_tokens_are_refused(bench: &Bench) {
    let site = bench.site().await;
    let good = site.login("root").await.access;
    let said = claims(&site, &good);
    let (kid, pem) = site.signing_key().await;
    let key = EncodingKey::from_ed_pem(pem.as_bytes()).expect("the signing key");
    let header = || Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some(kid.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let sign = |header: &Header, claims: &Value| {
        jsonwebtoken::encode(header, claims, &key).expect("signed")
    };
    // The recipe is right: such a token is taken when nothing is changed.
    assert!(is_good(&site, &sign(&header(), &said)).await);

    let with = |name: &str, value: Value| {
        let mut said = said.clone();
        said[name] = value;
        said
    };
    let now = site.services.now().seconds();
    for (why, claims) in [
        ("another issuer", with("iss", json!("evil"))),
        ("another audience", with("aud", json!("other"))),
        ("expired", with("exp", json!(now - 1))),
        ("not yet good", with("nbf", json!(now + 600))),
        (
            "an unknown session",
            with("sid", json!("00000000-0000-7000-8000-000000000000")),
        ),
        ("a session that is no text", with("sid", json!(5))),
        ("an expiry that is text", with("exp", json!("9999999999"))),
        ("an expiry that is a list", with("exp", json!([now + 600]))),
        ("a user id that is text", with("uid", json!("1"))),
        ("no expiry", with("exp", Value::Null)),
        ("SQL in the session", with("sid", json!("' OR 1=1 --"))),
        ("a huge session", with("sid", json!("x".repeat(5000)))),
    ] {
        let answer = site.bearer(&sign(&header(), &claims)).get("/test").await;
        assert_eq!(answer.status, 401, "{why}: {answer:?}");
        answer.no_token();
    }
    for (why, header) in [
        (
            "typ JWT",
            Header {
                typ: Some("JWT".to_owned()),
                ..header()
            },
        ),
        (
            "no typ",
            Header {
                typ: None,
                ..header()
            },
        ),
        (
            "no kid",
            Header {
                kid: None,
                ..header()
            },
        ),
        (
            "an unknown kid",
            Header {
                kid: Some("nobody's".to_owned()),
                ..header()
            },
        ),
        (
            "SQL in the kid",
            Header {
                kid: Some("' OR 1=1 --".to_owned()),
                ..header()
            },
        ),
        (
            "jku",
            Header {
                jku: Some("https://evil.example/jwks.json".to_owned()),
                ..header()
            },
        ),
        (
            "x5u",
            Header {
                x5u: Some("https://evil.example/x.pem".to_owned()),
                ..header()
            },
        ),
    ] {
        let answer = site.bearer(&sign(&header, &said)).get("/test").await;
        assert_eq!(answer.status, 401, "{why}: {answer:?}");
    }
    // Signed by somebody else, by nobody, and with the public key as a secret.
    let jwks = site.anonymous().get("/.well-known/jwks.json").await.raw();
    let public = jwks["keys"][0]["x"].as_str().expect("x").to_owned();
    let mut hs256 = header();
    hs256.alg = Algorithm::HS256;
    let secret = EncodingKey::from_secret(public.as_bytes());
    let confused = jsonwebtoken::encode(&hs256, &said, &secret).expect("signed");
    let (_, payload) = good.split_once('.').expect("three parts");
    let (payload, signature) = payload.split_once('.').expect("three parts");
    let b64 = |text: String| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    let none = b64(format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{kid}"}}"#));
    let head = b64(format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#));
    for forged in [
        confused,
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{head}.{payload}."),
        format!("{head}.{payload}"),
        format!(
            "{head}.{}.{signature}",
            b64(with("uid", json!(2)).to_string())
        ),
        good[..good.len() - 2].to_owned(),
        format!("{good}A"),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "é.ü.ñ".to_owned(),
        "x".repeat(8000),
    ] {
        let answer = site
            .anonymous()
            .get("/test")
            .header("authorization", format!("Bearer {forged}"))
            .await;
        assert_eq!(answer.status, 401, "{forged}: {answer:?}");
        answer.no_token();
    }
    assert!(is_good(&site, &good).await);
}

pub(crate) async fn an_access_token_is_exchanged_for_a_new_one(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let first = site.login("root").await.access;
    let answer = exchange(&caller, &first).await.is(200);
    let body = answer.raw();
    assert_eq!(keys(&body), ["accessToken", "accessExpire", "refreshAfter"]);
    assert_eq!(answer.header("cache-control"), "no-store");
    let expire = body["accessExpire"].as_i64().expect("seconds");
    assert_eq!(body["refreshAfter"], expire - 450);
    let second = body["accessToken"].as_str().expect("a token");
    assert_ne!(first, second);
    assert_eq!(
        claims(&site, &first)["sid"],
        claims(&site, second)["sid"],
        "the session stays"
    );
    // Two tabs: the first token is exchanged again, and all of them are good.
    let again = exchange(&caller, &first).await.is(200).raw();
    let third = again["accessToken"].as_str().expect("a token");
    for token in [&first, second, third] {
        assert!(is_good(&site, token).await);
    }
    exchange(&caller, "not.a.token").await.no_token();
    caller.get("/auth/refreshToken").await.no_token();
    assert_eq!(thefts(&site).await, [""; 0]);
}

pub(crate) async fn an_expired_token_is_exchanged_while_nothing_newer_was_issued(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let access = site.login("root").await.access;
    let (kid, pem) = site.signing_key().await;
    let key = EncodingKey::from_ed_pem(pem.as_bytes()).expect("the signing key");
    let header = Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some(kid),
        ..Header::new(Algorithm::EdDSA)
    };
    // The same token, had it been issued earlier.
    let aged = |token: &str, seconds: i64| {
        let mut said = claims(&site, token);
        for name in ["iat", "nbf", "exp"] {
            said[name] = json!(said[name].as_i64().expect("seconds") - seconds);
        }
        jsonwebtoken::encode(&header, &said, &key).expect("signed")
    };
    let expired = aged(&access, 901);
    assert!(!is_good(&site, &expired).await);
    exchange(&caller, &aged(&access, 900 + 601))
        .await
        .no_token();
    let almost = aged(&access, 900 + 540);
    let newer = exchange(&caller, &almost).await.is(200).raw();
    let newer = newer["accessToken"].as_str().expect("a token");
    assert!(is_good(&site, newer).await);
    // Something newer was issued now.
    exchange(&caller, &expired).await.no_token();
    exchange(&caller, &almost).await.no_token();
    exchange(&caller, newer).await.is(200);
    assert!(is_good(&site, newer).await, "and nothing was revoked");
}

pub(crate) async fn an_expired_token_waits_for_no_clock_of_ours(bench: &Bench) {
    let site = bench.site_with(|s| s.token.access_seconds = 1).await;
    let tokens = site.login("root").await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(!is_good(&site, &tokens.access).await, "it has expired");
    let new = exchange(&site.anonymous(), &tokens.access)
        .await
        .is(200)
        .raw();
    let new = new["accessToken"].as_str().expect("a token");
    // It lasts for a second at most: whatever is answered to it, it is ours.
    let answer = site.bearer(new).get("/test").await;
    assert!(matches!(answer.status, 204 | 401), "{answer:?}");
}

pub(crate) async fn an_exchange_ends_with_the_session(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let tokens = site.login("root").await;
    site.bearer(&tokens.access).post("/auth/logout").await.ok();
    exchange(&caller, &tokens.access).await.no_token();

    let tokens = site.login("root").await;
    site.sql("UPDATE session SET expires_at = created_at").await;
    exchange(&caller, &tokens.access).await.no_token();

    // No token outlives the session's absolute end.
    let short = bench.site_with(|s| s.session.max_seconds = 60).await;
    let body = short.try_login("root", PASSWORD).await.is(200).raw();
    let expire = body["accessExpire"].as_i64().expect("seconds");
    assert!(expire - short.services.now().seconds() <= 60, "{expire}");
}

pub(crate) async fn req37_another_client_cant_exchange(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let thief = site.anonymous().with("user-agent", "thief/1.0");
    let answer = exchange(&thief, &tokens.access).await;
    answer.fails(403);
    is_over(&site, &tokens).await;
    let told = thefts(&site).await;
    assert_eq!(told, [r#"root thief/1.0 {"reason":"client_changed"}"#]);
}

pub(crate) async fn a_session_is_renewed(bench: &Bench) {
    let site = bench.site().await;
    let first = site.login("root").await;
    let answer = renew(&site.anonymous(), &first.refresh).await.is(204);
    assert!(answer.body.is_empty());
    let second = Tokens::of(&answer);
    assert_ne!(first.refresh, second.refresh);
    assert_ne!(first.access, second.access);
    is_refresh_cookie(&answer, &second.refresh);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        claims(&site, &first.access)["sid"],
        claims(&site, &second.access)["sid"]
    );
    assert!(is_good(&site, &second.access).await);
    assert!(is_good(&site, &first.access).await, "until it expires");
    let third = Tokens::of(&renew(&site.anonymous(), &second.refresh).await.is(204));
    assert!(is_good(&site, &third.access).await);
}

pub(crate) async fn a_browser_renews_with_its_cookie_and_the_header(bench: &Bench) {
    let site = bench.site().await;
    let page = site.new_browser().with("origin", &site.url);
    let answer = page
        .post("/auth/login")
        .json(&json!({ "username": "root", "password": PASSWORD }))
        .await
        .is(200);
    let mut tokens = Tokens::of(&answer);
    for _ in 0..3 {
        let answer = page
            .post("/auth/session")
            .header("x-refresh-token", &tokens.refresh)
            .await
            .is(204);
        tokens = Tokens::of(&answer);
    }
    // The cookie goes to /auth alone, and alone it opens nothing.
    page.get("/role/list").await.no_token();
    page.get("/auth/me").await.no_token();
    page.post("/auth/session").await.no_token();
    page.post("/auth/logout").await.ok();
    assert!(!is_good(&site, &tokens.access).await);
}

pub(crate) async fn a_renewal_wants_header_and_cookie_and_both_the_same(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let other = site.login("root").await;
    let caller = site.anonymous();
    let shown = async |header: Option<&str>, cookie: Option<&str>| {
        let mut request = caller.post("/auth/session");
        if let Some(token) = header {
            request = request.header("x-refresh-token", token);
        }
        if let Some(token) = cookie {
            request = request.header("cookie", format!("token={token}"));
        }
        request.await
    };
    let good = tokens.refresh.as_str();
    for (header, cookie) in [
        (None, None),
        (Some(good), None),
        (None, Some(good)),
        (Some(good), Some("")),
        (Some(""), Some(good)),
        (Some(good), Some("unknown")),
        (Some("unknown"), Some(good)),
        (Some("unknown"), Some("unknown")),
        (Some(good), Some(other.refresh.as_str())),
        (Some(&tokens.access), Some(&tokens.access)),
    ] {
        let answer = shown(header, cookie).await;
        answer.no_token();
        assert_eq!(answer.cookie("token"), None);
    }
    // An access token does instead of neither.
    let mut with_access = site.bearer(&tokens.access).post("/auth/session");
    with_access = with_access.header("x-refresh-token", good);
    with_access.await.no_token();
    // Nothing of that harmed the session.
    shown(Some(good), Some(good)).await.is(204);
    assert_eq!(thefts(&site).await, [""; 0]);
}

pub(crate) async fn refresh_tokens_and_sessions_expire(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    site.sql("UPDATE refresh_token SET expires_at = created_at")
        .await;
    renew(&site.anonymous(), &tokens.refresh).await.no_token();
    assert!(is_good(&site, &tokens.access).await, "no theft");

    let tokens = site.login("root").await;
    site.sql("UPDATE session SET expires_at = created_at").await;
    renew(&site.anonymous(), &tokens.refresh).await.no_token();
}

pub(crate) async fn req37_another_client_cant_renew(bench: &Bench) {
    let site = bench.site().await;
    let tokens = site.login("root").await;
    let other = site.login("root").await;
    let thief = site.anonymous().with("user-agent", "thief/1.0");
    let refused = renew(&thief, &tokens.refresh).await;
    refused.fails(403);
    assert_eq!(refused.header("authorization"), "");
    is_over(&site, &tokens).await;
    let told = thefts(&site).await;
    assert_eq!(told, [r#"root thief/1.0 {"reason":"client_changed"}"#]);
    renew(&site.anonymous(), &other.refresh).await.is(204);
}

fn behind_a_proxy(settings: &mut menshen::settings::Settings) {
    settings.server.trusted_proxies = serde_json::from_value(json!(["127.0.0.1"])).expect("ip");
}

pub(crate) async fn req37_the_binding_is_as_the_settings_say(bench: &Bench) {
    use settings::Binding;
    // How a renewal from another address and with another User-Agent is answered.
    for (binding, elsewhere, otherwise) in [
        (Binding::UaIp, 403, 403),
        (Binding::Ua, 204, 403),
        (Binding::None, 204, 204),
    ] {
        let site = bench
            .site_with(|s| {
                behind_a_proxy(s);
                s.session.binding = binding;
            })
            .await;
        let home = site.anonymous().with("x-forwarded-for", "192.0.2.1");
        let login = async || {
            let body = json!({ "username": "root", "password": PASSWORD });
            Tokens::of(&home.post("/auth/login").json(&body).await.is(200))
        };
        let away = site.anonymous().with("x-forwarded-for", "192.0.2.2");
        let odd = home.clone().with("user-agent", "another/1.0");
        let tokens = login().await;
        renew(&home, &tokens.refresh).await.is(204);
        let tokens = login().await;
        renew(&away, &tokens.refresh).await.is(elsewhere);
        let tokens = login().await;
        renew(&odd, &tokens.refresh).await.is(otherwise);
        let expected = if elsewhere == 204 { 200 } else { 403 };
        exchange(&away, &login().await.access).await.is(expected);
        let expected = if otherwise == 204 { 200 } else { 403 };
        exchange(&odd, &login().await.access).await.is(expected);
    }
}

pub(crate) async fn req35_reuse_after_the_next_was_used_is_theft(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    // The next pair is used by its access token …
    let first = site.login("root").await;
    let second = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    assert!(is_good(&site, &second.access).await);
    renew(&caller, &first.refresh).await.fails(403);
    is_over(&site, &first).await;
    is_over(&site, &second).await;
    // … or by its refresh token …
    let first = site.login("root").await;
    let second = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    let third = Tokens::of(&renew(&caller, &second.refresh).await.is(204));
    renew(&caller, &first.refresh).await.fails(403);
    is_over(&site, &third).await;
    // … or by an exchange.
    let first = site.login("root").await;
    let second = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    exchange(&caller, &second.access).await.is(200);
    renew(&caller, &first.refresh).await.fails(403);
    is_over(&site, &second).await;
    let told = format!(r#"root {AGENT} {{"reason":"refresh_reused"}}"#);
    assert_eq!(thefts(&site).await, [told.clone(), told.clone(), told]);
}

pub(crate) async fn req36_a_lost_answer_may_be_asked_for_again(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let first = site.login("root").await;
    let lost = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    let lost_too = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    let got = Tokens::of(&renew(&caller, &first.refresh).await.is(204));
    // What is left of the older pair is still good, until the newer one is used.
    assert!(is_good(&site, &first.access).await);
    assert!(is_good(&site, &got.access).await);
    for stolen in [&lost, &lost_too, &first] {
        // Each ends the session, which is over after the first.
        let answer = renew(&caller, &stolen.refresh).await;
        assert!(matches!(answer.status, 401 | 403), "{answer:?}");
    }
    is_over(&site, &got).await;
    assert_eq!(thefts(&site).await.len(), 1);
}

pub(crate) async fn req36_dropping_every_tenth_answer_logs_nobody_out(bench: &Bench) {
    let site = bench.site().await;
    let caller = site.anonymous();
    let mut tokens = site.login("root").await;
    for round in 1..=60 {
        let answer = renew(&caller, &tokens.refresh).await;
        assert_eq!(answer.status, 204, "round {round}: {answer:?}");
        if round % 10 != 0 {
            tokens = Tokens::of(&answer);
        }
        if round % 3 == 0 {
            assert!(is_good(&site, &tokens.access).await, "round {round}");
        }
    }
}

pub(crate) async fn req36_concurrent_renewals_leave_one_live_branch(bench: &Bench) {
    let site = bench.site().await;
    let first = site.login("root").await;
    let all: Vec<_> = (0..6)
        .map(|_| {
            let (caller, refresh) = (site.anonymous(), first.refresh.clone());
            tokio::spawn(async move { Tokens::of(&renew(&caller, &refresh).await.is(204)) })
        })
        .collect();
    let mut branches = Vec::new();
    for one in all {
        branches.push(one.await.expect("ran"));
    }
    let generation = |tokens: &Tokens| -> i64 {
        let jti = claims(&site, &tokens.access)["jti"].to_string();
        let number = jti.trim_matches('"').split('-').next().map(str::to_owned);
        number.and_then(|n| n.parse().ok()).expect("a generation")
    };
    branches.sort_by_key(generation);
    let newest = branches.pop().expect("the newest");
    let next = Tokens::of(&renew(&site.anonymous(), &newest.refresh).await.is(204));
    assert!(is_good(&site, &next.access).await);
    renew(&site.anonymous(), &branches[0].refresh)
        .await
        .fails(403);
    is_over(&site, &next).await;
}

pub(crate) async fn req33_whoever_is_disabled_or_deleted_renews_nothing(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let disabled = site.person("disabled", &[]).await;
    let path = format!("/user/{}", disabled.id);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    is_over(&site, &disabled.tokens).await;
    let deleted = site.person("deleted", &[]).await;
    admin.delete(&format!("/user/{}", deleted.id)).await.ok();
    is_over(&site, &deleted.tokens).await;
    // Enabled again, what was ended stays so.
    admin.put(&path).json(&json!({ "status": "0" })).await.ok();
    is_over(&site, &disabled.tokens).await;
    site.login("disabled").await;
}

pub(crate) async fn req55_a_logout_on_one_node_acts_on_the_other(bench: &Bench) {
    let site = bench.site().await;
    let other = site.another_node(|_| {}).await;
    let tokens = site.login("root").await;
    assert!(is_good(&other, &tokens.access).await);
    site.bearer(&tokens.access).post("/auth/logout").await.ok();
    within_a_second("ended", async || !is_good(&other, &tokens.access).await).await;
    renew(&other.anonymous(), &tokens.refresh).await.no_token();
}
