//! Roles, as document C has them.

use crate::support::{Answer, Bench, Caller, PASSWORD, Site, keys, minus, within_a_second};
use serde_json::{Value, json};

/// Every field of a role, in the order of the answer.
const FIELDS: [&str; 19] = [
    "roleId",
    "roleName",
    "roleKey",
    "roleSort",
    "status",
    "createTime",
    "remark",
    "menuIds",
    "permissions",
    "dataScope",
    "deptIds",
    "role_id",
    "role_name",
    "role_key",
    "role_sort",
    "create_by",
    "create_time",
    "update_by",
    "update_time",
];

async fn add(caller: &Caller, body: Value) -> Answer {
    caller.post("/role").json(&body).await
}

/// Makes a role with that key, and further fields.
async fn made(site: &Site, key: &str, more: Value) -> Value {
    let mut body = json!({ "roleName": format!("角色 {key}"), "roleKey": key });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    add(&site.admin().await, body).await.ok()
}

async fn role(site: &Site, id: &Value) -> Value {
    let path = format!("/role/{id}");
    site.admin().await.get(&path).await.ok()
}

/// `2023-01-01 12:00:00`
#[track_caller]
pub(crate) fn is_plain_time(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("{value}: a time"));
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00 00:00:00", "{text}");
    text.to_owned()
}

/// Asserts that `plain` and `rfc` name the same moment, at this offset.
#[track_caller]
fn is_the_same_moment(plain: &Value, rfc: &Value, offset: &str) {
    let plain = is_plain_time(plain);
    assert_eq!(
        rfc.as_str().expect("a time"),
        format!("{}{offset}", plain.replace(' ', "T"))
    );
}

/// Asserts that this time of the answer, in a zone `hours` east of Greenwich, is now.
#[track_caller]
pub(crate) fn is_now(site: &Site, plain: &Value, hours: i64) {
    let plain = is_plain_time(plain);
    let at: jiff::civil::DateTime = plain.parse().expect("a time");
    let offset = jiff::tz::Offset::constant(i8::try_from(hours).expect("hours"));
    let at = offset.to_timestamp(at).expect("a moment").as_second();
    let now = site.services.now().seconds();
    assert!((now - at).abs() <= 10, "{plain} is not now");
}

pub(crate) async fn a_role_has_every_field_in_both_spellings(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let answer = admin.get("/role/1").await;
    assert_eq!(answer.raw()["msg"], "获取成功");
    let built_in = answer.ok();
    assert_eq!(keys(&built_in), FIELDS);
    assert_eq!(
        minus(&built_in, &["createTime", "create_time"]),
        json!({
            "roleId": 1,
            "roleName": "管理员",
            "roleKey": "admin",
            "roleSort": 1,
            "status": "0",
            "remark": "超级管理员",
            "menuIds": [],
            "permissions": ["*:*:*"],
            "dataScope": "1",
            "deptIds": [],
            "role_id": 1,
            "role_name": "管理员",
            "role_key": "admin",
            "role_sort": 1,
            "create_by": null,
            "update_by": null,
            "update_time": null,
        })
    );
    is_the_same_moment(&built_in["createTime"], &built_in["create_time"], "+08:00");
    is_now(&site, &built_in["createTime"], 8);
}

pub(crate) async fn times_are_in_the_zone_of_the_settings(bench: &Bench) {
    for (zone, hours, offset) in [("Asia/Shanghai", 8, "+08:00"), ("Etc/GMT+3", -3, "-03:00")] {
        let site = bench
            .site_with(|s| s.server.time_zone = Some(zone.to_owned()))
            .await;
        let made = made(&site, "auditor", json!({})).await;
        is_now(&site, &made["createTime"], hours);
        is_the_same_moment(&made["createTime"], &made["create_time"], offset);
        let path = format!("/role/{}", made["roleId"]);
        let admin = site.admin().await;
        let changed = admin.put(&path).json(&json!({ "roleSort": 5 })).await.ok();
        let updated = changed["update_time"].as_str().expect("a time");
        assert!(updated.ends_with(offset), "{updated}");
        assert_eq!(changed["create_time"], made["create_time"]);
        assert_eq!(changed["update_by"], 1);
    }
}

