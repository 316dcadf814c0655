//! Sessions and refresh tokens.

use crate::site::{NOW, Site, add_user, later};
use menshen_domain::scope::Sight;
use menshen_domain::{SessionId, Timestamp, UserId};
use menshen_storage::sessions::{self, Owner, RefreshRow, SessionRow, Usable};
use menshen_storage::{Conn, Db};
use tokio::task::JoinSet;

fn row(id: &str, user: UserId, kind: &str) -> SessionRow {
    SessionRow {
        id: id.into(),
        user_id: user.0,
        kind: kind.into(),
        ip: "2001:db8::7".into(),
        user_agent: "浏览器/1.0".into(),
        created_at: NOW.0,
        last_seen_at: later(1).0,
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

fn sid(id: &str) -> SessionId {
    SessionId(id.into())
}

async fn add(db: &Db, row: &SessionRow) {
    let mut tx = db.begin().await.expect("begin");
    sessions::insert(&mut tx, row).await.expect("insert");
    tx.commit().await.expect("commit");
}

async fn find(conn: &mut Conn, id: &str) -> SessionRow {
    sessions::find(conn, &sid(id))
        .await
        .expect("query")
        .expect("there")
}

pub(crate) async fn a_session_comes_back_as_it_was_kept(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let kept = SessionRow {
        issued_gen: 3,
        used_gen: 2,
        access_jti: Some("3-x".into()),
        data: Some("{\"a\":1}".into()),
        ..row("s1", user, "browser")
    };
    add(&site.db, &kept).await;
    add(&site.db, &row("s2", user, "api")).await;
    let mut conn = site.db.read().await.expect("conn");
    for expected in [kept, row("s2", user, "api")] {
        let found = find(&mut conn, &expected.id).await;
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }
    let none = sessions::find(&mut conn, &sid("s3")).await.expect("query");
    assert!(none.is_none());
}

pub(crate) async fn a_session_is_held_as_whoever_was_before_left_it(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let kept = row("s1", user, "api");
    add(&site.db, &kept).await;
    let mut first = site.db.begin().await.expect("begin");
    let held = sessions::hold(&mut first, &sid("s1")).await.expect("query");
    assert_eq!(format!("{:?}", held.expect("there")), format!("{kept:?}"));
    let none = sessions::hold(&mut first, &sid("s2")).await.expect("query");
    assert!(none.is_none());
    let db = site.db.clone();
    let second = tokio::spawn(async move {
        let mut tx = db.begin().await.expect("begin");
        let held = sessions::hold(&mut tx, &sid("s1")).await.expect("query");
        held.expect("there").used_gen
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!second.is_finished(), "it waits");
    sessions::mark_used(&mut first, &sid("s1"), 9)
        .await
        .expect("used");
    first.commit().await.expect("commit");
    assert_eq!(second.await.expect("held"), 9);
}

pub(crate) async fn cookies_find_their_session(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "browser")).await;
    add(&site.db, &row("s2", user, "browser")).await;
    let (hash, other) = (vec![0, 255, 7], vec![1]);
    let mut tx = site.db.begin().await.expect("begin");
    let found = sessions::find_by_cookie(&mut tx, &hash).await;
    assert!(found.expect("query").is_none());
    sessions::set_cookie(&mut tx, &sid("s1"), &hash, "{\"k\":\"值\"}")
        .await
        .expect("set");
    let found = sessions::find_by_cookie(&mut tx, &hash).await;
    let found = found.expect("query").expect("there");
    assert_eq!(found.id, "s1");
    assert_eq!(found.data.as_deref(), Some("{\"k\":\"值\"}"));

    sessions::set_cookie(&mut tx, &sid("s1"), &other, "{}")
        .await
        .expect("replace");
    let found = sessions::find_by_cookie(&mut tx, &hash).await;
    assert!(found.expect("query").is_none(), "the old one is no good");
    let found = sessions::find_by_cookie(&mut tx, &other).await;
    assert_eq!(found.expect("query").expect("there").id, "s1");

    sessions::drop_cookie(&mut tx, &other).await.expect("drop");
    let found = sessions::find_by_cookie(&mut tx, &other).await;
    assert!(found.expect("query").is_none());
    assert!(find(&mut tx, "s1").await.revoked_at.is_none());
    sessions::set_cookie(&mut tx, &sid("s1"), &hash, "{}")
        .await
        .expect("set");
    let error = sessions::set_cookie(&mut tx, &sid("s2"), &hash, "{}")
        .await
        .expect_err("one cookie, one session");
    assert!(error.is_unique("cookie_hash"), "{error}");
}

pub(crate) async fn generations_only_grow(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "api")).await;
    add(&site.db, &row("s2", user, "api")).await;
    let mut tx = site.db.begin().await.expect("begin");
    for expected in 2..=4 {
        let next = sessions::next_generation(&mut tx, &sid("s1")).await;
        assert_eq!(next.expect("next"), expected);
    }
    for (seen, used) in [(3, 3), (2, 3), (3, 3), (4, 4)] {
        sessions::mark_used(&mut tx, &sid("s1"), seen)
            .await
            .expect("mark");
        assert_eq!(find(&mut tx, "s1").await.used_gen, used);
    }
    // The first renewal of a generation voids what had been issued; the next of the same does not.
    for (renewed, issued, void, used) in [(2, 4, 4, 4), (2, 5, 4, 4), (5, 6, 6, 5), (4, 7, 7, 5)] {
        let mut session = find(&mut tx, "s1").await;
        while session.issued_gen < issued {
            let next = sessions::next_generation(&mut tx, &sid("s1")).await;
            session.issued_gen = next.expect("next");
        }
        sessions::mark_renewed(&mut tx, &sid("s1"), renewed)
            .await
            .expect("mark");
        let session = find(&mut tx, "s1").await;
        assert_eq!((session.renewed_gen, session.void_gen), (renewed, void));
        assert_eq!(session.used_gen, used);
    }
    sessions::set_access_jti(&mut tx, &sid("s1"), "4-x", later(9))
        .await
        .expect("note");
    let session = find(&mut tx, "s1").await;
    assert_eq!((session.issued_gen, session.used_gen), (7, 5));
    assert_eq!(session.access_jti.as_deref(), Some("4-x"));
    assert_eq!(session.last_seen_at, later(9).0);
    let other = find(&mut tx, "s2").await;
    assert_eq!((other.issued_gen, other.used_gen), (1, 1));
    sessions::next_generation(&mut tx, &sid("nowhere"))
        .await
        .expect_err("no such session");
}

