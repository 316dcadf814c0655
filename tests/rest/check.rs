//! Whether somebody may do something, and why.

use crate::support::{Answer, Bench, Caller, PASSWORD, keys};
use serde_json::{Value, json};

async fn check(caller: &Caller, body: Value) -> Answer {
    caller.post("/check").json(&body).await
}

pub(crate) async fn a_check_says_what_grants_it(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &["system:role:list"]).await;
    let english = anna.caller.clone().with("accept-language", "en");
    let data = check(&english, json!({ "permission": "system:role:list" }))
        .await
        .ok();
    assert_eq!(keys(&data), ["permission", "allowed", "because"]);
    assert_eq!(data["allowed"], true);
    let because = data["because"].as_str().expect("a reason");
    assert!(because.starts_with("Granted by "), "{because}");
    assert!(because.contains("role-anna, system:role:list"), "{because}");
    let data = check(&anna.caller, json!({ "permission": "system:role:add" }))
        .await
        .ok();
    assert_eq!(data["allowed"], false);
    assert_eq!(data["because"], "没有角色授予此权限");
    let both = json!({ "permissions": ["system:role:add", "system:role:list"] });
    let data = check(&anna.caller, both).await.ok();
    let list = data.as_array().expect("a list");
    let allowed: Vec<_> = list.iter().map(|v| &v["allowed"]).collect();
    assert_eq!(allowed, [&json!(false), &json!(true)]);
    let one = check(&anna.caller, json!({ "permissions": ["a:b:c"] }))
        .await
        .ok();
    assert_eq!(one.as_array().map(Vec::len), Some(1), "a list, too");
    // A disabled role grants nothing, and is named.
    let path = format!("/role/{}", anna.role);
    let off = json!({ "status": "1" });
    site.admin().await.put(&path).json(&off).await.ok();
    let data = check(&english, json!({ "permission": "system:role:list" }))
        .await
        .ok();
    assert_eq!(data["allowed"], false);
    let because = data["because"].as_str().expect("a reason");
    assert!(
        because.contains("disabled") && because.contains("role-anna"),
        "{because}"
    );
}

pub(crate) async fn req46_others_are_checked_by_permission(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    let helper = site.person("helper", &["system:user:query"]).await;
    let about = |name: &str| json!({ "username": name, "permission": "system:user:add" });
    check(&anna.caller, about("root"))
        .await
        .lacks(&["system:user:query"]);
    let own = check(&anna.caller, about("Anna")).await.ok();
    assert_eq!(own["allowed"], false);
    let data = check(&helper.caller, about("root")).await.ok();
    assert_eq!(data["allowed"], true);
    check(&helper.caller, about("nobody")).await.fails(404);
    let admin = site.admin().await;
    let off = json!({ "status": "1" });
    admin
        .put(&format!("/user/{}", anna.id))
        .json(&off)
        .await
        .ok();
    let data = check(&helper.caller, about("anna")).await.ok();
    assert_eq!(
        (&data["allowed"], &data["because"]),
        (&json!(false), &json!("用户已停用"))
    );
    let narrow = json!({ "dataScope": "5" });
    admin
        .put(&format!("/role/{}", helper.role))
        .json(&narrow)
        .await
        .ok();
    check(&helper.caller, about("root")).await.fails(404);
}

pub(crate) async fn a_check_wants_a_code(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    for wrong in [
        json!({}),
        json!({ "permission": "" }),
        json!({ "permission": "system:user" }),
        json!({ "permission": "system:*:list" }),
        json!({ "permission": "*:*:*" }),
        json!({ "permissions": [] }),
        json!({ "permissions": ["a:b:c", "a:b"] }),
        json!({ "permission": "a:b:c", "permissions": ["a:b:c"] }),
    ] {
        let answer = check(&anna.caller, wrong).await;
        assert_eq!(answer.invalid(), ["permission"]);
    }
    check(&anna.caller, json!({ "permissions": "a:b:c" }))
        .await
        .fails(400);
    check(&site.anonymous(), json!({ "permission": "a:b:c" }))
        .await
        .no_token();
    site.add_user(json!({
        "username": "due", "password": PASSWORD, "mustChangePassword": true,
    }))
    .await;
    let due = site.bearer(&site.login("due").await.access);
    check(&due, json!({ "permission": "a:b:c" }))
        .await
        .fails(403);
}
