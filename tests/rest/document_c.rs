//! Document C, walked from its first line to its last: every route with every field, status and
//! example that it shows. The numbers of its lines stand before each case; the tables are the
//! document's own. Examples are sent character for character; where one holds placeholders that
//! no server could take (`"email": "string"`), it is read and each of them is named.

use crate::support::{Answer, Bench, Caller, PASSWORD, Site, Tokens};
use crate::tables::conforms;
use serde_json::{Value, json};

/// Most routes' table for 401.
const CODE_AND_MESSAGE: &str = "
    |» code|integer|true|none||none|
    |» message|string|true|none||none|";

/// The table for 401 and 403 of login and renewal.
const WITH_NULL: &str = "
    |» code|integer|true|none||none|
    |» message|string|true|none||none|
    |» data|null|false|none||none|";

/// Asserts the 401 that the document shows for a missing or bad access token (lines 284–291).
async fn wants_a_token(site: &Site, call: impl AsyncFn(&Caller) -> Answer) {
    for caller in [site.anonymous(), site.bearer("bad")] {
        let answer = call(&caller).await;
        answer.no_token();
        let body = answer.raw();
        conforms(CODE_AND_MESSAGE, &body);
        assert_eq!(body["code"], 401);
    }
}

/// Makes a role and gives back its id.
async fn a_role(site: &Site, key: &str) -> i64 {
    let body = json!({ "role_name": key, "role_key": key });
    let made = site.admin().await.post("/role").json(&body).await.ok();
    made["roleId"].as_i64().expect("an id")
}

/// Lines 30–57: `GET /test` → 204, 401, 403.
pub(crate) async fn a_test(bench: &Bench) {
    let site = bench.site().await;
    let answer = site.admin().await.get("/test").await.is(204);
    assert!(answer.body.is_empty());
    wants_a_token(&site, async |caller| caller.get("/test").await).await;
    let due = json!({ "username": "due", "password": PASSWORD, "mustChangePassword": true });
    site.add_user(due).await;
    let due = site.bearer(&site.login("due").await.access);
    due.get("/test").await.fails(403);
}

/// Lines 61–94: `POST /auth/logout`, with either header, both optional → 200, 401.
pub(crate) async fn a_logout(bench: &Bench) {
    let site = bench.site().await;
    let by_access = site.login("root").await;
    let caller = site.bearer(&by_access.access);
    caller.post("/auth/logout").await.ok();
    caller.get("/test").await.fails(401);
    let by_refresh = site.login("root").await;
    let shown = site
        .anonymous()
        .with("x-refresh-token", &by_refresh.refresh);
    shown.post("/auth/logout").await.ok();
    let ended = site.bearer(&by_refresh.access).get("/test").await;
    ended.fails(401);
    wants_a_token(&site, async |caller| caller.post("/auth/logout").await).await;
}

/// Lines 96–186: `POST /auth/login` → 200 with tokens in the headers, 401.
pub(crate) async fn a_login(bench: &Bench) {
    let site = bench.site().await;
    // Lines 114–119, character for character. There is nobody of that password here.
    let example = "{\n  \"username\": \"admin\",\n  \"password\": \"test\"\n}";
    let refused = site.anonymous().post("/auth/login").body(example).await;
    let body = refused.is(401).raw();
    conforms(WITH_NULL, &body);
    assert_eq!(body["data"], Value::Null);

    let answer = site.try_login("root", PASSWORD).await.is(200);
    let body = answer.raw();
    // Lines 163–171. `userId` is a string in the table and a number in the example (line 139):
    // the number stands.
    conforms(
        "
        |» code|integer|true|none||none|
        |» message|string|true|none||none|
        |» data|object|true|none||none|
        |»» token|string|true|none||none|
        |»» userId|integer|true|none||none|",
        &body,
    );
    assert_eq!(body["code"], 200);
    assert_eq!(body["msg"], "登录成功");
    assert_eq!(body["data"]["userId"], 1);
    // Lines 108–110 and 181–186.
    let token = body["data"]["token"].as_str().expect("a token");
    assert_eq!(answer.header("authorization"), format!("Bearer {token}"));
    let refresh = answer.header("x-refresh-token");
    let cookie = answer.cookie("token").expect("the cookie");
    assert!(cookie.starts_with(&format!("token={refresh};")), "{cookie}");
    site.bearer(token).get("/test").await.is(204);
}

