//! Users as a CSV file.

use crate::support::{Answer, Bench, Caller, PASSWORD, Site};
use serde_json::json;

const HEADER: &str =
    "username,nickname,phone,email,sex,status,deptPath,roles,remark,createTime,loginDate,loginIp";

/// The lines of a file that holds no line breaks in its cells, the header left out.
#[track_caller]
pub(crate) fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.text();
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or_else(|| panic!("{answer:?}: no byte order mark"));
    let mut lines = text.split_terminator("\r\n").map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some(HEADER));
    lines.collect()
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let answer = caller.get(&format!("/user/export?{query}")).await;
    let first = |line: String| line.split(',').next().map(str::to_owned);
    lines(&answer).into_iter().filter_map(first).collect()
}

async fn add(site: &Site, name: &str, dept: Option<i64>) {
    let body = json!({ "username": name, "password": PASSWORD, "deptId": dept });
    site.add_user(body).await;
}

pub(crate) async fn an_export_has_all_that_a_list_shows(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    for key in ["b", "a"] {
        let role = json!({ "roleName": key, "roleKey": key, "roleSort": 2 });
        admin.post("/role").json(&role).await.ok();
    }
    let id = site
        .add_user(json!({
            "username": "anna", "password": PASSWORD, "nickname": "安娜, \"A\"",
            "phone": "13800000000", "email": "anna@example.com", "sex": "1", "status": "1",
            "deptId": 3, "roleIds": [2, 3], "remark": "x",
        }))
        .await;
    let answer = admin.get("/user/export?username=anna").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let disposition = answer.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"users-20")
            && disposition.ends_with(".csv\""),
        "{disposition}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let record = admin.get(&format!("/user/{id}")).await.ok();
    let created = record["createTime"].as_str().expect("a time");
    assert_eq!(
        lines(&answer),
        [format!(
            "anna,\"安娜, \"\"A\"\"\",13800000000,anna@example.com,1,1,总公司/研发部/平台组,b;a,x,\
             {created},,"
        )]
    );
    // Somebody who has signed in.
    let record = admin.get("/user/1").await.ok();
    let root = lines(&admin.get("/user/export?username=root").await);
    let when = record["loginDate"].as_str().expect("a time");
    assert!(root[0].ends_with(&format!(",{when},127.0.0.1")), "{root:?}");
    assert!(root[0].contains(",admin,"), "{root:?}");
    let none = admin.get("/user/export?username=nobody").await;
    assert!(lines(&none).is_empty());
    let all = admin.get("/user/export").await.text();
    assert!(!all.contains(PASSWORD) && !all.contains("argon2"), "{all}");
}

pub(crate) async fn req50_formulas_are_escaped_and_come_back(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    site.add_user(json!({
        "username": "=cmd|calc", "password": PASSWORD, "nickname": "@SUM(1)",
        "phone": "+8613800000000", "email": "-x@example.com", "remark": "'=1",
    }))
    .await;
    site.add_user(json!({ "username": "+b", "password": PASSWORD, "nickname": "'plain'" }))
        .await;
    let exported = lines(&admin.get("/user/export?sortOrder=desc&pageSize=1").await);
    assert!(exported[0].starts_with("'+b,'plain',,"), "{exported:?}");
    assert!(
        exported[1].starts_with("'=cmd|calc,'@SUM(1),'+8613800000000,'-x@example.com,"),
        "{exported:?}"
    );
    assert!(exported[1].contains(",''=1,"), "{exported:?}");
}

pub(crate) async fn an_export_is_filtered_and_sorted_as_the_list(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    for (name, dept) in [("anna", Some(2)), ("berta", Some(3)), ("Clara", None)] {
        add(&site, name, dept).await;
    }
    let admin = site.admin().await;
    for (query, expected) in [
        ("", &["root", "anna", "berta", "Clara"][..]),
        ("keyword=A", &["anna", "berta", "Clara"]),
        ("deptId=2", &["anna", "berta"]),
        ("deptId=2&username=b", &["berta"]),
        ("roleId=1&status=0", &["root"]),
        ("status=1", &[]),
        (
            "sortBy=username&sortOrder=desc",
            &["root", "Clara", "berta", "anna"],
        ),
        (
            "sort_by=createTime&pageNum=2&pageSize=1",
            &["root", "anna", "berta", "Clara"],
        ),
    ] {
        assert_eq!(names(&admin, query).await, expected, "{query}");
    }
    for (query, field) in [
        ("status=2", "status"),
        ("sortBy=password", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("deptId=x", "deptId"),
    ] {
        let answer = admin.get(&format!("/user/export?{query}")).await;
        assert_eq!(answer.invalid(), [field], "{query}");
    }
    let answer = admin.post("/user/export").await;
    answer.fails(405);
}

pub(crate) async fn an_export_keeps_to_the_data_scope(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    for (name, dept) in [
        ("top", Some(1)),
        ("rd", Some(2)),
        ("sales", Some(4)),
        ("no", None),
    ] {
        add(&site, name, dept).await;
    }
    let viewer = site.person("viewer", &["system:user:export"]).await;
    let admin = site.admin().await;
    let path = format!("/user/{}", viewer.id);
    admin.put(&path).json(&json!({ "deptId": 2 })).await.ok();
    let role = format!("/role/{}", viewer.role);
    for (scope, depts, expected) in [
        (
            "1",
            json!([]),
            &["root", "top", "rd", "sales", "no", "viewer"][..],
        ),
        ("2", json!([4]), &["sales", "viewer"]),
        ("3", json!([]), &["rd", "viewer"]),
        ("4", json!([]), &["rd", "viewer"]),
        ("5", json!([]), &["viewer"]),
    ] {
        let body = json!({ "dataScope": scope, "deptIds": depts });
        admin.put(&role).json(&body).await.ok();
        assert_eq!(names(&viewer.caller, "").await, expected, "scope {scope}");
    }
    assert_eq!(names(&viewer.caller, "username=root").await, [""; 0]);
    let lister = site.person("lister", &["system:user:list"]).await;
    let answer = lister.caller.get("/user/export").await;
    answer.lacks(&["system:user:export"]);
}

pub(crate) async fn an_export_is_streamed_whole(bench: &Bench) {
    let site = bench.site().await;
    let rows: Vec<String> = (0..1234)
        .map(|n| format!("('user{n}', 'user{n}', 'code{n}', '昵称{n}', {n})"))
        .collect();
    site.sql(&format!(
        "INSERT INTO user_account (username, username_key, user_code, nickname, created_at)
         VALUES {}",
        rows.join(", ")
    ))
    .await;
    let answer = site.admin().await.get("/user/export").await;
    assert_eq!(answer.header("content-length"), "", "written as it is read");
    let exported = lines(&answer);
    assert_eq!(exported.len(), 1235);
    assert!(exported[1234].starts_with("user1233,昵称1233,"));
}

pub(crate) async fn req52_an_export_is_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let exporter = site.person("exporter", &["system:user:export"]).await;
    names(&exporter.caller, "username=EXP&status=0").await;
    let refused = exporter.caller.get("/user/export?status=9").await;
    refused.fails(400);
    let audit = site.audit().await;
    let of: Vec<&String> = audit
        .iter()
        .filter(|r| r.starts_with("user.export"))
        .collect();
    let [entry] = of[..] else {
        panic!("one entry: {of:?}");
    };
    assert!(
        entry.starts_with("user.export 1 exporter | 127.0.0.1"),
        "{entry}"
    );
    assert!(
        entry.contains("\"count\":1") && entry.contains("EXP"),
        "{entry}"
    );
}
