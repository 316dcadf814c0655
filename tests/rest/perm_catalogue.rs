//! Codes that are added to the catalogue, for the services that use Menshen.

use crate::support::{Answer, Bench, Caller, Site, keys, within_a_second};
use menshen_domain::catalogue::CATALOGUE;
use serde_json::{Value, json};

const CODE: &str = "shop:order:list";
const PATH: &str = "/perm/shop:order:list";

async fn add(caller: &Caller, body: Value) -> Answer {
    caller.post(PATH).json(&body).await
}

/// What the catalogue says of [`CODE`]; none when it is not in it.
async fn listed(site: &Site) -> Option<Value> {
    let all = site.admin().await.get("/perm/list").await.ok();
    let list = all["list"].as_array().expect("a list").clone();
    list.into_iter().find(|item| item["permission"] == CODE)
}

async fn role(site: &Site, key: &str, permissions: &[&str]) -> i64 {
    let body = json!({ "roleName": key, "roleKey": key, "permission": permissions });
    let made = site.admin().await.post("/role").json(&body).await.ok();
    made["roleId"].as_i64().expect("an id")
}

pub(crate) async fn a_code_is_added_changed_and_removed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    assert_eq!(listed(&site).await, None);
    let answer = add(&admin, json!({ "name": " 订单列表 " })).await;
    assert_eq!(answer.raw()["msg"], "新增成功");
    let made = answer.ok();
    assert_eq!(keys(&made), ["name", "nameEn", "permission", "description"]);
    let expected = json!({
        "name": "订单列表", "nameEn": "订单列表", "permission": CODE, "description": "",
    });
    assert_eq!(made, expected);
    let shown = json!({ "name": "订单列表", "permission": CODE });
    assert_eq!(listed(&site).await, Some(shown));
    let body = json!({ "name_en": "List orders", "description": "of the shop" });
    let answer = admin.put(PATH).json(&body).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    let expected = json!({
        "name": "订单列表", "nameEn": "List orders", "permission": CODE,
        "description": "of the shop",
    });
    assert_eq!(answer.ok(), expected);
    let query = "/perm?description=SHOP";
    assert_eq!(admin.get(query).await.ok()["total"], 1);
    // As clients write it that encode the colons.
    let answer = admin.delete("/perm/shop%3Aorder%3Alist").await;
    assert_eq!(answer.raw()["msg"], "删除成功");
    answer.ok();
    assert_eq!(listed(&site).await, None);
}

pub(crate) async fn a_bad_code_or_name_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let good = json!({ "name": "x" });
    let long = format!("a:b:{}", "c".repeat(100));
    for code in [
        "shop",
        "shop:order",
        "shop:order:list:more",
        "shop:*:list",
        "*:*:*",
        "Shop:order:list",
        "shop::list",
        "shop:order:li%20st",
        "%E8%AE%A2:%E5%8D%95:x",
        "a:b:%00",
        "a:b:%ff",
        "999999",
        long.as_str(),
    ] {
        let path = format!("/perm/{code}");
        let answer = admin.post(&path).json(&good).await;
        assert_eq!(answer.invalid(), ["code"], "{code}");
        let answer = admin.put(&path).json(&good).await;
        assert_eq!(answer.invalid(), ["code"], "{code}");
        assert_eq!(admin.delete(&path).await.invalid(), ["code"], "{code}");
    }
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(51) }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "name": "x", "nameEn": "x".repeat(51) }), "nameEn"),
        (
            json!({ "name": "x", "description": "x".repeat(501) }),
            "description",
        ),
    ] {
        assert_eq!(add(&admin, body.clone()).await.invalid(), [field], "{body}");
    }
    assert_eq!(listed(&site).await, None);
    admin.put(PATH).json(&good).await.fails(404);
    admin.delete(PATH).await.fails(404);
    admin.delete(&format!("{PATH}?force=true")).await.fails(404);
    add(&admin, good.clone()).await.ok();
    add(&admin, good).await.fails(409);
    assert_eq!(
        admin.delete(&format!("{PATH}?force=x")).await.invalid(),
        ["force"]
    );
}