pub(crate) async fn generations_are_given_out_once_each(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "api")).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            let next = sessions::next_generation(&mut tx, &sid("s1"))
                .await
                .expect("next");
            tx.commit().await.expect("commit");
            next
        });
    }
    let mut given = tasks.join_all().await;
    given.sort_unstable();
    assert_eq!(given, (2..=21).collect::<Vec<_>>());
}

pub(crate) async fn a_session_is_touched_forward_alone(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "api")).await;
    let mut tx = site.db.begin().await.expect("begin");
    for (at, seen) in [(60, 60), (30, 60), (61, 61)] {
        sessions::touch(&mut tx, &sid("s1"), later(at))
            .await
            .expect("touch");
        assert_eq!(find(&mut tx, "s1").await.last_seen_at, later(seen).0);
    }
}

pub(crate) async fn a_session_ends_once(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "browser")).await;
    let mut tx = site.db.begin().await.expect("begin");
    sessions::set_cookie(&mut tx, &sid("s1"), b"cookie", "{}")
        .await
        .expect("set");
    let ended = sessions::revoke(&mut tx, &sid("s1"), "signed_out", later(5)).await;
    assert!(ended.expect("revoke"));
    let again = sessions::revoke(&mut tx, &sid("s1"), "stolen", later(6)).await;
    assert!(!again.expect("revoke"));
    let nothing = sessions::revoke(&mut tx, &sid("s2"), "stolen", later(6)).await;
    assert!(!nothing.expect("revoke"));
    let session = find(&mut tx, "s1").await;
    assert_eq!(session.revoked_at, Some(later(5).0));
    assert_eq!(session.revoke_reason.as_deref(), Some("signed_out"));
    let by_cookie = sessions::find_by_cookie(&mut tx, b"cookie").await;
    assert!(by_cookie.expect("query").is_none());
}

pub(crate) async fn all_sessions_of_a_user_end_but_one(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let other = add_user(&site.db, "other").await;
    for id in ["s1", "s2", "s3"] {
        add(&site.db, &row(id, user, "api")).await;
    }
    add(&site.db, &row("others", other, "api")).await;
    let expired = SessionRow {
        expires_at: later(1).0,
        ..row("expired", user, "api")
    };
    add(&site.db, &expired).await;
    let mut tx = site.db.begin().await.expect("begin");
    sessions::set_cookie(&mut tx, &sid("s2"), b"cookie", "{}")
        .await
        .expect("set");
    sessions::revoke(&mut tx, &sid("s3"), "signed_out", later(2))
        .await
        .expect("revoke");
    let keep = sid("s1");
    let ended = sessions::revoke_all(&mut tx, user, Some(&keep), "changed", later(5)).await;
    assert_eq!(ended.expect("revoke"), 1);
    assert_eq!(find(&mut tx, "s1").await.revoked_at, None);
    assert_eq!(find(&mut tx, "s2").await.revoked_at, Some(later(5).0));
    let early = find(&mut tx, "s3").await;
    assert_eq!(early.revoke_reason.as_deref(), Some("signed_out"));
    assert_eq!(find(&mut tx, "others").await.revoked_at, None);
    let by_cookie = sessions::find_by_cookie(&mut tx, b"cookie").await;
    assert!(by_cookie.expect("query").is_none());
    let ended = sessions::revoke_all(&mut tx, user, None, "deleted", later(6)).await;
    assert_eq!(ended.expect("revoke"), 1);
    let reason = find(&mut tx, "s1").await.revoke_reason;
    assert_eq!(reason.as_deref(), Some("deleted"));
}

