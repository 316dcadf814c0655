//! Departments: a tree that everybody sees and changes as far as her data scope goes.

use crate::roles::{is_now, is_plain_time};
use crate::support::{Bench, Caller, Person, Site, keys, minus, within_a_second};
use serde_json::{Value, json};

/// Every field of a department outside of a tree, in the order of the answer.
const FIELDS: [&str; 14] = [
    "deptId",
    "parentId",
    "deptName",
    "deptPath",
    "path",
    "orderNum",
    "leader",
    "phone",
    "email",
    "status",
    "userCount",
    "inScope",
    "createTime",
    "updateTime",
];

/// Makes a department below `parent` (0: at the top), and gives back its id.
async fn add(caller: &Caller, name: &str, parent: i64) -> i64 {
    let body = json!({ "deptName": name, "parentId": parent });
    let made = caller.post("/dept").json(&body).await.ok();
    made["deptId"].as_i64().expect("an id")
}

/// `总公司 { 研发部 { 平台组 }, 销售部 }`
async fn four(site: &Site) -> [i64; 4] {
    let admin = site.admin().await;
    let company = add(&admin, "总公司", 0).await;
    let dev = add(&admin, "研发部", company).await;
    let platform = add(&admin, "平台组", dev).await;
    let sales = add(&admin, "销售部", company).await;
    [company, dev, platform, sales]
}

async fn dept(site: &Site, id: i64) -> Value {
    let admin = site.admin().await;
    admin.get(&format!("/dept/{id}")).await.ok()
}