/// Lines 188–250: `POST /auth/session` → 204 with new tokens, 401, 403.
pub(crate) async fn a_new_session(bench: &Bench) {
    let site = bench.site().await;
    let shown = |tokens: &Tokens| {
        site.anonymous()
            .with("x-refresh-token", &tokens.refresh)
            .with("cookie", &format!("token={}", tokens.refresh))
    };
    let first = site.login("root").await;
    let answer = shown(&first).post("/auth/session").await.is(204);
    assert!(answer.body.is_empty());
    let second = Tokens::of(&answer);
    assert_ne!(second.refresh, first.refresh);
    assert!(answer.cookie("token").is_some());
    site.bearer(&second.access).get("/test").await.is(204);
    // Lines 198–199: both are required.
    for half in [
        site.anonymous(),
        site.anonymous().with("x-refresh-token", &second.refresh),
        site.anonymous()
            .with("cookie", &format!("token={}", second.refresh)),
    ] {
        let body = half.post("/auth/session").await.fails(401);
        conforms(WITH_NULL, &body);
    }
    // Line 192: another User-Agent is refused, and the refresh token is revoked.
    let stolen = shown(&second).with("user-agent", "another/2.0");
    let body = stolen.post("/auth/session").await.fails(403);
    conforms(WITH_NULL, &body);
    let revoked = shown(&second).post("/auth/session").await;
    assert!(matches!(revoked.status, 401 | 403), "{revoked:?}");
    site.bearer(&second.access).get("/test").await.fails(401);
}

/// The table of a role's answer (lines 304–326), from `data` on.
const ROLE: &str = "
    |» code|integer|true|none||none|
    |» msg|string|true|none||none|
    |» data|object|true|none||none|
    |»» roleId|integer|true|none||none|
    |»» roleName|string|true|none||none|
    |»» roleKey|string|true|none||none|
    |»» roleSort|integer|true|none||none|
    |»» status|string|true|none||none|
    |»» createTime|string|true|none||none|
    |»» remark|string|true|none||none|
    |»» menuIds|[integer]|true|none||none|
    |»» permissions|[string]|true|none||none|
    |»» role_id|integer(int64)|false|none||角色ID|
    |»» role_name|string|false|none||角色名称|
    |»» role_key|string|false|none||角色权限字符串|
    |»» role_sort|integer|false|none||显示顺序|
    |»» create_by|integer(int64)¦null|false|none||创建者|
    |»» create_time|string(date-time)¦null|false|none||创建时间|
    |»» update_by|integer(int64)¦null|false|none||更新者|
    |»» update_time|string(date-time)¦null|false|none||更新时间|
    |» message|string|true|none||none|";

/// Lines 254–333: `GET /role/{roleId}`.
pub(crate) async fn a_role_is_shown(bench: &Bench) {
    let site = bench.site().await;
    let body = site.admin().await.get("/role/1").await.is(200).raw();
    conforms(ROLE, &body);
    assert_eq!(body["msg"], "获取成功");
    // Lines 268–282, but for the time.
    for (field, value) in [
        ("roleId", json!(1)),
        ("roleName", json!("管理员")),
        ("roleKey", json!("admin")),
        ("roleSort", json!(1)),
        ("status", json!("0")),
        ("remark", json!("超级管理员")),
    ] {
        assert_eq!(body["data"][field], value, "{field}");
    }
    // Lines 1292–1301, the model: every field is there, though none must be.
    for field in [
        "role_id",
        "role_name",
        "role_key",
        "role_sort",
        "status",
        "create_by",
        "create_time",
        "update_by",
        "update_time",
        "remark",
    ] {
        assert!(body["data"].get(field).is_some(), "{field}");
    }
    wants_a_token(&site, async |caller| caller.get("/role/1").await).await;
}