pub(crate) async fn open_sessions_are_counted(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let idle = |id: &str, kind: &str| SessionRow {
        last_seen_at: later(-100).0,
        ..row(id, user, kind)
    };
    add(&site.db, &row("api", user, "api")).await;
    add(&site.db, &row("browser", user, "browser")).await;
    add(&site.db, &idle("idle-api", "api")).await;
    add(&site.db, &idle("idle-browser", "browser")).await;
    add(&site.db, &row("ended", user, "api")).await;
    let mut tx = site.db.begin().await.expect("begin");
    sessions::revoke(&mut tx, &sid("ended"), "signed_out", NOW)
        .await
        .expect("revoke");
    for (now, expected) in [(later(5), 3), (later(3599), 3), (later(3600), 0)] {
        let all = Sight::everybody();
        let owner = Owner::InSight(user, &all);
        let open = sessions::count_usable_of(&mut tx, usable(now), owner, 99).await;
        assert_eq!(open.expect("count"), expected);
    }
    let (other, own) = (UserId(user.0 + 1), Sight::own());
    for (viewer, most, expected) in [(user, 99, 3), (user, 2, 2), (other, 99, 0)] {
        let owner = Owner::InSight(viewer, &own);
        let seen = sessions::count_usable_of(&mut tx, usable(later(5)), owner, most).await;
        assert_eq!(seen.expect("count"), expected, "one's own, up to a bound");
    }
}

/// Browsers must have been seen since the beginning, other clients some minutes before it.
fn usable(now: Timestamp) -> Usable {
    Usable {
        now,
        api_seen: Timestamp(NOW.0 - 200_000_000),
        page_seen: Timestamp(NOW.0 - 1),
    }
}

fn refresh(hash: &[u8], session: &str) -> RefreshRow {
    RefreshRow {
        hash: hash.to_vec(),
        session_id: session.into(),
        generation: 4,
        created_at: NOW.0,
        expires_at: later(50).0,
    }
}

pub(crate) async fn refresh_tokens_come_back(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    add(&site.db, &row("s1", user, "api")).await;
    let hash = [0_u8, 0x80, 0xff].repeat(11);
    let kept = refresh(&hash, "s1");
    let mut tx = site.db.begin().await.expect("begin");
    sessions::insert_refresh(&mut tx, &kept)
        .await
        .expect("insert");
    let found = sessions::find_refresh(&mut tx, &hash).await;
    let found = found.expect("query").expect("there");
    assert_eq!(format!("{found:?}"), format!("{kept:?}"));
    let none = sessions::find_refresh(&mut tx, b"another").await;
    assert!(none.expect("query").is_none());
    sessions::insert_refresh(&mut tx, &kept)
        .await
        .expect_err("one hash, one token");
}

pub(crate) async fn swept_sessions_take_their_tokens_along(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    for (id, expires) in [("old", 100), ("ended", 9000), ("new", 9000)] {
        let session = SessionRow {
            expires_at: later(expires).0,
            ..row(id, user, "api")
        };
        add(&site.db, &session).await;
    }
    let mut tx = site.db.begin().await.expect("begin");
    for id in ["old", "ended", "new"] {
        sessions::insert_refresh(&mut tx, &refresh(id.as_bytes(), id))
            .await
            .expect("insert");
    }
    sessions::revoke(&mut tx, &sid("ended"), "signed_out", later(99))
        .await
        .expect("revoke");
    for (before, left) in [
        (later(99), vec!["old", "ended", "new"]),
        (later(100), vec!["old", "new"]),
        (later(101), vec!["new"]),
    ] {
        sessions::sweep(&mut tx, before).await.expect("sweep");
        for id in ["old", "ended", "new"] {
            let session = sessions::find(&mut tx, &sid(id)).await.expect("query");
            assert_eq!(session.is_some(), left.contains(&id), "{id} at {before:?}");
            let token = sessions::find_refresh(&mut tx, id.as_bytes()).await;
            assert_eq!(token.expect("query").is_some(), left.contains(&id), "{id}");
        }
    }
}

pub(crate) async fn a_session_needs_a_user(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    sessions::insert(&mut tx, &row("s1", UserId(4711), "api"))
        .await
        .expect_err("nobody's");
    drop(tx);
    let user = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    sessions::insert(&mut tx, &row("s1", user, "telepathic"))
        .await
        .expect_err("no such kind");
}