pub(crate) async fn a_role_is_added_in_either_spelling(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    // Document C's own example.
    let example = json!({
        "role_name": "string",
        "role_key": "string",
        "role_sort": 0,
        "status": "0",
        "remark": "string",
    });
    let answer = add(&admin, example).await;
    assert_eq!(answer.raw()["msg"], "新增成功");
    let first = answer.ok();
    assert_eq!(keys(&first), FIELDS);
    assert_eq!(first["roleName"], "string");
    assert_eq!(first["role_sort"], 0);
    assert_eq!(first["remark"], "string");
    assert_eq!(first["create_by"], 1);
    assert_eq!(first["permissions"], json!([]));
    assert_eq!(first, role(&site, &first["roleId"]).await);

    site.sql(
        "INSERT INTO menu (id, name_zh, name_en, created_at) VALUES (7, 'x', 'x', 0), (8, 'y', 'y', 0)",
    )
    .await;
    site.departments().await;
    let second = add(
        &admin,
        json!({
            "roleName": " 审计员 ",
            "roleKey": "auditor",
            "roleSort": 12,
            "status": "1",
            "remark": null,
            "permission": ["system:role:list", "system:user:*", "system:role:list"],
            "menuIds": [8, 7, 8],
            "dataScope": "2",
            "deptIds": [3, 2],
            "roleId": 999,
            "createTime": "1970-01-01 00:00:00",
            "createBy": 5,
            "builtin": true,
        }),
    )
    .await
    .ok();
    assert_eq!(
        minus(&second, &["createTime", "create_time", "roleId", "role_id"]),
        json!({
            "roleName": "审计员",
            "roleKey": "auditor",
            "roleSort": 12,
            "status": "1",
            "remark": "",
            "menuIds": [7, 8],
            "permissions": ["system:role:list", "system:user:*"],
            "dataScope": "2",
            "deptIds": [2, 3],
            "role_name": "审计员",
            "role_key": "auditor",
            "role_sort": 12,
            "create_by": 1,
            "update_by": null,
            "update_time": null,
        })
    );
    assert_ne!(second["roleId"], 999, "ids are ours to give");
    // Document C's list of lists, and the word that its answers use.
    for (key, permission) in [
        (
            "permission",
            json!([["system:role:list"], ["system:user:list"]]),
        ),
        (
            "permissions",
            json!(["system:role:list", "system:user:list"]),
        ),
    ] {
        let mut body = json!({ "roleName": "x", "roleKey": format!("as-{key}") });
        body[key] = permission;
        let made = add(&admin, body).await.ok();
        assert_eq!(
            made["permissions"],
            json!(["system:role:list", "system:user:list"])
        );
    }
}