/// Lines 335–395: `PUT /role/{roleId}`.
pub(crate) async fn a_role_is_changed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let path = format!("/role/{}", a_role(&site, "auditor").await);
    // Lines 341–352: the codes of the example are nobody's.
    let example = "{\n  \"permission\": [\n    [\n      \"cillum fugiat culpa\"\n    ],\n    [\n      \"amet aliquip minim\"\n    ]\n  ]\n}";
    let refused = admin.put(&path).body(example).await;
    assert_eq!(refused.invalid(), ["permissions"]);
    for code in ["cillum fugiat culpa", "amet aliquip minim"] {
        assert!(refused.text().contains(code), "{refused:?}");
    }
    let real = example
        .replace("cillum fugiat culpa", "system:user:list")
        .replace("amet aliquip minim", "system:role:list");
    let changed = admin.put(&path).body(real).await.ok();
    assert_eq!(
        changed["permissions"],
        json!(["system:role:list", "system:user:list"])
    );
    // Lines 358–363 and 367–370, a field at a time.
    for (field, value) in [
        ("role_name", json!("审计")),
        ("role_key", json!("audit")),
        ("role_sort", json!(7)),
        ("status", json!("1")),
        ("status", json!("0")),
        ("remark", json!("看日志")),
    ] {
        admin.put(&path).json(&json!({ field: value })).await.ok();
        assert_eq!(admin.get(&path).await.ok()[field], value, "{field}");
    }
    admin.put(&path).json(&json!({ "remark": null })).await.ok();
    assert_eq!(admin.get(&path).await.ok()["remark"], "");
    let odd = admin.put(&path).json(&json!({ "status": "2" })).await;
    assert_eq!(odd.invalid(), ["status"]);
    wants_a_token(&site, async |caller| {
        caller.put("/role/1").json(&json!({})).await
    })
    .await;
}

/// Lines 397–430: `DELETE /role/{roleId}`.
pub(crate) async fn a_role_is_deleted(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let path = format!("/role/{}", a_role(&site, "auditor").await);
    wants_a_token(&site, async |caller| caller.delete(&path).await).await;
    admin.delete(&path).await.ok();
    admin.get(&path).await.fails(404);
}

/// Lines 432–487: `POST /role`.
pub(crate) async fn a_role_is_added(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    // Lines 438–446.
    let example = "{\n  \"role_name\": \"string\",\n  \"role_key\": \"string\",\n  \"role_sort\": 0,\n  \"status\": \"0\",\n  \"remark\": \"string\"\n}";
    let made = admin.post("/role").body(example).await;
    let id = made.ok()["roleId"].clone();
    let kept = admin.get(&format!("/role/{id}")).await;
    conforms(ROLE, &kept.raw());
    assert_eq!(kept.ok()["role_key"], "string");
    wants_a_token(&site, async |caller| {
        caller.post("/role").body(example).await
    })
    .await;
}

/// Lines 489–568: `GET /role/list` with a body, which is a JSON string that holds relaxed JSON.
pub(crate) async fn roles_are_listed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for key in ["a", "b", "c", "d"] {
        a_role(&site, key).await;
    }
    // Line 496, character for character.
    let example = r#""{\r\n  pageNum: 1,\r\n  pageSize: 10,\r\n  roleName: \"\",\r\n  roleKey: \"\",\r\n  status: \"\",\r\n}""#;
    let body = admin.get("/role/list").body(example).await.is(200).raw();
    // Lines 545–559.
    conforms(
        "
        |» code|integer|true|none||none|
        |» msg|string|true|none||none|
        |» data|object|true|none||none|
        |»» total|integer|true|none||none|
        |»» list|[object]|true|none||none|
        |»»» roleId|integer|false|none||none|
        |»»» roleName|string|false|none||none|
        |»»» roleKey|string|false|none||none|
        |»»» roleSort|integer|false|none||none|
        |»»» status|string|false|none||none|
        |»»» createTime|string|false|none||none|
        |»»» remark|string|false|none||none|",
        &body,
    );
    // Lines 511–529: five of them, as in the example.
    assert_eq!(body["msg"], "查询成功");
    assert_eq!(body["data"]["total"], 5);
    assert_eq!(body["data"]["list"].as_array().expect("a list").len(), 5);
    // Lines 503–507: each field of the body counts, in the string and in an object alike.
    for (filter, total, shown) in [
        ("{pageNum: 2, pageSize: 3}", 5, 2),
        ("{roleName: 'a'}", 1, 1),
        ("{roleKey: 'adm'}", 1, 1),
        ("{status: '1'}", 0, 0),
    ] {
        let quoted = Value::from(filter).to_string();
        let object = filter
            .replace('\'', "\"")
            .replace("pageNum", "\"pageNum\"")
            .replace("pageSize", "\"pageSize\"")
            .replace("roleName", "\"roleName\"")
            .replace("roleKey", "\"roleKey\"")
            .replace("status", "\"status\"");
        for body in [quoted, object] {
            let found = admin.get("/role/list").body(body.clone()).await.ok();
            assert_eq!(found["total"], total, "{body}");
            let list = found["list"].as_array().expect("a list");
            assert_eq!(list.len(), shown, "{body}");
        }
    }
    wants_a_token(&site, async |caller| {
        caller.get("/role/list").body(example).await
    })
    .await;
}

