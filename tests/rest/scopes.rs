//! Whose records somebody sees and changes, by the data scopes of her roles; and what of a
//! record is nobody's to set.

use crate::support::{Bench, Caller, PASSWORD, Person, Site};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everybody in the tree of [`Site::departments`] beside the administrator: one in each
/// department, and one in none.
const STAFF: [(&str, Option<i64>); 5] = [
    ("at-top", Some(1)),
    ("in-rd", Some(2)),
    ("in-platform", Some(3)),
    ("in-sales", Some(4)),
    ("nowhere", None),
];

async fn staff(site: &Site) -> BTreeMap<&'static str, i64> {
    site.departments().await;
    let mut ids = BTreeMap::new();
    for (name, dept) in STAFF {
        let body = json!({ "username": name, "password": PASSWORD, "deptId": dept });
        ids.insert(name, site.add_user(body).await);
    }
    ids
}

/// Somebody of department 2 with these permissions, who sees herself alone.
async fn viewer(site: &Site, permissions: &[&str]) -> Person {
    let scope = json!({ "dataScope": "5" });
    let person = site.person_with("viewer", permissions, scope).await;
    let path = format!("/user/{}", person.id);
    let admin = site.admin().await;
    admin.put(&path).json(&json!({ "deptId": 2 })).await.ok();
    person
}

async fn set(site: &Site, role: i64, body: Value) {
    let admin = site.admin().await;
    admin.put(&format!("/role/{role}")).json(&body).await.ok();
}

async fn add_role(site: &Site, key: &str, body: Value) -> i64 {
    let mut role = json!({ "roleName": key, "roleKey": key });
    for (name, value) in body.as_object().expect("an object") {
        role[name] = value.clone();
    }
    let made = site.admin().await.post("/role").json(&role).await.ok();
    made["roleId"].as_i64().expect("an id")
}

async fn bind(site: &Site, user: i64, roles: &[i64]) {
    let admin = site.admin().await;
    let path = format!("/user/{user}/bind");
    admin.post(&path).json(&json!(roles)).await.ok();
}

/// The names that the caller's list holds; its total is as many.
async fn seen(caller: &Caller) -> Vec<String> {
    let data = caller.get("/user/list?pageSize=100").await.ok();
    let list = data["list"].as_array().expect("a list");
    assert_eq!(data["total"], list.len());
    list.iter()
        .map(|u| u["username"].as_str().expect("a name").to_owned())
        .collect()
}

const EVERYBODY: [&str; 7] = [
    "root",
    "at-top",
    "in-rd",
    "in-platform",
    "in-sales",
    "nowhere",
    "viewer",
];

pub(crate) async fn each_scope_shows_its_own(bench: &Bench) {
    let site = bench.site().await;
    staff(&site).await;
    let viewer = viewer(&site, &["system:user:list"]).await;
    for (scope, depts, expected) in [
        ("1", json!([]), &EVERYBODY[..]),
        ("2", json!([1, 4]), &["at-top", "in-sales", "viewer"]),
        ("2", json!([]), &["viewer"]),
        ("3", json!([]), &["in-rd", "viewer"]),
        ("4", json!([]), &["in-rd", "in-platform", "viewer"]),
        ("5", json!([]), &["viewer"]),
        // Departments count with the custom scope alone.
        ("5", json!([1, 4]), &["viewer"]),
        ("3", json!([4]), &["in-rd", "viewer"]),
    ] {
        let body = json!({ "dataScope": scope, "deptIds": depts });
        set(&site, viewer.role, body).await;
        assert_eq!(seen(&viewer.caller).await, expected, "{scope} {depts}");
    }
}

