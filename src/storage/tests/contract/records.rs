//! Captchas, counters, signing keys and the audit log.

use crate::access::add_depts;
use crate::site::{NOW, Site, account, add, add_user, later};
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::{Timestamp, UserId};
use menshen_storage::audit::{self, Entry};
use menshen_storage::keys::{self, KeyRow};
use menshen_storage::settings;
use menshen_storage::throttle::Count;
use menshen_storage::users::Account;
use menshen_storage::{Conn, captchas, throttle};
use tokio::task::JoinSet;

pub(crate) async fn captchas_are_taken_once(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    let sealed = [0_u8, 1, 254, 255];
    captchas::insert(&mut tx, "k1", &sealed, NOW, later(120))
        .await
        .expect("insert");
    captchas::insert(&mut tx, "k2", b"other", NOW, later(120))
        .await
        .expect("insert");
    for _ in 0..2 {
        let peeked = captchas::peek(&mut tx, "k1", NOW).await;
        assert_eq!(peeked.expect("peek").as_deref(), Some(&sealed[..]));
    }
    let taken = captchas::take(&mut tx, "k1", NOW).await;
    assert_eq!(taken.expect("take").as_deref(), Some(&sealed[..]));
    assert_eq!(
        captchas::take(&mut tx, "k1", NOW).await.expect("take"),
        None
    );
    assert_eq!(
        captchas::peek(&mut tx, "k1", NOW).await.expect("peek"),
        None
    );
    let other = captchas::take(&mut tx, "k2", NOW).await;
    assert!(other.expect("take").is_some());
}

pub(crate) async fn captchas_are_taken_once_in_parallel(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    captchas::insert(&mut tx, "k", b"answer", NOW, later(120))
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            let taken = captchas::take(&mut tx, "k", NOW).await.expect("take");
            tx.commit().await.expect("commit");
            usize::from(taken.is_some())
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 1);
}

pub(crate) async fn captchas_expire(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for key in ["a", "b", "c"] {
        captchas::insert(&mut tx, key, b"x", NOW, later(120))
            .await
            .expect("insert");
    }
    let in_time = captchas::peek(&mut tx, "a", later(119)).await;
    assert!(in_time.expect("peek").is_some());
    let late = captchas::peek(&mut tx, "a", later(120)).await;
    assert_eq!(late.expect("peek"), None);
    let late = captchas::take(&mut tx, "a", later(120)).await;
    assert_eq!(late.expect("take"), None);
    let spent = captchas::take(&mut tx, "a", NOW).await;
    assert_eq!(spent.expect("take"), None, "spent by coming late");
    captchas::sweep(&mut tx, later(119)).await.expect("sweep");
    let left = captchas::peek(&mut tx, "b", NOW).await;
    assert!(left.expect("peek").is_some());
    captchas::sweep(&mut tx, later(120)).await.expect("sweep");
    for key in ["b", "c"] {
        let gone = captchas::peek(&mut tx, key, NOW).await;
        assert_eq!(gone.expect("peek"), None);
    }
}

async fn hit(conn: &mut Conn, at: i64) -> i64 {
    throttle::hit(conn, "k", later(at), later(at - 60))
        .await
        .expect("hit")
}

pub(crate) async fn failures_are_counted_in_a_row(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for (at, expected) in [(0, 1), (1, 2), (61, 3), (121, 4), (182, 1), (183, 2)] {
        assert_eq!(hit(&mut tx, at).await, expected, "at {at} s");
    }
    let other = throttle::hit(&mut tx, "other", NOW, NOW).await;
    assert_eq!(other.expect("hit"), 1);
    for (since, failures) in [(183, 2), (184, 0)] {
        let count = throttle::get(&mut tx, "k", later(since)).await;
        let count = count.expect("get");
        assert_eq!(count.failures, failures);
    }
    let count = throttle::get(&mut tx, "k", NOW).await.expect("get");
    assert_eq!(count.last_at, later(183).0);
    let none = throttle::get(&mut tx, "nothing", NOW).await.expect("get");
    assert_eq!(none, Count::default());
    throttle::clear(&mut tx, "k").await.expect("clear");
    let count = throttle::get(&mut tx, "k", NOW).await.expect("get");
    assert_eq!(count, Count::default());
    let other = throttle::get(&mut tx, "other", NOW).await.expect("get");
    assert_eq!(other.failures, 1);
}

