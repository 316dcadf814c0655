//! Permissions, as document C has them.

use crate::support::{Answer, Bench, Caller, Site, keys, percent};
use menshen_domain::catalogue::CATALOGUE;
use serde_json::{Value, json};

async fn role(site: &Site, key: &str, permissions: &[&str]) -> i64 {
    let body = json!({ "roleName": key, "roleKey": key, "permission": permissions });
    let made = site.admin().await.post("/role").json(&body).await.ok();
    made["roleId"].as_i64().expect("an id")
}

async fn granted(site: &Site, role: i64) -> Vec<String> {
    let data = site
        .admin()
        .await
        .get(&format!("/perm?roleId={role}"))
        .await
        .ok();
    codes(&data)
}

fn codes(data: &Value) -> Vec<String> {
    let list = data["list"].as_array().expect("a list");
    assert_eq!(data["total"], list.len(), "{data}");
    list.iter()
        .map(|item| {
            assert_eq!(keys(item), ["name", "permission"]);
            item["permission"].as_str().expect("a code").to_owned()
        })
        .collect()
}

pub(crate) async fn all_permissions_are_listed(bench: &Bench) {
    let site = bench.site().await;
    site.sql(
        "INSERT INTO permission (code, name_zh, name_en, description, created_at)
         VALUES ('shop:order:list', '订单列表', 'List orders', 'for the shop', 0)",
    )
    .await;
    let admin = site.admin().await;
    let answer = admin.get("/perm/list").await;
    assert_eq!(answer.raw()["msg"], "查询成功");
    let data = answer.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    let mut expected: Vec<&str> = CATALOGUE.iter().map(|e| e.code).collect();
    expected.push("shop:order:list");
    assert_eq!(codes(&data), expected);
    let first = &data["list"][0];
    assert_eq!(
        *first,
        json!({ "name": "用户列表", "permission": "system:user:list" })
    );
    let english = admin
        .get("/perm/list")
        .header("accept-language", "en-GB")
        .await
        .ok();
    assert_eq!(english["list"][0]["name"], "List users");
    assert_eq!(english["list"][expected.len() - 1]["name"], "List orders");
    assert_eq!(data["list"][expected.len() - 1]["name"], "订单列表");
    // Without a role or a filter, the query is the same.
    assert_eq!(admin.get("/perm").await.ok(), data);
    // What is in the database's catalogue can be granted.
    let id = role(&site, "shop", &["shop:order:list", "shop:*:*"]).await;
    assert_eq!(granted(&site, id).await, ["shop:*:*", "shop:order:list"]);
}

pub(crate) async fn a_roles_permissions_are_queried(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = role(&site, "auditor", &["system:role:list", "monitor:log:*"]).await;
    let expected = json!({
        "total": 2,
        "list": [
            { "name": "3 项权限", "permission": "monitor:log:*" },
            { "name": "角色列表", "permission": "system:role:list" },
        ],
    });
    for answer in [
        admin.get(&format!("/perm?roleId={id}")).await,
        admin.get(&format!("/perm?role_id={id}")).await,
        admin.get("/perm").json(&json!({ "roleId": id })).await,
        admin.get("/perm").json(&json!({ "role_id": id })).await,
        // A role's are all of its: the filter is for the catalogue.
        admin.get(&format!("/perm?roleId={id}&code=zzz")).await,
    ] {
        assert_eq!(answer.ok(), expected, "{answer:?}");
    }
    let all = admin.get("/perm?roleId=1").await.ok();
    assert_eq!(
        all,
        json!({ "total": 1, "list": [{ "name": "全部权限", "permission": "*:*:*" }] })
    );
    let none = role(&site, "none", &[]).await;
    assert_eq!(
        admin.get(&format!("/perm?roleId={none}")).await.ok(),
        json!({ "total": 0, "list": [] })
    );
    admin.get("/perm?roleId=9999").await.fails(404);
    assert_eq!(admin.get("/perm?roleId=x").await.invalid(), ["roleId"]);
    let body = json!({ "roleId": "1" });
    assert_eq!(admin.get("/perm").json(&body).await.invalid(), ["roleId"]);
}