pub(crate) async fn the_widest_of_two_roles_wins(bench: &Bench) {
    let site = bench.site().await;
    staff(&site).await;
    let viewer = viewer(&site, &["system:user:list"]).await;
    let other = add_role(&site, "other", json!({ "dataScope": "5" })).await;
    bind(&site, viewer.id, &[viewer.role, other]).await;
    for (one, two, expected) in [
        ("5", "5", &["viewer"][..]),
        ("3", "5", &["in-rd", "viewer"]),
        ("3", "4", &["in-rd", "in-platform", "viewer"]),
        ("4", "2", &["in-rd", "in-platform", "in-sales", "viewer"]),
        ("2", "3", &["in-rd", "in-sales", "viewer"]),
        ("2", "5", &["in-sales", "viewer"]),
        ("1", "5", &EVERYBODY),
        ("1", "2", &EVERYBODY),
    ] {
        // Whichever of the two it is that lets her list users.
        for (first, second) in [(one, two), (two, one)] {
            set(
                &site,
                viewer.role,
                json!({ "dataScope": first, "deptIds": [4] }),
            )
            .await;
            set(&site, other, json!({ "dataScope": second, "deptIds": [4] })).await;
            assert_eq!(seen(&viewer.caller).await, expected, "{first} and {second}");
        }
    }
}

pub(crate) async fn a_disabled_role_shows_nothing(bench: &Bench) {
    let site = bench.site().await;
    staff(&site).await;
    let viewer = viewer(&site, &["system:user:list"]).await;
    let wide = add_role(&site, "wide", json!({ "dataScope": "1" })).await;
    bind(&site, viewer.id, &[viewer.role, wide]).await;
    assert_eq!(seen(&viewer.caller).await, EVERYBODY);
    set(&site, wide, json!({ "status": "1" })).await;
    assert_eq!(seen(&viewer.caller).await, ["viewer"]);
    set(&site, wide, json!({ "status": "0" })).await;
    assert_eq!(seen(&viewer.caller).await, EVERYBODY);
    bind(&site, viewer.id, &[viewer.role]).await;
    assert_eq!(seen(&viewer.caller).await, ["viewer"]);
}

pub(crate) async fn a_scope_follows_the_users_department(bench: &Bench) {
    let site = bench.site().await;
    staff(&site).await;
    let viewer = viewer(&site, &["system:user:list"]).await;
    set(&site, viewer.role, json!({ "dataScope": "4" })).await;
    let admin = site.admin().await;
    for (dept, expected) in [
        (json!(4), &["in-sales", "viewer"][..]),
        (json!(3), &["in-platform", "viewer"]),
        (
            json!(1),
            &["at-top", "in-rd", "in-platform", "in-sales", "viewer"],
        ),
        (json!(null), &["viewer"]),
    ] {
        let path = format!("/user/{}", viewer.id);
        admin.put(&path).json(&json!({ "deptId": dept })).await.ok();
        assert_eq!(seen(&viewer.caller).await, expected, "{dept}");
    }
}

pub(crate) async fn out_of_sight_is_out_of_reach_at_every_route(bench: &Bench) {
    let site = bench.site().await;
    let ids = staff(&site).await;
    let viewer = viewer(&site, &["system:user:*"]).await;
    set(&site, viewer.role, json!({ "dataScope": "4" })).await;
    let caller = &viewer.caller;
    let record = async |id: i64| site.admin().await.get(&format!("/user/{id}")).await.ok();
    for name in ["at-top", "in-sales", "nowhere"] {
        let id = ids[name];
        let before = record(id).await;
        let path = format!("/user/{id}");
        caller.get(&path).await.fails(404);
        let info = format!("/user/info?username={name}");
        caller.get(&info).await.fails(404);
        for (method, path, body) in [
            ("PUT", path.clone(), json!({ "nickname": "x" })),
            ("PUT", path.clone(), json!({ "deptId": 2 })),
            ("PUT", format!("{path}/status"), json!({ "status": "1" })),
            ("PUT", format!("{path}/password"), json!({})),
            (
                "PUT",
                format!("{path}/password"),
                json!({ "password": "staple battery correct" }),
            ),
            ("POST", format!("{path}/bind"), json!([])),
            ("DELETE", path.clone(), json!({})),
        ] {
            let method = method.parse().expect("a method");
            let answer = caller.call(method, &path).json(&body).await;
            answer.fails(404);
        }
        assert_eq!(record(id).await, before, "{name}");
        let found = caller.get(&format!("/user/list?keyword={name}")).await.ok();
        assert_eq!(found["total"], 0, "{name}");
        site.try_login(name, PASSWORD).await.is(200);
    }
    // And as one who is not there at all.
    let unseen = caller.get(&format!("/user/{}", ids["nowhere"])).await.raw();
    assert_eq!(caller.get("/user/99999").await.raw(), unseen);
    // In sight they all work.
    let path = format!("/user/{}", ids["in-platform"]);
    caller.get(&path).await.ok();
    let status = json!({ "status": "1" });
    caller
        .put(&format!("{path}/status"))
        .json(&status)
        .await
        .ok();
    caller
        .put(&format!("{path}/password"))
        .json(&json!({}))
        .await
        .ok();
    caller
        .post(&format!("{path}/bind"))
        .json(&json!([]))
        .await
        .ok();
    caller.delete(&path).await.ok();
}

