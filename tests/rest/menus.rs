//! Menus: a tree for front ends, and what of it each user is shown.

use crate::roles::{is_now, is_plain_time};
use crate::support::{Bench, Caller, Site, keys, minus};
use serde_json::{Value, json};

/// Every field of a menu outside of a tree, in the order of the answer.
const FIELDS: [&str; 14] = [
    "menuId",
    "parentId",
    "menuName",
    "nameEn",
    "menuType",
    "path",
    "component",
    "icon",
    "permission",
    "orderNum",
    "visible",
    "status",
    "createTime",
    "updateTime",
];

/// Makes a menu with these further fields, and gives back its id.
async fn add(caller: &Caller, name: &str, kind: &str, parent: i64, more: Value) -> i64 {
    let mut body = json!({ "menuName": name, "menuType": kind, "parentId": parent });
    for (field, value) in more.as_object().expect("an object") {
        body[field] = value.clone();
    }
    let made = caller.post("/menu").json(&body).await.ok();
    made["menuId"].as_i64().expect("an id")
}

/// `系统 { 用户 { 新增 }, 角色 }, 空, 首页`; all but 空, in the order of the tree.
async fn some(site: &Site) -> [i64; 5] {
    let admin = site.admin().await;
    let system = add(&admin, "系统", "dir", 0, json!({})).await;
    let guarded = json!({ "permission": "system:user:list", "path": "/users" });
    let users = add(&admin, "用户", "page", system, guarded).await;
    let button = json!({ "permission": "system:user:add" });
    let button = add(&admin, "新增", "button", users, button).await;
    let roles = add(&admin, "角色", "page", system, json!({ "orderNum": 1 })).await;
    add(&admin, "空", "dir", 0, json!({ "orderNum": 2 })).await;
    let home = add(&admin, "首页", "page", 0, json!({ "orderNum": 3 })).await;
    [system, users, button, roles, home]
}

fn spelled(tree: &Value) -> String {
    let one = |menu: &Value| {
        let name = menu["menuName"].as_str().expect("a name").to_owned();
        match spelled(&menu["children"]) {
            below if below.is_empty() => name,
            below => format!("{name}({below})"),
        }
    };
    let all = tree.as_array().expect("a list of branches");
    all.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn mine(caller: &Caller) -> String {
    spelled(&caller.get("/menu/mine").await.ok())
}

pub(crate) async fn a_menu_has_every_field(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let top = add(&admin, "系统", "dir", 0, json!({})).await;
    let body = json!({
        "parent_id": top, "menu_name": " 用户 ", "name_en": "Users", "menu_type": "page",
        "path": "/users", "component": "users/index", "icon": "user",
        "permission": "system:user:list", "order_num": 3, "visible": false, "status": "1",
        "menuId": 999,
    });
    let answer = admin.post("/menu").json(&body).await;
    assert_eq!(answer.raw()["msg"], "新增成功");
    let made = answer.ok();
    assert_eq!(keys(&made), FIELDS);
    let id = made["menuId"].as_i64().expect("an id");
    assert_ne!(id, 999, "ids are ours to give");
    assert_eq!(
        minus(&made, &["createTime"]),
        json!({
            "menuId": id,
            "parentId": top,
            "menuName": "用户",
            "nameEn": "Users",
            "menuType": "page",
            "path": "/users",
            "component": "users/index",
            "icon": "user",
            "permission": "system:user:list",
            "orderNum": 3,
            "visible": false,
            "status": "1",
            "updateTime": "",
        })
    );
    is_now(&site, &made["createTime"], 8);
    let path = format!("/menu/{id}");
    assert_eq!(admin.get(&path).await.ok(), made);
    let first = admin.get(&format!("/menu/{top}")).await.ok();
    assert_eq!(
        (&first["nameEn"], &first["visible"]),
        (&json!("系统"), &json!(true))
    );
    assert_eq!(
        (&first["parentId"], &first["permission"]),
        (&json!(0), &json!(""))
    );
    let whole = admin.get("/menu").await.ok();
    assert_eq!(minus(&whole[0]["children"][0], &["children"]), made);

    let body = json!({ "permission": null, "visible": true, "sort": 4 });
    let answer = admin.put(&path).json(&body).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    let changed = answer.ok();
    is_plain_time(&changed["updateTime"]);
    let changing = ["permission", "visible", "orderNum", "updateTime"];
    assert_eq!(minus(&changed, &changing), minus(&made, &changing));
    assert_eq!(
        (&changed["permission"], &changed["orderNum"]),
        (&json!(""), &json!(4))
    );
    // What was answered may be sent back as it is.
    let same = admin.put(&path).json(&changed).await.ok();
    assert_eq!(
        minus(&same, &["updateTime"]),
        minus(&changed, &["updateTime"])
    );
}

pub(crate) async fn a_menu_is_held_to_its_bounds(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = add(&admin, "系统", "dir", 0, json!({})).await;
    let button = add(&admin, "按钮", "button", 0, json!({})).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "menuName": "x" });
        body[name] = value;
        body
    };
    for (body, field) in [
        (json!({}), "menuName"),
        (with("menuName", json!("字".repeat(51))), "menuName"),
        (with("nameEn", json!("x".repeat(51))), "nameEn"),
        (with("menuType", json!("M")), "menuType"),
        (with("path", json!("x".repeat(201))), "path"),
        (with("path", json!("javascript:alert(1)")), "path"),
        (with("component", json!("x".repeat(201))), "component"),
        (with("icon", json!("x".repeat(101))), "icon"),
        (with("permission", json!("no:such:thing")), "permission"),
        (with("permission", json!("no")), "permission"),
        (with("orderNum", json!(-1)), "orderNum"),
        (with("visible", json!("yes")), "visible"),
        (with("status", json!("2")), "status"),
        (with("parentId", json!(9999)), "parentId"),
        (with("parentId", json!(button)), "parentId"),
    ] {
        let answer = admin.post("/menu").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
        if body != json!({}) {
            let answer = admin.put(&format!("/menu/{id}")).json(&body).await;
            assert_eq!(answer.invalid(), [field], "{body}");
        }
    }
    for path in ["/menu/x", "/menu/0"] {
        assert_eq!(admin.get(path).await.invalid(), ["id"], "{path}");
    }
    admin.get("/menu/9999").await.fails(404);
    admin.put("/menu/9999").json(&json!({})).await.fails(404);
    admin.delete("/menu/9999").await.fails(404);
}