/// Lines 572–625: `PUT /perm`, with role and permissions in the query.
pub(crate) async fn a_roles_permissions_are_set(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = a_role(&site, "auditor").await;
    let path =
        format!("/perm?roleId={id}&permissions=system:user:list&permissions=system:role:list");
    let body = admin.put(&path).await.is(200).raw();
    conforms(
        "
        |» code|integer|true|none||none|
        |» msg|string|true|none||none|",
        &body,
    );
    assert_eq!(body["code"], 200);
    assert_eq!(body["msg"], "修改成功");
    let role = admin.get(&format!("/role/{id}")).await.ok();
    assert_eq!(
        role["permissions"],
        json!(["system:role:list", "system:user:list"])
    );
    wants_a_token(&site, async |caller| caller.put(&path).await).await;
}

/// The table of both lists of permissions (lines 705–713 and 766–774).
const PERMISSIONS: &str = "
    |» code|integer|true|none||none|
    |» msg|string|true|none||none|
    |» data|object|true|none||none|
    |»» total|integer|true|none||none|
    |»» list|[object]|true|none||none|
    |»»» name|string|true|none||none|
    |»»» permission|string|true|none||none|";

/// Lines 627–720: `GET /perm`.
pub(crate) async fn permissions_are_queried(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    // Lines 633–644: the example is that of another route. Its field is not in this one's table,
    // and so it filters nothing.
    let example = "{\n  \"permission\": [\n    [\n      \"cillum fugiat culpa\"\n    ],\n    [\n      \"amet aliquip minim\"\n    ]\n  ]\n}";
    let body = admin.get("/perm").body(example).await.is(200).raw();
    conforms(PERMISSIONS, &body);
    assert_eq!(body["msg"], "查询成功");
    assert_eq!(body["data"], admin.get("/perm/list").await.ok());
    // Line 650.
    let of_role = admin.get("/perm?roleId=1").await.ok();
    assert_eq!(of_role["list"][0]["permission"], "*:*:*");
    // Lines 652–654.
    for filter in [
        json!({ "code": "user:alt", "name": "", "description": "" }),
        json!({ "code": "", "name": "修改用户", "description": "" }),
    ] {
        let found = admin.get("/perm").json(&filter).await.ok();
        assert_eq!(
            found["list"],
            json!([{ "name": "修改用户", "permission": "system:user:alter" }]),
            "{filter}"
        );
    }
    let none = json!({ "description": "nothing is described like this" });
    assert_eq!(admin.get("/perm").json(&none).await.ok()["total"], 0);
    wants_a_token(&site, async |caller| caller.get("/perm").await).await;
}

/// Lines 722–781: `GET /perm/list`.
pub(crate) async fn permissions_are_listed(bench: &Bench) {
    let site = bench.site().await;
    let body = site.admin().await.get("/perm/list").await.is(200).raw();
    conforms(PERMISSIONS, &body);
    let list = body["data"]["list"].as_array().expect("a list");
    assert_eq!(body["data"]["total"], list.len());
    // Lines 738–745: both of the example are there, named like this.
    for item in [
        json!({ "name": "修改用户", "permission": "system:user:alter" }),
        json!({ "name": "添加用户", "permission": "system:user:add" }),
    ] {
        assert!(list.contains(&item), "{item}");
    }
    wants_a_token(&site, async |caller| caller.get("/perm/list").await).await;
}