/// Names with those below them; those out of scope in brackets.
fn spelled(tree: &Value) -> String {
    let one = |dept: &Value| {
        let name = dept["deptName"].as_str().expect("a name");
        let name = match dept["inScope"] == true {
            true => name.to_owned(),
            false => format!("[{name}]"),
        };
        match spelled(&dept["children"]) {
            below if below.is_empty() => name,
            below => format!("{name}({below})"),
        }
    };
    let all = tree.as_array().expect("a list of branches");
    all.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn tree(caller: &Caller) -> String {
    spelled(&caller.get("/dept").await.ok())
}

async fn listed(caller: &Caller, query: &str) -> Vec<String> {
    let data = caller.get(&format!("/dept/list{query}")).await.ok();
    assert_eq!(keys(&data), ["total", "list"]);
    let list = data["list"].as_array().expect("a list");
    assert_eq!(data["total"], list.len());
    list.iter()
        .map(|d| {
            assert_eq!(keys(d), FIELDS);
            d["deptName"].as_str().expect("a name").to_owned()
        })
        .collect()
}

/// Somebody in a department who may do everything with departments, in this scope.
async fn clerk(site: &Site, name: &str, scope: Value, dept: i64) -> Person {
    let may = ["system:dept:*", "system:user:list"];
    let person = site.person_with(name, &may, scope).await;
    let admin = site.admin().await;
    let body = json!({ "deptId": dept });
    let path = format!("/user/{}", person.id);
    admin.put(&path).json(&body).await.ok();
    person
}

pub(crate) async fn a_department_has_every_field(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let top = add(&admin, "总公司", 0).await;
    let body = json!({
        "parent_id": top, "dept_name": " 研发部 ", "order_num": 3, "leader": "林薇",
        "phone": "13800000000", "email": "dev@example.com", "status": "1",
        "deptId": 999, "path": "0,9", "nothing": true,
    });
    let answer = admin.post("/dept").json(&body).await;
    assert_eq!(answer.raw()["msg"], "新增成功");
    let made = answer.ok();
    assert_eq!(keys(&made), FIELDS);
    let id = made["deptId"].as_i64().expect("an id");
    assert_ne!(id, 999, "ids are ours to give");
    assert_eq!(
        minus(&made, &["createTime"]),
        json!({
            "deptId": id,
            "parentId": top,
            "deptName": "研发部",
            "deptPath": format!("0,{top},{id}"),
            "path": format!("0,{top},{id}"),
            "orderNum": 3,
            "leader": "林薇",
            "phone": "13800000000",
            "email": "dev@example.com",
            "status": "1",
            "userCount": 0,
            "inScope": true,
            "updateTime": "",
        })
    );
    is_now(&site, &made["createTime"], 8);
    assert_eq!(dept(&site, id).await, made);
    assert_eq!(dept(&site, top).await["parentId"], 0);
    let whole = admin.get("/dept").await.ok();
    assert_eq!(whole[0]["children"][0]["children"], json!([]));
    assert_eq!(minus(&whole[0]["children"][0], &["children"]), made);

    let path = format!("/dept/{id}");
    let body = json!({ "leader": null, "sort": 5 });
    let answer = admin.put(&path).json(&body).await;
    assert_eq!(answer.raw()["msg"], "修改成功");
    let changed = answer.ok();
    is_plain_time(&changed["updateTime"]);
    let changing = ["leader", "orderNum", "updateTime"];
    assert_eq!(minus(&changed, &changing), minus(&made, &changing));
    assert_eq!(
        (&changed["leader"], &changed["orderNum"]),
        (&json!(""), &json!(5))
    );
    // What was answered may be sent back as it is.
    let same = admin.put(&path).json(&changed).await.ok();
    assert_eq!(
        minus(&same, &["updateTime"]),
        minus(&changed, &["updateTime"])
    );
}

pub(crate) async fn a_department_is_held_to_its_bounds(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = add(&admin, "总公司", 0).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "deptName": "x" });
        body[name] = value;
        body
    };
    for (body, field) in [
        (json!({}), "deptName"),
        (with("deptName", json!(" ")), "deptName"),
        (with("deptName", json!("字".repeat(51))), "deptName"),
        (with("deptName", json!("a\u{0}b")), "deptName"),
        (with("deptName", json!(5)), "deptName"),
        (with("parentId", json!(9999)), "parentId"),
        (with("parentId", json!(-1)), "parentId"),
        (with("parentId", json!(i64::MAX)), "parentId"),
        (with("parentId", json!("1")), "parentId"),
        (with("orderNum", json!(-1)), "orderNum"),
        (with("orderNum", json!(1_000_001)), "orderNum"),
        (with("leader", json!("x".repeat(51))), "leader"),
        (with("phone", json!("call")), "phone"),
        (with("email", json!("nowhere")), "email"),
        (with("status", json!("2")), "status"),
    ] {
        let answer = admin.post("/dept").json(&body).await;
        assert_eq!(answer.invalid(), [field], "{body}");
        if body != json!({}) {
            let answer = admin.put(&format!("/dept/{id}")).json(&body).await;
            assert_eq!(answer.invalid(), [field], "{body}");
        }
    }
    for path in ["/dept/x", "/dept/0", "/dept/-1", "/dept/1.5"] {
        assert_eq!(admin.get(path).await.invalid(), ["id"], "{path}");
        assert_eq!(admin.delete(path).await.invalid(), ["id"], "{path}");
    }
    admin.get("/dept/9999").await.fails(404);
    admin.put("/dept/9999").json(&json!({})).await.fails(404);
    admin.delete("/dept/9999").await.fails(404);
    assert_eq!(tree(&admin).await, "总公司");
}

pub(crate) async fn siblings_have_names_of_their_own(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [company, dev, platform, sales] = four(&site).await;
    for body in [
        json!({ "deptName": "研发部", "parentId": company }),
        json!({ "deptName": " 总公司 " }),
        json!({ "deptName": "总公司", "parentId": null }),
    ] {
        let taken = admin.post("/dept").json(&body).await.fails(409);
        assert_eq!(taken["errors"][0]["field"], "deptName", "{taken}");
    }
    let path = format!("/dept/{sales}");
    let body = json!({ "deptName": "研发部" });
    admin.put(&path).json(&body).await.fails(409);
    // Elsewhere the name is free, until one is moved there.
    let other = add(&admin, "平台组", sales).await;
    let body = json!({ "parentId": dev });
    let path = format!("/dept/{other}");
    admin.put(&path).json(&body).await.fails(409);
    assert_eq!(dept(&site, platform).await["parentId"], dev);
}

