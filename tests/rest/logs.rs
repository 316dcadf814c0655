//! The login log and the operation log.

use crate::roles::is_plain_time;
use crate::support::{AGENT, Bench, Caller, PASSWORD, Site, keys, percent};
use menshen_services::settings::CaptchaMode;
use serde_json::{Value, json};

async fn list(caller: &Caller, path: &str) -> Vec<Value> {
    let data = caller.get(path).await.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    data["list"].as_array().expect("a list").clone()
}

async fn login(caller: &Caller, query: &str) -> Vec<Value> {
    list(caller, &format!("/log/login?pageSize=200&{query}")).await
}

async fn operation(caller: &Caller, query: &str) -> Vec<Value> {
    list(caller, &format!("/log/operation?pageSize=200&{query}")).await
}

fn each(entries: &[Value], field: &str) -> Vec<String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    entries.iter().map(|e| text(&e[field])).collect()
}

pub(crate) async fn req52_sign_ins_are_read(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    site.try_login("anna", "wrong").await.is(401);
    site.try_login("nobody\r\nhere", "wrong").await;
    anna.caller.post("/auth/logout").await.is(200);
    let admin = site.admin().await;
    let all = login(&admin, "").await;
    assert_eq!(
        keys(&all[0]),
        [
            "logId",
            "userId",
            "username",
            "ip",
            "userAgent",
            "browser",
            "os",
            "success",
            "status",
            "action",
            "message",
            "reason",
            "loginTime",
            "requestId",
            "sessionId",
            "valid",
        ]
    );
    assert!(all.iter().all(|e| e["valid"] == true), "{all:?}");
    assert!(
        all.windows(2)
            .all(|w| w[0]["logId"].as_i64() > w[1]["logId"].as_i64())
    );
    let out = &all[0];
    assert_eq!(
        (&out["action"], &out["username"]),
        (&json!("sign_out"), &json!("anna"))
    );
    assert_eq!(
        (&out["success"], &out["status"]),
        (&json!(true), &json!("0"))
    );
    assert_eq!(out["userAgent"], AGENT);
    is_plain_time(&out["loginTime"]);
    let wrong = login(&admin, "username=anna&success=false").await;
    assert_eq!(wrong.len(), 1);
    assert_eq!(
        (&wrong[0]["status"], &wrong[0]["reason"]),
        (&json!("1"), &json!("password"))
    );
    assert_eq!(wrong[0]["message"], "密码错误");
    assert_eq!(wrong[0]["userId"], anna.id);
    let english = admin.clone().with("accept-language", "en");
    let wrong = login(&english, "username=anna&status=1").await;
    assert_eq!(wrong[0]["message"], "Wrong password");
    let unknown = login(&admin, "username=nobody").await;
    assert!(unknown.iter().all(|e| e["userId"].is_null()), "{unknown:?}");
    assert_eq!(login(&admin, "action=sign_out").await.len(), 1);
    assert_eq!(login(&admin, "ip=127.0.0.1").await.len(), all.len());
    assert_eq!(login(&admin, "ip=10.9.").await.len(), 0);
}

pub(crate) async fn req52_operations_are_read_with_before_and_after(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let role = json!({ "roleName": "审计", "roleKey": "auditor", "permission": [] });
    let role = admin.post("/role").json(&role).await.ok();
    let path = format!("/role/{}", role["roleId"]);
    admin.put(&path).json(&json!({ "status": "1" })).await.ok();
    let entries = operation(&admin, "action=role.update").await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(
        keys(entry),
        [
            "logId",
            "userId",
            "username",
            "ip",
            "userAgent",
            "browser",
            "os",
            "success",
            "status",
            "action",
            "title",
            "targetKind",
            "targetId",
            "targetName",
            "before",
            "after",
            "detail",
            "createTime",
            "requestId",
            "sessionId",
            "valid",
        ]
    );
    assert_eq!(entry["username"], "root");
    assert_eq!(entry["title"], "修改角色");
    assert_eq!(
        (&entry["targetKind"], &entry["targetName"]),
        (&json!("role"), &json!("auditor"))
    );
    assert_eq!(entry["targetId"], role["roleId"].to_string());
    assert_eq!(
        (&entry["before"]["status"], &entry["after"]["status"]),
        (&json!("0"), &json!("1"))
    );
    assert_eq!(entry["valid"], true);
    is_plain_time(&entry["createTime"]);
    let english = admin.clone().with("accept-language", "en");
    let english = operation(&english, "target=role&action=role.update").await;
    assert_eq!(english[0]["title"], "Edit a role");
    for (target, found) in [("role", 2), ("AUDIT", 2), ("user", 0), ("%", 0)] {
        let query = format!("target={}&username=root", percent(target));
        let entries = operation(&admin, &query).await;
        let roles = entries.iter().filter(|e| e["targetKind"] == "role").count();
        assert_eq!(roles, found, "{target}: {entries:?}");
    }
}