pub(crate) async fn a_roles_scope_is_set_and_held_to_its_bounds(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let role = add_role(&site, "r", json!({})).await;
    let path = format!("/role/{role}");
    let body = json!({ "data_scope": "2", "dept_ids": [4, 1, 4] });
    let after = admin.put(&path).json(&body).await.ok();
    assert_eq!(after["dataScope"], "2");
    assert_eq!(after["deptIds"], json!([1, 4]));
    assert_eq!(admin.get(&path).await.ok(), after);
    // What is not sent stays.
    let after = admin
        .put(&path)
        .json(&json!({ "roleName": "x" }))
        .await
        .ok();
    assert_eq!(
        (&after["dataScope"], &after["deptIds"]),
        (&json!("2"), &json!([1, 4]))
    );
    for (body, field) in [
        (json!({ "dataScope": "6" }), "dataScope"),
        (json!({ "dataScope": "" }), "dataScope"),
        (json!({ "dataScope": 2 }), "dataScope"),
        (json!({ "deptIds": [99] }), "deptIds"),
        (json!({ "deptIds": ["1"] }), "deptIds[0]"),
    ] {
        let answer = admin.put(&path).json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
    assert_eq!(admin.get(&path).await.ok()["deptIds"], json!([1, 4]));
    let after = admin.put(&path).json(&json!({ "deptIds": [] })).await.ok();
    assert_eq!(after["deptIds"], json!([]));
}

pub(crate) async fn the_overview_keeps_to_the_data_scope(bench: &Bench) {
    let site = bench.site().await;
    let ids = staff(&site).await;
    for name in ["in-rd", "in-sales"] {
        site.login(name).await;
    }
    site.try_login("in-sales", "not the password").await.is(401);
    site.try_login("stranger", "not the password").await.is(401);
    let admin = site.admin().await;
    let disabled = json!({ "status": "1" });
    let path = format!("/user/{}/status", ids["in-platform"]);
    admin.put(&path).json(&disabled).await.ok();
    let codes = [
        "system:user:list",
        "monitor:session:list",
        "monitor:log:login",
    ];
    let viewer = viewer(&site, &codes).await;
    let figures = async |scope: &str| {
        set(&site, viewer.role, json!({ "dataScope": scope })).await;
        let answer = viewer
            .caller
            .call("POST".parse().expect("a method"), "/admin/fn/overview");
        let shown = answer.form(&[]).await.is(200).raw();
        let names: Vec<String> = shown["last"]
            .as_array()
            .expect("the last ones")
            .iter()
            .map(|s| s["username"].as_str().expect("a name").to_owned())
            .collect();
        let of = |name: &str| shown[name].as_i64().expect("a figure");
        // Not today's alone: midnight may have come since.
        let of_days = |name: &str| -> i64 {
            let days = shown["days"].as_array().expect("the days");
            let counts = days.iter().map(|day| day[name].as_i64().expect("a count"));
            counts.sum()
        };
        (
            [of("users"), of("disabled_users"), of("sessions")],
            [of_days("sign_ins"), of_days("failures")],
            names,
        )
    };
    let texts = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let (users, _, names) = figures("4").await;
    assert_eq!(users, [3, 1, 2]);
    assert_eq!(names, texts(&["viewer", "in-rd"]));
    let (users, sign_ins, names) = figures("5").await;
    assert_eq!((users, sign_ins), ([1, 0, 1], [1, 0]));
    assert_eq!(names, ["viewer"]);
    let (users, sign_ins, names) = figures("1").await;
    assert_eq!((users, sign_ins), ([7, 1, 4], [4, 2]));
    assert!(names.contains(&"stranger".to_owned()), "{names:?}");
}

/// Every column of an account that no request may set, as one text.
async fn untouchable(site: &Site, id: i64) -> String {
    let rows = site
        .texts(&format!(
            "SELECT COALESCE(password_hash, '') || '|' || user_code || '|' || user_type || '|'
                 || CAST(phone_verified AS TEXT) || CAST(email_verified AS TEXT)
                 || CAST(must_change_password AS TEXT) || '|'
                 || COALESCE(CAST(deleted_at AS TEXT), '') || '|' || COALESCE(login_ip, '') || '|'
                 || CAST(created_at AS TEXT) || '|' || COALESCE(CAST(created_by AS TEXT), '')
             FROM user_account WHERE id = {id}"
        ))
        .await;
    rows.into_iter().next().expect("a row")
}

pub(crate) async fn req46_what_is_nobodys_to_set_is_not_set(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let smuggled = json!({
        "id": 1, "userId": 1, "user_id": 1, "uid": 1, "passwordHash": "x", "password_hash": "x",
        "userCode": "x", "user_type": "admin", "userType": "admin", "phoneVerified": true,
        "phone_verified": 1, "emailVerified": true, "mustChangePassword": true,
        "deletedAt": 1, "deleted_at": 1, "loginIp": "6.6.6.6", "login_ip": "6.6.6.6",
        "loginDate": "1999-01-01 00:00:00", "loginAt": 1, "createBy": 99, "created_by": 99,
        "createTime": "1999-01-01 00:00:00", "created_at": 1, "updateBy": "99",
        "updateTime": "1999-01-01 00:00:00", "roles": ["admin"], "roleIds": [1],
        "permissions": ["*:*:*"], "dataScope": "1", "deptName": "x", "builtin": true,
    });
    let before = untouchable(&site, person.id).await;
    let path = format!("/user/{}", person.id);
    for caller in [&person.caller, &admin] {
        let after = caller.put(&path).json(&smuggled).await.ok();
        assert_eq!(after["userId"], person.id);
        assert_eq!(after["roles"], json!([]));
        assert_ne!(after["updateBy"], "99");
        assert_eq!(untouchable(&site, person.id).await, before);
    }
    // Nor when an account is made: what of it an administrator may say is what she may say.
    let mut body = smuggled.clone();
    body["username"] = json!("berta");
    body["password"] = json!(PASSWORD);
    body["mustChangePassword"] = json!(false);
    body["roleIds"] = json!([]);
    for (name, caller) in [("berta", &admin), ("clara", &site.anonymous())] {
        body["username"] = json!(name);
        let made = caller.post("/user").json(&body).await.is(201).raw();
        let id = made["data"]["id"].as_i64().expect("an id");
        assert!(id > person.id, "{made}");
        let kept = untouchable(&site, id).await;
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert!(
            kept.contains("|user|000||") && !kept.contains("6.6.6.6"),
            "{kept}"
        );
        let record = admin.get(&format!("/user/{id}")).await.ok();
        assert_eq!(record["roles"], json!([]));
        assert!(record["createTime"].as_str() > Some("2020"), "{record}");
    }
}

pub(crate) async fn req7_a_password_is_reset(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let path = format!("/user/{}/password", person.id);
    let mut given = Vec::new();
    for body in [
        json!({}),
        json!({ "password": "" }),
        json!({ "password": null }),
    ] {
        let data = admin.put(&path).json(&body).await.ok();
        given.push(data["password"].as_str().expect("a password").to_owned());
    }
    let bare = admin.put(&path).await.ok();
    given.push(bare["password"].as_str().expect("a password").to_owned());
    person.caller.get("/auth/me").await.no_token();
    site.try_login("anna", PASSWORD).await.fails(401);
    site.try_login("anna", &given[0]).await.fails(401);
    let answer = site.try_login("anna", &given[3]).await.is(200);
    let token = answer.raw()["accessToken"].clone();
    let caller = site.bearer(token.as_str().expect("a token"));
    caller.get("/test").await.fails(403);
    let body = json!({ "currentPassword": given[3], "newPassword": "staple battery correct" });
    caller.put("/auth/password").json(&body).await.ok();
    site.try_login("anna", "staple battery correct")
        .await
        .is(200);
    admin
        .put("/user/1/password")
        .json(&json!({}))
        .await
        .fails(409);
    admin
        .put("/user/999/password")
        .json(&json!({}))
        .await
        .fails(404);
    let audit = site.audit().await.join("\n");
    assert_eq!(audit.matches("user.reset_password 1 root").count(), 4);
    for password in given {
        assert!(!audit.contains(&password));
    }
}

pub(crate) async fn req8_a_given_password_lasts_for_one_sign_in(bench: &Bench) {
    let site = bench.site().await;
    let person = site.person("anna", &[]).await;
    let resetter = site.person("resetter", &["system:user:reset"]).await;
    let path = format!("/user/{}/password", person.id);
    for name in ["password", "newPassword", "new_password"] {
        let new = format!("staple battery {name}");
        let body = json!({ name: new });
        let data = resetter.caller.put(&path).json(&body).await.ok();
        assert_eq!(data, json!({}), "it is not told again");
        let answer = site.try_login("anna", &new).await.is(200);
        let token = answer.raw()["accessToken"].clone();
        let caller = site.bearer(token.as_str().expect("a token"));
        caller.get("/test").await.fails(403);
    }
    person.caller.get("/auth/me").await.no_token();
    for weak in ["short", "password1234", &"x".repeat(129)] {
        let answer = resetter
            .caller
            .put(&path)
            .json(&json!({ "password": weak }))
            .await;
        assert_eq!(answer.invalid(), ["password"], "{weak}");
    }
    let wrong = resetter
        .caller
        .put(&path)
        .json(&json!({ "password": 5 }))
        .await;
    assert_eq!(wrong.invalid(), ["password"]);
    let rich = site.person("rich", &["monitor:log:login"]).await;
    let path = format!("/user/{}/password", rich.id);
    for body in [json!({}), json!({ "password": "staple battery correct" })] {
        let answer = resetter.caller.put(&path).json(&body).await;
        answer.lacks(&["monitor:log:login"]);
    }
    rich.caller.get("/test").await.is(204);
}

pub(crate) async fn a_status_is_set(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let path = format!("/user/{}/status", person.id);
    let put = async |caller: &Caller, path: &str, body: Value| {
        let path = path.to_owned();
        caller.put(&path).json(&body).await
    };
    let answer = put(&admin, &path, json!({ "status": "1" })).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    assert_eq!(answer.ok()["status"], "1");
    person.caller.get("/test").await.fails(403);
    site.try_login("anna", PASSWORD).await.fails(401);
    let after = put(&admin, &path, json!({ "status": "0" })).await.ok();
    assert_eq!(after["status"], "0");
    site.try_login("anna", PASSWORD).await.is(200);
    for body in [
        json!({}),
        json!({ "status": "" }),
        json!({ "status": "2" }),
        json!({ "status": 1 }),
        json!({ "status": null }),
    ] {
        let answer = put(&admin, &path, body.clone()).await;
        assert_eq!(answer.invalid(), ["status"], "{body}");
    }
    let disabled = json!({ "status": "1" });
    put(&admin, "/user/999/status", disabled.clone())
        .await
        .fails(404);
    put(&admin, "/user/1/status", disabled.clone())
        .await
        .fails(409);
    let alter = site.person("alter", &["system:user:alter"]).await;
    let answer = put(&alter.caller, "/user/1/status", disabled.clone()).await;
    answer.lacks(&["*:*:*"]);
    let own = format!("/user/{}/status", alter.id);
    put(&alter.caller, &own, disabled.clone()).await.fails(409);
    // Only the status is looked at.
    let body = json!({ "status": "0", "nickname": "x", "username": "y" });
    let after = put(&alter.caller, &path, body).await.ok();
    assert_eq!(
        (&after["username"], &after["nickname"]),
        (&json!("anna"), &json!(""))
    );
    let plain = put(&person.caller, &path, disabled).await;
    plain.no_token();
}
