//! Who is signed in where: one's own sessions, and everyone's.

use crate::roles::is_plain_time;
use crate::support::{AGENT, Bench, Caller, PASSWORD, Site, Tokens, keys, within_a_second};
use serde_json::{Value, json};

const FIELDS: [&str; 12] = [
    "sessionId",
    "userId",
    "username",
    "kind",
    "ip",
    "userAgent",
    "browser",
    "os",
    "loginTime",
    "lastSeenTime",
    "expireTime",
    "current",
];

async fn own(caller: &Caller) -> Vec<Value> {
    let data = caller.get("/auth/sessions").await.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    let list = data["list"].as_array().expect("a list").clone();
    assert_eq!(data["total"], list.len());
    list
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let data = caller
        .get(&format!("/session/list?pageSize=200&{query}"))
        .await
        .ok();
    let list = data["list"].as_array().expect("a list");
    assert_eq!(data["total"], list.len());
    let mut names: Vec<String> = list
        .iter()
        .map(|s| s["username"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

async fn current(caller: &Caller) -> String {
    let list = own(caller).await;
    let mut here = list.iter().filter(|s| s["current"] == true);
    let id = here.next().expect("the one that asks")["sessionId"].clone();
    assert!(here.next().is_none(), "there is one alone");
    id.as_str().expect("an id").to_owned()
}

async fn is_over(site: &Site, tokens: &Tokens) {
    site.bearer(&tokens.access).get("/auth/me").await.no_token();
    site.anonymous()
        .post("/auth/session")
        .header("x-refresh-token", &tokens.refresh)
        .header("cookie", format!("token={}", tokens.refresh))
        .await
        .no_token();
}

pub(crate) async fn ones_own_sessions_are_listed(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                  (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    site.anonymous()
        .with("user-agent", chrome)
        .post("/auth/login")
        .json(&json!({ "username": "anna", "password": PASSWORD }))
        .await
        .is(200);
    let browser = site.browser("anna").await;
    let list = own(&anna.caller).await;
    assert_eq!(list.len(), 3);
    for session in &list {
        assert_eq!(keys(session), FIELDS);
        assert_eq!(session["username"], "anna");
        assert_eq!(session["userId"], anna.id);
        assert_eq!(session["ip"], "127.0.0.1");
        for time in ["loginTime", "lastSeenTime", "expireTime"] {
            is_plain_time(&session[time]);
        }
    }
    let of = |agent: &str| {
        let found = list.iter().find(|s| s["userAgent"] == agent);
        found.unwrap_or_else(|| panic!("{agent} in {list:?}"))
    };
    assert_eq!(of(chrome)["browser"], "Chrome 131");
    assert_eq!(of(chrome)["os"], "Windows 10");
    assert_eq!(of(AGENT)["browser"], "");
    let kinds: Vec<&Value> = list.iter().map(|s| &s["kind"]).collect();
    assert_eq!(kinds.iter().filter(|k| **k == "browser").count(), 1);
    assert_ne!(current(&browser).await, current(&anna.caller).await);
    let page = anna.caller.get("/auth/sessions?pageNum=2&pageSize=2").await;
    let page = page.ok();
    assert_eq!(
        (&page["total"], page["list"].as_array().map(Vec::len)),
        (&json!(3), Some(1))
    );
}

pub(crate) async fn req33_a_session_of_ones_own_is_ended_at_once(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    let ben = site.person("ben", &[]).await;
    let there = site.login("anna").await;
    let id = current(&site.bearer(&there.access)).await;
    let his = current(&ben.caller).await;
    let done = anna.caller.delete(&format!("/auth/sessions/{id}")).await;
    assert_eq!(done.ok(), Value::Null);
    is_over(&site, &there).await;
    anna.caller.get("/auth/me").await.is(200);
    for gone in [id.as_str(), his.as_str(), "999999", "x", "%00", "%ff", "*"] {
        let path = format!("/auth/sessions/{gone}");
        anna.caller.delete(&path).await.fails(404);
    }
    ben.caller.get("/auth/me").await.is(200);
    // A password that is due does not keep one from ending sessions.
    site.add_user(json!({
        "username": "due", "password": PASSWORD, "mustChangePassword": true,
    }))
    .await;
    let (first, second) = (site.login("due").await, site.login("due").await);
    let due = site.bearer(&first.access);
    assert_eq!(
        due.delete("/auth/sessions").await.ok(),
        json!({ "ended": 1 })
    );
    is_over(&site, &second).await;
    let here = current(&due).await;
    due.delete(&format!("/auth/sessions/{here}")).await.ok();
    is_over(&site, &first).await;
    site.anonymous().get("/auth/sessions").await.no_token();
}

pub(crate) async fn all_other_sessions_are_ended(bench: &Bench) {
    let site = bench.site().await;
    let anna = site.person("anna", &[]).await;
    let other = site.login("anna").await;
    let browser = site.browser("anna").await;
    let done = anna.caller.delete("/auth/sessions").await;
    assert_eq!(done.ok(), json!({ "ended": 2 }));
    is_over(&site, &other).await;
    browser.get("/auth/me").await.no_token();
    assert_eq!(own(&anna.caller).await.len(), 1);
    let done = anna.caller.delete("/auth/sessions").await;
    assert_eq!(done.ok(), json!({ "ended": 0 }));
}

pub(crate) async fn everyones_sessions_are_listed_and_filtered(bench: &Bench) {
    let site = bench.site().await;
    site.person("anna", &[]).await;
    site.person("ben", &[]).await;
    site.browser("anna").await;
    let watcher = site.person("watcher", &["monitor:session:list"]).await;
    let all = ["anna", "ben", "root", "watcher"];
    assert_eq!(names(&watcher.caller, "").await, all);
    assert_eq!(names(&watcher.caller, "username=ANN").await, ["anna"]);
    assert_eq!(names(&watcher.caller, "kind=browser").await, ["anna"]);
    assert_eq!(names(&watcher.caller, "ip=127.0").await, all);
    assert_eq!(names(&watcher.caller, "ip=10.").await, [""; 0]);
    let page = watcher
        .caller
        .get("/session/list?page_num=2&page_size=3")
        .await;
    let page = page.ok();
    assert_eq!(page["total"], 5);
    let list = page["list"].as_array().expect("a list");
    assert_eq!(list.len(), 2);
    assert_eq!(keys(&list[0]), FIELDS);
    let wrong = watcher.caller.get("/session/list?kind=x").await;
    assert_eq!(wrong.invalid(), ["kind"]);
    let wrong = watcher.caller.get("/session/list?pageNum=x").await;
    assert_eq!(wrong.invalid(), ["pageNum"]);
}

pub(crate) async fn everyones_sessions_are_sorted(bench: &Bench) {
    let site = bench.site().await;
    let watcher = site.person("watcher", &["monitor:session:list"]).await;
    for name in ["anna", "ben", "cleo"] {
        site.person(name, &[]).await;
    }
    // The one opened first was seen last, and ends in the middle.
    for (name, seen, ends) in [("anna", 30, 20), ("ben", 20, 30), ("cleo", 10, 10)] {
        site.sql(&format!(
            "UPDATE session SET last_seen_at = last_seen_at + {seen}000000,
                 expires_at = expires_at + {ends}000000
             WHERE user_id = (SELECT id FROM user_account WHERE username = '{name}')"
        ))
        .await;
    }
    for (query, expected) in [
        ("", ["anna", "ben", "cleo"]),
        ("sortOrder=asc", ["cleo", "ben", "anna"]),
        ("sortBy=lastSeenTime", ["cleo", "ben", "anna"]),
        (
            "sortBy=lastSeenTime&sortOrder=desc",
            ["anna", "ben", "cleo"],
        ),
        ("sortBy=loginTime", ["anna", "ben", "cleo"]),
        ("sort_by=loginTime&sort_order=desc", ["cleo", "ben", "anna"]),
        ("sortBy=expireTime", ["cleo", "anna", "ben"]),
        ("sortBy=expireTime&sortOrder=desc", ["ben", "anna", "cleo"]),
    ] {
        let path = format!("/session/list?pageSize=200&{query}");
        let data = watcher.caller.get(&path).await.ok();
        let list = data["list"].as_array().expect("a list");
        let found: Vec<&str> = list
            .iter()
            .filter_map(|s| s["username"].as_str())
            .filter(|name| ["anna", "ben", "cleo"].contains(name))
            .collect();
        assert_eq!(found, expected, "{query}");
    }
    for (query, field) in [("sortBy=ip", "sortBy"), ("sortOrder=up", "sortOrder")] {
        let wrong = watcher.caller.get(&format!("/session/list?{query}")).await;
        assert_eq!(wrong.invalid(), [field], "{query}");
    }
}

pub(crate) async fn req46_sessions_keep_to_scope_and_rank(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let codes = ["monitor:session:list", "monitor:session:revoke"];
    let watcher = site
        .person_with("watcher", &codes, json!({ "dataScope": "4" }))
        .await;
    let (dev, sales) = (
        site.person("dev", &[]).await,
        site.person("sales", &[]).await,
    );
    let boss = site.person("boss", &["system:user:list"]).await;
    for (person, dept) in [(&watcher, 2), (&dev, 3), (&sales, 4), (&boss, 2)] {
        let path = format!("/user/{}", person.id);
        let body = json!({ "deptId": dept });
        site.admin().await.put(&path).json(&body).await.ok();
    }
    assert_eq!(names(&watcher.caller, "").await, ["boss", "dev", "watcher"]);
    let id = async |caller: &Caller| format!("/session/{}", current(caller).await);
    let revoke = async |path: &str| watcher.caller.delete(path).await;
    revoke(&id(&sales.caller).await).await.fails(404);
    revoke(&id(&boss.caller).await)
        .await
        .lacks(&["system:user:list"]);
    let path = id(&dev.caller).await;
    revoke(&path).await.ok();
    dev.caller.get("/auth/me").await.no_token();
    revoke(&path).await.fails(404);
    revoke("/session/nothing").await.fails(404);
    for caller in [&sales.caller, &boss.caller] {
        caller.get("/auth/me").await.is(200);
    }
    let noted = site.audit().await;
    let last = noted.last().expect("an entry");
    assert!(last.starts_with("session.revoke 1 watcher"), "{last}");
    // One's own goes without saying.
    revoke(&id(&watcher.caller).await).await.ok();
    watcher.caller.get("/auth/me").await.no_token();
}

pub(crate) async fn req55_a_session_ended_on_one_node_is_ended_on_the_other(bench: &Bench) {
    let site = bench.site().await;
    let other = site.another_node(|_| {}).await;
    let tokens = site.login("root").await;
    let there = other.bearer(&tokens.access);
    there.get("/auth/me").await.is(200);
    let id = current(&there).await;
    let admin = site.admin().await;
    admin.delete(&format!("/session/{id}")).await.ok();
    within_a_second("ended", async || there.get("/auth/me").await.status == 401).await;
}