pub(crate) async fn a_moved_department_takes_all_below_along(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [company, dev, platform, sales] = four(&site).await;
    let lin = site.person("lin", &[]).await;
    let to = async |id: i64, parent: Value| {
        let body = json!({ "parentId": parent });
        admin.put(&format!("/dept/{id}")).json(&body).await
    };
    let user = json!({ "deptId": platform });
    admin
        .put(&format!("/user/{}", lin.id))
        .json(&user)
        .await
        .ok();
    let path_of_lin = async || {
        let info = lin.caller.get("/user/info").await.ok();
        info["user"]["deptPath"]
            .as_str()
            .expect("a path")
            .to_owned()
    };
    assert_eq!(path_of_lin().await, format!("0,{company},{dev},{platform}"));

    let moved = to(dev, json!(sales)).await.ok();
    assert_eq!(moved["path"], format!("0,{company},{sales},{dev}"));
    assert_eq!(tree(&admin).await, "总公司(销售部(研发部(平台组)))");
    let deep = format!("0,{company},{sales},{dev},{platform}");
    assert_eq!(path_of_lin().await, deep);
    for (id, parent) in [
        (dev, dev),
        (dev, platform),
        (company, platform),
        (sales, dev),
    ] {
        let refused = to(id, json!(parent)).await.fails(409);
        assert_eq!(refused["errors"][0]["field"], "parentId", "{refused}");
    }
    assert_eq!(path_of_lin().await, deep, "nothing was changed");
    for top in [json!(0), json!(null)] {
        let moved = to(dev, top).await.ok();
        assert_eq!(
            (&moved["parentId"], &moved["path"]),
            (&json!(0), &json!(format!("0,{dev}")))
        );
        assert_eq!(tree(&admin).await, "总公司(销售部) 研发部(平台组)");
        to(dev, json!(company)).await.ok();
    }
    // Not sent, it stays.
    let body = json!({ "orderNum": 1 });
    admin.put(&format!("/dept/{dev}")).json(&body).await.ok();
    assert_eq!(tree(&admin).await, "总公司(销售部 研发部(平台组))");
}

pub(crate) async fn a_tree_has_ten_levels(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let mut at = 0;
    for level in 1..=10 {
        at = add(&admin, &format!("L{level}"), at).await;
    }
    let body = json!({ "deptName": "L11", "parentId": at });
    let refused = admin.post("/dept").json(&body).await.fails(409);
    assert_eq!(refused["errors"][0]["field"], "parentId");
    let side = add(&admin, "side", 0).await;
    let body = json!({ "parentId": at });
    admin
        .put(&format!("/dept/{side}"))
        .json(&body)
        .await
        .fails(409);
}

pub(crate) async fn a_department_in_use_stays(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [company, dev, platform, sales] = four(&site).await;
    let lin = site.person("lin", &[]).await;
    let user = format!("/user/{}", lin.id);
    let body = json!({ "deptId": platform });
    admin.put(&user).json(&body).await.ok();
    assert_eq!(dept(&site, platform).await["userCount"], 1);
    for (id, count) in [
        (company, "2 个下级部门"),
        (dev, "1 个下级部门"),
        (platform, "1 个用户"),
    ] {
        let refused = admin.delete(&format!("/dept/{id}")).await.fails(409);
        let said = refused["message"].as_str().expect("a message");
        assert!(said.contains(count), "{said}: {count}");
    }
    let answer = admin.delete(&format!("/dept/{sales}")).await;
    assert_eq!(answer.raw()["msg"], "删除成功");
    answer.ok();
    admin.delete(&user).await.ok();
    for id in [platform, dev, company] {
        admin.delete(&format!("/dept/{id}")).await.ok();
        admin.get(&format!("/dept/{id}")).await.fails(404);
    }
    assert_eq!(tree(&admin).await, "");
}

