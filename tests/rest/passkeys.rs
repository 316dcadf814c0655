//! Passkeys, with a device that is not ours: keys of its own, and no code shared with the server.

use crate::support::{Answer, Bench, Caller, PASSWORD, Person, Site, Tokens, keys, log, minus};
use axum::http::Method;
use device::Device;
use menshen::settings::Settings;
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};

#[path = "../../src/services/passkeys/tests/device.rs"]
mod device;

const RP: &str = "example.com";
const ORIGIN: &str = "https://id.example.com";

fn on(settings: &mut Settings) {
    settings.captcha.mode = CaptchaMode::Never;
    settings.passkey.rp_id = RP.to_owned();
    settings.passkey.origins = vec![ORIGIN.to_owned()];
}

async fn site(bench: &Bench) -> Site {
    bench.site_with(on).await
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The ticket and the options of a new enrolment.
async fn begin(caller: &Caller) -> (String, Value) {
    let password = json!({ "password": PASSWORD });
    let begun = caller.post("/auth/passkey/options").json(&password).await;
    assert_eq!(begun.header("cache-control"), "no-store");
    let mut begun = begun.ok();
    assert_eq!(keys(&begun), ["ticket", "publicKey"]);
    (text(&begun["ticket"]).to_owned(), begun["publicKey"].take())
}

async fn add(caller: &Caller, ticket: &str, name: &str, credential: &Value) -> Answer {
    let body = json!({ "ticket": ticket, "name": name, "credential": credential });
    caller.post("/auth/passkey").json(&body).await
}

/// Adds a passkey; gives back the device and the passkey's id.
async fn enrol(caller: &Caller, name: &str) -> (Device, i64) {
    let mut device = Device::new(RP, ORIGIN);
    let (ticket, options) = begin(caller).await;
    let made = device.create(&options);
    let added = add(caller, &ticket, name, &made).await.is(201).raw();
    (device, added["data"]["id"].as_i64().expect("an id"))
}

/// Somebody with a passkey.
async fn holder(site: &Site, name: &str) -> (Person, Device, i64) {
    let person = site.person(name, &[]).await;
    let (device, id) = enrol(&person.caller, "Phone").await;
    (person, device, id)
}

async fn challenge(site: &Site) -> (String, Value) {
    let caller = site.anonymous();
    let begun = caller.post("/auth/passkey/login/options").await;
    assert_eq!(begun.header("cache-control"), "no-store");
    let mut begun = begun.ok();
    assert_eq!(keys(&begun), ["ticket", "publicKey"]);
    (text(&begun["ticket"]).to_owned(), begun["publicKey"].take())
}

async fn show(site: &Site, ticket: &str, credential: &Value) -> Answer {
    let body = json!({ "ticket": ticket, "credential": credential });
    site.anonymous()
        .post("/auth/passkey/login")
        .json(&body)
        .await
}

async fn login(site: &Site, device: &mut Device) -> Answer {
    let (ticket, options) = challenge(site).await;
    let shown = device.get(&options);
    show(site, &ticket, &shown).await
}

/// Asserts the one refusal, whatever is wrong.
#[track_caller]
fn is_refused(answer: &Answer) {
    let body = answer.fails(401);
    assert_eq!(keys(&body), ["code", "msg", "message", "data"]);
    let told = "通行密钥登录未成功，请重试，或改用密码登录";
    assert_eq!(body["message"], told, "{answer:?}");
    for header in ["authorization", "x-refresh-token", "set-cookie"] {
        assert_eq!(answer.header(header), "", "{answer:?}");
    }
}

pub(crate) async fn a_passkey_is_added_and_signs_in_as_any_login(bench: &Bench) {
    let site = site(bench).await;
    let anna = site.person("anna", &[]).await;
    let usual = site.try_login("anna", PASSWORD).await.is(200);
    let list = anna.caller.get("/auth/passkey").await.ok();
    assert_eq!(list, json!({ "total": 0, "list": [] }));

    let (ticket, options) = begin(&anna.caller).await;
    assert_eq!(options["rp"]["id"], RP);
    assert_eq!(options["user"]["name"], "anna");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let mut device = Device::new(RP, ORIGIN);
    let made = device.create(&options);
    let added = add(&anna.caller, &ticket, "手机", &made)
        .await
        .is(201)
        .raw();
    assert_eq!(added["code"], 201);
    let passkey = &added["data"];
    assert_eq!(keys(passkey), ["id", "name", "createTime", "lastUsedTime"]);
    assert_eq!(passkey["name"], "手机");
    assert_eq!(passkey["lastUsedTime"], Value::Null);
    assert_eq!(text(&passkey["createTime"]).len(), 19);
    let list = anna.caller.get("/auth/passkey").await.ok();
    assert_eq!(list, json!({ "total": 1, "list": [passkey] }));

    let (ticket, options) = challenge(&site).await;
    assert_eq!(options["rpId"], RP);
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], json!([]));
    let shown = device.get(&options);
    let answer = show(&site, &ticket, &shown).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let (body, usual_body) = (answer.raw(), usual.raw());
    assert_eq!(keys(&body), keys(&usual_body));
    assert_eq!(keys(&body["data"]), keys(&usual_body["data"]));
    assert_eq!(body["msg"], usual_body["msg"]);
    assert_eq!(body["data"]["userId"], anna.id);
    let tokens = Tokens::of(&answer);
    assert_eq!(body["accessToken"], tokens.access.as_str());
    let attributes = |answer: &Answer| {
        let cookie = answer.cookie("token").expect("a cookie");
        let (_, attributes) = cookie.split_once(';').expect("attributes");
        attributes.to_owned()
    };
    assert_eq!(attributes(&answer), attributes(&usual));
    let me = site.bearer(&tokens.access).get("/auth/me").await.raw();
    assert_eq!(me["userId"], anna.id);
    let list = anna.caller.get("/auth/passkey").await.ok();
    assert_eq!(text(&list["list"][0]["lastUsedTime"]).len(), 19);
    assert_eq!(
        minus(&list["list"][0], &["lastUsedTime"]),
        minus(passkey, &["lastUsedTime"])
    );
}

