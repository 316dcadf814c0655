use crate::Caller;
use crate::testing::Bench;
use menshen_domain::log::{LogEntry, LogFilter, LogKind};
use menshen_domain::user::UserChange;
use menshen_domain::{DeptId, PageRequest, UserId};
use std::time::Duration;

const ALL: PageRequest = PageRequest {
    page_num: 1,
    page_size: 200,
};

async fn read(bench: &Bench, caller: &Caller, kind: LogKind, filter: LogFilter) -> Vec<LogEntry> {
    let found = bench.services.logs.list(caller, kind, &filter, ALL).await;
    let found = found.expect("read");
    assert_eq!(found.total, i64::try_from(found.list.len()).expect("few"));
    found.list
}

async fn sign_ins(bench: &Bench, caller: &Caller, filter: LogFilter) -> Vec<(String, bool)> {
    let entries = read(bench, caller, LogKind::Login, filter).await;
    entries
        .into_iter()
        .map(|e| (e.actor_name, e.success))
        .collect()
}

fn pairs(list: &[(&str, bool)]) -> Vec<(String, bool)> {
    list.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
}

#[tokio::test]
async fn sign_ins_are_read_newest_first_and_filtered() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    let began = bench.services.now();
    bench.clock.forward(Duration::from_secs(60));
    bench.guess(&bench.from("198.51.100.7"), "lin").await;
    bench.clock.forward(Duration::from_secs(60));
    bench.guess(&bench.client(), "nobody").await;
    let issued = bench.sign_in("lin").await;
    let all = read(&bench, &admin, LogKind::Login, LogFilter::default()).await;
    let names: Vec<&str> = all.iter().map(|e| e.actor_name.as_str()).collect();
    assert_eq!(names, ["lin", "nobody", "lin", "root"]);
    assert!(all.iter().all(|e| e.valid), "{all:?}");
    assert!(all.windows(2).all(|w| w[0].at >= w[1].at));
    assert_eq!(all[0].session_id.as_ref(), Some(&issued.session_id));
    assert_eq!(all[1].reason.as_deref(), Some("unknown"));
    assert_eq!((all[1].actor_id, all[2].actor_id.is_some()), (None, true));
    assert_eq!(all[2].reason.as_deref(), Some("password"));
    let by = async |filter| sign_ins(&bench, &admin, filter).await;
    let named = LogFilter {
        username: Some("LI".into()),
        ..LogFilter::default()
    };
    assert_eq!(by(named).await, pairs(&[("lin", true), ("lin", false)]));
    let failed = LogFilter {
        success: Some(false),
        ..LogFilter::default()
    };
    assert_eq!(
        by(failed).await,
        pairs(&[("nobody", false), ("lin", false)])
    );
    let from = LogFilter {
        ip: Some("198.51".into()),
        ..LogFilter::default()
    };
    assert_eq!(by(from).await, pairs(&[("lin", false)]));
    let minute = Duration::from_secs(60);
    let between = LogFilter {
        begin: Some(began + minute),
        end: Some(began + minute),
        ..LogFilter::default()
    };
    assert_eq!(by(between).await, pairs(&[("lin", false)]));
    let other = LogFilter {
        action: Some("sign_out".into()),
        ..LogFilter::default()
    };
    assert_eq!(by(other).await, pairs(&[]));
}

#[tokio::test]
async fn operations_are_found_by_their_target() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let role = bench.role(&admin, "auditor", &["monitor:log:login"]).await;
    let by = async |target: &str| {
        let filter = LogFilter {
            target: Some(target.into()),
            ..LogFilter::default()
        };
        let found = read(&bench, &admin, LogKind::Operation, filter).await;
        found.into_iter().map(|e| e.action).collect::<Vec<_>>()
    };
    assert_eq!(by("role").await, ["role.create"]);
    assert_eq!(by("AUDIT").await, ["role.create"]);
    assert!(
        by(&role.0.to_string())
            .await
            .contains(&"role.create".into())
    );
    assert_eq!(by("%").await, [""; 0]);
}

#[tokio::test]
async fn req52_a_changed_entry_shows() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    bench.sign_in("lin").await;
    for change in [
        "actor_name = 'han'",
        "success = 0",
        "at = at + 1",
        "detail = '{\"reason\":\"password\"}'",
        "ip = '203.0.113.1'",
        "mac = x'00'",
        "kind = 'operation'",
    ] {
        let last = "SELECT MAX(id) FROM audit_log WHERE action = 'sign_in'";
        let copy =
            format!("CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_log WHERE id = ({last})");
        let mut tx = bench.db.begin().await.expect("begin");
        for statement in [
            copy,
            format!("UPDATE audit_log SET {change} WHERE id = ({last})"),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut *tx)
                .await
                .expect("changed");
        }
        tx.commit().await.expect("commit");
        let mut entries = read(&bench, &admin, LogKind::Login, LogFilter::default()).await;
        entries.extend(read(&bench, &admin, LogKind::Operation, LogFilter::default()).await);
        let forged: Vec<&LogEntry> = entries.iter().filter(|e| !e.valid).collect();
        assert_eq!(forged.len(), 1, "{change}: {forged:?}");
        assert_eq!(forged[0].action, "sign_in");
        let mut tx = bench.db.begin().await.expect("begin");
        for statement in [
            "DELETE FROM audit_log WHERE id = (SELECT id FROM kept)",
            "INSERT INTO audit_log SELECT * FROM kept",
            "DROP TABLE kept",
        ] {
            sqlx::raw_sql(statement)
                .execute(&mut *tx)
                .await
                .expect("put back");
        }
        tx.commit().await.expect("commit");
        let entries = read(&bench, &admin, LogKind::Login, LogFilter::default()).await;
        assert!(entries.iter().all(|e| e.valid), "{change}: put back");
    }
}

