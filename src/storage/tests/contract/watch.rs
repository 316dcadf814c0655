//! What watching over sign-ins asks for: sessions that can be used, and the logs.

use crate::site::{NOW, Site, account, add, add_user, later, run};
use menshen_domain::log::{LogFilter, LogKind};
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::session::{SessionFilter, SessionKind};
use menshen_domain::{DeptId, PageRequest, SessionId, Timestamp, UserId};
use menshen_storage::audit::{self, Entry};
use menshen_storage::seals::{self, Seal};
use menshen_storage::sessions::{self, Owner, SessionRow, Usable};
use menshen_storage::users::Account;
use menshen_storage::{Conn, Db};

const ALL: PageRequest = PageRequest {
    page_num: 1,
    page_size: 200,
};

fn everybody() -> Sight {
    Sight {
        scope: DataScope::All,
        depts: Vec::new(),
    }
}

fn row(id: &str, user: UserId, kind: &str, seen: i64) -> SessionRow {
    SessionRow {
        id: id.into(),
        user_id: user.0,
        kind: kind.into(),
        ip: "2001:db8::7".into(),
        user_agent: "浏览器/1.0".into(),
        created_at: NOW.0,
        last_seen_at: later(seen).0,
        expires_at: later(3600).0,
        issued_gen: 1,
        used_gen: 1,
        renewed_gen: 0,
        void_gen: 0,
        access_jti: None,
        revoked_at: None,
        revoke_reason: None,
        data: None,
    }
}

async fn open(db: &Db, row: &SessionRow) {
    let mut tx = db.begin().await.expect("begin");
    sessions::insert(&mut tx, row).await.expect("insert");
    tx.commit().await.expect("commit");
}

/// At `now`, with sessions of programs seen in the last 100 seconds and browsers' in the last 10.
fn at(now: i64) -> Usable {
    Usable {
        now: later(now),
        api_seen: later(now - 100),
        page_seen: later(now - 10),
    }
}

async fn ids(
    conn: &mut Conn,
    when: Usable,
    owner: Owner<'_>,
    filter: &SessionFilter,
) -> Vec<String> {
    let found = sessions::list_usable(conn, when, owner, filter, ALL).await;
    let found = found.expect("query");
    assert_eq!(found.total, i64::try_from(found.list.len()).expect("few"));
    found.list.into_iter().map(|s| s.id.0).collect()
}

pub(crate) async fn usable_sessions_are_told(site: &Site) {
    let lin = add_user(&site.db, "lin").await;
    for (id, kind, seen) in [("a", "api", 1), ("b", "browser", 2), ("c", "api", 3)] {
        open(&site.db, &row(id, lin, kind, seen)).await;
    }
    let sight = everybody();
    let owner = Owner::InSight(UserId(0), &sight);
    let none = SessionFilter::default();
    let mut tx = site.db.begin().await.expect("begin");
    assert_eq!(ids(&mut tx, at(5), owner, &none).await, ["c", "b", "a"]);
    assert_eq!(ids(&mut tx, at(11), owner, &none).await, ["c", "b", "a"]);
    // A browser's is over sooner.
    assert_eq!(ids(&mut tx, at(12), owner, &none).await, ["c", "a"]);
    assert_eq!(ids(&mut tx, at(101), owner, &none).await, ["c"]);
    assert_eq!(ids(&mut tx, at(103), owner, &none).await, [""; 0]);
    let late = Usable {
        now: later(3600),
        ..at(5)
    };
    assert_eq!(ids(&mut tx, late, owner, &none).await, [""; 0]);
    assert_eq!(
        sessions::count_usable(&mut tx, at(5)).await.expect("count"),
        3
    );
    let id = SessionId("c".into());
    sessions::revoke(&mut tx, &id, "x", NOW)
        .await
        .expect("ended");
    assert_eq!(ids(&mut tx, at(5), owner, &none).await, ["b", "a"]);
    assert_eq!(
        sessions::count_usable(&mut tx, at(5)).await.expect("count"),
        2
    );
    let page = PageRequest {
        page_num: 2,
        page_size: 1,
    };
    let found = sessions::list_usable(&mut tx, at(5), owner, &none, page).await;
    let found = found.expect("query");
    assert_eq!((found.total, found.list.len()), (2, 1));
    let one = &found.list[0];
    assert_eq!((one.id.0.as_str(), one.username.as_str()), ("a", "lin"));
    assert_eq!((one.user_id, one.kind), (lin, SessionKind::Api));
    assert_eq!(
        (one.ip.as_str(), one.user_agent.as_str()),
        ("2001:db8::7", "浏览器/1.0")
    );
    assert_eq!((one.opened_at, one.seen_at), (NOW, later(1)));
    assert_eq!(one.expires_at, later(3600));
    run(&mut tx, "UPDATE user_account SET status = '1'").await;
    assert_eq!(ids(&mut tx, at(5), owner, &none).await, [""; 0]);
    assert_eq!(
        sessions::count_usable(&mut tx, at(5)).await.expect("count"),
        0
    );
}