pub(crate) async fn permissions_are_filtered(bench: &Bench) {
    let site = bench.site().await;
    site.sql(
        "INSERT INTO permission (code, name_zh, name_en, description, created_at)
         VALUES ('shop:order:list', '订单列表', 'List orders', 'For the SHOP', 0)",
    )
    .await;
    let admin = site.admin().await;
    let system_role = CATALOGUE
        .iter()
        .map(|e| e.code)
        .filter(|c| c.starts_with("system:role:"))
        .collect::<Vec<_>>();
    let cases = [
        (json!({ "code": "system:role" }), system_role.clone()),
        (json!({ "code": "SYSTEM:ROLE" }), system_role),
        (json!({ "name": "订单" }), vec!["shop:order:list"]),
        (json!({ "name": "list ORDERS" }), vec!["shop:order:list"]),
        (
            json!({ "description": "the shop" }),
            vec!["shop:order:list"],
        ),
        (
            json!({ "code": "order", "name": "列表", "description": "shop" }),
            vec!["shop:order:list"],
        ),
        (json!({ "code": "order", "name": "角色" }), vec![]),
        (json!({ "code": "' OR 1=1 --" }), vec![]),
        (json!({ "code": "%" }), vec![]),
    ];
    for (filter, expected) in cases {
        let query: Vec<String> = filter
            .as_object()
            .expect("an object")
            .iter()
            .map(|(k, v)| format!("{k}={}", percent(v.as_str().expect("text"))))
            .collect();
        let by_query = admin.get(&format!("/perm?{}", query.join("&"))).await.ok();
        assert_eq!(codes(&by_query), expected, "{filter}");
        let by_body = admin.get("/perm").json(&filter).await.ok();
        assert_eq!(codes(&by_body), expected, "{filter}");
        let relaxed = Value::String(filter.to_string());
        let by_string = admin.get("/perm").json(&relaxed).await.ok();
        assert_eq!(codes(&by_string), expected, "{filter}");
    }
    // Document C's own example names no filter at all.
    let example = r#"{"permission": [["cillum fugiat culpa"],["amet aliquip minim"]]}"#;
    let data = admin.get("/perm").body(example).await.ok();
    assert_eq!(codes(&data).len(), CATALOGUE.len() + 1);
    let empty = json!({ "code": "", "name": "", "description": "" });
    let data = admin.get("/perm").json(&empty).await.ok();
    assert_eq!(codes(&data).len(), CATALOGUE.len() + 1);
    for (body, field) in [
        (json!({ "code": 5 }), "code"),
        (json!({ "name": [] }), "name"),
        (json!({ "description": {} }), "description"),
        (json!([]), "body"),
    ] {
        assert_eq!(admin.get("/perm").json(&body).await.invalid(), [field]);
    }
}

async fn set(caller: &Caller, query: &str) -> Answer {
    caller.put(&format!("/perm?{query}")).await
}

pub(crate) async fn a_roles_permissions_are_set_in_every_spelling(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = role(&site, "auditor", &[]).await;
    let (a, b) = ("system:role:list", "system:user:list");
    let clear = async || {
        set(&admin, &format!("roleId={id}&permissions=")).await.ok();
        assert_eq!(granted(&site, id).await, [""; 0]);
    };
    for query in [
        format!("roleId={id}&permissions={a}&permissions={b}"),
        format!("roleId={id}&permissions={a},{b}"),
        format!("roleId={id}&permissions={a}%2C%20{b}"),
        format!("roleId={id}&permissions[]={a}&permissions[]={b}"),
        format!("roleId={id}&permissions%5B%5D={a}&permissions%5B%5D={b}"),
        format!("role_id={id}&permissions={b}&permissions={a}&permissions={b}"),
        format!("roleId={id}&permissions={}", percent(&format!("{a},{b}"))),
    ] {
        let answer = set(&admin, &query).await;
        assert_eq!(answer.raw()["msg"], "修改成功");
        assert_eq!(answer.ok(), Value::Null);
        assert_eq!(granted(&site, id).await, [a, b], "{query}");
        clear().await;
    }
    for body in [
        json!({ "roleId": id, "permissions": [a, b] }),
        json!({ "role_id": id, "permissions": [b, a] }),
        json!({ "roleId": id, "permissions": [[a], [b]] }),
        json!({ "roleId": id, "permissions": [a, b], "more": {} }),
    ] {
        admin.put("/perm").json(&body).await.ok();
        assert_eq!(granted(&site, id).await, [a, b], "{body}");
        clear().await;
    }
    // The role in the query, its permissions in the body.
    let answer = admin
        .put(&format!("/perm?roleId={id}"))
        .json(&json!({ "permissions": [a] }))
        .await;
    answer.ok();
    assert_eq!(granted(&site, id).await, [a]);
}