pub(crate) async fn logs_are_narrowed_by_time_in_both_forms(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let entry = login(&admin, "").await[0].clone();
    let plain = entry["loginTime"].as_str().expect("a time").to_owned();
    let zoned = format!("{}+08:00", plain.replace(' ', "T"));
    for time in [plain.clone(), zoned.clone(), plain[..10].to_owned()] {
        let time = percent(&time);
        let query = format!("beginTime={time}&endTime={time}");
        assert!(!login(&admin, &query).await.is_empty(), "{query}");
    }
    for (query, some) in [
        (format!("beginTime={}", percent(&plain)), true),
        ("beginTime=2999-01-01".to_owned(), false),
        ("endTime=2001-01-01+00:00:00".to_owned(), false),
        (
            format!("begin_time=2001-01-01&end_time={}", percent(&zoned)),
            true,
        ),
        ("beginTime=&endTime=".to_owned(), true),
    ] {
        assert_eq!(!login(&admin, &query).await.is_empty(), some, "{query}");
    }
    for field in ["beginTime", "endTime"] {
        for wrong in [
            "x",
            "2026-13-01 00:00:00",
            "2026-01-01T00:00:00",
            "%00",
            "0",
        ] {
            for path in ["/log/login", "/log/operation", "/log/login/export"] {
                let answer = admin
                    .get(&format!("{path}?{field}={}", percent(wrong)))
                    .await;
                assert_eq!(answer.invalid(), [field], "{wrong}");
            }
        }
    }
    let turned = admin.get("/log/login?beginTime=2026-01-02&endTime=2026-01-01");
    assert_eq!(turned.await.invalid(), ["endTime"]);
    for wrong in ["status=2", "success=x", "method=pigeon"] {
        let answer = admin.get(&format!("/log/login?{wrong}")).await;
        assert_eq!(answer.invalid(), [wrong.split('=').next().expect("a name")]);
    }
}

pub(crate) async fn logs_are_sorted_by_time(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    site.person("anna", &[]).await;
    for path in ["/log/login", "/log/operation"] {
        let time = match path {
            "/log/login" => "loginTime",
            _ => "createTime",
        };
        let ids = async |query: &str| {
            let path = format!("{path}?pageSize=200&endTime=2100-01-01&{query}");
            let data = admin.get(&path).await.ok();
            let list = data["list"].as_array().expect("a list").clone();
            let ids = list.iter().map(|entry| entry["logId"].as_i64());
            ids.collect::<Option<Vec<i64>>>().expect("ids")
        };
        let newest = ids("").await;
        assert!(newest.len() > 1);
        assert!(newest.windows(2).all(|w| w[0] > w[1]), "{newest:?}");
        let mut oldest = newest.clone();
        oldest.reverse();
        assert_eq!(ids("sortOrder=desc").await, newest);
        assert_eq!(ids("sortOrder=asc").await, oldest);
        assert_eq!(ids(&format!("sortBy={time}")).await, oldest);
        assert_eq!(
            ids(&format!("sort_by={time}&sort_order=desc")).await,
            newest
        );
        for (query, field) in [("sortBy=username", "sortBy"), ("sortOrder=up", "sortOrder")] {
            let wrong = admin.get(&format!("{path}?{query}")).await;
            assert_eq!(wrong.invalid(), [field], "{query}");
        }
    }
}