pub(crate) async fn parallel_failures_are_all_counted(site: &Site) {
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            let count = hit(&mut tx, 0).await;
            tx.commit().await.expect("commit");
            count
        });
    }
    let mut seen = tasks.join_all().await;
    seen.sort_unstable();
    assert_eq!(seen, (1..=50).collect::<Vec<_>>(), "each its own number");
    let mut conn = site.db.read().await.expect("conn");
    let count = throttle::get(&mut conn, "k", NOW).await.expect("get");
    assert_eq!(count.failures, 50);
}

pub(crate) async fn a_window_ends_however_often_it_is_asked_for(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for (at, count, began) in [
        (0, 1, 0),
        (30, 2, 0),
        (59, 3, 0),
        (60, 1, 60),
        (119, 2, 60),
        (300, 1, 300),
    ] {
        let hit = throttle::hit_within(&mut tx, "k", later(at), later(at - 60)).await;
        assert_eq!(hit.expect("hit"), (count, later(began)), "at {at} s");
    }
}

pub(crate) async fn a_count_is_taken_back(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    hit(&mut tx, 0).await;
    hit(&mut tx, 1).await;
    for left in [1, 0, 0] {
        throttle::take_back(&mut tx, "k").await.expect("take back");
        let count = throttle::get(&mut tx, "k", NOW).await.expect("get");
        assert_eq!(count.failures, left);
    }
    throttle::take_back(&mut tx, "nothing")
        .await
        .expect("nothing to take back");
}

pub(crate) async fn old_counters_are_swept(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    hit(&mut tx, 0).await;
    throttle::sweep(&mut tx, NOW).await.expect("sweep");
    let count = throttle::get(&mut tx, "k", NOW).await.expect("get");
    assert_eq!(count.failures, 1);
    throttle::sweep(&mut tx, later(1)).await.expect("sweep");
    let count = throttle::get(&mut tx, "k", NOW).await.expect("get");
    assert_eq!(count, Count::default());
}

fn key(kid: &str, active_at: Timestamp, expires_at: Option<Timestamp>) -> KeyRow {
    KeyRow {
        kid: kid.into(),
        algorithm: "EdDSA".into(),
        private_sealed: vec![0, 255, 1],
        public_jwk: "{\"kty\":\"OKP\"}".into(),
        created_at: NOW.0,
        active_at: active_at.0,
        expires_at: expires_at.map(|t| t.0),
    }
}

pub(crate) async fn keys_are_kept_until_they_expire(site: &Site) {
    let rows = [
        key("old", NOW, Some(later(100))),
        key("b", later(5), None),
        key("a", later(5), None),
        key("next", later(500), None),
    ];
    let mut tx = site.db.begin().await.expect("begin");
    for row in &rows {
        keys::insert(&mut tx, row).await.expect("insert");
    }
    keys::insert(&mut tx, &rows[0]).await.expect_err("a clash");
    drop(tx);
    let mut tx = site.db.begin().await.expect("begin");
    for row in &rows {
        keys::insert(&mut tx, row).await.expect("insert");
    }
    let all = keys::all(&mut tx, later(99)).await.expect("query");
    let kids: Vec<_> = all.iter().map(|k| k.kid.as_str()).collect();
    assert_eq!(kids, ["next", "a", "b", "old"], "the newest first");
    assert_eq!(format!("{:?}", all[3]), format!("{:?}", rows[0]));
    let all = keys::all(&mut tx, later(100)).await.expect("query");
    assert_eq!(all.len(), 3);
    keys::sweep(&mut tx, later(99)).await.expect("sweep");
    assert_eq!(keys::all(&mut tx, NOW).await.expect("query").len(), 4);
    keys::sweep(&mut tx, later(100)).await.expect("sweep");
    let all = keys::all(&mut tx, NOW).await.expect("query");
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|k| k.expires_at.is_none()));
}

