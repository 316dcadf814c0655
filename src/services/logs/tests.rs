use super::{Export, MAX_EXPORT};
use crate::Caller;
use crate::exports::PIECE;
use crate::testing::Bench;
use menshen_domain::log::{LogEntry, LogFilter, LogKind};
use menshen_domain::user::{UserChange, UserFilter};
use menshen_domain::{DeptId, Kind, PageRequest, UserId};
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
    let begun = bench.services.logs.export(&admin, LogKind::Login, filter);
    let mut running = begun.await.expect("begun");
    assert_eq!(handed_out(&mut running).await.len(), 1);
    let noted = bench.audit("log.export").await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].target_id.as_deref(), Some("login"));
    assert_eq!(noted[0].detail()["filter"]["username"], "root");
    assert_eq!(noted[0].detail()["entries"], 1);
}

async fn handed_out(export: &mut Export) -> Vec<i64> {
    let mut ids = Vec::new();
    while let Some(piece) = export.next().await.expect("a piece") {
        assert!(piece.len() <= PIECE);
        ids.extend(piece.into_iter().map(|e| e.id));
    }
    ids
}

/// Puts as many copies of the last sign-in into the log.
async fn fill(bench: &Bench, count: usize) {
    let mut tx = bench.db.begin().await.expect("begin");
    let copy = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO audit_log (at, kind, action, success, actor_id, actor_name, session_id, ip,
             user_agent, target_kind, target_id, target_name, detail, request_id, mac)
         SELECT at, kind, action, success, actor_id, actor_name, session_id, ip,
             user_agent, target_kind, target_id, target_name, detail, request_id, mac
         FROM audit_log, n WHERE id = (SELECT MAX(id) FROM audit_log WHERE action = 'sign_in')"
    );
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(copy));
    done.execute(&mut *tx).await.expect("filled");
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn an_export_has_every_entry_once_while_others_are_written() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    fill(&bench, 2 * PIECE + 6).await;
    let begun = bench
        .services
        .logs
        .export(&admin, LogKind::Login, LogFilter::default());
    let mut running = begun.await.expect("begun");
    let mut ids = Vec::new();
    while let Some(piece) = running.next().await.expect("a piece") {
        ids.extend(piece.into_iter().map(|e| e.id));
        fill(&bench, 3).await;
        bench.guess(&bench.client(), "nobody").await;
    }
    assert_eq!(ids.len(), 2 * PIECE + 7);
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first, each once");
}

#[tokio::test]
async fn an_export_that_is_too_long_or_one_too_many_is_refused() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let logs = &bench.services.logs;
    let begin = || logs.export(&admin, LogKind::Login, LogFilter::default());
    let running = (begin().await.expect("one"), begin().await.expect("two"));
    let refused = begin().await.expect_err("a third").kind;
    assert!(matches!(refused, Kind::TooMany { .. }), "{refused:?}");
    // Those of users count as well.
    let users = bench.services.users.export(&admin, UserFilter::default());
    assert_eq!(users.await.expect_err("a fourth").kind, refused);
    drop(running);
    fill(&bench, usize::try_from(MAX_EXPORT).expect("small")).await;
    let refused = begin().await.expect_err("too long");
    assert_eq!(refused.fields[0].field, "beginTime");
    // What was refused has no place.
    let short = LogFilter {
        username: Some("nobody".into()),
        ..LogFilter::default()
    };
    for _ in 0..3 {
        let begun = logs.export(&admin, LogKind::Login, short.clone()).await;
        assert!(handed_out(&mut begun.expect("begun")).await.is_empty());
    }
}

#[tokio::test]
async fn logs_are_leafed_through_by_words_areas_ways_and_days() {
    use crate::logs::Span;
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    bench.role(&admin, "auditor", &["system:role:list"]).await;
    let change = UserChange {
        remark: Some("x".into()),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&admin, lin, change).await.expect("changed");
    let logs = &bench.services.logs;
    let found = async |filter: LogFilter, span: Span| {
        let kind = LogKind::Operation;
        let page = logs.browse(&admin, kind, &filter, &span, ALL).await;
        let page = page.expect("found");
        assert!(!page.more);
        page.list.into_iter().map(|e| e.action).collect::<Vec<_>>()
    };
    let today = || Span {
        range: "today".into(),
        ..Span::default()
    };
    let area = |area: &str| LogFilter {
        area: Some(area.into()),
        ..LogFilter::default()
    };
    assert_eq!(found(area("role"), today()).await, ["role.create"]);
    assert!(found(area("rol"), today()).await.is_empty());
    let text = LogFilter {
        text: Some("LIN".into()),
        ..LogFilter::default()
    };
    assert_eq!(found(text, today()).await[0], "user.update");
    bench.clock.forward(Duration::from_hours(48));
    assert!(found(area("role"), today()).await.is_empty());
    let by = |method: &str| LogFilter {
        method: Some(method.into()),
        ..LogFilter::default()
    };
    for (method, count) in [("password", 1), ("sms", 0)] {
        let (kind, span) = (LogKind::Login, Span::default());
        let page = logs.browse(&admin, kind, &by(method), &span, ALL).await;
        let page = page.expect("found");
        assert_eq!(page.total, count, "{method}");
        assert!(
            page.list
                .iter()
                .all(|e| e.method.as_deref() == Some(method))
        );
    }
}

