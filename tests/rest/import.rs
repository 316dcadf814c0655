//! Users from a CSV file.

use crate::export::lines;
use crate::support::{Answer, Bench, Caller, PASSWORD, Site};
use serde_json::{Value, json};

async fn import(caller: &Caller, query: &str, file: &str) -> Answer {
    caller
        .post(&format!("/user/import?{query}"))
        .plain("text/csv; charset=utf-8", file.to_owned())
        .await
}

async fn user(site: &Site, name: &str) -> Option<Value> {
    let admin = site.admin().await;
    let data = admin.get(&format!("/user/list?username={name}")).await.ok();
    data["list"].get(0).cloned()
}

/// The bad lines of a report: number, and the fields that are wrong.
fn wrong(report: &Value) -> Value {
    let lines = report["lines"].as_array().expect("lines");
    lines
        .iter()
        .map(|line| {
            let errors = line["errors"].as_array().expect("errors");
            let said = |e: &Value| e["message"].as_str().is_some_and(|m| !m.is_empty());
            assert!(errors.iter().all(said), "{line}");
            let fields: Vec<&Value> = errors.iter().map(|e| &e["field"]).collect();
            json!([line["line"], fields])
        })
        .collect()
}

pub(crate) async fn a_file_makes_users(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let role = json!({ "roleName": "r", "roleKey": "reader", "permission": ["system:user:list"] });
    admin.post("/role").json(&role).await.ok();
    let file = "\u{feff}nickname,username,password,deptName,roles,phone\r\n\
        安娜,anna,staple battery correct,研发部,reader,13800000000\r\n\
        ,berta,,,,\r\n";
    let answer = import(&admin, "", file).await;
    let report = answer.ok();
    let password = report["passwords"][0]["password"].as_str();
    let password = password.expect("a password").to_owned();
    assert_eq!(
        report,
        json!({
            "total": 2, "good": 2, "bad": 0, "created": 2, "dryRun": false, "lines": [],
            "passwords": [{ "username": "berta", "password": password }],
        })
    );
    let anna = user(&site, "anna").await.expect("made");
    assert_eq!(anna["nickname"], "安娜");
    assert_eq!(anna["deptName"], "研发部");
    assert_eq!(anna["roles"], json!(["reader"]));
    assert_eq!(anna["phone"], "13800000000");
    assert_eq!(anna["createBy"], 1);
    for (name, password) in [("anna", "staple battery correct"), ("berta", &password)] {
        let answer = site.try_login(name, password).await.is(200);
        let token = answer.raw()["accessToken"].clone();
        let caller = site.bearer(token.as_str().expect("a token"));
        caller.get("/test").await.fails(403);
    }
}

pub(crate) async fn a_form_makes_users(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let form = |name: &str, file: &str| {
        format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n\
             --xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"u.csv\"\r\n\
             Content-Type: application/vnd.ms-excel\r\n\r\n{file}\r\n--xyz--\r\n"
        )
    };
    let send = async |body: String| {
        admin
            .post("/user/import")
            .plain("multipart/form-data; boundary=xyz", body)
            .await
    };
    let report = send(form("file", "username\r\nanna\r\n")).await.ok();
    assert_eq!(report["created"], 1);
    assert!(user(&site, "anna").await.is_some());
    let answer = send(form("files", "username\r\nberta\r\n")).await;
    assert_eq!(answer.invalid(), ["file"]);
    for broken in ["", "--xyz\r\n", "x", "--xyz--", "--xyz\r\nA\r\n\r\n"] {
        let answer = send(broken.to_owned()).await;
        assert_eq!(answer.status, 400, "{broken}: {answer:?}");
        answer.is_canonical_error();
    }
    let unbounded = admin.post("/user/import").plain("multipart/form-data", "x");
    assert_eq!(unbounded.await.invalid(), ["body"]);
}

pub(crate) async fn an_export_can_be_imported(bench: &Bench) {
    let here = bench.site().await;
    let there = bench.site().await;
    for site in [&here, &there] {
        site.departments().await;
        let role = json!({ "roleName": "=r", "roleKey": "reader" });
        site.admin().await.post("/role").json(&role).await.ok();
    }
    for user in [
        json!({
            "username": "=anna", "nickname": "+安娜, \"x\"", "phone": "+8613800000000",
            "email": "'-a@example.com", "sex": "1", "status": "1", "deptId": 3,
            "roleIds": [2], "remark": "'=1\n\t二行; \"'\"", "password": PASSWORD,
        }),
        json!({ "username": "berta", "password": PASSWORD }),
    ] {
        here.add_user(user).await;
    }
    let admin = here.admin().await;
    let file = admin.get("/user/export?sortBy=username").await.text();
    let report = import(&there.admin().await, "partial=1", &file).await.ok();
    // The administrator is there already.
    assert_eq!(wrong(&report), json!([[5, ["username"]]]));
    assert_eq!(report["created"], 2);
    let again = there
        .admin()
        .await
        .get("/user/export?sortBy=username")
        .await;
    let without_times = |text: &str| -> Vec<String> {
        let cut = |line: &str| line.split(",20").next().unwrap_or_default().to_owned();
        text.split("\r\n").map(cut).collect()
    };
    assert_eq!(without_times(&again.text()), without_times(&file));
    assert_eq!(lines(&again).len(), 3);
}