pub(crate) async fn req52_a_changed_entry_is_told(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    site.login("root").await;
    let newest = login(&admin, "").await[0]["logId"].clone();
    site.sql(&format!(
        "UPDATE audit_log SET ip = '203.0.113.1' WHERE id = {newest}"
    ))
    .await;
    let all = login(&admin, "").await;
    let forged: Vec<&Value> = all.iter().filter(|e| e["valid"] == false).collect();
    assert_eq!(forged.len(), 1);
    assert_eq!(forged[0]["logId"], newest);
}

pub(crate) async fn req46_logs_keep_to_the_data_scope(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let codes = [
        "monitor:log:login",
        "monitor:log:operation",
        "monitor:log:export",
    ];
    let watcher = site
        .person_with("watcher", &codes, json!({ "dataScope": "4" }))
        .await;
    for (name, dept) in [("dev", 3), ("sales", 4)] {
        let user = json!({ "username": name, "password": PASSWORD, "deptId": dept });
        site.add_user(user).await;
        let own = site.bearer(&site.login(name).await.access);
        let id = own.get("/auth/me").await.raw()["userId"].clone();
        let change = json!({ "nickname": format!("{name} 的昵称") });
        own.put(&format!("/user/{id}")).json(&change).await.ok();
    }
    let path = format!("/user/{}", watcher.id);
    let body = json!({ "deptId": 2 });
    site.admin().await.put(&path).json(&body).await.ok();
    site.try_login("nobody", "wrong").await;
    let distinct = |entries: &[Value]| {
        let mut names = each(entries, "username");
        names.sort();
        names.dedup();
        names
    };
    let seen = login(&watcher.caller, "").await;
    assert_eq!(distinct(&seen), ["dev", "watcher"]);
    let seen = operation(&watcher.caller, "").await;
    assert_eq!(distinct(&seen), ["dev"]);
    let file = watcher.caller.get("/log/login/export").await.is(200).text();
    assert!(file.contains("dev") && !file.contains("sales") && !file.contains("nobody"));
    let all = distinct(&login(&site.admin().await, "").await);
    assert_eq!(all, ["dev", "nobody", "root", "sales", "watcher"]);
}

pub(crate) async fn req46_of_users_out_of_sight_the_log_tells_nothing(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let codes = ["monitor:log:operation", "monitor:log:export"];
    let watcher = site
        .person_with("watcher", &codes, json!({ "dataScope": "4" }))
        .await;
    let codes = ["system:user:alter"];
    let clerk = site
        .person_with("clerk", &codes, json!({ "dataScope": "1" }))
        .await;
    for (id, dept) in [(watcher.id, 2), (clerk.id, 3)] {
        let body = json!({ "deptId": dept });
        admin.put(&format!("/user/{id}")).json(&body).await.ok();
    }
    let mut ids = Vec::new();
    for (name, dept, phone) in [
        ("near-by", 3, "13800138001"),
        ("far-away", 4, "13800138002"),
    ] {
        let user = json!({
            "username": name,
            "password": PASSWORD,
            "deptId": dept,
            "phone": phone,
            "email": format!("{name}@example.com"),
        });
        let id = site.add_user(user).await;
        let path = format!("/user/{id}");
        let change = json!({ "remark": format!("note on {name}") });
        clerk.caller.put(&path).json(&change).await.ok();
        ids.push(id);
    }
    let entries = operation(&watcher.caller, "action=user.update").await;
    assert_eq!(each(&entries, "username"), ["clerk", "clerk"]);
    let (far, near) = (&entries[0], &entries[1]);
    assert_eq!(far["targetKind"], "user");
    assert_eq!(far["targetId"], ids[1].to_string());
    assert_eq!(far["success"], true);
    assert_eq!(far["valid"], true);
    for blank in ["targetName", "before", "after"] {
        assert!(far[blank].is_null(), "{blank}: {far}");
    }
    assert_eq!(far["detail"], json!({}));
    assert_eq!(keys(far), keys(near), "every field is there");
    assert_eq!(near["targetName"], "near-by");
    assert_eq!(near["after"]["remark"], "note on near-by");
    assert_eq!(near["after"]["phone"], "13800138001");

    for (query, found) in [
        ("target=far-away", 0),
        ("text=far-away", 0),
        ("target=near-by", 1),
        ("text=near-by", 1),
        ("target=user", 2),
        ("text=clerk", 2),
    ] {
        let query = format!("action=user.update&{query}");
        let entries = operation(&watcher.caller, &query).await;
        assert_eq!(entries.len(), found, "{query}: {entries:?}");
    }
    let path = "/log/operation/export?action=user.update";
    let file = watcher.caller.get(path).await.is(200).text();
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(file.contains("note on near-by"), "{file}");
    for secret in ["far-away", "13800138002"] {
        assert!(!file.contains(secret), "{secret}: {file}");
    }
    let file = exported(&site, path).await;
    assert!(file.contains("note on far-away"), "{file}");
}