pub(crate) async fn a_key_is_activated_kept_and_dropped(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for row in [
        key("one", NOW, Some(later(50))),
        key("two", later(500), None),
    ] {
        keys::insert(&mut tx, &row).await.expect("insert");
    }
    keys::activate(&mut tx, "two", later(1))
        .await
        .expect("activated");
    keys::keep(&mut tx, "one").await.expect("kept");
    let all = keys::all(&mut tx, later(60)).await.expect("query");
    assert_eq!((all[0].kid.as_str(), all[0].active_at), ("two", later(1).0));
    assert_eq!((all[1].kid.as_str(), all[1].expires_at), ("one", None));
    keys::delete(&mut tx, "two").await.expect("dropped");
    let all = keys::all(&mut tx, NOW).await.expect("query");
    assert_eq!(all.len(), 1);
}

pub(crate) async fn settings_are_kept_a_row_a_section(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    assert_eq!(settings::all(&mut tx).await.expect("query"), []);
    for (key, value) in [
        ("wecom", "{}"),
        ("captcha", r#"{"mode":"never"}"#),
        ("wecom", "[]"),
    ] {
        settings::put(&mut tx, key, value, UserId(7), NOW)
            .await
            .expect("put");
    }
    tx.commit().await.expect("commit");
    let mut conn = site.db.read().await.expect("conn");
    let all = settings::all(&mut conn).await.expect("query");
    let told: Vec<_> = all
        .iter()
        .map(|r| (r.key.as_str(), r.value.as_str()))
        .collect();
    assert_eq!(told, [("captcha", r#"{"mode":"never"}"#), ("wecom", "[]")]);
    assert_eq!((all[0].updated_by, all[0].updated_at), (Some(7), NOW.0));
}

pub(crate) async fn a_key_is_followed_by_the_next(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for row in [
        key("one", NOW, Some(later(50))),
        key("two", NOW, None),
        key("three", later(9), None),
    ] {
        keys::insert(&mut tx, &row).await.expect("insert");
    }
    keys::retire_others(&mut tx, "three", later(80))
        .await
        .expect("retire");
    let all = keys::all(&mut tx, NOW).await.expect("query");
    let ends: Vec<_> = all
        .iter()
        .map(|k| (k.kid.as_str(), k.expires_at.map(Timestamp)))
        .collect();
    assert_eq!(
        ends,
        [
            ("three", None),
            ("one", Some(later(50))),
            ("two", Some(later(80))),
        ]
    );
}

fn sign_in(at: i64, name: &str, success: bool) -> Entry {
    Entry {
        at: later(at).0,
        kind: "login",
        action: "sign_in".into(),
        success,
        actor_name: name.into(),
        ip: "::1".into(),
        user_agent: "curl".into(),
        detail: "{}".into(),
        ..Entry::default()
    }
}

async fn add_sign_ins(conn: &mut Conn) {
    for entry in [
        sign_in(10, "林薇", true),
        sign_in(30, "lei", false),
        sign_in(20, "han", true),
        sign_in(30, "han", false),
        Entry {
            action: "sign_out".into(),
            ..sign_in(40, "han", true)
        },
        Entry {
            kind: "operation",
            ..sign_in(40, "han", true)
        },
    ] {
        audit::insert(conn, entry).await.expect("insert");
    }
}

pub(crate) async fn sign_ins_are_read_newest_first(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    add_sign_ins(&mut tx).await;
    let all = Sight::everybody();
    let last = audit::last_sign_ins(&mut tx, UserId(0), &all, 3).await;
    let last = last.expect("query");
    let shown: Vec<_> = last
        .iter()
        .map(|s| (s.at, s.username.as_str(), s.success))
        .collect();
    assert_eq!(
        shown,
        [
            (later(30), "han", false),
            (later(30), "lei", false),
            (later(20), "han", true),
        ]
    );
    assert_eq!(
        (last[0].ip.as_str(), last[0].user_agent.as_str()),
        ("::1", "curl")
    );
    let all = audit::last_sign_ins(&mut tx, UserId(0), &all, 99).await;
    let all = all.expect("query");
    assert_eq!(all.len(), 4, "sign-ins alone");
    assert_eq!(all[3].username, "林薇");
}

pub(crate) async fn sign_ins_are_counted_since(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    add_sign_ins(&mut tx).await;
    for (since, expected) in [(0, (2, 2)), (20, (1, 2)), (21, (0, 2)), (31, (0, 0))] {
        let all = Sight::everybody();
        let counted =
            audit::count_sign_ins(&mut tx, UserId(0), &all, later(since), later(99)).await;
        assert_eq!(counted.expect("count"), expected, "since {since} s");
    }
    let all = Sight::everybody();
    let until = audit::count_sign_ins(&mut tx, UserId(0), &all, later(10), later(30)).await;
    assert_eq!(until.expect("count"), (2, 0), "before the end");
}

pub(crate) async fn sign_ins_keep_to_the_sight(site: &Site) {
    let depts = add_depts(&site.db).await;
    let lin = Account {
        dept_id: Some(depts[1]),
        ..account("lin")
    };
    let (lin, han) = (add(&site.db, &lin).await, add_user(&site.db, "han").await);
    let by = |user: UserId, success| Entry {
        actor_id: Some(user.0),
        ..sign_in(10, &user.to_string(), success)
    };
    let mut tx = site.db.begin().await.expect("begin");
    for entry in [
        by(lin, true),
        by(lin, false),
        by(han, true),
        sign_in(10, "stranger", false),
    ] {
        audit::insert(&mut tx, entry).await.expect("insert");
    }
    let dept = Sight {
        scope: DataScope::Custom,
        depts: vec![depts[1]],
    };
    for (viewer, sight, expected) in [
        (han, &Sight::everybody(), (2, 2)),
        (han, &dept, (2, 1)),
        (lin, &dept, (1, 1)),
        (han, &Sight::own(), (1, 0)),
        (UserId(0), &Sight::own(), (0, 0)),
    ] {
        let counted = audit::count_sign_ins(&mut tx, viewer, sight, NOW, later(99)).await;
        let counted = counted.expect("count");
        assert_eq!(counted, expected, "{viewer} {sight:?}");
        let last = audit::last_sign_ins(&mut tx, viewer, sight, 99).await;
        let shown = i64::try_from(last.expect("query").len()).expect("few");
        assert_eq!(shown, expected.0 + expected.1, "{viewer} {sight:?}");
    }
}

pub(crate) async fn an_audit_entry_keeps_every_column(site: &Site) {
    let entry = Entry {
        at: 1,
        kind: "operation",
        action: "role.update".into(),
        success: true,
        actor_id: Some(2),
        actor_name: "林薇".into(),
        session_id: Some("s".into()),
        ip: "192.0.2.1".into(),
        user_agent: "浏览器".into(),
        target_kind: Some("role".into()),
        target_id: Some("3".into()),
        target_name: Some("auditor".into()),
        detail: "{\"a\":1}".into(),
        request_id: "r".into(),
        mac: vec![0, 255],
    };
    let mut tx = site.db.begin().await.expect("begin");
    audit::insert(&mut tx, entry).await.expect("insert");
    type Texts = (String, String, String, String, String, String);
    let texts: Texts = sqlx::query_as(
        "SELECT kind, action, actor_name, ip, user_agent, request_id FROM audit_log",
    )
    .fetch_one(&mut *tx)
    .await
    .expect("row");
    let (kind, action, name, ip, agent, request) = &texts;
    assert_eq!(
        [kind, action, name, ip, agent, request],
        [
            "operation",
            "role.update",
            "林薇",
            "192.0.2.1",
            "浏览器",
            "r"
        ]
    );
    let more: (i64, i64, i64, Vec<u8>) =
        sqlx::query_as("SELECT at, success, actor_id, mac FROM audit_log")
            .fetch_one(&mut *tx)
            .await
            .expect("row");
    assert_eq!(more, (1, 1, 2, vec![0, 255]));
    let target: (String, String, String, String, String) = sqlx::query_as(
        "SELECT session_id, target_kind, target_id, target_name, detail FROM audit_log",
    )
    .fetch_one(&mut *tx)
    .await
    .expect("row");
    let (session, kind, id, name, detail) = &target;
    assert_eq!(
        [session, kind, id, name, detail],
        ["s", "role", "3", "auditor", "{\"a\":1}"]
    );
}