pub(crate) async fn a_bad_line_stops_all_or_is_left_out(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let file = "username,password,phone,deptPath,roles\n\
        anna,,,,\n\
        a b,short,x,没有,nobody\n\
        ANNA,,,,\n\
        root,,,,\n\
        clara\n";
    let bad = json!([
        [3, ["username", "phone", "password", "deptPath", "roles"]],
        [4, ["username"]],
        [5, ["username"]],
        [6, ["line"]],
    ]);
    for (query, dry) in [
        ("", false),
        ("dryRun=true", true),
        ("dryRun", true),
        ("dry_run=1&partial=1", true),
    ] {
        let answer = import(&admin, query, file).await;
        let report = answer.ok();
        assert_eq!(wrong(&report), bad, "{query}");
        let figures = json!([
            report["total"],
            report["good"],
            report["bad"],
            report["created"]
        ]);
        assert_eq!(figures, json!([5, 1, 4, 0]), "{query}");
        assert_eq!(report["dryRun"], dry, "{query}");
        assert_eq!(report["passwords"], json!([]), "{query}");
        assert!(user(&site, "anna").await.is_none(), "{query}");
    }
    let report = import(&admin, "partial=true", file).await.ok();
    assert_eq!(wrong(&report), bad);
    assert_eq!(report["created"], 1);
    assert_eq!(report["passwords"][0]["username"], "anna");
    assert!(user(&site, "anna").await.is_some());
    // In the caller's language.
    let english = admin.clone().with("accept-language", "en");
    let report = import(&english, "dryRun=1", "username\nroot\n").await.ok();
    assert_eq!(report["lines"][0]["errors"][0]["message"], "is taken");
    for query in ["dryRun=perhaps", "partial=2"] {
        let answer = import(&admin, query, file).await;
        assert_eq!(answer.invalid(), [query.split('=').next().expect("a name")]);
    }
}

pub(crate) async fn files_that_are_none_are_refused(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    for (file, fields) in [
        ("", &["file"][..]),
        ("\u{feff}", &["file"]),
        ("\r\n\r\n", &["file"]),
        ("name\nanna", &["name"]),
        (
            "username,is_admin,colour\nanna,1,red",
            &["is_admin", "colour"],
        ),
        ("username,USER_NAME\na,b", &["username"]),
        ("nickname\nanna", &["username"]),
        ("username;password\nanna;x", &["username;password"]),
        ("{\"username\":\"anna\"}", &["{\"username\":\"anna\"}"]),
    ] {
        let answer = import(&admin, "partial=1", file).await;
        assert_eq!(answer.invalid(), fields, "{file:?}");
    }
    let long = (0..1001).fold("username\n".to_owned(), |f, n| f + &format!("user{n}\n"));
    assert_eq!(import(&admin, "", &long).await.invalid(), ["file"]);
    let huge = format!("username\n{}", "x".repeat(1024 * 1024));
    import(&admin, "", &huge).await.fails(413);
    for (media, body) in [
        ("application/json", &b"{}"[..]),
        ("application/x-www-form-urlencoded", b"username"),
        ("", b"username"),
    ] {
        let request = admin.post("/user/import").plain(media, body.to_vec());
        request.await.fails(415);
    }
    let gbk = admin
        .post("/user/import")
        .plain("TEXT/CSV", b"username\n\xd3\xc3\xbb\xa7".to_vec());
    assert_eq!(gbk.await.invalid(), ["file"]);
}

pub(crate) async fn req46_an_import_gives_no_more_than_the_importer_holds(bench: &Bench) {
    let site = bench.site().await;
    site.departments().await;
    let admin = site.admin().await;
    let one = site.person("one", &["system:user:import"]).await;
    let file = "username,roles,deptId\nanna,admin,\n";
    let answer = import(&one.caller, "", file).await;
    answer.lacks(&["system:user:add"]);
    let other = site.person("other", &["system:user:add"]).await;
    let answer = import(&other.caller, "", file).await;
    answer.lacks(&["system:user:import"]);
    let both = ["system:user:import", "system:user:add"];
    let plain = site.person("plain", &both).await;
    let report = import(&plain.caller, "", file).await.ok();
    assert_eq!(wrong(&report), json!([[2, ["roles"]]]));
    let said = report["lines"][0]["errors"][0]["message"].to_string();
    assert!(said.contains("system:user:bind"), "{said}");
    let binder = ["system:user:import", "system:user:add", "system:user:bind"];
    let binder = site
        .person_with("binder", &binder, json!({ "dataScope": "3" }))
        .await;
    let path = format!("/user/{}", binder.id);
    admin.put(&path).json(&json!({ "deptId": 2 })).await.ok();
    let file = "username,roles,deptId\n\
        a1,admin,\na2,role-one,2\na3,role-binder,2\na4,,3\na5,,2\n";
    let report = import(&binder.caller, "partial=1", file).await.ok();
    assert_eq!(
        wrong(&report),
        json!([[2, ["roles"]], [3, ["roles"]], [5, ["deptId"]]])
    );
    let said = report["lines"][0]["errors"][0]["message"].to_string();
    assert!(said.contains("*:*:*"), "{said}");
    assert_eq!(report["created"], 2);
    let made = user(&site, "a3").await.expect("made");
    assert_eq!(made["roles"], json!(["role-binder"]));
    assert_eq!(made["deptId"], 2);
}

pub(crate) async fn req52_an_import_is_in_the_log_without_secrets(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    let file = "username,password\nanna,staple battery correct\nberta,\n";
    import(&admin, "dryRun=1", file).await.ok();
    let report = import(&admin, "", file).await.ok();
    let made_up = report["passwords"][0]["password"].as_str().expect("one");
    let audit = site.audit().await;
    let of = |action: &str| audit.iter().filter(|r| r.starts_with(action)).count();
    assert_eq!((of("user.import "), of("user.create ")), (1, 2));
    for row in &audit {
        assert!(!row.contains("staple") && !row.contains(made_up), "{row}");
    }
}