pub(crate) async fn departments_are_filtered(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [_, dev, ..] = four(&site).await;
    let body = json!({ "status": "1" });
    admin.put(&format!("/dept/{dev}")).json(&body).await.ok();
    let all = ["总公司", "研发部", "平台组", "销售部"];
    assert_eq!(listed(&admin, "").await, all);
    assert_eq!(listed(&admin, "?deptName=部").await, ["研发部", "销售部"]);
    assert_eq!(listed(&admin, "?dept_name=部&status=0").await, ["销售部"]);
    assert_eq!(listed(&admin, "?status=1").await, ["研发部"]);
    assert_eq!(listed(&admin, "?deptName=%25").await, [""; 0]);
    assert_eq!(listed(&admin, "?status=&deptName=").await, all);
    let bad = admin.get("/dept/list?status=2").await;
    assert_eq!(bad.invalid(), ["status"]);
}

pub(crate) async fn a_disabled_department_is_chosen_for_nobody(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [_, dev, ..] = four(&site).await;
    let lin = clerk(&site, "lin", json!({}), dev).await;
    let han = site.person("han", &[]).await;
    let body = json!({ "status": "1" });
    admin.put(&format!("/dept/{dev}")).json(&body).await.ok();
    let into = json!({ "deptId": dev });
    let answer = admin.put(&format!("/user/{}", han.id)).json(&into).await;
    assert_eq!(answer.invalid(), ["deptId"]);
    let user = json!({ "username": "new", "password": "correct horse battery", "deptId": dev });
    let answer = admin.post("/user").json(&user).await;
    assert_eq!(answer.invalid(), ["deptId"]);
    // Those who are in it are in it, and sign in.
    site.login("lin").await;
    let same = json!({ "deptId": dev, "nickname": "林" });
    let same = admin
        .put(&format!("/user/{}", lin.id))
        .json(&same)
        .await
        .ok();
    assert_eq!(same["deptId"], dev);
}

pub(crate) async fn req46_departments_keep_to_the_data_scope(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [company, dev, platform, sales] = four(&site).await;
    let boss = json!({ "leader": "董事长", "phone": "13900000000" });
    admin
        .put(&format!("/dept/{company}"))
        .json(&boss)
        .await
        .ok();
    let scope = |scope: &str, depts: &[i64]| json!({ "dataScope": scope, "deptIds": depts });
    for (name, role, own, shown, list) in [
        (
            "all",
            scope("1", &[]),
            sales,
            "总公司(研发部(平台组) 销售部)",
            4,
        ),
        (
            "custom",
            scope("2", &[platform, sales]),
            dev,
            "[总公司]([研发部](平台组) 销售部)",
            2,
        ),
        ("own", scope("3", &[]), dev, "[总公司](研发部)", 1),
        ("below", scope("4", &[]), dev, "[总公司](研发部(平台组))", 2),
        ("self", scope("5", &[]), dev, "", 0),
    ] {
        let person = clerk(&site, name, role, own).await;
        let caller = &person.caller;
        assert_eq!(tree(caller).await, shown, "{name}");
        assert_eq!(listed(caller, "").await.len(), list, "{name}");
    }
    let below = site.login("below").await;
    let below = site.bearer(&below.access);
    let top = below.get("/dept").await.ok();
    assert_eq!(top[0]["leader"], "", "whoever leads there is not told");
    for empty in ["phone", "createTime", "updateTime"] {
        assert_eq!(top[0][empty], "", "{empty}");
    }
    let own = &top[0]["children"][0];
    assert_eq!(own["status"], "0");
    assert_ne!(own["createTime"], "");
    for id in [company, sales] {
        let path = format!("/dept/{id}");
        below.get(&path).await.fails(404);
        below
            .put(&path)
            .json(&json!({ "deptName": "x" }))
            .await
            .fails(404);
        below.delete(&path).await.fails(404);
        let body = json!({ "deptName": "x", "parentId": id });
        let answer = below.post("/dept").json(&body).await;
        assert_eq!(answer.invalid(), ["parentId"]);
        let answer = below.put(&format!("/dept/{platform}"));
        let answer = answer.json(&json!({ "parentId": id })).await;
        assert_eq!(answer.invalid(), ["parentId"]);
    }
    let body = json!({ "deptName": "x" });
    below.post("/dept").json(&body).await.fails(403);
    let body = json!({ "parentId": 0 });
    let path = format!("/dept/{platform}");
    below.put(&path).json(&body).await.fails(403);
    assert_eq!(tree(&admin).await, "总公司(研发部(平台组) 销售部)");
    // Within her scope she is free, and sees at once what she made.
    let made = add(&below, "后端组", dev).await;
    below.get(&format!("/dept/{made}")).await.ok();
    assert_eq!(tree(&below).await, "[总公司](研发部(平台组 后端组))");
}