pub(crate) async fn sessions_are_narrowed_by_owner_sight_and_filter(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    run(
        &mut tx,
        "INSERT INTO dept (id, path, name, created_at) VALUES (1, '0,1', 'a', 0), (2, '0,2', 'b', 0)",
    )
    .await;
    tx.commit().await.expect("commit");
    let mut users = Vec::new();
    for (name, dept) in [("Lin", Some(1)), ("han", Some(2)), ("wei", None)] {
        let user = Account {
            dept_id: dept.map(DeptId),
            ..account(name)
        };
        let user = add(&site.db, &user).await;
        open(&site.db, &row(name, user, "api", 1)).await;
        users.push(user);
    }
    let mut conn = site.db.read().await.expect("conn");
    let none = SessionFilter::default();
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let one = Owner::One(users[1]);
    assert_eq!(ids(&mut conn, at(5), one, &none).await, ["han"]);
    let narrow = Sight {
        scope: DataScope::Custom,
        depts: vec![DeptId(1)],
    };
    let seen = ids(&mut conn, at(5), Owner::InSight(users[2], &narrow), &none).await;
    assert_eq!(sorted(seen), ["Lin", "wei"]);
    let own = Sight::own();
    let seen = ids(&mut conn, at(5), Owner::InSight(users[2], &own), &none).await;
    assert_eq!(seen, ["wei"]);
    let all = everybody();
    let all = Owner::InSight(users[2], &all);
    for (username, ip, kind, expected) in [
        (Some("LIN"), None, None, vec!["Lin"]),
        (Some("_in"), None, None, vec![]),
        (None, Some("db8"), None, vec!["Lin", "han", "wei"]),
        (None, Some("192."), None, vec![]),
        (None, None, Some(SessionKind::Browser), vec![]),
        (
            Some("n"),
            Some("2001"),
            Some(SessionKind::Api),
            vec!["Lin", "han"],
        ),
    ] {
        let filter = SessionFilter {
            username: username.map(str::to_owned),
            ip: ip.map(str::to_owned),
            kind,
            ..SessionFilter::default()
        };
        let found = sorted(ids(&mut conn, at(5), all, &filter).await);
        assert_eq!(found, expected, "{filter:?}");
    }
}

pub(crate) async fn a_dropped_cookie_names_its_session(site: &Site) {
    let lin = add_user(&site.db, "lin").await;
    open(&site.db, &row("a", lin, "browser", 1)).await;
    let mut tx = site.db.begin().await.expect("begin");
    let id = SessionId("a".into());
    let done = sessions::set_cookie(&mut tx, &id, b"cookie", "{}").await;
    done.expect("set");
    let dropped = sessions::drop_cookie(&mut tx, b"cookie").await;
    assert_eq!(dropped.expect("dropped"), Some(id));
    let again = sessions::drop_cookie(&mut tx, b"cookie").await;
    assert_eq!(again.expect("nothing to drop"), None);
}

fn entry(at: i64, actor: Option<UserId>, name: &str) -> Entry {
    Entry {
        at: later(at).0,
        kind: "login",
        action: "sign_in".into(),
        success: true,
        actor_id: actor.map(|u| u.0),
        actor_name: name.into(),
        ip: "192.0.2.1".into(),
        user_agent: "curl".into(),
        detail: "{}".into(),
        request_id: "r".into(),
        mac: vec![1, 0, 255],
        ..Entry::default()
    }
}

async fn found(
    conn: &mut Conn,
    kind: LogKind,
    viewer: UserId,
    sight: &Sight,
    filter: &LogFilter,
) -> Vec<String> {
    let page = audit::list(conn, kind, viewer, sight, filter, ALL).await;
    let page = page.expect("query");
    assert_eq!(page.total, i64::try_from(page.list.len()).expect("few"));
    let list = page.list.into_iter();
    list.map(|k| k.entry.actor_name).collect()
}