pub(crate) async fn req23_a_challenge_is_answered_once_and_in_time(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, _) = holder(&site, "anna").await;
    let ((first, _), (second, options)) = (challenge(&site).await, challenge(&site).await);
    let shown = device.get(&options);
    is_refused(&show(&site, &first, &shown).await);
    show(&site, &second, &shown).await.is(200);
    is_refused(&show(&site, &second, &shown).await);

    let (late, options) = challenge(&site).await;
    let (late_enrolment, creation) = begin(&anna.caller).await;
    let spans = site
        .texts("SELECT CAST(expires_at - created_at AS TEXT) FROM one_time_code")
        .await;
    assert_eq!(spans, ["300000000", "300000000"]);
    site.sql("UPDATE one_time_code SET expires_at = created_at")
        .await;
    let shown = device.get(&options);
    is_refused(&show(&site, &late, &shown).await);
    let made = Device::new(RP, ORIGIN).create(&creation);
    let answer = add(&anna.caller, &late_enrolment, "x", &made).await;
    assert_eq!(answer.invalid(), ["ticket"]);

    // An enrolment is its session's, and good once.
    let (ticket, options) = begin(&anna.caller).await;
    let other = site.bearer(&site.login("anna").await.access);
    let made = Device::new(RP, ORIGIN).create(&options);
    let answer = add(&other, &ticket, "x", &made).await;
    assert_eq!(answer.invalid(), ["ticket"]);
    add(&anna.caller, &ticket, "x", &made).await.is(201);
    let answer = add(&anna.caller, &ticket, "x", &made).await;
    assert_eq!(answer.invalid(), ["ticket"]);
    // Nor is the one kind of ticket good for the other.
    let (ticket, options) = begin(&anna.caller).await;
    let shown = device.get(&options);
    is_refused(&show(&site, &ticket, &shown).await);
}