async fn exported(site: &Site, path: &str) -> String {
    let answer = site.admin().await.get(path).await.is(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let disposition = answer.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\""),
        "{disposition}"
    );
    assert!(
        answer.body.starts_with(b"\xef\xbb\xbf"),
        "says that it is UTF-8"
    );
    answer.text()
}

pub(crate) async fn req50_logs_are_exported_with_formulas_escaped(bench: &Bench) {
    // A try that is refused for want of a captcha is none.
    let site = bench
        .site_with(|s| s.captcha.mode = CaptchaMode::Never)
        .await;
    for name in ["=1+1", "@SUM(A1)", "-2+3", "+1", "林薇"] {
        site.try_login(name, "wrong").await.is(401);
    }
    let agent = "=HYPERLINK(\"http://evil.example\")";
    let odd = site.anonymous().with("user-agent", agent);
    let body = json!({ "username": "nobody, \"quoted\"", "password": "wrong" });
    odd.post("/auth/login").json(&body).await.is(401);
    let file = exported(&site, "/log/login/export?success=false").await;
    assert_eq!(file.lines().count(), 7, "{file}");
    assert!(file.contains("logId,loginTime,username"), "{file}");
    for escaped in [
        "'=1+1",
        "'@SUM(A1)",
        "'-2+3",
        "'+1",
        "林薇",
        "\"\"quoted\"\"",
    ] {
        assert!(file.contains(escaped), "{escaped} in {file}");
    }
    for line in file.lines().skip(1) {
        for cell in line.split(',') {
            let cell = cell.trim_start_matches('"');
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{line}");
        }
    }
    let admin = site.admin().await;
    site.add_user(json!({ "username": "=cmd", "password": PASSWORD }))
        .await;
    let file = exported(&site, "/log/operation/export?target=user").await;
    assert!(file.contains("'=cmd"), "{file}");
    let noted = operation(&admin, "action=log.export").await;
    assert_eq!(each(&noted, "targetId"), ["operation", "login"]);
    assert_eq!(noted[1]["detail"]["entries"], 6);
    assert_eq!(noted[1]["title"], "导出日志");
}

pub(crate) async fn an_export_of_a_log_is_streamed_whole(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    // Copies of the last sign-in.
    site.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
         INSERT INTO audit_log (at, kind, action, success, actor_id, actor_name, session_id, ip,
             user_agent, target_kind, target_id, target_name, detail, request_id, mac)
         SELECT at, kind, action, success, actor_id, actor_name, session_id, ip,
             user_agent, target_kind, target_id, target_name, detail, request_id, mac
         FROM audit_log, n WHERE id = (SELECT MAX(id) FROM audit_log WHERE action = 'sign_in')",
    )
    .await;
    let total = admin.get("/log/login").await.ok()["total"].clone();
    let answer = admin.get("/log/login/export").await.is(200);
    assert_eq!(answer.header("content-length"), "", "written as it is read");
    let text = answer.text();
    let ids: Vec<i64> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next()?.parse().ok())
        .collect();
    assert_eq!(json!(ids.len()), total);
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first, each once");
}