pub(crate) async fn a_log_comes_back_as_it_was_kept(site: &Site) {
    let whole = Entry {
        kind: "operation",
        action: "role.update".into(),
        success: false,
        session_id: Some("s".into()),
        target_kind: Some("role".into()),
        target_id: Some("3".into()),
        target_name: Some("审计".into()),
        detail: "{\"a\":1}".into(),
        ..entry(2, Some(UserId(7)), "林薇")
    };
    let mut tx = site.db.begin().await.expect("begin");
    for one in [whole.clone(), entry(1, None, "han")] {
        audit::insert(&mut tx, one).await.expect("insert");
    }
    let none = LogFilter::default();
    let viewer = UserId(0);
    for (kind, expected) in [
        (LogKind::Operation, whole),
        (LogKind::Login, entry(1, None, "han")),
    ] {
        let page = audit::list(&mut tx, kind, viewer, &everybody(), &none, ALL).await;
        let page = page.expect("query");
        assert_eq!(page.total, 1);
        assert!(page.list[0].id > 0);
        assert_eq!(format!("{:?}", page.list[0].entry), format!("{expected:?}"));
    }
}

pub(crate) async fn logs_are_filtered_and_newest_first(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for one in [
        entry(10, None, "Lin"),
        Entry {
            success: false,
            ip: "2001:db8::7".into(),
            ..entry(20, None, "lina")
        },
        Entry {
            action: "sign_out".into(),
            target_kind: Some("user".into()),
            target_id: Some("42".into()),
            target_name: Some("50%_!Ä".into()),
            ..entry(20, None, "han")
        },
        Entry {
            kind: "operation",
            ..entry(30, None, "wei")
        },
    ] {
        audit::insert(&mut tx, one).await.expect("insert");
    }
    let mut by = async |filter: LogFilter| {
        found(&mut tx, LogKind::Login, UserId(0), &everybody(), &filter).await
    };
    let text = |t: &str| Some(t.to_owned());
    let none = LogFilter::default;
    assert_eq!(by(none()).await, ["han", "lina", "Lin"]);
    let oldest = LogFilter {
        oldest_first: true,
        ..none()
    };
    assert_eq!(by(oldest).await, ["Lin", "lina", "han"]);
    assert_eq!(
        by(LogFilter {
            username: text("LIN"),
            ..none()
        })
        .await,
        ["lina", "Lin"]
    );
    assert_eq!(
        by(LogFilter {
            username: text("%"),
            ..none()
        })
        .await,
        [""; 0]
    );
    assert_eq!(
        by(LogFilter {
            ip: text("db8"),
            ..none()
        })
        .await,
        ["lina"]
    );
    assert_eq!(
        by(LogFilter {
            success: Some(true),
            ..none()
        })
        .await,
        ["han", "Lin"]
    );
    assert_eq!(
        by(LogFilter {
            action: text("sign_out"),
            ..none()
        })
        .await,
        ["han"]
    );
    for target in ["user", "42", "%_!", "50"] {
        assert_eq!(
            by(LogFilter {
                target: text(target),
                ..none()
            })
            .await,
            ["han"],
            "{target}"
        );
    }
    for target in ["use", "4", "_0", "x"] {
        assert_eq!(
            by(LogFilter {
                target: text(target),
                ..none()
            })
            .await,
            [""; 0],
            "{target}"
        );
    }
    let between = |begin, end| LogFilter {
        begin: Some(later(begin)),
        end: Some(later(end)),
        ..none()
    };
    assert_eq!(by(between(10, 20)).await, ["han", "lina", "Lin"]);
    assert_eq!(by(between(11, 20)).await, ["han", "lina"]);
    assert_eq!(by(between(10, 19)).await, ["Lin"]);
    let page = PageRequest {
        page_num: 2,
        page_size: 2,
    };
    let all = everybody();
    let page = audit::list(&mut tx, LogKind::Login, UserId(0), &all, &none(), page).await;
    let page = page.expect("query");
    assert_eq!((page.total, page.list.len()), (3, 1));
    assert_eq!(page.list[0].entry.actor_name, "Lin");
}

pub(crate) async fn a_log_is_read_in_pieces_while_it_grows_and_shrinks(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    let put = async |tx: &mut Conn, at: i64, name: &str| {
        let done = audit::insert(tx, entry(at, None, name)).await;
        done.expect("insert");
    };
    // Two at one time, and one that was written later than it happened.
    for (at, name) in [
        (1, "a"),
        (3, "b"),
        (3, "c"),
        (5, "d"),
        (2, "late"),
        (6, "e"),
    ] {
        put(&mut tx, at, name).await;
    }
    let (kind, viewer, sight) = (LogKind::Login, UserId(0), everybody());
    let filter = LogFilter::default();
    let extent = audit::extent(&mut tx, kind, viewer, &sight, &filter).await;
    let (entries, until) = extent.expect("an extent");
    assert_eq!(entries, 6);
    let mut after = None;
    let mut names: Vec<Vec<String>> = Vec::new();
    for change in ["insert", "delete", "nothing"] {
        let stretch = audit::Stretch {
            until,
            after,
            count: 3,
        };
        let piece = audit::piece(&mut tx, kind, viewer, &sight, &filter, stretch).await;
        let piece = piece.expect("a piece");
        let last = piece.last();
        after = last.map(|k| (Timestamp(k.entry.at), k.id)).or(after);
        names.push(piece.into_iter().map(|k| k.entry.actor_name).collect());
        match change {
            "insert" => {
                for at in [0, 3, 4, 9] {
                    put(&mut tx, at, "new").await;
                }
            }
            "delete" => run(&mut tx, "DELETE FROM audit_log WHERE actor_name = 'd'").await,
            _ => {}
        }
    }
    let expected: [&[&str]; 3] = [&["e", "d", "c"], &["b", "late", "a"], &[]];
    assert_eq!(names, expected);
    let nothing = LogFilter {
        username: Some("nobody".into()),
        ..filter
    };
    let extent = audit::extent(&mut tx, kind, viewer, &sight, &nothing).await;
    assert_eq!(extent.expect("an extent"), (0, 0));
}

