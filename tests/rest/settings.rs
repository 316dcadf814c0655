//! Settings that are changed while the program runs, and the keys that sign tokens.

use crate::support::{Bench, Site, wait_until};
use menshen_services::settings::RegistrationMode;
use serde_json::{Value, json};

/// What `GET /setting` says of a setting.
async fn setting(site: &Site, section: &str, name: &str) -> Value {
    let all = site.admin().await.get("/setting").await.ok();
    let sections = all["list"].as_array().expect("sections");
    let found = sections.iter().find(|s| s["section"] == section);
    let settings = found.expect(section)["settings"]
        .as_array()
        .expect("settings");
    let found = settings.iter().find(|s| s["name"] == name);
    found.expect(name).clone()
}

pub(crate) async fn settings_are_listed_with_what_they_may_be(bench: &Bench) {
    let site = bench.site().await;
    let mode = setting(&site, "captcha", "captcha.mode").await;
    assert_eq!(mode["value"], "adaptive");
    assert_eq!(mode["default"], "adaptive");
    assert_eq!(mode["kind"], "choice");
    assert_eq!(mode["open"], true);
    assert_eq!(mode["changed"], false);
    assert_eq!(mode["options"].as_array().expect("choices").len(), 3);
    let access = setting(&site, "token", "token.access_seconds").await;
    assert_eq!(access["value"], 900);
    assert_eq!(access["unit"], "seconds");
    assert_eq!(access["max"], 900);
    let listen = setting(&site, "program", "server.listen").await;
    assert_eq!(listen["open"], false);
    let url = setting(&site, "program", "database.url").await;
    assert_eq!(url["isSet"], true);
    assert_eq!(url["value"], Value::Null);
}

pub(crate) async fn a_change_counts_at_once_on_every_node(bench: &Bench) {
    let site = bench.site().await;
    let other = site.another_node(|_| {}).await;
    let admin = site.admin().await;
    let body = json!({ "registration.mode": "closed", "perHour": 5 });
    let answer = admin.put("/setting/registration").json(&body).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    let section = answer.ok();
    assert_eq!(section["updateBy"], "root");
    let stranger = json!({ "username": "stranger", "password": "a gate with two gods" });
    let anonymous = site.anonymous();
    anonymous.post("/user").json(&stranger).await.fails(403);
    let closed = || other.services.settings().registration.mode == RegistrationMode::Closed;
    wait_until("the other node", closed).await;
    other
        .anonymous()
        .post("/user")
        .json(&stranger)
        .await
        .fails(403);
    let body = json!({ "registration.mode": null });
    admin.put("/setting/registration").json(&body).await.ok();
    let mode = setting(&site, "registration", "registration.mode").await;
    assert_eq!(
        (&mode["value"], &mode["changed"]),
        (&json!("open"), &json!(false))
    );
    let per_hour = setting(&site, "registration", "registration.per_hour").await;
    assert_eq!(
        (&per_hour["value"], &per_hour["changed"]),
        (&json!(5), &json!(true))
    );
    anonymous.post("/user").json(&stranger).await.is(201);
}

pub(crate) async fn what_is_not_good_is_named(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for (section, body, named) in [
        (
            "captcha",
            json!({ "captcha.mode": "now" }),
            &["captcha.mode"][..],
        ),
        ("captcha", json!({ "captcha.mode": {} }), &["captcha.mode"]),
        (
            "captcha",
            json!({ "limits.delay_after": 3 }),
            &["limits.delay_after"],
        ),
        (
            "token",
            json!({ "token.access_seconds": 901 }),
            &["token.access_seconds"],
        ),
        (
            "token",
            json!({ "token.algorithm": "RS256" }),
            &["token.algorithm"],
        ),
        (
            "program",
            json!({ "database.url": "sqlite://x" }),
            &["database.url"],
        ),
        ("sms", json!({ "sms.provider": "http" }), &["sms_http.url"]),
        ("sms", json!({ "sms.provider": "log" }), &["sms.provider"]),
        (
            "wecom",
            json!({ "wecom.corp_id": "ww1" }),
            &["wecom.secret"],
        ),
        ("captcha", json!({ "bogus": 1 }), &["bogus"]),
        ("captcha", json!({ "mode": "now" }), &["captcha.mode"]),
        ("captcha", json!([]), &["body"]),
    ] {
        let path = format!("/setting/{section}");
        let answer = admin.put(&path).json(&body).await;
        assert_eq!(answer.invalid(), named, "{body}");
    }
    admin
        .put("/setting/nowhere")
        .json(&json!({}))
        .await
        .fails(404);
    let answer = admin.post("/setting/captcha/test").json(&json!({})).await;
    assert_eq!(answer.invalid(), ["section"]);
    admin
        .post("/setting/wecom/test")
        .json(&json!({}))
        .await
        .fails(400);
    admin
        .post("/setting/nowhere/test")
        .json(&json!({}))
        .await
        .fails(404);
}

pub(crate) async fn req29_a_secret_is_kept_and_never_told(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let body = json!({ "wecom.corp_id": "ww1", "wecom.secret": "tell-nobody-at-all" });
    let section = admin.put("/setting/wecom").json(&body).await.ok();
    assert_eq!(section["on"], true);
    assert!(!section.to_string().contains("tell-nobody"));
    let secret = setting(&site, "wecom", "wecom.secret").await;
    assert_eq!(
        (&secret["isSet"], &secret["value"]),
        (&json!(true), &Value::Null)
    );
    assert!(!site.whole_database().await.contains("tell-nobody"));
    assert!(
        site.audit()
            .await
            .iter()
            .any(|e| e.contains("setting.update"))
    );
}

pub(crate) async fn keys_are_rotated_and_revoked(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let list = admin.get("/key/list").await.ok();
    assert_eq!(list["total"], 1);
    let old = list["list"][0]["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(list["list"][0]["state"], "signing");
    let made = admin.post("/key/rotate").await.ok();
    assert_eq!(made["state"], "next");
    admin.post("/key/rotate").await.fails(409);
    let jwks = site.anonymous().get("/.well-known/jwks.json").await.raw();
    assert_eq!(jwks["keys"].as_array().expect("keys").len(), 2);
    admin.delete(&format!("/key/{old}")).await.ok();
    admin.get("/key/list").await.no_token();
    let again = site.bearer(&site.login("root").await.access);
    let list = again.get("/key/list").await.ok();
    assert_eq!(list["total"], 1);
    assert_eq!(list["list"][0]["kid"], made["kid"]);
    assert_eq!(list["list"][0]["state"], "signing");
    again.delete(&format!("/key/{old}")).await.fails(404);
}