pub(crate) async fn built_in_codes_are_as_they_are(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let before = admin.get("/perm/list").await.ok();
    for entry in CATALOGUE {
        let path = format!("/perm/{}", entry.code);
        let body = json!({ "name": "x" });
        admin.post(&path).json(&body).await.fails(403);
        admin.put(&path).json(&body).await.fails(403);
        admin.delete(&format!("{path}?force=1")).await.fails(403);
    }
    assert_eq!(admin.get("/perm/list").await.ok(), before);
    // Nor is the way to a role's permissions blocked.
    admin.put("/perm/list").json(&json!({})).await.fails(405);
    let answer = admin.put("/perm").json(&json!({})).await;
    assert_eq!(answer.invalid(), ["roleId"]);
}

pub(crate) async fn a_code_that_roles_grant_is_removed_by_force(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    add(&admin, json!({ "name": "订单" })).await.ok();
    let anna = site.person("anna", &[CODE, "system:role:list"]).await;
    let two = role(&site, "two", &[CODE]).await;
    let wide = role(&site, "wide", &["shop:*:*"]).await;
    let node = site.another_node(|_| {}).await;
    let there = node.bearer(&anna.tokens.access);
    let perms = async |caller: &Caller| {
        let me = caller.get("/auth/me").await.is(200).raw();
        me["perms"].clone()
    };
    let both = json!([CODE, "system:role:list"]);
    assert_eq!(perms(&anna.caller).await, both);
    assert_eq!(perms(&there).await, both);
    let refused = admin.delete(PATH).await.fails(409);
    let said = refused["message"].as_str().expect("a message");
    assert!(said.contains("2 个角色"), "{said}");
    assert_eq!(perms(&anna.caller).await, both);
    admin.delete(&format!("{PATH}?force=true")).await.ok();
    let one = json!(["system:role:list"]);
    assert_eq!(perms(&anna.caller).await, one, "here at once");
    within_a_second("there", async || perms(&there).await == one).await;
    for (id, left) in [(two, json!([])), (wide, json!(["shop:*:*"]))] {
        let role = admin.get(&format!("/role/{id}")).await.ok();
        assert_eq!(role["permissions"], left);
    }
}

pub(crate) async fn req46_a_new_code_is_nobodys_yet(bench: &Bench) {
    let site = bench.site().await;
    let editor = site
        .person("editor", &["system:perm:*", "system:role:*"])
        .await;
    add(&editor.caller, json!({ "name": "订单" })).await.ok();
    for wanted in [CODE, "shop:*:*"] {
        let body = json!({ "roleName": "r", "roleKey": "r", "permission": [wanted] });
        editor
            .caller
            .post("/role")
            .json(&body)
            .await
            .lacks(&[wanted]);
        let query = format!("/perm?roleId={}&permissions={wanted}", editor.role);
        editor.caller.put(&query).await.lacks(&[wanted]);
    }
    let info = site.admin().await.get("/user/info").await.ok();
    let held = info["user"]["permissions"].as_array().expect("a list");
    assert!(
        held.contains(&json!(CODE)),
        "whoever holds all holds it: {held:?}"
    );
}

pub(crate) async fn req52_changes_of_the_catalogue_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    add(&admin, json!({ "name": "订单" })).await.ok();
    let body = json!({ "name": "订货单" });
    admin.put(PATH).json(&body).await.ok();
    admin.delete(PATH).await.ok();
    let log = site.audit().await.join("\n");
    for (action, name) in [
        ("permission.create 1 root", "订单"),
        ("permission.update 1 root", "订货单"),
        ("permission.delete 1 root", "订货单"),
    ] {
        let line = log.lines().find(|l| l.starts_with(action));
        let line = line.unwrap_or_else(|| panic!("{action}: {log}"));
        assert!(line.contains(name), "{line}");
    }
}
