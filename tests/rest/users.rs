//! Users, as document C and the contract have them.

use crate::roles::{is_now, is_plain_time};
use crate::support::{Answer, Bench, Caller, PASSWORD, Site, keys, minus};
use menshen_domain::catalogue::CATALOGUE;
use menshen_services::settings::RegistrationMode;
use serde_json::{Value, json};

/// Every field of a user in document C, in its order.
const DOCUMENT_C: [&str; 16] = [
    "userId",
    "username",
    "nickname",
    "password",
    "avatar",
    "phone",
    "email",
    "sex",
    "status",
    "loginIp",
    "loginDate",
    "createBy",
    "createTime",
    "updateBy",
    "updateTime",
    "remark",
];

async fn sign_up(site: &Site, body: Value) -> Answer {
    site.anonymous().post("/user").json(&body).await
}

async fn user(site: &Site, id: i64) -> Value {
    site.admin().await.get(&format!("/user/{id}")).await.ok()
}

async fn change(caller: &Caller, id: i64, body: Value) -> Answer {
    caller.put(&format!("/user/{id}")).json(&body).await
}

async fn bind(caller: &Caller, id: i64, body: Value) -> Answer {
    caller.post(&format!("/user/{id}/bind")).json(&body).await
}

pub(crate) async fn anybody_may_sign_up(bench: &Bench) {
    let site = bench.site().await;
    let answer = sign_up(&site, json!({ "username": "anna", "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.raw();
    assert_eq!(keys(&body), ["code", "msg", "message", "data"]);
    assert_eq!(body["code"], 201);
    assert_eq!(body["msg"], "注册成功");
    assert_eq!(body["msg"], body["message"]);
    assert_eq!(keys(&body["data"]), ["id", "username"]);
    assert_eq!(body["data"]["username"], "anna");
    let id = body["data"]["id"].as_i64().expect("a number");

    let caller = site.bearer(&site.login("anna").await.access);
    caller.get("/test").await.is(204);
    let me = caller.get("/auth/me").await.is(200).raw();
    assert_eq!(me["userId"], id);
    assert_eq!(me.get("perms"), None, "no permission: {me}");
    let kept = user(&site, id).await;
    assert_eq!(kept.get("createBy"), None, "nobody made her: {kept}");
    assert_eq!(kept["status"], "0");
    assert_eq!(kept["sex"], "2");
    assert_eq!(kept["updateBy"], "");
}

pub(crate) async fn req46_a_sign_up_gives_itself_nothing(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let answer = sign_up(
        &site,
        json!({
            "username": "anna",
            "password": PASSWORD,
            "nickname": "安娜",
            "phone": "+8613800000000",
            "email": "anna@example.com",
            "sex": "1",
            // All of what follows is for administrators.
            "roleIds": [1],
            "role_ids": [1],
            "status": "1",
            "deptId": 1,
            "remark": "boss",
            "avatar": "https://example.com/a.png",
            "mustChangePassword": true,
            "userId": 1,
            "id": 1,
            "createBy": 1,
            "phoneVerified": true,
            "emailVerified": true,
            "userType": "admin",
            "permissions": ["*:*:*"],
        }),
    )
    .await
    .is(201)
    .raw();
    let kept = user(&site, answer["data"]["id"].as_i64().expect("an id")).await;
    assert_eq!(
        minus(&kept, &["createTime", "userId"]),
        json!({
            "username": "anna", "nickname": "安娜", "password": "", "avatar": "",
            "phone": "+8613800000000", "email": "anna@example.com", "sex": "1", "status": "0",
            "loginIp": "", "loginDate": "", "updateBy": "", "updateTime": "", "remark": "",
            "deptName": "", "roles": [], "roleIds": [],
        })
    );
    let verified = site
        .texts("SELECT CAST(phone_verified + email_verified AS TEXT) FROM user_account WHERE username = 'anna'")
        .await;
    assert_eq!(verified, ["0"]);
}

pub(crate) async fn a_taken_name_or_a_weak_password_is_refused(bench: &Bench) {
    let site = bench.site().await;
    site.person("Anna", &[]).await;
    let good = json!({ "username": "berta", "password": PASSWORD });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let long = |n: usize| "字".repeat(n);
    let cases: &[(Value, &[&str])] = &[
        (json!({}), &["username", "password"]),
        (with("username", json!("Anna")), &["username"]),
        (with("username", json!(" aNNa ")), &["username"]),
        (with("username", json!("ROOT")), &["username"]),
        (with("username", json!("b")), &["username"]),
        (with("username", json!(long(51))), &["username"]),
        (with("username", json!("a b")), &["username"]),
        (with("username", json!("a@b.cn")), &["username"]),
        (with("username", json!("a\u{0}b")), &["username"]),
        (with("username", json!(5)), &["username"]),
        (with("username", Value::Null), &["username"]),
        (with("password", json!("")), &["password"]),
        (with("password", json!("short one")), &["password"]),
        (with("password", json!("password1234")), &["password"]),
        (with("password", json!("123456789012")), &["password"]),
        (with("password", json!("aaaaaaaaaaaaaaaa")), &["password"]),
        (with("password", json!("bertabertaberta")), &["password"]),
        (with("password", json!("berta berta berta")), &["password"]),
        (with("password", json!("Berta-Berta-2026!")), &["password"]),
        (
            with("password", json!("123456 123456 123456")),
            &["password"],
        ),
        (with("password", json!("password password")), &["password"]),
        (with("password", json!("Menshen-2026!!")), &["password"]),
        (with("password", json!(long(129))), &["password"]),
        (with("password", json!(["x"])), &["password"]),
        (with("nickname", json!(long(51))), &["nickname"]),
        (with("phone", json!("12-34")), &["phone"]),
        (with("phone", json!(13_800_000_000_i64)), &["phone"]),
        (with("email", json!("nobody")), &["email"]),
        (with("sex", json!("3")), &["sex"]),
        (with("sex", json!(1)), &["sex"]),
        (with("roleIds", json!("1")), &["roleIds"]),
        (
            with("mustChangePassword", json!("yes")),
            &["mustChangePassword"],
        ),
        (with("status", json!("9")), &["status"]),
    ];
    for (body, fields) in cases {
        assert_eq!(
            sign_up(&site, body.clone()).await.invalid(),
            *fields,
            "{body}"
        );
        let admin = site.admin().await;
        let answer = admin.post("/user").json(body).await;
        assert_eq!(answer.invalid(), *fields, "{body}");
    }
    let everything_wrong = json!({
        "username": "a b", "password": "x", "phone": "x", "email": "x", "sex": "x",
    });
    assert_eq!(
        sign_up(&site, everything_wrong).await.invalid(),
        ["username", "phone", "email", "sex", "password"],
        "all of them are named at once"
    );
    for body in ["[]", "null", "\"x\"", "{"] {
        let answer = site.anonymous().post("/user").body(body).await;
        assert_eq!(answer.invalid(), ["body"], "{body}");
    }
    let admin = site.admin().await;
    assert_eq!(admin.get("/user/list").await.ok()["total"], 2);
}

pub(crate) async fn a_closed_registration_is_for_administrators(bench: &Bench) {
    let site = bench
        .site_with(|s| s.registration.mode = RegistrationMode::Closed)
        .await;
    let body = json!({ "username": "anna", "password": PASSWORD });
    let told = sign_up(&site, body.clone()).await.fails(403);
    assert_eq!(told["message"], "注册已关闭，请联系管理员");
    // Whether the name is taken is not to be learnt either.
    let taken = json!({ "username": "root", "password": "x" });
    assert_eq!(sign_up(&site, taken).await.fails(403), told);
    let register = json!({ "LoginCode": "anna", "Password": PASSWORD, "UserName": "Anna" });
    let refused = site.anonymous().post("/api/register").json(&register);
    let refused = refused.await.fails(403);
    assert_eq!(refused["errorMessage"], told["message"]);
    let person = site.person("plain", &[]).await;
    let refused = person.caller.post("/user").json(&body).await;
    refused.lacks(&["system:user:add"]);
    site.add_user(body).await;
}

pub(crate) async fn req14_sign_ups_are_limited_by_address(bench: &Bench) {
    let site = bench.site_with(|s| s.registration.per_hour = 2).await;
    for name in ["anna", "berta"] {
        let body = json!({ "username": name, "password": PASSWORD });
        sign_up(&site, body).await.is(201);
    }
    let body = json!({ "username": "clara", "password": PASSWORD });
    let refused = sign_up(&site, body.clone()).await;
    refused.fails(429);
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{wait}");
    site.add_user(body).await;
}

pub(crate) async fn a_bad_token_is_no_sign_up(bench: &Bench) {
    let site = bench.site().await;
    let body = json!({ "username": "anna", "password": PASSWORD });
    site.bearer("x").post("/user").json(&body).await.no_token();
    let person = site.person("gone", &[]).await;
    person.caller.post("/auth/logout").await.ok();
    let answer = person.caller.post("/user").json(&body).await;
    answer.no_token();
}

pub(crate) async fn an_administrator_makes_users_with_all_fields(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let role = site.person("other", &["system:user:list"]).await.role;
    let id = site
        .add_user(json!({
            "username": " anna ",
            "password": PASSWORD,
            "nickname": "安娜",
            "avatar": "https://example.com/a.png",
            "phone": "13800000000",
            "email": "Anna@Example.com",
            "sex": "1",
            "status": "1",
            "dept_id": 3,
            "remark": "试用",
            "roleIds": [role, 1, role],
        }))
        .await;
    let kept = user(&site, id).await;
    assert_eq!(
        minus(&kept, &["createTime"]),
        json!({
            "userId": id, "username": "anna", "nickname": "安娜", "password": "",
            "avatar": "https://example.com/a.png", "phone": "13800000000",
            "email": "Anna@Example.com", "sex": "1", "status": "1", "loginIp": "",
            "loginDate": "", "createBy": 1, "updateBy": "", "updateTime": "", "remark": "试用",
            "deptId": 3, "deptName": "平台组", "roles": ["role-other", "admin"],
            "roleIds": [role, 1],
        })
    );
    is_now(&site, &kept["createTime"], 8);
    let admin = site.admin().await;
    for (field, value) in [
        ("roleIds", json!([999])),
        ("deptId", json!(99)),
        ("avatar", json!("javascript:alert(1)")),
        ("remark", json!("字".repeat(501))),
    ] {
        let mut body = json!({ "username": "berta", "password": PASSWORD });
        body[field] = value;
        let answer = admin.post("/user").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
    site.try_login("berta", PASSWORD).await.fails(401);
}

pub(crate) async fn req46_whoever_adds_users_gives_no_more_than_she_holds(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let with = |name: &str, roles: Value, dept: Value| json!({ "username": name, "password": PASSWORD, "roleIds": roles, "deptId": dept });
    let adder = site.person("adder", &["system:user:add"]).await;
    let made = |caller: &Caller, body: Value| caller.post("/user").json(&body);
    made(&adder.caller, with("u1", json!([adder.role]), Value::Null))
        .await
        .lacks(&["system:user:bind"]);
    made(&adder.caller, with("u2", json!([]), json!(2)))
        .await
        .is(201);
    let binder = site
        .person_with(
            "binder",
            &["system:user:add", "system:user:bind"],
            json!({ "dataScope": "2", "deptIds": [2] }),
        )
        .await;
    made(&binder.caller, with("u3", json!([1]), json!(2)))
        .await
        .lacks(&["*:*:*"]);
    // A role that shows more than she sees.
    made(&binder.caller, with("u4", json!([adder.role]), json!(2)))
        .await
        .fails(403);
    made(&binder.caller, with("u5", json!([binder.role]), json!(2)))
        .await
        .is(201);
    let outside = made(&binder.caller, with("u6", json!([]), json!(4))).await;
    assert_eq!(outside.invalid(), ["deptId"]);
    // She is in no department, so that there is none to give.
    made(&binder.caller, with("u7", json!([]), Value::Null))
        .await
        .fails(403);
    let names = site
        .texts("SELECT username FROM user_account WHERE username LIKE 'u_' ORDER BY id")
        .await;
    assert_eq!(names, ["u2", "u5"], "nobody else was made");
}

pub(crate) async fn a_user_has_every_field_of_the_document(bench: &Bench) {
    let site = bench.site().await;
    let person = site.person("anna", &[]).await;
    let admin = site.admin().await;
    let change_it = json!({ "remark": "x" });
    change(&admin, person.id, change_it).await.ok();
    let answer = admin.get(&format!("/user/{}", person.id)).await;
    assert_eq!(answer.raw()["msg"], "获取成功");
    let kept = answer.ok();
    let names = keys(&kept);
    assert_eq!(names[..DOCUMENT_C.len()], DOCUMENT_C);
    assert_eq!(names[DOCUMENT_C.len()..], ["deptName", "roles", "roleIds"]);
    assert_eq!(kept["password"], "");
    assert_eq!(kept["createBy"], 1);
    assert_eq!(kept["updateBy"], "1", "a string in the document");
    assert_eq!(kept["loginIp"], "127.0.0.1");
    for time in ["loginDate", "createTime", "updateTime"] {
        is_now(&site, &kept[time], 8);
    }
    assert!(kept["userId"].is_i64());
    admin.get("/user/999").await.fails(404);
    for id in ["0", "-1", "x", "1.5", "9007199254740992", "%00", "%ff"] {
        let path = format!("/user/{id}");
        assert_eq!(admin.get(&path).await.invalid(), ["id"], "{id}");
        let put = admin.put(&path).json(&json!({})).await;
        assert_eq!(put.invalid(), ["id"], "{id}");
        assert_eq!(admin.delete(&path).await.invalid(), ["id"], "{id}");
        let bound = admin.post(&format!("{path}/bind")).json(&json!([])).await;
        assert_eq!(bound.invalid(), ["id"], "{id}");
    }
}

pub(crate) async fn the_documents_own_body_changes_a_user(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let before = user(&site, person.id).await;
    // What document C's client sends back: all it was given, with a few fields changed.
    let body = json!({
        "userId": 999,
        "username": "anna2",
        "nickname": "安娜",
        "password": "",
        "avatar": "/files/a.png",
        "phone": "13800000000",
        "email": "anna@example.com",
        "sex": "0",
        "status": "0",
        "loginIp": "6.6.6.6",
        "loginDate": "1999-01-01 00:00:00",
        "createBy": 999,
        "createTime": "1999-01-01 00:00:00",
        "updateBy": "999",
        "updateTime": "1999-01-01 00:00:00",
        "remark": "新",
    });
    let answer = change(&admin, person.id, body).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    let after = answer.ok();
    assert_eq!(after, user(&site, person.id).await);
    let mut expected = before.clone();
    for (name, value) in [
        ("username", "anna2"),
        ("nickname", "安娜"),
        ("avatar", "/files/a.png"),
        ("phone", "13800000000"),
        ("email", "anna@example.com"),
        ("sex", "0"),
        ("remark", "新"),
        ("updateBy", "1"),
    ] {
        expected[name] = json!(value);
    }
    let when = ["updateTime"];
    assert_eq!(minus(&after, &when), minus(&expected, &when));
    assert!(is_plain_time(&after["updateTime"]).as_str() > "2020");
    site.try_login("anna2", PASSWORD).await.is(200);
    person.caller.get("/test").await.is(204);

    // What is not sent stays, an empty text clears, both spellings are taken.
    let after = change(&admin, person.id, json!({})).await.ok();
    assert_eq!(after["nickname"], "安娜");
    let body = json!({ "nick_name": "x", "nickname": "", "phone": "", "email": null });
    let after = change(&admin, person.id, body).await.ok();
    assert_eq!(after["nickname"], "");
    assert_eq!(after["phone"], "");
    assert_eq!(after["email"], "anna@example.com", "null is not sent");
    site.departments().await;
    let after = change(&admin, person.id, json!({ "dept_id": 4 }))
        .await
        .ok();
    assert_eq!(
        (&after["deptId"], &after["deptName"]),
        (&json!(4), &json!("销售部"))
    );
    let after = change(&admin, person.id, json!({ "nickname": "n" }))
        .await
        .ok();
    assert_eq!(after["deptId"], 4);
    let after = change(&admin, person.id, json!({ "deptId": null }))
        .await
        .ok();
    assert_eq!(after.get("deptId"), None);

    let long = |n: usize| "字".repeat(n);
    let cases: &[(Value, &[&str])] = &[
        (json!({ "username": "" }), &["username"]),
        (json!({ "username": "root" }), &["username"]),
        (json!({ "username": "ROOT " }), &["username"]),
        (json!({ "username": "a b" }), &["username"]),
        (json!({ "username": 5 }), &["username"]),
        (json!({ "nickname": long(51) }), &["nickname"]),
        (json!({ "avatar": "javascript:alert(1)" }), &["avatar"]),
        (json!({ "avatar": "//evil.example/a" }), &["avatar"]),
        (json!({ "phone": "abc" }), &["phone"]),
        (json!({ "email": "abc" }), &["email"]),
        (json!({ "sex": "9" }), &["sex"]),
        (json!({ "status": "9" }), &["status"]),
        (json!({ "status": 1 }), &["status"]),
        (json!({ "deptId": 99 }), &["deptId"]),
        (json!({ "deptId": "1" }), &["deptId"]),
        (json!({ "remark": long(501) }), &["remark"]),
        (json!({ "password": "short" }), &["password"]),
        (json!({ "password": "password1234" }), &["password"]),
        (json!({ "password": long(129) }), &["password"]),
        (json!([]), &["body"]),
        (Value::Null, &["body"]),
    ];
    let unchanged = user(&site, person.id).await;
    for (body, fields) in cases {
        let answer = change(&admin, person.id, body.clone()).await;
        assert_eq!(answer.invalid(), *fields, "{body}");
    }
    assert_eq!(user(&site, person.id).await, unchanged);
    change(&admin, 999, json!({})).await.fails(404);
}

pub(crate) async fn req8_an_administrators_password_lasts_for_one_sign_in(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let new = "staple battery correct";
    change(&admin, person.id, json!({ "password": new }))
        .await
        .ok();
    person.caller.get("/auth/me").await.no_token();
    site.try_login("anna", PASSWORD).await.fails(401);
    let answer = site.try_login("anna", new).await.is(200);
    let caller = site.bearer(answer.raw()["accessToken"].as_str().expect("a token"));
    caller.get("/test").await.fails(403);
    caller.get(&format!("/user/{}", person.id)).await.fails(403);
    // One's own is changed with the current one at hand.
    let own = change(&admin, 1, json!({ "password": new })).await;
    assert_eq!(own.invalid(), ["password"]);
    // It takes a permission of its own.
    let editor = site.person("editor", &["system:user:alter"]).await;
    change(&editor.caller, person.id, json!({ "password": PASSWORD }))
        .await
        .lacks(&["system:user:reset"]);
    let resetter = site
        .person("resetter", &["system:user:alter", "system:user:reset"])
        .await;
    let again = json!({ "password": "another long enough one" });
    change(&resetter.caller, person.id, again).await.ok();
    for row in site.audit().await {
        assert!(!row.contains(new), "{row}");
    }
}

pub(crate) async fn ones_own_record_is_ones_own(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let anna = site.person("anna", &[]).await;
    let berta = site.person("berta", &[]).await;
    let own = anna.caller.get(&format!("/user/{}", anna.id)).await.ok();
    assert_eq!(own["username"], "anna");
    let body = json!({
        "nickname": "安娜", "avatar": "/a.png", "phone": "13800000000",
        "email": "anna@example.com", "sex": "1",
    });
    let after = change(&anna.caller, anna.id, body).await.ok();
    assert_eq!(after["nickname"], "安娜");
    assert_eq!(after["updateBy"], anna.id.to_string());
    // And what the document's client sends beside it, unchanged.
    let mut whole = after.clone();
    whole["sex"] = json!("0");
    assert_eq!(change(&anna.caller, anna.id, whole).await.ok()["sex"], "0");
    for (name, value) in [
        ("username", json!("anna2")),
        ("remark", json!("boss")),
        ("status", json!("1")),
        ("deptId", json!(1)),
    ] {
        let mut body = json!({});
        body[name] = value;
        change(&anna.caller, anna.id, body)
            .await
            .lacks(&["system:user:alter"]);
    }
    let body = json!({ "roleIds": [1], "roles": ["admin"], "permissions": ["*:*:*"] });
    let after = change(&anna.caller, anna.id, body).await.ok();
    assert_eq!(after["roles"], json!([]));
    // Others' are not.
    let other = format!("/user/{}", berta.id);
    anna.caller.get(&other).await.lacks(&["system:user:query"]);
    change(&anna.caller, berta.id, json!({ "nickname": "x" }))
        .await
        .lacks(&["system:user:alter"]);
    change(&anna.caller, 1, json!({ "nickname": "x" }))
        .await
        .lacks(&["system:user:alter"]);
    anna.caller
        .delete(&other)
        .await
        .lacks(&["system:user:remove"]);
    let own = format!("/user/{}", anna.id);
    anna.caller
        .delete(&own)
        .await
        .lacks(&["system:user:remove"]);
    bind(&anna.caller, anna.id, json!([1]))
        .await
        .lacks(&["system:user:bind"]);
    // Whether a user is there is not told to who may not see any.
    anna.caller
        .get("/user/999")
        .await
        .lacks(&["system:user:query"]);
}

pub(crate) async fn req46_whoever_holds_more_is_out_of_reach(bench: &Bench) {
    let site = bench.site().await;
    let manager = site.person("manager", &["system:user:*"]).await;
    let rich = site.person("rich", &["monitor:log:login"]).await;
    let plain = site.person("plain", &[]).await;
    for (id, holds) in [(1, "*:*:*"), (rich.id, "monitor:log:login")] {
        let caller = &manager.caller;
        caller.get(&format!("/user/{id}")).await.ok();
        change(caller, id, json!({ "nickname": "x" }))
            .await
            .lacks(&[holds]);
        change(caller, id, json!({ "status": "1" }))
            .await
            .lacks(&[holds]);
        change(caller, id, json!({ "password": "staple battery correct" }))
            .await
            .lacks(&[holds]);
        bind(caller, id, json!([])).await.lacks(&[holds]);
    }
    let path = format!("/user/{}", rich.id);
    manager
        .caller
        .delete(&path)
        .await
        .lacks(&["monitor:log:login"]);
    change(&manager.caller, plain.id, json!({ "status": "1" }))
        .await
        .ok();
}

pub(crate) async fn a_disabled_user_is_out_at_once(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &["system:role:list"]).await;
    let browser = site.browser("anna").await;
    person.caller.get("/role/list").await.ok();
    browser.get("/role/list").await.ok();
    change(&admin, person.id, json!({ "status": "1" }))
        .await
        .ok();
    person.caller.get("/role/list").await.no_token();
    browser.get("/role/list").await.no_token();
    person.caller.get("/auth/me").await.no_token();
    person.caller.get("/auth/refreshToken").await.no_token();
    site.try_login("anna", PASSWORD).await.fails(401);
    change(&admin, person.id, json!({ "status": "0" }))
        .await
        .ok();
    // What was ended stays ended.
    person.caller.get("/role/list").await.no_token();
    browser.get("/role/list").await.no_token();
    site.try_login("anna", PASSWORD).await.is(200);
}

pub(crate) async fn a_deleted_user_is_gone_but_kept(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let path = format!("/user/{}", person.id);
    let answer = admin.delete(&path).await;
    assert_eq!(answer.raw()["msg"], "删除成功");
    assert_eq!(answer.ok(), Value::Null);
    person.caller.get("/auth/me").await.no_token();
    admin.get(&path).await.fails(404);
    admin.delete(&path).await.fails(404);
    change(&admin, person.id, json!({})).await.fails(404);
    bind(&admin, person.id, json!([])).await.fails(404);
    admin.get("/user/info?username=anna").await.fails(404);
    assert_eq!(admin.get("/user/list").await.ok()["total"], 1);
    site.try_login("anna", PASSWORD).await.fails(401);
    let kept = site
        .texts("SELECT username FROM user_account WHERE deleted_at IS NOT NULL")
        .await;
    assert_eq!(kept, ["anna"], "softly");
    // The name is free again, and the new account is another one.
    let again = site.person("anna", &[]).await;
    assert_ne!(again.id, person.id);
}

pub(crate) async fn the_last_administrator_stays(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    admin.delete("/user/1").await.fails(409);
    change(&admin, 1, json!({ "status": "1" })).await.fails(409);
    bind(&admin, 1, json!([])).await.fails(409);
    admin.get("/role/list").await.ok();
    // Somebody with as many permissions, but not that role.
    let twin = site.person("twin", &["*:*:*"]).await;
    twin.caller.delete("/user/1").await.fails(409);
    change(&twin.caller, 1, json!({ "status": "1" }))
        .await
        .fails(409);
    bind(&twin.caller, 1, json!([twin.role])).await.fails(409);
    // With a second administrator each may go, but not by her own hand.
    let second = site.person("second", &[]).await;
    bind(&admin, second.id, json!([1])).await.ok();
    admin.delete("/user/1").await.fails(409);
    change(&admin, 1, json!({ "status": "1" })).await.fails(409);
    change(&second.caller, 1, json!({ "status": "1" }))
        .await
        .ok();
    // A disabled administrator is none.
    second
        .caller
        .delete(&format!("/user/{}", second.id))
        .await
        .fails(409);
    twin.caller
        .delete(&format!("/user/{}", second.id))
        .await
        .fails(409);
    second.caller.delete("/user/1").await.ok();
}

pub(crate) async fn roles_are_bound(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let a = site.person("first", &["system:role:list"]).await.role;
    let b = site.person("second", &["system:user:list"]).await.role;
    let person = site.person("anna", &[]).await;
    person
        .caller
        .get("/role/list")
        .await
        .lacks(&["system:role:list"]);
    let answer = bind(&admin, person.id, json!([a, b, a])).await;
    assert_eq!(answer.raw()["msg"], "绑定成功");
    assert_eq!(answer.ok(), Value::Null);
    person.caller.get("/role/list").await.ok();
    person.caller.get("/user/list").await.ok();
    assert_eq!(user(&site, person.id).await["roleIds"], json!([a, b]));
    // It replaces.
    bind(&admin, person.id, json!([b])).await.ok();
    person
        .caller
        .get("/role/list")
        .await
        .lacks(&["system:role:list"]);
    person.caller.get("/user/list").await.ok();
    // Unknown ids are all named, and nothing is changed.
    let answer = bind(&admin, person.id, json!([a, 998, 999, -5, 0])).await;
    assert_eq!(answer.invalid(), ["roleIds"]);
    let message = answer.raw()["message"].to_string();
    for id in ["998", "999", "-5", "0"] {
        assert!(message.contains(id), "{message} names {id}");
    }
    assert_eq!(user(&site, person.id).await["roleIds"], json!([b]));
    for (body, field) in [
        ("", "body"),
        ("{}", "body"),
        (r#"{"roleIds":[1]}"#, "body"),
        ("null", "body"),
        ("1", "body"),
        (r#"["1"]"#, "[0]"),
        ("[1.5]", "[0]"),
        ("[null]", "[0]"),
        ("[[1]]", "[0]"),
        ("[99999999999999999999]", "[0]"),
        ("[1,", "body"),
    ] {
        let answer = admin
            .post(&format!("/user/{}/bind", person.id))
            .body(body)
            .await;
        assert_eq!(answer.invalid(), [field], "{body}");
    }
    assert_eq!(user(&site, person.id).await["roleIds"], json!([b]));
    bind(&admin, person.id, json!([])).await.ok();
    assert_eq!(user(&site, person.id).await["roleIds"], json!([]));
    person
        .caller
        .get("/user/list")
        .await
        .lacks(&["system:user:list"]);
    bind(&admin, 999, json!([])).await.fails(404);
}

pub(crate) async fn req46_nobody_binds_what_they_lack(bench: &Bench) {
    let site = bench.site().await;
    let binder = site
        .person("binder", &["system:user:bind", "system:role:list"])
        .await;
    let rich = site
        .person(
            "rich",
            &[
                "system:role:list",
                "monitor:log:login",
                "monitor:log:export",
            ],
        )
        .await;
    let plain = site.person("plain", &[]).await;
    bind(&binder.caller, plain.id, json!([rich.role]))
        .await
        .lacks(&["monitor:log:export", "monitor:log:login"]);
    bind(&binder.caller, plain.id, json!([1]))
        .await
        .lacks(&["*:*:*"]);
    bind(&binder.caller, binder.id, json!([binder.role, 1]))
        .await
        .lacks(&["*:*:*"]);
    assert_eq!(user(&site, plain.id).await["roleIds"], json!([]));
    bind(&binder.caller, plain.id, json!([binder.role]))
        .await
        .ok();
    // A disabled role may be woken later: it counts as well.
    let admin = site.admin().await;
    let path = format!("/role/{}", rich.role);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    bind(&binder.caller, plain.id, json!([rich.role]))
        .await
        .lacks(&["monitor:log:export", "monitor:log:login"]);
}

pub(crate) async fn info_has_every_field_of_the_example(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let body = json!({ "deptId": 1, "email": "admin@example.com" });
    change(&admin, 1, body).await.ok();
    let answer = admin.get("/user/info").await;
    assert_eq!(answer.raw()["msg"], "获取成功");
    let data = answer.ok();
    assert_eq!(keys(&data), ["user"]);
    let mut permissions = vec!["*:*:*"];
    permissions.extend(CATALOGUE.iter().map(|e| e.code));
    permissions.sort_unstable();
    assert_eq!(
        data["user"],
        json!({
            "id": 1,
            "userId": 1,
            "username": "root",
            "nickname": "管理员",
            "avatar": "",
            "email": "admin@example.com",
            "deptId": 1,
            "deptName": "总公司",
            "deptPath": "0,1",
            "roles": ["管理员"],
            "permissions": permissions,
            "dataScope": "1",
            "deptIds": [1, 2, 3, 4],
        })
    );
    let person = site.person("anna", &[]).await;
    let own = person.caller.get("/user/info").await.ok();
    assert_eq!(
        own["user"],
        json!({
            "id": person.id, "userId": person.id, "username": "anna", "nickname": "",
            "avatar": "", "email": "", "deptId": 0, "deptName": "", "deptPath": "",
            "roles": [], "permissions": [], "dataScope": "5", "deptIds": [],
        })
    );
    for name in ["", "anna", "ANNA"] {
        let path = format!("/user/info?username={name}");
        assert_eq!(person.caller.get(&path).await.ok(), own, "{name}");
    }
    person
        .caller
        .get("/user/info?username=root")
        .await
        .lacks(&["system:user:query"]);
    person
        .caller
        .get("/user/info?username=nobody")
        .await
        .lacks(&["system:user:query"]);
    assert_eq!(admin.get("/user/info?username=Anna").await.ok(), own);
    admin.get("/user/info?username=nobody").await.fails(404);
    site.anonymous().get("/user/info").await.no_token();
}

pub(crate) async fn the_data_scope_is_computed_from_all_active_roles(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    change(&admin, person.id, json!({ "deptId": 2 })).await.ok();
    let role = async |key: &str, scope: &str, depts: Value| {
        let body = json!({
            "roleName": key, "roleKey": key, "dataScope": scope, "deptIds": depts,
        });
        admin.post("/role").json(&body).await.ok()["roleId"].clone()
    };
    let all = role("all", "1", json!([])).await;
    let custom = role("custom", "2", json!([4])).await;
    let own = role("own", "3", json!([])).await;
    let below = role("below", "4", json!([])).await;
    let myself = role("self", "5", json!([])).await;
    let disabled = role("disabled", "1", json!([])).await;
    let path = format!("/role/{disabled}");
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    for (roles, scope, depts) in [
        (json!([]), "5", json!([])),
        (json!([disabled]), "5", json!([])),
        (json!([myself]), "5", json!([])),
        (json!([own]), "3", json!([2])),
        (json!([own, myself]), "3", json!([2])),
        (json!([below]), "4", json!([2, 3])),
        (json!([custom]), "2", json!([4])),
        (json!([custom, below]), "2", json!([2, 3, 4])),
        (json!([custom, own, disabled]), "2", json!([2, 4])),
        (json!([all]), "1", json!([1, 2, 3, 4])),
        (json!([all, myself]), "1", json!([1, 2, 3, 4])),
    ] {
        bind(&admin, person.id, roles.clone()).await.ok();
        for caller in [&admin, &person.caller] {
            let info = caller.get("/user/info?username=anna").await.ok();
            assert_eq!(info["user"]["dataScope"], scope, "{roles}");
            assert_eq!(info["user"]["deptIds"], depts, "{roles}");
        }
    }
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let data = caller.get(&format!("/user/list?{query}")).await.ok();
    let list = data["list"].as_array().expect("a list");
    list.iter()
        .map(|u| u["username"].as_str().expect("a name").to_owned())
        .collect()
}

pub(crate) async fn lists_and_records_keep_to_the_data_scope(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let mut ids = std::collections::BTreeMap::new();
    for (name, dept) in [
        ("at-top", Some(1)),
        ("in-rd", Some(2)),
        ("in-platform", Some(3)),
        ("in-sales", Some(4)),
        ("nowhere", None),
    ] {
        let body = json!({ "username": name, "password": PASSWORD, "deptId": dept });
        ids.insert(name, site.add_user(body).await);
    }
    let viewer = site.person("viewer", &["system:user:*"]).await;
    change(&admin, viewer.id, json!({ "deptId": 2 })).await.ok();
    let path = format!("/role/{}", viewer.role);
    for (scope, depts, seen) in [
        (
            "1",
            json!([]),
            vec![
                "root",
                "at-top",
                "in-rd",
                "in-platform",
                "in-sales",
                "nowhere",
                "viewer",
            ],
        ),
        ("2", json!([1, 4]), vec!["at-top", "in-sales", "viewer"]),
        ("2", json!([]), vec!["viewer"]),
        ("3", json!([]), vec!["in-rd", "viewer"]),
        ("4", json!([]), vec!["in-rd", "in-platform", "viewer"]),
        ("5", json!([]), vec!["viewer"]),
    ] {
        let body = json!({ "dataScope": scope, "deptIds": depts });
        admin.put(&path).json(&body).await.ok();
        let caller = &viewer.caller;
        assert_eq!(names(caller, "pageSize=50").await, seen, "scope {scope}");
        let data = caller.get("/user/list?pageSize=1").await.ok();
        assert_eq!(data["total"], seen.len(), "scope {scope}");
        for (name, id) in &ids {
            let record = format!("/user/{id}");
            if seen.contains(name) {
                caller.get(&record).await.ok();
                caller
                    .get(&format!("/user/info?username={name}"))
                    .await
                    .ok();
                change(caller, *id, json!({ "nickname": "n" })).await.ok();
            } else {
                caller.get(&record).await.fails(404);
                caller
                    .get(&format!("/user/info?username={name}"))
                    .await
                    .fails(404);
                change(caller, *id, json!({ "nickname": "n" }))
                    .await
                    .fails(404);
                bind(caller, *id, json!([])).await.fails(404);
                caller.delete(&record).await.fails(404);
            }
        }
        caller.get(&format!("/user/{}", viewer.id)).await.ok();
    }
    // A filter by department is within what is seen.
    let body = json!({ "dataScope": "4" });
    admin.put(&path).json(&body).await.ok();
    assert_eq!(names(&viewer.caller, "deptId=3").await, ["in-platform"]);
    assert_eq!(names(&viewer.caller, "deptId=4").await, [""; 0]);
    assert_eq!(
        names(&admin, "deptId=2").await,
        ["in-rd", "in-platform", "viewer"]
    );
    // Nobody moves a user to where she does not see.
    let moved = change(&viewer.caller, ids["in-rd"], json!({ "deptId": 4 })).await;
    assert_eq!(moved.invalid(), ["deptId"]);
}

pub(crate) async fn users_are_listed_filtered_and_sorted(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let role = site.person("holder", &["system:role:list"]).await.role;
    for (name, nickname, phone, email, status) in [
        ("anna", "安娜 A", "13800000001", "anna@example.com", "0"),
        ("berta", "贝塔 100%", "13800000002", "b@example.org", "1"),
        ("Clara", "", "13900000003", "", "0"),
    ] {
        site.add_user(json!({
            "username": name, "nickname": nickname, "password": PASSWORD, "phone": phone,
            "email": email, "status": status,
        }))
        .await;
    }
    let answer = admin.get("/user/list").await;
    assert_eq!(answer.raw()["msg"], "查询成功");
    let data = answer.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    assert_eq!(data["total"], 5);
    let first = &data["list"][0];
    assert_eq!(*first, user(&site, 1).await, "as the record has it");
    assert_eq!(first["password"], "");
    let everybody = ["root", "holder", "anna", "berta", "Clara"];
    for (query, expected) in [
        ("", &everybody[..]),
        ("pageSize=2", &everybody[..2]),
        ("pageNum=2&pageSize=2", &everybody[2..4]),
        ("page_num=3&page_size=2", &everybody[4..]),
        ("pageNum=0&pageSize=-1", &everybody[..]),
        ("username=A", &["anna", "berta", "Clara"]),
        ("username=clara", &["Clara"]),
        ("nickname=100%25", &["berta"]),
        ("nickname=%E5%AE%89", &["anna"]),
        ("phone=139", &["Clara"]),
        ("email=EXAMPLE.com", &["anna"]),
        ("keyword=example", &["anna", "berta"]),
        ("keyword=1380", &["anna", "berta"]),
        ("keyword=_", &[]),
        ("status=1", &["berta"]),
        ("status=", &everybody[..]),
        ("roleId=1", &["root"]),
        ("status=0&username=a&keyword=138", &["anna"]),
        (
            "sortBy=userId&sortOrder=desc&pageSize=2",
            &["Clara", "berta"],
        ),
        (
            "sortBy=username",
            &["anna", "berta", "Clara", "holder", "root"],
        ),
        (
            "sortBy=username&sortOrder=desc",
            &["root", "holder", "Clara", "berta", "anna"],
        ),
        ("sortBy=createTime&sortOrder=asc", &everybody[..]),
        (
            "sort_by=loginDate&sort_order=desc&pageSize=2",
            &["holder", "root"],
        ),
    ] {
        assert_eq!(names(&admin, query).await, expected, "{query}");
    }
    assert_eq!(names(&admin, &format!("roleId={role}")).await, ["holder"]);
    for (query, field) in [
        ("pageNum=x", "pageNum"),
        ("pageSize=1.5", "pageSize"),
        ("status=2", "status"),
        ("roleId=x", "roleId"),
        ("deptId=x", "deptId"),
        ("sortBy=password_hash", "sortBy"),
        ("sortBy=userId;DROP", "sortBy"),
        ("sortOrder=up", "sortOrder"),
    ] {
        let answer = admin.get(&format!("/user/list?{query}")).await;
        assert_eq!(answer.invalid(), [field], "{query}");
    }
}

pub(crate) async fn users_with_a_password_due_are_listed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let anna = site.person("anna", &[]).await;
    site.person("berta", &[]).await;
    let due = "/user/list?passwordDue=true";
    assert_eq!(admin.get(due).await.ok()["total"], 0);
    let path = format!("/user/{}/password", anna.id);
    admin.put(&path).json(&json!({})).await.ok();
    for (query, expected) in [
        ("passwordDue=true", &["anna"][..]),
        ("password_due=1&status=0", &["anna"]),
        ("passwordDue=true&status=1", &[]),
        ("passwordDue=true&username=berta", &[]),
        ("passwordDue=false", &["root", "anna", "berta"]),
        ("passwordDue=", &["root", "anna", "berta"]),
    ] {
        assert_eq!(names(&admin, query).await, expected, "{query}");
    }
    let wrong = admin.get("/user/list?passwordDue=maybe").await;
    assert_eq!(wrong.invalid(), ["passwordDue"]);
    let file = admin.get("/user/export?passwordDue=true").await.text();
    assert!(file.contains("anna") && !file.contains("berta"), "{file}");
}

pub(crate) async fn req52_changes_of_users_are_in_the_log_without_secrets(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let person = site.person("anna", &[]).await;
    let secret = "staple battery correct";
    change(
        &admin,
        person.id,
        json!({ "password": secret, "remark": "x" }),
    )
    .await
    .ok();
    bind(&admin, person.id, json!([1])).await.ok();
    admin.delete(&format!("/user/{}", person.id)).await.ok();
    sign_up(&site, json!({ "username": "berta", "password": secret }))
        .await
        .is(201);
    let audit = site.audit().await;
    let actions: Vec<&str> = audit
        .iter()
        .filter_map(|row| row.split(' ').next())
        .filter(|action| action.starts_with("user."))
        .collect();
    assert_eq!(
        actions,
        [
            "user.first_administrator",
            "user.create",
            "user.update",
            "user.bind",
            "user.delete",
            "user.sign_up"
        ]
    );
    let changed = audit
        .iter()
        .find(|row| row.starts_with("user.update"))
        .expect("the change");
    assert!(changed.contains(r#""password":"changed""#), "{changed}");
    for row in &audit {
        assert!(!row.contains(secret) && !row.contains(PASSWORD), "{row}");
        assert!(!row.contains("argon2"), "{row}");
    }
}