pub(crate) async fn req33_a_move_changes_who_sees_whom_on_every_node(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let [company, dev, platform, sales] = four(&site).await;
    let scope = json!({ "dataScope": "4" });
    let seller = clerk(&site, "seller", scope, sales).await;
    let coder = json!({
        "username": "coder", "password": "correct horse battery", "deptId": platform,
    });
    site.add_user(coder).await;
    let node = site.another_node(|_| {}).await;
    let there = node.bearer(&seller.tokens.access);
    let seen = async |caller: &Caller| {
        let users = caller.get("/user/list").await.ok();
        let info = caller.get("/user/info").await.ok();
        (users["total"].clone(), info["user"]["deptIds"].clone())
    };
    let alone = (json!(1), json!([sales]));
    assert_eq!(seen(&seller.caller).await, alone);
    assert_eq!(seen(&there).await, alone);
    let path = format!("/dept/{dev}");
    let body = json!({ "parentId": sales });
    admin.put(&path).json(&body).await.ok();
    let both = (json!(2), json!([dev, platform, sales]));
    assert_eq!(seen(&seller.caller).await, both, "here at once");
    within_a_second("there", async || seen(&there).await == both).await;
    let body = json!({ "parentId": company });
    admin.put(&path).json(&body).await.ok();
    assert_eq!(seen(&seller.caller).await, alone);
    within_a_second("there again", async || seen(&there).await == alone).await;
}

pub(crate) async fn moves_at_once_leave_a_tree(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let top = add(&admin, "top", 0).await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(add(&admin, &format!("d{n}"), top).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (id, parent) = (ids[n % 6], ids[(n * 5 + 1 + n / 6) % 6]);
        let admin = admin.clone();
        tasks.spawn(async move {
            let body = json!({ "parentId": parent });
            admin.put(&format!("/dept/{id}")).json(&body).await.status
        });
    }
    while let Some(status) = tasks.join_next().await {
        let status = status.expect("no panic");
        assert!(matches!(status, 200 | 409), "{status}");
    }
    let all = admin.get("/dept/list").await.ok();
    let all = all["list"].as_array().expect("a list");
    assert_eq!(all.len(), 7, "every one is still in the tree");
    for dept in all {
        let parent = all.iter().find(|p| p["deptId"] == dept["parentId"]);
        let above = parent.map_or("0", |p| p["path"].as_str().expect("a path"));
        let expected = format!("{above},{}", dept["deptId"]);
        assert_eq!(dept["path"], expected, "paths follow parents");
    }
}

pub(crate) async fn req52_changes_of_departments_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let id = add(&admin, "研发部", 0).await;
    let path = format!("/dept/{id}");
    let body = json!({ "deptName": "开发部" });
    admin.put(&path).json(&body).await.ok();
    admin.delete(&path).await.ok();
    let log = site.audit().await.join("\n");
    for (action, name) in [
        ("dept.create 1 root", "研发部"),
        ("dept.update 1 root", "开发部"),
        ("dept.delete 1 root", "开发部"),
    ] {
        let line = log.lines().find(|l| l.starts_with(action));
        let line = line.unwrap_or_else(|| panic!("{action}: {log}"));
        assert!(line.contains(name), "{line}");
    }
}