pub(crate) async fn refusals_of_passkeys_are_one_and_the_same(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, _) = holder(&site, "anna").await;
    device.origin = "https://example.org".to_owned();
    is_refused(&login(&site, &mut device).await);
    device.origin = format!("http://{}", &ORIGIN["https://".len()..]);
    is_refused(&login(&site, &mut device).await);
    device.origin = ORIGIN.to_owned();
    device.rp_id = "example.org".to_owned();
    is_refused(&login(&site, &mut device).await);
    device.rp_id = RP.to_owned();
    device.verifies = false;
    is_refused(&login(&site, &mut device).await);
    device.verifies = true;
    is_refused(&login(&site, &mut Device::new(RP, ORIGIN)).await);

    login(&site, &mut device).await.is(200);
    device.counter -= 1;
    is_refused(&login(&site, &mut device).await);
    login(&site, &mut device).await.is(200);
    device.step = 0;
    is_refused(&login(&site, &mut device).await);
    device.step = 1;

    let admin = site.admin().await;
    let path = format!("/user/{}/status", anna.id);
    let status = |status: &str| json!({ "status": status });
    admin.put(&path).json(&status("1")).await.ok();
    is_refused(&login(&site, &mut device).await);
    admin.put(&path).json(&status("0")).await.ok();
    login(&site, &mut device).await.is(200);
    admin.delete(&format!("/user/{}", anna.id)).await.ok();
    is_refused(&login(&site, &mut device).await);

    let (ticket, _) = challenge(&site).await;
    let caller = site.anonymous();
    for (body, field) in [
        (json!({}), "ticket"),
        (json!({ "ticket": "x".repeat(201) }), "ticket"),
        (json!({ "ticket": ticket }), "credential"),
        (json!({ "ticket": ticket, "credential": "x" }), "credential"),
        (json!({ "ticket": ticket, "credential": {} }), "credential"),
        (json!({ "ticket": 5 }), "ticket"),
    ] {
        let answer = caller.post("/auth/passkey/login").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
}

pub(crate) async fn req24_a_change_of_passkeys_needs_the_password(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, id) = holder(&site, "anna").await;
    let one = format!("/auth/passkey/{id}");
    for (method, path) in [
        (Method::POST, "/auth/passkey/options"),
        (Method::DELETE, one.as_str()),
    ] {
        for body in [json!({}), json!({ "password": "not the password" })] {
            let answer = anna.caller.call(method.clone(), path).json(&body).await;
            assert_eq!(answer.invalid(), ["password"], "{path} {body}");
        }
    }
    let other = site.login("anna").await;
    let password = json!({ "password": PASSWORD });
    let changed = json!({ "currentPassword": PASSWORD, "newPassword": "staple of batteries" });
    let admin = site.admin().await;
    let (mut kept, _) = enrol(&admin, "Root's").await;
    anna.caller.delete(&one).json(&password).await.ok();
    is_refused(&login(&site, &mut device).await);
    site.bearer(&other.access).get("/auth/me").await.is(200);
    // A new password takes none away.
    admin.put("/auth/password").json(&changed).await.is(200);
    login(&site, &mut kept).await.is(200);

    let (_, id) = enrol(&anna.caller, "Second").await;
    let ending = json!({ "password": PASSWORD, "endOtherSessions": true });
    let path = format!("/auth/passkey/{id}");
    anna.caller.delete(&path).json(&ending).await.ok();
    let ended = site.bearer(&other.access).get("/auth/me").await;
    ended.no_token();
    anna.caller.delete(&path).json(&password).await.fails(404);
}

pub(crate) async fn a_passkey_has_a_name_of_one_to_fifty_characters(bench: &Bench) {
    let site = site(bench).await;
    let (anna, _, id) = holder(&site, "anna").await;
    let (ticket, options) = begin(&anna.caller).await;
    let made = Device::new(RP, ORIGIN).create(&options);
    let path = format!("/auth/passkey/{id}");
    for wrong in ["", "  ", &"长".repeat(51)] {
        let answer = add(&anna.caller, &ticket, wrong, &made).await;
        assert_eq!(answer.invalid(), ["name"]);
        let body = json!({ "name": wrong });
        let answer = anna.caller.put(&path).json(&body).await;
        assert_eq!(answer.invalid(), ["name"]);
    }
    let answer = anna.caller.post("/auth/passkey").json(&json!({})).await;
    assert_eq!(answer.invalid(), ["name", "ticket", "credential"]);
    let longest = "长".repeat(50);
    add(&anna.caller, &ticket, &longest, &made).await.is(201);
    let renamed = anna.caller.put(&path).json(&json!({ "name": " Key " }));
    assert_eq!(renamed.await.ok()["name"], "Key");
    let list = anna.caller.get("/auth/passkey").await.ok();
    assert_eq!(list["list"][0]["name"], "Key");
    assert_eq!(list["list"][1]["name"], longest.as_str());
}

