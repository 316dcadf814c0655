//! What tokens are worth, for services that ask (RFC 7662).

use crate::support::{Answer, Bench, Caller, PASSWORD, Site, keys};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen::settings::Settings;
use secrecy::SecretString;
use serde_json::{Value, json};

const SECRET: &str = "a secret: of some length";

fn with_clients(settings: &mut Settings) {
    let clients = &mut settings.introspection.clients;
    clients.insert("gateway".into(), SecretString::from(SECRET));
    clients.insert("other".into(), SecretString::from("100% another secret"));
}

fn basic(site: &Site, id: &str, secret: &str) -> Caller {
    let value = STANDARD.encode(format!("{id}:{secret}"));
    site.anonymous()
        .with("authorization", &format!("Basic {value}"))
}

async fn ask(caller: &Caller, token: &str) -> Answer {
    caller
        .post("/auth/introspect")
        .form(&[("token", token)])
        .await
}

async fn is_active(caller: &Caller, token: &str) -> bool {
    let answer = ask(caller, token).await.is(200);
    let body = answer.raw();
    if body["active"] == false {
        assert_eq!(body, json!({ "active": false }), "nothing else is told");
    }
    body["active"] == true
}

pub(crate) async fn a_clients_question_is_answered(bench: &Bench) {
    let site = bench.site_with(with_clients).await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let gateway = basic(&site, "gateway", SECRET);
    let answer = ask(&gateway, &anna.tokens.access).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    let body = answer.raw();
    assert_eq!(
        keys(&body),
        [
            "active",
            "scope",
            "username",
            "token_type",
            "exp",
            "iat",
            "nbf",
            "sub",
            "aud",
            "iss",
            "jti",
            "sid",
            "uid",
            "roles",
        ]
    );
    assert_eq!(
        (&body["active"], &body["token_type"]),
        (&json!(true), &json!("Bearer"))
    );
    assert_eq!(body["scope"], "system:role:list");
    assert_eq!(
        (&body["username"], &body["roles"]),
        (&json!("anna"), &json!(["role-anna"]))
    );
    assert_eq!(
        (&body["uid"], &body["sub"]),
        (&json!(anna.id), &json!(anna.id.to_string()))
    );
    assert!(body["exp"].as_i64() > body["iat"].as_i64());
    let body = ask(&gateway, &anna.tokens.refresh).await.is(200).raw();
    assert_eq!(
        (&body["active"], &body["token_type"]),
        (&json!(true), &json!("refresh_token"))
    );
    assert_eq!(body.get("scope"), None, "a refresh token opens nothing");
    assert!(is_active(&gateway, &anna.tokens.access).await);
    for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        assert!(!is_active(&gateway, token).await, "{token}");
    }
    let root = ask(&gateway, &site.login("root").await.access).await.raw();
    let scope = root["scope"].as_str().expect("a scope");
    let codes: Vec<&str> = scope.split(' ').collect();
    assert!(
        codes.contains(&"*:*:*") && codes.contains(&"system:user:list"),
        "{scope}"
    );
}

pub(crate) async fn req33_a_revoked_sessions_tokens_are_inactive_at_once(bench: &Bench) {
    let site = bench.site_with(with_clients).await;
    let gateway = basic(&site, "gateway", SECRET);
    let anna = site.person("anna", &[]).await;
    let both = async |tokens: &crate::support::Tokens| {
        (
            is_active(&gateway, &tokens.access).await,
            is_active(&gateway, &tokens.refresh).await,
        )
    };
    assert_eq!(both(&anna.tokens).await, (true, true));
    anna.caller.post("/auth/logout").await.is(200);
    assert_eq!(both(&anna.tokens).await, (false, false));
    let again = site.login("anna").await;
    assert_eq!(both(&again).await, (true, true));
    let off = json!({ "status": "1" });
    let path = format!("/user/{}", anna.id);
    site.admin().await.put(&path).json(&off).await.ok();
    assert_eq!(both(&again).await, (false, false));
    site.add_user(json!({
        "username": "due", "password": PASSWORD, "mustChangePassword": true,
    }))
    .await;
    let due = site.login("due").await;
    assert_eq!(both(&due).await, (false, false), "a password is due first");
}

pub(crate) async fn who_asks_must_say_who_she_is(bench: &Bench) {
    let site = bench.site_with(with_clients).await;
    let token = site.login("root").await.access;
    let refused = async |caller: &Caller| {
        let answer = ask(caller, &token).await;
        answer.no_token();
        let told: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert!(
            told.iter().any(|v| *v == "Basic realm=\"menshen\""),
            "{told:?}"
        );
    };
    refused(&site.anonymous()).await;
    for (id, secret) in [
        ("gateway", ""),
        ("gateway", "another secret"),
        ("", ""),
        ("nobody", SECRET),
        ("Gateway", SECRET),
    ] {
        refused(&basic(&site, id, secret)).await;
        let form = [
            ("token", token.as_str()),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let answer = site.anonymous().post("/auth/introspect").form(&form).await;
        answer.no_token();
    }
    for odd in ["Basic", "Basic !", "Basic Og==", "Digest x", "Basic AAAA"] {
        refused(&site.anonymous().with("authorization", odd)).await;
    }
    let good = [
        ("token", token.as_str()),
        ("token_type_hint", "refresh_token"),
        ("client_id", "gateway"),
        ("client_secret", SECRET),
    ];
    let answer = site.anonymous().post("/auth/introspect").form(&good).await;
    assert_eq!(answer.is(200).raw()["active"], true);
    // Some clients encode the secret as RFC 6749 wants it, others send it as it is.
    for secret in ["100%25%20another%20secret", "100%25+another+secret"] {
        assert!(
            is_active(&basic(&site, "other", secret), &token).await,
            "{secret}"
        );
    }
    assert!(is_active(&basic(&site, "gateway", SECRET), &token).await);
    // A token of somebody who may see sessions does as well.
    let watcher = site.person("watcher", &["monitor:session:list"]).await;
    assert!(is_active(&watcher.caller, &token).await);
    let nobody = site.person("nobody", &[]).await;
    ask(&nobody.caller, &token)
        .await
        .lacks(&["monitor:session:list"]);
    ask(&site.bearer("bad"), &token).await.no_token();
}

pub(crate) async fn a_question_without_a_token_is_bad(bench: &Bench) {
    let site = bench.site_with(with_clients).await;
    let gateway = basic(&site, "gateway", SECRET);
    for form in [&[][..], &[("token", "")], &[("tokens", "x")]] {
        let answer = gateway.post("/auth/introspect").form(form).await;
        assert_eq!(answer.invalid(), ["token"]);
    }
    let json = gateway
        .post("/auth/introspect")
        .json(&json!({ "token": "x" }))
        .await;
    assert_eq!(json.invalid(), ["token"]);
    gateway.get("/auth/introspect?token=x").await.fails(405);
    let none = bench.site().await;
    let answer = ask(&basic(&none, "gateway", ""), "x").await;
    answer.no_token();
    assert_eq!(answer.raw()["data"], Value::Null);
}
