//! What every answer has in common, and every refusal.

use crate::support::{Answer, Bench, Caller, PASSWORD, Site, keys};
use axum::http::Method;
use menshen_http::routes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Every path of the REST face, and the methods it takes.
fn paths() -> BTreeMap<String, BTreeSet<String>> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for endpoint in routes::all() {
        paths
            .entry(filled(endpoint.path))
            .or_default()
            .insert(endpoint.method.to_string());
    }
    paths
}

/// A path with an id that nothing has for each parameter.
pub(crate) fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| {
            if part.starts_with('{') {
                "999999"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

pub(crate) async fn an_address_that_is_not_there_is_404(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for path in [
        "/nothing",
        "/role/1/2",
        "/role/list/",
        "/role/",
        "/auth",
        "/AUTH/LOGIN",
        "/user/1/bind/2",
        "/.well-known/nothing",
        "/.env",
        "/favicon.png",
        "/%00",
        "/%ff",
        "/..%2f..%2fetc%2fpasswd",
        "//",
        "/<script>alert(1)<%2fscript>",
    ] {
        for caller in [&site.anonymous(), &admin] {
            for method in [
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::DELETE,
                Method::PATCH,
            ] {
                let answer = caller.call(method, path).await;
                let body = answer.fails(404);
                assert_eq!(keys(&body), ["code", "msg", "message", "data"]);
                assert!(!answer.text().contains("script"), "{answer:?}");
            }
        }
    }
    for path in [
        "/admin/pkg/nothing.js",
        "/admin/pkg/menshen.0000000000000000.js",
    ] {
        admin.get(path).await.fails(404);
        admin.post(path).await.fails(405);
    }
    // Under /admin it is a page that says so to a browser, and nothing else is a page.
    let page = admin.get("/admin/nowhere").await.is(404);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{page:?}"
    );
    let function = admin.post("/admin/fn/nothing").form(&[]).await;
    assert!(matches!(function.status, 404 | 405), "{function:?}");
    function.is_canonical_error();
}

pub(crate) async fn a_wrong_method_is_405_with_those_that_are_right(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for (path, right) in paths() {
        let mut allowed = right.clone();
        if allowed.contains("GET") {
            allowed.insert("HEAD".to_owned());
        }
        for name in [
            "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X",
        ] {
            if allowed.contains(name) {
                continue;
            }
            let method: Method = name.parse().expect("a method");
            for caller in [&site.anonymous(), &admin] {
                let answer = caller.call(method.clone(), &path).await;
                assert_eq!(answer.status, 405, "{answer:?}");
                let told: BTreeSet<String> = answer
                    .header("allow")
                    .split(',')
                    .map(|m| m.trim().to_owned())
                    .collect();
                assert_eq!(told, allowed, "{answer:?}: Allow");
                if name != "HEAD" {
                    answer.fails(405);
                }
            }
        }
    }
}

pub(crate) async fn req56_trace_shows_nobody_her_headers(bench: &Bench) {
    let site = bench.site().await;
    for path in ["/", "/role/list", "/nothing", "/admin", "/admin/fn/sign_in"] {
        let answer = site
            .admin()
            .await
            .call(Method::TRACE, path)
            .header("x-secret", "do not tell")
            .await;
        assert!(matches!(answer.status, 404 | 405), "{answer:?}");
        assert!(!answer.text().contains("do not tell"), "{answer:?}");
    }
    for (path, _) in paths() {
        let request = site.anonymous().call(Method::TRACE, &path);
        let answer = request.header("x-secret", "do not tell").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert!(!answer.text().contains("do not tell"), "{answer:?}");
    }
}

pub(crate) async fn head_is_get_without_the_body(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for path in [
        "/role/list",
        "/auth/me",
        "/health/live",
        "/user/999",
        "/.well-known/jwks.json",
    ] {
        let get = admin.get(path).await;
        let head = admin.call(Method::HEAD, path).await;
        assert_eq!(head.status, get.status, "{head:?}");
        assert!(head.body.is_empty(), "{head:?}");
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        assert!(!head.header("x-request-id").is_empty());
    }
    let refused = site.anonymous().call(Method::HEAD, "/role/list").await;
    assert_eq!(refused.status, 401);
}

pub(crate) async fn a_body_past_a_mebibyte_is_413(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let role = |length: usize| {
        let start = r#"{"roleName":"x","roleKey":"x","filler":""#;
        format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
    };
    let mebibyte = 1024 * 1024;
    let answer = admin.post("/role").body(role(mebibyte)).await;
    answer.ok();
    let answer = admin.post("/role").body(role(mebibyte + 1)).await;
    answer.fails(413);
    // Sent in pieces, without its length told beforehand.
    let mut request = b"POST /role HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        transfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for _ in 0..33 {
        request.extend_from_slice(b"10000\r\n");
        request.extend_from_slice(&[b'x'; 0x10000]);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = site.raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains(r#""data":null"#), "{answer}");
}

pub(crate) async fn ten_megabytes_are_answered_at_every_route(bench: &Bench) {
    let site = bench.site().await;
    let body = axum::body::Bytes::from(vec![b'x'; 10_000_000]);
    let body = || body.clone();
    for caller in [site.anonymous(), site.admin().await] {
        for (path, methods) in paths() {
            for name in methods {
                let method: Method = name.parse().expect("a method");
                let answer = caller.call(method, &path).body(body()).await;
                answer.fails(413);
            }
        }
    }
    for path in ["/nothing", "/admin/fn/sign_in", "/admin/login", "/"] {
        let answer = site.anonymous().post(path).body(body()).await;
        answer.fails(413);
    }
    // The connection outlives it.
    site.admin().await.get("/test").await.is(204);
}

pub(crate) async fn broken_requests_harm_nobody(bench: &Bench) {
    let site = bench.site().await;
    for (request, expected) in [
        // As many bytes as were announced, which are no JSON.
        (
            "POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{\"a\"}",
            "400",
        ),
        ("GET /role/list HTTP/1.1\r\nconnection: close\r\n\r\n", "40"),
        (
            "GET /role/list HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
            "400",
        ),
        (
            "GET http://evil.example/role/list HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            "401",
        ),
        (
            "POST /role HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n",
            "40",
        ),
        (
            "POST /role HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n\r\n",
            "40",
        ),
        ("NONSENSE\r\n\r\n", "400"),
        ("GET /role/list HTTP/9.9\r\nhost: x\r\n\r\n", ""),
    ] {
        let answer = site.raw(request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with(expected), "{request}: {answer}");
        assert!(!status.starts_with('5'), "{request}: {answer}");
    }
    site.admin().await.get("/test").await.is(204);
}

pub(crate) async fn a_value_that_does_not_fit_is_told_in_words_of_ours(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for (method, path, body, field, zh, en) in [
        (
            Method::POST,
            "/auth/login",
            json!([]),
            "body",
            "应为对象",
            "must be an object",
        ),
        (
            Method::PUT,
            "/perm",
            json!({ "roleId": "2" }),
            "roleId",
            "应为整数",
            "must be a whole number",
        ),
        (
            Method::PUT,
            "/auth/password",
            json!({}),
            "newPassword",
            "必填",
            "is required",
        ),
        (
            Method::POST,
            "/user/1/bind",
            json!({}),
            "body",
            "应为数组",
            "must be a list",
        ),
    ] {
        for (language, told) in [("zh", zh), ("en", en)] {
            let request = admin.call(method.clone(), path).json(&body);
            let answer = request.header("accept-language", language).await;
            assert_eq!(answer.invalid(), [field], "{path}");
            assert_eq!(answer.raw()["errors"][0]["message"], told, "{path}");
        }
    }
    // At every route, in every document's shape.
    for endpoint in routes::all().into_iter().filter(|e| e.body.is_some()) {
        let path = filled(endpoint.path);
        for body in [
            json!([]),
            json!("x"),
            json!([{}]),
            json!({ "username": {} }),
        ] {
            let answer = admin.call(endpoint.method.clone(), &path).json(&body).await;
            let said = answer.text();
            for internal in ["struct ", "invalid type", "expected ", "i64", "类型不符"] {
                assert!(!said.contains(internal), "{path} {body}: {said}");
            }
        }
    }
    // Document B's clients write their names in their own way.
    let request = site.anonymous().post("/tokens/renew_access");
    let refused = request
        .json(&json!({ "refresh_token": 1 }))
        .await
        .fails(400);
    let told = refused["msg"].as_str().expect("a message");
    assert!(told.starts_with("refresh_token"), "{told}");
}

pub(crate) async fn a_nul_in_a_filter_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for (path, field) in [
        ("/user/list?keyword=%00", "keyword"),
        ("/user/list?pageNum=1&nick_name=a%00b", "nickName"),
        ("/role/list?roleName=%00", "roleName"),
        ("/perm?code=%00", "code"),
        ("/log/login?username=%00", "username"),
        ("/session/list?username=x%00", "username"),
    ] {
        assert_eq!(admin.get(path).await.invalid(), [field], "{path}");
    }
    for (path, body, field) in [
        ("/role/list", json!({ "roleName": "\u{0}" }), "roleName"),
        ("/role/list", json!("{roleKey: '\\u0000'}"), "roleKey"),
        ("/perm", json!({ "name": "a\u{0}" }), "name"),
    ] {
        let answer = admin.call(Method::GET, path).json(&body).await;
        assert_eq!(answer.invalid(), [field], "{path}");
    }
    for path in ["/key/a%00b", "/setting/a%00b", "/admin/captcha/a%00b/audio"] {
        let method = match path {
            "/key/a%00b" => Method::DELETE,
            "/setting/a%00b" => Method::PUT,
            _ => Method::GET,
        };
        admin.call(method, path).json(&json!({})).await.fails(404);
    }
}

async fn refusals(site: &Site) -> Vec<Answer> {
    let admin = site.admin().await;
    let person = site.person("plain", &[]).await;
    let say = |caller: &Caller, language: &str| caller.clone().with("accept-language", language);
    let mut all = Vec::new();
    for language in ["zh-CN,zh;q=0.9", "en-GB,en;q=0.9,zh;q=0.1"] {
        let (anonymous, admin) = (say(&site.anonymous(), language), say(&admin, language));
        let plain = say(&person.caller, language);
        let wrong = json!({ "username": "nobody", "password": "no password" });
        all.push(anonymous.get("/nothing").await);
        all.push(anonymous.call(Method::PATCH, "/role").await);
        all.push(anonymous.post("/auth/login").json(&wrong).await);
        all.push(anonymous.post("/auth/login").json(&json!({})).await);
        all.push(anonymous.post("/auth/login").body("{").await);
        all.push(plain.get("/role/list").await);
        all.push(admin.get("/role/999").await);
        all.push(admin.get("/role/x").await);
        all.push(admin.delete("/role/1").await);
        all.push(admin.delete("/user/1").await);
        all.push(admin.post("/role").body(vec![b'x'; 1_100_000]).await);
        all.push(admin.put("/perm?roleId=1&permissions=no:such:thing").await);
    }
    all
}

pub(crate) async fn messages_follow_the_language_and_codes_do_not(bench: &Bench) {
    let site = bench.site().await;
    let all = refusals(&site).await;
    let (chinese, english) = all.split_at(all.len() / 2);
    let mut statuses = BTreeSet::new();
    for (zh, en) in chinese.iter().zip(english) {
        zh.is_canonical_error();
        en.is_canonical_error();
        let (zh, en) = (zh.raw(), en.raw());
        assert_eq!(zh["code"], en["code"]);
        statuses.insert(zh["code"].as_u64());
        let is_chinese = |v: &Value| {
            v.to_string()
                .chars()
                .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
        };
        assert!(is_chinese(&zh["message"]), "{zh}");
        assert!(!is_chinese(&en), "{en}");
        assert_eq!(
            zh["errors"].as_array().map(Vec::len),
            en["errors"].as_array().map(Vec::len)
        );
        if let Some(errors) = zh["errors"].as_array() {
            assert!(errors.iter().all(|e| is_chinese(&e["message"])), "{zh}");
        }
    }
    assert_eq!(statuses.len(), 7, "of every kind: {statuses:?}");
    // Chinese is for whoever asks for nothing, or for neither.
    for language in [
        "",
        "fr",
        "de-DE,de;q=0.9",
        "*",
        "en;q=0",
        "\u{fffd}",
        ";;;,,,q=q",
    ] {
        let answer = site
            .anonymous()
            .get("/nothing")
            .header("accept-language", language)
            .await;
        assert_eq!(answer.fails(404)["message"], "没有这个地址", "{language}");
    }
}

pub(crate) async fn every_answer_has_its_id_and_its_headers(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let mut answers = refusals(&site).await;
    for endpoint in routes::all() {
        let path = filled(endpoint.path);
        let body = json!({});
        answers.push(admin.call(endpoint.method.clone(), &path).json(&body).await);
        answers.push(
            site.anonymous()
                .call(endpoint.method, &path)
                .json(&body)
                .await,
        );
    }
    for path in [
        "/",
        "/admin",
        "/admin/login",
        "/admin/nowhere",
        "/favicon.svg",
    ] {
        answers.push(site.anonymous().get(path).await);
    }
    answers.push(site.anonymous().post("/admin/fn/sign_in").form(&[]).await);
    answers.push(site.try_login("root", PASSWORD).await);
    let mut ids = BTreeSet::new();
    for answer in &answers {
        let id = answer.header("x-request-id");
        assert!(id.len() >= 32, "{answer:?}: {id}");
        assert!(ids.insert(id.to_owned()), "{answer:?}: {id} twice");
        assert_eq!(
            answer.header("x-content-type-options"),
            "nosniff",
            "{answer:?}"
        );
        assert_eq!(answer.header("x-frame-options"), "DENY", "{answer:?}");
        // Document D's addresses can hold passwords.
        let referrer = match format!("{answer:?}").contains(" /api/auth/") {
            true => "no-referrer",
            false => "same-origin",
        };
        assert_eq!(answer.header("referrer-policy"), referrer, "{answer:?}");
        let opener = answer.header("cross-origin-opener-policy");
        assert_eq!(opener, "same-origin", "{answer:?}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{answer:?}: {policy}"
        );
        assert!(policy.contains("base-uri 'none'"), "{answer:?}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{answer:?}: {policy}");
        let page = answer.header("content-type").starts_with("text/html");
        if page {
            // A page that is the same for everybody names its script by its hash.
            let named = ["script-src 'nonce-", "script-src 'sha256-"];
            assert!(
                named.iter().any(|n| policy.contains(n)),
                "{answer:?}: {policy}"
            );
            assert!(policy.contains("object-src 'none'"), "{answer:?}: {policy}");
        } else {
            assert!(
                policy.contains("default-src 'none'"),
                "{answer:?}: {policy}"
            );
        }
        let cached = answer.header("cache-control");
        let public = answer.status == 200
            && (answer.text().contains("\"keys\"")
                || answer.text().contains("<svg")
                || answer.text().starts_with("{\"openapi\"")
                || policy.contains("script-src 'sha256-"));
        if !public {
            assert_eq!(cached, "no-store", "{answer:?}");
        }
        for name in ["server", "x-powered-by"] {
            assert_eq!(answer.header(name), "", "{answer:?}: {name}");
        }
    }
}

pub(crate) async fn req43_each_page_has_a_fresh_nonce(bench: &Bench) {
    let site = bench.site().await;
    let mut nonces = BTreeSet::new();
    for _ in 0..3 {
        let page = site.anonymous().get("/admin/login").await.is(200);
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or_else(|| panic!("{policy}"));
        assert!(nonce.len() >= 16, "{policy}");
        assert!(page.text().contains(nonce), "scripts carry it");
        assert!(policy.contains("'wasm-unsafe-eval'"), "{policy}");
        nonces.insert(nonce.to_owned());
    }
    assert_eq!(nonces.len(), 3, "{nonces:?}");
}

pub(crate) async fn req45_forged_proxy_headers_are_ignored(bench: &Bench) {
    let site = bench.site().await;
    let forger = site
        .anonymous()
        .with("x-forwarded-for", "6.6.6.6")
        .with("x-real-ip", "6.6.6.6")
        .with("forwarded", "for=6.6.6.6;proto=https")
        .with("x-forwarded-host", "evil.example")
        .with("x-forwarded-proto", "https")
        .with("x-request-id", "forged-id");
    let body = json!({ "username": "root", "password": PASSWORD });
    let answer = forger.post("/auth/login").json(&body).await.is(200);
    assert_ne!(answer.header("x-request-id"), "forged-id");
    let me = site.admin().await.get("/user/1").await.ok();
    assert_eq!(me["loginIp"], "127.0.0.1");
    for row in site.audit().await {
        assert!(
            !row.contains("6.6.6.6") && !row.contains("forged-id"),
            "{row}"
        );
    }
    // Changing addresses gain a guesser nothing.
    for n in 0..3 {
        let wrong = json!({ "username": format!("u{n}"), "password": "not the password" });
        let address = format!("6.6.6.{n}");
        let guesser = site.anonymous().with("x-forwarded-for", &address);
        guesser.post("/auth/login").json(&wrong).await.fails(401);
    }
    let fourth = site
        .anonymous()
        .with("x-forwarded-for", "6.6.6.99")
        .post("/auth/login")
        .json(&json!({ "username": "u9", "password": "not the password" }))
        .await;
    assert_eq!(fourth.fails(401)["captchaRequired"], true);
}

pub(crate) async fn a_believed_proxy_is_believed(bench: &Bench) {
    let site = bench
        .site_with(|s| {
            s.server.trusted_proxies =
                serde_json::from_value(json!(["127.0.0.1", "10.0.0.0/8"])).expect("networks");
        })
        .await;
    let body = json!({ "username": "root", "password": PASSWORD });
    for (shown, expected) in [
        ("192.0.2.7", "192.0.2.7"),
        ("6.6.6.6, 192.0.2.8", "192.0.2.8"),
        ("6.6.6.6, 192.0.2.9, 10.1.2.3", "192.0.2.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.10", "192.0.2.10"),
        ("nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let answer = site
            .anonymous()
            .post("/auth/login")
            .header("x-forwarded-for", shown)
            .json(&body)
            .await;
        assert_eq!(answer.status, 200, "{shown}: {answer:?}");
        let token = answer.raw()["accessToken"]
            .as_str()
            .expect("a token")
            .to_owned();
        let me = site.bearer(&token).get("/user/1").await.ok();
        assert_eq!(me["loginIp"], expected, "{shown}");
    }
    for (id, kept) in [
        ("abc-DEF_123", true),
        ("", false),
        ("a b", false),
        ("x\"y", false),
        (&"x".repeat(65), false),
    ] {
        let answer = site
            .anonymous()
            .get("/health/live")
            .header("x-request-id", id)
            .await;
        assert_eq!(answer.header("x-request-id") == id, kept, "{id}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

/// What a browser adds to a request that another site's page makes.
const FOREIGN: [(&str, &str); 7] = [
    ("origin", "https://evil.example"),
    ("origin", "http://127.0.0.1:1"),
    ("origin", "http://localhost"),
    ("origin", "null"),
    ("origin", ""),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
];

pub(crate) async fn req42_other_sites_change_nothing_through_a_browser(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.browser("root").await;
    let changes = [
        (
            Method::POST,
            "/role",
            json!({ "roleName": "x", "roleKey": "x" }),
        ),
        (Method::PUT, "/role/1", json!({ "roleName": "x" })),
        (Method::DELETE, "/role/999", Value::Null),
        (Method::PUT, "/perm?roleId=1&permissions=", Value::Null),
        (
            Method::POST,
            "/user",
            json!({ "username": "x", "password": PASSWORD }),
        ),
        (Method::PUT, "/user/1", json!({ "nickname": "x" })),
        (Method::DELETE, "/user/999", Value::Null),
        (Method::POST, "/user/1/bind", json!([1])),
        (
            Method::PUT,
            "/auth/password",
            json!({ "currentPassword": PASSWORD, "newPassword": "staple battery correct" }),
        ),
        (Method::POST, "/auth/logout", Value::Null),
    ];
    for (name, value) in FOREIGN {
        for (method, path, body) in &changes {
            for content_type in ["application/json", "text/plain"] {
                let answer = browser
                    .call(method.clone(), path)
                    .json(body)
                    .header("content-type", content_type)
                    .header(name, value)
                    .await;
                assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
                answer.is_canonical_error();
            }
        }
        // To read is no change, and the page can't see the answer.
        let read = browser.get("/role/list").header(name, value).await;
        read.ok();
        assert_eq!(read.header("access-control-allow-origin"), "");
    }
    assert_eq!(browser.get("/role/list").await.ok()["total"], 1);
    // The browser's own pages, and whoever is no page, may.
    let own = [
        ("origin", site.url.clone()),
        ("sec-fetch-site", "same-origin".to_owned()),
        ("sec-fetch-site", "none".to_owned()),
        ("x-nothing", "x".to_owned()),
    ];
    for (name, value) in own {
        let answer = browser
            .put("/user/1")
            .header(name, value)
            .json(&json!({ "nickname": "n" }))
            .await;
        answer.ok();
    }
    // Where no cookie counts, where the page stands does not matter.
    let answer = site
        .admin()
        .await
        .put("/user/1")
        .header("origin", "https://evil.example")
        .json(&json!({ "nickname": "n" }))
        .await;
    answer.ok();
}

pub(crate) async fn req42_other_sites_call_no_server_function(bench: &Bench) {
    let site = bench.site().await;
    let browser = site.browser("root").await;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        for (name, value) in FOREIGN {
            for caller in [&browser, &site.new_browser()] {
                let answer = caller
                    .call(method.clone(), path)
                    .form(&[("username", "root"), ("password", PASSWORD)])
                    .header("accept", "text/html")
                    .header(name, value)
                    .await;
                assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
                assert_eq!(answer.cookie("menshen_session"), None, "{answer:?}");
            }
        }
    }
    browser.get("/test").await.is(204);
}

/// A form on another site's page can send what reads as JSON, and its answer's cookie would count.
pub(crate) async fn req42_other_sites_forms_sign_nobody_in(bench: &Bench) {
    let site = bench.site().await;
    let form = site
        .anonymous()
        .with("sec-fetch-site", "cross-site")
        .with("sec-fetch-mode", "navigate")
        .with("sec-fetch-dest", "document");
    for (path, body) in [
        (
            "/auth/login",
            json!({ "username": "root", "password": PASSWORD }),
        ),
        ("/auth/otp", json!({ "otpTicket": "x.y", "code": "123456" })),
        (
            "/auth/passkey/login",
            json!({ "ticket": "x", "credential": {} }),
        ),
    ] {
        let answer = form.post(path).plain("text/plain", body.to_string()).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        answer.is_canonical_error();
        assert_eq!(answer.cookie("token"), None, "{path}");
    }
}

pub(crate) async fn req42_other_sites_sign_nobody_out(bench: &Bench) {
    let site = bench.site().await;
    let page = site.new_browser();
    let body = json!({ "username": "root", "password": PASSWORD });
    let login = page.post("/auth/login").json(&body).await.is(200);
    let access = site.bearer(login.raw()["accessToken"].as_str().expect("a token"));
    for (name, value) in FOREIGN {
        // The cookie alone counts here: nothing that the page would have to know.
        let answer = page.post("/auth/logout").header(name, value).await;
        assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
        access.get("/test").await.is(204);
    }
    page.post("/auth/logout")
        .header("origin", &site.url)
        .await
        .ok();
    access.get("/test").await.no_token();
}

pub(crate) async fn req45_cors_is_by_list(bench: &Bench) {
    let friend = "https://app.example.com";
    let site = bench
        .site_with(|s| s.server.cors_origins = vec![friend.to_owned()])
        .await;
    let preflight = |origin: &str| {
        site.anonymous()
            .call(Method::OPTIONS, "/role/1")
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            )
    };
    let good = preflight(friend).await;
    assert!(matches!(good.status, 200 | 204), "{good:?}");
    assert_eq!(good.header("access-control-allow-origin"), friend);
    assert!(good.header("access-control-allow-methods").contains("PUT"));
    let bad = preflight("https://evil.example").await;
    assert_eq!(bad.header("access-control-allow-origin"), "");
    let login = async |origin: &str| {
        site.anonymous()
            .post("/auth/login")
            .header("origin", origin)
            .json(&json!({ "username": "root", "password": PASSWORD }))
            .await
            .is(200)
    };
    let seen = login(friend).await;
    assert_eq!(seen.header("access-control-allow-origin"), friend);
    let exposed = seen
        .header("access-control-expose-headers")
        .to_ascii_lowercase();
    for name in ["authorization", "x-refresh-token", "x-request-id"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    assert_eq!(
        login("https://evil.example")
            .await
            .header("access-control-allow-origin"),
        ""
    );

    let closed = bench.site().await;
    let answer = closed
        .anonymous()
        .call(Method::OPTIONS, "/role/1")
        .header("origin", friend)
        .header("access-control-request-method", "PUT")
        .await;
    answer.fails(405);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

pub(crate) async fn health_is_told(bench: &Bench) {
    let site = bench.site().await;
    for path in ["/health/live", "/health/ready"] {
        let answer = site.anonymous().get(path).await.is(200);
        assert_eq!(answer.raw(), json!({ "status": "ok" }), "{path}");
    }
    let start = site.anonymous().get("/").await;
    assert!(matches!(start.status, 302 | 303 | 307), "{start:?}");
    assert_eq!(start.header("location"), "/admin");
}

pub(crate) async fn req53_a_broken_database_fails_closed(bench: &Bench) {
    let site = bench.site().await;
    let known = site.login("root").await;
    let fresh = site.login("root").await;
    site.bearer(&known.access).get("/role/list").await.ok();
    site.db.close().await;
    site.anonymous().get("/health/live").await.is(200);
    let ready = site.anonymous().get("/health/ready").await;
    ready.fails(503);
    assert!(!ready.header("retry-after").is_empty(), "{ready:?}");
    let broken = [
        site.try_login("root", PASSWORD).await,
        site.bearer(&known.access).get("/role/list").await,
        site.bearer(&fresh.access).get("/test").await,
        site.bearer(&fresh.access).get("/auth/me").await,
        site.bearer(&fresh.access).post("/auth/logout").await,
        site.anonymous().get("/other/captcha").await,
        site.anonymous()
            .post("/auth/session")
            .header("x-refresh-token", &fresh.refresh)
            .header("cookie", format!("token={}", fresh.refresh))
            .await,
    ];
    for answer in broken {
        assert!(matches!(answer.status, 500 | 503), "{answer:?}");
        answer.is_canonical_error();
        let told = answer.text().to_lowercase();
        for internal in [
            "pool",
            "sql",
            "database",
            "closed",
            "connection",
            "panic",
            ".rs",
        ] {
            assert!(!told.contains(internal), "req 51: {answer:?}");
        }
        assert!(!answer.header("x-request-id").is_empty());
    }
}