#[tokio::test]
async fn req46_logs_keep_to_the_data_scope() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, front, sales] = bench.departments().await;
    let put = async |user: UserId, dept: DeptId| {
        let change = UserChange {
            dept_id: Some(Some(dept)),
            ..UserChange::default()
        };
        let done = bench.services.users.update(&admin, user, change).await;
        done.expect("put there");
    };
    let mut users = Vec::new();
    for (name, dept) in [("below", front), ("beside", sales)] {
        let user = bench.user(name).await;
        put(user, dept).await;
        bench.sign_in(name).await;
        users.push(user);
    }
    bench.guess(&bench.client(), "nobody").await;
    let codes = ["monitor:log:login", "monitor:log:operation"];
    let watcher = bench.with_permissions(&admin, "watcher", &codes).await;
    put(watcher.id(), dev).await;
    bench.narrow_role(&admin, "only-watcher", "4").await;
    let watcher = bench.caller("watcher").await;
    let mut seen = sign_ins(&bench, &watcher, LogFilter::default()).await;
    seen.dedup();
    assert_eq!(seen, pairs(&[("watcher", true), ("below", true)]));
    // Whoever was deleted is still where she was.
    let done = bench.services.users.delete(&admin, users[0]).await;
    done.expect("deleted");
    let mut still = sign_ins(&bench, &watcher, LogFilter::default()).await;
    still.dedup();
    assert_eq!(still, seen);
    let operations = read(&bench, &watcher, LogKind::Operation, LogFilter::default()).await;
    assert!(
        operations.iter().all(|e| e.actor_name != "root"),
        "{operations:?}"
    );
    let all = sign_ins(&bench, &admin, LogFilter::default()).await;
    for name in ["nobody", "beside", "root"] {
        assert!(all.iter().any(|e| e.0 == name), "{name}: {all:?}");
    }
}

#[tokio::test]
async fn an_export_is_an_entry_itself() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let filter = LogFilter {
        username: Some("root".into()),
        ..LogFilter::default()
    };
    let logs = &bench.services.logs;
    let entries = logs.export(&admin, LogKind::Login, &filter).await;
    assert_eq!(entries.expect("exported").len(), 1);
    let noted = bench.audit("log.export").await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].target_id.as_deref(), Some("login"));
    assert_eq!(noted[0].detail()["filter"]["username"], "root");
    assert_eq!(noted[0].detail()["entries"], 1);
}

#[tokio::test]
async fn what_is_about_somebody_is_told_to_who_may_read_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let han = bench.user("han").await;
    bench.sign_in("lin").await;
    bench.sign_in("han").await;
    bench.guess(&bench.client(), "lin").await;
    let users = &bench.services.users;
    for (id, note) in [(lin, "a"), (lin, "b"), (han, "c")] {
        let change = UserChange {
            remark: Some(note.to_owned()),
            ..UserChange::default()
        };
        bench.clock.forward(Duration::from_secs(1));
        users.update(&admin, id, change).await.expect("changed");
    }
    let logs = &bench.services.logs;
    let found = logs.about(&admin, lin).await.expect("found");
    let done = found.operations.expect("she may");
    let notes: Vec<_> = done
        .iter()
        .map(|e| (e.action.as_str(), e.detail.contains("\"b\"")))
        .collect();
    assert_eq!(notes[..2], [("user.update", true), ("user.update", false)]);
    assert!(
        done.iter()
            .all(|e| e.valid && e.target_id == Some(lin.to_string()))
    );
    let sign_ins = found.sign_ins.expect("she may");
    assert_eq!(sign_ins.len(), 2, "a failed one is hers, too");
    assert!(sign_ins.iter().all(|e| e.actor_name == "lin"));

    let reader = [menshen_domain::catalogue::LOG_LOGIN];
    let reader = bench.with_permissions(&admin, "reader", &reader).await;
    let found = logs.about(&reader, lin).await.expect("found");
    assert!(found.operations.is_none() && found.sign_ins.is_some());
    logs.about(&admin, UserId(999)).await.expect_err("nobody");
}