#[tokio::test]
async fn an_operation_is_shown_to_who_sees_it_in_the_log() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.role(&admin, "auditor", &["system:role:list"]).await;
    let all = read(&bench, &admin, LogKind::Operation, LogFilter::default()).await;
    let made = all
        .iter()
        .find(|e| e.action == "role.create")
        .expect("made");
    let logs = &bench.services.logs;
    let shown = logs.operation(&admin, made.id).await.expect("shown");
    assert_eq!(shown.entry, *made);
    assert!(shown.changes.iter().any(|c| c.field == "permissions"));
    let sees = ["monitor:log:operation"];
    bench.with_permissions(&admin, "han", &sees).await;
    bench.narrow_role(&admin, "only-han", "5").await;
    let han = bench.caller("han").await;
    for (caller, id) in [(&han, made.id), (&admin, 999_999)] {
        let error = logs.operation(caller, id).await.expect_err("none");
        assert_eq!(error.kind, menshen_domain::Kind::NotFound);
    }
    let sign_in = read(&bench, &admin, LogKind::Login, LogFilter::default()).await;
    assert!(
        logs.operation(&admin, sign_in[0].id).await.is_err(),
        "another log"
    );
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

#[tokio::test]
async fn req46_of_users_out_of_sight_nothing_is_told() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, front, sales] = bench.departments().await;
    let change = async |caller: &Caller, user: UserId, change: UserChange| {
        let done = bench.services.users.update(caller, user, change).await;
        done.expect("changed");
    };
    let moved = |dept: DeptId| UserChange {
        dept_id: Some(Some(dept)),
        ..UserChange::default()
    };
    let clerk = bench
        .with_permissions(&admin, "clerk", &["system:user:*"])
        .await;
    change(&admin, clerk.id(), moved(front)).await;
    for (name, dept) in [("near", front), ("gone", front), ("far", sales)] {
        let user = bench.user(name).await;
        change(&admin, user, moved(dept)).await;
        let noted = UserChange {
            remark: Some(format!("note on {name}")),
            ..UserChange::default()
        };
        change(&clerk, user, noted).await;
        if name == "gone" {
            let deleted = bench.services.users.delete(&clerk, user).await;
            deleted.expect("deleted");
        }
    }
    let codes = ["monitor:log:operation"];
    let watcher = bench.with_permissions(&admin, "watcher", &codes).await;
    change(&admin, watcher.id(), moved(dev)).await;
    bench.narrow_role(&admin, "only-watcher", "4").await;
    let watcher = bench.caller("watcher").await;

    let logs = &bench.services.logs;
    let kind = LogKind::Operation;
    let updates = LogFilter {
        action: Some("user.update".into()),
        ..LogFilter::default()
    };
    let entries = read(&bench, &watcher, kind, updates.clone()).await;
    let names: Vec<_> = entries.iter().map(|e| e.target_name.as_deref()).collect();
    assert_eq!(names, [None, Some("gone"), Some("near")]);
    let far = &entries[0];
    assert_eq!((far.detail.as_str(), far.valid), ("{}", true));
    assert!(far.target_id.is_some() && far.actor_name == "clerk");
    assert!(entries[1].detail.contains("note on gone"), "where she was");
    let shown = logs.operation(&watcher, far.id).await.expect("shown");
    assert!(shown.changes.is_empty() && shown.same.is_empty() && shown.facts.is_empty());
    assert!(!shown.json.contains("far"), "{}", shown.json);
    let latest = logs.latest(&watcher, kind, 20).await.expect("latest");
    assert!(latest.iter().any(|e| e.id == far.id));
    assert!(latest.iter().all(|e| !e.detail.contains("note on far")));
    let all = read(&bench, &admin, kind, updates).await;
    assert!(all.iter().any(|e| e.detail.contains("note on far")));

    // Nor is she found by her name.
    let count = async |caller: &Caller, filter: LogFilter| {
        let found = read(&bench, caller, kind, filter).await;
        found.iter().filter(|e| e.id == far.id).count()
    };
    let target = |target: &str| LogFilter {
        target: Some(target.into()),
        ..LogFilter::default()
    };
    let text = |text: &str| LogFilter {
        text: Some(text.into()),
        ..LogFilter::default()
    };
    for (filter, found) in [
        (target("far"), 0),
        (text("far"), 0),
        (target("user"), 1),
        (text("clerk"), 1),
    ] {
        assert_eq!(count(&watcher, filter.clone()).await, found, "{filter:?}");
        assert_eq!(count(&admin, filter).await, 1);
    }
}