pub(crate) async fn a_role_is_held_to_its_bounds(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    made(&site, "target", json!({})).await;
    let good = json!({ "roleName": "x", "roleKey": "x" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let long = |n: usize| "字".repeat(n);
    let cases: &[(Value, &[&str])] = &[
        (json!({}), &["roleName", "roleKey"]),
        (json!({ "roleName": "x" }), &["roleKey"]),
        (with("roleName", json!("  ")), &["roleName"]),
        (with("roleName", json!(long(51))), &["roleName"]),
        (with("roleName", json!("a\u{0}b")), &["roleName"]),
        (with("roleName", json!(5)), &["roleName"]),
        (with("roleKey", json!("审计员")), &["roleKey"]),
        (with("roleKey", json!("a b")), &["roleKey"]),
        (with("roleKey", json!("1a")), &["roleKey"]),
        (with("roleKey", json!("x".repeat(51))), &["roleKey"]),
        (with("roleSort", json!(-1)), &["roleSort"]),
        (with("roleSort", json!(1_000_001)), &["roleSort"]),
        (with("roleSort", json!("1")), &["roleSort"]),
        (with("roleSort", json!(1.5)), &["roleSort"]),
        (with("status", json!("2")), &["status"]),
        (with("status", json!(0)), &["status"]),
        (with("remark", json!(long(501))), &["remark"]),
        (with("dataScope", json!("6")), &["dataScope"]),
        (with("menuIds", json!([98, 99])), &["menuIds"]),
        (with("menuIds", json!(["1"])), &["menuIds[0]"]),
        (with("deptIds", json!([99])), &["deptIds"]),
        (
            with("permission", json!(["no:such:thing"])),
            &["permissions"],
        ),
        (
            with("permission", json!("system:role:list")),
            &["permission"],
        ),
        (with("permission", json!([5])), &["permission"]),
        (
            with("permission", json!([["system:role:list", 5]])),
            &["permission"],
        ),
    ];
    for (body, fields) in cases {
        let answer = add(&admin, body.clone()).await;
        assert_eq!(answer.invalid(), *fields, "{body}");
        if *body != json!({}) && body.get("roleKey").is_some() {
            // A change is held to the same bounds.
            let target = admin.get("/role/list?roleKey=target").await.ok();
            let path = format!("/role/{}", target["list"][0]["roleId"]);
            let answer = admin.put(&path).json(body).await;
            assert_eq!(answer.invalid(), *fields, "{body}");
        }
    }
    for body in [json!([]), json!("x"), json!(5), Value::Null] {
        let answer = add(&admin, body.clone()).await;
        assert_eq!(answer.invalid(), ["body"], "{body}");
    }
    let all = admin.get("/role/list").await.ok();
    assert_eq!(all["total"], 2, "nothing was made: {all}");
    // At the bounds.
    let edge = json!({
        "roleName": long(50), "roleKey": format!("x{}", "_".repeat(49)),
        "roleSort": 1_000_000, "remark": long(500),
    });
    add(&admin, edge).await.ok();
}

pub(crate) async fn unknown_permissions_are_all_named(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let answer = add(
        &admin,
        json!({
            "roleName": "x", "roleKey": "x",
            "permission": ["system:role:list", "no:such:thing", "cillum fugiat culpa", "x:*:*"],
        }),
    )
    .await;
    assert_eq!(answer.invalid(), ["permissions"]);
    let message = answer.raw()["message"].to_string();
    for named in ["no:such:thing", "cillum fugiat culpa", "x:*:*"] {
        assert!(message.contains(named), "{message} names {named}");
    }
    assert!(!message.contains("system:role:list"), "{message}");
}

pub(crate) async fn a_taken_key_is_a_conflict(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let first = made(&site, "auditor", json!({})).await;
    let answer = add(&admin, json!({ "roleName": "x", "roleKey": "auditor" })).await;
    let body = answer.fails(409);
    assert_eq!(body["errors"][0]["field"], "roleKey");
    assert!(body["message"].to_string().contains("auditor"), "{body}");
    for key in ["admin", "ADMIN", "Auditor"] {
        add(&admin, json!({ "roleName": "x", "roleKey": key }))
            .await
            .fails(409);
    }
    let second = made(&site, "second", json!({})).await;
    let path = format!("/role/{}", second["roleId"]);
    let taken = json!({ "roleKey": "auditor", "roleName": "changed" });
    admin.put(&path).json(&taken).await.fails(409);
    let taken = json!({ "roleKey": "AUDITOR" });
    admin.put(&path).json(&taken).await.fails(409);
    assert_eq!(role(&site, &second["roleId"]).await, second, "unchanged");
    // One's own key is no clash, however it is written.
    let path = format!("/role/{}", first["roleId"]);
    for key in ["auditor", "Auditor"] {
        let own = json!({ "roleKey": key });
        admin.put(&path).json(&own).await.ok();
    }
    // Two that were there before they clashed stay, and can be changed otherwise.
    site.sql("UPDATE role SET role_key = 'AUDITOR' WHERE role_key = 'second'")
        .await;
    let sort = json!({ "roleSort": 7, "roleKey": "AUDITOR" });
    let second = format!("/role/{}", second["roleId"]);
    admin.put(&second).json(&sort).await.ok();
}

pub(crate) async fn a_role_that_is_not_there_is_404(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for id in ["2", "999999", "9007199254740991"] {
        let path = format!("/role/{id}");
        admin.get(&path).await.fails(404);
        admin.put(&path).json(&json!({})).await.fails(404);
        admin.delete(&path).await.fails(404);
    }
    for id in [
        "0",
        "-1",
        "abc",
        "1.0",
        "1e3",
        "0x1",
        "9007199254740992",
        "99999999999999999999",
        "%31%20",
        "%E4%B8%80",
        "%00",
        "%ff",
        "..%2f1",
        "null",
    ] {
        let path = format!("/role/{id}");
        assert_eq!(admin.get(&path).await.invalid(), ["id"], "{id}");
        let put = admin.put(&path).json(&json!({})).await;
        assert_eq!(put.invalid(), ["id"], "{id}");
        assert_eq!(admin.delete(&path).await.invalid(), ["id"], "{id}");
    }
}

pub(crate) async fn a_change_touches_only_what_is_sent(bench: &Bench) {
    let site = bench.site().await;
    site.sql("INSERT INTO menu (id, name_zh, name_en, created_at) VALUES (7, 'x', 'x', 0)")
        .await;
    site.departments().await;
    let admin = site.admin().await;
    let made = made(
        &site,
        "auditor",
        json!({
            "roleSort": 3,
            "remark": "看日志",
            "permission": ["monitor:log:login", "system:user:list"],
            "menuIds": [7],
            "dataScope": "2",
            "deptIds": [2],
        }),
    )
    .await;
    let path = format!("/role/{}", made["roleId"]);
    let mut expected = made.clone();
    let steps = [
        (json!({}), vec![]),
        (json!({ "unknown": 1 }), vec![]),
        (
            json!({ "role_name": "甲" }),
            vec![("roleName", json!("甲")), ("role_name", json!("甲"))],
        ),
        (
            json!({ "roleKey": "a.b:c-d_e" }),
            vec![
                ("roleKey", json!("a.b:c-d_e")),
                ("role_key", json!("a.b:c-d_e")),
            ],
        ),
        (
            json!({ "roleSort": 0 }),
            vec![("roleSort", json!(0)), ("role_sort", json!(0))],
        ),
        (json!({ "status": "1" }), vec![("status", json!("1"))]),
        (json!({ "remark": "新" }), vec![("remark", json!("新"))]),
        (json!({ "remark": null }), vec![("remark", json!(""))]),
        (json!({ "roleName": null }), vec![]),
        (
            json!({ "permission": [["system:role:list"], ["system:perm:*"]] }),
            vec![("permissions", json!(["system:perm:*", "system:role:list"]))],
        ),
        (json!({ "permission": null }), vec![]),
        (
            json!({ "permission": [] }),
            vec![("permissions", json!([]))],
        ),
        (json!({ "menu_ids": [] }), vec![("menuIds", json!([]))]),
        (json!({ "deptIds": [4] }), vec![("deptIds", json!([4]))]),
        (
            json!({ "data_scope": "5" }),
            vec![("dataScope", json!("5"))],
        ),
        (json!({ "status": "0" }), vec![("status", json!("0"))]),
    ];
    for (body, changes) in steps {
        for (name, value) in changes {
            expected[name] = value;
        }
        let changed = admin.put(&path).json(&body).await.ok();
        let when = ["update_by", "update_time"];
        assert_eq!(minus(&changed, &when), minus(&expected, &when), "{body}");
        assert_eq!(changed["update_by"], 1);
        assert_eq!(role(&site, &made["roleId"]).await, changed, "{body}");
    }
    // Ids and times are not for clients to set.
    let body = json!({
        "roleId": 77, "role_id": 77, "createTime": "x", "create_by": 9, "update_by": 9,
        "menuIds": null,
    });
    let changed = admin.put(&path).json(&body).await.ok();
    assert_eq!(changed["roleId"], made["roleId"]);
    assert_eq!(changed["create_by"], 1);
    // A refused change changes nothing at all.
    let refused = json!({ "roleName": "nope", "permission": ["no:such:thing"] });
    admin.put(&path).json(&refused).await.fails(400);
    assert_eq!(role(&site, &made["roleId"]).await["roleName"], "甲");
}

pub(crate) async fn the_built_in_role_is_protected(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let before = role(&site, &json!(1)).await;
    for body in [
        json!({ "roleKey": "root" }),
        json!({ "status": "1" }),
        json!({ "permission": [] }),
        json!({ "permission": ["system:user:list"] }),
        json!({ "dataScope": "5" }),
        json!({ "roleName": "x", "roleKey": "x" }),
    ] {
        let answer = admin.put("/role/1").json(&body).await;
        answer.fails(403);
    }
    admin.delete("/role/1").await.fails(403);
    admin.delete("/role/1?force=true").await.fails(403);
    for query in ["permissions=", "permissions=system:user:list"] {
        let answer = admin.put(&format!("/perm?roleId=1&{query}")).await;
        answer.fails(403);
    }
    assert_eq!(role(&site, &json!(1)).await, before);
    // Its name, place and note are not.
    let body = json!({ "roleName": "总管", "roleSort": 2, "remark": null, "roleKey": "admin" });
    let changed = admin.put("/role/1").json(&body).await.ok();
    assert_eq!(changed["roleName"], "总管");
}

pub(crate) async fn a_role_is_deleted(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let unheld = made(
        &site,
        "unheld",
        json!({ "permission": ["system:user:list"] }),
    )
    .await;
    let path = format!("/role/{}", unheld["roleId"]);
    let answer = admin.delete(&path).await;
    assert_eq!(answer.raw()["msg"], "删除成功");
    assert_eq!(answer.ok(), Value::Null);
    admin.get(&path).await.fails(404);
    admin.delete(&path).await.fails(404);
    made(&site, "unheld", json!({})).await;
}

pub(crate) async fn a_role_that_is_held_is_deleted_only_by_force(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let holder = site.person("holder", &["system:role:list"]).await;
    let id = holder.role;
    site.add_user(json!({ "username": "second", "password": PASSWORD, "roleIds": [id] }))
        .await;
    let path = format!("/role/{id}");
    let refused = admin.delete(&path).await;
    assert!(
        refused.fails(409)["message"].to_string().contains('2'),
        "with the count: {refused:?}"
    );
    admin
        .delete(&format!("{path}?force=false"))
        .await
        .fails(409);
    admin.delete(&format!("{path}?force=0")).await.fails(409);
    let odd = admin.delete(&format!("{path}?force=perhaps")).await;
    assert_eq!(odd.invalid(), ["force"]);
    holder.caller.get("/role/list").await.ok();
    admin.delete(&format!("{path}?force=true")).await.ok();
    admin.get(&path).await.fails(404);
    holder
        .caller
        .get("/role/list")
        .await
        .lacks(&["system:role:list"]);
    let me = holder.caller.get("/auth/me").await.is(200).raw();
    assert_eq!(me.get("roles"), None, "{me}");
}

async fn listed(caller: &Caller, path: &str) -> Vec<String> {
    let data = caller.get(path).await.ok();
    keys_of(&data)
}

fn keys_of(data: &Value) -> Vec<String> {
    data["list"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| r["roleKey"].as_str().expect("a key").to_owned())
        .collect()
}

/// Five roles beside the built-in one: e, a, b, c, d in order of sort and id.
async fn five_roles(site: &Site) {
    for (key, name, sort, status) in [
        ("a-one", "甲 One", 5, "0"),
        ("b-two", "乙 Two", 5, "1"),
        ("c-three", "丙 100%", 7, "0"),
        ("d-four", "丁 100x", 9, "1"),
        ("e-five", "戊 Five", 0, "0"),
    ] {
        let more = json!({ "roleName": name, "roleSort": sort, "status": status });
        made(site, key, more).await;
    }
}

pub(crate) async fn roles_are_listed_by_sort_then_id(bench: &Bench) {
    let site = bench.site().await;
    five_roles(&site).await;
    let admin = site.admin().await;
    let answer = admin.get("/role/list").await;
    assert_eq!(answer.raw()["msg"], "查询成功");
    let data = answer.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    assert_eq!(data["total"], 6);
    let order = ["e-five", "admin", "a-one", "b-two", "c-three", "d-four"];
    assert_eq!(keys_of(&data), order);
    for item in data["list"].as_array().expect("a list") {
        assert_eq!(keys(item), FIELDS);
        assert_eq!(*item, role(&site, &item["roleId"]).await);
    }
    // Pages.
    for (query, expected) in [
        ("pageNum=1&pageSize=4", &order[..4]),
        ("pageNum=2&pageSize=4", &order[4..]),
        ("pageNum=3&pageSize=4", &[]),
        ("page_num=2&page_size=2", &order[2..4]),
        ("pageNum=0&pageSize=0", &order[..]),
        ("pageNum=-1&pageSize=-5", &order[..]),
        ("pageNum=&pageSize=", &order[..]),
        ("pageNum=9223372036854775807&pageSize=200", &[]),
        ("pageSize=1000000", &order[..]),
    ] {
        let path = format!("/role/list?{query}");
        let data = admin.get(&path).await.ok();
        assert_eq!(keys_of(&data), expected, "{query}");
        assert_eq!(data["total"], 6, "{query}");
    }
    for (query, field) in [
        ("pageNum=x", "pageNum"),
        ("pageSize=1.5", "pageSize"),
        ("pageNum=99999999999999999999", "pageNum"),
        ("status=2", "status"),
    ] {
        let answer = admin.get(&format!("/role/list?{query}")).await;
        assert_eq!(answer.invalid(), [field], "{query}");
    }
}

pub(crate) async fn roles_are_sorted_otherwise(bench: &Bench) {
    let site = bench.site().await;
    for (key, name, sort) in [
        ("beta", "Alpha", 3),
        ("Alfa", "gamma", 2),
        ("ceta", "Beta", 4),
        ("late", "delta", 0),
    ] {
        made(&site, key, json!({ "roleName": name, "roleSort": sort })).await;
    }
    let admin = site.admin().await;
    // The first one is changed last.
    let first = admin.get("/role/list?roleKey=beta").await.ok()["list"][0]["roleId"].clone();
    let remark = json!({ "remark": "later" });
    admin
        .put(&format!("/role/{first}"))
        .json(&remark)
        .await
        .ok();
    for (query, expected) in [
        ("", ["late", "admin", "Alfa", "beta", "ceta"]),
        ("sortBy=roleSort", ["late", "admin", "Alfa", "beta", "ceta"]),
        ("sortOrder=desc", ["ceta", "beta", "Alfa", "admin", "late"]),
        ("sortBy=roleKey", ["admin", "Alfa", "beta", "ceta", "late"]),
        (
            "sort_by=roleKey&sort_order=desc",
            ["late", "ceta", "beta", "Alfa", "admin"],
        ),
        (
            "sortBy=updateTime",
            ["admin", "Alfa", "ceta", "late", "beta"],
        ),
    ] {
        let found = keys_of(&admin.get(&format!("/role/list?{query}")).await.ok());
        assert_eq!(found, expected, "{query}");
    }
    // Names in the letters of one script alone: how scripts follow each other is the database's.
    for (order, expected) in [
        ("asc", ["beta", "ceta", "late", "Alfa"]),
        ("desc", ["Alfa", "late", "ceta", "beta"]),
    ] {
        let path = format!("/role/list?sortBy=roleName&sortOrder={order}");
        let mut found = keys_of(&admin.get(&path).await.ok());
        found.retain(|key| key != "admin");
        assert_eq!(found, expected, "{order}");
    }
    for (query, field) in [("sortBy=remark", "sortBy"), ("sortOrder=up", "sortOrder")] {
        let answer = admin.get(&format!("/role/list?{query}")).await;
        assert_eq!(answer.invalid(), [field], "{query}");
    }
}

pub(crate) async fn a_page_holds_two_hundred_roles_at_most(bench: &Bench) {
    let site = bench.site().await;
    for n in 0..205 {
        site.sql(&format!(
            "INSERT INTO role (name, role_key, sort, created_at) VALUES ('r', 'r{n}', 9, 0)"
        ))
        .await;
    }
    let admin = site.admin().await;
    assert_eq!(listed(&admin, "/role/list").await.len(), 10, "by default");
    let data = admin.get("/role/list?pageSize=201").await.ok();
    assert_eq!(keys_of(&data).len(), 200);
    assert_eq!(data["total"], 206);
    let last = listed(&admin, "/role/list?pageSize=500&pageNum=2").await;
    assert_eq!(last.len(), 6);
}

pub(crate) async fn roles_are_filtered(bench: &Bench) {
    let site = bench.site().await;
    five_roles(&site).await;
    let admin = site.admin().await;
    for (query, expected) in [
        ("roleKey=two", vec!["b-two"]),
        ("roleKey=TWO", vec!["b-two"]),
        ("role_key=-t", vec!["b-two", "c-three"]),
        ("roleName=%E4%B9%99", vec!["b-two"]),
        ("roleName=five", vec!["e-five"]),
        ("roleName=100%25", vec!["c-three"]),
        ("roleName=_", vec![]),
        ("roleName=%27%20OR%201%3D1%20--", vec![]),
        ("status=1", vec!["b-two", "d-four"]),
        (
            "status=",
            vec!["e-five", "admin", "a-one", "b-two", "c-three", "d-four"],
        ),
        ("status=0&roleKey=o", vec!["a-one"]),
        ("status=1&roleName=100&roleKey=d-", vec!["d-four"]),
    ] {
        let path = format!("/role/list?{query}");
        assert_eq!(listed(&admin, &path).await, expected, "{query}");
        // The total is that of the filter.
        let data = admin.get(&format!("{path}&pageSize=1")).await.ok();
        assert_eq!(data["total"], expected.len(), "{query}");
    }
}

pub(crate) async fn a_role_list_takes_its_filter_in_the_body(bench: &Bench) {
    let site = bench.site().await;
    five_roles(&site).await;
    let admin = site.admin().await;
    let order = ["e-five", "admin", "a-one", "b-two", "c-three", "d-four"];
    // Document C's own example, character for character.
    let example = r#""{\r\n  pageNum: 1,\r\n  pageSize: 10,\r\n  roleName: \"\",\r\n  roleKey: \"\",\r\n  status: \"\",\r\n}""#;
    for content_type in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let answer = admin
            .get("/role/list")
            .body(example)
            .header("content-type", content_type)
            .await;
        assert_eq!(keys_of(&answer.ok()), order, "{content_type}");
    }
    for (body, expected) in [
        ("", &order[..]),
        (" \r\n", &order[..]),
        ("{}", &order[..]),
        (
            r#"{"pageNum":2,"pageSize":4,"roleName":"","roleKey":"","status":""}"#,
            &order[4..],
        ),
        (r#"{"page_num":2,"page_size":2}"#, &order[2..4]),
        (r#"{"status":"1"}"#, &["b-two", "d-four"]),
        (r#"{"roleKey":"two","other":[1]}"#, &["b-two"]),
        (
            r#"{"roleKey":null,"status":null,"pageNum":null}"#,
            &order[..],
        ),
        (
            r#""{ pageSize: 2, /* the second */ pageNum: 2 }""#,
            &order[2..4],
        ),
        (r#""{ status: '1', roleKey: 'D-' }""#, &["d-four"]),
        (r#""{\"role_name\": \"乙\"}""#, &["b-two"]),
        (r#""{}""#, &order[..]),
    ] {
        let answer = admin.get("/role/list").body(body).await;
        assert_eq!(keys_of(&answer.ok()), expected, "{body}");
    }
    // What is in the query comes first.
    let both = admin
        .get("/role/list?roleKey=two&status=")
        .body(r#"{"roleKey":"one","pageSize":3}"#)
        .await;
    assert_eq!(keys_of(&both.ok()), ["b-two"]);
    for (body, field) in [
        (r#"{"pageNum":"1"}"#, "pageNum"),
        (r#"{"pageSize":1.5}"#, "pageSize"),
        (r#"{"roleName":5}"#, "roleName"),
        (r#"{"status":0}"#, "status"),
        (r#"{"status":"2"}"#, "status"),
        ("[]", "body"),
        ("5", "body"),
        ("{", "body"),
        (r#""""#, "body"),
        (r#""{""#, "body"),
        (r#""[1]""#, "body"),
        (r#""not JSON""#, "body"),
        (r#""{ pageNum: x }""#, "body"),
        (r#""{ status: 3 }""#, "status"),
    ] {
        let answer = admin.get("/role/list").body(body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
}

pub(crate) async fn a_disabled_role_grants_nothing_from_the_next_request(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let holder = site.person("holder", &["system:role:list"]).await;
    let browser = site.browser("holder").await;
    let path = format!("/role/{}", holder.role);
    for _ in 0..3 {
        holder.caller.get("/role/list").await.ok();
        browser.get("/role/list").await.ok();
        admin.put(&path).json(&json!({ "status": "1" })).await.ok();
        holder
            .caller
            .get("/role/list")
            .await
            .lacks(&["system:role:list"]);
        browser.get("/role/list").await.lacks(&["system:role:list"]);
        let me = holder.caller.get("/auth/me").await.is(200).raw();
        assert_eq!(keys(&me), ["userId", "username", "nickname", "avatar"]);
        admin.put(&path).json(&json!({ "status": "0" })).await.ok();
    }
    // So does a permission taken away, by either route.
    let none = json!({ "permission": ["system:role:query"] });
    admin.put(&path).json(&none).await.ok();
    holder
        .caller
        .get("/role/list")
        .await
        .lacks(&["system:role:list"]);
    let query = format!("/perm?roleId={}&permissions=system:role:list", holder.role);
    admin.put(&query).await.ok();
    holder.caller.get("/role/list").await.ok();
    holder
        .caller
        .get("/role/1")
        .await
        .lacks(&["system:role:query"]);
}

pub(crate) async fn req33_a_change_acts_on_another_node_within_a_second(bench: &Bench) {
    let site = bench.site().await;
    let other = site.another_node(|_| {}).await;
    let admin = site.admin().await;
    let holder = site.person("holder", &["system:role:list"]).await;
    let there = other.bearer(&holder.tokens.access);
    there.get("/role/list").await.ok();
    let path = format!("/role/{}", holder.role);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    within_a_second("refused", async || {
        there.get("/role/list").await.status != 200
    })
    .await;
    there.get("/role/list").await.lacks(&["system:role:list"]);
}

pub(crate) async fn req46_nobody_grants_what_they_lack(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let editor = site
        .person(
            "editor",
            &["system:role:*", "system:perm:alter", "system:user:list"],
        )
        .await;
    let caller = &editor.caller;
    let new = |key: &str, permission: Value| json!({ "roleName": key, "roleKey": key, "permission": permission });
    let refused = add(
        caller,
        new(
            "x",
            json!(["system:role:list", "system:user:remove", "system:user:add"]),
        ),
    )
    .await;
    refused.lacks(&["system:user:add", "system:user:remove"]);
    // A pattern is more than each of the codes that one holds.
    add(caller, new("x", json!(["*:*:*"])))
        .await
        .lacks(&["*:*:*"]);
    add(caller, new("x", json!(["system:*:list"])))
        .await
        .lacks(&["system:*:list"]);
    assert_eq!(listed(&admin, "/role/list?roleKey=x").await, [""; 0]);

    let made = add(
        caller,
        new("mine", json!(["system:role:query", "system:user:list"])),
    )
    .await
    .ok();
    let path = format!("/role/{}", made["roleId"]);
    let more = json!({ "permission": ["system:user:list", "monitor:log:login"] });
    caller
        .put(&path)
        .json(&more)
        .await
        .lacks(&["monitor:log:login"]);
    caller
        .put(&format!(
            "/perm?roleId={}&permissions=monitor:log:login",
            made["roleId"]
        ))
        .await
        .lacks(&["monitor:log:login"]);
    assert_eq!(role(&site, &made["roleId"]).await, made);
    // Taking away is no grant; what is there already may stay.
    let rich = json!({ "permission": ["monitor:log:login", "system:role:list"] });
    admin.put(&path).json(&rich).await.ok();
    let fewer = json!({ "permission": ["monitor:log:login"], "roleName": "fewer" });
    caller.put(&path).json(&fewer).await.ok();
    // Waking a role up grants all of it.
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    caller
        .put(&path)
        .json(&json!({ "status": "0" }))
        .await
        .lacks(&["monitor:log:login"]);
}

pub(crate) async fn req46_nobody_shows_more_than_they_see(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let scoped = json!({ "dataScope": "2", "deptIds": [2, 3] });
    let editor = site.person_with("editor", &["system:role:*"], scoped).await;
    let new = |key: &str, scope: &str, depts: Value| json!({ "roleName": key, "roleKey": key, "dataScope": scope, "deptIds": depts });
    for (scope, depts, good) in [
        ("1", json!([]), false),
        ("2", json!([2]), true),
        ("2", json!([2, 4]), false),
        ("5", json!([]), true),
    ] {
        let key = format!("s{scope}{}", depts.to_string().len());
        let answer = add(&editor.caller, new(&key, scope, depts.clone())).await;
        if good {
            answer.ok();
        } else {
            let said = answer.fails(403)["message"].to_string();
            assert!(said.contains("dataScope"), "{scope} {depts}: {said}");
        }
    }
    // Without a word of it, a new role shows no more than its maker sees.
    let plain = json!({ "roleName": "plain", "roleKey": "plain" });
    let plain = add(&editor.caller, plain).await.ok();
    assert_ne!(plain["dataScope"], "1");
    let path = format!("/role/{}", plain["roleId"]);
    let wider = json!({ "dataScope": "1" });
    editor.caller.put(&path).json(&wider).await.fails(403);
}

pub(crate) async fn req52_changes_of_roles_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let made = made(&site, "auditor", json!({})).await;
    let path = format!("/role/{}", made["roleId"]);
    let body = json!({ "permission": ["system:user:list"] });
    let request_id = {
        let answer = admin.put(&path).json(&body).await;
        answer.ok();
        answer.header("x-request-id").to_owned()
    };
    admin.delete(&path).await.ok();
    let told: Vec<String> = site
        .audit()
        .await
        .into_iter()
        .filter(|row| row.starts_with("role."))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for (row, action) in told
        .iter()
        .zip(["role.create", "role.update", "role.delete"])
    {
        assert!(
            row.starts_with(&format!("{action} 1 root | 127.0.0.1 |")),
            "{row}"
        );
        assert!(row.contains("| auditor |"), "{row}");
    }
    assert!(told[1].contains(r#""after":{"#), "{}", told[1]);
    assert!(told[1].contains("system:user:list"), "{}", told[1]);
    assert!(told[1].ends_with(&request_id), "{}", told[1]);
}