pub(crate) async fn a_moved_menu_takes_all_below_along(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [system, users, _, roles, home] = some(&site).await;
    let to = async |id: i64, parent: Value| {
        let body = json!({ "parentId": parent });
        admin.put(&format!("/menu/{id}")).json(&body).await
    };
    for (id, parent) in [(system, system), (system, users), (users, users)] {
        let refused = to(id, json!(parent)).await.fails(409);
        assert_eq!(refused["errors"][0]["field"], "parentId", "{refused}");
    }
    to(users, json!(home)).await.ok();
    let tree = admin.get("/menu").await.ok();
    assert_eq!(spelled(&tree), "系统(角色) 空 首页(用户(新增))");
    to(users, json!(null)).await.ok();
    to(home, json!(roles)).await.ok();
    let tree = admin.get("/menu").await.ok();
    assert_eq!(spelled(&tree), "系统(角色(首页)) 用户(新增) 空");
    let mut at = 0;
    for level in 0..10 {
        at = add(&admin, &format!("L{level}"), "dir", at, json!({})).await;
    }
    to(users, json!(at)).await.fails(409);
}

pub(crate) async fn a_menu_with_others_below_stays(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [system, users, button, roles, _] = some(&site).await;
    let linked = json!({ "roleName": "r", "roleKey": "r", "menuIds": [users, button] });
    let role = admin.post("/role").json(&linked).await.ok();
    let refused = admin.delete(&format!("/menu/{system}")).await.fails(409);
    let said = refused["message"].as_str().expect("a message");
    assert!(said.contains("2 个"), "{said}");
    let body = json!({ "menuType": "button" });
    admin
        .put(&format!("/menu/{users}"))
        .json(&body)
        .await
        .fails(409);
    for id in [button, users, roles, system] {
        let answer = admin.delete(&format!("/menu/{id}")).await;
        assert_eq!(answer.raw()["msg"], "删除成功");
        answer.ok();
    }
    let role = admin.get(&format!("/role/{}", role["roleId"])).await.ok();
    assert_eq!(role["menuIds"], json!([]));
}