pub(crate) async fn there_are_twenty_passkeys_at_most(bench: &Bench) {
    let site = site(bench).await;
    let anna = site.person("anna", &[]).await;
    let (ticket, options) = begin(&anna.caller).await;
    for n in 0..20 {
        enrol(&anna.caller, &format!("Key {n}")).await;
    }
    let password = json!({ "password": PASSWORD });
    let more = anna.caller.post("/auth/passkey/options").json(&password);
    more.await.fails(409);
    let made = Device::new(RP, ORIGIN).create(&options);
    add(&anna.caller, &ticket, "Late", &made).await.fails(409);
    let list = anna.caller.get("/auth/passkey").await.ok();
    assert_eq!(list["total"], 20);
}

pub(crate) async fn passkeys_are_ones_own(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, id) = holder(&site, "anna").await;
    let berta = site.person("berta", &[]).await;
    let path = format!("/auth/passkey/{id}");
    let name = json!({ "name": "Mine" });
    let password = json!({ "password": PASSWORD });
    for caller in [&berta.caller, &site.admin().await] {
        caller.put(&path).json(&name).await.fails(404);
        caller.delete(&path).json(&password).await.fails(404);
        let list = caller.get("/auth/passkey").await.ok();
        assert_eq!(list["total"], 0);
    }
    // The same device: told to leave what it has alone, and refused all the same.
    let (ticket, options) = begin(&anna.caller).await;
    let made = device.create(&options);
    assert_eq!(options["excludeCredentials"][0]["id"], made["id"]);
    let answer = add(&anna.caller, &ticket, "Again", &made).await;
    assert_eq!(answer.invalid(), ["credential"]);
    let (ticket, options) = begin(&berta.caller).await;
    assert_eq!(options["excludeCredentials"], json!([]));
    let stolen = device.create(&options);
    add(&berta.caller, &ticket, "Mine", &stolen)
        .await
        .fails(409);
}

pub(crate) async fn an_administrator_takes_lost_passkeys_away(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, _) = holder(&site, "anna").await;
    enrol(&anna.caller, "Second").await;
    let path = format!("/user/{}/passkey", anna.id);
    let admin = site.admin().await;
    enrol(&admin, "Root's").await;
    let clerk = site.person("clerk", &["system:user:reset"]).await;
    let reader = site.person("reader", &["system:user:query"]).await;
    let refused = reader.caller.delete(&path).await;
    refused.lacks(&["system:user:reset"]);
    let above = clerk.caller.delete("/user/1/passkey").await;
    above.lacks(&["*:*:*"]);
    let own = format!("/user/{}/passkey", clerk.id);
    clerk.caller.delete(&own).await.fails(409);
    clerk.caller.delete("/user/999999/passkey").await.fails(404);
    admin.delete(&path).await.ok();
    anna.caller.get("/auth/me").await.no_token();
    is_refused(&login(&site, &mut device).await);
    admin.delete(&path).await.fails(404);
    site.login("anna").await;
}

pub(crate) async fn passkeys_that_are_off_say_so(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    let body = json!({
        "password": PASSWORD, "ticket": "x", "name": "x", "credential": {},
    });
    for (method, path) in [
        (Method::GET, "/auth/passkey"),
        (Method::POST, "/auth/passkey/options"),
        (Method::POST, "/auth/passkey"),
        (Method::PUT, "/auth/passkey/1"),
        (Method::DELETE, "/auth/passkey/1"),
        (Method::POST, "/auth/passkey/login/options"),
        (Method::POST, "/auth/passkey/login"),
    ] {
        let request = anna.caller.call(method.clone(), path);
        let answer = match method {
            Method::GET => request.await,
            _ => request.json(&body).await,
        };
        answer.fails(400);
        assert_eq!(answer.message(), "本系统没有配置通行密钥", "{path}");
    }
}