pub(crate) async fn an_empty_list_clears_and_none_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = role(&site, "auditor", &[]).await;
    let code = "system:role:list";
    let fill = async || {
        let query = format!("roleId={id}&permissions={code}");
        set(&admin, &query).await.ok();
    };
    for query in [
        format!("roleId={id}&permissions="),
        format!("roleId={id}&permissions[]="),
        format!("roleId={id}&permissions"),
    ] {
        fill().await;
        set(&admin, &query).await.ok();
        assert_eq!(granted(&site, id).await, [""; 0], "{query}");
    }
    fill().await;
    let empty = json!({ "roleId": id, "permissions": [] });
    admin.put("/perm").json(&empty).await.ok();
    assert_eq!(granted(&site, id).await, [""; 0]);

    fill().await;
    let none = set(&admin, &format!("roleId={id}")).await;
    assert_eq!(none.invalid(), ["permissions"]);
    for body in [
        json!({ "roleId": id }),
        json!({ "roleId": id, "permissions": null }),
    ] {
        let answer = admin.put("/perm").json(&body).await;
        assert_eq!(answer.invalid(), ["permissions"], "{body}");
    }
    let without = set(&admin, &format!("permissions={code}")).await;
    assert_eq!(without.invalid(), ["roleId"]);
    assert_eq!(set(&admin, "").await.invalid(), ["roleId"]);
    let odd = set(&admin, &format!("roleId=x&permissions={code}")).await;
    assert_eq!(odd.invalid(), ["roleId"]);
    let gone = set(&admin, &format!("roleId=999&permissions={code}")).await;
    gone.fails(404);
    for (body, field) in [
        (json!({ "roleId": id, "permissions": code }), "permissions"),
        (json!({ "roleId": id, "permissions": [1] }), "permissions"),
        (json!({ "roleId": "x", "permissions": [] }), "roleId"),
        (json!([]), "body"),
    ] {
        let answer = admin.put("/perm").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
    assert_eq!(granted(&site, id).await, [code], "nothing was changed");
}

pub(crate) async fn unknown_codes_are_all_named_and_nothing_is_changed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = role(&site, "auditor", &["system:user:list"]).await;
    let unknown = [
        "no:such:thing",
        "system:user",
        "system:user:list:more",
        "System:User:List",
        "system:nothing:*",
        "*",
        "<script>",
    ];
    let mut all: Vec<&str> = unknown.to_vec();
    all.insert(3, "system:role:list");
    let joined: Vec<String> = all.iter().map(|c| percent(c)).collect();
    for answer in [
        set(
            &admin,
            &format!("roleId={id}&permissions={}", joined.join(",")),
        )
        .await,
        admin
            .put("/perm")
            .json(&json!({ "roleId": id, "permissions": all }))
            .await,
    ] {
        assert_eq!(answer.invalid(), ["permissions"]);
        let body = answer.raw();
        let message = body["errors"][0]["message"].as_str().expect("a message");
        for code in unknown {
            assert!(message.contains(code), "{message} names {code}");
        }
        assert!(!message.contains("system:role:list"), "{message}");
    }
    assert_eq!(granted(&site, id).await, ["system:user:list"]);
}

pub(crate) async fn a_star_stands_for_one_segment(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let id = role(&site, "wide", &[]).await;
    admin
        .post(&format!("/user/{}/bind", person.id))
        .json(&json!([id]))
        .await
        .ok();
    for (pattern, role_list, perm_list, user_list) in [
        ("system:role:list", 200, 403, 403),
        ("system:*:list", 200, 200, 200),
        ("system:role:*", 200, 403, 403),
        ("*:*:list", 200, 200, 200),
        ("*:user:*", 403, 403, 200),
        ("*:*:*", 200, 200, 200),
        ("monitor:*:*", 403, 403, 403),
    ] {
        let query = format!("roleId={id}&permissions={pattern}");
        set(&admin, &query).await.ok();
        for (path, expected) in [
            ("/role/list", role_list),
            ("/perm/list", perm_list),
            ("/user/list", user_list),
        ] {
            let answer = person.caller.get(path).await;
            assert_eq!(answer.status, expected, "{pattern}: {answer:?}");
        }
    }
}

pub(crate) async fn req46_nobody_sets_what_they_lack(bench: &Bench) {
    let site = bench.site().await;
    let editor = site
        .person("editor", &["system:perm:*", "system:user:list"])
        .await;
    let id = role(&site, "auditor", &["monitor:log:login"]).await;
    let query =
        format!("roleId={id}&permissions=monitor:log:login,system:user:list,system:role:list");
    set(&editor.caller, &query)
        .await
        .lacks(&["system:role:list"]);
    assert_eq!(granted(&site, id).await, ["monitor:log:login"]);
    let query = format!("roleId={id}&permissions=system:user:list");
    set(&editor.caller, &query).await.ok();
    assert_eq!(granted(&site, id).await, ["system:user:list"]);
    // Once taken away it can't be given back.
    let query = format!("roleId={id}&permissions=monitor:log:login");
    set(&editor.caller, &query)
        .await
        .lacks(&["monitor:log:login"]);
    // Not to oneself either.
    let query = format!("roleId={}&permissions=*:*:*", editor.role);
    set(&editor.caller, &query).await.lacks(&["*:*:*"]);
}