pub(crate) async fn menus_are_filtered(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [.., roles, _] = some(&site).await;
    let body = json!({ "status": "1", "nameEn": "Roles" });
    admin.put(&format!("/menu/{roles}")).json(&body).await.ok();
    for (query, expected) in [
        ("", "系统 用户 新增 角色 空 首页"),
        ("?menuType=page", "用户 角色 首页"),
        ("?menu_type=dir&status=0", "系统 空"),
        ("?menuName=ROLE", "角色"),
        ("?status=1", "角色"),
        ("?menuName=%25", ""),
    ] {
        let data = admin.get(&format!("/menu/list{query}")).await.ok();
        let list = data["list"].as_array().expect("a list");
        assert_eq!(data["total"], list.len());
        let names: Vec<&str> = list
            .iter()
            .map(|m| {
                assert_eq!(keys(m), FIELDS);
                m["menuName"].as_str().expect("a name")
            })
            .collect();
        assert_eq!(names.join(" "), expected, "{query}");
    }
    let bad = admin.get("/menu/list?menuType=x").await;
    assert_eq!(bad.invalid(), ["menuType"]);
    let bad = admin.get("/menu/list?status=x").await;
    assert_eq!(bad.invalid(), ["status"]);
}

pub(crate) async fn everybody_is_shown_her_own_menus(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [system, users, button, roles, home] = some(&site).await;
    assert_eq!(mine(&admin).await, "系统(用户(新增) 角色) 首页");
    site.anonymous().get("/menu/mine").await.no_token();
    let nobody = site.person("nobody", &[]).await;
    assert_eq!(mine(&nobody.caller).await, "");

    let links = json!({ "menuIds": [users, button, home] });
    let anna = site.person_with("anna", &["system:user:list"], links).await;
    // 新增 asks for a permission that she lacks; 系统 leads to 用户.
    assert_eq!(mine(&anna.caller).await, "系统(用户) 首页");
    let role = format!("/role/{}", anna.role);
    let change = async |body: Value| {
        admin.put(&role).json(&body).await.ok();
        mine(&anna.caller).await
    };
    let more = json!({ "permission": ["system:user:*"] });
    assert_eq!(change(more).await, "系统(用户(新增)) 首页");
    let none = json!({ "permission": [] });
    assert_eq!(change(none).await, "首页");
    // A directory alone is nothing to show.
    let dirs = json!({ "menuIds": [system] });
    assert_eq!(change(dirs).await, "");
    let links = json!({ "menuIds": [system, roles, home], "permission": ["*:*:list"] });
    assert_eq!(change(links).await, "系统(角色) 首页");

    for (id, hidden, shown) in [
        (home, json!({ "visible": false }), "系统(角色)"),
        (
            home,
            json!({ "status": "1", "visible": true }),
            "系统(角色)",
        ),
        (system, json!({ "visible": false }), ""),
    ] {
        let path = format!("/menu/{id}");
        admin.put(&path).json(&hidden).await.ok();
        assert_eq!(mine(&anna.caller).await, shown, "{hidden}");
    }
    let tree = admin.get("/menu").await.ok();
    assert_eq!(
        spelled(&tree),
        "系统(用户(新增) 角色) 空 首页",
        "editors see all"
    );
    for id in [system, home] {
        let body = json!({ "visible": true, "status": "0" });
        admin.put(&format!("/menu/{id}")).json(&body).await.ok();
    }
    assert_eq!(
        change(json!({ "status": "1" })).await,
        "",
        "a disabled role shows nothing"
    );
}

pub(crate) async fn req52_changes_of_menus_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = add(&admin, "用户", "page", 0, json!({})).await;
    let path = format!("/menu/{id}");
    let body = json!({ "menuName": "人员" });
    admin.put(&path).json(&body).await.ok();
    admin.delete(&path).await.ok();
    let log = site.audit().await.join("\n");
    for (action, name) in [
        ("menu.create 1 root", "用户"),
        ("menu.update 1 root", "人员"),
        ("menu.delete 1 root", "人员"),
    ] {
        let line = log.lines().find(|l| l.starts_with(action));
        let line = line.unwrap_or_else(|| panic!("{action}: {log}"));
        assert!(line.contains(name), "{line}");
    }
}