pub(crate) async fn req14_tries_with_passkeys_are_limited(bench: &Bench) {
    let limited = |settings: &mut Settings| {
        on(settings);
        settings.limits.captchas_per_minute = 4;
    };
    let site = bench.site_with(limited).await;
    let mut stranger = Device::new(RP, ORIGIN);
    is_refused(&login(&site, &mut stranger).await);
    site.sql("UPDATE throttle SET failures = 40 WHERE key LIKE 'passkey:pair:%'")
        .await;
    let waits = login(&site, &mut stranger).await;
    waits.fails(429);
    assert!(!waits.header("retry-after").is_empty());
    for _ in 0..2 {
        challenge(&site).await;
    }
    let caller = site.anonymous();
    let many = caller.post("/auth/passkey/login/options").await;
    many.fails(429);
}

pub(crate) async fn req52_passkeys_are_in_the_log_without_secrets(bench: &Bench) {
    let site = site(bench).await;
    let (anna, mut device, id) = holder(&site, "anna").await;
    let (ticket, options) = challenge(&site).await;
    let shown = device.get(&options);
    show(&site, &ticket, &shown).await.is(200);
    device.counter = 0;
    is_refused(&login(&site, &mut device).await);
    let path = format!("/auth/passkey/{id}");
    let renamed = anna.caller.put(&path).json(&json!({ "name": "Key" }));
    renamed.await.ok();
    let wrong = json!({ "password": "not the password" });
    anna.caller.delete(&path).json(&wrong).await.invalid();
    let right = json!({ "password": PASSWORD });
    anna.caller.delete(&path).json(&right).await.ok();
    enrol(&anna.caller, "Lost").await;
    let path = format!("/user/{}/passkey", anna.id);
    site.admin().await.delete(&path).await.ok();
    let audit = site.audit().await;
    for (expected, detail) in [
        ("passkey.add 1 anna", "Phone"),
        ("sign_in 1 anna", "\"method\":\"passkey\""),
        ("sign_in 0 anna", "\"passkey_counter\""),
        ("passkey.update 1 anna", "Key"),
        ("passkey.remove 0 anna", "\"password\""),
        ("passkey.remove 1 anna", "Key"),
        ("user.reset_passkeys 1 root", "anna"),
    ] {
        let found = audit
            .iter()
            .any(|line| line.starts_with(expected) && line.contains(detail));
        assert!(found, "{expected} {detail} in {audit:#?}");
    }
    let audit = audit.join("\n");
    let database = site.whole_database().await;
    for secret in [ticket.as_str(), text(&options["challenge"])] {
        assert!(!log().contains(secret), "{secret} is in the log");
        assert!(!audit.contains(secret), "{secret} is audited");
        assert!(!database.contains(secret), "{secret} is kept");
    }
}

pub(crate) async fn a_browser_signs_in_with_a_passkey(bench: &Bench) {
    let site = site(bench).await;
    let (_, mut device, _) = holder(&site, "anna").await;
    let browser = site.new_browser();
    let begun = browser.post("/admin/fn/passkey_options").form(&[]).await;
    let begun = begun.is(200).raw();
    let options: Value = serde_json::from_str(text(&begun["options"])).expect("JSON");
    let shown = device.get(&options).to_string();
    let send = async |ticket: &str, credential: &str| {
        let fields = [
            ("ticket", ticket),
            ("credential", credential),
            ("next", "/admin/users"),
        ];
        browser
            .post("/admin/fn/passkey_sign_in")
            .form(&fields)
            .await
    };
    let ticket = text(&begun["ticket"]);
    let odd = send(ticket, "no JSON").await.is(400).raw();
    assert_eq!(odd["fields"][0]["field"], "credential");
    let done = send(ticket, &shown).await.is(200).raw();
    assert_eq!(done["to"], "/admin/users");
    browser.get("/admin").await.is(200);
    let over = send(ticket, &shown).await.is(401).raw();
    assert_eq!(over["kind"], "credentials");
}