pub(crate) async fn logs_keep_to_sight(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    run(
        &mut tx,
        "INSERT INTO dept (id, path, name, created_at) VALUES (1, '0,1', 'a', 0), (2, '0,2', 'b', 0)",
    )
    .await;
    tx.commit().await.expect("commit");
    let mut users = Vec::new();
    for (name, dept) in [("lin", Some(1)), ("han", Some(2)), ("wei", None)] {
        let user = Account {
            dept_id: dept.map(DeptId),
            ..account(name)
        };
        users.push(add(&site.db, &user).await);
    }
    let mut tx = site.db.begin().await.expect("begin");
    for (at, user) in (1..).zip(&users) {
        let one = entry(at, Some(*user), &format!("u{at}"));
        audit::insert(&mut tx, one).await.expect("insert");
    }
    audit::insert(&mut tx, entry(9, None, "nobody"))
        .await
        .expect("insert");
    run(
        &mut tx,
        "UPDATE user_account SET deleted_at = 1 WHERE username = 'lin'",
    )
    .await;
    let none = LogFilter::default();
    let custom = Sight {
        scope: DataScope::Custom,
        depts: vec![DeptId(1)],
    };
    for (sight, expected) in [
        (everybody(), vec!["nobody", "u3", "u2", "u1"]),
        (custom, vec!["u3", "u1"]),
        (Sight::own(), vec!["u3"]),
    ] {
        let seen = found(&mut tx, LogKind::Login, users[2], &sight, &none).await;
        assert_eq!(seen, expected, "{sight:?}");
    }
}

pub(crate) async fn a_seal_covers_what_has_settled(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for (at, name) in [(10, "a"), (30, "b"), (20, "c"), (40, "d")] {
        let one = Entry {
            mac: name.into(),
            ..entry(at, None, name)
        };
        audit::insert(&mut tx, one).await.expect("insert");
    }
    let all = seals::signatures(&mut tx, 0, i64::MAX, 100).await;
    let all = all.expect("query");
    let macs: Vec<&[u8]> = all.iter().map(|s| s.1.as_slice()).collect();
    assert_eq!(macs, [b"a", b"b", b"c", b"d"]);
    let ids: Vec<i64> = all.iter().map(|s| s.0).collect();
    for (after, before, expected) in [
        (0, 10, None),
        (0, 11, Some(ids[0])),
        // The younger one stands before it.
        (0, 30, Some(ids[0])),
        (0, 31, Some(ids[2])),
        (0, 99, Some(ids[3])),
        (ids[0], 30, None),
        (ids[1], 30, Some(ids[2])),
        (ids[3], 99, None),
    ] {
        let settled = seals::settled(&mut tx, after, later(before)).await;
        assert_eq!(settled.expect("query"), expected, "{after} {before}");
    }
    let some = seals::signatures(&mut tx, ids[1], ids[3], 2).await;
    let some: Vec<i64> = some.expect("query").iter().map(|s| s.0).collect();
    assert_eq!(some, ids[1..3]);
    assert_eq!(seals::last(&mut tx).await.expect("query"), None);
    let mut kept = Vec::new();
    for (first, last) in [(1, 2), (3, 9)] {
        let seal = Seal {
            first_entry: first,
            last_entry: last,
            entries: 2,
            digest: vec![0, 255],
            at: NOW.0,
            mac: vec![1],
        };
        seals::insert(&mut tx, &seal).await.expect("insert");
        assert_eq!(
            seals::last(&mut tx).await.expect("query"),
            Some(seal.clone())
        );
        kept.push(seal);
    }
    assert_eq!(seals::all(&mut tx).await.expect("query"), kept);
    let twice = seals::insert(&mut tx, &kept[0])
        .await
        .expect_err("there is one");
    assert!(twice.is_unique("first"), "{twice}");
}