/// Lines 785–846: `POST /user` → 201, 400.
pub(crate) async fn anybody_signs_up(bench: &Bench) {
    let site = bench.site().await;
    // Lines 791–796: its password is one that everybody would try.
    let example = "{\n  \"username\": \"string\",\n  \"password\": \"string\"\n}";
    let refused = site.anonymous().post("/user").body(example).await;
    assert_eq!(refused.invalid(), ["password"]);
    conforms(
        "
        |» code|integer|true|none||none|
        |» message|string|true|none||none|
        |» data|null|true|none||none|",
        &refused.raw(),
    );
    let body = json!({ "username": "string", "password": PASSWORD });
    let made = site.anonymous().post("/user").json(&body).await.is(201);
    conforms(
        "
        |» code|integer|true|none||none|
        |» message|string|true|none||none|
        |» data|object|true|none||none|
        |»» id|integer|true|none||none|
        |»» username|string|true|none||none|",
        &made.raw(),
    );
    assert_eq!(made.raw()["data"]["username"], "string");
    site.login("string").await;
}

/// The table of a user's answer (lines 896–916).
const USER: &str = "
    |» code|integer|true|none||none|
    |» message|string|true|none||none|
    |» data|object|true|none||none|
    |»» userId|integer|true|none||none|
    |»» username|string|true|none||none|
    |»» nickname|string|false|none||none|
    |»» password|string|true|none||none|
    |»» avatar|string|false|none||none|
    |»» phone|string|false|none||none|
    |»» email|string|false|none||none|
    |»» sex|string|false|none||none|
    |»» status|string|true|none||状态|
    |»» loginIp|string|false|none||none|
    |»» loginDate|string|false|none||none|
    |»» createBy|integer|false|none||none|
    |»» createTime|string|false|none||none|
    |»» updateBy|string|false|none||none|
    |»» updateTime|string|false|none||none|
    |»» remark|string|false|none||none|";

/// Lines 848–923: `GET /user/{uid}`, and the model of lines 1198–1239.
pub(crate) async fn a_user_is_shown(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let made = site
        .add_user(json!({ "username": "lin.wei", "password": PASSWORD }))
        .await;
    for id in [1, made] {
        let body = admin.get(&format!("/user/{id}")).await.is(200).raw();
        conforms(USER, &body);
        assert_eq!(body["data"]["userId"], id);
        assert_eq!(body["data"]["password"], "", "never shown");
    }
    // Whom somebody made, the administrator for one, has every field of the model.
    let user = admin.get(&format!("/user/{made}")).await.ok();
    for row in USER.lines().filter(|l| l.contains("»»")) {
        let name = row.trim().trim_matches('|').split('|').next();
        let name = name.map(|n| n.trim_start_matches('»').trim());
        let name = name.expect("a name");
        assert!(user.get(name).is_some(), "{name}: {user}");
    }
    wants_a_token(&site, async |caller| caller.get("/user/1").await).await;
}

/// Lines 925–1008: `PUT /user/{uid}`.
pub(crate) async fn a_user_is_changed(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = site
        .add_user(json!({ "username": "lin.wei", "password": PASSWORD }))
        .await;
    let path = format!("/user/{id}");
    let before = admin.get(&path).await.ok();
    // Lines 931–950.
    let example = r#"{
  "userId": 0,
  "username": "string",
  "nickname": "string",
  "password": "string",
  "avatar": "string",
  "phone": "string",
  "email": "string",
  "sex": "string",
  "status": "string",
  "loginIp": "string",
  "loginDate": "string",
  "createBy": 0,
  "createTime": "string",
  "updateBy": "string",
  "updateTime": "string",
  "remark": "string"
}"#;
    let refused = admin.put(&path).body(example).await.invalid();
    assert!(!refused.is_empty());
    let placeholders = ["avatar", "phone", "email", "sex", "status", "password"];
    assert!(
        refused.iter().all(|f| placeholders.contains(&f.as_str())),
        "{refused:?}"
    );
    assert_eq!(admin.get(&path).await.ok(), before, "nothing was changed");
    // The same with values in the placeholders' stead: lines 958–973, each field.
    let mut body: Value = serde_json::from_str(example).expect("json");
    for (field, value) in [
        ("password", ""),
        ("avatar", "https://example.com/a.gif"),
        ("phone", "13800000000"),
        ("email", "lin.wei@example.com"),
        ("sex", "1"),
        ("status", "0"),
    ] {
        body[field] = value.into();
    }
    admin.put(&path).json(&body).await.ok();
    let after = admin.get(&path).await.ok();
    for field in [
        "username", "nickname", "avatar", "phone", "email", "sex", "status", "remark",
    ] {
        assert_eq!(after[field], body[field], "{field}");
    }
    for field in ["userId", "loginIp", "loginDate", "createBy", "createTime"] {
        assert_eq!(after[field], before[field], "{field} is read-only");
    }
    for field in ["updateBy", "updateTime"] {
        assert_ne!(after[field], body[field], "{field} is read-only");
    }
    let tokens = site.login("string").await;
    site.bearer(&tokens.access).get("/test").await.is(204);
    wants_a_token(&site, async |caller| caller.put(&path).body(example).await).await;
}

/// Lines 1010–1042: `DELETE /user/{uid}`.
pub(crate) async fn a_user_is_deleted(bench: &Bench) {
    let site = bench.site().await;
    let id = site
        .add_user(json!({ "username": "lin.wei", "password": PASSWORD }))
        .await;
    let path = format!("/user/{id}");
    wants_a_token(&site, async |caller| caller.delete(&path).await).await;
    let admin = site.admin().await;
    admin.delete(&path).await.ok();
    admin.get(&path).await.fails(404);
}

/// Lines 1044–1085: `POST /user/{uid}/bind`.
pub(crate) async fn roles_are_bound(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = site
        .add_user(json!({ "username": "lin.wei", "password": PASSWORD }))
        .await;
    let path = format!("/user/{id}/bind");
    // Lines 1050–1054: there is no role 0.
    let refused = admin.post(&path).body("[\n  0\n]").await;
    assert_eq!(refused.status, 400, "{refused:?}");
    refused.is_canonical_error();
    let role = a_role(&site, "auditor").await;
    admin.post(&path).json(&json!([role])).await.ok();
    let user = admin.get(&format!("/user/{id}")).await.ok();
    assert_eq!(user["roleIds"], json!([role]));
    wants_a_token(&site, async |caller| {
        caller.post(&path).json(&json!([1])).await
    })
    .await;
}

/// Lines 1087–1187: `GET /user/info`, one's own and by name.
pub(crate) async fn a_users_info(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let own = admin.get("/user/info").await.is(200).raw();
    conforms(
        "
        |» code|integer|true|none||none|
        |» msg|string|true|none||none|
        |» data|object|true|none||none|
        |»» user|object|true|none||none|
        |»»» id|integer|true|none||none|
        |»»» userId|integer|true|none||none|
        |»»» username|string|true|none||none|
        |»»» nickname|string|true|none||none|
        |»»» avatar|string|true|none||none|
        |»»» email|string|true|none||none|
        |»»» deptId|integer|true|none||none|
        |»»» deptName|string|true|none||none|
        |»»» deptPath|string|true|none||none|
        |»»» roles|[string]|true|none||none|
        |»»» permissions|[string]|true|none||none|
        |»»» dataScope|string|true|none||none|
        |»»» deptIds|[integer]|true|none||none|",
        &own,
    );
    assert_eq!(own["msg"], "获取成功");
    let user = &own["data"]["user"];
    assert_eq!(user["id"], user["userId"]);
    assert_eq!(user["username"], "root");
    assert_eq!(user["roles"], json!(["管理员"]));
    assert_eq!(user["dataScope"], "1");
    assert_eq!(user["deptIds"], json!([1, 2, 3, 4]));
    site.add_user(json!({ "username": "lin.wei", "password": PASSWORD }))
        .await;
    let other = admin.get("/user/info?username=lin.wei").await.ok();
    assert_eq!(other["user"]["username"], "lin.wei");
    wants_a_token(&site, async |caller| caller.get("/user/info").await).await;
}

/// Lines 1248–1263, the template of all answers: `code`, `message`, and an object or null as
/// `data`; and after all of them, `msg` beside `message`.
pub(crate) async fn every_answer_has_the_template(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for path in [
        "/role/1",
        "/role/list",
        "/perm",
        "/perm/list",
        "/user/1",
        "/user/info",
    ] {
        let good = admin.get(path).await.is(200).raw();
        let bad = site.anonymous().get(path).await.is(401).raw();
        for body in [good, bad] {
            conforms(
                "
                |code|integer|true|none||none|
                |message|string|true|none||none|
                |data|object¦null|false|none||none|",
                &body,
            );
            assert_eq!(body["msg"], body["message"]);
        }
    }
}
